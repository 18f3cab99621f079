package resample

import (
	"math"
	"math/bits"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Rivals are models that answer the same samples and are compared by one measure, all at
// once: what package ranks needs of their joint error, and what it must not make of few
// errors. Those of AUROCs are compared on the logit scale; see moderated.
type Rivals struct {
	measure   metrics.Measure
	design    *Design
	samples   []int       // by model: the samples that its influence values are of
	values    []float64   // in the unit of the measure
	influence [][]float64 // by model and unit
	moderated []*moderated
	wrong     [][]uint64 // by model: the units with errors, a bit each; nil if the measure does not go by them
	errors    []int      // by model: how many units those are
	answers   []*metrics.Ranked
}

// NewRivals prepares for so many models that answer the samples of the design.
func NewRivals(m metrics.Measure, d *Design, models int) *Rivals {
	return &Rivals{measure: m, design: d, samples: make([]int, models), values: make([]float64, models), influence: make([][]float64, models),
		moderated: make([]*moderated, models), wrong: make([][]uint64, models), errors: make([]int, models),
		answers: make([]*metrics.Ranked, models)}
}

// Set enters a model; different ones may be entered at once. It is false where the
// measure has no influence values on the ranking.
func (r *Rivals) Set(i int, ranked *metrics.Ranked) bool {
	values, ok := Influence(r.measure.Metric, r.measure.At, ranked)
	if !ok {
		return false
	}
	d := r.design
	f := formOf(r.measure.Metric.ID)
	r.values[i], r.samples[i] = r.measure.Of(ranked).Value, len(values)
	switch {
	case f.test == testModerated:
		r.moderated[i] = moderate(r.values[i], values, f.kinds(ranked), d)
		r.influence[i] = r.moderated[i].scaled(len(values))
		if len(ranked.Outside) == 0 {
			r.wrong[i], r.errors[i] = d.wrong(ranked)
		}
		return true
	case f.test == testMcNemar && ranked.Unanswered > 0: // its differences are not all of errors
		r.influence[i] = d.Units(values)
		return true
	case f.test == testMcNemar && d.kind == independent:
		r.answers[i] = ranked
	}
	r.influence[i] = d.Units(values)
	if f.interval == viaScarce || f.test == testMcNemar {
		r.wrong[i], r.errors[i] = d.wrong(ranked)
	}
	return true
}

// scaled are the pulls in the unit of influence values on the logit.
func (m *moderated) scaled(n int) []float64 {
	squares := dot(m.pull, m.pull)
	values := make([]float64, len(m.pull))
	if squares > 0 {
		by := float64(n) * m.sigma / math.Sqrt(squares)
		for i, v := range m.pull {
			values[i] = float64(by * v)
		}
	}
	return values
}

// wrong marks the units that hold an error, and counts them.
func (d *Design) wrong(r *metrics.Ranked) (marks []uint64, count int) {
	unit := func(i int) int { return i }
	if d.members != nil {
		of := make([]int, d.n)
		for u, group := range d.members {
			for _, i := range group {
				of[i] = u
			}
		}
		unit = func(i int) int { return of[i] }
	}
	marks = make([]uint64, (d.Size()+63)/64)
	for _, i := range r.Order {
		if !r.Outcomes.Correct[i] {
			marks[unit(int(i))/64] |= 1 << (unit(int(i)) % 64)
		}
	}
	for _, w := range marks {
		count += bits.OnesCount64(w)
	}
	return marks, count
}

// Samples is the number of samples that the influence values are of, the same for all
// models.
func (r *Rivals) Samples() int { return r.samples[0] }

// Influence is that of each unit on the values that are compared, by model, all of one
// length. An AUROC that no sample moves has an error all the same: it stands in a
// place of its own behind the units.
func (r *Rivals) Influence() [][]float64 {
	var still []int
	for i, m := range r.moderated {
		if m != nil && dot(m.pull, m.pull) == 0 {
			still = append(still, i)
		}
	}
	if still == nil {
		return r.influence
	}
	columns := make([][]float64, len(r.influence))
	for i, v := range r.influence {
		columns[i] = append(v[:len(v):len(v)], make([]float64, len(still))...)
	}
	for k, i := range still {
		v := columns[i]
		v[len(v)-len(still)+k] = float64(len(r.influence[i])) * r.moderated[i].sigma
	}
	return columns
}

// Values are those that are compared, by model: logits of AUROCs.
func (r *Rivals) Values() []float64 {
	values := make([]float64, len(r.values))
	for i, v := range r.values {
		if values[i] = v; r.moderated[i] != nil {
			values[i] = r.moderated[i].logit()
		}
	}
	return values
}

// Strength is what a difference of z > 0 standard errors between two models is worth, in
// those of a normal variable: less where errors are few, and 0 where a model has less
// than two samples of a kind.
func (r *Rivals) Strength(i, j int, z float64) float64 {
	if r.moderated[i] != nil {
		pair := moderatedPair{a: r.moderated[i], b: r.moderated[j]}
		if !pair.determined() {
			return 0
		}
		p := math.Max(stattest.StudentTwoSided(z, pair.freedom()), pair.floor())
		if min(r.moderated[i].rarer(), r.moderated[j].rarer()) < plenty {
			pair.correlation = cosine(r.moderated[i].pull, r.moderated[j].pull)
			p = pair.touching(p)
		}
		return -stattest.NormalQuantile(p / 2)
	}
	if formOf(r.measure.Metric.ID).ofErrors && min(r.errors[i], r.errors[j]) < plenty {
		z = -stattest.NormalQuantile(stattest.StudentTwoSided(z, float64(min(r.errors[i], r.errors[j]))) / 2)
	}
	return math.Min(z, r.most(i, j))
}

// most is what a difference can be worth at the very most.
func (r *Rivals) most(i, j int) float64 {
	if r.moderated[i] != nil {
		pair := moderatedPair{a: r.moderated[i], b: r.moderated[j]}
		if !pair.determined() {
			return 0
		}
		return -stattest.NormalQuantile(pair.floor() / 2)
	}
	switch least := min(r.errors[i], r.errors[j]); {
	case r.wrong[i] == nil || r.wrong[j] == nil:
		return math.Inf(1)
	case formOf(r.measure.Metric.ID).ofErrors && least < 2:
		return 0
	case formOf(r.measure.Metric.ID).ofErrors:
		return -stattest.NormalQuantile(leastByOrder(float64(r.errors[i]), float64(r.errors[j])) / 2)
	case max(r.errors[i], r.errors[j]) > 60:
		return math.Inf(1)
	}
	return -stattest.NormalQuantile(LeastP(r.eitherWrong(i, j)) / 2)
}

// eitherWrong counts the units in which one of two models errs.
func (r *Rivals) eitherWrong(i, j int) int {
	count := 0
	for k, w := range r.wrong[i] {
		count += bits.OnesCount64(w | r.wrong[j][k])
	}
	return count
}

// Undetermined lists the models with less than two samples of a kind: no order of
// theirs can be proven.
func (r *Rivals) Undetermined() []int {
	var list []int
	ofErrors := formOf(r.measure.Metric.ID).ofErrors
	for i, m := range r.moderated {
		if m != nil && m.rarer() < 2 || ofErrors && r.errors[i] < 2 {
			list = append(list, i)
		}
	}
	return list
}

// Hopeless reports whether there are too few errors to prove any order, whatever the
// values: no difference can be worth more than the critical value.
func (r *Rivals) Hopeless(critical float64) bool {
	for i := range r.values {
		for j := range i {
			if r.most(i, j) > critical {
				return false
			}
		}
	}
	return true
}

// Interval is that of the value of model i less that of model j, in the measure's unit,
// exceeded as rarely as a normal variable exceeds critical standard errors; NaN where
// there is none.
func (r *Rivals) Interval(i, j int, critical float64) (lo, hi float64) {
	p := 2 * stattest.NormalTail(critical)
	if a, b := r.moderated[i], r.moderated[j]; a != nil {
		pair := pairOf(a, b)
		if !pair.determined() {
			return math.NaN(), math.NaN()
		}
		lo, hi = pair.interval(p)
		low, high := r.fewDiscordant(i, j, pair, p)
		return math.Min(lo, low), math.Max(hi, high)
	}
	if a, b := r.answers[i], r.answers[j]; a != nil && b != nil {
		c := accuracies(r.measure, r.values[i]-r.values[j], Discordant(a, b), 1-p)
		return c.Lo, c.Hi
	}
	c := ByInfluence(r.values[i], r.values[j], r.influence[i], r.influence[j], r.Samples(), 1-p)
	return r.byParts(i, j, p, c.Lo, c.Hi)
}
