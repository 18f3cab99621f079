package resample

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Comparison is the difference between two models on the same samples.
type Comparison struct {
	Difference float64 // first less second
	SE         float64 // its standard error
	Lo, Hi     float64 // its interval
	Level      float64 // the interval's, e.g. 0.95
	P          float64 // two-sided p-value of no difference
	N          int     // samples, or replicates that are defined for both
	Pairs      int     // samples, or clusters of them, of which each gives a difference: of areas, those with an error. See LeastP
	Test       Test
	Design     string // what it generalises to, where samples come in "clusters" or "stratified samples"; "" if one by one
}

// Test is how two models are compared on the same samples.
type Test string

// Tests of a difference.
const (
	McNemarTest   Test = "McNemar" // exact, with Tango's interval
	DeLongTest    Test = "DeLong"
	InfluenceTest Test = "influence values"
	BootstrapTest Test = "bootstrap"
	ModeratedTest Test = "moderated t of logits"                  // of AUROCs, with limits that hold where errors are few
	FewErrorsTest Test = "influence values, limits of few errors" // of areas under a risk, likewise
)

// Paired compares the values a and b of a measure that two models have on the rankings
// of the same samples, by the closed form that the metric's row has: McNemar's exact
// test of accuracies, moderated t of AUROCs, influence values for most others. It is false
// where there is none, for the metric or for these samples: then ByReplicates serves.
func Paired(m metrics.Measure, a, b float64, first, second *metrics.Ranked, d *Design, level float64) (Comparison, bool) {
	f := formOf(m.Metric.ID)
	ofRight := m.Metric.Better == metrics.Higher || first.Unanswered+second.Unanswered == 0 // and so of wrong
	if d.kind == independent && f.test == testMcNemar && ofRight {
		return accuracies(m, a-b, Discordant(first, second), level), true
	}
	va, okA := Influence(m.Metric, m.At, first)
	vb, okB := Influence(m.Metric, m.At, second)
	if !okA || !okB {
		return Comparison{}, false
	}
	n := len(va)
	if n != d.N() { // two tables set against each other
		d = Independent(n)
	}
	if f.test == testModerated {
		c := pairOf(moderate(a, va, f.kinds(first), d), moderate(b, vb, f.kinds(second), d)).compare(level, n)
		if d.kind != independent {
			c.Design = d.String()
		}
		return c, true
	}
	va, vb = d.Units(va), d.Units(vb)
	c := ByInfluence(a, b, va, vb, n, level)
	if d.kind != independent {
		c.Design = d.String()
	}
	c.Pairs = len(va)
	if f.interval == viaScarce {
		c.Pairs = EitherWrong(first, second, d)
		if f.ofErrors {
			c = c.byMeans(f, caseOf(first, d, a, va, level), caseOf(second, d, b, vb, level))
		}
	}
	return c, true
}

// EitherWrong counts the samples, or clusters of a design, on which one of two models errs
// at least: all that tells of a difference in selective risk.
func EitherWrong(a, b *metrics.Ranked, d *Design) int {
	first, _ := d.wrong(a)
	second, _ := d.wrong(b)
	count := 0
	for k, w := range first {
		count += bits.OnesCount64(w | second[k])
	}
	return count
}

// accuracies compares the shares of right or, where less is better, of wrong answers.
func accuracies(m metrics.Measure, difference float64, split Discordance, level float64) Comparison {
	lo, hi := split.Interval(level)
	if m.Metric.Better == metrics.Lower {
		lo, hi = -hi, -lo
	}
	n := float64(split.N)
	either, net := float64(split.First+split.Second)/n, split.Difference()
	return Comparison{
		Difference: difference, SE: math.Sqrt((either - net*net) / n), Lo: lo, Hi: hi, Level: level,
		P: split.McNemar().P, N: split.N, Pairs: split.N, Test: McNemarTest,
	}
}

// ByInfluence compares two models whose metric has the values a and b and the
// influence values given, for the same n samples in the same order: the influence
// on the difference is the difference of influences. The values are those of
// Influence or of a design's Units. Interval and p-value are of Student's t with
// the degrees of freedom of FromInfluence. Where no sample makes a
// difference between the models, up to rounding, p is 1 if they are equal; otherwise the p-value is NaN and
// there is no interval. It panics if lengths differ.
func ByInfluence(a, b float64, influenceA, influenceB []float64, n int, level float64) Comparison {
	if len(influenceA) != len(influenceB) {
		panic("resample: the models answer different numbers of samples")
	}
	pull := make([]float64, len(influenceA)) // of each sample at the difference
	for i, v := range influenceA {
		pull[i] = v - influenceB[i]
	}
	se := math.Sqrt(dot(pull, pull)) / float64(n)
	if rounding(se, a, b) {
		se = 0
	}
	c := normalComparison(a-b, se, level, n, InfluenceTest)
	if se == 0 {
		return c
	}
	squares, _, fourths := moments(pull)
	df := freedom(squares, fourths, len(pull))
	reach := float64(studentQuantile(stattest.NormalQuantile((1+level)/2), df) * se)
	c.Lo, c.Hi = c.Difference-reach, c.Difference+reach
	if !math.IsInf(df, 1) {
		c.P = stattest.StudentTwoSided(c.Difference/se, df)
	}
	return c
}

// rounding reports whether a standard error is what rounding leaves of none, beside
// the values that it is the error of.
func rounding(se float64, values ...float64) bool {
	largest := 0.0
	for _, v := range values {
		largest = math.Max(largest, math.Abs(v))
	}
	return se <= 1e-14*largest
}

// normalComparison judges a difference by its standard error. Without one a
// difference has no interval.
func normalComparison(difference, se, level float64, n int, test Test) Comparison {
	c := Comparison{Difference: difference, SE: se, Level: level, N: n, Test: test}
	c.Lo, c.Hi = Normal(difference, se, level, [2]float64{math.Inf(-1), math.Inf(1)})
	if se == 0 && difference != 0 {
		c.Lo, c.Hi = math.NaN(), math.NaN()
	}
	switch c.P = 2 * stattest.NormalTail(math.Abs(difference)/se); {
	case se > 0:
	case difference == 0 && se == 0:
		c.P = 1
	default:
		c.P = math.NaN()
	}
	return c
}

// ByDeLong compares the AUROCs of failure prediction of two models. Where the
// two are right on the same samples it is the test of DeLong et al.; where they
// are not, a sample counts in each model as the kind it is there. The p-value is
// NaN where one of the errors of DeLong is. It panics if the models answer
// different numbers of samples.
//
// Source: DeLong, DeLong and Clarke-Pearson 1988.
func ByDeLong(a, b *metrics.Ranked, level float64) Comparison {
	if a.Outcomes.N() != b.Outcomes.N() {
		panic("resample: the models answer different numbers of samples")
	}
	va, _ := DeLong(a)
	vb, _ := DeLong(b)
	se := math.NaN()
	if !math.IsNaN(va) && !math.IsNaN(vb) {
		if ca, cb := delongComponents(a), delongComponents(b); ca != nil && cb != nil {
			for i, v := range cb {
				ca[i] -= v
			}
			se = math.Sqrt(dot(ca, ca))
		}
	}
	return normalComparison(va-vb, se, level, a.N(), DeLongTest)
}

// ByReplicates compares two models by their values in the same replicates. The
// interval is the percentile interval of the differences. The p-value is twice
// the smaller share of replicates on one side of 0, counting a difference of
// exactly 0 on both sides and one replicate more, at most 1: it is never below
// 2/(B+1). Replicates undefined for either are left out; there is no interval where
// they are all alike but not 0. It panics if lengths
// differ.
//
// Source: Davison and Hinkley 1997, sections 4.4 and 5.2.
func ByReplicates(a, b float64, replicatesA, replicatesB []float64, level float64) Comparison {
	differences := Differences(replicatesA, replicatesB)
	values := defined(differences)
	c := Comparison{Difference: a - b, SE: Spread(differences), Level: level, N: len(values), Test: BootstrapTest}
	c.Lo, c.Hi = Percentile(differences, level)
	if c.N == 0 {
		c.P = math.NaN()
		return c
	}
	if c.Lo == c.Hi && c.Lo != 0 { // the replicates know no error of this difference
		c.Lo, c.Hi = math.NaN(), math.NaN()
	}
	negative, _ := slices.BinarySearch(values, 0)
	positive := len(values) - negative
	for _, v := range values[negative:] {
		if v > 0 {
			break
		}
		negative++
	}
	c.P = math.Min(1, 2*float64(1+min(negative, positive))/float64(1+len(values)))
	return c
}

// Differences are those of two models' values in the same replicates.
func Differences(a, b []float64) []float64 {
	if len(a) != len(b) {
		panic("resample: the models have different numbers of replicates")
	}
	differences := make([]float64, len(a))
	for k, v := range a {
		differences[k] = v - b[k]
	}
	return differences
}

// Discordance is what two models' answers to the same samples differ in.
type Discordance struct {
	First  int // samples that only the first has right
	Second int // samples that only the second has right
	N      int // samples
}

// Discordant counts the samples in distribution on which one of two models is
// right and the other is not. Rows are the same samples in both; it panics if
// their numbers differ.
func Discordant(a, b *metrics.Ranked) Discordance {
	if a.Outcomes.N() != b.Outcomes.N() || a.All() != b.All() {
		panic("resample: the models answer different numbers of samples")
	}
	d := Discordance{N: a.All()}
	rows := a.Order
	if a.Unanswered+b.Unanswered > 0 {
		rows = inDistribution(a.Outcomes)
	}
	for _, i := range rows {
		switch p, q := a.Outcomes.Correct[i], b.Outcomes.Correct[i]; {
		case p && !q:
			d.First++
		case q && !p:
			d.Second++
		}
	}
	return d
}

// McNemar is the exact test of equal accuracy: given that they differ, each
// model is as likely to be the one that is right. The statistic is the smaller
// count, N the samples on which they differ; without any, p is 1.
//
// Source: McNemar 1947; Mosteller 1952 for the exact form.
func (d Discordance) McNemar() stattest.Result {
	low, n := d.split()
	return stattest.Result{Statistic: low, P: math.Min(1, 2*stattest.BinomialAtMost(low, n, 0.5)), N: int(n), Exact: true}
}

// McNemarMidP counts half of the chance of the observed split. It keeps to its
// level on average rather than always, and finds more.
//
// Source: Fagerland, Lydersen and Laake 2013.
func (d Discordance) McNemarMidP() stattest.Result {
	r := d.McNemar()
	low, n := d.split()
	r.P = 2*stattest.BinomialAtMost(low, n, 0.5) - half(low, n)
	return r
}

// McNemarChiSquare is the large-sample form, without continuity correction: the
// statistic is (b - c)^2/(b + c) with one degree of freedom.
func (d Discordance) McNemarChiSquare() stattest.Result {
	net, n := float64(d.First-d.Second), float64(d.First+d.Second)
	r := stattest.Result{N: int(n), P: 1}
	if n > 0 {
		r.Statistic = float64(net*net) / n
		r.P = stattest.ChiSquareTail(r.Statistic, 1)
	}
	return r
}

// split is the smaller of the two counts, and their sum.
func (d Discordance) split() (low, n float64) {
	return float64(min(d.First, d.Second)), float64(d.First + d.Second)
}

// half is the probability of exactly k among n fair coins.
func half(k, n float64) float64 {
	a, _ := math.Lgamma(n + 1)
	b, _ := math.Lgamma(k + 1)
	c, _ := math.Lgamma(n - k + 1)
	return math.Exp(a - b - c - float64(n*math.Ln2))
}

// StepDown adjusts the two-sided p-values of several differences for being
// judged together, by the largest studentised difference under no difference:
// replicates[h][k] is difference h in replicate k, differences and errors are the
// estimates and their standard errors. Unlike Holm's (stattest.Holm), it uses how
// the differences depend on each other, and finds more where models are alike.
// Results are at least 1/(B+1) and at most 1. Differences that are NaN stay NaN
// and count as no test; one that is 0 with no error has p = 1. A replicate
// undefined for a difference does not speak against it.
//
// Source: Romano and Wolf 2005, algorithm 4.2, with the p-values of Romano and
// Wolf 2016.
func StepDown(differences, errors []float64, replicates [][]float64) []float64 {
	t := make([]float64, len(differences))
	for h, d := range differences {
		t[h] = studentised(d, errors[h])
	}
	order := falling(t)
	adjusted := slices.Clone(t) // NaN where there is no test
	if len(order) == 0 {
		return adjusted
	}
	largest := make([]float64, len(replicates[order[0]])) // over the differences not yet judged
	for _, h := range slices.Backward(order) {
		exceed := 1
		for k, v := range replicates[h] {
			if z := studentised(v-differences[h], errors[h]); z > largest[k] {
				largest[k] = z
			}
			if largest[k] >= t[h] {
				exceed++
			}
		}
		adjusted[h] = float64(exceed) / float64(len(largest)+1)
	}
	for s := 1; s < len(order); s++ {
		adjusted[order[s]] = math.Max(adjusted[order[s]], adjusted[order[s-1]])
	}
	return adjusted
}

// falling lists the places of t by falling value, without those of NaN.
func falling(t []float64) []int {
	var order []int
	for h, v := range t {
		if !math.IsNaN(v) {
			order = append(order, h)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t[b], t[a]) })
	return order
}

// studentised is |d|/se; 0 for 0/0.
func studentised(d, se float64) float64 {
	if d == 0 && se == 0 {
		return 0
	}
	return math.Abs(d) / se
}
