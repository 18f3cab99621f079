package metrics

import (
	"math"

	"abstain/metrics/sets"
)

// Metrics of prediction sets: of outcomes whose table answers with a set of classes for
// each sample in place of one class (Outcomes.SetSize). They are over the in-distribution
// samples that are answered.

// noAim is that of the sets out of credal sets.
const noAim = "these sets aim at no coverage of the label"

const noSets = "the table has no prediction sets: abstain run --sets makes them"

// HasSets reports whether the samples have prediction sets.
func (o *Outcomes) HasSets() bool { return o.SetSize != nil && o.SetHolds != nil }

// setsOf are the sets of the ranked samples, in their order.
func setsOf(r *Ranked) *sets.Sets {
	o := r.Outcomes
	s := &sets.Sets{Classes: o.Classes, Size: take(o.SetSize, r.Order), Covered: take(o.SetHolds, r.Order)}
	if s.Label = take(o.Label, r.Order); s.Label == nil { // only whether it is held is known
		s.Label = make([]int32, len(s.Size))
	}
	return s
}

// ofSets makes a metric of sets; why says that it is undefined where its value is NaN.
func ofSets(why string, of func(s *sets.Sets, alpha float64) (value float64, n int)) func(*Ranked, float64) Estimate {
	return func(r *Ranked, _ float64) Estimate {
		switch {
		case !r.Outcomes.HasSets():
			return undefined(r.N(), noSets)
		case r.N() == 0:
			return undefined(0, noSamples)
		}
		v, n := of(setsOf(r), r.Outcomes.SetAlpha)
		switch {
		case math.IsNaN(v) && math.IsNaN(r.Outcomes.SetAlpha):
			return undefined(n, noAim)
		case math.IsNaN(v):
			return undefined(n, why)
		}
		return point(v, n)
	}
}

// meanOverSets is the mean of a number over all sets.
func meanOverSets(of func(s *sets.Sets) float64) func(*Ranked, float64) Estimate {
	return ofSets(noSamples, func(s *sets.Sets, _ float64) (float64, int) { return of(s), len(s.Size) })
}

var (
	setCoverage   = meanOverSets((*sets.Sets).Coverage)
	setSize       = meanOverSets((*sets.Sets).MeanSize)
	setSingletons = meanOverSets((*sets.Sets).SingletonShare)
	setEmpty      = meanOverSets((*sets.Sets).Empty)

	setSingletonAccuracy = ofSets("no set is a single class", func(s *sets.Sets, _ float64) (float64, int) {
		e := s.SingletonAccuracyIn(0.95)
		return e.Value, e.N
	})
	setSizeViolation = ofSets(noSamples, func(s *sets.Sets, alpha float64) (float64, int) {
		return s.SizeViolation(alpha, nil), len(s.Size)
	})
	setClassGap   = ofSets(noSamples, func(s *sets.Sets, alpha float64) (float64, int) { return s.ClassGap(alpha), len(s.Size) })
	setWorstClass = ofSets(noSamples, func(s *sets.Sets, _ float64) (float64, int) {
		e := s.WorstClassIn(0.95)
		return e.Value, e.N
	})
)
