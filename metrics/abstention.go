package metrics

import (
	"fmt"
	"slices"
)

// Metrics of answers withheld: a model that says "I do not know" has abstained by itself,
// before any threshold. How often it does, how well it does where it answers, and whether
// it abstains where it should.

const (
	noAnswers     = "the model answered no sample"
	neverAbstains = "the model answered every sample"
	noneShould    = "no sample should be abstained from"
	noneAbstained = "no sample is abstained from, and none should be"
	noShould      = "the table has no column should_abstain"
	noRows        = "no samples"
)

// answered is the share of in-distribution samples that the model answered: the largest
// coverage there is.
func answered(r *Ranked, _ float64) Estimate {
	if r.All() == 0 {
		return undefined(0, noSamples)
	}
	return point(float64(r.N())/float64(r.All()), r.All())
}

// answeredAccuracy is the share of right answers among the answers.
func answeredAccuracy(r *Ranked, _ float64) Estimate {
	n := r.N()
	if n == 0 {
		return undefined(0, noSamples)
	}
	return point(float64(n-r.Errors)/float64(n), n)
}

// Abstentions counts the samples of a table, those of no known class too, by whether the
// model abstained and whether it should have.
type Abstentions struct {
	Both    int // abstained and should have
	Only    int // abstained and should not have
	Missing int // did not abstain and should have
}

// AbstentionsOf counts; it is false if the table does not say where to abstain.
func AbstentionsOf(o *Outcomes) (a Abstentions, ok bool) {
	if o.ShouldAbstain == nil {
		return a, false
	}
	for i, should := range o.ShouldAbstain {
		switch did := !o.Answered(i); {
		case did && should:
			a.Both++
		case did:
			a.Only++
		case should:
			a.Missing++
		}
	}
	return a, true
}

// abstention makes a metric of the counts, the share part/whole of samples. empty says
// why there are none.
func abstention(of func(a Abstentions) (part, whole int), empty string) func(*Ranked, float64) Estimate {
	return func(r *Ranked, _ float64) Estimate {
		a, ok := AbstentionsOf(r.Outcomes)
		part, whole := of(a)
		switch {
		case r.Outcomes.N() == 0:
			return undefined(0, noRows)
		case !ok:
			return undefined(r.Outcomes.N(), noShould)
		case whole == 0:
			return undefined(0, empty)
		}
		return point(float64(part)/float64(whole), whole)
	}
}

var (
	abstentionPrecision = abstention(func(a Abstentions) (int, int) { return a.Both, a.Both + a.Only }, neverAbstains)
	abstentionRecall    = abstention(func(a Abstentions) (int, int) { return a.Both, a.Both + a.Missing }, noneShould)
)

// abstentionF1 is the harmonic mean of the two, whose samples are those abstained from or
// that should have been.
func abstentionF1(r *Ranked, _ float64) Estimate {
	of := abstention(func(a Abstentions) (int, int) { return 2 * a.Both, 2*a.Both + a.Only + a.Missing }, noneAbstained)
	e := of(r, 0)
	if a, ok := AbstentionsOf(r.Outcomes); ok {
		e.N = a.Both + a.Only + a.Missing
	}
	return e
}

// leavingOut has metrics say how many samples they leave out for want of an answer.
func leavingOut(rows []Metric) []Metric {
	for i := range rows {
		m := &rows[i]
		if m.OfAll {
			continue
		}
		of := m.Of
		m.Of = func(r *Ranked, at float64) Estimate {
			e := of(r, at)
			switch {
			case r.Unanswered == 0:
			case e.Defined():
				e.Notes = append(slices.Clip(e.Notes), fmt.Sprintf("%d of %d samples are not answered and left out", r.Unanswered, r.All()))
			case r.N() == 0:
				e.Notes = []string{noAnswers}
			}
			return e
		}
	}
	return rows
}
