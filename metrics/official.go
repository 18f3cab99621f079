package metrics

import (
	"math"
	"slices"

	"abstain/metrics/calibration"
	"abstain/metrics/internal/sums"
)

// What the code of the comparison of 523 ImageNet classifiers returns (Galil,
// Dabbah and El-Yaniv 2023, github.com/IdoGalil), quirks included, so that its
// tables can be reproduced to the last printed digit. Samples of equal
// confidence stand in the order of the rows, most trusted first: tables that are
// joined on sample ids are in the order of these. That code sorts without
// keeping such samples in order, so that its own figures on tables with ties
// vary from one version of its libraries to the next.

// accuracyGalil is the accuracy in percent, divided in float32.
func accuracyGalil(r *Ranked, _ float64) Estimate {
	n := r.All()
	if n == 0 {
		return undefined(0, noSamples)
	}
	return point(100*float64(float32(r.N()-r.Errors)/float32(n)), n)
}

// aurocGalil breaks ties by the order of the rows.
func aurocGalil(r *Ranked, _ float64) Estimate { return byRow(r, auroc) }

// aurcGalil is the mean of the risks of all prefixes, with ties in the order of
// the rows.
func aurcGalil(r *Ranked, _ float64) Estimate { return byRow(r, aurc) }

// eaurcGalil is aurcGalil minus the optimum for infinitely many samples.
func eaurcGalil(r *Ranked, _ float64) Estimate {
	if r.N() > 0 && r.Errors == r.N() {
		return undefined(r.N(), allWrong) // that code computes 0 ln 0 here
	}
	return byRow(r, eaurcContinuous)
}

func byRow(r *Ranked, of func(*Ranked, float64) Estimate) Estimate { return of(r.rowByRow(), 0) }

// sacGalil starts its search at row 200.
func sacGalil(r *Ranked, accuracy float64) Estimate { return CoverageGalil2023(r, accuracy, 200) }

// CoverageGalil2023 is the coverage that the official code reports for an
// accuracy. It looks for the first place, from place start on, at which the
// accuracy so far falls below the given one, and divides that place, counted from
// 0, by n + 1. If that is place start itself, or if there is none, it takes the
// first such place of all. If there is none at all, the result is 0, so a model
// that is accurate enough at full coverage gets 0. The result is in [0, 1). It is
// undefined, where that code fails, if there are no more than start samples.
func CoverageGalil2023(r *Ranked, accuracy float64, start int) Estimate {
	why := unranked(r)
	if why == "" && r.N() <= start {
		why = "the official code needs more samples than the row it starts at"
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	first, later := firstBelow(r, accuracy, 0), firstBelow(r, accuracy, start)
	if later > start {
		first = later
	}
	return point(float64(first)/float64(r.N()+1), r.N())
}

// firstBelow is the first place, from place from on, at which the accuracy so far
// is below the given one; place from itself if there is none.
func firstBelow(r *Ranked, accuracy float64, from int) int {
	right := 0
	for j, i := range r.Order {
		right += count(r.Outcomes.Correct[i])
		if j >= from && float64(right)/float64(j+1) < accuracy {
			return j
		}
	}
	return from
}

// eceGalil and mceGalil have right-closed bins with edges in float32; an exact 0
// is in no bin, but counts among the samples. MCE is -1 if all bins are empty.
func eceGalil(r *Ranked, bins float64) Estimate {
	return officialBins(r, calibration.Edges32(int(bins)), calibration.L1)
}

func mceGalil(r *Ranked, bins float64) Estimate {
	return officialBins(r, calibration.Edges32(int(bins)), calibration.Largest)
}

// eceAdaptiveGalil has an edge at every (n div (bins-1))-th confidence, rising,
// the first replaced by 0 and the last by the largest confidence.
func eceAdaptiveGalil(r *Ranked, bins float64) Estimate {
	why := uncalibrated(r)
	step := r.N() / max(1, int(bins)-1)
	if why == "" && (step == 0 || bins < 2) {
		why = "the official code needs at least as many samples as inner edges"
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	var edges []float64
	for j := 0; j < r.N(); j += step {
		edges = append(edges, float64(float32(r.Confidence.Value[r.Order[r.N()-1-j]])))
	}
	edges[0] = 0
	edges[len(edges)-1] = float64(float32(r.Confidence.Value[r.Order[0]]))
	return officialBins(r, edges, calibration.L1)
}

// officialBins puts confidences into bins (lo, hi] between the given edges, which
// rise. A confidence outside all edges is in no bin.
func officialBins(r *Ranked, edges []float64, norm calibration.Norm) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	confidence, correct := take(r.Confidence.Value, r.Order), take(r.Outcomes.Correct, r.Order)
	bins := calibration.Between(confidence, correct, edges)
	if norm == calibration.Largest && !slices.ContainsFunc(bins, func(b calibration.Bin) bool { return b.N > 0 }) {
		return point(-1, r.N())
	}
	return point(norm.Of(bins, r.N()), r.N())
}

// giniGalil shifts negative confidences up to 0 and adds 1e-7 to all. The
// official code shifts them in place, so whatever it computes afterwards uses the
// shifted confidences.
var giniGalil = confidenceStatistic(1, func(falling []float64) (float64, string) {
	least := math.Min(falling[len(falling)-1], 0)
	if math.IsInf(least, 0) || math.IsInf(falling[0], 0) {
		return math.NaN(), "infinite confidences have no Gini coefficient"
	}
	shifted := slices.Clone(falling)
	for i := range shifted {
		shifted[i] = (shifted[i] - least) + 0.0000001
	}
	return sums.Gini(shifted), ""
})
