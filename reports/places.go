package reports

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/figure"
	"abstain/reports/words"
)

// mostSettings is how many conditions have a panel of places.
const mostSettings = 4

// places offers the places of the models under conditions beside their clean ones: for the
// condition under which they agree most, for that under which they agree least, and for two
// between.
func (c *composer) places() {
	f, err := c.order(vg.Length(measureWidth), 0)
	if err != nil {
		return
	}
	p := drawnFigure(f, 0)
	p.mark = "How the order changes"
	c.add(offer{full: p})
}

// order draws the places; it is as high as it has to be.
func (c *composer) order(w, _ vg.Length) (*figure.Figure, error) {
	d, f := c.conditions(), c.a.Find("conditions")
	if d == nil || f == nil || f.Table == nil {
		return nil, c.lacking("conditions")
	}
	by := slices.IndexFunc(f.Table.Columns, func(x answers.Column) bool { return x.Kind == answers.Coefficient })
	if by < 0 {
		return nil, errors.New("the study compares no orders under conditions")
	}
	var ranks []study.Correlation
	for _, r := range d.Ranks {
		if r.A == f.Table.Columns[by].Measure && !math.IsNaN(r.Spearman) {
			ranks = append(ranks, r)
		}
	}
	slices.SortStableFunc(ranks, func(a, b study.Correlation) int { return cmp.Compare(b.Spearman, a.Spearman) })
	p := figure.Places{X: "place on clean samples", Y: "place under the condition", Width: w}
	var chosen []study.Correlation
	n := min(mostSettings, len(ranks))
	for k := range n {
		r := ranks[k*(len(ranks)-1)/max(1, n-1)]
		if panel, ok := placePanel(d, r); ok {
			chosen, p.Panels = append(chosen, r), append(p.Panels, panel)
		}
	}
	if len(chosen) < 2 {
		return nil, errors.New("fewer than two conditions have enough models")
	}
	first, last := chosen[0], chosen[len(chosen)-1]
	return one(p.Figures(figure.Text{Name: "order", Title: fmt.Sprintf("%s keeps the order of the models best, %s least",
		words.Capital(answers.Condition(first.Scope)), answers.Condition(last.Scope)),
		Caption: fmt.Sprintf("Places by %s, of the models that have tables under the condition; ρ is Spearman's correlation. Clean values are over the same samples, so part of the agreement is luck.",
			study.Label(first.A))}))
}

// conditions is what the study found under conditions; nil if it has none.
func (c *composer) conditions() *study.Conditions {
	if c.d.Study == nil {
		return nil
	}
	for _, e := range c.d.Study.Experiments {
		if d, ok := e.Data.(*study.Conditions); ok {
			return d
		}
	}
	return nil
}

// placePanel ranks the models that have both values, on clean samples and under a condition.
func placePanel(d *study.Conditions, r study.Correlation) (figure.PlacePanel, bool) {
	s := slices.IndexFunc(d.Settings, func(x study.Condition) bool { return x.Name == r.Scope })
	m := slices.Index(d.Metrics, r.A)
	if s < 0 || m < 0 {
		return figure.PlacePanel{}, false
	}
	var clean, under []float64
	for i := range d.Models {
		a, b := d.Clean[s][m][i], d.Under[s][m][i]
		if !math.IsNaN(a) && !math.IsNaN(b) {
			clean, under = append(clean, a), append(under, b)
		}
	}
	if len(clean) < 8 {
		return figure.PlacePanel{}, false
	}
	note := "ρ = " + words.Minus(fmt.Sprintf("%.2f", r.Spearman))
	if in := r.SpearmanIn; in.Defined() {
		note += fmt.Sprintf(" [%s, %s]", words.Minus(fmt.Sprintf("%.2f", in.Lo)), words.Minus(fmt.Sprintf("%.2f", in.Hi)))
	}
	return figure.PlacePanel{Name: answers.Condition(r.Scope), Note: note, X: placesOf(clean, d.Better[m]), Y: placesOf(under, d.Better[m])}, true
}

// placesOf are the places of values, 1 the best; equal values share the mean of theirs.
func placesOf(values []float64, better metrics.Direction) []float64 {
	places := make([]float64, len(values))
	for i, v := range values {
		before, equal := 0, 0
		for _, w := range values {
			switch {
			case w == v:
				equal++
			case (w > v) == (better == metrics.Higher):
				before++
			}
		}
		places[i] = float64(before) + float64(equal+1)/2
	}
	return places
}
