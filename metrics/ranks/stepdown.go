package ranks

import (
	"math"
	"math/bits"
	"slices"
)

// allPairs is the family of all ordered pairs of models: the hypotheses "this model is not
// better than that". Those that the data contradict are taken out step by step.
//
// Only differences above a floor are looked at, of which there are few: they decide the
// critical value as long as it lies above the floor, and if it does not, a lower floor is
// tried. So the result is that of looking at all.
type allPairs struct {
	*draws
	values   []float64 // by place, larger is better
	worth    func(i, j int, z float64) float64
	stored   []square // variances, by tile; nil if there are too many to keep
	list     []tile
	over     []uint64 // places x blocks: a bit for each pair whose order is proven
	compared int      // ordered pairs with an error
	taken    int      // of them
	floor    float64
	above    []exceedance // of hypotheses that are left
}

// mostStored is the number of tiles whose variances are kept between steps: 256 MB.
const mostStored = 1 << 14

// newAllPairs rejects at once what needs no test: pairs without sampling error.
func newAllPairs(d *draws, values []float64, worth func(i, j int, z float64) float64, level float64) *allPairs {
	f := &allPairs{draws: d, values: make([]float64, d.models), worth: worth, list: d.tiles(), over: make([]uint64, d.blocks*lanes*d.blocks)}
	for at, i := range d.order {
		f.values[at] = values[i]
	}
	f.floor = firstFloor(level, d.models)
	if len(f.list) <= mostStored {
		f.stored = make([]square, len(f.list))
	}
	pairs := make([]int, len(f.list))
	f.parallel(len(f.list), func(n int) {
		v := new(square)
		if f.stored != nil {
			v = &f.stored[n]
		}
		f.pairs(f.list[n], v)
		pairs[n] = f.begin(f.list[n], v)
	})
	for _, n := range pairs {
		f.compared += 2 * n
	}
	return f
}

// firstFloor lies a little below most critical values of so many models: it is a part of
// that of independent estimates, which is about the largest that can be.
func firstFloor(level float64, models int) float64 {
	return 0.85 * studentizedRange(1-level, max(models, 2)) / math.Sqrt2
}

// begin counts the pairs of a tile that have an error, and decides the others.
func (f *allPairs) begin(t tile, v *square) (pairs int) {
	for k, variance := range v {
		at, to := t.i*lanes+k/lanes, t.j*lanes+k%lanes
		switch {
		case !math.IsInf(float64(variance), 1):
			pairs++
		case at < to && to < f.models && f.values[at] != f.values[to] && f.still(at, to):
			f.prove(at, to)
		}
	}
	return pairs
}

// prove says that of two places the one with the larger value is the better one. Calls for
// different tiles may run at once.
func (f *allPairs) prove(at, to int) {
	if f.values[at] < f.values[to] {
		at, to = to, at
	}
	f.over[at*f.blocks+to/lanes] |= 1 << (to % lanes)
}

// proven reports whether one place is better than another.
func (f *allPairs) proven(at, to int) bool {
	return f.over[at*f.blocks+to/lanes]>>(to%lanes)&1 == 1
}

// variances are those of the n-th tile; they must not be written to.
func (f *allPairs) variances(n int) *square {
	if f.stored != nil {
		return &f.stored[n]
	}
	v := new(square)
	f.pairs(f.list[n], v)
	return v
}

// stepDown rejects hypotheses until no more can be rejected, and returns the critical
// values of its steps, none if there is no pair to compare.
func (f *allPairs) stepDown() []float64 {
	if f.compared == 0 {
		return nil
	}
	f.look()
	var steps []float64
	for {
		critical := f.critical()
		steps = append(steps, critical)
		if f.reject(critical) == 0 || f.taken == f.compared {
			return steps
		}
	}
}

// look lists the differences above the floor of the hypotheses that are left.
func (f *allPairs) look() {
	found := make([][]exceedance, len(f.list))
	f.parallel(len(f.list), func(n int) {
		all := f.exceedances(f.list[n], f.variances(n), f.floor, nil)
		found[n] = slices.Clip(f.leave(all))
	})
	f.above = slices.Concat(found...)
}

// leave keeps the differences of the hypotheses that are left.
func (f *allPairs) leave(all []exceedance) []exceedance {
	return slices.DeleteFunc(all, func(e exceedance) bool { return f.proven(int(e.winner), int(e.loser)) })
}

// leastFloor is the floor below which all differences are looked at.
const leastFloor = 0.5

// critical is the critical value of what is left.
func (f *allPairs) critical() float64 {
	for f.floor >= leastFloor {
		if c, ok := f.quantile(); ok && c > f.floor*(1+2*slack) {
			return c
		}
		f.floor *= 0.9
		f.look()
	}
	return f.criticalOfAll()
}

// quantile is the critical value as far as the differences above the floor tell; false
// if they are too few. Where float32 cannot decide, it is computed in float64.
func (f *allPairs) quantile() (critical float64, ok bool) {
	largest := make([]float32, f.count)
	for _, e := range f.above {
		largest[e.draw] = max(largest[e.draw], e.size)
	}
	near := nthLargest(slices.Clone(largest), f.exceeding)
	if near == 0 {
		return 0, false
	}
	exact := map[int32]float64{}
	for _, e := range f.above {
		most := largest[e.draw]
		if float64(most) < float64(near)*(1-3*slack) || float64(most) > float64(near)*(1+3*slack) {
			continue
		}
		if float64(e.size) >= float64(most)*(1-3*slack) {
			exact[e.draw] = max(exact[e.draw], f.studentised(int(e.winner), int(e.loser), int(e.draw)))
		}
	}
	n := f.exceeding
	for _, most := range largest {
		if float64(most) > float64(near)*(1+3*slack) {
			n--
		}
	}
	values := make([]float64, 0, len(exact))
	for _, v := range exact {
		values = append(values, v)
	}
	return nthLargest(values, n), true
}

// criticalOfAll is the critical value of what is left without a floor.
func (f *allPairs) criticalOfAll() float64 {
	type pair struct {
		winner, loser int
		precision     float64
	}
	var left []pair
	for at := range f.models {
		for to := range at {
			v := f.variance(at, to)
			if v == 0 {
				continue
			}
			if !f.proven(at, to) {
				left = append(left, pair{at, to, f.unit / math.Sqrt(v)})
			}
			if !f.proven(to, at) {
				left = append(left, pair{to, at, f.unit / math.Sqrt(v)})
			}
		}
	}
	largest := make([]float64, f.count)
	f.parallel(f.count, func(b int) {
		for _, p := range left {
			largest[b] = max(largest[b], (f.error(p.winner, b)-f.error(p.loser, b))*p.precision)
		}
	})
	return nthLargest(largest, f.exceeding)
}

// reject takes out the hypotheses that the data contradict by more than critical standard
// errors and returns how many it took.
func (f *allPairs) reject(critical float64) int {
	taken := make([]int, len(f.list))
	f.parallel(len(f.list), func(n int) {
		taken[n] = f.rejectIn(f.list[n], f.variances(n), critical)
	})
	total := 0
	for _, n := range taken {
		total += n
	}
	f.taken += total
	if total > 0 {
		f.above = f.leave(f.above)
	}
	return total
}

func (f *allPairs) rejectIn(t tile, v *square, critical float64) (taken int) {
	least := critical * (1 - slack) * f.noise.scale * f.unit
	for r := range min(lanes, f.models-t.i*lanes) {
		at := t.i*lanes + r
		own := f.values[at]
		for k := range min(lanes, f.models-t.j*lanes) {
			to := t.j*lanes + k
			difference := own - f.values[to]
			if !(difference*difference > least*least*float64(v[r*lanes+k])) {
				continue
			}
			winner, loser := at, to
			if difference < 0 {
				winner, loser, difference = to, at, -difference
			}
			if f.proven(winner, loser) {
				continue
			}
			near := difference / (f.noise.scale * f.unit * math.Sqrt(float64(v[r*lanes+k])))
			if f.contradicts(winner, loser, difference, near, critical) {
				f.prove(winner, loser)
				taken++
			}
		}
	}
	return taken
}

// contradicts reports whether a difference, which is near so many standard errors, is
// worth more than a critical value.
func (f *allPairs) contradicts(winner, loser int, difference, near, critical float64) bool {
	i, j := f.order[winner], f.order[loser]
	if z := near * (1 - slack); z > critical && f.worth(i, j, z) > critical {
		return true // evidence rises with the difference
	}
	z := difference / (f.noise.scale * math.Sqrt(f.variance(winner, loser)))
	return z > critical && f.worth(i, j, z) > critical
}

// counts are, by place, how many models a model is proven better and worse than.
func (f *allPairs) counts() (wins, losses []int) {
	wins, losses = make([]int, f.models), make([]int, f.models)
	for at := range f.models {
		for word, set := range f.over[at*f.blocks : (at+1)*f.blocks] {
			wins[at] += bits.OnesCount64(set)
			for ; set != 0; set &= set - 1 {
				losses[word*lanes+bits.TrailingZeros64(set)]++
			}
		}
	}
	return wins, losses
}

// inTurn calls do(0) ... do(n-1) one after the other.
func inTurn(n int, do func(i int)) {
	for i := range n {
		do(i)
	}
}

// nthLargest is the n-th largest of x, n from 1; it reorders x. Quickselect with
// the middle of three as pivot.
func nthLargest[T float32 | float64](x []T, n int) T {
	for len(x) > 16 {
		a, b, c := x[0], x[len(x)/2], x[len(x)-1]
		pivot := max(min(a, b), min(max(a, b), c))
		above, from := 0, len(x) // x[:above] > pivot, x[from:] < pivot
		for k := 0; k < from; {
			switch v := x[k]; {
			case v > pivot:
				x[k], x[above] = x[above], v
				above++
				k++
			case v < pivot:
				from--
				x[k], x[from] = x[from], v
			default:
				k++
			}
		}
		switch {
		case n <= above:
			x = x[:above]
		case n <= from:
			return pivot
		default:
			x, n = x[from:], n-from
		}
	}
	slices.Sort(x)
	return x[len(x)-n]
}
