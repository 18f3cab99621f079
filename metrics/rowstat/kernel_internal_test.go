package rowstat

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// Tolerances of the kernels against the reference, relative. single is what the
// design allows.
const (
	single = 1e-6
	double = 1e-12
)

func tolerance[F Float](k kernel, classes int) float64 {
	if _, ok := any(F(0)).(float32); ok && k >= avx2 && classes > 64 {
		return single
	}
	return double
}

// agree compares every column of every row; ok rows only have meaning.
func agree(t *testing.T, name string, got, want *Columns, tolerance float64) {
	t.Helper()
	if fmt.Sprint(got.Bad) != fmt.Sprint(want.Bad) { // prints NaN alike
		t.Fatalf("%s: bad rows %v, want %v", name, got.Bad, want.Bad)
	}
	if len(got.Faint) != len(want.Faint) {
		t.Fatalf("%s: faint rows %v, want %v", name, got.Faint, want.Faint)
	}
	for k, w := range want.Faint {
		g := got.Faint[k]
		for _, v := range [][2]float64{{g.LogRest, w.LogRest}, {g.LogShort, w.LogShort}, {g.LogEntropy, w.LogEntropy}, {float64(g.Row), float64(w.Row)}} {
			if v[0] != v[1] && !(math.Abs(v[0]-v[1]) <= double*math.Abs(v[1])) {
				t.Fatalf("%s: faint row %+v, want %+v", name, g, w)
			}
		}
	}
	bad := map[int]bool{}
	for _, b := range want.Bad {
		bad[b.Row] = true
	}
	for i := range want.Argmax {
		if bad[i] {
			continue
		}
		if got.Argmax[i] != want.Argmax[i] || got.Rank[i] != want.Rank[i] || got.Max[i] != want.Max[i] || got.Second[i] != want.Second[i] {
			t.Fatalf("%s, row %d: argmax %d rank %d max %v second %v, want %d %d %v %v", name, i, got.Argmax[i],
				got.Rank[i], got.Max[i], got.Second[i], want.Argmax[i], want.Rank[i], want.Max[i], want.Second[i])
		}
		for c, column := range columnsOf(got, want) {
			g, w := column[0][i], column[1][i]
			if !(g == w || g != g && w != w || math.Abs(g-w) <= tolerance*math.Abs(w)+1e-300) {
				t.Fatalf("%s, row %d: column %d is %v, want %v (%.2g)", name, i, c, g, w, g/w-1)
			}
		}
	}
}

func columnsOf(a, b *Columns) [][2][]float64 {
	return [][2][]float64{{a.Rest, b.Rest}, {a.SecondExp, b.SecondExp}, {a.Entropy, b.Entropy},
		{a.Gini, b.Gini}, {a.NLL, b.NLL}, {a.Brier, b.Brier}, {a.Sum, b.Sum}}
}

func agreeLogits[F Float](t *testing.T, name string, rows []F, classes int, label []int32) {
	t.Helper()
	var want, got Columns
	logits(reference, &want, rows, classes, label)
	for k := portable; k <= fastest; k++ {
		logits(k, &got, rows, classes, label)
		agree(t, fmt.Sprintf("%v, %s of %d %T", k, name, classes, F(0)), &got, &want, tolerance[F](k, classes))
	}
}

var inf = float32(math.Inf(1))

// families are kinds of rows of logits, drawn into row.
var families = map[string]func(rng *rand.Rand, row []float32){
	"normal": func(rng *rand.Rand, row []float32) {
		fill(rng, row, float32(10*rng.NormFloat64()), math.Exp(4*rng.Float64()-2))
	},
	"saturated": func(rng *rand.Rand, row []float32) {
		fill(rng, row, 0, 3)
		row[rng.IntN(len(row))] += float32(rng.ExpFloat64() * 80)
	},
	"two ahead": func(rng *rand.Rand, row []float32) {
		fill(rng, row, -20, 1)
		row[rng.IntN(len(row))], row[rng.IntN(len(row))] = 40*rng.Float32(), 40*rng.Float32()
	},
	"ties": func(rng *rand.Rand, row []float32) {
		for j := range row {
			row[j] = float32(rng.IntN(4))
		}
	},
	"equal": func(rng *rand.Rand, row []float32) {
		v := float32(rng.NormFloat64() * 100)
		for j := range row {
			row[j] = v
		}
	},
	"zeros of both signs": func(rng *rand.Rand, row []float32) {
		for j := range row {
			row[j] = float32(math.Copysign(0, rng.Float64()-0.5))
		}
	},
	"minus infinity": func(rng *rand.Rand, row []float32) {
		fill(rng, row, 5, 4)
		share := rng.Float64()
		for j := range row {
			if rng.Float64() < share {
				row[j] = -inf
			}
		}
	},
	"one finite": func(rng *rand.Rand, row []float32) {
		for j := range row {
			row[j] = -inf
		}
		row[rng.IntN(len(row))] = rng.Float32()
	},
	"far ahead": func(rng *rand.Rand, row []float32) {
		fill(rng, row, 0, 3)
		row[rng.IntN(len(row))] += float32(2000 * rng.Float64())
	},
	"far": func(rng *rand.Rand, row []float32) { fill(rng, row, 0, math.Pow(10, 8*rng.Float64())) },
	"large": func(rng *rand.Rand, row []float32) {
		fill(rng, row, float32(math.Pow(10, 5*rng.Float64())*(rng.Float64()-0.5)), 5)
	},
	"any bits": func(rng *rand.Rand, row []float32) {
		for j := range row {
			for row[j] = inf; !(row[j] < inf); {
				row[j] = math.Float32frombits(rng.Uint32())
			}
		}
	},
	"not a number": func(rng *rand.Rand, row []float32) {
		fill(rng, row, 0, 2)
		payload := rng.Uint32()
		row[rng.IntN(len(row))] = math.Float32frombits(0x7f800001 | payload)
	},
	"infinity": func(rng *rand.Rand, row []float32) {
		fill(rng, row, 0, 2)
		row[rng.IntN(len(row))] = inf
	},
	"all minus": func(_ *rand.Rand, row []float32) {
		for j := range row {
			row[j] = -inf
		}
	},
}

func fill(rng *rand.Rand, row []float32, middle float32, scale float64) {
	for j := range row {
		row[j] = middle + float32(scale*rng.NormFloat64())
	}
}

// widths are the numbers of classes of the tests: every tail of every vector,
// and both sides of every change of kernel.
func widths() (list []int) {
	for c := 1; c <= 64+67; c++ {
		list = append(list, c)
	}
	return append(list, 255, 256, 257, 511, 512, 513, 999, 1000, 1001, 4095, 8192, 8193, 21841)
}

func TestKernelsAgreeOnLogits(t *testing.T) {
	for name, draw := range families {
		rng := rand.New(rand.NewPCG(7, uint64(len(name))))
		for _, classes := range append(widths(), 100000) {
			n := 1 + 2000/classes
			rows, wide, label := make([]float32, n*classes), make([]float64, n*classes), make([]int32, n)
			for i := range n {
				row := rows[i*classes:][:classes]
				draw(rng, row)
				label[i] = int32(rng.IntN(classes+2)) - 1
				if i%3 == 0 {
					label[i] = int32(scan(row).arg)
				}
			}
			for i, v := range rows {
				wide[i] = float64(v)
			}
			agreeLogits(t, name, rows, classes, label)
			if classes <= 1000 {
				agreeLogits(t, name, wide, classes, label)
			}
		}
	}
}

func agreeProbs[F Float](t *testing.T, name string, rows []F, classes int, label []int32) {
	t.Helper()
	var want, got Columns
	probs(reference, &want, rows, classes, label)
	for k := portable; k <= fastest; k++ {
		probs(k, &got, rows, classes, label)
		agreeAbsolutely(t, fmt.Sprintf("%v, %s of %d %T", k, name, classes, F(0)), &got, &want, tolerance[F](k, classes))
	}
}

// agreeAbsolutely is agree where 1 - sum p^2, the Brier score and the entropy
// of stored probabilities cancel: to 1e-13 absolutely is enough.
func agreeAbsolutely(t *testing.T, name string, got, want *Columns, tolerance float64) {
	t.Helper()
	for _, c := range [][2][]float64{{got.Gini, want.Gini}, {got.Brier, want.Brier}, {got.Entropy, want.Entropy}} {
		for i, w := range c[1] {
			if math.Abs(c[0][i]-w) <= 1e-13 {
				c[0][i] = w
			}
		}
	}
	agree(t, name, got, want, tolerance)
}

func TestKernelsAgreeOnProbs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	spoil := []float32{float32(math.NaN()), inf, -inf, -0.25, 0.25, math.Float32frombits(0x7f800001)}
	for _, classes := range widths() {
		for trial := range 24 {
			row := make([]float32, classes)
			fill(rng, row, 0, math.Exp(5*rng.Float64()-2))
			row[rng.IntN(classes)] += float32(30 * rng.Float64())
			softmaxExactly(row)
			if trial%2 == 1 && trial/2 < len(spoil) {
				row[rng.IntN(classes)] += spoil[trial/2]
			}
			if trial == 20 { // one-hot, and subnormals beside it
				clear(row)
				row[rng.IntN(classes)] = math.Float32frombits(rng.Uint32N(1 << 20))
				row[rng.IntN(classes)] = 1
			}
			wide := make([]float64, classes)
			for j, v := range row {
				wide[j] = float64(v)
			}
			label := []int32{int32(rng.IntN(classes+2)) - 1}
			agreeProbs(t, "softmax", row, classes, label)
			agreeProbs(t, "softmax", wide, classes, label)
		}
	}
}

func softmaxExactly(row []float32) {
	sum, peak := 0.0, float64(scan(row).max)
	for _, v := range row {
		sum += math.Exp(float64(v) - peak)
	}
	for j, v := range row {
		row[j] = float32(math.Exp(float64(v)-peak) / sum)
	}
}

// TestAnyBatch: a row's statistics do not depend, by a single bit, on the rows
// it comes with.
func TestAnyBatch(t *testing.T) {
	for _, classes := range []int{3, 10, 64, 65, 1000} {
		rows, label := raised(23, classes)
		for k := reference; k <= fastest; k++ {
			var whole, part Columns
			logits(k, &whole, rows, classes, label)
			for i := range label {
				logits(k, &part, rows[i*classes:(i+1)*classes], classes, label[i:i+1])
				for c, column := range columnsOf(&whole, &part) {
					if g, w := column[1][0], column[0][i]; math.Float64bits(g) != math.Float64bits(w) {
						t.Fatalf("%v, %d classes, row %d: column %d is %v alone, %v in a batch", k, classes, i, c, g, w)
					}
				}
			}
		}
	}
}

func TestNoAllocations(t *testing.T) {
	for _, classes := range []int{10, 1000} {
		rows, label := raised(9, classes)
		wide, halves := make([]float64, len(rows)), make([]Half, len(rows))
		s := Columns{Powers: []float64{1, 2.5, 7}}
		for k := reference; k <= fastest; k++ {
			visit := func() {
				logits(k, &s, rows, classes, label)
				logits(k, &s, wide, classes, label)
				logits(k, &s, halves, classes, label)
			}
			visit()
			if n := testing.AllocsPerRun(5, visit); n > 0 {
				t.Errorf("%v, %d classes: %v allocations for batches that fit", k, classes, n)
			}
		}
	}
}

func TestElementary(t *testing.T) {
	if expMinus(0) != 1 || log1p(0) != 0 {
		t.Errorf("exp(-0) is %v, ln(1+0) %v", expMinus(0), log1p(0))
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 200000 {
		d := depth * rng.Float64() * rng.Float64()
		if g, w := expMinus(d), math.Exp(-d); math.Abs(g/w-1) > 6e-16 {
			t.Fatalf("exp(-%v): %v, want %v", d, g, w)
		}
		x := math.Exp(rng.Float64()*350 - 320)
		if g, w := log1p(x), math.Log1p(x); math.Abs(g/w-1) > 6e-16 {
			t.Fatalf("log1p(%v): %v, want %v", x, g, w)
		}
		p := math.Exp(-300 * rng.Float64())
		if g, w := logOf(p, 0), math.Log(p); math.Abs(g-w) > 4e-16*math.Max(1, -w) {
			t.Fatalf("ln %v: %v, want %v", p, g, w)
		}
	}
}

// FuzzKernels compares all implementations with the reference on rows of
// arbitrary bits. The bytes are repeated, moved a little, up to the width.
func FuzzKernels(f *testing.F) {
	f.Add([]byte{0, 0, 128, 63, 0, 0, 0, 64}, uint16(70), int32(1))
	f.Add([]byte{0, 0, 128, 255, 0, 0, 128, 127, 0, 0, 192, 127}, uint16(3), int32(0))
	f.Add([]byte{0, 0, 112, 66, 0, 0, 0, 0, 0, 0, 128, 255}, uint16(129), int32(2))
	f.Add([]byte{0, 0, 128, 63, 0, 0, 0, 0}, uint16(67), int32(66))
	f.Fuzz(func(t *testing.T, bytes []byte, width uint16, label int32) {
		classes := int(width)%700 + 1
		if len(bytes) < 4 {
			return
		}
		row, wide := make([]float32, classes), make([]float64, classes)
		at := 0
		for j := range row {
			if at+4 > len(bytes) {
				at = j % 4 % (len(bytes) - 3)
			}
			row[j] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[at:]))
			wide[j] = float64(row[j])
			at += 4
		}
		agreeLogits(t, "fuzz", row, classes, []int32{label})
		agreeLogits(t, "fuzz", wide, classes, []int32{label})
		agreeNorms(t, row, wide)
		agreeHalves(t, bytes, classes, label)
		agreeProbs(t, "fuzz", row, classes, []int32{label})
		if s := scan(row); !s.nan && s.max <= 100 && s.max > -100 {
			softmaxExactly(row)
			agreeProbs(t, "fuzz", row, classes, []int32{label})
		}
	})
}

// agreeNorms compares the norms of a row, and of the same row as float64, with the
// definition.
func agreeNorms(t *testing.T, row []float32, wide []float64) {
	t.Helper()
	label := []int32{0}
	var want Columns
	want.Powers = []float64{0, 1, 2, 3, 7, 10, 2.5}
	logits(reference, &want, wide, len(row), label)
	if len(want.Bad) > 0 {
		return
	}
	for k := portable; k <= fastest; k++ {
		for _, narrow := range []bool{true, false} {
			got := Columns{Powers: want.Powers}
			if narrow {
				logits(k, &got, row, len(row), label)
			} else {
				logits(k, &got, wide, len(row), label)
			}
			for j, p := range want.Powers {
				g, w := got.Norm[j][0], want.Norm[j][0]
				if !(g == w || g != g && w != w || math.Abs(g-w) <= single*math.Abs(w)) {
					t.Fatalf("%v, %d classes, p %v: norm %v, want %v", k, len(row), p, g, w)
				}
			}
		}
	}
}

// agreeHalves compares rows of float16, two bytes each, with the same in float32.
func agreeHalves(t *testing.T, bytes []byte, classes int, label int32) {
	t.Helper()
	rows, wide := make([]Half, 3*classes), make([]float32, 3*classes)
	for i := range rows {
		rows[i] = Half(binary.LittleEndian.Uint16(bytes[i%(len(bytes)-1):]))
		wide[i] = rows[i].Float32()
	}
	labels := []int32{label, 0, label}
	for k := reference; k <= fastest; k++ {
		var got, want Columns
		logits(k, &got, rows, classes, labels)
		logits(k, &want, wide, classes, labels)
		same(t, k, classes, &got, &want)
	}
}

// TestFaintEntropy: beside a probability of 1 there may be subnormal ones.
func TestFaintEntropy(t *testing.T) {
	row := make([]float32, 100)
	row[3], row[50], row[99] = 1, math.Float32frombits(1), math.Float32frombits(77)
	var want, got Columns
	probs(reference, &want, row, len(row), []int32{3})
	for k := portable; k <= fastest; k++ {
		probs(k, &got, row, len(row), []int32{3})
		if g, w := got.Entropy[0], want.Entropy[0]; math.Abs(g/w-1) > single {
			t.Errorf("%v: entropy %v, want %v", k, g, w)
		}
	}
}

// TestSumsOverflow: as large as sums get, they are right.
func TestSumsOverflow(t *testing.T) {
	for _, classes := range []int{65, 5000, 21841, 100000, 200000} {
		row, wide := make([]float32, classes), make([]float64, classes)
		for _, height := range []float32{0.001, 1, 2000, 4096} {
			for j := range row {
				row[j] = height * float32(2*(j%2)-1)
				wide[j] = float64(row[j])
			}
			agreeLogits(t, "two values", row, classes, []int32{1})
			agreeNorms(t, row, wide)
		}
		for j := range row {
			row[j] = 1 / float32(classes)
		}
		agreeProbs(t, "uniform", row, classes, []int32{1})
	}
}

// TestOrderOfClasses: rows that are permutations of each other have the same
// statistics, bit by bit, with every kernel.
func TestOrderOfClasses(t *testing.T) {
	for _, classes := range []int{2, 3, 5, 10, 33, 64, 65, 100, 257, 1000, 5000} {
		for name, draw := range families {
			rng := rand.New(rand.NewPCG(uint64(classes), uint64(len(name))))
			const n = 6
			rows, label := make([]float32, n*classes), make([]int32, n)
			draw(rng, rows[:classes])
			label[0] = int32(rng.IntN(classes))
			for i := 1; i < n; i++ {
				for j, k := range rng.Perm(classes) {
					rows[i*classes+k] = rows[j]
					if j == int(label[0]) {
						label[i] = int32(k)
					}
				}
			}
			checkOrderFree(t, name, rows, classes, label)
			wide := make([]float64, len(rows))
			for i, v := range rows {
				wide[i] = float64(v)
			}
			checkOrderFree(t, name, wide, classes, label)
			if s := scan(rows[:classes]); !s.nan && s.max <= 100 && s.max > -100 {
				softmaxExactly(rows[:classes])
				for i, v := range rows[:classes] {
					wide[i] = float64(v)
				}
				checkProbsOrderFree(t, name, rows[:classes], classes)
				checkProbsOrderFree(t, name, wide[:classes], classes)
			}
		}
	}
}

func checkOrderFree[F Float](t *testing.T, name string, rows []F, classes int, label []int32) {
	t.Helper()
	for k := reference; k <= fastest; k++ {
		s := Columns{Powers: []float64{1, 2, 3, 2.5}}
		logits(k, &s, rows, classes, label)
		if len(s.Bad) > 0 {
			return
		}
		equalRows(t, fmt.Sprintf("%v, %s of %d %T", k, name, classes, F(0)), &s)
	}
}

func checkProbsOrderFree[F real](t *testing.T, name string, row []F, classes int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 3))
	rows, label := append([]F(nil), row...), []int32{0}
	for i := 1; i < 6; i++ {
		perm := rng.Perm(classes)
		next := make([]F, classes)
		for j, k := range perm {
			next[k] = row[j]
		}
		rows, label = append(rows, next...), append(label, int32(perm[0]))
	}
	for k := reference; k <= fastest; k++ {
		var s Columns
		probs(k, &s, rows, classes, label)
		if len(s.Bad) == 0 {
			equalRows(t, fmt.Sprintf("%v, probabilities %s of %d %T", k, name, classes, F(0)), &s)
		}
	}
}

// equalRows checks that all rows have the statistics of the first; those of the label
// too, whatever its rank among equals.
func equalRows(t *testing.T, name string, s *Columns) {
	t.Helper()
	columns := [][]float64{s.Max, s.Second, s.Rest, s.SecondExp, s.Entropy, s.Gini, s.NLL, s.Sum, s.Mean}
	columns = append(columns, s.Norm...)
	if s.Max[0] != s.Second[0] { // with equal classes the label may be first or not
		columns = append(columns, s.Brier)
	}
	for c, column := range columns {
		for _, v := range column {
			if math.Float64bits(v) != math.Float64bits(column[0]) && !(v != v && column[0] != column[0]) && !(v == 0 && column[0] == 0) {
				t.Errorf("%s: column %d is %v, and %v with the classes in another order", name, c, column[0], v)
				return
			}
		}
	}
	for i, f := range s.Faint {
		if f.LogRest != s.Faint[0].LogRest || f.LogShort != s.Faint[0].LogShort || f.LogEntropy != s.Faint[0].LogEntropy {
			t.Errorf("%s: faint row %d is %+v, and %+v with the classes in another order", name, i, s.Faint[0], f)
		}
	}
}
