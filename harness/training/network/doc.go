// Package network has the networks that are trained: layers with their forward and backward passes written out, and
// what moves their weights (gradient descent, averages, schedules).
//
// Begin with Network and MLP. A network is float32 in use and float64 where reference values are compared; its
// matrix products are gonum's BLAS. Weights are (inputs x outputs): z = x W + b. A network is
// used by one goroutine.
//
// The package imports gonum and nothing of this module.
package network
