package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
)

// errNoSets is that of an input without prediction sets, which few runs make.
var errNoSets = errors.New("the folder has no prediction sets with one threshold for all rows: abstain run --sets lac,aps makes them")

// mostKinds is how many kinds of sets are drawn.
const mostKinds = 4

// abstainOrHedge draws one model's risk-coverage curve with its prediction sets: what it
// answers with one class, by a threshold or by a set, how often that is wrong, and how large
// the sets are.
func abstainOrHedge(in Input) ([]*Figure, error) {
	if len(in.Sets) == 0 {
		return nil, errNoSets
	}
	if len(in.Curves) == 0 {
		return nil, errNoCurves
	}
	c := in.Curves[0]
	rows := in.setRows(c.Model)
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s has no prediction sets with one threshold for all rows on the table shown: abstain run --sets lac,aps makes them", c.Model)
	}
	abstaining := Line{Name: "abstain below a threshold"}
	for _, p := range thin(pointsOf(c.RiskCoverage), tolerance) {
		abstaining.X, abstaining.Y = append(abstaining.X, p.X), append(abstaining.Y, Number(p.Y))
	}
	risk := LinePanel{Title: "wrong, of the rows answered with one class", Y: Axis{Label: "error rate"}, Lines: []Line{abstaining}}
	size := LinePanel{Title: "classes in a set, mean over all rows", Y: Axis{Label: "mean set size"}}
	top := highest(c.RiskCoverage)
	for _, r := range rows {
		wrong, classes := hedged(r)
		risk.Lines, size.Lines = append(risk.Lines, wrong), append(size.Lines, classes)
		for _, v := range wrong.Y {
			if finite(v.At) {
				top = max(top, v.At)
			}
		}
	}
	size.Levels = []Level{{At: 1, Name: "one class"}}
	risk.Top = min(1, 1.08*max(top, c.ErrorRate))
	first := rows[0]
	l := Lines{X: Axis{Label: "coverage: share answered with one class"}, Panels: []LinePanel{risk, size}, Share: true}
	caption := fmt.Sprintf("%s: the same rows answered with one class by two rules. Abstaining answers above a threshold of confidence and says nothing of the "+
		"other rows. Hedging answers every row with a set of classes, and with one class where the set has no other; alpha falls from right to left, "+
		"and its sets hold the true class in the share 1 - alpha. At equal coverage the left panel says which rule is wrong less often, the right one what "+
		"the sets of the other rows cost. %s; %d of these rows judge the sets, calibrated on %s (%d rows).",
		c.Model, in.convention(), first.N, first.On, first.Rows)
	return l.Figures(Text{Title: "Abstain or hedge", Caption: caption})
}

// hedged are the lines of one kind of set: the error rate of single classes, and the size of
// all sets, by the share of single classes. It begins at the alpha at which this is largest: for larger ones
// sets are empty, not small.
func hedged(r results.SetRow) (wrong, size Line) {
	points := slices.DeleteFunc(r.Points(), func(p conform.Point) bool { return math.IsNaN(p.Singles) || math.IsNaN(p.SinglesCorrect) })
	most := 0
	for i, p := range points {
		if p.Singles > points[most].Singles {
			most = i
		}
	}
	name := "hedge by sets: " + r.Score
	if r.Randomised {
		name += ", randomised"
	}
	wrong.Name, size.Name = name, name
	for i := len(points) - 1; i >= most; i-- {
		p := points[i]
		if n := len(wrong.X); n > 0 && p.Singles < wrong.X[n-1] {
			continue // chance of few rows
		}
		wrong.X, wrong.Y = append(wrong.X, p.Singles), append(wrong.Y, Number(1-p.SinglesCorrect))
		size.X, size.Y = append(size.X, p.Singles), append(size.Y, Number(p.Size))
	}
	return wrong, size
}

// setRows are the rows with a curve of one model on the table shown.
func (in Input) setRows(model string) []results.SetRow {
	var rows []results.SetRow
	for _, r := range in.Sets {
		if r.Model != model || r.Curve == "" || len(rows) == mostKinds {
			continue
		}
		if in.Board == nil || r.Dataset == in.Board.Choice.Dataset && r.Split == in.Board.Choice.Split && r.Condition == in.Board.Choice.Condition {
			rows = append(rows, r)
		}
	}
	return rows
}
