package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"abstain/datasets/ipc"
)

// Shape is the size of a synthetic corpus.
type Shape struct {
	Models, Samples, Classes int // Classes 0: score-only tables
}

// Bytes is the size of the class vectors or scores of the whole corpus.
func (s Shape) Bytes() int64 {
	return int64(s.Models) * int64(s.Samples) * int64(max(4*s.Classes, 8))
}

// rowsPerBatch is the record batch of the tables, a common choice of writers.
const rowsPerBatch = 4096

// Generate writes a corpus of that shape into dir: normal logits with the true
// class raised, by a little less from model to model, as uncompressed Arrow
// files with a manifest. Samples and labels are shared, every number depends on
// the shape only. A table that is there already is kept.
func Generate(ctx context.Context, dir string, s Shape) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	manifest := []string{"file,model,dataset,split,condition,rows,regime"}
	for m := range s.Models {
		name := fmt.Sprintf("synthetic-%04d", m)
		manifest = append(manifest, fmt.Sprintf("%s.arrow,%s,synthetic-%dx%d,test,clean,%d,synthetic", name, name, s.Samples, s.Classes, s.Samples))
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeTable(filepath.Join(dir, name+".arrow"), s, m); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte(strings.Join(manifest, "\n")+"\n"), 0o644)
}

func writeTable(path string, s Shape, model int) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	var b bytes.Buffer
	if err := ipc.Write(&b, s.columns(model), ipc.Options{Rows: rowsPerBatch}); err != nil {
		return err
	}
	part := path + ".part"
	if err := os.WriteFile(part, b.Bytes(), 0o644); err != nil {
		return err
	}
	return os.Rename(part, path)
}

func (s Shape) columns(model int) []ipc.Column {
	ids, labels := make([]int64, s.Samples), make([]int64, s.Samples)
	shared := rand.New(rand.NewPCG(1, 2))
	for i := range ids {
		ids[i], labels[i] = int64(i), int64(shared.IntN(max(s.Classes, 2)))
	}
	own := rand.New(rand.NewPCG(3, uint64(model)))
	columns := []ipc.Column{ipc.Ints("sample_id", ipc.Int64, ids)}
	if s.Classes == 0 {
		confidence, correct := make([]float32, s.Samples), make([]bool, s.Samples)
		for i := range confidence {
			confidence[i] = own.Float32()
			correct[i] = own.Float32() < confidence[i]
		}
		return append(columns, ipc.Floats("confidence", ipc.Float32, confidence), ipc.Bools("correct", correct))
	}
	logits := make([]float32, s.Samples*s.Classes)
	raise := float32(5) * (1 - float32(model)/float32(4*s.Models))
	for i := range labels {
		row := logits[i*s.Classes : (i+1)*s.Classes]
		for c := range row {
			row[c] = float32(own.NormFloat64())
		}
		row[labels[i]] += raise
	}
	return append(columns, ipc.Ints("label", ipc.Int32, labels), ipc.Vectors("logits", ipc.Float32, s.Classes, logits))
}
