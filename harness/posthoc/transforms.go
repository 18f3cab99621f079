package posthoc

import (
	"cmp"
	"errors"
	"fmt"
)

// Transforms says which transforms a run evaluates, and which rows their maps are
// fitted on. The zero value is no transform.
//
// Maps are fitted for each model on each dataset, on its clean table of the split
// FitSplit, and serve all its other tables under any condition. With Holdout or
// Folds no other table is needed: a share of the evaluated samples is set aside,
// or every sample is judged by the map that was fitted on the other folds. No
// sample is ever judged by a map that was fitted on it, under any condition.
type Transforms struct {
	IDs      []string `json:"ids,omitempty"` // as in Table; "none" may be among them
	FitSplit string   `json:"fit_split,omitempty"`
	Holdout  float64  `json:"holdout,omitempty"` // share of the samples of each class; 0 for none
	Folds    int      `json:"folds,omitempty"`   // 0 for none
	Seed     uint64   `json:"seed,omitempty"`    // of the holdout or the folds
}

// DefaultFitSplit is the split that transforms are fitted on if no other is
// named.
const DefaultFitSplit = "val"

// Normal fills in the defaults.
func (t Transforms) Normal() Transforms {
	if t.Within() {
		t.Seed = cmp.Or(t.Seed, 1)
	} else if len(t.IDs) > 0 {
		t.FitSplit, t.Seed = cmp.Or(t.FitSplit, DefaultFitSplit), 0
	}
	return t
}

// Check refuses settings that contradict each other or are out of range.
func (t Transforms) Check() error {
	switch {
	case !(t.Holdout >= 0 && t.Holdout < 1):
		return fmt.Errorf("a holdout of %v: want a share of the samples between 0 and 1, for example 0.1", t.Holdout)
	case t.Folds < 0 || t.Folds == 1 || t.Folds > 1000:
		return fmt.Errorf("%d folds: want at least 2", t.Folds)
	case len(t.IDs) == 0 && (t.Within() || t.FitSplit != ""):
		return errors.New("where to fit transforms is named, but no transform is")
	case t.Folds > 0 && t.Holdout > 0, t.Within() && t.FitSplit != "":
		return errors.New("transforms are fitted on a split, on a holdout or on folds: name one of the three")
	}
	return nil
}

// Within reports whether maps are fitted on rows of the evaluated table itself.
func (t Transforms) Within() bool { return t.Holdout > 0 || t.Folds > 0 }

// Protocol names how maps are fitted, for keys.
func (t Transforms) Protocol() string {
	return fmt.Sprintf("%s|%v|%d|%d|%d", t.FitSplit, t.Holdout, t.Folds, t.Seed, MostFitted)
}

// MostFitted bounds how many values of class vectors a map is fitted on: 48 MB of
// them, such as 6000 rows of 1000 classes. If there are more rows, a stratified
// part of them is taken.
const MostFitted = 6_000_000

// FitsOn reports whether maps may be fitted on the tables of a split and condition.
func (t Transforms) FitsOn(split, condition string) bool {
	return condition == "clean" && (split == t.FitSplit || (t.Within() && split != DefaultFitSplit))
}

// Describe says which rows of a split map k is fitted on.
func (t Transforms) Describe(split string, k int) string {
	switch {
	case t.Holdout > 0:
		return fmt.Sprintf("%s, holdout %v, seed %d", split, t.Holdout, t.Seed)
	case t.Folds > 0 && k < t.Folds:
		return fmt.Sprintf("%s, without fold %d of %d, seed %d", split, k+1, t.Folds, t.Seed)
	}
	return split
}

// Maps is how many maps each transform has: one, or with folds one that leaves
// out each fold, and last one fitted on all samples.
func (t Transforms) Maps() int {
	if t.Folds > 0 {
		return t.Folds + 1
	}
	return 1
}

// Judges gives each sample of the table fitted on the map that may judge it: with
// folds, the map that left out its fold; with a holdout, map 0 for the samples
// outside it. -1 stands for none: every map is fitted on the sample.
func (t Transforms) Judges(labels []int32) []int16 {
	part := make([]int16, len(labels))
	switch {
	case t.Folds > 0:
		part = Folds(labels, t.Folds, t.Seed)
		for i, k := range part {
			if k < 0 {
				part[i] = int16(t.Folds)
			}
		}
	case t.Holdout > 0:
		for i, held := range Holdout(labels, t.Holdout, t.Seed) {
			if held {
				part[i] = -1
			}
		}
	default:
		for i := range part {
			part[i] = -1
		}
	}
	return part
}

// Serves reports whether map k is fitted on the samples that the map judge may
// judge.
func (t Transforms) Serves(judge int16, k int) bool {
	if t.Folds > 0 {
		return int(judge) != k || k == t.Folds
	}
	return judge < 0
}
