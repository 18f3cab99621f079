package answers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/words"
)

// first are the metrics of matrices in the order in which they are shown; the first that
// a study has heads sentences.
var first = []string{"aurc", "accuracy", "auroc", "sac@0.95", "sac@0.99", "ece@15", "|overconfidence|", "nll", "brier"}

// mostColumns is how many metrics a matrix has.
const mostColumns = 6

// chosen are the metrics of a matrix out of those that there are, in the spelling that they
// have. Of the shares answered at an error there is one.
func chosen(have []string) []string {
	var list []string
	point := false
	for _, id := range first {
		at := slices.IndexFunc(have, func(h string) bool { return canonical(h) == id })
		share := id == "sac@0.95" || id == "sac@0.99"
		if at < 0 || len(list) == mostColumns || share && point {
			continue
		}
		point = point || share
		list = append(list, have[at])
	}
	for _, id := range have {
		if !slices.Contains(first, canonical(id)) && len(list) < mostColumns && study.Direction(id) != metrics.None {
			list = append(list, id)
		}
	}
	at := slices.IndexFunc(list, func(id string) bool { return canonical(id) == "auroc" })
	if at > 0 && canonical(list[0]) != "aurc" { // then it says best how well errors are ranked
		auroc := list[at]
		list = slices.Insert(slices.Delete(list, at, at+1), 0, auroc)
	}
	return list
}

// canonical is the id of a metric in the spelling of this package.
func canonical(id string) string {
	if m, err := metrics.ParseMeasure(id); err == nil {
		return m.ID()
	}
	return id
}

// tally counts what is proven of changes of one metric.
type tally struct {
	helps, hurts, open, few int
	most                    *study.Changes // the proven one of the largest median
}

// tested is how many could have been proven.
func (t tally) tested() int { return t.helps + t.hurts + t.open }

func tallied(changes []*study.Changes) tally {
	var t tally
	for _, c := range changes {
		switch verdict(c) {
		case Better:
			t.helps++
		case Worse:
			t.hurts++
		case TooFew:
			t.few++
		case Unproven:
			t.open++
		}
		if v := verdict(c); (v == Better || v == Worse) && (t.most == nil || math.Abs(c.Median) > math.Abs(t.most.Median)) {
			t.most = c
		}
	}
	return t
}

// String is the tally in words: "12 could be tested: 8 hurt, 0 help; 11 have too few pairs".
func (t tally) String() string {
	text := fmt.Sprintf("%d could be tested: %d %s, %d %s", t.tested(), t.hurts, verb(t.hurts, "hurt"), t.helps, verb(t.helps, "help"))
	if t.few > 0 {
		text += fmt.Sprintf("; %d %s too few pairs", t.few, map[bool]string{true: "has", false: "have"}[t.few == 1])
	}
	return text
}

// verb is the form of a verb after a count.
func verb(n int, stem string) string {
	if n == 1 {
		return stem + "s"
	}
	return stem
}

// matrix is a table of effects, treatments by metrics, sorted by the effect on the first:
// what helps most is on top, what could not be tested at the end.
func matrix(corner string, changes []study.Changes, setting func(*study.Changes) bool) *Table {
	byMetric := map[string]map[string]*study.Changes{}
	var rows, have []string
	for k := range changes {
		c := &changes[k]
		if !setting(c) {
			continue
		}
		if byMetric[c.Metric] == nil {
			byMetric[c.Metric] = map[string]*study.Changes{}
			have = append(have, c.Metric)
		}
		if byMetric[c.Metric][c.Treatment] == nil && !slices.Contains(rows, c.Treatment) {
			rows = append(rows, c.Treatment)
		}
		byMetric[c.Metric][c.Treatment] = c
	}
	ids := chosen(have)
	if len(ids) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b string) int { return byEffect(byMetric[ids[0]][a], byMetric[ids[0]][b]) })
	t := &Table{Columns: []Column{named(corner), counted("pairs")}}
	for _, id := range ids {
		t.Columns = append(t.Columns, measured(id, Effect))
	}
	for _, name := range rows {
		pairs := nan
		row := Row{Cells: []Cell{label(Plain(name)), empty()}}
		for _, id := range ids {
			c := byMetric[id][name]
			if c != nil && math.IsNaN(pairs) {
				pairs = float64(len(c.Values))
			}
			row.Cells = append(row.Cells, changed(c))
		}
		row.Cells[1] = number(pairs)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// byEffect orders changes: tested before untested, the better first.
func byEffect(a, b *study.Changes) int {
	if a == nil || b == nil {
		return cmp.Compare(map[bool]int{true: 1}[a == nil], map[bool]int{true: 1}[b == nil])
	}
	if few := map[bool]int{true: 1}; verdict(a) == TooFew != (verdict(b) == TooFew) {
		return cmp.Compare(few[verdict(a) == TooFew], few[verdict(b) == TooFew])
	}
	if study.Direction(a.Metric) == metrics.Lower {
		return cmp.Compare(a.Median, b.Median)
	}
	return cmp.Compare(b.Median, a.Median)
}

// changeMethod says how changes are tested, of pairs that are told by what.
func (k *asking) changeMethod(change string, c *study.Changes, of string) string {
	_, over := c.Widest()
	reach := map[study.Population]string{
		study.NewModels: "new models", study.NewSamples: "new samples", study.NewModels | study.NewSamples: "new models and new samples"}[over]
	text := fmt.Sprintf("Median %s, on the same samples; Wilcoxon over independent units, Holm over %s within a metric, %g %%", change, tests(c.Tests, of), 100*k.level)
	if reach != "" {
		text += "; intervals for " + reach
	}
	return text + ". Proven: by test and interval."
}

// tests counts what a family of tests is of.
func tests(n int, of string) string {
	switch {
	case strings.HasSuffix(of, "kind of condition"):
		return words.Count(n, of, strings.Replace(strings.Replace(of, "kind of", "kinds of", 1), "regime ", "regimes ", 1))
	}
	return words.Count(n, of, of+"s")
}

// widest is the change whose interval generalises farthest, to say how intervals are made.
func widest(changes []study.Changes) *study.Changes {
	if len(changes) == 0 {
		return nil
	}
	best := &changes[0]
	for i := range changes {
		_, a := changes[i].Widest()
		if _, b := best.Widest(); a > b || a == b && changes[i].Tests > best.Tests {
			best = &changes[i]
		}
	}
	return best
}

// regimes sets training regimes against their base twins.
func (k *asking) regimes() *Finding {
	d, ok := k.experiment("regimes").Data.(*study.Regimes)
	if !ok || len(d.Changes) == 0 {
		return nil
	}
	t := matrix("regime", d.Changes, func(*study.Changes) bool { return true })
	if t == nil {
		return nil
	}
	id := t.Columns[2].Measure
	sum := tallied(of(d.Changes, id))
	f := &Finding{Table: t, Headline: true, Method: k.changeMethod("change against the base twin, which was trained plainly", widest(d.Changes), "regime")}
	t.Note = short(id) + ": " + sum.String()
	switch {
	case sum.tested() == 0:
		f.Sentence = fmt.Sprintf("None of %s has enough pairs of models to prove a change of %s.", many(sum.few, "training regime"), short(id))
		return f
	case sum.most == nil:
		f.Sentence = fmt.Sprintf("Of %s that could be tested, none is proven to change %s.", many(sum.tested(), "training regime"), short(id))
	default:
		f.Sentence = fmt.Sprintf("Of %s that could be tested, %d provably %s and %d %s by %s; %s changes it most.", many(sum.tested(), "training regime"),
			sum.hurts, verb(sum.hurts, "hurt"), sum.helps, verb(sum.helps, "help"), short(id), Plain(sum.most.Treatment))
	}
	n := Number{Big: fmt.Sprintf("%d %s, %d %s", sum.hurts, verb(sum.hurts, "hurt"), sum.helps, verb(sum.helps, "help")),
		Sentence: fmt.Sprintf("of the %s that could be tested, by %s; %d more have too few pairs.", many(sum.tested(), "training regime"), short(id), sum.few)}
	if sum.few == 0 {
		n.Sentence = fmt.Sprintf("of the %s that could be tested, by %s.", many(sum.tested(), "training regime"), short(id))
	}
	switch {
	case sum.hurts > 0:
		n.Verdict = Worse
	case sum.helps > 0:
		n.Verdict = Better
	}
	k.numbers["regimes"] = n
	return f
}

// of are the changes of one metric.
func of(changes []study.Changes, metric string) []*study.Changes {
	var list []*study.Changes
	for k := range changes {
		if changes[k].Metric == metric {
			list = append(list, &changes[k])
		}
	}
	return list
}

// scaling is what the first transform changes, with all others in the table.
func (k *asking) scaling() *Finding {
	d, ok := k.experiment("scaling").Data.(*study.Alternatives)
	if !ok || len(d.Changes) == 0 {
		return nil
	}
	name := d.Alternatives[0]
	if slices.Contains(d.Alternatives, "temperature") {
		name = "temperature"
	}
	t := &Table{Title: "Medians over models, before and after " + transformName(name),
		Columns: []Column{named("metric"), {Head: "before", Kind: Value}, {Head: "after", Kind: Value}, {Head: "change", Kind: Effect},
			counted("better"), counted("worse"), counted("models")}}
	several := len(d.Alternatives) > 1
	if several {
		t.Title, t.Columns = "Medians over models, before and after", append([]Column{named("transform")}, t.Columns...)
	}
	var better, worse, open []string
	var calibration *study.Changes
	for j := range d.Changes {
		c := &d.Changes[j]
		unit := words.UnitNamed(c.Metric)
		before, after, change := number(middle(d.Before[j])), number(middle(d.After[j])), changed(c)
		before.Unit, after.Unit, change.Unit = unit, unit, unit
		row := Row{Group: c.Treatment, Cells: []Cell{label(measured(c.Metric, Value).Head), before, after, change,
			number(float64(c.Better)), number(float64(c.Worse())), number(float64(len(c.Values)))}}
		if several {
			row.Cells = append([]Cell{label(c.Treatment)}, row.Cells...)
		}
		t.Rows = append(t.Rows, row)
		if c.Treatment != name {
			continue
		}
		if canonical(c.Metric) == "ece@15" {
			calibration = c
		}
		switch verdict(c) {
		case Better:
			better = append(better, short(c.Metric))
		case Worse:
			worse = append(worse, short(c.Metric))
		default:
			if c.Better+c.Worse() > 0 {
				open = append(open, short(c.Metric))
			}
		}
	}
	f := &Finding{Table: t, Headline: true, Sentence: transformSentence(transformName(name), better, worse, open), Method: k.changeMethod("change, after less before", widest(d.Changes), "transform") +
		" A model with a large error before tends to improve by chance alone."}
	if c := calibration; c != nil {
		n := Number{Big: fmt.Sprintf("%s of %s", words.Grouped(c.Better), words.Grouped(len(c.Values))), Verdict: verdict(c),
			Sentence: fmt.Sprintf("models have a lower %s after %s", short(c.Metric), transformName(name))}
		if a := d.Change(name, "auroc", c.Setting); a != nil && verdict(a) != Better && verdict(a) != Worse {
			n.Sentence += "; that they rank their errors differently is not proven"
		}
		n.Sentence += "."
		k.numbers["scaling"] = n
	}
	return f
}

// transformName is a transform in words.
func transformName(id string) string {
	if id == "temperature" {
		return "temperature scaling"
	}
	return id
}

// transformSentence says which metrics get better and which worse.
func transformSentence(name string, better, worse, open []string) string {
	text := words.Capital(name)
	switch {
	case better == nil && worse == nil:
		return text + " is not proven to change any of these metrics."
	case worse == nil:
		text += " improves " + listed(better)
	case better == nil:
		text += " worsens " + listed(worse)
	default:
		text += " improves " + listed(better) + " and worsens " + listed(worse)
	}
	if len(open) > 0 {
		text += "; a change of " + listed(open) + " is not proven"
	}
	return text + "."
}

// listed names a few things in a sentence and counts the others.
func listed(names []string) string { return words.List(words.FirstOf(names, 4)) }

// middle is the median of the defined values.
func middle(values []float64) float64 {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(v) == 0 {
		return nan
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// confidences sets other confidence functions against the one compared.
func (k *asking) confidences() *Finding {
	e := k.experiment("confidences")
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil
	}
	reference := k.Study.Choice.Confidence
	f := k.alternatives(d, "confidence function", fmt.Sprintf("change against %s, for the same models", reference))
	if f == nil {
		return nil
	}
	for _, x := range e.Findings {
		if c, ok := x.Claim.(study.BestConfidence); ok {
			f.Sentence = fmt.Sprintf("%s ranks errors better than every other confidence function tried in %d of %s.", c.Confidence, c.Best, many(c.Models, "model"))
			f.Headline = true
			k.numbers["confidences"] = Number{Big: fmt.Sprintf("%s of %s", words.Grouped(c.Best), words.Grouped(c.Models)),
				Sentence: fmt.Sprintf("models have their errors ranked best by %s, among the confidence functions tried.", c.Confidence)}
		}
	}
	return f
}

// alternatives is a matrix of what replaces a confidence function, under the condition compared.
func (k *asking) alternatives(d *study.Alternatives, corner, change string) *Finding {
	setting := k.Study.Choice.Condition
	t := matrix(corner, d.Changes, func(c *study.Changes) bool { return c.Setting == setting || c.Setting == "" })
	if t == nil {
		return nil
	}
	for r := range t.Rows {
		t.Rows[r].Cells[0].Text = d.Alternatives[max(slices.Index(d.Alternatives, t.Rows[r].Cells[0].Text), 0)]
	}
	id := t.Columns[2].Measure
	var shown []*study.Changes
	for _, c := range of(d.Changes, id) {
		if c.Setting == setting || c.Setting == "" {
			shown = append(shown, c)
		}
	}
	sum := tallied(shown)
	f := &Finding{Table: t, Method: k.changeMethod(change, widest(d.Changes), corner), Sentence: fmt.Sprintf(
		"Of %s that could be tested, %d provably %s and %d %s by %s.", many(sum.tested(), "alternative"),
		sum.hurts, verb(sum.hurts, "hurt"), sum.helps, verb(sum.helps, "help"), short(id))}
	if sum.tested() == 0 {
		k.lacking = fmt.Sprintf("enough independent models to prove a change of %s", short(id))
		return nil
	}
	return f
}

// passes says what the mean of stochastic passes changes.
func (k *asking) passes() *Finding {
	e := k.experiment("passes")
	if d, ok := e.Data.(*study.Alternatives); ok {
		return k.alternatives(d, "alternative", fmt.Sprintf("change against %s, for the same models", k.Study.Choice.Confidence))
	}
	var list []study.Changes
	for _, x := range e.Findings {
		if c, ok := x.Claim.(study.MeanOfPasses); ok {
			list = append(list, c.Changes)
		}
	}
	return k.compared(list, "comparison", "mean of passes less its twin")
}

// compared is a matrix of comparisons of models by several metrics.
func (k *asking) compared(list []study.Changes, corner, change string) *Finding {
	t := matrix(corner, list, func(*study.Changes) bool { return true })
	if t == nil {
		return nil
	}
	id := t.Columns[2].Measure
	f := &Finding{Table: t, Method: k.changeMethod(change, widest(list), "comparison")}
	best := of(list, id)
	for _, r := range t.Rows {
		r.Cells[0].Text = comparisonName(r.Cells[0].Text)
	}
	slices.SortStableFunc(best, func(a, b *study.Changes) int { return cmp.Compare(len(b.Values), len(a.Values)) })
	if tallied(best).tested() == 0 && corner == "comparison" && !slices.ContainsFunc(best, func(c *study.Changes) bool { return len(c.Values) >= leastTelling }) {
		k.lacking = fmt.Sprintf("enough independent pairs of models to prove a change of %s", short(id))
		return nil
	}
	f.Sentence = changeSentence(best[0])
	return f
}

// leastTelling is how many pairs a comparison needs to be worth a table.
const leastTelling = 10

// comparisonName is a comparison of models for people.
func comparisonName(name string) string {
	name = strings.Replace(name, "student - base, teacher worse than base", "student less plain twin, where the teacher is worse than the twin", 1)
	return strings.ReplaceAll(strings.Replace(name, " - ", " less ", 1), "vanilla", "plain")
}

// changeSentence says what a comparison changes by its metric.
func changeSentence(c *study.Changes) string {
	text := fmt.Sprintf("%s is better in %d of %s", short(c.Metric), c.Better, many(len(c.Values), "pair"))
	switch verdict(c) {
	case Better, Worse:
		return text + fmt.Sprintf(", by %s in the median, which is proven.", points(words.UnitNamed(c.Metric), c.Median))
	case TooFew:
		return text + ", of too few units to prove a change."
	}
	return text + ", which is not proven to be a change."
}

// teachers sets distilled models against their teachers, and against their twins.
func (k *asking) teachers() *Finding {
	d, ok := k.experiment("teachers").Data.(*study.Teachers)
	if !ok {
		return nil
	}
	f := k.compared(d.Changes, "comparison", "difference")
	if f == nil {
		return nil
	}
	f.Method += " Where the teacher is worse than the base twin, pairs were chosen by the values compared."
	return f
}

// Opposed says of which training regimes two sets of answers prove the opposite, a sentence
// each, because readers of both would take it for a contradiction. here and there name what
// the answers are about: "these 8-class networks".
func Opposed(a *Answers, here string, b *Answers, there string) []string {
	f, g := a.Find("regimes"), b.Find("regimes")
	if f == nil || g == nil {
		return nil
	}
	var list []string
	for _, x := range f.Table.Rows {
		for _, y := range g.Table.Rows {
			v, w := x.Cells[2].Verdict, y.Cells[2].Verdict
			if x.Cells[0].Text == y.Cells[0].Text && (v == Better && w == Worse || v == Worse && w == Better) {
				list = append(list, fmt.Sprintf("%s is proven %s for %s by %s and %s for %s by %s: other data, other models.",
					words.Capital(x.Cells[0].Text), v, here, f.Table.Columns[2].Head, w, there, g.Table.Columns[2].Head))
			}
		}
	}
	return list
}
