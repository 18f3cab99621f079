package datasets

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/datasets/numpy"
	"abstain/datasets/safetensors"
)

// ndarray is an array as a test writes it: little-endian, in C order.
type ndarray struct {
	name, npy, st string // the codes of its type
	shape         []int
	bytes         []byte
}

func arrayOf[T any](name, npy, st string, values []T, shape ...int) ndarray {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, values); err != nil {
		panic(err)
	}
	return ndarray{name, npy, st, shape, b.Bytes()}
}

func (a ndarray) npyFile() []byte {
	shape := strings.Trim(strings.ReplaceAll(fmt.Sprint(a.shape), " ", ", "), "[]")
	h := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", a.npy, shape)
	h += strings.Repeat(" ", 63-(10+len(h))%64) + "\n"
	return slices.Concat([]byte("\x93NUMPY\x01\x00"), binary.LittleEndian.AppendUint16(nil, uint16(len(h))),
		[]byte(h), a.bytes)
}

// npzFile writes members whose values begin at odd addresses if pad is odd.
func npzFile(t testing.TB, method uint16, pad int, arrays ...ndarray) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, a := range arrays {
		h := &zip.FileHeader{Name: a.name + ".npy", Method: method}
		if pad > 0 {
			extra := binary.LittleEndian.AppendUint16([]byte("ZZ"), uint16(pad))
			h.Extra = append(extra, make([]byte, pad)...)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write(a.npyFile())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stFile writes a header of a length that is a multiple of align, plus one if align is 1.
func stFile(t testing.TB, align int, arrays ...ndarray) []byte {
	var body []byte
	var entries []string
	for _, a := range arrays {
		shape, err := json.Marshal(a.shape)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, fmt.Sprintf(`%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, a.name, a.st,
			shape, len(body), len(body)+len(a.bytes)))
		body = append(body, a.bytes...)
	}
	h := "{" + strings.Join(entries, ",") + "}"
	for len(h)%8 != align%8 {
		h += " "
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), []byte(h), body)
}

// example is the same table in all formats.
type example struct {
	arrays  []ndarray
	columns []ipc.Column
}

func newExample(rng *rand.Rand, rows, classes int, float string) example {
	labels, ids := make([]int64, rows), make([]int64, rows)
	for i := range labels {
		labels[i], ids[i] = rng.Int64N(int64(classes)), rng.Int64N(1<<50)
	}
	x := example{
		arrays:  []ndarray{arrayOf("label", "<i8", "I64", labels, rows), arrayOf("sample_id", "<i8", "I64", ids, rows)},
		columns: []ipc.Column{ipc.Ints("label", ipc.Int64, labels), ipc.Ints("sample_id", ipc.Int64, ids)},
	}
	n := rows * classes
	switch float {
	case "float16": // values that Arrow's writer does not have to round
		halves, wide := make([]uint16, n), make([]float32, n)
		for i := range halves {
			halves[i] = uint16(rng.UintN(0x7c00)) | uint16(rng.UintN(2))<<15
			wide[i] = column.Half(halves[i])
		}
		x.arrays = append(x.arrays, arrayOf("logits", "<f2", "F16", halves, rows, classes))
		x.columns = append(x.columns, ipc.Vectors("logits", ipc.Float16, classes, wide))
	case "float32":
		v := make([]float32, n)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		x.arrays = append(x.arrays, arrayOf("logits", "<f4", "F32", v, rows, classes))
		x.columns = append(x.columns, ipc.Vectors("logits", ipc.Float32, classes, v))
	case "float64":
		v := make([]float64, n)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		x.arrays = append(x.arrays, arrayOf("logits", "<f8", "F64", v, rows, classes))
		x.columns = append(x.columns, ipc.Vectors("logits", ipc.Float64, classes, v))
	}
	return x
}

// sources opens the table in all formats, from memory and from disk.
func (x example) sources(t testing.TB) map[string]func() column.Source {
	sources := map[string]func() column.Source{}
	dir := t.TempDir()
	add := func(name string, b []byte, open func(at io.ReaderAt, size int64) (column.Source, error)) {
		must := func(at io.ReaderAt) column.Source {
			s, err := open(at, int64(len(b)))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return s
		}
		file := onDiskFile(t, dir, name, b)
		sources[name+" from memory"] = func() column.Source { return must(bytes.NewReader(b)) }
		sources[name+" from disk"] = func() column.Source { return must(file) }
	}
	zipped := func(at io.ReaderAt, size int64) (column.Source, error) { return numpy.OpenZip(at, size, "x.npz") }
	add("arrow", arrow(t, ipc.Options{}, x.columns...), func(at io.ReaderAt, size int64) (column.Source,
		error) {
		return ipc.Open(at, size)
	})
	add("stored", npzFile(t, zip.Store, 0, x.arrays...), zipped)
	add("stored at odd addresses", npzFile(t, zip.Store, 1, x.arrays...), zipped)
	add("deflated", npzFile(t, zip.Deflate, 0, x.arrays...), zipped)
	add("safetensors", stFile(t, 8, x.arrays...), safetensors.Open)
	add("safetensors at odd addresses", stFile(t, 1, x.arrays...), safetensors.Open)
	sources["npy"] = func() column.Source {
		var files []numpy.File
		for _, a := range x.arrays {
			b := a.npyFile()
			files = append(files, numpy.File{Column: a.name, Name: a.name + ".npy", At: onDiskFile(t, dir, a.name,
				b), Size: int64(len(b))})
		}
		s, err := numpy.OpenFiles(files)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	return sources
}

func onDiskFile(t testing.TB, dir, name string, b []byte) *os.File {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// batches reads a source through the same code as any table.
func batches(t testing.TB, name string, s column.Source, half bool) []Batch {
	r, err := newReader(Table{Name: name, Rows: -1}, s, nil, nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer r.Close()
	if half {
		r.KeepHalf()
	}
	var list []Batch
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, Batch{First: b.First, N: b.N, ID: IDs{Int: slices.Clone(b.ID.Int)},
			Label: slices.Clone(b.Label),
			F16:   slices.Clone(b.F16), F32: slices.Clone(b.F32), F64: slices.Clone(b.F64)})
	}
	return list
}

// The same values give the same batches in every format, wherever they lie.
func TestArraysAgreeWithArrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{1, 2}, {300, 7}, {700, 211}, {9000, 3}} {
		for _, float := range []string{"float16", "float32", "float64"} {
			sources := newExample(rng, size[0], size[1], float).sources(t)
			for _, half := range []bool{false, true} {
				want := batches(t, "arrow", sources["arrow from memory"](), half)
				for name, open := range sources {
					if got := batches(t, name, open(), half); !reflect.DeepEqual(got, want) {
						t.Errorf("%d x %d %s, half %v: %s differs from Arrow", size[0], size[1], float, half, name)
					}
				}
			}
		}
	}
}

// transposed is a .npy file of the array in Fortran order.
func (a ndarray) transposed() []byte {
	rows, width := a.shape[0], a.shape[1]
	size := len(a.bytes) / rows / width
	t := a
	t.bytes = make([]byte, 0, len(a.bytes))
	for k := range width {
		for i := range rows {
			at := (i*width + k) * size
			t.bytes = append(t.bytes, a.bytes[at:at+size]...)
		}
	}
	return bytes.Replace(t.npyFile(), []byte("False, "), []byte("True , "), 1)
}

// Arrays in Fortran order, of more rows than are collected together, are the same.
func TestFortranOrder(t *testing.T) {
	x := newExample(rand.New(rand.NewPCG(5, 6)), 5000, 301, "float32")
	want := batches(t, "C order", x.sources(t)["npy"](), false)
	label, logits := x.arrays[0], x.arrays[2]
	var files []numpy.File
	for name, b := range map[string][]byte{"label": label.npyFile(), "logits": logits.transposed()} {
		files = append(files, numpy.File{Column: name, Name: name + ".npy", At: onDiskFile(t, t.TempDir(), name, b),
			Size: int64(len(b))})
	}
	s, err := numpy.OpenFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	got := batches(t, "Fortran order", s, false)
	for i := range got {
		got[i].ID = want[i].ID
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("values differ from those in C order")
	}
}

// A compressed array is read in little memory, whatever its size.
func TestStreamedMemory(t *testing.T) {
	const rows, classes, limit = 20_000, 300, 4 << 20
	zeros := ndarray{name: "logits", npy: "<f4", shape: []int{rows, classes}, bytes: make([]byte, 4*rows*classes)}
	b := npzFile(t, zip.Deflate, 0, zeros, arrayOf("label", "|i1", "I8", make([]int8, rows), rows))
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	s, err := numpy.OpenZip(bytes.NewReader(b), int64(len(b)), "x.npz")
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(Table{Name: "x", Rows: -1}, s, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		n += b.N
	}
	metrics.Read(sample)
	if used := sample[0].Value.Uint64() - before; n != rows || used > limit {
		t.Errorf("%d rows, %d bytes allocated, want %d rows and at most %d bytes", n, used, rows, limit)
	}
}

// Bytes that a file's reader passes on are the file's, whichever columns are read.
func TestArraysAreHashedWhileRead(t *testing.T) {
	x := newExample(rand.New(rand.NewPCG(3, 4)), 700, 211, "float32")
	dir := t.TempDir()
	onDiskFile(t, dir, "x.npz", npzFile(t, zip.Store, 0, x.arrays...))
	onDiskFile(t, dir, "x.safetensors", stFile(t, 8, x.arrays...))
	for _, name := range []string{"x.npz", "x.safetensors"} {
		table := Table{FS: os.DirFS(dir), Path: name, Name: name, Rows: -1}
		readAll(t, table, true)
	}
	table := Table{FS: os.DirFS(dir), Rows: -1}
	var files []numpy.File
	for _, a := range x.arrays {
		f := onDiskFile(t, dir, a.name+".npy", a.npyFile())
		size := int64(len(a.npyFile()))
		files = append(files, numpy.File{Column: a.name, Name: a.name + ".npy", At: f, Size: size})
		table.Parts = append(table.Parts, Part{Path: a.name + ".npy", Size: size, Column: a.name})
	}
	s, err := numpy.OpenFiles(files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := newReader(table, s, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if !r.StartHash() {
		t.Fatal("files on disk cannot be hashed while they are read")
	}
	for _, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
	}
	want, err := table.Hash()
	if got, ok := r.Hash(); err != nil || !ok || got != want {
		t.Errorf("hash %q, %v, of the files %q, %v", got, ok, want, err)
	}
}

// BenchmarkArrays compares reading 200 MB of class vectors from files of arrays with
// reading an Arrow file of the same values: touching each cache line, or, "used", adding
// all values up, which is about what the row kernel takes. The ways alternate; the ratios
// are those of the fastest rounds.
func BenchmarkArrays(b *testing.B) {
	const rows, classes = 50_000, 1000
	for _, use := range []struct {
		name string
		of   func([]float32)
	}{{"touched", touchLines}, {"used", addUp}} {
		b.Run(use.name, func(b *testing.B) {
			sources := newExample(rand.New(rand.NewPCG(1, 2)), rows, classes, "float32").sources(b)
			names := []string{"arrow from disk", "npy", "stored from disk", "stored at odd addresses from disk",
				"safetensors from disk"}
			best := make([]float64, len(names))
			for b.Loop() {
				for i, name := range names {
					s := sources[name]()
					start := time.Now()
					drain(b, s, use.of)
					if t := time.Since(start).Seconds(); best[i] == 0 || t < best[i] {
						best[i] = t
					}
				}
			}
			for i, short := range []string{"npy", "npz", "odd-npz", "safetensors"} {
				b.ReportMetric(best[i+1]/best[0], short+"/arrow")
			}
			b.ReportMetric(best[0]*1e3, "ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func touchLines(values []float32) {
	for i := 0; i < len(values); i += 16 {
		touched += values[i]
	}
}

func addUp(values []float32) {
	var a, b, c, d float32
	for ; len(values) >= 4; values = values[4:] {
		a, b, c, d = a+values[0], b+values[1], c+values[2], d+values[3]
	}
	touched += a + b + c + d
}

func drain(b *testing.B, s column.Source, use func([]float32)) {
	r, err := newReader(Table{Name: "x", Rows: -1}, s, nil, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	for batch, err := range r.Batches() {
		if err != nil {
			b.Fatal(err)
		}
		use(batch.F32)
	}
}
