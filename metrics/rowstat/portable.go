package rowstat

import "math"

// logitsPortable is logitsRow with an exponential of its own, without calls.
func logitsPortable[F real](dst *Columns, i int, row []F, label int32) {
	t := scan(row)
	peak, second := float64(t.max), float64(t.second)
	if t.nan || !within(peak, second, reach) {
		logitsRow(dst, i, row, label)
		return
	}
	var totals belowTotals
	addBelow(&totals, row[:t.arg], second)
	addBelow(&totals, row[t.arg+1:], second)
	b, gap := totals.value(), peak-second
	g := lead(gap)
	r := b.lift(gap, g, log1p(float64(g*b.sum)))
	dst.putLogits(i, t.arg, peak, second, &r)
	putFaint(dst, i, row, t)
	if label < 0 || int(label) >= len(row) {
		dst.noLabel(i)
		return
	}
	short := peak - float64(row[label])
	dst.putLabel(i, place(row, int(label)), short, lead(short), &r)
}

func addBelow[F real](b *belowTotals, row []F, second float64) {
	totals := *b
	for _, v := range row {
		d := second - float64(v)
		if d > depth {
			d = depth
		}
		totals.add(expMinus(d), d)
	}
	*b = totals
}

// probsPortable is probsRow with a logarithm of its own, without calls. What is
// wrong with a row is left to probsRow to say.
func probsPortable[F real](dst *Columns, i int, row []F, label int32) {
	t := scan(row)
	log := logOfProbability
	if !dst.Want.has(WantEntropy) {
		log = nil
	}
	m := momentsBy(row, log)
	if t.nan || !(leastOf(row) >= 0) || !sumsToOne(m.sum) {
		probsRow(dst, i, row, label)
		return
	}
	dst.putProbs(i, t.arg, float64(t.max), float64(t.second), m)
	if label < 0 || int(label) >= len(row) {
		dst.noLabel(i)
		return
	}
	dst.putTruth(i, place(row, int(label)), float64(row[label]), m.squares)
}

// smallest is the least probability that logOf takes.
const smallest = 1e-300

func logOfProbability(p float64) float64 {
	if p >= smallest {
		return logOf(p, 0)
	}
	return math.Log(p)
}

func leastOf[F real](row []F) float64 {
	least := 0.0
	for _, v := range row {
		least = min(least, float64(v))
	}
	return least
}

// putTruth writes what depends on the probability p of the label. The other
// classes' squares are what is left of the sum without p*p, to the precision of
// that sum: 2^-52 absolutely.
func (c *Columns) putTruth(i int, rank int32, p, squares float64) {
	set(c.Rank, i, rank)
	set(c.NLL, i, -math.Log(max(p, MinProb)))
	set(c.Brier, i, max(0, squares-float64(p*p))+float64((1-p)*(1-p)))
}

// steps is how finely the exponential's table divides a factor of two.
const steps = 128

// powers are 2^(i/steps).
var powers = func() (t [steps]float64) {
	for i := range t {
		t[i] = math.Exp2(float64(i) / steps)
	}
	return t
}()

// ln2/steps in two parts, of which the first times any step count up to
// depth*steps/ln2 is exact.
const (
	stepHigh = 0x1.62e42fef8p-8
	stepLow  = math.Ln2/steps - stepHigh
	stepsE   = steps / math.Ln2
	// rounder added and taken away rounds to an integer, which stands in the
	// low bits in between.
	rounder = 0x1.8p52
)

// expMinus is exp(-d) for d in 0..depth, within 2 units in the last place, and
// 1 for 0.
func expMinus(d float64) float64 {
	t := rounder - float64(d*stepsE)
	n := t - rounder
	r := (-d - float64(n*stepHigh)) - float64(n*stepLow)
	p := r + float64(float64(r*r)*(0.5+float64(r*(1./6+float64(r*(1./24+float64(r*(1./120))))))))
	k := int64(math.Float64bits(t))
	c := powers[k&(steps-1)]
	e := c + float64(c*p)
	return math.Float64frombits(math.Float64bits(e) + uint64(k<<(52-7))&^(1<<52-1))
}

// parts is how finely the logarithm's table divides a factor of two.
const parts = 1 << partBits

const partBits = 7

// inverses are 1/(1 + i/parts), and logs ln(1 + i/parts).
var inverses, logs = func() (inverse, log [parts]float64) {
	for i := range parts {
		inverse[i] = 1 / (1 + float64(i)/parts)
		log[i] = math.Log1p(float64(i) / parts)
	}
	return inverse, log
}()

// log1p is ln(1 + x) for finite x >= 0, within some units in the last place
// also where x is tiny.
func log1p(x float64) float64 {
	u := 1 + x
	return logOf(u, x-(u-1))
}

// logOf is ln(u + more) for a normal u and a correction below its last place.
// Below 1 it is exact to 2^-52 absolutely, from 1 on relatively.
func logOf(u, more float64) float64 {
	const mantissa = 1<<52 - 1
	b := math.Float64bits(u)
	k := int(b>>52) - 1023
	i := b & mantissa >> (52 - partBits)
	f := math.Float64frombits(b&mantissa|1023<<52) - (1 + float64(i)*(1./parts))
	r := (f + more*math.Float64frombits(uint64(1023-k)<<52)) * inverses[i&(parts-1)]
	tail := 1./5 - float64(r*(1./6-float64(r*(1./7))))
	p := r - float64(r*r)*(0.5-float64(r*(1./3-float64(r*(1./4-float64(r*tail))))))
	return float64(float64(k)*math.Ln2) + (logs[i&(parts-1)] + p)
}
