package resample

import (
	"math"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Normal is the interval estimate ± z se, cut off at the ends of the range.
func Normal(estimate, se, level float64, within [2]float64) (lo, hi float64) {
	reach := float64(stattest.NormalQuantile((1+level)/2) * se)
	return math.Max(estimate-reach, within[0]), math.Min(estimate+reach, within[1])
}

// DeLong is the AUROC of failure prediction with its standard error by the
// method of DeLong, with the unbiased variances of the structural components.
// Both are NaN unless the ranking holds right and wrong samples; the error is
// NaN if there is only one of a kind.
//
// Source: DeLong, DeLong and Clarke-Pearson 1988.
func DeLong(r *metrics.Ranked) (value, se float64) {
	if r.Ends == nil || r.Errors == 0 || r.Errors == r.N() {
		return math.NaN(), math.NaN()
	}
	c := delongComponents(r)
	if c == nil {
		return aurocOf(r), math.NaN()
	}
	return aurocOf(r), math.Sqrt(dot(c, c))
}

// delongComponents are, by row, the placements less their mean, scaled so that
// their squares add up to DeLong's variance, and the squares of the differences
// of two models to that of their difference. It is nil unless there are two
// samples of each kind.
func delongComponents(r *metrics.Ranked) []float64 {
	errors, rights := float64(r.Errors), float64(r.N()-r.Errors)
	if errors < 2 || rights < 2 {
		return nil
	}
	value := aurocOf(r)
	ofRight, ofWrong := 1/math.Sqrt(rights*(rights-1)), 1/math.Sqrt(errors*(errors-1))
	return byGroup(r, func(g int, wrong float64) float64 {
		over, under := placements(r, g)
		if wrong == 1 {
			return ofWrong * (over - value)
		}
		return ofRight * (under - value)
	})
}

// RiskBounds is the exact binomial interval of the selective risk at the first
// end of a group that covers the given share of the samples. It takes the
// threshold as fixed beforehand: it holds for the risk of new samples above this
// threshold. As an interval for the risk at this coverage it is too short where
// samples at the threshold are worse than those above; replicates serve for
// that. Both bounds are NaN if r is empty or not ranked.
//
// Source: Clopper and Pearson 1934.
func RiskBounds(r *metrics.Ranked, coverage, level float64) (lo, hi float64) {
	for g, end := range r.Ends {
		if float64(end)/float64(r.All()) >= coverage {
			return stattest.ClopperPearson(int(r.Wrong[g]), int(end), level)
		}
	}
	return math.NaN(), math.NaN()
}

// CoverageBounds is an interval for the largest coverage at which the selective
// risk is at most the given one, at ends of groups. It turns the exact binomial
// tests of the thresholds around: the lower threshold is the one of largest
// coverage at which the risk is shown to be at most that, each judged on its
// own, and beyond the upper one it is shown to be more. As how many samples
// lie above a threshold is a matter of chance too, the bounds are those of the
// score intervals of the two coverages. Together that is conservative, and stays
// so where ties leave few thresholds. For a selective accuracy a the
// risk is 1 - a. NaN if r is empty or not ranked.
//
// Source: the tests are those of Geifman and El-Yaniv 2017 (SGR), lemma 1.
func CoverageBounds(r *metrics.Ranked, risk, level float64) (lo, hi float64) {
	if r.N() == 0 || r.Ends == nil {
		return math.NaN(), math.NaN()
	}
	tail := (1 - level) / 2
	z := -stattest.NormalQuantile(tail)
	largest := func(ok func(n, wrong float64) bool) int {
		for g := len(r.Ends) - 1; g >= 0; g-- {
			if ok(float64(r.Ends[g]), float64(r.Wrong[g])) {
				return int(r.Ends[g])
			}
		}
		return 0
	}
	low := largest(func(n, wrong float64) bool { return wrong/n <= risk && rare(wrong, n, risk, tail, z) })
	high := largest(func(n, wrong float64) bool { return wrong/n <= risk || !rare(n-wrong, n, 1-risk, tail, z) })
	lo, _ = stattest.Wilson(low, r.All(), level)
	_, hi = stattest.Wilson(high, r.All(), level)
	return lo, hi
}

// boundSAC and boundSelective are the bounds in terms of accuracy.
func boundSAC(r *metrics.Ranked, accuracy, level float64) (lo, hi float64) {
	return CoverageBounds(r, 1-accuracy, level)
}

func boundSelective(r *metrics.Ranked, coverage, level float64) (lo, hi float64) {
	lo, hi = RiskBounds(r, coverage, level)
	return 1 - hi, 1 - lo
}

// rare reports whether at most k of n at chance p have a probability of at most
// tail, the normal share beyond z. Few cases need the probability itself: it lies between the
// normal shares of the deviances of k and of k+1, and the deviance between bounds
// without logarithms.
//
// Source: Zubkov and Serov 2013, theorem 1, for the shares.
func rare(k, n, p, tail, z float64) bool {
	share := k / n
	if share >= p {
		return stattest.BinomialAtMost(k, n, p) <= tail
	}
	off := float64((p - share) * (p - share))
	if float64(n*off) < float64(z*z*p*(1-p))/2 {
		return false // the divergence is at most off / (p(1-p))
	}
	if next := (k + 1) / n; next < p && n*float64((p-next)*(p-next)) >= z*z*widest(next, p) {
		return true // and at least half of off over the widest variance in between
	}
	if k > 0 && deviance(k, n, p) < z {
		return false
	}
	if k+1 < n && (k+1)/n < p && deviance(k+1, n, p) >= z {
		return true
	}
	return stattest.BinomialAtMost(k, n, p) <= tail
}

// widest is the largest variance q(1-q) between two chances.
func widest(low, high float64) float64 {
	q := min(max(0.5, low), high)
	return q * (1 - q)
}

// deviance is the root of twice n times the divergence of the share k/n from p.
func deviance(k, n, p float64) float64 {
	share := k / n
	divergence := float64(share*math.Log(share/p)) + float64((1-share)*math.Log((1-share)/(1-p)))
	return math.Sqrt(math.Max(0, 2*n*divergence))
}

// FromInfluence is the interval of an estimate from its influence values, those
// of Influence or of a design's Units, for n samples. It is the normal interval
// with two corrections: it moves by the skewness of the values (Johnson 1978),
// as the metrics of few errors are skew, and takes Student's t for the normal
// quantile, with as many degrees of freedom as the scatter of the squared values
// leaves in their sum (Satterthwaite 1946). Both vanish as the samples grow. It
// is cut off at the ends of the range. Both bounds are NaN where all values are
// 0: then the samples do not say how far they may be off.
func FromInfluence(estimate float64, influence []float64, n int, level float64, within [2]float64) (lo, hi float64) {
	squares, cubes, fourths := moments(influence)
	if squares == 0 {
		return math.NaN(), math.NaN()
	}
	se := math.Sqrt(squares) / float64(n)
	if rounding(se, estimate) {
		return math.NaN(), math.NaN()
	}
	z := stattest.NormalQuantile((1 + level) / 2)
	acceleration := cubes / (6 * squares * math.Sqrt(squares))
	move := float64(acceleration * (1 + float64(2*z*z)) * se)
	reach := float64(studentQuantile(z, freedom(squares, fourths, len(influence))) * se)
	return math.Max(estimate+move-reach, within[0]), math.Min(estimate+move+reach, within[1])
}

// moments are the sums of squares, cubes and fourth powers.
func moments(values []float64) (squares, cubes, fourths float64) {
	for _, v := range values {
		square := float64(v * v)
		squares += square
		cubes += float64(square * v)
		fourths += float64(square * square)
	}
	return squares, cubes, fourths
}

// freedom is the number of degrees of freedom in a sum of n squares: twice the
// square of its mean over its variance, as estimated from the scatter of the terms.
// It is infinite where they do not scatter, and at least 3.
func freedom(squares, fourths float64, n int) float64 {
	scatter := fourths/float64(squares*squares) - 1/float64(n)
	if !(scatter > 1e-15) {
		return math.Inf(1)
	}
	return math.Max(3, 2/scatter)
}

// studentQuantile is the quantile of Student's t that belongs to the normal
// quantile z, by the expansion in 1/df, for df of 3 and more. Source: Abramowitz
// and Stegun 26.7.5.
func studentQuantile(z, df float64) float64 {
	z2 := float64(z * z)
	first := z * (z2 + 1) / 4
	second := z * (float64(z2*(float64(5*z2)+16)) + 3) / 96
	third := z * (float64(z2*(float64(z2*(float64(3*z2)+19))+17)) - 15) / 384
	return z + first/df + second/float64(df*df) + third/float64(df*df*df)
}
