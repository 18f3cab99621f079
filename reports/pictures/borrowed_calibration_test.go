package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestBorrowedSentences(t *testing.T) {
	paired := study.Basis{Intervals: []study.Interval{{Method: study.OwnInterval, Level: 0.95, Over: study.NewSamples}}}
	sentences(t, "borrowed-calibration", []study.Finding{
		{Claim: study.BorrowedCalibration{Cloud: "big", Divergence: "kl", Eps: 0.1, Better: 1, Worse: 3, Edges: 5, Before: 0.0642, After: 0.0915,
			AtTemperature: 0.0403, AtCloudTemperature: 0.0413, LosesToTemperature: 4, LosesToCloudsTemper: 2, BeatsCloudsTemper: 1}, Basis: paired, N: 5, Of: study.Models},
		{Claim: study.BorrowedCalibration{Cloud: "big", Divergence: "wasserstein", Eps: 0.5, Best: true, Better: 1, Edges: 1, Before: 0.06, After: 0.03, Accuracy: 0.004,
			AtTemperature: 0.04, AtCloudTemperature: 0.04, CloudIsWorse: 1}, Basis: paired, N: 1, Of: study.Models},
		{Claim: study.CloudCovered{Inside: 9, All: 10, Edges: 5, Eps: 2}, Basis: study.Basis{Counted: true}, N: 10, Of: study.Pairs},
		{Claim: study.CredalAbstention{Edges: 5, Scores: []study.CredalScore{{Name: "score:credal-width", Better: 3, Worse: 2, Change: -0.01, P: 0.5},
			{Name: "score:credal-certain", Worse: 5, Change: 0.07, P: 0.008}}}, N: 5, Of: study.Models,
			Basis: study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, P: math.NaN(), Level: 0.95, Units: 5,
				Family: study.Family{Correction: study.Holm, Size: 2, Of: "confidence function"}}}}},
	},
		"Hedged with big (kl, eps 0.1), ECE falls for 1 of 5 edges and rises for 3, beyond what their rows leave open: median 9.2 %, as they are 6.4 %; "+
			"it loses to temperatures fitted with labels (4.0 %) for 4, and to the cloud's temperature (4.1 %) for 2, which it beats for 1; no class changes "+
			"(95 % paired intervals of each edge by itself, over new samples; 5 models).",
		"Hedged with big (wasserstein, eps 0.5, of those asked the one of the least ECE on these rows), ECE falls for 1 of 1 edge and rises for 0, beyond what their rows leave open: "+
			"median 3.0 %, as they are 6.0 %; it loses to temperatures fitted with labels (4.0 %) for 0, and to the cloud's temperature (4.0 %) for 0, which it beats for 0; "+
			"accuracy moves by 0.4 % at most; 1 edge is more often right than the cloud (95 % paired intervals of each edge by itself, over new samples; 1 model).",
		"The sets hold the cloud's distribution as often as their law allows in 95 % of draws for 9 of 10: 5 edges at 2 eps "+
			"(exact count; the law is Beta-binomial, of the rows that gave the threshold and those judged; 10 pairs).",
		"Abstaining by what the set leaves open, AURC less that by the hedged msp: score:credal-width −1.00 %, better for 3 and worse for 2 (p = 0.5, not beyond chance); "+
			"score:credal-certain +7.00 %, better for 0 and worse for 5 (p = 0.008) (median change on the same rows; Wilcoxon with Holm over 2 confidence functions over 5 units; 5 models).")
	remarks(t, "borrowed-calibration", []study.Missing{study.NotBorrowed{}}, []study.Note{study.OneCloud{Rows: 62}},
		"no model compared has borrowed a calibration on these samples: abstain run CORPUS --credal cloud=MODEL,edge=PATTERN",
		"all thresholds are taken from the same 62 rows with the same cloud, so that the coverages of the edges move together")
}

// TestBorrowedFigure: the curves of all edges, and none of a single eps.
func TestBorrowedFigure(t *testing.T) {
	d := &study.Borrowed{Cloud: "big", Divergence: "kl", Metric: "ece@15", Edges: []string{"a", "b"}, Eps: []float64{0.1, 0.5},
		ECE: [][]float64{{0.1, 0.05}, {0.2, 0.1}}, Lo: [][]float64{{0.05, 0.01}, {0.1, 0.05}}, Hi: [][]float64{{0.2, 0.1}, {0.3, 0.2}},
		Edge: []float64{0.07, 0.15}, Own: []float64{0.02, math.NaN()}, CloudT: []float64{0.04, 0.06}}
	of := func(d *study.Borrowed) int {
		figures, err := borrowedFigures(&study.Report{Level: 0.95}, &study.Experiment{Data: d})
		if err != nil {
			t.Fatal(err)
		}
		return len(figures)
	}
	if of(d) != 1 {
		t.Error("no figure")
	}
	d.Eps = d.Eps[:1]
	if of(d) != 0 {
		t.Error("a curve of one point")
	}
}
