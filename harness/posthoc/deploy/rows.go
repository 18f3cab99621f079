package deploy

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/guarantee"
)

// rows are samples of one kept table, ready to be counted.
type rows struct {
	split, condition string
	confidence       []float64
	wrong            []bool
	answered         []bool
	counts           []bool // the loss is of this row
	group            []int32
	levels           []string
}

// n is the number of rows that the loss counts, answered or not.
func (r rows) n() int { return len(r.in(func(int) bool { return true })) }

// in lists the rows that count and that keep accepts.
func (r rows) in(keep func(int) bool) []int {
	var list []int
	for i, counts := range r.counts {
		if counts && keep(i) {
			list = append(list, i)
		}
	}
	return list
}

// curve counts errors by threshold. A row without an answer is never accepted: it is left
// out or, where all rows are to be counted, put below all thresholds as one without error.
func (r rows) curve(keep func(int) bool, all bool) guarantee.Curve {
	var confidence []float64
	var correct []bool
	for _, i := range r.in(keep) {
		switch {
		case r.answered[i]:
			confidence, correct = append(confidence, r.confidence[i]), append(correct, !r.wrong[i])
		case all:
			confidence, correct = append(confidence, math.Inf(-1)), append(correct, true)
		}
	}
	return guarantee.CurveOf(confidence, correct)
}

// part is some of the rows.
func (r rows) part(keep func(int) bool) rows {
	p := rows{split: r.split, condition: r.condition, levels: r.levels}
	for i := range r.counts {
		if !keep(i) {
			continue
		}
		p.confidence, p.wrong = append(p.confidence, r.confidence[i]), append(p.wrong, r.wrong[i])
		p.answered, p.counts = append(p.answered, r.answered[i]), append(p.counts, r.counts[i])
		if r.group != nil {
			p.group = append(p.group, r.group[i])
		}
	}
	return p
}

// table is a kept table with the ids of its samples.
type table struct {
	key results.Key
	*store.Outcomes
}

func load(s *results.Results, k results.Key) (*table, error) {
	o, ids, err := s.Samples(k)
	if err != nil {
		return nil, err
	}
	return &table{k, &store.Outcomes{Outcomes: o, IDs: ids}}, nil
}

// take makes rows of a table's in-distribution samples. It says how many others there were.
func (t *table) take(a *Asked, l Loss, positive int) (r rows, outside int, err error) {
	c := t.Confidence(a.Confidence)
	if c == nil {
		return r, 0, fmt.Errorf("%s: no confidence %q is kept of split %s: run again with --confidence %s", a.Model, a.Confidence, t.key.Split, a.Confidence)
	}
	if err := l.needs(t.Outcomes.Outcomes); err != nil {
		return r, 0, err
	}
	var group *metrics.Group
	if a.Groups != "" {
		if group = evaluate.Attribute(t.Outcomes.Outcomes, a.Groups); group == nil {
			return r, 0, fmt.Errorf("%s: no attribute %q is kept of split %s: groups are columns of the tables, or label", a.Model, a.Groups, t.key.Split)
		}
		r.levels = group.Levels
	}
	r.split, r.condition = t.key.Split, t.key.Condition
	for i := range t.Correct {
		if t.Label != nil && t.Label[i] < 0 {
			outside++
			continue
		}
		counts, wrong := l.of(t.Outcomes.Outcomes, i, positive)
		answered := t.Answered(i)
		counts = counts && (answered || !l.Answer)
		r.confidence, r.wrong = append(r.confidence, c.Value[i]), append(r.wrong, wrong)
		r.answered, r.counts = append(r.answered, answered), append(r.counts, counts)
		if group != nil {
			r.group = append(r.group, group.Code[i])
		}
	}
	return r, outside, nil
}

// errAlone is that of tables which share their samples.
var errAlone = errors.New("the rows that choose and those that judge are the same samples")

// withoutShared drops from the judged table what the choosing one has too.
func withoutShared(judge, fit *table) (*table, int, error) {
	if judge.IDs.Len() == 0 || fit.IDs.Len() == 0 {
		return judge, 0, nil
	}
	pairs := apply.Shared(judge.Outcomes, fit.Outcomes)
	if len(pairs) == 0 || judge.Label == nil && !judge.answersAs(fit, pairs) {
		return judge, 0, nil
	}
	shared := make([]bool, judge.N())
	for _, p := range pairs {
		shared[p[0]] = true
	}
	var keep []int32
	for i, s := range shared {
		if !s {
			keep = append(keep, int32(i))
		}
	}
	if keep == nil {
		return nil, len(pairs), errAlone
	}
	return &table{judge.key, judge.Only(keep)}, len(pairs), nil
}

// answersAs reports whether the paired samples are answered alike, as one sample is by one
// model: without labels, equal ids alone may be two tables that both count from 0.
func (t *table) answersAs(other *table, pairs [][2]int32) bool {
	for _, p := range pairs {
		if t.Correct[p[0]] != other.Correct[p[1]] {
			return false
		}
		for _, c := range t.Confidences {
			if o := other.Confidence(c.Name); o != nil && o.Value[p[1]] != c.Value[p[0]] {
				return false
			}
		}
	}
	return true
}

// draw parts rows at random, by a seed, into those that choose and those that judge.
func (r rows) draw(share float64, seed uint64) (fit, judge rows) {
	held := posthoc.Holdout(make([]int32, len(r.counts)), share, seed)
	return r.part(func(i int) bool { return held[i] }), r.part(func(i int) bool { return !held[i] })
}

// groups lists the levels that occur, in order of their names.
func groups(all ...rows) []string {
	var names []string
	for _, r := range all {
		for _, g := range r.group {
			if g >= 0 && !slices.Contains(names, r.levels[g]) {
				names = append(names, r.levels[g])
			}
		}
	}
	slices.Sort(names)
	return names
}

// of accepts the rows of a group.
func (r rows) of(group string) func(int) bool {
	code := int32(slices.Index(r.levels, group))
	return func(i int) bool { return code >= 0 && r.group[i] == code }
}
