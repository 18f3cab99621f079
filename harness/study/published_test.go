package study

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/harness/results"
)

// published studies the figures that the authors of the study of 523 classifiers
// and of its companion released, which stand beside the module, or skips.
func published(t *testing.T, name string, o Options) *Report {
	t.Helper()
	key := fmt.Sprint(name, o)
	if r := studied[key]; r != nil {
		return r
	}
	path := filepath.Join("..", "..", "..", "shared", "papers", name)
	if _, err := os.Stat(path); err != nil {
		t.Skip("no published figures at ../shared/papers beside the module")
	}
	results, err := results.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), results, o)
	if err != nil {
		t.Fatal(err)
	}
	studied[key] = r
	return r
}

// studied keeps the reports that several tests look at.
var studied = map[string]*Report{}

// data is the typed data of an experiment.
func data[T any](t *testing.T, r *Report, name string) T {
	t.Helper()
	for _, e := range r.Experiments {
		if e.Name == name {
			d, ok := e.Data.(T)
			if !ok {
				t.Fatalf("%s has data %T, missing %v", name, e.Data, e.Missing)
			}
			return d
		}
	}
	t.Fatalf("no experiment %s", name)
	panic("unreachable")
}

// digits compares a number with one printed to some decimals.
func digits(t *testing.T, what string, got float64, want string) {
	t.Helper()
	_, fraction, _ := strings.Cut(want, ".")
	if text := fmt.Sprintf("%.*f", len(fraction), got); text != strings.TrimPrefix(want, "+") && text != want {
		t.Errorf("%s = %s (%v), want %s", what, text, got, want)
	}
}

// TestPublishedCorrelations has the values of papers/01-523-classifiers.md,
// section 5.2, which were computed by other code from the same release.
func TestPublishedCorrelations(t *testing.T) {
	if testing.Short() {
		t.Skip("a study of all published figures")
	}
	tests := []struct {
		a, b                    string
		valid, all, pearsonOf   string
		published, publishedTol float64
	}{
		{a: "accuracy", b: "auroc", valid: "0.026", all: "0.042", published: 0.03, publishedTol: 0.013},
		{a: "auroc", b: standIn, valid: "-0.456", all: "-0.431", published: -0.44, publishedTol: 0.02},
		{a: "accuracy", b: standIn, valid: "0.010", all: "0.027"},
		{a: "accuracy", b: "ood-auroc[c-ood-s00]", valid: "0.680", all: "0.686", pearsonOf: "0.650"},
		{a: "accuracy", b: "ood-auroc[c-ood-s05]", valid: "0.632", all: "0.639", pearsonOf: "0.692"},
		{a: "accuracy", b: "ood-auroc[c-ood-s10]", valid: "0.269", all: "0.282", pearsonOf: "0.495"},
		{a: "auroc", b: "ood-auroc[c-ood-s00]", valid: "0.441", all: "0.451"},
		{a: "auroc", b: "ood-auroc[c-ood-s05]", valid: "0.452", all: "0.461"},
		{a: "auroc", b: "ood-auroc[c-ood-s10]", valid: "0.483", all: "0.492"},
	}
	valid, all := published(t, "imagenet-523", Options{}), published(t, "imagenet-523", Options{WithBroken: true})
	for _, test := range tests {
		pair := [2]string{test.a, test.b}
		v, a := data[*Correlations](t, valid, "correlations").All[pair], data[*Correlations](t, all, "correlations").All[pair]
		digits(t, fmt.Sprintf("Spearman%v of the valid models", pair), v.Spearman, test.valid)
		digits(t, fmt.Sprintf("Spearman%v of all models", pair), a.Spearman, test.all)
		if v.N != 520 || a.N != 523 {
			t.Errorf("%v: %d valid of %d models", pair, v.N, a.N)
		}
		if test.pearsonOf != "" {
			digits(t, fmt.Sprintf("Pearson%v", pair), v.Pearson, test.pearsonOf)
		}
		if test.published != 0 && math.Abs(v.Spearman-test.published) > test.publishedTol {
			t.Errorf("Spearman%v = %v, published %v", pair, v.Spearman, test.published)
		}
	}
	if !slices.ContainsFunc(valid.Notes, func(n Note) bool {
		same, ok := n.(SameValues)
		return ok && slices.Equal(same.Pairs, [][2]string{{"vit_base_patch16_224_sam", "vit_base_patch16_sam_224"}})
	}) {
		t.Errorf("the record that stands there twice is not named: %v", valid.Notes)
	}
	if len(valid.Broken) != 3 || valid.Broken[0].Model != "efficientnet_b5" || valid.Models != 520 || all.Models != 523 || len(all.Broken) != 3 {
		t.Errorf("broken: %+v; %d and %d models", valid.Broken, valid.Models, all.Models)
	}
}

// Inside families models of one regime are correlated: the 14 XCiT models that distilled
// ones have as base twins have 0.82 (section 5.2), where the study of 523 classifiers prints
// 0.76 with ECE itself; all of the family together have -0.51.
func TestPublishedFamilySigns(t *testing.T) {
	c := data[*Correlations](t, published(t, "imagenet-523", Options{}), "correlations")
	at := slices.IndexFunc(c.Rows, func(r Correlation) bool {
		return r.Scope == "XCiT" && r.Regime == baseTwin && r.A == "auroc" && r.B == standIn
	})
	if at < 0 {
		t.Fatal("no correlation over the base twins of XCiT")
	}
	r := c.Rows[at]
	digits(t, "Spearman inside XCiT, base twins", r.Spearman, "0.82")
	digits(t, "Spearman inside XCiT, all regimes", r.Pooled, "-0.51")
	if r.N != 14 || r.Units != 14 || !r.SpearmanIn.Defined() || r.SpearmanIn.Lo <= 0 {
		t.Errorf("%+v", r)
	}
}

// published table 5.2: medians over 523, best and worst lists.
func TestPublishedExtremes(t *testing.T) {
	all := published(t, "imagenet-523", Options{WithBroken: true})
	board := data[*Leaderboard](t, all, "leaderboard").Table
	var accuracy, auroc []float64
	for _, row := range board.Rows {
		accuracy, auroc = append(accuracy, row[1].(float64)), append(auroc, row[2].(float64))
	}
	digits(t, "median accuracy", 100*median(accuracy), "80.08")
	digits(t, "median AUROC", 100*median(auroc), "85.83")
	over := 0
	for _, e := range all.Experiments {
		for _, f := range e.Findings {
			if c, ok := f.Claim.(Overconfident); ok && math.Round(100*float64(c.Over)/float64(c.Models)) == 36 {
				over++
			}
		}
	}
	if over != 1 {
		t.Error("no finding says that 36 % of the models are over-confident")
	}
	valid := data[*Leaderboard](t, published(t, "imagenet-523", Options{}), "leaderboard").Table
	best := []string{"vit_large_patch16_384 88.48", "vit_large_r50_s32_384 88.37", "vit_large_patch16_224 88.36", "vit_base_patch8_224 88.28", "vit_base_patch16_384 88.28",
		"vit_base_r50_s16_384 88.22", "vit_base_patch16_224_sam 88.15", "vit_large_r50_s32_224 88.09", "vit_large_patch16_224_original 88.06", "vit_base_patch32_384 88.00",
		"tresnet_m 87.92", "mixer_b16_224_miil 87.92"}
	worst := []string{"tf_efficientnetv2_xl_in21ft1k 77.81", "tf_efficientnet_lite4 80.06", "mixer_l16_224 80.36", "resnest101e 81.76", "resnet51q 81.96", "gernet_m 82.12"}
	line := func(row []any) string { return fmt.Sprintf("%s %.2f", row[0], 100*row[2].(float64)) }
	var lines []string
	for _, row := range valid.Rows {
		if name := row[0].(string); strings.HasPrefix(name, "vit_") && len(lines) >= 10 || name == "vit_base_patch16_sam_224" {
			continue // the list names ten ViTs, one of two equal records, and the best others
		}
		lines = append(lines, line(row))
	}
	slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(b[len(b)-5:], a[len(a)-5:]) })
	for k, want := range best {
		if !slices.Contains(lines[:len(best)+1], want) {
			t.Errorf("place %d: %s is not among the best, %v", k+1, want, lines[:len(best)+1])
		}
	}
	for k, want := range worst {
		if got := line(valid.Rows[len(valid.Rows)-1-k]); got != want {
			t.Errorf("place %d from the end: %s, want %s", k+1, got, want)
		}
	}
}

// published table 5.2: families (median accuracy, AUROC, gap, C-OOD at s5).
// TResNet's and other families that models.csv groups as the table does.
func TestPublishedFamilies(t *testing.T) {
	f := data[*Families](t, published(t, "imagenet-523", Options{}), "families")
	get := func(family, metric string) FamilyMetric {
		for _, x := range f.Rows {
			if x.Family == family && x.Metric == metric {
				return x
			}
		}
		t.Fatalf("no %s of %s", metric, family)
		panic("unreachable")
	}
	for _, test := range []struct {
		family              string
		n                   int
		acc, auroc, gap, s5 string
	}{
		{"ViT", 42, "82.23", "87.60", "+0.85", "85.30"},
		{"LeViT", 5, "79.85", "87.03", "+3.66", "83.18"},
		{"RegNet", 24, "78.77", "86.82", "+3.65", "82.46"},
		{"TResNet", 6, "82.17", "86.65", "-0.06", "83.63"},
		{"VGG", 12, "71.57", "86.42", "+2.26", "79.38"},
		{"CaiT", 9, "83.45", "86.29", "-1.28", "82.86"},
		{"DeiT", 7, "81.98", "86.13", "-6.52", "81.19"},
		{"Swin", 6, "85.80", "86.07", "-6.12", "87.95"},
		{"XCiT", 42, "83.12", "85.91", "-2.21", "82.00"},
		{"DeiT III", 11, "84.84", "85.68", "-5.30", "82.23"},
		{"ResNeSt", 8, "81.06", "83.99", "-12.57", "79.76"},
		{"GENet", 3, "80.72", "83.58", "-25.30", "81.75"},
	} {
		a := get(test.family, "accuracy")
		if a.N != test.n {
			t.Errorf("%s: %d models, want %d", test.family, a.N, test.n)
		}
		digits(t, test.family+" accuracy", 100*a.Median, test.acc)
		digits(t, test.family+" AUROC", 100*get(test.family, "auroc").Median, test.auroc)
		digits(t, test.family+" gap", 100*get(test.family, "overconfidence").Median, test.gap)
		digits(t, test.family+" C-OOD s5", 100*get(test.family, "ood-auroc[c-ood-s05]").Median, test.s5)
	}
}

// published table 5.3: regimes.
func TestPublishedRegimes(t *testing.T) {
	r := published(t, "imagenet-523", Options{})
	d, severity := data[*Regimes](t, r, "regimes"), data[*Severity](t, r, "severity")
	get := func(regime, metric string) Changes {
		for _, c := range d.Changes {
			if c.Treatment == regime && c.Metric == metric {
				return c
			}
		}
		t.Fatalf("no %s of %s", metric, regime)
		panic("unreachable")
	}
	for _, test := range []struct {
		regime            string
		pairs, up         int
		auroc, acc, gap   string
		s5, meanAUROC     string
		smaller           int
		betterCalibration bool
	}{
		{regime: "distilled", pairs: 26, up: 22, auroc: "+0.68", acc: "+1.38", gap: "-5.45", s5: "+2.13", meanAUROC: "+0.85", smaller: 25, betterCalibration: true},
		{regime: "pretrained-21k", pairs: 7, up: 3, auroc: "-0.04", acc: "+1.48", gap: "-1.87", s5: "+1.65", meanAUROC: "-0.71"},
		{regime: "advprop", pairs: 9, up: 1, auroc: "-0.16", acc: "+0.24", gap: "+0.14", s5: "-0.04"},
		{regime: "noisy-student", pairs: 8, up: 1, auroc: "-0.50", acc: "+2.29", gap: "+0.27", s5: "-1.08"},
	} {
		a := get(test.regime, "auroc")
		if len(a.Values) != test.pairs || a.Up != test.up {
			t.Errorf("%s: %d of %d pairs up, want %d of %d", test.regime, a.Up, len(a.Values), test.up, test.pairs)
		}
		digits(t, test.regime+" AUROC", 100*a.Median, test.auroc)
		digits(t, test.regime+" accuracy", 100*get(test.regime, "accuracy").Median, test.acc)
		digits(t, test.regime+" |gap|", 100*get(test.regime, standIn).Median, test.gap)
		digits(t, test.regime+" C-OOD s5", 100*get(test.regime, "ood-auroc[c-ood-s05]").Median, test.s5)
		if test.meanAUROC != "" {
			digits(t, test.regime+" mean AUROC", 100*a.Mean, test.meanAUROC)
		}
		if g := get(test.regime, standIn); test.betterCalibration && g.Better != test.smaller {
			t.Errorf("%s: |gap| smaller in %d pairs, want %d", test.regime, g.Better, test.smaller)
		}
	}
	// Unanimous effects are shown: 8 of 8 pairs of Noisy Student. Of 4 pairs nothing could be.
	for regime, want := range map[string]string{"distilled": "proven", "noisy-student": "proven", "advprop": "proven", "pretrained-21k": "proven",
		"semi-supervised": "too few units", "weakly-supervised": "too few units"} {
		if c := get(regime, "accuracy"); c.Verdict() != want || c.Better != len(c.Values) {
			t.Errorf("%s: %d of %d pairs more accurate, %s, want %s", regime, c.Better, len(c.Values), c.Verdict(), want)
		}
	}
	// The table takes semi- and weakly supervised pairs together, and ssl_resnet18
	// from resnet18, which models.csv takes from resnet18_torchvision.
	at := func(model string) float64 { return severity.Values[5][slices.Index(severity.Models, model)] }
	for _, test := range []struct{ metric, want string }{{"auroc", "-0.49"}, {"accuracy", "+3.31"}, {standIn, "+0.05"}, {"ood-auroc[c-ood-s05]", "+0.80"}} {
		semi, weak := get("semi-supervised", test.metric), get("weakly-supervised", test.metric)
		together := append(slices.Clone(semi.Values), weak.Values...)
		if k := slices.Index(semi.Names, "ssl_resnet18"); test.metric == "ood-auroc[c-ood-s05]" {
			together[k] = at("ssl_resnet18") - at("resnet18")
		}
		digits(t, "semi- and weakly supervised "+test.metric, 100*median(together), test.want)
		if test.metric == "auroc" && (len(together) != 8 || positive(together) != 1) {
			t.Errorf("semi- and weakly supervised: %d of %d pairs up, want 1 of 8", positive(together), len(together))
		}
	}
}

// published table 5.4: confidence functions, as far as the folder has severities.
func TestPublishedConfidences(t *testing.T) {
	r := published(t, "imagenet-523", Options{})
	d, mc := data[*Alternatives](t, r, "confidences"), data[*Alternatives](t, r, "passes")
	for _, test := range []struct {
		from               *Alternatives
		confidence         string
		models, better     int
		auroc, s0, s5, s10 string
	}{
		{d, "entropy", 520, 0, "-2.88", "+1.41", "+0.63", "-0.25"},
		{d, "max-logit", 494, 1, "-8.15", "-0.58", "-2.59", "-3.56"},
		{d, "score:odin", 58, 0, "-3.54", "+1.44", "+2.75", "-1.37"},
		{mc, "score:mc-dropout-entropy", 28, -1, "-4.31", "", "", ""},
	} {
		c := test.from.Change(test.confidence, "auroc", "clean")
		if c == nil {
			t.Fatalf("no change of %s", test.confidence)
		}
		if len(c.Values) != test.models || test.better >= 0 && c.Up != test.better {
			t.Errorf("%s: better for %d of %d models, want %d of %d", test.confidence, c.Up, len(c.Values), test.better, test.models)
		}
		digits(t, test.confidence+" AUROC", 100*c.Median, test.auroc)
		for condition, want := range map[string]string{"c-ood-s00": test.s0, "c-ood-s05": test.s5, "c-ood-s10": test.s10} {
			if want != "" {
				digits(t, test.confidence+" "+condition, 100*test.from.Change(test.confidence, "ood-auroc", condition).Median, want)
			}
		}
	}
	for _, e := range r.Experiments {
		for _, table := range e.Tables {
			if table.Name == "passes-entropy" { // against the plain entropy of one pass
				digits(t, "MC-dropout entropy against entropy", 100*table.Rows[0][5].(float64), "-0.37")
			}
		}
	}
}

// section 6: medians of C-OOD AUROC, and three models' curves.
func TestPublishedSeverity(t *testing.T) {
	d := data[*Severity](t, published(t, "imagenet-523", Options{}), "severity")
	if len(d.Levels) != 11 || d.Computed {
		t.Fatalf("%d levels, computed %v", len(d.Levels), d.Computed)
	}
	for level, want := range map[int]string{0: "90.41", 5: "81.66", 10: "62.22"} {
		digits(t, fmt.Sprintf("median at level %d", level), 100*d.Levels[level].Median, want)
	}
	for model, want := range map[string]string{
		"vit_large_patch32_384": "99.2 98.2 97.2 95.9 94.5 92.9 91.4 88.9 85.8 81.7 70.0",
		"resnet50_torchvision":  "90.2 87.9 86.2 84.3 82.8 81.3 79.5 77.5 74.9 71.5 62.7",
		"alexnet_torchvision":   "83.1 79.3 76.5 74.4 71.9 70.1 68.2 65.9 63.3 59.4 51.1",
	} {
		var got []string
		for k := range d.Levels {
			got = append(got, fmt.Sprintf("%.1f", 100*d.Values[k][slices.Index(d.Models, model)]))
		}
		if text := strings.Join(got, " "); text != want {
			t.Errorf("%s: %s, want %s", model, text, want)
		}
	}
}

// The long table of the same release gives the same numbers for the same models.
func TestPublishedLongTable(t *testing.T) {
	r := published(t, "523-published-figures.csv", Options{Classes: 1000})
	if len(r.Broken) != 3 || r.Models != 536 { // 16 CLIP models come on top of the 520
		t.Errorf("%d models, broken %v", r.Models, r.Broken)
	}
	board := data[*Leaderboard](t, r, "leaderboard").Table
	for _, row := range board.Rows {
		if row[0] == "vit_large_patch16_384" {
			digits(t, "accuracy", row[1].(float64), "0.87092")
			digits(t, "AUROC", row[2].(float64), "0.884841")
			digits(t, "SAC", row[6].(float64), "0.47")
			digits(t, "AURC", row[8].(float64), "0.02648")
		}
	}
	wide := data[*Alternatives](t, published(t, "imagenet-523", Options{}), "confidences").Change("entropy", "auroc", "clean")
	long := data[*Alternatives](t, r, "confidences").Change("entropy", "auroc", "clean")
	for i, m := range wide.Names {
		k := slices.Index(long.Names, m)
		if k < 0 || wide.Values[i] != long.Values[k] {
			t.Fatalf("%s: the long table and the folder differ", m)
		}
	}
}
