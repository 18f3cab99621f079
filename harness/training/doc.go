// Package training makes classifiers: small networks and last layers on stored features, under the
// training regimes of the papers.
package training
