package harness_test

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"abstain/datasets"
	"abstain/datasets/ipc"
	"abstain/harness"
	"abstain/metrics"
)

// settle waits until a further change of a file would have another time.
func settle() { time.Sleep(150 * time.Millisecond) }

// TestContentDecides: a file of the same size with the time of modification set back, as
// cp -p and rsync -t leave it, is another table; a file that was only touched is the same.
func TestContentDecides(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "m.csv")
	rows := "sample_id,confidence,correct\n" + scores(50)
	other := strings.Replace(rows, ",1\n", ",0\n", 1)
	before := time.Now().Add(-time.Hour)
	put := func(content string, replace bool) {
		t.Helper()
		name := table
		if replace {
			name += ".new"
		}
		err := errors.Join(os.WriteFile(name, []byte(content), 0o600), os.Chtimes(name, before, before))
		if replace {
			err = errors.Join(err, os.Rename(name, table))
		}
		if err != nil {
			t.Fatal(err)
		}
		settle()
	}
	cfg := harness.Config{Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")}
	run := func() (cached int, accuracy float64) {
		t.Helper()
		c, err := datasets.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Corpora = []*datasets.Corpus{c}
		r := mustRun(t, cfg)
		return r.Run.Counts.Cached, r.Rows[0].Cells[0].Value
	}
	put(rows, false)
	_, first := run()
	if cached, again := run(); cached != 1 || again != first {
		t.Error("an unchanged table is computed again")
	}
	for _, replace := range []bool{false, true} {
		put(other, replace)
		cfg.TrustTimes = true
		if cached, trusted := run(); cached != 1 || trusted != first {
			t.Error("--trust-times hashes a file of the same size and time")
		}
		cfg.TrustTimes = false
		if _, changed := run(); changed == first {
			t.Errorf("replaced %v: the accuracy is that of the file before", replace)
		}
		put(rows, replace)
		if cached, back := run(); cached != 1 || back != first {
			t.Errorf("replaced %v: not that of the file again", replace)
		}
	}
}

// meddling is a file system in which a file is changed while it is read.
type meddling struct {
	fs.FS
	once   sync.Once
	change func() // nil until the corpus is open
}

func (m *meddling) Open(name string) (fs.File, error) {
	f, err := m.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".csv") {
		return f, err
	}
	return &meddled{f, m}, nil
}

type meddled struct {
	fs.File
	m *meddling
}

func (f *meddled) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	if f.m.change != nil {
		f.m.once.Do(f.m.change)
	}
	return n, err
}

// TestChangedWhileRead: a table that is replaced or written into while it is read fails,
// and the next run has its numbers.
func TestChangedWhileRead(t *testing.T) {
	rows := "sample_id,confidence,correct\n" + scores(50)
	other := strings.Replace(rows, ",1\n", ",0\n", 1)
	for _, replace := range []bool{false, true} {
		dir := t.TempDir()
		table := filepath.Join(dir, "m.csv")
		write(t, rows, table)
		settle()
		m := &meddling{FS: os.DirFS(dir)}
		c := openFS(t, m)
		m.change = func() {
			if replace {
				write(t, other, dir, "new")
				if err := os.Rename(filepath.Join(dir, "new"), table); err != nil {
					t.Error(err)
				}
			} else {
				write(t, other, table)
			}
		}
		cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")}
		r := mustRun(t, cfg)
		if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Reason, "it was changed while it was read") {
			t.Fatalf("replaced %v: %+v", replace, r.Failures)
		}
		whole := cfg
		whole.Out = t.TempDir()
		mustRun(t, cfg)
		mustRun(t, whole)
		if !bytes.Equal(read(t, cfg.Out, "results.csv"), read(t, whole.Out, "results.csv")) {
			t.Errorf("replaced %v: other results afterwards", replace)
		}
	}
}

// TestDigestsOfManifest: check writes them, and a run refuses any other content, in every
// format: 40 mutations of each file, or 30 000 with -long.
func TestDigestsOfManifest(t *testing.T) {
	times := 40
	if *long {
		times = 30000
	}
	dir := t.TempDir()
	manifest := "file,model,dataset,note\nm.csv,c,d,\"a, b\"\nm.jsonl,j,d,\nm.arrow,a,d,\nm.parquet,p,e,\n"
	write(t, manifest, dir, "manifest.csv")
	write(t, random(1, 30, 3)+"\n", dir, "m.csv")
	write(t, `{"confidence": 0.5, "correct": true}`+"\n"+`{"confidence": 0.25, "correct": false}`+"\n", dir, "m.jsonl")
	var b bytes.Buffer
	if err := ipc.Write(&b, []ipc.Column{ipc.Ints("label", ipc.Int16, []int32{0, 1, 1}), ipc.Vectors("logits", ipc.Float32, 2, []float32{1, 0, 0, 2, 3, 0})}, ipc.Options{}); err != nil {
		t.Fatal(err)
	}
	write(t, b.String(), dir, "m.arrow")
	write(t, string(read(t, "..", "datasets", "parquet", "testdata", "writers", "arrow-go-lz4.parquet")), dir, "m.parquet")
	open := func() []*datasets.Corpus {
		t.Helper()
		c, err := datasets.Open(dir)
		if err != nil || len(c.Problems) > 0 {
			t.Fatal(err, c)
		}
		return []*datasets.Corpus{c}
	}
	findings, err := harness.Check(t.Context(), open(), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range findings {
		findings[i].Problems = nil // other samples than each other
		findings[i].Rows = max(findings[i].Rows, 1)
	}
	if n, err := harness.WriteDigests(t.Context(), open(), findings, 2); err != nil || n != 4 {
		t.Fatal(n, err)
	}
	lines := strings.Split(string(read(t, dir, "manifest.csv")), "\n")
	if lines[0] != "file,model,dataset,note,rows,digest" || !strings.HasPrefix(lines[1], `m.csv,c,d,"a, b",30,xxh128:`) {
		t.Fatalf("%q", lines[:2])
	}
	for place, name := range []string{"m.csv", "m.jsonl", "m.arrow", "m.parquet"} {
		content := read(t, dir, name)
		draw := rand.New(rand.NewPCG(2, uint64(place)))
		silent := 0
		for range times {
			what, damaged := damage(content, draw)
			if bytes.Equal(damaged, content) {
				continue
			}
			write(t, string(damaged), dir, name)
			table := open()[0].Tables[place]
			r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{{Name: "one", Tables: []datasets.Table{table}}}, Out: t.TempDir(),
				Metrics: metrics.MustMeasures("accuracy"), Workers: 1})
			if len(r.Failures) == 0 {
				silent++
				t.Errorf("%s: %s: accepted", name, what)
			}
		}
		t.Logf("%s: %d mutations, %d silent", name, times, silent)
		write(t, string(content), dir, name)
	}
}
