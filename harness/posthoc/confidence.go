package posthoc

import (
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/recalibrate"
)

// bins is the number of bins of the binning maps, that of ECE.
const bins = 15

// calibrated completes the fit of a map of a confidence with its losses on the
// rows fitted on.
func (s *Sample) calibrated(c recalibrate.Map, direction float64, parameters ...Parameter) (*Map, Fit, error) {
	f := Fit{Rows: len(s.Correct), Parameters: parameters, Loss: "log-loss"}
	f.Before = s.logLoss(func(c float64) float64 { return c })
	f.After = s.logLoss(c.Apply)
	return &Map{confidence: c, direction: direction}, f, nil
}

// logLoss is the mean of -ln of the probability given to what was true.
// Probabilities below 1e-12 count as 1e-12.
func (s *Sample) logLoss(of func(float64) float64) float64 {
	total := 0.0
	for i, c := range s.Confidence {
		p := of(c)
		if !s.Correct[i] {
			p = 1 - p
		}
		total -= math.Log(max(p, floor))
	}
	return total / float64(len(s.Confidence))
}

// parted reports whether every right prediction is trusted more than every wrong one.
func (s *Sample) parted() bool {
	wrong, right := math.Inf(-1), math.Inf(1)
	for i, c := range s.Confidence {
		if s.Correct[i] {
			right = min(right, c)
		} else {
			wrong = max(wrong, c)
		}
	}
	return right > wrong
}

// sign is the direction of a map by its slope: 1 rising, -1 falling, 0 level.
func sign(slope float64) float64 {
	switch {
	case slope > 0:
		return 1
	case slope < 0:
		return -1
	}
	return 0
}

func fitPlatt(s *Sample) (*Map, Fit, error) {
	if s.parted() {
		return nil, Fit{}, errParted
	}
	p, err := recalibrate.FitPlatt(s.Confidence, s.Correct)
	if err != nil {
		return nil, Fit{}, err
	}
	if !(p.Slope > 0) {
		return nil, Fit{}, errReversed
	}
	return s.calibrated(p, sign(p.Slope), one("slope", p.Slope), one("intercept", p.Intercept))
}

func fitBeta(s *Sample) (*Map, Fit, error) {
	if s.parted() {
		return nil, Fit{}, errParted
	}
	b, err := recalibrate.FitBeta(s.Confidence, s.Correct)
	if err != nil {
		return nil, Fit{}, err
	}
	if !(b.A+b.B > 0) {
		return nil, Fit{}, errReversed
	}
	return s.calibrated(b, sign(b.A+b.B), one("a", b.A), one("b", b.B), one("intercept", b.Intercept))
}

func fitIsotonic(s *Sample) (*Map, Fit, error) {
	m, err := recalibrate.FitIsotonic(s.Confidence, s.Correct)
	if err != nil {
		return nil, Fit{}, err
	}
	if slices.Max(m.Y) == slices.Min(m.Y) {
		return nil, Fit{}, errReversed
	}
	return s.calibrated(m, 0, Parameter{"x", m.X}, Parameter{"y", m.Y})
}

func fitHistogram(s *Sample) (*Map, Fit, error) {
	return s.steps(recalibrate.FitHistogram(s.Confidence, s.Correct, bins))
}

func fitHistogramMass(s *Sample) (*Map, Fit, error) {
	return s.steps(recalibrate.FitHistogramMass(s.Confidence, s.Correct, bins))
}

func (s *Sample) steps(h recalibrate.Histogram, err error) (*Map, Fit, error) {
	if err != nil {
		return nil, Fit{}, err
	}
	return s.calibrated(h, 0, Parameter{"edges", h.Edges}, Parameter{"values", h.Value})
}

func fitBinned(s *Sample) (*Map, Fit, error) {
	if s.parted() {
		return nil, Fit{}, errParted
	}
	b, err := recalibrate.FitBinned(s.Confidence, s.Correct, bins)
	if err != nil {
		return nil, Fit{}, err
	}
	if !(b.Platt.Slope > 0) {
		return nil, Fit{}, errReversed
	}
	return s.calibrated(b, 0, one("slope", b.Platt.Slope), one("intercept", b.Platt.Intercept),
		Parameter{"edges", b.Steps.Edges}, Parameter{"values", b.Steps.Value})
}

// norms are the values of p that fitNorm chooses from.
var norms = []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}

func fitNorm(s *Sample) (*Map, Fit, error) {
	if len(s.Label) == 0 {
		return nil, Fit{}, errNoRows
	}
	loss := s.rankingLoss("aurc")
	n, err := recalibrate.FitNorm(s.Vectors, s.Classes, norms, loss)
	if err != nil {
		return nil, Fit{}, err
	}
	before := make([]float64, len(s.Label))
	recalibrate.Norm{Fallback: true}.Apply(before, s.Vectors, s.Classes)
	f := Fit{Rows: len(s.Label), Loss: "aurc", Before: loss(before), After: n.Loss, Parameters: []Parameter{one("p", n.P)}}
	if n.Fallback {
		f.Parameters, f.Note = nil, "msp is kept: no p ranks better"
	}
	return &Map{norm: &n, wants: metrics.FromLogits}, f, nil
}

// Calibrate returns the outcomes under maps of one confidence: base with only
// that confidence, replaced. Sample i is mapped by maps[which[i]], or by the
// first map if which is nil or which[i] is -1. A single rising map keeps the
// order of the confidence, even where rounding makes its values equal. Several
// maps need not agree, so samples are then ordered by the new values.
func Calibrate(base *metrics.Outcomes, name string, maps []*Map, which []int16) *metrics.Outcomes {
	c := base.Confidence(name)
	value := make([]float64, len(c.Value))
	for i, v := range c.Value {
		value[i] = pick(maps, which, i).confidence.Apply(v)
	}
	return replaced(base, metrics.Confidence{Name: name, Value: value, Key: orderOf(c, maps), Probability: true})
}

// orderOf returns the sort key of a confidence after one strictly monotone map;
// nil for other maps.
func orderOf(c *metrics.Confidence, maps []*Map) []float64 {
	if len(maps) != 1 || maps[0].direction == 0 {
		return nil
	}
	key := make([]float64, len(c.Value))
	for i, k := range c.Order() {
		key[i] = maps[0].direction * k
	}
	return key
}

// replaced returns outcomes that have only the prediction and one confidence.
func replaced(base *metrics.Outcomes, c metrics.Confidence) *metrics.Outcomes {
	return &metrics.Outcomes{Classes: base.Classes, Label: base.Label, Prediction: base.Prediction, Correct: base.Correct,
		LabelRank: base.LabelRank, Groups: base.Groups, ShouldAbstain: base.ShouldAbstain, Confidences: []metrics.Confidence{c}}
}

func pick(maps []*Map, which []int16, i int) *Map {
	if which == nil || which[i] < 0 {
		return maps[0]
	}
	return maps[which[i]]
}
