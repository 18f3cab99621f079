// Package regime has the training regimes: for each a file with what it minimises, in the paper's symbols, and a row of the
// table All.
//
// Begin with Objective, which gives the gradient of a batch, and vanilla.go, the shortest. The loop over
// epochs and batches is in package training; networks and descent are in network, losses with
// their gradients in loss, attacks in attack.
package regime
