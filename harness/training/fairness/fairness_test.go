package fairness

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/harness/training/loss"
)

// draw returns a batch of two classes in two groups of unequal sizes, with rows in every cell.
func draw(n int) (z loss.Logits, labels, groups []int32) {
	random := rand.New(rand.NewPCG(1, 2))
	z = loss.New(n, 2)
	for i := range n {
		z.Row(i)[0], z.Row(i)[1] = random.NormFloat64(), random.NormFloat64()
		labels, groups = append(labels, int32(i%2)), append(groups, int32(min(1, i%5/2)))
	}
	return z, labels, groups
}

// TestGradientsAreDifferences compares every constraint's and the objective's gradient with central differences.
func TestGradientsAreDifferences(t *testing.T) {
	z, labels, groups := draw(30)
	weights, err := ClassWeights(labels[:29])
	if err != nil {
		t.Fatal(err)
	}
	for _, constraint := range append([]string{""}, Constraints...) {
		of := func() loss.Value {
			v, err := Objective(constraint, 1.5, z, labels, groups, weights)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		grad := of().Grad
		for i := range z.Z {
			const step = 1e-6
			before := z.Z[i]
			z.Z[i] = before + step
			up := of().Mean
			z.Z[i] = before - step
			down := of().Mean
			z.Z[i] = before
			if want := (up - down) / (2 * step); math.Abs(want-grad.Z[i]) > 1e-7 {
				t.Errorf("constraint %q: gradient by logit %d is %g, want %g", constraint, i, grad.Z[i], want)
			}
		}
	}
}

// TestOfficialEOIsHalfOfRates on four equal cells.
func TestOfficialEOIsHalfOfRates(t *testing.T) {
	z, _, _ := draw(40)
	var labels, groups []int32
	for i := range 40 {
		labels, groups = append(labels, int32(i%2)), append(groups, int32(i/2%2))
	}
	official, _ := Unfairness(EO, z, labels, groups)
	rates, _ := Unfairness(EOExact, z, labels, groups)
	if math.Abs(2*official.Mean-rates.Mean) > 1e-5 {
		t.Errorf("official %g, by rates %g", official.Mean, rates.Mean)
	}
}

// TestEmptyCellsAreErrors, not zeros.
func TestEmptyCellsAreErrors(t *testing.T) {
	z, labels, _ := draw(10)
	alone := make([]int32, 10)
	for _, constraint := range []string{EOExact, DP, DI, AE} {
		if _, err := Unfairness(constraint, z, labels, alone); err == nil {
			t.Errorf("%s of one group is no error", constraint)
		}
	}
	if _, err := ClassWeights([]int32{1, 1}); err == nil {
		t.Error("the weights of one class are no error")
	}
	if _, err := Balanced(labels, alone, nil); err == nil {
		t.Error("a balanced set with empty cells is no error")
	}
}

// TestBalancedCellsAreEqual.
func TestBalancedCellsAreEqual(t *testing.T) {
	_, labels, groups := draw(53)
	random := rand.New(rand.NewPCG(5, 6))
	chosen, err := Balanced(labels, groups, func(n, k int) []int { return random.Perm(n)[:k] })
	if err != nil {
		t.Fatal(err)
	}
	var cells [2][2]int
	seen := map[int32]bool{}
	for _, i := range chosen {
		if seen[i] {
			t.Fatalf("row %d is chosen twice", i)
		}
		seen[i] = true
		cells[groups[i]][labels[i]]++
	}
	n := len(chosen) / 4
	if n == 0 || cells != [2][2]int{{n, n}, {n, n}} {
		t.Errorf("cells %v of %d", cells, len(chosen))
	}
}
