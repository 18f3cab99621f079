package credal

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/metrics/stattest"
)

// Kind is a kind of divergence of a member q from the centre p.
type Kind uint8

const (
	KL          Kind = iota // sum q log2(q/p), bits
	KLReverse               // sum p log2(p/q), bits
	Alpha                   // (sum q^a p^(1-a) - 1) / (a(a-1)), natural units; a neither 0 nor 1
	Renyi                   // log2(sum q^a p^(1-a)) / (a-1), bits; a > 0, not 1: the sets of Alpha
	TV                      // half of the sum of |q-p|: total variation
	Inner                   // 1 - sum q p, which is no distance: p need not be in its own set
	Wasserstein             // sum over j of |F_q(j) - F_p(j)|: classes in their order, neighbours 1 apart
)

var kinds = []string{"kl", "kl-reverse", "alpha", "renyi", "tv", "inner", "wasserstein"}

// Divergence is one of the kinds, with the order of Alpha and Renyi.
type Divergence struct {
	Kind  Kind
	Alpha float64
}

// Parse reads a name such as "kl" or "alpha@0.9".
func Parse(name string) (Divergence, error) {
	base, order, has := strings.Cut(name, "@")
	k := slices.Index(kinds, base)
	if k < 0 {
		return Divergence{}, fmt.Errorf("divergence %q: there are %s", name, strings.Join(kinds, ", "))
	}
	d := Divergence{Kind: Kind(k)}
	if has {
		a, err := strconv.ParseFloat(order, 64)
		if err != nil {
			return Divergence{}, fmt.Errorf("divergence %q: the order after @ is a number, such as 0.9", name)
		}
		d.Alpha = a
	}
	return d, d.check()
}

// check says what is wrong with the order.
func (d Divergence) check() error {
	ordered := d.Kind == Alpha || d.Kind == Renyi
	switch {
	case d.Kind > Wasserstein:
		return fmt.Errorf("no divergence of that kind")
	case !ordered && d.Alpha != 0:
		return fmt.Errorf("divergence %s has no order %v", kinds[d.Kind], d.Alpha)
	case !ordered:
		return nil
	case d.Alpha-d.Alpha != 0 || d.Alpha == 0 || d.Alpha == 1:
		return fmt.Errorf("divergence %s of order %v: the order is neither 0 nor 1 (kl-reverse and kl), such as 0.9", kinds[d.Kind], d.Alpha)
	case d.Kind == Renyi && d.Alpha < 0:
		return fmt.Errorf("divergence renyi of order %v: below 0 it falls as distributions part; alpha@%v has such sets", d.Alpha, d.Alpha)
	}
	return nil
}

// String is the name that Parse reads.
func (d Divergence) String() string {
	if d.Kind == Alpha || d.Kind == Renyi {
		return kinds[d.Kind] + "@" + strconv.FormatFloat(d.Alpha, 'g', -1, 64)
	}
	return kinds[d.Kind]
}

// F reports whether it is an f-divergence, or one up to scale: its sets keep the order of
// the classes.
func (d Divergence) F() bool { return d.Kind <= TV }

// order is that of the family of power divergences with KL at 1 and its reverse at 0.
func (d Divergence) order() float64 {
	switch d.Kind {
	case KL:
		return 1
	case KLReverse:
		return 0
	}
	return d.Alpha
}

// power reports whether it is one of that family.
func (d Divergence) power() bool { return d.Kind <= Renyi }

// natural turns a value into that of the family of its order, in natural units.
func (d Divergence) natural(t float64) float64 {
	switch d.Kind {
	case KL, KLReverse:
		return t * math.Ln2
	case Renyi:
		return math.Expm1(t*math.Ln2*(d.Alpha-1)) / (d.Alpha * (d.Alpha - 1))
	}
	return t
}

// fromNatural is its inverse.
func (d Divergence) fromNatural(v float64) float64 {
	switch d.Kind {
	case KL, KLReverse:
		return v / math.Ln2
	case Renyi:
		// For orders below 1 the sum reaches 0, where the logarithm is infinite.
		return math.Log1p(math.Max(-1, d.Alpha*(d.Alpha-1)*v)) / (d.Alpha - 1) / math.Ln2
	}
	return v
}

// term is the part of one class, p phi(q/p - 1), with phi of the family: not negative, 0
// only where q = p. Added up over classes it is the divergence.
func term(q, p, a float64) float64 {
	if p == 0 {
		switch {
		case q == 0:
			return 0
		case a >= 1:
			return math.Inf(1)
		}
		return q / (1 - a)
	}
	x := (q - p) / p
	if q == 0 || x > -0.5 && x < 1 {
		return p * phi(x, a)
	}
	// Far apart nothing cancels, and neither quotient nor power may overflow or underflow.
	switch a {
	case 1:
		return float64(q*(math.Log(q)-math.Log(p))) - q + p
	case 0:
		return float64(p*(math.Log(p)-math.Log(q))) + q - p
	}
	return (math.Exp(float64(a*math.Log(q))+float64((1-a)*math.Log(p))) - p - float64(a*(q-p))) / (a * (a - 1))
}

// phi is ((1+x)^a - 1 - a x) / (a(a-1)) and its limits.
func phi(x, a float64) float64 {
	if x <= -1 { // q = 0
		if a <= 0 {
			return math.Inf(1)
		}
		return 1 / a
	}
	if x*x < 1e-12 {
		return x * x / 2 * (1 + (a-2)*x/3) // the next term is below 1e-13 of this
	}
	l := math.Log1p(x)
	switch a {
	case 1:
		return float64((1+x)*l) - x
	case 0:
		return x - l
	}
	return (math.Expm1(a*l) - float64(a*x)) / (a * (a - 1))
}

// slope is the derivative of phi.
func slope(x, a float64) float64 {
	l := math.Log1p(x)
	if a == 1 {
		return l
	}
	return math.Expm1((a-1)*l) / (a - 1)
}

// nothing is what rounding leaves of a divergence of equal distributions.
const nothing = 1e-14

// Of is D(q, p), of the member or other model q from the centre p; +Inf where a class of q
// has no probability in p, or the reverse, by the kinds that forbid it. Of rows that differ by
// rounding alone it is 0. It panics if the rows differ in length.
func (d Divergence) Of(q, p []float64) float64 {
	if len(q) != len(p) {
		panic("credal: distributions over different numbers of classes")
	}
	v := 0.0
	switch d.Kind {
	case TV:
		for k := range q {
			v += math.Abs(q[k] - p[k])
		}
		v /= 2
	case Inner:
		for k := range q {
			v += float64(q[k] * p[k])
		}
		return 1 - v
	case Wasserstein:
		ahead := 0.0
		for k := range q[:len(q)-1] {
			ahead += q[k] - p[k]
			v += math.Abs(ahead)
		}
	default:
		return d.ofPower(q, p)
	}
	if v < nothing {
		return 0
	}
	return v
}

// relative is the sum of q ln(q/p), +Inf where a class of q has no probability in p.
func relative(q, p []float64) float64 {
	total := 0.0
	for k, v := range q {
		if v <= 0 {
			continue
		}
		quotient := v / p[k]
		if p[k] > 0 && math.IsInf(quotient, 1) {
			total += v * (math.Log(v) - math.Log(p[k]))
			continue
		}
		total += float64(v * math.Log(quotient))
	}
	return total
}

// ofPower is Of for the family of power divergences.
func (d Divergence) ofPower(q, p []float64) float64 {
	a := d.order()
	if a == 1 || a == 0 {
		v := 0.0
		if a == 1 {
			v = relative(q, p)
		} else {
			v = relative(p, q)
		}
		if v < nothing {
			return 0
		}
		return d.fromNatural(v)
	}
	v, more := 0.0, 0.0
	for k := range q {
		v += term(q[k], p[k], a)
		more += q[k] - p[k]
	}
	// The terms take rows of one sum for granted; rows as stored may add to a little more.
	if math.Abs(more) > 1e-12 {
		v += more / (a - 1)
	}
	switch {
	case v < nothing:
		return 0
	case d.Kind == Renyi && a < 1 && a*(1-a)*v > 0.5:
		return math.Log2(powers(q, p, a)) / (a - 1) // 1 less most of 1 would lose it
	}
	return d.fromNatural(v)
}

// powers is the sum of q^a p^(1-a), for a between 0 and 1.
func powers(q, p []float64, a float64) float64 {
	total := 0.0
	for k := range q {
		if q[k] > 0 && p[k] > 0 {
			total += math.Exp(float64(a*math.Log(q[k])) + float64((1-a)*math.Log(p[k])))
		}
	}
	return total
}

// Floor fills dst with p raised to at least floor in every class and divided by its sum.
// dst may be p. With floor 0 p is only divided by its sum.
func Floor(dst, p []float64, floor float64) {
	total := 0.0
	for k, v := range p {
		dst[k] = math.Max(v, floor)
		total += dst[k]
	}
	for k := range dst {
		dst[k] /= total
	}
}

// Threshold is the k-th smallest of n scores, k = ceil((n+1)(1-eps)): a new row's score is
// at most that with probability at least 1 - eps, if rows are exchangeable and none of them
// chose anything about the models. +Inf where k > n, also of no scores. NaN if a score is
// NaN. eps lies between 0 and 1 and is the decimal it is written as.
//
// Source: Vovk, Gammerman and Shafer 2005; Huang et al. 2025, section 3.
func Threshold(scores []float64, eps float64) float64 {
	k := stattest.ConformalRank(len(scores), eps)
	switch {
	case slices.ContainsFunc(scores, math.IsNaN):
		return math.NaN()
	case k > len(scores):
		return math.Inf(1)
	}
	return slices.Sorted(slices.Values(scores))[k-1]
}
