package training

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
)

// stored are tables of features as text: by file name, the lines below the header.
type stored map[string][]string

// randomStored are features of two classes and two groups that anything can be trained on.
func randomStored() stored {
	random := rand.New(rand.NewPCG(1, 1))
	s := stored{}
	for split, n := range map[string]int{"train": 60, "val": 40, "test": 50, "meta": 30} {
		for i := range n {
			y := i % 2
			s[split] = append(s[split], fmt.Sprintf(`%s%d,%d,"[%.3f, %.3f, 2]",%c`, split, i, y, random.NormFloat64()+float64(2*y), 10*random.NormFloat64(), "ab"[random.IntN(2)]))
		}
	}
	return s
}

// load writes the tables and loads them.
func (s stored) load(t *testing.T, f Features, as datasets.Reading) (*Data, []string, error) {
	t.Helper()
	dir := t.TempDir()
	for name, lines := range s {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		all := "sample_id,label,features,sex\n" + strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(all), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	corpora, err := datasets.OpenAll([]string{dir}, AsFeatures("features", as))
	if err != nil {
		t.Fatal(err)
	}
	f.Corpora = corpora
	return f.Load(context.Background())
}

func TestFeatures(t *testing.T) {
	d, notes, err := randomStored().load(t, Features{}, datasets.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Classes != 2 || len(d.Train.Labels) != 60 || len(d.Val.Labels) != 40 || len(d.Test.Labels) != 50 || len(d.Meta.Labels) != 30 {
		t.Errorf("%d classes, %d %d %d %d rows", d.Classes, len(d.Train.Labels), len(d.Val.Labels), len(d.Test.Labels), len(d.Meta.Labels))
	}
	if d.Test.Texts[49] != "test49" || d.Test.Groups[0].Name != "sex" || len(d.Test.Groups[0].Values) != 50 {
		t.Errorf("ids %q, groups %v", d.Test.Texts, d.Test.Groups)
	}
	for k := range 3 {
		mean, squares := 0.0, 0.0
		for i := range 60 {
			v := float64(d.Train.X.Row(i)[k])
			mean, squares = mean+v/60, squares+v*v/60
		}
		if want := map[bool]float64{true: 1}[k < 2]; math.Abs(mean) > 1e-6 || math.Abs(squares-want) > 1e-5 {
			t.Errorf("feature %d: mean %v, mean square %v after standardisation", k, mean, squares)
		}
	}
	if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "1 of 3 features are the same") }) {
		t.Errorf("the constant feature has no note: %q", notes)
	}
	if err := d.check(); err != nil {
		t.Error(err)
	}
}

// TestFeaturesRefused: what cannot be trained on is refused before anything is trained, with the place.
func TestFeaturesRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(s stored)
		want   []string // parts of the message
	}{
		{"NaN", func(s stored) { s["val"][7] = `v,1,"[1, nan, 2]",a` }, []string{"val.csv", "features", "feature 1 is NaN"}},
		{"infinite", func(s stored) { s["train"][2] = `v,1,"[1, 2, inf]",a` }, []string{"train.csv", "feature 2 is +Inf"}},
		{"no test rows", func(s stored) { delete(s, "test") }, []string{"split test has no rows"}},
		{"no validation rows", func(s stored) { delete(s, "val") }, []string{"split val has no rows"}},
		{"one class", func(s stored) {
			for split := range s {
				for i := range s[split] {
					s[split][i] = strings.Replace(s[split][i], ",1,", ",0,", 1)
				}
			}
		}, []string{"one class only"}},
		{"constant", func(s stored) {
			for i := range s["train"] {
				s["train"][i] = fmt.Sprintf(`v%d,%d,"[1, 2, 3]",a`, i, i%2)
			}
		}, []string{"every feature is the same"}},
		{"strange class", func(s stored) { s["test"][3] = `x,5,"[1, 2, 3]",a` }, []string{"test.csv", "label", "row 3", "class 5 is in no training row"}},
		{"negative class", func(s stored) { s["train"][3] = `x,-1,"[1, 2, 3]",a` }, []string{"train.csv", "row 3", "-1 is no class"}},
		{"other width", func(s stored) {
			for i := range s["test"] {
				s["test"][i] = fmt.Sprintf(`v%d,%d,"[1, %d]",a`, i, i%2, i)
			}
		}, []string{"test.csv", "2 features", "3"}},
	} {
		s := randomStored()
		c.change(s)
		d, _, err := s.load(t, Features{}, datasets.Reading{})
		if err == nil {
			err = d.check()
		}
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v lacks %q", c.name, err, part)
			}
		}
	}
}

// TestNoGroup: a constraint without its group column is an error of the plan.
func TestNoGroup(t *testing.T) {
	d, _, err := randomStored().load(t, Features{}, datasets.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	c := OnFeatures(d, 1)
	c.Regimes, c.Group = []string{"last-layer-m2-eo"}, "age"
	if _, err := Plan(c); err == nil || !strings.Contains(err.Error(), `no group column "age"`) {
		t.Errorf("%v", err)
	}
}
