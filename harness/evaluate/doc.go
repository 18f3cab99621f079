// Package evaluate computes metrics of outcomes, with their intervals, into the
// cells of a table's record.
//
// Begin with Wanted: what a run asks of every table. It says what a record lacks
// of that (Missing), adds it from outcomes (Fill, and SetOutside for metrics that
// set out-of-distribution samples against in-distribution ones), and reads it out
// again (Estimates). An estimate is found again by its metric, the version of
// that, and how its interval was made.
//
// Intervals are made with the values. Bootstrap replicates are drawn once for the
// samples of a dataset, split and condition, or their clusters or strata, and used
// for every model, so that differences are paired; what metrics without a closed
// form are in each replicate is kept beside the outcomes, for rank intervals.
//
// The package may import datasets, metrics and harness/store.
package evaluate
