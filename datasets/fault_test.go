package datasets

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"abstain/datasets/ipc"
)

// onDisk is a table large enough to be mapped: rows x 300 logits, all 1.
func onDisk(t testing.TB, rows int, o ipc.Options) Table {
	const classes = 300
	values := slices.Repeat([]float32{1}, rows*classes)
	labels := make([]int, rows)
	return stored(t, o, ipc.Ints("label", ipc.Int16, labels), ipc.Vectors("logits", ipc.Float32, classes, values))
}

// stored is a table of these columns in a file.
func stored(t testing.TB, o ipc.Options, columns ...ipc.Column) Table {
	b := arrow(t, o, columns...)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.arrow"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return Table{FS: os.DirFS(dir), Path: "x.arrow", Name: filepath.Join("corpus", "x.arrow"), Rows: -1, Size: int64(len(b))}
}

func needsMapping(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		t.Skip("files are not mapped here")
	}
}

func cut(t testing.TB, table Table) {
	t.Helper()
	f, err := table.FS.Open(table.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := os.Truncate(f.(*os.File).Name(), 10_000); err != nil {
		t.Fatal(err)
	}
}

// add sums a batch, like a consumer that is not prepared for faults.
func add(b *Batch) (sum float32) {
	for _, v := range b.F32 {
		sum += v
	}
	return sum
}

// consumers read a batch, each with another kind of code: compiled, the runtime's
// copying, and assembly with vector registers.
var consumers = map[string]func(*Batch) float32{
	"loop": add,
	"copy": func(b *Batch) float32 { return add(&Batch{F32: slices.Clone(b.F32)}) },
	"assembly": func(b *Batch) float32 {
		raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(b.F32))), 4*len(b.F32))
		return float32(bytes.Count(raw, []byte{0x3f})) // the first byte of a one
	},
}

// sumTable reads a table as a pool of workers does, and calls disturb after the
// first batch.
func sumTable(t *testing.T, table Table, use func(*Batch) float32, disturb func(*Batch)) (sum float32, err error) {
	t.Helper()
	r, err := OpenTable(table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != nil {
			if err = Fault(p); err == nil {
				panic(p)
			}
		}
	}()
	defer r.Close()
	for b, err := range r.Batches() {
		if err != nil {
			return sum, err
		}
		if b.First == 0 {
			disturb(b)
		}
		sum += use(b)
	}
	return sum, nil
}

// If a file is cut short while the loop's body reads a batch, that is an error of
// its table and not the end of the program, and the next table is read normally.
func TestCutInLoopBody(t *testing.T) {
	needsMapping(t)
	for name, use := range consumers {
		t.Run(name, func(t *testing.T) {
			table := onDisk(t, 3000, ipc.Options{Rows: 1000})
			_, err := sumTable(t, table, use, func(*Batch) { cut(t, table) })
			checkError(t, err, "", -1, "x.arrow: the file was cut short while it was read: 10000 of")
			checkError(t, err, "", -1, "rename them when they are complete")
			if sum, err := sumTable(t, onDisk(t, 3000, ipc.Options{}), use, func(*Batch) {}); err != nil || sum != 3000*300 {
				t.Errorf("sum %g, error %v", sum, err)
			}
		})
	}
}

// The same holds between two batches, and while the file is hashed.
func TestCutBetweenBatches(t *testing.T) {
	needsMapping(t)
	for _, hashed := range []bool{false, true} {
		table := onDisk(t, 3000, ipc.Options{Rows: 1000})
		r, err := OpenTable(table)
		if err != nil {
			t.Fatal(err)
		}
		h := r.(Hasher)
		if hashed && !h.StartHash() {
			t.Fatal("the file cannot be hashed")
		}
		var last error
		for _, err := range r.Batches() {
			if last = err; err == nil {
				cut(t, table)
			}
		}
		if last == nil {
			t.Error("no error")
		}
		if sum, ok := h.Hash(); ok {
			t.Errorf("a cut file has the hash %s", sum)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Other panics of the loop's body are passed on unchanged.
func TestPanicInLoopBody(t *testing.T) {
	mine := errors.New("mine")
	defer func() {
		if p := recover(); p != error(mine) {
			t.Errorf("panic %v, want %v", p, mine)
		}
	}()
	_, err := sumTable(t, onDisk(t, 1000, ipc.Options{}), add, func(*Batch) { panic(mine) })
	t.Errorf("no panic, error %v", err)
}

// hashing opens the table to be hashed while it is read; want is the hash.
func hashing(t *testing.T, table Table) (r Reader, want string) {
	t.Helper()
	want, err := table.Hash()
	if err != nil {
		t.Fatal(err)
	}
	if r, err = OpenTable(table); err != nil {
		t.Fatal(err)
	}
	if !r.(Hasher).StartHash() {
		t.Fatalf("%s: cannot be hashed", table.Name)
	}
	return r, want
}

func TestStartHash(t *testing.T) {
	needsMapping(t)
	files := map[string]Table{
		"mapped": onDisk(t, 3000, ipc.Options{}), "batches": onDisk(t, 3000, ipc.Options{Rows: 700}),
		"zstd": onDisk(t, 3000, ipc.Options{Zstd: true, Rows: 700}), "stream": onDisk(t, 3000, ipc.Options{Stream: true, Rows: 700}),
		"small": onDisk(t, 5, ipc.Options{}),
	}
	for name, table := range files {
		r, want := hashing(t, table)
		h := r.(Hasher)
		if sum, ok := h.Hash(); ok {
			t.Errorf("%s: hash %s before reading", name, sum)
		}
		for _, err := range r.Batches() {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got, ok := h.Hash(); !ok || got != want {
			t.Errorf("%s: hash %s, %v; want %s", name, got, ok, want)
		}
		r.Close()
	}
}

// There is a hash of the whole file or none.
func TestStartHashRefuses(t *testing.T) {
	needsMapping(t)
	r, err := OpenTable(csvTable("correct,confidence", "1,0.5"))
	if err != nil {
		t.Fatal(err)
	}
	if r.(Hasher).StartHash() {
		t.Error("a CSV file is said to be hashed")
	}
	if r, err = OpenTable(onDisk(t, 3000, ipc.Options{})); err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := r.(Hasher)
	if !h.StartHash() {
		t.Fatal("the file cannot be hashed")
	}
	for range r.Batches() {
		break
	}
	if sum, ok := h.Hash(); ok || h.StartHash() {
		t.Errorf("hash %s of a part of a file", sum)
	}
}
