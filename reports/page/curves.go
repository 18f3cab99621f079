package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/pool"
	"abstain/harness/results"
	"abstain/metrics"
)

// mostPoints is the largest number of points kept of a curve. A longer curve keeps, of its
// points, the first at or beyond each of so many equal steps of coverage, and those at which
// the steps of the slider end.
const mostPoints = 1000

// Steps of the slider: accepted risks, in thousandths.
const (
	riskStep   = 5
	riskLevels = 40
)

// curves are those of the models of a view, by place.
type curves struct {
	// Points are the ends of groups of equal confidence, the most confident first: a digit
	// where a group has one sample, 1 if that is wrong; "[k:w]" for k samples, w wrong.
	Points []string `json:"points"`
	// AtRisk are thresholds such that greater confidences are those of the last point whose
	// risk is at most 0.5, 1, ..., 20 %. Null where there is none.
	AtRisk  []numbers `json:"atRisk"`
	Bins    [][]bin   `json:"bins"` // of the reliability diagram, from low to high; empty if the confidence is no probability
	Thinned bool      `json:"thinned,omitempty"`
}

// bin is a bin of a reliability diagram: samples, right ones, mean confidence.
type bin [3]float64

// curve is the curve of one model while it is made.
type curve struct {
	total        int   // samples, answered or not
	ends, wrong  []int // at the kept points
	least, rest  []float64
	bins         []bin
	thinned      bool
	withoutScale bool // there are no thresholds
}

// addCurves reads the outcomes of the rows and stores their curves. Without outcomes there
// are none.
func (s *Store) addCurves(v *View, r *results.Results, rows []results.Row) {
	made := make([]*curve, len(rows))
	pool.Each(len(rows), func(i int) {
		o, err := r.Outcomes(rows[i].Key)
		if err != nil {
			return
		}
		if c := o.Confidence(rows[i].Confidence); c != nil {
			made[i] = newCurve(o, c)
		}
	})
	v.Curves = stored(made)
}

// newCurve is the curve of outcomes ranked by a confidence function.
func newCurve(o *metrics.Outcomes, f *metrics.Confidence) *curve {
	r := metrics.Rank(o, f)
	c := &curve{total: r.All()}
	keep := func(g int) bool { return true }
	if len(r.Ends) > mostPoints {
		c.thinned = true
		keep = thinning(r)
	}
	// The least confidence of what a point accepts, and the largest of the rest.
	n := len(r.Order)
	rest := make([]float64, n+1)
	rest[n] = math.Inf(-1)
	for i := n - 1; i >= 0; i-- {
		rest[i] = math.Max(rest[i+1], f.Value[r.Order[i]])
	}
	least, at := math.Inf(1), 0
	for g, end := range r.Ends {
		for ; at < int(end); at++ {
			least = math.Min(least, f.Value[r.Order[at]])
		}
		if keep(g) {
			c.ends, c.wrong = append(c.ends, int(end)), append(c.wrong, int(r.Wrong[g]))
			c.least, c.rest = append(c.least, least), append(c.rest, rest[end])
		}
	}
	if f.Probability {
		for _, b := range metrics.Reliability(r, board.ReliabilityBins) {
			c.bins = append(c.bins, newBin(b))
		}
	}
	return c
}

// thinning tells which points of a long curve are kept; it has to be asked once for each,
// in their order.
func thinning(r *metrics.Ranked) func(g int) bool {
	var ending [riskLevels + 1]int // by step of the slider
	for step := range ending {
		ending[step] = -1
	}
	for g, end := range r.Ends {
		for step := riskLevels; step > 0 && within(int(r.Wrong[g]), int(end), step); step-- {
			ending[step] = g
		}
	}
	last := 0
	return func(g int) bool {
		step := int(r.Ends[g]) * mostPoints / r.All()
		if step == last && g < len(r.Ends)-1 && !slices.Contains(ending[1:], g) {
			return false
		}
		last = step
		return true
	}
}

// within reports whether the risk of so many errors among so many answers is at most that
// of a step of the slider.
func within(wrong, answers, step int) bool { return wrong*1000 <= step*riskStep*answers }

func newBin(b metrics.Bin) bin {
	if b.N == 0 {
		return bin{}
	}
	return bin{float64(b.N), math.Round(b.Accuracy * float64(b.N)), math.Round(1e4*b.Confidence) / 1e4}
}

// ofBoard is a curve that package board made; it knows no samples, so thresholds are those
// of its points.
func ofBoard(c board.Curves) *curve {
	out := &curve{total: c.N, withoutScale: true}
	for _, p := range c.RiskCoverage {
		end := int(math.Round(p.Coverage * float64(c.N)))
		out.ends, out.wrong = append(out.ends, end), append(out.wrong, int(math.Round(p.Risk*float64(end))))
	}
	for _, b := range c.Reliability {
		out.bins = append(out.bins, newBin(b))
	}
	return out
}

// stored writes curves down; nil if there are none.
func stored(made []*curve) *curves {
	all := &curves{}
	any := false
	for _, c := range made {
		if c == nil {
			c = &curve{withoutScale: true}
		}
		any = any || len(c.ends) > 0
		all.Thinned = all.Thinned || c.thinned
		all.Points = append(all.Points, c.points())
		all.AtRisk = append(all.AtRisk, c.thresholds())
		bins := c.bins
		if bins == nil {
			bins = []bin{}
		}
		all.Bins = append(all.Bins, bins)
	}
	if !any {
		return nil
	}
	return all
}

// points writes the ends of groups.
func (c *curve) points() string {
	var b strings.Builder
	end, wrong := 0, 0
	for g := range c.ends {
		k, w := c.ends[g]-end, c.wrong[g]-wrong
		end, wrong = c.ends[g], c.wrong[g]
		if k == 1 {
			b.WriteByte('0' + byte(w))
		} else {
			fmt.Fprintf(&b, "[%d:%d]", k, w)
		}
	}
	return b.String()
}

// thresholds are those at the steps of risk.
func (c *curve) thresholds() numbers {
	byRisk := numbers{}
	if c.withoutScale || len(c.ends) == 0 {
		return byRisk
	}
	for step := 1; step <= riskLevels; step++ {
		at := -1
		for g := range c.ends {
			if within(c.wrong[g], c.ends[g], step) {
				at = g
			}
		}
		byRisk = append(byRisk, c.threshold(at))
	}
	return byRisk
}

// threshold is a number below every confidence that point g accepts, and not below any
// other, with as few digits as can be; null if there is no such point or number, or if the
// point accepts all.
func (c *curve) threshold(g int) string {
	if g < 0 || g >= len(c.ends) || math.IsInf(c.rest[g], -1) {
		return "null"
	}
	t := between(c.rest[g], c.least[g])
	if math.IsNaN(t) || math.IsInf(t, 0) {
		return "null"
	}
	return decimal(t)
}
