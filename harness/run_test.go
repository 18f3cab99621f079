package harness_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"abstain/datasets"
	"abstain/datasets/csv"
	"abstain/datasets/ipc"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"

	"github.com/zeebo/xxh3"
)

// corpus opens tables given as CSV.
func corpus(t *testing.T, tables map[string]string) *datasets.Corpus {
	t.Helper()
	files := fstest.MapFS{}
	for name, content := range tables {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return openFS(t, files)
}

func openFS(t *testing.T, files fs.FS) *datasets.Corpus {
	t.Helper()
	c, err := datasets.OpenFS(files, ".", "corpus")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func mustRun(t *testing.T, cfg harness.Config) *results.Results {
	t.Helper()
	results, err := harness.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// random writes a table of n samples as logits, its rows shuffled.
func random(seed uint64, n, classes int) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	labels := rand.New(rand.NewPCG(7, 7)) // the same for all models
	rows := make([]string, n)
	for i := range rows {
		var b strings.Builder
		label := labels.IntN(classes)
		fmt.Fprintf(&b, "%d,%d,%s", i, label, []string{"a", "b", ""}[i%3])
		for c := range classes {
			v := rng.NormFloat64()
			if c == label {
				v += 1.5
			}
			fmt.Fprintf(&b, ",%.3f", v)
		}
		rows[i] = b.String()
	}
	rng.Shuffle(n, func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	var head strings.Builder
	head.WriteString("sample_id,label,group")
	for c := range classes {
		fmt.Fprintf(&head, ",l%d", c)
	}
	return head.String() + "\n" + strings.Join(rows, "\n") + "\n"
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestWorkersGiveTheSameBytes(t *testing.T) {
	tables := map[string]string{}
	for seed := range uint64(12) {
		tables[fmt.Sprintf("m%02d.csv", seed)] = random(seed, 60+int(seed%3), 4) // some have other samples
	}
	tables["broken.csv"] = "sample_id,label,p0,p1\n1,0,2,2\n"
	c := corpus(t, tables)
	var want []byte
	for _, workers := range []int{1, 2, 7} {
		out := t.TempDir()
		mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Workers: workers, Groups: []string{"group"},
			Confidences: []string{"msp", "entropy", "energy"}, Intervals: evaluate.Intervals{Level: 0.9, Replicates: 20, Seed: 3}})
		got := bytes.Join([][]byte{read(t, out, "results.csv"), read(t, out, "notes.csv"), read(t, out, "disparities.csv"), read(t, out, "groups.csv"), read(t, out, "models.csv"),
			read(t, out, "outcomes", "index.csv")}, nil)
		if want == nil {
			want = got
		} else if !bytes.Equal(got, want) {
			t.Errorf("%d workers give other files than 1", workers)
		}
	}
}

// TestHashOnTheWay: outcomes are kept under the hash of the file's bytes, also if
// these are hashed while they are read.
func TestHashOnTheWay(t *testing.T) {
	const n, classes = 1500, 300 // several batches of 1 MB each
	rng := rand.New(rand.NewPCG(5, 6))
	values, labels := make([]float32, n*classes), make([]int, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	label, logits := ipc.Ints("label", ipc.Int16, labels), ipc.Vectors("logits", ipc.Float32, classes, values)
	for _, columns := range [][]ipc.Column{{label, logits}, {logits, label}} {
		for _, o := range []ipc.Options{{}, {Rows: 1001}, {Rows: 1001, Zstd: true}} {
			var b bytes.Buffer
			if err := ipc.Write(&b, columns, o); err != nil {
				t.Fatal(err)
			}
			dir, out := t.TempDir(), t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "m.arrow"), b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			c := openFS(t, os.DirFS(dir))
			want, err := c.Tables[0].Hash()
			if err != nil {
				t.Fatal(err)
			}
			mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out})
			if _, err := store.Folder(out).LoadOutcomes(want + "-reader2"); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestOtherContentHash: in a folder whose hashes were made by another method, a
// table is recognised only by its size and time. If these change, it is computed
// again from its own rows.
func TestOtherContentHash(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	table := filepath.Join(dir, "m.csv")
	write := func(content string, modified time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(table, []byte(content), 0o600), os.Chtimes(table, modified, modified)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want results.Counts) []byte {
		t.Helper()
		got := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{openFS(t, os.DirFS(dir))}, Out: out}).Run.Counts
		if got.Computed != want.Computed || got.Cached != want.Cached {
			t.Fatalf("counts %+v, want %+v", got, want)
		}
		return read(t, out, "results.csv")
	}
	before := time.Now().Add(-time.Hour)
	rows := "sample_id,confidence,correct\n" + scores(50)
	write(rows, before)
	time.Sleep(200 * time.Millisecond) // a file that was changed just now might change again at the same time
	first := run(results.Counts{Computed: 1})
	rehash(t, out)
	if got := run(results.Counts{Cached: 1}); !bytes.Equal(got, first) {
		t.Error("other results from the journal")
	}
	write(rows, before.Add(time.Minute))
	if got := run(results.Counts{Computed: 1}); !bytes.Equal(got, first) {
		t.Error("other results of the same rows")
	}
	write(strings.Replace(rows, ",1\n", ",0\n", 1), before.Add(2*time.Minute)) // the same size as before
	if got := run(results.Counts{Computed: 1}); bytes.Equal(got, first) {
		t.Error("the results are those of other rows")
	}
}

// TestReadersVersionInKeys: what an earlier version of a format's reader left, or one
// to which columns meant something else, is not believed.
func TestReadersVersionInKeys(t *testing.T) {
	inParquet := read(t, "..", "datasets", "parquet", "testdata", "writers", "arrow-go-lz4.parquet")
	for name, format := range map[string]struct {
		content []byte
		suffix  string
	}{
		"m.csv":     {[]byte("sample_id,confidence,correct\n" + scores(50)), fmt.Sprintf("-reader%d", csv.Version)},
		"m.jsonl":   {[]byte(`{"confidence": 0.5, "correct": true}` + "\n" + `{"confidence": 0.25, "correct": false}`), "-reader2"},
		"m.parquet": {inParquet, "-reader2"},
		"m.table":   {inParquet, "-reader2"},
	} {
		dir, out := t.TempDir(), t.TempDir()
		write(t, string(format.content), dir, name)
		cfg := harness.Config{Out: out, Metrics: metrics.MustMeasures("accuracy")}
		c, err := datasets.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		cfg.Corpora = []*datasets.Corpus{c}
		hash, err := cfg.Corpora[0].Tables[0].Hash()
		if err != nil {
			t.Fatal(err)
		}
		first := mustRun(t, cfg)
		if got := slices.Collect(maps.Values(first.Kept)); len(got) != 1 || got[0] != hash+format.suffix {
			t.Errorf("%s: keys %v of hash %s", name, got, hash)
		}
		if r := mustRun(t, cfg); r.Run.Counts.Cached != 1 {
			t.Errorf("%s again: counts %+v", name, r.Run.Counts)
		}
		inJournal(t, out, hash+format.suffix, hash) // as the first version had it
		if r := mustRun(t, cfg); r.Run.Counts.Cached != 1 != (format.suffix != "") {
			t.Errorf("%s after the first version: counts %+v", name, r.Run.Counts)
		}
	}
}

// rehash changes the hash of the only table of a folder, as if another method had
// made it.
func rehash(t *testing.T, out string) {
	t.Helper()
	const other = "0123456789abcdef0123456789abcdef"
	_, hash, found := strings.Cut(string(read(t, out, "journal.jsonl")), `"hash":"`)
	if !found {
		t.Fatal("no hash in the journal")
	}
	hash = hash[:len(other)]
	r, err := results.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range r.Kept {
		o, err := store.Folder(out).LoadOutcomes(key)
		if err == nil {
			err = store.Folder(out).SaveOutcomes(strings.Replace(key, hash, other, 1), o, new(store.Workspace))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	inJournal(t, out, hash, other)
}

// inJournal replaces a text in the journal's records, which get their digests anew.
func inJournal(t *testing.T, out, before, after string) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(string(read(t, out, "journal.jsonl"))) {
		const behind = len(`{"digest":"","`) + 32 - 1
		record := "{" + strings.ReplaceAll(strings.TrimSuffix(line[behind:], "\n"), before, after)
		sum := xxh3.HashString128(record).Bytes()
		lines = append(lines, fmt.Sprintf(`{"digest":"%x",%s`, sum[:], record[1:])+"\n")
	}
	write(t, strings.Join(lines, ""), out, "journal.jsonl")
}

func TestRowOrderDoesNotMatter(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(random(3, 200, 5)), "\n")
	reversed := []string{lines[0]}
	for i := len(lines) - 1; i > 0; i-- {
		reversed = append(reversed, lines[i])
	}
	c := corpus(t, map[string]string{"a.csv": strings.Join(lines, "\n"), "b.csv": strings.Join(reversed, "\n")})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir()})
	for i, cell := range r.Rows[0].Cells {
		other := r.Rows[1].Cells[i]
		if cell.Value != other.Value && (cell.Defined() || other.Defined()) {
			t.Errorf("%s: %v, and %v with the rows reversed", r.Measures[i].Name(), cell.Value, other.Value)
		}
	}
}

// stopAfter cancels a run after the given number of tables.
type stopAfter struct {
	n      int
	cancel context.CancelFunc
}

func (s *stopAfter) Start(int, int64) {}
func (s *stopAfter) Table(harness.Event) {
	if s.n--; s.n == 0 {
		s.cancel()
	}
}

func TestInterruptedRunGoesOn(t *testing.T) {
	tables := map[string]string{}
	for seed := range uint64(9) {
		tables[fmt.Sprintf("m%d.csv", seed)] = random(seed, 50, 3)
	}
	c := corpus(t, tables)
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Workers: 1}
	ctx, cancel := context.WithCancel(context.Background())
	cfg.Progress = &stopAfter{4, cancel}
	results, err := harness.Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want the context's", err)
	}
	if len(results.Rows) != 4 || !results.Run.Interrupted {
		t.Fatalf("%d rows after 4 tables, interrupted %v", len(results.Rows), results.Run.Interrupted)
	}
	if n := bytes.Count(read(t, cfg.Out, "results.csv"), []byte("\n")); n != 5 {
		t.Errorf("results.csv has %d lines, want 5", n)
	}
	cfg.Progress = nil
	results = mustRun(t, cfg)
	if c := results.Run.Counts; c.Cached != 4 || c.Computed != 5 || c.Failed != 0 {
		t.Errorf("counts = %+v, want 4 cached and 5 computed", c)
	}
	whole := t.TempDir()
	cfg.Out = whole
	mustRun(t, cfg)
	if !bytes.Equal(read(t, whole, "results.csv"), read(t, results.Dir, "results.csv")) {
		t.Error("the continued run differs from one in a single go")
	}
}

func TestTornJournalCostsOneTable(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 50, 3), "b.csv": random(2, 50, 3)})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Workers: 1}
	mustRun(t, cfg)
	journal := filepath.Join(cfg.Out, "journal.jsonl")
	content := read(t, journal)
	if err := os.WriteFile(journal, content[:len(content)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	if c := mustRun(t, cfg).Run.Counts; c.Cached != 1 || c.Computed != 1 {
		t.Errorf("counts = %+v, want 1 cached and 1 computed", c)
	}
	if c := mustRun(t, cfg).Run.Counts; c.Cached != 2 {
		t.Errorf("counts = %+v, want all cached", c)
	}
}

func TestDamagedOutcomesAreReadAgain(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 50, 3)})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")}
	mustRun(t, cfg)
	pack := filepath.Join(cfg.Out, "outcomes", "tables.pack")
	content := read(t, pack)
	for cut := 0; cut < len(content); cut += 97 {
		if err := os.WriteFile(pack, content[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		cfg.Metrics = metrics.MustMeasures("accuracy", fmt.Sprintf("ece@%d", cut+2))
		r := mustRun(t, cfg)
		if len(r.Failures) > 0 || !r.Rows[0].Cells[1].Defined() {
			t.Fatalf("cut at %d: %v", cut, r.Failures)
		}
	}
}

func TestMetricsAreAddedWithoutTheCorpus(t *testing.T) {
	files := fstest.MapFS{"a.csv": {Data: []byte(random(1, 80, 3))}}
	counting := &countingFS{FS: files}
	c := openFS(t, counting)
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")}
	mustRun(t, cfg)
	counting.opened = 0
	cfg.Metrics = metrics.MustMeasures("accuracy", "aurc", "sac@0.9")
	r := mustRun(t, cfg)
	if !r.Rows[0].Cells[1].Defined() {
		t.Error("aurc is undefined")
	}
	// one opening to compute the content hash, since a MapFS has no times; none
	// to read rows
	if counting.opened != 1 {
		t.Errorf("the table was opened %d times, want once", counting.opened)
	}
}

// countingFS counts how often files are opened.
type countingFS struct {
	fs.FS
	opened int
}

func (c *countingFS) Open(name string) (fs.File, error) {
	c.opened++
	return c.FS.Open(name)
}

func (c *countingFS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }

func TestOutside(t *testing.T) {
	manifest := "file,model,dataset,split,condition\nid.csv,m,d,test,clean\nood.csv,m,d,ood,ood\nalone.csv,n,d,ood,ood\n"
	c := corpus(t, map[string]string{
		"manifest.csv": manifest,
		"id.csv":       "sample_id,label,p0,p1\n1,0,0.9,0.1\n2,1,0.3,0.7\n",
		"ood.csv":      "sample_id,label,p0,p1,source\n7,-1,0.8,0.2,x\n8,-1,0.6,0.4,y\n",
		"alone.csv":    "sample_id,label,p0,p1,source\n7,-1,0.8,0.2,x\n8,-1,0.6,0.4,y\n",
	})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Groups: []string{"source"},
		Metrics: metrics.MustMeasures("accuracy", "ood-auroc", "mean-confidence")})
	if len(r.Failures) > 0 {
		t.Fatal(r.Failures)
	}
	ood := r.Rows[1]
	if ood.Cells[0].Defined() || ood.Cells[1].Value != 0.75 || ood.Cells[2].Value != 0.7 {
		t.Errorf("ood row = %+v, want no accuracy, AUROC 3/4, mean confidence 0.7", ood.Cells)
	}
	if alone := r.Rows[2]; alone.Cells[1].Defined() || len(alone.Cells[1].Notes) == 0 {
		t.Errorf("a model without clean table has OOD AUROC %+v", alone.Cells[1])
	}
	want := map[string]float64{"x": 0.5, "y": 1}
	for _, g := range r.GroupRows {
		if g.Model == "m" && g.Cells[1].Value != want[g.Group] {
			t.Errorf("OOD AUROC of source %s = %v, want %v", g.Group, g.Cells[1].Value, want[g.Group])
		}
	}
}

// Ids match as they are written. A prefix is ignored, with a note, where others lack any.
func TestIDsMatchAsWritten(t *testing.T) {
	table := func(ids ...string) string {
		lines := "sample_id,label,p0,p1\n"
		for i, id := range ids {
			lines += fmt.Sprintf("%s,%d,0.6,0.4\n", id, i%2)
		}
		return lines
	}
	for _, c := range []struct {
		a, b, c string
		failed  string // "" for none
		noted   bool
	}{
		{a: table("val_0", "val_1"), b: table("test_0", "test_1"), failed: "sample test_0 is not in"},
		{a: table("1", "2", "3"), b: table("1", "2", "3")},
		{a: table("1", "01", "2"), b: "sample_id,label,p0,p1\n01,1,0.6,0.4\n2,0,0.6,0.4\n1,0,0.6,0.4\n"},
		{a: table("1", "2", "3"), b: table("01", "02", "03"), failed: "sample 01 is not in"},
		{a: table("7", "07"), b: table("007", "7"), failed: "sample 007 is not in"},
		{a: table("1", "2", "10", "x"), b: table("1", "2", "10"), failed: "sample x is missing"},
		{a: table("t10k-01", "t10k-02"), b: table("1", "2"), noted: true},
		{a: table("t10k-01", "t10k-02"), b: table("1", "2"), c: table("2", "1"), failed: "label 1 for sample 1, but 0", noted: true},
		{a: table("val_1", "val_2"), b: table("test_1", "test_2"), c: table("1", "2"), failed: "is not in"},
	} {
		tables := map[string]string{"a.csv": c.a, "b.csv": c.b}
		if c.c != "" {
			tables["c.csv"] = c.c
		}
		got := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{corpus(t, tables)}, Out: t.TempDir()})
		failed := ""
		for _, f := range got.Failures {
			failed += f.Reason + "; "
		}
		if c.failed == "" && failed != "" || !strings.Contains(failed, c.failed) {
			t.Errorf("%v: failures %q, want %q", c, failed, c.failed)
		}
		if noted := strings.Contains(strings.Join(got.Run.Notices, ";"), `begin with "t10k-"`); noted != c.noted {
			t.Errorf("%v: notices %q", c, got.Run.Notices)
		}
	}
}

// Notes on tables are notices of the run, also from its journal.
func TestNotesOnTables(t *testing.T) {
	c := corpus(t, map[string]string{
		"a.csv": "label,p0,p1,weight\n0,0.333,0.666,0.5\n1,0.5,0.5,1.5\n",
		"b.csv": "label,p0,p1,weight\n0,0.25,0.75,0.5\n1,0.5,0.5,1.5\n"})
	out := t.TempDir()
	for range 2 {
		got := strings.Join(mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out}).Run.Notices, "\n")
		if !strings.Contains(got, `b.csv: column "weight"`) || !strings.Contains(got, "each was divided by its sum") {
			t.Errorf("notices %q", got)
		}
	}
}

func TestTablesWithoutIdentityBecomeDatasets(t *testing.T) {
	c := corpus(t, map[string]string{
		"a.csv": "label,p0,p1\n0,0.9,0.1\n1,0.3,0.7\n0,0.6,0.4\n",
		"b.csv": "label,p0,p1\n0,0.8,0.2\n1,0.4,0.6\n0,0.6,0.4\n",
		"c.csv": "label,p0,p1\n1,0.8,0.2\n1,0.4,0.6\n",
		"d.csv": "label,p0,p1\n0,0.8,0.2\n1,0.4,0.6\n", // the beginning of a: cut short, not another dataset
	})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")})
	if r.Rows[0].Dataset != "corpus" || r.Rows[2].Dataset != "corpus/c" || r.Rows[2].Status != "ok" {
		t.Errorf("rows = %+v", r.Rows)
	}
	if len(r.Failures) != 1 || r.Failures[0].Model != "d" {
		t.Errorf("failures = %+v, want d only", r.Failures)
	}
}

func TestTwoTablesForOneRow(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 9, 3)})
	_, err := harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{c, c}, Out: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "are both model") {
		t.Errorf("err = %v", err)
	}
}

// TestReadResults: the results read back equal those written, notes included.
func TestReadResults(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 50, 3), "bad.csv": "label,p0,p1\nx,1,0\n",
		"score.csv": "sample_id,confidence,correct\n" + scores(50)})
	out := t.TempDir()
	wrote := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Groups: []string{"group"}})
	got, err := results.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != len(wrote.Rows) || len(got.Failures) != 1 || len(got.Models) != 3 {
		t.Fatalf("%d rows, %d failures, %d models", len(got.Rows), len(got.Failures), len(got.Models))
	}
	notes := 0
	for i, row := range wrote.Rows {
		for k, cell := range row.Cells {
			back := got.Rows[i].Cells[k]
			if fmt.Sprint(back.Value, back.Notes) != fmt.Sprint(cell.Value, cell.Notes) {
				t.Errorf("%s %s: read %v, wrote %v", row.Model, wrote.Measures[k].Name(), back, cell)
			}
			notes += len(cell.Notes)
		}
		if row.Status == "ok" {
			if o, err := got.Outcomes(row.Key); err != nil || o.N() != row.N {
				t.Errorf("%s: outcomes %v", row.Model, err)
			}
		}
	}
	if notes == 0 {
		t.Error("no notes to compare")
	}
}

// scores writes the rows of a score-only table of n samples.
func scores(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d,%.2f,%d\n", i, float64(i)/100+0.3, i%2)
	}
	return b.String()
}

func TestGroupsAndDisparities(t *testing.T) {
	rows := "sample_id,label,prediction,confidence,sex,age\n" +
		"1,1,1,0.9,f,old\n2,0,0,0.8,f,young\n3,1,0,0.7,f,old\n4,0,1,0.6,m,old\n5,1,0,0.5,m,young\n6,0,0,0.9,m,\n"
	c := corpus(t, map[string]string{"a.csv": rows})
	out := t.TempDir()
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Groups: []string{"sex", "sex*age", "label", "height"},
		Metrics: metrics.MustMeasures("accuracy", "mean-confidence")})
	got := map[string]string{}
	for _, g := range r.GroupRows {
		got[g.Attribute+"="+g.Group] = fmt.Sprintf("%d %.3f", g.N, g.Cells[0].Value)
	}
	want := map[string]string{"sex=f": "3 0.667", "sex=m": "3 0.333", "sex*age=f*old": "2 0.500", "sex*age=f*young": "1 1.000",
		"sex*age=m*old": "1 0.000", "sex*age=m*young": "1 0.000", "label=0": "3 0.667", "label=1": "3 0.333"}
	for group, value := range want {
		if got[group] != value {
			t.Errorf("%s: %q, want %q", group, got[group], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("groups = %v", got)
	}
	d := r.Disparities[0]
	if d.Attribute != "sex" || d.Metric != "accuracy" || math.Abs(d.Difference.Value-1.0/3) > 1e-12 || d.Ratio.Value != 0.5 ||
		d.Worst.Name != "m" || d.Groups != 2 {
		t.Errorf("disparity = %+v", d)
	}
	if r.Disparities[1].Worst.Name != "" {
		t.Errorf("mean confidence has no worst group, but %+v", r.Disparities[1].Worst)
	}
	read(t, out, "disparities.csv")
	again := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Groups: []string{"sex", "sex*age", "label", "height"},
		Metrics: metrics.MustMeasures("accuracy", "mean-confidence")})
	if again.Run.Counts.Cached != 1 {
		t.Errorf("counts = %+v, want the table cached", again.Run.Counts)
	}
}

// Rows in no group are counted and named, for tables alike once.
func TestRowsWithoutAGroup(t *testing.T) {
	head := "sample_id,label,p0,p1,sex,race\n"
	rows := "1,0,0.9,0.1,f,x\n2,1,0.4,0.6,,x\n3,1,0.7,0.3,m,\n4,0,0.8,0.2,,\n5,-1,0.5,0.5,f,x\n"
	c := corpus(t, map[string]string{"a.csv": head + rows, "b.csv": head + rows,
		"c.csv": head + strings.NewReplacer(",f,", ",,", ",m,", ",,").Replace(rows)})
	out := t.TempDir()
	for range 2 { // the second time from the journal
		got := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Groups: []string{"sex", "sex*race", "label", "height"},
			Metrics: metrics.MustMeasures("accuracy")}).Run.Notices
		want := []string{
			"corpus/a.csv, corpus/b.csv: 2 of 5 rows have no sex: left out of its groups",
			"corpus/a.csv, corpus/b.csv: 3 of 5 rows have no sex*race: left out of its groups",
			"corpus/a.csv, corpus/b.csv, corpus/c.csv: 1 of 5 rows have label -1: left out of the groups by label",
			"corpus/c.csv: 5 of 5 rows have no sex: left out of its groups",
			"corpus/c.csv: 5 of 5 rows have no sex*race: left out of its groups",
		}
		if !slices.Equal(got, want) {
			t.Errorf("notices %q, want %q", got, want)
		}
	}
	got := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")}).Run.Notices
	if len(got) > 0 {
		t.Errorf("notices %q of a run without groups", got)
	}
}

// TestIntervals: bounds contain the value and have the level, and are computed
// again if another level is asked for.
func TestIntervals(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 300, 4)})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "auroc", "aurc", "sac@0.9", "gamma", "mce"),
		Intervals: evaluate.Intervals{Level: 0.5}}
	narrow := mustRun(t, cfg).Rows[0].Cells
	cfg.Intervals.Level = 0.99
	wide := mustRun(t, cfg)
	if wide.Run.Counts.Computed != 1 {
		t.Errorf("counts = %+v, want the table computed anew", wide.Run.Counts)
	}
	for i, w := range wide.Rows[0].Cells[:4] {
		n := narrow[i]
		if n.Level != 0.5 || w.Level != 0.99 || w.Lo > n.Lo || w.Hi < n.Hi || n.Lo > n.Value || n.Hi < n.Value {
			t.Errorf("%s: %v [%v, %v] at %v, [%v, %v] at %v", wide.Measures[i].Name(), n.Value, n.Lo, n.Hi, n.Level, w.Lo, w.Hi, w.Level)
		}
	}
	if narrow[4].Level != 0 {
		t.Error("gamma has an interval without replicates")
	}
	cfg.Intervals.Replicates, cfg.Intervals.Every = 100, true
	cells := mustRun(t, cfg).Rows[0].Cells
	if e := cells[4]; e.Level != 0.99 || e.Lo > e.Hi {
		t.Errorf("gamma with replicates: %+v", e)
	}
	if e := cells[5]; e.Level != 0 || len(e.Notes) == 0 || !strings.Contains(e.Notes[0], "largest gap") {
		t.Errorf("a largest gap has an interval, or none without a reason: %+v", e)
	}
	back, err := results.Read(cfg.Out)
	if err != nil {
		t.Fatal(err)
	}
	if e := back.Rows[0].Cells[1]; e.Level != 0.99 || e.Lo != wide.Rows[0].Cells[1].Lo {
		t.Errorf("read back %+v", e)
	}
	cfg.Intervals.Level = 95
	if _, err := harness.Run(context.Background(), cfg); err == nil {
		t.Error("a level of 95 passes")
	}
}
