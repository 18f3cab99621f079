// Package apply is the stage of a run that evaluates its tables once more under
// transforms. It is handed tables with their records and hands back further
// records: maps are fitted for each model on one of its tables, applied to the
// others in one further pass over each, and evaluated in the same way as the
// stored predictions under keys of their own.
//
// Begin with Stage: Arrange looks up what is there of every transform of every
// table, Run computes the rest. No sample is ever judged by a map that was fitted
// on it. The package may import datasets, metrics, harness/posthoc, harness/gather,
// harness/evaluate, harness/store and harness/pool.
package apply
