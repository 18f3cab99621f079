package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// guaranteeSets are reference thresholds, made from the definitions.
type guaranteeSets struct {
	Sets map[string]struct {
		Confidence []any
		Correct    []any
	}
	Cases []struct {
		Set, Method, Upper string
		J, G               int
		Risk, Delta        float64
		Expect             map[string]any
	}
}

// TestThresholdReference: the command finds the thresholds of the reference values, with one
// split alone.
func TestThresholdReference(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../../shared/guarantees/thresholds.json"))
	if err != nil {
		t.Skip("the reference values are not here: ", err)
	}
	var ref guaranteeSets
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	corpus, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	for name, set := range ref.Sets {
		if len(set.Confidence) > 1200 {
			continue
		}
		var b strings.Builder
		b.WriteString("confidence,correct\n")
		for i := range set.Confidence {
			fmt.Fprintf(&b, "%v,%v\n", set.Confidence[i], truth(set.Correct[i]))
		}
		if err := os.WriteFile(filepath.Join(corpus, name+".csv"), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, errText, code := runVerb("run", corpus, "--out", out, "--level", "0", "--metrics", "accuracy"); code != 0 {
		t.Fatal(errText)
	}
	methods := map[string]string{"ltt-counts": "ltt", "rcps-joint": "rcps", "crc-joint": "crc"}
	checked := map[string]int{}
	for _, c := range ref.Cases {
		method := methods[c.Method]
		if method == "" || c.Method == "ltt-counts" && c.G != 50 || c.Method == "rcps-joint" && c.Upper != "binomial" && c.Upper != "exact" || len(ref.Sets[c.Set].Confidence) > 1200 {
			continue
		}
		if method == "ltt" && c.J == 1 {
			method = "one-start"
		} else if method == "ltt" && c.J != 2 {
			continue
		}
		args := []string{"threshold", out, c.Set, "--risk", fmt.Sprint(c.Risk), "--method", method, "--format", "json"}
		if c.Delta > 0 {
			args = append(args, "--delta", fmt.Sprint(c.Delta))
		}
		got, errText, code := runVerb(args...)
		if code != 0 {
			t.Errorf("%v: %s", args, errText)
			continue
		}
		checked[method]++
		compareThreshold(t, strings.Join(args[2:], " "), got, c.Expect, len(ref.Sets[c.Set].Confidence))
	}
	for _, m := range []string{"ltt", "rcps", "crc"} {
		if checked[m] < 40 {
			t.Errorf("only %d cases of %s were checked", checked[m], m)
		}
	}
}

func compareThreshold(t *testing.T, what, got string, expect map[string]any, n int) {
	t.Helper()
	var page map[string]any
	if err := json.Unmarshal([]byte(got), &page); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if page["feasible"] != expect["feasible"] {
		t.Errorf("%s: feasible %v, want %v", what, page["feasible"], expect["feasible"])
		return
	}
	if page["feasible"] == false {
		if page["threshold"] != nil || page["rule"] != nil || page["coverage"] != nil {
			t.Errorf("%s: no threshold is feasible, and one is given: %v", what, page)
		}
		return
	}
	if want, ok := expect["accepted"].(float64); ok && math.Abs(page["coverage"].(float64)-want/float64(n)) > 1e-9 {
		t.Errorf("%s: coverage %v, want %v of %d", what, page["coverage"], want, n)
	}
	if want, ok := expect["reject_at_or_below"]; ok && fmt.Sprint(page["threshold"]) != fmt.Sprint(want) {
		t.Errorf("%s: threshold %v, want %v", what, page["threshold"], want)
	}
	if page["n_test"] != 0.0 || page["judged"] != false || page["n_calibration"] != float64(n) {
		t.Errorf("%s: n_test %v, judged %v, n_calibration %v of %d", what, page["n_test"], page["judged"], page["n_calibration"], n)
	}
}

// truth reads a correctness that is written as a boolean or a number.
func truth(v any) int {
	if v == true || v == 1.0 {
		return 1
	}
	return 0
}

// runVerb runs a verb in this process.
func runVerb(args ...string) (out, errText string, code int) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return o.String(), e.String(), code
}

// TestThresholdKeepsItsPromise: thresholds chosen on one part of many draws hold on a
// population that is known, as often as promised, where the empirical one does not.
func TestThresholdKeepsItsPromise(t *testing.T) {
	const draws, n, delta, risk = 40, 400, 0.1, 0.1
	corpus, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	// A row of confidence c, uniform, is wrong with probability 0.3 (1-c): the risk of answering
	// above a threshold s is 0.3 (1-s)/2, and 0.1 at s = 1/3.
	state := uint64(7)
	uniform := func() float64 {
		state ^= state << 13
		state ^= state >> 7
		state ^= state << 17
		return float64(state>>11) / (1 << 53)
	}
	for d := range draws {
		var b strings.Builder
		b.WriteString("confidence,correct\n")
		for range n {
			c := uniform()
			fmt.Fprintf(&b, "%s,%d\n", strconv.FormatFloat(c, 'g', -1, 64), truth(uniform() >= 0.3*(1-c)))
		}
		if err := os.WriteFile(filepath.Join(corpus, fmt.Sprintf("d%d.csv", d)), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, errText, code := runVerb("run", corpus, "--out", out, "--level", "0", "--metrics", "accuracy"); code != 0 {
		t.Fatal(errText)
	}
	broken := func(method string) (count int) {
		for d := range draws {
			got, _, _ := runVerb("threshold", out, fmt.Sprintf("d%d", d), "--risk", fmt.Sprint(risk), "--delta", fmt.Sprint(delta), "--method", method, "--format", "json")
			var page struct{ Threshold any }
			if err := json.Unmarshal([]byte(got), &page); err != nil {
				t.Fatal(err)
			}
			if s, ok := page.Threshold.(float64); ok && 0.3*(1-s)/2 > risk || page.Threshold == "-inf" {
				count++
			}
		}
		return count
	}
	for _, method := range []string{"ltt", "sgr", "one-start"} {
		if k := broken(method); k > 10 { // of 40 at delta 0.1: more with probability 0.001
			t.Errorf("%s breaks its promise in %d of %d draws", method, k, draws)
		}
	}
	if k := broken("empirical"); k < 12 {
		t.Errorf("the empirical threshold breaks the risk in only %d of %d draws: is anything measured?", k, draws)
	}
}
