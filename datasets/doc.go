// Package datasets opens stored predictions: corpora, their manifests, and the
// prediction tables in them, in any of several file formats.
//
// Begin with Open, which lists the tables of a folder or names a single one, and
// OpenTable, which reads a table as a sequence of batches in bounded memory. File
// formats are packages below this one (ipc, parquet, csv) behind column.Source;
// which column means what is decided in one place for all of them: by names (names.go,
// layout.go, vectors.go, dialect.go), where these leave a choice by values (choices.go,
// classes.go, named.go), and else by a question to the user (questions.go). Which files
// make which table is decided by folder.go (walking), naming.go (what names say),
// arrays.go (files of one array each), parts.go (several files as one table) and
// stacked.go (several tables in one file).
// This package checks structure: names, types, lengths, missing values, row
// counts. Whether values are probabilities, labels are in range or rows hold NaN
// is checked by the code that computes with them, in the same pass.
//
// The package knows no metric and starts no goroutine. It imports only its own
// format packages; harness and everything above it may import it.
package datasets
