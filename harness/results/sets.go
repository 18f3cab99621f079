package results

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"abstain/harness/posthoc/conform"
	"abstain/harness/store"
)

// SetRow is one row of sets.csv: what the prediction sets of one table are like at one alpha.
type SetRow = conform.Row

// writeSets replaces sets.csv, if there are any rows.
func (s *Results) writeSets(dir string) error {
	if len(s.Sets) == 0 {
		return remove(dir, "sets.csv")
	}
	return store.WriteFile(filepath.Join(dir, "sets.csv"), table(conform.Columns(), func(yield func([]string)) {
		for _, r := range s.Sets {
			yield(r.Fields())
		}
	}))
}

func (s *Results) readSets(path string) error {
	header, lines, err := readCSV(path)
	if err != nil {
		return err
	}
	if !slices.Equal(header, conform.Columns()) {
		return fmt.Errorf("%s: the header must be %s", path, strings.Join(conform.Columns(), ","))
	}
	for i, f := range lines {
		r, err := conform.ReadRow(f)
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		s.Sets = append(s.Sets, r)
	}
	return nil
}
