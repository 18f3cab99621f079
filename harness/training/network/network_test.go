package network

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// weighted is a loss whose gradient by the logits is a constant matrix.
func weighted(n *Network[float64], x, c Matrix[float64]) float64 {
	sum := 0.0
	for i, v := range n.Forward(x).V {
		sum += v * c.V[i]
	}
	return sum
}

func uniform(random *rand.Rand, rows, cols int) Matrix[float64] {
	m := NewMatrix[float64](rows, cols)
	for i := range m.V {
		m.V[i] = 2*random.Float64() - 1
	}
	return m
}

// TestGradientsAreDifferences compares every network's gradients, by weights and by inputs, with central differences.
func TestGradientsAreDifferences(t *testing.T) {
	for name, n := range map[string]*Network[float64]{
		"softmax regression": MLP[float64]([]int{16, 3}, 0),
		"deep MLP":           MLP[float64]([]int{16, 7, 5, 3}, 0),
		"convolutional":      ConvNet[float64](4, 2, 3),
	} {
		random := rand.New(rand.NewPCG(1, 2))
		n.Init(random)
		x, c := uniform(random, 5, 16), uniform(random, 5, 3)
		check := func(what string, values, gradient []float64) {
			for i := range values {
				const step = 1e-5
				before := values[i]
				values[i] = before + step
				up := weighted(n, x, c)
				values[i] = before - step
				down := weighted(n, x, c)
				values[i] = before
				if want := (up - down) / (2 * step); math.Abs(want-gradient[i]) > 1e-5*max(1, math.Abs(want)) {
					t.Errorf("%s: gradient by %s %d is %g, want %g", name, what, i, gradient[i], want)
				}
			}
		}
		n.Forward(x)
		byInput := append([]float64(nil), n.InputGradient(c).V...)
		n.Forward(x)
		n.Backward(c)
		for _, tensor := range n.Tensors() {
			check(tensor.Name, tensor.Value, append([]float64(nil), tensor.Grad...))
		}
		check("input", x.V, byInput)
	}
}

// TestDropoutKeepsTheMean: switched off, it changes nothing; switched on, it keeps the mean and drops that share.
func TestDropoutKeepsTheMean(t *testing.T) {
	l := &dropout[float64]{rate: 0.3, random: rand.New(rand.NewPCG(3, 4))}
	x := NewMatrix[float64](100, 100)
	for i := range x.V {
		x.V[i] = 1
	}
	zeros, sum := 0, 0.0
	for _, v := range l.forward(x).V {
		sum += v
		if v == 0 {
			zeros++
		}
	}
	if mean := sum / 1e4; math.Abs(mean-1) > 0.03 || math.Abs(float64(zeros)/1e4-0.3) > 0.02 {
		t.Errorf("mean %g and %d zeros of 10000", mean, zeros)
	}
	l.random = nil
	if y := l.forward(x); &y.V[0] != &x.V[0] {
		t.Error("switched off, it does not pass its inputs on")
	}
}

// TestPrecisionsAgree: the same weights give the same logits in both precisions but for rounding.
func TestPrecisionsAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	wide, narrow := MLP[float64]([]int{64, 32, 10}, 0), MLP[float32]([]int{64, 32, 10}, 0)
	wide.Init(random)
	var w []float32
	for _, v := range wide.Weights() {
		w = append(w, float32(v))
	}
	narrow.SetWeights(w)
	x := uniform(random, 20, 64)
	x32 := NewMatrix[float32](20, 64)
	for i, v := range x.V {
		x32.V[i] = float32(v)
	}
	want := wide.Forward(x)
	for i, v := range narrow.Forward(x32).V {
		if math.Abs(float64(v)-want.V[i]) > 1e-5 {
			t.Fatalf("logit %d is %g and %g", i, v, want.V[i])
		}
	}
}

// BenchmarkStep is one step of descent of the usual network and batch, BenchmarkGemm the matrix product alone at
// gonum's best size: GFLOP/s of both.
func BenchmarkStep(b *testing.B) {
	n := MLP[float32]([]int{64, 64, 10}, 0)
	random := rand.New(rand.NewPCG(1, 2))
	n.Init(random)
	x, d := NewMatrix[float32](50, 64), NewMatrix[float32](50, 10)
	for i := range x.V {
		x.V[i] = random.Float32()
	}
	for i := range d.V {
		d.V[i] = random.Float32() - 0.5
	}
	descent := Descent[float32]{Momentum: 0.9}
	for b.Loop() {
		n.Forward(x)
		n.Backward(d)
		descent.Step(n.Tensors(), 1e-6)
	}
	flop := 2.0 * 50 * (64*64*2 + 64*10*3) // inputs need no gradient
	b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkGemm(b *testing.B) {
	const n = 256
	m := blas32.General{Rows: n, Cols: n, Stride: n, Data: make([]float32, n*n)}
	out := blas32.General{Rows: n, Cols: n, Stride: n, Data: make([]float32, n*n)}
	for i := range m.Data {
		m.Data[i] = float32(i%7) - 3
	}
	for b.Loop() {
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, m, m, 0, out)
	}
	b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
