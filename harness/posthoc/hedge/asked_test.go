package hedge

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"abstain/metrics/credal"
)

func TestParse(t *testing.T) {
	a, err := Parse("cloud=big,edge=s*,divergence=alpha,alpha=0.9,eps=0.05:0.5,fit=calib")
	want := &Asked{Cloud: "big", Edge: "s*", Divergence: "alpha@0.9", Eps: []float64{0.05, 0.5}, Temper: "calib", Fit: "calib", By: "nll"}
	if err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("%+v, %v", a, err)
	}
	if b, err := Parse("cloud=big,divergence=renyi,alpha=0.9:0.5:2"); err != nil || b.Divergence != "renyi@0.9" || !reflect.DeepEqual(b.More, []string{"renyi@0.5", "renyi@2"}) {
		t.Errorf("%+v, %v", b, err)
	}
	if !a.edges("small") || a.edges("other") || (&Asked{Cloud: "big", Edge: "*"}).edges("big") {
		t.Error("which models are edges")
	}
	for text, says := range map[string]string{
		"edge=x": "cloud=MODEL", "cloud": "want key=value", "cloud=a,eps=1": "eps", "cloud=a,eps=0.1:0.1": "twice", "cloud=a,edge=[": "pattern",
		"cloud=a,divergence=kl,alpha=2": "has no alpha", "cloud=a,divergence=renyi,alpha=-1": "renyi", "cloud=a,divergence=x": "there are", "cloud=a,by=mse": "nll or ece",
		"cloud=a,size=3": "unknown key", "cloud=a,divergence=alpha,alpha=0.9:0.9": "twice", "cloud=a,divergence=alpha,alpha=0.5:": "number",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// FuzzParse: nothing panics, and what is accepted has a divergence and eps within bounds.
func FuzzParse(f *testing.F) {
	f.Add("cloud=big,edge=s*,divergence=alpha,alpha=0.9,eps=0.05:0.5,fit=calib")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			return
		}
		if len(a.divergences()) != 1+len(a.More) {
			t.Error(a.More)
		}
		for _, eps := range a.Eps {
			if !(eps > 0 && eps < 1) {
				t.Error(eps)
			}
		}
	})
}

// TestRowsAreKept: a row survives credal.csv and the fits of a record, undefined numbers too.
func TestRowsAreKept(t *testing.T) {
	r := Row{Edge: "e", Cloud: "c=d", Dataset: "x", Split: "test", Condition: "clean", Divergence: "renyi@1.5", Rows: 7, N: 9, Note: "a, b"}
	for i, n := range r.numbers() {
		*n.At = float64(i) / 8
	}
	r.Alpha, r.Threshold, r.Volume = 1.5, math.Inf(1), math.NaN()
	read, err := ReadRow(Columns(), r.Fields())
	if err != nil || !same(read, r) {
		t.Errorf("credal.csv: %+v, %v", read, err)
	}
	kept, err := RowOf(r.fit("val"))
	kept.Edge, kept.Dataset, kept.Split, kept.Condition = r.Edge, r.Dataset, r.Split, r.Condition
	if err != nil || !same(kept, r) {
		t.Errorf("record: %+v, %v", kept, err)
	}
}

func same(a, b Row) bool {
	return strings.Join(a.Fields(), "|") == strings.Join(b.Fields(), "|") && a.Divergence == b.Divergence
}

// TestOrdered: values go to the places that p gives them, ties by class.
func TestOrdered(t *testing.T) {
	q := []float64{0.2, 0.5, 0.3}
	if ordered(q, []float64{0.6, 0.2, 0.2}); !reflect.DeepEqual(q, []float64{0.5, 0.3, 0.2}) {
		t.Error(q)
	}
}

// TestClaims: classes of ties go by the edge, whose order an f-divergence keeps.
func TestClaims(t *testing.T) {
	j, at, d := new(judging), new(atEps), credal.Divergence{Kind: credal.TV}
	edge := credal.NewCentre(3)
	edge.Distribution([]float64{0.2, 0.7, 0.1}, 0)
	j.claim(&at.intersection, []float64{1. / 3, 1. / 3, 1. / 3}, edge, 1, d)
	if accuracy, ece, nll := at.intersection.judge([]int32{1}); accuracy != 1 || math.Abs(ece-2./3) > 1e-12 || math.Abs(nll-math.Log(3)) > 1e-12 {
		t.Error(accuracy, ece, nll)
	}
	if accuracy, _, _ := at.intersection.judge([]int32{-1}); !math.IsNaN(accuracy) {
		t.Error("rows out of distribution are judged")
	}
}
