package metrics

import "math"

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
func Rank(o *Outcomes, c *Confidence) *Ranked {
	r := &Ranked{Outcomes: o, Confidence: c}
	inside, outside := split(o)
	for _, i := range inside {
		if !o.Correct[i] {
			r.Errors++
		}
	}
	if c == nil {
		r.Order = inside
		return r
	}
	key := c.Order()
	if len(key) != o.N() {
		panic("metrics: confidence and outcomes differ in length")
	}
	r.Order = sortRows(key, inside)
	r.Outside = gather(key, sortRows(key, outside))
	r.findGroups(key)
	return r
}

// split lists the rows in and out of distribution, each in order.
func split(o *Outcomes) (inside, outside []int32) {
	inside = make([]int32, 0, o.N())
	for i := range o.N() {
		if o.Label != nil && o.Label[i] < 0 {
			outside = append(outside, int32(i))
		} else {
			inside = append(inside, int32(i))
		}
	}
	return inside, outside
}

// findGroups finds the groups of equal confidence and counts errors up to their ends.
func (r *Ranked) findGroups(key []float64) {
	r.Ends, r.Wrong = make([]int32, 0, len(r.Order)), make([]int32, 0, len(r.Order))
	wrong := int32(0)
	for j, i := range r.Order {
		if !r.Outcomes.Correct[i] {
			wrong++
		}
		if j+1 == len(r.Order) || key[r.Order[j+1]] != key[i] {
			r.Ends, r.Wrong = append(r.Ends, int32(j+1)), append(r.Wrong, wrong)
		}
	}
}

// threshold is the confidence of group g on the ordering scale.
func (r *Ranked) threshold(g int) float64 { return r.Confidence.Order()[r.Order[r.Ends[g]-1]] }

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

func gather(column []float64, rows []int32) []float64 {
	t := make([]float64, len(rows))
	for j, i := range rows {
		t[j] = column[i]
	}
	return t
}

// descending is the order of all of key, largest first, equal keys by index.
func descending(key []float64) []int32 {
	rows := make([]int32, len(key))
	for i := range rows {
		rows[i] = int32(i)
	}
	return sortRows(key, rows)
}

// bits maps a key to an integer that falls as the key rises, equal for equal keys.
func bits(key float64) uint64 {
	b := math.Float64bits(key + 0) // -0 + 0 = +0
	if b>>63 == 0 {
		return ^b &^ (1 << 63)
	}
	return b
}
