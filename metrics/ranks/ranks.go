package ranks

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"abstain/metrics"
)

// Options says how confidence sets for ranks are built. The zero value
// takes the defaults, and lower values to be better.
type Options struct {
	Better metrics.Direction // metrics.Higher: the largest value has rank 1; otherwise the smallest
	Level  float64           // coverage, in [0.5, 1); 0 means DefaultRankLevel
	Draws  int               // draws of the estimates' joint error, at least 100; 0 means DefaultDraws
	Seed   uint64            // of the draws

	// TooFew says that the samples are too few to prove any order, whatever their
	// error seems to be: then no two models are told apart.
	TooFew bool

	// Evidence says what differences are worth where the error is not as normal as the
	// noise is; nil for what they are in its standard errors.
	Evidence Evidence

	// Marginal asks for the marginal sets, which cost as much as a comparison of all models
	// with all for every draw: some seconds for 500 models, and their square.
	Marginal bool

	// Parallel calls do(0) ... do(n-1), at once if it can, and returns when all
	// have returned. Nil does them one after the other. The sets do not depend on it.
	Parallel func(n int, do func(i int))
}

// Evidence stands between estimates that are not nearly normal, for want of errors, say,
// and the comparisons, which are of normal variables. Models are meant by index.
type Evidence interface {
	// Values are those that the noise is the error of: the estimates on another scale
	// that rises with them.
	Values() []float64
	// Strength is what a difference of z > 0 standard errors of the noise is worth, in
	// those of a normal variable: at most z, and more for a larger z.
	Strength(i, j int, z float64) float64
	// Interval is that of the estimate of i less that of j, exceeded as rarely as a normal
	// variable exceeds critical standard errors; NaN where there is none.
	Interval(i, j int, critical float64) (lo, hi float64)
}

// DefaultDraws is the number of draws if none is asked for. The level of 95 % that
// the sets are built for then has a standard error of 0.22 points: see LevelError.
const DefaultDraws = 10000

// DefaultLevel is the coverage if none is asked for.
const DefaultLevel = 0.95

// Interval is a set of ranks: from Lo to Hi, 1 = best, both included.
type Interval struct{ Lo, Hi int }

// Set is what the data say about the rank of one model among all.
type Set struct {
	Rank         int      // of the point values: 1 + the number of better ones, so equal values share it
	Marginal     Interval // covers the true rank of this model at the level; zero if not asked for
	Simultaneous Interval // covers the true ranks of all models at once at the level
}

// Sets are confidence sets for the ranks of models, in the order of the
// values they were made from, and the proven differences behind them.
type Sets struct {
	Sets  []Set
	Level float64
	Draws int

	// Critical is how many standard errors apart two models had to be in the
	// first and in the last step; NaN if there was no pair to compare.
	Critical, LastCritical float64
	Steps                  int // of the step-down over all pairs

	values []float64 // larger is better
	place  []int     // of each model, in over
	over   []uint64  // places x places: the first is proven better than the second, all pairs considered; a bit each
	words  int       // of a row of over

	lower    bool // smaller values of the metric are better: values are negated
	tooFew   bool
	evidence Evidence
	noise    *Noise

	alone alones // comparisons with one model
}

// New builds confidence sets for the ranks of models from the estimates x of
// one metric and the joint sampling error of these estimates, both in the same
// order. Estimates have to be nearly normal and numbers: models without a value
// are left out by the caller.
//
// Two models are told apart if their difference, in its standard errors,
// exceeds a quantile of the largest such difference that error alone makes in a
// family of comparisons: the comparisons of one model with each other one for
// its marginal set, those of all models with all for the simultaneous sets. What
// is told apart leaves the family, the quantile shrinks, and the comparison is
// repeated until nothing changes (step-down). A model's set runs from one more
// than the number of models proven better to the number of those not proven
// worse, itself included. With true ties the set covers, at the level, every
// rank that breaking the ties could give.
//
// This is valid however near the models are to being tied, unlike intervals
// from bootstrapping the ranks themselves, which are too short then. Source:
// Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks, Review of Economic
// Studies 91 (2024); two-sided, step-down, as in their R package csranks.
//
// A pair whose difference has no sampling error that float64 could show is told
// apart only if the models themselves have none and differ in value.
//
// The errors of all models are drawn at once and held while the sets are built: 4 bytes
// for each model and draw, so 21 MB for 523 models and the default number of draws,
// and 2 bytes for each pair of models. What is kept takes a bit for each pair, and the noise.
func New(x []float64, noise *Noise, o Options) (*Sets, error) {
	if err := o.fill(); err != nil {
		return nil, err
	}
	if len(x) != noise.Models() {
		return nil, fmt.Errorf("ranks: %d values, but the sampling error of %d models", len(x), noise.Models())
	}
	values, err := o.falling(x)
	if err != nil {
		return nil, err
	}
	sets := &Sets{Sets: make([]Set, len(x)), Level: o.Level, Draws: o.Draws, values: values,
		Critical: math.NaN(), LastCritical: math.NaN(), lower: o.Better != metrics.Higher}
	compared := values
	switch {
	case o.TooFew:
		compared = make([]float64, len(values))
	case o.Evidence != nil:
		if compared, err = o.falling(o.Evidence.Values()); err != nil {
			return nil, err
		}
	}
	sets.tooFew, sets.evidence, sets.noise = o.TooFew, o.Evidence, noise
	if len(x) == 0 {
		return sets, nil
	}
	d := newDraws(noise, o)
	sets.simultaneous(newAllPairs(d, compared, worthOf(values, o.Evidence), o.Level))
	sets.alone = newAlones(compared, o)
	if o.Marginal {
		sets.marginal(d)
	}
	return sets, nil
}

// falling are values of which the larger is the better one.
func (o *Options) falling(x []float64) ([]float64, error) {
	values := make([]float64, len(x))
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("ranks: value %d is %v; leave out models without a finite value", i, v)
		}
		values[i] = v
		if o.Better != metrics.Higher {
			values[i] = -v
		}
	}
	return values, nil
}

// worthOf is the strength of the evidence that model i is better than j where it seems so
// by z standard errors. What the noise is the error of may tell of an order that the
// estimates do not have; then nothing is proven.
func worthOf(values []float64, e Evidence) func(i, j int, z float64) float64 {
	if e == nil {
		return func(_, _ int, z float64) float64 { return z }
	}
	return func(i, j int, z float64) float64 {
		if values[i] <= values[j] {
			return 0
		}
		return e.Strength(i, j, z)
	}
}

func (o *Options) fill() error {
	if o.Level == 0 {
		o.Level = DefaultLevel
	}
	if o.Draws == 0 {
		o.Draws = DefaultDraws
	}
	if o.Parallel == nil {
		o.Parallel = inTurn
	}
	switch {
	case !(o.Level >= 0.5 && o.Level < 1):
		return fmt.Errorf("ranks: level %v is not in [0.5, 1)", o.Level)
	case o.Draws < 100:
		return fmt.Errorf("ranks: %d draws are too few; take 100 or more", o.Draws)
	}
	return nil
}

// simultaneous compares all pairs and fills in ranks and simultaneous sets.
func (s *Sets) simultaneous(f *allPairs) {
	steps := f.stepDown()
	if len(steps) > 0 {
		s.Critical, s.LastCritical = steps[0], steps[len(steps)-1]
	}
	s.Steps, s.over, s.words, s.place = len(steps), f.over, f.blocks, f.place
	wins, losses := f.counts()
	for i, at := range f.place {
		s.Sets[i].Simultaneous = Interval{1 + losses[at], len(s.Sets) - wins[at]}
	}
	for at, i := range s.order() {
		s.Sets[i].Rank = 1 + at
	}
	order := s.order()
	for at := 1; at < len(order); at++ {
		if i, before := order[at], order[at-1]; s.values[i] == s.values[before] {
			s.Sets[i].Rank = s.Sets[before].Rank
		}
	}
}

// marginal compares each model with the others, a family for each.
func (s *Sets) marginal(d *draws) {
	s.all(d)
	for i := range s.Sets {
		f := s.alone.of[i]
		s.Sets[i].Marginal = Interval{1 + f.losses, len(s.Sets) - f.wins}
	}
}

// Over reports whether model i is proven better than model j when all pairs of
// models are compared: the chance of any wrong one among all such statements is
// at most 1 - Level.
func (s *Sets) Over(i, j int) bool {
	at, to := s.place[i], s.place[j]
	return s.over[at*s.words+to/lanes]>>(to%lanes)&1 == 1
}

// Separable reports whether the order of models i and j is proven, either way.
func (s *Sets) Separable(i, j int) bool { return s.Over(i, j) || s.Over(j, i) }

// Against is 1 if model is proven better than reference, -1 if worse, 0 if nothing
// is proven, when the reference is compared with each other model and these
// comparisons are all there are. It proves more than Over, and is meant for a
// reference that was named before the values were seen. It is found when it is first
// asked for; calls may be made at once.
func (s *Sets) Against(reference, model int) int {
	return int(s.against(reference).proven[model])
}

// Difference is how far the value of model lies above that of the reference, in
// the metric's unit, with its interval: those of all models with this reference
// hold at once, at the level; NaN where they
// have no error and samples are too few. Against rests on the same comparisons, and by its
// step-down proves a little more than that these intervals leave out 0.
func (s *Sets) Difference(reference, model int) (difference, lo, hi float64) {
	difference = s.values[model] - s.values[reference]
	if s.lower {
		difference = s.values[reference] - s.values[model]
	}
	if s.evidence != nil && !s.tooFew && reference != model {
		lo, hi = s.evidence.Interval(model, reference, s.AgainstCritical(reference))
		return difference, lo, hi
	}
	deviation := s.noise.scale * math.Sqrt(s.noise.apart(reference, model))
	reach := 0.0
	switch {
	case deviation > 0:
		reach = s.AgainstCritical(reference) * deviation
	case s.tooFew && difference != 0:
		reach = math.NaN()
	}
	return difference, difference - reach, difference + reach
}

// AgainstCritical is how many standard errors wide, to either side, the intervals
// of Difference are; 0 if there was nothing to compare the reference with.
func (s *Sets) AgainstCritical(reference int) float64 { return s.against(reference).critical }

// CriticalRange is the least and the most that AgainstCritical is for any model.
func (s *Sets) CriticalRange() (least, most float64) {
	least, most = math.Inf(1), math.Inf(-1)
	for i := range s.Sets {
		critical := s.AgainstCritical(i)
		least, most = min(least, critical), max(most, critical)
	}
	return least, most
}

// LevelError is the standard error, from the number of draws, of the level that
// the sets are built for: sqrt(Level (1 - Level) / Draws).
func (s *Sets) LevelError() float64 {
	return math.Sqrt(s.Level * (1 - s.Level) / float64(s.Draws))
}

// MayBeAmong lists by index the models that may be among the top best: at the
// level, the list holds all models whose true rank is at most top. It is the
// projection set of Mogstad et al.: those whose simultaneous set reaches top.
func (s *Sets) MayBeAmong(top int) []int {
	var models []int
	for i, set := range s.Sets {
		if set.Simultaneous.Lo <= top {
			models = append(models, i)
		}
	}
	return models
}

// TiedWithBest lists by index the models not told apart from the leading one,
// itself included. Of several leading ones each has to leave a model behind.
func (s *Sets) TiedWithBest() []int {
	var models []int
	for i := range s.Sets {
		behind := true
		for j, set := range s.Sets {
			if set.Rank == 1 && !s.Separable(i, j) {
				behind = false
			}
		}
		if !behind {
			models = append(models, i)
		}
	}
	return models
}

// SeparableNeighbours counts the pairs of models next to each other in the
// order of their values, best first, that are told apart.
func (s *Sets) SeparableNeighbours() int {
	order, count := s.order(), 0
	for k := 1; k < len(order); k++ {
		if s.Over(order[k-1], order[k]) {
			count++
		}
	}
	return count
}

// order lists the models by value, best first, equal values as they came.
func (s *Sets) order() []int {
	order := make([]int, len(s.values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(s.values[j], s.values[i]) })
	return order
}
