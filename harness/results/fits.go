package results

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/store"
)

// FitRow is one row of transforms.csv: how a map was fitted.
type FitRow struct {
	Model, Dataset, Transform string
	On                        string // the split, and which part of it
	Rows                      int
	// Loss names the loss that Before and After give on the rows fitted on: nll,
	// log-loss (of being right), aurc or ece@15.
	Loss          string
	Before, After float64
	Parameters    string // "T=1.25"
	Note          string
}

var fitColumns = []string{"model", "dataset", "transform", "fitted_on", "rows", "loss", "before", "after", "parameters", "note"}

// writeFits replaces transforms.csv, if there are any fits.
func (s *Results) writeFits(dir string) error {
	if len(s.Fits) == 0 {
		return remove(dir, "transforms.csv")
	}
	return store.WriteFile(filepath.Join(dir, "transforms.csv"), table(fitColumns, func(yield func([]string)) {
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
