package results

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"abstain/harness/posthoc/hedge"
	"abstain/harness/store"
)

// CredalRow is one row of credal.csv: what a model's borrowed calibration does at one eps.
type CredalRow = hedge.Row

// writeCredal replaces credal.csv, if there are any rows.
func (s *Results) writeCredal(dir string) error {
	if len(s.Credal) == 0 {
		return remove(dir, "credal.csv")
	}
	return store.WriteFile(filepath.Join(dir, "credal.csv"), table(hedge.Columns(), func(yield func([]string)) {
		for _, r := range s.Credal {
			yield(r.Fields())
		}
	}))
}

// firstColumns is the number of columns that credal.csv had at first.
const firstColumns = 35

func (s *Results) readCredal(path string) error {
	header, lines, err := readCSV(path)
	if err != nil {
		return err
	}
	// Columns have been added; those of the first version are in all.
	if first := hedge.Columns()[:firstColumns]; len(header) < firstColumns || !slices.Equal(header[:firstColumns], first) {
		return fmt.Errorf("%s: the header must begin with %s", path, strings.Join(first, ","))
	}
	for i, f := range lines {
		r, err := hedge.ReadRow(header, f)
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		s.Credal = append(s.Credal, r)
	}
	return nil
}
