package spelling

import (
	"slices"
	"strings"
	"testing"
)

func TestNear(t *testing.T) {
	names := []string{"aurc", "auroc", "true-positive-rate", "selective-accuracy", "msp", "max-logit", "resnet50", "resnet18"}
	for name, want := range map[string][]string{
		"aurcc":              {"aurc", "auroc"},
		"auroc":              {"auroc"},
		"aroc":               {"auroc"},
		"AURC":               {"aurc"},
		"arc":                {"aurc"},
		"arcu":               nil,
		"mps":                {"msp"},
		"Max_Logit":          {"max-logit"},
		"maxlogits":          {"max-logit"},
		"selectiv-acuracy":   {"selective-accuracy"},
		"resnet55":           {"resnet50"},
		"vgg":                nil,
		"":                   nil,
		"true-postive-ratio": {"true-positive-rate"},
	} {
		if got := Near(name, names); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := Near("aurc", nil); got != nil {
		t.Errorf("near to nothing: %q", got)
	}
}

func TestMeant(t *testing.T) {
	names := []string{"mlp-w64-d2-vanilla-seed0", "mlp-w64-d2-weak-seed0", "cnn"}
	for name, want := range map[string]string{
		"weak":                     `; did you mean "mlp-w64-d2-weak-seed0"?`,
		"mlp-w64-d2":               `; did you mean "mlp-w64-d2-vanilla-seed0" or "mlp-w64-d2-weak-seed0"?`,
		"mlp-w64-d2-vannila-seed0": `; did you mean "mlp-w64-d2-vanilla-seed0"?`,
		"z":                        "",
	} {
		if got := Meant(name, names); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

// plain is the number of changes by the definition.
func plain(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return plain(a[1:], b[1:])
	}
	d := 1 + min(plain(a[1:], b), plain(a, b[1:]), plain(a[1:], b[1:]))
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, 1+plain(a[2:], b[2:]))
	}
	return d
}

func TestChangesAreThoseOfTheDefinition(t *testing.T) {
	words := []string{"", "a", "ab", "ba", "abc", "acb", "cab", "aurc", "auroc", "aruc", "ece", "eec", "mce", "bbaa", "abab"}
	for _, a := range words {
		for _, b := range words {
			if got, want := changes(a, b, 100), plain(a, b); got != want {
				t.Errorf("%q to %q: %d changes, want %d", a, b, got, want)
			}
		}
	}
	if got := changes(strings.Repeat("x", 1000), "x", 3); got <= 3 {
		t.Errorf("a long name is %d changes away", got)
	}
}
