package rowstat

import (
	"math/rand/v2"
	"testing"
)

// TestWant: whatever is asked for has the value that it has among all, and what
// is not has no entries.
func TestWant(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	for _, classes := range []int{1, 2, 10, 64, 65, 300, 1000} {
		n := 21
		rows, label := raised(n, classes)
		rows[3*classes], rows[5*classes] = inf, -inf
		for i := range label {
			label[i] = int32(rng.IntN(classes+1)) - 1
			if i%2 == 0 {
				label[i] = int32(scan(rows[i*classes:][:classes]).arg)
			}
		}
		for k := reference; k <= fastest; k++ {
			for _, of := range []func(kernel, *Columns, []float32, int, []int32){logits[float32], probs[float32]} {
				var all Columns
				of(k, &all, rows, classes, label)
				for range 30 {
					some := Columns{Want: Want(rng.IntN(wantAll + 1))}
					of(k, &some, rows, classes, label)
					checkWant(t, k, classes, &some, &all)
				}
				for i := range classes { // for Probs, from here on
					rows[i] = 1 / float32(classes)
				}
			}
		}
	}
}

// checkWant compares what some has with all. Sums of fewer kinds may be rounded
// otherwise.
func checkWant(t *testing.T, k kernel, classes int, some, all *Columns) {
	t.Helper()
	full := *all
	from := full.columns()
	for i, c := range some.columns() {
		if i < 2 { // Max and Mean
			continue
		}
		w := WantSecond << (i - 2)
		if want := some.rows(w, len(all.Argmax)); len(*c) != want {
			t.Fatalf("%v, want %b: column %d has %d entries, want %d", k, some.Want, i, len(*c), want)
		}
		if !some.Want.has(w) {
			*c = *from[i]
		}
	}
	if some.Want.has(WantRank) != (len(some.Rank) == len(all.Rank)) {
		t.Fatalf("%v, want %b: %d ranks", k, some.Want, len(some.Rank))
	}
	if !some.Want.has(WantRank) {
		some.Rank = all.Rank
	}
	agree(t, k.String(), some, &full, tolerance[float32](k, classes))
}

func TestWantOfNothing(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a statistic that does not exist went through")
		}
	}()
	Logits(&Columns{Want: 1 << 15}, []float32{1, 2}, 2, []int32{0})
}

// TestWantChanges: columns may be used again with another Want.
func TestWantChanges(t *testing.T) {
	var s Columns
	rows, label := raised(9, 100)
	for _, w := range []Want{0, WantRest, WantEntropy | WantRank, 0} {
		s.Want = w
		Logits(&s, rows, 100, label)
		if len(s.Rest) != s.rows(WantRest, 9) || len(s.Entropy) != s.rows(WantEntropy, 9) || len(s.Argmax) != 9 {
			t.Errorf("want %b: %d %d %d", w, len(s.Rest), len(s.Entropy), len(s.Argmax))
		}
	}
	s.Want = WantRest
	if n := testing.AllocsPerRun(5, func() { Logits(&s, rows, 100, label) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
