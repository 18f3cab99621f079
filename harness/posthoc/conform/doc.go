// Package conform is the stage of a run that answers with sets of classes: split conformal
// prediction. It takes tables with their records and returns further records of the judged
// tables, one for each kind of set.
//
// Begin with Parse and a Stage. For each model thresholds are calibrated on one of its clean
// tables, or on rows of it drawn at random, and its other rows are judged; no row is judged
// that calibrated. Tables are read in batches, so that the memory does not grow with the
// number of classes. The mathematics is that of metrics/sets. What was measured is kept in
// the fits of a record, one for each alpha: see Row.
//
// The package may import datasets, metrics, harness/posthoc, harness/posthoc/apply,
// harness/gather, harness/evaluate, harness/store and harness/pool.
package conform
