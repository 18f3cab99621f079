package hedge

import (
	"math"
	"slices"

	"abstain/metrics"
)

// choices are the sets of classes that some member of each row's credal set would choose, by
// row of the table: what the set answers where it is not asked for one class.
type choices struct {
	size  []int32
	holds []bool
	needs []float64 // memory for one row
}

// asksSets reports whether a metric of prediction sets is wanted.
func (s *Stage) asksSets() bool {
	return slices.ContainsFunc(s.Wanted.Measures, func(m metrics.Measure) bool { return m.Metric.Needs&metrics.NeedsSets != 0 })
}

// choose adds a row; choices are nil where nobody asks for them.
func (j *judging) choose(w *work, at *atEps, label int32) {
	c := j.choices
	if c == nil {
		return
	}
	if c.needs == nil {
		c.needs = make([]float64, len(w.edge.P))
	}
	classes := at.set.Choices(c.needs, w.edge.P)
	c.size, c.holds = append(c.size, int32(len(classes))), append(c.holds, slices.Contains(classes, label))
}

// into gives the sets to outcomes in the order of the table's rows. They aim at no coverage of
// the label: it is the cloud's distribution that they are to hold.
func (c *choices) into(o *metrics.Outcomes) {
	if c != nil {
		o.SetSize, o.SetHolds, o.SetAlpha = c.size, c.holds, math.NaN()
	}
}
