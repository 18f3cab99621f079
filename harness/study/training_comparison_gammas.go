package study

import (
	"strconv"
)

// leastGammaSpread is the standard deviation between samples that the notes of gamma-Net's paper expect at least.
const leastGammaSpread = 0.5

// gammas puts to the numbers that gamma-Net's exponents vary between samples. They do not depend on test rows.
func (c *comparison) gammas(regime string, e *Experiment) {
	members := c.members(regime)
	g := GammaSpread{Regime: regime, Least: leastGammaSpread}
	for _, seed := range sortedKeys(members) {
		deviation, err := strconv.ParseFloat(members[seed].meta.Get("gamma-std"), 64)
		if err != nil {
			continue // the regime has no gamma-Net
		}
		mean, _ := strconv.ParseFloat(members[seed].meta.Get("gamma-mean"), 64)
		g.Deviations, g.Means = append(g.Deviations, deviation), append(g.Means, mean)
	}
	if len(g.Deviations) == 0 {
		return
	}
	over := make([]float64, len(g.Deviations))
	for i, d := range g.Deviations {
		over[i] = d - g.Least
	}
	p := pairedMean(over, make([]float64, len(over)), c.folder.level)
	g.Verdict = TrainingRule{Relation: Rises}.judge(p)
	g.Mean, g.In = p.Mean+g.Least, Bounds{p.Mean + g.Least - p.Reach, p.Mean + g.Least + p.Reach}
	e.find(Finding{Claim: g, N: len(over), Of: Seeds, Headline: true,
		Basis: Basis{Intervals: []Interval{{Method: StudentOverSeeds, Level: c.folder.level, Over: NewModels, Units: len(over)}}}})
}
