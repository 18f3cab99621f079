// Package answers computes what reports say of a run: a title, which is a question, three
// numbers, the models that may be the best, and for each question its answer in one
// sentence with a table of numbers, intervals and verdicts. Page, paper, the text of a
// study and the demo all show these, so that no two of them disagree.
//
// Begin with [New]. The package computes no metric and tests nothing: it takes what a
// board and a study found, counts, and says it. Numbers stay numbers, with the unit in
// which they are written, for whoever draws them.
package answers

import (
	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/words"
)

// Input is what there is to answer from. Any part may be missing.
type Input struct {
	Board  *board.Board // by which the models are ranked, with rank sets if there are any; all entries
	Curves []board.Curves
	Study  *study.Report
}

// Answers is what reports say, the most wanted first.
type Answers struct {
	Title    string    // a question: "Which of 523 classifiers knows best when it is wrong?"
	Subject  []string  // what was compared: the dataset, the split, ..., "n = 1000"
	Terms    string    // the metric of the ranking in one plain line; "" without a board
	Numbers  []Number  // at most three, for the head of the first page
	Findings []Finding // with an answer, in the order of a report
	Absent   []Absent  // questions that could not be answered
	Notes    []string  // what was left out, and which records; a line each
}

// Number is a large number with the sentence that it begins.
type Number struct {
	Big      string // "229 of 523"
	Sentence string // at most 25 words, no brackets
	Verdict  Verdict
	Finding  string // the name of the finding that has more
}

// Finding is a question and its answer.
type Finding struct {
	Name     string // stable, of lower-case words: "regimes"
	Question string // "Which training helps?"
	Sentence string // the answer: at most 25 words, no brackets
	Table    *Table // nil if the sentence says all
	Method   string // how it was found, and what to beware of; "" if there is nothing to say

	// Experiment is the name of the study's experiment that found it, for its data and
	// figures; "" if the board did.
	Experiment string
	Headline   bool // belongs on a first page
}

// Absent is a question without an answer.
type Absent struct {
	Name     string // of the finding
	Question string
	Because  string // what it lacks, without a full stop
}

// Find is the finding of that name; nil if there is none.
func (a *Answers) Find(name string) *Finding {
	for k := range a.Findings {
		if a.Findings[k].Name == name {
			return &a.Findings[k]
		}
	}
	return nil
}

// Verdict is what is proven of a number.
type Verdict uint8

// Verdicts. In a table of the best, Tied or Behind; of changes, Better, Worse, Unproven or
// TooFew.
const (
	Untested Verdict = iota // nothing was asked of it
	Tied                    // not told apart from the best
	Behind                  // proven worse than the best
	Better                  // proven to be a change for the better
	Worse                   // proven to be a change for the worse
	Unproven                // could have been proven, and was not
	TooFew                  // too few pairs, units or errors to prove anything
)

// String is the verdict in words.
func (v Verdict) String() string {
	return [...]string{"", "tied with the best", "proven worse than the best", "better", "worse", "not proven", "too few pairs"}[v]
}

// Table is a small table of a finding: named rows and columns of values. A table of
// effects, such as regimes by metrics, has a column of Kind Effect for each metric.
type Table struct {
	Title   string // what it shows, without a full stop; may be ""
	Columns []Column
	Rows    []Row
	Note    string // what is left out, and where it is; may be ""
}

// Kind says what a column holds.
type Kind uint8

// Kinds of columns.
const (
	Text        Kind = iota // Cell.Text
	Count                   // a whole number in Cell.Value
	Value                   // a value of a metric, with its interval
	Effect                  // a change of a metric, with its sign, interval and verdict
	Coefficient             // a correlation, with its interval and verdict
)

// Column is a column of a Table.
type Column struct {
	Head    string // "regime", "AURC"
	Kind    Kind
	Measure string            // id of the metric of Values and Effects; "" otherwise
	Unit    words.Unit        // in which values are written
	Better  metrics.Direction // of the metric; None where there is none
	Of      string            // of a Count or a Coefficient, what it is; may be ""
}

// Row is a row of a Table; it has as many cells as there are columns.
type Row struct {
	Cells []Cell
	Model string // the row is about this model; "" if about none
	// Group keeps rows together that are shown below one head; "" for none.
	Group string
}

// Cell is one cell. Numbers that it does not have are NaN.
type Cell struct {
	Text          string
	Value, Lo, Hi float64
	Verdict       Verdict
	P             float64    // adjusted
	Pairs         int        // that an effect is over; 0 if unknown
	Better, Worse int        // of these pairs
	Units         int        // independent observations among the pairs
	Unit          words.Unit // where a column has values of several metrics; zero: that of the column
}
