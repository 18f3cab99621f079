package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/datasets/plain"
	"abstain/metrics"
)

// command runs the command line and returns what it prints.
func printed(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(context.Background(), args, &out, &errOut); code != 0 {
		t.Fatalf("abstain %s: exit code %d\n%s", strings.Join(args, " "), code, errOut.String())
	}
	return out.String()
}

// table reads CSV into one map for each row.
func tableOf(t *testing.T, text string) (rows []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(all) < 2 {
		t.Fatalf("%v: %s", err, text)
	}
	for _, fields := range all[1:] {
		row := map[string]string{}
		for i, head := range all[0] {
			row[head] = fields[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// jsonOf reads JSON into maps and slices.
func jsonOf(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// interval is a lower and an upper bound as results.csv writes them, "" for none.
func interval(lo, hi any) [2]string {
	text := func(v any) string {
		switch v := v.(type) {
		case float64:
			return string(plain.AppendFloat(nil, v))
		case string:
			return v
		}
		return ""
	}
	return [2]string{text(lo), text(hi)}
}

// ofThree writes tables of three models over the same 150 samples.
func ofThree(t *testing.T, dir string) {
	t.Helper()
	for k := range 3 {
		labels, noise := rand.New(rand.NewPCG(1, 1)), rand.New(rand.NewPCG(2, uint64(k)))
		text := "sample_id,label,group,l0,l1,l2\n"
		for i := range 150 {
			label, l := labels.IntN(3), [3]float64{noise.NormFloat64(), noise.NormFloat64(), noise.NormFloat64()}
			l[label] += 1 + float64(k)/2
			text += fmt.Sprintf("%d,%d,g%d,%.3f,%.3f,%.3f\n", i, label, i%7, l[0], l[1], l[2])
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("m%d.csv", k)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOneIntervalEverywhere: a model's value by a metric has the interval that the run
// stored, wherever it is shown, also at a level or with replicates asked for otherwise,
// and by a metric that the run was not asked for.
func TestOneIntervalEverywhere(t *testing.T) {
	for name, flags := range map[string][]string{"plain": nil, "clusters": {"--cluster", "group", "--bootstrap", "60"}, "bca": {"--intervals", "bca", "--bootstrap", "60", "--level", "0.9"}} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			corpus, few, all := filepath.Join(dir, "corpus"), filepath.Join(dir, "few"), filepath.Join(dir, "all")
			if err := os.Mkdir(corpus, 0o700); err != nil {
				t.Fatal(err)
			}
			ofThree(t, corpus)
			printed(t, append([]string{"run", corpus, "--out", all}, flags...)...)
			printed(t, append([]string{"run", corpus, "--out", few, "--metrics", "accuracy"}, flags...)...)
			results, err := os.ReadFile(filepath.Join(all, "results.csv"))
			if err != nil {
				t.Fatal(err)
			}
			stored := map[string]map[string]string{}
			for _, row := range tableOf(t, string(results)) {
				stored[row["model"]] = row
			}
			seen := map[string]int{}
			want := func(where, model, id string, got [2]string) {
				t.Helper()
				seen[where]++
				if w := interval(stored[model][id+".lo"], stored[model][id+".hi"]); got != w {
					t.Errorf("%s: %s of %s is in %v, stored %v", where, id, model, got, w)
				}
			}
			ids := metrics.DefaultIDs()
			for _, row := range tableOf(t, printed(t, "rank", all, "--by", "aurc", "--format", "csv")) {
				for _, id := range ids {
					want("rank", row["model"], id, interval(row[id+".lo"], row[id+".hi"]))
				}
			}
			for model := range stored {
				of := jsonOf(t, printed(t, "show", all, model, "--format", "json")).(map[string]any)["rows"].([]any)[0].(map[string]any)["intervals"].(map[string]any)
				for _, id := range ids {
					bounds, _ := of[id].([]any)
					got := [2]string{}
					if bounds != nil {
						got = interval(bounds[0], bounds[1])
					}
					want("show", model, id, got)
				}
			}
			asked := []string{"compare", "", "m0", "m1", "m2", "--metrics", strings.Join(ids, ","), "--level", "0.8", "--bootstrap", "40", "--format", "csv"}
			for folder, where := range map[string]string{all: "compare", few: "compare without the metrics"} {
				asked[1] = folder
				for _, row := range tableOf(t, printed(t, asked...)) {
					want(where, row["model"], row["metric"], interval(row["lo"], row["hi"]))
					want(where, row["against"], row["metric"], interval(row["against_lo"], row["against_hi"]))
				}
			}
			for _, by := range []string{"auroc", "sac@0.99", "ece@15"} {
				for _, row := range jsonOf(t, printed(t, "rank", few, "--by", by, "--format", "json")).([]any) {
					row := row.(map[string]any)
					want("rank without the metric", row["model"].(string), by, interval(row["lo"], row["hi"]))
				}
			}
			printed(t, "study", all, "--figures", "json")
			curves, err := os.ReadFile(filepath.Join(all, "study", "risk-coverage-models.csv"))
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range tableOf(t, string(curves)) {
				want("study", row["model"], "aurc", interval(row["aurc_lo"], row["aurc_hi"]))
			}
			if len(seen) != 6 || seen["rank"] != 3*len(ids) || seen["show"] != seen["rank"] || seen["study"] != 3 {
				t.Errorf("seen %v", seen)
			}
		})
	}
}
