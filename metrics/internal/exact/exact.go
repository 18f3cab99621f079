// Package exact has the elementary functions on arbitrary-precision numbers. Tests of
// floating-point code compare their results with it; it is slow, and only tests may
// import it. Begin with Num. It imports the standard library only.
package exact

import (
	"math"
	"math/big"
)

// Prec is the precision in bits. It holds 1 + exp(-700) with the digits of a
// float64 to spare.
const Prec = 1200

// Num is v with Prec bits. v must be finite.
func Num(v float64) *big.Float { return zero().SetFloat64(v) }

// Float64 is x rounded to the nearest float64.
func Float64(x *big.Float) float64 { v, _ := x.Float64(); return v }

// Add, Sub, Mul and Quo return a new number and leave a and b alone.
func Add(a, b *big.Float) *big.Float { return zero().Add(a, b) }
func Sub(a, b *big.Float) *big.Float { return zero().Sub(a, b) }
func Mul(a, b *big.Float) *big.Float { return zero().Mul(a, b) }
func Quo(a, b *big.Float) *big.Float { return zero().Quo(a, b) }

func zero() *big.Float { return new(big.Float).SetPrec(Prec) }

// Exp is e^x for |x| up to about 1000: the argument is halved until its Taylor
// series is short, and the result squared as often.
func Exp(x *big.Float) *big.Float {
	const halvings, terms = 40, 36
	y := zero().SetMantExp(x, -halvings)
	total, term := Num(1), Num(1)
	for k := 1; k < terms; k++ {
		term = Quo(Mul(term, y), Num(float64(k)))
		total = Add(total, term)
	}
	for range halvings {
		total = Mul(total, total)
	}
	return total
}

// Ln is the natural logarithm of x > 0 within the range of float64, by Halley's
// steps from the float64 logarithm; each triples the number of right digits.
func Ln(x *big.Float) *big.Float {
	y := Num(math.Log(Float64(x)))
	for range 4 {
		e := Exp(y)
		y = Add(y, Mul(Num(2), Quo(Sub(x, e), Add(x, e))))
	}
	return y
}
