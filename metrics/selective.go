package metrics

import (
	"fmt"
	"math"
	"sort"

	"abstain/metrics/internal/sums"
)

// Metrics of selective prediction: the risk if only the most trusted samples are
// answered.

// aurc is the mean over k = 1..n of the selective risk of the k most trusted
// samples, expected over random order inside groups of equal confidence.
func aurc(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(r.sweep.risk.Value()/float64(r.N()), r.N())
}

// oracleRisk is the sum of selective risks of the same errors ranked perfectly.
// Its terms are those of sweep.risk, so that a perfect ranking differs from it
// by exactly 0.
func oracleRisk(n, errors int) sums.Unit {
	var area sums.Unit
	for j := 1; j <= errors; j++ {
		area.Add(float64(j) / float64(n-errors+j))
	}
	return area
}

// eaurc is the AURC minus that of a perfect ranking of the same errors.
func eaurc(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(r.sweep.risk.Less(oracleRisk(r.N(), r.Errors))/float64(r.N()), r.N())
}

// naurc is the E-AURC divided by that of random confidence: 0 is perfect, 1 is chance.
func naurc(r *Ranked, _ float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	best := oracleRisk(r.N(), r.Errors)
	return point(r.sweep.risk.Less(best)/sums.Ones(r.Errors).Less(best), r.N())
}

// augrc is the area under the generalised risk, the number of errors so far over
// the number of all samples. It is summed by trapezoids from (0, 0) over the ends
// of groups, in integers: twice the area in units of 1/n^2.
func augrc(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	n := int64(r.N())
	return point(float64(r.sweep.general)/float64(2*n*n), r.N())
}

// sac is the largest coverage with at least the given selective accuracy.
func sac(r *Ranked, target float64) Estimate {
	return largestCoverage(r, 1-target, func(n, wrong int) bool {
		return float64(n-wrong)/float64(n) >= target
	})
}

// coverageAtRisk is the largest coverage with at most the given selective risk.
func coverageAtRisk(r *Ranked, limit float64) Estimate {
	return largestCoverage(r, limit, func(n, wrong int) bool {
		return float64(wrong)/float64(n) <= limit
	})
}

// largestCoverage is the largest coverage for which ok accepts the numbers of
// accepted samples and of errors among them; 0 if there is none. ok must compare
// quotients, not products: then 19/20 >= 0.95 is true, because both round to the
// same number. limit is the risk that ok stands for. Where the risk is above it
// by more than rounding, the search skips coverages that would be too large even
// if every sample left out were an error.
func largestCoverage(r *Ranked, limit float64, ok func(n, wrong int) bool) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	const slack = 1e-9
	wrongs := r.Wrong[:len(r.Ends)]
	for g := len(wrongs) - 1; g >= 0; g-- {
		end, wrong := r.Ends[g], wrongs[g]
		if float64(wrong) > (limit+slack)*float64(end) {
			most := int32(float64(end-wrong) / (1 - limit - slack))
			for g = min(g, int(most)); g > 0 && r.Ends[g-1] > most; g-- {
			}
			continue
		}
		if ok(int(end), int(wrong)) {
			return point(float64(end)/float64(r.All()), r.All())
		}
	}
	e := point(0, r.All())
	e.Notes = append(e.Notes, "no coverage meets the target")
	return e
}

// riskAt is the selective risk at the smallest coverage that is at least the given one.
func riskAt(r *Ranked, coverage float64) Estimate {
	n, wrong, why := acceptedAt(r, coverage)
	if why != "" {
		return undefined(r.N(), why)
	}
	return point(float64(wrong)/float64(n), r.N())
}

// selectiveAccuracy is the accuracy at the same coverage.
func selectiveAccuracy(r *Ranked, coverage float64) Estimate {
	n, wrong, why := acceptedAt(r, coverage)
	if why != "" {
		return undefined(r.N(), why)
	}
	return point(float64(n-wrong)/float64(n), r.N())
}

// acceptedAt counts the samples and errors accepted at the highest threshold
// that accepts at least the given share of all.
func acceptedAt(r *Ranked, coverage float64) (n, wrong int, why string) {
	if why := unranked(r); why != "" {
		return 0, 0, why
	}
	all := float64(r.All())
	g := sort.Search(len(r.Ends), func(g int) bool { return float64(r.Ends[g])/all >= coverage })
	switch {
	case g < len(r.Ends):
	case r.Unanswered > 0:
		return 0, 0, fmt.Sprintf("the model answers %d of %d samples, which is no coverage of %v", r.N(), r.All(), coverage)
	default:
		return r.N(), r.Errors, ""
	}
	return int(r.Ends[g]), int(r.Wrong[g]), ""
}

// Perfect is the AURC of a perfect ranking of the given number of errors among n
// samples; NaN if n is 0. E-AURC is the AURC minus this.
func Perfect(n, errors int) float64 {
	if n == 0 {
		return math.NaN()
	}
	return oracleRisk(n, errors).Value() / float64(n)
}
