// Package export makes plain tables of what a run's folder holds, for other programs: the outcome
// of every sample, risk-coverage curves, and the results with one value in a row. Begin with
// Samples, Curves and Long; each is a Table that is made and written part by part. The package
// may import harness/results and below.
package export

import (
	"fmt"
	"io"

	"abstain/datasets/column"
	"abstain/datasets/plain"
)

// Table is a table that is made when it is written: it never is in memory as a whole.
type Table struct {
	Fields []plain.Field
	Parts  int                                 // how many parts the rows come in
	Part   func(i int) ([]plain.Column, error) // the rows of one part, a column for each field
	Meta   []column.Pair                       // what it is and how it was made
}

// Write writes the table in one of plain.Formats.
func (t *Table) Write(w io.Writer, format string) error {
	out, err := plain.Create(w, format, t.Fields, t.Meta...)
	if err != nil {
		return err
	}
	for i := range t.Parts {
		columns, err := t.Part(i)
		if err == nil {
			err = out.Write(columns)
		}
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
	}
	return out.Close()
}

// keyFields name a table under a transform; each of their values recurs in many rows.
var keyFields = []plain.Field{
	{Name: "model", Kind: plain.Text, Few: true}, {Name: "dataset", Kind: plain.Text, Few: true},
	{Name: "split", Kind: plain.Text, Few: true}, {Name: "condition", Kind: plain.Text, Few: true},
	{Name: "transform", Kind: plain.Text, Few: true},
}

// constant is a column of one text.
func constant(text string, n int) plain.Column {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = text
	}
	return plain.Column{Texts: texts}
}

// absent is a column without values.
func absent(n int) plain.Column {
	missing := make([]bool, n)
	for i := range missing {
		missing[i] = true
	}
	return plain.Column{Missing: missing}
}
