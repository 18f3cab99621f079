package ipc

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"
	"unsafe"

	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// openWith opens a table as if files of at least that size were mapped.
func openWith(from int64, r io.ReaderAt, size int64) (*Reader, error) {
	old := mapFrom
	defer func() { mapFrom = old }()
	mapFrom = from
	return Open(r, size)
}

// way is a way of getting a table's bytes into memory.
type way struct {
	name string
	open func(b []byte) (*Reader, error)
}

// streaming opens a table whose class vectors are streamed if possible.
func streaming(from int64, r io.ReaderAt, size int64) (*Reader, error) {
	old := streamFrom
	defer func() { streamFrom = old }()
	streamFrom = 0
	return openWith(from, r, size)
}

// ways are all of them: small files as a whole, large ones with a mapping, piece
// by piece without one, and with large batches streamed.
func ways(t testing.TB) []way {
	f := tempFile(t, nil)
	return []way{
		{"whole", func(b []byte) (*Reader, error) { return openWith(1<<40, bytes.NewReader(b), int64(len(b))) }},
		{"pieces", func(b []byte) (*Reader, error) { return openWith(0, bytes.NewReader(b), int64(len(b))) }},
		{"mapped", func(b []byte) (*Reader, error) {
			if err := rewrite(f, b); err != nil {
				return nil, err
			}
			return openWith(0, f, int64(len(b)))
		}},
		{"streamed", func(b []byte) (*Reader, error) { return streaming(1<<40, bytes.NewReader(b), int64(len(b))) }},
		{"streamed in pieces", func(b []byte) (*Reader, error) { return streaming(0, bytes.NewReader(b), int64(len(b))) }},
	}
}

func tempFile(t testing.TB, b []byte) *os.File {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "table.arrow"), os.O_RDWR|os.O_CREATE, 0o600)
	if err == nil {
		err = rewrite(f, b)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func rewrite(f *os.File, b []byte) error {
	_, err := f.WriteAt(b, 0)
	return errors.Join(err, f.Truncate(int64(len(b))))
}

// openMapped opens a table on disk, and skips the test where files cannot be mapped.
func openMapped(t testing.TB, f *os.File) *Reader {
	t.Helper()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r, err := openWith(0, f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if !r.file.Mapped() {
		t.Skip("files cannot be mapped here")
	}
	return r
}

func selectVector(t testing.TB, r *Reader) {
	t.Helper()
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Vector32}}); err != nil {
		t.Fatal(err)
	}
}

// vectorFile is a table on disk of rows x classes ones.
func vectorFile(t testing.TB, rows, classes int, o Options) *os.File {
	values := make([]float32, rows*classes)
	for i := range values {
		values[i] = 1
	}
	return tempFile(t, write(t, []Column{Vectors("logits", Float32, classes, values)}, o))
}

func TestWaysAgree(t *testing.T) {
	for _, o := range []Options{{}, {Rows: 77}, {Zstd: true}, {Stream: true, Rows: 77}} {
		b := write(t, sample(1000, 5), o)
		for _, w := range ways(t) {
			r, err := w.open(b)
			if err != nil {
				t.Fatalf("%s: %v", w.name, err)
			}
			got, err := readAll(r)
			if err != nil {
				t.Fatalf("%s: %v", w.name, err)
			}
			checkSample(t, got, 1000, 5)
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// Class vectors of float32 are not copied, however large the record batch is.
func TestMappedInPlace(t *testing.T) {
	r := openMapped(t, vectorFile(t, 5000, 300, Options{}))
	selectVector(t, r)
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(r.file.Data)))
	rows := 0
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		at := uintptr(unsafe.Pointer(unsafe.SliceData(chunk.Columns[0].F32)))
		if at < begin || at >= begin+uintptr(len(r.file.Data)) {
			t.Fatalf("row %d lies outside of the mapping", chunk.First)
		}
		rows += chunk.N
	}
	if rows != 5000 || r.arena.Held() > 0 {
		t.Errorf("%d rows with %d buffers of our own, want 5000 with none", rows, r.arena.Held())
	}
}

// Values at odd addresses are copied to where they can be used.
func TestUnaligned(t *testing.T) {
	for _, o := range smallFiles {
		b := write(t, sample(20, 3), o)
		r, err := openBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		r.file.Data = append(make([]byte, 1, 1+len(b)), b...)[1:]
		got, err := readAll(r)
		if err != nil {
			t.Fatal(err)
		}
		checkSample(t, got, 20, 3)
	}
}

// touched reads every value of a chunk, as the consumer of a table does, on a
// goroutine of its own. If that panics, it returns the error behind the panic.
func touched(r *Reader, chunk *column.Chunk) (err error) {
	done := make(chan error)
	go func() {
		debug.SetPanicOnFault(true)
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				if err = r.Fault(p); err == nil {
					err = errors.New("not recognised")
				}
			}
		}()
		touch(chunk.Columns[0].F32)
	}()
	<-done
	return err
}

func TestCutWhileRead(t *testing.T) {
	f := vectorFile(t, 5000, 300, Options{})
	r := openMapped(t, f)
	selectVector(t, r)
	chunk, err := r.Next()
	if err != nil || touched(r, chunk) != nil {
		t.Fatal(err, touched(r, chunk))
	}
	if err := f.Truncate(10_000); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"consumer": touched(r, chunk), "rest": rest(r)} {
		if err == nil || !strings.Contains(err.Error(), "cut short while it was read: 10000 of") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func next(r *Reader) error {
	_, err := r.Next()
	return err
}

// rest reads to the end without looking at the values.
func rest(r *Reader) error {
	for {
		if err := next(r); err != nil {
			return err
		}
	}
}

// A cut must be noticed without a fault too: after the new end, the rest of the
// memory page reads as zeros.
func TestCutInsideAPage(t *testing.T) {
	f := vectorFile(t, 50, 10, Options{})
	r := openMapped(t, f)
	selectVector(t, r)
	chunk, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(1000); err != nil {
		t.Fatal(err)
	}
	if err := touched(r, chunk); err != nil {
		t.Fatal(err)
	}
	if err := rest(r); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("error %v after values that read as %v", err, chunk.Columns[0].F32[490:])
	}
}

func TestChangedWhileRead(t *testing.T) {
	f := vectorFile(t, 100, 10, Options{})
	r := openMapped(t, f)
	selectVector(t, r)
	if err := next(r); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Minute)
	if err := os.Chtimes(f.Name(), later, later); err != nil {
		t.Fatal(err)
	}
	if err := rest(r); err == nil || !strings.Contains(err.Error(), "changed while it was read") {
		t.Errorf("error %v", err)
	}
}

// Values in the reader's own memory, such as widened float16, cause the fault
// inside Next.
func TestCutInsideNext(t *testing.T) {
	b := write(t, []Column{Vectors("logits", Float16, 300, make([]float32, 5000*300))}, Options{})
	f := tempFile(t, b)
	openMapped(t, f)
	r, err := openWith(0, cutFile{f}, int64(len(b))) // which notices late that it was cut
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	selectVector(t, r)
	if err := next(r); err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(10_000); err != nil {
		t.Fatal(err)
	}
	if err := next(r); err == nil || !strings.Contains(err.Error(), "reading 1 bytes at offset") {
		t.Errorf("error %v", err)
	}
}

// lateStat does not notice that a file was cut short.
type lateStat struct{ mapping.Disk }

func (d lateStat) Stat() (os.FileInfo, error) {
	st, err := d.Disk.Stat()
	return uncut{st}, err
}

type uncut struct{ os.FileInfo }

func (uncut) Size() int64 { return 1 << 40 }

func (uncut) ModTime() time.Time { return time.Time{} }

// Panics that do not come from reading the mapping are not its concern; one of
// them is writing to the mapping.
func TestFaultOfOthers(t *testing.T) {
	r := openMapped(t, vectorFile(t, 100, 10, Options{}))
	selectVector(t, r)
	chunk, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var missing *column.Chunk
	for name, do := range map[string]func(){
		"a write": func() { chunk.Columns[0].F32[0] = 1 }, "nil": func() { missing.N++ },
		"an index": func() { chunk.Columns[9].F32 = nil }, "its own": func() { panic("mine") },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || r.Fault(p) != nil {
					t.Errorf("%s: panic %v becomes error %v", name, p, r.Fault(p))
				}
			}()
			do()
		}()
	}
}

// The tee receives the bytes of the file in order and completely.
func TestTee(t *testing.T) {
	for _, o := range append(smallFiles, Options{Rows: 3, Meta: []column.Pair{{Key: "model", Value: "m"}}}) {
		b := write(t, sample(500, 40), o)
		for _, w := range ways(t) {
			r, err := w.open(b)
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if got, want := r.Tee(&out), !strings.HasSuffix(w.name, "pieces"); got != want {
				t.Errorf("%s: tee %v, want %v", w.name, got, want)
				continue
			}
			if _, err := readAll(r); err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(w.name, "pieces") && !bytes.Equal(out.Bytes(), b) {
				t.Errorf("%+v, %s: %d bytes came out of %d", o, w.name, out.Len(), len(b))
			}
			r.Close()
		}
	}
}

// Writing to the tee happens during reading, not only at the end.
func TestTeeKeepsStep(t *testing.T) {
	r := openMapped(t, vectorFile(t, 5000, 300, Options{Rows: 2500}))
	selectVector(t, r)
	var out bytes.Buffer
	r.Tee(&out)
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if read := chunk.First * 300 * 4; out.Len() < read-2000 || out.Len() > read+2000 {
			t.Fatalf("%d bytes written when %d were read", out.Len(), read)
		}
	}
}

// readWays reads in all ways and checks that the result is the same.
func readWays(t testing.TB, all []way, b []byte) (*readTable, error) {
	t.Helper()
	var first *readTable
	var firstErr error
	for i, w := range all {
		var got *readTable
		r, err := w.open(b)
		if err == nil {
			got, err = readAll(r)
			r.Close()
		}
		if i == 0 {
			first, firstErr = got, err
		} else if (err == nil) != (firstErr == nil) || err == nil && !equalTables(got, first) {
			t.Fatalf("%s: error %v, %s: error %v, or the values differ", w.name, err, all[0].name, firstErr)
		}
	}
	return first, firstErr
}

// equalTables compares bit by bit, so that NaN equals itself.
func equalTables(a, b *readTable) bool {
	if a.rows != b.rows || a.chunks != b.chunks || len(a.columns) != len(b.columns) {
		return false
	}
	for name, c := range a.columns {
		d := b.columns[name]
		if d == nil || !bytes.Equal(floatBytes(c.F32), floatBytes(d.F32)) || !bytes.Equal(floatBytes(c.F64), floatBytes(d.F64)) {
			return false
		}
		x, y := *c, *d
		x.F32, x.F64, y.F32, y.F64 = nil, nil, nil, nil
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}

func floatBytes[T float32 | float64](v []T) []byte {
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
}

// A file may be cut short after its size was read and before it is mapped.
func TestCutInsideOpen(t *testing.T) {
	f := tempFile(t, write(t, sample(20, 3), Options{}))
	if r, err := openWith(0, cutFile{f}, 100_000); err == nil || !strings.Contains(err.Error(), "reading 1 bytes at offset") {
		if r != nil && !r.file.Mapped() {
			t.Skip("files cannot be mapped here")
		}
		t.Errorf("error %v", err)
	}
}

// cutFile does not know its new size.
type cutFile struct{ *os.File }

func (f cutFile) Stat() (os.FileInfo, error) { return lateStat{f.File}.Stat() }
