package resample

import (
	"math"
	"math/bits"
	"slices"
	"sort"

	"abstain/metrics"
)

// Evaluator evaluates metrics of one ranking on weighted samples: what they
// would be if sample i stood counts[i] times in the table. Nothing is sorted
// again, as equal samples have equal confidence; the default metrics take two
// linear sweeps together. Metrics that the sweeps do not serve are evaluated on
// the expanded table, which costs hundreds of times as much; Fast says of each
// measure whether the sweeps serve it.
//
// Place j means the j-th most trusted sample, from 0; row i means sample i of the table.
//
// It keeps about 20 bytes per sample, and for means and areas up to 60 and 24 per
// error, some of them scratch, so it serves one goroutine at a time.
type Evaluator struct {
	ranked   *metrics.Ranked
	measures []metrics.Measure
	read     []reader // by measure; nil for those evaluated on the expanded table

	entries []uint32  // by place: row, and whether it is wrong in the lowest bit
	value   []float64 // by place: confidence, falling
	excess  []int64   // by place: correct - confidence, in units
	unit    float64   // of excess: sums of integers do not depend on their order
	nll     loss
	brier   loss
	whole   bool // some measure reads the sums of losses, or those over groups

	ends []uint64 // by block: the places at which groups of equal confidence end, a bit each

	table   *harmonic
	grouped []packed // scratch, if whole: counts by place, then by group of equal confidence
	turns   []turn   // scratch, if whole: the groups with errors
	marks   []mark   // scratch: what stands before each block of places
	sums    sums
	bundle  *bundle // for many replicates at once; nil until it is needed
}

// reader reads one metric off the sums of a replicate.
type reader func(e *Evaluator, drawn replicate) float64

// loss is a column by place. Infinite entries are kept in a list of their own, as 0 times
// infinity is no number.
type loss struct {
	column   []float64
	infinite []int32 // rows
}

// replicate is how often each row was drawn: the counts of one replicate, or one lane of
// a tile.
type replicate struct {
	counts []uint8
	shift  uint8 // of a row's number to where its counts begin
	lane   uint8
}

// of is how often a row was drawn.
func (r replicate) of(row uint32) uint8 { return r.counts[uint(row)<<r.shift+uint(r.lane)] }

// apart is the replicate with its counts side by side, in scratch if they are not yet.
func (r replicate) apart(scratch []uint8) replicate {
	if r.shift == 0 {
		return r
	}
	for i := range scratch {
		scratch[i] = r.of(uint32(i))
	}
	return replicate{counts: scratch}
}

// packed is a number of samples in the lower half and of errors in the upper.
type packed uint64

// pack is an entry that was drawn c times.
func pack(c uint8, entry uint32) packed { return packed(uint64(c) * (1 + uint64(entry&1)<<32)) }

func (p packed) samples() int { return int(uint32(p)) }
func (p packed) wrong() int   { return int(p >> 32) }

// mark is what has been added up before a block of places.
type mark struct {
	packed
	excess int64
}

const block = 64 // places

// sums is what the sweeps add up for a replicate.
type sums struct {
	all     mark
	nll     float64
	brier   float64
	area    float64 // under the selective risk, times the number of samples
	general int     // twice n^2 times the area under the generalised risk
	pairs   int     // twice the pairs of right and wrong in the right order
	success float64 // precision of acceptance, over the right samples
	failure float64 // precision of rejection, over the errors
}

// NewEvaluator prepares for the measures. Counts are in the order of the rows
// of r.Outcomes, which may hold up to 2^31 samples. The ranking must come from
// metrics.Rank: groups of equal confidence stay together.
func NewEvaluator(r *metrics.Ranked, measures []metrics.Measure) *Evaluator {
	e := &Evaluator{ranked: r, measures: measures, read: make([]reader, len(measures))}
	n := r.N()
	e.table = newHarmonic(r.Outcomes.N())
	e.entries = make([]uint32, n)
	for j, i := range r.Order {
		e.entries[j] = uint32(i) << 1
		if !r.Outcomes.Correct[i] {
			e.entries[j]++
		}
	}
	e.marks = make([]mark, (n+block-1)/block)
	e.useEnds()
	e.useConfidence()
	for k, m := range measures {
		if n > 0 && (r.Unanswered == 0 || !m.Metric.OfAll) {
			e.read[k] = e.reader(m)
			e.whole = e.whole || formOf(m.Metric.ID).whole
		}
	}
	if e.whole {
		e.nll, e.brier = e.column(r.Outcomes.NLL), e.column(r.Outcomes.Brier)
		e.turns, e.grouped = make([]turn, 1+erring(r)), make([]packed, n)
	}
	return e
}

// useEnds notes where groups of equal confidence end.
func (e *Evaluator) useEnds() {
	e.ends = make([]uint64, len(e.marks))
	for _, end := range e.ranked.Ends {
		e.ends[(end-1)/block] |= 1 << ((end - 1) % block)
	}
}

// isEnd reports whether a group ends with place p.
func (e *Evaluator) isEnd(p int) bool { return e.ends[p/block]>>(p%block)&1 != 0 }

// erring is the number of groups of equal confidence that hold errors.
func erring(r *metrics.Ranked) int {
	found := 0
	for g := range r.Ends {
		if groupAt(r, g).wrong > 0 {
			found++
		}
	}
	return found
}

// column arranges a loss by place; zeros if the table has none.
func (e *Evaluator) column(by []float64) loss {
	l := loss{column: make([]float64, len(e.ranked.Order))}
	if by == nil {
		return l
	}
	for j, i := range e.ranked.Order {
		if v := by[i]; math.IsInf(v, 0) {
			l.infinite = append(l.infinite, i)
		} else {
			l.column[j] = v
		}
	}
	return l
}

// useConfidence arranges the confidences by place. If they are not finite, or do
// not fall along the ranking, value stays nil and nothing is read from it.
func (e *Evaluator) useConfidence() {
	n := len(e.entries)
	e.excess = make([]int64, n)
	if e.ranked.Confidence == nil {
		return
	}
	value := make([]float64, n)
	for j, i := range e.ranked.Order {
		v := e.ranked.Confidence.Value[i]
		if math.IsInf(v, 0) || j > 0 && v > value[j-1] {
			return
		}
		value[j] = v
	}
	e.value = value
	e.useExcess()
}

// useExcess arranges correct - confidence by place, in units that are so small that their
// sum over a replicate, which clusters may make larger than the table, just fits an int64.
func (e *Evaluator) useExcess() {
	most := 1.0
	for _, v := range e.value {
		most = math.Max(most, math.Abs(v)+1)
	}
	_, exponent := math.Frexp(most)
	shift := min(excessBits, 60-bits.Len(uint(e.ranked.Outcomes.N()))) - exponent
	e.unit = math.Ldexp(1, -shift)
	for j, i := range e.ranked.Order {
		e.excess[j] = int64(math.Round(math.Ldexp(right(e.ranked.Outcomes, i)-e.value[j], shift)))
	}
}

// gap is an excess in the unit of confidence.
func (e *Evaluator) gap(excess int64) float64 { return float64(excess) * e.unit }

// Fast reports whether a measure is read off the sweeps.
func (e *Evaluator) Fast(k int) bool { return e.read[k] != nil }

// Values evaluates the measures on a replicate into out, one number each, NaN
// where the metric is undefined on it. counts has one entry per row of the
// outcomes. It panics if a length is wrong.
func (e *Evaluator) Values(counts []uint8, out []float64) {
	if len(counts) != e.ranked.Outcomes.N() || len(out) != len(e.measures) {
		panic("resample: counts, samples, measures and values differ in number")
	}
	drawn := replicate{counts: counts}
	e.sweepPlaces(drawn)
	e.values(drawn, out)
}

// values is Values once the places were swept.
func (e *Evaluator) values(drawn replicate, out []float64) {
	if n := e.sums.all.samples(); n >= len(e.table.number) { // clusters may add up to more than there were
		e.table.grow(n + n/4)
	}
	if e.whole {
		e.sweepGroups()
	}
	var expanded *metrics.Ranked
	for k, read := range e.read {
		if read != nil && e.sums.all.samples() > 0 {
			out[k] = read(e, drawn)
			continue
		}
		if expanded == nil {
			expanded = expand(e.ranked, drawn.apart(make([]uint8, e.ranked.Outcomes.N())).counts)
		}
		out[k] = e.measures[k].Of(expanded).Value
	}
}

// expand is the ranking of the table in which row i stands counts[i] times.
// Only the ranking's own confidence is kept.
func expand(r *metrics.Ranked, counts []uint8) *metrics.Ranked {
	var rows []int32
	for i, c := range counts {
		for range c {
			rows = append(rows, int32(i))
		}
	}
	slim := *r.Outcomes
	slim.Confidences = nil
	if r.Confidence != nil {
		slim.Confidences = []metrics.Confidence{*r.Confidence}
	}
	o := slim.Take(rows)
	if r.Confidence == nil {
		return metrics.Rank(o, nil)
	}
	return metrics.Rank(o, &o.Confidences[0])
}

// sweepPlaces gathers the counts into the order of the ranking and adds up what
// does not depend on it: samples, errors, gaps of calibration, and losses. What
// stands before each block is kept, so that a prefix of any length is found by
// adding up part of a block.
func (e *Evaluator) sweepPlaces(drawn replicate) {
	var so mark
	var nll, brier float64
	n := len(e.entries)
	for from := 0; from < n; from += block {
		e.marks[from/block] = so
		to := min(from+block, n)
		if !e.whole {
			so = so.after(e.entries[from:to], e.excess[from:to], drawn)
			continue
		}
		entries := e.entries[from:to]
		into := e.grouped[from:to][:len(entries)]
		x, y, z := e.excess[from:to][:len(entries)], e.nll.column[from:to][:len(entries)], e.brier.column[from:to][:len(entries)]
		var sy, sz float64
		for j, entry := range entries {
			c := drawn.counts[entry>>1]
			into[j] = pack(c, entry)
			so.packed += into[j]
			so.excess += int64(c) * x[j]
			f := float64(c)
			sy += float64(f * y[j])
			sz += float64(f * z[j])
		}
		nll += sy
		brier += sz
	}
	e.sums = sums{all: so, nll: nll, brier: brier}
	e.sums.nll += infinity(e.nll.infinite, drawn, e.ranked.Outcomes.NLL)
	e.sums.brier += infinity(e.brier.infinite, drawn, e.ranked.Outcomes.Brier)
}

// after is what stands behind some places.
func (so mark) after(entries []uint32, excess []int64, drawn replicate) mark {
	excess = excess[:len(entries)]
	for j, entry := range entries {
		c := drawn.of(entry >> 1)
		so.packed += pack(c, entry)
		so.excess += int64(c) * excess[j]
	}
	return so
}

// infinity is the sum of the infinite entries that were drawn.
func infinity(rows []int32, drawn replicate, column []float64) float64 {
	total := 0.0
	for _, i := range rows {
		if drawn.of(uint32(i)) > 0 {
			total += column[i]
		}
	}
	return total
}

// turn is a group of equal confidence that holds errors.
type turn struct {
	before   packed  // samples and errors before it
	in       packed  // those in it
	accepted float64 // sum of size over samples so far, of the groups without errors before it
}

// sweepGroups walks the groups of equal confidence, most trusted first. Between
// two groups that hold errors the number of errors stands still, so the sums
// over all prefixes and thresholds take a look at those groups only. Errors come
// at random, so the loop that picks them has no branch to predict.
func (e *Evaluator) sweepGroups() {
	inverse := e.table.inverse
	turns := e.turns[:cap(e.turns)]
	var so packed
	accepted, found := 0.0, 0
	for _, in := range e.gatherGroups() {
		wrong := uint64(in >> 32)
		holds := (wrong | -wrong) >> 63
		turns[found] = turn{so, in, accepted}
		found += int(holds)
		so += in
		accepted += float64(float64(int64(uint64(uint32(in))*(1-holds))) * inverse[uint32(so)])
	}
	e.turns = turns[:found]
	e.addTurns(accepted)
}

// addTurns adds up the areas. accepted is its value behind the last group.
func (e *Evaluator) addTurns(accepted float64) {
	s, n, errors := &e.sums, e.sums.all.samples(), e.sums.all.wrong()
	table, inverse := e.table, e.table.inverse
	full := table.number[n]
	var units uint64   // of the area, from groups that are all wrong
	var mixed float64  // of the area, from the others
	var lost float64   // what is missing in the precision of acceptance
	var before float64 // accepted at the last turn
	for i := range e.turns {
		t := &e.turns[i]
		start, wrongBefore := t.before.samples(), t.before.wrong()
		size, wrong := t.in.samples(), t.in.wrong()
		end, rights := start+size, size-wrong
		places := table.sum[end] - table.sum[start]
		lost += float64(float64(wrongBefore) * (t.accepted - before))
		before = t.accepted
		if rights == 0 {
			units += uint64(wrong)*full - places
		} else {
			share := float64(wrong) / float64(size)
			mixed += float64(share * float64(uint64(size)*full-places))
			lost += float64(float64(rights*(wrongBefore+wrong)) * inverse[end])
		}
		s.pairs += wrong * (2*(start-wrongBefore) + rights)
		s.general += wrong * (2*(n-start) - size)
		s.failure += float64(float64(wrong*(errors-wrongBefore)) * inverse[n-start])
	}
	lost += float64(float64(errors) * (accepted - before))
	s.success = float64(n-errors) - lost
	s.area = table.value(float64(units) + mixed)
}

// gatherGroups adds up the counts of each group, in place; where nothing ties
// that is nothing to do.
func (e *Evaluator) gatherGroups() []packed {
	ends := e.ranked.Ends
	if len(ends) == len(e.entries) {
		return e.grouped
	}
	from := int32(0)
	for g, end := range ends {
		var total packed
		for _, c := range e.grouped[from:end] {
			total += c
		}
		e.grouped[g] = total
		from = end
	}
	return e.grouped[:len(ends)]
}

// least is the smallest k with k/n >= share, both rounded alike.
func least(share float64, n int) int {
	k := min(max(int(share*float64(n)), 0), n)
	for k > 0 && float64(k-1)/float64(n) >= share {
		k--
	}
	for k < n && float64(k)/float64(n) < share {
		k++
	}
	return k
}

// largestCoverage is the largest number of samples accepted at an end of a group
// at which the errors among them are acceptable; 0 if they are nowhere. It looks
// into blocks from the last, those only in which that could be: with the errors
// before the block and all of its samples. ok decides by quotients, rounded as the
// metrics round them; limit is the risk that it stands for, and tells at once in
// nearly all cases.
func (e *Evaluator) largestCoverage(limit float64, ok func(n, wrong int) bool, drawn replicate) int {
	const slack = 1e-9
	limit += slack
	for b := len(e.marks) - 1; b >= 0; b-- {
		so, most := e.marks[b].packed, 0
		if float64(so.wrong()) > limit*float64(e.behind(b).samples()) {
			continue
		}
		ends := e.ends[b]
		for j, entry := range e.entries[b*block : min((b+1)*block, len(e.entries))] {
			so += pack(drawn.of(entry>>1), entry)
			n, wrong := so.samples(), so.wrong()
			if float64(wrong) <= limit*float64(n) && ends>>j&1 != 0 && n > 0 && ok(n, wrong) {
				most = n
			}
		}
		if most > 0 {
			return most
		}
	}
	return 0
}

// errorsAt is the number of errors accepted at the first end of a group with at
// least so many right samples.
func (e *Evaluator) errorsAt(rights int, drawn replicate) int {
	reached := func(p packed) bool { return p > 0 && p.samples()-p.wrong() >= rights }
	b := sort.Search(len(e.marks), func(b int) bool { return reached(e.behind(b)) })
	if b == len(e.marks) {
		return e.sums.all.wrong()
	}
	so := e.marks[b].packed
	for p := b * block; p < len(e.entries); p++ {
		so += e.at(p, drawn)
		if e.isEnd(p) && reached(so) {
			break
		}
	}
	return so.wrong()
}

// behind is what stands behind block b.
func (e *Evaluator) behind(b int) packed {
	if b+1 == len(e.marks) {
		return e.sums.all.packed
	}
	return e.marks[b+1].packed
}

// at is what stands at place p.
func (e *Evaluator) at(p int, drawn replicate) packed {
	entry := e.entries[p]
	return pack(drawn.of(entry>>1), entry)
}

// before adds up the places before j.
func (e *Evaluator) before(j int, drawn replicate) mark {
	if j == len(e.entries) {
		return e.sums.all
	}
	from := j &^ (block - 1)
	return e.marks[j/block].after(e.entries[from:j], e.excess[from:j], drawn)
}

// place is the place that holds the k-th sample of the replicate, from 1.
func (e *Evaluator) place(k int, drawn replicate) int {
	b := sort.Search(len(e.marks), func(b int) bool { return e.marks[b].samples() >= k }) - 1
	so := e.marks[b].samples()
	j := b * block
	for {
		so += int(drawn.of(e.entries[j] >> 1))
		if so >= k {
			return j
		}
		j++
	}
}

// firstAtMost is the first place whose confidence is at most v.
func (e *Evaluator) firstAtMost(v float64) int {
	return sort.Search(len(e.value), func(j int) bool { return e.value[j] <= v })
}

// groupEnd is the end of the group of place j.
func (e *Evaluator) groupEnd(j int) int {
	g, _ := slices.BinarySearch(e.ranked.Ends, int32(j+1))
	return int(e.ranked.Ends[g])
}
