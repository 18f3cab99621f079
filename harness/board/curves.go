package board

import (
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// Curves is what the figures draw of one model.
type Curves struct {
	Model        string
	Confidence   string
	Meta         datasets.Meta
	N            int
	RiskCoverage []metrics.Point // one point per group of equal confidence, coverage rising
	Oracle       []metrics.Point // the same errors perfectly ranked
	Level        float64         // of the bands; 0: none were made
	RiskBand     Band            // of RiskCoverage, for each point by itself
	AccuracyBand Band            // of the bins of Reliability, for each by itself; NaN for empty bins
	ErrorRate    float64         // the risk of random selection, at every coverage
	Reliability  []metrics.Bin   // ReliabilityBins equal-width bins; nil if the confidence is no probability
}

// Band is the interval at each point of a curve; both nil if there is none.
type Band struct{ Lo, Hi []float64 }

// ReliabilityBins is the number of bins of a reliability diagram, that of ECE.
const ReliabilityBins = 15

// NewCurves computes the curves of one row from the outcomes that the run kept.
func NewCurves(s *results.Results, row results.Row) (*Curves, error) {
	o, err := s.Outcomes(row.Key)
	if err != nil {
		return nil, err
	}
	c := o.Confidence(row.Confidence)
	if c == nil {
		return nil, fmt.Errorf("the outcomes of %s hold no confidence function %q", row.Model, row.Confidence)
	}
	r := metrics.Rank(o, c)
	curves := &Curves{Model: row.Model, Confidence: row.Confidence, Meta: s.Meta(row.Model, row.Dataset), N: r.All(),
		RiskCoverage: metrics.RiskCoverage(r), Oracle: metrics.Oracle(r)}
	if r.N() > 0 {
		curves.ErrorRate = float64(r.Errors) / float64(r.N())
	}
	if c.Probability {
		curves.Reliability = metrics.Reliability(r, ReliabilityBins)
	}
	if curves.Level = s.Run.Intervals.Level; curves.Level > 0 {
		curves.RiskBand.Lo, curves.RiskBand.Hi = resample.RiskBand(curves.RiskCoverage, r.All(), curves.Level)
		curves.AccuracyBand.Lo, curves.AccuracyBand.Hi = resample.ReliabilityBand(curves.Reliability, curves.Level)
	}
	return curves, nil
}

// quantiles are the places of a ranking at which Exemplars picks. The very
// last place is not among them: a broken model would flatten all other curves.
var quantiles = []float64{0, 0.1, 0.25, 0.5, 0.75, 0.9}

// Exemplars picks models whose curves show the range of a board: those at the
// places 0, 10, 25, 50, 75 and 90 % from the best, among the entries that have
// a value.
func Exemplars(b *Board) []string {
	defined := slices.DeleteFunc(slices.Clone(b.Entries), func(e Entry) bool { return !e.Value.Defined() })
	var names []string
	for _, q := range quantiles {
		at := int(q * float64(len(defined)))
		if at < len(defined) && !slices.Contains(names, defined[at].Model) {
			names = append(names, defined[at].Model)
		}
	}
	return names
}
