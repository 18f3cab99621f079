package ranks

import (
	"fmt"
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// DatasetComparison compares models by one metric over several datasets or
// conditions, each of which counts as one observation. Models and datasets are
// meant by index; rows of matrices belong to the first model named.
type DatasetComparison struct {
	Models, Datasets int
	Level            float64

	MeanRanks []float64       // by model: rank within a dataset, 1 = best, ties shared, averaged over datasets
	Friedman  stattest.Result // do the models differ at all?
	Pairs     [][]Duel        // [i][j]: model i against model j; nothing on the diagonal
	Critical  float64         // critical difference of mean ranks by Nemenyi's test
	Groups    *Letters        // of models that Wilcoxon with Holm does not tell apart
	Bars      *Letters        // of models whose mean ranks differ by less than Critical
}

// Duel is a model against another over the datasets.
type Duel struct {
	Wins, Ties, Losses int
	Wilcoxon           stattest.Result // signed-rank test of the differences
	P                  float64         // its p-value, adjusted by Holm over all pairs
}

// CompareDatasets compares the models of a table: values[d][m] is the value of
// model m on dataset d. Level is the confidence, in (0, 1); 0 means 0.95. It is
// an error if there are fewer than two datasets or two models, if rows differ in
// length, or if a value is missing: leave out such a model or dataset.
//
// Two models are told apart if the adjusted p-value of their signed-rank test is
// at most 1 - level. Critical is by Nemenyi's test, which looks at mean ranks
// alone and therefore depends on which other models are in the table. Source:
// Demšar, Statistical Comparisons of Classifiers over Multiple Data Sets, JMLR 7
// (2006); for the pairs Benavoli, Corani and Mangili, Should We Really Use
// Post-Hoc Tests Based on Mean-Ranks?, JMLR 17 (2016).
func CompareDatasets(values [][]float64, better metrics.Direction, level float64) (*DatasetComparison, error) {
	if level == 0 {
		level = 0.95
	}
	if err := checkDatasets(values, level); err != nil {
		return nil, err
	}
	c := &DatasetComparison{Models: len(values[0]), Datasets: len(values), Level: level}
	losses := make([][]float64, len(values)) // smaller is better
	for d, row := range values {
		losses[d] = slices.Clone(row)
		for m := range row {
			if better == metrics.Higher {
				losses[d][m] = -row[m]
			}
		}
	}
	c.MeanRanks = stattest.MeanRanks(losses)
	c.Friedman = stattest.Friedman(losses)
	c.duels(losses)
	c.group()
	return c, nil
}

func checkDatasets(values [][]float64, level float64) error {
	switch {
	case !(level > 0 && level < 1):
		return fmt.Errorf("compare datasets: level %v is not in (0, 1)", level)
	case len(values) < 2:
		return fmt.Errorf("compare datasets: %d datasets or conditions; it takes two or more", len(values))
	case len(values[0]) < 2:
		return fmt.Errorf("compare datasets: %d models; it takes two or more", len(values[0]))
	}
	for d, row := range values {
		if len(row) != len(values[0]) {
			return fmt.Errorf("compare datasets: dataset %d has %d models, the first has %d", d, len(row), len(values[0]))
		}
		for m, v := range row {
			if math.IsNaN(v) {
				return fmt.Errorf("compare datasets: model %d has no value on dataset %d; leave out one of them", m, d)
			}
		}
	}
	return nil
}

// duels compares every two models and adjusts the p-values.
func (c *DatasetComparison) duels(losses [][]float64) {
	columns := make([][]float64, c.Models)
	for m := range columns {
		for _, row := range losses {
			columns[m] = append(columns[m], row[m])
		}
		c.Pairs = append(c.Pairs, make([]Duel, c.Models))
	}
	var p []float64
	for i := range columns {
		for j := range i {
			duel := versus(columns[i], columns[j])
			p = append(p, duel.Wilcoxon.P)
			c.Pairs[i][j] = duel
			duel.Wins, duel.Losses = duel.Losses, duel.Wins
			c.Pairs[j][i] = duel
		}
	}
	adjusted := stattest.Holm(p)
	for i := range columns {
		for j := range i {
			c.Pairs[i][j].P, c.Pairs[j][i].P = adjusted[0], adjusted[0]
			adjusted = adjusted[1:]
		}
	}
}

// versus counts on how many datasets the losses of one model are smaller.
func versus(a, b []float64) Duel {
	changes := make([]float64, len(a))
	for d, v := range a {
		changes[d] = v - b[d]
	}
	duel := Duel{Wilcoxon: stattest.SignedRank(changes)}
	for d, v := range a {
		switch {
		case v < b[d]:
			duel.Wins++
		case v > b[d]:
			duel.Losses++
		default:
			duel.Ties++
		}
	}
	return duel
}

func (c *DatasetComparison) group() {
	k, n := float64(c.Models), float64(c.Datasets)
	c.Critical = studentizedRange(1-c.Level, c.Models) / math.Sqrt2 * math.Sqrt(k*(k+1)/(6*n))
	order := c.Order()
	c.Groups = ConnectedLetters(order, func(i, j int) bool { return c.Pairs[i][j].P <= 1-c.Level })
	c.Bars = ConnectedLetters(order, func(i, j int) bool { return c.MeanRanks[j]-c.MeanRanks[i] >= c.Critical })
}

// Order lists the models by mean rank, best first, equal ones as they came.
func (c *DatasetComparison) Order() []int {
	order := make([]int, c.Models)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch a, b := c.MeanRanks[i], c.MeanRanks[j]; {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	})
	return order
}

// studentizedRange is what the range of k independent standard normal variables
// exceeds with chance alpha, in (0, 1), to about 1e-9 for alpha of 1e-6 and more.
func studentizedRange(alpha float64, k int) float64 {
	low, high := 0.0, 1.0
	for high < 64 && rangeTail(high, k) > alpha {
		high *= 2
	}
	for high-low > 1e-10 {
		if q := (low + high) / 2; rangeTail(q, k) > alpha {
			low = q
		} else {
			high = q
		}
	}
	return high
}

// rangeTail is the chance that the range of k independent standard normal
// variables exceeds q: one less k times the integral over z of the density at z
// times the chance that each of the others lies within q above it. The
// trapezoidal rule is as exact as the sum, as the integrand falls off smoothly
// at both ends.
func rangeTail(q float64, k int) float64 {
	const step = 1.0 / 8
	total := 0.0
	for at := -int((9 + q) / step); at <= 9/step; at++ {
		z := float64(at) * step
		within := stattest.NormalTail(z) - stattest.NormalTail(z+q)
		total += float64(math.Exp(-z*z/2) * math.Pow(within, float64(k-1)))
	}
	return 1 - float64(k)*step/math.Sqrt(2*math.Pi)*total
}
