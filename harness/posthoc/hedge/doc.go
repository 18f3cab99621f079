// Package hedge is the stage of a run that borrows the calibration of a better model without
// labels: conformalised credal inference. It takes tables with their records and returns
// further records of the edge models' tables, one for each point prediction.
//
// Begin with Parse and a Stage. For each edge model the cloud model is tempered on rows of one
// split, the threshold is taken from the divergence of cloud from edge on rows of another, or
// other rows of it, and the edge's remaining tables are judged. The mathematics is that of
// metrics/credal. What was measured of a pair is kept in the fits of its records, one for each
// eps, so that a later run finds it again: see Row.
//
// The package may import datasets, metrics, harness/posthoc, harness/posthoc/apply,
// harness/gather, harness/evaluate, harness/store and harness/pool.
package hedge
