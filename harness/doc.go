// Package harness runs evaluations: it decides what is wanted, looks up what
// exists already and computes the rest. Begin with Config and Run; Plan says what
// a run would do, Check reads corpora only to find their problems.
//
// A run is a plan and stages. Each stage takes the work of the stage before and
// returns its own. Stage evaluate looks up each table by the hash of its content:
// if the journal has everything wanted, nothing is computed. Otherwise the
// table's outcomes are loaded from the folder, or gathered from the table and
// stored; metrics are evaluated into the table's record, and the record is
// appended to the journal. Stage transform evaluates all tables again under the
// transforms asked for. Stage setOutside compares out-of-distribution samples
// with those of the same model's clean table. At the end, join checks that the
// tables of one dataset have the same samples, and the results are assembled and
// written, each file in one step. Everything is stored under the hash of the
// content it was computed from, so a run is "evaluate these tables into this
// folder" and can be repeated at any time. The metrics of a folder only grow: a run
// computes those asked of it and those that the folder has already.
//
// The packages below it, lowest first: pool, where all goroutines begin; store,
// which keeps records and outcomes; evaluate, which computes metrics of outcomes;
// gather, which makes outcomes from a table; posthoc, the transforms, and
// posthoc/apply, the stage that fits and applies them; results, which writes and
// reads the result files. The package may import all of these, datasets and
// metrics.
package harness
