package gate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/spelling"
)

// Gate is a condition under which a script is to fail. It reads
//
//	METRIC[.PART] OP NUMBER               a model's value
//	difference(METRIC)[.PART] OP NUMBER   a model minus the reference
//	METRIC [not] worse|better             a model's verdict against the reference
//
// where METRIC is a metric's id or its name as boards print it, OP one of > >= < <=, and PART one of value, lo and
// hi. Without a part the gate fails only what is proven: "aurc > 0.05" fails a model
// whose whole interval lies above 0.05. "aurc.hi > 0.05" fails a model that is not
// proven to be at most 0.05, and "aurc.value > 0.05" looks at the value alone. The
// verdict is that of the comparison, adjusted for all its tests.
type Gate struct {
	Measure    metrics.Measure
	Difference bool // of the model and the reference, not of the model's value

	Part  string  // "value", "lo" or "hi"; "" for the whole interval
	Op    string  // ">", ">=", "<", "<="; "" for a verdict
	Bound float64 // in the metric's unit

	Verdict ranks.Verdict // Better or Worse; "" for a number
	Not     bool          // fails on every verdict but this one
}

// Error says why a gate cannot be read.
type Error struct {
	Text    string
	At      int // offset in bytes of the first character that cannot be read
	Problem string
}

func (e *Error) Error() string {
	return fmt.Sprintf("gate %q, character %d: %s", e.Text, 1+len([]rune(e.Text[:e.At])), e.Problem)
}

// Parse reads a gate; errors are of type *Error.
func Parse(text string) (Gate, error) {
	p := parser{text: text}
	g, err := p.gate()
	if err != nil {
		return Gate{}, err
	}
	return g, nil
}

// String writes the gate as Parse reads it.
func (g Gate) String() string {
	subject := g.Measure.Name()
	if g.Difference {
		subject = "difference(" + subject + ")"
	}
	if g.Part != "" {
		subject += "." + g.Part
	}
	switch {
	case g.Verdict != "" && g.Not:
		return subject + " not " + string(g.Verdict)
	case g.Verdict != "":
		return subject + " " + string(g.Verdict)
	}
	return subject + " " + g.Op + " " + strconv.FormatFloat(g.Bound, 'g', -1, 64)
}

// Compares reports whether the gate asks for a reference to compare with.
func (g Gate) Compares() bool { return g.Difference || g.Verdict != "" }

// parser reads a gate from left to right.
type parser struct {
	text string
	at   int
}

func (p *parser) fail(at int, problem string, args ...any) error {
	return &Error{p.text, at, fmt.Sprintf(problem, args...)}
}

func (p *parser) space() {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t') {
		p.at++
	}
}

// subject reads the metric, with its part if there is one: a word, or all before the operator,
// bracket or verdict where that is a name with blanks in it, such as "ECE (l2)".
func (p *parser) subject() string {
	from := p.at
	word := p.word()
	after := p.at
	rest := p.text[from:]
	end := len(rest)
	if i := strings.IndexAny(rest, "<>"); i >= 0 {
		end = i
	}
	for _, verdict := range []string{" not ", " better", " worse"} {
		if i := strings.Index(rest, verdict); i >= 0 {
			end = min(end, i)
		}
	}
	whole := strings.TrimRight(rest[:end], " \t")
	if strings.Count(whole, ")") > strings.Count(whole, "(") { // that of difference(...)
		whole = strings.TrimRight(whole[:strings.LastIndex(whole, ")")], " \t")
	}
	name, _ := cutPart(whole)
	if _, err := metrics.ParseMeasure(name); err == nil && len(whole) > len(word) {
		p.at = from + len(whole)
		return whole
	}
	p.at = after
	return word
}

// cutPart cuts the part off a subject.
func cutPart(subject string) (metric, part string) {
	for _, part := range parts {
		if rest, ok := strings.CutSuffix(subject, "."+part); ok {
			return rest, part
		}
	}
	return subject, ""
}

// word reads letters, digits and the other characters of ids; it may be empty.
func (p *parser) word() string {
	from := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("@.-_", c) >= 0) {
			break
		}
		p.at++
	}
	return p.text[from:p.at]
}

func (p *parser) take(symbol string) bool {
	if !strings.HasPrefix(p.text[p.at:], symbol) {
		return false
	}
	p.at += len(symbol)
	return true
}

func (p *parser) gate() (g Gate, err error) {
	p.space()
	from := p.at
	word := p.subject()
	if p.space(); word == "difference" && p.take("(") {
		g.Difference = true
		p.space()
		from = p.at
		word = p.subject()
		if p.space(); !p.take(")") {
			return g, p.fail(p.at, "want ) behind the metric")
		}
		after := p.at
		if part := p.word(); part != "" {
			if g.Part = strings.TrimPrefix(part, "."); !slices.Contains(parts, g.Part) || part[0] != '.' {
				return g, p.fail(after, "want .value, .lo or .hi, or one of > >= < <=")
			}
		}
	} else {
		word, g.Part = cutPart(word)
	}
	if g.Measure, err = p.measure(word, from); err != nil {
		return g, err
	}
	p.space()
	if err = p.condition(&g); err != nil {
		return g, err
	}
	if p.space(); p.at < len(p.text) {
		return g, p.fail(p.at, "%q is too much", p.text[p.at:])
	}
	return g, nil
}

var parts = []string{"value", "lo", "hi"}

func (p *parser) measure(id string, from int) (metrics.Measure, error) {
	if id == "" {
		return metrics.Measure{}, p.fail(from, "want a metric id, as in 'aurc > 0.05'")
	}
	m, err := metrics.ParseMeasure(id)
	if err != nil {
		return m, p.fail(from, "%v", err)
	}
	return m, nil
}

// condition reads what follows the subject: a bound or a verdict.
func (p *parser) condition(g *Gate) error {
	from := p.at
	for _, op := range []string{">=", "<=", ">", "<"} {
		if p.take(op) {
			g.Op = op
			return p.bound(g)
		}
	}
	word := p.word()
	if word == "not" {
		g.Not = true
		p.space()
		from = p.at
		word = p.word()
	}
	switch {
	case g.Part == "" && !g.Difference && (word == string(ranks.Better) || word == string(ranks.Worse)):
		if g.Measure.Metric.Better == metrics.None {
			return p.fail(from, "metric %q has no better and worse end", g.Measure.Name())
		}
		g.Verdict = ranks.Verdict(word)
		return nil
	case g.Not:
		return p.fail(from, "want worse or better")
	case g.Part != "" || g.Difference:
		return p.fail(from, "want one of > >= < <= and a number")
	}
	return p.fail(from, "want one of > >= < <= and a number, or worse or better")
}

func (p *parser) bound(g *Gate) error {
	p.space()
	from := p.at
	for p.at < len(p.text) && p.text[p.at] != ' ' && p.text[p.at] != '\t' {
		p.at++
	}
	v, err := strconv.ParseFloat(p.text[from:p.at], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return p.fail(from, "want a number such as 0.05; shares are fractions, not percent")
	}
	g.Bound = v
	return nil
}

// Errors that say why a gate cannot be judged.
var (
	ErrUndefined = errors.New("undefined")
	ErrInterval  = errors.New("without an interval")
)

// Fails reports whether a value, or a difference, fails a gate that asks for a
// number. The error is ErrUndefined if the value is undefined, and ErrInterval if
// the gate looks at an interval and the value has none.
func (g Gate) Fails(e metrics.Estimate) (bool, error) {
	if !e.Defined() {
		return false, ErrUndefined
	}
	v := e.Value
	above := g.Op == ">" || g.Op == ">="
	switch {
	case g.Part == "lo" || g.Part == "" && above:
		v = e.Lo
	case g.Part == "hi" || g.Part == "":
		v = e.Hi
	}
	if math.IsNaN(v) {
		return false, ErrInterval
	}
	switch g.Op {
	case ">":
		return v > g.Bound, nil
	case ">=":
		return v >= g.Bound, nil
	case "<":
		return v < g.Bound, nil
	}
	return v <= g.Bound, nil
}

// Breach says that a model fails a gate. Package reports/say puts it into a
// sentence.
type Breach struct {
	Gate     Gate
	Model    string
	Against  string           // the reference, if the gate compares
	Estimate metrics.Estimate // the value or difference looked at
	P        float64          // adjusted p-value of a verdict; NaN for a number
}

// Unjudged names a model for which a gate could not be judged, because its value
// is undefined.
type Unjudged struct {
	Gate  Gate
	Model string
}

// OnBoard judges gates on the models of a board: on those in only, or on all if
// that is empty. Call it before the board is cut to its top models or to fewer
// metrics. It returns notes on the models that could not be judged. It is an
// error if a model or metric is missing, if a gate asks for a reference, if a
// gate looks at an interval and there is none, or if a gate can be judged on no
// model.
func OnBoard(b *board.Board, gates []Gate, only []string) (breaches []Breach, notes []Unjudged, err error) {
	for _, name := range only {
		if !slices.ContainsFunc(b.Entries, func(e board.Entry) bool { return e.Model == name }) {
			var names []string
			for _, e := range b.Entries {
				names = append(names, e.Model)
			}
			return nil, nil, fmt.Errorf("gates: the leaderboard of %s has no model %q%s", b.Choice.Dataset, name, spelling.Meant(name, names))
		}
	}
	for _, g := range gates {
		if g.Compares() {
			return nil, nil, fmt.Errorf("gate '%s' asks for a reference: abstain compare has one", g)
		}
		at := placeOf(b, g.Measure)
		if at < 0 {
			return nil, nil, fmt.Errorf("gate '%s': the folder has no metric %q; run again with --metrics to add it", g, g.Measure.Name())
		}
		var subjects []judged
		for _, e := range b.Entries {
			if len(only) == 0 || slices.Contains(only, e.Model) {
				subjects = append(subjects, judged{e.Model, cell(&e, at)})
			}
		}
		failed, unjudged, err := g.judge(subjects)
		if err != nil {
			return nil, nil, err
		}
		breaches, notes = append(breaches, failed...), append(notes, unjudged...)
	}
	return breaches, notes, nil
}

// placeOf is the place of a metric on the board: 0 for the one it is ranked by, from
// 1 on for those beside, -1 if it is not there.
func placeOf(b *board.Board, m metrics.Measure) int {
	return slices.IndexFunc(append([]metrics.Measure{b.By}, b.Beside...), m.Same)
}

// cell is the entry's value of the metric at that place of the board.
func cell(e *board.Entry, at int) metrics.Estimate {
	if at == 0 {
		return e.Value
	}
	return e.Beside[at-1]
}

// judged is a model with the value that a gate looks at.
type judged struct {
	model    string
	estimate metrics.Estimate
}

// judge judges a gate that asks for a number.
func (g Gate) judge(subjects []judged) (failed []Breach, notes []Unjudged, err error) {
	for _, s := range subjects {
		fails, err := g.Fails(s.estimate)
		switch {
		case err == ErrUndefined:
			notes = append(notes, Unjudged{g, s.model})
		case err != nil:
			return nil, nil, fmt.Errorf("gate '%s': %s is %w; '%s' looks at the value alone", g, s.model, err, g.alone())
		case fails:
			failed = append(failed, Breach{Gate: g, Model: s.model, Estimate: s.estimate, P: math.NaN()})
		}
	}
	if len(notes) == len(subjects) {
		return nil, nil, fmt.Errorf("gate '%s' can be judged on no model: none has a value", g)
	}
	return failed, notes, nil
}

// alone is the same gate, looking at the value without its interval.
func (g Gate) alone() Gate {
	g.Part = "value"
	return g
}

// OnComparison judges gates on the models that are compared with the reference.
// Notes and errors are as for OnBoard; it is also an error if a verdict could not
// be tested.
func OnComparison(c *compare.Comparison, gates []Gate) (breaches []Breach, notes []Unjudged, err error) {
	for _, g := range gates {
		rows := byMetric(c, g.Measure)
		if rows == nil {
			return nil, nil, fmt.Errorf("gate '%s': %q is not among the metrics compared", g, g.Measure.Name())
		}
		failed, unjudged, err := g.compare(rows)
		if err != nil {
			return nil, nil, err
		}
		breaches, notes = append(breaches, failed...), append(notes, unjudged...)
	}
	return breaches, notes, nil
}

// byMetric are the differences by a metric.
func byMetric(c *compare.Comparison, m metrics.Measure) []compare.Difference {
	var rows []compare.Difference
	for _, d := range c.Metrics {
		if d.Measure.Same(m) {
			rows = append(rows, d)
		}
	}
	return rows
}

// compare judges a gate on the differences by its metric.
func (g Gate) compare(rows []compare.Difference) (failed []Breach, notes []Unjudged, err error) {
	if g.Verdict == "" {
		var subjects []judged
		for _, d := range rows {
			e := d.B
			if g.Difference {
				e = d.Difference
			}
			subjects = append(subjects, judged{d.Model, e})
		}
		failed, notes, err = g.judge(subjects)
		for i := range failed {
			failed[i].Against = rows[0].Against
		}
		return failed, notes, err
	}
	for _, d := range rows {
		switch {
		case d.Verdict == ranks.Untried:
			return nil, nil, fmt.Errorf("gate '%s': %s could not be tested against %s: %w", g, d.Model, d.Against, d.Why)
		case (d.Verdict == g.Verdict) != g.Not:
			failed = append(failed, Breach{Gate: g, Model: d.Model, Against: d.Against, Estimate: d.Difference, P: d.AdjustedP})
		}
	}
	return failed, notes, nil
}
