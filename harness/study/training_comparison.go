package study

import (
	"context"
	"math"
	"slices"
	"strings"

	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/disparity"
	"abstain/metrics/resample"
	"abstain/metrics/stattest"
)

// TrainingComparison is what the experiment training-comparison found: for each preset of
// abstain train, its table.
type TrainingComparison struct{ Presets []PresetTable }

// PresetTable compares the regimes of a preset with its reference regime.
type PresetTable struct {
	Preset, Reference string
	Attribute         string   // the group column of criteria of fairness; "" if there are none
	Regimes           []string // the reference first
	Columns           []ComparedColumn
	Cells             []ComparedCell // regimes x columns
	Absent            []ComparedColumn
}

// ComparedCell is a regime in a column: its mean over seeds, and its differences from the
// reference of the same seed.
type ComparedCell struct {
	Regime string
	Column ComparedColumn
	Models []string
	Values []float64 // by model
	Mean   float64
	Paired Paired // without values for the reference
}

// Paired are differences of pairs of models, one pair for each seed.
type Paired struct {
	Differences []float64 // by seed
	Mean        float64
	Between     float64 // standard error of the mean by the spread between seeds
	Rows        float64 // standard error by the test rows, root mean square over seeds; NaN if it is not known
	Reach       float64 // half the interval's width; NaN for fewer than two seeds, and where Rows is NaN
}

// pairedMean is the mean of differences with its interval. All seeds share the test rows, so
// what these rows happen to be does not average out over seeds: the variance of the mean is
// that between seeds over their number, plus the mean over seeds of the squared standard
// error by the rows. The first holds a part of the second already, so the interval is
// conservative. Its quantile is Student's with seeds-1 degrees of freedom.
func pairedMean(differences, errors []float64, level float64) Paired {
	n := float64(len(differences))
	p := Paired{Differences: differences, Mean: mean(differences), Between: math.NaN(), Rows: math.NaN(), Reach: math.NaN()}
	squares, spread := 0.0, 0.0
	for i, d := range differences {
		squares += errors[i] * errors[i] / n
		spread += (d - p.Mean) * (d - p.Mean)
	}
	p.Rows = math.Sqrt(squares)
	if len(differences) > 1 {
		p.Between = math.Sqrt(spread / (n - 1) / n)
		p.Reach = stattest.StudentReach(1-level, n-1) * math.Hypot(p.Between, p.Rows)
	}
	return p
}

// Bounds are the interval.
func (p Paired) Bounds() Bounds { return Bounds{p.Mean - p.Reach, p.Mean + p.Reach} }

// RuleDecided says what the numbers are to a claim of a paper, by a rule that was written
// before them.
type RuleDecided struct {
	TrainingRule
	Verdict Verdict
	Value   float64 // mean over seeds of the regime
	Before  float64 // and of what it is compared with
	Paired
}

// GammaSpread says how far the exponents of gamma-Net differ between the training rows: their standard deviation in
// each seed, and its mean with an interval over seeds. The claim is that it is more than Least.
type GammaSpread struct {
	Regime     string
	Deviations []float64 // by seed
	Means      []float64 // of the exponents, by seed
	Least      float64
	Verdict    Verdict
	Mean       float64
	In         Bounds
}

// RuleUndecided says that models, rows or metrics that a rule needs are not there.
type RuleUndecided struct{ TrainingRule }

// ColumnsAbsent lists columns of a preset's table that the folder does not have.
type ColumnsAbsent struct {
	Preset  string
	Columns []ComparedColumn
}

// SeedIntervals says how the intervals over seeds are made.
type SeedIntervals struct{ Level float64 }

// RulesBeforehand says what the verdicts mean.
type RulesBeforehand struct{}

// AttackSeen says what the attacks of a preset's tables are.
type AttackSeen struct{}

func (RuleDecided) claim()      {}
func (GammaSpread) claim()      {}
func (RuleUndecided) missing()  {}
func (ColumnsAbsent) missing()  {}
func (SeedIntervals) note()     {}
func (RulesBeforehand) note()   {}
func (AttackSeen) note()        {}
func (f *Folder) presets() bool { return slices.ContainsFunc(f.models, ofPreset) }
func ofPreset(s subject) bool   { return s.meta.Get("preset") != "" }

// trainingComparison makes the table of each preset, and decides the rules.
func trainingComparison(ctx context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	data := &TrainingComparison{}
	ids, _ := f.by("preset")
	for _, id := range ids {
		c := &comparison{folder: f, preset: id, ranked: map[results.Key]*metrics.Ranked{}, drawn: map[int]*resample.Replicates{}}
		t, err := c.table(ctx)
		if err != nil {
			return e, err
		}
		data.Presets = append(data.Presets, *t)
		if len(t.Absent) > 0 {
			e.missing(ColumnsAbsent{id, t.Absent})
		}
		if err := c.decide(ctx, &e); err != nil {
			return e, err
		}
		for _, regime := range data.Presets[len(data.Presets)-1].Regimes {
			c.gammas(regime, &e)
		}
	}
	e.Data, e.Tables = data, data.tables()
	e.note(SeedIntervals{f.level})
	if len(e.Findings) > 0 {
		e.note(RulesBeforehand{})
	}
	if slices.ContainsFunc(data.Presets, PresetTable.Attacked) {
		e.note(AttackSeen{})
	}
	return e, nil
}

// Attacked reports whether the table has columns of attacked rows.
func (t PresetTable) Attacked() bool {
	return slices.ContainsFunc(t.Columns, func(c ComparedColumn) bool { return c.Condition != "clean" })
}

// comparison is the work on one preset.
type comparison struct {
	folder    *Folder
	preset    string
	ranked    map[results.Key]*metrics.Ranked
	attribute string                       // the last that criteria were computed by
	drawn     map[int]*resample.Replicates // by number of samples
}

// members are the models of a regime, by family and seed.
func (c *comparison) members(regime string) map[string]subject {
	list := map[string]subject{}
	for _, s := range c.folder.models {
		if s.meta.Get("preset") == c.preset && s.meta.Get("regime") == regime {
			list[s.meta.Get("family")+"/"+s.meta.Get("seed")] = s
		}
	}
	return list
}

// regimes are those of the preset, the reference first; models without a reference that are
// none themselves, such as teachers, are left out.
func (c *comparison) regimes() (reference string, list []string) {
	for _, s := range c.folder.models {
		if s.meta.Get("preset") != c.preset || s.meta.Get("reference") == "" {
			continue
		}
		if at, ok := c.folder.place[s.meta.Get("reference")]; ok {
			reference = c.folder.models[at].meta.Get("regime")
		}
		if r := s.meta.Get("regime"); !slices.Contains(list, r) {
			list = append(list, r)
		}
	}
	return reference, slices.Insert(list, 0, reference)
}

// table compares every regime with the reference in every column that the folder has.
func (c *comparison) table(ctx context.Context) (*PresetTable, error) {
	t := &PresetTable{Preset: c.preset}
	t.Reference, t.Regimes = c.regimes()
	for _, column := range presetColumns[c.preset] {
		var cells []ComparedCell
		for _, regime := range t.Regimes {
			cell, err := c.cell(side{regime, column}, side{t.Reference, column}, 1)
			if err != nil {
				return nil, err
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			cells = append(cells, cell)
		}
		if slices.ContainsFunc(cells, func(c ComparedCell) bool { return len(c.Values) > 0 }) {
			t.Columns, t.Cells = append(t.Columns, column), append(t.Cells, cells...)
			if _, ok := criteria[column.Metric]; ok {
				t.Attribute = c.attribute
			}
		} else {
			t.Absent = append(t.Absent, column)
		}
	}
	return t, nil
}

// side is one side of a comparison.
type side struct {
	regime string
	column ComparedColumn
}

// cell compares the models of a regime with those of another, or of the same one, in another
// column of the same metric. The differences are from share times the other value.
func (c *comparison) cell(a, b side, share float64) (ComparedCell, error) {
	cell := ComparedCell{Regime: a.regime, Column: a.column, Mean: math.NaN()}
	members, others := c.members(a.regime), c.members(b.regime)
	var differences, errors []float64
	for _, seed := range sortedKeys(members) {
		s := members[seed]
		row := c.row(s, a.column)
		if row == nil {
			continue
		}
		v, err := c.value(row, a.column)
		if err != nil {
			return cell, err
		}
		if math.IsNaN(v) {
			continue
		}
		cell.Models, cell.Values = append(cell.Models, s.row.Model), append(cell.Values, v)
		other := c.row(others[seed], b.column)
		if other == nil || a == b {
			continue
		}
		before, err := c.value(other, b.column)
		if err != nil {
			return cell, err
		}
		if math.IsNaN(before) {
			continue
		}
		se, err := c.pairError(row, other, a.column, v, before, share)
		if err != nil {
			return cell, err
		}
		differences, errors = append(differences, v-share*before), append(errors, se)
	}
	cell.Mean = mean(cell.Values)
	if len(differences) > 0 {
		cell.Paired = pairedMean(differences, errors, c.folder.level)
	}
	return cell, nil
}

func sortedKeys(m map[string]subject) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// row is the evaluated row of a model for a column; nil if there is none.
func (c *comparison) row(s subject, column ComparedColumn) *results.Row {
	k := s.row.Key
	k.Transform = column.Transform
	if column.Confidence != "" {
		k.Confidence = column.Confidence
	}
	for _, condition := range c.folder.results.Rows {
		if condition.Model == k.Model && condition.Dataset == k.Dataset && condition.Split == k.Split &&
			strings.HasPrefix(condition.Condition, column.Condition) {
			k.Condition = condition.Condition
			if row := c.folder.row(k); row != nil {
				return row
			}
		}
	}
	return nil
}

// value is a column's value of a row; NaN if it cannot be had.
func (c *comparison) value(row *results.Row, column ComparedColumn) (float64, error) {
	if of, ok := criteria[column.Metric]; ok {
		counts, err := c.tally(row)
		if err != nil || counts == nil {
			return math.NaN(), err
		}
		return of(counts.of(nil)), nil
	}
	m, err := metrics.ParseMeasure(column.Metric)
	if err != nil {
		return 0, err
	}
	sign := 1.0
	if column.Minus {
		sign = -1
	}
	if at := c.folder.results.Column(m); at >= 0 {
		return sign * row.Cells[at].Value, nil
	}
	if m.Metric.Needs&metrics.NeedsVectors != 0 || !c.folder.stored {
		return math.NaN(), nil
	}
	r, err := c.rank(row)
	if err != nil {
		return 0, err
	}
	return sign * m.Metric.Of(r, m.At).Value, nil
}

// rank loads a row's outcomes once.
func (c *comparison) rank(row *results.Row) (*metrics.Ranked, error) {
	if r := c.ranked[row.Key]; r != nil {
		return r, nil
	}
	r, err := c.folder.ranked(row.Key)
	if err == nil {
		c.ranked[row.Key] = r
	}
	return r, err
}

// pairError is the standard error by the test rows of the difference of two rows' values a
// and share times b: by the closed form that compare uses, or else by the bootstrap. NaN if
// there is neither.
func (c *comparison) pairError(first, second *results.Row, column ComparedColumn, a, b, share float64) (float64, error) {
	if !c.folder.stored {
		return math.NaN(), nil
	}
	ra, err := c.rank(first)
	if err != nil {
		return 0, err
	}
	rb, err := c.rank(second)
	if err != nil || ra.Outcomes.N() != rb.Outcomes.N() {
		return math.NaN(), err
	}
	if _, criterion := criteria[column.Metric]; !criterion && share == 1 {
		m := metrics.MustMeasure(column.Metric)
		design := resample.Independent(ra.Outcomes.N())
		if p, ok := resample.Paired(m, a, b, ra, rb, design, c.folder.level); ok {
			return p.SE, nil
		}
	}
	va, err := c.replicates(first, column)
	if err != nil || va == nil {
		return math.NaN(), err
	}
	vb, err := c.replicates(second, column)
	if err != nil || vb == nil {
		return math.NaN(), err
	}
	return spreadOf(va, vb, share), nil
}

// spreadOf is the standard error of a less share times b, given the values of both on the same replicates.
func spreadOf(a, b []float64, share float64) float64 {
	differences := make([]float64, len(a))
	for k := range a {
		differences[k] = a[k] - share*b[k]
	}
	return resample.Spread(differences)
}

// seedReplicates are the bootstrap replicates behind standard errors without a closed form.
const seedReplicates = 200

// replicates are a column's values of a row on bootstrap replicates; nil if it has none.
func (c *comparison) replicates(row *results.Row, column ComparedColumn) ([]float64, error) {
	of, criterion := criteria[column.Metric]
	r, err := c.rank(row)
	if err != nil {
		return nil, err
	}
	n := r.Outcomes.N()
	if c.drawn[n] == nil {
		c.drawn[n] = resample.Draw(resample.Independent(n), max(1, c.folder.options.Seed), seedReplicates)
	}
	if criterion {
		counts, err := c.tally(row)
		if err != nil || counts == nil {
			return nil, err
		}
		values := make([]float64, seedReplicates)
		for k := range values {
			values[k] = of(counts.of(c.drawn[n].Counts(k)))
		}
		return values, nil
	}
	m := metrics.MustMeasure(column.Metric)
	if m.Metric.Needs&metrics.NeedsVectors != 0 {
		return nil, nil
	}
	return resample.Bootstrap(r, []metrics.Measure{m}, c.drawn[n])[0], nil
}

// tally is what criteria of group fairness in a binary task count.
type tally struct {
	o     *metrics.Outcomes
	group *metrics.Group
}

// tally makes that of a row by its first attribute; nil if the task is not binary or the run
// kept no groups.
func (c *comparison) tally(row *results.Row) (*tally, error) {
	if !c.folder.stored {
		return nil, nil
	}
	r, err := c.rank(row)
	if err != nil {
		return nil, err
	}
	o := r.Outcomes
	if o.Classes != 2 || len(o.Groups) == 0 || o.Label == nil || o.Prediction == nil {
		return nil, nil
	}
	c.attribute = o.Groups[0].Name
	return &tally{o, &o.Groups[0]}, nil
}

// groupCounts are samples by group, label and prediction.
type groupCounts [][2][2]float64

// of counts the samples, each as often as counts says; nil is once.
func (t *tally) of(counts []uint8) groupCounts {
	g := make(groupCounts, len(t.group.Levels))
	for i, code := range t.group.Code {
		y, p := t.o.Label[i], t.o.Prediction[i]
		if code < 0 || y < 0 || p < 0 {
			continue
		}
		w := 1.0
		if counts != nil {
			w = float64(counts[i])
		}
		g[code][y][p] += w
	}
	return g
}

// rates are a rate in each group: that of the samples counted above among those counted below.
func (g groupCounts) rates(above, below func(y, p int) bool) []disparity.Level {
	levels := make([]disparity.Level, len(g))
	for k, c := range g {
		part, whole := 0.0, 0.0
		for y := range 2 {
			for p := range 2 {
				if below(y, p) {
					whole += c[y][p]
					if above(y, p) {
						part += c[y][p]
					}
				}
			}
		}
		levels[k].Estimate = metrics.Estimate{Value: part / whole, N: int(whole)} // NaN is undefined
	}
	return levels
}

func anySample(int, int) bool   { return true }
func positive1(_, p int) bool   { return p == 1 }
func wrongSample(y, p int) bool { return y != p }
func (g groupCounts) tpr() []disparity.Level {
	return g.rates(positive1, func(y, _ int) bool { return y == 1 })
}
func (g groupCounts) fpr() []disparity.Level {
	return g.rates(positive1, func(y, _ int) bool { return y == 0 })
}
func (g groupCounts) positive() []disparity.Level { return g.rates(positive1, anySample) }
func (g groupCounts) wrong() []disparity.Level    { return g.rates(wrongSample, anySample) }

// worstCell is the least accuracy over groups and labels; NaN if a cell is empty.
func (g groupCounts) worstCell() float64 {
	worst := 1.0
	for _, c := range g {
		for y := range 2 {
			right := c[y][y] / (c[y][0] + c[y][1])
			if math.IsNaN(right) {
				return right
			}
			worst = min(worst, right)
		}
	}
	return worst
}

// criteria of group fairness, by their names in columns.
var criteria = map[string]func(groupCounts) float64{
	"equalised-odds-difference":    func(g groupCounts) float64 { return disparity.EqualisedOdds(g.tpr(), g.fpr(), false).Value },
	"equalised-odds-ratio":         func(g groupCounts) float64 { return disparity.EqualisedOddsRatio(g.tpr(), g.fpr(), false).Value },
	"average-odds-difference":      func(g groupCounts) float64 { return disparity.AverageOdds(g.tpr(), g.fpr()).Value },
	"positive-rate-difference":     func(g groupCounts) float64 { return disparity.Difference(g.positive()).Value },
	"positive-rate-ratio":          func(g groupCounts) float64 { return disparity.Ratio(g.positive()).Value },
	"accuracy-equality-difference": func(g groupCounts) float64 { return disparity.Difference(g.wrong()).Value },
	"accuracy-equality-ratio":      func(g groupCounts) float64 { return disparity.Ratio(g.wrong()).Value },
	"worst-cell-accuracy":          groupCounts.worstCell,
}

// tables are the means and differences, and the values of all seeds.
func (d *TrainingComparison) tables() []Table {
	means := Table{Name: "training-comparison", Columns: []string{"preset", "regime", "reference", "metric", "condition", "transform", "confidence",
		"seeds", "mean", "difference", "lower", "upper", "se_between_seeds", "se_test_rows"}}
	seeds := Table{Name: "training-comparison-seeds", Columns: []string{"preset", "regime", "model", "metric", "condition", "transform", "confidence", "value", "difference"}}
	for _, p := range d.Presets {
		for _, c := range p.Cells {
			at := []any{c.Column.Metric, c.Column.Condition, c.Column.Transform, c.Column.Confidence}
			difference, in := math.NaN(), noBounds
			if len(c.Paired.Differences) > 0 {
				difference, in = c.Paired.Mean, c.Paired.Bounds()
			}
			row := append([]any{p.Preset, c.Regime, p.Reference}, at...)
			means.add(append(row, len(c.Values), c.Mean, difference, in.Lo, in.Hi, c.Paired.Between, c.Paired.Rows)...)
			for k, v := range c.Values {
				d := math.NaN()
				if len(c.Paired.Differences) == len(c.Values) {
					d = c.Paired.Differences[k]
				}
				row := append([]any{p.Preset, c.Regime, c.Models[k]}, at...)
				seeds.add(append(row, v, d)...)
			}
		}
	}
	return []Table{means, seeds}
}
