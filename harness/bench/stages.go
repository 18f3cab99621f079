// Package bench measures where the time of a run goes, on the user's own
// machine: it writes a synthetic corpus of any size and times each stage of the
// pipeline on it beside a plain read of the same files. It may import harness,
// datasets and metrics.
package bench

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/gather"
	"abstain/metrics"
)

// Stage is one part of the pipeline, timed over a whole corpus.
type Stage struct {
	Name    string
	About   string
	Bytes   int64
	Seconds float64
	// Memory is the most that the program held at the end of any table, in bytes,
	// mapped files left out; 0 but for the whole run.
	Memory int64
}

// Rate is the throughput in bytes a second.
func (s Stage) Rate() float64 { return float64(s.Bytes) / max(s.Seconds, 1e-9) }

// Stages times the corpus stage by stage: a plain read, reading batches,
// gathering outcomes, computing metrics from them (these on one thread), and a
// whole run with the given number of workers into a folder that is removed
// again. The plain read comes first and brings the files into the page cache if
// they fit.
func Stages(ctx context.Context, corpus *datasets.Corpus, workers int) ([]Stage, error) {
	var bytes int64
	for _, t := range corpus.Tables {
		bytes += t.Size
	}
	var gathered []*metrics.Outcomes
	steps := []struct {
		name, about string
		do          func() error
	}{
		{"warm-up", "a first plain read", func() error { return each(ctx, corpus, plainRead) }},
		{"plain read", "read(2) into one megabyte", func() error { return each(ctx, corpus, plainRead) }},
		{"batches", "tables opened, checked, handed out in batches", func() error { return each(ctx, corpus, readBatches) }},
		{"outcomes", "the same, with the row kernel on every row", func() error {
			return each(ctx, corpus, func(t datasets.Table) error {
				o, err := gather.Outcomes(ctx, t)
				gathered = append(gathered, o)
				return err
			})
		}},
		{"metrics", "outcomes ranked, all default metrics", func() error { return evaluateAll(gathered) }},
	}
	var stages []Stage
	for _, s := range steps {
		began := time.Now()
		if err := s.do(); err != nil {
			return nil, err
		}
		stages = append(stages, Stage{s.name, s.about, bytes, time.Since(began).Seconds(), 0})
	}
	gathered = nil // a run keeps the outcomes of one table for each worker
	debug.FreeOSMemory()
	began := time.Now()
	memory, err := wholeRun(ctx, corpus, workers)
	stages = append(stages, Stage{"run", "a whole run, results written", bytes, time.Since(began).Seconds(), memory})
	return stages[1:], err
}

func each(ctx context.Context, c *datasets.Corpus, do func(datasets.Table) error) error {
	for _, t := range c.Tables {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := do(t); err != nil {
			return err
		}
	}
	return nil
}

func plainRead(t datasets.Table) error {
	f, err := t.FS.Open(t.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.CopyBuffer(discard{}, onlyReader{f}, make([]byte, 1<<20))
	return err
}

// discard and onlyReader keep io.CopyBuffer from taking a shorter way than
// through the buffer.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

type onlyReader struct{ fs.File }

func readBatches(t datasets.Table) error {
	r, err := datasets.OpenTable(t)
	if err != nil {
		return err
	}
	defer r.Close()
	var touched float32
	for b, err := range r.Batches() {
		if err != nil {
			return err
		}
		for i := 0; i < len(b.F32); i += 16 { // a value of every cache line
			touched += b.F32[i]
		}
	}
	runtime.KeepAlive(touched)
	return nil
}

func evaluateAll(gathered []*metrics.Outcomes) error {
	measures := metrics.MeasuresIn(metrics.InDefault)
	for _, o := range gathered {
		r := metrics.Rank(o, &o.Confidences[0])
		for _, m := range measures {
			m.Of(r)
		}
	}
	return nil
}

// wholeRun evaluates the corpus with the default metrics, without intervals, into
// a folder that is removed again, and returns the memory it took.
func wholeRun(ctx context.Context, c *datasets.Corpus, workers int) (memory int64, err error) {
	out, err := os.MkdirTemp("", "abstain-bench-*")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(out)
	p := new(peak)
	_, err = harness.Run(ctx, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Workers: workers, Progress: p})
	return p.most, err
}

// peak looks at the memory of the program whenever a table is done.
type peak struct{ most int64 }

func (*peak) Start(int, int64)      {}
func (p *peak) Table(harness.Event) { p.most = max(p.most, anonymous()) }

// anonymous is the memory of the program that no file stands behind: what Linux
// says, elsewhere what the Go runtime has taken.
func anonymous() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var kilobytes int64
		if n, _ := fmt.Sscanf(line, "RssAnon: %d kB", &kilobytes); n == 1 {
			return kilobytes << 10
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}
