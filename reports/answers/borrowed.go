package answers

import (
	"fmt"
	"math"
	"slices"

	"abstain/harness/study"
	"abstain/reports/words"
)

// borrowed is what hedging with another model's calibration does to the ECE, by eps.
func (k *asking) borrowed() *Finding {
	d, ok := k.experiment("borrowed-calibration").Data.(*study.Borrowed)
	if !ok {
		return nil
	}
	unit := words.UnitNamed(d.Metric)
	before := middle(d.Edge)
	t := &Table{Title: "Medians over edges, hedged with " + d.Cloud, Columns: []Column{named("eps"), {Head: "ECE as they are", Kind: Value, Unit: unit},
		{Head: "ECE hedged", Kind: Value, Unit: unit}, counted("better"), counted("worse"), counted("edges")}}
	best, least := 0, math.Inf(1)
	var lower, higher []int
	for e, eps := range d.Eps {
		var after []float64
		better, worse := 0, 0
		for i := range d.Edges {
			after = append(after, d.ECE[i][e])
			if d.Hi[i][e] < d.Edge[i] {
				better++
			}
			if d.Lo[i][e] > d.Edge[i] {
				worse++
			}
		}
		m := middle(after)
		if lower, higher = append(lower, better), append(higher, worse); m < least {
			best, least = e, m
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(fmt.Sprint(eps)), number(before), number(m), number(float64(better)), number(float64(worse)),
			number(float64(len(d.Edges)))}})
	}
	sentence := fmt.Sprintf("Hedged with %s at eps %g, ECE is provably lower for %d of %s and higher for %d", d.Cloud, d.Eps[best], lower[best],
		words.Plural(len(d.Edges), "edge"), higher[best])
	if worst := slices.Index(higher, slices.Max(higher)); higher[worst] > higher[best] {
		sentence += fmt.Sprintf("; at eps %g it is higher for %d", d.Eps[worst], higher[worst])
	}
	return &Finding{Sentence: sentence + ".", Table: t, Method: fmt.Sprintf("Conformalised credal inference (%s); better and worse: the paired %s interval of an edge's ECE lies on one side of 0. "+
		"The eps named first is the one of the least median on these rows.", d.Divergence, words.Percent(k.level))}
}
