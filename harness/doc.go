// Package harness decides what is wanted, looks up what exists and computes the
// rest: it opens the tables of corpora, gathers their outcomes with a bounded
// pool of workers, evaluates metrics on them and keeps everything in a run's
// folder.
//
// The way of a table: its content hash is looked up in the journal; if all that
// is wanted is there, nothing is computed. Otherwise its outcomes are taken from
// the folder, or gathered from the table and kept; metrics are computed from
// the outcomes; a line is added to the journal. Transforms, if any are asked for,
// begin where every table is done: maps are fitted for each model on one of its
// tables, applied to the others in one further pass over each, and evaluated in
// the same way under keys of their own. When all tables are done those
// of one dataset are checked to be over the same samples, and the folder's files
// are written, each in one step. Everything is keyed by content, so that the
// unit of work is "evaluate these tables into this folder".
//
// Intervals are made with the values. Bootstrap replicates are drawn once for the
// samples of a dataset, split and condition, or their clusters or strata, and used
// for every model, so that differences are paired; what metrics without a closed
// form are in each replicate is kept beside the outcomes, for rank intervals.
//
// It is the only package with goroutines, and two functions begin them: pool for
// tables, Parallel for loops.
// It may import datasets and metrics.
package harness
