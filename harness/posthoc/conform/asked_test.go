package conform

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"abstain/metrics/sets"
)

func TestParse(t *testing.T) {
	a, err := Parse("lac,raps, saps,alpha=0.05:0.2,by=all:class:sex*race,holdout=0.4,seed=7,random=but-first,never-empty=yes,free=3")
	want := &Asked{Scores: []string{"lac", "raps", "saps"}, Alpha: []float64{0.05, 0.2}, By: []string{"all", "class", "sex*race"}, Holdout: 0.4, Seed: 7,
		Random: "but-first", NeverEmpty: true, Free: 3}
	if err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("%+v, %v", a, err)
	}
	if got := fmt.Sprint(a.Transforms()[:4]); got != "[sets-lac sets-lac-class sets-lac-by-sex*race sets-raps]" {
		t.Error(got)
	}
	for i, name := range Scores() {
		if sets.ScoreName(i).String() != name {
			t.Errorf("score %d is called %s here and %v there", i, name, sets.ScoreName(i))
		}
	}
	v := a.variants()
	if v[0].kind != (sets.Kind{}) || v[3].kind != (sets.Kind{Score: sets.RAPSScore, Lambda: 0.01, Free: 3, Randomised: true, FirstWhole: true}) ||
		v[6].kind.Lambda != 0.2 {
		t.Errorf("%+v", v)
	}
	if a, err := Parse("alpha=0.1"); err != nil || a.Fit != "val" || len(a.Scores) != 3 {
		t.Errorf("defaults: %+v, %v", a, err)
	}
	for text, says := range map[string]string{
		"lax": `did you mean "lac"`, "": "unknown score", "lac,lac": "twice", "lac,alpha=1": "alpha", "lac,alpha=0.1:0.10": "twice", "lac,alpha=0.1,alpha=0.2": "given twice",
		"lac,by=label": "by=class", "lac,by=sex*label": "by=class", "lac,by=": "empty", "lac,by=all:all": "twice", "lac,holdout=1": "between 0 and 1",
		"lac,random=maybe": "want one of", "lac,never-empty=1": "yes or no", "raps,lambda=-1": "at least 0", "raps,lambda=inf": "at least 0", "lac,free=x": "whole number",
		"lac,clusters=2": "by=cluster", "lac,clusters=0": "whole number", "lac,aplha=0.1": `did you mean "alpha"`, "lac,seed=-1": "whole number",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", text, err, says)
		}
	}
}

// FuzzParse: nothing panics, and what is accepted has at least one kind of set and one alpha.
func FuzzParse(f *testing.F) {
	f.Add("lac,raps,alpha=0.05:0.2,by=all:class:sex*race,holdout=0.4,seed=7,random=but-first,never-empty=yes,free=3,clusters=2,lambda=0.1")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			return
		}
		if len(a.Transforms()) == 0 || len(a.Alpha) == 0 {
			t.Errorf("%q: %+v", text, a)
		}
		for _, alpha := range a.Alpha {
			if !(alpha > 0 && alpha < 1) {
				t.Errorf("%q: alpha %v", text, alpha)
			}
		}
	})
}

// FuzzReadRow: what is read of sets.csv is written the same way, whatever stands there.
func FuzzReadRow(f *testing.F) {
	r := Row{Model: "m", Transform: "sets-aps", Lambda: math.NaN(), Threshold: math.Inf(1), Rows: 5, Coverage: Bounded{0.9, 0.8, math.NaN()},
		Histogram: "0:3 1:5", Curve: "0.5:0.5:1:0.9:"}
	f.Add(strings.Join(r.Fields(), "\x00"))
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ReadRow(strings.Split(text, "\x00"))
		if err != nil {
			return
		}
		r.Points()
		r.Sizes()
		again, err := ReadRow(r.Fields())
		if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
			t.Errorf("%v is read as %v, %v", r, again, err)
		}
	})
}

// TestRowInRecord: a record keeps a row whole.
func TestRowInRecord(t *testing.T) {
	r := Row{Model: "m", Transform: "sets-aps-by-a; b=c", Alpha: 0.1, Lambda: math.NaN(), Threshold: math.Inf(1), Rows: 5, LawLo: math.NaN(),
		Coverage: Bounded{0.9, 0.8, math.NaN()}, Group: "a; b=c", Histogram: "0:3 1:5", Note: `with "quotes", and more`}
	got, err := RowOf(r.fit())
	if err != nil || fmt.Sprint(got) != fmt.Sprint(r) {
		t.Errorf("%+v, %v", got, err)
	}
	if fmt.Sprint(r.Sizes()) != "map[0:3 1:5]" {
		t.Error(r.Sizes())
	}
}
