// Package compare sets models against each other.
//
// Begin with [Models]: it sets models against the first of them on the samples that
// all answer, metric by metric and along coverage, and gives a [Comparison].
// [Across] compares models by one metric over several datasets or conditions, and
// gives a [Crossing].
//
// It reads stored results and outcomes. Imports: harness/board (for the rows that
// are compared and their curves), harness, metrics and the packages below it.
package compare
