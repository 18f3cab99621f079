package board

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// runOf evaluates eight models of known quality on 400 samples; b and c are the
// same, and those of regime "far" are much worse.
func runOf(t *testing.T, intervals evaluate.Intervals) *results.Results {
	t.Helper()
	files := fstest.MapFS{}
	manifest := "file,model,dataset,split,condition,regime\n"
	for k, model := range strings.Fields("a b c d e f g h") {
		seed, risk, regime := k, 0.1, "near"
		if model == "c" {
			seed = 1
		}
		if k > 4 {
			risk, regime = 0.5, "far"
		}
		r, own := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, uint64(seed)))
		var b strings.Builder
		b.WriteString("sample_id,confidence,correct,patient\n")
		for i := range 400 {
			difficulty := r.Float64()
			right := 1
			if own.Float64() < 2*risk*difficulty {
				right = 0
			}
			fmt.Fprintf(&b, "%d,%.5f,%d,p%d\n", i, 0.99-0.5*difficulty-0.4*own.Float64(), right, i/4)
		}
		files[model+".csv"] = &fstest.MapFile{Data: []byte(b.String())}
		manifest += fmt.Sprintf("%s.csv,%s,tiny,test,clean,%s\n", model, model, regime)
	}
	files["manifest.csv"] = &fstest.MapFile{Data: []byte(manifest)}
	corpus, err := datasets.OpenFS(files, ".", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: t.TempDir(),
		Metrics: metrics.MustMeasures("accuracy", "aurc", "sac@0.9", "smece"), Intervals: intervals})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func resolve(t *testing.T, r *results.Results, by, kind string, where ...Filter) *Board {
	t.Helper()
	b, err := New(r, Options{Selection: Selection{Where: where}, By: metrics.MustMeasure(by)})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ResolveRanks(r, kind, ranks.Options{Seed: 1, Draws: 500}); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestResolveRanks: rank intervals come from the kept outcomes, hold the rank, and
// tell the models apart that are far from each other.
func TestResolveRanks(t *testing.T) {
	r := runOf(t, evaluate.Intervals{})
	for by, from := range map[string]Noise{"accuracy": {}, "sac@0.9": {Replicates: 1000, Made: 8}} {
		whole, alone := resolve(t, r, by, Simultaneous), resolve(t, r, by, Marginal)
		for i, e := range whole.Entries {
			m := alone.Entries[i]
			if e.Ranks.Lo > e.Rank || e.Ranks.Hi < e.Rank || m.Ranks.Lo < e.Ranks.Lo || m.Ranks.Hi > e.Ranks.Hi {
				t.Errorf("%s: %s: rank %d, simultaneous %v, marginal %v", by, e.Model, e.Rank, e.Ranks, m.Ranks)
			}
		}
		first, last := whole.Entries[0], whole.Entries[7]
		if !first.Tie || last.Tie || first.Stripe != 1 || last.Stripe < 2 || last.Ranks.Lo != 6 || whole.Resolution.Kind != Simultaneous || whole.Resolution.Level != 0.95 || whole.Resolution.Noise != from {
			t.Errorf("%s: first %+v, last %+v: %+v", by, first, last, whole.Resolution)
		}
		if whole.Groups != 2 || first.Groups != "a" || last.Groups != "b" {
			t.Errorf("%s: %d groups, the first in %q, the last in %q", by, whole.Groups, first.Groups, last.Groups)
		}
	}
	if b := resolve(t, r, "smece", Simultaneous); b.Resolution != nil || !strings.Contains(fmt.Sprint(b.Notes), "smECE takes an evaluation of its own for each replicate") {
		t.Errorf("smECE: %+v, notes %v", b.Resolution, b.Notes)
	}
	b, err := New(r, Options{By: metrics.MustMeasure("accuracy")})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ResolveRanks(r, "guessed", ranks.Options{}); err == nil {
		t.Error("an unknown kind passes")
	}
}

// TestRanksOfKeptReplicates: those of the run serve, and give what making them
// anew gives; a run by bootstrap takes them for every metric.
func TestRanksOfKeptReplicates(t *testing.T) {
	with := evaluate.Intervals{Level: 0.95, Replicates: 200, Seed: 1}
	kept := runOf(t, with)
	b := resolve(t, kept, "sac@0.9", Simultaneous)
	if b.Resolution.Noise != (Noise{Replicates: 200}) {
		t.Errorf("%+v", b.Resolution)
	}
	kept.Run.Intervals.Seed = 2 // drawn otherwise than those kept
	other := resolve(t, kept, "sac@0.9", Simultaneous)
	if other.Resolution.Noise.Made != 8 {
		t.Errorf("%+v", other.Resolution)
	}
	with.Method = evaluate.ByBootstrap
	if b := resolve(t, runOf(t, with), "aurc", Simultaneous); b.Resolution.Noise != (Noise{Replicates: 200}) {
		t.Errorf("%+v", b.Resolution)
	}
	with.Level = 0.8
	if b := resolve(t, runOf(t, with), "aurc", Simultaneous); b.Resolution.Level != 0.8 {
		t.Errorf("%+v", b.Resolution)
	}
}

// TestRanksOfClusters: samples that come four alike leave fewer differences proven.
func TestRanksOfClusters(t *testing.T) {
	plain := resolve(t, runOf(t, evaluate.Intervals{Level: 0.95}), "accuracy", Marginal)
	clusters := resolve(t, runOf(t, evaluate.Intervals{Level: 0.95, Cluster: "patient"}), "accuracy", Marginal)
	if err := plain.Pin("a"); err != nil {
		t.Fatal(err)
	}
	if err := clusters.Pin("a"); err != nil {
		t.Fatal(err)
	}
	differ := false
	for i, e := range plain.Entries {
		o := clusters.Entries[i]
		if e.Model != o.Model || e.Against.Difference != o.Against.Difference {
			t.Fatalf("%+v and %+v", e, o)
		}
		differ = differ || math.Abs((e.Against.Hi-e.Against.Lo)/(o.Against.Hi-o.Against.Lo)-1) > 1e-3
	}
	if !differ {
		t.Error("clusters change no interval")
	}
}

// TestFilterRanksAnew: inside a filter the sets are those of a board that has these
// models only, and ranks among all stay beside.
func TestFilterRanksAnew(t *testing.T) {
	r := runOf(t, evaluate.Intervals{})
	far := resolve(t, r, "accuracy", Simultaneous, Filter{"regime", "far"})
	if far.Models != 3 {
		t.Fatalf("%d models", far.Models)
	}
	for _, e := range far.Entries {
		if e.Ranks.Lo != 1 || e.Ranks.Hi > 3 || e.Overall < 6 || !e.Tie {
			t.Errorf("%+v", e)
		}
	}
	if err := far.Pin("a"); err == nil || !strings.Contains(err.Error(), "inside the filter") {
		t.Errorf("a model outside the filter as reference: %v", err)
	}
}

// TestPin: differences are in the metric's unit and direction, intervals hold them,
// and verdicts follow the paired comparisons.
func TestPin(t *testing.T) {
	r := runOf(t, evaluate.Intervals{})
	for _, by := range []string{"accuracy", "aurc", "sac@0.9"} {
		b := resolve(t, r, by, Simultaneous)
		if err := b.Pin("b"); err != nil {
			t.Fatal(err)
		}
		reference := b.Entries[b.place("b")].Value.Value
		for _, e := range b.Entries {
			a := e.Against
			if math.Abs(a.Difference-(e.Value.Value-reference)) > 1e-15 || a.Lo > a.Difference || a.Hi < a.Difference {
				t.Errorf("%s: %s: %+v", by, e.Model, a)
			}
			want := ranks.Unproven
			switch e.Model {
			case "b":
				want = ranks.Reference
			case "f", "g", "h":
				want = ranks.Worse
			}
			if a.Verdict != want || want == ranks.Worse && a.Lo <= 0 && a.Hi >= 0 {
				t.Errorf("%s: %s: %+v, want %q", by, e.Model, a, want)
			}
			// that two models never differ on these samples bounds how often they do on others
			if e.Model == "c" && (a.Difference != 0 || by != "sac@0.9" && !(a.Hi > 0.001) || by == "sac@0.9" && a.Hi-a.Lo > 1e-6) {
				t.Errorf("%s: the same model differs: %+v", by, a)
			}
		}
		if p := b.Pinned; p == nil || p.Model != "b" || p.Others != 7 || p.Better != 0 || p.Worse != 3 {
			t.Errorf("%s: %+v", by, p)
		}
		if err := b.Pin("f"); err != nil {
			t.Fatal(err)
		}
		if a := b.Entries[0].Against; a.Verdict != ranks.Better || (a.Difference > 0) != (b.By.Metric.Better == metrics.Higher) {
			t.Errorf("%s: the best against a bad one: %+v", by, a)
		}
	}
	b := resolve(t, r, "accuracy", Simultaneous)
	if err := b.Pin("z"); err == nil {
		t.Error("an unknown reference passes")
	}
}

// TestOutdoneButTied: the board counts whom the pinned comparison proves worse than
// another model, and the ranks over all pairs do not.
func TestOutdoneButTied(t *testing.T) {
	entry := func(tie bool, v ranks.Verdict) Entry { return Entry{Tie: tie, Against: &Against{Verdict: v}} }
	b := &Board{Pinned: &Pinned{}, Entries: []Entry{entry(true, ranks.Unproven), entry(true, ranks.Reference), entry(true, ranks.Worse),
		entry(false, ranks.Worse), entry(true, ranks.Worse), {Tie: true}}}
	if n := b.outdoneButTied(); n != 2 {
		t.Errorf("%d models", n)
	}
	b.Pinned.Better = 1 // then so is the reference
	if n := b.outdoneButTied(); n != 3 {
		t.Errorf("%d models", n)
	}
	for _, a := range []Against{{Lo: -1, Hi: 0}, {Lo: math.NaN(), Hi: math.NaN()}, {}} {
		if a.leavesOut0() {
			t.Errorf("%+v leaves out 0", a)
		}
	}
}

func TestMarkTop(t *testing.T) {
	r := runOf(t, evaluate.Intervals{})
	b := resolve(t, r, "aurc", Marginal) // the set is of the simultaneous sets all the same
	if err := b.MarkTop(2); err != nil {
		t.Fatal(err)
	}
	var marked []string
	for _, e := range b.Entries {
		if e.MayBeTop {
			marked = append(marked, e.Model)
		}
	}
	slices.Sort(marked)
	if strings.Join(marked, "") != "abcde" || b.MayBeTop.Top != 2 || len(b.MayBeTop.Models) != 5 || b.MayBeTop.Level != 0.95 {
		t.Errorf("%v: %+v", marked, b.MayBeTop)
	}
	if err := b.MarkTop(6); err != nil || len(b.MayBeTop.Models) != 8 {
		t.Errorf("%v: %+v", err, b.MayBeTop)
	}
	if err := b.MarkTop(0); err == nil {
		t.Error("the 0 best pass")
	}
	published := resolve(t, resultsOf(row("a", 0.8, 0.3), row("b", 0.9, 0.2)), "accuracy", Simultaneous)
	if err := published.MarkTop(1); err != nil || published.MayBeTop != nil {
		t.Errorf("without outcomes: %v, %+v", err, published.MayBeTop)
	}
	if err := published.Pin("a"); err != nil || published.Pinned != nil {
		t.Errorf("without outcomes: %v, %+v", err, published.Pinned)
	}
}
