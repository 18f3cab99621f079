package study

import (
	"context"
	"math"
	"slices"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
)

// Alternatives is what the experiments scaling, passes and confidences found: the change
// that another confidence function or transform makes for the same models.
type Alternatives struct {
	Alternatives []string
	Changes      []Changes
	// Before and After are the values behind each of the changes, by pair.
	Before, After [][]float64
}

// InPlaceOf says what another confidence function changes for the same models.
type InPlaceOf struct {
	Reference string
	Changes
}

// BestConfidence counts the models whose errors a confidence function ranks best.
type BestConfidence struct {
	Confidence   string
	Best, Models int
	Units        int // independent observations, of which
	Most, Least  int // so many have it best in most of their models, or in the fewest; the others in half
}

// NoOtherConfidence says that the folder has one confidence function only.
type NoOtherConfidence struct{ Confidence string }

// NoSharedConfidence says that no model has values by that and by another.
type NoSharedConfidence struct{ Confidence string }

// OtherLessReference says what the change of a confidence function is.
type OtherLessReference struct{ Reference string }

func (InPlaceOf) claim()            {}
func (BestConfidence) claim()       {}
func (NoOtherConfidence) missing()  {}
func (NoSharedConfidence) missing() {}
func (OtherLessReference) note()    {}

// Change is that of an alternative by a metric under a condition; nil if there is none.
func (a *Alternatives) Change(alternative, metric, condition string) *Changes {
	for k := range a.Changes {
		if c := &a.Changes[k]; c.Treatment == alternative && c.Metric == metric && c.Setting == condition {
			return c
		}
	}
	return nil
}

// otherConfidences lists the confidence functions beside the one compared that
// any row of the same dataset and transform has.
func (f *Folder) otherConfidences() []string {
	c := f.view.Choice
	return slices.DeleteFunc(board.Distinct(f.results.Rows, func(r results.Row) string {
		if r.Dataset != c.Dataset || r.Transform != c.Transform {
			return ""
		}
		return r.Confidence
	}), func(s string) bool { return s == c.Confidence || s == "stored" })
}

// confidences compares confidence functions on the same models.
func confidences(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	others := slices.DeleteFunc(f.otherConfidences(), stochastic)
	if len(others) == 0 {
		e.missing(NoOtherConfidence{f.view.Choice.Confidence})
		return e, nil
	}
	data := f.alternatives(others, f.view.Choice.Confidence)
	if len(data.Changes) == 0 {
		e.missing(NoSharedConfidence{f.view.Choice.Confidence})
		return e, nil
	}
	e.Data = data
	e.Tables = []Table{changeTable("confidences", "confidence", data.Changes), data.table("confidences-models", "confidence")}
	e.note(OtherLessReference{f.view.Choice.Confidence})
	f.noteIntervals(&e, OfModel, "comparison", false)
	f.alternativeClaims(&e, data, others, f.view.Choice.Confidence)
	f.bestClaim(&e, data, f.view.Choice.Confidence)
	return e, nil
}

// alternatives describes what other confidence functions change against a reference:
// the metrics that need a confidence, on the rows compared, and the AUROC of telling
// new classes from known ones, under each condition that has it.
func (f *Folder) alternatives(others []string, reference string) *Alternatives {
	a := &Alternatives{Alternatives: others}
	here := setting{f.view.Choice.Split, f.view.Choice.Condition}
	var list []contrast
	var before, after [][]float64
	add := func(other, condition string, c *column, p pairing, b, t []float64) {
		if len(p.values) > 0 {
			list = append(list, contrast{treatment: other, setting: condition, column: c, pairing: p})
			before, after = append(before, b), append(after, t)
		}
	}
	for _, other := range others {
		for _, c := range f.axes() {
			if c.measure.Metric.Needs&metrics.NeedsConfidence != 0 {
				p, b, t := f.switched(other, reference, here, c.at)
				add(other, here.Condition, c, p, b, t)
			}
		}
		ood := &column{ID: "ood-auroc", Label: "OOD-AUROC", Better: metrics.Higher, at: f.at("ood-auroc")}
		for _, s := range f.conditions() {
			p, b, t := f.switched(other, reference, s, ood.at)
			add(other, s.Condition, ood, p, b, t)
		}
	}
	a.Changes, a.Before, a.After = f.describe(list), before, after
	return a
}

// switched pairs, for each model, a metric's values by two confidence functions.
func (f *Folder) switched(other, reference string, in setting, at int) (p pairing, before, after []float64) {
	if at < 0 {
		return p, nil, nil
	}
	for i, s := range f.models {
		k := results.Key{Model: s.row.Model, Dataset: s.row.Dataset, Split: in.Split, Condition: in.Condition, Transform: s.row.Transform}
		k.Confidence = reference
		from := f.row(k)
		k.Confidence = other
		to := f.row(k)
		if from == nil || to == nil {
			continue
		}
		b, t := from.Cells[at].Value, to.Cells[at].Value
		if math.IsNaN(t - b) {
			continue
		}
		p.names, p.unit, p.values = append(p.names, s.row.Model), append(p.unit, f.unitOf(i)), append(p.values, t-b)
		before, after = append(before, b), append(after, t)
	}
	return p, before, after
}

func (a *Alternatives) table(name, kind string) Table {
	t := Table{Name: name, Columns: []string{kind, "metric", "condition", "model", "before", "after", "change"}}
	for k, c := range a.Changes {
		for i, m := range c.Names {
			t.add(c.Treatment, c.Metric, c.Setting, m, a.Before[k][i], a.After[k][i], c.Values[i])
		}
	}
	return t
}

// alternativeClaims states for each alternative what it does to the ranking of errors,
// and to telling new classes from known ones under each condition.
func (f *Folder) alternativeClaims(e *Experiment, a *Alternatives, others []string, reference string) {
	for _, other := range others {
		for _, c := range a.Changes {
			if c.Treatment != other || c.Metric != "auroc" && c.Metric != "aurc" && c.Metric != "ood-auroc" {
				continue
			}
			e.find(Finding{Claim: InPlaceOf{reference, c}, Basis: f.changeBasis(c, "comparison"), N: len(c.Values), Of: Models})
		}
	}
}

// bestClaim counts the models whose errors the reference ranks best. The test is over
// units: is it more often best in most models of a unit than in the fewest?
func (f *Folder) bestClaim(e *Experiment, a *Alternatives, reference string) {
	claim := f.bestConfidence(a, "auroc", reference)
	if claim.Models == 0 {
		return
	}
	p := signTest(claim.Most, claim.Most+claim.Least)
	e.find(Finding{Claim: claim, N: claim.Models, Of: Models, Headline: true,
		Basis: Basis{Counted: true, Tests: []Test{{Method: SignTest, Raw: p, P: p, Units: claim.Units}}}})
}

// bestConfidence counts the models for which the reference beats all others.
func (f *Folder) bestConfidence(a *Alternatives, id, reference string) BestConfidence {
	worst := map[string]float64{} // largest gain of any alternative
	for _, c := range a.Changes {
		if c.Metric != id {
			continue
		}
		for i, m := range c.Names {
			if v, ok := worst[m]; !ok || c.Values[i] > v {
				worst[m] = c.Values[i]
			}
		}
	}
	b := BestConfidence{Confidence: reference, Models: len(worst)}
	margin := map[string]int{} // by unit: models that have it best less those that do not
	for m, v := range worst {
		unit := f.unitOf(f.place[m])
		if v < 0 {
			b.Best++
			margin[unit]++
		} else {
			margin[unit]--
		}
	}
	b.Units = len(margin)
	for _, v := range margin {
		if v > 0 {
			b.Most++
		} else if v < 0 {
			b.Least++
		}
	}
	return b
}
