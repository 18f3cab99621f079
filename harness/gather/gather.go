package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/metrics"
	"abstain/metrics/rowstat"
)

// reading says what to take from a table besides its outcomes.
type reading struct {
	vectors bool // keep the class vectors
	hash    bool // hash the content on the way, if the format allows
	// functions are the confidence functions to compute; nil means all.
	functions []string
	// report, if set, hears of every bad row; reading goes on as long as it
	// returns true and ends with errReported.
	report func(*datasets.Error) bool
	// desk lends its memory to the outcomes; nil for memory of their own.
	desk *desk
}

// desk is the memory in which a worker evaluates table after table.
type desk struct {
	collector metrics.Collector
	ranker    metrics.Ranker
	narrow    narrowing
	ids       datasets.IDs
}

// readTable reads a table to its end and returns its outcomes in the order of
// the sample ids, and the table's content hash if it was asked for and reading
// gave it, else "".
func readTable(ctx context.Context, t datasets.Table, want reading) (o *outcomes, hash string, err error) {
	r, err := datasets.OpenTable(t)
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	hasher, hashing := r.(datasets.Hasher)
	hashing = hashing && want.hash && hasher.StartHash()
	if h, ok := r.(datasets.HalfKeeper); ok {
		h.KeepHalf()
	}
	g := newGatherer(t, r.Schema(), want)
	for b, err := range r.Batches() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, "", err
		}
		if err := g.add(b); err != nil {
			return nil, "", err
		}
	}
	if hashing {
		hash, _ = hasher.Hash()
	}
	o, err = g.finish()
	return o, hash, err
}

// errReported stands for bad rows that were all reported one by one.
var errReported = errors.New("bad rows")

// gatherer turns batches into outcomes.
type gatherer struct {
	table   datasets.Table
	schema  datasets.Schema
	desk    *desk
	metrics *metrics.Collector
	// available are the confidence functions that the table can give
	available []string
	ids       datasets.IDs
	counting  bool // the ids are integers, each one more than the one before
	groups    []grouping
	rows      int
	expected  int // rows; 0 if unknown
	report    func(*datasets.Error) bool
}

func newGatherer(t datasets.Table, s datasets.Schema, want reading) *gatherer {
	g := &gatherer{table: t, schema: s, report: want.report, expected: min(max(t.Rows, 0), 1<<17)}
	spec := metrics.Spec{Kind: kinds[s.Kind], Classes: s.Classes, Column: s.Column, Scores: s.Scores,
		Functions: want.functions, Margin: margin(t, s), KeepVectors: want.vectors, Rows: g.expected}
	if want.report != nil {
		spec.Report = func(p metrics.RowProblem) bool { return want.report(g.problem(p)) }
	}
	d := want.desk
	if d == nil {
		d = new(desk)
	}
	d.collector.Reset(spec)
	g.desk, g.metrics, g.available = d, &d.collector, metrics.Available(spec)
	g.ids = datasets.IDs{Int: d.ids.Int[:0], Text: d.ids.Text[:0]}
	for _, name := range s.Groups {
		g.groups = append(g.groups, grouping{name: name, code: map[string]int32{}})
	}
	return g
}

var kinds = map[datasets.Kind]metrics.Kind{
	datasets.Logits: metrics.FromLogits, datasets.Probs: metrics.FromProbs, datasets.Score: metrics.FromScores,
}

// margin reports whether the table says that its stored confidence is no
// probability, whatever its values are.
func margin(t datasets.Table, s datasets.Schema) bool {
	kind := t.Meta.Get("score_kind")
	if kind == "" {
		kind = s.Meta["score_kind"]
	}
	return kind == "margin"
}

func (g *gatherer) add(b *datasets.Batch) error {
	if g.rows == 0 && b.ID.Int != nil {
		g.ids.Int = slices.Grow(g.ids.Int, g.expected)
	}
	g.ids.Int = append(g.ids.Int, b.ID.Int...)
	g.counting = (g.counting || g.rows == 0) && len(b.ID.Int) == b.N && counting(g.ids.Int[max(0, g.rows-1):])
	for _, s := range b.ID.Text {
		g.ids.Text = append(g.ids.Text, strings.Clone(s))
	}
	for i := range g.groups {
		g.groups[i].add(b.Groups[i])
	}
	g.rows += b.N
	err := g.metrics.Add(metrics.Rows{F16: b.F16, F32: b.F32, F64: b.F64, Label: b.Label, Prediction: b.Prediction,
		Correct: b.Correct, Confidence: b.Confidence, Scores: b.Scores, Trail: (*rowstat.Trail)(b.Trail)})
	if p, ok := errors.AsType[metrics.RowProblem](err); ok {
		return g.problem(p)
	}
	return err
}

func (g *gatherer) problem(p metrics.RowProblem) *datasets.Error {
	return &datasets.Error{Table: g.table.Name, Column: p.Column, Row: p.Row, Err: errors.New(p.Problem), Hint: p.Hint}
}

func (g *gatherer) finish() (*outcomes, error) {
	if g.rows == 0 {
		return nil, &datasets.Error{Table: g.table.Name, Row: -1, Err: errors.New("no rows"),
			Hint: "the file may be truncated; write it again"}
	}
	if g.table.Rows >= 0 && g.rows != g.table.Rows {
		return nil, rowCount(g.table, g.rows)
	}
	g.desk.ids = g.ids // grown, for the next table
	ids := g.ids.Present().Canonical()
	rising := g.counting || ids.Rising() // as most are
	if !rising {
		if err := g.duplicate(ids); err != nil && (g.report == nil || !g.report(err)) {
			return nil, err
		}
	}
	o := &outcomes{Outcomes: g.metrics.Outcomes(), IDs: ids, counting: g.counting, available: g.available}
	if o.Outcomes == nil {
		return nil, errReported
	}
	for i := range g.groups {
		o.Groups = append(o.Groups, g.groups[i].group())
	}
	if !rising {
		rows := byID(ids)
		o = &outcomes{Outcomes: o.Take(rows), IDs: takeIDs(ids, rows), Row: rows, available: g.available}
	}
	return o, nil
}

// duplicate is the error of the first sample that stands in the table twice, or nil.
func (g *gatherer) duplicate(ids datasets.IDs) *datasets.Error {
	row, first, found := ids.Duplicate()
	if !found {
		return nil
	}
	return &datasets.Error{Table: g.table.Name, Column: "sample_id", Row: row,
		Err:  fmt.Errorf("the same sample as row %d", first),
		Hint: "a sample may stand in a table once; average repeated passes or store them as tables of their own"}
}

func rowCount(t datasets.Table, rows int) error {
	return &datasets.Error{Table: t.Name, Row: -1,
		Err:  fmt.Errorf("%d rows, but the manifest says %d", rows, t.Rows),
		Hint: "the file may be truncated; write it again or correct the manifest's rows"}
}

// grouping collects an attribute column.
type grouping struct {
	name   string
	code   map[string]int32
	levels []string
	codes  []int32
}

func (g *grouping) add(values []string) {
	for _, v := range values {
		code, ok := g.code[v]
		switch {
		case v == "":
			code = -1
		case !ok:
			code = int32(len(g.levels))
			v = strings.Clone(v)
			g.code[v] = code
			g.levels = append(g.levels, v)
		}
		g.codes = append(g.codes, code)
	}
}

// group returns the attribute with its levels sorted, so that it does not
// depend on the order of the rows.
func (g *grouping) group() metrics.Group {
	levels := slices.Sorted(slices.Values(g.levels))
	place := make([]int32, len(levels))
	for i, l := range levels {
		place[g.code[l]] = int32(i)
	}
	for i, c := range g.codes {
		if c >= 0 {
			g.codes[i] = place[c]
		}
	}
	return metrics.Group{Name: g.name, Levels: levels, Code: g.codes}
}

// Gather reads a table to its end and returns its outcomes, in the order of the
// sample ids.
func Gather(ctx context.Context, t datasets.Table) (*metrics.Outcomes, error) {
	o, _, err := readTable(ctx, t, reading{})
	if err != nil {
		return nil, err
	}
	return o.Outcomes, nil
}
