package ranks

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestFactoredReplicates: factorised or not, the covariances are those between the
// replicates.
func TestFactoredReplicates(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][2]int{{4, 30}, {30, 10}} {
		values := make([][]float64, size[0])
		for i := range values {
			for range size[1] {
				values[i] = append(values[i], float64(i)*r.NormFloat64()+3)
			}
		}
		plain, err := NoiseFromReplicates(values)
		if err != nil {
			t.Fatal(err)
		}
		factored, err := FactoredReplicates(values, inTurn)
		if err != nil {
			t.Fatal(err)
		}
		if factored.freedom != float64(size[1]-1) || plain.freedom != factored.freedom {
			t.Errorf("degrees of freedom %v and %v", plain.freedom, factored.freedom)
		}
		for i := range values {
			for j := range i {
				if a, b := plain.apart(i, j)*plain.scale*plain.scale, factored.apart(i, j)*factored.scale*factored.scale; math.Abs(a/b-1) > 1e-9 {
					t.Errorf("%v: variance of %d less %d is %v, factorised %v", size, i, j, a, b)
				}
			}
		}
	}
}

// TestStretch: draws with as many degrees of freedom as replicates have the
// variance of Student's t, freedom/(freedom-2).
func TestStretch(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	e := &Noise{freedom: 20}
	squares, draws := 0.0, 200000
	for range draws {
		x := e.stretch(r.NormFloat64()) * r.NormFloat64()
		squares += x * x
	}
	if got, want := squares/float64(draws), 20.0/18; math.Abs(got-want) > 0.02 {
		t.Errorf("variance %v, want %v", got, want)
	}
	if (&Noise{}).stretch(1) != 1 {
		t.Error("a known covariance is stretched")
	}
}
