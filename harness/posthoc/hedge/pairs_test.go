package hedge

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"testing"

	"abstain/datasets/demo"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
	"abstain/metrics/credal"
	"abstain/metrics/sets"
)

// realPairs reads a cloud and small networks of the embedded corpus, and tempers the cloud on
// its val split: the test rows are then free for calibration and judgement.
func realPairs(t *testing.T) (cloud *vectors, edges map[string]*vectors, temperature float64) {
	t.Helper()
	corpus, err := demo.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	s := &Stage{Store: kept}
	edges = map[string]*vectors{}
	for _, table := range corpus.Tables {
		isCloud := table.Model == "mlp-w128-d1-ens5-seed0"
		isEdge, _ := path.Match("mlp-w16-d1-*-seed0", table.Model)
		isEdge = isEdge && table.Model != "mlp-w16-d1-ptdig-seed0" // it has no vectors
		if table.Condition != "clean" || !isCloud && !(isEdge && table.Split == "test") {
			continue
		}
		s.Tables = append(s.Tables, apply.Table{Table: table, Record: &store.Record{Classes: 8, Key: "none"}})
		v, err := s.read(context.Background(), len(s.Tables)-1)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case isEdge:
			edges[table.Model] = v
		case table.Split == "test":
			cloud = v
		default:
			if temperature, err = v.temperature(upTo(0, v.N()), "nll"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if cloud == nil || temperature == 0 || len(edges) < 20 {
		t.Fatalf("%d edges, temperature %v", len(edges), temperature)
	}
	return cloud, edges, temperature
}

// parted parts n rows at random into a half for calibration and one to be judged.
func parted(n int, seed uint64) (fit, judged []int32) {
	for i, in := range posthoc.Holdout(make([]int32, n), 0.5, seed) {
		if in {
			fit = append(fit, int32(i))
		} else {
			judged = append(judged, int32(i))
		}
	}
	return fit, judged
}

// TestRealPairs: over the pairs of the embedded corpus, each parted by itself, coverage is as
// its law has it, thresholds and widths rise as eps falls, and an f-divergence changes no class.
func TestRealPairs(t *testing.T) {
	cloud, edges, temperature := realPairs(t)
	eps := []float64{0.05, 0.1, 0.3, 0.5, 0.9} // threshold and width fall
	for _, name := range []string{"kl", "kl-reverse", "alpha@0.9", "renyi@1.5", "tv", "inner", "wasserstein"} {
		if testing.Short() && name != "kl" && name != "tv" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			d, err := credal.Parse(name)
			if err != nil {
				t.Fatal(err)
			}
			mean, inside := make([]float64, len(eps)), 0
			for k, model := range slices.Sorted(maps.Keys(edges)) {
				edge := edges[model]
				fit, judged := parted(cloud.N(), uint64(k))
				scores := scoresOf([]credal.Divergence{d}, cloud, edge, fit, temperature)[0]
				lastT, lastWidth := math.Inf(1), math.Inf(1)
				for k, e := range eps {
					p := pairAt(t, d, credal.Threshold(scores, e), cloud, edge, temperature, judged, name != "wasserstein" && name != "kl-reverse" && e == 0.3)
					law, n := sets.LawOf(len(fit), e), len(judged)
					if p.covered >= law.CountQuantile(0.025, n) && p.covered <= law.CountQuantile(0.975, n) {
						inside++
					}
					mean[k] += float64(p.covered) / float64(n) / float64(len(edges))
					if p.threshold > lastT || p.width > lastWidth+1e-12 && name != "inner" { // its empty sets have no width
						t.Errorf("%s at %v: threshold %v after %v, width %v after %v", model, e, p.threshold, lastT, p.width, lastWidth)
					}
					if lastT, lastWidth = p.threshold, p.width; p.changed > 0 && name != "wasserstein" {
						t.Errorf("%s at %v: %d classes changed", model, e, p.changed)
					}
				}
			}
			t.Logf("%d pairs: coverage %.3f at eps %v, %d of %d as the law has it", len(edges), mean, eps, inside, len(edges)*len(eps))
			for k, e := range eps {
				if math.Abs(mean[k]-(1-e)) > 0.02 { // three standard errors of that of 0.5
					t.Errorf("coverage %v of eps %v", mean[k], e)
				}
			}
			if all := len(edges) * len(eps); 10*inside < 9*all {
				t.Errorf("only %d of %d coverages lie where their law has 95 %%", inside, all)
			}
		})
	}
}

// pairResult is what was found of a pair at one threshold.
type pairResult struct {
	threshold, width float64
	covered, changed int
}

// pairAt judges samples; most asks for the member of most entropy too, which takes long for some.
func pairAt(t *testing.T, d credal.Divergence, threshold float64, cloud, edge *vectors, temperature float64, samples []int32, most bool) pairResult {
	t.Helper()
	set, err := credal.NewSet(d, threshold)
	if err != nil {
		t.Fatal(err)
	}
	r, w := pairResult{threshold: threshold}, newWork(cloud.classes)
	for _, i := range samples {
		w.centre(w.cloud, cloud.f32, cloud.f64, int(i), cloud.logits, temperature, 0)
		w.centre(w.edge, edge.f32, edge.f64, int(i), edge.logits, 1, floor)
		if d.Between(w.cloud, w.edge) <= threshold && !set.Empty(w.edge.P) {
			r.covered++
		}
		_, width := set.IntersectionAround(w.q, w.lower, w.upper, w.edge)
		r.width += width / float64(len(samples))
		predictions := [][]float64{w.q}
		if most {
			set.MaxEntropyAround(w.most, w.edge)
			predictions = append(predictions, w.most)
		}
		for _, q := range predictions {
			if class, _ := credal.Argmax(q, w.edge.P); class != slices.Index(w.edge.P, slices.Max(w.edge.P)) {
				r.changed++
			}
		}
	}
	return r
}

// TestBorders: no rows, no probability, a threshold of 0, equal models.
func TestBorders(t *testing.T) {
	kl := credal.Divergence{Kind: credal.KL}
	if !math.IsInf(credal.Threshold(nil, 0.5), 1) {
		t.Error("a threshold of no rows holds nothing out")
	}
	edge := &vectors{classes: 3, f64: []float64{0.7, 0.3, 0, 0.2, 0.2, 0.6}}
	cloud := &vectors{classes: 3, f64: []float64{0.5, 0.3, 0.2, 0.2, 0.2, 0.6}}
	all := []credal.Divergence{kl, {Kind: credal.KLReverse}, {Kind: credal.Alpha, Alpha: 0.9}, {Kind: credal.TV}, {Kind: credal.Wasserstein}}
	for k, s := range scoresOf(all, cloud, edge, upTo(0, 2), 1) {
		if !(s[0] > 0) || math.IsInf(s[0], 1) || s[1] > 1e-11 {
			t.Errorf("%v: %v: the floor keeps a score finite, and equal rows score nothing", all[k], s)
		}
	}
	for _, temperature := range []float64{1, 1.7} { // the edge's equal is the cloud as tempered
		same := &vectors{classes: 3, logits: true, f64: []float64{1, 2, -3, 0.5, 0.2, 0}}
		tempered := &vectors{classes: 3, logits: true}
		for _, z := range same.f64 {
			tempered.f64 = append(tempered.f64, z*temperature)
		}
		for k, s := range scoresOf(all, tempered, same, upTo(0, 2), temperature) {
			if temperature == 1 && (s[0] != 0 || s[1] != 0) || s[0] > 1e-12 {
				t.Errorf("%v: equal models score %v", all[k], s)
			}
		}
		if r := pairAt(t, kl, 0, same, same, 1, upTo(0, 2), true); r.covered != 2 || r.width != 0 || r.changed != 0 {
			t.Errorf("threshold 0: %+v", r)
		}
		if r := pairAt(t, kl, math.Inf(1), same, same, 1, upTo(0, 2), true); r.covered != 2 || r.width != 1 || r.changed != 0 {
			t.Errorf("no threshold: %+v", fmt.Sprint(r))
		}
	}
}
