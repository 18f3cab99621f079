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
	Units             int // the independent observations: sets of pairs that depend on each other

	Median, Mean float64
	Quartiles    [2]float64
	Up, Better   int // pairs above 0, pairs that are better

	Wilcoxon stattest.Result // over the means of units
	P        float64         // its p-value adjusted over the Tests; NaN if it is not tested
	Tests    int             // in its family: those of the same metric
	Hopeless bool            // so few units that even changes of one sign could not be beyond chance
	Proof    Proof           // what P and the widest interval support at the level of the study

	// Intervals of the median, by what they generalise to.
	Samples Bounds // these models, new samples
	Models  Bounds // new models, these samples
	Both    Bounds // new models and new samples
}

// pairing is the input of Changes: the change in each pair of models, and the unit that
// the pair belongs to, by unitNames. The changes on bootstrap replicates over samples are there if all pairs
// have them.
type pairing struct {
	names      []string
	unit       []string
	values     []float64
	replicates [][]float64 // by pair; nil if any is missing
}

// redraws is how many times the units are resampled.
const redraws = 2000

// sum describes the changes of a pairing.
//
// Pairs that depend on each other form one unit. The test is Wilcoxon's signed-rank test
// of the means of units, and the bootstrap over models resamples whole units. Intervals
// are percentile intervals of the median:
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
	units := grouped(p.unit)
	c.Units = len(units)
	means := unitMeans(p.values, units)
	c.Wilcoxon = stattest.SignedRank(means)
	if len(p.values) > 0 && !slices.ContainsFunc(p.replicates, func(r []float64) bool { return r == nil }) && len(p.replicates) == len(p.values) {
		c.Samples = p.overSamples(level)
	}
	if len(units) >= leastUnits(level) {
		c.Models, c.Both = p.overModels(units, level, seed, c.Samples.Defined())
		c.Models = c.Models.hull(signInterval(means, level))
		c.Both = c.Both.hull(c.Models)
	}
	return c
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
	Unproven Proof = iota // not beyond chance by the test, or without an interval
	TestOnly              // beyond chance, but the interval that generalises farthest holds 0
	Proven                // beyond chance by the test and by the interval
)

func (c Changes) proof(level float64) Proof {
	switch b, _ := c.Widest(); {
	case !(c.P <= 1-level) || !b.Defined():
		return Unproven
	case !c.Sure():
		return TestOnly
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

// changeBasis is the evidence for a claim of one change out of those of its metric, which
// are changes of so many treatments.
func (f *Folder) changeBasis(c Changes, of string) Basis {
	b := Basis{Tests: []Test{{Method: WilcoxonTest, Raw: c.Wilcoxon.P, P: c.P, Level: f.level, Units: c.Units, Family: Family{Holm, c.Tests, of}}}}
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
		p.unit = append(p.unit, f.unitOf(q.base))
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
	untested bool // it is described only
}

// describe describes contrasts, and adjusts their p-values over those of the same metric.
// It leaves out contrasts without a pair.
func (f *Folder) describe(list []contrast) []Changes {
	list = slices.DeleteFunc(list, func(c contrast) bool { return len(c.values) == 0 })
	changes := make([]Changes, len(list))
	families := map[string][]int{}
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
	for k := range list {
		changes[k].P = math.NaN()
		if !list[k].untested {
			families[changes[k].Metric] = append(families[changes[k].Metric], k)
		}
	}
	for _, members := range families {
		f.adjust(changes, members)
	}
	return changes
}

// adjust adjusts the p-values of some changes over each other, and says what is proven.
func (f *Folder) adjust(changes []Changes, members []int) {
	family := make([]trial, len(members))
	for i, k := range members {
		family[i] = trial{changes[k].Wilcoxon.P, leastSigned(changes[k].Wilcoxon.N)}
	}
	for i, p := range holm(family) {
		c := &changes[members[i]]
		c.P, c.Tests = p, len(members)
		c.Proof = c.proof(f.level)
		c.Hopeless = c.Proof == Unproven && (c.Units < leastUnits(f.level) || hopeless(family, i, leastSigned(c.Units), f.level))
	}
}

// changeTable is the table of described changes.
func changeTable(name, treatment string, changes []Changes) Table {
	t := Table{Name: name, Columns: []string{treatment, "metric", "condition", "pairs", "units", "median", "mean", "quartile_1", "quartile_3", "up", "better",
		"wilcoxon_p", "holm_p", "samples_lo", "samples_hi", "models_lo", "models_hi", "both_lo", "both_hi", "tests", "verdict"}}
	for _, c := range changes {
		t.add(c.Treatment, c.Metric, c.Setting, len(c.Values), c.Units, c.Median, c.Mean, c.Quartiles[0], c.Quartiles[1], c.Up, c.Better,
			c.Wilcoxon.P, c.P, c.Samples.Lo, c.Samples.Hi, c.Models.Lo, c.Models.Hi, c.Both.Lo, c.Both.Hi, c.Tests, c.Verdict())
	}
	return t
}

// Verdict is what test and interval support, in a word or two for tables.
func (c Changes) Verdict() string {
	switch {
	case c.Tests == 0:
		return "not tested"
	case c.Proof == Proven:
		return "proven"
	case c.Proof == TestOnly:
		return "by test alone"
	case c.Hopeless:
		return "too few units"
	}
	return "not proven"
}

// IntervalsOfChanges says how the intervals and p-values of changes are made.
type IntervalsOfChanges struct {
	Unit       ChangeUnit // what is resampled and tested over
	Of         string     // what a family of tests counts, within a metric
	Level      float64
	Replicates int // over samples; 0 if there are none of these changes
	Redraws    int // of units
	Least      int // units from which on there is an interval over new models
}

func (IntervalsOfChanges) note() {}

// ChangeUnit is whose unit makes changes independent observations.
type ChangeUnit int

// Units of changes.
const (
	OfBase          ChangeUnit = iota // of the base twin
	OfModel                           // of the model, which is set beside itself
	OfModelOrBase                     // one or the other, by comparison
	OfTeacherOrBase                   // of the teacher, or of the base twin where the student is compared with it
)

// noteIntervals says how the intervals of changes are made, and what their tests are
// corrected over. samples is whether the changes have replicates over samples.
func (f *Folder) noteIntervals(e *Experiment, unit ChangeUnit, of string, samples bool) {
	n := IntervalsOfChanges{Unit: unit, Of: of, Level: f.level, Redraws: redraws, Least: leastUnits(f.level)}
	if samples {
		n.Replicates = f.replicates()
	}
	e.note(n)
}
