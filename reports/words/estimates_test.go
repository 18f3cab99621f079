package words

import (
	"math"
	"testing"

	"abstain/metrics"
)

func TestDifference(t *testing.T) {
	for want, d := range map[string]metrics.Estimate{
		"+0.012 [0.004, 0.020]":      {Value: 0.012, Lo: 0.004, Hi: 0.02},
		"−0.31 [−0.40, −0.22]":       {Value: -0.31, Lo: -0.4, Hi: -0.22},
		"0.000 [−0.013, 0.028]":      {Value: -0.0004, Lo: -0.013, Hi: 0.028},
		"0 [−0.013, 0.013]":          {Value: 0, Lo: -0.013, Hi: 0.013},
		"−0.0050 [−0.0101, −0.0003]": {Value: -0.005, Lo: -0.0101, Hi: -0.0003},
		"+12.3 [1.0, 23.6]":          {Value: 12.3, Lo: 1, Hi: 23.6},
		"−0.00123":                   {Value: -0.001234, Lo: math.NaN(), Hi: math.NaN()},
		"0":                          {Value: 0, Lo: math.NaN(), Hi: math.NaN()},
		"–":                          {Value: math.NaN()},
	} {
		if got := Difference(d); got != want {
			t.Errorf("%+v: %q, want %q", d, got, want)
		}
	}
}

func TestEstimate(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct{ got, want string }{
		{Estimate(metrics.Estimate{Value: 0.061, Lo: 0.055, Hi: 0.067}), "0.061 [0.055, 0.067]"},
		{Estimate(metrics.Estimate{Value: 0.061, Lo: nan, Hi: nan}), "0.0610"},
		{PValue(0.031), "p = 0.031"}, {PValue(3e-5), "p < 0.001"}, {PValue(0), "p < 0.001"}, {PValue(nan), "p undefined"},
		{PCell(0.031), "0.031"}, {PCell(1), "1"}, {PCell(3e-5), "<0.001"}, {PCell(nan), "–"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
