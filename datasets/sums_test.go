package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// Rows whose sum is off 1 because of rounding are divided by their sum; others
// stay.
func TestRoundedRows(t *testing.T) {
	for _, c := range []struct {
		name, row string
		want      []float64 // nil: as stored
	}{
		{"exact", "0.25,0.75,0", nil},
		{"float32", "0.3333333,0.3333333,0.3333333", nil},
		{"four decimals", "0.3333,0.3333,0.333", nil},
		{"three decimals", "0.333,0.333,0.333", []float64{1. / 3, 1. / 3, 1. / 3}},
		{"two decimals", "0.33,0.33,0.33", []float64{1. / 3, 1. / 3, 1. / 3}},
		{"more than two allow", "0.33,0.33,0.3", nil},
		{"above 1", "0.51,0.5,0", []float64{0.51 / 1.01, 0.5 / 1.01, 0}},
		{"above 1, for which a zero is no reason", "0.51,0.51,0", nil},
		{"bfloat16", "0.333984375,0.333984375,0.333984375", []float64{1. / 3, 1. / 3, 1. / 3}},
		{"off by 5e-3 in full digits", "0.5022222225,0.5022222225,0", []float64{0.5, 0.5, 0}},
		{"off by more in full digits", "0.5122222225,0.5122222225,0", nil},
		{"one decimal", "0.3,0.3,0.3", nil},
		{"NaN", "NaN,0.5,0.5", nil},
		{"infinite", "inf,0.5,0.5", nil},
		{"negative", "-0.02,0.5,0.5", nil},
		{"negative and near", "-0.01,0.5,0.505", nil},
		{"nothing", "0,0,0", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := readWhole(csvTable("label,p0,p1,p2", "0,0.25,0.25,0.5", "0,"+c.row, "1,0.25,0.25,0.5"))
			if err != nil {
				t.Fatal(err)
			}
			got, want := w.F64[3:6], c.want
			if want == nil {
				raw, _ := readWhole(csvTable("label,l0,l1,l2", "0,"+c.row))
				want = raw.F64
			}
			for i := range got {
				if got[i] != want[i] && math.Abs(got[i]-want[i]) > 1e-15 && got[i] == got[i] {
					t.Errorf("%v, want %v", got, want)
				}
			}
			if noted := len(w.notes) > 0; noted != (c.want != nil) {
				t.Errorf("notes %q", w.notes)
			}
			if others := slices.Concat(w.F64[:3], w.F64[6:]); !slices.Equal(others, []float64{0.25, 0.25, 0.5, 0.25, 0.25, 0.5}) {
				t.Errorf("other rows became %v", others)
			}
		})
	}
}

// Decimals are counted over the table: in a table with three decimals, a row that
// happens to have two counts as having three.
func TestDecimalsOfTheTable(t *testing.T) {
	header, even := "label,p0,p1,p2,p3", "0,0.125,0.375,0.25,0.25"
	for _, c := range []struct {
		first string
		off   float64
	}{{"0,0.12,0.38,0.25,0.25", 1}, {even, 0.98}} {
		w, err := readWhole(csvTable(header, c.first, "0,0.24,0.24,0.25,0.25"))
		if err != nil {
			t.Fatal(err)
		}
		if sum := orderFree(w.F64[4:]); math.Abs(sum-c.off) > 1e-12 {
			t.Errorf("beside %s the row adds to %v, want %v", c.first, sum, c.off)
		}
	}
}

// The same rows come out whatever the file format and the order of classes, and
// different values stay different.
func TestRoundedContainers(t *testing.T) {
	const rows, classes = 50, 40
	rng := rand.New(rand.NewPCG(1, 2))
	narrow := make([]float32, rows*classes)
	for i := range rows {
		row, sum := narrow[i*classes:][:classes], 0.0
		for j := range row {
			row[j] = float32(math.Exp(3 * rng.NormFloat64()))
			sum += float64(row[j])
		}
		for j, v := range row {
			row[j] = column.Half(uint16(math.Round(float64(v)/sum*1000))) * 0x1p24 / 1000 // three decimals
		}
	}
	wide := make([]float64, len(narrow))
	for i, v := range narrow {
		wide[i] = math.Round(float64(v)*1000) / 1000
	}
	label := ipc.Ints("label", ipc.Int8, make([]int, rows))
	read := func(c ipc.Column) *whole {
		w, err := readWhole(file("x.arrow", arrow(t, ipc.Options{Rows: 20}, label, c)))
		if err != nil {
			t.Fatal(err)
		}
		if len(w.notes) != 1 || !strings.Contains(w.notes[0], fmt.Sprintf("of %d rows", rows)) {
			t.Errorf("notes %q", w.notes)
		}
		return w
	}
	a, b := read(ipc.Vectors("probs", ipc.Float64, classes, wide)), read(ipc.Vectors("probs", ipc.Float32, classes, narrow))
	if len(a.F64) != len(wide) || len(b.F64) != len(wide) {
		t.Fatalf("%d and %d values, want %d", len(a.F64), len(b.F64), len(wide))
	}
	back := slices.Clone(wide)
	for i := range rows {
		slices.Reverse(back[i*classes:][:classes])
	}
	c := read(ipc.Vectors("probs", ipc.Float64, classes, back))
	for i := range rows {
		x, y, z := a.F64[i*classes:][:classes], b.F64[i*classes:][:classes], c.F64[i*classes:][:classes]
		slices.Reverse(z)
		if !slices.Equal(x, z) {
			t.Fatalf("row %d depends on the order of classes", i)
		}
		if math.Abs(total(x)-1) > 1e-12 {
			t.Fatalf("row %d adds to %v", i, total(x))
		}
		for j := range x {
			if math.Abs(x[j]-y[j]) > 1e-7 {
				t.Fatalf("row %d, class %d: %v, from float32 %v", i, j, x[j], y[j])
			}
		}
	}
}

// Rows of float16 are treated like widened ones, and are otherwise handed out as
// stored.
func TestHalfProbabilities(t *testing.T) {
	values := []float32{0.5, 0.25, 0.24987793, 0.33276367, 0.33276367, 0.33276367}
	table := file("x.arrow", arrow(t, ipc.Options{Rows: 1}, ipc.Ints("label", ipc.Int8, []int{0, 1}), ipc.Vectors("probs", ipc.Float16, 3, values)))
	r, err := OpenTable(table)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.(HalfKeeper).KeepHalf()
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		if b.First == 0 && len(b.F16) != 3 || b.First == 1 && (b.F16 != nil || math.Abs(total(b.F64)-1) > 1e-15) {
			t.Errorf("batch %+v", b)
		}
	}
}

// If a table holds something other than probabilities, the error says what.
func TestMistakenProbabilities(t *testing.T) {
	for _, c := range []struct {
		lines []string
		row   int
		want  string
	}{
		{[]string{"0,-0.105361,-2.302585", "1,-1.609438,-0.223144"}, 0, "call the columns l0, l1"},
		{[]string{"0,90,10", "1,25,75"}, 0, "divide them by 100"},
		{[]string{"0,33.3,66.6"}, 0, "divide them by 100"},
		{[]string{"0,0.5,0.5", "0,0.9,0.4", "1,0.2,0.3", "1,0.7,0.8"}, 1, "outputs of a sigmoid"},
	} {
		_, err := readWhole(csvTable(append([]string{"label,p0,p1"}, c.lines...)...))
		checkError(t, err, "p0..p1", c.row, c.want)
	}
	_, err := readWhole(csvTable("label,p0,p1", "0,0.5,0.5", "0,0.9,0.4", "1,0.2,0.8"))
	if err != nil { // the metrics report a single bad row
		t.Error(err)
	}
}

// FuzzSums: any row either adds to 1 afterwards or is unchanged.
func FuzzSums(f *testing.F) {
	f.Add(0.333, 0.333, 0.333)
	f.Add(0.5, math.Inf(1), -3.0)
	f.Add(1e308, 1e308, 0.01)
	f.Fuzz(func(t *testing.T, a, b, c float64) {
		values := []float64{a, b, c}
		w, err := readWhole(file("x.arrow", arrow(t, ipc.Options{}, ipc.Ints("label", ipc.Int8, []int{0}), ipc.Vectors("probs", ipc.Float64, 3, values))))
		if err != nil {
			checkPlace(t, err)
			return
		}
		same := slices.EqualFunc(w.F64, values, func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
		if !same && math.Abs(total(w.F64)-1) > 1e-12 {
			t.Fatalf("%v became %v", values, w.F64)
		}
	})
}

func BenchmarkProbs(b *testing.B) {
	const rows, classes = 2000, 1000
	values := slices.Repeat([]float32{1. / classes}, rows*classes)
	table := file("x.arrow", arrow(b, ipc.Options{}, ipc.Ints("label", ipc.Int16, make([]int, rows)), ipc.Vectors("probs", ipc.Float32, classes, values)))
	logits := file("x.arrow", arrow(b, ipc.Options{}, ipc.Ints("label", ipc.Int16, make([]int, rows)), ipc.Vectors("logits", ipc.Float32, classes, values)))
	for _, c := range []Table{table, logits} {
		b.Run(fmt.Sprint(c.Size), func(b *testing.B) {
			for b.Loop() {
				r, err := OpenTable(c)
				if err != nil {
					b.Fatal(err)
				}
				for range r.Batches() {
				}
				r.Close()
			}
		})
	}
}
