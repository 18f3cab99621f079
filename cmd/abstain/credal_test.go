package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// credalPair is what the reference values say of a pair at one eps.
type credalPair struct {
	N            int
	T            any
	Coverage     float64
	Width        float64 `json:"mean_width"`
	Intersection *credalJudged
	Maxent       *credalJudged
	Upper        *float64                  `json:"upper_entropy_bits_mean"`
	Sets         *struct{ Singletons int } `json:"argmax_sets"`
}

type credalJudged struct {
	Accuracy float64
	ECE      float64   `json:"ece15"`
	Edges    []float64 `json:"ece15_edge"`
	NLL      float64
}

var (
	everyPair = flag.Bool("every-pair", false, "compare all divergences of all reference pairs, which takes minutes")
	pairsIn   = flag.String("credal", filepath.FromSlash("../../../shared/credal"), "folder of reference values of credal inference")
)

// TestCredalReference: run finds the values of the stored pairs, for every divergence.
func TestCredalReference(t *testing.T) {
	folder := filepath.Join(*pairsIn, "pairs")
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Skip("the reference values are not here: ", err)
	}
	var ref struct {
		Pairs map[string]struct {
			Classes int
			Runs    map[string]struct {
				T           float64
				Divergences map[string]struct{ Eps map[string]credalPair }
			}
		}
	}
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for name, pair := range ref.Pairs {
		for by, want := range pair.Runs {
			for divergence, at := range want.Divergences {
				if !*everyPair && (by == "ece" || divergence != "kl" && (name != "c3" || divergence != "tv")) {
					continue
				}
				kind, alpha, has := strings.Cut(divergence, "@")
				spec := fmt.Sprintf("cloud=%s-cloud,edge=%s-edge,divergence=%s,eps=%s,by=%s,temper=temperature,fit=calibration", name, name, kind, epsOf(at.Eps), by)
				if has {
					spec += ",alpha=" + alpha
				}
				for eps, row := range credalRun(t, folder, spec) {
					wanted, ok := at.Eps[eps]
					if !ok {
						t.Fatalf("%s: no reference at eps %s", spec, eps)
					}
					checked++
					compareCredal(t, spec+" at "+eps, row, wanted, want.T)
				}
			}
		}
	}
	if checked < 6 {
		t.Errorf("only %d rows were checked", checked)
	}
}

// epsOf lists the eps of the reference, 0.1 first if it is one: that makes the predictions.
func epsOf(at map[string]credalPair) string {
	all := slices.Sorted(maps.Keys(at))
	if k := slices.Index(all, "0.1"); k > 0 {
		all[0], all[k] = all[k], all[0]
	}
	return strings.Join(all, ":")
}

// credalRun runs with --credal and returns the rows of credal.csv by eps.
func credalRun(t *testing.T, corpus, spec string, more ...string) map[string]map[string]string {
	t.Helper()
	out := t.TempDir()
	if _, errText, code := runVerb(append([]string{"run", corpus, "--out", out, "--level", "0", "--metrics", "accuracy,ece", "--credal", spec}, more...)...); code != 0 {
		t.Fatal(spec, errText)
	}
	file, err := os.Open(filepath.Join(out, "credal.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]string{}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, c := range lines[0] {
			row[c] = line[i]
		}
		rows[row["eps"]] = row
	}
	return rows
}

func compareCredal(t *testing.T, what string, row map[string]string, want credalPair, temperature float64) {
	t.Helper()
	near := func(column string, want, tolerance float64) {
		t.Helper()
		if got, err := strconv.ParseFloat(row[column], 64); err != nil || math.Abs(got-want) > tolerance {
			t.Errorf("%s: %s is %q, want %v", what, column, row[column], want)
		}
	}
	near("temperature", temperature, 1e-4)
	if row["rows"] != strconv.Itoa(want.N) {
		t.Errorf("%s: %s rows, want %d", what, row["rows"], want.N)
	}
	const loose = 1e-5 // the reference's temperature may differ in its last digits
	if v, ok := want.T.(float64); ok {
		near("threshold", v, loose*math.Max(1, v))
	} else if row["threshold"] != fmt.Sprint(want.T) {
		t.Errorf("%s: threshold %s, want %v", what, row["threshold"], want.T)
	}
	n, _ := strconv.ParseFloat(row["n"], 64)
	near("coverage", want.Coverage, 1/n+1e-9)
	near("width", want.Width, loose)
	if want.Sets != nil {
		near("certain", float64(want.Sets.Singletons)/n, 1/n+1e-9)
	}
	if j := want.Intersection; j != nil {
		near("accuracy", j.Accuracy, 1e-12)
		near("nll", j.NLL, loose)
		if j.Edges == nil {
			near("ece", j.ECE, loose)
		}
	}
	if j := want.Maxent; j != nil && j.Edges == nil && row["eps"] == "0.1" {
		near("ece.entropy", j.ECE, 10*loose)
	}
	if want.Upper != nil && row["eps"] == "0.1" {
		near("upper-entropy", *want.Upper, loose)
	}
}

// TestCredalEffects: of ten classes at eps 0.5 hedging lowers the ECE of the reference's edge by
// more than five points, at 0.1 it raises it, both beyond the rows; accuracy stays as it is.
func TestCredalEffects(t *testing.T) {
	folder := filepath.Join(*pairsIn, "pairs")
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the reference values are not here: ", err)
	}
	rows := credalRun(t, folder, "cloud=c10-cloud,edge=c10-edge,eps=0.1:0.5,temper=temperature,fit=calibration", "--level", "0.95")
	number := func(eps, column string) float64 {
		v, err := strconv.ParseFloat(rows[eps][column], 64)
		if err != nil {
			t.Fatal(eps, column, err)
		}
		return v
	}
	if v := number("0.5", "ece.change"); !(v < -0.05) || !(number("0.5", "ece.change.hi") < 0) || number("0.5", "ece.change.lo") > v {
		t.Error("at 0.5 ECE changes by", v)
	}
	if v := number("0.1", "ece.change"); !(v > 0.05) || !(number("0.1", "ece.change.lo") > 0) || !strings.Contains(rows["0.1"]["note"], "hedging loses: its ECE is above that of the edge as it is by 0.1163 [") {
		t.Error("at 0.1 ECE changes by", v, rows["0.1"]["note"])
	}
	for _, eps := range []string{"0.1", "0.5"} {
		if number(eps, "accuracy.change") != 0 || math.Abs(number(eps, "ece")-number(eps, "ece.edge")-number(eps, "ece.change")) > 1e-12 {
			t.Error(eps, "accuracy moved, or the change is not after less before")
		}
	}
}
