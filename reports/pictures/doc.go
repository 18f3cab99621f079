// Package pictures has what the experiments of a study show: the sentences with
// their findings, the small table in the text, and the figures.
//
// Begin with [Of] for the [Picture] of an experiment, and with [Tell], [Absent]
// and [Remarks] for its sentences. Each experiment is one file, with the same
// name as in harness/study, and one row of the table [All]. To add an experiment,
// write in its [Picture] the sentence of each of its claims, missing things and
// notes; if it has none of a kind, use noNote, noListing and similar functions.
//
// The package computes no metric. It may import harness/study and harness/board
// (for what is shown), metrics, reports/figure and reports/words.
package pictures
