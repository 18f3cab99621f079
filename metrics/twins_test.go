package metrics_test

import (
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
)

// Twins: every metric computed a second time from its definition, by the plainest
// possible code, without shortcuts, and without sorting where counting is enough.

// sample is the input of a twin.
type sample struct {
	confidence        float64
	label, prediction int
	correct           bool
	abstained, should bool // abstain
	probs             []float64
	size              int // classes in its set; -1 without sets
	holds             bool
}

// twin gets the in-distribution samples and the others, and returns NaN where
// the metric is undefined.
type twin = func(in, out []sample, at float64) float64

// twins has one function per metric id, part by part.
var twins = merge(coreTwins, selectiveTwins, calibrationTwins)

func merge(parts ...map[string]twin) map[string]twin {
	all := map[string]twin{}
	for _, p := range parts {
		maps.Copy(all, p)
	}
	return all
}

var coreTwins = map[string]twin{
	"accuracy": func(in, _ []sample, _ float64) float64 { return share(in, func(s sample) bool { return s.correct }) },
	"error": func(in, _ []sample, _ float64) float64 {
		return share(in, func(s sample) bool { return !s.correct && !s.abstained })
	},
	"top-k": func(in, _ []sample, k float64) float64 {
		return share(in, func(s sample) bool {
			above := 0
			for j, p := range s.probs {
				if p > s.probs[s.label] || p == s.probs[s.label] && j < s.label {
					above++
				}
			}
			return above < int(k)
		})
	},
	"balanced-accuracy": func(in, _ []sample, _ float64) float64 {
		total, classes := 0.0, 0.0
		for c := range 10 {
			of := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.label != c })
			if len(of) > 0 {
				total += share(of, func(s sample) bool { return s.correct })
				classes++
			}
		}
		return total / classes
	},
	"nll": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 { return -math.Log(max(s.probs[s.label], 1e-12)) })
	},
	"brier": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 {
			b := 0.0
			for j, p := range s.probs {
				y := 0.0
				if j == s.label {
					y = 1
				}
				b += (p - y) * (p - y)
			}
			return b
		})
	},
	"auroc": func(in, _ []sample, _ float64) float64 {
		right, wrong := parts(in)
		return pairs(right, wrong)
	},
	"aupr-success": func(in, _ []sample, _ float64) float64 {
		return averagePrecision(in, func(s sample) bool { return s.correct }, func(s sample) float64 { return s.confidence })
	},
	"aupr-error": func(in, _ []sample, _ float64) float64 {
		return averagePrecision(in, func(s sample) bool { return !s.correct }, func(s sample) float64 { return -s.confidence })
	},
	"fpr": func(in, _ []sample, recall float64) float64 {
		right, wrong := parts(in)
		if len(right) == 0 || len(wrong) == 0 {
			return math.NaN()
		}
		best := math.NaN()
		for _, t := range thresholds(in) { // falling, so the first with enough recall is the highest
			accept := func(s sample) bool { return s.confidence >= t }
			if share(right, accept) >= recall {
				best = share(wrong, accept)
				break
			}
		}
		return best
	},
	"aurc":  func(in, _ []sample, _ float64) float64 { return twinAURC(in) },
	"eaurc": func(in, _ []sample, _ float64) float64 { return twinAURC(in) - twinAURC(perfect(in)) },
	"naurc": func(in, _ []sample, _ float64) float64 {
		right, wrong := parts(in)
		if len(right) == 0 || len(wrong) == 0 {
			return math.NaN()
		}
		best := twinAURC(perfect(in))
		return (twinAURC(in) - best) / (share(in, func(s sample) bool { return !s.correct }) - best)
	},
	"augrc": func(in, _ []sample, _ float64) float64 {
		area, coverage, risk := 0.0, 0.0, 0.0
		if len(in) == 0 {
			return math.NaN()
		}
		for _, t := range thresholds(in) {
			c := share(in, func(s sample) bool { return s.confidence >= t })
			g := share(in, func(s sample) bool { return s.confidence >= t && !s.correct })
			area += (c - coverage) * (g + risk) / 2
			coverage, risk = c, g
		}
		return area
	},
	"sac": func(in, _ []sample, target float64) float64 {
		return widest(in, func(accepted []sample) bool {
			return share(accepted, func(s sample) bool { return s.correct }) >= target
		})
	},
	"coverage-at-risk": func(in, _ []sample, limit float64) float64 {
		return widest(in, func(accepted []sample) bool {
			return share(accepted, func(s sample) bool { return !s.correct }) <= limit
		})
	},
	"risk": func(in, _ []sample, coverage float64) float64 {
		return share(narrowest(in, coverage), func(s sample) bool { return !s.correct })
	},
	"selective-accuracy": func(in, _ []sample, coverage float64) float64 {
		return share(narrowest(in, coverage), func(s sample) bool { return s.correct })
	},
	"ece": func(in, _ []sample, bins float64) float64 {
		return twinECE(widthBins(in, int(bins)), len(in), func(w, gap, total float64) float64 { return total + w*gap })
	},
	"ece-l2": func(in, _ []sample, bins float64) float64 {
		return math.Sqrt(twinECE(widthBins(in, int(bins)), len(in), func(w, gap, total float64) float64 { return total + w*gap*gap }))
	},
	"mce": func(in, _ []sample, bins float64) float64 {
		return twinECE(widthBins(in, int(bins)), len(in), func(_, gap, total float64) float64 { return max(total, gap) })
	},
	"ece-mass": func(in, _ []sample, bins float64) float64 {
		return twinECE(massBins(in, int(bins)), len(in), func(w, gap, total float64) float64 { return total + w*gap })
	},
	"mean-confidence": func(in, out []sample, _ float64) float64 {
		if len(in) == 0 {
			in = out
		}
		return average(in, func(s sample) float64 { return s.confidence })
	},
	"overconfidence": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 { return s.confidence }) - share(in, func(s sample) bool { return s.correct })
	},
	"ood-auroc":           func(in, out []sample, _ float64) float64 { return pairs(in, out) },
	"positive-rate":       func(in, _ []sample, _ float64) float64 { return share(in, positive) },
	"true-positive-rate":  func(in, _ []sample, _ float64) float64 { return share(labelled(in, 1), positive) },
	"false-negative-rate": func(in, _ []sample, _ float64) float64 { return share(labelled(in, 1), negative) },
	"true-negative-rate":  func(in, _ []sample, _ float64) float64 { return share(labelled(in, 0), negative) },
	"false-positive-rate": func(in, _ []sample, _ float64) float64 { return share(labelled(in, 0), positive) },
}

func positive(s sample) bool { return s.prediction == 1 }
func negative(s sample) bool { return s.prediction == 0 }

func labelled(in []sample, label int) []sample {
	return slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.label != label })
}

func share(in []sample, is func(sample) bool) float64 {
	k := 0
	for _, s := range in {
		if is(s) {
			k++
		}
	}
	return float64(k) / float64(len(in))
}

func average(in []sample, of func(sample) float64) float64 {
	total := 0.0
	for _, s := range in {
		total += of(s)
	}
	return total / float64(len(in))
}

func parts(in []sample) (right, wrong []sample) {
	for _, s := range in {
		if s.correct {
			right = append(right, s)
		} else {
			wrong = append(wrong, s)
		}
	}
	return right, wrong
}

// pairs is the share of pairs (a, b) with a trusted more, ties one half.
func pairs(as, bs []sample) float64 {
	won := 0.0
	for _, a := range as {
		for _, b := range bs {
			switch {
			case a.confidence > b.confidence:
				won++
			case a.confidence == b.confidence:
				won += 0.5
			}
		}
	}
	return won / float64(len(as)*len(bs))
}

// thresholds are the distinct confidences, falling.
func thresholds(in []sample) []float64 {
	var t []float64
	for _, s := range in {
		if !s.abstained {
			t = append(t, s.confidence)
		}
	}
	slices.Sort(t)
	slices.Reverse(t)
	return slices.Compact(t)
}

func averagePrecision(in []sample, is func(sample) bool, score func(sample) float64) float64 {
	total := share(in, is)
	if total == 0 || len(in) == 0 {
		return math.NaN()
	}
	area, recall := 0.0, 0.0
	var ts []float64
	for _, s := range in {
		ts = append(ts, score(s))
	}
	slices.Sort(ts)
	slices.Reverse(ts)
	for _, t := range slices.Compact(ts) {
		taken := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return score(s) < t })
		r := share(in, func(s sample) bool { return score(s) >= t && is(s) }) / total
		area += (r - recall) * share(taken, is)
		recall = r
	}
	return area
}

func accepted(in []sample, t float64) []sample {
	return slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.abstained || s.confidence < t })
}

func widest(in []sample, ok func([]sample) bool) float64 {
	if len(answers(in)) == 0 {
		return math.NaN()
	}
	best := 0.0
	for _, t := range thresholds(in) {
		if a := accepted(in, t); ok(a) {
			best = max(best, float64(len(a))/float64(len(in)))
		}
	}
	return best
}

// narrowest is the smallest accepted set with at least the given coverage.
func narrowest(in []sample, coverage float64) []sample {
	for _, t := range thresholds(in) {
		if a := accepted(in, t); float64(len(a))/float64(len(in)) >= coverage {
			return a
		}
	}
	return nil // more is asked for than is answered
}

// answers are the samples that are answered.
func answers(in []sample) []sample {
	return slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.abstained })
}

// withholds makes the model abstain from some samples, in and out of distribution, and
// marks those that it should have abstained from.
func withholds(rng *rand.Rand, o *metrics.Outcomes) {
	o.ShouldAbstain = make([]bool, o.N())
	for i := range o.Prediction {
		o.ShouldAbstain[i] = rng.Float64() < 0.4
		if rng.Float64() < 0.2 || o.ShouldAbstain[i] && rng.Float64() < 0.5 {
			o.Prediction[i], o.Correct[i] = metrics.NoAnswer, false
		}
	}
}

// withSets gives the samples prediction sets that are meant to miss one label in five.
func withSets(rng *rand.Rand, o *metrics.Outcomes) {
	o.SetAlpha = 0.2
	for range o.N() {
		size := int32(rng.IntN(o.Classes + 1))
		o.SetSize, o.SetHolds = append(o.SetSize, size), append(o.SetHolds, rng.Float64() < float64(size)/float64(o.Classes))
	}
}

// twinAURC is the mean over prefixes of the expected risk: the risk of the
// first k in a random order among ties, expectation taken sample by sample.
func twinAURC(in []sample) float64 {
	n := len(in)
	if n == 0 {
		return math.NaN()
	}
	area := 0.0
	for k := 1; k <= n; k++ {
		errors := 0.0
		for _, s := range in {
			if s.correct {
				continue
			}
			above, equal := 0, 0
			for _, u := range in {
				switch {
				case u.confidence > s.confidence:
					above++
				case u.confidence == s.confidence:
					equal++
				}
			}
			// Probability that s is among the first k.
			errors += min(1, max(0, float64(k-above)/float64(equal)))
		}
		area += errors / float64(k)
	}
	return area / float64(n)
}

// perfect gives every correct sample more confidence than any wrong one.
func perfect(in []sample) []sample {
	in = slices.Clone(in)
	for i := range in {
		in[i].confidence = -float64(i + 1)
		if in[i].correct {
			in[i].confidence = 1
		}
	}
	return in
}

func widthBins(in []sample, m int) [][]sample {
	bins := make([][]sample, m)
	for _, s := range in {
		for k := range m {
			lo, hi := float64(k)/float64(m), float64(k+1)/float64(m)
			if s.confidence > lo && s.confidence <= hi || k == 0 && s.confidence == 0 {
				bins[k] = append(bins[k], s)
			}
		}
	}
	return bins
}

func massBins(in []sample, m int) [][]sample {
	var v []float64
	for _, s := range in {
		v = append(v, s.confidence)
	}
	slices.Sort(v)
	m = min(m, len(v))
	edges := []float64{math.Inf(-1)}
	for at, k := 0, 0; k < m-1; k++ {
		length := len(v) / m
		if k < len(v)%m {
			length++
		}
		at += length
		edges = append(edges, (v[at-1]+v[at])/2)
	}
	edges = append(edges, math.Inf(1))
	bins := make([][]sample, len(edges))
	for _, s := range in {
		for k := range len(edges) - 1 {
			if s.confidence > edges[k] && s.confidence <= edges[k+1] {
				bins[k] = append(bins[k], s)
			}
		}
	}
	return bins
}

func twinECE(bins [][]sample, n int, fold func(weight, gap, total float64) float64) float64 {
	if n == 0 {
		return math.NaN()
	}
	total := 0.0
	for _, b := range bins {
		if len(b) > 0 {
			gap := math.Abs(share(b, func(s sample) bool { return s.correct }) - average(b, func(s sample) float64 { return s.confidence }))
			total = fold(float64(len(b))/float64(n), gap, total)
		}
	}
	return total
}

// draw makes a table of probability vectors with many ties, and its samples.
// Confidences are multiples of 1/grid.
func draw(rng *rand.Rand, n, classes, grid int, outside float64) (*metrics.Outcomes, []sample, []sample) {
	rows := metrics.Rows{}
	for range n {
		p := composition(rng, classes, grid)
		label := int32(rng.IntN(classes))
		if rng.Float64() < 0.5 { // right more often than by chance
			label = int32(slices.Index(p, slices.Max(p)))
		}
		if rng.Float64() < outside {
			label = -1
		}
		rows.F64 = append(rows.F64, p...)
		rows.Label = append(rows.Label, label)
	}
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromProbs, Classes: classes, KeepVectors: true})
	if err := c.Add(rows); err != nil {
		panic(err)
	}
	o := c.Outcomes()
	in, out := samplesOf(o, "msp", rows.F64)
	return o, in, out
}

// composition draws non-negative multiples of 1/grid that add to 1.
func composition(rng *rand.Rand, classes, grid int) []float64 {
	counts := make([]int, classes)
	for range grid {
		counts[rng.IntN(1+rng.IntN(classes))]++
	}
	rng.Shuffle(classes, func(i, j int) { counts[i], counts[j] = counts[j], counts[i] })
	p := make([]float64, classes)
	for j, c := range counts {
		p[j] = float64(c) / float64(grid)
	}
	return p
}

// samplesOf lists the samples of a table as a twin sees them.
func samplesOf(o *metrics.Outcomes, confidence string, probs []float64) (in, out []sample) {
	for i := range o.N() {
		s := sample{
			confidence: o.Confidence(confidence).Value[i], correct: o.Correct[i],
			label: int(o.Label[i]), prediction: int(o.Prediction[i]), abstained: !o.Answered(i),
		}
		if o.ShouldAbstain != nil {
			s.should = o.ShouldAbstain[i]
		}
		s.size = -1
		if o.HasSets() {
			s.size, s.holds = int(o.SetSize[i]), o.SetHolds[i]
		}
		if probs != nil {
			s.probs = probs[i*o.Classes : (i+1)*o.Classes]
		}
		if s.label < 0 {
			out = append(out, s)
		} else {
			in = append(in, s)
		}
	}
	return in, out
}

// parameters are the values a metric is tried at.
func parameters(m metrics.Metric) []float64 {
	if m.Param == nil {
		return []float64{0}
	}
	tried := []float64{m.Param.Default, 0, 0.3, 0.5, 1}
	if m.Param.Integer {
		tried = []float64{m.Param.Default, 1, 2, 7}
	}
	return slices.DeleteFunc(tried, func(at float64) bool { return !m.Param.Allows(at) })
}

// same compares two values to rounding; NaN equals NaN.
func same(a, b, tolerance float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || a == b || math.Abs(a-b) <= tolerance
}

func TestTwins(t *testing.T) {
	const all = 120
	step := 1
	if testing.Short() {
		step = 3 // every third table; all numbers of classes and all kinds of ties are still included
	}
	for _, m := range metrics.Metrics() {
		twin := twins[m.ID]
		if twin == nil {
			continue // TestTable says so
		}
		t.Run(m.ID, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			defined := 0
			for trial := 0; trial < all; trial += step {
				classes := 2
				if m.Group != "groups" {
					classes = 2 + trial%4
				}
				n := trial % 40
				if m.ID == "sac-galil2023" { // undefined up to 200
					n += 230
				}
				o, in, out := draw(rng, n, classes, 3+trial%20, 0.2)
				if strings.HasPrefix(m.ID, "set-") && trial%8 > 0 {
					withSets(rng, o)
					in, out = samplesOf(o, "msp", o.Vectors)
				}
				if trial%4 > 1 || strings.HasPrefix(m.ID, "abstention-") {
					withholds(rng, o)
					in, out = samplesOf(o, "msp", o.Vectors)
				}
				if !m.OfAll {
					in, out = answers(in), answers(out)
				}
				r := metrics.Rank(o, o.Confidence("msp"))
				for _, at := range parameters(m) {
					got, want := m.Of(r, at), twin(in, out, at)
					if !same(got.Value, want, max(1e-12, approximations[m.ID])) {
						t.Fatalf("trial %d, %s: got %v, twin %v", trial, m.At(at), got.Value, want)
					}
					if (!got.Defined() || math.IsInf(got.Value, 0)) && len(got.Notes) == 0 {
						t.Fatalf("trial %d, %s: %v without a note", trial, m.At(at), got.Value)
					}
					if got.Defined() {
						defined++
					}
				}
			}
			if defined < all/2/step {
				t.Errorf("only %d of the values compared were defined", defined)
			}
		})
	}
}

// TestAURCOverOrders takes the definition literally: the mean of the AURC over
// every order that ties allow.
func TestAURCOverOrders(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	aurc, _ := metrics.Lookup("aurc")
	for trial := range 30 {
		o, in, _ := draw(rng, 1+trial%7, 3, 4, 0)
		slices.SortStableFunc(in, func(a, b sample) int {
			switch {
			case a.confidence > b.confidence:
				return -1
			case a.confidence < b.confidence:
				return 1
			}
			return 0
		})
		total, orders := 0.0, 0
		permute(in, 0, func(order []sample) {
			wrong, area := 0, 0.0
			for k, s := range order {
				if !s.correct {
					wrong++
				}
				area += float64(wrong) / float64(k+1)
			}
			total += area / float64(len(order))
			orders++
		})
		got := aurc.Of(metrics.Rank(o, o.Confidence("msp")), 0).Value
		if want := total / float64(orders); !same(got, want, 1e-13) {
			t.Fatalf("trial %d: %v, mean over %d orders %v", trial, got, orders, want)
		}
	}
}

// permute visits every order of the samples in which confidence does not rise.
func permute(s []sample, from int, visit func([]sample)) {
	if from == len(s) {
		visit(s)
		return
	}
	for i := from; i < len(s) && s[i].confidence == s[from].confidence; i++ {
		s[from], s[i] = s[i], s[from]
		permute(s, from+1, visit)
		s[from], s[i] = s[i], s[from]
	}
}
