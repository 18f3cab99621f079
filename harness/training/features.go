package training

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/training/network"
)

// Features says how stored features are read.
type Features struct {
	Corpora []*datasets.Corpus // tables whose class vectors are the features, see AsFeatures
	// Images says that rows are square grey images of values within 0 and 1: they stay as they are, and can be attacked
	// and convolved. Other features are shifted and scaled so that each has mean 0 and deviation 1 over the training
	// rows.
	Images bool
}

// AsFeatures is a reading of tables by which their class vectors are the column or array of that name.
func AsFeatures(name string, as datasets.Reading) datasets.Reading {
	if as.Columns.Get("logits") != "" {
		return as
	}
	return as.With(datasets.Meta{{Key: "logits", Value: name}})
}

// splits of stored features.
var splits = []string{"train", "val", "test", "meta"}

// Load reads the tables: splits train, val, test and, if there is one, meta; of split test, condition clean is what
// everything is judged on, ood rows are new classes, and every other condition is a shift. notes tell what was done to
// the features. The error names file, row and feature.
func (f Features) Load(ctx context.Context) (d *Data, notes []string, err error) {
	l := loader{Data: Data{Name: "features"}, seen: map[string]string{}}
	for _, c := range f.Corpora {
		if len(c.Problems) > 0 {
			return nil, nil, c.Problems[0]
		}
		for _, t := range c.Tables {
			if err := l.table(ctx, t); err != nil {
				return nil, nil, err
			}
		}
	}
	if len(l.seen) == 0 {
		return nil, nil, errors.New("no table with features was found")
	}
	if err := l.count(); err != nil {
		return nil, nil, err
	}
	if constant := l.constant(); constant > 0 && constant < l.Train.X.Cols {
		l.notes = append(l.notes, fmt.Sprintf("%d of %d features are the same in all training rows: they tell nothing", constant, l.Train.X.Cols))
	}
	if f.Images {
		return &l.Data, l.notes, l.images()
	}
	l.standardise()
	l.notes = append(l.notes, "features are shifted and scaled to mean 0 and deviation 1 over the training rows")
	return &l.Data, l.notes, nil
}

// loader gathers tables.
type loader struct {
	Data
	seen   map[string]string // table by split and condition
	first  string            // the first table
	groups []string          // its group columns
	notes  []string
}

// table reads one table to its place.
func (l *loader) table(ctx context.Context, t datasets.Table) error {
	fault := func(format string, args ...any) error {
		return &datasets.Error{Table: t.Name, Row: -1, Err: fmt.Errorf(format, args...)}
	}
	t.Split = splitOf(t)
	if !slices.Contains(splits, t.Split) || t.Split != "test" && t.Condition != "clean" {
		return fault("split %s, condition %s: features are of split %s; other conditions than clean are of split test", t.Split, t.Condition, strings.Join(splits, ", "))
	}
	key := t.Split + "/" + t.Condition
	if other, twice := l.seen[key]; twice {
		return fault("is of split %s and condition %s, as is %s: train takes the features of one network", t.Split, t.Condition, other)
	}
	rows, err := l.rows(ctx, t)
	if err != nil {
		return err
	}
	l.seen[key] = t.Name
	switch {
	case t.Split == "train":
		l.Train = rows
		l.Name = cmp.Or(t.Dataset, l.Name)
	case t.Split == "val":
		l.Val = rows
	case t.Split == "meta":
		l.Meta = rows
	case t.Condition == "clean":
		l.Test = rows
	case t.Condition == "ood":
		for i := range rows.Labels {
			rows.Labels[i] = -1
		}
		l.Outside = rows
	default:
		l.Shifted = append(l.Shifted, Shifted{Condition: t.Condition, X: rows.X, rows: &rows})
	}
	return nil
}

// splitOf is the table's split. Names of files and folders do not say meta to prediction tables, so it is looked for
// here.
func splitOf(t datasets.Table) string {
	names := strings.Split(path.Dir(t.Path), "/")
	base, _, _ := strings.Cut(path.Base(t.Path), ".")
	if t.Split == "test" && slices.Contains(append(names, base, t.Section), "meta") {
		return "meta"
	}
	return t.Split
}

// rows reads a table.
func (l *loader) rows(ctx context.Context, t datasets.Table) (rows Rows, err error) {
	r, err := datasets.OpenTable(t)
	if err != nil {
		return rows, err
	}
	defer r.Close()
	defer func() { // a file that was cut short meanwhile
		if p := recover(); p != nil {
			if err = datasets.Fault(p); err == nil {
				panic(p)
			}
		}
	}()
	s := r.Schema()
	fault := func(row int, column string, format string, args ...any) error {
		return &datasets.Error{Table: t.Name, Column: column, Row: row, Err: fmt.Errorf(format, args...)}
	}
	if s.Kind == datasets.Score {
		return rows, fault(-1, "", "has no features")
	}
	if !s.Label {
		return rows, fault(-1, "", "has no label")
	}
	if l.first == "" {
		l.first, l.groups = t.Name, s.Groups
	}
	if !slices.Equal(s.Groups, l.groups) {
		return rows, fault(-1, "", "has the group columns %q where %s has %q", s.Groups, l.first, l.groups)
	}
	for _, name := range s.Groups {
		rows.Groups = append(rows.Groups, Attribute{Name: name})
	}
	rows.X.Cols = s.Classes
	for b, err := range r.Batches() {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return rows, err
		}
		if row, at, v := rows.add(b); row >= 0 {
			return rows, fault(b.First+row, s.Column, "feature %d is %v: networks need numbers", at, v)
		}
	}
	if seen := l.width(); seen > 0 && seen != rows.X.Cols {
		return rows, fault(-1, s.Column, "has %d features where %s has %d", rows.X.Cols, l.first, seen)
	}
	return rows, nil
}

// width of the features read so far; 0 at first.
func (l *loader) width() int {
	return max(l.Train.X.Cols, l.Val.X.Cols, l.Test.X.Cols, l.Meta.X.Cols, l.Outside.X.Cols)
}

// add appends a batch, and returns the place and the value of the first feature that is no number; row -1 if there is
// none.
func (r *Rows) add(b *datasets.Batch) (row, at int, v float64) {
	for i, x := range b.F32 {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return i / r.X.Cols, i % r.X.Cols, f
		}
	}
	r.X.V = append(r.X.V, b.F32...)
	for i, x := range b.F64 {
		if f := float64(float32(x)); math.IsNaN(f) || math.IsInf(f, 0) {
			return i / r.X.Cols, i % r.X.Cols, x
		}
		r.X.V = append(r.X.V, float32(x))
	}
	r.X.Rows += b.N
	r.Labels = append(r.Labels, b.Label...)
	for i := range b.N {
		switch {
		case b.ID.Text != nil:
			r.Texts = append(r.Texts, b.ID.Text[i])
			r.IDs = append(r.IDs, int64(b.First+i))
		case b.ID.Int != nil:
			r.IDs = append(r.IDs, b.ID.Int[i])
		default:
			r.IDs = append(r.IDs, int64(b.First+i))
		}
	}
	for k, values := range b.Groups {
		r.Groups[k].Values = append(r.Groups[k].Values, values...)
	}
	return -1, 0, 0
}

// mostClasses is how many classes labels may name: more are a column of something else.
const mostClasses = 1 << 15

// count learns the number of classes from the training labels and checks the others'.
func (l *loader) count() error {
	for _, part := range []struct {
		key  string
		rows Rows
	}{{"train/clean", l.Train}, {"val/clean", l.Val}, {"meta/clean", l.Meta}, {"test/clean", l.Test}} {
		for i, y := range part.rows.Labels {
			fault := func(format string, args ...any) error {
				return &datasets.Error{Table: l.seen[part.key], Column: "label", Row: i, Err: fmt.Errorf(format, args...)}
			}
			switch {
			case y < 0:
				return fault("%d is no class; new classes are of condition ood", y)
			case y >= mostClasses:
				return fault("%d: more than %d classes", y, mostClasses)
			case part.key == "train/clean":
				l.Classes = max(l.Classes, int(y)+1)
			case int(y) >= l.Classes:
				return fault("class %d is in no training row", y)
			}
		}
	}
	for _, s := range l.Shifted {
		for i, y := range s.rows.Labels {
			if y < 0 || int(y) >= l.Classes {
				return &datasets.Error{Table: l.seen["test/"+s.Condition], Column: "label", Row: i, Err: fmt.Errorf("class %d is in no training row", y)}
			}
		}
	}
	return nil
}

// images checks that rows are images, and learns their side.
func (l *loader) images() error {
	l.Box = true
	side := int(math.Round(math.Sqrt(float64(l.Train.X.Cols))))
	if side*side == l.Train.X.Cols {
		l.Side = side
	}
	for _, x := range l.matrices() {
		for _, v := range x.V {
			if v < 0 || v > 1 {
				return fmt.Errorf("a feature is %v: images have values within 0 and 1", v)
			}
		}
	}
	return nil
}

// matrices are those of all rows.
func (l *loader) matrices() []network.Matrix[float32] {
	all := []network.Matrix[float32]{l.Train.X, l.Val.X, l.Meta.X, l.Test.X, l.Outside.X}
	for _, s := range l.Shifted {
		all = append(all, s.X)
	}
	return all
}

// standardise shifts and scales all features by means and deviations of the training rows. Constant ones become 0
// there.
func (l *loader) standardise() {
	if l.Train.X.Rows == 0 {
		return // check says so
	}
	n := float64(l.Train.X.Rows)
	for k := range l.Train.X.Cols {
		first := float64(l.Train.X.Row(0)[k]) // the mean of a constant feature is then exact
		mean, squares := first, 0.0
		for i := range l.Train.X.Rows {
			mean += (float64(l.Train.X.Row(i)[k]) - first) / n
		}
		for i := range l.Train.X.Rows {
			d := float64(l.Train.X.Row(i)[k]) - mean
			squares += d * d / n
		}
		scale := math.Sqrt(squares)
		if scale == 0 {
			scale = 1
		}
		for _, x := range l.matrices() {
			for i := range x.Rows {
				x.Row(i)[k] = float32((float64(x.Row(i)[k]) - mean) / scale)
			}
		}
	}
}
