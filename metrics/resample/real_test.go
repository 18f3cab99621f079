package resample_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// sharedTables are prediction tables beside the module; the test is skipped if
// they are not there.
func sharedTables(t *testing.T) []string {
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	tables, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), "shared", "conformance", "inputs", "mc_*.csv"))
	if len(tables) == 0 {
		t.Skip("no ../shared/conformance/inputs beside the module")
	}
	return tables
}

// read reads a table of a label and class probabilities.
func read(t *testing.T, file string) *metrics.Ranked {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	table := metrics.Rows{}
	for _, record := range records[1:] {
		label, err := strconv.Atoi(record[0])
		if err != nil {
			t.Fatal(err)
		}
		table.Label = append(table.Label, int32(label))
		for _, field := range record[1:] {
			p, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatal(err)
			}
			table.F64 = append(table.F64, p)
		}
	}
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromProbs, Classes: len(records[0]) - 1})
	if err := c.Add(table); err != nil {
		t.Fatal(err)
	}
	o := c.Outcomes()
	return metrics.Rank(o, o.Confidence("msp"))
}

// TestInfluenceOnRealTables: on stored predictions of real classifiers, forests
// and trees with their ties among them, standard errors by influence are those
// by 600 replicates, which are loose by 3 % themselves. Tables of few errors are
// left out, as there the two differ by right.
func TestInfluenceOnRealTables(t *testing.T) {
	ms := measures(t, smooth...)
	compared := 0
	for _, file := range sharedTables(t) {
		r := read(t, file)
		if r.N() < 500 || r.Errors < 30 {
			continue
		}
		n := r.Outcomes.N()
		values := resample.Bootstrap(r, ms, resample.Draw(resample.Independent(n), 8, 600))
		for i, m := range ms {
			psi, ok := resample.Influence(m.Metric, m.At, r)
			if !ok {
				t.Errorf("%s: %s has no influence values", filepath.Base(file), m.ID())
				continue
			}
			if m.Metric.ID == "balanced-accuracy" && n < 10*r.Outcomes.Classes || resample.Spread(values[i]) == 0 {
				continue // classes drop out of replicates; top-k of two classes is 1
			}
			compared++
			if ratio := resample.StandardError(psi) / resample.Spread(values[i]); !(ratio > 0.87 && ratio < 1.13) {
				t.Errorf("%s (n = %d, %d errors, %d confidences): %s: standard error by influence is %.3f of that by replicates",
					filepath.Base(file), n, r.Errors, len(r.Ends), m.ID(), ratio)
			}
		}
	}
	t.Logf("%d standard errors compared", compared)
}
