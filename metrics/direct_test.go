package metrics_test

import (
	"math"
	"slices"
	"testing"

	"abstain/metrics"
)

// directly are the functions that are called by name, by the id of their metric.
var directly = map[string]func(*metrics.Ranked) metrics.Estimate{
	"accuracy": metrics.Accuracy, "error": metrics.ErrorRate, "balanced-accuracy": metrics.BalancedAccuracy,
	"top-k@2": func(r *metrics.Ranked) metrics.Estimate { return metrics.TopK(r, 2) },
	"nll":     metrics.NLL, "brier": metrics.Brier,
	"auroc": metrics.AUROC, "aupr-success": metrics.AUPRSuccess, "aupr-error": metrics.AUPRError,
	"fpr@0.9": func(r *metrics.Ranked) metrics.Estimate { return metrics.FPR(r, 0.9) },
	"aurc":    metrics.AURC, "eaurc": metrics.EAURC, "naurc": metrics.NAURC, "augrc": metrics.AUGRC,
	"sac@0.9":                func(r *metrics.Ranked) metrics.Estimate { return metrics.SAC(r, 0.9) },
	"coverage-at-risk@0.1":   func(r *metrics.Ranked) metrics.Estimate { return metrics.CoverageAtRisk(r, 0.1) },
	"risk@0.7":               func(r *metrics.Ranked) metrics.Estimate { return metrics.Risk(r, 0.7) },
	"selective-accuracy@0.7": func(r *metrics.Ranked) metrics.Estimate { return metrics.SelectiveAccuracy(r, 0.7) },
	"ece@10":                 func(r *metrics.Ranked) metrics.Estimate { return metrics.ECE(r, 10) },
	"ece-l2@10":              func(r *metrics.Ranked) metrics.Estimate { return metrics.ECEL2(r, 10) },
	"mce@10":                 func(r *metrics.Ranked) metrics.Estimate { return metrics.MCE(r, 10) },
	"ece-mass@10":            func(r *metrics.Ranked) metrics.Estimate { return metrics.ECEMass(r, 10) },
	"smece":                  metrics.SmoothECE,
	"mean-confidence":        metrics.MeanConfidence, "overconfidence": metrics.Overconfidence, "ood-auroc": metrics.OODAUROC,
}

// TestDirectly: a function called by name gives what the table's metric gives, and every
// metric of the default set has one.
func TestDirectly(t *testing.T) {
	o := outcomes()
	r := metrics.Rank(o, o.Confidence("msp"))
	var covered []string
	for id, of := range directly {
		m, err := metrics.ParseMeasure(id)
		if err != nil {
			t.Fatal(err)
		}
		covered = append(covered, m.Metric.ID)
		if got, want := of(r), m.Of(r); !same(got.Value, want.Value, 0) || got.N != want.N || !slices.Equal(got.Notes, want.Notes) {
			t.Errorf("%s: %+v, want %+v", id, got, want)
		}
	}
	for _, m := range metrics.Metrics() {
		if m.In(metrics.InDefault) && !slices.Contains(covered, m.ID) {
			t.Errorf("%s is in the default set, but no function of direct.go is named after it, or it is not in directly", m.ID)
		}
	}
}

func TestFromConfidence(t *testing.T) {
	right := []bool{true, true, false}
	for name, c := range map[string]struct {
		confidence []float64
		note       string // of AUROC; "" if it is defined
		calibrated bool
	}{
		"probabilities": {[]float64{0.9, 1, 0}, "", true},
		"margins":       {[]float64{2, 1, -1}, "", false},
		"infinite":      {[]float64{math.Inf(1), 1, math.Inf(-1)}, "", false},
		"NaN":           {[]float64{0.9, math.NaN(), 0.5}, "a confidence is NaN", false},
	} {
		r := metrics.FromConfidence(c.confidence, right)
		e := metrics.AUROC(r)
		if c.note == "" && e.Value != 1 || c.note != "" && (e.Defined() || e.Notes[0] != c.note) {
			t.Errorf("%s: AUROC %+v", name, e)
		}
		if got := metrics.ECE(r, 15).Defined(); got != c.calibrated {
			t.Errorf("%s: the ECE is defined: %v", name, got)
		}
		if a := metrics.Accuracy(r); !same(a.Value, 2.0/3, 1e-15) || !math.IsNaN(a.Lo) || a.Level != 0 {
			t.Errorf("%s: accuracy %+v", name, a)
		}
	}
	for _, m := range metrics.Metrics() {
		if e := m.Of(metrics.FromConfidence(nil, nil), parameters(m)[0]); e.Defined() || len(e.Notes) != 1 {
			t.Errorf("%s of nothing: %+v", m.ID, e)
		}
		if e := m.Of(metrics.FromConfidence([]float64{math.NaN()}, []bool{true}), parameters(m)[0]); m.Needs&metrics.NeedsConfidence != 0 && e.Defined() {
			t.Errorf("%s of a NaN: %+v", m.ID, e)
		}
	}
}

// TestMisuse: a mistake of the program causes a panic.
func TestMisuse(t *testing.T) {
	r := metrics.FromConfidence([]float64{0.5}, []bool{true})
	for name, call := range map[string]func(){
		"lengths":  func() { metrics.FromConfidence([]float64{0.5}, nil) },
		"no bin":   func() { metrics.ECE(r, 0) },
		"accuracy": func() { metrics.SAC(r, 99) },
		"coverage": func() { metrics.Risk(r, math.NaN()) },
		"no class": func() { metrics.TopK(r, 0) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); len(text) < 9 || text[:9] != "metrics: " {
					t.Errorf("%s: panics with %q", name, text)
				}
			}()
			call()
		}()
	}
}
