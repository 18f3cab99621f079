package results

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/plain"
	"abstain/harness/disk"
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/store"
	"abstain/metrics"
)

// Write replaces the files of the folder and removes those of an earlier run that these
// results do not have. First all are written under other names, then all get their own,
// so that a full disk leaves the earlier ones; SHA256SUMS, which has their digests, comes
// last. Older and Removed say what else there was of other results.
func (s *Results) Write(dir string) error {
	staging := filepath.Join(dir, ".tmp-results")
	if err := errors.Join(os.RemoveAll(staging), os.MkdirAll(staging, 0o755)); err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	rows := s.resultsCSV()
	if err := s.writeFiles(staging, rows); err != nil {
		return err
	}
	if err := disk.WriteSums(staging, "*.csv", "*.json", "outcomes/*.csv"); err != nil {
		return err
	}
	return errors.Join(s.outdate(dir, rows), disk.Adopt(dir, staging, optional...))
}

// optional are files that not all results have.
var optional = []string{"transforms.csv", "credal.csv", "sets.csv", "groups.csv", "disparities.csv"}

func (s *Results) writeFiles(dir string, rows []byte) error {
	run, err := json.MarshalIndent(s.Run.with(s.Failures), "", "  ")
	return errors.Join(err,
		store.WriteFile(filepath.Join(dir, "results.csv"), rows),
		store.WriteFile(filepath.Join(dir, "models.csv"), s.modelsCSV()),
		store.WriteFile(filepath.Join(dir, "outcomes", "index.csv"), s.indexCSV()),
		s.writeFits(dir),
		s.writeCredal(dir),
		s.writeSets(dir),
		store.WriteFile(filepath.Join(dir, "notes.csv"), s.notesCSV()),
		s.writeGroups(dir),
		store.WriteFile(filepath.Join(dir, "run.json"), append(run, '\n')))
}

var keyColumns = []string{"model", "dataset", "split", "condition", "transform", "confidence", "status", "n", "classes"}

func (s *Results) resultsCSV() []byte {
	bounded := bounded(s.Rows, len(s.Measures))
	return table(append(slices.Clone(keyColumns), s.metricColumns(bounded)...), func(yield func([]string)) {
		for _, row := range s.Rows {
			yield(row.fields(bounded))
		}
	})
}

// bounded reports for each metric whether any row has an interval of it.
func bounded(rows []Row, metrics int) []bool {
	b := make([]bool, metrics)
	for _, row := range rows {
		for i, e := range row.Cells {
			b[i] = b[i] || e.Level > 0
		}
	}
	return b
}

// metricColumns are the metric ids; a metric with intervals is followed by its
// bounds.
func (s *Results) metricColumns(bounded []bool) []string {
	var columns []string
	for i, m := range s.Measures {
		id := m.Name()
		columns = append(columns, id)
		if bounded[i] {
			columns = append(columns, id+".lo", id+".hi")
		}
	}
	return columns
}

// fields renders the row: numbers in full precision, empty where a number is
// undefined or unknown.
func (row *Row) fields(bounded []bool) []string {
	fields := []string{row.Model, row.Dataset, row.Split, row.Condition, row.Transform, row.Confidence, row.Status,
		count(row.N), count(row.Classes)}
	for i := range bounded {
		e := metrics.Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
		if i < len(row.Cells) {
			e = row.Cells[i]
		}
		fields = append(fields, number(e.Value))
		if bounded[i] {
			fields = append(fields, number(e.Lo), number(e.Hi))
		}
	}
	return fields
}

// notesCSV renders the notes of the estimates, for which results.csv has no
// columns.
func (s *Results) notesCSV() []byte {
	return table(append(slices.Clone(keyColumns[:6]), "metric", "note"), func(yield func([]string)) {
		for _, row := range s.Rows {
			for i, e := range row.Cells {
				if s.Measures[i].Metric.Needs&metrics.NeedsSets != 0 && s.Run.Sets != nil && !strings.HasPrefix(row.Transform, conform.Prefix) && row.Transform != hedge.Intersection {
					continue // of rows without sets they say nothing but that
				}
				for _, note := range e.Notes {
					yield([]string{row.Model, row.Dataset, row.Split, row.Condition, row.Transform, row.Confidence, s.Measures[i].Name(), note})
				}
			}
		}
	})
}

func (s *Results) writeGroups(dir string) error {
	if len(s.GroupRows) == 0 {
		return remove(dir, "groups.csv", "disparities.csv")
	}
	var rows []Row
	for _, g := range s.GroupRows {
		rows = append(rows, g.Row)
	}
	bounded := bounded(rows, len(s.Measures))
	header := slices.Concat(keyColumns[:6], []string{"attribute", "group"}, keyColumns[6:], s.metricColumns(bounded))
	return errors.Join(store.WriteFile(filepath.Join(dir, "disparities.csv"), s.disparitiesCSV()), store.WriteFile(filepath.Join(dir, "groups.csv"), table(header, func(yield func([]string)) {
		for _, g := range s.GroupRows {
			fields := g.fields(bounded)
			yield(slices.Concat(fields[:6], []string{g.Attribute, g.Group}, fields[6:]))
		}
	})))
}

func (s *Results) disparitiesCSV() []byte {
	header := append(slices.Clone(keyColumns[:6]), "attribute", "metric", "groups", "difference", "ratio", "worst_group", "worst")
	return table(header, func(yield func([]string)) {
		for _, d := range s.Disparities {
			worst := ""
			if d.Worst.Name != "" {
				worst = number(d.Worst.Value)
			}
			yield([]string{d.Model, d.Dataset, d.Split, d.Condition, d.Transform, d.Confidence, d.Attribute, d.Metric,
				strconv.Itoa(d.Groups), number(d.Difference.Value), number(d.Ratio.Value), d.Worst.Name, worst})
		}
	})
}

func (s *Results) modelsCSV() []byte {
	var keys []string
	for _, m := range s.Models {
		for _, p := range m.Meta {
			if !slices.Contains(keys, p.Key) {
				keys = append(keys, p.Key)
			}
		}
	}
	return table(append([]string{"model", "dataset"}, keys...), func(yield func([]string)) {
		for _, m := range s.Models {
			fields := []string{m.Model, m.Dataset}
			for _, k := range keys {
				fields = append(fields, m.Meta.Get(k))
			}
			yield(fields)
		}
	})
}

// indexCSV says which file of outcomes belongs to which table.
func (s *Results) indexCSV() []byte {
	return table([]string{"model", "dataset", "split", "condition", "transform", "outcomes"}, func(yield func([]string)) {
		seen := map[Key]bool{}
		for _, row := range s.Rows {
			k := row.Key.Table()
			if o := s.Kept[k]; o != "" && !seen[k] {
				seen[k] = true
				yield([]string{k.Model, k.Dataset, k.Split, k.Condition, k.Transform, o})
			}
		}
	})
}

// table renders a CSV file.
func table(header []string, rows func(yield func([]string))) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	put := func(fields []string) {
		if err := w.Write(fields); err != nil {
			panic(err) // a bytes.Buffer never fails
		}
	}
	put(header)
	rows(put)
	w.Flush()
	return b.Bytes()
}

// number renders a value for machines, as a float whatever it is: a program that guesses the type
// of a column from its first rows must not see integers there. It is empty if the value is
// undefined.
func number(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return string(plain.AppendFloat(nil, v))
}

// count renders a count; it is empty if the count is unknown.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
