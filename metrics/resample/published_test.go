package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// ovarian are the 43 complete patients of the example in DeLong, DeLong and
// Clarke-Pearson 1988, as the SAS/STAT user's guide lists them (PROC LOGISTIC,
// "Comparing Receiver Operating Characteristic Curves"): albumin, total protein,
// K-G score (10 less it orders), and whether surgery helped.
var ovarian = [][4]float64{
	{3.0, 5.8, 10, 0}, {3.2, 6.3, 5, 1}, {3.9, 6.8, 3, 1}, {2.8, 4.8, 6, 0}, {3.2, 5.8, 3, 1}, {0.9, 4.0, 5, 0}, {2.5, 5.7, 8, 0}, {1.6, 5.6, 5, 1},
	{3.8, 5.7, 5, 1}, {3.7, 6.7, 6, 1}, {3.2, 5.4, 4, 1}, {3.8, 6.6, 6, 1}, {4.1, 6.6, 5, 1}, {3.6, 5.7, 5, 1}, {4.3, 7.0, 4, 1}, {3.6, 6.7, 4, 0},
	{2.3, 4.4, 6, 1}, {4.2, 7.6, 4, 0}, {4.0, 6.6, 6, 0}, {3.5, 5.8, 6, 1}, {3.8, 6.8, 7, 1}, {3.0, 4.7, 8, 0}, {4.5, 7.4, 5, 1}, {3.7, 7.4, 5, 1},
	{3.1, 6.6, 6, 1}, {4.1, 8.2, 6, 1}, {4.3, 7.0, 5, 1}, {4.3, 6.5, 4, 1}, {3.2, 5.1, 5, 1}, {2.6, 4.7, 6, 1}, {3.3, 6.8, 6, 0}, {1.7, 4.0, 7, 0},
	{3.7, 6.1, 5, 1}, {3.3, 6.3, 7, 1}, {4.2, 7.7, 6, 1}, {3.5, 6.2, 5, 1}, {2.9, 5.7, 9, 0}, {2.1, 4.8, 7, 1}, {2.8, 6.2, 8, 0}, {4.0, 7.0, 7, 1},
	{3.3, 5.7, 6, 1}, {3.7, 6.9, 5, 1}, {3.6, 6.6, 5, 1},
}

func ovarianBy(column int, sign float64) *metrics.Ranked {
	var confidence []float64
	var correct []bool
	for _, p := range ovarian {
		confidence, correct = append(confidence, sign*p[column]), append(correct, p[3] == 1)
	}
	return of(confidence, correct)
}

// TestDeLongPublished: areas, standard errors and the two-sided p-values of the
// differences, by numpy 1.24 from the definition, all pairs written out
// (variances of the components with divisor one less than their number).
func TestDeLongPublished(t *testing.T) {
	albumin, protein, score := ovarianBy(0, 1), ovarianBy(1, 1), ovarianBy(2, -1)
	for _, c := range []struct {
		r        *metrics.Ranked
		area, se float64
	}{
		{albumin, 0.7365591397849462, 0.09269434605240269},
		{protein, 0.6478494623655914, 0.10004737558374194},
		{score, 0.7258064516129032, 0.10282160898004764},
	} {
		if area, se := resample.DeLong(c.r); !near(area, c.area, 1e-14) || !near(se, c.se, 1e-14) {
			t.Errorf("area %v, error %v; want %v, %v", area, se, c.area, c.se)
		}
	}
	for _, c := range []struct {
		a, b              *metrics.Ranked
		difference, se, p float64
	}{
		{albumin, score, 0.010752688172043001, 0.09534361773009381, 0.9102063472010351},
		{protein, score, -0.07795698924731187, 0.1046095887181327, 0.456139707507473},
		{albumin, protein, 0.08870967741935487, 0.05579122330933948, 0.11182821012069565},
	} {
		if d := resample.ByDeLong(c.a, c.b, 0.95); !near(d.Difference, c.difference, 1e-13) || !near(d.SE, c.se, 1e-13) || !near(d.P, c.p, 1e-12) {
			t.Errorf("%+v, want %+v", d, c)
		}
	}
}

// TestMcNemarScipy: p-values of scipy.stats.binomtest(b, b + c, 0.5), scipy 1.10.1.
func TestMcNemarScipy(t *testing.T) {
	for _, c := range []struct {
		first, second int
		p             float64
	}{{5, 15, 0.04138946533203125}, {0, 7, 0.015625}, {40, 61, 0.04604406692934279}, {333, 250, 0.0006708019072953934}, {12, 12, 1}} {
		if r := (resample.Discordance{First: c.first, Second: c.second, N: 1000}).McNemar(); !near(r.P, c.p, 1e-11) {
			t.Errorf("%d against %d: p = %v, want %v", c.first, c.second, r.P, c.p)
		}
	}
}

// TestECEIsBiased: of a calibrated model, whose ECE is 0, samples show on average
// the sum over bins of the mean absolute value of a normal error, sqrt(2/pi)
// sqrt(p (1-p) n_b) / n. The interval takes this off at its lower end, and holds 0
// at its level; the replicates are biased once more, and their percentiles hold it
// hardly ever, so that the closed form is taken whatever the method.
func TestECEIsBiased(t *testing.T) {
	const n, simulations = 600, 400
	m := measures(t, "ece@15")
	var mean, held, heldByReplicates, replicated float64
	rng := generator(6000)
	d := resample.Independent(n)
	for k := range simulations {
		r := world{curve: honest}.ranked(rng, n)
		e := resample.Intervals(r, m, resample.Options{})[0]
		mean += e.Value / simulations
		if e.Lo <= 0 {
			held++
		}
		if k%4 == 0 {
			draws := resample.DrawEach(d, uint64(k), 60)
			if lo, _ := resample.Percentile(resample.Bootstrap(r, m, draws)[0], 0.95); lo <= 0 {
				heldByReplicates += 4
			}
			if p := resample.Intervals(r, m, resample.Options{Method: resample.ByPercentile, Replicates: draws})[0]; p.Lo <= 0 {
				replicated += 4
			}
		}
	}
	bias := 0.0
	for k := 3; k < 15; k++ { // confidences are uniform on [0.2, 1]
		p, size := (float64(k)+0.5)/15, n/12.0
		bias += math.Sqrt(2/math.Pi*p*(1-p)*size) / n
	}
	t.Logf("mean ECE %.4f, bias expected %.4f; 0 held by %.1f %%, by percentiles of replicates %.1f %%", mean, bias, 100*held/simulations, 100*heldByReplicates/simulations)
	if math.Abs(mean-bias) > 0.05*bias {
		t.Errorf("mean ECE of a calibrated model %v, want the bias %v", mean, bias)
	}
	if held/simulations < 0.95-binomial(0.95, simulations) || heldByReplicates > 0.1*simulations || replicated < 0.9*simulations {
		t.Errorf("0 is held by %v, %v and %v of %d", held, heldByReplicates, replicated, simulations)
	}
}
