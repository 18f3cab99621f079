package metrics

import (
	"math/bits"
	"slices"

	"abstain/metrics/calibration"
	"abstain/metrics/internal/radix"
	"abstain/metrics/internal/sums"
)

// Ranked is one model's answers to in-distribution samples in the order of one confidence
// function, most trusted first. It is made once; all metrics and curves are
// computed from it. Nothing in it may be changed.
type Ranked struct {
	Outcomes   *Outcomes
	Confidence *Confidence // nil if the samples were not ranked

	Order []int32 // rows of Outcomes, most trusted first; equal confidences by row. If not ranked, in the order of the rows
	Ends  []int32 // Ends[g] is the number of samples in groups 0..g of equal confidence; nil if not ranked
	Wrong []int32 // Wrong[g] is the number of errors among those; nil if not ranked

	Errors     int       // errors among these samples
	Unanswered int       // in-distribution samples that the model did not answer; they are not in Order
	Outside    []float64 // sort keys of the out-of-distribution samples that it answered, falling

	why    string  // why there is no confidence; "" if none was given
	widths *widths // made when asked for
	sweep  sweep   // sums over the groups that several metrics use
}

// sweep holds the sums over a ranking that several metrics need. They are added
// up while the groups are found, which costs little more than finding the groups.
type sweep struct {
	risk    sums.Unit // sum over k of the expected selective risk of the first k samples
	pairs   int64     // twice the number of (correct, wrong) pairs in the right order; a tied pair counts once
	general int64     // twice n^2 times the area under the generalised risk
}

// N is the number of in-distribution samples that the model answered.
func (r *Ranked) N() int { return len(r.Order) }

// All is the number of in-distribution samples, answered or not. Coverage is a share
// of these.
func (r *Ranked) All() int { return len(r.Order) + r.Unanswered }

// Rank sorts the samples once by a confidence function of o. Samples are in
// distribution if their label is a class, or if the table has no labels. The
// others are kept aside for the metrics of out-of-distribution detection. Samples that
// the model did not answer are in neither part, and only counted. c may be nil: then
// only metrics that need no confidence are defined.
//
// Samples with equal sort keys form one group (the two zeros are equal). Infinite
// keys are ordered like any other. Rank panics on NaN, which a Collector refuses,
// and if c does not have one entry for each sample.
func Rank(o *Outcomes, c *Confidence) *Ranked { return new(Ranker).Rank(o, c) }

// Ranker ranks one table after the other in the same memory. It is for callers
// who make many rankings and keep none. The zero value is ready to use.
type Ranker struct {
	order, ends, wrong []int32
	packing            radix.Packing
}

// Rank does what the function Rank does. The next call overwrites the ranking.
func (k *Ranker) Rank(o *Outcomes, c *Confidence) *Ranked {
	r := &Ranked{Outcomes: o, Confidence: c, widths: &widths{bins: map[int][]calibration.Bin{}}}
	inside, outside, unanswered := split(o)
	r.Unanswered = unanswered
	if c == nil {
		if inside == nil {
			inside = counting(o.N())
		}
		r.Order, r.Errors = inside, wrongAmong(o.Correct, inside)
		return r
	}
	key := c.Order()
	if len(key) != o.N() {
		panic("metrics: confidence and outcomes differ in length")
	}
	p := &k.packing
	r.Errors = p.Pack(key, inside, o.Correct)
	p.Sort(key)
	r.Outside = gather(key, radix.Falling(key, outside))
	n := len(p.Rows)
	k.order, k.ends, k.wrong = sized(k.order, n), sized(k.ends, n), sized(k.wrong, n)
	r.Order, r.Ends, r.Wrong = k.order, k.ends, k.wrong
	r.findGroups(p, key)
	r.addUp()
	return r
}

func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }

// RankRows is Rank with each sample as a group of its own, equal confidences in
// the order of the rows. The metrics of such a ranking are those of code that
// sorts stably and does not treat ties; they depend on the order of the rows. Use
// it to compare with such code. c must not be nil.
func RankRows(o *Outcomes, c *Confidence) *Ranked { return Rank(o, c).rowByRow() }

// rowByRow is the same ranking with each sample in a group of its own.
func (r *Ranked) rowByRow() *Ranked {
	if r.Ends == nil || len(r.Ends) == r.N() {
		return r
	}
	a := *r
	a.Ends, a.Wrong = make([]int32, a.N()), make([]int32, a.N())
	wrong := 0
	for j, i := range a.Order {
		if !a.Outcomes.Correct[i] {
			wrong++
		}
		a.Ends[j], a.Wrong[j] = int32(j+1), int32(wrong)
	}
	a.addUp()
	return &a
}

// split lists the answered rows in and out of distribution, each in order, and counts the
// others in distribution. inside is nil if all rows are answered and in distribution.
func split(o *Outcomes) (inside, outside []int32, unanswered int) {
	below0 := func(v int32) bool { return v < 0 }
	if !slices.ContainsFunc(o.Label, below0) && !slices.ContainsFunc(o.Prediction, below0) {
		return nil, nil, 0
	}
	inside = make([]int32, 0, o.N())
	for i := range o.N() {
		switch out := o.Label != nil && o.Label[i] < 0; {
		case o.Answered(i) && out:
			outside = append(outside, int32(i))
		case o.Answered(i):
			inside = append(inside, int32(i))
		case !out:
			unanswered++
		}
	}
	return inside, outside, unanswered
}

// judged reports whether row i is among the samples of a ranking: answered and in
// distribution.
func (o *Outcomes) judged(i int) bool { return (o.Label == nil || o.Label[i] >= 0) && o.Answered(i) }

// wrongAmong counts the errors among the rows. It has no branch, because the
// processor could not predict it.
func wrongAmong(correct []bool, rows []int32) int {
	right := 0
	for _, i := range rows {
		one := 0
		if correct[i] {
			one = 1
		}
		right += one
	}
	return len(rows) - right
}

// findGroups finds the order and the groups of equal confidence in the sorted
// rows. Ends and Wrong have room for one group per sample.
func (r *Ranked) findGroups(p *radix.Packing, key []float64) {
	rows := p.Rows
	order, ends, errors := r.Order[:len(rows)], r.Ends[:len(rows)], r.Wrong[:len(rows)]
	groups, wrong := 0, 0
	for j, v := range rows {
		order[j] = v.Row()
		wrong += v.Wrong()
		if j+1 < len(rows) && v.Key() == rows[j+1].Key() && (p.Whole || key[v.Row()] == key[rows[j+1].Row()]) {
			continue
		}
		ends[groups], errors[groups] = int32(j+1), int32(wrong)
		groups++
	}
	r.Ends, r.Wrong = ends[:groups], errors[:groups]
}

// addUp adds up the sweep over the groups. The sums of groups of one sample are
// in local variables, which the compiler keeps in registers.
func (r *Ranked) addUp() {
	var s sweep
	var lo, hi, carry uint64
	var pairs, general int64
	var before, wrongBefore int32
	errors, wrongs := int64(r.Errors), r.Wrong[:len(r.Ends)]
	for g, end := range r.Ends {
		wrong := wrongs[g]
		miss := int64(wrong - wrongBefore)
		if end-before == 1 {
			lo, carry = bits.Add64(lo, sums.Units(float64(wrong)/float64(end)), 0)
			hi += carry
			pairs += (1 - miss) * (errors - int64(wrong))
			general += 2*int64(wrong) - miss
		} else {
			s.group(tie{int(before), int(end - before), int(wrongBefore), int(miss)}, r.Errors)
		}
		before, wrongBefore = end, wrong
	}
	s.risk = s.risk.Plus(sums.Unit{Hi: hi, Lo: lo})
	s.pairs += 2 * pairs
	s.general += general
	r.sweep = s
}

// group adds the next group of a ranking with that many errors in all.
//
// In a group of m errors among g samples, each further sample adds m/g errors in
// expectation. Each prefix therefore has an expected risk, and no random order
// has to be drawn. All groups use the same rule of adding quotients, so rankings
// with the same prefixes have the same sums.
func (s *sweep) group(t tie, errors int) {
	share := float64(t.wrong) / float64(t.size)
	for j := 1; j <= t.size; j++ {
		s.risk.Add((float64(t.wrongBefore) + float64(float64(j)*share)) / float64(t.before+j))
	}
	wrong, right := t.wrongBefore+t.wrong, t.size-t.wrong
	s.pairs += int64(right) * int64(2*(errors-wrong)+t.wrong)
	s.general += int64(t.size) * int64(2*t.wrongBefore+t.wrong)
}

// threshold is the confidence of group g on the ordering scale.
func (r *Ranked) threshold(g int) float64 { return r.Confidence.Order()[r.Order[r.Ends[g]-1]] }

// point is the working point at the end of group g.
func (r *Ranked) point(g int) Point {
	end := float64(r.Ends[g])
	return Point{end / float64(r.All()), float64(r.Wrong[g]) / end, r.threshold(g)}
}

// groupOf is the group of place j of the order.
func (r *Ranked) groupOf(j int) int {
	g, _ := slices.BinarySearch(r.Ends, int32(j+1))
	return g
}

// tie is a group of samples of equal confidence.
type tie struct {
	before, size       int // samples before it and in it
	wrongBefore, wrong int // errors before it and in it
}

// group returns group g, counted from the most trusted.
func (r *Ranked) group(g int) tie {
	var t tie
	if g > 0 {
		t.before, t.wrongBefore = int(r.Ends[g-1]), int(r.Wrong[g-1])
	}
	t.size, t.wrong = int(r.Ends[g])-t.before, int(r.Wrong[g])-t.wrongBefore
	return t
}

// counting are the rows from 0 to n-1.
func counting(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

func gather(column []float64, rows []int32) []float64 {
	t := make([]float64, len(rows))
	for j, i := range rows {
		t[j] = column[i]
	}
	return t
}
