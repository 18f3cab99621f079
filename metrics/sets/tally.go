package sets

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Tally counts what sets are like at many thresholds, in one pass over rows that come in
// batches: each row costs about what one set of the largest threshold does. It is for one
// threshold for all rows (Marginal). Begin with NewTally.
type Tally struct {
	Kind       Kind
	NeverEmpty bool
	Threshold  []float64 // rising
	At         []Counted // by threshold

	scratch *scratch
	open    []int // of a row, by threshold: classes that are in its set from there on
	holds   int   // the threshold from which on its set holds the label
}

// Counted is what the sets of one threshold are like.
type Counted struct {
	Rows, Labelled int
	Covered        int // labelled rows whose set holds the label
	Size           int // classes in all sets
	Singles        int // sets of one class
	SinglesRight   int // those that hold the label
}

// NewTally is an empty tally at these thresholds, which must rise.
func NewTally(k Kind, neverEmpty bool, thresholds []float64) (*Tally, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	if !slices.IsSorted(thresholds) || slices.ContainsFunc(thresholds, math.IsNaN) {
		return nil, fmt.Errorf("thresholds %v do not rise", thresholds)
	}
	n := len(thresholds)
	return &Tally{Kind: k, NeverEmpty: neverEmpty, Threshold: thresholds, At: make([]Counted, n), open: make([]int, n)}, nil
}

// Add counts the sets of further rows.
func (t *Tally) Add(rows Rows) error {
	if err := rows.check(t.Kind, Marginal); err != nil {
		return err
	}
	if t.scratch == nil || len(t.scratch.heap) != rows.Classes {
		t.scratch = newScratch(rows.Classes)
	}
	for i, label := range rows.Label {
		row := rows.row(i)
		if slices.ContainsFunc(row, math.IsNaN) {
			return fmt.Errorf("row %d: a probability is NaN", i)
		}
		t.row(row, rows.u(i), label)
		t.count(rows.labelled(i))
	}
	return nil
}

// row finds from which threshold on each class is in the set.
func (t *Tally) row(row []float64, u float64, label int32) {
	clear(t.open)
	last := len(t.Threshold)
	t.holds = last
	first := -1
	if t.NeverEmpty {
		first = firstOf(row)
	}
	enter := func(class int, score float64) {
		at := sort.SearchFloat64s(t.Threshold, score)
		if class == first {
			at = 0
		}
		if at == last {
			return
		}
		if t.open[at]++; class == int(label) {
			t.holds = at
		}
	}
	if !t.Kind.placed() {
		t.Kind.plain(t.scratch.strange, row)
		for j, score := range t.scratch.strange {
			enter(j, score)
		}
		return
	}
	t.Kind.walk(row, u, t.scratch.heap, func(j int, score float64) bool {
		enter(j, score)
		return last > 0 && score <= t.Threshold[last-1]
	})
}

func (t *Tally) count(labelled bool) {
	size := 0
	for k := range t.At {
		size += t.open[k]
		c := &t.At[k]
		c.Rows++
		c.Size += size
		held := labelled && t.holds <= k
		if labelled {
			c.Labelled++
		}
		if held {
			c.Covered++
		}
		if size == 1 {
			c.Singles++
			if held {
				c.SinglesRight++
			}
		}
	}
}

// firstOf is the class placed first.
func firstOf(row []float64) int {
	first := 0
	for j, v := range row {
		if v > row[first] {
			first = j
		}
	}
	return first
}
