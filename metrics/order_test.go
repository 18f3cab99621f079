package metrics_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"abstain/metrics"
	"abstain/metrics/internal/exact"
)

// exactly holds what orders a row of logits, in arbitrary precision.
type exactly struct {
	wrong  *big.Float // R: odds of being wrong
	margin *big.Float // odds of the margin
	max    *big.Float
	spill  *big.Float // ln(1 + R), what the energy adds to the maximum
}

func exactRow(row []float32) exactly {
	arg := 0
	for j, v := range row {
		if v > row[arg] {
			arg = j
		}
	}
	at := exact.Num(float64(row[arg]))
	rest, second := exact.Num(0), exact.Num(0)
	for j, v := range row {
		if j == arg {
			continue
		}
		e := exact.Exp(exact.Sub(exact.Num(float64(v)), at))
		rest = exact.Add(rest, e)
		if e.Cmp(second) > 0 {
			second = e
		}
	}
	return exactly{
		wrong:  rest,
		margin: exact.Quo(exact.Sub(exact.Num(1), second), exact.Add(rest, second)),
		max:    at,
		spill:  exact.Ln(exact.Add(exact.Num(1), rest)),
	}
}

// hardRows draws rows whose confidences crowd together at the far end: gaps of
// up to 60 between the first logit and the others, many rows sharing the same
// largest logit.
func hardRows(rng *rand.Rand, n, classes int) []float32 {
	rows := make([]float32, 0, n*classes)
	for range n {
		gap := float32(60 * rng.Float64())
		top := float32(rng.IntN(3)) * 20
		arg := rng.IntN(classes)
		for j := range classes {
			if j == arg {
				rows = append(rows, top)
			} else {
				rows = append(rows, top-gap-float32(rng.ExpFloat64()))
			}
		}
	}
	return rows
}

// TestOrderIsExact: keys order rows of logits as exact arithmetic does, with no
// false tie, wherever the exact values differ by more than the rounding of the
// exponentials themselves.
func TestOrderIsExact(t *testing.T) {
	const n, classes, resolution = 300, 5, 1e-13
	rng := rand.New(rand.NewPCG(7, 8))
	rows := hardRows(rng, n, classes)
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: classes})
	if err := c.Add(metrics.Rows{F32: rows, Label: make([]int32, n)}); err != nil {
		t.Fatal(err)
	}
	o := c.Outcomes()
	want := make([]exactly, n)
	for i := range want {
		want[i] = exactRow(rows[i*classes : (i+1)*classes])
	}
	msp, margin, energy := o.Confidence("msp"), o.Confidence("margin"), o.Confidence("energy")
	tied := 0
	for i := range n {
		for j := range i {
			a, b := want[i], want[j]
			checkPair(t, "msp", msp, i, j, -sign(a.wrong, b.wrong, resolution))
			checkPair(t, "margin", margin, i, j, sign(a.margin, b.margin, resolution))
			checkPair(t, "energy", energy, i, j, energySign(a, b, resolution))
			if msp.Value[i] == msp.Value[j] {
				tied++
			}
		}
	}
	if tied < n*n/20 {
		t.Errorf("only %d pairs tie in the stored msp: the rows are too easy", tied)
	}
}

// sign compares a with b, 0 if they are within the resolution.
func sign(a, b *big.Float, resolution float64) int {
	d := exact.Sub(a, b)
	bound := exact.Mul(a, exact.Num(resolution))
	if new(big.Float).Abs(d).Cmp(bound.Abs(bound)) <= 0 {
		return 0
	}
	return d.Sign()
}

func energySign(a, b exactly, resolution float64) int {
	d := exact.Add(exact.Sub(a.max, b.max), exact.Sub(a.spill, b.spill))
	bound := exact.Mul(exact.Add(a.spill, b.spill), exact.Num(resolution))
	if new(big.Float).Abs(d).Cmp(bound) <= 0 {
		return 0
	}
	return d.Sign()
}

func checkPair(t *testing.T, name string, c *metrics.Confidence, i, j, want int) {
	t.Helper()
	key := c.Order()
	got := 0
	switch {
	case key[i] > key[j]:
		got = 1
	case key[i] < key[j]:
		got = -1
	}
	if want != 0 && got != want {
		t.Errorf("%s: rows %d and %d: keys %v and %v order %d, exact order is %d", name, i, j, key[i], key[j], got, want)
	}
}

// TestEnergyKeysStayOnScale: keys that part false ties are the energies to
// within a few units in the last place; equal rows stay tied.
func TestEnergyKeysStayOnScale(t *testing.T) {
	rows := []float32{20, -25, 20, -30, 20, -25, 5, 4, 20, float32(math.Inf(-1))}
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: 2})
	if err := c.Add(metrics.Rows{F32: rows, Label: make([]int32, 5)}); err != nil {
		t.Fatal(err)
	}
	e := c.Outcomes().Confidence("energy")
	k := e.Key
	if !(k[0] > k[1] && k[1] > k[4] && k[0] == k[2] && k[4] > k[3]) {
		t.Errorf("keys %v", k)
	}
	for i := range k {
		if math.Abs(k[i]-e.Value[i]) > 1e-14 {
			t.Errorf("row %d: key %v for energy %v", i, k[i], e.Value[i])
		}
	}
	c = metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: 2})
	if err := c.Add(metrics.Rows{F32: []float32{3, 1, 2, 1}, Label: make([]int32, 2)}); err != nil {
		t.Fatal(err)
	}
	if e := c.Outcomes().Confidence("energy"); e.Key != nil {
		t.Errorf("keys %v where the energies order by themselves", e.Key)
	}
}

// TestOrderBeyondFloat64: rows whose odds of being wrong are too small for a float64
// are ordered all the same, by every function, above all other rows.
func TestOrderBeyondFloat64(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for _, classes := range []int{2, 5, 100} {
		const n = 40
		rows := make([]float32, 0, n*classes)
		odds := make([]float64, n) // minus the logarithm of
		for i := range n {
			lead := 30 * float64(i)
			below := 1.
			row := []float32{0, float32(-lead)}
			for len(row) < classes {
				z := float32(-lead - 5*rng.Float64())
				row, below = append(row, z), below+math.Exp(float64(z)+lead)
			}
			rows, odds[i] = append(rows, row...), lead-math.Log(below)
		}
		c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: classes})
		for i := range n { // batches with and without such rows
			if err := c.Add(metrics.Rows{F32: rows[i*classes : (i+1)*classes], Label: []int32{0}}); err != nil {
				t.Fatal(err)
			}
		}
		o := c.Outcomes()
		for _, name := range []string{"msp", "margin", "entropy", "gini", "energy"} {
			key := o.Confidence(name).Order()
			for i := 1; i < n; i++ {
				rises := key[i] > key[i-1]
				if name == "energy" { // falls to the largest logit
					rises = key[i] < key[i-1]
				}
				if !rises {
					t.Errorf("%d classes, %s: keys %v and %v at leads %d and %d", classes, name, key[i-1], key[i], 30*i-30, 30*i)
				}
			}
		}
		for i := 25; i < n; i++ {
			if key := o.Confidence("msp").Key[i]; !same(key, odds[i], 1e-12) {
				t.Errorf("%d classes: key %v, want %v", classes, key, odds[i])
			}
		}
	}
}

// TestSaturatedTable: the only wrong row has the smallest of leads that all lie
// beyond what float64 can tell as probabilities.
func TestSaturatedTable(t *testing.T) {
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: 2})
	rows := []float64{800, 0, 0, 790, 780, -20, 760, 0, -1000, 0}
	if err := c.Add(metrics.Rows{F64: rows, Label: []int32{0, 1, 0, 1, 1}}); err != nil {
		t.Fatal(err)
	}
	o := c.Outcomes()
	for _, name := range []string{"msp", "margin", "entropy", "gini"} {
		r := metrics.Rank(o, o.Confidence(name))
		for id, want := range map[string]float64{"auroc": 1, "aurc": 0.04} {
			if got := value(id, r); !same(got, want, 1e-15) {
				t.Errorf("%s by %s: %v, want %v", id, name, got, want)
			}
		}
	}
}
