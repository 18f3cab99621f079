package gather

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/store"
	"abstain/metrics"
)

// Wanted says what to take from a table besides its labels, predictions and ids.
type Wanted struct {
	Vectors bool // keep the class vectors
	Hash    bool // hash the content while reading, if the format allows
	// Functions are the confidence functions to compute; nil means all.
	Functions []string
	// Report, if not nil, is called for every bad row. Reading goes on as long as
	// it returns true, and ends with ErrReported.
	Report func(*datasets.Error) bool
	// Schema, if not nil, is set to that of the table.
	Schema *datasets.Schema
	// Workspace is the memory that the outcomes are made in; nil for new memory.
	Workspace *Workspace
}

// Workspace is memory for the outcomes of one table. The next table uses it
// again, so the outcomes of the table before must not be used any more.
type Workspace struct {
	collector metrics.Collector
	ids       datasets.IDs
}

// Table reads a table to its end and returns its outcomes in the order of the
// sample ids. It also returns the table's content hash if that was asked for and
// the format allowed it, else "".
func Table(ctx context.Context, t datasets.Table, want Wanted) (o *store.Outcomes, hash string, err error) {
	r, err := datasets.OpenTable(t)
	if err != nil {
		return nil, "", err
	}
	defer r.Close()
	hasher, hashing := r.(datasets.Hasher)
	hashing = hashing && want.Hash && hasher.StartHash()
	if h, ok := r.(datasets.HalfKeeper); ok {
		h.KeepHalf()
	}
	if want.Schema != nil {
		*want.Schema = r.Schema()
	}
	g := newGatherer(t, r.Schema(), want)
	g.place = r.(datasets.Placer).Place
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
	if err := t.Unchanged(); err != nil {
		return nil, "", err
	}
	if o, err = g.finish(); err == nil {
		o.Notes = r.Notes()
	}
	return o, hash, err
}

// Outcomes reads a table to its end and returns its outcomes, in the order of the
// sample ids.
func Outcomes(ctx context.Context, t datasets.Table) (*metrics.Outcomes, error) {
	o, _, err := Table(ctx, t, Wanted{})
	if err != nil {
		return nil, err
	}
	return o.Outcomes, nil
}

// Again reads a table that was read before and had that many rows. It calls begin
// with the schema, then each with every batch.
func Again(ctx context.Context, t datasets.Table, rows int, begin func(datasets.Schema), each func(*datasets.Batch) error) error {
	reader, err := datasets.OpenTable(t)
	if err != nil {
		return err
	}
	defer reader.Close()
	begin(reader.Schema())
	seen := 0
	for b, err := range reader.Batches() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if seen = b.First + b.N; seen > rows {
			break
		}
		if err := each(b); err != nil {
			return err
		}
	}
	if seen != rows {
		return fmt.Errorf("%s: it has other rows than when it was first read: run again", t.Name)
	}
	return t.Unchanged()
}

// ErrReported is returned in place of bad rows that were all reported one by one.
var ErrReported = errors.New("bad rows")

// gatherer turns batches into outcomes.
type gatherer struct {
	table     datasets.Table
	taken     datasets.Meta // which columns were taken for what
	workspace *Workspace
	metrics   *metrics.Collector
	// available are the confidence functions that the table can give
	available []string
	ids       datasets.IDs
	counting  bool // the ids are integers, each one more than the one before
	groups    []grouping
	rows      int
	expected  int // rows; 0 if unknown
	report    func(*datasets.Error) bool
	place     func(*datasets.Error) *datasets.Error // names the file and row of an error
}

func newGatherer(t datasets.Table, s datasets.Schema, want Wanted) *gatherer {
	g := &gatherer{table: t, taken: s.Taken, report: want.Report, expected: min(max(t.Rows, 0), 1<<17)}
	spec := metrics.Spec{Kind: Kinds[s.Kind], Classes: s.Classes, Column: s.Column, Scores: s.Scores,
		Functions: want.Functions, Margin: margin(t, s), KeepVectors: want.Vectors, Rows: g.expected}
	if want.Report != nil {
		spec.Report = func(p metrics.RowProblem) bool { return want.Report(g.problem(p)) }
	}
	w := want.Workspace
	if w == nil {
		w = new(Workspace)
	}
	w.collector.Reset(spec)
	g.workspace, g.metrics, g.available = w, &w.collector, metrics.Available(spec)
	g.ids = datasets.IDs{Int: w.ids.Int[:0], Text: w.ids.Text[:0]}
	for _, name := range s.Groups {
		g.groups = append(g.groups, grouping{name: name, code: map[string]int32{}})
	}
	return g
}

// Kinds translates the kinds of tables from the words of datasets to those of
// metrics.
var Kinds = map[datasets.Kind]metrics.Kind{
	datasets.Logits: metrics.FromLogits, datasets.Probs: metrics.FromProbs, datasets.Score: metrics.FromScores,
}

// margin reports whether the table says that its stored confidence is not a
// probability, even if all values lie between 0 and 1.
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
	g.counting = (g.counting || g.rows == 0) && len(b.ID.Int) == b.N && store.CountUp(g.ids.Int[max(0, g.rows-1):])
	for _, s := range b.ID.Text {
		g.ids.Text = append(g.ids.Text, strings.Clone(s))
	}
	for i := range g.groups {
		g.groups[i].add(b.Groups[i])
	}
	g.rows += b.N
	err := g.metrics.Add(metrics.Rows{F16: b.F16, F32: b.F32, F64: b.F64, Label: b.Label, Prediction: b.Prediction,
		Correct: b.Correct, Confidence: b.Confidence, Scores: b.Scores, ShouldAbstain: b.ShouldAbstain})
	if p, ok := errors.AsType[metrics.RowProblem](err); ok {
		return g.problem(p)
	}
	return err
}

func (g *gatherer) problem(p metrics.RowProblem) *datasets.Error {
	return g.place(&datasets.Error{Table: g.table.Name, Column: cmp.Or(g.taken.Get(p.Column), p.Column), Row: p.Row, Err: errors.New(p.Problem), Hint: p.Hint})
}

func (g *gatherer) finish() (*store.Outcomes, error) {
	if g.rows == 0 {
		return nil, &datasets.Error{Table: g.table.Name, Row: -1, Err: errors.New("no rows"),
			Hint: "the file may be truncated; write it again"}
	}
	if g.table.Rows >= 0 && g.rows != g.table.Rows {
		return nil, RowCount(g.table, g.rows)
	}
	g.workspace.ids = g.ids // it may have grown; the next table uses it again
	ids := g.ids.Present().Canonical()
	rising := g.counting || ids.Rising() // true of most tables
	if !rising {
		if err := g.duplicate(ids); err != nil && (g.report == nil || !g.report(err)) {
			return nil, err
		}
	}
	o := &store.Outcomes{Outcomes: g.metrics.Outcomes(), IDs: ids, Available: g.available}
	if o.Outcomes == nil {
		return nil, ErrReported
	}
	for i := range g.groups {
		o.Groups = append(o.Groups, g.groups[i].group())
	}
	if !rising {
		o = o.Only(byID(ids))
	}
	return o, nil
}

// byID returns the permutation that brings the samples into the order of their ids.
func byID(ids datasets.IDs) []int32 {
	if ids.Int != nil {
		return order(ids.Int)
	}
	return order(ids.Text)
}

func order[T cmp.Ordered](ids []T) []int32 {
	rows := make([]int32, len(ids))
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(ids[a], ids[b]) })
	return rows
}

// duplicate returns the error for the first sample id that the table has twice,
// or nil.
func (g *gatherer) duplicate(ids datasets.IDs) *datasets.Error {
	row, first, found := ids.Duplicate()
	if !found {
		return nil
	}
	before := g.place(&datasets.Error{Table: g.table.Name, Row: first})
	place := fmt.Sprintf("row %d", before.Row)
	if before.Line > 0 {
		place = fmt.Sprintf("line %d", before.Line)
	}
	e := g.place(&datasets.Error{Table: g.table.Name, Column: cmp.Or(g.taken.Get("sample_id"), "sample_id"), Row: row})
	if before.Table != e.Table {
		place += " of " + before.Table
	}
	e.Err = fmt.Errorf("the same sample as %s", place)
	e.Hint = "a sample may stand in a table once; average repeated passes or store them as tables of their own"
	if e.Column != "sample_id" {
		e.Hint += fmt.Sprintf("; if %s does not tell samples apart, say --columns sample_id= and rows count in order", e.Column)
	}
	return g.place(e)
}

// RowCount is the error for a table whose number of rows is not the one in the
// manifest.
func RowCount(t datasets.Table, rows int) error {
	return &datasets.Error{Table: t.Name, Row: -1,
		Err:  fmt.Errorf("%d rows, but the manifest says %d", rows, t.Rows),
		Hint: "the file may be truncated; write it again or correct the manifest's rows"}
}

// grouping collects the values of an attribute column.
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

// group returns the attribute with its levels sorted, so that the result does not
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
