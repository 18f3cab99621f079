package recalibrate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/metrics/recalibrate"
)

var affineFits = map[string]func(z []float64, classes int, label []int32, p recalibrate.Penalty) (recalibrate.Affine, error){
	"vector": recalibrate.FitVector, "matrix": recalibrate.FitMatrix,
	"Dirichlet": func(z []float64, classes int, label []int32, p recalibrate.Penalty) (recalibrate.Affine, error) {
		probs := make([]float64, len(z))
		recalibrate.Softmax(probs, z, classes, 1)
		return recalibrate.FitDirichlet(probs, classes, label, p)
	},
}

// rowsFor are the rows that a fit's map applies to.
func rowsFor(a recalibrate.Affine, z []float64, classes int) []float64 {
	if !a.OfLog {
		return z
	}
	probs := make([]float64, len(z))
	recalibrate.Softmax(probs, z, classes, 1)
	return probs
}

// penalised is the objective, from its definition.
func penalised(a recalibrate.Affine, z []float64, classes int, label []int32, p recalibrate.Penalty) float64 {
	out := make([]float64, len(z))
	a.Apply(out, rowsFor(a, z, classes))
	total := meanNLL(out, classes, label, 1)
	c := float64(classes)
	for i, w := range a.Matrix {
		if i/classes != i%classes {
			total += p.OffDiagonal * w * w / (c * (c - 1))
		}
	}
	for _, b := range a.Bias {
		total += p.Bias * b * b / c
	}
	return total
}

// The objective is convex, so that a point no worse than any small move along
// each parameter is its minimum.
func TestAffineIsLeast(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	const classes = 4
	logits, label := draw(rng, 300, classes, 1.6)
	for i := range logits { // one class too sure of itself, one too shy
		logits[i] += []float64{1.5, 0, -0.7, 0}[i%classes]
	}
	for name, fit := range affineFits {
		for _, p := range []recalibrate.Penalty{{0.01, 0.02}, {1, 0}, {0.3, 5}} {
			a := must(fit(logits, classes, label, p))
			if !a.Converged {
				t.Errorf("%s %v: not converged", name, p)
			}
			least := penalised(a, logits, classes, label, p)
			for _, parameters := range [][]float64{a.Scale, a.Matrix, a.Bias} {
				for i, v := range parameters {
					for _, h := range []float64{-1e-3, 1e-3} {
						parameters[i] = v + h
						if moved := penalised(a, logits, classes, label, p); moved < least-1e-9 {
							t.Errorf("%s %v: a parameter moved by %v: %.12f, fitted %.12f", name, p, h, moved, least)
						}
						parameters[i] = v
					}
				}
			}
		}
	}
}

// Without a penalty on biases the fitted probabilities have the labels' frequencies.
func TestAffineKeepsFrequencies(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	const classes = 5
	logits, label := draw(rng, 600, classes, 2)
	for name, fit := range affineFits {
		a := must(fit(logits, classes, label, recalibrate.Penalty{OffDiagonal: 0.1}))
		out := make([]float64, len(logits))
		a.Apply(out, rowsFor(a, logits, classes))
		if math.Abs(a.Loss-meanNLL(out, classes, label, 1)) > 1e-12 {
			t.Errorf("%s: loss %v, want %v", name, a.Loss, meanNLL(out, classes, label, 1))
		}
		recalibrate.Softmax(out, out, classes, 1)
		excess := make([]float64, classes)
		for i, p := range out {
			excess[i%classes] += p / float64(len(label))
		}
		for _, l := range label {
			excess[l] -= 1 / float64(len(label))
		}
		if worst := max(slices.Max(excess), -slices.Min(excess)); worst > 2e-8 {
			t.Errorf("%s: frequencies off by %v", name, worst)
		}
	}
}

// Nested families: a larger one never fits worse, and a heavy penalty leads back
// to the smaller.
func TestAffineFamilies(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	logits, label := draw(rng, 400, 3, 1.8)
	temperature := must(recalibrate.FitTemperature(logits, 3, label, recalibrate.NLL))
	vector := must(recalibrate.FitVector(logits, 3, label, recalibrate.Penalty{}))
	matrix := must(recalibrate.FitMatrix(logits, 3, label, recalibrate.Penalty{}))
	if !(matrix.Loss <= vector.Loss+1e-9 && vector.Loss <= temperature.Loss+1e-9) {
		t.Errorf("losses: matrix %v, vector %v, temperature %v", matrix.Loss, vector.Loss, temperature.Loss)
	}
	heavy := must(recalibrate.FitMatrix(logits, 3, label, recalibrate.Penalty{OffDiagonal: 1e6}))
	if math.Abs(heavy.Loss-vector.Loss) > 1e-4 {
		t.Errorf("without off-diagonals %v, vector %v", heavy.Loss, vector.Loss)
	}
}

func TestAffineEdges(t *testing.T) {
	separated := []float64{9, 0, 8, 1, 0, 9, 1, 8}
	a := must(recalibrate.FitVector(separated, 2, []int32{0, 0, 1, 1}, recalibrate.Penalty{Bias: 1}))
	if math.IsNaN(a.Loss) || a.Loss > 1e-6 {
		t.Errorf("separated: %+v", a)
	}
	constant := must(recalibrate.FitMatrix([]float64{1, 1, 1, 1, 1, 1, 1, 1}, 2, []int32{0, 0, 0, 1}, recalibrate.Penalty{OffDiagonal: 1}))
	if want := -0.75*math.Log(0.75) - 0.25*math.Log(0.25); math.Abs(constant.Loss-want) > 1e-12 {
		t.Errorf("constant rows: %v, want %v", constant.Loss, want)
	}
	for want, err := range map[string]error{
		"-Inf cannot be scaled": second(recalibrate.FitVector([]float64{1, 2, math.Inf(-1), 3}, 2, []int32{0, 1}, recalibrate.Penalty{})),
		"numbers of 0 or more":  second(recalibrate.FitMatrix([]float64{1, 2}, 2, []int32{0}, recalibrate.Penalty{Bias: -1})),
		"no row has a label":    second(recalibrate.FitDirichlet([]float64{0.5, 0.5}, 2, []int32{-1}, recalibrate.Penalty{})),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }
