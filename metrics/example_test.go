package metrics_test

import (
	"fmt"
	"log"
	"math"

	"abstain/metrics"
)

// outcomes are those of a classifier over three classes on six samples.
func outcomes() *metrics.Outcomes {
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromProbs, Classes: 3, Column: "probs"})
	err := c.Add(metrics.Rows{
		F64: []float64{
			0.90, 0.05, 0.05,
			0.10, 0.80, 0.10,
			0.15, 0.15, 0.70,
			0.60, 0.30, 0.10,
			0.20, 0.55, 0.25,
			0.35, 0.25, 0.40,
		},
		Label: []int32{0, 1, 2, 1, 1, 0},
	})
	if err != nil {
		panic(err)
	}
	return c.Outcomes()
}

// The simplest use: a confidence and correctness per sample.
func Example_fromConfidence() {
	confidence := []float64{0.95, 0.90, 0.80, 0.70, 0.60, 0.55}
	correct := []bool{true, true, true, false, true, false}
	r := metrics.FromConfidence(confidence, correct)
	fmt.Printf("accuracy %.3f\n", metrics.Accuracy(r).Value)
	fmt.Printf("AUROC    %.3f\n", metrics.AUROC(r).Value)
	fmt.Printf("AURC     %.3f\n", metrics.AURC(r).Value)
	fmt.Printf("ECE      %.3f\n", metrics.ECE(r, 15).Value)
	fmt.Printf("coverage %.3f at 99 %% accuracy\n", metrics.SAC(r, 0.99).Value)
	// Output:
	// accuracy 0.667
	// AUROC    0.875
	// AURC     0.131
	// ECE      0.200
	// coverage 0.500 at 99 % accuracy
}

// Unusual data gives no number, but the reason, and never 0.
func ExampleFromConfidence() {
	r := metrics.FromConfidence([]float64{3.5, -1.2}, []bool{true, true}) // logits, all right
	fmt.Println(metrics.AUROC(r).Notes, metrics.ECE(r, 15).Notes, metrics.AURC(r).Value)
	r = metrics.FromConfidence([]float64{0.9, math.NaN()}, []bool{true, false})
	fmt.Println(metrics.AURC(r).Notes, metrics.Accuracy(r).Value)
	// Output:
	// [no wrong predictions] [the confidence is no probability] 0
	// [a confidence is NaN] 0.5
}

// Equal confidences form one group: a threshold takes all of it or nothing.
func ExampleSAC() {
	r := metrics.FromConfidence([]float64{0.9, 0.8, 0.8, 0.1}, []bool{true, true, false, true})
	fmt.Println(metrics.SAC(r, 1).Value, metrics.SAC(r, 0.75).Value, metrics.SAC(r, 0.6).Value)
	// Output: 0.25 1 1
}

// The error rate among the samples that are answered, at coverage 1/2 or more.
func ExampleRisk() {
	r := metrics.FromConfidence([]float64{0.9, 0.8, 0.7, 0.6}, []bool{true, false, true, false})
	fmt.Println(metrics.Risk(r, 0.5).Value, metrics.Risk(r, 1).Value)
	// Output: 0.5 0.5
}

// A metric that a user names.
func ExampleParseMeasure() {
	m, err := metrics.ParseMeasure("sac@0.950")
	if err != nil {
		panic(err)
	}
	r := metrics.FromConfidence([]float64{0.9, 0.8, 0.7}, []bool{true, true, false})
	fmt.Printf("%s, %s: %.3f\n", m.ID(), m.Label(), m.Of(r).Value)
	_, err = metrics.ParseMeasure("auroк")
	fmt.Println(err)
	// Output:
	// sac@0.95, SAC@0.950: 0.667
	// metric "auroк" is not known: did you mean "auroc"?
}

// From rows of logits to estimates.
func Example() {
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: 3, Column: "logits"})
	err := c.Add(metrics.Rows{ // row by row, any number of batches
		F32:   []float32{4, 1, 0, 0, 3, 1, 2, 1, 0, 1, 1.5, 0},
		Label: []int32{0, 1, 0, 0},
	})
	if err != nil {
		log.Fatal(err)
	}
	outcomes := c.Outcomes()                                     // a few numbers a sample
	ranked := metrics.Rank(outcomes, outcomes.Confidence("msp")) // sorted once
	for _, m := range metrics.MustMeasures("accuracy", "nll", "aurc", "sac@0.99", "ece@15") {
		fmt.Printf("%-8s %.3f\n", m.Label(), m.Of(ranked).Value)
	}
	// Output:
	// accuracy 0.750
	// NLL      0.437
	// AURC     0.062
	// SAC@0.99 0.750
	// ECE@15   0.275
}

// A row that is no probability vector is an error that names column and row.
func ExampleCollector_Add() {
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromProbs, Classes: 2, Column: "probs"})
	err := c.Add(metrics.Rows{F32: []float32{0.5, 0.5, 0.75, 0.75}, Label: []int32{0, 1}})
	fmt.Println(err)
	// Output: column "probs": row 1: probabilities add to 1.5, off by more than 0.001
}

// With Report set, every problem is listed.
func ExampleSpec() {
	c := metrics.NewCollector(metrics.Spec{
		Kind: metrics.FromProbs, Classes: 2, Column: "probs",
		Report: func(p metrics.RowProblem) bool { fmt.Println(p); return true },
	})
	if err := c.Add(metrics.Rows{F32: []float32{1.25, -0.25, 0.75, 0.25}, Label: []int32{0, 2}}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// column "probs": row 0: class 1: probability -0.25 is negative
	// column "label": row 1: label 2 is outside -1..1
}

// Three samples share a confidence; they form one group.
func ExampleRank() {
	o := &metrics.Outcomes{Correct: []bool{true, false, true, true, false}}
	r := metrics.Rank(o, &metrics.Confidence{Name: "stored", Value: []float64{0.9, 0.5, 0.5, 0.5, 0.1}})
	fmt.Println(r.Order, r.Ends, r.Wrong)
	// Output: [0 1 2 3 4] [1 4 5] [0 1 2]
}

func ExampleParse() {
	m, at, _ := metrics.Parse("sac")
	fmt.Println(m.Label, m.Param.Name, at)
	_, _, err := metrics.Parse("auroq")
	fmt.Println(err)
	// Output:
	// SAC accuracy 0.99
	// metric "auroq" is not known: did you mean "auroc"?
}

func ExampleCanonical() {
	id, _ := metrics.Canonical("fpr@0.950")
	fmt.Println(id)
	// Output: fpr@0.95
}

func ExampleRiskCoverage() {
	o := outcomes()
	for _, p := range metrics.RiskCoverage(metrics.Rank(o, o.Confidence("msp"))) {
		fmt.Printf("confidence >= %.2f: coverage %.2f, risk %.2f\n", p.Threshold, p.Coverage, p.Risk)
	}
	// Output:
	// confidence >= 0.90: coverage 0.17, risk 0.00
	// confidence >= 0.80: coverage 0.33, risk 0.00
	// confidence >= 0.70: coverage 0.50, risk 0.00
	// confidence >= 0.60: coverage 0.67, risk 0.25
	// confidence >= 0.55: coverage 0.83, risk 0.20
	// confidence >= 0.40: coverage 1.00, risk 0.33
}

func ExampleReliability() {
	o := outcomes()
	for _, b := range metrics.Reliability(metrics.Rank(o, o.Confidence("msp")), 4) {
		fmt.Printf("(%.2f, %.2f] n = %d, accuracy %.2f, confidence %.2f\n", b.Lo, b.Hi, b.N, b.Accuracy, b.Confidence)
	}
	// Output:
	// (0.00, 0.25] n = 0, accuracy NaN, confidence NaN
	// (0.25, 0.50] n = 1, accuracy 0.00, confidence 0.40
	// (0.50, 0.75] n = 3, accuracy 0.67, confidence 0.62
	// (0.75, 1.00] n = 2, accuracy 1.00, confidence 0.85
}

// The area that a perfect ranking of two errors among six samples would have.
func ExamplePerfect() {
	fmt.Printf("%.4f\n", metrics.Perfect(6, 2))
	// Output: 0.0889
}

// Take restricts outcomes to some rows, here those of one group.
func ExampleOutcomes_Take() {
	o := outcomes()
	r := metrics.Rank(o.Take([]int32{3, 4, 5}), nil)
	m, _ := metrics.Lookup("accuracy")
	fmt.Printf("%.2f of %d\n", m.Of(r, 0).Value, r.N())
	// Output: 0.33 of 3
}

// Samples of unknown classes are joined for the metrics that need them.
func ExampleConcat() {
	known := &metrics.Outcomes{Label: []int32{0, 1}, Correct: []bool{true, true}, Confidences: []metrics.Confidence{{Name: "stored", Value: []float64{0.9, 0.4}}}}
	strange := &metrics.Outcomes{Label: []int32{-1, -1}, Correct: []bool{false, false}, Confidences: []metrics.Confidence{{Name: "stored", Value: []float64{0.5, 0.3}}}}
	both, err := metrics.Concat(known, strange)
	if err != nil {
		panic(err)
	}
	m, _ := metrics.Lookup("ood-auroc")
	fmt.Println(m.Of(metrics.Rank(both, both.Confidence("stored")), 0).Value)
	// Output: 0.75
}

// Thin keeps the ends and the peaks.
func ExampleThin() {
	var curve []metrics.Point
	for k := 1; k <= 9; k++ {
		p := metrics.Point{Coverage: float64(k) / 9}
		if k == 4 {
			p.Risk = 0.5
		}
		curve = append(curve, p)
	}
	for _, p := range metrics.Thin(curve, 4) {
		fmt.Printf("(%.2f, %.1f) ", p.Coverage, p.Risk)
	}
	fmt.Println()
	// Output: (0.11, 0.0) (0.44, 0.5) (0.56, 0.0) (1.00, 0.0)
}

// An undefined value is NaN and says why.
func ExampleEstimate() {
	o := &metrics.Outcomes{Correct: []bool{true, true}}
	m, _ := metrics.Lookup("auroc")
	e := m.Of(metrics.Rank(o, &metrics.Confidence{Value: []float64{1, 2}}), 0)
	fmt.Println(e.Defined(), e.Notes)
	// Output: false [no wrong predictions]
}

// For tied confidences, code that goes through the rows gives a value that
// depends on their order; Rank gives the mean over all orders.
func ExampleRankRows() {
	o := &metrics.Outcomes{
		Correct:     []bool{true, false, true, true},
		Confidences: []metrics.Confidence{{Name: "stored", Value: []float64{0.9, 0.8, 0.8, 0.8}}},
	}
	aurc, _ := metrics.Lookup("aurc")
	fmt.Printf("by row    %.4f\n", aurc.Of(metrics.RankRows(o, &o.Confidences[0]), 0).Value)
	fmt.Printf("expected  %.4f\n", aurc.Of(metrics.Rank(o, &o.Confidences[0]), 0).Value)
	// Output:
	// by row    0.2708
	// expected  0.1597
}

// The threshold of largest coverage whose risk on new samples is bounded.
func ExampleGuaranteed() {
	o := &metrics.Outcomes{Confidences: []metrics.Confidence{{Name: "stored", Probability: true}}}
	for i := range 1000 {
		confidence := float64(i) / 1000
		o.Correct = append(o.Correct, i%7 != 0 || confidence > 0.4)
		o.Confidences[0].Value = append(o.Confidences[0].Value, confidence)
	}
	r := metrics.Rank(o, &o.Confidences[0])
	p, ok := metrics.Guaranteed(r, 0.05, 0.001)
	fmt.Printf("%v: accept confidence >= %.3f, coverage %.3f, risk %.3f, at most %.3f\n", ok, p.Threshold, p.Coverage, p.Risk, p.Bound)
	// Output: true: accept confidence >= 0.295, coverage 0.705, risk 0.021, at most 0.049
}
