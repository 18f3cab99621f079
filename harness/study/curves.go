package study

import (
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness"
	"abstain/metrics"
)

// Curves is what the figures draw of one model.
type Curves struct {
	Model        string
	Confidence   string
	Meta         datasets.Meta
	N            int
	RiskCoverage []metrics.Point // one point per group of equal confidence, coverage rising
	Oracle       []metrics.Point // the same errors perfectly ranked
	ErrorRate    float64         // the risk of random selection, at every coverage
	Reliability  []metrics.Bin   // ReliabilityBins equal-width bins; nil if the confidence is no probability
}

// ReliabilityBins is the number of bins of a reliability diagram, that of ECE.
const ReliabilityBins = 15

// NewCurves computes the curves of one row from the outcomes that the run kept.
func NewCurves(s *harness.Results, row harness.Row) (*Curves, error) {
	o, err := s.Outcomes(row.Key)
	if err != nil {
		return nil, err
	}
	c := o.Confidence(row.Confidence)
	if c == nil {
		return nil, fmt.Errorf("the outcomes of %s hold no confidence function %q", row.Model, row.Confidence)
	}
	r := metrics.Rank(o, c)
	curves := &Curves{Model: row.Model, Confidence: row.Confidence, Meta: s.Meta(row.Model, row.Dataset), N: r.N(),
		RiskCoverage: metrics.RiskCoverage(r), Oracle: metrics.Oracle(r)}
	if r.N() > 0 {
		curves.ErrorRate = float64(r.Errors) / float64(r.N())
	}
	if c.Probability {
		curves.Reliability = metrics.Reliability(r, ReliabilityBins)
	}
	return curves, nil
}

// Exemplars picks the models whose curves say most about a board: the first of
// the ranking, the middle and the last, spread evenly over its defined entries.
func Exemplars(b *Board, n int) []string {
	defined := slices.DeleteFunc(slices.Clone(b.Entries), func(e Entry) bool { return !e.Value.Defined() })
	if len(defined) <= n {
		n = len(defined)
	}
	var names []string
	for i := range n {
		at := 0
		if n > 1 {
			at = i * (len(defined) - 1) / (n - 1)
		}
		names = append(names, defined[at].Model)
	}
	return names
}
