// Package store keeps what was computed of prediction tables in a run's folder:
// their outcomes, a record of the estimates made from them, and what estimates
// are in bootstrap replicates. Everything is kept under a key that names the
// content it was computed from, so that a table that was moved or renamed is not
// computed again; every file is replaced in one step, the journal of records
// grows by whole lines, and what is torn or of another format is an error that
// its owner can make good by computing it anew.
//
// Begin with Store and Record. The package knows what is kept, not what is
// wanted or how it is computed. It may import datasets, metrics and harness/pool
// (a folder that cannot be written ends a run).
package store
