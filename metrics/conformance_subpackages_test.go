package metrics_test

import (
	"math"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/metrics/calibration"
	"abstain/metrics/recalibrate"
	"abstain/metrics/sets"
	"abstain/metrics/stattest"
)

// subpackageRules are the rules of what the packages below this one compute:
// recalibration, prediction sets and tests across models.
var subpackageRules = slices.Concat(setRules, testRules, logitRules)

const kthSmallest = "quantile.kth-smallest-ceil((n+1)(1-alpha))"

// reproduced is an explanation that holds where the peer's arithmetic, done over,
// gives the peer's value.
func reproduced(reason string, peer func(q *question) []float64) explanation {
	return explanation{reason, func(q *question, _, want []float64) bool { return agree(peer(q), want, q.entry.Tolerance) }}
}

// penaltiesRounded: the peer's RAPS penalties are float32, which decides where
// scores and threshold would be equal.
func penaltiesRounded(measure func(q *question, s *sets.Sets) []float64) []explanation {
	return []explanation{reproduced("the peer computes the penalties of RAPS in float32, which parts scores from a threshold they equal",
		func(q *question) []float64 {
			if q.text("score") != "RAPS" {
				return nil
			}
			rows, labels, classes := q.test()
			return measure(q, q.conformalBy(q.raps32, sets.Threshold).Sets(rows, classes, labels))
		})}
}

// raps32 is RAPS with penalties in float32.
func (q *question) raps32(dst, rows []float64, classes int) {
	place := make([]float64, len(rows))
	sets.APS(dst, rows, classes)
	sets.TopK(place, rows, classes)
	for i := range dst {
		if below := place[i] - q.number("kreg"); below > 0 {
			dst[i] += float64(float32(q.number("penalty")) * float32(below))
		}
	}
}

// nearlyTied: MAPIE takes in what misses its threshold by at most 1e-8, and its
// top-k score places the higher of equal classes first.
var nearlyTied = reproduced("MAPIE's sets take in classes that miss the threshold by up to 1e-8, and its top-k score places the higher of equal classes first",
	func(q *question) []float64 {
		const slack = 1e-8
		if q.text("score") == "lac" {
			rule := q.conformal(sets.ThresholdHigher)
			rule.Threshold += slack
			return coverageAndSize(q, rule)
		}
		rows, labels, classes := q.calibration()
		places := make([]float64, len(rows))
		sets.TopK(places, flipped(rows, classes), classes)
		own := make([]float64, len(labels))
		for i, l := range labels {
			own[i] = places[(i+1)*classes-1-int(l)]
		}
		k := sets.ThresholdHigher(own, q.number("alpha"))
		// the k-th largest probability is the threshold of a score of its own
		return coverageAndSize(q, sets.Rule{Threshold: slack, Score: func(dst, rows []float64, classes int) {
			for from := 0; from < len(rows); from += classes {
				row := rows[from : from+classes]
				last := slices.Sorted(slices.Values(row))[max(0, classes-int(min(k, 1e6)))]
				for j, p := range row {
					dst[from+j] = last - p
				}
			}
		}})
	})

func coverageAndSize(q *question, rule sets.Rule) []float64 {
	rows, labels, classes := q.test()
	s := rule.Sets(rows, classes, labels)
	return []float64{s.Coverage(), s.MeanSize()}
}

// flipped has each row's classes in reverse.
func flipped(rows []float64, classes int) []float64 {
	out := slices.Clone(rows)
	for from := 0; from < len(out); from += classes {
		slices.Reverse(out[from : from+classes])
	}
	return out
}

// classMissing: the peer's mean over classes is NaN if a class does not occur
// among the test rows; ours is over those that do.
var classMissing = explanation{"CovGap of the peer is NaN if a class has no test row; ours is the mean over the classes that have",
	func(q *question, _, want []float64) bool {
		return math.IsNaN(want[0]) && slices.ContainsFunc(q.sets().ByClass(), math.IsNaN)
	}}

// noiseRanked: with two classes the largest centred logit over a norm is the
// same for every row. Ours is, exactly; the peer's differs in the last digit,
// and its ranking by that digit is noise.
var noiseRanked = explanation{"for two classes the p-norm confidence is a constant, and ours ties all rows; the peer ranks by its rounding errors",
	func(q *question, _, _ []float64) bool {
		value := q.column().Value
		return q.outcomes.Classes == 2 && strings.HasPrefix(q.text("confidence"), "maxlogit_pnorm_") &&
			slices.Min(value) == slices.Max(value)
	}}

// noiseChosen: of constants the peer takes the one whose rounding errors rank best.
var noiseChosen = explanation{"for two classes every p-norm confidence is a constant, and ours falls back; the peer chooses by rounding errors",
	func(q *question, got, _ []float64) bool { return q.outcomes.Classes == 2 && got[0] <= 0 }}

// notLeast: at the peer's temperature the loss is higher than at ours, because its
// optimiser stopped early or at its bounds.
var notLeast = explanation{"the peer's optimiser stops before the minimum or at its bounds: its temperature has a higher loss",
	func(q *question, got, want []float64) bool {
		rows, labels, classes := q.calibration()
		loss := func(t float64) float64 {
			z := make([]float64, len(rows))
			recalibrate.Temperature{T: t}.Apply(z, rows)
			return q.evaluate("nll", metrics.Rank(logitOutcomes(z, labels, classes), nil))
		}
		return want[0] > 0 && loss(want[0]) > loss(got[0])
	}}

// tiesExact: scipy 1.10 takes the exact distribution for up to 50 differences even
// where some tie.
var tiesExact = explanation{"with ties among 50 or fewer differences ours takes the normal limit with its tie correction, as the convention says; scipy 1.10 takes the distribution without ties",
	func(q *question, got, want []float64) bool {
		var sizes []float64
		for i, v := range q.tableColumn(q.text("a")) {
			sizes = append(sizes, math.Abs(v-q.tableColumn(q.text("b"))[i]))
		}
		distinct := len(slices.Compact(slices.Sorted(slices.Values(sizes))))
		return distinct < len(sizes) && len(sizes) <= 50 && agree(got[:1], want[:1], 1e-9) && agree(got, want, 0.03)
	}}

// column is the confidence that an entry on logits names.
func (q *question) column() *metrics.Confidence {
	name := q.text("confidence")
	values := make([]float64, q.outcomes.N())
	switch p, ok := strings.CutPrefix(name, "maxlogit_pnorm_"); {
	case ok:
		recalibrate.PNorm(values, q.set.rows.F64, q.outcomes.Classes, flatten([]byte(p))[0])
	case name == "margin_logits":
		recalibrate.LogitMargin(values, q.set.rows.F64, q.outcomes.Classes)
	default:
		return q.confidence("")
	}
	return &metrics.Confidence{Name: name, Value: values}
}

// setRules are those of conformal prediction sets.
var setRules = append([]rule{
	{kind: "multiclass", metric: "conformal_qhat", convention: kthSmallest, of: func(q *question) []float64 {
		return []float64{q.conformal(sets.Threshold).Threshold}
	}, explain: []explanation{reproduced("the peer computes the penalties of RAPS in float32", func(q *question) []float64 {
		return []float64{q.conformalBy(q.raps32, sets.Threshold).Threshold}
	})}},
	{kind: "multiclass", metric: "conformal_coverage_size", convention: "quantile higher of ceil((n+1)(1-alpha))/n", of: func(q *question) []float64 {
		return coverageAndSize(q, q.conformal(sets.ThresholdHigher))
	}, explain: []explanation{nearlyTied}},
},
	setRule("conformal_coverage", "label in set", func(_ *question, s *sets.Sets) []float64 { return []float64{s.Coverage()} }),
	setRule("conformal_size", "mean set size, empty sets count 0", func(_ *question, s *sets.Sets) []float64 { return []float64{s.MeanSize()} }),
	setRule("conformal_singleton_hit", "", func(_ *question, s *sets.Sets) []float64 { return []float64{s.SingletonHits()} }),
	setRule("conformal_sscv", "size strata 0-1,2-3,4-10,11-100,101-1000", func(q *question, s *sets.Sets) []float64 {
		return []float64{s.SizeViolation(q.number("alpha"), nil)}
	}),
	setRule("conformal_covgap", "percent, mean over classes", func(q *question, s *sets.Sets) []float64 {
		return []float64{100 * s.ClassGap(q.number("alpha"))}
	}, classMissing),
	setRule("conformal_sizes_head", "", func(q *question, s *sets.Sets) []float64 {
		var sizes []float64
		for _, k := range s.Size[:len(flatten(q.entry.Value))] {
			sizes = append(sizes, float64(k))
		}
		return sizes
	}),
)

// setRule is the rule of a measure of the test rows' sets.
func setRule(metric, convention string, measure func(q *question, s *sets.Sets) []float64, explain ...explanation) rule {
	return rule{kind: "multiclass", metric: metric, convention: convention,
		of:      func(q *question) []float64 { return measure(q, q.sets()) },
		explain: append(explain, penaltiesRounded(measure)...),
	}
}

// calibration and test are the parts of a set that calibrates on its first rows.
func (q *question) calibration() (rows []float64, labels []int32, classes int) {
	n, classes := q.cut()
	return q.set.rows.F64[:n*classes], q.set.rows.Label[:n], classes
}

func (q *question) test() (rows []float64, labels []int32, classes int) {
	n, classes := q.cut()
	return q.set.rows.F64[n*classes:], q.set.rows.Label[n:], classes
}

func (q *question) cut() (rows, classes int) {
	if q.has("calibration_rows") {
		return int(q.number("calibration_rows")), q.outcomes.Classes
	}
	return q.set.Input.Calibration, q.outcomes.Classes
}

// conformal is the rule of the entry's score, calibrated with a threshold.
func (q *question) conformal(threshold func([]float64, float64) float64) sets.Rule {
	return q.conformalBy(q.score(), threshold)
}

func (q *question) conformalBy(score sets.Score, threshold func([]float64, float64) float64) sets.Rule {
	rows, labels, classes := q.calibration()
	return sets.Rule{Score: score, Threshold: threshold(sets.OfLabels(score, rows, classes, labels), q.number("alpha"))}
}

func (q *question) score() sets.Score {
	switch name := q.text("score"); name {
	case "LAC", "lac":
		return sets.LAC
	case "APS":
		return sets.APS
	case "RAPS":
		return sets.RAPS(q.number("penalty"), int(q.number("kreg")))
	case "TOPK":
		return sets.TopK
	case "top_k":
		return sets.TopKTied
	case "Margin":
		return sets.Margin
	default:
		panic("no score " + name)
	}
}

// sets are the test rows' sets by the entry's score.
func (q *question) sets() *sets.Sets {
	rows, labels, classes := q.test()
	return q.conformal(sets.Threshold).Sets(rows, classes, labels)
}

// testRules are those of tests and correlations between columns of a table.
var testRules = []rule{
	{kind: "table", metric: "correlation", convention: "pearson", of: pairTest(stattest.Pearson)},
	{kind: "table", metric: "correlation", convention: "spearman", of: pairTest(stattest.Spearman)},
	{kind: "table", metric: "correlation", convention: "kendall tau-b", of: pairTest(stattest.Kendall)},
	{kind: "table", metric: "wilcoxon", convention: "two-sided, zero differences dropped, approximate when n>50 or ties", of: pairTest(stattest.Wilcoxon), explain: []explanation{tiesExact}},
	{kind: "table", metric: "mannwhitney", convention: "two-sided auto", of: pairTest(stattest.MannWhitney)},
	{kind: "table", metric: "ranksums", convention: "normal approximation", of: pairTest(stattest.RankSums)},
	{kind: "table", metric: "friedman", convention: "rows are blocks", of: func(q *question) []float64 {
		r := stattest.Friedman(q.tableRows(q.set.header[1:]))
		return []float64{r.Statistic, r.P}
	}},
	{kind: "table", metric: "mean_ranks", convention: "mid-ranks", of: func(q *question) []float64 {
		var names []string
		for _, name := range q.entry.Params["columns"].([]any) {
			names = append(names, name.(string))
		}
		return stattest.MeanRanks(q.tableRows(names))
	}},
}

func pairTest(test func(a, b []float64) stattest.Result) func(q *question) []float64 {
	return func(q *question) []float64 {
		r := test(q.tableColumn(q.text("a")), q.tableColumn(q.text("b")))
		return []float64{r.Statistic, r.P}
	}
}

// tableColumn is a column of a table in full precision.
func (q *question) tableColumn(name string) []float64 {
	at := slices.Index(q.set.header, name)
	if at < 0 {
		panic("no column " + name + " in " + strings.Join(q.set.header, ","))
	}
	column := make([]float64, len(q.set.records))
	for i, record := range q.set.records {
		column[i] = flatten([]byte(record[at]))[0]
	}
	return column
}

func (q *question) tableRows(names []string) [][]float64 {
	rows := make([][]float64, len(q.set.records))
	for _, name := range names {
		for i, v := range q.tableColumn(name) {
			rows[i] = append(rows[i], v)
		}
	}
	return rows
}

// logitRules are those of logits: further confidences, and maps fitted on the
// calibration rows and judged on the others.
var logitRules = []rule{
	{kind: "logits", metric: "pnorm_p_optimal", convention: "grid 0..9 with MSP fallback", of: func(q *question) []float64 {
		rows, _, classes := q.calibration()
		m, err := recalibrate.FitNorm(rows, classes, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, q.peerAURC)
		switch {
		case err != nil:
			return []float64{math.NaN()}
		case m.Fallback:
			return []float64{-1}
		}
		return []float64{m.P}
	}, explain: []explanation{noiseChosen}},
	{kind: "logits", metric: "temperature_by_aurc", convention: "grid 0.01..1.99 step 0.01", of: func(q *question) []float64 {
		rows, _, classes := q.calibration()
		var grid []float64
		for k := 1; k < 200; k++ {
			grid = append(grid, float64(k)/100)
		}
		return []float64{recalibrate.FitTemperatureBy(rows, classes, grid, q.peerAURC).T}
	}},
	{kind: "logits", metric: "temperature", convention: "exact minimiser", of: temperature(recalibrate.NLL)},
	{kind: "logits", metric: "temperature", convention: "nll, L-BFGS-B in [0.05, 5]", of: temperature(recalibrate.NLL), explain: []explanation{notLeast}},
	{kind: "logits", metric: "temperature", convention: "squared error, L-BFGS-B in [0.05, 5]", of: temperature(recalibrate.SquaredError)},
	{kind: "logits", metric: "temperature", convention: "nll, LBFGS lr 0.01, at most 5000 iterations, start 1.5", of: temperature(recalibrate.NLL), explain: []explanation{notLeast}},
	{kind: "logits", metric: "temperature", convention: "nll, LBFGS lr 0.01, at most 50 iterations, start 1.5", of: temperature(recalibrate.NLL), explain: []explanation{notLeast}},
	{kind: "logits", metric: "nll_calibration_at_optimum", convention: "", of: func(q *question) []float64 {
		return []float64{q.temperature(recalibrate.NLL).Loss}
	}},
	{kind: "logits", metric: "nll", convention: "", params: scaledRows, of: func(q *question) []float64 {
		return []float64{q.evaluate("nll", metrics.Rank(q.scaled(), nil))}
	}},
	{kind: "logits", metric: "ece", convention: "edges.right-closed-f32", params: scaledRows, of: func(q *question) []float64 {
		o := q.scaled()
		return []float64{calibration.Error(o.Confidence("msp").Value, o.Correct, calibration.Options{Bins: int(q.number("bins")), Edges: calibration.RightClosed32})}
	}},
	{kind: "logits", metric: "confidence_head", convention: "first 8 rows", of: func(q *question) []float64 {
		return q.column().Value[:len(flatten(q.entry.Value))]
	}},
	{kind: "logits", metric: "auroc_failure", convention: "auroc.mid-rank", of: func(q *question) []float64 {
		return []float64{q.evaluate("auroc", metrics.Rank(q.outcomes, q.column()))}
	}, explain: []explanation{noiseRanked}},
	{kind: "logits", metric: "aurc", convention: "aurc.trapezoid-zero-origin", of: func(q *question) []float64 {
		r := metrics.RankRows(q.outcomes, q.column())
		return []float64{zeroOrigin(q.evaluate("aurc", r), r)}
	}, explain: []explanation{noiseRanked}},
	{kind: "logits", metric: "ets_probs_head", convention: "first 3 test rows, flattened to 6 values each", of: func(q *question) []float64 {
		rows, labels, classes := q.calibration()
		m := must(recalibrate.FitEnsemble(rows, classes, labels, recalibrate.SquaredError))
		rows, _, _ = q.test()
		out := make([]float64, 3*classes)
		m.Apply(out, rows[:3*classes], classes)
		return heads(out, classes, 6)
	}},
	{kind: "logits", metric: "mir_probs_head", convention: "isotonic over all classes pooled", of: func(q *question) []float64 {
		rows, labels, classes := q.calibration()
		probs := make([]float64, len(rows))
		recalibrate.Softmax(probs, rows, classes, 1)
		m := must(recalibrate.FitPooled(probs, classes, labels))
		rows, _, _ = q.test()
		out := make([]float64, 3*classes)
		recalibrate.Softmax(out, rows[:3*classes], classes, 1)
		m.Apply(out, out)
		return heads(out, classes, 6)
	}},
	{kind: "logits", metric: "calibrated_top_head", convention: "10 equal-mass bins", params: map[string]any{"bins": 10.0}, of: func(q *question) []float64 {
		return q.topHead(func(confidence []float64, correct []bool) (recalibrate.Map, error) {
			switch bins := int(q.number("bins")); q.entry.Function {
			case "HistogramTopCalibrator":
				return recalibrate.FitHistogramMass(confidence, correct, bins)
			case "PlattTopCalibrator":
				return recalibrate.FitPlatt(confidence, correct)
			case "PlattBinnerTopCalibrator":
				return recalibrate.FitBinned(confidence, correct, bins)
			default:
				panic("no calibrator " + q.entry.Function)
			}
		})
	}},
	{kind: "logits", metric: "calibrated_top_head", convention: "10 equal-width bins", of: func(q *question) []float64 {
		return q.topHead(func(confidence []float64, correct []bool) (recalibrate.Map, error) {
			return recalibrate.FitHistogram(confidence, correct, int(q.number("bins")))
		})
	}},
	{kind: "logits", metric: "calibrated_top_head", convention: "linear interpolation between knots, clipped", of: func(q *question) []float64 {
		return q.topHead(func(confidence []float64, correct []bool) (recalibrate.Map, error) {
			return recalibrate.FitIsotonic(confidence, correct)
		})
	}},
}

// heads are the first k values of each row.
func heads(rows []float64, classes, k int) []float64 {
	var out []float64
	for from := 0; from < len(rows); from += classes {
		out = append(out, rows[from:from+min(k, classes)]...)
	}
	return out
}

var scaledRows = map[string]any{"rows": "test, scaled by the exact temperature"}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func temperature(loss recalibrate.Loss) func(q *question) []float64 {
	return func(q *question) []float64 { return []float64{q.temperature(loss).T} }
}

func (q *question) temperature(loss recalibrate.Loss) recalibrate.Temperature {
	rows, labels, classes := q.calibration()
	return must(recalibrate.FitTemperature(rows, classes, labels, loss))
}

// scaled are the outcomes of the test rows at the exact temperature.
func (q *question) scaled() *metrics.Outcomes {
	t := q.temperature(recalibrate.NLL)
	rows, labels, classes := q.test()
	z := make([]float64, len(rows))
	t.Apply(z, rows)
	return logitOutcomes(z, labels, classes)
}

func logitOutcomes(rows []float64, labels []int32, classes int) *metrics.Outcomes {
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: classes, KeepVectors: true})
	if err := c.Add(metrics.Rows{F64: rows, Label: labels}); err != nil {
		panic(err)
	}
	return c.Outcomes()
}

// peerAURC is the loss by which the peer chooses on the calibration rows: mean
// of prefix risks in the order of the rows among equal confidences, less half
// the last step; odds of error become probabilities, which saturate.
func (q *question) peerAURC(confidence []float64) float64 {
	rows, labels, classes := q.calibration()
	column := metrics.Confidence{Name: "peer", Value: confidence}
	if slices.Min(confidence) < 0 || slices.Max(confidence) <= 0 { // norms are never below 0
		column.Value = make([]float64, len(confidence))
		for i, c := range confidence {
			column.Value[i] = 1 / (1 - min(c, 0))
		}
	}
	r := metrics.RankRows(logitOutcomes(rows, labels, classes), &column)
	return zeroOrigin(q.evaluate("aurc", r), r)
}

// topHead fits a map on the largest probability of the calibration rows and
// applies it to the first test rows.
func (q *question) topHead(fit func(confidence []float64, correct []bool) (recalibrate.Map, error)) []float64 {
	rows, labels, classes := q.calibration()
	o := logitOutcomes(rows, labels, classes)
	m, err := fit(o.Confidence("msp").Value, o.Correct)
	if err != nil { // rows all right or all wrong: the peer raises too
		return []float64{math.NaN()}
	}
	rows, labels, _ = q.test()
	head := logitOutcomes(rows, labels, classes).Confidence("msp").Value[:len(flatten(q.entry.Value))]
	out := make([]float64, len(head))
	for i, c := range head {
		out[i] = m.Apply(c)
	}
	return out
}
