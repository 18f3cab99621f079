// Package harness decides what is wanted, looks up what exists and computes the
// rest. Begin with Config and Run; Plan says what a run would do, Check reads
// corpora only for their problems.
//
// A run is a plan and stages, each of which takes the work of the one before and
// returns its own. Each table is identified by its content: if all that is wanted
// of it is in the journal, nothing is computed. Otherwise its outcomes are taken
// from the folder, or gathered from the table and kept, and metrics are evaluated
// into its record, which is appended to the journal. Then all tables are evaluated
// once more under the transforms asked for, and those with out-of-distribution
// samples against the same model's others. At last the tables of one dataset are
// joined, which checks that they are over the same samples, and the results are
// assembled and written, each file in one step. Everything is keyed by content, so
// that the unit of work is "evaluate these tables into this folder".
//
// The rooms below it, lower ones first: pool, where all goroutines begin; store,
// what is kept; evaluate, metrics of outcomes into a record; gather, a table to
// outcomes; posthoc, transforms, with the stage that applies them in
// posthoc/apply; results, what a run's folder says. The package may import all of
// these, datasets and metrics.
package harness
