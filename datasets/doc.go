// Package datasets opens stored predictions: corpora, their manifests, and the
// prediction tables in them, whatever the file format.
//
// Start with Open, which lists the tables of a folder or names a single one, and
// OpenTable, which reads one as a sequence of batches in bounded memory. Formats
// live below this package (ipc, parquet, csv) behind column.Source; which column
// means what is decided in one place for all of them (layout.go). What is checked
// here is structure: names, types, lengths, missing values, row counts. Whether
// values are probabilities, labels lie in range or rows hold NaN is the business of
// whoever computes with them, in the same pass.
//
// The package knows no metric and starts no goroutine. It may be imported by
// harness and everything above; it imports only its own format packages.
package datasets
