// Package compare sets models against each other.
//
// Begin with [Models]: it sets models against the first of them on the samples that
// all answer, metric by metric and along coverage, and gives a [Comparison].
// [Across] compares models by one metric over several datasets or conditions, and
// gives a [Crossing].
//
// What a comparison proves is a list of [Claim], with its numbers and tests; package
// reports/say says it in words.
//
// It reads stored results and outcomes. Imports: harness/board (for the rows that
// are compared and their curves), harness, harness/internal/words (for errors),
// metrics and the packages below it.
package compare
