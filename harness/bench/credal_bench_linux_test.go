package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"abstain/datasets"
	"abstain/datasets/ipc"
	"abstain/harness"
	"abstain/harness/posthoc/hedge"
	"abstain/metrics"
)

// BenchmarkCredal is what credal inference adds to a run over a pair of a thousand classes:
// the run with it less the run without it. Beside it stand the two judged tables, read and
// looked at (x-read), with the row kernel (x-kernel), and the whole run without it (x-run).
func BenchmarkCredal(b *testing.B) {
	for _, ask := range []string{"divergence=kl", "divergence=alpha,alpha=1.2", "divergence=tv"} {
		for _, confidence := range []string{"msp", "score:*"} {
			b.Run(ask+"/"+confidence, func(b *testing.B) { besideReading(b, ask, confidence) })
		}
	}
}

func besideReading(b *testing.B, ask, confidence string) {
	const judged, calibration = 8000, 1000
	corpus := pairOf(b, judged, calibration, 1000)
	asked, err := hedge.Parse("cloud=m0,edge=m1," + ask)
	if err != nil {
		b.Fatal(err)
	}
	cfg := harness.Config{Corpora: []*datasets.Corpus{corpus}, Workers: 1, Metrics: metrics.MustMeasures("accuracy", "ece", "aurc"),
		Confidences: []string{"msp", confidence}[:1+len(confidence)/7]}
	var two harness.Config
	two.Workers = 1
	two.Corpora = []*datasets.Corpus{{Name: corpus.Name}}
	for _, t := range corpus.Tables {
		if t.Split == "test" {
			two.Corpora[0].Tables = append(two.Corpora[0].Tables, t)
		}
	}
	var with, without, read, alone time.Duration
	least := func(of *time.Duration, do func() error) {
		began := processorTime(b)
		if err := do(); err != nil {
			b.Fatal(err)
		}
		if d := processorTime(b) - began; *of == 0 || d < *of {
			*of = d
		}
	}
	run := func(asked *hedge.Asked) func() error {
		return func() error {
			cfg.Credal, cfg.Out = asked, b.TempDir()
			_, err := harness.Run(context.Background(), cfg)
			return err
		}
	}
	for b.Loop() {
		least(&read, func() error { return alike(two, func() func(datasets.Table) error { return readBatches }) })
		least(&alone, func() error { return alike(two, kernel) })
		least(&without, run(nil))
		least(&with, run(asked))
	}
	added := (with - without).Seconds()
	b.ReportMetric(1e6*added/judged, "us/row")
	b.ReportMetric(added/read.Seconds(), "x-read")
	b.ReportMetric(added/alone.Seconds(), "x-kernel")
	b.ReportMetric(added/without.Seconds(), "x-run")
}

// processorTime is what the process has used, so that others on the machine do not count.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// pairOf writes two models, each with a split to judge and one to calibrate on.
func pairOf(b *testing.B, judged, calibration, classes int) *datasets.Corpus {
	dir := b.TempDir()
	manifest := "file,model,dataset,split,condition\n"
	for m := range 2 {
		for split, n := range map[string]int{"test": judged, "val": calibration} {
			file := fmt.Sprintf("m%d-%s.arrow", m, split)
			manifest += fmt.Sprintf("%s,m%d,synthetic,%s,clean\n", file, m, split)
			var out bytes.Buffer
			if err := ipc.Write(&out, trained(n, classes, m), ipc.Options{Rows: rowsPerBatch}); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), out.Bytes(), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte(manifest), 0o644); err != nil {
		b.Fatal(err)
	}
	c, err := datasets.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// trained are logits spread as those of a trained network are, of which most rows have a
// clear first class.
func trained(n, classes, model int) []ipc.Column {
	rng := rand.New(rand.NewPCG(uint64(n), 1))
	labels, ids, logits := make([]int64, n), make([]int64, n), make([]float32, n*classes)
	for i := range ids {
		ids[i], labels[i] = int64(i), int64(rng.IntN(classes))
		row := logits[i*classes : (i+1)*classes]
		for c := range row {
			row[c] = float32(2*rng.NormFloat64()) + float32(model)*float32(rng.NormFloat64())
		}
		row[labels[i]] += float32(9 + 3*rng.NormFloat64())
	}
	return []ipc.Column{ipc.Ints("sample_id", ipc.Int64, ids), ipc.Ints("label", ipc.Int32, labels), ipc.Vectors("logits", ipc.Float32, classes, logits)}
}
