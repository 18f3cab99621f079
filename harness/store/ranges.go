package store

import (
	"math"
	"strings"
	"sync"

	"abstain/metrics"
)

// slack is by how much a value may exceed its metric's range: stored probabilities
// that are rounded move it that far.
const slack = 0.01

// ranges are those of the metrics that were looked up.
var ranges sync.Map

// rangeOf is the range of the metric of a cell, whose name begins with the metric's id.
func rangeOf(cell string) [2]float64 {
	id, _, _ := strings.Cut(cell, "#")
	id, _, _ = strings.Cut(id, "@")
	if r, ok := ranges.Load(id); ok {
		return r.([2]float64)
	}
	within := [2]float64{math.Inf(-1), math.Inf(1)}
	if m, ok := metrics.Lookup(id); ok {
		within = m.Range
	}
	ranges.Store(id, within)
	return within
}

// possible reports whether the metric of a cell can have the values. One that is
// undefined it can always have.
func possible(cell string, values ...float64) bool {
	within := rangeOf(cell)
	for _, v := range values {
		if v < within[0]-slack*(1+math.Abs(within[0])) || v > within[1]+slack*(1+math.Abs(within[1])) {
			return false
		}
	}
	return true
}

// Possible reports whether a metric can have the value.
func Possible(m metrics.Metric, v float64) bool { return possible(m.ID, v) }

// prune removes what the metrics of the cells cannot be; it is computed again.
func (c Cells) prune() (removed int) {
	for name, cell := range c {
		ok := cell.N >= 0 && possible(name, float64(cell.Value))
		if i := cell.Interval; ok && len(i) > 0 {
			ok = len(i) == 3 && possible(name, float64(i[0]), float64(i[1])) && !(i[0] > i[1]) && i[2] > 0 && i[2] < 1
		}
		if !ok {
			delete(c, name)
			removed++
		}
	}
	return removed
}

// prune removes from a record what cannot be.
func (r *Record) prune() (removed int) {
	for _, c := range r.Cells {
		removed += c.prune()
	}
	for _, levels := range r.Groups {
		for _, g := range levels {
			for _, c := range g.Cells {
				removed += c.prune()
			}
		}
	}
	return removed
}
