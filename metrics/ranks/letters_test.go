package ranks

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// insertAndAbsorb is the algorithm of Piepho (2004), as its author states it
// except that the pairs of a model come together: the oracle of ConnectedLetters.
// Models are meant by their place in the order.
func insertAndAbsorb(n int, separable func(i, j int) bool) [][]int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	groups := [][]int{all}
	for i := range n {
		for j := range i {
			if !separable(j, i) {
				continue
			}
			var next [][]int
			for _, g := range groups {
				if !slices.Contains(g, i) || !slices.Contains(g, j) {
					next = append(next, g)
					continue
				}
				for _, out := range []int{i, j} {
					next = append(next, slices.DeleteFunc(slices.Clone(g), func(k int) bool { return k == out }))
				}
			}
			groups = absorb(next)
		}
	}
	slices.SortFunc(groups, slices.Compare)
	return groups
}

// absorb drops groups that lie within others.
func absorb(groups [][]int) [][]int {
	slices.SortStableFunc(groups, func(a, b []int) int { return len(b) - len(a) })
	var kept [][]int
	for _, g := range groups {
		if !slices.ContainsFunc(kept, func(k []int) bool { return within(g, k) }) {
			kept = append(kept, g)
		}
	}
	return kept
}

func within(a, b []int) bool {
	return !slices.ContainsFunc(a, func(v int) bool { return !slices.Contains(b, v) })
}

// checkLetters checks what letters promise: a shared one exactly for ties.
func checkLetters(t *testing.T, l *Letters, order []int, separable func(i, j int) bool) {
	t.Helper()
	for _, group := range l.Groups {
		for k, i := range group {
			for _, j := range group[:k] {
				if separable(j, i) {
					t.Errorf("models %d and %d are told separable and share a letter", j, i)
				}
			}
		}
		for _, i := range order { // as large as can be
			if !slices.Contains(group, i) && !slices.ContainsFunc(group, func(j int) bool { return separable(j, i) }) {
				t.Errorf("group %v could take in model %d", group, i)
			}
		}
	}
	for k, i := range order {
		if l.Of(i) == "" {
			t.Errorf("model %d has no letter", i)
		}
		for _, j := range order[:k] {
			share := slices.ContainsFunc(l.of[i], func(letter int) bool { return slices.Contains(l.of[j], letter) })
			if share == separable(j, i) {
				t.Errorf("models %d and %d: told separable %v, share a letter %v", j, i, separable(j, i), share)
			}
		}
	}
}

func places(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// TestLettersOfIntervals: where ties are a matter of distance, the groups are
// those of insert-and-absorb.
func TestLettersOfIntervals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		n := 1 + r.IntN(25)
		x := make([]float64, n)
		for i := range x {
			x[i] = r.Float64()
		}
		slices.Sort(x)
		reach := r.Float64() / 2
		separable := func(i, j int) bool { return math.Abs(x[i]-x[j]) > reach }
		l := ConnectedLetters(places(n), separable)
		checkLetters(t, l, places(n), separable)
		if want := insertAndAbsorb(n, separable); !slices.EqualFunc(l.Groups, want, slices.Equal) {
			t.Fatalf("values %v, reach %v: groups %v, want %v", x, reach, l.Groups, want)
		}
	}
}

// TestLettersOfAnything: with any ties the display is right, every group is one
// of insert-and-absorb's, and there are no more.
func TestLettersOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	fewer := 0
	for range 200 {
		n, share := 1+r.IntN(14), r.Float64()
		table := make([]bool, n*n)
		for i := range n {
			for j := range i {
				v := r.Float64() < share
				table[i*n+j], table[j*n+i] = v, v
			}
		}
		separable := func(i, j int) bool { return table[i*n+j] }
		order := r.Perm(n)
		l := ConnectedLetters(order, separable)
		checkLetters(t, l, order, separable)
		all := insertAndAbsorb(n, separable)
		for _, group := range l.Groups {
			if !slices.ContainsFunc(all, func(g []int) bool { return slices.Equal(g, slices.Sorted(slices.Values(group))) }) {
				t.Errorf("group %v is none of %v", group, all)
			}
		}
		if len(l.Groups) > len(all) {
			t.Errorf("%d groups, insert-and-absorb has %d", len(l.Groups), len(all))
		}
		if len(l.Groups) < len(all) {
			fewer++
		}
	}
	t.Logf("fewer groups than insert-and-absorb in %d of 200 graphs", fewer)
}

// TestLettersOf reads displays off by hand.
func TestLettersOf(t *testing.T) {
	chain := func(n int) *Letters { // neighbours are tied
		return ConnectedLetters(places(n), func(i, j int) bool { return j-i > 1 })
	}
	display := func(l *Letters, n int) string {
		var all []string
		for i := range n {
			all = append(all, l.Of(i))
		}
		return strings.Join(all, " ")
	}
	if got := display(chain(4), 4); got != "a ab bc c" {
		t.Errorf("chain of 4: %s", got)
	}
	if got := chain(27); got.Of(25) != "yz" || got.Of(26) != "z" {
		t.Errorf("chain of 27: %s, %s", got.Of(25), got.Of(26))
	}
	if got := chain(28); got.Of(0) != "1" || got.Of(25) != "25-26" || got.Of(27) != "27" {
		t.Errorf("chain of 28: %s, %s, %s", got.Of(0), got.Of(25), got.Of(27))
	}
	// 30 models told separable from each other, each tied with model 30
	star := ConnectedLetters(places(32), func(i, j int) bool { return j != 30 || i%3 == 0 })
	if got := star.Of(30); got != "2-3,5-6,8-9,11-12,14-15,17-18,20-21,23-24,26-27,29-30" {
		t.Errorf("star: %s", got)
	}
	if got := star.Of(31); got != "31" {
		t.Errorf("outsider: %s", got)
	}
	// places and models are not the same, and one model is not shown
	few := ConnectedLetters([]int{5, 2, 0}, func(i, j int) bool { return i == 5 && j == 0 })
	if few.Of(5) != "a" || few.Of(2) != "ab" || few.Of(0) != "b" || few.Of(1) != "" || few.Of(9) != "" {
		t.Errorf("three of six: %v", few)
	}
	if !slices.EqualFunc(few.Groups, [][]int{{5, 2}, {2, 0}}, slices.Equal) {
		t.Errorf("groups %v", few.Groups)
	}
}

// TestLettersOfManyTies: 523 models with ties that are no matter of distance
// alone, where the groups of insert-and-absorb cannot be listed.
func TestLettersOfManyTies(t *testing.T) {
	if testing.Short() {
		t.Skip("a board of 523 models, many times")
	}
	const n = 523
	r := rand.New(rand.NewPCG(5, 6))
	table := make([]bool, n*n)
	for i := range n {
		for j := range i {
			v := float64(i-j) > 150*r.Float64()+100
			table[i*n+j], table[j*n+i] = v, v
		}
	}
	separable := func(i, j int) bool { return table[i*n+j] }
	l := ConnectedLetters(places(n), separable)
	checkLetters(t, l, places(n), separable)
	t.Logf("%d groups", len(l.Groups))
}

func BenchmarkLetters(b *testing.B) {
	for b.Loop() {
		ConnectedLetters(places(523), func(i, j int) bool { return j-i > 100+(i*j)%37 })
	}
}
