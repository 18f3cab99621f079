// Package apply is the stage of a run that evaluates its tables again under
// transforms. It takes tables with their records and returns further records.
// Maps are fitted for each model on one of its tables and applied to the others
// in one further pass over each; the new outcomes are evaluated in the same way
// as the stored predictions, and kept under keys of their own.
//
// Begin with Stage: Arrange looks up which transforms of which tables exist
// already, Run computes the others. No sample is ever judged by a map that was
// fitted on it. The package may import datasets, metrics, harness/posthoc,
// harness/gather, harness/evaluate, harness/store and harness/pool.
package apply
