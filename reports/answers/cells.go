package answers

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/words"
)

// label is a cell of text.
func label(text string) Cell { return Cell{Text: text, Value: nan, Lo: nan, Hi: nan, P: nan} }

// number is a cell of a count or a value without an interval.
func number(v float64) Cell { return Cell{Value: v, Lo: nan, Hi: nan, P: nan} }

// empty is a cell without anything.
func empty() Cell { return number(nan) }

var nan = math.NaN()

// valued is a cell of an estimate.
func valued(e metrics.Estimate, v Verdict) Cell {
	return Cell{Value: e.Value, Lo: e.Lo, Hi: e.Hi, P: nan, Verdict: v}
}

// changed is a cell of a change. What is proven needs the test and the interval.
func changed(c *study.Changes) Cell {
	if c == nil {
		return empty()
	}
	in, _ := c.Widest()
	return Cell{Value: c.Median, Lo: in.Lo, Hi: in.Hi, P: c.P, Pairs: len(c.Values), Better: c.Better, Worse: c.Worse(),
		Units: c.Units, Verdict: verdict(c)}
}

// verdict is what is proven of a change.
func verdict(c *study.Changes) Verdict {
	improves := 1.0
	if study.Direction(c.Metric) == metrics.Lower {
		improves = -1
	}
	switch {
	case c.Tests == 0:
		return Untested
	case c.Proof == study.Proven && c.Median*improves > 0:
		return Better
	case c.Proof == study.Proven:
		return Worse
	case c.Hopeless:
		return TooFew
	}
	return Unproven
}

// related is a cell of a rank correlation.
func related(c study.Correlation) Cell {
	return Cell{Value: c.Spearman, Lo: c.SpearmanIn.Lo, Hi: c.SpearmanIn.Hi, P: c.P, Pairs: c.N, Units: c.Units}
}

// measured is a column of a metric, named by its id.
func measured(id string, kind Kind) Column {
	c := Column{Head: short(id), Kind: kind, Measure: id, Unit: words.UnitNamed(id), Better: study.Direction(id)}
	if m, err := metrics.ParseMeasure(id); err == nil {
		c.Head = cmp.Or(answeredAt(m), c.Head)
	}
	return c
}

// short is the name of a metric in sentences and heads: the usual number of bins is left out.
func short(id string) string {
	text := study.Label(id)
	if m, err := metrics.ParseMeasure(id); err == nil && m.Metric.Param != nil && m.Metric.Param.Name == "bins" && m.At == m.Metric.Param.Default {
		return m.Metric.Label
	}
	return text
}

// named is a column of text.
func named(head string) Column { return Column{Head: head} }

// counted is a column of whole numbers.
func counted(head string) Column { return Column{Head: head, Kind: Count} }

// correlated is a column of correlations.
func correlated(head string) Column {
	return Column{Head: head, Kind: Coefficient, Unit: words.Unit{Factor: 1, Decimals: 2}}
}

// Title is the head of a column with its unit and the arrow of its better end: "AURC % ↓".
func (c Column) Title() string {
	arrow := map[metrics.Direction]string{metrics.Higher: "↑", metrics.Lower: "↓"}[c.Better]
	return strings.Join(strings.Fields(c.Head+" "+c.Unit.Sign+" "+arrow), " ")
}

// fit gives the columns of values as many decimals as their values need.
func (t *Table) fit() *Table {
	for k := range t.Columns {
		if t.Columns[k].Kind != Value {
			continue
		}
		var values []float64
		for _, r := range t.Rows {
			values = append(values, r.Cells[k].Value)
		}
		t.Columns[k].Unit = t.Columns[k].Unit.For(values...)
	}
	return t
}

// Print is a cell of the k-th column as it is printed, without its interval.
func (t *Table) Print(c Cell, k int) string {
	switch kind := t.Columns[k].Kind; {
	case kind == Text:
		return c.Text
	case math.IsNaN(c.Value):
		return c.Text
	case kind == Count:
		return words.Grouped(int(c.Value))
	case kind == Effect || kind == Coefficient:
		return t.unit(c, k).Signed(c.Value) + t.sign(c)
	}
	return t.unit(c, k).Number(c.Value) + t.sign(c)
}

// unit is the unit of a cell of the k-th column.
func (t *Table) unit(c Cell, k int) words.Unit {
	if c.Unit.Factor != 0 {
		return c.Unit
	}
	return t.Columns[k].Unit
}

// sign is the sign that a cell of its own unit needs behind its number.
func (t *Table) sign(c Cell) string {
	if c.Unit.Sign == "" {
		return ""
	}
	return " " + c.Unit.Sign
}

// Interval is the interval of a cell as it is printed; "" if it has none.
func (t *Table) Interval(c Cell, k int) string {
	kind := t.Columns[k].Kind
	return t.unit(c, k).Bounds(c.Lo, c.Hi, kind == Effect || kind == Coefficient)
}

// Votes says how many of the pairs of an effect are better: "22 of 26"; "" for none.
func (c Cell) Votes() string {
	if c.Pairs == 0 {
		return ""
	}
	return strconv.Itoa(c.Better) + " of " + strconv.Itoa(c.Pairs)
}

// points is the size of a change in words: "2.5 points", "0.044".
func points(u words.Unit, change float64) string {
	text := u.Number(math.Abs(change))
	if u.Sign != "" {
		text += " points"
	}
	return text
}

// many writes a count with a noun.
func many(n int, what string) string { return fmt.Sprintf("%s %s", words.Grouped(n), plural(n, what)) }

func plural(n int, what string) string {
	if n == 1 {
		return what
	}
	return what + "s"
}
