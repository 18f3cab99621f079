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
// It returns the largest probability before anything was raised, and the logarithm of what
// all were divided by: that of class k was exp((z_k - max z)/temperature - of).
func (c *Centre) Softmax(logits []float64, temperature, floor float64) (of float64) {
	top, scale := highest(logits), 1/temperature
	for k, z := range logits {
		c.Logs[k] = (z - top) * scale
	}
	of = math.Log(exponentials(c.P, c.Logs))
	lowest, total := math.Inf(-1), 0.0
	if floor > 0 {
		lowest = math.Log(floor)
	}
	inverse, raised := math.Exp(-of), false
	for k, l := range c.Logs {
		l -= of
		p := c.P[k] * inverse
		if l < lowest {
			l, p, raised = lowest, floor, true
		}
		c.Logs[k], c.P[k] = l, p
		total += p
	}
	if raised {
		by, inverse := math.Log(total), 1/total
		for k := range c.P {
			c.P[k] *= inverse
			c.Logs[k] -= by
		}
	}
	c.largest()
	return of
}

// largest finds the two largest classes.
func (c *Centre) largest() {
	c.first, c.second, c.rest = 0, -1, 0
	top, next, rest := math.Inf(-1), math.Inf(-1), 0.0
	for k, v := range c.P {
		rest += v
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
	if c.rest = rest - top; c.rest < 0.5 { // add up what is small without what is large
		c.rest = 0
		for k, v := range c.P {
			if k != c.first {
				c.rest += v
			}
		}
	}
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
			// q ((q/p)^(a-1) - 1), which keeps its digits where q and p are close.
			v += float64(from * math.Expm1((a-1)*(q.Logs[k]-p.Logs[k])))
		}
		if math.IsNaN(v) {
			return d.Of(q.P, p.P) // no probability on one side or both
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
// of the largest probability of their softmax at the temperature.
func LogSum(logits []float64, temperature float64) float64 {
	top, scale, total := highest(logits), 1/temperature, 0.0
	for _, z := range logits {
		total += exp((z - top) * scale)
	}
	return math.Log(total)
}

// First is the class of the largest probability, the lowest of equal ones. For every
// f-divergence it is the class of every prediction out of a set around the row.
func (c *Centre) First() int { return c.first }

// exponentials fills dst with exp of values of at most 0, and returns their sum.
func exponentials(dst, values []float64) float64 {
	total := 0.0
	for k, v := range values {
		x := exp(v)
		dst[k] = x
		total += x
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
