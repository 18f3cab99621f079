package metrics_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics/calibration"
)

// calibrationTwins are the twins of calibration.
var calibrationTwins = map[string]twin{
	"ece-debiased": func(in []sample, _ []sample, bins float64) float64 { return twinDebiased(in, int(bins)) },
	"ece-unweighted": func(in, _ []sample, bins float64) float64 {
		full := 0.0
		for _, b := range widthBins(in, int(bins)) {
			if len(b) > 0 {
				full++
			}
		}
		return twinECE(widthBins(in, int(bins)), len(in), func(_, gap, total float64) float64 { return total + gap/full })
	},
	"ece-over":  func(in, _ []sample, bins float64) float64 { return twinPart(in, int(bins), -1) },
	"ece-under": func(in, _ []sample, bins float64) float64 { return twinPart(in, int(bins), 1) },
	"ece-p":     twinP,
	"ece-sweep": func(in, _ []sample, _ float64) float64 { return twinSweep(in) },
	"ece-top-class": func(in, _ []sample, bins float64) float64 {
		total, classes := 0.0, 0.0
		for class := range 10 {
			of := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.prediction != class })
			if len(of) > 0 {
				total += twinL1(widthBins(of, int(bins)), len(of))
				classes++
			}
		}
		return total / classes
	},
	"ece-classwise": func(in, _ []sample, bins float64) float64 {
		return meanOverClasses(in, func(of []sample) float64 { return twinL1(widthBins(of, int(bins)), len(of)) })
	},
	"mce-classwise": func(in, _ []sample, bins float64) float64 {
		worst := math.NaN()
		for _, of := range byClass(in) {
			e := twinECE(widthBins(of, int(bins)), len(of), func(_, gap, total float64) float64 { return max(total, gap) })
			if !(e <= worst) {
				worst = e
			}
		}
		return worst
	},
	"ece-classwise-debiased": func(in, _ []sample, bins float64) float64 {
		return math.Sqrt(meanOverClasses(in, func(of []sample) float64 {
			e := twinDebiased(of, int(bins))
			return e * e
		}))
	},
	"ace": func(in, _ []sample, bins float64) float64 {
		return meanOverClasses(in, func(of []sample) float64 { return twinL1(rankBins(of, int(bins)), len(of)) })
	},
	"tace": func(in, _ []sample, threshold float64) float64 {
		return meanOverClasses(in, func(of []sample) float64 {
			of = slices.DeleteFunc(of, func(s sample) bool { return s.confidence <= threshold })
			if len(of) == 0 {
				return 0
			}
			return twinL1(rankBins(of, 15), len(of))
		})
	},

	"smece":             func(in, _ []sample, _ float64) float64 { value, _ := twinSmooth(in, 1); return value },
	"smece-width":       func(in, _ []sample, _ float64) float64 { _, width := twinSmooth(in, 1); return width },
	"smece-sigma":       func(in, _ []sample, sigma float64) float64 { return twinSmoothAt(in, sigma, 400, 1) },
	"smece-blasiok2023": func(in, _ []sample, _ float64) float64 { value, _ := twinSmooth(in, 0.5); return value },
	"sece":              twinSECE,
	"mmce": func(in, _ []sample, width float64) float64 {
		total := 0.0
		for _, a := range in {
			for _, b := range in {
				total += residual(a) * residual(b) * math.Exp(-math.Abs(a.confidence-b.confidence)/width)
			}
		}
		return math.Sqrt(max(0, total)) / float64(len(in))
	},
	"kde-ece":    func(in, _ []sample, b float64) float64 { return twinKernel(in, b, 1) },
	"kde-ece-l2": func(in, _ []sample, b float64) float64 { return twinKernel(in, b, 2) },
	"kde-ece-marginal": func(in, _ []sample, b float64) float64 {
		return meanOverClasses(in, func(of []sample) float64 { return float64(len(in[0].probs)) * twinKernel(of, b, 1) })
	},
	"kde-ece-canonical": twinCanonical,

	"ks-error": func(in, _ []sample, _ float64) float64 {
		high, low := twinWalk(in)
		return max(high, -low)
	},
	"ks": func(in, _ []sample, _ float64) float64 {
		high, low := twinWalk(in)
		return max(high, -low) / twinScale(in)
	},
	"ks-p": func(in, _ []sample, _ float64) float64 {
		high, low := twinWalk(in)
		return 1 - stayed(max(high, -low)/twinScale(in))
	},
	"kuiper": func(in, _ []sample, _ float64) float64 {
		high, low := twinWalk(in)
		return (high - low) / twinScale(in)
	},
	"kuiper-p": func(in, _ []sample, _ float64) float64 {
		high, low := twinWalk(in)
		return 1 - within1((high-low)/twinScale(in))
	},
	"spiegelhalter-z": func(in, _ []sample, _ float64) float64 { return twinSpiegelhalter(in) },
	"spiegelhalter-p": func(in, _ []sample, _ float64) float64 {
		return math.Erfc(math.Abs(twinSpiegelhalter(in)) / math.Sqrt2)
	},
	"spiegelhalter-upper-p": func(in, _ []sample, _ float64) float64 { return (1 - math.Erf(twinSpiegelhalter(in)/math.Sqrt2)) / 2 },

	"mcb": func(in, _ []sample, _ float64) float64 {
		return twinScore(in, quadratic, confidenceOf) - twinScore(in, quadratic, fitted(in))
	},
	"dsc": func(in, _ []sample, _ float64) float64 {
		return twinScore(in, quadratic, accuracyOf(in)) - twinScore(in, quadratic, fitted(in))
	},
	"unc":        func(in, _ []sample, _ float64) float64 { return twinScore(in, quadratic, accuracyOf(in)) },
	"refinement": func(in, _ []sample, _ float64) float64 { return twinScore(in, quadratic, fitted(in)) },
	"mcb-log": func(in, _ []sample, _ float64) float64 {
		return twinScore(in, logarithmic, confidenceOf) - twinScore(in, logarithmic, fitted(in))
	},
	"dsc-log": func(in, _ []sample, _ float64) float64 {
		return twinScore(in, logarithmic, accuracyOf(in)) - twinScore(in, logarithmic, fitted(in))
	},
	"unc-log":        func(in, _ []sample, _ float64) float64 { return twinScore(in, logarithmic, accuracyOf(in)) },
	"refinement-log": func(in, _ []sample, _ float64) float64 { return twinScore(in, logarithmic, fitted(in)) },

	"brier-uncertainty": func(in, _ []sample, _ float64) float64 {
		total := 0.0
		for _, s := range in {
			for _, u := range in {
				if s.label != u.label {
					total++
				}
			}
		}
		return total / float64(len(in)*len(in))
	},
	"brier-resolution": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 { return distance2(frequencies(in, s.prediction), frequencies(in, -1)) })
	},
	"brier-reliability": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 { return distance2(frequencies(in, s.prediction), s.probs) })
	},
}

// approximations are the metrics whose computation, or whose twin, is not exact
// to rounding, with the difference allowed. TestSmoothECE looks closer at smece.
var approximations = map[string]float64{
	"smece": 2e-3, "smece-width": 2e-3, "smece-sigma": 2e-4, "smece-blasiok2023": 3e-2, // the vectors hold it to 1e-9
	"ece-debiased": 1e-7, "ece-classwise-debiased": 1e-7, // roots of differences that may be 0
	"sece": 1e-9, "kde-ece": 1e-9, "kde-ece-l2": 1e-9, "kde-ece-marginal": 1e-8, "kde-ece-canonical": 1e-9,
}

// calibrationBySize are the metrics that change when every sample is doubled:
// tests, whose power grows; estimates that leave the sample itself out or
// correct for small bins; edges at ranks; a density with a constant added.
var calibrationBySize = []string{
	"ece-p", "ks", "ks-p", "kuiper", "kuiper-p", "spiegelhalter-z", "spiegelhalter-p", "spiegelhalter-upper-p",
	"sece", "kde-ece", "kde-ece-l2", "kde-ece-marginal", "kde-ece-canonical",
	"ece-debiased", "ece-classwise-debiased", "ece-sweep", "ace", "tace", "smece-blasiok2023",
}

func residual(s sample) float64 {
	if s.correct {
		return s.confidence - 1
	}
	return s.confidence
}

func twinL1(bins [][]sample, n int) float64 {
	return twinECE(bins, n, func(w, gap, total float64) float64 { return total + w*gap })
}

func twinDebiased(in []sample, m int) float64 {
	total := 0.0
	for _, b := range massBins(in, m) {
		if n := float64(len(b)); n > 1 {
			accuracy := share(b, func(s sample) bool { return s.correct })
			gap := average(b, residual)
			total += n / float64(len(in)) * (gap*gap - accuracy*(1-accuracy)/(n-1))
		}
	}
	if len(in) == 0 {
		return math.NaN()
	}
	return math.Sqrt(max(0, total))
}

// twinPart is the part of ECE in bins whose accuracy minus confidence has a sign.
func twinPart(in []sample, m int, sign float64) float64 {
	total := 0.0
	for _, b := range widthBins(in, m) {
		if len(b) > 0 {
			total += float64(len(b)) / float64(len(in)) * max(0, -sign*average(b, residual))
		}
	}
	if len(in) == 0 {
		return math.NaN()
	}
	return total
}

// twinP draws correctness at random, sample by sample, least trusted first.
func twinP(in, _ []sample, bins float64) float64 {
	if len(in) == 0 {
		return math.NaN()
	}
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b sample) int { return cmp.Compare(a.confidence, b.confidence) })
	least := twinL1(widthBins(in, int(bins)), len(in))
	rng := rand.New(rand.NewPCG(1, 0))
	reached := 0.0
	for range 1000 {
		gaps := make([]float64, int(bins)+1)
		for _, s := range in {
			k := 0
			for s.confidence > float64(k)/bins {
				k++
			}
			if k == 0 {
				k = 1
			}
			gaps[k] += s.confidence
			if rng.Float64() < s.confidence {
				gaps[k]--
			}
		}
		total := 0.0
		for _, g := range gaps {
			total += math.Abs(g)
		}
		if total/float64(len(in)) > least-1e-9 {
			reached++
		}
	}
	return (1 + reached) / 1001
}

// twinSweep tries all numbers of bins of equal mass in turn.
func twinSweep(in []sample) float64 {
	n := len(in)
	if n == 0 {
		return math.NaN()
	}
	in = slices.Clone(in)
	slices.SortFunc(in, func(a, b sample) int {
		if a.confidence == b.confidence && a.correct != b.correct {
			if b.correct {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.confidence, b.confidence)
	})
	cut := func(m int) [][]sample {
		runs := make([][]sample, m)
		for j, s := range in {
			k := min(m-1, int(float64(j)/float64(n)*float64(m)))
			runs[k] = append(runs[k], s)
		}
		return runs
	}
	best := cut(1)
	for m := 2; m < n; m++ {
		runs := cut(m)
		falls := false
		for k := 1; k < m; k++ {
			right := func(s sample) bool { return s.correct }
			falls = falls || share(runs[k], right) < share(runs[k-1], right)
		}
		if falls {
			break
		}
		best = runs
	}
	edges := []float64{math.Inf(-1)}
	for k := 1; k < len(best); k++ {
		edges = append(edges, (best[k-1][len(best[k-1])-1].confidence+best[k][0].confidence)/2)
	}
	edges = append(edges, in[n-1].confidence, math.Inf(1))
	return twinL1(leftClosed(in, edges), n)
}

// leftClosed places samples between edges, which rise and may coincide.
func leftClosed(in []sample, edges []float64) [][]sample {
	bins := make([][]sample, len(edges)-1)
	for _, s := range in {
		for k := range bins {
			if s.confidence >= edges[k] && s.confidence < edges[k+1] {
				bins[k] = append(bins[k], s)
			}
		}
	}
	return bins
}

// rankBins have their edges at sorted confidences.
func rankBins(in []sample, m int) [][]sample {
	var v []float64
	for _, s := range in {
		v = append(v, s.confidence)
	}
	slices.Sort(v)
	edges := []float64{math.Inf(-1)}
	for k := 1; k < m; k++ {
		edges = append(edges, v[min(len(v)-1, int(math.RoundToEven(float64(k)*(float64(len(v))/float64(m)))))])
	}
	return leftClosed(in, append(edges, math.Inf(1)))
}

// byClass are the samples once per class, with its probability as confidence,
// right where it is the label.
func byClass(in []sample) [][]sample {
	if len(in) == 0 {
		return nil
	}
	classes := make([][]sample, len(in[0].probs))
	for k := range classes {
		for _, s := range in {
			classes[k] = append(classes[k], sample{confidence: s.probs[k], correct: s.label == k})
		}
	}
	return classes
}

func meanOverClasses(in []sample, of func([]sample) float64) float64 {
	total := 0.0
	classes := byClass(in)
	for _, c := range classes {
		total += of(c)
	}
	return total / float64(len(classes))
}

// twinSmoothAt sums kernels and their mirror images and adds up |residual| in
// the middles of cells. Samples at 0 and 1 have a weight of their own.
func twinSmoothAt(in []sample, sigma float64, cells int, atEnds float64) float64 {
	if len(in) == 0 {
		return math.NaN()
	}
	sums, mass := map[float64]float64{}, 0.0
	for _, s := range in {
		weight := 1.0
		if s.confidence == 0 || s.confidence == 1 {
			weight = atEnds
		}
		sums[s.confidence] += weight * residual(s)
		mass += weight
	}
	total := 0.0
	for j := range cells {
		t := (float64(j) + 0.5) / float64(cells)
		r := 0.0
		for _, c := range slices.Sorted(keys(sums)) {
			for image := -5.0; image <= 5; image++ {
				for _, d := range []float64{t - c - 2*image, t + c - 2*image} {
					if d = math.Abs(d) / sigma; d < 8 {
						r += sums[c] * math.Exp(-d*d/2)
					}
				}
			}
		}
		total += math.Abs(r) / (sigma * math.Sqrt(2*math.Pi))
	}
	return total / float64(cells) / mass
}

func keys(m map[float64]float64) func(func(float64) bool) {
	return func(yield func(float64) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// twinSmooth finds the bandwidth by halving an interval.
func twinSmooth(in []sample, atEnds float64) (value, width float64) {
	if len(in) == 0 {
		return math.NaN(), math.NaN()
	}
	lo, hi := 0.001, 1.0
	if v := twinSmoothAt(in, lo, 4000, atEnds); v <= lo {
		return v, lo
	}
	for hi-lo > 2e-4 {
		width = (lo + hi) / 2
		if twinSmoothAt(in, width, max(100, int(4/width)), atEnds) > width {
			lo = width
		} else {
			hi = width
		}
	}
	return width, width
}

func twinSECE(in, _ []sample, h float64) float64 {
	total, entered := 0.0, 0.0
	for i, s := range in {
		all, right := 0.0, 0.0
		for j, u := range in {
			d := (s.confidence - u.confidence) / h
			if i != j {
				all += math.Exp(-d * d / 2)
				if u.correct {
					right += math.Exp(-d * d / 2)
				}
			}
		}
		if all >= 1e-12 {
			total += math.Abs(right/all - s.confidence)
			entered++
		}
	}
	return total / entered
}

// twinKernel compares the logarithms of beta densities directly.
func twinKernel(in []sample, b float64, norm float64) float64 {
	if len(in) < 2 {
		return math.NaN()
	}
	total := 0.0
	for i, s := range in {
		var logs []float64
		for j, u := range in {
			if i != j {
				logs = append(logs, logBeta(s.confidence, u.confidence, b))
			}
		}
		others := slices.Delete(slices.Clone(in), i, i+1)
		top := slices.Max(logs)
		if math.IsInf(top, -1) { // on the boundary alone: the nearest outweighs the rest
			for j, u := range others {
				logs[j] = -1e9 * math.Abs(u.confidence-s.confidence)
			}
			top = slices.Max(logs)
		}
		all, right := 0.0, 0.0
		for j, u := range others {
			w := math.Exp(logs[j] - top)
			all += w
			if u.correct {
				right += w
			}
		}
		total += math.Pow(math.Abs(right/all-s.confidence), norm)
	}
	return total / float64(len(in))
}

// logBeta is the logarithm of the beta density about c at z.
func logBeta(z, c, b float64) float64 {
	return logDirichlet([]float64{z, 1 - z}, []float64{c, 1 - c}, b)
}

// logDirichlet is the logarithm of the Dirichlet density about p at z.
func logDirichlet(z, p []float64, b float64) float64 {
	value, total := 0.0, 0.0
	for k := range z {
		g, _ := math.Lgamma(p[k]/b + 1)
		value -= g
		total += p[k]/b + 1
		if p[k] > 0 {
			value += p[k] / b * math.Log(z[k])
		}
	}
	g, _ := math.Lgamma(total)
	return value + g
}

func twinCanonical(in, _ []sample, b float64) float64 {
	total, entered := 0.0, 0.0
	for i, s := range in {
		logs := make([]float64, len(in))
		top := math.Inf(-1)
		for j, u := range in {
			logs[j] = math.Inf(-1)
			if i != j {
				logs[j] = logDirichlet(s.probs, u.probs, b)
			}
			top = max(top, logs[j])
		}
		if math.IsInf(top, -1) {
			continue
		}
		all, by := 0.0, make([]float64, len(s.probs))
		for j, u := range in {
			w := math.Exp(logs[j] - top)
			all += w
			by[u.label] += w
		}
		for k, p := range s.probs {
			total += math.Abs(by[k]/all - p)
		}
		entered++
	}
	return total / entered
}

// twinWalk is the highest and the lowest sum of residuals over n among the
// samples up to each confidence, and among none.
func twinWalk(in []sample) (high, low float64) {
	if len(in) == 0 {
		return math.NaN(), math.NaN()
	}
	for _, t := range thresholds(in) {
		at := 0.0
		for _, s := range in {
			if s.confidence <= t {
				at -= residual(s) / float64(len(in))
			}
		}
		high, low = max(high, at), min(low, at)
	}
	return high, low
}

func twinScale(in []sample) float64 {
	v := 0.0
	for _, s := range in {
		v += s.confidence * (1 - s.confidence)
	}
	if v == 0 {
		return math.NaN()
	}
	return math.Sqrt(v) / float64(len(in))
}

// stayed is the probability that Brownian motion stays in (-x, x) for a unit of
// time, by its eigenfunctions.
func stayed(x float64) float64 {
	p := 0.0
	for k := 200; k >= 0; k-- {
		o := float64(2*k + 1)
		p += math.Pow(-1, float64(k)) / o * math.Exp(-o*o*math.Pi*math.Pi/(8*x*x))
	}
	return p * 4 / math.Pi
}

// within1 is the probability that the range of Brownian motion over a unit of
// time is below x.
func within1(x float64) float64 {
	p := 0.0
	for k := 400; k >= 0; k-- {
		o := float64(k) + 0.5
		if e := math.Exp(-2 * o * o * math.Pi * math.Pi / (x * x)); e != 0 { // 8/(x*x) may be infinite
			p += (8/(x*x) + 2/(o*o*math.Pi*math.Pi)) * e
		}
	}
	return p
}

func twinSpiegelhalter(in []sample) float64 {
	excess, variance := 0.0, 0.0
	for _, s := range in {
		slope := 1 - 2*s.confidence
		excess -= residual(s) * slope
		variance += slope * slope * s.confidence * (1 - s.confidence)
	}
	if variance < 1e-30 {
		return math.NaN()
	}
	return excess / math.Sqrt(variance)
}

func confidenceOf(s sample) float64 { return s.confidence }

func accuracyOf(in []sample) func(sample) float64 {
	a := share(in, func(s sample) bool { return s.correct })
	return func(sample) float64 { return a }
}

// fitted is isotonic regression by its max-min formula: the largest over ranges
// that end at or before a sample of the smallest accuracy from there on.
func fitted(in []sample) func(sample) float64 {
	values := thresholds(in)
	slices.Reverse(values)
	return func(s sample) float64 {
		best := math.Inf(-1)
		for _, from := range values {
			if from > s.confidence {
				break
			}
			least := math.Inf(1)
			for _, to := range values {
				if to >= s.confidence {
					of := slices.DeleteFunc(slices.Clone(in), func(u sample) bool { return u.confidence < from || u.confidence > to })
					least = min(least, share(of, func(u sample) bool { return u.correct }))
				}
			}
			best = max(best, least)
		}
		return best
	}
}

func quadratic(p float64, right bool) float64 {
	if right {
		return (1 - p) * (1 - p)
	}
	return p * p
}

func logarithmic(p float64, right bool) float64 {
	if right {
		return -math.Log(p)
	}
	return -math.Log(1 - p)
}

func twinScore(in []sample, score func(float64, bool) float64, p func(sample) float64) float64 {
	return average(in, func(s sample) float64 { return score(p(s), s.correct) })
}

// frequencies are the label frequencies of the samples predicted as a class, or
// of all for -1.
func frequencies(in []sample, prediction int) []float64 {
	f := make([]float64, len(in[0].probs))
	n := 0.0
	for _, s := range in {
		if prediction < 0 || s.prediction == prediction {
			f[s.label]++
			n++
		}
	}
	for k := range f {
		f[k] /= n
	}
	return f
}

func distance2(a, b []float64) float64 {
	d := 0.0
	for k := range a {
		d += (a[k] - b[k]) * (a[k] - b[k])
	}
	return d
}

// TestSmoothECE compares with the definition on fine cells, to the stated error.
func TestSmoothECE(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for trial := range 6 {
		_, in, _ := draw(rng, 5+30*trial, 3, 50, 0)
		confidence, correct := columns(in)
		for _, sigma := range []float64{0.004, 0.01, 0.05, 0.2, 1} {
			got, want := calibration.SmoothECEAt(confidence, correct, sigma), twinSmoothAt(in, sigma, int(200/sigma), 1)
			if !same(got, want, 1.5e-6) {
				t.Errorf("n = %d, sigma %v: %v, by images %v", len(in), sigma, got, want)
			}
		}
		value, width := calibration.SmoothECE(confidence, correct)
		if value != width && !same(value, width, 1e-12) && width != 0.001 {
			t.Errorf("n = %d: error %v at bandwidth %v", len(in), value, width)
		}
	}
}

func columns(in []sample) (confidence []float64, correct []bool) {
	for _, s := range in {
		confidence, correct = append(confidence, s.confidence), append(correct, s.correct)
	}
	return confidence, correct
}

func TestCalibrationIdentities(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := all(tables(rt))
		for _, c := range []struct {
			whole string
			parts []string
		}{
			{"ece@15", []string{"ece-over@15", "ece-under@15"}},
			{"unc", []string{"refinement", "dsc"}},
			{"unc-log", []string{"refinement-log", "dsc-log"}},
		} {
			total := 0.0
			for _, id := range c.parts {
				total += v[id]
			}
			if !same(v[c.whole], total, 1e-12) {
				rt.Errorf("%s = %v, sum of %v = %v", c.whole, v[c.whole], c.parts, total)
			}
		}
	})
}
