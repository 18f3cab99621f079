package palette

import (
	"image/color"
	"math"
	"testing"

	"abstain/harness/training/regime"
)

type named struct {
	name string
	Colour
}

// meanings lists the colours that mean something.
func meanings() (kinds, verdicts []named) {
	for _, k := range Kinds() {
		kinds = append(kinds, named{k.ID(), k.Colour()})
	}
	for _, v := range Verdicts() {
		verdicts = append(verdicts, named{v.ID(), v.Colour()})
	}
	return kinds, verdicts
}

// eachGround runs a check on light and on dark ground.
func eachGround(t *testing.T, check func(t *testing.T, on func(Colour) color.NRGBA)) {
	for _, dark := range []bool{false, true} {
		name := map[bool]string{false: "light", true: "dark"}[dark]
		t.Run(name, func(t *testing.T) { check(t, func(c Colour) color.NRGBA { return c.On(dark) }) })
	}
}

func TestKindsAreApart(t *testing.T) {
	kinds, verdicts := meanings()
	eachGround(t, func(t *testing.T, on func(Colour) color.NRGBA) {
		for _, v := range visions {
			for i, a := range kinds {
				others := append(append([]named(nil), kinds[:i]...), verdicts[:2]...)
				for _, b := range others {
					if d := apart(v.sees(on(a.Colour)), v.sees(on(b.Colour))); d < 10 {
						t.Errorf("%s: %s and %s are %.1f apart, less than 10", v.name, a.name, b.name, d)
					}
				}
				for _, b := range verdicts[2:] { // a grey mark is also hollow or small
					if d := apart(v.sees(on(a.Colour)), v.sees(on(b.Colour))); d < 8 {
						t.Errorf("%s: %s and %s are %.1f apart, less than 8", v.name, a.name, b.name, d)
					}
				}
			}
		}
	})
}

func TestVerdictsAreApart(t *testing.T) {
	_, verdicts := meanings()
	eachGround(t, func(t *testing.T, on func(Colour) color.NRGBA) {
		for _, v := range visions {
			for i, a := range verdicts {
				for _, b := range verdicts[:i] {
					if d := apart(v.sees(on(a.Colour)), v.sees(on(b.Colour))); d < 10 {
						t.Errorf("%s: %s and %s are %.1f apart, less than 10", v.name, a.name, b.name, d)
					}
				}
			}
		}
	})
}

func TestKindsDifferInGrey(t *testing.T) {
	kinds, _ := meanings()
	eachGround(t, func(t *testing.T, on func(Colour) color.NRGBA) {
		for i, a := range kinds {
			for _, b := range kinds[:i] {
				if d := math.Abs(visions[0].sees(on(a.Colour)).l - visions[0].sees(on(b.Colour)).l); d < 4 {
					t.Errorf("%s and %s differ by %.1f in lightness, less than 4", a.name, b.name, d)
				}
			}
		}
	})
}

// TestContrast has 3 for marks and 4.5 for small text, as WCAG 2 asks.
func TestContrast(t *testing.T) {
	kinds, verdicts := meanings()
	text := []named{{"ink", Ink}, {"second", Second}, {"third", Third}, {"tied", Tied.Colour()}, {"worse", Worse.Colour()},
		{"unproven", Unproven.Colour()}}
	eachGround(t, func(t *testing.T, on func(Colour) color.NRGBA) {
		need := func(all []named, least float64) {
			for _, a := range all {
				if c := contrast(on(a.Colour), on(Ground)); c < least {
					t.Errorf("%s has a contrast of %.2f with the ground, less than %g", a.name, c, least)
				}
			}
		}
		need(kinds, 3)
		need(verdicts[:3], 3)
		need(text, 4.5)
		for _, v := range Verdicts()[:2] {
			if c := contrast(on(Ink), on(v.Pale())); c < 7 {
				t.Errorf("ink on the pale %s has a contrast of %.2f, less than 7", v.ID(), c)
			}
		}
	})
}

func TestOrder(t *testing.T) {
	for n := range 9 {
		scale := Order(n)
		if len(scale) != n {
			t.Fatalf("a scale of %d has %d colours", n, len(scale))
		}
		seen := map[color.NRGBA]bool{}
		for _, c := range scale {
			if seen[c.Light] {
				t.Errorf("a scale of %d has %s twice", n, Hex(c.Light))
			}
			seen[c.Light] = true
		}
	}
	if got := Hex(Order(5)[4].Light); got != "#9C3A1B" {
		t.Errorf("the last of five is %s", got)
	}
}

func TestIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range Kinds() {
		if k.ID() == "" || k.String() == "" || seen[k.ID()] {
			t.Errorf("kind %d: id %q, label %q", k, k.ID(), k)
		}
		seen[k.ID()] = true
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range table {
		for _, n := range row.names {
			if seen[n] || spell(n) != n {
				t.Errorf("%q occurs twice or is not in the table's spelling", n)
			}
			seen[n] = true
		}
	}
}

func TestOf(t *testing.T) {
	for _, c := range []struct {
		name, label string
		kind        Kind
		known       bool
	}{
		{"vanilla", "plain", Plain, true},
		{"Vanilla ", "plain", Plain, true},
		{"few_data", "few data", LessData, true},
		{"Label Smoothing", "label smoothing", Loss, true},
		{"weight-decay", "weight decay", Regularised, true},
		{"pgd-at-wa", "PGD training with averaged weights", Regularised, true},
		{"noisy-student", "noisy student", Teaching, true},
		{"", "not stated", Other, true},
		{"Übertraining 7", "Übertraining 7", Other, false},
		{"-wa", "-wa", Other, false},
		{"reweighed", "reweighed", Other, true},
	} {
		if got := Of(c.name); got != (Regime{c.name, c.label, c.kind, c.known}) {
			t.Errorf("Of(%q) = %+v", c.name, got)
		}
	}
	if Of("something new").Colour() != Other.Colour() {
		t.Error("an unknown regime has another colour than other")
	}
}

// TestTrainedRegimesAreKnown has every regime that "abstain train" writes into models.csv.
func TestTrainedRegimesAreKnown(t *testing.T) {
	for _, r := range regime.All {
		if !Of(r.ID).Known {
			t.Errorf("%s is not in the table", r.ID)
		}
	}
}

// TestDemoRegimesAreKnown has those of the demo and of the ImageNet figures.
func TestDemoRegimesAreKnown(t *testing.T) {
	for _, name := range []string{"vanilla", "distilled", "noisy-label", "few-data", "adversarial", "weight-decay", "pretrained",
		"label-smoothing", "augmented", "focal", "early-stopped", "dropout", "mixup", "semi-supervised", "calibrated",
		"confidence-penalty", "over-trained", "bagged", "weakly-supervised", "ensemble", "one-vs-rest", "logit-norm",
		"mc-dropout", "weight-averaged", "attribute-blind", "reweighed",
		"advprop", "noisy-student", "pretrained-21k"} {
		if !Of(name).Known {
			t.Errorf("%s is not in the table", name)
		}
	}
}
