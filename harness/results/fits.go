package harness

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/posthoc"
)

// FitRow is one row of transforms.csv: how a map was fitted.
type FitRow struct {
	Model, Dataset, Transform string
	On                        string // split, and what part of it
	Rows                      int
	// Loss names what Before and After are, on the rows fitted on: nll, log-loss
	// (of being right) or aurc.
	Loss          string
	Before, After float64
	Parameters    string // "T=1.25"
	Note          string
}

// fitRows lists the fits behind the rows of the results.
func (r *runner) fitRows() []FitRow {
	type fitted struct {
		modelKey
		transform string
	}
	seen := map[fitted]bool{}
	var rows []FitRow
	for _, j := range r.jobs {
		for _, t := range j.transforms {
			if t.record == nil || t.record.Fits == nil {
				continue
			}
			k := fitted{modelKey{j.table.Model, j.table.Dataset}, t.record.Transform}
			if seen[k] {
				continue
			}
			seen[k] = true
			for _, fit := range t.record.Fits {
				rows = append(rows, FitRow{Model: k.model, Dataset: k.dataset, Transform: k.transform, On: fit.On, Rows: fit.Rows,
					Loss: fit.Loss, Before: float64(fit.Before), After: float64(fit.After), Parameters: fit.Parameters, Note: fit.Note})
			}
		}
	}
	return rows
}

// transformFailures lists what transforms could not be had, a failed fit once.
func (r *runner) transformFailures() []Failure {
	seen := map[string]bool{}
	var failures []Failure
	for _, j := range r.jobs {
		for i, t := range j.transforms {
			if t.err == nil || seen[t.err.Error()] {
				continue
			}
			seen[t.err.Error()] = true
			k := j.table
			if _, ok := errors.AsType[*fitError](t.err); ok {
				k = j.fitting.on.table
			}
			failures = append(failures, Failure{Table: k.Name, Model: k.Model, Dataset: k.Dataset, Split: k.Split, Condition: k.Condition,
				Transform: r.transformID(i), Reason: t.err.Error(), err: t.err})
		}
	}
	return failures
}

// transformID names the transform at a place of job.transforms.
func (r *runner) transformID(place int) string {
	if place == len(r.transforms) {
		return posthoc.Rest
	}
	return r.transforms[place].ID
}

// fittedOnAll tells of tables of which nothing was left to judge.
func (r *runner) fittedOnAll() []string {
	if len(r.fittedAll) == 0 {
		return nil
	}
	var names []string
	for _, j := range r.jobs {
		if slices.Contains(r.fittedAll, j) {
			names = append(names, j.table.Name)
		}
	}
	return []string{fmt.Sprintf("no transform of %s: every sample was fitted on", shorten(names, 4))}
}

// evaluation is one block of rows of results.csv: a table under a transform.
type evaluation struct {
	transform string
	record    *record
	partner   string // key of what its out-of-distribution samples are set against
}

// evaluations lists those of a job: as stored, then in the order of the
// transforms asked, the stored predictions on the judged samples first.
func (r *runner) evaluations(j *job) []evaluation {
	partner := r.partner(j)
	list := []evaluation{{posthoc.None, j.record, partner.key()}}
	for _, i := range r.places(j) {
		if rec := j.transforms[i].record; rec != nil && j.transforms[i].err == nil {
			list = append(list, evaluation{r.transformID(i), rec, partner.transformKey(i)})
		}
	}
	return list
}

// places are those of the job's transforms, in the order of rows.
func (r *runner) places(j *job) []int {
	var list []int
	for i := range j.transforms {
		list = append(list, (i+len(r.transforms))%len(j.transforms))
	}
	return list
}

// transformKey is the key of the job's record under a transform; "" for none.
func (j *job) transformKey(place int) string {
	if j == nil || place >= len(j.transforms) || j.transforms[place].record == nil {
		return ""
	}
	return j.transforms[place].record.Key
}

// setTransformsOutside evaluates the metrics that set a table's out-of-distribution
// samples against the in-distribution ones, both under the same transform.
func (r *runner) setTransformsOutside(_ context.Context, j *job) error {
	for i := range j.transforms {
		t := &j.transforms[i]
		if t.record == nil || t.err != nil {
			continue
		}
		rec, err := r.setAgainst(t.record, t.against)
		if err != nil {
			return err
		}
		t.record = rec
	}
	return nil
}

var fitColumns = []string{"model", "dataset", "transform", "fitted_on", "rows", "loss", "before", "after", "parameters", "note"}

// writeFits replaces transforms.csv, if there is anything to put into it.
func (s *Results) writeFits(dir string) error {
	path := filepath.Join(dir, "transforms.csv")
	if len(s.Fits) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return writeFile(path, table(fitColumns, func(yield func([]string)) {
		for _, f := range s.Fits {
			yield([]string{f.Model, f.Dataset, f.Transform, f.On, strconv.Itoa(f.Rows), f.Loss, number(f.Before), number(f.After), f.Parameters, f.Note})
		}
	}))
}

func (s *Results) readFits(path string) error {
	header, lines, err := readCSV(path)
	if err != nil {
		return err
	}
	if !slices.Equal(header, fitColumns) {
		return fmt.Errorf("%s: the header must be %s", path, strings.Join(fitColumns, ","))
	}
	for i, f := range lines {
		row := FitRow{Model: f[0], Dataset: f[1], Transform: f[2], On: f[3], Loss: f[5], Before: math.NaN(), After: math.NaN(), Parameters: f[8], Note: f[9]}
		n, err := strconv.Atoi(f[4])
		for k, to := range []*float64{&row.Before, &row.After} {
			if text := f[6+k]; err == nil && text != "" {
				*to, err = strconv.ParseFloat(text, 64)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		row.Rows = n
		s.Fits = append(s.Fits, row)
	}
	return nil
}
