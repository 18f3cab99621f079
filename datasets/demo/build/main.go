// Command build makes the embedded corpus and its golden table from the full
// corpus fashion-523:
//
//	go run ./datasets/demo/build FOLDER
//
// where FOLDER has a manifest.csv naming the tables of fashion-523. It is run
// from the module's root when the form of the embedded corpus changes.
package main

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/datasets/ipc"
)

const target = "datasets/demo"

// rows is how many rows of each split are kept.
var rows = map[string]int{"test": 1000, "val": 125, "shift": 100, "adv": 150, "ood": 300}

// kept are the metadata columns that describe models, not files.
var kept = []string{"score_kind", "family", "regime", "regime_detail", "params", "seed", "teacher", "base", "train_rows", "epochs", "train_seconds"}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./datasets/demo/build FOLDER")
		os.Exit(2)
	}
	if err := build(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func build(folder string) error {
	corpus, err := datasets.Open(folder)
	if err != nil {
		return err
	}
	manifest := [][]string{append([]string{"file", "model", "dataset", "split", "condition", "rows"}, kept...)}
	expected := [][]string{append([]string{"model", "split", "condition"}, referenceColumns...)}
	for _, t := range corpus.Tables {
		if t.Dataset != "fashion-523" || strings.HasPrefix(t.Condition, "alt-") {
			continue
		}
		full, err := read(t)
		if err != nil {
			return err
		}
		small := full.shrink(rows[t.Split])
		file := strings.TrimSuffix(t.Path, filepath.Ext(t.Path)) + ".arrow"
		if err := small.write(filepath.Join(target, file)); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
		// the golden values are computed from what a reader of the file sees
		t.FS, t.Path, t.Rows = os.DirFS(target), file, len(small.ids)
		stored, err := read(t)
		if err != nil {
			return err
		}
		line := []string{file, t.Model, t.Dataset, t.Split, t.Condition, strconv.Itoa(len(small.ids))}
		for _, k := range kept {
			line = append(line, t.Meta.Get(k))
		}
		manifest = append(manifest, line)
		expected = append(expected, append([]string{t.Model, t.Split, t.Condition}, stored.reference(t.Meta.Get("score_kind"))...))
	}
	if err := writeCSV(filepath.Join(target, "manifest.csv"), manifest); err != nil {
		return err
	}
	return writeCSV(filepath.Join(target, "expected.csv"), expected)
}

// predictions is one table in memory.
type predictions struct {
	kind       datasets.Kind
	classes    int
	ids        []int64
	labels     []int64
	vectors    []float32
	prediction []int64
	confidence []float64
	source     []string // where out-of-distribution rows come from; nil if not stored
}

func read(t datasets.Table) (*predictions, error) {
	r, err := datasets.OpenTable(t)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p := &predictions{kind: r.Schema().Kind, classes: r.Schema().Classes}
	source := slices.Index(r.Schema().Groups, "source")
	var ids datasets.IDs
	for b, err := range r.Batches() {
		if err != nil {
			return nil, err
		}
		ids.Int = append(ids.Int, b.ID.Int...)
		for _, s := range b.ID.Text {
			ids.Text = append(ids.Text, strings.Clone(s))
		}
		for _, v := range b.F64 {
			p.vectors = append(p.vectors, float32(v))
		}
		p.vectors = append(p.vectors, b.F32...)
		p.confidence = append(p.confidence, b.Confidence...)
		for i := range b.N {
			p.labels = append(p.labels, int64(b.Label[i]))
			if b.Prediction != nil {
				p.prediction = append(p.prediction, int64(b.Prediction[i]))
			}
			if source >= 0 {
				p.source = append(p.source, strings.Clone(b.Groups[source][i]))
			}
		}
	}
	p.ids = ids.Canonical().Int
	return p, nil
}

// shrink keeps the first n rows in the order of the sample ids, the same number
// from each source.
func (p *predictions) shrink(n int) *predictions {
	order := make([]int, len(p.ids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(p.ids[a], p.ids[b]) })
	each := n
	if p.source != nil {
		each = n / len(slices.Compact(slices.Sorted(slices.Values(p.source))))
	}
	s := &predictions{kind: p.kind, classes: p.classes}
	taken := map[string]int{}
	for _, i := range order {
		source := ""
		if p.source != nil {
			source = p.source[i]
		}
		if taken[source]++; taken[source] <= each {
			s.append(p, i)
		}
	}
	return s
}

func (s *predictions) append(p *predictions, i int) {
	s.ids, s.labels = append(s.ids, p.ids[i]), append(s.labels, p.labels[i])
	if p.vectors != nil {
		s.vectors = append(s.vectors, p.vectors[i*p.classes:(i+1)*p.classes]...)
	}
	if p.prediction != nil {
		s.prediction = append(s.prediction, p.prediction[i])
	}
	if p.confidence != nil {
		s.confidence = append(s.confidence, p.confidence[i])
	}
	if p.source != nil {
		s.source = append(s.source, p.source[i])
	}
}

func (s *predictions) write(path string) error {
	width := ipc.Int16
	if slices.Max(s.ids) > math.MaxInt16 {
		width = ipc.Int32
	}
	columns := []ipc.Column{ipc.Ints("sample_id", width, s.ids), ipc.Ints("label", ipc.Int8, s.labels)}
	switch s.kind {
	case datasets.Logits:
		columns = append(columns, ipc.Vectors("logits", ipc.Float16, s.classes, s.vectors))
	case datasets.Probs:
		columns = append(columns, ipc.Vectors("probs", ipc.Float32, s.classes, s.coarse()))
	case datasets.Score:
		columns = append(columns, ipc.Ints("prediction", ipc.Int8, s.prediction), ipc.Floats("confidence", ipc.Float32, s.confidence))
	}
	if s.source != nil {
		columns = append(columns, ipc.Dictionary("source", s.source))
	}
	var b bytes.Buffer
	if err := ipc.Write(&b, columns, ipc.Options{Zstd: true}); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// coarse returns the class vectors with every value rounded to 9 significant
// bits, which ZSTD compresses well, except the largest of each row. The largest
// is the confidence: it stays exact, because float16 would make ties near 1. A
// row whose sum would be off too far stays as it is.
func (s *predictions) coarse() []float32 {
	rounded := make([]float32, len(s.vectors))
	for i := 0; i < len(s.vectors); i += s.classes {
		row, to := s.vectors[i:i+s.classes], rounded[i:i+s.classes]
		top := slices.Max(row)
		moved := float32(0)
		for c, v := range row {
			to[c] = v
			if v < top {
				const dropped = 15
				bits := math.Float32bits(v) + 1<<(dropped-1)
				to[c] = min(math.Float32frombits(bits>>dropped<<dropped), top)
			}
			moved += to[c] - v
		}
		if moved > 5e-4 || moved < -5e-4 {
			copy(to, row)
		}
	}
	return rounded
}

func writeCSV(path string, rows [][]string) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}
