package deploy

import (
	"math"
	"slices"

	"abstain/metrics/guarantee"
)

// Planned says how many rows would promise the risk at a coverage, if the risk there is what
// the rows that chose show.
type Planned struct {
	Coverage, Risk float64
	Rows           guarantee.Rows // 0 where no number of rows does
}

// planned are the coverages of the plan.
var planned = []float64{0.5, 0.7, 0.8, 0.9, 0.95, 1}

// plan takes the risk at each coverage for known.
func (t *Threshold) plan(c guarantee.Curve, n int) []Planned {
	level := t.Method.level(t.Choice, t.Delta)
	if level == 0 {
		return nil
	}
	var list []Planned
	for _, coverage := range planned {
		want := int(math.Ceil(coverage*float64(n) - 1e-9))
		g, _ := slices.BinarySearch(c.Accepted, want)
		if g == len(c.Accepted) || want == 0 || math.IsInf(c.Confidence[g], -1) {
			continue // so many are not answered
		}
		p := Planned{Coverage: float64(c.Accepted[g]) / float64(n), Risk: float64(c.Errors[g]) / float64(c.Accepted[g])}
		if k := len(list); k > 0 && list[k-1].Coverage == p.Coverage {
			continue
		}
		of := p.Coverage
		if t.Method.Joint {
			p.Risk, of = p.Risk*p.Coverage, 1
		}
		p.Rows = guarantee.RowsFor(of, p.Risk, t.Risk, level)
		list = append(list, p)
	}
	return list
}
