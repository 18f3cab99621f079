package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// shared returns a path in the folder shared beside the repository, which holds
// data that is not part of it; without that folder the test is skipped.
func shared(t *testing.T, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	p := filepath.Join(filepath.Dir(dir), "shared", name)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("needs %s beside the repository: %v", filepath.Join("shared", name), err)
	}
	return p
}

// whole is a table read to its end.
type whole struct {
	schema Schema
	Batch
	sizes []int // rows of each batch
	notes []string
}

// readWhole reads a table batch by batch into one. A hash of what was read must be
// that of the file.
func readWhole(t Table) (*whole, error) {
	r, err := OpenTable(t)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	hashed := r.(Hasher).StartHash()
	w := &whole{schema: r.Schema()}
	w.Scores, w.Groups = make([][]float64, len(w.schema.Scores)), make([][]string, len(w.schema.Groups))
	for b, err := range r.Batches() {
		if err != nil {
			return w, err
		}
		if b.First != w.N {
			return w, errors.New("a batch does not begin where the last ended")
		}
		w.add(b)
	}
	w.notes = r.Notes()
	if got, ok := r.(Hasher).Hash(); hashed || ok {
		if want, err := t.Hash(); err != nil || got != want {
			return w, fmt.Errorf("hash of what was read %q, of the file %q (%v)", got, want, err)
		}
	}
	return w, nil
}

func (w *whole) add(b *Batch) {
	w.sizes = append(w.sizes, b.N)
	w.N += b.N
	w.ID.Int, w.ID.Text = append(w.ID.Int, b.ID.Int...), append(w.ID.Text, b.ID.Text...)
	w.Label, w.Prediction = append(w.Label, b.Label...), append(w.Prediction, b.Prediction...)
	w.F32, w.F64 = append(w.F32, b.F32...), append(w.F64, b.F64...)
	w.Correct, w.Confidence = append(w.Correct, b.Correct...), append(w.Confidence, b.Confidence...)
	for i := range b.Scores {
		w.Scores[i] = append(w.Scores[i], b.Scores[i]...)
	}
	for i := range b.Groups {
		w.Groups[i] = append(w.Groups[i], b.Groups[i]...)
	}
}

// file makes a table of some bytes.
func file(name string, contents []byte) Table {
	return Table{FS: fstest.MapFS{name: {Data: contents}}, Path: name, Name: name, Rows: -1, Size: int64(len(contents))}
}

func arrow(t testing.TB, o ipc.Options, columns ...ipc.Column) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := ipc.Write(&b, columns, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// checkError checks that err is an *Error with this place and this text.
func checkError(t *testing.T, err error, col string, row int, want string) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Errorf("error %v of type %T, want *Error", err, err)
		return
	}
	if e.Column != col || e.Row != row || !strings.Contains(e.Error()+" hint: "+e.Hint, want) {
		t.Errorf("error %q hint %q (column %q, row %d), want column %q, row %d, %q", e, e.Hint, e.Column, e.Row, col, row, want)
	}
}

func TestEveryTableOfTheCorpus(t *testing.T) {
	c, err := Open(shared(t, "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Problems) > 0 {
		t.Fatalf("%d problems, the first: %v", len(c.Problems), c.Problems[0])
	}
	kinds := map[string]Kind{"logits": Logits, "probs": Probs, "score": Score}
	models := map[string]bool{}
	for _, table := range c.Tables {
		w, err := readWhole(table)
		if err != nil {
			t.Error(err)
			continue
		}
		models[table.Dataset+" "+table.Model] = true
		layout, _, _ := strings.Cut(table.Meta.Get("layout"), "-")
		if w.N != table.Rows || w.schema.Kind != kinds[layout] || w.schema.Classes != countClasses(table.Meta.Get("classes")) {
			t.Errorf("%s: %d rows of %v with %d classes, manifest: %v", table.Name, w.N, w.schema.Kind, w.schema.Classes, table)
		}
		if len(w.Label) != w.N || w.ID.Len() != w.N || len(w.F32)+len(w.F64) != w.N*w.schema.Classes && w.schema.Kind != Score {
			t.Errorf("%s: %d labels, %d ids, %d values in %d rows", table.Name, len(w.Label), w.ID.Len(), len(w.F32)+len(w.F64), w.N)
		}
		if _, _, twice := w.ID.Canonical().Duplicate(); twice {
			t.Errorf("%s: an id stands twice", table.Name)
		}
	}
	if len(c.Tables) != 1916 || len(models) != 558 {
		t.Errorf("%d tables of %d models, want 1916 of 558", len(c.Tables), len(models))
	}
}

// The same predictions in other file formats and column layouts read as the same
// predictions.
func TestOtherContainersAreEqual(t *testing.T) {
	c, err := Open(shared(t, "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	clean := map[string]Table{}
	for _, table := range c.Tables {
		if table.Dataset == "fashion-523" && table.Split == "test" && table.Condition == "clean" {
			clean[table.Model] = table
		}
	}
	compared := 0
	for _, table := range c.Tables {
		if !strings.HasPrefix(table.Condition, "alt-") {
			continue
		}
		compared++
		t.Run(table.Condition+"/"+table.Model, func(t *testing.T) { compare(t, table, clean[table.Model]) })
	}
	if compared != 28 {
		t.Errorf("%d tables compared, want 28", compared)
	}
}

func compare(t *testing.T, a, b Table) {
	x, err := readWhole(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := readWhole(b)
	if err != nil {
		t.Fatal(err)
	}
	if x.schema.Kind != y.schema.Kind || x.schema.Classes != y.schema.Classes || x.N != y.N {
		t.Fatalf("%v, %d classes, %d rows; clean: %v, %d, %d", x.schema.Kind, x.schema.Classes, x.N, y.schema.Kind, y.schema.Classes, y.N)
	}
	rows := map[int64]int{}
	for i, id := range y.ID.Canonical().Int {
		rows[id] = i
	}
	for i, id := range x.ID.Canonical().Int {
		j, ok := rows[id]
		if !ok || x.Label[i] != y.Label[j] {
			t.Fatalf("row %d, id %d: label %d, clean has row %d", i, id, x.Label[i], j)
		}
		for k := range x.schema.Classes {
			if u, v := x.value(i*x.schema.Classes+k), y.value(j*y.schema.Classes+k); u != v {
				t.Fatalf("id %d, class %d: %g, clean %g", id, k, u, v)
			}
		}
	}
}

func (w *whole) value(i int) float64 {
	if w.F64 != nil {
		return w.F64[i]
	}
	return float64(w.F32[i])
}

func TestMalformedCorpusFiles(t *testing.T) {
	c, err := Open(shared(t, filepath.Join("corpus", "malformed")))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Tables) != 2 {
		t.Fatalf("%d tables, want 2", len(c.Tables))
	}
	for _, table := range c.Tables {
		_, err := readWhole(table)
		checkError(t, err, "sample_id", -1, "a compressed buffer declares")
		checkError(t, err, "sample_id", -1, filepath.Join("corpus", "malformed"))
		checkError(t, err, "sample_id", -1, "apache-arrow for JavaScript")
	}
}

func TestConformanceInputsOpen(t *testing.T) {
	c, err := Open(shared(t, filepath.Join("conformance", "inputs")))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Problems) > 0 || len(c.Skipped) != 2 || len(c.Tables) != 41 {
		t.Errorf("%d tables, %d skipped, problems %v; want 41, 2, none", len(c.Tables), len(c.Skipped), c.Problems)
	}
	for _, err := range c.Skipped {
		checkError(t, err, "", -1, "one row per model")
	}
	for _, table := range c.Tables {
		w, err := readWhole(table)
		if err != nil {
			t.Error(err)
			continue
		}
		kind, _, _ := strings.Cut(table.Model, "_")
		want := map[string]Kind{"bin": Score, "mc": Probs, "lg": Logits, "grp": Score, "ood": Score}[kind]
		if w.schema.Kind != want || w.N == 0 || (kind == "grp") != (len(w.schema.Groups) == 2) || w.schema.Correct != (kind == "bin") {
			t.Errorf("%s: %d rows, schema %+v", table.Name, w.N, w.schema)
		}
	}
}

// TestHash fixes the hash, because folders find the outcomes of their tables by
// it.
func TestHash(t *testing.T) {
	for n, want := range map[int]string{ // XXH3_128bits of the reference library
		0:       "99aa06d3014798d86001c324468d497f",
		1:       "06b05ab6733a618578af5f94892f3950",
		100_000: "76d02498dde50e9c645f5aaf34277221",
	} {
		if got := hashOf(t, bytes.Repeat([]byte("abc"), n)); got != want {
			t.Errorf("%d times abc: hash %s, want %s", n, got, want)
		}
	}
	_, err := Table{FS: fstest.MapFS{}, Path: "x", Name: "dir/x"}.Hash()
	checkError(t, err, "", -1, "dir/x: file does not exist")
}

func hashOf(t *testing.T, contents []byte) string {
	t.Helper()
	hash, err := file("a", contents).Hash()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// TestHashOfEveryByte: if a bit changes, a byte is lost or two blocks are
// exchanged, the hash changes.
func TestHashOfEveryByte(t *testing.T) {
	contents := make([]byte, 1300) // more than the hash processes at once
	for i := range contents {
		contents[i] = byte(i * i / 7)
	}
	seen := map[string]string{}
	see := func(what string, contents []byte) {
		hash := hashOf(t, contents)
		if other, ok := seen[hash]; ok {
			t.Errorf("%s: the same hash as %s", what, other)
		}
		seen[hash] = what
	}
	see("all", contents)
	step := 1
	if testing.Short() {
		step = 13 // every block of the hash is still changed and cut
	}
	for i := 0; i < len(contents); i += step {
		see(fmt.Sprintf("the first %d bytes", i), contents[:i])
		contents[i] ^= 1
		see(fmt.Sprintf("byte %d changed", i), contents)
		contents[i] ^= 1
	}
	see("blocks exchanged", slices.Concat(contents[64:128], contents[:64], contents[128:]))
}

func TestOpenTableErrors(t *testing.T) {
	dir := Table{FS: fstest.MapFS{"d/x": {}}, Path: "d", Name: "d", Rows: -1}
	_, err := OpenTable(dir)
	checkError(t, err, "", -1, "d: is a folder")
	_, err = OpenTable(file("x.arrow", nil))
	checkError(t, err, "", -1, "x.arrow: the file is empty")
	_, err = OpenTable(file("x.arrow", []byte("\x89PNG\r\n\x1a\n")))
	checkError(t, err, "", -1, "not a table: it begins with")
	_, err = OpenTable(Table{FS: fstest.MapFS{}, Path: "y.arrow", Name: "corpus/y.arrow"})
	checkError(t, err, "", -1, "corpus/y.arrow: file does not exist")
}

// sequential is a file system whose files can only be read from front to back.
type sequential struct{ fs.FS }

type sequentialFile struct{ fs.File }

func (s sequential) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	return sequentialFile{f}, err
}

func TestSequentialFiles(t *testing.T) {
	b := arrow(t, ipc.Options{}, ipc.Ints("label", ipc.Int8, []int{0, 1}), ipc.Vectors("probs", ipc.Float64, 2, []float64{1, 0, 0.5, 0.5}))
	table := file("x", b)
	table.FS = sequential{table.FS}
	w, err := readWhole(table)
	if err != nil || !slices.Equal(w.F64, []float64{1, 0, 0.5, 0.5}) {
		t.Errorf("read %v, error %v", w, err)
	}
}

func TestRowCount(t *testing.T) {
	table := file("x", arrow(t, ipc.Options{}, ipc.Bools("correct", []bool{true, false}), ipc.Floats("confidence", ipc.Float32, []float32{1, 0})))
	table.Rows = 3
	_, err := readWhole(table)
	checkError(t, err, "", -1, "2 rows where the manifest states 3")
	table.Rows = 2
	if _, err := readWhole(table); err != nil {
		t.Error(err)
	}
}

func TestBatchesOnce(t *testing.T) {
	r, err := OpenTable(file("x", arrow(t, ipc.Options{}, ipc.Bools("correct", []bool{true}), ipc.Floats("confidence", ipc.Float32, []float32{1}))))
	if err != nil {
		t.Fatal(err)
	}
	for range r.Batches() {
	}
	for _, err := range r.Batches() {
		checkError(t, err, "", -1, "read before")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

func TestSmallBatches(t *testing.T) {
	const rows, classes = 5000, 4
	b := arrow(t, ipc.Options{}, ipc.Ints("label", ipc.Int8, make([]int, rows)), ipc.Vectors("logits", ipc.Float16, classes, make([]float32, rows*classes)))
	w, err := readWhole(file("x", b))
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{column.MaxRows(classes), rows - column.MaxRows(classes)}; !slices.Equal(w.sizes, want) {
		t.Errorf("batches of %v rows, want %v", w.sizes, want)
	}
}
