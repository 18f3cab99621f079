// Package pictures tells what the experiments of a study found: their sentences,
// the small table that stands in the text, and their figures.
//
// An experiment is one file of its name here, as it is in harness/study, and one row
// of the table [All]. Begin with [Of] for the picture of an experiment, and with
// [Tell], [Absent] and [Remarks] for what it says. A further experiment says in its
// [Picture] how each of its claims, things missing and notes reads; what it has none
// of, it says with noNote, noListing and the like.
//
// It computes no metric. Imports: harness/study and harness/board (for what is
// shown), metrics, reports/figure and reports/words.
package pictures
