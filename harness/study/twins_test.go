package study

import (
	"slices"
	"testing"

	"abstain/datasets"
	"abstain/harness/results"
)

// A model that is its own base, and two that name each other, are no pairs.
func TestRegimePairsOfThemselves(t *testing.T) {
	f := &Folder{place: map[string]int{}}
	for i, m := range [][3]string{{"plain", "vanilla", ""}, {"kd", "distilled", "plain"}, {"self", "distilled", "self"},
		{"x", "distilled", "y"}, {"y", "distilled", "x"}, {"lost", "distilled", "nowhere"}} {
		f.place[m[0]] = i
		f.models = append(f.models, subject{row: results.Row{Key: results.Key{Model: m[0]}},
			meta: datasets.Meta{{Key: "regime", Value: m[1]}, {Key: "base", Value: m[2]}}})
	}
	pairs, order, missing := f.regimePairs()
	if len(order) != 1 || len(pairs["distilled"]) != 1 || pairs["distilled"][0] != (pair{0, 1}) {
		t.Errorf("pairs %v", pairs)
	}
	if !slices.Contains(missing, Missing(OwnBase{3})) {
		t.Errorf("missing: %v", missing)
	}
}
