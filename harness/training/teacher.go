package training

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/training/loss"
)

// Teacher is a model of the user's whose answers to the training rows are stored: distillation learns from it in
// place of a teacher that is trained here.
type Teacher struct {
	Name   string
	Logits loss.Logits // in the order of the training rows
}

// LoadTeacher reads a teacher's logits, or the logarithms of its probabilities, and joins them with the training
// rows on sample_id, or by place where neither has ids. name is the model to take, "" for the only one. Of its
// tables the one of split train is taken, or the only one. Every training row has to be there, once and with the
// same label; other rows are left out.
func LoadTeacher(ctx context.Context, corpora []*datasets.Corpus, name string, d *Data) (*Teacher, error) {
	t, err := teacherTable(corpora, name)
	if err != nil {
		return nil, fmt.Errorf("teacher: %w", err)
	}
	r, err := datasets.OpenTable(t)
	if err != nil {
		return nil, fmt.Errorf("teacher: %w", err)
	}
	defer r.Close()
	fault := func(row int, column, format string, args ...any) error {
		return &datasets.Error{Table: t.Name, Column: column, Row: row, Err: fmt.Errorf("teacher: "+format, args...)}
	}
	s := r.Schema()
	switch {
	case s.Kind == datasets.Score:
		return nil, fault(-1, "", "has neither logits nor probabilities, which distillation learns from")
	case s.Classes != d.Classes:
		return nil, fault(-1, s.Column, "has %d classes where the training rows have %d", s.Classes, d.Classes)
	}
	places := d.Train.places()
	taught := &Teacher{Name: t.Model, Logits: loss.New(len(d.Train.Labels), d.Classes)}
	seen, rows := make([]bool, len(d.Train.Labels)), 0
	for b, err := range r.Batches() {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("teacher: %w", err)
		}
		rows += b.N
		for i := range b.N {
			id := idOf(b, i)
			at, ok := places[id]
			switch {
			case !ok:
				continue
			case seen[at]:
				return nil, fault(b.First+i, "sample_id", "sample %s stands twice", id)
			case s.Label && b.Label[i] != d.Train.Labels[at]:
				return nil, fault(b.First+i, "label", "sample %s is of class %d, and of class %d among the training rows", id, b.Label[i], d.Train.Labels[at])
			}
			seen[at] = true
			vector(taught.Logits.Row(at), b, i, s.Kind == datasets.Probs)
		}
	}
	if !s.ID && rows != len(seen) {
		return nil, fault(-1, "", "has %d rows without sample_id where there are %d training rows", rows, len(seen))
	}
	if missing := slices.Index(seen, false); missing >= 0 {
		return nil, fault(-1, "sample_id", "lacks sample %s of the training rows: rows are joined on sample_id, or by place where neither has ids", d.Train.id(missing))
	}
	return taught, nil
}

// teacherTable is the table that holds the teacher's answers to the training rows.
func teacherTable(corpora []*datasets.Corpus, name string) (datasets.Table, error) {
	var all, train []datasets.Table
	var models []string
	for _, c := range corpora {
		if len(c.Problems) > 0 {
			return datasets.Table{}, c.Problems[0]
		}
		for _, t := range c.Tables {
			if !slices.Contains(models, t.Model) {
				models = append(models, t.Model)
			}
			if t.Condition != "clean" || name != "" && t.Model != name {
				continue
			}
			all = append(all, t)
			if t.Split == "train" {
				train = append(train, t)
			}
		}
	}
	if len(train) == 0 && len(all) == 1 {
		train = all
	}
	switch {
	case name != "" && !slices.Contains(models, name):
		return datasets.Table{}, fmt.Errorf("no model is called %q; there are %s", name, few(models))
	case len(train) == 0 && len(all) > 0:
		return datasets.Table{}, errors.New("none of its tables is of split train: distillation needs the answers to the training rows")
	case len(train) == 0:
		return datasets.Table{}, errors.New("no table of it was found")
	case len(train) > 1 && name == "":
		return datasets.Table{}, fmt.Errorf("several models could be meant: name one with --teacher-model; there are %s", few(models))
	case len(train) > 1:
		return datasets.Table{}, fmt.Errorf("both %s and %s have answers of %s to training rows", train[0].Name, train[1].Name, name)
	}
	return train[0], nil
}

// few lists names, and how many more there are.
func few(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// id is how a row is called; rows without ids are called by their places.
func (r Rows) id(row int) string {
	if r.Texts != nil {
		return r.Texts[row]
	}
	return fmt.Sprint(r.IDs[row])
}

// places are the rows by id.
func (r Rows) places() map[string]int {
	at := make(map[string]int, len(r.IDs))
	for i := range r.IDs {
		at[r.id(i)] = i
	}
	return at
}

func idOf(b *datasets.Batch, row int) string {
	switch {
	case b.ID.Text != nil:
		return b.ID.Text[row]
	case b.ID.Int != nil:
		return fmt.Sprint(b.ID.Int[row])
	}
	return fmt.Sprint(b.First + row)
}

// leastProbability is what a stored probability of 0 is taken for, as in the NLL.
const leastProbability = 1e-12

// vector writes a row's logits.
func vector(to []float64, b *datasets.Batch, row int, probabilities bool) {
	for k := range to {
		at := row*len(to) + k
		if b.F64 != nil {
			to[k] = b.F64[at]
		} else {
			to[k] = float64(b.F32[at])
		}
		if probabilities {
			to[k] = math.Log(math.Max(to[k], leastProbability))
		}
	}
}
