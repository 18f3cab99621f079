package rowstat

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
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
		for k := reference; k <= fastest; k++ {
			b.Run(fmt.Sprintf("%d/%v", classes, k), func(b *testing.B) {
				beside(b, rows, classes, func(dst *Columns, from, to int) {
					logits(k, dst, rows[from*classes:to*classes], classes, label[from:to])
				})
			})
		}
	}
}

// BenchmarkProbs is the same for probabilities.
func BenchmarkProbs(b *testing.B) {
	for _, classes := range []int{10, 1000} {
		rows, label := raised(bulk(classes)/classes, classes)
		for i := 0; i < len(rows); i += classes {
			softmax(rows[i : i+classes])
		}
		for k := reference; k <= fastest; k++ {
			b.Run(fmt.Sprintf("%d/%v", classes, k), func(b *testing.B) {
				beside(b, rows, classes, func(dst *Columns, from, to int) {
					probs(k, dst, rows[from*classes:to*classes], classes, label[from:to])
				})
			})
		}
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
// is raised: about four rows in five are predicted right.
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
func beside(b *testing.B, rows []float32, classes int, run func(dst *Columns, from, to int)) {
	n := len(rows) / classes
	stretch := min(4096, max(1, 1_000_000/classes))
	kernel, stream := make([]time.Duration, (n+stretch-1)/stretch), make([]time.Duration, (n+stretch-1)/stretch)
	var dst Columns
	run(&dst, 0, min(n, stretch))
	time1 := func(least []time.Duration, visit func(from, to int)) {
		for s := range least {
			begin := time.Now()
			visit(s*stretch, min(n, (s+1)*stretch))
			if d := time.Since(begin); least[s] == 0 || d < least[s] {
				least[s] = d
			}
		}
	}
	b.SetBytes(int64(4 * len(rows)))
	for b.Loop() {
		time1(stream, func(from, to int) { read(rows[from*classes : to*classes]) })
		time1(kernel, func(from, to int) { run(&dst, from, to) })
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
