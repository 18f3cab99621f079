package calibration

import (
	"math"
	"testing"
)

// TestWidthBin walks over every edge and its neighbours.
func TestWidthBin(t *testing.T) {
	for _, m := range []int{1, 2, 3, 7, 10, 15, 49, 100, 1000} {
		for k := range m + 1 {
			edge := float64(k) / float64(m)
			for _, v := range []float64{math.Nextafter(edge, -1), edge, math.Nextafter(edge, 2), float64(float32(edge))} {
				if v < 0 || v > 1 {
					continue
				}
				b := WidthBin(v, m)
				lo, hi := float64(b)/float64(m), float64(b+1)/float64(m)
				if !(v > lo && v <= hi || b == 0 && v == 0) {
					t.Fatalf("%v with %d bins is in bin %d (%v, %v]", v, m, b, lo, hi)
				}
			}
		}
	}
	if WidthBin(1.0000001, 15) != 14 {
		t.Error("a probability rounded above 1 is not in the last bin")
	}
}

// TestWidthBins: every bin holds the values between its edges, tested with values
// near every edge, with one that rounding has raised above 1, and with samples
// out of distribution, which are left out.
func TestWidthBins(t *testing.T) {
	const m = 15
	var confidence []float64
	var correct []bool
	var label []int32
	want := make([]Bin, m)
	add := func(v float64) {
		n := len(correct)
		l := int32(n%4) - 1
		label, correct, confidence = append(label, l), append(correct, n%3 == 0 && l >= 0), append(confidence, v)
		if l >= 0 {
			want[WidthBin(v, m)].add(v, correct[n])
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
	for k, got := range WidthBins(confidence, correct, label, m) {
		if w := want[k]; got.N != w.N || got.Right != w.Right || math.Abs(got.confidence.Value()-w.confidence.Value()) > 1e-14 {
			t.Errorf("bin %d: %+v, want %+v", k, got, w)
		}
	}
}
