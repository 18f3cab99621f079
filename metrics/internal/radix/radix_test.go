package radix

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// sortedPlainly orders rows by comparing keys.
func sortedPlainly(key []float64, rows []int32) []int32 {
	s := slices.Clone(rows)
	slices.SortStableFunc(s, func(a, b int32) int { return cmp.Compare(key[b], key[a]) })
	return s
}

func TestFalling(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	special := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), 5e-324, -5e-324, math.MaxFloat64, -math.MaxFloat64, 1}
	draws := map[string]func() float64{
		"bits":    func() float64 { return finiteOrNot(rng) },
		"float32": func() float64 { return float64(rng.Float32()) },
		"ties":    func() float64 { return float64(rng.IntN(5)) },
		"special": func() float64 { return special[rng.IntN(len(special))] },
		"equal":   func() float64 { return 0.5 },
		"zeros":   func() float64 { return special[rng.IntN(2)] * float64(rng.IntN(3)) },
		"crowded": func() float64 { return 1 - float64(rng.IntN(1<<16))*0x1p-53 }, // upper halves agree
		"mixed":   func() float64 { return 1 - float64(rng.IntN(1<<16))*0x1p-36 },
		"outlier": func() float64 { // many agree in the digits that are sorted first
			if rng.IntN(500) == 0 {
				return -0x1p100 * rng.Float64()
			}
			return 1 - float64(rng.IntN(1<<rng.IntN(12)))*0x1p-24
		},
	}
	for name, draw := range draws {
		for _, n := range []int{0, 1, 2, radixFrom - 1, radixFrom, 5000} {
			key, rows := make([]float64, n), make([]int32, n)
			for i := range key {
				key[i], rows[i] = draw(), int32(i)
			}
			if got, want := Falling(key, rows), sortedPlainly(key, rows); !slices.Equal(got, want) {
				t.Errorf("%s, n = %d: order differs from the plain sort", name, n)
			}
		}
	}
}

// finiteOrNot draws any float64 but NaN.
func finiteOrNot(rng *rand.Rand) float64 {
	for {
		if v := math.Float64frombits(rng.Uint64()); !math.IsNaN(v) {
			return v
		}
	}
}

func FuzzFalling(f *testing.F) {
	f.Add(0.0, math.Copysign(0, -1))
	f.Add(math.Inf(1), math.MaxFloat64)
	f.Add(-1.5, -1.25)
	f.Fuzz(func(t *testing.T, a, b float64) {
		if !math.IsNaN(a) && !math.IsNaN(b) && cmp.Compare(falling(a), falling(b)) != cmp.Compare(b, a) {
			t.Fatalf("falling orders %v and %v otherwise than they are", a, b)
		}
	})
}

func benchmarkSort(b *testing.B, sort func([]float64, []int32) []int32, draw func(*rand.Rand) float64) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 50000
	key, rows := make([]float64, n), make([]int32, n)
	for i := range key {
		key[i], rows[i] = draw(rng), int32(i)
	}
	for b.Loop() {
		sort(key, rows)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/sample")
}

func wide(rng *rand.Rand) float64   { return -rng.ExpFloat64() }
func narrow(rng *rand.Rand) float64 { return float64(rng.Float32()) }

func BenchmarkSortRadix64(b *testing.B)   { benchmarkSort(b, Falling, wide) }
func BenchmarkSortRadix32(b *testing.B)   { benchmarkSort(b, Falling, narrow) }
func BenchmarkSortCompare64(b *testing.B) { benchmarkSort(b, sortedPlainly, wide) }
