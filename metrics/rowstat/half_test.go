package rowstat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// halfOf rounds to the nearest float16, ties to even, by search among all.
func halfOf(v float32) Half {
	if v != v {
		return 0x7e00
	}
	sign := Half(math.Float32bits(v) >> 16 & 0x8000)
	v = max(v, -v)
	above, exact := slices.BinarySearch(halvesUp, v)
	if exact {
		return sign | Half(above)
	}
	below := above - 1
	if above == len(halvesUp) {
		return sign | Half(below)
	}
	d, e := v-halvesUp[below], halvesUp[above]-v
	if d < e || d == e && below%2 == 0 {
		return sign | Half(below)
	}
	return sign | Half(above)
}

// halvesUp are all float16 from 0 up to infinity, rising, by their definition.
var halvesUp = func() (list []float32) {
	for h := range 0x7c01 {
		exponent, mantissa := h>>10, float64(h&0x3ff)
		switch exponent {
		case 0:
			list = append(list, float32(math.Ldexp(mantissa, -24)))
		case 31:
			list = append(list, float32(math.Inf(1)))
		default:
			list = append(list, float32(math.Ldexp(1024+mantissa, exponent-25)))
		}
	}
	return list
}()

// TestHalf: every float16 by its definition, by every kernel, at any place.
func TestHalf(t *testing.T) {
	src := make([]Half, 1<<16)
	for i := range src {
		src[i] = Half(i)
	}
	for k := reference; k <= fastest; k++ {
		for from := range 3 {
			dst := make([]float32, len(src)-from)
			k.widen(dst, src[from:])
			for i, v := range dst {
				h := src[from+i]
				rest := int(h & 0x7fff)
				want := float32(math.NaN())
				if rest < len(halvesUp) {
					want = halvesUp[rest]
					if h >= 0x8000 {
						want = -want
					}
				}
				if want != want != (v != v) || want == want && math.Float32bits(v) != math.Float32bits(want) || v == v && v != h.Float32() {
					t.Fatalf("%v: float16 %#x is %v, want %v", k, h, v, want)
				}
			}
		}
	}
}

// TestHalfIsWidened: rows of float16 have, to the bit, the statistics of the same
// rows in float32, in any kernel, and bad rows keep their place.
func TestHalfIsWidened(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, classes := range []int{1, 2, 3, 10, 64, 65, 77, 127, 128, 129, 1000, 8193} {
		n := 40 + 20000/classes
		rows, wide, label := make([]Half, n*classes), make([]float32, n*classes), make([]int32, n)
		for i := range label {
			label[i] = int32(rng.IntN(classes+1)) - 1
			fill(rng, wide[i*classes:][:classes], 0, 4)
		}
		for _, i := range []int{n / 3, n - 1} {
			wide[i*classes+rng.IntN(classes)] = float32(math.NaN())
			wide[(i-1)*classes+rng.IntN(classes)] = float32(math.Inf(-1))
		}
		for i, v := range wide {
			rows[i] = halfOf(v)
			wide[i] = rows[i].Float32()
		}
		for k := reference; k <= fastest; k++ {
			got, want := Columns{Powers: []float64{2}}, Columns{Powers: []float64{2}}
			logits(k, &got, rows, classes, label)
			logits(k, &want, wide, classes, label)
			same(t, k, classes, &got, &want)
		}
	}
}

func TestHalfProbs(t *testing.T) {
	rows := []Half{halfOf(0.75), halfOf(0.25), halfOf(0.5), halfOf(0.25)}
	for k := reference; k <= fastest; k++ {
		var s Columns
		probs(k, &s, rows, 2, []int32{1, 0})
		if s.Max[0] != 0.75 || s.Rank[0] != 1 || s.Brier[0] != 1.125 || len(s.Bad) != 1 || s.Bad[0].Row != 1 || s.Bad[0].Value != 0.75 {
			t.Errorf("%v: %+v", k, s)
		}
	}
}

// same compares every column to the bit.
func same(t *testing.T, k kernel, classes int, got, want *Columns) {
	t.Helper()
	agree(t, k.String(), got, want, 0)
	bad := map[int]bool{}
	for _, b := range want.Bad {
		bad[b.Row] = true
	}
	columns := columnsOf(got, want)
	for k := range want.Norm {
		columns = append(columns, [2][]float64{got.Norm[k], want.Norm[k]})
	}
	for c, column := range columns {
		if len(column[0]) != len(column[1]) {
			t.Fatalf("%v, %d classes: column %d has %d entries, want %d", k, classes, c, len(column[0]), len(column[1]))
		}
		for i := range column[0] {
			if g, w := column[0][i], column[1][i]; !bad[i] && math.Float64bits(g) != math.Float64bits(w) {
				t.Fatalf("%v, %d classes, row %d: column %d is %v, want %v", k, classes, i, c, g, w)
			}
		}
	}
}
