package ipc

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow/array"
)

// TestBools: bits are packed and unpacked at any offset and length as arrow/go
// reads them.
func TestBools(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		values := make([]bool, n)
		for i := range values {
			values[i] = rng.IntN(2) == 1
		}
		packed := Bools("b", values).data
		for offset := range min(n, 20) {
			a := array.NewSlice(packed, int64(offset), int64(n)).(*array.Boolean)
			for from := range min(a.Len(), 11) {
				got := make([]bool, a.Len()-from)
				bools(got, a.Data(), from)
				for i, v := range got {
					if v != a.Value(from+i) || v != values[offset+from+i] {
						t.Fatalf("%d values, offset %d: value %d from %d is %v", n, offset, i, from, v)
					}
				}
			}
		}
	}
}
