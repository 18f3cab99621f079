package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"abstain/harness/results"
)

// TestSetsOutOfCredalSets: the classes that some member of a credal set would choose are those
// of the reference, through a run that asks for metrics of sets.
func TestSetsOutOfCredalSets(t *testing.T) {
	folder := filepath.FromSlash("../../../shared/credal/pairs")
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Skip("the reference values are not here: ", err)
	}
	type choices struct {
		Size       float64 `json:"mean_size"`
		Holds      float64 `json:"label_in_set"`
		Singletons int
	}
	var ref struct {
		Pairs map[string]struct {
			Runs map[string]struct {
				Divergences map[string]struct {
					Eps map[string]struct {
						Sets *choices `json:"argmax_sets"`
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range []string{"c3", "c10"} {
		for divergence, at := range ref.Pairs[name].Runs["nll"].Divergences {
			if divergence != "kl" && divergence != "tv" {
				continue
			}
			for eps, want := range at.Eps {
				if want.Sets == nil || (eps != "0.1" || divergence != "kl") && !*everyPair { // a run reads all pairs
					continue
				}
				checked++
				out := t.TempDir()
				spec := fmt.Sprintf("cloud=%s-cloud,edge=%s-edge,divergence=%s,eps=%s,temper=temperature,fit=calibration", name, name, divergence, eps)
				if _, errText, code := runVerb("run", folder, "--out", out, "--level", "0", "--metrics", "set-size,set-coverage,set-singletons,set-class-gap", "--credal", spec); code != 0 {
					t.Fatal(spec, errText)
				}
				r, err := results.Read(out)
				if err != nil || len(r.Sets) != 1 {
					t.Fatalf("%s: %d rows of sets.csv, %v", spec, len(r.Sets), err)
				}
				n := float64(r.Sets[0].N)
				for _, v := range [][2]float64{{r.Sets[0].Size.Value, want.Sets.Size}, {r.Sets[0].Coverage.Value, want.Sets.Holds},
					{r.Sets[0].Singletons.Value, float64(want.Sets.Singletons) / n}} {
					if math.Abs(v[0]-v[1]) > 1/n+1e-9 { // the temperature may differ in its last digits, and a row lie on the edge
						t.Errorf("%s: %v, want %v", spec, v[0], v[1])
					}
				}
				for _, row := range r.Rows {
					if row.Transform == "credal-intersection" && row.Confidence == "msp" && (math.Abs(row.Cells[0].Value-r.Sets[0].Size.Value) > 1e-12 || row.Cells[3].Defined()) {
						t.Errorf("%s: results.csv has %+v", spec, row.Cells)
					}
				}
			}
		}
	}
	if checked < 2 {
		t.Errorf("only %d cases were checked", checked)
	}
}
