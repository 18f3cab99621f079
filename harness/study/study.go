package study

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"abstain/harness"
	"abstain/metrics"
)

// Options say what a study looks at. The zero value takes the defaults.
type Options struct {
	Selection          // the rows compared; Confidence and Transform are those of the main comparison
	Metrics   []string // ids of the metrics compared; none means Axes
	Models    []string // models whose curves are drawn; none means those of Exemplars
	Level     float64  // of confidence; 0 means 0.95
	// Replicates are bootstrap replicates over the samples, shared by all
	// models; 0 leaves out intervals that generalise to new samples.
	Replicates int
	Seed       uint64
	WithBroken bool     // keep records that are not above chance in the statistics
	Classes    int      // number of classes, where the folder does not say
	Groups     []string // attributes whose groups are compared; none means all, "-" none
	OODClass   string   // the column that names the class of an out-of-distribution sample
	Top        int      // how many of the best models overlap between metrics; 0 means 10
}

// Axes are the metrics that a study compares if it is not told others, as far
// as the folder has them or its outcomes give them.
var Axes = []string{"accuracy", "auroc", "aurc", "sac@0.99", "sac@0.95", "ece@15", "nll", "brier"}

// Report is a study: what each experiment found, and what it could not compute.
type Report struct {
	Choice      Selection
	Dir         string
	N, Classes  int // samples and classes of the rows compared; 0 if unknown
	Models      int // in the cross-model statistics
	Broken      []Broken
	WithBroken  bool
	Level       float64
	Replicates  int
	Seed        uint64
	Outcomes    bool // the folder keeps outcomes, so that samples can be looked at
	Notes       []string
	Experiments []Experiment
}

// Broken is a record that is not above chance.
type Broken struct{ Model, Reason string }

// Experiment is one question put to the folder.
type Experiment struct {
	ID       string // "E1" to "E12" as the study of 523 classifiers has them, then "conditions" and "groups"
	Name     string // of its files
	Title    string
	Findings []Finding
	Missing  []string // what could not be computed, and what it needs
	Notes    []string // conventions that decide the numbers
	Tables   []Table  // the data, one file each; none if nothing could be computed
	Data     any      // the same, typed, for figures; nil likewise
}

// Finding is a claim with what stands behind it. None is made without a test, an
// interval or an exact count.
type Finding struct {
	Claim    string // a sentence with its numbers, without its full stop
	By       string // the test or interval, and what it generalises to
	N        int    // models, pairs or samples that it is over
	Of       string // what N counts: "models"
	Headline bool   // belongs on the first page
}

// String is the finding as a sentence.
func (f Finding) String() string {
	return fmt.Sprintf("%s (%s; %s).", capital(f.Claim), f.By, plural(f.N, f.Of))
}

// capital begins a sentence with a capital letter, unless it begins with a name:
// what is no word, or a confidence function.
func capital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if first == "" || strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") != "" ||
		slices.ContainsFunc(metrics.ConfidenceFunctions(), func(f metrics.Function) bool { return f.Name == first }) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Table is a table of numbers and names. Cells are string, int, bool or float64;
// NaN is undefined.
type Table struct {
	Name    string // of its file, without an ending
	Columns []string
	Rows    [][]any
}

func (t *Table) add(cells ...any) { t.Rows = append(t.Rows, cells) }

// Headlines are the findings of the first page, in the order of the experiments.
func (r *Report) Headlines() []Finding {
	var list []Finding
	for _, e := range r.Experiments {
		for _, f := range e.Findings {
			if f.Headline {
				list = append(list, f)
			}
		}
	}
	return list
}

// experiments are all there are. Adding one is a row here and a function in a
// file of its own.
var experiments = []struct {
	id, name, title string
	run             func(*Folder, *Experiment)
}{
	{"E1", "risk-coverage", "Risk and coverage of chosen models", chosenCurves},
	{"E2", "ranking-calibration", "Ranking of errors against calibration", rankingCalibration},
	{"E3", "constraint", "Coverage under a selective-accuracy constraint", constraint},
	{"E4", "regimes", "Training regimes against their vanilla twins", regimes},
	{"E5", "scaling", "Post-hoc transforms, before and after", scaling},
	{"E6", "teachers", "Teachers and students", teachers},
	{"E7", "correlations", "How far the choice of metric decides the ranking", correlations},
	{"E8", "families", "Families and size", families},
	{"E9", "passes", "Stochastic passes (MC dropout)", passes},
	{"E10", "confidences", "Confidence functions", confidences},
	{"E11", "leaderboard", "Leaderboard", leaderboard},
	{"E12", "severity", "Classes out of distribution by severity", severity},
	{"conditions", "conditions", "Shift, attack and new classes", conditions},
	{"groups", "groups", "Groups of samples", groups},
}

// Study puts every experiment to a folder of results, with or without stored
// predictions. What cannot be computed is listed with what is missing. The
// error is of the selection, of a metric's id, of stored outcomes that cannot be
// read, or that of ctx.
//
// Nothing in the report depends on the number of workers, and with the same
// seed it is the same again.
func Study(ctx context.Context, s *harness.Results, o Options) (*Report, error) {
	f, err := newFolder(ctx, s, o)
	if err != nil {
		return nil, err
	}
	for _, name := range o.Models {
		if _, ok := f.place[name]; !ok {
			return nil, fmt.Errorf("study: no model %q among those compared", name)
		}
	}
	r := &Report{Choice: f.view.Choice, Dir: s.Dir, N: f.view.N, Classes: f.classes, Models: len(f.models),
		Broken: f.broken, WithBroken: o.WithBroken, Level: f.level, Replicates: f.replicates(), Seed: o.Seed,
		Outcomes: f.stored, Notes: f.notes}
	for _, x := range experiments {
		e := Experiment{ID: x.id, Name: x.name, Title: x.title}
		x.run(f, &e)
		r.Experiments = append(r.Experiments, e)
		if err := f.failure(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (e *Experiment) find(headline bool, n int, of, by, claim string, args ...any) {
	e.Findings = append(e.Findings, Finding{Claim: fmt.Sprintf(claim, args...), By: by, N: n, Of: of, Headline: headline})
}

func (e *Experiment) missing(format string, args ...any) {
	e.Missing = append(e.Missing, fmt.Sprintf(format, args...))
}

func (e *Experiment) note(format string, args ...any) {
	e.Notes = append(e.Notes, fmt.Sprintf(format, args...))
}
