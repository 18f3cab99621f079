package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// rankingCalibration sets how well errors are ranked against how well
// confidence is calibrated.
func rankingCalibration(f *Folder, e *Experiment) {
	auroc, ece := f.column("auroc"), f.calibration()
	if auroc == nil || ece == nil || auroc.known() == 0 || ece.known() == 0 {
		e.missingSentence("AUROC and a calibration error (ece@15, or accuracy and mean-confidence) of the same models")
		return
	}
	s := f.scatter(auroc, ece)
	e.Data = s
	t := s.table("ranking-calibration")
	t.Columns = append(t.Columns, "minus_log10_"+ece.ID)
	for k := range t.Rows {
		t.Rows[k] = append(t.Rows[k], -math.Log10(s.Points[k].Y))
	}
	e.Tables = []Table{t}
	if c, ok := correlate(auroc, ece, f.every(), "all", f.level); ok {
		e.findSentence(false, c.N, "model", fmt.Sprintf("%s interval over new models; %s", percent(f.level), probability(c.P)),
			"models that rank their errors better are %s calibrated, as far as the rank correlation goes: Spearman(%s, %s) = %s",
			map[bool]string{true: "better", false: "worse"}[c.Spearman < 0], auroc.Label, ece.Label, correlated(c.Spearman, c.SpearmanIn))
	}
	front := s.front()
	e.findSentence(false, len(s.Points), "model", "exact count on these values; their sampling error may move models on and off",
		"%s no other model is better at both %s and %s: %s", plural2(len(front), "model is such that", "models are such that"), auroc.Label, ece.Label, names(firstOf(front, 8)))
	e.over(f)
}

// front lists the models that no other betters in both, where x is better higher
// and y lower; best x first.
func (s *Scatter) front() []string {
	points := slices.Clone(s.Points)
	slices.SortStableFunc(points, func(a, b ScatterPoint) int { return cmp.Or(cmp.Compare(b.X, a.X), cmp.Compare(a.Y, b.Y)) })
	var list []string
	best := math.Inf(1)
	for _, p := range points {
		if p.Y < best {
			best = p.Y
			list = append(list, p.Model)
		}
	}
	return list
}

// over says which share of the models is over-confident on average.
func (e *Experiment) over(f *Folder) {
	c := f.column("overconfidence")
	if c == nil || c.known() == 0 {
		return
	}
	n, k := c.known(), positive(c.Values)
	lo, hi := wilson(k, n, f.level)
	e.findSentence(false, n, "model", fmt.Sprintf("%s Wilson interval over new models", percent(f.level)),
		"%.0f %% [%.0f, %.0f] of the models are over-confident on average (mean confidence above accuracy)", 100*float64(k)/float64(n), 100*lo, 100*hi)
}
