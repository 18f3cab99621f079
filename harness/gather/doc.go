// Package gather reads prediction tables. Begin with Table, which reads one to
// its end, checks its rows on the way, and returns its outcomes in the order of
// the sample ids. Again reads a table once more and hands out its batches.
//
// The package may import datasets, metrics and harness/store, whose Outcomes it
// makes.
package gather
