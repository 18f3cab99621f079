package study

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// RankingWithCalibration is the rank correlation of how well a model ranks its errors
// with how well it is calibrated.
type RankingWithCalibration struct {
	Ranking, Calibration string // ids; the calibration is an error, better lower
	Spearman             float64
	In                   Bounds
}

// Undominated names the models for which no other is better in both metrics.
type Undominated struct {
	Ranking, Calibration string   // ids
	Models               []string // best ranking first
}

// Overconfident counts the models whose mean confidence is above their accuracy.
type Overconfident struct {
	Over, Models int
	Share        Bounds // of the models there could be
}

// NoRankingCalibration says that no models have both values.
type NoRankingCalibration struct{}

func (RankingWithCalibration) claim() {}
func (Undominated) claim()            {}
func (Overconfident) claim()          {}
func (NoRankingCalibration) missing() {}

// rankingCalibration compares how well models rank their errors with how well they are
// calibrated: many do one but not the other.
func rankingCalibration(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	auroc, ece := f.column("auroc"), f.calibration()
	if auroc == nil || ece == nil || auroc.known() == 0 || ece.known() == 0 {
		e.missing(NoRankingCalibration{})
		return e, nil
	}
	s := f.scatter(auroc, ece)
	e.Data = s
	t := s.table("ranking-calibration")
	t.Columns = append(t.Columns, "minus_log10_"+ece.ID)
	for k := range t.Rows {
		t.Rows[k] = append(t.Rows[k], -math.Log10(s.Points[k].Y))
	}
	e.Tables = []Table{t}
	if c, ok := f.correlate(auroc, ece, f.every(), "all"); ok {
		e.find(Finding{Claim: RankingWithCalibration{auroc.ID, ece.ID, c.Spearman, c.SpearmanIn}, Basis: c.basis(f.level), N: c.N, Of: Models})
	}
	e.find(Finding{Claim: Undominated{auroc.ID, ece.ID, s.front()}, Basis: Basis{Counted: true}, N: len(s.Points), Of: Models})
	e.over(f)
	return e, nil
}

// front lists the models for which no other is better in both, best x first. Higher x
// and lower y are better.
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
	var models []int
	for i, v := range c.Values {
		if !math.IsNaN(v) {
			models = append(models, i)
		}
	}
	n, k := len(models), positive(c.Values)
	share, basis := f.shareOf(k, models)
	e.find(Finding{Claim: Overconfident{k, n, share}, N: n, Of: Models, Basis: basis})
}
