// Package sample makes boards and curves of invented classifiers for the tests of
// the report packages. Begin with Board. Nothing in it is measured; everything
// depends only on the arguments. It may import harness, datasets and metrics.
package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Measures are metrics as the metrics table describes them, enough for tests.
var Measures = []metrics.Measure{
	{Asked: "aurc", Metric: metrics.Metric{ID: "aurc", Label: "AURC", Group: "selective", Better: metrics.Lower, Unit: "fraction", Range: [2]float64{0, 1}, Version: 1,
		Definition: "Mean over k = 1..n of the error rate among the k most confident samples; equal confidences count as the average over their orders.", Source: "Geifman, Uziel, El-Yaniv 2019, section 3",
		Peers: "tool-a gives the same.\ntool-b adds the trapezoids below the first point: smaller by about 1/(2n)."}},
	{Asked: "accuracy", Metric: metrics.Metric{ID: "accuracy", Label: "accuracy", Group: "accuracy", Better: metrics.Higher, Unit: "fraction", Range: [2]float64{0, 1}, Version: 1,
		Definition: "Share of samples whose predicted class is the label.", Source: "textbook"}},
	{Asked: "auroc", Metric: metrics.Metric{ID: "auroc", Label: "AUROC", Group: "ranking", Better: metrics.Higher, Unit: "fraction", Range: [2]float64{0, 1}, Version: 1,
		Definition: "Chance that a right answer is more confident than a wrong one; equal confidences count one half. Undefined if all answers are right or all are wrong.", Source: "Hendrycks, Gimpel 2017"}},
	{Asked: "ece", At: 15, Metric: metrics.Metric{ID: "ece", Label: "ECE", Group: "calibration", Better: metrics.Lower, Unit: "fraction", Range: [2]float64{0, 1}, Version: 1,
		Param:      &metrics.Param{Name: "bins", Default: 15, Min: 1, Max: 10000, Integer: true},
		Definition: "Sum over equal-width bins of confidence of the bin's share times the distance of its accuracy from its mean confidence. Undefined if the confidence is no probability.", Source: "Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017, equation 3"}},
	{Asked: "nll", Metric: metrics.Metric{ID: "nll", Label: "NLL", Group: "accuracy", Better: metrics.Lower, Unit: "nats", Range: [2]float64{0, math.Inf(1)}, Version: 1,
		Definition: "Mean of minus the natural logarithm of the label's probability.", Source: "textbook"}},
	{Asked: "sac@0.95", At: 0.95, Metric: metrics.Metric{ID: "sac", Label: "SAC", Group: "selective", Better: metrics.Higher, Unit: "fraction", Range: [2]float64{0, 1}, Version: 1,
		Param:      &metrics.Param{Name: "accuracy", Default: 0.99, Min: 0, Max: 1},
		Definition: "Largest coverage whose selective accuracy is at least the parameter, taken at the ends of groups of equal confidence; 0 if there is none.", Source: "Galil, Dabbah, El-Yaniv 2023, section 2"}},
	{Asked: "sac@0.99", At: 0.99, Metric: metrics.Metric{ID: "sac", Label: "SAC", Group: "selective", Better: metrics.Higher, Unit: "fraction", Range: [2]float64{0, 1}, Version: 1,
		Param:      &metrics.Param{Name: "accuracy", Default: 0.99, Min: 0, Max: 1},
		Definition: "Largest coverage whose selective accuracy is at least the parameter, taken at the ends of groups of equal confidence; 0 if there is none.", Source: "Galil, Dabbah, El-Yaniv 2023, section 2"}},
}

// Point is an estimate without an interval.
func Point(v float64, n int) metrics.Estimate {
	return metrics.Estimate{Value: v, Lo: math.NaN(), Hi: math.NaN(), N: n}
}

// Undefined is an estimate that does not exist, with the reason.
func Undefined(n int, why string) metrics.Estimate {
	e := Point(math.NaN(), n)
	e.Notes = []string{why}
	return e
}

var families = []string{"mlp16-d2", "mlp64-d3", "cnn14-w16-d2", "cnn24-w32-d4", "resnet8", "mixer", "vit-tiny", "gru32", "logistic", "extra-trees-500-leaf2"}

var regimes = []string{"vanilla", "ensemble", "distilled", "pretrained", "calibrated", "noisy-label", "few-data", "bagged", "semi-supervised", "weakly-supervised",
	"mixup", "focal", "label-smoothing", "adversarial", "early-stopped", "over-trained", "logit-norm", "weight-decay", "dropout", "mc-dropout", "augmented",
	"confidence-penalty", "one-vs-rest", "weight-averaged", "self-supervised", "stacked"}

// Board is a leaderboard of the given number of models. The first few have names
// in other scripts than Latin.
func Board(models int) *board.Board {
	r := rand.New(rand.NewPCG(1, uint64(models)))
	b := &board.Board{By: Measures[0], Beside: Measures[1:], Models: models, All: models, N: 2000, Classes: 8,
		Choice: board.Selection{Dataset: "fashion-523", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"}}
	foreign := []string{"модель-α-w16-drop-seed0", "模型-大-w32-seed1", "größe-cnn14-seed2", "モデル-小-seed3"}
	for i := range models {
		k := int(float64(len(regimes)) * math.Pow(r.Float64(), 2.2)) // a few regimes are frequent
		family := families[i%len(families)]
		name := fmt.Sprintf("%s-%s-seed%d", family, regimes[k], i/len(families))
		if i > 2 && i-3 < len(foreign) {
			name = foreign[i-3]
		}
		b.Entries = append(b.Entries, entry(r, name, regimes[k], family, b.N))
	}
	slices.SortStableFunc(b.Entries, func(x, y board.Entry) int { return compare(x.Value.Value, y.Value.Value) })
	for i := range b.Entries {
		b.Entries[i].Rank, b.Entries[i].Overall = i+1, i+1
	}
	return b
}

func compare(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// entry invents a model whose metrics are related roughly as those of real models
// are.
func entry(r *rand.Rand, name, regime, family string, n int) board.Entry {
	accuracy := 0.95 - 0.25*r.Float64()*r.Float64()
	auroc := 0.9 - 0.2*r.Float64()*r.Float64()
	aurc := (1 - accuracy) * (1 - accuracy) * (0.6 + 6*(1-auroc))
	ece := Point(0.004+0.2*math.Pow(r.Float64(), 3), n)
	if r.IntN(40) == 0 {
		ece = Undefined(n, "the confidence is no probability")
	}
	nll := (1 - accuracy) * (2 + r.Float64())
	sac := math.Max(0, 1-(1-accuracy)*3*(1+r.Float64()))
	return board.Entry{Model: name, Confidence: "msp", Meta: datasets.Meta{{Key: "family", Value: family}, {Key: "regime", Value: regime}, {Key: "params", Value: fmt.Sprint(1000 + r.IntN(90000))}},
		Value: Point(aurc, n), Beside: []metrics.Estimate{Point(accuracy, n), Point(auroc, n), ece, Point(nll, n), Point(sac, n), Point(math.Max(0, sac-0.3), n)}}
}

// Curves draws at random a confidence and an error for each of n samples of each
// of the board's models at the given places, and computes what package board
// would.
func Curves(b *board.Board, n int, places ...int) []board.Curves {
	var all []board.Curves
	for _, at := range places {
		e := b.Entries[at]
		r := rand.New(rand.NewPCG(2, uint64(at)))
		accuracy := e.Beside[0].Value
		type answer struct {
			confidence float64
			wrong      bool
		}
		answers := make([]answer, n)
		for i := range answers {
			c := 1 - 0.85*math.Pow(r.Float64(), 1.5+1.5*accuracy)
			answers[i] = answer{c, r.Float64() > math.Pow(c, 0.35+float64(at%5)/8)}
		}
		slices.SortFunc(answers, func(a, b answer) int { return compare(b.confidence, a.confidence) })
		c := board.Curves{Model: e.Model, Confidence: "msp", Meta: e.Meta, N: n}
		sums := make([]float64, 15)
		rights := make([]int, 15)
		counts := make([]int, 15)
		wrong := 0
		for i, a := range answers {
			if a.wrong {
				wrong++
			}
			k := min(14, max(0, int(math.Ceil(a.confidence*15))-1))
			sums[k] += a.confidence
			counts[k]++
			if !a.wrong {
				rights[k]++
			}
			c.RiskCoverage = append(c.RiskCoverage, metrics.Point{Coverage: float64(i+1) / float64(n), Risk: float64(wrong) / float64(i+1), Threshold: a.confidence})
		}
		c.ErrorRate = float64(wrong) / float64(n)
		for i := range n {
			c.Oracle = append(c.Oracle, metrics.Point{Coverage: float64(i+1) / float64(n), Risk: math.Max(0, float64(i+1-(n-wrong))) / float64(i+1)})
		}
		for k := range 15 {
			c.Reliability = append(c.Reliability, metrics.Bin{Lo: float64(k) / 15, Hi: float64(k+1) / 15, N: counts[k], Accuracy: float64(rights[k]) / float64(counts[k]), Confidence: sums[k] / float64(counts[k])})
		}
		all = append(all, c)
	}
	return all
}

// Results is the provenance and the failures of a run.
func Results() *results.Results {
	return &results.Results{
		Run: results.RunInfo{Version: "v0.1.0", Corpora: []results.CorpusInfo{{Name: "../shared/corpus/fashion-523", Hash: "xxh3:9f1c0d2e7b6a5948c3d2e1f00a1b2c3d", Tables: 1250, Bytes: 104_857_600}}},
		Failures: []results.Failure{
			{Table: "corpus/fashion-523/test/cnn14-w16-d2-drop-seed7.arrow", Model: "cnn14-w16-d2-drop-seed7", Dataset: "fashion-523", Split: "test", Condition: "clean",
				Reason: `column "logits": row 4711: NaN`, Hint: `run "abstain check cnn14-w16-d2-drop-seed7" to list every bad row`},
			{Table: "corpus/fashion-523/test/損傷.arrow", Model: "損傷", Dataset: "fashion-523", Split: "test", Condition: "clean",
				Reason: "the footer lies outside the file (offset 81234, size 4096)", Hint: "copy the file again"},
		},
	}
}

// Resolve invents what the samples say about a board: an interval for every
// value, and ranks, ties and groups as if models were separable where their
// values differ by more than a third.
func Resolve(b *board.Board) *board.Board {
	interval := func(e *metrics.Estimate) {
		if e.Defined() {
			se := 0.04 * math.Sqrt(math.Abs(e.Value))
			e.Lo, e.Hi, e.Level = math.Max(0, e.Value-1.8*se), e.Value+2.1*se, 0.95
		}
	}
	separable := func(x, y board.Entry) bool { return y.Value.Value > 1.33*x.Value.Value }
	group, tied := 0, 0
	for i := range b.Entries {
		e := &b.Entries[i]
		interval(&e.Value)
		for k := range e.Beside {
			interval(&e.Beside[k])
		}
		e.Ranks = ranks.Interval{Lo: 1, Hi: len(b.Entries)}
		for _, other := range b.Entries {
			if separable(other, *e) {
				e.Ranks.Lo++
			}
			if separable(*e, other) {
				e.Ranks.Hi--
			}
		}
		if e.Tie = e.Ranks.Lo == 1; e.Tie {
			tied++
		}
		if e.Stripe == 0 {
			group++
			for j := i; j < len(b.Entries); j++ {
				if b.Entries[j].Stripe == 0 && !separable(*e, b.Entries[j]) {
					b.Entries[j].Stripe = group
				}
			}
		}
	}
	b.Resolution = &board.Resolution{Kind: board.Simultaneous, Level: 0.95, Least: 3, Most: 3, Draws: 1000,
		N: b.N, Adjacent: len(b.Entries) - 1, Tied: tied}
	order := make([]int, len(b.Entries))
	for i := range order {
		order[i] = i
	}
	letters := ranks.ConnectedLetters(order, func(i, j int) bool { return separable(b.Entries[i], b.Entries[j]) })
	b.Groups = len(letters.Groups)
	for i := range b.Entries {
		b.Entries[i].Groups = letters.Of(i)
	}
	return b
}

// WithBands gives curves the intervals of their points.
func WithBands(all []board.Curves) []board.Curves {
	for i := range all {
		c := &all[i]
		c.Level = 0.95
		c.RiskBand.Lo, c.RiskBand.Hi = resample.RiskBand(c.RiskCoverage, c.N, c.Level)
		c.AccuracyBand.Lo, c.AccuracyBand.Hi = resample.ReliabilityBand(c.Reliability, c.Level)
	}
	return all
}
