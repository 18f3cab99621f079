package pictures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

const borrowedTitle = "Calibration borrowed from another model"

var borrowedCalibration = Picture{
	Name: "borrowed-calibration", Title: borrowedTitle,
	Claim: borrowedClaim, Basis: borrowedBasis, Missing: borrowedMissing, Note: borrowedNote,
	Listing: noListing, Figures: borrowedFigures,
}

func borrowedClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.BorrowedCalibration:
		return borrowedSentence(c)
	case study.CloudCovered:
		return fmt.Sprintf("the sets hold the cloud's distribution as often as their law allows in 95 %% of draws for %d of %d: %s at %d eps",
			c.Inside, c.All, words.Plural(c.Edges, "edge"), c.Eps)
	case study.CredalAbstention:
		var parts []string
		area := words.UnitNamed("aurc")
		for _, s := range c.Scores {
			doubt := ""
			if !(s.P <= 0.05) {
				doubt = ", not beyond chance"
			}
			parts = append(parts, fmt.Sprintf("%s %s, better for %d and worse for %d (%s%s)", s.Name, withUnit(area, area.Signed(s.Change)), s.Better, s.Worse, words.PValue(s.P), doubt))
		}
		return "abstaining by what the set leaves open, AURC less that by the hedged msp: " + strings.Join(parts, "; ")
	}
	return unsaid(c)
}

func borrowedSentence(c study.BorrowedCalibration) string {
	best, ece := "", words.UnitNamed("ece@15")
	if c.Best {
		best = ", of those asked the one of the least ECE on these rows"
	}
	text := fmt.Sprintf("hedged with %s (%s, eps %g%s), ECE falls for %d of %s and rises for %d, beyond what their rows leave open: median %s, as they are %s",
		c.Cloud, c.Divergence, c.Eps, best, c.Better, words.Plural(c.Edges, "edge"), c.Worse, ece.With(c.After), ece.With(c.Before))
	text += fmt.Sprintf("; it loses to temperatures fitted with labels (%s) for %d, and to the cloud's temperature (%s) for %d, which it beats for %d",
		ece.With(c.AtTemperature), c.LosesToTemperature, ece.With(c.AtCloudTemperature), c.LosesToCloudsTemper, c.BeatsCloudsTemper)
	if c.Accuracy == 0 {
		text += "; no class changes"
	} else {
		text += fmt.Sprintf("; accuracy moves by %s at most", words.UnitNamed("accuracy").With(c.Accuracy))
	}
	if c.CloudIsWorse > 0 {
		text += fmt.Sprintf("; %s more often right than the cloud", words.Count(c.CloudIsWorse, "edge is", "edges are"))
	}
	return text
}

func borrowedBasis(f study.Finding) string {
	switch f.Claim.(type) {
	case study.CloudCovered:
		return "exact count; the law is Beta-binomial, of the rows that gave the threshold and those judged"
	case study.CredalAbstention:
		t := f.Basis.Tests[0]
		return fmt.Sprintf("median change on the same rows; Wilcoxon with Holm over %s over %s", many(t.Family), words.Plural(t.Units, "unit"))
	}
	return words.Percent(f.Basis.Intervals[0].Level) + " paired intervals of each edge by itself, over new samples"
}

func borrowedMissing(m study.Missing) string {
	if _, ok := m.(study.NotBorrowed); ok {
		return "no model compared has borrowed a calibration on these samples: abstain run CORPUS --credal cloud=MODEL,edge=PATTERN"
	}
	return unsaid(m)
}

func borrowedNote(n study.Note) string {
	if n, ok := n.(study.OneCloud); ok {
		return fmt.Sprintf("all thresholds are taken from the same %s with the same cloud, so that the coverages of the edges move together", words.Plural(n.Rows, "row"))
	}
	return unsaid(n)
}

// mostShown is the number of edges with bands.
const mostShown = 3

func borrowedFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Borrowed)
	if !ok || len(d.Eps) < 2 {
		return nil, nil
	}
	return draw([]sketch{borrowedLines(r, d)})
}

// borrowedLines shows each edge's ECE over eps, those worst calibrated with their intervals.
func borrowedLines(r *study.Report, d *study.Borrowed) sketch {
	order := make([]int, len(d.Edges))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.Edge[b], d.Edge[a]) })
	p := figure.LinePanel{Y: axis(d.Metric)}
	for k, i := range order {
		line := figure.Line{Name: d.Edges[i], Faint: k >= mostShown, X: d.Eps}
		for e := range d.Eps {
			v := figure.Number(d.ECE[i][e])
			if k < mostShown {
				v = figure.Value{At: d.ECE[i][e], Lo: max(0, d.Lo[i][e]), Hi: d.Hi[i][e]}
			}
			line.Y = append(line.Y, v)
		}
		p.Lines = append(p.Lines, line)
	}
	for _, l := range []struct {
		name string
		of   []float64
	}{{"own temperatures (labels), median", d.Own}, {"the cloud's temperature, median", d.CloudT}} {
		m := figure.Number(medianOf(l.of))
		p.Lines = append(p.Lines, figure.Line{Name: l.name, X: []float64{d.Eps[0], d.Eps[len(d.Eps)-1]}, Y: []figure.Value{m, m}})
	}
	p.Levels = []figure.Level{{At: medianOf(d.Edge), Name: "as they are, median"}}
	caption := fmt.Sprintf("ECE of %s hedged with %s (%s), over eps: the smaller, the wider are the sets. Bands are the %s intervals of the change from the edge as it is, of those calibrated worst. "+
		"Horizontal lines are the edges without it.", words.Plural(len(d.Edges), "edge"), d.Cloud, d.Divergence, words.Percent(r.Level))
	return sketch{"borrowed-calibration", borrowedTitle, caption, figure.Lines{X: figure.Axis{Label: "eps, the share of rows whose set may miss the cloud"}, Panels: []figure.LinePanel{p}}}
}

// medianOf values that are not NaN.
func medianOf(values []float64) float64 {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}
