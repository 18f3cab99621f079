package study

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/spelling"
)

// Options say what a study looks at. The zero value takes the defaults.
type Options struct {
	board.Selection                   // the rows compared; Confidence and Transform are those of the main comparison
	Metrics         []metrics.Measure // those compared; none means metrics.StudyMeasures(), as far as the folder has them or its outcomes give them
	Models          []string          // models whose curves are drawn; none means those of Exemplars
	Level           float64           // of confidence; 0 means 0.95
	// Replicates are bootstrap replicates over the samples, shared by all
	// models; 0 leaves out intervals that generalise to new samples.
	Replicates int
	Seed       uint64
	WithBroken bool     // keep records that are not above chance in the statistics
	Classes    int      // number of classes, where the folder does not say
	Groups     []string // attributes whose groups are compared; none means all, "-" none
	OODClass   string   // the column that names the class of an out-of-distribution sample
	// Board is a leaderboard of the same selection and level whose rank sets are taken, those
	// beside its ranking metric too, in place of making them again; may be nil.
	Board *board.Board
	Top   int // how many of the best models overlap between metrics; 0 means 10
}

// Report holds what each experiment found, and what it could not compute.
type Report struct {
	Choice      board.Selection
	Dir         string
	N, Classes  int // samples and classes of the rows compared; 0 if unknown
	Models      int // in the cross-model statistics
	Broken      []Broken
	WithBroken  bool
	Level       float64
	Replicates  int
	Seed        uint64
	Outcomes    bool // the folder keeps outcomes, so that samples can be looked at
	Notes       []Note
	Experiments []Experiment
}

// Broken is a record that is not above chance.
type Broken struct{ Model, Reason string }

// Experiment is one question about the folder, with its answers.
type Experiment struct {
	Name     string // one of Names
	Findings []Finding
	Missing  []Missing // what could not be computed, and what it needs
	Notes    []Note    // conventions that decide the numbers
	Tables   []Table   // the data, one file each; none if nothing could be computed
	Data     any       // the same, typed, for figures; nil likewise
}

// Table is a table of numbers and names. Cells are string, int, bool or float64;
// NaN is undefined.
type Table struct {
	Name    string // of its file, without an ending
	Columns []string
	Rows    [][]any
}

func (t *Table) add(cells ...any) { t.Rows = append(t.Rows, cells) }

// experiments lists all experiments. Each reads the folder, which it does not change,
// and returns what it found. It returns an error if it cannot read stored outcomes, or
// if ctx ends. To add an experiment, write a row here and a function in a file of its
// own, and a row and a file in reports/pictures for its words and figures.
var experiments = []struct {
	name string
	run  func(context.Context, *Folder) (Experiment, error)
}{
	{"risk-coverage", riskCoverage},
	{"ranking-calibration", rankingCalibration},
	{"constraint", constraint},
	{"regimes", regimes},
	{"scaling", scaling},
	{"borrowed-calibration", borrowedCalibration},
	{"teachers", teachers},
	{"correlations", correlations},
	{"families", families},
	{"passes", passes},
	{"confidences", confidences},
	{"prediction-sets", predictionSets},
	{"leaderboard", leaderboard},
	{"severity", severity},
	{"conditions", conditions},
	{"groups", groups},
	{"training-comparison", trainingComparison},
}

// applies reports whether an experiment belongs to the folder: one of presets of abstain
// train is out of place where no model is of any, and those of prediction sets and of
// borrowed calibration where the run made none.
func (f *Folder) applies(name string) bool {
	switch name {
	case "training-comparison":
		return f.presets()
	case "prediction-sets":
		return len(f.results.Sets) > 0
	case "borrowed-calibration":
		return len(f.results.Credal) > 0
	}
	return true
}

// Names are the names of all experiments, in the order of a report.
func Names() []string {
	var names []string
	for _, x := range experiments {
		names = append(names, x.name)
	}
	return names
}

// Run runs every experiment on a folder of results, with or without stored
// predictions. The report lists what cannot be computed, and what it would need. Run
// fails if the selection or the id of a metric is wrong, if stored outcomes cannot be
// read, or if ctx ends.
//
// The report does not depend on the number of workers: the same seed gives the same
// report.
func Run(ctx context.Context, s *results.Results, o Options) (*Report, error) {
	f, err := newFolder(ctx, s, o)
	if err != nil {
		return nil, err
	}
	for _, name := range o.Models {
		if _, ok := f.place[name]; !ok {
			return nil, fmt.Errorf("study: no model %q among those compared%s", name, spelling.Meant(name, slices.Sorted(maps.Keys(f.place))))
		}
	}
	r := &Report{Choice: f.view.Choice, Dir: s.Dir, N: f.view.N, Classes: f.classes, Models: len(f.models),
		Broken: f.broken, WithBroken: o.WithBroken, Level: f.level, Replicates: f.replicates(), Seed: o.Seed,
		Outcomes: f.stored, Notes: f.notes}
	for _, x := range experiments {
		if !f.applies(x.name) {
			continue
		}
		e, err := x.run(ctx, f)
		if err := cmp.Or(ctx.Err(), err); err != nil {
			return nil, err
		}
		e.Name = x.name
		r.Experiments = append(r.Experiments, e)
	}
	return r, nil
}
