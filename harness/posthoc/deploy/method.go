package deploy

import (
	"fmt"
	"math"
	"strings"

	"abstain/metrics/guarantee"
)

// Method is a way to choose a threshold.
type Method struct {
	ID         string
	Definition string
	Source     string
	// Joint says that the method bounds the share of all rows that are answered and wrong;
	// otherwise it bounds the share of wrong ones among the answered, the selective risk.
	Joint bool
	// Average says that the promise holds on average over draws of the calibration rows and
	// there is no delta; None that there is no promise.
	Average, None bool

	choose func(c guarantee.Curve, risk, delta float64) (guarantee.Choice, error)
	// least is the least risk that n rows can promise, all of them right.
	least func(n int, delta float64) float64
	// starts is into how many tests delta is shared out; 0 where that depends on the rows.
	starts int
}

// Methods lists the methods, the default one first.
func Methods() []Method {
	return []Method{
		{
			ID: "ltt", Definition: "fixed-sequence tests by the exact binomial tail, two starts over 50 counts of answered rows",
			Source: "Angelopoulos et al. 2022 (Learn then Test)", starts: guarantee.DefaultStarts,
			choose: guarantee.LearnThenTest, least: starts(guarantee.DefaultStarts),
		},
		{
			ID: "one-start", Definition: "the same with one start, which a few confident errors can stop early",
			Source: "Angelopoulos et al. 2022 (Learn then Test)", starts: 1, least: starts(1),
			choose: func(c guarantee.Curve, risk, delta float64) (guarantee.Choice, error) {
				return guarantee.LearnThenTestCounts(c, risk, delta, 1, guarantee.DefaultCounts)
			},
		},
		{
			ID: "sgr", Definition: "binary search by the exact binomial tail; proved where risk falls as confidence rises",
			Source: "Geifman and El-Yaniv 2017", choose: guarantee.SGR, least: guarantee.LeastRiskSGR,
		},
		{
			ID: "rcps", Definition: "upper bound, by the exact binomial tail, of the share answered and wrong", Joint: true,
			Source: "Bates et al. 2021 (risk-controlling prediction sets)", starts: 1, choose: guarantee.RCPS, least: starts(1),
		},
		{
			ID: "crc", Definition: "conformal risk control of the share answered and wrong: (errors+1)/(n+1)", Joint: true, Average: true,
			Source: "Angelopoulos et al. 2024 (conformal risk control)",
			choose: func(c guarantee.Curve, risk, _ float64) (guarantee.Choice, error) { return guarantee.CRC(c, risk) },
			least:  func(n int, _ float64) float64 { return 1 / float64(n+1) },
		},
		{
			ID: "empirical", Definition: "the largest coverage whose observed risk is at most that; no promise", None: true,
			choose: empirical, least: func(int, float64) float64 { return 0 },
		},
	}
}

// MethodNamed finds a method by its id.
func MethodNamed(id string) (Method, error) {
	var ids []string
	for _, m := range Methods() {
		if m.ID == id {
			return m, nil
		}
		ids = append(ids, m.ID)
	}
	return Method{}, fmt.Errorf("unknown method %q; there are %s", id, strings.Join(ids, ", "))
}

func starts(n int) func(int, float64) float64 {
	return func(rows int, delta float64) float64 { return guarantee.LeastRisk(rows, delta, n) }
}

// empirical is the threshold of largest coverage whose observed risk is at most the given one.
func empirical(c guarantee.Curve, risk, _ float64) (guarantee.Choice, error) {
	choice := guarantee.Choice{N: c.N(), Above: math.Inf(1), AtLeast: math.Inf(1), Bound: math.NaN(), Level: math.NaN()}
	for g := len(c.Accepted) - 1; g >= 0; g-- {
		if float64(c.Errors[g])/float64(c.Accepted[g]) > risk {
			continue
		}
		choice.Feasible, choice.Accepted, choice.Errors = true, c.Accepted[g], c.Errors[g]
		choice.AtLeast, choice.Above = c.Confidence[g], math.Inf(-1)
		if g+1 < len(c.Confidence) {
			choice.Above = c.Confidence[g+1]
		}
		break
	}
	return choice, nil
}

// level is the level of one test of the method on these rows; 0 if it has none.
func (m Method) level(c guarantee.Choice, delta float64) float64 {
	switch {
	case m.Average || m.None:
		return 0
	case m.starts > 0:
		return delta / float64(m.starts)
	case c.Level > 0:
		return c.Level
	}
	return delta
}
