package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/deprecated"

	"abstain/datasets/column"
)

// row has a column of every kind that prediction tables use, and some that they
// do not.
type row struct {
	ID     string           `parquet:"sample_id"`
	Label  int32            `parquet:"label"`
	Logits []float32        `parquet:"logits,list"`
	Plain  []float64        `parquet:"plain"`
	Opt    *int64           `parquet:"opt,optional"`
	Small  uint8            `parquet:"small"`
	Sex    *string          `parquet:"sex,optional,dict"`
	Flag   bool             `parquet:"flag"`
	Score  *float64         `parquet:"score:x,optional"`
	Old    deprecated.Int96 `parquet:"old"`
	Nested struct {
		A int32 `parquet:"a"`
	} `parquet:"nested"`
}

func rows(n, classes int) []row {
	sexes := []string{"f", "m"}
	all := make([]row, n)
	for i := range all {
		all[i] = row{ID: fmt.Sprintf("s%04d", i), Label: int32(i%classes) - 1, Small: uint8(250 + i%6), Flag: i%3 == 0}
		for k := range classes {
			all[i].Logits = append(all[i].Logits, float32(i)+float32(k)/8)
			all[i].Plain = append(all[i].Plain, float64(i)-float64(k)/8)
		}
		if i%4 != 1 {
			v, s := int64(i)<<33, float64(i)/3
			all[i].Opt, all[i].Score, all[i].Sex = &v, &s, &sexes[i/2%2]
		}
	}
	return all
}

// write makes a file of row groups of perGroup rows with small pages.
func write[T any](t testing.TB, all []T, perGroup int, options ...pq.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := pq.NewGenericWriter[T](&b, append([]pq.WriterOption{pq.PageBufferSize(700)}, options...)...)
	for group := range slices.Chunk(all, perGroup) {
		if _, err := w.Write(group); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read reads every column of a usable kind to the end.
func read(b []byte) (map[string]*column.Column, int, error) {
	r, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, 0, err
	}
	defer r.Close()
	var want []column.Want
	var columns []*column.Column
	table := map[string]*column.Column{}
	for i, f := range r.Fields() {
		if f.Kind != column.Other {
			want = append(want, column.Want{Field: i, Kind: f.Kind})
			c := &column.Column{}
			columns, table[f.Name] = append(columns, c), c
		}
	}
	if err := r.Select(want); err != nil {
		return nil, 0, err
	}
	n := 0
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			return table, n, nil
		}
		if err != nil {
			return table, n, err
		}
		if chunk.First != n {
			return nil, 0, fmt.Errorf("chunk begins at row %d, want %d", chunk.First, n)
		}
		n += chunk.N
		for i, c := range columns {
			add(c, &chunk.Columns[i], chunk.N)
		}
	}
}

func add(c, got *column.Column, n int) {
	c.Int, c.F32, c.F64 = append(c.Int, got.Int...), append(c.F32, got.F32...), append(c.F64, got.F64...)
	c.Bool, c.Text, c.Width = append(c.Bool, got.Bool...), append(c.Text, got.Text...), got.Width
	for i := range n {
		c.Null = append(c.Null, got.Null != nil && got.Null[i])
	}
}

func TestValues(t *testing.T) {
	const n, classes = 1000, 5
	all := rows(n, classes)
	for name, options := range map[string][]pq.WriterOption{
		"plain": nil, "large pages": {pq.PageBufferSize(5000)}, "version 1": {pq.DataPageVersion(1)}, "zstd": {pq.Compression(&pq.Zstd)}, "snappy": {pq.Compression(&pq.Snappy)},
	} {
		for _, perGroup := range []int{n, 333} {
			t.Run(fmt.Sprintf("%s, %d rows a group", name, perGroup), func(t *testing.T) {
				c, got, err := read(write(t, all, perGroup, options...))
				if err != nil || got != n {
					t.Fatalf("%d rows, error %v", got, err)
				}
				if len(c) != 9 || c["old"] != nil || c["nested"] != nil || c["logits"].Width != classes {
					t.Fatalf("%d columns, width %d", len(c), c["logits"].Width)
				}
				for i, r := range all {
					checkRow(t, c, i, r, classes)
				}
			})
		}
	}
}

func checkRow(t *testing.T, c map[string]*column.Column, i int, r row, classes int) {
	t.Helper()
	if c["sample_id"].Text[i] != r.ID || c["label"].Int[i] != int64(r.Label) || c["small"].Int[i] != int64(r.Small) || c["flag"].Bool[i] != r.Flag {
		t.Fatalf("row %d: id %q, label %d, small %d, flag %v", i, c["sample_id"].Text[i], c["label"].Int[i], c["small"].Int[i], c["flag"].Bool[i])
	}
	for _, name := range []string{"opt", "sex", "score:x"} {
		if c[name].Null[i] != (r.Opt == nil) {
			t.Fatalf("row %d: %s is missing: %v", i, name, c[name].Null[i])
		}
	}
	if r.Opt != nil && (c["opt"].Int[i] != *r.Opt || c["sex"].Text[i] != *r.Sex || c["score:x"].F64[i] != *r.Score) {
		t.Fatalf("row %d: opt %d, sex %q, score %g", i, c["opt"].Int[i], c["sex"].Text[i], c["score:x"].F64[i])
	}
	if !slices.Equal(c["logits"].F32[i*classes:(i+1)*classes], r.Logits) || c["plain"] == nil || !slices.Equal(c["plain"].F64[i*classes:(i+1)*classes], r.Plain) {
		t.Fatalf("row %d: class vectors differ", i)
	}
}

type list struct {
	X []*float32 `parquet:"x,list,optional"`
}

// lists makes rows of the given lengths; -1 is a row with a missing value.
func lists(lengths ...int) []list {
	var all []list
	for _, n := range lengths {
		var l list
		for k := range max(n, 2) {
			v := float32(k)
			if n == -1 && k == 1 {
				l.X = append(l.X, nil)
			} else if k < n || n == -1 {
				l.X = append(l.X, &v)
			}
		}
		all = append(all, l)
	}
	return all
}

func TestListErrors(t *testing.T) {
	long := slices.Repeat([]int{3}, 500)
	for _, c := range []struct {
		lengths []int
		row     int
		want    string
	}{
		{[]int{3, 3, 2}, -1, "fewer values"},
		{[]int{3, 2, 3}, 1, "2 values where the first row has 3"},
		{[]int{3, 4, 3}, 1, "more than 3 values"},
		{[]int{3, 3, 4}, -1, "more than 3 values"},
		{[]int{3, 0, 3}, 1, "the list is missing (null)"},
		{[]int{2, -1, 2}, 1, "missing value"},
		{append(slices.Clone(long), 2, 3), 500, "2 values where the first row has 3"},
	} {
		for _, size := range []int{700, 100_000} {
			_, _, err := read(write(t, lists(c.lengths...), 1000, pq.PageBufferSize(size)))
			e, ok := errors.AsType[*column.Error](err)
			if !ok || e.Column != "x" || e.Row != c.row || !strings.Contains(e.Err.Error(), c.want) {
				t.Errorf("%v: error %v, want row %d: %s", c.lengths[max(0, len(c.lengths)-3):], err, c.row, c.want)
			}
		}
	}
}

func TestEmptyList(t *testing.T) {
	_, _, err := read(write(t, []logitsRow{{[]float32{1, 2}}, {[]float32{}}, {[]float32{3, 4}}}, 9))
	e, ok := errors.AsType[*column.Error](err)
	if !ok || e.Row != 1 || e.Err.Error() != "the list is empty" || e.Hint == "" {
		t.Errorf("error %v", err)
	}
}

func TestMeta(t *testing.T) {
	b := write(t, lists(2), 10, pq.KeyValueMetadata("model", "модель"))
	r, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if want := []column.Pair{{Key: "model", Value: "модель"}}; !slices.Equal(r.Meta(), want) {
		t.Errorf("metadata %v, want %v", r.Meta(), want)
	}
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Int}}); err == nil || !strings.Contains(err.Error(), `column "x": is list`) {
		t.Errorf("error %v", err)
	}
}

func TestTruncated(t *testing.T) {
	whole := write(t, rows(20, 3), 10)
	for n := range whole {
		if _, _, err := read(whole[:n:n]); err == nil {
			t.Fatalf("%d of %d bytes read without error", n, len(whole))
		}
	}
}

// stride is the step between damaged bytes: every byte, or few under -short.
func stride() int {
	if testing.Short() {
		return 13
	}
	return 1
}

// Whatever byte is damaged, reading ends, does not panic, and does not allocate
// out of proportion to the file.
func TestDamagedBytes(t *testing.T) {
	const limit = 64 << 20
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	files := [][]byte{write(t, rows(6, 2), 3)} // two row groups; to be unpacked, one is enough
	for _, codec := range []compress.Codec{&pq.Zstd, &pq.Snappy, &pq.Lz4Raw} {
		files = append(files, write(t, rows(6, 2), 6, pq.Compression(codec)))
	}
	for _, whole := range files {
		failed := 0
		for i := 0; i < len(whole); i += stride() {
			for _, pattern := range []byte{0xff, 0x01} {
				b := slices.Clone(whole)
				b[i] ^= pattern
				metrics.Read(sample)
				before := sample[0].Value.Uint64()
				if _, _, err := read(b); err != nil {
					failed++
				}
				metrics.Read(sample)
				if n := sample[0].Value.Uint64() - before; n > limit {
					t.Errorf("byte %d ^ %#x: %d MB allocated", i, pattern, n>>20)
				}
			}
		}
		if failed == 0 {
			t.Error("no damage was noticed at all")
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(write(f, rows(4, 3), 2))
	f.Add(write(f, lists(2, 2), 2, pq.Compression(&pq.Snappy)))
	f.Add(write(f, lists(2, 3), 2))
	f.Add(write(f, noise(3, 2), 2, pq.Compression(&pq.Lz4Raw)))
	f.Add(write(f, noise(3, 2), 2, pq.Compression(&pq.Gzip), pq.DataPageVersion(1)))
	for _, name := range []string{"arrow-rs-f16-list", "arrow-rs-lz4", "duckdb-decimals", "duckdb-types", "hyparquet-encodings", "parquetjs-v2"} {
		b, err := os.ReadFile("testdata/writers/" + name + ".parquet")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		table, n, err := read(b)
		if err != nil {
			return
		}
		for name, c := range table {
			if got := len(c.Int) + len(c.F32) + len(c.F64) + len(c.Bool) + len(c.Text); n > 0 && got != n*max(c.Width, 1) {
				t.Fatalf("column %q: %d values in %d rows of width %d", name, got, n, c.Width)
			}
		}
	})
}
