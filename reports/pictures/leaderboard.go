package pictures

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
)

var leaderboard = Picture{
	Name: "leaderboard", Title: "Leaderboard",
	Claim: leaderClaim, Basis: leaderBasis, Missing: leaderMissing, Note: leaderNote,
	Listing: leaderListing, Figures: leaderFigures,
}

func leaderClaim(c study.Claim) string {
	if c, ok := c.(study.Extremes); ok {
		return fmt.Sprintf("the best by %s are %s (the first is %s); the worst are %s", study.Label(c.Metric), modelEstimates(c.Best), firstOf(c.Tied), modelEstimates(c.Worst))
	}
	return unsaid(c)
}

// firstOf says how sure it is that the first of a list is the best.
func firstOf(t study.Tied) string {
	if !t.Tested() {
		return "not tested against the others"
	}
	return notToldApart(t)
}

// modelEstimates lists models with their values.
func modelEstimates(list []study.ModelEstimate) string {
	var all []string
	for _, m := range list {
		all = append(all, m.Model+" "+estimated(m.Estimate))
	}
	return strings.Join(all, ", ")
}

func leaderBasis(f study.Finding) string { return ownIntervals(f.Basis) }

func leaderMissing(m study.Missing) string {
	c, ok := m.(study.EmptyColumn)
	if !ok {
		return unsaid(m)
	}
	text := fmt.Sprintf("column %s: the folder has no %s", c.Column, c.Metric)
	if c.Scaled {
		text += " of the transform temperature (abstain run --transform none,temperature)"
	}
	return text
}

func leaderNote(n study.Note) string {
	if _, ok := n.(study.OfficialConventions); ok {
		return "fractions, not percent; the official code of the paper decides ties and operating points by row order, " +
			"abstain by groups of equal confidence (abstain ls metrics --verbose)"
	}
	return unsaid(n)
}

func leaderFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Leaderboard)
	if !ok {
		return nil, nil
	}
	return draw(leaderForest(d))
}

// leaderForest shows the best models and the worst by AUROC, with intervals.
func leaderForest(d *study.Leaderboard) []sketch {
	const best, worst = 30, 10
	f := figure.Forest{Axis: axis("auroc"), Reference: math.NaN(), Head: "model", Heads: []string{"place"}}
	n := 0
	for n < len(d.AUROC) && d.AUROC[n].Defined() {
		n++
	}
	for k := range n {
		if k >= best && k < n-worst {
			continue
		}
		row := figure.ForestRow{Name: fmt.Sprint(d.Table.Rows[k][0]), Value: figure.Estimated(d.AUROC[k]), Texts: []string{fmt.Sprint(k + 1)}}
		if k == n-worst && k > best {
			row.Section = fmt.Sprintf("the last %d of %d", worst, n)
		}
		f.Rows = append(f.Rows, row)
	}
	if len(f.Rows) == 0 {
		return nil
	}
	caption := fmt.Sprintf("All %d models.", n)
	if n > len(f.Rows) {
		caption = fmt.Sprintf("The first %d and the last %d of %d models.", best, worst, n)
	}
	return []sketch{{"leaderboard", "Best and worst by AUROC", caption + " Intervals are those of each value by itself.", f}}
}

// leaderListing is the top of the leaderboard, with columns in the official
// order. Columns without a value are left out.
func leaderListing(r *study.Report, e *study.Experiment) *Listing {
	d, ok := e.Data.(*study.Leaderboard)
	if !ok {
		return nil
	}
	t := d.Table
	const rows = 20
	var keep []int
	for k := range t.Columns {
		if k == 0 || slices.ContainsFunc(t.Rows, func(row []any) bool { v, ok := row[k].(float64); return ok && !math.IsNaN(v) }) {
			keep = append(keep, k)
		}
	}
	l := &Listing{Note: fmt.Sprintf("the first %d of %d models by AUROC; fractions", min(rows, len(t.Rows)), len(t.Rows))}
	for _, k := range keep {
		l.Columns = append(l.Columns, Column{t.Columns[k], k > 0})
	}
	for _, row := range t.Rows[:min(rows, len(t.Rows))] {
		var cells []string
		for _, k := range keep {
			switch v := row[k].(type) {
			case float64:
				text := "–"
				if !math.IsNaN(v) {
					text = fmt.Sprintf("%.4f", v)
				}
				cells = append(cells, text)
			default:
				cells = append(cells, fmt.Sprint(v))
			}
		}
		l.Rows = append(l.Rows, cells)
	}
	return l
}
