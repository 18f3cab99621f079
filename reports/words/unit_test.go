package words

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"abstain/metrics"
)

func TestUnitOf(t *testing.T) {
	for id, want := range map[string]string{
		"accuracy": "84.6", "error": "84.6", "sac@0.99": "84.6", "coverage-at-risk@0.05": "84.6", "risk@0.8": "84.6", "ece@15": "84.6",
		"mean-confidence": "0.846", "fpr@0.95": "84.6", "selective-accuracy@0.8": "84.6", "aurc": "84.57", "eaurc": "84.57", "augrc": "84.57",
		"auarc": "84.57", "auroc": "0.846", "aupr-error": "0.846", "ood-auroc": "0.846", "nll": "0.846", "brier": "0.846", "naurc": "0.846",
		"gamma": "0.846", "accuracy-galil2023": "0.8",
	} {
		m := metrics.MustMeasure(id)
		if got := UnitOf(m).Number(0.8457); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
		if UnitNamed(id) != UnitOf(m) {
			t.Errorf("%s has another unit by its name", id)
		}
	}
	for id, want := range map[string]Unit{"|overconfidence|": share, "ood-auroc[c-ood-s00]": bare, "beauty": bare} {
		if got := UnitNamed(id); got != want {
			t.Errorf("%s: %+v", id, got)
		}
	}
	for _, m := range metrics.Metrics() { // a share of more than 100 % would be a wrong unit
		if u := UnitNamed(m.ID); u.Factor == 100 && (m.Range[1] > 1 || m.Unit != "fraction") && m.ID != "aurc-ln" {
			t.Errorf("%s, of unit %s up to %v, is written in percent", m.ID, m.Unit, m.Range[1])
		}
	}
}

func TestUnit(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct{ got, want string }{
		{share.Number(0.0004), "<0.1"}, {share.Number(-0.0004), ">−0.1"}, {share.Number(0), "0"}, {share.Number(nan), "–"},
		{share.Number(math.Inf(-1)), "−∞"}, {share.Number(math.Inf(1)), "∞"}, {share.Number(1), "100.0"}, {area.Number(0.0357), "3.57"},
		{bare.Number(-0.0206), "−0.021"}, {share.With(0.73), "73.0 %"}, {bare.With(0.868), "0.868"}, {share.With(nan), "–"},
		{share.Signed(0.0004), "0.0"}, {share.Signed(-0.0004), "0.0"}, {share.Signed(-0.048), "−4.8"}, {area.Signed(0.0043), "+0.43"}, {area.Signed(nan), "–"},
		{area.Estimate(metrics.Estimate{Value: 0.0357, Lo: 0.0277, Hi: 0.045}), "3.57 [2.77, 4.50]"},
		{area.Estimate(metrics.Estimate{Value: 0.0357, Lo: nan, Hi: nan}), "3.57"}, {area.Estimate(metrics.Estimate{Value: nan, Lo: 0, Hi: 1}), "–"},
		{area.Difference(metrics.Estimate{Value: -0.0043, Lo: -0.0072, Hi: 0.00001}), "−0.43 [−0.72, 0.00]"},
		{share.For(0.0012, 0.0034, nan, 0).Number(0.0012), "0.12"}, {share.For().Number(0.5), "50.0"}, {share.For(0.9, 0.8, 1e-9).Number(0.9), "90.0"},
		{Change(metrics.MustMeasure("aurc"), metrics.Estimate{Value: -0.0049, Lo: -0.0077, Hi: -0.0022}), "−0.49 points [−0.77, −0.22]"},
		{Change(metrics.MustMeasure("accuracy"), metrics.Estimate{Value: 0.00041, Lo: 0.00011, Hi: 0.00071}), "+0.041 points [+0.011, +0.071]"},
		{Change(metrics.MustMeasure("auroc"), metrics.Estimate{Value: nan}), "–"},
		{Grouped(2058), "2058"}, {Grouped(54920), "54\u202f920"}, {Grouped(-1234567), "−1\u202f234\u202f567"}, {Grouped(0), "0"},
		{Share(0.788), "78.8"}, {ShareBetween(0.7495, 0.823), "[75.0, 82.3]"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

// TestForKeepsDigits: the value in the middle of any column has two digits at least, and is
// shown as near as its decimals allow.
func TestForKeepsDigits(t *testing.T) {
	for v := 1e-6; v < 1; v *= 1.37 {
		for _, u := range []Unit{share, area, bare} {
			text := u.For(v, v/2, 2*v).Number(v)
			shown, err := strconv.ParseFloat(text, 64)
			if err != nil || math.Abs(shown/u.Factor-v) > 0.051*v || len(strings.Trim(strings.ReplaceAll(text, ".", ""), "0")) == 0 {
				t.Errorf("%v is shown as %q", v, text)
			}
		}
	}
}
