package recalibrate

import (
	"errors"
	"math"
	"slices"

	"abstain/metrics/internal/sums"
)

// Histogram is a step map: a confidence c with Edges[k-1] < c <= Edges[k] becomes
// Value[k]; the first and the last step have no end. There is one Value more
// than Edges, and Edges rise strictly.
type Histogram struct{ Edges, Value []float64 }

// FitHistogram gives each of bins equal-width bins the accuracy of the rows in
// it: edges k/bins, right-closed, the first bin taking 0 too. An empty bin keeps
// its centre. It is an error if there is no row or a confidence is NaN. It panics
// if bins < 1 or the columns differ in length. Source: Zadrozny and Elkan 2001;
// Guo et al. 2017, section 4.1.
func FitHistogram(confidence []float64, correct []bool, bins int) (Histogram, error) {
	edges := make([]float64, 0, bins)
	for k := 1; k < bins; k++ {
		edges = append(edges, float64(k)/float64(bins))
	}
	return fitSteps(edges, confidence, accuracyOf(confidence, correct, bins))
}

// FitHistogramMass is FitHistogram for bins of equal numbers of rows: the sorted
// confidences are cut into runs whose lengths differ by at most one, longer
// first, with edges half-way between the neighbours of a cut. Edges that
// coincide become one.
func FitHistogramMass(confidence []float64, correct []bool, bins int) (Histogram, error) {
	return fitSteps(massEdges(confidence, bins), confidence, accuracyOf(confidence, correct, bins))
}

// accuracyOf is correct as numbers, once the arguments are sound.
func accuracyOf(confidence []float64, correct []bool, bins int) []float64 {
	if bins < 1 {
		panic("recalibrate: a histogram needs a bin")
	}
	if len(confidence) != len(correct) {
		panic("recalibrate: columns differ in length")
	}
	hit := make([]float64, len(correct))
	for i, c := range correct {
		if c {
			hit[i] = 1
		}
	}
	return hit
}

func massEdges(x []float64, bins int) []float64 {
	rising := slices.Sorted(slices.Values(x))
	n := len(x)
	bins = min(bins, n)
	var edges []float64
	for k, cut := 0, 0; k+1 < bins; k++ {
		cut += n / bins
		if k < n%bins {
			cut++
		}
		edges = append(edges, rising[cut-1]+(rising[cut]-rising[cut-1])/2)
	}
	return slices.Compact(edges)
}

// fitSteps gives each bin the mean of its targets.
func fitSteps(edges, x, target []float64) (Histogram, error) {
	if len(x) == 0 {
		return Histogram{}, errNoLabel
	}
	if slices.ContainsFunc(x, math.IsNaN) {
		return Histogram{}, errors.New("recalibrate: a confidence is NaN: leave such rows out")
	}
	totals, counts := make([]sums.Sum, len(edges)+1), make([]float64, len(edges)+1)
	for i, c := range x {
		k, _ := slices.BinarySearch(edges, c)
		totals[k].Add(target[i])
		counts[k]++
	}
	h := Histogram{Edges: edges, Value: make([]float64, len(counts))}
	for k := range h.Value {
		if counts[k] > 0 {
			h.Value[k] = totals[k].Value() / counts[k]
		} else {
			h.Value[k] = h.centre(k)
		}
	}
	return h, nil
}

// centre is the middle of bin k within [0, 1].
func (h Histogram) centre(k int) float64 {
	lo, hi := 0.0, 1.0
	if k > 0 {
		lo = h.Edges[k-1]
	}
	if k < len(h.Edges) {
		hi = h.Edges[k]
	}
	return (lo + hi) / 2
}

// Apply is the value of the confidence's bin.
func (h Histogram) Apply(confidence float64) float64 {
	if math.IsNaN(confidence) {
		return math.NaN()
	}
	k, _ := slices.BinarySearch(h.Edges, confidence)
	return h.Value[k]
}

// Binned is scaling-binning: a Platt map followed by the mean of its values in
// bins of equal mass, so that there are few distinct outputs, whose calibration
// error can be verified from a sample.
type Binned struct {
	Platt Platt
	Steps Histogram
}

// FitBinned fits both parts on the same rows. Errors are those of FitPlatt; it
// panics if bins < 1. Source: Kumar, Liang and Ma 2019, section 4, algorithm 1
// (which fits the parts on different rows).
func FitBinned(confidence []float64, correct []bool, bins int) (Binned, error) {
	if bins < 1 {
		panic("recalibrate: scaling-binning needs a bin")
	}
	p, err := FitPlatt(confidence, correct)
	if err != nil {
		return Binned{}, err
	}
	scaled := make([]float64, len(confidence))
	for i, c := range confidence {
		scaled[i] = p.Apply(c)
	}
	h, err := fitSteps(massEdges(scaled, bins), scaled, scaled)
	return Binned{p, h}, err
}

// Apply is the mean of the bin in which the Platt map of the confidence lies.
func (b Binned) Apply(confidence float64) float64 { return b.Steps.Apply(b.Platt.Apply(confidence)) }
