package stattest_test

import (
	"fmt"

	"abstain/metrics/stattest"
)

// Do two metrics order six models alike?
func ExampleSpearman() {
	accuracy := []float64{0.71, 0.74, 0.76, 0.78, 0.80, 0.83}
	auroc := []float64{0.84, 0.86, 0.83, 0.87, 0.85, 0.88}
	s, k := stattest.Spearman(accuracy, auroc), stattest.Kendall(accuracy, auroc)
	fmt.Printf("Spearman %.3f (p = %.3f), Kendall %.3f (p = %.3f, exact %v)\n", s.Statistic, s.P, k.Statistic, k.P, k.Exact)
	// Output: Spearman 0.600 (p = 0.242), Kendall 0.467 (p = 0.272, exact true)
}

// Did a training regime help its models, each against its vanilla twin?
func ExampleWilcoxon() {
	vanilla := []float64{85.1, 84.2, 86.0, 83.3, 85.5, 84.9}
	distilled := []float64{85.9, 85.3, 85.8, 84.6, 86.2, 85.0}
	r := stattest.Wilcoxon(distilled, vanilla)
	fmt.Printf("rank sum %.0f of %d pairs, p = %.4f\n", r.Statistic, r.N, r.P)
	// Output: rank sum 2 of 6 pairs, p = 0.0938
}

// Three tests at once: only the first stays below 0.05.
func ExampleHolm() {
	fmt.Println(stattest.Holm([]float64{0.01, 0.04, 0.03}))
	// Output: [0.03 0.06 0.06]
}

// An interval on an accuracy.
func ExampleWilson() {
	lo, hi := stattest.Wilson(93, 100, 0.95)
	fmt.Printf("0.93 [%.3f, %.3f]\n", lo, hi)
	// Output: 0.93 [0.863, 0.966]
}
