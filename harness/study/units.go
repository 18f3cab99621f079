package study

import (
	"math"

	"abstain/metrics/stattest"
)

// Independence says which models are taken as independent observations.
type Independence struct{ Models, Units int }

func (Independence) note() {}

// unitNames gives the unit of each model: the set of models that depend on each other
// because they are variants of one. Models with the same base are in the unit of that
// base, also where the base has a base itself or is not among the models. Of the other
// models, those of the same family and size are one unit, such as the seeds of one
// architecture; a model whose family or size is not known is a unit by itself.
func unitNames(models []subject) []string {
	base, named := map[string]string{}, map[string]bool{}
	for _, s := range models {
		if b := s.meta.Get("base"); b != "" && b != s.row.Model {
			base[s.row.Model], named[b] = b, true
		}
	}
	names := make([]string, len(models))
	for i, s := range models {
		family, size := s.meta.Get("family"), s.meta.Get("params")
		switch name := s.row.Model; {
		case base[name] != "":
			names[i] = rootOf(name, base)
		case named[name] || family == "" || size == "":
			names[i] = name
		default:
			names[i] = family + "\x00" + size // no name of a model, which has no such character
		}
	}
	return names
}

// rootOf follows bases to the last one. Models that name each other in a circle have the
// least of their names as root.
func rootOf(name string, base map[string]string) string {
	seen := map[string]bool{}
	for base[name] != "" && !seen[name] {
		seen[name] = true
		name = base[name]
	}
	least := name
	for next := base[name]; next != "" && next != name; next = base[next] {
		least = min(least, next)
	}
	return least
}

// unitOf is the unit of a model.
func (f *Folder) unitOf(i int) string {
	if f.units == nil {
		return f.models[i].row.Model
	}
	return f.units[i]
}

// noteUnits says what is taken as independent, where that is not each model.
func (f *Folder) noteUnits() {
	if n := len(grouped(f.units)); n < len(f.models) {
		f.notes = append(f.notes, Independence{Models: len(f.models), Units: n})
	}
}

// grouped lists the places of each name, in order of first appearance.
func grouped(names []string) [][]int {
	var list [][]int
	at := map[string]int{}
	for i, name := range names {
		k, ok := at[name]
		if !ok {
			k = len(list)
			at[name] = k
			list = append(list, nil)
		}
		list[k] = append(list[k], i)
	}
	return list
}

// unitMeans are the means of values by unit.
func unitMeans(values []float64, units [][]int) []float64 {
	means := make([]float64, len(units))
	for k, u := range units {
		for _, i := range u {
			means[k] += values[i] / float64(len(u))
		}
	}
	return means
}

// effective is how many independent models tell as much as models in these units: the
// squared number of models over the sum of squared sizes (Kish 1965). It supposes that
// the models of a unit are all alike, so that intervals for it are not too short.
func effective(units [][]int) float64 {
	n, squares := 0.0, 0.0
	for _, u := range units {
		n, squares = n+float64(len(u)), squares+float64(len(u)*len(u))
	}
	if n == 0 {
		return 0
	}
	return n * n / squares
}

// leastUnits is the least number of units for an interval over new models. With fewer,
// no interval for a median covers the level for every distribution: the extremes of n
// values hold it in 1 - 2 * 0.5^n, which is less than 95 % for n = 5.
func leastUnits(level float64) int {
	return int(math.Ceil(1 - math.Log2(1-level) - 1e-9))
}

// shareOf is the interval of the share of models of which k have something, with what it
// rests on. It is Wilson's for the effective number of units; fewer than
// leastRelated have none, because it would be too short: with 3.3, of eight units, it held
// the share in 90 %.
func (f *Folder) shareOf(k int, models []int) (Bounds, Basis) {
	names := make([]string, len(models))
	for j, i := range models {
		names[j] = f.unitOf(i)
	}
	units := grouped(names)
	n := effective(units)
	if n < leastRelated-1e-9 {
		return noBounds, Basis{Counted: true}
	}
	lo, hi := wilson(float64(k)/float64(len(models)), n, f.level)
	return Bounds{lo, hi}, Basis{Intervals: []Interval{{Method: WilsonInterval, Level: f.level, Over: NewModels, Units: len(units)}}}
}

// wilson is the score interval of a share of n observations, where n need not be whole.
// Source: Wilson 1927.
func wilson(p, n, level float64) (lo, hi float64) {
	z := stattest.NormalReach(level)
	centre, scale := p+z*z/(2*n), 1+z*z/n
	reach := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	lo, hi = max(0, (centre-reach)/scale), min(1, (centre+reach)/scale)
	return min(lo, p), max(hi, p)
}
