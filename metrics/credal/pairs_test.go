package credal_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abstain/metrics/calibration"
	"abstain/metrics/credal"
	"abstain/metrics/recalibrate"
	"abstain/metrics/stattest"
)

func bytesOf(b []byte) io.Reader { return bytes.NewReader(b) }

// part is one split of two models, joined on sample ids, in the order of the cloud's table.
type part struct {
	cloud, edge []float64 // logits
	label       []int32
}

// table reads logits and labels by sample id.
func table(t *testing.T, name string) (ids []string, logits map[string][]float64, label map[string]int32) {
	t.Helper()
	rows, err := csv.NewReader(bytesOf(content(t, "pairs/"+name))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	logits, label = map[string][]float64{}, map[string]int32{}
	for _, row := range rows[1:] {
		ids = append(ids, row[0])
		l, _ := strconv.Atoi(row[1])
		label[row[0]] = int32(l)
		for _, cell := range row[2:] {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			logits[row[0]] = append(logits[row[0]], v)
		}
	}
	return ids, logits, label
}

func split(t *testing.T, pair, name string) (p part) {
	ids, cloud, label := table(t, pair+"_cloud_"+name+".csv")
	_, edge, _ := table(t, pair+"_edge_"+name+".csv")
	for _, id := range ids {
		p.cloud, p.edge, p.label = append(p.cloud, cloud[id]...), append(p.edge, edge[id]...), append(p.label, label[id])
	}
	return p
}

func softmax(logits []float64, classes int, temperature float64) []float64 {
	p := make([]float64, len(logits))
	recalibrate.Softmax(p, logits, classes, temperature)
	return p
}

// floored is the edge's part of a score and of a set.
func floored(p []float64, classes int) []float64 {
	q := make([]float64, len(p))
	for from := 0; from < len(p); from += classes {
		credal.Floor(q[from:from+classes], p[from:from+classes], 1e-12)
	}
	return q
}

// judged are the measures of predictions.
type judged struct {
	Accuracy       float64
	LowestIndex    *float64  `json:"accuracy_ties_lowest_index"`
	ECE            float64   `json:"ece15"`
	Edges          []float64 `json:"ece15_edge"`
	NLL            float64
	MeanConfidence float64 `json:"mean_confidence"`
	Brier          float64
	Ties           int
}

// judge measures predictions by the definitions; the class goes by credal.Argmax.
func judge(q, p []float64, label []int32) (j judged) {
	n := len(label)
	classes := len(q) / n
	confidence, correct := make([]float64, n), make([]bool, n)
	for i, l := range label {
		row := q[i*classes : (i+1)*classes]
		class, tied := credal.Argmax(row, p[i*classes:(i+1)*classes])
		if tied {
			j.Ties++
		}
		confidence[i], correct[i] = slices.Max(row), class == int(l)
		if correct[i] {
			j.Accuracy += 1 / float64(n)
		}
		j.NLL -= math.Log(math.Max(row[l], 1e-12)) / float64(n)
		j.MeanConfidence += confidence[i] / float64(n)
		for k, v := range row {
			if k == int(l) {
				v--
			}
			j.Brier += v * v / float64(n)
		}
	}
	j.ECE = calibration.L1.Of(calibration.WidthBins(confidence, correct, nil, 15), n)
	return j
}

// differs says in what measures differ.
func (j judged) differs(want judged, tolerance float64) string {
	for name, v := range map[string][2]float64{
		"accuracy": {j.Accuracy, want.Accuracy}, "NLL": {j.NLL, want.NLL}, "confidence": {j.MeanConfidence, want.MeanConfidence},
		"Brier": {j.Brier, want.Brier}, "ECE": {j.ECE, want.ECE},
	} {
		if math.Abs(v[0]-v[1]) <= tolerance {
			continue
		}
		if name == "ECE" && want.Edges != nil && v[0] >= want.Edges[0]-tolerance && v[0] <= want.Edges[1]+tolerance {
			continue // a confidence at the edge of a bin, of which rounding decides
		}
		return fmt.Sprintf("%s %v, want %v", name, v[0], v[1])
	}
	return ""
}

type choices struct {
	MeanSize float64 `json:"mean_size"`
	Label    float64 `json:"label_in_set"`
	Single   int     `json:"singletons"`
	Empty    int
}

type atEps struct {
	N, K, Covered int
	T             number
	Coverage      float64
	MeanWidth     float64 `json:"mean_width"`
	Empty         int     `json:"empty_sets"`
	Intersection  judged
	MaxEnt        *judged
	UpperEntropy  *float64 `json:"upper_entropy_bits_mean"`
	Choices       *choices `json:"argmax_sets"`
	First         struct {
		Intersection, Lower, Upper [][]float64
	} `json:"first_rows"`
}

type run struct {
	T           float64
	Cloud       judged
	EdgeCloudT  *judged `json:"edge_with_cloud_temperature"`
	Divergences map[string]struct {
		Mean     float64 `json:"score_mean"`
		Min      float64 `json:"score_min"`
		Max      float64 `json:"score_max"`
		TestMean float64 `json:"test_score_mean"`
		Eps      map[string]atEps
	}
}

// TestPairs goes the whole way of two stored pairs of models: temperature of the cloud, scores,
// threshold, coverage, predictions.
func TestPairs(t *testing.T) {
	var file struct {
		Pairs map[string]struct {
			Classes     int
			Temperature struct {
				ECE     float64   `json:"ece_grid"`
				Values  []float64 `json:"ece_grid_values"`
				NLL     float64
				EdgeNLL float64 `json:"edge_nll"`
			}
			Before map[string]judged
			Runs   map[string]run
		}
	}
	read(t, "pairs/expected.json", &file)
	for name, pair := range file.Pairs {
		classes := pair.Classes
		temper, fit, test := split(t, name, "temperature"), split(t, name, "calibration"), split(t, name, "test")
		byECE, err := recalibrate.FitTemperatureECE(temper.cloud, classes, temper.label, recalibrate.Tenths(40), 15)
		if err != nil || byECE.T != pair.Temperature.ECE {
			t.Errorf("%s: T of least ECE %v, %v, want %v", name, byECE, err, pair.Temperature.ECE)
		}
		for k, want := range pair.Temperature.Values {
			got, err := recalibrate.FitTemperatureECE(temper.cloud, classes, temper.label, []float64{float64(k+1) / 10}, 15)
			if err != nil || math.Abs(got.Loss-want) > 1e-9 {
				t.Errorf("%s: ECE at T = %v is %v, want %v", name, got.T, got.Loss, want)
			}
		}
		byNLL, err := recalibrate.FitTemperature(temper.cloud, classes, temper.label, recalibrate.NLL)
		if err != nil || math.Abs(byNLL.T-pair.Temperature.NLL) > 1e-9 {
			t.Errorf("%s: T of least NLL %v, %v, want %v", name, byNLL, err, pair.Temperature.NLL)
		}
		own, err := recalibrate.FitTemperature(temper.edge, classes, temper.label, recalibrate.NLL)
		if err != nil || math.Abs(own.T-pair.Temperature.EdgeNLL) > 1e-9 {
			t.Errorf("%s: edge's own T %v, %v, want %v", name, own, err, pair.Temperature.EdgeNLL)
		}
		plain := softmax(test.edge, classes, 1)
		for which, q := range map[string][]float64{"edge": plain, "edge_own_temperature_nll": softmax(test.edge, classes, own.T), "cloud_raw": softmax(test.cloud, classes, 1)} {
			if why := judge(q, q, test.label).differs(pair.Before[which], 1e-7); why != "" {
				t.Errorf("%s: %s: %s", name, which, why)
			}
		}
		for by, r := range pair.Runs {
			temperature := map[string]float64{"ece": byECE.T, "nll": byNLL.T}[by]
			q := softmax(test.cloud, classes, temperature)
			if why := judge(q, q, test.label).differs(r.Cloud, 1e-7); why != "" {
				t.Errorf("%s, %s: cloud: %s", name, by, why)
			}
			compareRun(t, name+" "+by, classes, r, softmax(fit.cloud, classes, temperature), floored(softmax(fit.edge, classes, 1), classes), q, floored(plain, classes), test.label)
		}
	}
}

// scoresOf are the divergences of rows.
func scoresOf(d credal.Divergence, q, p []float64, classes int) []float64 {
	var scores []float64
	for from := 0; from < len(q); from += classes {
		scores = append(scores, d.Of(q[from:from+classes], p[from:from+classes]))
	}
	return scores
}

func mean(v []float64) float64 {
	total := 0.0
	for _, x := range v {
		total += x
	}
	return total / float64(len(v))
}

func compareRun(t *testing.T, id string, classes int, r run, fitCloud, fitEdge, cloud, edge []float64, label []int32) {
	t.Helper()
	for name, want := range r.Divergences {
		d, err := credal.Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		scores, judgedScores := scoresOf(d, fitCloud, fitEdge, classes), scoresOf(d, cloud, edge, classes)
		for _, v := range [][2]float64{{mean(scores), want.Mean}, {slices.Min(scores), want.Min}, {slices.Max(scores), want.Max}, {mean(judgedScores), want.TestMean}} {
			if math.Abs(v[0]-v[1]) > 1e-8*math.Max(1, v[1]) {
				t.Errorf("%s %s: scores %v, want %v", id, name, v[0], v[1])
			}
		}
		for eps, at := range want.Eps {
			e, _ := json.Number(eps).Float64()
			threshold := credal.Threshold(scores, e)
			if k := stattest.ConformalRank(len(scores), e); k != at.K || len(scores) != at.N || math.Abs(threshold-float64(at.T)) > 1e-8*math.Max(1, float64(at.T)) {
				t.Errorf("%s %s, eps %s: rank %d, threshold %v, want %+v", id, name, eps, k, threshold, at)
				continue
			}
			s, err := credal.NewSet(d, threshold)
			if err != nil {
				t.Fatal(err)
			}
			compareSets(t, fmt.Sprintf("%s %s eps %s", id, name, eps), s, classes, at, judgedScores, edge, label)
		}
	}
}

func compareSets(t *testing.T, id string, s *credal.Set, classes int, want atEps, scores, edge []float64, label []int32) {
	t.Helper()
	q, lower, upper, needs := make([]float64, len(edge)), make([]float64, len(edge)), make([]float64, len(edge)), make([]float64, classes)
	covered, empty, width := 0, 0, 0.0
	var got choices
	for i := range label {
		from, to := i*classes, (i+1)*classes
		p := edge[from:to]
		s.Intersection(q[from:to], lower[from:to], upper[from:to], p)
		width += credal.MeanWidth(lower[from:to], upper[from:to]) / float64(len(label))
		if s.Empty(p) {
			empty++
		}
		if scores[i] <= s.T && !s.Empty(p) {
			covered++
		}
		if want.Choices == nil {
			continue
		}
		set := s.Choices(needs, p)
		got.MeanSize += float64(len(set)) / float64(len(label))
		switch {
		case len(set) == 0:
			got.Empty++
		case len(set) == 1:
			got.Single++
		}
		if slices.Contains(set, label[i]) {
			got.Label += 1 / float64(len(label))
		}
	}
	if covered != want.Covered || empty != want.Empty || math.Abs(width-want.MeanWidth) > 1e-9 {
		t.Errorf("%s: %d covered, %d empty, mean width %v; want %d, %d, %v", id, covered, empty, width, want.Covered, want.Empty, want.MeanWidth)
	}
	if want.Choices != nil && (math.Abs(got.MeanSize-want.Choices.MeanSize) > 1e-9 || math.Abs(got.Label-want.Choices.Label) > 1e-9 || got.Single != want.Choices.Single || got.Empty != want.Choices.Empty) {
		t.Errorf("%s: choices %+v, want %+v", id, got, *want.Choices)
	}
	j := judge(q, edge, label)
	if why := j.differs(want.Intersection, 1e-7); why != "" || j.Ties != want.Intersection.Ties {
		t.Errorf("%s: intersection: %s, %d ties, want %d", id, why, j.Ties, want.Intersection.Ties)
	}
	for k, rows := range [][][]float64{want.First.Intersection, want.First.Lower, want.First.Upper} {
		for i, row := range rows {
			if off([][]float64{q, lower, upper}[k][i*classes:(i+1)*classes], row) > 1e-9 {
				t.Errorf("%s: row %d: %v, want %v", id, i, [][]float64{q, lower, upper}[k][i*classes:(i+1)*classes], row)
			}
		}
	}
	if want.MaxEnt == nil || strings.Contains(id, "wasserstein") {
		return
	}
	entropy := 0.0
	for i := range label {
		row := q[i*classes : (i+1)*classes]
		s.MaxEntropy(row, edge[i*classes:(i+1)*classes])
		entropy += credal.Entropy(row) / float64(len(label))
	}
	j = judge(q, edge, label)
	if why := j.differs(*want.MaxEnt, 2e-7); why != "" || j.Ties != want.MaxEnt.Ties {
		t.Errorf("%s: maxent: %s, %d ties, want %d", id, why, j.Ties, want.MaxEnt.Ties)
	}
	if want.UpperEntropy != nil && math.Abs(entropy-*want.UpperEntropy) > 1e-7 {
		t.Errorf("%s: upper entropy %v, want %v", id, entropy, *want.UpperEntropy)
	}
}
