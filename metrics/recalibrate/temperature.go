package recalibrate

import (
	"math"
	"slices"

	"abstain/metrics/internal/sums"
)

// Temperature divides logits by T > 0. It changes neither the prediction nor,
// for two classes, the order of confidences; for more classes it does change
// that order.
type Temperature struct {
	T    float64
	Loss float64 // what was minimised, at T: a mean over the rows fitted on
	// AtBound says that no temperature within the bounds of the search is best:
	// the loss still falls towards the bound that T is. Logits that separate
	// the classes perfectly want T = 0, logits that say nothing want T = infinity.
	AtBound bool
	// Flat says that all logits of every row are equal, so that every temperature
	// has the same loss; T is then 1.
	Flat bool
}

// Apply fills dst with logits divided by T. dst may be logits itself.
func (t Temperature) Apply(dst, logits []float64) {
	for i, z := range logits {
		dst[i] = z / t.T
	}
}

// Bounds of the search for a temperature, for logits whose leads are near 1; they
// widen for others, see leadOf.
const (
	coldest, hottest           = 1e-6, 1e6 // by NLL
	coldestSquare, hottestScan = 1e-3, 1e3 // by squared error, which must be scanned
)

// FitTemperature finds the temperature of least loss on the rows with a label.
//
// By NLL it is the exact minimiser, to a relative 1e-12 or to what rounding in
// the logits allows: the loss is convex in 1/T, and the zero of its slope is found by
// Newton's steps inside a bracket. The squared error may have several minima;
// the range 0.001 to 1000 is scanned in steps of a half, and the best one
// refined to the same precision. Where the largest logits lead by far less or more
// than 1, the range reaches as much further.
//
// Logits of -Inf are classes of probability 0. It is an error if no row has a
// label, or a row holds NaN or +Inf, or gives its label a logit of -Inf. Source:
// Guo et al. 2017, section 4.2; by squared error Zhang, Kailkhura and Han 2020.
func FitTemperature(logits []float64, classes int, label []int32, loss Loss) (Temperature, error) {
	if _, err := checkLogits(logits, classes, label); err != nil {
		return Temperature{}, err
	}
	if loss == SquaredError {
		return fitSquared(logits, classes, label), nil
	}
	return fitNLL(logits, classes, label), nil
}

// fitNLL works in beta = 1/T, where the mean NLL is convex. Rows that have their
// label at the top all want beta to be infinite, where its slope has long
// underflowed, so that they are looked for first.
func fitNLL(logits []float64, classes int, label []int32) Temperature {
	unit := leadOf(logits, classes, label)
	least, most := 1/(hottest*max(1, unit)), 1/(coldest*min(1, unit))
	switch separated, equal := extremes(logits, classes, label); {
	case equal:
		return Temperature{T: 1, Loss: nllAt(logits, classes, label, 1), Flat: true}
	case separated:
		return Temperature{T: 1 / most, Loss: nllAt(logits, classes, label, most), AtBound: true}
	}
	slopes := func(beta float64) (float64, float64) { return nllSlopes(logits, classes, label, beta) }
	beta, bound := increasingZero(slopes, nearBeta(logits, classes, label, least, most), least, most)
	return Temperature{T: 1 / beta, Loss: nllAt(logits, classes, label, beta), AtBound: bound}
}

// leadOf is the median lead of the largest logit over the second, of the labelled
// rows that have one: what a temperature is large or small against. 1 if none has.
func leadOf(logits []float64, classes int, label []int32) float64 {
	var leads []float64
	for row := range labelled(logits, classes, label) {
		first, second := leaders(row)
		if lead := row[first] - second; lead > 0 && !math.IsInf(lead, 1) {
			leads = append(leads, lead)
		}
	}
	if len(leads) == 0 {
		return 1
	}
	slices.Sort(leads)
	return leads[len(leads)/2]
}

// nearBeta is where the search begins: 1, or the minimiser of every 16th row if
// there are so many values that this saves half of the steps over all of them.
func nearBeta(logits []float64, classes int, label []int32, least, most float64) float64 {
	const many, stride = 1 << 17, 16
	if len(logits) < many {
		return 1
	}
	var some []float64
	var of []int32
	for i := 0; i < len(label); i += stride {
		some, of = append(some, logits[i*classes:(i+1)*classes]...), append(of, label[i])
	}
	inside := func(l int32) bool { return l >= 0 && int(l) < classes }
	if separated, _ := extremes(some, classes, of); separated || !slices.ContainsFunc(of, inside) {
		return 1
	}
	beta, bound := increasingZero(func(beta float64) (float64, float64) { return nllSlopes(some, classes, of, beta) }, 1, least, most)
	if bound {
		return 1
	}
	return beta
}

// extremes reports whether every label has the largest logit of its row, and
// whether all logits of every row are equal, so that no temperature matters.
func extremes(logits []float64, classes int, label []int32) (separated, equal bool) {
	separated, equal = true, true
	for row, l := range labelled(logits, classes, label) {
		separated = separated && row[l] == highest(row)
		for _, z := range row {
			equal = equal && (z == row[l] || math.IsInf(z, -1))
		}
	}
	return separated, equal
}

// nllAt is the mean NLL at beta.
func nllAt(logits []float64, classes int, label []int32, beta float64) float64 {
	var total sums.Sum
	n := 0
	for row, l := range labelled(logits, classes, label) {
		n++
		total.Add(beta * (highest(row) - row[l]))
		total.Add(math.Log1p(oddsOfError(row, beta)))
	}
	return total.Value() / float64(n)
}

// nllSlopes are the first and second derivative of the mean NLL by beta: the
// mean logit less the label's, and the variance of the logits, both under the
// softmax.
func nllSlopes(logits []float64, classes int, label []int32, beta float64) (first, second float64) {
	var g, h sums.Sum
	n := 0.0
	for row, l := range labelled(logits, classes, label) {
		n++
		top := highest(row)
		s, m, v := 0.0, 0.0, 0.0
		for _, z := range row {
			d := z - top
			if e := math.Exp(beta * d); e > 0 { // exp(-Inf) weighs nothing
				s += e
				m += float64(e * d)
				v += float64(e*d) * d
			}
		}
		m /= s
		g.Add(m)
		g.Add(top - row[l])
		h.Add(v/s - float64(m*m))
	}
	return g.Value() / n, h.Value() / n
}

// fitSquared scans ln T and refines the best cell by the zero of the slope.
func fitSquared(logits []float64, classes int, label []int32) Temperature {
	const step = 0.4054651081081644 // ln 1.5
	unit := leadOf(logits, classes, label)
	below := math.Ceil(-math.Log(min(1, unit)) / step) // so many steps further down, on the same grid
	cells := int(math.Ceil(math.Log(hottestScan*max(1, unit)/coldestSquare)/step) + below)
	at := func(k int) float64 { return math.Log(coldestSquare) + (float64(k)-below)*step }
	loss := func(logT float64) float64 { return squaredAt(logits, classes, label, math.Exp(-logT)) }
	if _, equal := extremes(logits, classes, label); equal {
		return Temperature{T: 1, Loss: loss(0), Flat: true}
	}
	best, least := 0, math.Inf(1)
	for k := range cells + 1 {
		if v := loss(at(k)); v < least {
			best, least = k, v
		}
	}
	if best == 0 || best == cells {
		return Temperature{T: math.Exp(at(best)), Loss: least, AtBound: true}
	}
	slope := func(logT float64) float64 { return -squaredSlope(logits, classes, label, math.Exp(-logT)) }
	logT := zeroBetween(slope, at(best-1), at(best+1))
	return Temperature{T: math.Exp(logT), Loss: loss(logT)}
}

// squaredAt is the mean over rows of sum (p - indicator)^2 at beta.
func squaredAt(logits []float64, classes int, label []int32, beta float64) float64 {
	var total sums.Sum
	p := make([]float64, classes)
	n := 0
	for row, l := range labelled(logits, classes, label) {
		n++
		softmax(p, row, beta)
		p[l]--
		for _, d := range p {
			total.Add(float64(d * d))
		}
	}
	return total.Value() / float64(n)
}

// squaredSlope has the sign of the derivative of squaredAt by beta.
func squaredSlope(logits []float64, classes int, label []int32, beta float64) float64 {
	var total sums.Sum
	p := make([]float64, classes)
	for row, l := range labelled(logits, classes, label) {
		softmax(p, row, beta)
		top, mean := highest(row), 0.0
		for j, q := range p {
			if q > 0 {
				mean += float64(q * (row[j] - top))
			}
		}
		for j, q := range p {
			d := q
			if j == l {
				d--
			}
			if q > 0 {
				total.Add(float64(d*q) * (row[j] - top - mean))
			}
		}
	}
	return total.Value()
}

// FitTemperatureBy chooses from a grid the temperature whose confidences have
// the least loss: the first among equals, so that the order of the grid says
// which to prefer. loss gets one confidence per row at each temperature, in the
// row's order and with no regard to labels: minus the odds of the prediction
// being wrong, which orders like the largest probability p = 1/(1 - confidence)
// and does not saturate; where the odds would underflow, minus their logarithm, which
// is above 0. A loss of NaN is never chosen; T is NaN if all are. The
// AURC is a usual loss. For two classes every temperature gives the same order.
// Source: Cattelan and Silva 2024, section 4.
func FitTemperatureBy(logits []float64, classes int, grid []float64, loss func(confidence []float64) float64) Temperature {
	best := Temperature{T: math.NaN(), Loss: math.Inf(1)}
	confidence := make([]float64, len(logits)/classes)
	for _, t := range grid {
		for i := range confidence {
			confidence[i] = sureness(logits[i*classes:(i+1)*classes], 1/t)
		}
		if v := loss(confidence); v < best.Loss {
			best = Temperature{T: t, Loss: v}
		}
	}
	return best
}
