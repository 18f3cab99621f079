package guarantee

import (
	"math"

	"abstain/metrics/stattest"
)

// Rows says how many labelled rows a promise needs, for a model that accepts a share of
// them with a given risk: a plug-in, which takes both for known.
type Rows struct {
	// First is the least number of rows with which the expected number of errors, rounded
	// up, passes. More rows may fail again, as whole errors come in steps.
	First int
	// FromOn is the number from which on it passes.
	FromOn int
	// Likely is the number from which on the test passes with probability 0.8.
	Likely int
}

// likely is the probability of Rows.Likely.
const likely = 0.8

// RowsFor is how many rows are needed to promise a risk at a level by a threshold that
// accepts the share coverage of the rows, of which the share plugIn is wrong. For
// LearnThenTest the level is delta/2. All are 0 where plugIn is not below risk: then no
// number of rows promises it. coverage lies in (0, 1], the others in (0, 1), plugIn may be 0.
//
// Errors are counted one by one, by exact tails, where up to some thousand of them are.
// Their number grows with 1/(risk-plugIn)^2: beyond that rows are those of the normal tail, with
// a correction for whole errors; First then is FromOn, and no number is above 2^31.
func RowsFor(coverage, plugIn, risk, level float64) Rows {
	if !(plugIn >= 0 && plugIn < risk && risk < 1 && level > 0 && level < 1 && coverage > 0 && coverage <= 1) {
		return Rows{}
	}
	tail := stattest.NormalQuantile(1-level) * math.Sqrt(risk*(1-risk))
	if m := math.Pow(tail/(risk-plugIn), 2); m*risk > mostExact {
		return normalRows(coverage, plugIn, risk, tail)
	}
	p := plan{plugIn: plugIn, risk: risk, level: level}
	first, from := p.expected()
	all := func(m int) int { return int(math.Ceil(float64(m)/coverage - 1e-9)) } // rows of which m are accepted
	return Rows{First: all(first), FromOn: all(from), Likely: all(p.likely())}
}

// mostExact is the number of errors beyond which RowsFor takes the normal tail, which is then off
// by about a hundredth at most.
const mostExact = 1500

// normalRows are the rows by the normal tail: m rows pass where their errors, and a half more,
// lie tail roots of m below m risk. tail is the reach of the test times the deviation of one row.
func normalRows(coverage, plugIn, risk, tail float64) Rows {
	gap := risk - plugIn
	// m gap - half = reach sqrt(m) is a quadratic in sqrt(m).
	rows := func(reach, half float64) int {
		root := (reach + math.Sqrt(reach*reach+4*gap*half)) / (2 * gap)
		return int(math.Ceil(math.Min(root*root/coverage, math.MaxInt32)))
	}
	from := rows(tail, 0.5) // the expected number is rounded up, by a half on average
	return Rows{First: from, FromOn: from, Likely: rows(tail+stattest.NormalQuantile(likely)*math.Sqrt(plugIn*(1-plugIn)), 0)}
}

// plan counts accepted rows. The least number of them that passes with so many errors is
// kept for each number of errors.
type plan struct {
	plugIn, risk, level float64
	passing             []int
}

// least is the least number of rows that passes with so many errors.
func (p *plan) least(errors int) int {
	for len(p.passing) <= errors {
		e := len(p.passing)
		if e == 0 {
			p.passing = append(p.passing, Need(p.risk, p.level))
			continue
		}
		// It grows by about 1/risk with each error.
		low, high := p.passing[e-1], p.passing[e-1]+1
		for BinomialP(e, high, p.risk) > p.level {
			low, high = high, high+(high-p.passing[e-1])*2
		}
		for high-low > 1 {
			if m := (low + high) / 2; BinomialP(e, m, p.risk) <= p.level {
				high = m
			} else {
				low = m
			}
		}
		p.passing = append(p.passing, high)
	}
	return p.passing[errors]
}

// settled is how many numbers of errors in a row have to pass wholly before all more do:
// what is left after the first grows with the number, but for rounding.
const settled = 20

// expected is the least number of accepted rows that passes with the expected number of
// errors, rounded up, and that from which on all do.
func (p *plan) expected() (first, from int) {
	if p.plugIn == 0 {
		return p.least(0), p.least(0)
	}
	from = 1
	for e, passed := 1, 0; passed < settled; e++ {
		// The rows on which e errors are expected, from low to high.
		low := int(float64(e-1)/p.plugIn+1e-9) + 1
		high := int(float64(e)/p.plugIn + 1e-9)
		least := p.least(e)
		if first == 0 && least <= high {
			first = max(low, least)
		}
		switch {
		case low > high:
		case least > low:
			from, passed = min(least, high+1), 0
		default:
			passed++
		}
	}
	return first, from
}

// likely is the number of accepted rows from which on the test passes with probability
// 0.8, if each is wrong with probability plugIn.
func (p *plan) likely() int {
	from := p.least(0)
	for e, passed := 0, 0; passed < settled; e++ {
		most := p.least(e+1) - 1 // rows, the most at which e errors are the most that pass
		if most < p.least(e) {
			continue
		}
		if p.plugIn > 0 && BinomialP(e, most, p.plugIn) < likely {
			from, passed = most+1, 0
		} else {
			passed++
		}
	}
	return from
}
