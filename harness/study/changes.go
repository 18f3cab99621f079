package study

import (
	"math"
	"math/rand/v2"
	"slices"

	"abstain/harness/pool"
	"abstain/metrics/stattest"
)

// Changes is what a treatment does to a metric over pairs of models: the value
// with it less the value without.
type Changes struct {
	Treatment, Metric string
	Setting           string   // condition that the values are under; "" for the one compared
	Names             []string // of the treated models
	Values            []float64
	Units             int // pairs, or groups of pairs that share a base: the independent observations

	Median, Mean float64
	Quartiles    [2]float64
	Up, Better   int // pairs above 0, pairs that are better

	Wilcoxon stattest.Result // over the units
	P        float64         // its p-value by Holm over the tests of the experiment
	Proof    Proof           // what P and the widest interval support at the level of the study

	// Intervals of the median, by what they generalise to.
	Samples Bounds // these models, new samples
	Models  Bounds // new models, these samples
	Both    Bounds // new models and new samples
}

// pairing is the input of Changes: the change in each pair of models, and the unit that
// the pair belongs to. A unit is a set of pairs that share a base model, and so are not
// independent. The changes on bootstrap replicates over samples are there if all pairs
// have them.
type pairing struct {
	names      []string
	unit       []string
	values     []float64
	replicates [][]float64 // by pair; nil if any is missing
}

const (
	// leastUnits is the least number of units for an interval over new models. With
	// fewer, no interval for a median covers 95 % for every distribution
	// (2 * 0.5^5 = 6 %).
	leastUnits = 6
	// redraws is how many times the units are resampled.
	redraws = 2000
)

// sum describes the changes of a pairing.
//
// Pairs that share a base depend on each other, so they form one unit. The test is
// Wilcoxon's signed-rank test of the means of units, and the bootstrap over models
// resamples whole units. Intervals are percentile intervals of the median:
//
//   - Samples: over bootstrap replicates of the samples, the same for all models;
//   - Models: over resampled units;
//   - Both: units and samples are resampled independently of each other. This
//     pigeonhole bootstrap is mildly conservative (Owen, The pigeonhole bootstrap,
//     Annals of Applied Statistics 1, 2007).
//
// Percentile intervals of the median of few units are too short: with seven units they
// cover 88 % instead of 95 %. Therefore the interval over new models also holds that of
// the sign test over the means of units, and the interval over both holds that over
// models.
func (p pairing) sum(level float64, seed uint64) Changes {
	c := Changes{Names: p.names, Values: p.values, Median: median(p.values), Mean: mean(p.values), Up: positive(p.values),
		Samples: noBounds, Models: noBounds, Both: noBounds}
	sorted := ordered(p.values)
	c.Quartiles = [2]float64{quantile(sorted, 0.25), quantile(sorted, 0.75)}
	units := p.units()
	c.Units = len(units)
	means := make([]float64, len(units))
	for k, u := range units {
		for _, i := range u {
			means[k] += p.values[i] / float64(len(u))
		}
	}
	c.Wilcoxon = stattest.SignedRank(means)
	if len(p.values) > 0 && !slices.ContainsFunc(p.replicates, func(r []float64) bool { return r == nil }) && len(p.replicates) == len(p.values) {
		c.Samples = p.overSamples(level)
	}
	if len(units) >= leastUnits {
		c.Models, c.Both = p.overModels(units, level, seed, c.Samples.Defined())
		c.Models = c.Models.hull(signInterval(means, level))
		c.Both = c.Both.hull(c.Models)
	}
	return c
}

// units lists the pairs of each unit, in order of first appearance.
func (p pairing) units() [][]int {
	var list [][]int
	at := map[string]int{}
	for i, u := range p.unit {
		k, ok := at[u]
		if !ok {
			k = len(list)
			at[u] = k
			list = append(list, nil)
		}
		list[k] = append(list[k], i)
	}
	return list
}

// overSamples is the interval of the median over new samples.
func (p pairing) overSamples(level float64) Bounds {
	medians := make([]float64, len(p.replicates[0]))
	var values []float64
	for b := range medians {
		values = values[:0]
		for _, r := range p.replicates {
			values = append(values, r[b])
		}
		medians[b] = medianOf(values)
	}
	return percentiles(medians, level)
}

// overModels are the intervals of the median over new models, and over new
// models and new samples at once.
func (p pairing) overModels(units [][]int, level float64, seed uint64, samples bool) (models, together Bounds) {
	random := rand.New(rand.NewPCG(seed, 0x70697a656f6e)) // a stream of its own
	same, fresh := make([]float64, redraws), make([]float64, redraws)
	var values, replicated []float64
	for b := range redraws {
		values, replicated = values[:0], replicated[:0]
		for range units {
			for _, i := range units[random.IntN(len(units))] {
				values = append(values, p.values[i])
				if samples {
					replicated = append(replicated, p.replicates[i][b%len(p.replicates[i])])
				}
			}
		}
		same[b], fresh[b] = medianOf(values), medianOf(replicated)
	}
	if !samples {
		return percentiles(same, level), noBounds
	}
	return percentiles(same, level), percentiles(fresh, level)
}

// signInterval is the interval of a median by order statistics: from the k-th smallest
// to the k-th largest value, for the largest k that keeps the level, or else k = 1. It
// is exact for every continuous distribution. There must be at least two values, and
// none may be NaN. Source: Thompson 1936.
func signInterval(values []float64, level float64) Bounds {
	v := ordered(values)
	k := 1
	for k < len(v)/2 && 2*binomialTail(len(v)-k, len(v), 0.5) <= 1-level {
		k++
	}
	return Bounds{v[k-1], v[len(v)-k]}
}

// hull is the shortest interval that holds both b and c; undefined if b is.
func (b Bounds) hull(c Bounds) Bounds {
	if !b.Defined() {
		return b
	}
	return Bounds{math.Min(b.Lo, c.Lo), math.Max(b.Hi, c.Hi)}
}

// medianOf is the median of values, without NaN ones. It reorders them, to need no copy.
func medianOf(values []float64) float64 {
	values = slices.DeleteFunc(values, math.IsNaN)
	n := len(values)
	if n == 0 {
		return math.NaN()
	}
	upper := pick(values, n/2)
	if n%2 == 1 {
		return upper
	}
	return slices.Max(values[:n/2])/2 + upper/2
}

// pick is the k-th smallest value, counted from 0. It does not sort, which would be
// slower; afterwards the values before index k are not larger (Hoare 1961).
func pick(v []float64, k int) float64 {
	lo, hi := 0, len(v)-1
	for lo < hi {
		pivot := v[lo+(hi-lo)/2]
		i, j := lo, hi
		for i <= j {
			for v[i] < pivot {
				i++
			}
			for v[j] > pivot {
				j--
			}
			if i <= j {
				v[i], v[j] = v[j], v[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return v[k]
		}
	}
	return v[k]
}

// percentiles is the interval between the quantiles of replicates.
func percentiles(replicates []float64, level float64) Bounds {
	sorted := ordered(replicates)
	if len(sorted) == 0 {
		return noBounds
	}
	return Bounds{quantile(sorted, (1-level)/2), quantile(sorted, (1+level)/2)}
}

// Widest is the interval that generalises farthest, and what it generalises to. It is
// undefined if there is no interval.
func (c Changes) Widest() (Bounds, Population) {
	switch {
	case c.Both.Defined():
		return c.Both, NewModels | NewSamples
	case c.Models.Defined():
		return c.Models, NewModels
	case c.Samples.Defined():
		return c.Samples, NewSamples
	}
	return noBounds, 0
}

// Sure reports whether the interval that generalises farthest leaves out 0.
func (c Changes) Sure() bool {
	b, _ := c.Widest()
	return b.Lo > 0 || b.Hi < 0
}

// Proof is how well the test and the interval support a change.
type Proof int

// Degrees of proof.
const (
	Unproven Proof = iota // not beyond chance by the test
	OnlyHere              // beyond chance, but the interval that generalises farthest holds 0
	Proven                // beyond chance, and by the interval as well if there is one
)

func (c Changes) proof(level float64) Proof {
	switch b, _ := c.Widest(); {
	case !(c.P <= 1-level):
		return Unproven
	case b.Defined() && !c.Sure():
		return OnlyHere
	}
	return Proven
}

// Worse counts the changes that are neither better nor none.
func (c Changes) Worse() int {
	n := len(c.Values) - c.Better
	for _, v := range c.Values {
		if v == 0 {
			n--
		}
	}
	return n
}

// changeBasis is the evidence for a claim of one change out of several tested together.
func (f *Folder) changeBasis(c Changes, tests int) Basis {
	b := Basis{Tests: []Test{{Method: WilcoxonTest, P: c.P, Level: f.level, Units: c.Units, Family: Family{Holm, tests, "test"}}}}
	if in, over := c.Widest(); in.Defined() {
		i := Interval{Method: MedianOfChanges, Level: f.level, Over: over}
		if over&NewSamples != 0 {
			i.Replicates = f.replicates()
		}
		b.Intervals = []Interval{i}
	}
	return b
}

// pair is two models of the folder, by index.
type pair struct{ base, treated int }

// pairUp makes the pairing of a column over pairs of models. It leaves out pairs in
// which a value is missing.
func (f *Folder) pairUp(c *column, pairs []pair) pairing {
	var p pairing
	for _, q := range pairs {
		d := c.Values[q.treated] - c.Values[q.base]
		if math.IsNaN(d) || math.IsInf(d, 0) {
			continue
		}
		p.names = append(p.names, f.models[q.treated].row.Model)
		p.unit = append(p.unit, f.models[q.base].row.Model)
		p.values = append(p.values, d)
		if c.Replicates != nil {
			p.replicates = append(p.replicates, differences(c.Replicates[q.treated], c.Replicates[q.base]))
		}
	}
	return p
}

// differences of replicates; nil if either has none.
func differences(a, b []float64) []float64 {
	if a == nil || b == nil {
		return nil
	}
	d := make([]float64, len(a))
	for i := range d {
		d[i] = a[i] - b[i]
	}
	return d
}

// contrast is a pairing with the names of what it compares.
type contrast struct {
	treatment, setting string
	column             *column
	pairing
}

// describe describes contrasts, and adjusts their p-values by Holm over all of them. It
// leaves out contrasts without a pair.
func (f *Folder) describe(list []contrast) []Changes {
	list = slices.DeleteFunc(list, func(c contrast) bool { return len(c.values) == 0 })
	changes := make([]Changes, len(list))
	pool.Each(len(list), func(k int) {
		c := list[k].sum(f.level, f.options.Seed)
		c.Treatment, c.Setting, c.Metric = list[k].treatment, list[k].setting, list[k].column.ID
		c.Better = c.Up
		if list[k].column.improves() < 0 {
			c.Better = 0
			for _, v := range c.Values {
				if v < 0 {
					c.Better++
				}
			}
		}
		changes[k] = c
	})
	ps := make([]float64, len(changes))
	for k, c := range changes {
		ps[k] = c.Wilcoxon.P
	}
	for k, p := range stattest.Holm(ps) {
		changes[k].P = p
		changes[k].Proof = changes[k].proof(f.level)
	}
	return changes
}

// changeTable is the table of described changes.
func changeTable(name, treatment string, changes []Changes) Table {
	t := Table{Name: name, Columns: []string{treatment, "metric", "condition", "pairs", "units", "median", "mean", "quartile_1", "quartile_3", "up", "better",
		"wilcoxon_p", "holm_p", "samples_lo", "samples_hi", "models_lo", "models_hi", "both_lo", "both_hi"}}
	for _, c := range changes {
		t.add(c.Treatment, c.Metric, c.Setting, len(c.Values), c.Units, c.Median, c.Mean, c.Quartiles[0], c.Quartiles[1], c.Up, c.Better,
			c.Wilcoxon.P, c.P, c.Samples.Lo, c.Samples.Hi, c.Models.Lo, c.Models.Hi, c.Both.Lo, c.Both.Hi)
	}
	return t
}

// IntervalsOfChanges says how the intervals and p-values of changes are made.
type IntervalsOfChanges struct {
	Unit       ChangeUnit // what is resampled and tested over
	Level      float64
	Replicates int // over samples; 0 if there are none of these changes
	Redraws    int // of units
	Least      int // units from which on there is an interval over new models
}

func (IntervalsOfChanges) note() {}

// ChangeUnit is what makes changes independent observations.
type ChangeUnit int

// Units of changes.
const (
	BaseTwins        ChangeUnit = iota // pairs that share a base twin are one
	EachModel                          // each model beside itself
	EachModelOrTwins                   // one or the other, by comparison
	TeachersOrTwins                    // the teacher, or the base twin where the student is compared with it
)

// noteIntervals says how the intervals of changes are made. samples is whether the
// changes have replicates over samples.
func (f *Folder) noteIntervals(e *Experiment, unit ChangeUnit, samples bool) {
	n := IntervalsOfChanges{Unit: unit, Level: f.level, Redraws: redraws, Least: leastUnits}
	if samples {
		n.Replicates = f.replicates()
	}
	e.note(n)
}
