package rowstat

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var everyPower = []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0.5, 2.5, 40, math.Inf(1)}

// plainPNorm is MaxLogit-pNorm from its definition, term by term.
func plainPNorm(row []float64, p float64) float64 {
	mean, scale, powers := 0.0, 0.0, 0.0
	for _, z := range row {
		mean = math.FMA(z, 1/float64(len(row)), mean)
	}
	top := math.Inf(-1)
	for _, z := range row {
		top, scale = max(top, z-mean), max(scale, math.Abs(z-mean))
	}
	switch {
	case slices.Min(row) == slices.Max(row): // the mean may be rounded
		return 0
	case p == 0:
		return top
	}
	for _, z := range row {
		powers += math.Pow(math.Abs(z-mean)/scale, p)
	}
	return top / scale / math.Pow(powers, 1/p)
}

// TestNorm compares all kernels with the definition.
func TestNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for _, draw := range []func(row []float32){
		func(row []float32) { fill(rng, row, float32(100*rng.NormFloat64()), math.Exp(3*rng.Float64())) },
		func(row []float32) { fill(rng, row, -40, 1e-3) },
		func(row []float32) { fill(rng, row, 0, 1e30) },
		func(row []float32) { fill(rng, row, 0, 1e-35) },
		func(row []float32) { fill(rng, row, 5, 0) },
		func(row []float32) { fill(rng, row, 0.1, 1e-3); row[rng.IntN(len(row))] += 300 },
	} {
		for _, classes := range widths() {
			if classes > few+20 && classes%8 == 2 || classes > 1001 {
				continue // time
			}
			n := 2
			rows, wide := make([]float32, n*classes), make([]float64, n*classes)
			for i := range n {
				draw(rows[i*classes:][:classes])
			}
			for i, v := range rows {
				wide[i] = float64(v)
			}
			for k := reference; k <= fastest; k++ {
				single, double := Columns{Powers: everyPower, Want: WantRest}, Columns{Powers: everyPower}
				logits(k, &single, rows, classes, make([]int32, n))
				logits(k, &double, wide, classes, make([]int32, n))
				for j, p := range everyPower {
					for i := range n {
						w := plainPNorm(wide[i*classes:][:classes], p)
						if g := single.PNorm(i, j); math.Abs(g-w) > 1e-6*math.Abs(w) {
							t.Fatalf("%v, %d classes, p %v, float32: %v, want %v", k, classes, p, g, w)
						}
						fine := 1e-9
						if p < 1 { // the root of a distance of 0 tells how the mean was rounded
							fine = 1e-6
						}
						if g := double.PNorm(i, j); math.Abs(g-w) > fine*math.Abs(w) {
							t.Fatalf("%v, %d classes, p %v, float64: %v, want %v", k, classes, p, g, w)
						}
					}
				}
			}
		}
	}
}

// TestNormOfSmallRows: by hand.
func TestNormOfSmallRows(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		row                  []float64
		mean, one, two, most float64
		confidence           float64 // for p = 2
	}{
		{[]float64{3, -1, -2}, 0, 6, math.Sqrt(14), 3, 3 / math.Sqrt(14)},
		{[]float64{3, 1}, 2, 2, math.Sqrt2, 1, 1 / math.Sqrt2},
		{[]float64{7, 7, 7}, 7, 0, 0, 0, 0},
		{[]float64{-4}, -4, 0, 0, 0, 0},
		{[]float64{1, -inf, 0}, -inf, math.NaN(), math.NaN(), math.NaN(), math.NaN()},
	} {
		s := Columns{Powers: []float64{1, 2, inf}}
		Logits(&s, c.row, len(c.row), []int32{0})
		got := []float64{s.Mean[0], s.Norm[0][0], s.Norm[1][0], s.Norm[2][0], s.PNorm(0, 1)}
		for i, w := range []float64{c.mean, c.one, c.two, c.most, c.confidence} {
			if g := got[i]; !(g == w || g != g && w != w || math.Abs(g-w) < 1e-15) {
				t.Errorf("%v: entry %d is %v, want %v", c.row, i, g, w)
			}
		}
	}
}

func TestNormNegative(t *testing.T) {
	for _, p := range []float64{-1, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("p = %v went through", p)
				}
			}()
			Logits(&Columns{Powers: []float64{p}}, []float32{1, 2}, 2, []int32{0})
		}()
	}
}

func TestNormOfProbs(t *testing.T) {
	s := Columns{Powers: []float64{2}}
	Probs(&s, []float32{0.5, 0.5}, 2, []int32{0})
	if s.Mean[0] == s.Mean[0] || s.Norm[0][0] == s.Norm[0][0] {
		t.Errorf("probabilities have mean %v, norm %v", s.Mean[0], s.Norm[0][0])
	}
	s.Powers = nil
	Logits(&s, []float32{1, 2}, 2, []int32{0})
	if len(s.Mean) != 0 || len(s.Norm) != 0 {
		t.Errorf("norms that were not asked for: %v, %v", s.Mean, s.Norm)
	}
}

// TestFirstNormTies: of rows whose largest logit alone lies above the mean the norm for
// p = 1 is twice its distance, so that the confidence is 1/2 for all of them, exactly.
func TestFirstNormTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	for _, classes := range []int{3, 10, 100} {
		rows, label := make([]float32, 50*classes), make([]int32, 50)
		for i := range label {
			row := rows[i*classes : (i+1)*classes]
			for j := range row {
				row[j] = rng.Float32()
			}
			row[rng.IntN(classes)] += float32(1+rng.ExpFloat64()) * float32(classes)
		}
		s := Columns{Powers: []float64{1}}
		Logits(&s, rows, classes, label)
		for i := range label {
			if c := s.PNorm(i, 0); c != 0.5 {
				t.Errorf("%d classes: %v, want 1/2", classes, c)
			}
		}
	}
}
