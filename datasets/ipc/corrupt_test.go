package ipc

import (
	"fmt"
	"runtime/metrics"
	"strings"
	"testing"
)

var smallFiles = []Options{{}, {Zstd: true}, {Rows: 8}, {Stream: true, Rows: 8}, {Stream: true, Zstd: true}}

// read opens and reads a whole table; a panic fails the test by itself.
func read(b []byte) (*readTable, error) {
	r, err := openBytes(b)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readAll(r)
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	f()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}

// small is a table of all types that fits into two batches of smallFiles. It has
// few rows, because each byte of its files is damaged or cut off, and read in all
// ways.
func small() []Column { return sample(smallRows, 2) }

const smallRows = 9

// stride is the step between damaged bytes: every byte, or few under -short.
func stride() int {
	if testing.Short() {
		return 13
	}
	return 1
}

// Whatever byte is damaged: reading ends, does not panic, and does not allocate
// out of proportion to the file.
func TestDamagedBytes(t *testing.T) {
	const limit = 64 << 20
	for _, o := range smallFiles {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			whole := write(t, small(), o)
			all := ways(t)
			failed := 0
			for i := 0; i < len(whole); i += stride() {
				for _, pattern := range []byte{0xff, 0x01} {
					b := append([]byte(nil), whole...)
					b[i] ^= pattern
					var err error
					if n := allocated(func() { _, err = readWays(t, all, b) }); n > limit {
						t.Errorf("byte %d ^ %#x: %d MB allocated", i, pattern, n>>20)
					}
					if err != nil {
						failed++
					}
				}
			}
			if failed == 0 {
				t.Error("no damage was noticed at all")
			}
		})
	}
}

func TestTruncated(t *testing.T) {
	for _, o := range smallFiles {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			whole := write(t, small(), o)
			all := ways(t)
			complete := 0
			for n := 0; n < len(whole); n += stride() {
				got, err := readWays(t, all, whole[:n:n])
				switch {
				case err != nil:
				case !o.Stream:
					t.Fatalf("%d of %d bytes read without error", n, len(whole))
				case got.rows == smallRows:
					complete++ // only the end marker is missing
				case got.rows%8 != 0:
					t.Fatalf("%d of %d bytes gave %d rows, which is no batch boundary", n, len(whole), got.rows)
				}
			}
			if complete > 8 {
				t.Errorf("%d truncations read as complete, the end marker has 8 bytes", complete)
			}
		})
	}
}

// The error names the most frequent damage.
func TestDamageMessages(t *testing.T) {
	whole := write(t, sample(20, 3), Options{})
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"no end":     {whole[:len(whole)-3], "does not end with ARROW1"},
		"no footer":  {append([]byte("ARROW1\x00\x00"), "\x00\x00\x00\x00ARROW1"...), "footer of 0 bytes"},
		"empty":      {nil, "empty Arrow stream"},
		"not a text": {[]byte("sample_id,label\n1,2\n"), "corrupt metadata"},
	} {
		if _, err := read(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, o := range smallFiles {
		f.Add(write(f, sample(6, 3), o))
	}
	all := ways(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readWays(t, all, b)
		if err != nil || len(b) > 1<<20 {
			return
		}
		for name, c := range got.columns {
			n := len(c.Int) + len(c.F32) + len(c.F64) + len(c.Bool) + len(c.Text)
			if got.rows > 0 && n != got.rows*max(c.Width, 1) {
				t.Fatalf("column %q: %d values in %d rows of width %d", name, n, got.rows, c.Width)
			}
		}
	})
}
