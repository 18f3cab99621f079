package training

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"abstain/harness/training/network"
)

// Data is what networks are trained on and judged on.
type Data struct {
	Name    string
	Classes int
	Side    int  // of square grey images; 0 if rows are no images
	Box     bool // every feature lies in [0, 1], as attacks need

	Train Rows // what networks are trained on
	Val   Rows // what checkpoints and temperatures are chosen by
	Meta  Rows // what look-aheads see; may be empty
	Test  Rows // what everything is judged on

	Shifted []Shifted // the test rows under shift
	Outside Rows      // rows of classes that are not among the Classes; labels are -1
}

// Rows are labelled rows of features.
type Rows struct {
	X      network.Matrix[float32]
	Labels []int32
	IDs    []int64
	Texts  []string // in place of IDs, where ids are texts
	Groups []Attribute
}

// Attribute is a group column.
type Attribute struct {
	Name   string
	Values []string
}

// Shifted are the test rows under a condition.
type Shifted struct {
	Condition string
	X         network.Matrix[float32]
	rows      *Rows // with labels and ids of their own; nil if they are the test rows
}

// take returns some of the rows.
func (r Rows) take(places []int) Rows {
	t := Rows{X: network.NewMatrix[float32](len(places), r.X.Cols)}
	for i, p := range places {
		copy(t.X.Row(i), r.X.Row(p))
		t.Labels, t.IDs = append(t.Labels, r.Labels[p]), append(t.IDs, r.IDs[p])
	}
	if r.Texts != nil {
		for _, p := range places {
			t.Texts = append(t.Texts, r.Texts[p])
		}
	}
	for _, g := range r.Groups {
		a := Attribute{Name: g.Name}
		for _, p := range places {
			a.Values = append(a.Values, g.Values[p])
		}
		t.Groups = append(t.Groups, a)
	}
	return t
}

// head are the first n rows, or all.
func (r Rows) head(n int) Rows {
	if n >= len(r.Labels) {
		return r
	}
	h := Rows{X: r.X.Slice(0, n), Labels: r.Labels[:n], IDs: r.IDs[:n]}
	if r.Texts != nil {
		h.Texts = r.Texts[:n]
	}
	for _, g := range r.Groups {
		h.Groups = append(h.Groups, Attribute{g.Name, g.Values[:n]})
	}
	return h
}

// group returns the attribute of that name, as 0 and 1 in the order of its sorted values.
func (r Rows) group(name string) ([]int32, error) {
	for _, g := range r.Groups {
		if g.Name != name {
			continue
		}
		levels := slices.Compact(slices.Sorted(slices.Values(g.Values)))
		if len(levels) != 2 {
			return nil, fmt.Errorf("group column %q has %d values, but the constraints are for two groups", name, len(levels))
		}
		code := make([]int32, len(g.Values))
		for i, v := range g.Values {
			if v == levels[1] {
				code[i] = 1
			}
		}
		return code, nil
	}
	var names []string
	for _, g := range r.Groups {
		names = append(names, g.Name)
	}
	return nil, fmt.Errorf("no group column %q among %q", name, names)
}

// check refuses data that nothing can be trained on.
func (d *Data) check() error {
	for _, part := range []struct {
		split string
		rows  Rows
	}{{"train", d.Train}, {"val", d.Val}, {"test", d.Test}} {
		if len(part.rows.Labels) == 0 {
			return fmt.Errorf("split %s has no rows: networks are trained on train, chosen by val and judged on test", part.split)
		}
	}
	seen := map[int32]bool{}
	for _, y := range d.Train.Labels {
		seen[y] = true
	}
	if len(seen) < 2 {
		return errors.New("the training rows have one class only: there is nothing to tell apart")
	}
	for _, rows := range []Rows{d.Train, d.Val, d.Meta, d.Test, d.Outside} {
		for i, v := range rows.X.V {
			if v64 := float64(v); math.IsNaN(v64) || math.IsInf(v64, 0) {
				return fmt.Errorf("sample %d: feature %d is %v", rows.IDs[i/rows.X.Cols], i%rows.X.Cols, v)
			}
		}
	}
	return d.checkColumns()
}

// checkColumns refuses features that are all the same in every training row: that is a fault of the file.
func (d *Data) checkColumns() error {
	if d.constant() == d.Train.X.Cols {
		return errors.New("every feature is the same in all training rows")
	}
	return nil
}

// constant counts the features that are the same in every training row.
func (d *Data) constant() int {
	constant := 0
	for k := range d.Train.X.Cols {
		varies := false
		for i := 1; i < d.Train.X.Rows && !varies; i++ {
			varies = d.Train.X.Row(i)[k] != d.Train.X.Row(0)[k]
		}
		if !varies {
			constant++
		}
	}
	return constant
}

// noisy returns rows with Gaussian noise of that standard deviation, kept in [0, 1] if box.
func noisy(x network.Matrix[float32], sigma float64, box bool, random *rand.Rand) network.Matrix[float32] {
	y := network.NewMatrix[float32](x.Rows, x.Cols)
	for i, v := range x.V {
		n := float64(v) + sigma*random.NormFloat64()
		if box {
			n = min(max(n, 0), 1)
		}
		y.V[i] = float32(n)
	}
	return y
}
