package rowstat

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

// BenchmarkLogits times every implementation in turns with the bare reading of
// the same 200 MB (20 MB of narrow rows), and reports
//
//	ns/row     the kernel's time
//	x-stream   the kernel's time over that of adding the values up
//
// from the least time of every stretch of up to 4 MB over all rounds, which other work
// on the machine disturbs less than a mean. Ask for rounds: -benchtime 20x.
func BenchmarkLogits(b *testing.B) {
	for _, classes := range []int{10, 100, 1000, 100000} {
		rows, label := raised(bulk(classes)/classes, classes)
		eachKernel(b, fmt.Sprint(classes), func(b *testing.B, k kernel) {
			var dst Columns
			beside(b, rows, classes, func(from, to int) {
				logits(k, &dst, rows[from*classes:to*classes], classes, label[from:to])
			})
		})
	}
}

// BenchmarkWant is the same with fewer statistics than all: what the largest
// probability, NLL, Brier score and top-k accuracy ask for; and next to nothing.
func BenchmarkWant(b *testing.B) {
	const classes = 1000
	rows, label := raised(bulk(classes)/classes, classes)
	for _, w := range []struct {
		name string
		want Want
	}{
		{"default", WantRest | WantRank | WantNLL | WantBrier | WantGini},
		{"rest+nll+rank", WantRest | WantNLL | WantRank},
		{"rest", WantRest},
	} {
		eachKernel(b, w.name, func(b *testing.B, k kernel) {
			dst := Columns{Want: w.want}
			beside(b, rows, classes, func(from, to int) {
				logits(k, &dst, rows[from*classes:to*classes], classes, label[from:to])
			})
		})
	}
}

// BenchmarkNorm is the same with norms of the centred logits.
func BenchmarkNorm(b *testing.B) {
	const classes = 1000
	rows, label := raised(bulk(classes)/classes/4, classes)
	for _, powers := range [][]float64{{1}, {2}, {7}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}} {
		eachKernel(b, fmt.Sprint(len(powers), "to", powers[len(powers)-1]), func(b *testing.B, k kernel) {
			dst := Columns{Powers: powers}
			beside(b, rows, classes, func(from, to int) {
				logits(k, &dst, rows[from*classes:to*classes], classes, label[from:to])
			})
		})
	}
}

// BenchmarkHalf is BenchmarkLogits with rows of float16, beside reading them.
func BenchmarkHalf(b *testing.B) {
	for _, classes := range []int{10, 1000} {
		wide, label := raised(bulk(classes)/classes, classes)
		rows := make([]Half, len(wide))
		for i, v := range wide {
			rows[i] = halfOf(v)
		}
		asWide := unsafe.Slice((*float32)(unsafe.Pointer(&rows[0])), len(rows)/2)
		eachKernel(b, fmt.Sprint(classes), func(b *testing.B, k kernel) {
			var dst Columns
			beside(b, asWide, classes/2, func(from, to int) {
				logits(k, &dst, rows[from*classes:to*classes], classes, label[from:to])
			})
		})
	}
}

// BenchmarkProbs is BenchmarkLogits for probabilities.
func BenchmarkProbs(b *testing.B) {
	for _, classes := range []int{10, 1000} {
		rows, label := raised(bulk(classes)/classes, classes)
		for i := 0; i < len(rows); i += classes {
			softmax(rows[i : i+classes])
		}
		eachKernel(b, fmt.Sprint(classes), func(b *testing.B, k kernel) {
			var dst Columns
			beside(b, rows, classes, func(from, to int) {
				probs(k, &dst, rows[from*classes:to*classes], classes, label[from:to])
			})
		})
	}
}

func eachKernel(b *testing.B, name string, run func(b *testing.B, k kernel)) {
	for k := reference; k <= fastest; k++ {
		b.Run(fmt.Sprintf("%s/%v", name, k), func(b *testing.B) { run(b, k) })
	}
}

// bulk is how many values a benchmark goes through.
func bulk(classes int) int {
	if classes < 100 {
		return 5_000_000
	}
	return 50_000_000
}

// raised returns n rows of normal logits in which the label, drawn at random,
// is raised: of rows of 1000 classes somewhat more than half are predicted right.
func raised(n, classes int) ([]float32, []int32) {
	rng := rand.New(rand.NewPCG(1, 2))
	rows, label := make([]float32, n*classes), make([]int32, n)
	noise := make([]float32, 1<<16)
	for i := range noise {
		noise[i] = float32(2 * rng.NormFloat64())
	}
	for i := range rows {
		rows[i] = noise[rng.Uint32()&(1<<16-1)]
	}
	for i := range label {
		label[i] = int32(rng.IntN(classes))
		rows[i*classes+int(label[i])] += float32(7 + 2*rng.NormFloat64())
	}
	return rows, label
}

func softmax(row []float32) {
	var sum float64
	for _, v := range row {
		sum += expMinus(max(0, 40-float64(v)))
	}
	for j, v := range row {
		row[j] = float32(expMinus(max(0, 40-float64(v))) / sum)
	}
}

// beside times run on stretches of rows, a round after a round of bare reading.
func beside(b *testing.B, rows []float32, classes int, run func(from, to int)) {
	n := len(rows) / classes
	step := min(4096, max(1, 1_000_000/classes))
	kernel, stream := make([]time.Duration, (n+step-1)/step), make([]time.Duration, (n+step-1)/step)
	run(0, min(n, step))
	time1 := func(least []time.Duration, visit func(from, to int)) {
		for s := range least {
			begin := time.Now()
			visit(s*step, min(n, (s+1)*step))
			if d := time.Since(begin); least[s] == 0 || d < least[s] {
				least[s] = d
			}
		}
	}
	b.SetBytes(int64(4 * len(rows)))
	for b.Loop() {
		time1(stream, func(from, to int) { read(rows[from*classes : to*classes]) })
		time1(kernel, run)
	}
	b.ReportMetric(float64(total(kernel).Nanoseconds())/float64(n), "ns/row")
	b.ReportMetric(float64(total(kernel))/float64(total(stream)), "x-stream")
	b.ReportMetric(float64(total(stream).Microseconds())/1000, "ms-stream")
}

func total(times []time.Duration) (sum time.Duration) {
	for _, t := range times {
		sum += t
	}
	return sum
}

func readPortable(rows []float32) float32 {
	var a, b, c, d float32
	for ; len(rows) >= 4; rows = rows[4:] {
		a, b, c, d = a+rows[0], b+rows[1], c+rows[2], d+rows[3]
	}
	for _, v := range rows {
		a += v
	}
	return a + b + (c + d)
}
