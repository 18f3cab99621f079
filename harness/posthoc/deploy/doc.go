// Package deploy chooses the threshold of confidence that a model is put to use with, from
// the outcomes that a run's folder keeps: on some rows by a method that promises something
// about the errors on new ones, and judged on others, which did not choose it.
//
// Begin with Choose and an Asked. The mathematics is that of metrics/guarantee; the package
// finds the rows, keeps those that choose apart from those that judge, and writes the rule
// down as one line of Python and of Go. Methods and Losses list what can be asked for.
//
// The package may import datasets, metrics, harness/posthoc, harness/posthoc/apply,
// harness/evaluate, harness/store and harness/results.
package deploy
