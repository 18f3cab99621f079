package ipc

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"abstain/datasets/column"
)

// hugeBatch has class vectors in one record batch of 48 MB, uncompressed and
// compressed, in both formats. They are not constant, so that a wrong order would
// show.
func hugeBatch(t *testing.T) (files [][]byte, rows, classes int) {
	rows, classes = 12_000, 1000
	values := make([]float32, rows*classes)
	for i := range values {
		values[i] = float32(i % 8191)
	}
	rec, err := newRecord([]Column{Vectors("logits", Float32, classes, values), Ints("label", Int32, make([]int32, rows))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return writeAll(t, rec), rows, classes
}

// TestHugeBatch: a batch of any size is read completely and with little memory,
// whether it is compressed or only not in memory.
func TestHugeBatch(t *testing.T) {
	if testing.Short() {
		t.Skip("files of 48 MB")
	}
	files, rows, classes := hugeBatch(t)
	for i, b := range files {
		f := tempFile(t, b)
		for name, in := range map[string]io.ReaderAt{"mapped": f, "pieces": struct{ io.ReaderAt }{f}} {
			var read int
			var wrong error
			n := allocated(func() { read, wrong = readInOrder(in, int64(len(b)), classes) })
			if wrong != nil || read != rows || n > 16<<20 {
				t.Errorf("form %d, %s: %d rows, error %v, %d MB allocated", i, name, read, wrong, n>>20)
			}
		}
	}
}

// readInOrder reads the class vectors of hugeBatch and checks every value.
func readInOrder(in io.ReaderAt, size int64, classes int) (rows int, err error) {
	r, err := Open(in, size)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Vector32}}); err != nil {
		return 0, err
	}
	for {
		chunk, err := r.Next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		for k, v := range chunk.Columns[0].F32 {
			if want := float32((rows*classes + k) % 8191); v != want {
				return rows, column.Errorf("logits", rows+k/classes, "class %d: %v, want %v", k%classes, v, want)
			}
		}
		rows += chunk.N
	}
}

// TestHugeBatchClosedEarly: a stream that was not read to its end does not
// disturb the next one.
func TestHugeBatchClosedEarly(t *testing.T) {
	files, rows, classes := hugeBatch(t)
	for _, b := range files {
		r, err := openBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		selectVector(t, r)
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		r.Close()
		if n, err := readInOrder(bytes.NewReader(b), int64(len(b)), classes); n != rows || err != nil {
			t.Errorf("%d rows, error %v", n, err)
		}
	}
}

// TestDamagedStreams: whatever byte of a small table is damaged, streams fail in
// the same way as whole buffers.
func TestDamagedStreams(t *testing.T) {
	typ := arrow.FixedSizeListOf(3, arrow.PrimitiveTypes.Float32)
	a := fromJSON(t, typ, `[[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3]]`)
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ}}, nil)
	all := ways(t)
	for _, whole := range writeAll(t, array.NewRecord(schema, []arrow.Array{a}, int64(a.Len()))) {
		for i := 0; i < len(whole); i += stride() {
			b := slices.Clone(whole)
			b[i] ^= 0x01
			readWays(t, all, b)
		}
	}
}
