package resample_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// note is the last note of an estimate.
func note(e metrics.Estimate) string {
	if len(e.Notes) == 0 {
		return ""
	}
	return e.Notes[len(e.Notes)-1]
}

// TestEveryMetricSaysHow: each metric of the table, with each method, has an
// interval around its value (of calibration errors, above it at most by bias) and
// a note that names the method, or a note that says why not.
func TestEveryMetricSaysHow(t *testing.T) {
	o := world{curve: overconfident, grid: 200, outside: 0.2}.draw(generator(100), 250)
	r := metrics.Rank(o, &o.Confidences[0])
	ms := measures(t, metrics.IDs()...)
	draws := resample.Draw(resample.Independent(250), 1, 40)
	for name, options := range map[string]resample.Options{
		"standard":             {},
		"standard, replicates": {Replicates: draws},
		"percentile":           {Method: resample.ByPercentile, Replicates: draws, Level: 0.9},
		"BCa":                  {Method: resample.ByBCa, Replicates: draws},
	} {
		with := 0
		for i, e := range resample.Intervals(r, ms, options) {
			id, n := ms[i].ID(), note(e)
			plain := ms[i].Of(r)
			if !near(e.Value, plain.Value, 0) || e.N != plain.N {
				t.Errorf("%s: %s: value %v, want %v", name, id, e.Value, plain.Value)
			}
			switch {
			case !e.Defined() || math.IsInf(e.Value, 0):
				if !math.IsNaN(e.Lo) || e.Level != 0 {
					t.Errorf("%s: %s is %v and has an interval: %+v", name, id, e.Value, e)
				}
			case e.Level == 0:
				if !strings.HasPrefix(n, "no interval: ") || !math.IsNaN(e.Lo) || !math.IsNaN(e.Hi) {
					t.Errorf("%s: %s: %+v", name, id, e)
				}
			default:
				with++
				if !strings.HasPrefix(n, "interval: ") || !(e.Lo <= e.Hi) || e.Level != max(options.Level, 0.9) && e.Level != 0.95 {
					t.Errorf("%s: %s: %+v", name, id, e)
				}
				if (e.Value < e.Lo-1e-12 || e.Value > e.Hi+1e-12) && options.Method == resample.Standard && strings.Contains(n, "influence") {
					t.Errorf("%s: %s = %v outside [%v, %v]", name, id, e.Value, e.Lo, e.Hi)
				}
			}
		}
		if with < 30 {
			t.Errorf("%s: %d metrics have an interval", name, with)
		}
	}
}

// TestStandardMethods: which way the default metrics go.
func TestStandardMethods(t *testing.T) {
	r := world{curve: honest}.ranked(generator(101), 300)
	draws := resample.Draw(resample.Independent(300), 1, 50)
	for id, want := range map[string][2]string{
		"accuracy":               {"interval: Wilson score", "interval: Wilson score"},
		"auroc":                  {"interval: moderated t", "interval: moderated t"},
		"aurc":                   {"interval: influence", "interval: influence"},
		"ece@15":                 {"interval: influence values, lower bound 0", "interval: influence values, lower bound 0"},
		"sac@0.8":                {"interval: exact binomial", "interval: exact binomial"},
		"coverage-at-risk@0.2":   {"interval: exact binomial", "interval: exact binomial"},
		"risk@0.8":               {"interval: exact binomial", "interval: bootstrap percentile"},
		"selective-accuracy@0.8": {"interval: exact binomial", "interval: bootstrap percentile"},
		"mce@15":                 {"no interval: a largest gap", "no interval: a largest gap"},
	} {
		m := measures(t, id)
		without, with := resample.Intervals(r, m, resample.Options{})[0], resample.Intervals(r, m, resample.Options{Replicates: draws})[0]
		if !strings.HasPrefix(note(without), want[0]) || !strings.HasPrefix(note(with), want[1]) {
			t.Errorf("%s: %q without replicates, %q with", id, note(without), note(with))
		}
	}
	e := resample.Intervals(r, measures(t, "risk@0.8", "selective-accuracy@0.8"), resample.Options{})
	if !near(e[0].Lo, 1-e[1].Hi, 1e-15) || !near(e[0].Hi, 1-e[1].Lo, 1e-15) {
		t.Errorf("risk %+v, selective accuracy %+v", e[0], e[1])
	}
}

// TestWidthsOfMethodsAgree: bootstrap and standard intervals of smooth metrics
// are about as long.
func TestWidthsOfMethodsAgree(t *testing.T) {
	r := world{curve: honest, grid: 30}.ranked(generator(102), 2000)
	draws := resample.Draw(resample.Independent(2000), 1, 600)
	ms := measures(t, smooth...)
	standard := resample.Intervals(r, ms, resample.Options{})
	for _, method := range []resample.Method{resample.ByPercentile, resample.ByBCa} {
		for i, e := range resample.Intervals(r, ms, resample.Options{Method: method, Replicates: draws}) {
			s := standard[i]
			if s.Lo == s.Hi {
				continue
			}
			if ratio := (e.Hi - e.Lo) / (s.Hi - s.Lo); !(ratio > 0.85 && ratio < 1.15) {
				t.Errorf("method %d: %s: [%v, %v], standard [%v, %v]", method, ms[i].ID(), e.Lo, e.Hi, s.Lo, s.Hi)
			}
		}
	}
}

// TestDrawnAndSharedReplicatesAgree: drawing from the seed is the same as being
// handed the replicates.
func TestDrawnAndSharedReplicatesAgree(t *testing.T) {
	r := world{curve: honest}.ranked(generator(103), 200)
	m := measures(t, "sac@0.8")
	shared := resample.Intervals(r, m, resample.Options{Replicates: resample.Draw(resample.Independent(200), 7, 60)})
	drawn := resample.Intervals(r, m, resample.Options{B: 60, Seed: 7})
	if shared[0].Lo != drawn[0].Lo || shared[0].Hi != drawn[0].Hi || !slices.Equal(shared[0].Notes, drawn[0].Notes) {
		t.Errorf("%+v and %+v", shared[0], drawn[0])
	}
}

// TestExtremes: a model without errors, one without right answers, a perfect
// ranking, one sample, none.
func TestExtremes(t *testing.T) {
	ms := measures(t, metrics.DefaultIDs()...)
	confidence := []float64{0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2}
	all := func(v bool) []bool { return slices.Repeat([]bool{v}, len(confidence)) }
	perfect := []bool{true, true, true, true, true, false, false, false}
	for name, r := range map[string]*metrics.Ranked{
		"right": of(confidence, all(true)), "wrong": of(confidence, all(false)), "perfect": of(confidence, perfect),
		"one": of([]float64{0.5}, []bool{true}), "none": of(nil, nil),
	} {
		for _, options := range []resample.Options{{}, {B: 30}, {B: 30, Method: resample.ByBCa}} {
			for i, e := range resample.Intervals(r, ms, options) {
				if math.IsNaN(e.Lo) != math.IsNaN(e.Hi) || math.IsNaN(e.Lo) != (e.Level == 0) || e.Lo > e.Hi {
					t.Errorf("%s: %s: %+v", name, ms[i].ID(), e)
				}
			}
		}
	}
	e := resample.Intervals(of(confidence, perfect), measures(t, "auroc", "accuracy"), resample.Options{})
	if e[0].Hi != 1 || !(e[0].Lo > 0.3 && e[0].Lo < 0.6) || e[0].Notes[0] != "only 3 errors: moderated t" {
		t.Errorf("AUROC of a perfect ranking: %+v", e[0])
	}
	if e := resample.Intervals(of(confidence, all(true)), measures(t, "accuracy"), resample.Options{})[0]; e.Hi != 1 || e.Lo > 0.75 {
		t.Errorf("accuracy without errors: %+v", e)
	}
}

// TestStrataAreNamed and shorten the interval of what they fix.
func TestStrataAreNamed(t *testing.T) {
	o := world{curve: honest}.draw(generator(104), 400)
	r := metrics.Rank(o, &o.Confidences[0])
	code := make([]int32, 400)
	for i, v := range o.Confidences[0].Value {
		code[i] = int32(20 * v)
	}
	m := measures(t, "mean-confidence")
	plain, strata := resample.Intervals(r, m, resample.Options{})[0], resample.Intervals(r, m, resample.Options{Design: resample.Stratified(code)})[0]
	if strata.Hi-strata.Lo > 0.2*(plain.Hi-plain.Lo) || !strings.HasSuffix(note(strata), "stratified samples") {
		t.Errorf("%+v, in strata %+v", plain, strata)
	}
}

// TestKeep: who keeps replicates is handed those of every measure without a closed
// form, nil where there are none, and of no other.
func TestKeep(t *testing.T) {
	o := world{curve: honest}.draw(generator(105), 200)
	r := metrics.Rank(o, &o.Confidences[0])
	m := measures(t, "aurc", "sac@0.8", "gamma")
	draws := resample.Draw(resample.Independent(200), 5, 30)
	want := resample.Bootstrap(r, m, draws)
	for name, c := range map[string]struct {
		options resample.Options
		have    []bool // nil means told without values
		told    []bool
	}{
		"standard":   {resample.Options{Replicates: draws}, []bool{false, true, true}, []bool{false, true, true}},
		"swept only": {resample.Options{Replicates: draws, SweptOnly: true}, []bool{false, true, false}, []bool{false, true, true}},
		"none":       {resample.Options{}, []bool{false, false, false}, []bool{false, false, true}},
		"percentile": {resample.Options{Replicates: draws, Method: resample.ByPercentile}, []bool{true, true, true}, []bool{true, true, true}},
	} {
		told, have := make([]bool, 3), make([]bool, 3)
		c.options.Keep = func(k int, values []float64) {
			told[k], have[k] = true, values != nil
			if values != nil && !slices.Equal(values, want[k]) {
				t.Errorf("%s: other values of %s than Bootstrap's", name, m[k].ID())
			}
		}
		estimates := resample.Intervals(r, m, c.options)
		if !slices.Equal(told, c.told) || !slices.Equal(have, c.have) {
			t.Errorf("%s: told of %v, values of %v", name, told, have)
		}
		if name == "swept only" && (estimates[2].Level != 0 || !strings.Contains(note(estimates[2]), "evaluation of its own")) {
			t.Errorf("gamma: %+v", estimates[2])
		}
	}
}
