package metrics

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

func TestSortRows(t *testing.T) {
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
			if got, want := sortRows(key, rows), sortedPlainly(key, rows); !slices.Equal(got, want) {
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

func TestZerosOfEitherSignTie(t *testing.T) {
	o := &Outcomes{Correct: []bool{true, false, true}}
	r := Rank(o, &Confidence{Value: []float64{math.Copysign(0, -1), 0, 1}})
	if len(r.Ends) != 2 || !slices.Equal(r.Order, []int32{2, 0, 1}) || !slices.Equal(r.Ends, []int32{1, 3}) || !slices.Equal(r.Wrong, []int32{0, 1}) {
		t.Errorf("%+v", r)
	}
}

func TestRankSplits(t *testing.T) {
	o := &Outcomes{Label: []int32{0, -1, 1, -1}, Correct: []bool{true, false, false, false}}
	r := Rank(o, &Confidence{Value: []float64{1, 2, 3, 4}})
	if !slices.Equal(r.Order, []int32{2, 0}) || r.Errors != 1 || !slices.Equal(r.Outside, []float64{4, 2}) || r.N() != 2 {
		t.Errorf("%+v", r)
	}
	r = Rank(o, nil)
	if !slices.Equal(r.Order, []int32{0, 2}) || r.Ends != nil || r.Errors != 1 {
		t.Errorf("not ranked: %+v", r)
	}
}

// TestWidthBin walks over every edge and its neighbours.
func TestWidthBin(t *testing.T) {
	for _, m := range []int{1, 2, 3, 7, 10, 15, 49, 100, 1000} {
		for k := range m + 1 {
			edge := float64(k) / float64(m)
			for _, v := range []float64{math.Nextafter(edge, -1), edge, math.Nextafter(edge, 2), float64(float32(edge))} {
				if v < 0 || v > 1 {
					continue
				}
				b := widthBin(v, evenEdges(m))
				lo, hi := float64(b)/float64(m), float64(b+1)/float64(m)
				if !(v > lo && v <= hi || b == 0 && v == 0) {
					t.Fatalf("%v with %d bins is in bin %d (%v, %v]", v, m, b, lo, hi)
				}
			}
		}
	}
	if widthBin(1.0000001, evenEdges(15)) != 14 {
		t.Error("a probability rounded above 1 is not in the last bin")
	}
}

// TestWidthBins: the bins hold what their edges say, of values about every edge, of
// one that rounding has lifted above 1, and without samples out of distribution.
func TestWidthBins(t *testing.T) {
	const m = 15
	o := &Outcomes{}
	c := &Confidence{Probability: true}
	want := make([]bin, m)
	add := func(v float64) {
		n := len(o.Correct)
		label := int32(n%4) - 1
		o.Label, o.Correct, c.Value = append(o.Label, label), append(o.Correct, n%3 == 0 && label >= 0), append(c.Value, v)
		if label >= 0 {
			want[widthBin(v, evenEdges(m))].add(v, o.Correct[n])
		}
	}
	for k := range m + 1 {
		edge := float64(k) / m
		for _, v := range []float64{edge, math.Nextafter(edge, 0), math.Nextafter(edge, 1), edge + 1e-10, edge - 1e-10, edge + 0.03} {
			add(min(max(v, 0), 1))
		}
	}
	add(1.0000001)
	add(1.0000001)
	for k, got := range equalWidth(Rank(o, c), m) {
		if w := want[k]; got.n != w.n || got.right != w.right || math.Abs(got.confidence.value()-w.confidence.value()) > 1e-14 {
			t.Errorf("bin %d: %+v, want %+v", k, got, w)
		}
	}
}

func TestSum(t *testing.T) {
	var s sum
	for range 1000 {
		s.add(1e16)
		s.add(1)
		s.add(-1e16)
	}
	if s.value() != 1000 {
		t.Errorf("sum %v, want 1000", s.value())
	}
	s.add(math.Inf(1))
	s.add(1)
	if !math.IsInf(s.value(), 1) {
		t.Errorf("sum with an infinite term: %v", s.value())
	}
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

func BenchmarkSortRadix64(b *testing.B)   { benchmarkSort(b, sortRows, wide) }
func BenchmarkSortRadix32(b *testing.B)   { benchmarkSort(b, sortRows, narrow) }
func BenchmarkSortCompare64(b *testing.B) { benchmarkSort(b, sortedPlainly, wide) }
