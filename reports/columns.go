package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/say"
	"abstain/reports/words"
)

// column is one column of a table for people.
type column struct {
	head    string
	measure *metrics.Measure // nil for rank, model and metadata
	unit    words.Unit
	right   bool
	cells   []string
	best    []bool // entries not told apart from the best by the column; nil if that was not tested
}

// columns lays a board out for people: rank, overall rank if there is a filter,
// model, regime and family if known, then the metrics.
func columns(b *board.Board) []column { return columnsOf(b, false) }

// columnsOf is columns. With letters it also shows the groups of inseparable
// models if there are more groups than letters of the alphabet.
func columnsOf(b *board.Board, letters bool) []column {
	cols := []column{rankColumn("rank", b, func(e board.Entry) int { return e.Rank })}
	if b.Resolution != nil {
		c := textColumn(ranksHead, b, rankInterval)
		c.right = true
		cols = append(cols, c)
		if letters || b.Groups <= alphabet {
			cols = append(cols, textColumn("groups", b, func(e board.Entry) string { return e.Groups }))
		}
	}
	if len(b.Choice.Where) > 0 {
		cols = append(cols, rankColumn("overall", b, func(e board.Entry) int { return e.Overall }))
	}
	cols = append(cols, textColumn("model", b, func(e board.Entry) string { return e.Model }))
	for _, key := range []string{"regime", "family"} {
		c := textColumn(key, b, func(e board.Entry) string { return e.Meta.Get(key) })
		if slices.ContainsFunc(c.cells, func(s string) bool { return s != "" }) {
			cols = append(cols, c)
		}
	}
	value := measureColumn(b, 0)
	cols = append(cols, value)
	if b.Pinned != nil {
		cols = append(cols, differenceColumn(b, value.unit))
	}
	for i := range b.Beside {
		cols = append(cols, measureColumn(b, i+1))
	}
	return cols
}

// ranksHead is the head of the column with the ranks that the data allow.
const ranksHead = "ranks"

func rankColumn(head string, b *board.Board, rank func(board.Entry) int) column {
	c := column{head: head, right: true}
	for _, e := range b.Entries {
		cell := undefinedCell
		if r := rank(e); r > 0 {
			cell = strconv.Itoa(r)
		}
		c.cells = append(c.cells, cell)
	}
	return c
}

// rankInterval writes the ranks that the data allow, with "=" before those that
// include the best.
func rankInterval(e board.Entry) string {
	if e.Ranks.Lo == 0 {
		return ""
	}
	text := strconv.Itoa(e.Ranks.Lo)
	if e.Ranks.Hi > e.Ranks.Lo {
		text = fmt.Sprintf("%d–%d", e.Ranks.Lo, e.Ranks.Hi)
	}
	if e.Tie {
		text = "= " + text
	}
	return text
}

// alphabet is the largest number of groups that a table for people shows without
// being asked.
const alphabet = 26

// differenceColumn has the difference of each model to the pinned one, in the
// unit of the values, with "~" where nothing is proven.
func differenceColumn(b *board.Board, u words.Unit) column {
	c := column{head: strings.Join(nonEmpty("difference", u.Sign, arrow(b.By.Metric.Better)), " "), right: true}
	for _, e := range b.Entries {
		cell := ""
		switch a := e.Against; {
		case a == nil:
		case a.Verdict == ranks.Reference:
			cell = string(ranks.Reference)
		default:
			cell = u.Difference(metrics.Estimate{Value: a.Difference, Lo: a.Lo, Hi: a.Hi})
			if a.Verdict == ranks.Unproven {
				cell = "~ " + cell
			}
		}
		c.cells = append(c.cells, cell)
	}
	return c
}

func textColumn(head string, b *board.Board, text func(board.Entry) string) column {
	c := column{head: head}
	for _, e := range b.Entries {
		c.cells = append(c.cells, text(e))
	}
	return c
}

// measureColumn is the i-th column of metrics, the first that of the ranking one.
func measureColumn(b *board.Board, i int) column {
	m := append([]metrics.Measure{b.By}, b.Beside...)[i]
	var all []metrics.Estimate
	for _, e := range b.Entries {
		all = append(all, cellOf(e, i))
	}
	u := unitOf(m, all)
	c := column{head: header(m, u), measure: &m, unit: u, right: true, best: mayBeBest(b, i)}
	for _, e := range all {
		c.cells = append(c.cells, u.Estimate(e))
	}
	return c
}

// header is "AURC % ↓": label, unit, direction.
func header(m metrics.Measure, u words.Unit) string {
	return strings.Join(nonEmpty(m.Label(), u.Sign, arrow(m.Metric.Better)), " ")
}

// arrow points the way in which a metric improves; "" if neither is better.
func arrow(d metrics.Direction) string {
	switch d {
	case metrics.Higher:
		return "↑"
	case metrics.Lower:
		return "↓"
	}
	return ""
}

// direction is the meaning of arrow in words.
func direction(d metrics.Direction) string {
	switch d {
	case metrics.Higher:
		return "higher is better"
	case metrics.Lower:
		return "lower is better"
	}
	return "neither way is better"
}

// mayBeBest marks the entries that are not told apart from the best by the i-th metric
// column; nil if that was not tested.
func mayBeBest(b *board.Board, i int) []bool {
	marks, tested := make([]bool, len(b.Entries)), false
	for k, e := range b.Entries {
		standing := b.Standing(e)
		switch {
		case i > 0 && e.Standings == nil:
			standing = board.NotTested
		case i > 0:
			standing = e.Standings[i-1]
		}
		marks[k] = standing == board.MayBeBest
		tested = tested || standing != board.NotTested
	}
	if !tested {
		return nil
	}
	return marks
}

// unordered leaves out the columns that give each model one rank, where there are rank
// sets: the data do not resolve that order.
func unordered(b *board.Board, cols []column) []column {
	if b.Resolution == nil {
		return cols
	}
	return slices.DeleteFunc(cols, func(c column) bool { return c.measure == nil && (c.head == "rank" || c.head == "overall") })
}

// boldLine says what is in bold; "" if nothing is.
func boldLine(b *board.Board, cols []column) string {
	if !slices.ContainsFunc(cols, func(c column) bool { return slices.Contains(c.best, true) }) {
		return ""
	}
	text := "bold: all models tied with the best by the metric of the column (max-t, all pairs)"
	var untested []string
	for _, c := range cols {
		if c.measure != nil && c.best == nil && c.measure.Metric.Better != metrics.None {
			untested = append(untested, c.measure.Label())
		}
	}
	if untested != nil {
		text += "; not tested: " + strings.Join(untested, ", ")
	}
	return text
}

// legend is the lines below a table that say what it shows.
func legend(b *board.Board) []string {
	lines := []string{fmt.Sprintf("by %s (%s); %s", b.By.Label(), direction(b.By.Metric.Better), choice(b.Choice))}
	lines = append(lines, strings.Join(nonEmpty(samples(b), models(b)), "; "))
	if b.Resolution != nil {
		lines = append(lines, say.Resolution(b.Resolution))
		lines = append(lines, nonEmpty(say.Apart(b))...)
	}
	if b.Resolution != nil && b.Groups > 0 {
		lines = append(lines, groupsLine(b))
	}
	lines = append(lines, nonEmpty(say.Pinned(b), say.MayBeTop(b.MayBeTop))...)
	if len(b.Choice.Where) > 0 {
		lines = append(lines, whereLine(b))
	}
	if slices.ContainsFunc(b.Entries, func(e board.Entry) bool { return !e.Value.Defined() }) || undefinedBeside(b) {
		lines = append(lines, undefinedCell+" is undefined")
	}
	lines = append(lines, estimateNotes(b)...)
	return append(lines, say.Notes(b.Notes)...)
}

// whereLine says which models the ranks are among.
func whereLine(b *board.Board) string {
	if b.Resolution != nil {
		return fmt.Sprintf("where %s: ranks are among the %d models of the filter, of %d", where(b.Choice.Where), b.Models, b.All)
	}
	return fmt.Sprintf("where %s: rank is among the %d models of the filter, overall among all %d", where(b.Choice.Where), b.Models, b.All)
}

// brief is the legend with the methods in one line, for a terminal.
func brief(b *board.Board, shown []column) []string {
	lines := []string{fmt.Sprintf("by %s (%s); %s", b.By.Label(), direction(b.By.Metric.Better), choice(b.Choice)),
		strings.Join(nonEmpty(samples(b), models(b)), "; ")}
	if len(b.Choice.Where) > 0 {
		lines = append(lines, whereLine(b))
	}
	lines = append(lines, nonEmpty(methods(b), say.Pinned(b), say.MayBeTop(b.MayBeTop))...)
	if slices.ContainsFunc(shown, func(c column) bool { return c.head == "groups" }) {
		lines = append(lines, "groups: models that share a letter are not separable from each other")
	}
	if slices.ContainsFunc(shown, func(c column) bool { return c.measure != nil && slices.Contains(c.cells, undefinedCell) }) {
		lines = append(lines, undefinedCell+" is undefined")
	}
	lines = append(lines, estimateNotes(b)...)
	for _, n := range b.Notes {
		switch n := n.(type) {
		case board.OwnIntervals: // in methods
		case board.IntervalsMade:
			if i := n.By; i.Method != evaluate.ByInfluence && i.Method != "" || i.Cluster != "" || i.Stratify != "" {
				lines = append(lines, say.Note(n)) // asked for, and not what one expects
			}
		default:
			lines = append(lines, say.Note(n))
		}
	}
	return lines
}

// methods says in one line what marks and brackets are; "" if there are none.
func methods(b *board.Board) string {
	var parts []string
	if r := b.Resolution; r != nil {
		parts = append(parts, fmt.Sprintf("= %s tied with the best (max-t, %g %%)", words.Plural(r.Tied, "model"), 100*r.Level))
	}
	for _, n := range b.Notes {
		if n, ok := n.(board.OwnIntervals); ok {
			what := ""
			if parts == nil {
				what = " intervals"
			}
			parts = append(parts, fmt.Sprintf("[%g %%%s]", 100*n.Level, what))
		}
	}
	if parts == nil {
		return ""
	}
	return strings.Join(append(parts, "rank -v: how"), "; ")
}

// groupsLine says what the groups are, and where they are listed.
func groupsLine(b *board.Board) string {
	if b.Groups <= alphabet {
		return "groups: models that share a letter are not separable from each other, all pairs compared"
	}
	return fmt.Sprintf("groups: the models form %d overlapping groups not separable among themselves, all pairs compared (csv and json list them)", b.Groups)
}

// choice is what was selected: "fashion-523, split test, condition clean,
// confidence msp".
func choice(s board.Selection) string {
	parts := []string{cmp.Or(s.Dataset, "dataset not named")}
	for _, p := range [][2]string{{"split", s.Split}, {"condition", s.Condition}, {"transform", s.Transform}, {"confidence", s.Confidence}} {
		if p[1] != "" && !(p[0] == "transform" && p[1] == "none") {
			parts = append(parts, p[0]+" "+p[1])
		}
	}
	return strings.Join(parts, ", ")
}

func samples(b *board.Board) string {
	s := fmt.Sprintf("n = %d", b.N)
	if b.N == 0 && len(b.Entries) > 0 {
		s = "n not known" // unknown for published figures
	}
	if b.Classes > 0 {
		s += fmt.Sprintf(", %d classes", b.Classes)
	}
	return s
}

// models says how many models are shown, if not all.
func models(b *board.Board) string {
	if len(b.Entries) == b.Models {
		return words.Plural(b.Models, "model")
	}
	return fmt.Sprintf("%d of %s", len(b.Entries), words.Plural(b.Models, "model"))
}

func where(filters []board.Filter) string {
	var parts []string
	for _, f := range filters {
		parts = append(parts, f.Key+"="+f.Value)
	}
	return strings.Join(parts, ", ")
}

func undefinedBeside(b *board.Board) bool {
	return slices.ContainsFunc(b.Entries, func(e board.Entry) bool {
		return slices.ContainsFunc(e.Beside, func(v metrics.Estimate) bool { return !v.Defined() })
	})
}

// estimateNotes collects the footnotes of the cells: each once, with its metrics
// and the number of models that have it, in the order of columns and rows.
func estimateNotes(b *board.Board) []string {
	var order []footnote
	measures := map[footnote][]string{}
	for i, m := range append([]metrics.Measure{b.By}, b.Beside...) {
		for _, f := range columnNotes(b, i) {
			if measures[f] == nil {
				order = append(order, f)
			}
			measures[f] = append(measures[f], m.Label())
		}
	}
	var lines []string
	for _, f := range order {
		lines = append(lines, fmt.Sprintf("%s: %s (%s)", strings.Join(measures[f], ", "), f.text, words.Plural(f.models, "model")))
	}
	return lines
}

// footnote is a note and the number of models that have it.
type footnote struct {
	text   string
	models int
}

// columnNotes counts the footnotes of the i-th metric column.
func columnNotes(b *board.Board, i int) []footnote {
	var notes []footnote
	at := map[string]int{}
	for _, e := range b.Entries {
		for _, text := range cellOf(e, i).Notes {
			if _, ok := at[text]; !ok {
				at[text] = len(notes)
				notes = append(notes, footnote{text: text})
			}
			notes[at[text]].models++
		}
	}
	return notes
}

func nonEmpty(parts ...string) []string {
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}
