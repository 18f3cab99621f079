package answers

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/words"
)

// mostListed is how many models a table of a first page has.
const mostListed = 12

// tier lists the first models, and says how many may be the best.
func (k *asking) tier() *Finding {
	b := k.Board
	if len(b.Entries) == 0 || !b.Entries[0].Value.Defined() {
		return nil
	}
	f := &Finding{Headline: true, Table: k.models(b.Entries[:min(mostListed, len(b.Entries))]), Method: k.tierMethod()}
	by := b.By.Label()
	switch r := b.Resolution; {
	case r == nil:
		f.Sentence = fmt.Sprintf("%s has the best measured %s; whether another is as good was not tested.", b.Entries[0].Model, by)
		f.Table.Title = fmt.Sprintf("The first %d of %s by measured %s", len(f.Table.Rows), many(b.Models, "model"), by)
	case r.Tied == 1:
		f.Sentence = fmt.Sprintf("%s is proven better than each other of %s by %s.", b.Entries[0].Model, many(b.Models, "model"), by)
		k.numbers[Tier] = Number{Big: "1 of " + words.Grouped(b.Models), Verdict: Tied,
			Sentence: fmt.Sprintf("model is proven better than each other by %s.", by)}
	default:
		f.Sentence = fmt.Sprintf("%s of %s are tied with the best by %s; no order among these is proven.",
			words.Grouped(r.Tied), many(b.Models, "model"), by)
		k.numbers[Tier] = Number{Big: words.Grouped(r.Tied) + " of " + words.Grouped(b.Models), Verdict: Tied,
			Sentence: fmt.Sprintf("models are tied with the best by %s: %s cannot name a winner.", by, many(r.N, "sample"))}
	}
	if r := b.Resolution; r != nil {
		n := min(len(f.Table.Rows), r.Tied)
		f.Table.Title = fmt.Sprintf("The first %d by measured %s, of %s tied with the best", n, by, many(r.Tied, "model"))
		if more := r.Tied - n; more > 0 {
			f.Table.Note = fmt.Sprintf("%s more are tied with the best", words.Grouped(more))
		}
	}
	return f
}

func (k *asking) tierMethod() string {
	r := k.Board.Resolution
	if r == nil {
		return ""
	}
	text := fmt.Sprintf("Tied: not separable from the best by paired differences on the same %s, all pairs at once, %g %%. "+
		"Small: the %g %% interval of each value by itself; where two overlap, the difference may still be proven.",
		many(r.N, "sample"), 100*r.Level, 100*r.Level)
	if k.Board.Apart() != nil {
		text += " Some tied models have an interval beyond that of the best: their differences from it are too noisy to be proven among so many."
	}
	return text
}

// wanted are the metrics of a table of models beside the ranking one, as far as a board has them.
var wanted = []string{"aurc", "accuracy", "auroc", "coverage-at-risk@0.05", "sac@0.99", "ece@15"}

// Columns are the metrics that a table of models shows beside the one that ranks the board:
// those for which the board should know what may be the best, by board.ResolveBeside.
func Columns(b *board.Board) []metrics.Measure {
	var list []metrics.Measure
	for _, id := range wanted {
		if at := b.BesideAt(metrics.MustMeasure(id)); at >= 0 && len(list) < 5 {
			list = append(list, b.Beside[at])
		}
	}
	return list
}

// models is a table of models with the metrics of a first page.
func (k *asking) models(entries []board.Entry) *Table {
	b := k.Board
	t := &Table{Columns: []Column{named("model")}}
	keys := k.descriptions(entries)
	for _, key := range keys {
		t.Columns = append(t.Columns, named(key))
	}
	cost := k.costs()
	if cost {
		t.Columns = append(t.Columns, counted("parameters"))
	}
	t.Columns = append(t.Columns, shownMetric(b.By))
	var beside []int
	for _, m := range Columns(b) {
		beside = append(beside, b.BesideAt(m))
		t.Columns = append(t.Columns, shownMetric(m))
	}
	for _, e := range entries {
		row := Row{Model: e.Model, Cells: []Cell{label(e.Model)}}
		for _, key := range keys {
			row.Cells = append(row.Cells, label(Plain(e.Meta.Get(key))))
		}
		if cost {
			row.Cells = append(row.Cells, number(params(e)))
		}
		row.Cells = append(row.Cells, valued(e.Value, standing(b.Standing(e))))
		for _, at := range beside {
			s := board.NotTested
			if e.Standings != nil {
				s = e.Standings[at]
			}
			row.Cells = append(row.Cells, valued(e.Beside[at], standing(s)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t.fit()
}

// shownMetric is the column of a metric of the board.
func shownMetric(m metrics.Measure) Column {
	c := Column{Head: short(m.ID()), Kind: Value, Measure: m.ID(), Unit: words.UnitOf(m), Better: m.Metric.Better}
	if head := answeredAt(m); head != "" {
		c.Head = head
	}
	return c
}

// answeredAt is a plain name of the share answered at an operating point; "" for other
// metrics. SAC@0.95 and coverage at risk 0.05 are the same share.
func answeredAt(m metrics.Measure) string {
	risk := m.At
	switch m.Metric.ID {
	case "sac":
		risk = 1 - m.At
	case "coverage-at-risk":
	default:
		return ""
	}
	return "answered at " + strconv.FormatFloat(math.Round(1e6*risk)/1e4, 'g', -1, 64) + " % error"
}

func standing(s board.Standing) Verdict {
	return map[board.Standing]Verdict{board.MayBeBest: Tied, board.NotBest: Behind}[s]
}

// descriptions are the metadata that tell models apart and are shown: the regime, or else
// the family.
func (k *asking) descriptions(entries []board.Entry) []string {
	for _, key := range []string{"regime", "family"} {
		if slices.ContainsFunc(entries, func(e board.Entry) bool { return e.Meta.Get(key) != "" }) {
			return []string{key}
		}
	}
	return nil
}

// Plain is the name of a training regime for people: "vanilla" is "plain", all else as it is.
func Plain(regime string) string {
	if regime == "vanilla" {
		return "plain"
	}
	return regime
}

// params is the number of parameters of a model; NaN if it is not known.
func params(e board.Entry) float64 {
	v, err := strconv.ParseFloat(e.Meta.Get("params"), 64)
	if err != nil || !(v > 0) || math.IsInf(v, 0) {
		return nan
	}
	return v
}

// costs reports whether at least half of the models name their size.
func (k *asking) costs() bool {
	n := 0
	for _, e := range k.Board.Entries {
		if !math.IsNaN(params(e)) {
			n++
		}
	}
	return n > 0 && 2*n >= len(k.Board.Entries)
}

// tied are the entries that may be the best, in their order.
func (k *asking) tied() []board.Entry {
	return slices.DeleteFunc(slices.Clone(k.Board.Entries), func(e board.Entry) bool { return k.Board.Standing(e) != board.MayBeBest })
}

// mostCheap is how many of the cheapest models are listed.
const mostCheap = 5

// choice says what to take where no winner can be named: the cheapest of the tied.
func (k *asking) choice() *Finding {
	b := k.Board
	tied := k.tied()
	if len(tied) == 0 {
		return nil
	}
	if len(tied) == 1 {
		return &Finding{Sentence: fmt.Sprintf("%s: each other model is proven worse by %s.", tied[0].Model, b.By.Label())}
	}
	f := &Finding{Headline: true, Sentence: fmt.Sprintf("Any of the %s tied models will do: take the one that costs least or serves another need.", words.Grouped(len(tied)))}
	f.Method = "Tied is not the same as equal: more samples may tell these models apart. "
	at, also := b.BesideAt(metrics.MustMeasure("coverage-at-risk@0.05")), ""
	sized := slices.DeleteFunc(slices.Clone(tied), func(e board.Entry) bool { return math.IsNaN(params(e)) })
	if at >= 0 && b.TiedBeside != nil && b.TiedBeside[at] > 0 {
		sized = slices.DeleteFunc(sized, func(e board.Entry) bool { return e.Standings[at] != board.MayBeBest })
		also = ", and tied in the share answered at 5 % error too"
	}
	if len(sized) > 1 && k.costs() {
		slices.SortStableFunc(sized, func(a, b board.Entry) int { return cmp.Compare(params(a), params(b)) })
		f.Table = k.models(sized[:min(mostCheap, len(sized))])
		f.Table.Title = "The cheapest tied models: fewest parameters" + also
		f.Sentence = fmt.Sprintf("Any of the %s tied models will do; the smallest of them has %s parameters.", words.Grouped(len(tied)), words.Grouped(int(params(sized[0]))))
		if at >= 0 && sized[0].Beside[at].Defined() {
			f.Sentence = fmt.Sprintf("Any of the %s tied models will do; a small one has %s parameters and answers %s at 5 %% error.",
				words.Grouped(len(tied)), words.Grouped(int(params(sized[0]))), words.UnitOf(b.Beside[at]).With(sized[0].Beside[at].Value))
		}
		f.Method += "The smallest was picked after looking: expect a little less of it on new samples. "
	}
	f.Method += "abstain threshold chooses a threshold with a bound that holds on new samples."
	return f
}

// answered says how much the models answer at the risks that the board has.
func (k *asking) answered() *Finding {
	b := k.Board
	t := &Table{Columns: []Column{named("error accepted"), {Head: "most answered", Kind: Value, Unit: words.Unit{Factor: 100, Sign: "%", Decimals: 1}, Better: metrics.Higher}, named("by"),
		{Head: "median model", Kind: Value, Unit: words.Unit{Factor: 100, Sign: "%", Decimals: 1}, Better: metrics.Higher}, counted("answer nothing")}}
	var sentence, nothing string
	for _, id := range []string{"coverage-at-risk@0.01", "sac@0.99", "coverage-at-risk@0.05", "sac@0.95"} {
		m := metrics.MustMeasure(id)
		var column []metrics.Estimate
		switch at := b.BesideAt(m); {
		case b.By.Same(m):
			for _, e := range b.Entries {
				column = append(column, e.Value)
			}
		case at >= 0:
			for _, e := range b.Entries {
				column = append(column, e.Beside[at])
			}
		default:
			continue
		}
		risk := answeredAt(m)[len("answered at ") : len(answeredAt(m))-len(" error")]
		if slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[0].Text == risk }) {
			continue
		}
		best, none := -1, 0
		var values []float64
		for i, e := range column {
			if !e.Defined() {
				continue
			}
			values = append(values, e.Value)
			if e.Value == 0 {
				none++
			}
			if best < 0 || e.Value > column[best].Value {
				best = i
			}
		}
		if best < 0 {
			continue
		}
		slices.Sort(values)
		median := (values[(len(values)-1)/2] + values[len(values)/2]) / 2
		t.Rows = append(t.Rows, Row{Model: b.Entries[best].Model, Cells: []Cell{label(risk), valued(column[best], Untested),
			label(b.Entries[best].Model), number(median), number(float64(none))}})
		if none > 0 {
			nothing = strings.TrimPrefix(nothing+", ", ", ") + fmt.Sprintf("%s at %s error", many(none, "model"), risk)
		}
		unit := words.UnitOf(m)
		sentence = fmt.Sprintf("With %s of the answers wrong, the model that answers most answers %s, the median model %s.",
			risk, unit.With(column[best].Value), unit.With(median))
		k.numbers[Answered] = Number{Big: unit.With(column[best].Value), Sentence: fmt.Sprintf(
			"of the samples is the most that a model answers with %s of its answers wrong; the median model answers %s.", risk, unit.With(median))}
	}
	if t.Rows == nil {
		return nil
	}
	if nothing != "" {
		t.Note = "no threshold reaches it, and the share answered is 0: " + nothing
	}
	return &Finding{Sentence: sentence, Table: t, Headline: true,
		Method: fmt.Sprintf("Measured, thresholds chosen on the same samples; the most of %s is an optimistic number.", many(len(b.Entries), "model"))}
}

// kinds counts for each family, or else for each regime, the models tied with the best.
func (k *asking) kinds() *Finding {
	b := k.Board
	if b.Resolution == nil || b.Resolution.Tied < 2 {
		return nil
	}
	key := "family"
	if !slices.ContainsFunc(b.Entries, func(e board.Entry) bool { return e.Meta.Get(key) != "" }) {
		return nil
	}
	type kind struct {
		name      string
		tied, all int
		best      board.Entry
	}
	var list []kind
	for _, e := range b.Entries {
		name := e.Meta.Get(key)
		at := slices.IndexFunc(list, func(x kind) bool { return x.name == name })
		if name == "" || !e.Value.Defined() {
			continue
		}
		if at < 0 {
			at = len(list)
			list = append(list, kind{name: name, best: e})
		}
		list[at].all++
		if e.Tie {
			list[at].tied++
		}
	}
	if len(list) < 2 {
		return nil
	}
	slices.SortStableFunc(list, func(x, y kind) int {
		return cmp.Or(cmp.Compare(float64(y.tied)/float64(y.all), float64(x.tied)/float64(x.all)), cmp.Compare(y.all, x.all))
	})
	t := &Table{Columns: []Column{named(key), counted("models"), counted("tied with the best"), {Head: "best measured " + b.By.Label(), Kind: Value, Measure: b.By.ID(), Unit: words.UnitOf(b.By), Better: b.By.Metric.Better}}}
	some := 0
	for _, x := range list {
		if x.tied > 0 {
			some++
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{label(x.name), number(float64(x.all)), number(float64(x.tied)), valued(x.best.Value, standing(b.Standing(x.best)))}})
	}
	return &Finding{Table: t.fit(), Sentence: fmt.Sprintf("%s of %s have a model tied with the best; %s has the largest share, %d of %d.",
		words.Grouped(some), words.Count(len(list), "family", "families"), list[0].name, list[0].tied, list[0].all),
		Method: "Counts of models on these samples; families are not equally large, nor equally well tuned."}
}
