package metrics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"abstain/metrics"
)

// TestOfficialCoverage: against the steps of the official code, for starts that
// small tables allow.
func TestOfficialCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 3))
	differ := 0
	for trial := range 300 {
		o, in, _ := draw(rng, trial%60, 2+trial%3, 5+trial%20, 0.1)
		r := metrics.Rank(o, o.Confidence("msp"))
		for _, start := range []int{0, 3, 10} {
			for _, accuracy := range []float64{0, 0.5, 0.75, 0.9, 1} {
				got := metrics.CoverageGalil2023(r, accuracy, start)
				if want := twinOfficial(in, accuracy, start); !same(got.Value, want, 0) {
					t.Fatalf("trial %d, accuracy %v, start %d: %v, twin %v", trial, accuracy, start, got.Value, want)
				}
				if !got.Defined() && len(got.Notes) == 0 {
					t.Fatal("undefined without a note")
				}
				if s := value(fmt.Sprintf("sac@%v", accuracy), r); got.Value != s {
					differ++
				}
			}
		}
	}
	if differ == 0 {
		t.Error("the official coverage never differed from sac")
	}
}

// TestOfficialQuirks checks the quirks that the definitions state.
func TestOfficialQuirks(t *testing.T) {
	all, n := make([]bool, 300), 300
	confidence := make([]float64, n)
	for i := range all {
		all[i], confidence[i] = true, float64(i)/float64(n)
	}
	r := simple(confidence, all)
	if got, sac := value("sac-galil2023@0.99", r), value("sac@0.99", r); got != 0 || sac != 1 {
		t.Errorf("all right: official %v, sac %v; want 0 and 1", got, sac)
	}
	zeros := simple(make([]float64, 4), []bool{true, true, false, false})
	if got := value("ece-galil2023", zeros); got != 0 {
		t.Errorf("confidences of 0 are in no bin: ECE %v", got)
	}
	if got := value("mce-galil2023", zeros); got != -1 {
		t.Errorf("confidences of 0 are in no bin: MCE %v", got)
	}
	perfect := simple([]float64{2. / 3, 1. / 3}, []bool{true, false})
	if got, exact := value("eaurc-galil2023", perfect), value("eaurc", perfect); got < 0.09 || exact != 0 {
		t.Errorf("perfect ranking: official E-AURC %v, eaurc %v", got, exact)
	}
}
