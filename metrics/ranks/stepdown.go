package ranks

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// draws holds draws of the models' errors, and of each the largest studentised
// difference of every model to any other.
type draws struct {
	models, count int
	exceeding     int       // how many draws exceed a critical value, the one at it included
	values        []float64 // larger is better
	precision     []float64 // models x models: one over the standard error of a difference
	noise         []float64 // count x models: the errors of the estimates
	largest       []float32 // models x count
	parallel      func(n int, do func(i int))
	worth         func(i, j int, z float64) float64 // of z standard errors by which i seems better than j
}

// drawsAtOnce is the number of draws that one call of the parallel loop makes.
const drawsAtOnce = 64

func newDraws(values []float64, noise *Noise, o Options) *draws {
	n := len(values)
	d := &draws{models: n, count: o.Draws, values: values, precision: make([]float64, n*n),
		noise: make([]float64, n*o.Draws), largest: make([]float32, n*o.Draws), parallel: o.Parallel}
	// of count draws and the data themselves, which the hypothesis makes alike,
	// at most a share of 1 - level may exceed the critical value
	d.exceeding = d.count + 1 - int(math.Ceil(o.Level*float64(d.count+1)))
	d.exceeding = max(d.exceeding, 1)
	d.parallel(n, func(i int) {
		for j := i + 1; j < n; j++ {
			p := noise.precision(i, j)
			d.precision[i*n+j], d.precision[j*n+i] = p, p
		}
	})
	d.parallel((d.count+drawsAtOnce-1)/drawsAtOnce, func(block int) {
		g, z, top := make([]four, noise.width), make([]four, n), make([]four, n)
		for first := block * drawsAtOnce; first < min((block+1)*drawsAtOnce, d.count); first += 4 {
			for lane := range 4 { // each draw has its own generator: any order of the work gives the same
				r := rand.New(rand.NewPCG(o.Seed, uint64(first+lane)))
				stretch := 1.0
				if noise.freedom > 0 {
					stretch = noise.stretch(r.NormFloat64())
				}
				for k := range g {
					g[k][lane] = stretch * r.NormFloat64()
				}
			}
			noise.apply(g, z)
			d.furthest(z, top)
			d.keep(first, z, top)
		}
	})
	return d
}

// furthest sets top to the largest studentised difference of each model to any
// other, for four draws. Squares of the differences are compared, as they need
// no absolute value, and the four draws are written out, as the compiler does
// not unroll: together half the time of the plain loop.
func (d *draws) furthest(z, top []four) {
	clear(top)
	for i := range z {
		a0, a1, a2, a3 := z[i][0], z[i][1], z[i][2], z[i][3]
		m0, m1, m2, m3 := top[i][0], top[i][1], top[i][2], top[i][3]
		precision := d.precision[i*d.models : (i+1)*d.models]
		rest, tops := z[:len(precision)], top[:len(precision)]
		for j := i + 1; j < len(precision); j++ {
			b, t, p := &rest[j], &tops[j], precision[j]*precision[j]
			v := a0 - b[0]
			v *= v * p
			if v > m0 {
				m0 = v
			}
			if v > t[0] {
				t[0] = v
			}
			v = a1 - b[1]
			v *= v * p
			if v > m1 {
				m1 = v
			}
			if v > t[1] {
				t[1] = v
			}
			v = a2 - b[2]
			v *= v * p
			if v > m2 {
				m2 = v
			}
			if v > t[2] {
				t[2] = v
			}
			v = a3 - b[3]
			v *= v * p
			if v > m3 {
				m3 = v
			}
			if v > t[3] {
				t[3] = v
			}
		}
		top[i] = four{math.Sqrt(m0), math.Sqrt(m1), math.Sqrt(m2), math.Sqrt(m3)}
	}
}

// keep stores four draws, or as many as there are.
func (d *draws) keep(first int, z, top []four) {
	for lane := range min(4, d.count-first) {
		noise := d.noise[(first+lane)*d.models:][:d.models]
		for i := range noise {
			noise[i] = z[i][lane]
			d.largest[i*d.count+first+lane] = float32(top[i][lane])
		}
	}
}

// overall is the largest studentised difference of any two models, by draw.
func (d *draws) overall() []float32 {
	most := make([]float32, d.count)
	for i := range d.models {
		for k, v := range d.largest[i*d.count : (i+1)*d.count] {
			most[k] = max(most[k], v)
		}
	}
	return most
}

// family is a set of one-sided hypotheses "this model is not better than that".
type family interface {
	// reject takes out the hypotheses that the data contradict by more than
	// critical standard errors and returns how many it took and how many are left.
	reject(critical float64) (taken, left int)
	// most is the largest studentised difference, at least 0, by which the noise
	// contradicts any hypothesis left.
	most(noise []float64) float32
}

// stepDown rejects hypotheses of a family until no more can be rejected, and
// returns the critical values of its steps, none if the family is empty. For
// each draw, largest holds the most of the complete family; it is overwritten.
func (d *draws) stepDown(largest []float32, f family, parallel func(n int, do func(i int))) []float64 {
	if _, left := f.reject(math.Inf(1)); left == 0 {
		return nil
	}
	critical := nthLargest(slices.Clone(largest), d.exceeding)
	steps := []float64{float64(critical)}
	for {
		taken, left := f.reject(float64(critical))
		if taken == 0 || left == 0 {
			return steps
		}
		critical = d.next(largest, critical, f, parallel)
		steps = append(steps, float64(critical))
	}
}

// next is the critical value of what is left of a family. The largest difference
// of a draw can only have become smaller, so draws are looked at again from
// those where it was largest, until as many as it takes are found to exceed all
// that were not looked at.
func (d *draws) next(largest []float32, critical float32, f family, parallel func(n int, do func(i int))) float32 {
	again := make([]bool, d.count)
	var look []int
	for floor := critical; ; floor *= 0.98 {
		if floor < 1e-3 { // few draws differ at all: look at every one
			floor = 0
		}
		look = look[:0]
		for k, v := range largest {
			if v >= floor && !again[k] {
				look = append(look, k)
			}
		}
		parallel(len(look), func(n int) {
			k := look[n]
			again[k] = true
			largest[k] = f.most(d.noise[k*d.models : (k+1)*d.models])
		})
		var found []float32
		for _, v := range largest {
			if v >= floor {
				found = append(found, v)
			}
		}
		if len(found) >= d.exceeding {
			return nthLargest(found, d.exceeding)
		}
	}
}

// allPairs is the family of all ordered pairs of models.
type allPairs struct {
	models int
	values []float64
	left   []float64 // precision of the pairs not rejected, 0 for the others
	over   []bool
	worth  func(i, j int, z float64) float64
}

// newAllPairs rejects at once what needs no test: pairs without sampling error.
func newAllPairs(d *draws) *allPairs {
	f := &allPairs{models: d.models, values: d.values, left: slices.Clone(d.precision), over: make([]bool, len(d.precision)), worth: d.worth}
	for i := range d.models {
		for j := range d.models {
			f.over[i*d.models+j] = d.precision[i*d.models+j] == 0 && d.values[i] > d.values[j]
		}
	}
	return f
}

func (f *allPairs) reject(critical float64) (taken, left int) {
	for i, a := range f.values {
		precision := f.left[i*f.models : (i+1)*f.models]
		for j, b := range f.values {
			switch {
			case precision[j] == 0:
			case (a-b)*precision[j] > critical && f.worth(i, j, (a-b)*precision[j]) > critical:
				precision[j] = 0
				f.over[i*f.models+j] = true
				taken++
			default:
				left++
			}
		}
	}
	return taken, left
}

func (f *allPairs) most(noise []float64) float32 {
	most := 0.0
	for i, a := range noise {
		precision := f.left[i*f.models : (i+1)*f.models]
		for j, b := range noise[:len(precision)] {
			if v := (a - b) * precision[j]; v > most {
				most = v
			}
		}
	}
	return float32(most)
}

// againstOne is the family that compares one model with each other one, both ways.
type againstOne struct {
	model        int
	values       []float64
	up, down     []float64 // precision where "not better" and "not worse" are left, else 0
	proven       []int8    // of each other model: 1 if better than this one, -1 if worse
	wins, losses int       // how many of these are worse and better
	worth        func(i, j int, z float64) float64
}

func newAgainstOne(d *draws, model int) *againstOne {
	precision := d.precision[model*d.models : (model+1)*d.models]
	f := &againstOne{model: model, values: d.values, up: slices.Clone(precision), down: slices.Clone(precision), proven: make([]int8, d.models), worth: d.worth}
	for j, p := range precision {
		switch own := d.values[model]; {
		case p != 0:
		case own > d.values[j]:
			f.win(j)
		case own < d.values[j]:
			f.lose(j)
		}
	}
	return f
}

func (f *againstOne) win(j int)  { f.up[j], f.proven[j], f.wins = 0, -1, f.wins+1 }
func (f *againstOne) lose(j int) { f.down[j], f.proven[j], f.losses = 0, 1, f.losses+1 }

func (f *againstOne) reject(critical float64) (taken, left int) {
	for j, v := range f.values {
		difference := f.values[f.model] - v
		if z := difference * f.up[j]; z > critical && f.worth(f.model, j, z) > critical {
			f.win(j)
			taken++
		}
		if z := -difference * f.down[j]; z > critical && f.worth(j, f.model, z) > critical {
			f.lose(j)
			taken++
		}
		if f.up[j] > 0 {
			left++
		}
		if f.down[j] > 0 {
			left++
		}
	}
	return taken, left
}

func (f *againstOne) most(noise []float64) float32 {
	most, own := 0.0, noise[f.model]
	up, down := f.up[:len(noise)], f.down[:len(noise)]
	for j, v := range noise {
		difference := own - v
		if u := difference * up[j]; u > most {
			most = u
		}
		if u := -difference * down[j]; u > most {
			most = u
		}
	}
	return float32(most)
}

// inTurn calls do(0) ... do(n-1) one after the other.
func inTurn(n int, do func(i int)) {
	for i := range n {
		do(i)
	}
}

// nthLargest is the n-th largest of x, n from 1; it reorders x. Quickselect with
// the middle of three as pivot.
func nthLargest(x []float32, n int) float32 {
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

// order lists the models by value, best first, equal values as they came.
func (s *Sets) order() []int {
	order := make([]int, len(s.values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(s.values[j], s.values[i]) })
	return order
}
