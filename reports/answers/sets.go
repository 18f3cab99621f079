package answers

import (
	"fmt"

	"abstain/harness/study"
	"abstain/reports/pictures"
	"abstain/reports/words"
)

// predictionSets says what a set in place of an answer costs.
func (k *asking) predictionSets() *Finding {
	e := k.experiment("prediction-sets")
	d, ok := e.Data.(*study.PredictionSets)
	if !ok {
		k.lacking = "prediction sets of the rows compared"
		return nil
	}
	t := &Table{Columns: []Column{named("sets"), counted("models"), measured("set-coverage", Value), measured("set-size", Value), measured("set-worst-class", Value)}}
	smallest, aim := d.Kinds[0], 100*(1-d.Alpha)
	for _, kind := range d.Kinds {
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(kind.Transform), number(float64(len(kind.Rows))), number(kind.Median(study.SetCoverage)),
			number(kind.Median(study.SetSize)), number(kind.Median(study.WorstClass))}})
	}
	f := &Finding{Table: t.fit(), Headline: true, Sentence: fmt.Sprintf("Sets by %s, aimed at %.4g %%, hold %.2f classes in the median model.", smallest.Score, aim, smallest.Median(study.SetSize)),
		Method: fmt.Sprintf("Medians over models. %s", noteOf(e))}
	for _, x := range e.Findings {
		if c, ok := x.Claim.(study.SmallestSets); ok {
			f.Sentence = fmt.Sprintf("Aimed at %.4g %%, %s are the smallest sets in %d of %s: %.2f classes in the median model.", aim, c.Transform, c.Best, many(c.Models, "model"), c.Median)
		}
	}
	return f
}

// noteOf says which rows calibrated.
func noteOf(e *study.Experiment) string {
	for _, n := range e.Notes {
		if n, ok := n.(study.SetRowsJudged); ok {
			return words.Capital(pictures.Of("prediction-sets").Note(n)) + "."
		}
	}
	return ""
}
