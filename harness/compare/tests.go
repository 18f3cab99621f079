package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
	"abstain/metrics/stattest"
)

// trial is an entrant with its predictions.
type trial struct {
	entrant
	ranked *metrics.Ranked
	values []metrics.Estimate // by measure, as the folder has them or a run would
	joint  *metrics.Ranked    // with in-distribution samples beside those out of it; nil if there are none
	curves *board.Curves
}

// openTrials reads the predictions of all entrants. why says that the folder
// does not keep them, or that they are not of the same samples; then there are no
// trials.
func openTrials(s *results.Results, entrants []entrant) (trials []*trial, why, err error) {
	for _, e := range entrants {
		o, err := s.Outcomes(e.row.Key)
		if err != nil {
			if errors.Unwrap(err) == nil { // not a file that cannot be read
				return nil, fmt.Errorf("the folder keeps no predictions of %s", e.Label), nil
			}
			return nil, err, nil
		}
		if len(trials) > 0 && !sameSamples(trials[0].ranked.Outcomes, o) {
			return nil, fmt.Errorf("%s and %s answer different samples", entrants[0].Label, e.Label), nil
		}
		confidence := o.Confidence(e.Confidence)
		if confidence == nil {
			return nil, nil, fmt.Errorf("the outcomes of %s hold no confidence function %q", e.Model, e.Confidence)
		}
		curves, err := board.NewCurves(s, e.row)
		if err != nil {
			return nil, nil, err
		}
		curves.Model = e.Label
		t := &trial{entrant: e, ranked: metrics.Rank(o, confidence), curves: curves}
		if t.joint, err = besideInside(s, t); err != nil {
			return nil, nil, err
		}
		trials = append(trials, t)
	}
	return trials, nil, nil
}

// value gives the trials their values by the measures.
func value(s *results.Results, trials []*trial, measures []metrics.Measure) error {
	compared := map[results.Key]bool{}
	for _, t := range trials {
		compared[t.row.Key] = true
	}
	s, err := s.With(measures, func(r results.Row) bool { return compared[r.Key] })
	if err != nil {
		return err
	}
	rows := map[results.Key]results.Row{}
	for _, r := range s.Rows {
		if compared[r.Key] {
			rows[r.Key] = r
		}
	}
	for _, t := range trials {
		for _, m := range measures {
			t.values = append(t.values, rows[t.row.Key].Cells[s.Column(m)])
		}
	}
	return nil
}

// sameSamples compares what identifies samples in two tables of one dataset,
// which the run has brought into the order of their ids.
func sameSamples(a, b *metrics.Outcomes) bool {
	return a.N() == b.N() && (a.Label == nil || b.Label == nil || slices.Equal(a.Label, b.Label))
}

// besideInside ranks the samples of a table that is all out of distribution
// beside those of the model's clean test table, as the run did.
func besideInside(s *results.Results, t *trial) (*metrics.Ranked, error) {
	if t.ranked.N() > 0 {
		if len(t.ranked.Outside) > 0 {
			return t.ranked, nil
		}
		return nil, nil
	}
	key := t.row.Key
	key.Split, key.Condition = "test", "clean"
	inside, err := s.Outcomes(key)
	if err != nil {
		return nil, nil
	}
	both, err := metrics.Concat(inside, t.ranked.Outcomes)
	if err != nil {
		return nil, err
	}
	c := both.Confidence(t.Confidence)
	if c == nil {
		return nil, nil
	}
	return metrics.Rank(both, c), nil
}

// of is the ranking that a metric is taken of; nil if there is none.
func (t *trial) of(m metrics.Measure) *metrics.Ranked {
	if m.Metric.Needs&metrics.NeedsOutside != 0 {
		return t.joint
	}
	return t.ranked
}

// test fills in the differences by all metrics and adjusts their p-values.
func (c *Comparison) test(trials []*trial, measures []metrics.Measure, draws *resample.Replicates, o Options) {
	design := draws.Design
	replicated := replicatesOf(trials, measures, draws, o)
	rows := make([][]Difference, len(measures)) // by measure, then by model
	o.Parallel(len(measures), func(k int) {
		for i := 1; i < len(trials); i++ {
			d := trialDifference(trials[i], trials[0], k, measures[k], design, o.Level)
			if d.Test.Method == "" && d.Why == nil {
				a, b := replicated[0][k], replicated[i][k]
				least := resample.EitherWrong(trials[i].ranked, trials[0].ranked, design)
				if measures[k].Metric.Nature != metrics.OperatingPoint {
					least = design.Size()
				}
				d.judge(resample.ByReplicates(d.B.Value, d.A.Value, b, a, o.Level), Test{BootstrapTest, designName(design)}, least)
			}
			rows[k] = append(rows[k], d)
		}
	})
	c.Metrics = slices.Concat(rows...)
	c.adjust()
	if slices.ContainsFunc(c.Metrics, func(d Difference) bool { return d.Test.Method != "" && binned(d.Measure) }) {
		c.Notes = append(c.Notes, BinnedErrors{})
	}
}

// binned reports whether a metric adds up gaps of bins. The variants that other codes
// have are left to those who ask for them by name.
func binned(m metrics.Measure) bool {
	return m.Metric.Nature == metrics.BinGap && m.Metric.In(metrics.InDefault)
}

// Reasons why a difference is not tested.
var (
	errInfinite     = errors.New("a value is infinite")
	errOneTable     = errors.New("the metric sets two tables against each other, and one is not kept")
	errNoVectors    = errors.New("the metric needs class vectors, which the folder does not keep")
	errNoClosedForm = errors.New("the metric has no closed form of its sampling error over two tables")
	errNoError      = errors.New("the difference has no sampling error that could be found")
)

// trialDifference compares a model with the reference by the k-th metric. Where only
// replicates can, Test and Why are left empty.
func trialDifference(model, reference *trial, k int, m metrics.Measure, design *resample.Design, level float64) Difference {
	a, b := reference.values[k], model.values[k]
	d := untested(m, model.entrant, reference.entrant, b, a, nil)
	ra, rb := reference.of(m), model.of(m)
	switch {
	case !a.Defined() || !b.Defined():
		d.Why = undefinedFor(d)
		return d
	case math.IsInf(a.Value, 0) || math.IsInf(b.Value, 0):
		d.Why = errInfinite
		return d
	case ra == nil || rb == nil:
		d.Why = errOneTable
		return d
	case m.Metric.Needs&metrics.NeedsVectors != 0:
		d.Why = errNoVectors
		return d
	}
	if c, ok := resample.Paired(m, b.Value, a.Value, rb, ra, design, level); ok {
		d.judge(c, Test{Method(c.Test), c.Design}, c.Pairs)
		return d
	}
	if m.Metric.Needs&metrics.NeedsOutside != 0 {
		d.Why = errNoClosedForm
	}
	return d
}

// untested is a difference of values alone.
func untested(m metrics.Measure, model, reference entrant, b, a metrics.Estimate, why error) Difference {
	return Difference{Measure: m, Model: model.Label, Against: reference.Label, A: a, B: b,
		Difference: metrics.Estimate{Value: b.Value - a.Value, Lo: math.NaN(), Hi: math.NaN(), N: b.N},
		SE:         math.NaN(), P: math.NaN(), AdjustedP: math.NaN(), Why: why}
}

// undefinedFor says whose value is missing.
func undefinedFor(d Difference) error {
	var who []string
	if !d.A.Defined() {
		who = append(who, d.Against)
	}
	if !d.B.Defined() {
		who = append(who, d.Model)
	}
	return fmt.Errorf("undefined for %s", strings.Join(who, ", "))
}

// judge takes over what a test of the given number of paired samples, or clusters
// of them, says. No p-value is below the least that so many can give.
func (d *Difference) judge(t resample.Comparison, by Test, pairs int) {
	t.P = math.Max(t.P, resample.LeastP(pairs))
	d.Difference.Lo, d.Difference.Hi, d.Difference.Level = t.Lo, t.Hi, t.Level
	d.SE, d.P, d.Test = t.SE, t.P, by
	if math.IsNaN(t.P) {
		d.Test, d.Why = Test{}, errNoError
	}
}

// replicatesOf evaluates, for every trial, the measures that have no closed form
// for one of the trials on replicates that all share: [trial][measure][replicate].
func replicatesOf(trials []*trial, measures []metrics.Measure, draws *resample.Replicates, o Options) [][][]float64 {
	all := make([][][]float64, len(trials))
	var chosen []metrics.Measure
	var places []int
	for k, m := range measures {
		if needsReplicates(trials, m) {
			chosen, places = append(chosen, m), append(places, k)
		}
	}
	for i := range all {
		all[i] = make([][]float64, len(measures))
	}
	if chosen == nil {
		return all
	}
	o.Parallel(len(trials), func(i int) {
		for j, values := range resample.Bootstrap(trials[i].ranked, chosen, draws) {
			all[i][places[j]] = values
		}
	})
	return all
}

// needsReplicates reports whether a metric has no closed form for one of the
// trials.
func needsReplicates(trials []*trial, m metrics.Measure) bool {
	if m.Metric.Needs&(metrics.NeedsVectors|metrics.NeedsOutside) != 0 {
		return false
	}
	return resample.WithoutInfluence(m.Metric) != "" || slices.ContainsFunc(trials, func(t *trial) bool {
		_, ok := resample.Influence(m.Metric, m.At, t.ranked)
		return !ok
	})
}

// adjust reads all p-values of the comparison against one level, by Holm, and
// sets the verdicts. A difference that no sample speaks for or against, such as
// that in accuracy between confidence functions of one model, could not have been
// found whatever its sign, and takes no part.
//
// Source for leaving those out: Tarone, A modified Bonferroni method for discrete
// data, Biometrics 46 (1990).
func (c *Comparison) adjust() {
	p := make([]float64, len(c.Metrics))
	tests := 0
	for i, d := range c.Metrics {
		p[i] = d.P
		if d.same() {
			p[i] = math.NaN()
		}
		if !math.IsNaN(p[i]) {
			tests++
		}
	}
	for i, adjusted := range stattest.Holm(p) {
		d := &c.Metrics[i]
		if d.AdjustedP = adjusted; d.same() {
			d.AdjustedP = d.P
		}
		d.Verdict = verdictOf(d, 1-c.Level)
	}
	if slices.ContainsFunc(c.Metrics, func(d Difference) bool { return d.Test.Method != "" }) {
		c.Family = Family{Holm, tests}
	}
}

// same reports whether no sample tells the two models apart by the metric.
func (d *Difference) same() bool { return d.Test.Method != "" && d.Difference.Value == 0 && d.SE == 0 }

// LeavesOut0 reports whether the interval of the difference lies on one side of 0. A
// test and an interval made in two ways may disagree near its end.
func (d *Difference) LeavesOut0() bool { return d.Difference.Lo > 0 || d.Difference.Hi < 0 }

// verdictOf takes a difference for proven if the adjusted test and the interval say so.
func verdictOf(d *Difference, alpha float64) ranks.Verdict {
	switch {
	case math.IsNaN(d.AdjustedP):
		return ranks.Untried
	case d.AdjustedP > alpha || d.Difference.Value == 0 || !d.LeavesOut0():
		return ranks.Unproven
	case d.Measure.Metric.Better == metrics.None:
		return ranks.Differs
	case (d.Difference.Value > 0) == (d.Measure.Metric.Better == metrics.Higher):
		return ranks.Better
	}
	return ranks.Worse
}
