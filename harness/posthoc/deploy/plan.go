package deploy

import (
	"math"
	"slices"

	"abstain/metrics/guarantee"
	"abstain/metrics/stattest"
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
		p.Rows = rowsFor(of, p.Risk, t.Risk, level)
		list = append(list, p)
	}
	return list
}

// mostExact is the number of accepted rows up to which they are counted by exact tails.
const mostExact = 3000

// rowsFor is guarantee.RowsFor, by the normal tail where that takes thousands of rows: it
// counts errors one by one, and the nearer the risk seen is to the one promised, the more.
func rowsFor(coverage, seen, risk, level float64) guarantee.Rows {
	if seen >= risk {
		return guarantee.Rows{}
	}
	tail := stattest.NormalQuantile(1-level) * math.Sqrt(risk*(1-risk))
	from := math.Pow(tail/(risk-seen), 2)
	if from < mostExact {
		return guarantee.RowsFor(coverage, seen, risk, level)
	}
	likely := math.Pow((tail+stattest.NormalQuantile(0.8)*math.Sqrt(seen*(1-seen)))/(risk-seen), 2)
	rows := func(accepted float64) int { return int(math.Ceil(math.Min(accepted/coverage, math.MaxInt32))) }
	return guarantee.Rows{First: rows(from), FromOn: rows(from), Likely: rows(likely)}
}
