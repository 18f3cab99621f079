// Package study looks across the models of a run: which rows are comparable,
// how they rank, what the figures show of each, and what a folder of results says
// about training regimes, metrics, families, confidence functions, conditions and
// groups (Study). It reads stored results and outcomes only; it may import harness,
// datasets and metrics.
//
// An experiment of Study is a function in a file of its own and a row in the table
// experiments. It gets the Folder, and leaves typed data, the same as tables, and
// findings, each of which names its test or interval and what n counts.
package study
