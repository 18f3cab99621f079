package harness_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
)

// damage changes a copy of content as a bad disk, a crash or a bad copy does.
func damage(content []byte, r *rand.Rand) (what string, damaged []byte) {
	damaged = bytes.Clone(content)
	at := r.IntN(len(content))
	switch r.IntN(6) {
	case 0, 1:
		damaged[at] ^= 1 << r.IntN(8)
		return fmt.Sprintf("bit of byte %d", at), damaged
	case 2:
		damaged[at] = "0123456789.,-eE\n\"{}"[r.IntN(19)]
		return fmt.Sprintf("byte %d is %q", at, damaged[at]), damaged
	case 3:
		return fmt.Sprintf("cut at %d", at), damaged[:at]
	case 4:
		n := min(1<<r.IntN(13), len(content)-at)
		clear(damaged[at:][:n])
		return fmt.Sprintf("%d zeros at %d", n, at), damaged
	}
	from, n := r.IntN(len(content)), 1<<r.IntN(13)
	copy(damaged[at:], content[from:min(from+n, len(content))])
	return fmt.Sprintf("%d bytes at %d are those at %d", n, at, from), damaged
}

// believed is all that is read of a folder.
type believed struct {
	results    *results.Results
	records    map[string]*store.Record
	outcomes   map[string]*store.Outcomes
	replicates map[string]store.Replicates
}

// believe reads what a file of the folder has a part in, or all for "". What it refuses is
// not there.
func believe(t *testing.T, dir, file, drawn string, keys []string) believed {
	t.Helper()
	b := believed{records: map[string]*store.Record{}, outcomes: map[string]*store.Outcomes{}, replicates: map[string]store.Replicates{}}
	if file == "" || file == "journal.jsonl" {
		j, err := store.ReadJournal(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if r := j.Lookup(key); r != nil {
				b.records[key] = r
			}
		}
	}
	for _, key := range keys {
		if file == "" || strings.HasPrefix(file, "outcomes/") {
			if o, err := store.Folder(dir).LoadOutcomes(key); err == nil {
				b.outcomes[key] = o
			}
		}
		if file == "" || strings.HasPrefix(file, "replicates/") {
			if r := store.Folder(dir).LoadReplicates(key, drawn); r != nil {
				b.replicates[key] = r
			}
		}
	}
	if file != "journal.jsonl" && !strings.HasSuffix(file, ".pack") {
		if r, err := results.Read(dir); err == nil {
			r.Dir = ""
			b.results = r
		}
	}
	return b
}

// wrong says what is believed that is not so.
func (b believed) wrong(truth believed) string {
	if b.results != nil && fmt.Sprintf("%+v", b.results) != fmt.Sprintf("%+v", truth.results) {
		return "results"
	}
	for key, r := range b.records {
		if fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", truth.records[key]) { // NaN equals NaN
			return "record " + key
		}
	}
	for key, o := range b.outcomes {
		if !reflect.DeepEqual(o, truth.outcomes[key]) {
			return "outcomes " + key
		}
	}
	for key, r := range b.replicates {
		if fmt.Sprint(r) != fmt.Sprint(truth.replicates[key]) {
			return "replicates " + key
		}
	}
	return ""
}

// found counts what is there.
func (b believed) found() [4]int {
	n := 0
	if b.results != nil {
		n = 1
	}
	return [4]int{n, len(b.records), len(b.outcomes), len(b.replicates)}
}

// TestDamage damages each file of a run's folder, many times: what is read then is what
// was written, or is refused. Some of the times the run is repeated, and its results are
// the same to the last byte.
//
// With -long each kind of file is damaged 20 000 times:
//
//	go test ./harness -run 'TestDamage$' -v -timeout 2h -args -long
func TestDamage(t *testing.T) {
	times, again := 200, 4
	switch {
	case *long:
		times, again = 20000, 200
	case testing.Short():
		times, again = 60, 1
	}
	cfg := harness.Config{Out: t.TempDir(), Workers: 2, Metrics: metrics.MustMeasures("accuracy", "aurc", "sac@0.9", "nll"), Groups: []string{"group"},
		Intervals: evaluate.Intervals{Level: 0.95, Replicates: 40, Seed: 3}, Transforms: posthoc.Transforms{IDs: []string{"temperature"}, Holdout: 0.25}}
	cfg.Corpora = []*datasets.Corpus{corpus(t, map[string]string{"a.csv": random(1, 60, 3) + "\n", "b.csv": random(2, 60, 3) + "\n"})}
	r := mustRun(t, cfg)
	if len(r.Failures) > 0 {
		t.Fatal(r.Failures)
	}
	var keys []string
	for _, key := range r.Kept {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	truth := believe(t, cfg.Out, "", cfg.Intervals.Drawn(), keys)
	if len(truth.records) != 6 || len(truth.outcomes) != 6 || len(truth.replicates) != 6 || truth.results == nil {
		t.Fatalf("%d records, %d outcomes, %d replicates", len(truth.records), len(truth.outcomes), len(truth.replicates))
	}
	tables := read(t, cfg.Out, "results.csv")
	for _, name := range []string{"journal.jsonl", "outcomes/tables.pack", "replicates/tables.pack", "results.csv", "models.csv",
		"notes.csv", "transforms.csv", "outcomes/index.csv", "run.json", "SHA256SUMS"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(cfg.Out, filepath.FromSlash(name))
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			found := fmt.Sprint(believe(t, cfg.Out, name, cfg.Intervals.Drawn(), keys).found())
			random := rand.New(rand.NewPCG(1, uint64(len(name))))
			noticed, wrong, differing := 0, 0, 0
			for i := range times {
				what, damaged := damage(content, random)
				write(t, string(damaged), path)
				got := believe(t, cfg.Out, name, cfg.Intervals.Drawn(), keys)
				if fmt.Sprint(got.found()) != found {
					noticed++
				}
				if bad := got.wrong(truth); bad != "" {
					wrong++
					t.Errorf("%s: %s differ", what, bad)
				}
				if i%(times/again) == 0 {
					if r := mustRun(t, cfg); len(r.Failures) > 0 || !bytes.Equal(tables, read(t, cfg.Out, "results.csv")) {
						differing++
						t.Errorf("%s: other results when run again: %v", what, r.Failures)
					}
					if strings.HasSuffix(name, ".pack") { // what is lost is made again, but not in the same order
						write(t, string(content), path)
					} else if content, err = os.ReadFile(path); err != nil { // in another order, or compacted
						t.Fatal(err)
					}
					truth.results = believe(t, cfg.Out, "results.csv", cfg.Intervals.Drawn(), keys).results // run.json has other times
				} else {
					write(t, string(content), path)
				}
				if wrong+differing > 5 {
					return
				}
			}
			t.Logf("%s: %d damages, %d noticed, %d wrong values; %d runs again, %d differing", name, times, noticed, wrong, again, differing)
		})
	}
}
