package ipc

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	arrowipc "github.com/apache/arrow/go/v15/arrow/ipc"

	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// BenchmarkRead compares ways to load every cache line of a table of class
// vectors into the processor; copies, page faults and decoding count, arithmetic
// does not. The ways alternate, so that noise on the machine affects all of them.
// The ratios are those of the fastest rounds: this package's time to that of
// touching a mapping of the same file, to arrow/go's with its defaults, and the
// same without a mapping.
func BenchmarkRead(b *testing.B) {
	for _, form := range []struct {
		name    string
		stream  bool
		options []arrowipc.Option
	}{
		{"file", false, nil}, {"stream", true, nil},
		{"lz4", false, []arrowipc.Option{arrowipc.WithLZ4()}}, {"zstd", false, []arrowipc.Option{arrowipc.WithZstd()}},
	} {
		b.Run(form.name, func(b *testing.B) {
			name := benchFile(b, form.stream, form.options...)
			whole := openBench(b, name)
			defer whole.Close()
			size, err := whole.Seek(0, io.SeekEnd)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(size)
			best := compare(b, []func(){
				func() { touchReader(b, whole, size) },
				func() { touchReader(b, struct{ io.ReaderAt }{whole}, size) },
				func() { touchMapping(b, whole, int(size)) },
				func() { touchArrow(b, name, form.stream) },
			})
			b.ReportMetric(best[0]/best[2], "time/touch")
			b.ReportMetric(best[0]/best[3], "time/arrow")
			b.ReportMetric(best[1]/best[3], "unmapped/arrow")
			b.ReportMetric(best[0]*1e3, "ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// compare alternates the ways and returns the shortest time of each in seconds.
func compare(b *testing.B, ways []func()) []float64 {
	best := make([]float64, len(ways))
	for b.Loop() {
		for i, way := range ways {
			start := time.Now()
			way()
			if t := time.Since(start).Seconds(); best[i] == 0 || t < best[i] {
				best[i] = t
			}
		}
	}
	return best
}

// benchFile writes 64 MB of logits that compress as badly as a network's, in
// record batches of 4096 rows, with arrow/go's writer.
func benchFile(b *testing.B, stream bool, options ...arrowipc.Option) string {
	const rows, classes = 16384, 1000
	rng := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, rows*classes)
	for i := range values {
		values[i] = float32(2 * rng.NormFloat64())
	}
	record, err := newRecord([]Column{Ints("label", Int32, make([]int32, rows)), Vectors("logits", Float32, classes, values)}, nil)
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(filepath.Join(b.TempDir(), "table"))
	if err != nil {
		b.Fatal(err)
	}
	options = append(slices.Clone(options), arrowipc.WithSchema(record.Schema()))
	var w recordWriter = arrowipc.NewWriter(f, options...)
	if !stream {
		if w, err = arrowipc.NewFileWriter(f, options...); err != nil {
			b.Fatal(err)
		}
	}
	for i := int64(0); i < rows; i += 4096 {
		if err := w.Write(record.NewSlice(i, i+4096)); err != nil {
			b.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return f.Name()
}

func openBench(b *testing.B, name string) *os.File {
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	return f
}

var sum float32 // of what was touched

func touch(values []float32) {
	for i := 0; i < len(values); i += 16 {
		sum += values[i]
	}
}

func touchReader(b *testing.B, f io.ReaderAt, size int64) {
	r, err := Open(f, size)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Int}, {Field: 1, Kind: column.Vector32}}); err != nil {
		b.Fatal(err)
	}
	chunk, err := r.Next()
	for ; err == nil; chunk, err = r.Next() {
		touch(chunk.Columns[1].F32)
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
}

func touchMapping(b *testing.B, d mapping.Disk, size int) {
	data := mapping.Map(d, size)
	if data == nil {
		b.Skip("files cannot be mapped here")
	}
	defer mapping.Unmap(data)
	touch(float32s(data))
}

// touchArrow reads the table with the defaults of arrow/go.
func touchArrow(b *testing.B, name string, stream bool) {
	f := openBench(b, name)
	defer f.Close()
	var next interface{ Read() (arrow.Record, error) }
	var err error
	if stream {
		next, err = arrowipc.NewReader(f)
	} else {
		next, err = arrowipc.NewFileReader(f)
	}
	if err != nil {
		b.Fatal(err)
	}
	record, err := next.Read()
	for ; err == nil; record, err = next.Read() {
		touch(record.Column(1).(*array.FixedSizeList).ListValues().(*array.Float32).Float32Values())
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
}

func float32s(p []byte) []float32 { return arrow.Float32Traits.CastFromBytes(p[:len(p)&^3]) }
