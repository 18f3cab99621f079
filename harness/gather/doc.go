// Package gather reads prediction tables: Table takes one to its outcomes, in the
// order of the sample ids, and checks its rows on the way; Again hands out the
// batches of a table that was read before.
//
// The package may import datasets, metrics and harness/store, whose Outcomes it
// makes.
package gather
