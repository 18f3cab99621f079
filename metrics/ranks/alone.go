package ranks

import (
	"math"
	"slices"
	"sync"
)

// alones are comparisons with one model, found when they are asked for: most callers want
// none or one.
type alones struct {
	compared []float64
	options  Options
	asked    int
	of       []*alone // by model; nil where not asked for
	lock     *sync.Mutex
}

func newAlones(compared []float64, o Options) alones {
	return alones{compared: compared, options: o, of: make([]*alone, len(compared)), lock: new(sync.Mutex)}
}

// manyAsked is how many models have to be asked for one by one until all are done at once:
// who asks for so many will ask for all.
const manyAsked = 4

// against is the comparison of a model with the others. The draws are made anew, as they
// would take more memory than time.
func (s *Sets) against(model int) *alone {
	s.alone.lock.Lock()
	defer s.alone.lock.Unlock()
	if s.alone.of[model] != nil {
		return s.alone.of[model]
	}
	d := newDraws(s.noise, s.alone.options)
	if s.alone.asked++; s.alone.asked > manyAsked {
		s.all(d)
	} else {
		s.alone.of[model] = newAlone(d, model, s.alone.compared, worthOf(s.values, s.evidence))
	}
	return s.alone.of[model]
}

// all compares every model with the others.
func (s *Sets) all(d *draws) {
	worth := worthOf(s.values, s.evidence)
	d.parallel(len(s.Sets), func(i int) {
		if s.alone.of[i] == nil {
			s.alone.of[i] = newAlone(d, i, s.alone.compared, worth)
		}
	})
}

// alone is the family that compares one model with each other one, both ways.
type alone struct {
	*draws
	at           int       // its place
	values       []float64 // by place, larger is better
	deviation    []float64 // by place: of the difference, in the values' unit; 0 if there is none to compare
	up, down     []float64 // one over the deviation of draws where "not better" and "not worse" are left, else 0
	proven       []int8    // by model: 1 if better than this one, -1 if worse
	wins, losses int       // how many of these are worse and better
	critical     float64   // of the first step; 0 without any pair to compare
	worth        func(i, j int, z float64) float64
}

// newAlone compares a model with the others.
func newAlone(d *draws, model int, values []float64, worth func(i, j int, z float64) float64) *alone {
	n := d.blocks * lanes
	f := &alone{draws: d, at: d.place[model], values: make([]float64, d.models), deviation: make([]float64, d.models),
		up: make([]float64, n), down: make([]float64, n), proven: make([]int8, d.models), worth: worth}
	for at, i := range d.order {
		f.values[at] = values[i]
	}
	for to, value := range f.values {
		switch v := d.variance(f.at, to); {
		case v > 0:
			f.deviation[to] = d.noise.scale * math.Sqrt(v)
			f.up[to] = d.unit / math.Sqrt(v)
			f.down[to] = f.up[to]
		case value == f.values[f.at] || !d.still(f.at, to):
		case value < f.values[f.at]:
			f.win(to)
		default:
			f.lose(to)
		}
	}
	f.stepDown()
	f.draws, f.values, f.deviation, f.up, f.down, f.worth = nil, nil, nil, nil, nil, nil
	return f
}

func (f *alone) win(to int)  { f.up[to], f.proven[f.order[to]], f.wins = 0, -1, f.wins+1 }
func (f *alone) lose(to int) { f.down[to], f.proven[f.order[to]], f.losses = 0, 1, f.losses+1 }

// left reports whether hypotheses are left.
func (f *alone) left() bool {
	some := func(v float64) bool { return v > 0 }
	return slices.ContainsFunc(f.up, some) || slices.ContainsFunc(f.down, some)
}

// reject takes out what the data contradict by more than critical standard errors, and
// reports whether there was any.
func (f *alone) reject(critical float64) bool {
	some := false
	for to, v := range f.values {
		if f.deviation[to] == 0 {
			continue
		}
		difference := f.values[f.at] - v
		z := math.Abs(difference) / f.deviation[to]
		if !(z > critical) {
			continue
		}
		own, other := f.order[f.at], f.order[to]
		switch {
		case difference > 0 && f.up[to] > 0 && f.worth(own, other, z) > critical:
			f.win(to)
			some = true
		case difference < 0 && f.down[to] > 0 && f.worth(other, own, z) > critical:
			f.lose(to)
			some = true
		}
	}
	return some
}

// stepDown rejects hypotheses until no more can be rejected.
func (f *alone) stepDown() {
	if !f.left() {
		return
	}
	largest := f.nearly()
	critical := f.first(largest)
	f.critical = critical
	for f.reject(critical) && f.left() {
		critical = f.next(largest, critical)
	}
}

// nearly is the largest difference of each draw to any model, up to slack.
func (f *alone) nearly() []float32 {
	precision := make([]float32, len(f.up))
	for to, p := range f.up {
		p = max(p, f.down[to])
		precision[to] = float32(p * p)
	}
	largest := make([]float32, f.count)
	for block := range f.blocks {
		own := f.z[f.at/lanes*f.count*lanes+f.at%lanes:]
		furthest(largest, f.z[block*f.count*lanes:], own, (*[lanes]float32)(precision[block*lanes:]))
	}
	for b, v := range largest {
		largest[b] = float32(math.Sqrt(float64(v)))
	}
	return largest
}

// furthest raises the numbers of the draws to the largest square of a block's differences
// from own, which has a draw every lanes numbers, times precision.
func furthest(largest, z, own []float32, precision *[lanes]float32) {
	for b := range largest {
		u, row := own[b*lanes], (*[lanes]float32)(z[b*lanes:])
		most, other := largest[b], float32(0)
		for l := 0; l < lanes; l += 2 {
			v, w := u-row[l], u-row[l+1]
			v = v * v * precision[l]
			w = w * w * precision[l+1]
			if v > most {
				most = v
			}
			if w > other {
				other = w
			}
		}
		if other > most {
			most = other
		}
		largest[b] = most
	}
}

// first is the critical value before anything was taken out.
func (f *alone) first(largest []float32) float64 {
	near := float64(nthLargest(slices.Clone(largest), f.exceeding))
	n := f.exceeding
	var exact []float64
	for b, v := range largest {
		switch {
		case float64(v) > near*(1+3*slack):
			n--
		case float64(v) >= near*(1-3*slack):
			exact = append(exact, f.largest(b))
		}
	}
	return nthLargest(exact, n)
}

// next is the critical value of what is left. The largest difference of a draw can only
// have become smaller, so draws are looked at again from those where it was largest, until
// as many as it takes are found to exceed all that were not looked at.
func (f *alone) next(largest []float32, critical float64) float64 {
	exact := make([]float64, f.count)
	again := make([]bool, f.count)
	for floor := critical; ; floor *= 0.98 {
		if floor < 1e-3 { // few draws differ at all: look at every one
			floor = 0
		}
		var found []float64
		for b, v := range largest {
			if !again[b] && float64(v) >= floor*(1-3*slack) {
				again[b], exact[b] = true, f.largest(b)
			}
			if again[b] && exact[b] >= floor {
				found = append(found, exact[b])
			}
		}
		if len(found) >= f.exceeding {
			for b, done := range again {
				if done {
					largest[b] = float32(exact[b])
				}
			}
			return nthLargest(found, f.exceeding)
		}
	}
}

// largest is the largest difference, at least 0, by which a draw contradicts any
// hypothesis left.
func (f *alone) largest(draw int) float64 {
	own, most := f.error(f.at, draw), 0.0
	for block := range f.blocks {
		z := (*[lanes]float32)(f.z[(block*f.count+draw)*lanes:])
		up, down := (*[lanes]float64)(f.up[block*lanes:]), (*[lanes]float64)(f.down[block*lanes:])
		for l, v := range z {
			difference := own - float64(v)
			if x := difference * up[l]; x > most {
				most = x
			}
			if x := -difference * down[l]; x > most {
				most = x
			}
		}
	}
	return most
}
