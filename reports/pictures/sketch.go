package pictures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
)

// draw turns each sketch into one or several figures.
func draw(sketches []sketch) ([]*figure.Figure, error) {
	var all []*figure.Figure
	for _, s := range sketches {
		parts, err := s.picture.Figures(figure.Text{Name: s.name, Title: s.title, Caption: s.caption})
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", s.name, err)
		}
		all = append(all, parts...)
	}
	return all, nil
}

// sketch is a picture with its title and caption.
type sketch struct {
	name, title, caption string
	picture              figure.Picture
}

func axis(id string) figure.Axis {
	return figure.Axis{Label: study.Label(id), Better: study.Direction(id)}
}

// strip is a row that shows changes.
func strip(c *study.Changes) figure.Strip {
	if c == nil {
		return figure.Strip{}
	}
	s := figure.Strip{Values: c.Values, Median: value(c), Note: fmt.Sprintf("%d/%d better, %s", c.Better, len(c.Values), shortP(c.P))}
	if len(c.Values) >= 4 {
		s.Quartiles = c.Quartiles
	}
	return s
}

// value is the median of changes, with the interval that generalises farthest.
func value(c *study.Changes) figure.Value {
	b, _ := c.Widest()
	return figure.Value{At: c.Median, Lo: b.Lo, Hi: b.Hi}
}

func shortP(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p –"
	case p < 0.001:
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// bareP is shortP for a column of p-values.
func bareP(p float64) string {
	return strings.TrimPrefix(strings.TrimPrefix(shortP(p), "p "), "= ")
}

// changeStrips has a row for each treatment and a panel for each metric.
func changeStrips(rows []string, panels []figure.StripPanel, of func(panel int, row string) *study.Changes) figure.Strips {
	s := figure.Strips{Rows: rows, Panels: panels}
	for k := range s.Panels {
		s.Panels[k].Reference = 0
		for _, row := range rows {
			s.Panels[k].Strips = append(s.Panels[k].Strips, strip(of(k, row)))
		}
	}
	return s
}

func reach(r *study.Report) string {
	if r.Replicates > 0 {
		return "new models and new samples"
	}
	return "new models"
}

// middle is the median of the defined values.
func middle(values []float64) float64 {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// markedRegimes are the regimes that get a colour: the most frequent ones, except
// the vanilla one and models without a stated regime, which are the background
// for the others.
func markedRegimes(points []study.ScatterPoint) []string {
	const most = 8
	n := map[string]int{}
	var regimes []string
	for _, p := range points {
		if p.Regime == "" || p.Regime == "vanilla" {
			continue
		}
		if n[p.Regime] == 0 {
			regimes = append(regimes, p.Regime)
		}
		n[p.Regime]++
	}
	slices.SortFunc(regimes, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	return regimes[:min(most, len(regimes))]
}
