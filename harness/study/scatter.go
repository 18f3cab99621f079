package study

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// Scatter holds models as points by two of their metrics.
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

// order lists the models that have a value, best first; equal ones are by name.
func (f *Folder) order(c *column) []int {
	order := slices.DeleteFunc(f.every(), func(i int) bool { return math.IsNaN(c.Values[i]) })
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(-c.improves()*c.Values[a], -c.improves()*c.Values[b]), cmp.Compare(f.models[a].row.Model, f.models[b].row.Model))
	})
	return order
}
