// Package study says what a folder of results shows across its models: about
// training regimes, metrics, families, confidence functions, conditions and groups.
//
// Begin with [Run]: it runs every experiment on the folder and returns a [Report].
// An experiment is a function in a file of its own and a row in the table
// experiments. It reads the [Folder], which it does not change, and returns an
// [Experiment]: typed data, the same data as tables, and findings. A [Finding] is a
// [Claim] together with the test or the interval that supports it, and with what n
// counts. A claim holds numbers and names but no words, so that package
// reports/pictures alone decides how it is said.
//
// The package only reads stored results and outcomes. Imports: harness/board (for the
// models compared and their curves), harness, datasets, metrics and the packages
// below it.
package study
