package rowstat_test

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	_ "abstain/metrics/internal/conformance" // its flag
	"abstain/metrics/internal/exact"
	"abstain/metrics/recalibrate"
	"abstain/metrics/rowstat"
)

// plain computes every statistic of a row of logits in big arithmetic, straight
// from the definitions, and rounds once at the end.
type plain struct {
	argmax, rank                 int
	max, second, rest, secondExp float64
	entropy, gini, nll, brier    float64
	probabilities                []*big.Float
}

func plainLogits(row []float64, label int) plain {
	p := plain{rank: -1, nll: math.NaN(), brier: math.NaN()}
	for j, v := range row {
		if v > row[p.argmax] {
			p.argmax = j
		}
	}
	p.max = row[p.argmax]
	p.second = math.Inf(-1)
	total, rest := exact.Num(0), exact.Num(0)
	var e []*big.Float
	for j, v := range row {
		x := exact.Num(0)
		if !math.IsInf(v, -1) {
			x = exact.Exp(exact.Sub(exact.Num(v), exact.Num(p.max)))
		}
		e = append(e, x)
		total = exact.Add(total, x)
		if j != p.argmax {
			rest = exact.Add(rest, x)
			p.second = math.Max(p.second, v)
		}
	}
	p.rest = exact.Float64(rest)
	if !math.IsInf(p.second, -1) {
		p.secondExp = exact.Float64(exact.Exp(exact.Sub(exact.Num(p.second), exact.Num(p.max))))
	}
	entropy, gini, brier := exact.Num(0), exact.Num(1), exact.Num(0)
	for j, x := range e {
		q := exact.Quo(x, total)
		p.probabilities = append(p.probabilities, q)
		if q.Sign() > 0 {
			entropy = exact.Sub(entropy, exact.Mul(q, exact.Ln(q)))
		}
		gini = exact.Sub(gini, exact.Mul(q, q))
		d := q
		if j == label {
			d = exact.Sub(q, exact.Num(1))
		}
		brier = exact.Add(brier, exact.Mul(d, d))
	}
	p.entropy, p.gini = exact.Float64(entropy), exact.Float64(gini)
	if label >= 0 && label < len(row) {
		p.brier = exact.Float64(brier)
		p.nll = math.Inf(1)
		if q := p.probabilities[label]; q.Sign() > 0 {
			p.nll = exact.Float64(exact.Sub(exact.Num(0), exact.Ln(q)))
		}
		p.rank = placeOf(row, label)
	}
	return p
}

// placeOf sorts the classes by value, lower classes first among equals, and
// finds the label.
func placeOf(row []float64, label int) int {
	order := make([]int, len(row))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case row[a] > row[b]:
			return -1
		case row[a] < row[b]:
			return 1
		}
		return 0
	})
	return slices.Index(order, label)
}

func near(got, want, tolerance float64) bool {
	return got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= tolerance*math.Abs(want)
}

func checkLogits(t *testing.T, s *rowstat.Columns, i int, row []float64, label int, tolerance float64) {
	t.Helper()
	p := plainLogits(row, label)
	if int(s.Argmax[i]) != p.argmax || int(s.Rank[i]) != p.rank || s.Max[i] != p.max || s.Second[i] != p.second {
		t.Fatalf("%v: argmax %d rank %d max %v second %v, want %d %d %v %v", row, s.Argmax[i], s.Rank[i], s.Max[i], s.Second[i], p.argmax, p.rank, p.max, p.second)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"rest", s.Rest[i], p.rest}, {"second exp", s.SecondExp[i], p.secondExp}, {"entropy", s.Entropy[i], p.entropy},
		{"gini", s.Gini[i], p.gini}, {"nll", s.NLL[i], p.nll}, {"brier", s.Brier[i], p.brier},
	} {
		if !near(c.got, c.want, tolerance) {
			t.Fatalf("%v label %d: %s %v, want %v", row, label, c.name, c.got, c.want)
		}
	}
}

func TestLogitsAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 300 {
		classes := 1 + trial%12
		row := make([]float64, classes)
		scale := math.Exp(rng.Float64()*8 - 3)
		for j := range row {
			row[j] = float64(float32(rng.NormFloat64() * scale))
			if rng.IntN(6) == 0 {
				row[j] = row[0]
			}
			if j > 0 && rng.IntN(20) == 0 {
				row[j] = math.Inf(-1)
			}
		}
		if trial%3 == 0 { // one class far ahead
			row[rng.IntN(classes)] += float64(60 * rng.Float32())
		}
		label := rng.IntN(classes+1) - 1
		var s rowstat.Columns
		rowstat.Logits(&s, row, classes, []int32{int32(label)})
		if len(s.Bad) > 0 {
			t.Fatalf("%v: %v", row, s.Bad)
		}
		checkLogits(t, &s, 0, row, label, 1e-13)
	}
}

// TestSaturation: at a gap of 60 the largest probability is 1 in float64, but
// nothing that is kept has lost its digits.
func TestSaturation(t *testing.T) {
	row := []float64{0, 60, -3, 60 - 1e-9}
	for _, top := range []float64{60, 200} {
		row[1], row[3] = top, -40
		var s rowstat.Columns
		rowstat.Logits(&s, row, 4, []int32{0})
		checkLogits(t, &s, 0, row, 0, 1e-14)
		if p := 1 / (1 + s.Rest[0]); p != 1 || s.Rest[0] == 0 || s.Entropy[0] == 0 || s.Gini[0] == 0 {
			t.Errorf("gap %v: p %v, rest %v, entropy %v, gini %v", top, p, s.Rest[0], s.Entropy[0], s.Gini[0])
		}
	}
}

func TestTies(t *testing.T) {
	var s rowstat.Columns
	rowstat.Logits(&s, []float32{2, 2, 2, 2}, 4, []int32{2})
	if s.Argmax[0] != 0 || s.Rank[0] != 2 || s.Rest[0] != 3 || s.Second[0] != 2 || !near(s.Entropy[0], math.Log(4), 1e-15) || s.Gini[0] != 0.75 {
		t.Errorf("%+v", s)
	}
	rowstat.Probs(&s, []float32{0.25, 0.25, 0.25, 0.25}, 4, []int32{3})
	if s.Argmax[0] != 0 || s.Rank[0] != 3 || s.Second[0] != 0.25 || s.Sum[0] != 1 || s.Gini[0] != 0.75 || s.Brier[0] != 0.75 {
		t.Errorf("%+v", s)
	}
}

func TestSingleClass(t *testing.T) {
	var s rowstat.Columns
	rowstat.Logits(&s, []float64{-3}, 1, []int32{0})
	if s.Rest[0] != 0 || s.SecondExp[0] != 0 || s.NLL[0] != 0 || s.Brier[0] != 0 || s.Entropy[0] != 0 || s.Gini[0] != 0 {
		t.Errorf("logits: %+v", s)
	}
	rowstat.Probs(&s, []float64{1}, 1, []int32{0})
	if s.Second[0] != 0 || s.NLL[0] != 0 || s.Brier[0] != 0 {
		t.Errorf("probs: %+v", s)
	}
}

func TestBadRows(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		probs  bool
		row    []float64
		want   rowstat.Problem
		class  int
		unseen bool
	}{
		{"nan first", false, []float64{nan, 1, 2}, rowstat.NaN, 0, false},
		{"nan last", false, []float64{1, 2, nan}, rowstat.NaN, 2, false},
		{"nan and inf", false, []float64{inf, nan, 2}, rowstat.NaN, 1, false},
		{"inf", false, []float64{1, inf, 2}, rowstat.Infinite, 1, false},
		{"all minus", false, []float64{-inf, -inf, -inf}, rowstat.AllMinus, -1, false},
		{"some minus", false, []float64{-inf, 0, -inf}, 0, 0, true},
		{"nan", true, []float64{0.5, nan, 0.5}, rowstat.NaN, 1, false},
		{"inf", true, []float64{0.5, 0.5, inf}, rowstat.Infinite, 2, false},
		{"minus inf", true, []float64{0.5, 0.5, -inf}, rowstat.Infinite, 2, false},
		{"negative", true, []float64{0.7, 0.4, -0.1}, rowstat.Negative, 2, false},
		{"sum", true, []float64{0.5, 0.3, 0.1}, rowstat.SumNotOne, -1, false},
		{"sum above", true, []float64{0.5, 0.3, 0.2011}, rowstat.SumNotOne, -1, false},
		{"sum within", true, []float64{0.5, 0.3, 0.2009}, 0, 0, true},
		{"zeros", true, []float64{0, 1, 0}, 0, 0, true},
	} {
		var s rowstat.Columns
		rows := append([]float64{0.5, 0.5, 0}, c.row...)
		labels := []int32{0, 0}
		if c.probs {
			rowstat.Probs(&s, rows, 3, labels)
		} else {
			rowstat.Logits(&s, rows, 3, labels)
		}
		if c.unseen {
			if len(s.Bad) != 0 {
				t.Errorf("%s: %+v", c.name, s.Bad)
			}
			continue
		}
		if len(s.Bad) != 1 || s.Bad[0].Row != 1 || s.Bad[0].Problem != c.want || s.Bad[0].Class != c.class {
			t.Errorf("%s: %+v, want problem %d of class %d", c.name, s.Bad, c.want, c.class)
		}
	}
}

func TestLabelOutside(t *testing.T) {
	for _, label := range []int32{-1, 3, math.MaxInt32, math.MinInt32} {
		var s rowstat.Columns
		rowstat.Logits(&s, []float32{1, 2, 3}, 3, []int32{label})
		if s.Rank[0] != -1 || !math.IsNaN(s.NLL[0]) || !math.IsNaN(s.Brier[0]) || s.Argmax[0] != 2 {
			t.Errorf("logits, label %d: %+v", label, s)
		}
		rowstat.Probs(&s, []float32{0, 0, 1}, 3, []int32{label})
		if s.Rank[0] != -1 || !math.IsNaN(s.NLL[0]) || !math.IsNaN(s.Brier[0]) || s.Argmax[0] != 2 {
			t.Errorf("probs, label %d: %+v", label, s)
		}
	}
}

func TestFloor(t *testing.T) {
	var s rowstat.Columns
	rowstat.Probs(&s, []float64{1, 0}, 2, []int32{1})
	if want := -math.Log(1e-12); s.NLL[0] != want || s.Brier[0] != 2 {
		t.Errorf("nll %v, want %v; brier %v, want 2", s.NLL[0], want, s.Brier[0])
	}
}

func TestReuse(t *testing.T) {
	var s rowstat.Columns
	rowstat.Logits(&s, []float32{1, 2, float32(math.NaN()), 0, 0, 1}, 2, []int32{0, 1, 1})
	if len(s.Bad) != 1 || len(s.Argmax) != 3 {
		t.Fatalf("%+v", s)
	}
	rowstat.Logits(&s, []float32{1, 2}, 2, []int32{0})
	if len(s.Bad) != 0 || len(s.Argmax) != 1 || len(s.NLL) != 1 {
		t.Fatalf("%+v", s)
	}
	if n := testing.AllocsPerRun(10, func() { rowstat.Logits(&s, []float32{1, 2}, 2, []int32{0}) }); n > 0 {
		t.Errorf("%v allocations for a batch that fits", n)
	}
}

func TestShapePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("three values for two classes went through")
		}
	}()
	rowstat.Logits(new(rowstat.Columns), []float32{1, 2, 3}, 2, []int32{0})
}

// TestPNorm: the confidence is that of metrics/recalibrate, whose p is fitted.
func TestPNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	powers := []float64{0, 1, 2, 3, 5.5, 9}
	for _, classes := range []int{2, 3, 10, 100, 1000} {
		const n = 20
		rows, wide, want := make([]float32, n*classes), make([]float64, n*classes), make([]float64, n)
		for i := range rows {
			rows[i] = float32(20 + 3*rng.NormFloat64())
			wide[i] = float64(rows[i])
		}
		s := rowstat.Columns{Powers: powers}
		rowstat.Logits(&s, rows, classes, make([]int32, n))
		for k, p := range powers {
			recalibrate.PNorm(want, wide, classes, p)
			for i, w := range want {
				if !near(s.PNorm(i, k), w, 1e-6) {
					t.Errorf("%d classes, p %v: %v, want %v", classes, p, s.PNorm(i, k), w)
				}
			}
		}
	}
}

// FuzzLogits compares with big arithmetic on rows of up to 16 arbitrary float32.
func FuzzLogits(f *testing.F) {
	f.Add([]byte{0, 0, 128, 63, 0, 0, 0, 64}, int32(1))
	f.Add([]byte{0, 0, 128, 255, 0, 0, 128, 127, 0, 0, 192, 127}, int32(0))
	f.Add([]byte{0, 0, 112, 66, 0, 0, 0, 0, 0, 0, 128, 255}, int32(2))
	f.Fuzz(func(t *testing.T, bytes []byte, label int32) {
		var row []float32
		var wide []float64
		for ; len(bytes) >= 4 && len(row) < 16; bytes = bytes[4:] {
			v := math.Float32frombits(binary.LittleEndian.Uint32(bytes))
			row, wide = append(row, v), append(wide, float64(v))
		}
		if len(row) == 0 {
			return
		}
		var s, w rowstat.Columns
		rowstat.Logits(&s, row, len(row), []int32{label})
		rowstat.Logits(&w, wide, len(row), []int32{label})
		if bad := !usable(wide); bad != (len(s.Bad) == 1) || bad != (len(w.Bad) == 1) {
			t.Fatalf("%v: usable %v, but %+v and %+v", row, !bad, s.Bad, w.Bad)
		}
		if len(s.Bad) > 0 {
			return
		}
		if s.Entropy[0] != w.Entropy[0] || s.Rest[0] != w.Rest[0] || !near(s.NLL[0], w.NLL[0], 0) {
			t.Fatalf("%v: float32 and float64 rows differ", row)
		}
		at := int(label)
		if label < 0 || int(label) >= len(row) {
			at = -1
		}
		if slices.Max(wide)-smallest(wide) < 700 {
			checkLogits(t, &s, 0, wide, at, 1e-12)
		}
	})
}

// usable reports whether a row has no NaN and no +Inf, and a finite value.
func usable(row []float64) bool {
	finite := false
	for _, v := range row {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			return false
		}
		finite = finite || !math.IsInf(v, -1)
	}
	return finite
}

// smallest is the least finite value.
func smallest(row []float64) float64 {
	least := math.Inf(1)
	for _, v := range row {
		if !math.IsInf(v, -1) {
			least = math.Min(least, v)
		}
	}
	return least
}

// FuzzProbs checks the statistics of stored probabilities against plain sums.
func FuzzProbs(f *testing.F) {
	f.Add([]byte{1, 2, 3}, int32(1))
	f.Add([]byte{0, 255}, int32(0))
	f.Add([]byte{7, 7, 7, 0}, int32(-1))
	f.Fuzz(func(t *testing.T, weights []byte, label int32) {
		total := 0.0
		for _, w := range weights {
			total += float64(w)
		}
		if total == 0 || len(weights) > 64 {
			return
		}
		var row []float64
		for _, w := range weights {
			row = append(row, float64(w)/total)
		}
		var s rowstat.Columns
		rowstat.Probs(&s, row, len(row), []int32{label})
		if len(s.Bad) > 0 {
			t.Fatalf("%v: %+v", row, s.Bad)
		}
		entropy, gini, brier := 0.0, 1.0, 0.0
		for j, p := range row {
			if p > 0 {
				entropy -= p * math.Log(p)
			}
			gini -= p * p
			y := 0.0
			if j == int(label) {
				y = 1
			}
			brier += (p - y) * (p - y)
		}
		close := func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }
		if !close(s.Entropy[0], entropy) || !close(s.Gini[0], gini) || s.Max[0] != slices.Max(row) || int(s.Argmax[0]) != slices.Index(row, slices.Max(row)) {
			t.Fatalf("%v: %+v", row, s)
		}
		if label >= 0 && int(label) < len(row) {
			if !close(s.Brier[0], brier) || int(s.Rank[0]) != placeOf(row, int(label)) || s.NLL[0] != -math.Log(max(row[label], 1e-12)) {
				t.Fatalf("%v label %d: %+v", row, label, s)
			}
		}
	})
}

func benchmarkLogits[F float32 | float64](b *testing.B, classes int) {
	rng := rand.New(rand.NewPCG(1, 2))
	n := 1 << 18 / classes
	rows := make([]F, n*classes)
	for i := range rows {
		rows[i] = F(3 * rng.NormFloat64())
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(classes))
	}
	var s rowstat.Columns
	rowstat.Logits(&s, rows, classes, labels)
	for b.Loop() {
		rowstat.Logits(&s, rows, classes, labels)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/row")
}

func BenchmarkLogits10(b *testing.B)      { benchmarkLogits[float32](b, 10) }
func BenchmarkLogits1000(b *testing.B)    { benchmarkLogits[float32](b, 1000) }
func BenchmarkLogits1000x64(b *testing.B) { benchmarkLogits[float64](b, 1000) }

func BenchmarkProbs10(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n, classes = 20000, 10
	rows := make([]float32, 0, n*classes)
	for range n {
		var total float32
		at := len(rows)
		for range classes {
			v := float32(rng.ExpFloat64())
			rows, total = append(rows, v), total+v
		}
		for j := range classes {
			rows[at+j] /= total
		}
	}
	labels := make([]int32, n)
	var s rowstat.Columns
	for b.Loop() {
		rowstat.Probs(&s, rows, classes, labels)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
