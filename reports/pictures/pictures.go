package pictures

import (
	"fmt"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/say"
	"abstain/reports/words"
)

// Picture has the functions that put one experiment into sentences and figures.
// No field may be nil.
type Picture struct {
	Name  string // of the experiment
	Title string

	// Claim returns the sentence of a claim with its numbers, without a full
	// stop. Basis returns what the claim rests on. Missing and Note return what
	// was not computed, and the conventions.
	Claim   func(study.Claim) string
	Basis   func(study.Finding) string
	Missing func(study.Missing) string
	Note    func(study.Note) string

	// Listing returns the table in the text; nil if there is nothing to list.
	Listing func(*study.Report, *study.Experiment) *Listing
	// Figures returns the figures; none for an experiment without data.
	Figures func(*study.Report, *study.Experiment) ([]*figure.Figure, error)
}

// All returns the pictures of all experiments, in the order of the study.
func All() []Picture {
	return []Picture{riskCoverage, rankingCalibration, constraint, regimes, scaling, borrowedCalibration, teachers, correlations, families,
		passes, confidences, predictionSets, leaderboard, severity, conditions, groups, trainingComparison}
}

// Of returns the picture of an experiment. It panics if there is none; a test
// checks that every experiment of the study has one.
func Of(name string) Picture {
	for _, p := range All() {
		if p.Name == name {
			return p
		}
	}
	panic("pictures: no picture of the experiment " + name)
}

// Told is a finding in words.
type Told struct {
	Claim    string // a sentence with its numbers, without its full stop
	By       string // the test or interval, and the population it holds for
	N        int    // number of models, pairs or samples
	Of       string // what N counts: "model"
	Headline bool   // belongs on the first page
}

// How says what the finding rests on, and on how many models, pairs or samples:
// "exact count; 3 models".
func (t Told) How() string { return t.By + "; " + words.Plural(t.N, t.Of) }

// String is the finding as a sentence.
func (t Told) String() string { return fmt.Sprintf("%s (%s).", words.Capital(t.Claim), t.How()) }

// Tell returns the findings of an experiment as sentences.
func Tell(e *study.Experiment) []Told {
	p := Of(e.Name)
	var all []Told
	for _, f := range e.Findings {
		all = append(all, Told{Claim: p.Claim(f.Claim), By: p.Basis(f), N: f.N, Of: string(f.Of), Headline: f.Headline})
	}
	return all
}

// Absent returns, as sentences, what an experiment could not compute.
func Absent(e *study.Experiment) []string {
	p := Of(e.Name)
	var all []string
	for _, m := range e.Missing {
		all = append(all, p.Missing(m))
	}
	return all
}

// Remarks returns, as sentences, the conventions that matter for the numbers of
// an experiment.
func Remarks(e *study.Experiment) []string {
	p := Of(e.Name)
	var all []string
	for _, n := range e.Notes {
		if n, ok := n.(study.IntervalsOfChanges); ok {
			all = append(all, intervalsOfChanges(n))
			continue
		}
		all = append(all, p.Note(n))
	}
	return all
}

// Folder returns, as sentences, the study's notes about the whole folder.
func Folder(r *study.Report) []string {
	var all []string
	for _, n := range r.Notes {
		all = append(all, folderNote(n))
	}
	return all
}

func folderNote(n study.Note) string {
	switch n := n.(type) {
	case study.Choice:
		return say.Note(n.Note)
	case study.SameValues:
		const most = 5
		var pairs []string
		for _, p := range n.Pairs {
			pairs = append(pairs, p[0]+" and "+p[1])
		}
		return "the same value in every metric, probably one record under two names: " + words.Shorten(pairs, most)
	case study.ChanceUnknown:
		why := "the number of classes is not known (--classes says it)"
		if n.NoAccuracy {
			why = "there is no accuracy"
		}
		return "records not above chance were not looked for: " + why
	case study.Independence:
		return fmt.Sprintf("%s are %s that are taken as independent in tests and intervals over models: models with a common base are one unit, and of those without a base "+
			"models of the same family and size, such as seeds", words.Plural(n.Models, "model"), words.Plural(n.Units, "unit"))
	case study.StandsIn:
		return "|overconfidence|, the distance of mean confidence from accuracy, stands in for ECE, which the folder does not have: it is a lower bound of ECE, and correlations with it are not those with ECE"
	}
	return unsaid(n)
}

// unsaid writes a value that has no sentence. A test checks that every type has
// one.
func unsaid(v any) string { return strings.TrimSpace(fmt.Sprintf("%T %+v", v, v)) }

// Functions for an experiment that has none of a kind.

func noNote(n study.Note) string                          { return unsaid(n) }
func noListing(*study.Report, *study.Experiment) *Listing { return nil }
