package datasets

import (
	"fmt"
	"iter"
	"strings"
)

// Kind says what a prediction table stores per sample.
type Kind uint8

const (
	Logits Kind = iota + 1 // one unnormalised score per class
	Probs                  // one probability per class
	Score                  // a prediction (or only whether it was right) and a confidence
)

// String is the kind's name as columns and manifests spell it.
func (k Kind) String() string {
	switch k {
	case Logits:
		return "logits"
	case Probs:
		return "probs"
	case Score:
		return "score"
	}
	return "unknown"
}

// Schema is what a table's columns are, known before the first row is read.
type Schema struct {
	Kind       Kind
	Classes    int      // length of a class vector; of Score tables 0 unless the metadata or the layout tells
	Column     string   // as stored: the class-vector column ("logits", "p0..p9"), or for Score the confidence column
	ID         bool     // has sample_id
	Label      bool     // has label
	Prediction bool     // Score only: has prediction
	Correct    bool     // Score only: has correct
	Scores     []string // names of the score:* columns, without the prefix
	Groups     []string // names of the attribute columns
	Unused     []string // columns of unknown meaning that cannot name groups
	// ShouldAbstain says that Score tables tell of each sample whether it should have been
	// left unanswered.
	ShouldAbstain bool
	// Taken says which columns were taken for what: label, logits or probs, prediction, ...,
	// each with the name of its column, or with the first and the last of several.
	Taken Meta
	Meta  map[string]string
}

// Sentence says which columns were taken for what; "" of a table that was not opened.
func (s Schema) Sentence() string {
	var list []string
	for _, p := range s.Taken {
		entry := p.Key + ": " + p.Value
		if p.Key == s.Kind.String() {
			entry += fmt.Sprintf(" (%d classes)", s.Classes)
		}
		list = append(list, entry)
	}
	for _, rest := range []struct {
		what  string
		names []string
	}{{"groups", s.Groups}, {"not used", s.Unused}} {
		if len(rest.names) > 0 {
			list = append(list, rest.what+": "+some(rest.names))
		}
	}
	return strings.Join(list, "; ")
}

// Batch is a run of consecutive rows. However the file is cut, it has at most
// 4096 rows and about 1 MB of class vectors, so that rows that are read twice are
// still in the processor's cache the second time. Its slices may be the file's
// own memory: they must not be written to, nor appended to, and they are valid
// until the next batch is asked for. Strings in them may be kept. Columns that
// the table does not have are nil.
type Batch struct {
	First      int // row of the table at which the batch begins
	N          int
	ID         IDs
	Label      []int32
	F16        []uint16  // N x Classes, row-major, bits of float16; only after KeepHalf, instead of F32
	F32        []float32 // N x Classes, row-major; float16 and float32 sources
	F64        []float64 // N x Classes, row-major; float64 and text sources
	Prediction []int32   // -1 where the model abstained
	Correct    []bool
	Confidence []float64
	Scores     [][]float64 // one slice per Schema.Scores
	Groups     [][]string  // one slice per Schema.Groups; "" is missing

	ShouldAbstain []bool // samples that had better not be answered; nil if the table has no such column
}

// IDs identify samples: integers or text, never both. If both are nil, the row
// number identifies the sample.
type IDs struct {
	Int  []int64
	Text []string
	// Prefix and Width say how the ids in Int were written, where Canonical made
	// them from texts: Prefix, then the number, filled up with zeros on the left
	// to Width digits. In a batch, integers have no prefix and no width.
	Prefix string
	Width  int
}

// Reader is an open table.
type Reader interface {
	Schema() Schema
	// Batches yields the rows in order; it may be ranged over once. After an
	// error it yields nothing more. If the file is cut short while the loop's
	// body reads a batch, the loop ends with a panic, which Fault turns into an
	// error. The batch must be read on the goroutine that ranges; a fault on
	// another ends the program.
	Batches() iter.Seq2[*Batch, error]
	// Notes tells the user, in sentences, how the table was read: what was
	// guessed, changed or left out. The list is complete once Batches was read to
	// the end.
	Notes() []string
	// Close closes the file. No batch may be used after it.
	Close() error
}
