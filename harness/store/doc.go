// Package store keeps in a run's folder what was computed of prediction tables:
// their outcomes, a record of the estimates made from them, and the estimates'
// values on bootstrap replicates. Everything is kept under a key made from the
// content it was computed from, so a table that was moved or renamed is not
// computed again. Every file is replaced in one step; the journal of records
// grows by whole lines. A file that is cut short, or in another format, is an
// error; the caller then computes its content again.
//
// Begin with Store and Record. The package does not know what is wanted or how it
// is computed. It may import datasets, metrics and harness/pool (because a folder
// that cannot be written ends a run).
package store
