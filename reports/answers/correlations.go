package answers

import (
	"fmt"
	"math"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/words"
)

// correlationMethod says how correlations are made.
func (k *asking) correlationMethod() string {
	return fmt.Sprintf("Spearman's rank correlation over models; %g %% interval over new models, models of one base or of one family and size count once.", 100*k.level)
}

// metricChoice says how far the choice of the metric changes who is ahead.
func (k *asking) metricChoice() *Finding {
	e := k.experiment("correlations")
	t := &Table{Columns: []Column{named("ranked by"), {Head: "pairs ordered differently", Kind: Value, Unit: words.Unit{Factor: 100, Sign: "%"}, Better: metrics.Lower},
		correlated("Kendall's tau"), counted("best shared")}}
	var most *study.OrderedDifferently
	models := 0
	for j := range e.Findings {
		c, ok := e.Findings[j].Claim.(study.OrderedDifferently)
		if !ok {
			continue
		}
		models = e.Findings[j].N
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(short(c.By)), number(c.Disorder),
			{Value: c.Kendall, Lo: c.In.Lo, Hi: c.In.Hi, P: nan}, number(float64(c.Shared))}})
		t.Title = fmt.Sprintf("Each ranking against that by %s", short(c.From))
		t.Columns[3].Head = fmt.Sprintf("of the best %d shared", c.Top)
		if most == nil || c.Disorder > most.Disorder {
			most = &c
		}
	}
	if most == nil {
		return nil
	}
	f := &Finding{Table: t, Headline: true, Sentence: fmt.Sprintf("%s and %s order %.0f %% of the pairs of models differently, and share %d of their %d best.",
		short(most.From), short(most.By), 100*most.Disorder, most.Shared, most.Top),
		Method: fmt.Sprintf("%s with all of these metrics, ordered by measured values; many of these orders are not proven.", many(models, "model"))}
	k.numbers["metrics"] = Number{Big: fmt.Sprintf("%.0f %%", 100*most.Disorder), Sentence: fmt.Sprintf("of the pairs of models are ordered differently by %s and %s; their %d best share %d.",
		short(most.From), short(most.By), most.Top, most.Shared)}
	return f
}

// accuracy says how accuracy goes with the other metrics.
func (k *asking) accuracy() *Finding {
	e := k.experiment("correlations")
	t := &Table{Columns: []Column{named("metric"), named("and"), correlated("Spearman"), counted("models")}}
	var main *study.Correlated
	for j := range e.Findings {
		c, ok := e.Findings[j].Claim.(study.Correlated)
		if !ok {
			continue
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(short(c.A)), label(short(c.B)), {Value: c.Spearman, Lo: c.In.Lo, Hi: c.In.Hi, P: nan}, number(float64(e.Findings[j].N))}})
		if c.A == "accuracy" && c.B == "auroc" {
			main = &c
		}
	}
	if t.Rows == nil {
		return nil
	}
	f := &Finding{Table: t, Headline: true, Method: k.correlationMethod()}
	if main == nil {
		f.Sentence = "The table has the rank correlations between the metrics."
		return f
	}
	how := "More accurate models tend to rank their errors better"
	switch {
	case !main.In.Defined() || main.In.Lo <= 0 && main.In.Hi >= 0:
		how = "More accurate models are not proven to rank their errors better"
	case main.Spearman < 0:
		how = "More accurate models tend to rank their errors worse"
	case main.Spearman > 0.9:
		how = "More accurate models rank their errors better"
	}
	f.Sentence = fmt.Sprintf("%s: the rank correlation of accuracy and AUROC is %s.", how, coefficient(main.Spearman))
	k.numbers["accuracy"] = Number{Big: coefficient(main.Spearman), Sentence: "is the rank correlation of accuracy with AUROC over the models; 1 would make accuracy enough."}
	return f
}

// calibration says whether good ranking goes with good calibration.
func (k *asking) calibration() *Finding {
	var f *Finding
	t := &Table{Columns: []Column{named("what"), {Head: "value"}, {Head: "interval"}}}
	for _, x := range k.experiment("ranking-calibration").Findings {
		switch c := x.Claim.(type) {
		case study.RankingWithCalibration:
			how := "Models that rank their errors better tend to be better calibrated"
			if c.Spearman > 0 {
				how = "Models that rank their errors better tend to be worse calibrated"
			}
			if !c.In.Defined() || c.In.Lo <= 0 && c.In.Hi >= 0 {
				how = "Whether models that rank their errors better are better calibrated is not proven"
			}
			f = &Finding{Method: k.correlationMethod(), Sentence: fmt.Sprintf("%s: the rank correlation of %s and %s is %s.", how, short(c.Ranking), short(c.Calibration), coefficient(c.Spearman))}
			t.Rows = append(t.Rows, Row{Cells: []Cell{label(fmt.Sprintf("Spearman, %s and %s", short(c.Ranking), short(c.Calibration))), label(coefficient(c.Spearman)), label(coefficients(c.In))}})
		case study.Undominated:
			t.Rows = append(t.Rows, Row{Cells: []Cell{label("models that no other beats in both"), label(fmt.Sprint(len(c.Models))), label("")}})
		case study.Overconfident:
			in := ""
			if c.Share.Defined() {
				in = fmt.Sprintf("[%.0f %%, %.0f %%]", 100*c.Share.Lo, 100*c.Share.Hi)
			}
			t.Rows = append(t.Rows, Row{Cells: []Cell{label("over-confident on average"), label(fmt.Sprintf("%d of %d", c.Over, c.Models)), label(in)}})
		}
	}
	if f == nil {
		return nil
	}
	f.Table = t
	return f
}

func coefficients(in study.Bounds) string {
	if !in.Defined() {
		return ""
	}
	return "[" + coefficient(in.Lo) + ", " + coefficient(in.Hi) + "]"
}

// constraint says how many models reach a selective accuracy.
func (k *asking) constraint() *Finding {
	t := &Table{Columns: []Column{named("accuracy demanded"), counted("reach it"), counted("of"), {Head: "at some coverage"}, correlated("coverage with accuracy")}}
	var reached []string
	models, level := 0, 0.0
	rows := map[float64]int{}
	row := func(accuracy float64) *Row {
		at, ok := rows[accuracy]
		if !ok {
			at = len(t.Rows)
			rows[accuracy] = at
			t.Rows = append(t.Rows, Row{Cells: []Cell{label(words.Percent(accuracy)), empty(), empty(), empty(), empty()}})
		}
		return &t.Rows[at]
	}
	for _, x := range k.experiment("constraint").Findings {
		switch c := x.Claim.(type) {
		case study.ReachConstraint:
			r := row(c.Accuracy)
			r.Cells[1], r.Cells[2], r.Cells[3] = number(float64(c.Reaching)), number(float64(c.Models)), label(fmt.Sprint(c.Points))
			models, level = c.Models, c.Level
			reached = append(reached, fmt.Sprintf("%d reach %s", c.Reaching, words.Percent(c.Accuracy)))
		case study.ConstraintCorrelated:
			row(c.Accuracy).Cells[4] = Cell{Value: c.Spearman, Lo: c.In.Lo, Hi: c.In.Hi, P: nan}
		}
	}
	if reached == nil {
		return nil
	}
	f := &Finding{Table: t, Sentence: fmt.Sprintf("Of %s %s accuracy among their answers at some coverage.", many(models, "model"), words.List(reached))}
	if level > 0 {
		f.Sentence = fmt.Sprintf("Of %s %s accuracy among their answers, beyond the luck of a few confident ones.", many(models, "model"), words.List(reached))
		f.Method = fmt.Sprintf("Counted: models whose %s interval of the share answered lies above 0; at some coverage: on these samples, be it of a few answers. ", words.Percent(level))
	}
	f.Method += k.correlationMethod()
	return f
}

// families says which families differ from all other models.
func (k *asking) families() *Finding {
	d, ok := k.experiment("families").Data.(*study.Families)
	if !ok || len(d.Rows) == 0 {
		return nil
	}
	ids := chosen(d.Metrics)
	t := &Table{Columns: []Column{named("family"), counted("models")}}
	for _, id := range ids {
		t.Columns = append(t.Columns, measured(id, Value))
	}
	better, worse, few := 0, 0, 0
	var best string
	bestMedian := nan
	for _, family := range d.Families {
		row := Row{Cells: []Cell{label(family), empty()}}
		for _, id := range ids {
			cell := empty()
			for _, x := range d.Rows {
				if x.Family != family || x.Metric != id {
					continue
				}
				cell.Value, cell.P, cell.Pairs, cell.Units = x.Median, x.P, x.N, x.Units
				cell.Verdict = k.familyVerdict(x)
				row.Cells[1] = number(float64(x.N))
				if id != ids[0] {
					continue
				}
				switch cell.Verdict {
				case Better:
					better++
					if math.IsNaN(bestMedian) || (x.Median < bestMedian) == (study.Direction(id) == metrics.Lower) {
						best, bestMedian = family, x.Median
					}
				case Worse:
					worse++
				case TooFew:
					few++
				}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	t.sortBy(2)
	f := &Finding{Table: t.fit(), Method: fmt.Sprintf("Median over the models of a family; Mann-Whitney against all other models, models of one base once, Holm over families within a metric, %g %%.", 100*k.level)}
	tail := ""
	if few > 0 {
		tail = fmt.Sprintf("; %d are too small to tell", few)
	}
	switch {
	case better+worse == 0:
		f.Sentence = fmt.Sprintf("No family is proven to differ from all other models by %s%s.", short(ids[0]), tail)
	case better == 0:
		f.Sentence = fmt.Sprintf("By %s %s proven worse than all other models, none better%s.", short(ids[0]), are(worse, "family", "families"), tail)
	default:
		f.Sentence = fmt.Sprintf("By %s %s proven better than all other models, %s first, and %d worse%s.", short(ids[0]), are(better, "family", "families"), best, worse, tail)
		k.numbers["families"] = Number{Big: fmt.Sprintf("%d of %d", better, len(d.Families)), Verdict: Better,
			Sentence: fmt.Sprintf("families are proven better than all other models by %s; %s has the best median.", short(ids[0]), best)}
	}
	return f
}

func are(n int, one, many string) string {
	if n == 1 {
		return "1 " + one + " is"
	}
	return fmt.Sprintf("%d %s are", n, many)
}

// familyVerdict is what is proven of a family against all other models.
func (k *asking) familyVerdict(x study.FamilyMetric) Verdict {
	improves := 1.0
	if study.Direction(x.Metric) == metrics.Lower {
		improves = -1
	}
	switch {
	case x.TooFew:
		return TooFew
	case !(x.P <= 1-k.level):
		return Unproven
	case (x.Superior-0.5)*improves > 0:
		return Better
	}
	return Worse
}

// sortBy sorts rows by a column of values, the better first, undefined ones last.
func (t *Table) sortBy(column int) {
	lower := t.Columns[column].Better == metrics.Lower
	stableSort(t.Rows, func(a, b Row) bool {
		x, y := a.Cells[column].Value, b.Cells[column].Value
		switch {
		case math.IsNaN(y):
			return !math.IsNaN(x)
		case math.IsNaN(x):
			return false
		case lower:
			return x < y
		}
		return x > y
	})
}

// size says whether larger models are better.
func (k *asking) size() *Finding {
	t := &Table{Columns: []Column{named("metric"), correlated("Spearman with size"), counted("models"), {Head: "families with more of it"}, {Head: "families with less"}}}
	var main *study.SizeCorrelated
	for _, x := range k.experiment("families").Findings {
		c, ok := x.Claim.(study.SizeCorrelated)
		if !ok {
			continue
		}
		cell := related(c.All)
		cell.Verdict = Unproven
		if c.Beyond {
			up := study.Direction(c.Metric) == metrics.Lower
			cell.Verdict = map[bool]Verdict{true: Better, false: Worse}[(c.All.Spearman > 0) != up]
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(short(c.Metric)), cell, number(float64(c.All.N)), label(fmt.Sprint(len(c.Above))), label(fmt.Sprint(len(c.Below)))}})
		if main == nil || c.Metric == "auroc" {
			main = &c
		}
	}
	if main == nil {
		return nil
	}
	f := &Finding{Table: t, Method: k.correlationMethod() + " Families: those in which it is proven, Holm over all."}
	if main.Beyond {
		f.Sentence = fmt.Sprintf("The number of parameters goes with %s by a rank correlation of %s over all models.", short(main.Metric), coefficient(main.All.Spearman))
	} else {
		f.Sentence = fmt.Sprintf("It is not proven: the rank correlation of the number of parameters with %s is %s.", short(main.Metric), coefficient(main.All.Spearman))
	}
	return f
}
