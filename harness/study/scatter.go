package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Scatter is what experiments E2 and E3 show: models by two of their metrics.
type Scatter struct {
	X, Y   string // ids
	Labels [2]string
	Points []ScatterPoint
}

// ScatterPoint is one model.
type ScatterPoint struct {
	Model, Family, Regime string
	Params                float64 // 0 if not known
	X, Y                  float64
}

// scatter lists the models with both values.
func (f *Folder) scatter(x, y *column) *Scatter {
	s := &Scatter{X: x.ID, Y: y.ID, Labels: [2]string{x.Label, y.Label}}
	for i, m := range f.models {
		if !math.IsNaN(x.Values[i] - y.Values[i]) {
			s.Points = append(s.Points, ScatterPoint{m.row.Model, m.meta.Get("family"), m.meta.Get("regime"), f.params(i), x.Values[i], y.Values[i]})
		}
	}
	return s
}

// params is a model's number of parameters; 0 if it is not known.
func (f *Folder) params(i int) float64 {
	v, err := strconv.ParseFloat(f.models[i].meta.Get("params"), 64)
	if err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0
	}
	return v
}

func (s *Scatter) table(name string) Table {
	t := Table{Name: name, Columns: []string{"model", "family", "regime", "params", s.X, s.Y}}
	for _, p := range s.Points {
		params := math.NaN()
		if p.Params > 0 {
			params = p.Params
		}
		t.add(p.Model, p.Family, p.Regime, params, p.X, p.Y)
	}
	return t
}

// rankingCalibration is E2: how well errors are ranked against how well
// confidence is calibrated.
func rankingCalibration(f *Folder, e *Experiment) {
	auroc, ece := f.column("auroc"), f.calibration()
	if auroc == nil || ece == nil || auroc.known() == 0 || ece.known() == 0 {
		e.missing("AUROC and a calibration error (ece@15, or accuracy and mean-confidence) of the same models")
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
		e.find(false, c.N, "model", fmt.Sprintf("%s interval over new models; %s", percent(f.level), probability(c.P)),
			"models that rank their errors better are %s calibrated, as far as the rank correlation goes: Spearman(%s, %s) = %s",
			map[bool]string{true: "better", false: "worse"}[c.Spearman < 0], auroc.Label, ece.Label, correlated(c.Spearman, c.SpearmanIn))
	}
	front := s.front()
	e.find(false, len(s.Points), "model", "exact count on these values; their sampling error may move models on and off",
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

func firstOf(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n]), fmt.Sprintf("%d more", len(list)-n))
}

// extremes names the best and the worst models by a metric.
func (f *Folder) extremes(e *Experiment, c *column) {
	order := f.order(c)
	if len(order) == 0 {
		return
	}
	say := func(list []int) string {
		var words []string
		for _, i := range list {
			words = append(words, f.models[i].row.Model+" "+f.value(i, c.ID))
		}
		return strings.Join(words, ", ")
	}
	few := min(5, (len(order)+1)/2)
	worst := slices.Clone(order[len(order)-few:])
	slices.Reverse(worst)
	e.find(false, len(order), "model", f.intervalBy(f.estimate(order[0], c.ID)),
		"the best by %s are %s; the worst are %s", c.Label, say(order[:few]), say(worst))
}

// order lists the models with a value, best first, equal ones by name.
func (f *Folder) order(c *column) []int {
	order := slices.DeleteFunc(f.every(), func(i int) bool { return math.IsNaN(c.Values[i]) })
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(-c.improves()*c.Values[a], -c.improves()*c.Values[b]), cmp.Compare(f.models[a].row.Model, f.models[b].row.Model))
	})
	return order
}

// over says which share of the models is over-confident on average.
func (e *Experiment) over(f *Folder) {
	c := f.column("overconfidence")
	if c == nil || c.known() == 0 {
		return
	}
	n, k := c.known(), positive(c.Values)
	lo, hi := wilson(k, n, f.level)
	e.find(false, n, "model", fmt.Sprintf("%s Wilson interval over new models", percent(f.level)),
		"%.0f %% [%.0f, %.0f] of the models are over-confident on average (mean confidence above accuracy)", 100*float64(k)/float64(n), 100*lo, 100*hi)
}

// wilson is the score interval of a share.
func wilson(k, n int, level float64) (lo, hi float64) {
	z, m := normalQuantile(level), float64(n)
	p := float64(k) / m
	centre, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return (centre - half) / (1 + z*z/m), (centre + half) / (1 + z*z/m)
}
