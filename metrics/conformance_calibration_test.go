package metrics_test

import (
	"cmp"
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/calibration"
)

var topLabel = map[string]any{"scope": "top-label"}

// uncataloguedCalibration are the metrics of calibration that have no reference
// value by the same convention, or have it only in a list or by the function
// behind them.
var uncataloguedCalibration = []string{
	"mce", "overconfidence", "ece-unweighted", "ece-over", "ece-under", "ece-p", "ece-sweep", "ece-top-class",
	"ece-classwise", "mce-classwise", "ace", "smece", "smece-width", "smece-sigma", "sece",
	"kuiper", "kuiper-p", "spiegelhalter-p",
	"mcb", "dsc", "unc", "refinement", "mcb-log", "dsc-log", "unc-log", "refinement-log",
	"brier-uncertainty", "brier-resolution", "brier-reliability",
}

// calibrationRules are the rules of calibration.
var calibrationRules = []rule{
	{kind: "binary", metric: "ece", convention: "edges.right-closed-first-closed-f64", id: "ece@{bins}"},
	{kind: "binary", metric: "rmsce", convention: "edges.right-closed-first-closed-f64", id: "ece-l2@{bins}"},
	{kind: "binary", metric: "ece", convention: "equal-mass.midpoints", id: "ece-mass@{bins}"},
	{kind: "multiclass", metric: "ece", convention: "equal-mass.midpoints", params: topLabel, id: "ece-mass@{bins}"},
	{kind: "groups", metric: "ece", convention: "edges.right-closed-first-closed-f64", of: groupECE},

	{kind: "binary", metric: "ece", convention: "edges.left-closed-f64+1e-8", of: binned(calibration.Options{Edges: calibration.LeftClosedStretched})},
	{kind: "binary", metric: "mce", convention: "edges.left-closed-f64+1e-8", of: binned(calibration.Options{Edges: calibration.LeftClosedStretched, Norm: calibration.Largest})},
	{kind: "binary", metric: "ece", convention: "edges.left-closed-last-closed-f64", of: binned(calibration.Options{Edges: calibration.LeftClosed})},
	{kind: "binary", metric: "mce", convention: "edges.left-closed-last-closed-f64", of: binned(calibration.Options{Edges: calibration.LeftClosed, Norm: calibration.Largest})},
	{kind: "binary", metric: "ace_netcal", convention: "mean-gap-over-nonempty-bins", of: binned(calibration.Options{Edges: calibration.LeftClosed, Norm: calibration.MeanGap})},
	{kind: "binary", metric: "ece", convention: "edges.left-closed-phantom-last", precision: "float64", of: binned(calibration.Options{Edges: calibration.LeftClosedOne})},
	{kind: "binary", metric: "mce", convention: "edges.left-closed-phantom-last", of: binned(calibration.Options{Edges: calibration.LeftClosedOne, Norm: calibration.Largest})},
	{kind: "binary", metric: "rmsce", convention: "edges.left-closed-phantom-last", of: binned(calibration.Options{Edges: calibration.LeftClosedOne, Norm: calibration.L2})},
	{kind: "binary", metric: "ece", convention: "edges.left-closed-phantom-last", precision: "float32", of: binned(calibration.Options{Edges: calibration.LeftClosedOne32}), explain: []explanation{float32Sums}},
	{kind: "binary", metric: "ece", convention: "edges.right-closed-accumulated-f64", of: binned(calibration.Options{Edges: calibration.RightClosedStepped})},
	{kind: "binary", metric: "mce", convention: "edges.right-closed-accumulated-f64", of: binned(calibration.Options{Edges: calibration.RightClosedStepped, Norm: calibration.Largest})},
	{kind: "binary", metric: "ece", convention: "edges.right-closed-f32", of: binned(calibration.Options{Edges: calibration.RightClosed32})},
	{kind: "binary", metric: "mce", convention: "edges.right-closed-f32", of: binned(calibration.Options{Edges: calibration.RightClosed32, Norm: calibration.Largest})},
	{kind: "binary", metric: "ece", convention: "mapie.uniform-linspace-num-bins-edges", of: binned(calibration.Options{Edges: calibration.RightClosedZero, Bins: -1})},
	{kind: "binary", metric: "ece", convention: "signed-residual-sum-per-bin", of: binned(calibration.Options{Edges: calibration.LeftClosedOne})},
	{kind: "binary", metric: "ece", convention: "equal-mass.array-split", of: binned(calibration.Options{Binning: calibration.EqualCount}), explain: []explanation{emptyRuns, tornTies}},
	{kind: "binary", metric: "mce", convention: "equal-mass.array-split", of: binned(calibration.Options{Binning: calibration.EqualCount, Norm: calibration.Largest}), explain: []explanation{emptyRuns, tornTies}},
	{kind: "binary", metric: "rmsce", convention: "equal-mass.array-split", of: binned(calibration.Options{Binning: calibration.EqualCount, Norm: calibration.L2}), explain: []explanation{emptyRuns, tornTies}},
	{kind: "binary", metric: "rmsce", convention: "equal-mass.midpoints", of: binned(calibration.Options{Binning: calibration.EqualMass, Norm: calibration.L2})},
	{kind: "binary", metric: "rmsce_debiased", convention: "equal-mass.midpoints", id: "ece-debiased@{bins}"},
	{kind: "binary", metric: "rmsce_debiased", convention: "edges.right-closed-first-closed-f64", of: binned(calibration.Options{Norm: calibration.L2, Debias: true})},
	{kind: "binary", metric: "rmsce", convention: "one bin per distinct value", of: binned(calibration.Options{Binning: calibration.Distinct, Norm: calibration.L2})},
	{kind: "binary", metric: "ece", convention: "mapie.quantile", of: binned(calibration.Options{Binning: calibration.Quantiles, Bins: -1})},
	{kind: "binary", metric: "ece_sweep", convention: "sweep.equal-mass", of: binned(calibration.Options{Binning: calibration.SweepMass, Threshold: positive64}), explain: []explanation{otherSweep}},
	{kind: "binary", metric: "ece_sweep", convention: "sweep.equal-width", of: binned(calibration.Options{Binning: calibration.SweepWidth, Threshold: positive64})},

	{kind: "multiclass", metric: "ece", convention: "edges.left-closed-f64", peer: "uncertainty-metrics", of: binned(calibration.Options{Edges: calibration.LeftClosedOne})},
	{kind: "multiclass", metric: "ece", convention: "edges.left-closed-f64", peer: "robustness_metrics", of: binned(calibration.Options{Edges: calibration.LeftClosedOne})},
	{kind: "multiclass", metric: "ece", convention: "edges.left-closed-f64", peer: "uq360", of: upperHalf},
	{kind: "multiclass", metric: "ece", convention: "edges.left-closed-last-closed-f64", of: binned(calibration.Options{Edges: calibration.LeftClosed})},
	{kind: "multiclass", metric: "ece", convention: "edges.left-closed-phantom-last", of: binned(calibration.Options{Edges: calibration.LeftClosedOne32})},
	{kind: "multiclass", metric: "mce", convention: "edges.left-closed-phantom-last", of: binned(calibration.Options{Edges: calibration.LeftClosedOne32, Norm: calibration.Largest})},
	{kind: "multiclass", metric: "rmsce", convention: "edges.left-closed-phantom-last", of: binned(calibration.Options{Edges: calibration.LeftClosedOne32, Norm: calibration.L2})},
	{kind: "multiclass", metric: "ece", convention: "edges.right-closed-accumulated-f64", of: binned(calibration.Options{Edges: calibration.RightClosedStepped})},
	{kind: "multiclass", metric: "ece", convention: "equal-mass.midpoints", of: binned(calibration.Options{Binning: calibration.EqualMass})},
	{kind: "multiclass", metric: "rmsce", convention: "equal-mass.midpoints", of: binned(calibration.Options{Binning: calibration.EqualMass, Norm: calibration.L2})},
	{kind: "multiclass", metric: "rmsce_debiased", convention: "equal-mass.midpoints", params: topLabel, id: "ece-debiased@{bins}"},
	{kind: "multiclass", metric: "rmsce_debiased", convention: "equal-mass.midpoints", params: map[string]any{"scope": "classwise"}, id: "ece-classwise-debiased@{bins}"},
	{kind: "multiclass", metric: "rmsce", convention: "equal-mass.google", of: binned(calibration.Options{Binning: calibration.EqualMassLeft, Norm: calibration.L2})},
	{kind: "multiclass", metric: "ace", convention: "equal-mass.google", of: binned(calibration.Options{Binning: calibration.EqualMassLeft, Threshold: positive64})},
	{kind: "multiclass", metric: "ace", convention: "equal-mass.google+1", of: binned(calibration.Options{Binning: calibration.EqualMassLeft, Threshold: positive64})},
	{kind: "multiclass", metric: "tace", convention: "equal-mass.google", params: map[string]any{"bins": 15.}, id: "tace@{threshold}"},
	{kind: "multiclass", metric: "sce", convention: "edges.left-closed-f64", of: binned(calibration.Options{Edges: calibration.LeftClosedOne, Threshold: positive64})},
	{kind: "multiclass", metric: "ece_classwise", convention: "edges.left-closed-f64+1e-8", of: binned(calibration.Options{Edges: calibration.LeftClosedStretched})},
	{kind: "multiclass", metric: "mce_classwise", convention: "edges.left-closed-f64+1e-8", of: binned(calibration.Options{Edges: calibration.LeftClosedStretched, Norm: calibration.Largest})},
	{kind: "multiclass", metric: "ece_sweep", convention: "sweep.equal-mass", of: binned(calibration.Options{Binning: calibration.SweepMass, Threshold: positive64}), explain: []explanation{otherSweep}},
	{kind: "multiclass", metric: "ece_topclass", convention: "mapie.top-label-by-predicted-class", of: topClass},

	{kind: "binary", metric: "smece", convention: "smece.reflected-gaussian-grid", id: "smece-blasiok2023"},
	{kind: "binary", metric: "smece_width", convention: "smece.reflected-gaussian-grid", of: meshWidth},
	{kind: "binary", metric: "smece_sigma", convention: "smece.reflected-gaussian-grid", of: meshAt},
	{kind: "multiclass", metric: "smece", convention: "smece.reflected-gaussian-grid", id: "smece-blasiok2023"},
	{kind: "binary", metric: "ks_error", convention: "max abs difference of cumulative score and accuracy over n", id: "ks-error"},
	{kind: "binary", metric: "ks", convention: "ecce-mad / scale", id: "ks", explain: []explanation{orderedByNoise, noVariance}},
	{kind: "binary", metric: "ks_p", convention: "brownian-max-abs", id: "ks-p", explain: []explanation{orderedByNoise, noVariance}},
	{kind: "binary", metric: "kuiper", convention: "ecce-range / scale", of: kuiperWithoutOrigin, explain: []explanation{orderedByNoise}},
	{kind: "binary", metric: "kuiper_p", convention: "brownian-range", of: kuiperWithoutOriginP, explain: []explanation{orderedByNoise}},
	{kind: "binary", metric: "spiegelhalter_z", convention: "z", id: "spiegelhalter-z", explain: []explanation{noVariance}},
	{kind: "binary", metric: "spiegelhalter_p", convention: "one-sided 1-cdf", id: "spiegelhalter-upper-p", explain: []explanation{noVariance}},
	{kind: "binary", metric: "corp_brier", convention: "mcb,dsc,unc of the isotonic (CORP) decomposition of the binary Brier score", of: corpBrier},
	{kind: "multiclass", metric: "brier_decomposition", convention: "brier.decomposition-by-predicted-class", of: brierParts},
	{kind: "multiclass", metric: "mmce", convention: "mmce", id: "mmce@0.4"},
	{kind: "binary", metric: "ece_kde", convention: "beta-kernel-leave-one-out", params: map[string]any{"p": 1.}, id: "kde-ece@{bandwidth}", explain: kernelReasons},
	{kind: "binary", metric: "ece_kde", convention: "beta-kernel-leave-one-out", params: map[string]any{"p": 2.}, id: "kde-ece-l2@{bandwidth}", explain: kernelReasons},
	{kind: "multiclass", metric: "ece_kde", convention: "beta/dirichlet kernel, leave-one-out", params: map[string]any{"p": 1., "scope": "top_label"}, id: "kde-ece@{bandwidth}", explain: kernelReasons},
	{kind: "multiclass", metric: "ece_kde", convention: "beta/dirichlet kernel, leave-one-out", params: map[string]any{"p": 2., "scope": "top_label"}, id: "kde-ece-l2@{bandwidth}", explain: kernelReasons},
	{kind: "multiclass", metric: "ece_kde", convention: "beta/dirichlet kernel, leave-one-out", params: map[string]any{"p": 1., "scope": "marginal"}, id: "kde-ece-marginal@{bandwidth}", explain: kernelReasons},
	{kind: "multiclass", metric: "ece_kde", convention: "beta/dirichlet kernel, leave-one-out", params: map[string]any{"p": 2., "scope": "marginal"}, of: kernelError, explain: kernelReasons},
	{kind: "multiclass", metric: "ece_kde", convention: "beta/dirichlet kernel, leave-one-out", params: map[string]any{"p": 1., "scope": "canonical"}, id: "kde-ece-canonical@{bandwidth}", explain: kernelReasons},
	{kind: "multiclass", metric: "ece_kde", convention: "beta/dirichlet kernel, leave-one-out", params: map[string]any{"p": 2., "scope": "canonical"}, of: kernelError, explain: kernelReasons},
}

// meshWidth and meshAt are smECE's bandwidth, and smECE at a bandwidth, as its
// authors' code has them.
func meshWidth(q *question) []float64 {
	_, width := calibration.SmoothECEOnMesh(q.confidence("").Value, q.outcomes.Correct)
	return []float64{width}
}

func meshAt(q *question) []float64 {
	return []float64{calibration.SmoothECEOnMeshAt(q.confidence("").Value, q.outcomes.Correct, q.number("sigma"))}
}

// kuiperWithoutOrigin is the range of the walk after its first step.
func kuiperWithoutOrigin(q *question) []float64 {
	w := calibration.CumulativeDifferences(q.confidence("").Value, q.outcomes.Correct)
	return []float64{w.Walk / w.Scale}
}

func kuiperWithoutOriginP(q *question) []float64 {
	return []float64{calibration.BrownianRange(kuiperWithoutOrigin(q)[0])}
}

func corpBrier(q *question) []float64 {
	d := calibration.DecomposeBrier(q.confidence("").Value, q.outcomes.Correct)
	return []float64{d.Miscalibration(), d.Discrimination(), d.Uncertainty}
}

// brierParts computes the peer's parts from ours by known terms. The peer omits
// the 1 in the uncertainty. In the resolution of a predicted class it subtracts
// the frequency of that class from the label frequencies of all classes, instead
// of subtracting from each its own.
func brierParts(q *question) []float64 {
	o := q.outcomes
	d := calibration.DecomposeBrierByPrediction(o.Vectors, o.Classes, o.Label, o.Prediction)
	labels, predictions := make([]float64, o.Classes), make([]float64, o.Classes)
	for i, l := range o.Label {
		labels[l] += 1 / float64(o.N())
		predictions[o.Prediction[i]] += 1 / float64(o.N())
	}
	off := 0.0
	for k, f := range labels {
		off += f*f + predictions[k]*(float64(o.Classes)*f*f-2*f)
	}
	return []float64{d.Uncertainty - 1, d.Resolution + off, d.Reliability}
}

// positive64, as a threshold, leaves out zeros, as some peers do.
const positive64 = math.SmallestNonzeroFloat64

// binned is the calibration error of the entry's scope with its bins (and
// o.Bins more) and its threshold.
func binned(o calibration.Options) func(q *question) []float64 {
	return func(q *question) []float64 {
		o := o
		o.Bins += int(q.number("bins"))
		if q.has("threshold") {
			o.Threshold = q.number("threshold")
		}
		out := q.outcomes
		switch q.text("scope") {
		case "classwise":
			return []float64{calibration.ClasswiseError(out.Vectors, out.Classes, out.Label, o)}
		case "positive-class":
			confidence, correct := positiveClass(out)
			return []float64{calibration.Error(confidence, correct, o)}
		}
		return []float64{calibration.Error(q.confidence("").Value, out.Correct, o)}
	}
}

// positiveClass is the probability of class 1 of two, and whether it is the label.
func positiveClass(out *metrics.Outcomes) (p []float64, is []bool) {
	for i, l := range out.Label {
		p, is = append(p, out.Vector(i)[1]), append(is, l == 1)
	}
	return p, is
}

// topClass is the mean of the calibration errors by predicted class; the bins
// of the entry are its edges.
func topClass(q *question) []float64 {
	o := calibration.Options{Edges: calibration.RightClosedZero, Bins: int(q.number("bins")) - 1}
	return []float64{calibration.TopClassError(q.confidence("").Value, q.outcomes.Correct, q.outcomes.Prediction, o)}
}

// groupECE is the ECE of a binary task's score, taken as the probability of
// class 1, in the group of the entry.
func groupECE(q *question) []float64 {
	var confidence []float64
	var correct []bool
	for i, score := range q.confidence("").Value {
		confidence = append(confidence, max(score, 1-score))
		correct = append(correct, (score >= 0.5) == (q.outcomes.Label[i] == 1))
	}
	return []float64{calibration.Error(confidence, correct, calibration.Options{Bins: int(q.number("bins"))})}
}

// kernelError is KDE-ECE of the entry's scope over class vectors.
func kernelError(q *question) []float64 {
	o, bandwidth, norm := q.outcomes, q.number("bandwidth"), int(q.number("p"))
	if q.text("scope") == "marginal" {
		return []float64{calibration.MarginalKernelError(o.Vectors, o.Classes, o.Label, bandwidth, norm)}
	}
	return []float64{calibration.CanonicalKernelError(o.Vectors, o.Classes, o.Label, bandwidth, norm)}
}

// upperHalf is the calibration error of the top label, over bins from 1/2 on if
// there are two classes.
func upperHalf(q *question) []float64 {
	o := calibration.Options{Edges: calibration.LeftClosedOne}
	if q.outcomes.Classes == 2 {
		o.From = 0.5
	}
	return binned(o)(q)
}

// Reviewed reasons to differ from a peer's calibration error.
var (
	emptyRuns = explanation{
		"with fewer samples than bins ours leaves empty runs out; the peer divides by their size and returns NaN, or 0 for the l2 norm",
		func(q *question, _, want []float64) bool {
			return q.outcomes.N() < int(q.number("bins")) && (math.IsNaN(want[0]) || want[0] == 0)
		},
	}
	tornTies = explanation{
		"runs that tear ties apart depend on the order among them; ours is the order given, the peer's sort is not stable; its value is possible with another order",
		func(q *question, _, want []float64) bool { return possibleByTies(q, want[0]) },
	}
	otherSweep = explanation{
		"the number of bins at which the accuracies first fall depends on the order among ties; ours is the order given, the peer's sort is not stable; its value is that of another number of bins",
		func(q *question, _, want []float64) bool { return sweepsTo(q, want[0]) },
	}
	noVariance = explanation{
		"undefined where every confidence is 0, 1/2 or 1, so that the statistic has no variance; the peer divides by 0",
		func(q *question, got, _ []float64) bool {
			return math.IsNaN(got[0]) && !slices.ContainsFunc(q.confidence("").Value, func(c float64) bool { return c != 0 && c != 0.5 && c != 1 })
		},
	}
	kernelReasons = []explanation{{
		"kernels at a probability of 0 or 1, where the peer has 0 log 0 = NaN; ours is the limit",
		func(q *question, got, want []float64) bool { return math.IsNaN(want[0]) && atEnds(q) },
	}, {
		"the peer's float32 overflows where kernels are high: NaN",
		func(q *question, got, want []float64) bool {
			return math.IsNaN(want[0]) && q.entry.Precision == "float32"
		},
	}, {
		"the peer computes kernels, from logarithms of gamma functions, in float32, and raises their sums to 1e-10",
		func(q *question, got, want []float64) bool {
			return q.entry.Precision == "float32" && agree(got, want, 5e-3)
		},
	}}
	orderedByNoise = explanation{
		"ours looks at the walk at ends of groups of equal confidence; the peer adds noise of 1e-8, which orders ties at random; its value is possible with another order",
		func(q *question, got, want []float64) bool { return walkedThroughTies(q, got[0], want[0]) },
	}
	float32Sums = explanation{
		"the peer adds up to 10000 confidences of a bin one after the other in float32; so added ours is the same",
		func(q *question, _, want []float64) bool {
			return agree([]float64{addedIn32(q)}, want, q.entry.Tolerance)
		},
	}
)

// atEnds reports whether a probability of the entry's scope is 0 or 1.
func atEnds(q *question) bool {
	values := q.confidence("").Value
	if scope := q.text("scope"); scope == "marginal" || scope == "canonical" {
		values = q.outcomes.Vectors
	}
	return slices.ContainsFunc(values, func(p float64) bool { return p <= 0 || p >= 1 })
}

// byConfidence is the samples of a question, least trusted first, ties in order.
func byConfidence(q *question) []sample {
	var in []sample
	for i, v := range q.confidence("").Value {
		in = append(in, sample{confidence: v, correct: q.outcomes.Correct[i]})
	}
	slices.SortStableFunc(in, func(a, b sample) int { return cmp.Compare(a.confidence, b.confidence) })
	return in
}

// runsOf cuts samples into runs whose lengths differ by at most one, longer first.
func runsOf(in []sample, m int) [][]sample {
	var runs [][]sample
	for k, at := 0, 0; k < m; k++ {
		length := len(in) / m
		if k < len(in)%m {
			length++
		}
		runs = append(runs, in[at:at+length])
		at += length
	}
	return runs
}

// possibleByTies reports whether some number of right samples in each run, of
// those that an order among ties can give, leads to the value.
func possibleByTies(q *question, want float64) bool {
	in := byConfidence(q)
	count := map[float64][2]int{} // wrong and right samples of each confidence
	for _, s := range in {
		c := count[s.confidence]
		if s.correct {
			c[1]++
		} else {
			c[0]++
		}
		count[s.confidence] = c
	}
	low, high := 0.0, 0.0
	for _, run := range runsOf(in, int(q.number("bins"))) {
		if len(run) == 0 {
			continue
		}
		least, most, sum := 0, 0, 0.0
		for from := 0; from < len(run); {
			to := from
			for ; to < len(run) && run[to].confidence == run[from].confidence; to++ {
				sum += run[to].confidence
			}
			c := count[run[from].confidence]
			least, most = least+max(0, to-from-c[0]), most+min(to-from, c[1])
			from = to
		}
		n, all := float64(len(run)), float64(len(in))
		a, b := math.Abs(float64(least)-sum)/n, math.Abs(float64(most)-sum)/n
		nearest := min(a, b)
		if float64(least) <= sum && sum <= float64(most) {
			nearest = 0 // some count may meet the mean confidence
		}
		switch q.text("norm") {
		case "l1":
			low, high = low+nearest*n/all, high+max(a, b)*n/all
		case "l2":
			low, high = math.Hypot(low, nearest*math.Sqrt(n/all)), math.Hypot(high, max(a, b)*math.Sqrt(n/all))
		case "max":
			low, high = max(low, nearest), max(high, a, b)
		}
	}
	return want >= low-1e-12 && want <= high+1e-12 && low < high
}

// sweepsTo reports whether the value is that of some number of bins of equal
// mass, bounded by the confidences half-way between the runs.
func sweepsTo(q *question, want float64) bool {
	in := slices.DeleteFunc(byConfidence(q), func(s sample) bool { return s.confidence == 0 })
	for m := 1; m < len(in); m++ {
		place := func(j int) int { return int(float64(j) / float64(len(in)) * float64(m)) }
		var edges []float64
		for j := 1; j < len(in); j++ {
			if place(j) != place(j-1) {
				edges = append(edges, (in[j].confidence+in[j-1].confidence)/2)
			}
		}
		edges = append(edges, in[len(in)-1].confidence)
		gaps := make([]float64, len(edges)+1)
		for _, s := range in {
			k := 0
			for k < len(edges) && s.confidence >= edges[k] {
				k++
			}
			gaps[k] += s.confidence
			if s.correct {
				gaps[k]--
			}
		}
		total := 0.0
		for _, g := range gaps {
			total += math.Abs(g) / float64(len(in))
		}
		if math.Abs(total-want) <= q.entry.Tolerance {
			return true
		}
	}
	return false
}

// addedIn32 is the ECE over bins [lo, hi), 1 in a bin of its own, with sums and
// means in float32.
func addedIn32(q *question) float64 {
	m := int(q.number("bins"))
	confidence, right, n := make([]float32, m+1), make([]float32, m+1), make([]float32, m+1)
	for i, v := range q.confidence("").Value {
		k := int(v * float64(m))
		confidence[k] += float32(v)
		n[k]++
		if q.outcomes.Correct[i] {
			right[k]++
		}
	}
	total := float32(0)
	for k, size := range n {
		if size > 0 {
			gap := right[k]/size - confidence[k]/size
			total += max(gap, -gap) * (size / float32(q.outcomes.N()))
		}
	}
	return float64(total)
}

// walkedThroughTies reports whether an order among ties may lead from our value
// to the peer's. Statistics may rise to that of the walk that first goes up, or
// first down, in every group, and their p-values fall accordingly.
func walkedThroughTies(q *question, got, want float64) bool {
	in := byConfidence(q)
	high, low, at, scale := math.Inf(-1), math.Inf(1), 0.0, 0.0
	ties := false
	for from := 0; from < len(in); {
		to, up, down := from, at, at
		for ; to < len(in) && in[to].confidence == in[from].confidence; to++ {
			c := in[to].confidence
			scale += c * (1 - c)
			if in[to].correct {
				up, high = up+1-c, max(high, up+1-c)
				at++
			} else {
				down, low = down-c, min(low, down-c)
			}
			at -= c
		}
		high, low = max(high, at), min(low, at)
		ties = ties || to > from+1
		from = to
	}
	farthest := max(high, -low) / math.Sqrt(scale)
	switch q.entry.Metric {
	case "kuiper":
		return ties && want > got-1e-4 && want < (high-low)/math.Sqrt(scale)+1e-4
	case "kuiper_p":
		return ties && want < got+1e-4 && want > calibration.BrownianRange((high-low)/math.Sqrt(scale))-1e-4
	case "ks":
		return ties && want > got-1e-4 && want < farthest+1e-4
	}
	return ties && want < got+1e-4 && want > calibration.BrownianMaximum(farthest)-1e-4
}
