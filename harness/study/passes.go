package study

import (
	"context"
	"slices"
	"strings"
)

// MeanOfPasses says what the mean of several stochastic passes of a network does to a
// metric, compared with a twin model that makes one pass.
type MeanOfPasses struct{ Changes }

// NoPasses says that the folder has no confidences of stochastic passes.
type NoPasses struct{}

// NoMutualInformation says that it has no mutual information of them.
type NoMutualInformation struct{}

// NoMeansOfPasses says that no model is a mean of passes with a base twin.
type NoMeansOfPasses struct{}

func (MeanOfPasses) claim()          {}
func (NoPasses) missing()            {}
func (NoMutualInformation) missing() {}
func (NoMeansOfPasses) missing()     {}

// stochastic reports whether a confidence function comes from several passes.
func stochastic(confidence string) bool {
	return strings.HasPrefix(confidence, "score:mc")
}

// passes says what the mean of several stochastic passes does.
func passes(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	others := slices.DeleteFunc(f.otherConfidences(), func(s string) bool { return !stochastic(s) })
	mutual := slices.ContainsFunc(others, func(s string) bool { return strings.Contains(s, "mutual") || strings.HasSuffix(s, "-mi") })
	if len(others) > 0 {
		data := f.alternatives(others, f.view.Choice.Confidence)
		e.Data = data
		e.Tables = []Table{changeTable("passes", "confidence", data.Changes)}
		f.alternativeClaims(&e, data, others, f.view.Choice.Confidence)
		if slices.Contains(f.otherConfidences(), "entropy") {
			plain := f.alternatives(others, "entropy")
			e.Tables = append(e.Tables, changeTable("passes-entropy", "confidence", plain.Changes))
			f.alternativeClaims(&e, plain, others, "entropy")
		}
	}
	f.meanOfPasses(&e)
	if len(others) == 0 {
		e.missing(NoPasses{})
	} else if !mutual {
		e.missing(NoMutualInformation{})
	}
	if e.Tables != nil {
		f.noteIntervals(&e, OfModelOrBase, "comparison", len(others) == 0 && f.replicates() > 0)
	}
	return e, nil
}

// A mean of passes is compared with the twin without dropout, and with the twin that has
// dropout in training but makes one plain pass.
const (
	overVanilla = "passes vs vanilla twin"
	overDropout = "passes vs dropout twin"
)

// meanOfPasses compares models whose stored prediction is the mean of passes with two
// twins: the one without dropout, and the one with dropout and one plain pass.
func (f *Folder) meanOfPasses(e *Experiment) {
	var vanilla, dropout []pair
	for i, s := range f.models {
		if !strings.HasPrefix(s.meta.Get("regime"), "mc-dropout") {
			continue
		}
		base := s.meta.Get("base")
		if at, ok := f.place[base]; ok {
			vanilla = append(vanilla, pair{at, i})
		}
		for j, t := range f.models {
			if base != "" && t.meta.Get("base") == base && t.meta.Get("regime") == "dropout" {
				dropout = append(dropout, pair{j, i})
			}
		}
	}
	if len(vanilla)+len(dropout) == 0 {
		e.missing(NoMeansOfPasses{})
		return
	}
	var list []contrast
	for _, c := range f.axes() {
		list = append(list, contrast{treatment: overVanilla, column: c, pairing: f.pairUp(c, vanilla)},
			contrast{treatment: overDropout, column: c, pairing: f.pairUp(c, dropout)})
	}
	data := &Alternatives{Alternatives: []string{overVanilla, overDropout}, Changes: f.describe(list)}
	if e.Data == nil {
		e.Data = data
	}
	e.Tables = append(e.Tables, changeTable("mean-of-passes", "comparison", data.Changes))
	for _, c := range data.Changes {
		if col := f.column(c.Metric); col.ID == "auroc" || col.ID == "aurc" || col == f.calibration() {
			e.find(Finding{Claim: MeanOfPasses{c}, Basis: f.changeBasis(c, "comparison"), N: len(c.Values), Of: Pairs})
		}
	}
}
