package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/internal/words"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// What models are compared across.
const (
	AcrossDatasets   = "dataset"
	AcrossConditions = "condition"
)

// MostModels is how many models Across takes: beyond it, neither the
// diagram of critical differences nor the matrix of pairs can be read, and Holm's
// adjustment over all pairs leaves nothing standing.
const MostModels = 25

// AcrossOptions say which models are compared over which datasets or conditions.
type AcrossOptions struct {
	Across string // AcrossDatasets or AcrossConditions
	By     metrics.Measure
	Models []string // names; none means all that pass the selection's filters
	Over   []string // names of datasets or conditions; none means all
	Level  float64  // in (0, 1); 0 means 0.95
}

// Crossing is models compared by one metric over datasets or conditions: what the
// values say, and what they are values of.
type Crossing struct {
	*ranks.DatasetComparison
	By      metrics.Measure // the metric
	Across  string          // what the rows of Values are: AcrossDatasets or AcrossConditions
	Choice  board.Selection // what was held fixed
	Names   []string        // by model
	Over    []string        // by dataset: its name, or that of the condition
	Values  [][]float64     // [d][m]: the value of model m on dataset d
	Empty   []string        // datasets left out, for which no model has a value
	Lacking []string        // models left out, which lack a value on one of the others
	Notes   []Note          // footnotes: choices made, what so few datasets can prove
}

// Across compares models by one metric over the datasets of a folder, or
// over the conditions of one dataset, as ranks.CompareDatasets does. Over datasets,
// split and condition are those of the selection; over conditions, all splits but
// "val" (or that, if there is no other) take part unless the selection names one, and a condition that is in
// several splits is named with its split. A metric over two tables compares as
// any other.
//
// A dataset or condition for which no model has a value is left out; then every
// model that lacks a value on one of the others. Empty and Lacking name them. It is an
// error if fewer than two models, fewer than two datasets, or more than MostModels
// models are left.
func Across(s *results.Results, sel board.Selection, o AcrossOptions) (*Crossing, error) {
	if o.By.Metric.Better == metrics.None {
		return nil, fmt.Errorf("metric %q has no better and worse end, so it compares nothing", o.By.Name())
	}
	t, s, err := gather(s, sel, o)
	if err != nil {
		return nil, err
	}
	if err := t.keep(o); err != nil {
		return nil, err
	}
	by := s.Measures[s.Column(o.By)]
	compared, err := ranks.CompareDatasets(t.values, by.Metric.Better, o.Level)
	if err != nil {
		return nil, err
	}
	c := &Crossing{DatasetComparison: compared, By: by, Across: o.Across, Choice: t.choice,
		Names: t.models, Over: t.over, Values: t.values, Empty: t.empty, Lacking: t.lacking, Notes: t.notes}
	c.reach()
	if o.Across == AcrossConditions {
		c.Notes = append(c.Notes, ConditionsAlike{})
	}
	return c, nil
}

// grid is a table of values: models by datasets or conditions, before what has no value is left out.
type grid struct {
	choice  board.Selection
	models  []string
	over    []string
	values  [][]float64 // [d][m]; NaN where there is none
	empty   []string
	lacking []string
	notes   []Note
}

// gather collects the values of the models and datasets asked for. It returns the
// results with the metric, which is computed where the folder lacks it.
func gather(s *results.Results, sel board.Selection, o AcrossOptions) (*grid, *results.Results, error) {
	t := &grid{}
	place, err := t.fix(s, sel, o.Across)
	if err != nil {
		return nil, nil, err
	}
	s, err = s.With([]metrics.Measure{o.By}, func(r results.Row) bool {
		named := slices.Contains(o.Models, r.Model) || len(o.Models) == 0 && sel.Admits(s.Meta(r.Model, r.Dataset))
		return named && place(r) != "" && t.chosen(r)
	})
	if err != nil {
		return nil, nil, err
	}
	rows := slices.DeleteFunc(slices.Clone(s.Rows), func(r results.Row) bool {
		return r.Status != "ok" || place(r) == "" || !t.chosen(r)
	})
	t.models = board.Distinct(rows, func(r results.Row) string {
		if len(o.Models) == 0 && !sel.Admits(s.Meta(r.Model, r.Dataset)) {
			return ""
		}
		return r.Model
	})
	t.over = board.Distinct(rows, place)
	if t.models, err = narrow(t.models, o.Models, "model"); err != nil {
		return nil, nil, err
	}
	if t.over, err = narrow(t.over, o.Over, o.Across); err != nil {
		return nil, nil, err
	}
	t.fill(rows, place, s.Column(o.By))
	return t, s, nil
}

// fix decides what is held fixed, and returns the name of the dataset or
// condition that a row belongs to; "" if it does not take part.
func (t *grid) fix(s *results.Results, sel board.Selection, across string) (place func(results.Row) string, err error) {
	if across != AcrossDatasets && across != AcrossConditions {
		return nil, fmt.Errorf("compare across: %q is neither %s nor %s", across, AcrossDatasets, AcrossConditions)
	}
	view, err := board.Select(s, sel)
	if err != nil {
		return nil, err
	}
	t.choice = view.Choice
	if across == AcrossDatasets {
		t.choice.Dataset = ""
		return func(r results.Row) string {
			if r.Split != t.choice.Split || r.Condition != t.choice.Condition {
				return ""
			}
			return r.Dataset
		}, nil
	}
	t.notes = choices(view.Notes)
	t.choice.Split, t.choice.Condition = sel.Split, ""
	ofDataset := func(r results.Row) bool { return r.Dataset == t.choice.Dataset }
	judged := slices.ContainsFunc(s.Rows, func(r results.Row) bool { return ofDataset(r) && r.Split != "val" })
	inside := func(r results.Row) bool {
		return ofDataset(r) && (r.Split == sel.Split || sel.Split == "" && (r.Split != "val" || !judged))
	}
	splits := map[string]string{} // by condition: its split; "" if there are several
	for _, r := range s.Rows {
		if split, ok := splits[r.Condition]; inside(r) && (!ok || split == r.Split) {
			splits[r.Condition] = r.Split
		} else if inside(r) {
			splits[r.Condition] = ""
		}
	}
	return func(r results.Row) string {
		switch {
		case !inside(r):
			return ""
		case splits[r.Condition] == "":
			return r.Split + "/" + r.Condition
		}
		return r.Condition
	}, nil
}

// chosen reports whether a row has the transform and the confidence function
// chosen, or is of a score-only model.
func (t *grid) chosen(r results.Row) bool {
	return r.Transform == t.choice.Transform && (r.Confidence == t.choice.Confidence || r.Confidence == "stored")
}

// narrow takes those of the names there are that were asked for, in the order
// asked; all if none was.
func narrow(have, asked []string, what string) ([]string, error) {
	if len(asked) == 0 {
		return have, nil
	}
	for i, name := range asked {
		switch {
		case !slices.Contains(have, name):
			return nil, fmt.Errorf("compare across: no %s %q with that transform and confidence function; there is %s", what, name, words.Shorten(have, 12))
		case slices.Contains(asked[:i], name):
			return nil, fmt.Errorf("compare across: %s %q is named twice", what, name)
		}
	}
	return asked, nil
}

// fill enters the values; those of the confidence function chosen come before
// those of a stored one.
func (t *grid) fill(rows []results.Row, place func(results.Row) string, at int) {
	model, over := positions(t.models), positions(t.over)
	for range t.over {
		line := make([]float64, len(t.models))
		for m := range line {
			line[m] = math.NaN()
		}
		t.values = append(t.values, line)
	}
	for _, r := range rows {
		d, inOver := over[place(r)]
		m, inModels := model[r.Model]
		if inOver && inModels && (r.Confidence == t.choice.Confidence || math.IsNaN(t.values[d][m])) {
			t.values[d][m] = r.Cells[at].Value
		}
	}
}

// positions is the place of each name.
func positions(names []string) map[string]int {
	at := map[string]int{}
	for i, n := range names {
		at[n] = i
	}
	return at
}

// keep leaves out what has no value, and refuses what is too little or too much.
func (t *grid) keep(o AcrossOptions) error {
	drop := make([]bool, len(t.over))
	for d, line := range t.values {
		if drop[d] = !slices.ContainsFunc(line, func(v float64) bool { return !math.IsNaN(v) }); drop[d] {
			t.empty = append(t.empty, t.over[d])
		}
	}
	t.over, t.values = sift(t.over, drop), sift(t.values, drop)
	census := t.census()
	t.dropModels()
	switch {
	case len(t.over) < 2:
		return fmt.Errorf("compare across: these models have values by %s on %s (%s); it takes two or more", o.By.Name(), words.Plural(len(t.over), o.Across), strings.Join(t.over, ", "))
	case len(t.models) < 2:
		return fmt.Errorf("compare across: models with a value by %s on all of the %ss: %d; it takes two or more: name the %ss that they share with --over (models with a value: %s)",
			o.By.Name(), o.Across, len(t.models), o.Across, census)
	case len(t.models) > MostModels:
		return fmt.Errorf("compare across: %d models are too many, %d are the most that can be read and tested in pairs: name some, or filter them with --where", len(t.models), MostModels)
	}
	return nil
}

// census counts the models that have a value on each dataset.
func (t *grid) census() string {
	var parts []string
	for d, line := range t.values {
		n := 0
		for _, v := range line {
			if !math.IsNaN(v) {
				n++
			}
		}
		parts = append(parts, fmt.Sprintf("%s %d", t.over[d], n))
	}
	return strings.Join(parts, ", ")
}

// dropModels leaves out the models that lack a value.
func (t *grid) dropModels() {
	drop := make([]bool, len(t.models))
	for m := range t.models {
		for _, line := range t.values {
			drop[m] = drop[m] || math.IsNaN(line[m])
		}
		if drop[m] {
			t.lacking = append(t.lacking, t.models[m])
		}
	}
	t.models = sift(t.models, drop)
	for d, line := range t.values {
		t.values[d] = sift(line, drop)
	}
}

// reach says how much can be proven by so few datasets: the smallest p-value of
// the signed-rank test, which all differences of one sign have.
func (c *Crossing) reach() {
	pairs := c.Models * (c.Models - 1) / 2
	least := math.Pow(2, 1-float64(c.Datasets))
	if adjusted := float64(pairs) * least; adjusted > 1-c.Level {
		c.Notes = append(c.Notes, TooFewRows{Rows: c.Datasets, Across: c.Across, Models: c.Models, Pairs: pairs,
			LeastP: least, AdjustedP: math.Min(1, adjusted)})
	}
}

func sift[T any](all []T, drop []bool) []T {
	var kept []T
	for i, v := range all {
		if !drop[i] {
			kept = append(kept, v)
		}
	}
	return kept
}
