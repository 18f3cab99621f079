package answers

import (
	"fmt"
	"math"
	"slices"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/words"
)

// conditions sets each model under shift and attack against itself on clean samples, and
// says how well the clean ranking holds.
func (k *asking) conditions() *Finding {
	d, ok := k.experiment("conditions").Data.(*study.Conditions)
	if !ok || len(d.Changes) == 0 {
		return nil
	}
	ids := chosen(d.Metrics)
	t := &Table{Columns: []Column{named("condition"), counted("models")}}
	c := correlated("ranks agree")
	c.Measure, c.Of = ids[0], "Spearman with the clean ranking by "+short(ids[0])
	t.Columns = append(t.Columns, c)
	t.Note = "ranks agree: " + c.Of
	for _, id := range ids {
		t.Columns = append(t.Columns, measured(id, Effect))
	}
	least, most := nan, nan
	var leastAt, mostAt string
	models := 0
	for _, s := range d.Settings {
		row := Row{Group: s.Kind, Cells: []Cell{label(Condition(s.Name)), empty(), empty()}}
		for _, id := range ids {
			at := slices.IndexFunc(d.Changes, func(c study.Changes) bool { return c.Treatment == s.Name && c.Metric == id })
			if at < 0 {
				row.Cells = append(row.Cells, empty())
				continue
			}
			models = max(models, len(d.Changes[at].Values))
			row.Cells[1] = number(float64(len(d.Changes[at].Values)))
			row.Cells = append(row.Cells, changed(&d.Changes[at]))
		}
		for _, r := range d.Ranks {
			if r.A == ids[0] && r.Scope == s.Name {
				row.Cells[2] = related(r)
				if !(r.Spearman >= least) {
					least, leastAt = r.Spearman, Condition(s.Name)
				}
				if !(r.Spearman <= most) {
					most, mostAt = r.Spearman, Condition(s.Name)
				}
			}
		}
		t.Rows = append(t.Rows, row)
	}
	f := &Finding{Table: t, Headline: true, Method: k.changeMethod("change from clean to the condition, per model", widest(d.Changes), "kind of condition")}
	f.Method = fmt.Sprintf("%s The mildest severities of a kind go with the hardest, which alone is tested. Clean and shifted values share samples, so part of the agreement is luck.", f.Method)
	f.Sentence = fmt.Sprintf("The ranking by %s agrees with the clean one by %s under %s, and by %s under %s.", short(ids[0]), coefficient(most), mostAt, coefficient(least), leastAt)
	if math.IsNaN(least) || leastAt == mostAt {
		f.Sentence = fmt.Sprintf("%s under %s; the table has each change.", many(models, "model"), many(len(d.Settings), "condition"))
		return f
	}
	k.numbers["conditions"] = Number{Big: coefficient(least), Sentence: fmt.Sprintf("is how the ranking by %s under %s agrees with the clean one; under %s it is %s.",
		short(ids[0]), leastAt, mostAt, coefficient(most))}
	return f
}

// Condition is the name of a condition for people: "gaussian blur 5" for "gaussian-blur-5",
// "PGD epsilon 4" for "pgd-eps4".
func Condition(name string) string {
	return conditionWords(name)
}

// coefficient is a correlation in words.
func coefficient(v float64) string { return words.Minus(fmt.Sprintf("%.2f", v)) }

// regimesUnder sets regimes against their base twins under kinds of conditions.
func (k *asking) regimesUnder() *Finding {
	d, ok := k.experiment("conditions").Data.(*study.Conditions)
	if !ok || len(d.Regimes) == 0 {
		return nil
	}
	ids := chosen(d.Metrics)
	t := &Table{Columns: []Column{named("regime"), named("condition"), counted("pairs")}}
	for _, id := range ids {
		t.Columns = append(t.Columns, measured(id, Effect))
	}
	proven := 0
	for j := range d.Regimes {
		c := &d.Regimes[j]
		if c.Metric != ids[0] {
			continue
		}
		row := Row{Group: Plain(c.Treatment), Cells: []Cell{label(Plain(c.Treatment)), label(Condition(c.Setting)), number(float64(len(c.Values)))}}
		for _, id := range ids {
			at := slices.IndexFunc(d.Regimes, func(x study.Changes) bool {
				return x.Treatment == c.Treatment && x.Setting == c.Setting && x.Metric == id
			})
			if at < 0 {
				row.Cells = append(row.Cells, empty())
				continue
			}
			row.Cells = append(row.Cells, changed(&d.Regimes[at]))
			if v := verdict(&d.Regimes[at]); v == Better || v == Worse {
				proven++
			}
		}
		t.Rows = append(t.Rows, row)
	}
	if t.Rows == nil {
		return nil
	}
	f := &Finding{Table: t, Method: k.changeMethod("change against the base twin under the same condition, mean over severities", widest(d.Regimes), "regime and kind of condition")}
	few := !slices.ContainsFunc(d.Regimes, func(c study.Changes) bool { return verdict(&c) != TooFew })
	switch {
	case proven > 0:
		f.Sentence = fmt.Sprintf("%s of a regime by a kind of condition %s proven; the table has them.", words.Count(proven, "change", "changes"), map[bool]string{true: "is", false: "are"}[proven == 1])
	case few:
		k.lacking = "enough pairs of a regime and its base twin under shift and attack to prove a change"
		return nil
	default:
		f.Sentence = "No training regime is proven to differ from plain training under shift and attack."
	}
	return f
}

// severity says how new classes are told from known ones, the harder they are.
func (k *asking) severity() *Finding {
	d, ok := k.experiment("severity").Data.(*study.Severity)
	if !ok || len(d.Levels) == 0 {
		return nil
	}
	unit := words.Unit{Factor: 1, Decimals: 3}
	t := &Table{Columns: []Column{named("severity"), counted("models"), {Head: "median OOD AUROC", Kind: Value, Measure: "ood-auroc", Unit: unit, Better: metrics.Higher},
		correlated("with accuracy"), correlated("with AUROC")}}
	for _, l := range d.Levels {
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(fmt.Sprint(l.Level)), number(float64(l.N)), {Value: l.Median, Lo: l.In.Lo, Hi: l.In.Hi, P: nan},
			related(l.Accuracy), related(l.AUROC)}})
	}
	a, z := d.Levels[0], d.Levels[len(d.Levels)-1]
	f := &Finding{Table: t, Headline: true, Method: "Known classes against new ones by confidence; 0.5 is chance. Each model orders new classes by its mean confidence in them; a level is a window of that order. Intervals over new models."}
	if len(d.Levels) < 2 {
		f.Sentence = fmt.Sprintf("The median model tells new classes from known ones with an AUROC of %s.", unit.Number(a.Median))
		return f
	}
	how := "falls"
	if z.Median > a.Median {
		how = "rises"
	}
	f.Sentence = fmt.Sprintf("The median AUROC against new classes %s from %s for the easiest to %s for the hardest.", how, unit.Number(a.Median), unit.Number(z.Median))
	k.numbers["severity"] = Number{Big: unit.Number(z.Median), Sentence: fmt.Sprintf("is the median AUROC of telling the hardest new classes from known ones; 0.5 is chance, the easiest have %s.", unit.Number(a.Median))}
	return f
}
