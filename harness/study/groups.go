package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"abstain/harness/evaluate"
	"abstain/metrics"
	"abstain/metrics/disparity"
	"abstain/metrics/resample"
	"abstain/metrics/stattest"
)

// Groups is what the comparison of groups of samples found.
type Groups struct {
	Attributes []GroupAttribute
	Metrics    []GroupMetric
	Curves     []GroupCurve
	Odds       []ClassOdds
	Gaps       []Changes // treatment: attribute; setting: coverage; of the gap in selective accuracy
}

// ClassOdds are criteria of group fairness of one model in a task of more than two classes:
// each class against the rest, then the mean over classes.
type ClassOdds struct {
	Model, Attribute           string
	Groups                     int
	EqualisedOdds, AverageOdds float64
}

// classOdds compares the rates of the classes between the levels of an attribute.
func classOdds(model string, o *metrics.Outcomes, a GroupAttribute, g *metrics.Group) []ClassOdds {
	kept := metrics.Group{Name: g.Name, Levels: a.Levels, Code: make([]int32, len(g.Code))}
	for i, code := range g.Code {
		kept.Code[i] = -1
		if code >= 0 {
			kept.Code[i] = int32(slices.Index(a.Levels, g.Levels[code]))
		}
	}
	rates := disparity.OneVsRest(o, &kept, 1)
	if len(rates) < 3 {
		return nil
	}
	larger := func(tpr, fpr []disparity.Level) metrics.Estimate { return disparity.EqualisedOdds(tpr, fpr, false) }
	return []ClassOdds{{model, a.Name, len(a.Levels), disparity.OverClasses(rates, larger).Value, disparity.OverClasses(rates, disparity.AverageOdds).Value}}
}

// GroupAttribute is a column that groups samples.
type GroupAttribute struct {
	Name   string
	Levels []string // those with enough samples
	Sizes  []int
}

// GroupMetric is a metric of one model in one group, against all other samples
// that have the attribute.
type GroupMetric struct {
	Model, Attribute, Group, Metric string
	N                               int
	Value, Others                   float64
	Difference                      float64
	In                              Bounds  // of the difference
	P                               float64 // of no difference, by Holm over the models, groups and metrics of the attribute

	better metrics.Direction
}

// GroupCurve is what one threshold, common to all samples, does to one group.
type GroupCurve struct {
	Model, Attribute, Group string
	Overall                 float64 // coverage of all samples at the threshold
	Coverage, Accuracy      float64 // of the group's samples: answered share, and accuracy among these
	Change                  float64 // of that accuracy against answering all samples of the group
	Error                   float64 // standard error of the change
	P                       float64 // of no change (Fisher's exact test), by Holm over the groups and coverages of one model and attribute
	N                       int     // answered samples of the group
}

const (
	leastGroup    = 30 // samples of a group that is compared
	leastAnswered = 10 // answered samples for a test of a selective accuracy
	leastOfEach   = 20 // right answers, and wrong ones, for a test of a difference: with fewer it is not normal
	mostLevels    = 20 // levels of an attribute; columns with more are ids or the like
)

// groupCoverages are the overall coverages at which common thresholds are set.
var groupCoverages = []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1}

// groups compares metrics between groups of samples, and asks whether abstaining at one
// common threshold helps one group and harms another.
//
// Source: Jones, Sagawa, Koh, Kumar and Liang, Selective classification can
// magnify disparities across groups, ICLR 2021.
func groups(ctx context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	if len(f.options.Groups) == 1 && f.options.Groups[0] == "-" {
		e.missing(GroupsNotAsked{})
		return e, nil
	}
	if !f.stored {
		e.missing(GroupsNeedSamples{})
		return e, nil
	}
	attributes, err := f.attributes()
	if err != nil {
		return e, err
	}
	d := &Groups{Attributes: attributes}
	if len(d.Attributes) == 0 {
		e.missing(NoAttributes{mostLevels, leastGroup})
		return e, nil
	}
	measures := metrics.MeasuresIn(metrics.InGroups)
	parts := make([]Groups, len(f.models))
	err = f.eachModel(ctx, func(i int) error {
		r, err := f.ranked(f.models[i].row.Key)
		if err != nil {
			return err
		}
		parts[i] = f.modelGroups(f.models[i].row.Model, r, attributes, measures)
		return nil
	})
	if err != nil {
		return e, err
	}
	for _, p := range parts {
		d.Metrics, d.Curves, d.Odds = append(d.Metrics, p.Metrics...), append(d.Curves, p.Curves...), append(d.Odds, p.Odds...)
	}
	d.adjust()
	f.groupGaps(d)
	e.Data = d
	e.Tables = []Table{d.metricTable(), d.curveTable(), changeTable("groups-gaps", "attribute", d.Gaps), d.disparityTable()}
	e.note(GroupsAgainstOthers{leastOfEach})
	e.note(OneThreshold{})
	f.groupClaims(&e, d)
	return e, nil
}

// attributes are the grouping columns of the first model's table.
func (f *Folder) attributes() ([]GroupAttribute, error) {
	o, err := f.results.Outcomes(f.models[0].row.Key)
	if err != nil {
		return nil, err
	}
	names := f.options.Groups
	if len(names) == 0 {
		for _, g := range o.Groups {
			names = append(names, g.Name)
		}
	}
	var list []GroupAttribute
	for _, name := range names {
		g := evaluate.Attribute(o, name)
		if g == nil || len(g.Levels) > mostLevels {
			continue
		}
		a := GroupAttribute{Name: name}
		sizes := make([]int, len(g.Levels))
		for _, code := range g.Code {
			if code >= 0 {
				sizes[code]++
			}
		}
		for k, level := range g.Levels {
			if sizes[k] >= leastGroup {
				a.Levels, a.Sizes = append(a.Levels, level), append(a.Sizes, sizes[k])
			}
		}
		if len(a.Levels) > 1 {
			list = append(list, a)
		}
	}
	return list, nil
}

// modelGroups compares the groups of one model.
func (f *Folder) modelGroups(model string, r *metrics.Ranked, attributes []GroupAttribute, measures []metrics.Measure) (d Groups) {
	for _, a := range attributes {
		g := evaluate.Attribute(r.Outcomes, a.Name)
		if g == nil {
			continue
		}
		for _, level := range a.Levels {
			code := int32(slices.Index(g.Levels, level))
			if code < 0 {
				continue
			}
			var inside, outside []int32
			for row, c := range g.Code {
				switch {
				case c == code:
					inside = append(inside, int32(row))
				case c >= 0:
					outside = append(outside, int32(row))
				}
			}
			d.Metrics = append(d.Metrics, f.groupMetrics(model, a.Name, level, part(r, inside), part(r, outside), measures)...)
			d.Curves = append(d.Curves, groupCurves(model, a.Name, level, r, code, g)...)
		}
		d.Odds = append(d.Odds, classOdds(model, r.Outcomes, a, g)...)
	}
	return d
}

// part is the ranking of some rows.
func part(r *metrics.Ranked, rows []int32) *metrics.Ranked {
	o := r.Outcomes.Take(rows)
	return metrics.Rank(o, o.Confidence(r.Confidence.Name))
}

// groupMetrics compares the metrics of a group with those of the other samples.
func (f *Folder) groupMetrics(model, attribute, group string, in, out *metrics.Ranked, measures []metrics.Measure) []GroupMetric {
	var list []GroupMetric
	for _, m := range measures {
		a, b := m.Of(in), m.Of(out)
		if !a.Defined() || !b.Defined() {
			continue
		}
		x := GroupMetric{Model: model, Attribute: attribute, Group: group, Metric: m.ID(), better: m.Metric.Better, N: a.N, Value: a.Value, Others: b.Value,
			Difference: a.Value - b.Value, In: noBounds, P: math.NaN()}
		se := math.Hypot(groupError(m, in, a), groupError(m, out, b))
		if se > 0 && enough(in) && enough(out) {
			half := stattest.NormalReach(f.level) * se
			x.In, x.P = Bounds{x.Difference - half, x.Difference + half}, math.Min(1, 2*stattest.NormalTail(math.Abs(x.Difference)/se))
		}
		list = append(list, x)
	}
	return list
}

// enough reports whether there are enough right and enough wrong answers for a normal
// approximation.
func enough(r *metrics.Ranked) bool { return r.Errors >= leastOfEach && r.N()-r.Errors >= leastOfEach }

// groupError is the standard error of a metric in a group: from influence values,
// or binomial for a rate; NaN where neither is known.
func groupError(m metrics.Measure, r *metrics.Ranked, e metrics.Estimate) float64 {
	if v, ok := resample.Influence(m.Metric, m.At, r); ok {
		return resample.StandardError(v)
	}
	if m.Metric.Nature == metrics.Share && e.N > 0 {
		return math.Sqrt(e.Value * (1 - e.Value) / float64(e.N))
	}
	return math.NaN()
}

// groupCurves sets thresholds by the coverage of all samples, and gives the points of
// one group.
func groupCurves(model, attribute, group string, r *metrics.Ranked, code int32, g *metrics.Group) []GroupCurve {
	correct := r.Outcomes.Correct
	total, right := 0, 0
	for _, row := range r.Order {
		if g.Code[row] == code {
			total++
			if correct[row] {
				right++
			}
		}
	}
	if total == 0 {
		return nil
	}
	whole := float64(right) / float64(total)
	var list []GroupCurve
	for _, target := range groupCoverages {
		end := thresholdAt(r, target)
		answered, hits := 0, 0
		for _, row := range r.Order[:end] {
			if g.Code[row] == code {
				answered++
				if correct[row] {
					hits++
				}
			}
		}
		c := GroupCurve{Model: model, Attribute: attribute, Group: group, Overall: float64(end) / float64(r.N()),
			Coverage: float64(answered) / float64(total), N: answered, Accuracy: math.NaN(), Change: math.NaN(), Error: math.NaN(), P: math.NaN()}
		if answered > 0 {
			c.Accuracy = float64(hits) / float64(answered)
			c.Change = c.Accuracy - whole
		}
		if answered >= leastAnswered && answered < total {
			c.Error = changeError(hits, answered, right, total)
			c.P = fisherExact(hits, answered, right, total)
		}
		list = append(list, c)
	}
	return list
}

// thresholdAt is the number of samples at the first end of a group of equal
// confidence that covers the share of the samples.
func thresholdAt(r *metrics.Ranked, share float64) int {
	for _, end := range r.Ends {
		if float64(end) >= share*float64(r.N())*(1-1e-12) {
			return int(end)
		}
	}
	return r.N()
}

// changeError is the standard error of selective less full accuracy of a group: of the
// answered samples, hits are right; of total samples, right are. The influence of a
// sample on the difference is (c - A)/pi - (c - B) if it is answered, else -(c - B),
// where c is 1 if it is right and else 0, pi is the answered share, A the selective and
// B the full accuracy.
func changeError(hits, answered, right, total int) float64 {
	pi, a, b := float64(answered)/float64(total), float64(hits)/float64(answered), float64(right)/float64(total)
	sum := func(n int, v float64) float64 { return float64(n) * v * v }
	squares := sum(hits, (1-a)/pi-(1-b)) + sum(answered-hits, -a/pi+b) + sum(right-hits, -(1-b)) + sum(total-answered-right+hits, b)
	return math.Sqrt(squares) / float64(total)
}

// fisherExact is the p-value of Fisher's exact test of the hypothesis that the answered
// samples are right as often as the others: twice the smaller tail, at most 1. For a
// fixed threshold, it says that the selective accuracy is the accuracy.
func fisherExact(hits, answered, right, total int) float64 {
	below, above := 0.0, 0.0
	for k := max(0, answered-(total-right)); k <= min(answered, right); k++ {
		p := math.Exp(choose(right, k) + choose(total-right, answered-k) - choose(total, answered))
		if k <= hits {
			below += p
		}
		if k >= hits {
			above += p
		}
	}
	return math.Min(1, 2*math.Min(below, above))
}

// adjust applies Holm's correction: to metrics within an attribute, to curves
// within a model and attribute.
func (d *Groups) adjust() {
	adjusted(len(d.Metrics), func(k int) (string, *float64) { return d.Metrics[k].Attribute, &d.Metrics[k].P })
	adjusted(len(d.Curves), func(k int) (string, *float64) {
		return d.Curves[k].Attribute + "\x00" + d.Curves[k].Model, &d.Curves[k].P
	})
}

// adjusted applies Holm's correction within each family of tests.
func adjusted(n int, at func(k int) (family string, p *float64)) {
	families := map[string][]*float64{}
	for k := range n {
		name, p := at(k)
		families[name] = append(families[name], p)
	}
	for _, list := range families {
		ps := make([]float64, len(list))
		for k, p := range list {
			ps[k] = *p
		}
		for k, p := range stattest.Holm(ps) {
			*list[k] = p
		}
	}
}

// groupGaps describes, over the models, how the gap in selective accuracy between
// the groups that are best and worst at full coverage changes with coverage.
func (f *Folder) groupGaps(d *Groups) {
	better := &column{ID: "selective-accuracy gap", Label: "gap in selective accuracy", Better: metrics.Lower}
	var list []contrast
	for _, a := range d.Attributes {
		for _, coverage := range groupCoverages[:len(groupCoverages)-1] {
			var p pairing
			for i, s := range f.models {
				if v := d.gapChange(s.row.Model, a.Name, coverage); !math.IsNaN(v) {
					p.names, p.unit, p.values = append(p.names, s.row.Model), append(p.unit, f.unitOf(i)), append(p.values, v)
				}
			}
			list = append(list, contrast{treatment: a.Name, setting: gapSetting(coverage), column: better, pairing: p})
		}
	}
	d.Gaps = f.describe(list)
}

// gapSetting is the setting of changes of the gap.
func gapSetting(coverage float64) string { return fmt.Sprintf("coverage %g", coverage) }

// of lists the curve points of a model and attribute, by group and coverage.
func (d *Groups) of(model, attribute string) map[string][]GroupCurve {
	points := map[string][]GroupCurve{}
	for _, c := range d.Curves {
		if c.Model == model && c.Attribute == attribute {
			points[c.Group] = append(points[c.Group], c)
		}
	}
	return points
}

// gapChange is by how much the gap between the groups best and worst at full
// coverage is larger at a coverage; NaN if a selective accuracy is undefined.
func (d *Groups) gapChange(model, attribute string, coverage float64) float64 {
	at := slices.Index(groupCoverages, coverage)
	last := len(groupCoverages) - 1
	high, low := math.Inf(-1), math.Inf(1)
	var changeHigh, changeLow float64
	points := d.of(model, attribute)
	var groups []string
	for g := range points {
		groups = append(groups, g)
	}
	slices.Sort(groups)
	for _, g := range groups {
		p := points[g]
		if full := p[last].Accuracy; full > high {
			high, changeHigh = full, p[at].Change
		}
		if full := p[last].Accuracy; full < low {
			low, changeLow = full, p[at].Change
		}
	}
	if len(groups) < 2 {
		return math.NaN()
	}
	return changeHigh - changeLow
}

func (d *Groups) metricTable() Table {
	t := Table{Name: "groups", Columns: []string{"model", "attribute", "group", "metric", "n", "value", "others", "difference", "difference_lo", "difference_hi", "holm_p"}}
	for _, m := range d.Metrics {
		t.add(m.Model, m.Attribute, m.Group, m.Metric, m.N, m.Value, m.Others, m.Difference, m.In.Lo, m.In.Hi, m.P)
	}
	return t
}

func (d *Groups) curveTable() Table {
	t := Table{Name: "groups-coverage", Columns: []string{"model", "attribute", "group", "overall_coverage", "coverage", "answered", "selective_accuracy", "change", "change_se", "holm_p"}}
	for _, c := range d.Curves {
		t.add(c.Model, c.Attribute, c.Group, c.Overall, c.Coverage, c.N, c.Accuracy, c.Change, c.Error, c.P)
	}
	return t
}

// disparityTable lists the usual criteria of group fairness by model.
func (d *Groups) disparityTable() Table {
	t := Table{Name: "groups-disparities", Columns: []string{"model", "attribute", "metric", "groups", "largest_difference", "smallest_ratio", "worst_group"}}
	type key struct{ model, attribute, metric string }
	levels := map[key][]disparity.Level{}
	better := map[string]metrics.Direction{}
	var order []key
	for _, m := range d.Metrics {
		k := key{m.Model, m.Attribute, m.Metric}
		better[m.Metric] = m.better
		if levels[k] == nil {
			order = append(order, k)
		}
		levels[k] = append(levels[k], disparity.Level{Name: m.Group, Size: m.N, Estimate: metrics.Estimate{Value: m.Value, N: m.N}})
	}
	for _, k := range order {
		worst := ""
		if better[k.metric] != metrics.None {
			worst = disparity.Worst(levels[k], better[k.metric]).Name
		}
		t.add(k.model, k.attribute, k.metric, len(levels[k]), disparity.Difference(levels[k]).Value, disparity.Ratio(levels[k]).Value, worst)
		if k.metric == "false-positive-rate" { // the last of the two rates
			tpr := levels[key{k.model, k.attribute, "true-positive-rate"}]
			t.add(k.model, k.attribute, "equalised-odds", len(levels[k]), disparity.EqualisedOdds(tpr, levels[k], false).Value,
				disparity.EqualisedOddsRatio(tpr, levels[k], false).Value, "")
			t.add(k.model, k.attribute, "average-odds", len(levels[k]), disparity.AverageOdds(tpr, levels[k]).Value, math.NaN(), "")
		}
	}
	for _, o := range d.Odds {
		t.add(o.Model, o.Attribute, "equalised-odds-classwise", o.Groups, o.EqualisedOdds, math.NaN(), "")
		t.add(o.Model, o.Attribute, "average-odds-classwise", o.Groups, o.AverageOdds, math.NaN(), "")
	}
	return t
}
