package metrics

import (
	"math/bits"
	"slices"

	"abstain/metrics/calibration"
	"abstain/metrics/internal/radix"
	"abstain/metrics/internal/sums"
)

// Ranked is one model's in-distribution samples in the order of one confidence
// function, most trusted first. It is made once; metrics and curves are read
// off it. Nothing in it may be changed.
type Ranked struct {
	Outcomes   *Outcomes
	Confidence *Confidence // nil if the samples were not ranked

	Order []int32 // rows of Outcomes, most trusted first; equal confidences by row. Rows in order if not ranked
	Ends  []int32 // Ends[g] is the number of samples in groups 0..g of equal confidence; nil if not ranked
	Wrong []int32 // Wrong[g] is the number of errors among those; nil if not ranked

	Errors  int       // errors among the in-distribution samples
	Outside []float64 // ordering confidences of the out-of-distribution samples, falling

	why    string  // why there is no confidence; "" if none was given
	widths *widths // made when asked for
	sweep  sweep   // what one pass over the groups adds up for several metrics
}

// sweep holds the sums over a ranking that more than one metric needs. Adding
// them up while the groups are found costs little more than finding them.
type sweep struct {
	risk    sums.Unit // selective risk of the first k, expected over order among ties, over all k
	pairs   int64     // twice the (correct, wrong) pairs in the right order, ties counted once
	general int64     // twice n^2 times the area under errors so far
}

// N is the number of in-distribution samples.
func (r *Ranked) N() int { return len(r.Order) }

// Rank sorts the samples once by a confidence function of o. Samples are in
// distribution if their label is a class, or if the table has no labels; the
// others are kept aside for the metrics that ask for them. c may be nil: then
// only metrics that need no confidence are defined.
//
// Equal ordering confidences (of either sign of zero) form one group. Infinite
// ones are ordered like any other. It panics on NaN, which a Collector never
// lets through, and if c has not one entry per sample.
func Rank(o *Outcomes, c *Confidence) *Ranked { return new(Ranker).Rank(o, c) }

// Ranker ranks one table after the other in the same memory: for callers who
// take ranking after ranking and keep none. The zero value is ready.
type Ranker struct {
	order, ends, wrong []int32
	packing            radix.Packing
}

// Rank is the function of that name. The ranking is written over by the next call.
func (k *Ranker) Rank(o *Outcomes, c *Confidence) *Ranked {
	r := &Ranked{Outcomes: o, Confidence: c, widths: &widths{bins: map[int][]calibration.Bin{}}}
	inside, outside := split(o)
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

// RankRows is Rank with equal confidences in the order of the rows,
// each sample a group of its own. The metrics of such a ranking are what code
// returns that sorts stably and walks the rows, and they depend on the order of
// the rows. It is there to compare with such code; c must not be nil.
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

// split lists the rows in and out of distribution, each in order; inside is nil if
// that is all of them.
func split(o *Outcomes) (inside, outside []int32) {
	if !slices.ContainsFunc(o.Label, func(l int32) bool { return l < 0 }) {
		return nil, nil
	}
	inside = make([]int32, 0, o.N())
	for i, l := range o.Label {
		if l < 0 {
			outside = append(outside, int32(i))
		} else {
			inside = append(inside, int32(i))
		}
	}
	return inside, outside
}

// wrongAmong counts the errors among the rows, without a branch, which the
// processor could not predict.
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

// findGroups reads the order and the groups of equal confidence off the sorted rows.
// Ends and Wrong have room for as many groups as there are samples.
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

// addUp makes the sweep over the groups. What single samples add stays in variables
// of its own, which the compiler keeps in registers.
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

// group takes in the next group of a ranking with so many errors.
//
// Inside a group of m errors among g samples, the expected number of errors
// after j of them grows by m/g a sample, so each prefix has an expected risk of
// its own and no order need be drawn. Quotients are added by one rule whatever
// the group, so that rankings with the same prefixes have the same sums.
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
	return Point{end / float64(r.N()), float64(r.Wrong[g]) / end, r.threshold(g)}
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
