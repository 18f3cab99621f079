package credal

import "math"

// Centre is a row p with what every question about its sets needs: its logarithms and its two
// largest classes. It is memory that the next row uses again, and must not be shared between
// goroutines.
type Centre struct {
	P    []float64 // the distribution
	Logs []float64 // its natural logarithms; -Inf of 0

	first, second int     // the largest classes; equal ones in their order
	rest          float64 // what all but the first add to: 1 - p would lose it
	least         float64 // probability of a class

	tilt    tilt
	scratch []float64
}

// NewCentre is memory for rows of so many classes.
func NewCentre(classes int) *Centre {
	vector := func() []float64 { return make([]float64, classes) }
	return &Centre{P: vector(), Logs: vector(), tilt: tilt{logs: vector()}, scratch: vector()}
}

// around is the centre of a row as it is.
func around(p []float64) *Centre {
	c := NewCentre(len(p))
	c.Distribution(p, 0)
	return c
}

// Distribution makes p the centre, raised to at least floor in every class and divided by its
// sum; with floor 0 it is taken as it is.
func (c *Centre) Distribution(p []float64, floor float64) {
	copy(c.P, p)
	if floor > 0 {
		Floor(c.P, p, floor)
	}
	for k, v := range c.P {
		c.Logs[k] = math.Log(v)
	}
	c.largest()
}

// Softmax makes the softmax of logits at a temperature the centre, raised to at least floor
// in every class and divided by its sum again. Logarithms come of the logits, without loss.
// It returns the logarithm of what all were divided by before anything was raised: the
// probability of class k was exp((z_k - max z)/temperature - of), that of the largest exp(-of).
func (c *Centre) Softmax(logits []float64, temperature, floor float64) (of float64) {
	top, scale := highest(logits), 1/temperature
	total := exponentials(c.P, logits, top, scale)
	of = math.Log(total)
	inverse := 1 / total
	n := len(logits)
	p, logs := c.P[:n], c.Logs[:n]
	for k, z := range logits {
		p[k] *= inverse
		logs[k] = float64((z-top)*scale) - of
	}
	c.largest()
	if floor > 0 && c.least < floor {
		c.raise(floor)
	}
	return of
}

// raise raises all classes to at least floor and divides by the sum.
func (c *Centre) raise(floor float64) {
	lowest, total := math.Log(floor), 0.0
	for k, v := range c.P {
		if v < floor {
			c.P[k], c.Logs[k] = floor, lowest
		}
		total += c.P[k]
	}
	by, inverse := math.Log(total), 1/total
	for k := range c.P {
		c.P[k] *= inverse
		c.Logs[k] -= by
	}
	c.largest()
}

// largest finds the two largest classes, and the least probability.
func (c *Centre) largest() {
	c.first, c.second, c.least = 0, -1, math.Inf(1)
	top, next, low, rest := math.Inf(-1), math.Inf(-1), c.least, 0.0
	for k, v := range c.P {
		rest += v
		if v < low {
			low = v
		}
		if v <= next {
			continue
		}
		if v > top {
			c.second, next = c.first, top
			c.first, top = k, v
			continue
		}
		c.second, next = k, v
	}
	if len(c.P) == 1 {
		c.second = -1
	}
	c.least = low
	if c.rest = rest - top; c.rest < 0.5 { // add up what is small without what is large
		c.rest = sum(c.P[:c.first]) + sum(c.P[c.first+1:])
	}
}

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

// Between is D(q, p) of the distributions of two centres, as Of finds it but of their
// logarithms: in a fraction of the time, and with differences in the last digits.
func (d Divergence) Between(q, p *Centre) float64 {
	if len(q.P) != len(p.P) {
		panic("credal: distributions over different numbers of classes")
	}
	if !d.power() {
		return d.Of(q.P, p.P)
	}
	v := 0.0
	switch a := d.order(); a {
	case 1:
		v = relativeBy(q, p)
	case 0:
		v = relativeBy(p, q)
	default:
		for k, from := range q.P {
			if from == 0 && a > 0 {
				continue
			}
			// q ((q/p)^(a-1) - 1): no term is off by more than the last digit of q.
			x := (a - 1) * (q.Logs[k] - p.Logs[k])
			if !(math.Abs(x) < 700) {
				return d.Of(q.P, p.P) // no probability on one side, or nearly none
			}
			v += float64(from * (fastExp(x) - 1))
		}
		if d.Kind == Renyi && a < 1 && v < -0.5 {
			return d.Of(q.P, p.P) // 1 less most of 1 would lose it
		}
		v /= a * (a - 1)
	}
	if v < nothing {
		return 0
	}
	return d.fromNatural(v)
}

// relativeBy is the sum of q ln(q/p).
func relativeBy(q, p *Centre) float64 {
	total := 0.0
	to := p.Logs[:len(q.P)]
	from := q.Logs[:len(q.P)]
	for k, v := range q.P {
		if v > 0 {
			total += float64(v * (from[k] - to[k]))
		}
	}
	return total
}

// LogSum is the logarithm of the sum of exp((z - max z)/temperature) over logits z: minus that
// of the largest probability of their softmax at the temperature. scratch has their length.
func LogSum(scratch, logits []float64, temperature float64) float64 {
	return math.Log(exponentials(scratch, logits, highest(logits), 1/temperature))
}

// First is the class of the largest probability, the lowest of equal ones. For every
// f-divergence it is the class of every prediction out of a set around the row.
func (c *Centre) First() int { return c.first }

// exponentials fills dst with exp(scale (v - top)) of values of at most top, and returns their
// sum. It is exp in a loop, without calls.
func exponentials(dst, values []float64, top, scale float64) float64 {
	const magic = 0x1.8p52
	total := 0.0
	dst = dst[:len(values)]
	for k, v := range values {
		v = (v - top) * scale
		if !(v >= -700) {
			dst[k] = 0
			continue
		}
		n := v*(128/math.Ln2) + magic
		bits := math.Float64bits(n)
		n -= magic
		r := v - float64(n*stepHigh) - float64(n*stepLow)
		x := r + float64(r*r)*(0.5+r*(1./6+r*(1./24+r*(1./120))))
		s := powersOf2[bits&127]
		s = math.Float64frombits(math.Float64bits(s+float64(s*x)) + uint64(int64(bits<<12)>>19)<<52)
		dst[k] = s
		total += s
	}
	return total
}

// exp is math.Exp for values of at most 0, 0 below -700.
func exp(v float64) float64 {
	if !(v >= -700) {
		return 0
	}
	return fastExp(v)
}

// fastExp is math.Exp for values between -700 and 700, at about half of its cost: 2^(n/128)
// from a table times a polynomial, right to 3e-16 of the value.
func fastExp(v float64) float64 {
	const magic = 0x1.8p52 // added, it leaves the nearest integer in the last bits
	n := v*(128/math.Ln2) + magic
	bits := math.Float64bits(n)
	n -= magic
	r := v - float64(n*stepHigh) - float64(n*stepLow)
	x := r + float64(r*r)*(0.5+r*(1./6+r*(1./24+r*(1./120))))
	s := powersOf2[bits&127]
	s += float64(s * x)
	return math.Float64frombits(math.Float64bits(s) + uint64(int64(bits<<12)>>19)<<52)
}

// stepHigh and stepLow add to ln 2 / 128; the first has few enough bits for exact products.
const (
	stepHigh = 0x1.62e42fef8p-8
	stepLow  = math.Ln2/128 - stepHigh
)

var powersOf2 = func() (t [128]float64) {
	for k := range t {
		t[k] = math.Exp2(float64(k) / 128)
	}
	return t
}()
