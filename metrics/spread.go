package metrics

import (
	"math"

	"abstain/metrics/internal/radix"
	"abstain/metrics/internal/sums"
)

// How the confidences themselves are spread, and scores of single confidences as
// probabilities of being right.

// described lists the rows whose confidences are described, most trusted first:
// those in distribution or, if there are none, those out of distribution, which
// the note says. why is set if there are no rows at all.
func described(r *Ranked) (rows []int32, note, why string) {
	if r.Confidence == nil {
		return nil, "", unranked(r)
	}
	if r.N() > 0 {
		return r.Order, "", ""
	}
	_, outside, _ := split(r.Outcomes)
	if len(outside) == 0 {
		return nil, "", "no samples"
	}
	return radix.Falling(r.Confidence.Order(), outside), "of out-of-distribution samples", ""
}

// confidenceStatistic makes a metric of a number computed from the confidences, sorted
// from the largest down.
func confidenceStatistic(least int, of func(falling []float64) (float64, string)) func(*Ranked, float64) Estimate {
	return func(r *Ranked, _ float64) Estimate {
		rows, note, why := described(r)
		if why == "" && len(rows) < least {
			why = fewerThanTwo
		}
		if why != "" {
			return undefined(len(rows), why)
		}
		v, why := of(gather(r.Confidence.Value, rows))
		if why != "" {
			return undefined(len(rows), why)
		}
		e := point(v, len(rows))
		if note != "" {
			e.Notes = append(e.Notes, note)
		}
		return e
	}
}

var (
	confidenceMedian   = confidenceStatistic(1, lowerMedian)
	confidenceVariance = confidenceStatistic(2, variance)
	confidenceGini     = confidenceStatistic(1, giniCoefficient)
)

// lowerMedian is the middle value, or the smaller of the two middle values.
func lowerMedian(falling []float64) (float64, string) { return falling[len(falling)/2], "" }

// variance is the unbiased variance. An infinite value makes it undefined.
func variance(x []float64) (float64, string) {
	if v := sums.Variance(x); !math.IsNaN(v) {
		return v, ""
	}
	return math.NaN(), "infinite confidences have no variance"
}

// giniCoefficient is half the mean difference of two values, over their mean.
func giniCoefficient(falling []float64) (float64, string) {
	switch n := len(falling); {
	case falling[n-1] < 0:
		return math.NaN(), "the Gini coefficient is of values that are not negative"
	case falling[0] == 0:
		return math.NaN(), "every confidence is 0"
	case math.IsInf(falling[0], 1):
		return math.NaN(), "infinite confidences have no Gini coefficient"
	}
	return sums.Gini(falling), ""
}

// scored makes a metric of the mean score of the confidences as probabilities of
// being right.
func scored(score func(confidence float64, right bool) float64) func(*Ranked, float64) Estimate {
	return func(r *Ranked, _ float64) Estimate {
		if why := uncalibrated(r); why != "" {
			return undefined(r.N(), why)
		}
		var total sums.Sum
		for _, i := range r.Order {
			total.Add(score(r.Confidence.Value[i], r.Outcomes.Correct[i]))
		}
		return point(total.Value()/float64(r.N()), r.N())
	}
}

// Confidences of 0 and 1 are moved by this much before the logarithm is taken.
const (
	failShift  = 1e-7
	binaryClip = 1e-15
)

var (
	brierTop = scored(func(c float64, right bool) float64 {
		d := c - float64(count(right))
		return float64(d * d)
	})
	binaryNLL = scored(func(c float64, right bool) float64 {
		return -math.Log(outcome(math.Min(math.Max(c, binaryClip), 1-binaryClip), right))
	})
	failNLL = scored(func(c float64, right bool) float64 {
		return -math.Log(outcome(math.Min(c, 1), right) + failShift)
	})
)

// outcome is the probability that a confidence gives to what happened.
func outcome(c float64, right bool) float64 {
	if right {
		return c
	}
	return 1 - c
}

// brierHalf is half of brier.
func brierHalf(r *Ranked, _ float64) Estimate { return times(brierScore(r, 0), 0.5) }

// brierMean is brier over the number of classes.
func brierMean(r *Ranked, _ float64) Estimate {
	return times(brierScore(r, 0), 1/float64(max(1, r.Outcomes.Classes)))
}

func times(e Estimate, by float64) Estimate {
	e.Value *= by
	return e
}

// nllUnfloored is the mean of -ln p(label) for probabilities as stored, however
// small.
func nllUnfloored(r *Ranked, _ float64) Estimate {
	return vectorLoss(r, func(row []float64, label int32) float64 { return -math.Log(row[label]) })
}

// nllRenormalised clips probabilities to the precision of float64 and divides
// each row by its sum first.
func nllRenormalised(r *Ranked, _ float64) Estimate {
	const precision = 0x1p-52
	clip := func(p float64) float64 { return math.Min(math.Max(p, precision), 1-precision) }
	return vectorLoss(r, func(row []float64, label int32) float64 {
		total := 0.0
		for _, p := range row {
			total += clip(p)
		}
		return -math.Log(clip(row[label]) / total)
	})
}

// vectorLoss is the mean of a loss of the class vectors.
func vectorLoss(r *Ranked, of func(row []float64, label int32) float64) Estimate {
	o := r.Outcomes
	switch {
	case r.N() == 0:
		return undefined(0, noSamples)
	case o.Vectors == nil:
		return undefined(r.N(), vectorsNotKept)
	}
	loss := make([]float64, o.N())
	for _, i := range r.Order {
		loss[i] = of(o.Vector(int(i)), o.Label[i])
	}
	return mean(loss, r.Order)
}
