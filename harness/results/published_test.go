package results

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func long(t *testing.T, content string) (*Results, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "figures.csv")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return Read(path)
}

// figureOf is a value of a row; the test fails if there is no such row or metric.
func figureOf(t *testing.T, s *Results, model, condition, confidence, metric string) float64 {
	t.Helper()
	for _, row := range s.Rows {
		if row.Model == model && row.Condition == condition && row.Confidence == confidence {
			for k, m := range s.Measures {
				if m.Name() == metric {
					return row.Cells[k].Value
				}
			}
		}
	}
	t.Fatalf("no %s of %s, %s, %s in %+v", metric, model, condition, confidence, s.Rows)
	panic("unreachable")
}

func TestLongTable(t *testing.T) {
	s, err := long(t, `model,metric,value,unit,source,family,n,classes
a,accuracy,80,percent,paper,vit,500,10
a,accuracy,0.81,fraction,release,vit,,
a,AUROC[softmax],0.9,,release,,,
a,AUROC[entropy],85,x100,release,,,
a,AURC,40,x1000,release,,,
a,COOD_AUROC_s5[softmax],0.7,,release,,,
a,SAC@99 coverage,47,percent,paper,,,
a,AUROC_TS,0.91,,release,,,
a,ECE_15,0.03,,release,,,
a,error_rate,19,percent,release,,,
b,"AUROC[odin(T=2,noise=1e-5)]",0.6,,release,,,
b,accuracy,0.5,,release,cnn,,
b,mystery,3,,release,,,
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		model, condition, confidence, metric string
		want                                 float64
	}{
		{"a", "clean", "msp", "accuracy", 0.81}, // from the source with more values
		{"a", "clean", "entropy", "accuracy", 0.81},
		{"a", "clean", "msp", "error", 0.19},
		{"a", "clean", "entropy", "auroc", 0.85},
		{"a", "clean", "msp", "aurc", 0.04},
		{"a", "c-ood-s05", "msp", "ood-auroc", 0.7},
		{"a", "clean", "msp", "sac@0.99", 0.47},
		{"a", "clean", "msp", "ece@15", 0.03},
		{"b", "clean", "score:odin", "auroc", 0.6},
		{"b", "clean", "score:odin", "accuracy", 0.5},
	} {
		if got := figureOf(t, s, test.model, test.condition, test.confidence, test.metric); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%+v: %v", test, got)
		}
	}
	found := false
	for _, row := range s.Rows {
		found = found || row.Transform == "temperature" && row.Model == "a"
		if row.Model == "a" && row.Condition == "clean" && row.Transform == "none" && (row.N != 500 || row.Classes != 10) {
			t.Errorf("n = %d, %d classes", row.N, row.Classes)
		}
	}
	if !found {
		t.Error("no row after temperature scaling")
	}
	if s.Meta("a", "figures").Get("family") != "vit" || s.Meta("b", "figures").Get("family") != "cnn" {
		t.Errorf("metadata: %+v", s.Models)
	}
	notices := strings.Join(s.Run.Notices, "\n")
	if !strings.Contains(notices, `1 lines of "mystery"`) || !strings.Contains(notices, "1 values stand beside another") {
		t.Errorf("notices: %s", notices)
	}
	if _, err := s.Outcomes(s.Rows[0].Key); err == nil {
		t.Error("outcomes of a published figure")
	}
}

func TestLongTableRefusals(t *testing.T) {
	for content, want := range map[string]string{
		"model,value\na,1\n":                              `no column "metric"`,
		"model,metric,value\na,accuracy,80\n":             "outside of its range",
		"model,metric,value\na,accuracy,high\n":           "line 2",
		"model,metric,value,unit\na,accuracy,1,furlong\n": "furlong",
		"model,metric,value\na,beauty,1\n":                "no line has a metric",
	} {
		if _, err := long(t, content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", content, err, want)
		}
	}
}
