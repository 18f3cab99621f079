package conform

import (
	"context"
	"fmt"
	"math"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/internal/words"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/sets"
	"abstain/metrics/stattest"
)

// SetSize is the confidence function that trusts small sets more: minus the number of classes.
const SetSize = "score:set-size"

// confidence is the confidence function that the records take along from the table, besides
// the size of the set: the first one wanted; "" if none is.
func (s *Stage) confidence(t apply.Table) string {
	for _, name := range s.Wanted.ConfidencesOf(t.Record) {
		if slices.Contains(t.Record.Available, name) && name != SetSize {
			return name
		}
	}
	return ""
}

// evaluate makes the records of the judged tables of one model.
func (s *Stage) evaluate(ctx context.Context, u subject) (map[int]Done, error) {
	done := map[int]Done{}
	c, err := s.calibrate(ctx, u)
	if err != nil {
		return done, fmt.Errorf("sets of %s: %w", u.model, err)
	}
	for _, place := range u.judged {
		d, err := s.judge(ctx, u, place, c)
		if err != nil {
			return done, fmt.Errorf("%s: sets: %w", s.Tables[place].Name, err)
		}
		done[place] = d
	}
	return done, nil
}

// judge makes the records of one table.
func (s *Stage) judge(ctx context.Context, u subject, place int, c *calibration) (Done, error) {
	t := s.Tables[place]
	o, err := s.base(ctx, t, s.Wanted.Vectors())
	if err != nil {
		return Done{}, err
	}
	j := &judging{stage: s, table: t, calibration: c, base: o}
	j.rows = c.left(o, place)
	variants := s.Asked.variants()
	d := Done{Names: s.Asked.Transforms(), Transforms: make([]apply.Transformed, len(variants)), Computed: true}
	if len(j.rows) == 0 {
		return d, nil
	}
	for k, v := range variants {
		j.of = append(j.of, j.prepare(v, c.of[k]))
	}
	if err := j.read(ctx); err != nil {
		return d, err
	}
	for k, v := range variants {
		to := &d.Transforms[k]
		to.Key = s.key(u, place, v)
		if to.Err = j.of[k].err; to.Err != nil {
			continue
		}
		if to.Record, err = j.keep(v, j.of[k], to.Key); err != nil {
			return d, err
		}
	}
	return d, nil
}

// left lists the samples of a table that did not calibrate.
func (c *calibration) left(o *store.Outcomes, place int) []int32 {
	calibrates := make([]bool, o.N())
	if place == c.place {
		copy(calibrates, c.serves)
	} else {
		for _, pair := range apply.Shared(o, c.outcomes) {
			calibrates[pair[0]] = c.serves[pair[1]]
		}
	}
	var rows []int32
	for i, served := range calibrates {
		if !served {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// judging makes the records of one table.
type judging struct {
	stage       *Stage
	table       apply.Table
	calibration *calibration
	base        *store.Outcomes
	rows        []int32 // samples judged
	of          []*judged
}

// judged are the sets of one kind.
type judged struct {
	calibrated
	group []int32      // by sample, as thresholds count them; nil without
	sets  []*sets.Sets // by alpha; their rows are all samples of the table
	tally *sets.Tally  // of the curve; nil without
}

func (j *judging) prepare(v variant, c calibrated) *judged {
	k := &judged{calibrated: c}
	if a := v.attribute(); a != "" && c.err == nil {
		g := evaluate.Attribute(j.base.Outcomes, a)
		if g == nil {
			k.err = fmt.Errorf("sets: the table has no attribute %q", a)
			return k
		}
		k.group = make([]int32, j.base.N())
		for i, code := range g.Code {
			if k.group[i] = code; code >= 0 {
				known, ok := c.levels[g.Levels[code]]
				if k.group[i] = known; !ok {
					k.group[i] = int32(len(c.levels)) + code // one without calibration rows
				}
			}
		}
	}
	if c.curve != nil {
		k.tally, k.err = sets.NewTally(v.kind, j.stage.Asked.NeverEmpty, c.curve)
	}
	for range c.predictors {
		k.sets = append(k.sets, &sets.Sets{Classes: j.table.Record.Classes, Size: make([]int32, j.base.N()), Covered: make([]bool, j.base.N())})
	}
	return k
}

// read passes over the table once.
func (j *judging) read(ctx context.Context) error {
	judged := make([]bool, j.base.N())
	for _, i := range j.rows {
		judged[i] = true
	}
	return j.stage.each(ctx, j.table, j.base, func(rows sets.Rows, samples []int32) error {
		rows, samples = only(rows, samples, judged)
		for _, k := range j.of {
			if k.err != nil {
				continue
			}
			if err := k.add(rows, samples); err != nil {
				return err
			}
		}
		return nil
	})
}

// only are the rows of those samples, moved to the front of the same memory.
func only(rows sets.Rows, samples []int32, wanted []bool) (sets.Rows, []int32) {
	kept := sets.Rows{Probs: rows.Probs[:0], Classes: rows.Classes}
	var of []int32
	for r, i := range samples {
		if wanted[i] {
			kept.Probs = append(kept.Probs, rows.Probs[r*rows.Classes:(r+1)*rows.Classes]...)
			kept.Label, kept.U, of = append(kept.Label, rows.Label[r]), append(kept.U, rows.U[r]), append(of, i)
		}
	}
	return kept, of
}

// add makes the sets of further samples.
func (k *judged) add(rows sets.Rows, samples []int32) error {
	for _, i := range samples {
		if k.group != nil {
			rows.Group = append(rows.Group, k.group[i])
		}
	}
	for a, p := range k.predictors {
		made, err := p.Sets(rows)
		if err != nil {
			return err
		}
		for r, i := range samples {
			k.sets[a].Size[i], k.sets[a].Covered[i] = made.Size[r], made.Covered[r]
		}
	}
	if k.tally == nil {
		return nil
	}
	return k.tally.Add(rows)
}

// keep makes the record of one kind of set: the outcomes of the judged samples as they are
// stored, with the sets of the first alpha.
func (j *judging) keep(v variant, k *judged, key string) (*store.Record, error) {
	s, t := j.stage, j.table
	full := *j.base.Outcomes
	full.SetSize, full.SetHolds, full.SetAlpha = k.sets[0].Size, k.sets[0].Covered, s.Asked.Alpha[0]
	full.Confidences = nil
	o := &store.Outcomes{Outcomes: &full, IDs: j.base.IDs, Row: j.base.Row}
	if name := s.confidence(t); name != "" {
		full.Confidences, o.Available = append(full.Confidences, *j.base.Confidence(name)), append(o.Available, name)
	}
	size := metrics.Confidence{Name: SetSize}
	for _, n := range full.SetSize {
		size.Value = append(size.Value, -float64(n))
	}
	full.Confidences, o.Available = append(full.Confidences, size), append(o.Available, SetSize)
	dropped := o.N() - len(j.rows)
	if dropped > 0 {
		o = o.Only(j.rows)
	}
	r := store.NewRecord(o)
	r.Hash, r.Path, r.Size, r.ModTime = t.Record.Hash, t.Record.Path, t.Record.Size, t.Record.ModTime
	r.Key, r.Transform, r.Dropped = key, v.transform(), dropped
	for a := range k.sets {
		r.Fits = append(r.Fits, j.measured(v, k, a).fit())
	}
	r.Inherit(s.Store.Lookup(key))
	if err := s.Store.SaveOutcomes(key, o, new(store.Workspace)); err != nil {
		return nil, err
	}
	if err := s.Wanted.Fill(s.Store.Folder, t.Name, r, o, new(metrics.Ranker)); err != nil {
		return nil, err
	}
	return r, s.Store.Append(r)
}

// judgedSets are the sets of the judged samples at an alpha, with groups by which the worst is
// told.
func (j *judging) judgedSets(k *judged, a int, attribute string) *sets.Sets {
	all, some := k.sets[a], &sets.Sets{Classes: k.sets[a].Classes}
	var g *metrics.Group
	if attribute != "" {
		g = evaluate.Attribute(j.base.Outcomes, attribute)
	}
	for _, i := range j.rows {
		label := int32(-1)
		if j.base.Label != nil {
			label = j.base.Label[i]
		}
		some.Size, some.Covered, some.Label = append(some.Size, all.Size[i]), append(some.Covered, all.Covered[i]), append(some.Label, label)
		if g != nil {
			some.Group = append(some.Group, g.Code[i])
		}
	}
	return some
}

// measured is the row of sets.csv.
func (j *judging) measured(v variant, k *judged, a int) Row {
	asked, t, p := j.stage.Asked, j.table, k.predictors[a]
	attribute := j.stage.judgedBy(v, t.Record)
	some := j.judgedSets(k, a, attribute)
	nan, alpha, level := math.NaN(), asked.Alpha[a], j.stage.Wanted.Intervals.Level
	r := Row{Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition, Transform: v.transform(), Score: v.kind.Score.String(), By: v.by,
		Alpha: alpha, Randomised: v.kind.Randomised, NeverEmpty: asked.NeverEmpty, Lambda: nan, Free: v.kind.Free, On: j.on(), Rows: k.rows,
		Threshold: p.Threshold, Without: without(p), N: len(some.Size), LawLo: nan, LawHi: nan, Group: attribute,
		Histogram: histogram(some.Histogram()), Strata: strata(some.BySize(nil), some.Classes)}
	if v.kind.Score == sets.RAPSScore || v.kind.Score == sets.SAPSScore {
		r.Lambda = v.kind.Lambda
	}
	r.measure(some, alpha, level)
	if labelled := some.CoverageIn(0.95).N; v.by == byAll && t.Condition == "clean" && labelled > 0 {
		law := sets.LawOf(k.rows, alpha)
		r.LawLo, r.LawHi = float64(law.CountQuantile(0.025, labelled))/float64(labelled), float64(law.CountQuantile(0.975, labelled))/float64(labelled)
	}
	if k.tally != nil && a == 0 {
		r.Curve = curveText(k.tally)
	}
	r.Note = note(v, p, alpha, k.rows)
	return r
}

// OfChoices is the row of sets that another stage made, out of credal sets: all classes that
// some member of a row's set would choose. They aim at no coverage of the label. eps, the threshold
// and the number of rows are those of the credal sets.
func OfChoices(t datasets.Table, transform string, o *metrics.Outcomes, group string, eps, threshold float64, on string, rows int, level float64) Row {
	nan := math.NaN()
	some := &sets.Sets{Classes: o.Classes, Size: o.SetSize, Covered: o.SetHolds, Label: o.Label}
	if some.Label == nil {
		some.Label = slices.Repeat([]int32{-1}, len(o.SetSize))
	}
	if g := evaluate.Attribute(o, group); group != "" && g != nil {
		some.Group = g.Code
	}
	r := Row{Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition, Transform: transform, Score: "credal", By: byAll, Alpha: eps,
		Lambda: nan, On: on, Rows: rows, Threshold: threshold, Without: nan, N: len(some.Size), LawLo: nan, LawHi: nan, Group: group,
		Histogram: histogram(some.Histogram()), Strata: strata(some.BySize(nil), some.Classes),
		Note: "alpha is the eps of the credal sets: their aim is the cloud's distribution, not the label"}
	r.measure(some, nan, level)
	return r
}

// measure fills in the measures; those that need an aim are NaN where alpha is.
func (r *Row) measure(some *sets.Sets, alpha, level float64) {
	nan, at := math.NaN(), level
	if r.Level = level; level == 0 {
		r.Level, at = nan, 0.95
	}
	violation, gap := sets.Interval{Value: nan, Lo: nan, Hi: nan}, sets.Interval{Value: nan, Lo: nan, Hi: nan}
	if !math.IsNaN(alpha) {
		violation, gap = some.SizeViolationIn(alpha, at, nil), some.ClassGapIn(alpha, at)
	}
	for _, b := range []struct {
		to *Bounded
		is sets.Interval
	}{
		{&r.Coverage, some.CoverageIn(at)}, {&r.Size, some.MeanSizeIn(at)}, {&r.Singletons, some.SingletonShareIn(at)},
		{&r.SingletonRight, some.SingletonAccuracyIn(at)}, {&r.Empty, some.EmptyIn(at)}, {&r.SizeViolation, violation},
		{&r.ClassGap, gap}, {&r.WorstClass, some.WorstClassIn(at)}, {&r.WorstGroup, some.WorstGroupIn(at)},
	} {
		if *b.to = (Bounded{b.is.Value, b.is.Lo, b.is.Hi}); level == 0 {
			b.to.Lo, b.to.Hi = nan, nan
		}
	}
}

// on says which rows calibrated.
func (j *judging) on() string {
	split := j.stage.Tables[j.calibration.place].Split
	if h := j.stage.Asked.Holdout; h > 0 {
		return fmt.Sprintf("%v of %s, drawn by seed %d", h, split, j.stage.Asked.Seed)
	}
	return split
}

// without is the share of classes or groups without a threshold; NaN where all rows have one.
func without(p *sets.Predictor) float64 {
	thresholds := slices.Concat(p.OfClass, p.OfGroup)
	if len(thresholds) == 0 {
		return math.NaN()
	}
	infinite := 0
	for _, q := range thresholds {
		if math.IsInf(q, 1) {
			infinite++
		}
	}
	return float64(infinite) / float64(len(thresholds))
}

// note says where thresholds had too few rows.
func note(v variant, p *sets.Predictor, alpha float64, rows int) string {
	needed := max(1, int(1/alpha)-2)
	for stattest.ConformalRank(needed, alpha) > needed {
		needed++
	}
	many := without(p)
	switch {
	case math.IsInf(p.Threshold, 1):
		return fmt.Sprintf("%s calibrate, and alpha %v needs %d: every set holds all classes", words.Plural(rows, "row"), alpha, needed)
	case v.by == byClass && many > 0:
		return fmt.Sprintf("%s have fewer than the %d calibration rows that alpha %v needs: every set holds them", share(many, len(p.OfClass), "class", "classes"), needed, alpha)
	case p.OfGroup != nil && many > 0:
		return fmt.Sprintf("%s have fewer than the %d calibration rows that alpha %v needs: their sets hold all classes", share(many, len(p.OfGroup), "group", "groups"), needed, alpha)
	}
	return ""
}

func share(part float64, of int, one, several string) string {
	if of == 1 {
		return "1 of 1 " + one
	}
	return fmt.Sprintf("%d of %d %s", int(math.Round(part*float64(of))), of, several)
}
