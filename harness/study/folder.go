package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/pool"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// Folder is what experiments read: the comparable models of a folder, their metrics as
// columns, and their stored outcomes where there are any. It does not change once
// newFolder has returned it, so that experiments cannot depend on each other; only the
// models tied with the best, which take seconds, are remembered.
type Folder struct {
	results   *results.Results
	options   Options
	view      *board.View
	level     float64
	classes   int
	models    []subject // those in the cross-model statistics
	units     []string  // of the models, by unitNames
	broken    []Broken
	place     map[string]int // index into models by name
	columns   []*column      // in the order of the folder, then those computed here
	rows      map[results.Key]*results.Row
	stored    bool                 // outcomes are kept
	bootstrap *resample.Replicates // over the samples compared, shared by all models; nil for none
	notes     []Note
	tied      map[*column]rivals // those looked for so far
}

// Choice is a note of the selection: what was taken where the user left a choice.
type Choice struct{ Note board.Note }

// SameValues names models that have the same value in every metric: probably one
// record under two names.
type SameValues struct{ Pairs [][2]string }

// ChanceUnknown says that records not above chance were not looked for, because
// there is no accuracy or else because the number of classes is not known.
type ChanceUnknown struct{ NoAccuracy bool }

// StandsIn says that |overconfidence|, a lower bound of ECE, stands in for the ECE
// that the folder does not have.
type StandsIn struct{}

func (Choice) note()        {}
func (SameValues) note()    {}
func (ChanceUnknown) note() {}
func (StandsIn) note()      {}

// subject is one model of the study.
type subject struct {
	row  results.Row
	meta datasets.Meta
}

// column holds one number of every model, such as a metric.
type column struct {
	ID     string // metric id; "|overconfidence|" and "ood-auroc[CONDITION]" are of this package
	Label  string
	Better metrics.Direction
	Values []float64 // by model; NaN where undefined
	// Replicates are the values on bootstrap replicates over samples, by model. It is
	// nil if there are none; Replicates[i] is nil for a model without a value.
	Replicates [][]float64

	// Own are the estimates with the intervals that a run would store, by model; nil for
	// a column of the folder, which has them in its cells, and where there are none.
	Own []metrics.Estimate

	measure   metrics.Measure // zero for the columns of this package
	canonical string          // its id in one spelling; "" for the columns of this package
	at        int             // among the folder's metrics; -1 if it is computed here
}

// newColumn is a column of a metric without values.
func newColumn(m metrics.Measure, at int) *column {
	return &column{ID: m.Name(), Label: m.Label(), Better: m.Metric.Better, measure: m, canonical: m.ID(), at: at}
}

// standIn is the id of the stand-in for a calibration error that is not there.
const standIn = "|overconfidence|"

// newFolder chooses the models and gathers their columns.
func newFolder(ctx context.Context, s *results.Results, o Options) (*Folder, error) {
	view, err := board.Select(s, o.Selection)
	if err != nil {
		return nil, err
	}
	f := &Folder{results: s, options: o, view: view, level: cmp.Or(o.Level, evaluate.DefaultLevel),
		classes: cmp.Or(view.Classes, o.Classes), place: map[string]int{}, rows: map[results.Key]*results.Row{},
		tied: map[*column]rivals{}}
	if f.level <= 0 || f.level >= 1 {
		return nil, fmt.Errorf("level %v: want a number between 0 and 1", f.level)
	}
	for _, n := range view.Notes {
		f.notes = append(f.notes, Choice{n})
	}
	for i := range s.Rows {
		f.rows[s.Rows[i].Key] = &s.Rows[i]
	}
	if err := f.choose(); err != nil {
		return nil, err
	}
	_, err = s.Outcomes(f.models[0].row.Key)
	f.stored = err == nil
	f.noteTwins()
	f.units = unitNames(f.models)
	f.noteUnits()
	return f, f.measure(ctx)
}

// noteTwins notes models that have the same values in all metrics, three or more:
// probably they are one record under two names.
func (f *Folder) noteTwins() {
	const least = 3
	first := map[string]string{}
	var found SameValues
	for _, s := range f.models {
		known, key := 0, ""
		for _, cell := range s.row.Cells {
			if cell.Defined() {
				known++
			}
			key += fmt.Sprint(cell.Value, " ")
		}
		if known < least {
			continue
		}
		if twin, ok := first[key]; ok {
			found.Pairs = append(found.Pairs, [2]string{twin, s.row.Model})
		} else {
			first[key] = s.row.Model
		}
	}
	if found.Pairs != nil {
		f.notes = append(f.notes, found)
	}
}

// NoneAboveChanceError says that nothing is left to study.
type NoneAboveChanceError struct {
	Models int
	Reason string // of the first
}

func (e NoneAboveChanceError) Error() string {
	return fmt.Sprintf("none of the %d models is above chance: %s", e.Models, e.Reason)
}

// choose takes the models of the selection, and sets aside those not above chance.
func (f *Folder) choose() error {
	accuracy := f.at("accuracy")
	for _, row := range f.view.Rows {
		meta := f.results.Meta(row.Model, row.Dataset)
		if !f.view.Choice.Admits(meta) {
			continue
		}
		reason := ""
		if accuracy >= 0 {
			reason = results.AtChance(row.Cells[accuracy].Value, row.N, cmp.Or(row.Classes, f.classes))
		}
		if reason != "" {
			f.broken = append(f.broken, Broken{row.Model, reason})
			if !f.options.WithBroken {
				continue
			}
		}
		f.place[row.Model] = len(f.models)
		f.models = append(f.models, subject{row, meta})
	}
	switch {
	case len(f.models) == 0 && len(f.broken) > 0:
		return NoneAboveChanceError{len(f.broken), f.broken[0].Reason}
	case len(f.models) == 0:
		return f.view.NoMatch(f.results)
	case accuracy < 0:
		f.notes = append(f.notes, ChanceUnknown{NoAccuracy: true})
	case f.classes < 2:
		f.notes = append(f.notes, ChanceUnknown{})
	}
	return nil
}

// measure fills in the columns: those of the folder, and those of the requested
// metrics that can be computed from the stored outcomes.
func (f *Folder) measure(ctx context.Context) error {
	for i, m := range f.results.Measures {
		c := newColumn(m, i)
		for _, s := range f.models {
			c.Values = append(c.Values, s.row.Cells[i].Value)
		}
		f.columns = append(f.columns, c)
	}
	asked := f.asked()
	if err := evaluate.Distinct(asked); err != nil {
		return err
	}
	computed := 0
	for _, m := range asked {
		if f.column(m.ID()) == nil && f.stored && m.Metric.Needs&(metrics.NeedsVectors|metrics.NeedsOutside) == 0 {
			c := newColumn(m, -1)
			c.Values, c.Own = undefined(len(f.models)), make([]metrics.Estimate, len(f.models))
			f.columns = append(f.columns, c)
			computed++
		}
	}
	if err := f.outcomes(ctx, asked, computed); err != nil {
		return err
	}
	f.standInForECE()
	f.outside()
	return nil
}

// asked are the metrics to compare: those of the options, or else those of every study.
func (f *Folder) asked() []metrics.Measure {
	if len(f.options.Metrics) > 0 {
		return f.options.Metrics
	}
	return metrics.StudyMeasures()
}

// Label is the name of a column for people: of a metric with its operating point,
// or of one of this package's own columns.
func Label(id string) string {
	m, rest, ok := named(id)
	if !ok {
		return id
	}
	return m.Label() + rest
}

// Direction says which way a column improves.
func Direction(id string) metrics.Direction {
	if id == standIn {
		return metrics.Lower
	}
	m, _, _ := named(id)
	return m.Metric.Better
}

// named is the metric that the id of a column names, as findings and files have it,
// and the condition in brackets behind it; false for the columns of this package.
func named(id string) (m metrics.Measure, rest string, ok bool) {
	name, _, _ := strings.Cut(id, "[")
	m, err := metrics.ParseMeasure(name)
	return m, id[len(name):], err == nil
}

func undefined(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = math.NaN()
	}
	return v
}

// outcomes fills in what needs stored outcomes: the last columns, as many as computed,
// which the folder does not have, and the replicates of the requested metrics. It
// reads the outcomes of each model only once, because reading is slow.
func (f *Folder) outcomes(ctx context.Context, asked []metrics.Measure, computed int) error {
	if !f.stored {
		return nil
	}
	fresh := f.columns[len(f.columns)-computed:]
	var replicated []*column
	var measures []metrics.Measure
	if f.options.Replicates > 0 {
		for _, m := range asked {
			if c := f.column(m.ID()); c != nil {
				c.Replicates = make([][]float64, len(f.models))
				replicated, measures = append(replicated, c), append(measures, c.measure)
			}
		}
		f.bootstrap = resample.Draw(resample.Independent(f.view.N), f.options.Seed, f.options.Replicates)
	}
	if len(fresh) == 0 && f.bootstrap == nil {
		return nil
	}
	return f.eachModel(ctx, func(i int) error {
		r, err := f.ranked(f.models[i].row.Key)
		if err != nil {
			return err
		}
		if err := f.evaluate(i, r, fresh); err != nil {
			return err
		}
		if f.bootstrap == nil || r.Outcomes.N() != f.view.N {
			return nil
		}
		for k, values := range resample.Bootstrap(r, measures, f.bootstrap) {
			if !math.IsNaN(replicated[k].Values[i]) {
				replicated[k].Replicates[i] = values
			}
		}
		return nil
	})
}

// evaluate fills in columns that the folder does not have, for one model, with the
// intervals that a run would have given them.
func (f *Folder) evaluate(i int, r *metrics.Ranked, fresh []*column) error {
	in := f.results.Run.Intervals
	if len(fresh) == 0 || in.Level == 0 || in.Method != "" && in.Method != evaluate.ByInfluence {
		for _, c := range fresh {
			c.Values[i] = c.measure.Of(r).Value
		}
		return nil
	}
	design, err := f.results.Design(r.Outcomes)
	if err != nil {
		return err
	}
	var measures []metrics.Measure
	for _, c := range fresh {
		measures = append(measures, c.measure)
	}
	for k, e := range resample.Intervals(r, measures, resample.Options{Level: in.Level, Design: design, SweptOnly: true}) {
		fresh[k].Values[i], fresh[k].Own[i] = e.Value, e
	}
	return nil
}

// eachModel calls do for every model, several at the same time, and for none once ctx
// has ended. It returns the error of ctx, or else that of the first model that has one.
func (f *Folder) eachModel(ctx context.Context, do func(i int) error) error {
	errs := make([]error, len(f.models))
	pool.Each(len(f.models), func(i int) {
		if ctx.Err() == nil {
			errs[i] = do(i)
		}
	})
	return cmp.Or(ctx.Err(), cmp.Or(errs...))
}

// ranked loads a row's outcomes in the order of its confidence function.
func (f *Folder) ranked(k results.Key) (*metrics.Ranked, error) {
	o, err := f.results.Outcomes(k)
	if err != nil {
		return nil, err
	}
	c := o.Confidence(k.Confidence)
	if c == nil {
		return nil, fmt.Errorf("the outcomes of %s hold no confidence function %q", k.Model, k.Confidence)
	}
	return metrics.Rank(o, c), nil
}

// standInForECE adds |mean confidence - accuracy| where no calibration error is
// known: by the triangle inequality over the bins it is a lower bound of ECE.
func (f *Folder) standInForECE() {
	if f.column("ece@15") != nil {
		return
	}
	c := &column{ID: standIn, Label: "|overconfidence|", Better: metrics.Lower, Values: undefined(len(f.models)), at: -1}
	accuracy, confidence, over := f.column("accuracy"), f.column("mean-confidence"), f.column("overconfidence")
	known := false
	for i := range f.models {
		switch {
		case over != nil:
			c.Values[i] = math.Abs(over.Values[i])
		case accuracy != nil && confidence != nil:
			c.Values[i] = math.Abs(confidence.Values[i] - accuracy.Values[i])
		}
		known = known || !math.IsNaN(c.Values[i])
	}
	if known {
		f.columns = append(f.columns, c)
		f.notes = append(f.notes, StandsIn{})
	}
}

// outside adds a column for each condition with samples of new classes: the AUROC of
// telling samples of known classes from them.
func (f *Folder) outside() {
	at := f.at("ood-auroc")
	if at < 0 {
		return
	}
	for _, condition := range f.conditions() {
		c := &column{ID: "ood-auroc[" + condition.Condition + "]", Label: Label("ood-auroc[" + condition.Condition + "]"), Better: metrics.Higher, Values: undefined(len(f.models)), at: -1}
		known := 0
		for i, s := range f.models {
			if row := f.under(s, condition); row != nil && row.Cells[at].Defined() {
				c.Values[i] = row.Cells[at].Value
				known++
			}
		}
		if known > 0 {
			f.columns = append(f.columns, c)
		}
	}
}

// setting is a split and condition other than the one compared.
type setting struct{ Split, Condition string }

// conditions are the settings of the folder's rows other than the one compared and
// other than clean ones, in order of first appearance.
func (f *Folder) conditions() []setting {
	var list []setting
	for _, r := range f.results.Rows {
		s := setting{r.Split, r.Condition}
		c := f.view.Choice
		if r.Status == "ok" && r.Dataset == c.Dataset && r.Condition != c.Condition && r.Condition != "clean" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// under is the row of a model in another setting; nil if there is none.
func (f *Folder) under(s subject, in setting) *results.Row {
	k := s.row.Key
	k.Split, k.Condition = in.Split, in.Condition
	return f.row(k)
}

// row is the evaluated row of that key; nil if there is none.
func (f *Folder) row(k results.Key) *results.Row {
	if r := f.rows[k]; r != nil && r.Status == "ok" {
		return r
	}
	return nil
}

// at is the index of a metric without a parameter among those of the folder; -1 if the
// folder does not have it.
func (f *Folder) at(id string) int {
	return slices.IndexFunc(f.results.Measures, func(m metrics.Measure) bool { return m.Metric.ID == id })
}

// column finds the column with that name, or that of the metric with that canonical
// id; nil if there is none.
func (f *Folder) column(id string) *column {
	for _, c := range f.columns {
		if c.ID == id || c.canonical == id {
			return c
		}
	}
	return nil
}

// axes are the columns of the requested metrics that have values and a direction. The
// stand-in replaces an ECE that the folder does not have.
func (f *Folder) axes() []*column {
	var list []*column
	for _, m := range f.asked() {
		c := f.column(m.ID())
		if c == nil && m.ID() == "ece@15" {
			c = f.column(standIn)
		}
		if c != nil && c.known() > 0 && c.Better != metrics.None && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// calibration is the column of calibration errors, or its stand-in; nil if
// there is neither.
func (f *Folder) calibration() *column {
	if c := f.column("ece@15"); c != nil {
		return c
	}
	return f.column(standIn)
}

// known counts the models with a value.
func (c *column) known() int {
	n := 0
	for _, v := range c.Values {
		if !math.IsNaN(v) {
			n++
		}
	}
	return n
}

// improves is the sign of a change for the better: 1 or -1.
func (c *column) improves() float64 {
	if c.Better == metrics.Lower {
		return -1
	}
	return 1
}

// replicates is how many bootstrap replicates over samples there are.
func (f *Folder) replicates() int {
	if !f.stored {
		return 0
	}
	return f.options.Replicates
}

// by lists the values of a metadata key with their models, by name.
func (f *Folder) by(key string) (names []string, members map[string][]int) {
	members = map[string][]int{}
	for i, s := range f.models {
		if v := s.meta.Get(key); v != "" {
			members[v] = append(members[v], i)
		}
	}
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, members
}
