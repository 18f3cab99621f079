// Package study says what a folder of results shows across its models: about
// training regimes, metrics, families, confidence functions, conditions and groups.
//
// Begin with [Run]: it puts every experiment to the folder and gives a [Report].
// An experiment is a function in a file of its own and a row in the table
// experiments. It gets the [Folder], and leaves typed data, the same as tables, and
// findings. A [Finding] is a [Claim], which holds numbers and names but no words,
// with the test or the interval it rests on and what n counts; package
// reports/pictures says it in words.
//
// It reads stored results and outcomes only. Imports: harness/board (for the
// models compared and their curves), harness, datasets, metrics and the packages
// below it.
package study
