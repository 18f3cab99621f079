package metrics

import (
	"fmt"

	"abstain/metrics/internal/sums"
)

// prr is the prediction-rejection ratio: how much of what a perfect ranking of the errors
// would gain over a random one the confidence gains, on average over the rejection of
// fewer than m samples, m being the given share of all.
func prr(r *Ranked, share float64) Estimate {
	why := oneClass(r)
	m := Rejected(r.N(), share)
	if why == "" && m < 2 {
		why = fmt.Sprintf("%v of %d samples is too few to reject any", share, r.N())
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	n := r.N()
	random := float64(m) * (float64(r.Errors) / float64(n))
	best := oracleRiskFrom(n, r.Errors, n-m).Value()
	return point((random-r.riskFrom(n-m).Value())/(random-best), n)
}

// Rejected is the given share of n samples in whole ones, rounded down; 29 % of 100 are 29.
func Rejected(n int, share float64) int { return int(share*float64(n) + 1e-9) }

// riskFrom is the sum of the expected selective risks of the prefixes of more than from
// samples.
func (r *Ranked) riskFrom(from int) sums.Unit {
	var area sums.Unit
	for g := len(r.Ends) - 1; g >= 0 && int(r.Ends[g]) > from; g-- {
		t := r.group(g)
		share := float64(t.wrong) / float64(t.size)
		for j := t.size; j > 0 && t.before+j > from; j-- {
			wrong := float64(t.wrongBefore) + float64(float64(j)*share)
			area.Add(wrong / float64(t.before+j))
		}
	}
	return area
}

// oracleRiskFrom is riskFrom of the same errors ranked perfectly.
func oracleRiskFrom(n, errors, from int) sums.Unit {
	var area sums.Unit
	for k := max(from, n-errors) + 1; k <= n; k++ {
		area.Add(float64(k-n+errors) / float64(k))
	}
	return area
}
