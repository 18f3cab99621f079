package gate

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"aurc > 0.05":                              "aurc > 0.05",
		"  aurc>=5e-2 ":                            "aurc >= 0.05",
		"sac@0.99.lo < .4":                         "sac@0.99.lo < 0.4",
		"sac@0.99<0.4":                             "sac@0.99 < 0.4",
		"difference( aurc ) > 0.01":                "difference(aurc) > 0.01",
		"difference(aurc).hi<=-0.01":               "difference(aurc).hi <= -0.01",
		"aurc worse":                               "aurc worse",
		"AURC > 0.05":                              "aurc > 0.05",
		"SAC@0.99.lo < 0.4":                        "sac@0.99.lo < 0.4",
		"ECE (l2) > 0.05":                          "ece-l2 > 0.05",
		"ECE (l2)@20.hi > 0.05":                    "ece-l2@20.hi > 0.05",
		"balanced accuracy not worse":              "balanced-accuracy not worse",
		"difference(ECE (l2, debiased)).hi > 0.01": "difference(ece-debiased).hi > 0.01",
		"difference( E-AURC ) > 0.01":              "difference(eaurc) > 0.01",
		"coverage-at-risk@0.05 not better":         "coverage-at-risk@0.05 not better",
		"ece.value > 0.1":                          "ece.value > 0.1",
	} {
		g, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if g.String() != want {
			t.Errorf("%q reads as %q, want %q", text, g, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "character 1: want a metric id",
		"> 0.05":                   "character 1: want a metric id",
		"aurk > 0.05":              "character 1: ",
		"auc > 0.05":               "may be one of several",
		"aurc ! 0.05":              "character 6: want one of > >= < <= and a number, or worse or better",
		"aurc":                     "character 5: want one of",
		"aurc > ":                  "character 8: want a number",
		"aurc > 5%":                "character 8: want a number such as 0.05; shares are fractions, not percent",
		"aurc > NaN":               "character 8: want a number",
		"aurc > 0.05 or else":      `character 13: "or else" is too much`,
		"aurc not 3":               "character 10: want worse or better",
		"aurc.hi worse":            "character 9: want one of > >= < <= and a number",
		"difference(aurc worse":    "character 17: want ) behind the metric",
		"difference(aurc) worse":   "character 18: want one of > >= < <= and a number",
		"difference(aurc).up > 1":  "character 17: want .value, .lo or .hi",
		"difference(aurc)hi > 1":   "character 17: want .value, .lo or .hi",
		"mean-confidence worse":    "character 17: metric \"mean-confidence\" has no better and worse end",
		"auroc worse, aurc better": "too much",
	} {
		_, err := Parse(text)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// FuzzParse: any text gives either a gate whose String parses to the same gate,
// or an error that points into the text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"aurc > 0.05", "difference(auroc).lo<=-1e-3", "sac@0.99 not worse", "ece@15.hi >= 1", "(", "aurc é 3", "difference("} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.At < 0 || e.At > len(text) || e.Problem == "" {
				t.Fatalf("%q: error %#v", text, err)
			}
			return
		}
		again, err := Parse(g.String())
		if err != nil || again.String() != g.String() || again.Bound != g.Bound {
			t.Fatalf("%q reads as %q, which reads as %q (%v)", text, g, again, err)
		}
	})
}

// TestGateFails: a gate without a part fails only if the whole interval is beyond
// the bound.
func TestGateFails(t *testing.T) {
	e := metrics.Estimate{Value: 0.05, Lo: 0.04, Hi: 0.06}
	for text, want := range map[string]bool{
		"aurc > 0.03": true, "aurc > 0.04": false, "aurc >= 0.04": true, "aurc > 0.05": false,
		"aurc < 0.07": true, "aurc < 0.06": false, "aurc <= 0.06": true, "aurc < 0.055": false,
		"aurc.hi > 0.05": true, "aurc.hi > 0.06": false, "aurc.lo < 0.05": true,
		"aurc.value > 0.049": true, "aurc.value > 0.05": false, "aurc.value >= 0.05": true,
	} {
		g, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := g.Fails(e); got != want || err != nil {
			t.Errorf("%q of %+v: %v, %v; want %v", text, e, got, err, want)
		}
	}
	g, _ := Parse("aurc > 0.05")
	if _, err := g.Fails(metrics.Estimate{Value: math.NaN()}); err != ErrUndefined {
		t.Errorf("undefined: %v", err)
	}
	if _, err := g.Fails(metrics.Estimate{Value: 1, Lo: math.NaN(), Hi: math.NaN()}); err != ErrInterval {
		t.Errorf("no interval: %v", err)
	}
	g, _ = Parse("aurc.value > 0.05")
	if fails, err := g.Fails(metrics.Estimate{Value: 1, Lo: math.NaN(), Hi: math.NaN()}); !fails || err != nil {
		t.Errorf("value alone: %v, %v", fails, err)
	}
}

func TestBoardBreaches(t *testing.T) {
	nan := math.NaN()
	aurc, auroc := metrics.MustMeasure("aurc"), metrics.MustMeasure("auroc")
	b := &board.Board{By: aurc, Beside: []metrics.Measure{auroc}, Entries: []board.Entry{
		{Model: "good", Value: metrics.Estimate{Value: 0.02, Lo: 0.01, Hi: 0.03}, Beside: []metrics.Estimate{{Value: 0.9, Lo: 0.8, Hi: 0.95}}},
		{Model: "bad", Value: metrics.Estimate{Value: 0.08, Lo: 0.06, Hi: 0.1}, Beside: []metrics.Estimate{{Value: nan, Lo: nan, Hi: nan}}},
	}}
	breaches, notes, err := OnBoard(b, gates(t, "aurc > 0.05", "auroc < 0.5"), nil)
	if err != nil || len(breaches) != 1 || breaches[0].Gate.String() != "aurc > 0.05" || breaches[0].Model != "bad" ||
		breaches[0].Estimate.Value != 0.08 || breaches[0].Estimate.Lo != 0.06 {
		t.Errorf("breaches %v, error %v", breaches, err)
	}
	if len(notes) != 1 || notes[0].Gate.String() != "auroc < 0.5" || notes[0].Model != "bad" {
		t.Errorf("notes %v", notes)
	}
	if breaches, _, err := OnBoard(b, gates(t, "aurc > 0.05"), []string{"good"}); len(breaches) > 0 || err != nil {
		t.Errorf("good alone: %v, %v", breaches, err)
	}
	for _, c := range []struct {
		gate, only, want string
	}{
		{"nll > 1", "", "has no metric \"nll\""},
		{"aurc worse", "", "asks for a reference"},
		{"difference(aurc) > 0", "", "asks for a reference"},
		{"aurc > 0.05", "ugly", "no model \"ugly\""},
		{"auroc < 0.5", "bad", "can be judged on no model"},
	} {
		var only []string
		if c.only != "" {
			only = []string{c.only}
		}
		if _, _, err := OnBoard(b, gates(t, c.gate), only); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.gate, err, c.want)
		}
	}
	b.Entries[0].Value.Lo = nan
	if _, _, err := OnBoard(b, gates(t, "aurc > 0.05"), nil); err == nil || !strings.Contains(err.Error(), "without an interval; 'aurc.value > 0.05' looks at the value alone") {
		t.Errorf("no interval: %v", err)
	}
}

func TestComparisonBreaches(t *testing.T) {
	m := metrics.MustMeasure("aurc")
	c := &compare.Comparison{Metrics: []compare.Difference{
		{Measure: m, Model: "b", Against: "a", B: metrics.Estimate{Value: 0.07, Lo: 0.06, Hi: 0.08},
			Difference: metrics.Estimate{Value: 0.02, Lo: 0.012, Hi: 0.028}, Verdict: ranks.Worse, AdjustedP: 0.001},
		{Measure: m, Model: "c", Against: "a", B: metrics.Estimate{Value: 0.05, Lo: 0.04, Hi: 0.06},
			Difference: metrics.Estimate{Value: 0, Lo: -0.008, Hi: 0.008}, Verdict: ranks.Unproven, AdjustedP: 1},
	}}
	for text, want := range map[string]string{
		"aurc worse":               "aurc worse: b 0.02 against a, p = 0.001",
		"aurc better":              "",
		"difference(aurc) > 0.01":  "difference(aurc) > 0.01: b 0.02 against a, p = NaN",
		"difference(aurc) > 0.015": "",
		"aurc > 0.055":             "aurc > 0.055: b 0.07 against a, p = NaN",
	} {
		breaches, _, err := OnComparison(c, gates(t, text))
		got := ""
		for _, b := range breaches {
			got += fmt.Sprintf("%s: %s %v against %s, p = %v", b.Gate, b.Model, b.Estimate.Value, b.Against, b.P)
		}
		if got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	if breaches, _, _ := OnComparison(c, gates(t, "aurc not better")); len(breaches) != 2 {
		t.Errorf("not better: %v, want both", breaches)
	}
	if breaches, _, _ := OnComparison(c, gates(t, "difference(aurc).hi > 0.005")); len(breaches) != 2 {
		t.Errorf("not shown to be no worse than by 0.005: %v, want both", breaches)
	}
	c.Metrics[1].Verdict, c.Metrics[1].Why = ranks.Untried, errors.New("no predictions")
	if _, _, err := OnComparison(c, gates(t, "aurc worse")); err == nil || !strings.Contains(err.Error(), "c could not be tested against a: no predictions") {
		t.Errorf("untested: %v", err)
	}
	if _, _, err := OnComparison(c, gates(t, "nll worse")); err == nil {
		t.Error("a metric that was not compared: no error")
	}
}

func gates(t *testing.T, texts ...string) []Gate {
	t.Helper()
	var all []Gate
	for _, text := range texts {
		g, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, g)
	}
	return all
}
