package exact_test

import (
	"math"
	"math/big"
	"testing"

	_ "abstain/metrics/internal/conformance" // its flag
	"abstain/metrics/internal/exact"
)

func TestAgainstKnownDigits(t *testing.T) {
	const e = "2.71828182845904523536028747135266249775724709369995957496696762772407663035354759457138217852516642742746639193200305992"
	const ln2 = "0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326996418687"
	for want, got := range map[string]*big.Float{e: exact.Exp(exact.Num(1)), ln2: exact.Ln(exact.Num(2))} {
		w, _, err := big.ParseFloat(want, 10, exact.Prec, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		if d := exact.Sub(got, w); d.Sign() != 0 && exact.Float64(d.Abs(d)) > 1e-95 {
			t.Errorf("got %.100f, want %s", got, want)
		}
	}
}

func TestInverse(t *testing.T) {
	for _, x := range []float64{-699, -60.25, -1e-9, 0, 1e-300, 3, 700} {
		back := exact.Ln(exact.Exp(exact.Num(x)))
		if got := exact.Float64(back); math.Abs(got-x) > 1e-300 {
			t.Errorf("ln exp %v = %v", x, got)
		}
	}
}
