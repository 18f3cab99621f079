package ranks

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// Letters is a compact letter display: letters for models such that two models
// share one exactly if they are not told apart.
type Letters struct {
	// Groups are the models of each letter, by index and best first, no two of
	// them told apart. They are ordered by their best member, then by their next one.
	Groups [][]int

	of [][]int // letters of each model, rising
}

// Letters connects the models that are not told apart when all pairs are compared.
func (s *Sets) Letters() *Letters { return ConnectedLetters(s.order(), s.Separable) }

// ConnectedLetters gives letters to the models in order, best first, where separable
// says which two are told apart; only pairs with i before j in order are asked
// for. Every model of order has a letter, and every group is as large as it can be.
//
// The groups are cliques that cover the graph of ties. A group is grown from the
// first pair that shares no letter yet, the farthest partner first, by the
// neighbours that bring most such pairs; then groups that others make needless
// are dropped. Where ties are a matter of distance alone this gives the groups
// of the insert-and-absorb algorithm (Piepho, J. Comp. Graph. Stat. 13, 2004),
// otherwise no more than it and often far fewer, and always in polynomial time
// (Gramm, Guo, Hüffner, Niedermeier, Piepho, Schmid, Comp. Stat. Data Anal. 52, 2007).
func ConnectedLetters(order []int, separable func(i, j int) bool) *Letters {
	c := newCover(order, separable)
	for i := range order {
		for c.open[i].any() {
			c.add(c.grow(i, c.open[i].last()))
		}
		if c.times[i*c.n+i] == 0 { // told apart from all others
			c.add(c.grow(i, i))
		}
	}
	c.drop()
	size := 0
	for _, model := range order {
		size = max(size, model+1)
	}
	l := &Letters{of: make([][]int, size)}
	slices.SortFunc(c.groups, slices.Compare)
	for letter, group := range c.groups {
		models := make([]int, len(group))
		for k, at := range group {
			models[k] = order[at]
			l.of[models[k]] = append(l.of[models[k]], letter)
		}
		l.Groups = append(l.Groups, models)
	}
	return l
}

// Of is the display of a model: its letters, as in "bcd", if there are no more
// than 26; otherwise the numbers of its groups from 1, as in "3-5,9". It is
// empty for a model that was not in the order.
func (l *Letters) Of(model int) string {
	if model >= len(l.of) {
		return ""
	}
	var b strings.Builder
	if len(l.Groups) <= 26 {
		for _, letter := range l.of[model] {
			b.WriteByte('a' + byte(letter))
		}
		return b.String()
	}
	for rest := l.of[model]; len(rest) > 0; {
		run := 1
		for run < len(rest) && rest[run] == rest[0]+run {
			run++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(rest[0] + 1))
		if run > 1 {
			fmt.Fprintf(&b, "-%d", rest[run-1]+1)
		}
		rest = rest[run:]
	}
	return b.String()
}

// cover is a set of cliques on its way to cover a graph of ties. Models are
// meant by their place in the order.
type cover struct {
	n      int
	tied   []bitset
	open   []bitset // pairs in no group yet, both ways round
	times  []int32  // n x n: in how many groups a pair is; on the diagonal, a model
	groups [][]int
}

func newCover(order []int, separable func(i, j int) bool) *cover {
	n := len(order)
	c := &cover{n: n, tied: newBitsets(n), open: newBitsets(n), times: make([]int32, n*n)}
	for i := range order {
		for j := i + 1; j < n; j++ {
			if !separable(order[i], order[j]) {
				c.tied[i].set(j)
				c.tied[j].set(i)
				c.open[i].set(j)
				c.open[j].set(i)
			}
		}
	}
	return c
}

// grow is the clique grown from two tied places, or one, until no other fits.
func (c *cover) grow(i, j int) []int {
	members, fits := make(bitset, len(c.tied[i])), slices.Clone(c.tied[i])
	members.set(i)
	if j != i {
		members.set(j)
		fits.and(c.tied[j])
	}
	for fits.any() {
		best, most := -1, -1
		for k := range fits.all() {
			if gain := c.open[k].common(members); gain > most {
				best, most = k, gain
			}
		}
		members.set(best)
		fits.and(c.tied[best])
	}
	return slices.Collect(members.all())
}

func (c *cover) add(group []int) {
	c.groups = append(c.groups, group)
	for _, i := range group {
		for _, j := range group {
			c.times[i*c.n+j]++
			c.open[i].unset(j)
		}
	}
}

// drop removes groups all of whose pairs are in others too, small ones first.
func (c *cover) drop() {
	slices.SortStableFunc(c.groups, func(a, b []int) int { return cmp.Compare(len(a), len(b)) })
	c.groups = slices.DeleteFunc(c.groups, func(group []int) bool {
		for _, i := range group {
			for _, j := range group {
				if c.times[i*c.n+j] < 2 {
					return false
				}
			}
		}
		for _, i := range group {
			for _, j := range group {
				c.times[i*c.n+j]--
			}
		}
		return true
	})
}

// bitset is a set of small numbers.
type bitset []uint64

// newBitsets are n empty sets of numbers below n.
func newBitsets(n int) []bitset {
	words := (n + 63) / 64
	all := make([]uint64, n*words)
	sets := make([]bitset, n)
	for i := range sets {
		sets[i] = all[i*words : (i+1)*words]
	}
	return sets
}

func (s bitset) set(k int)   { s[k/64] |= 1 << (k % 64) }
func (s bitset) unset(k int) { s[k/64] &^= 1 << (k % 64) }

// and keeps what is also in t.
func (s bitset) and(t bitset) {
	for k := range s {
		s[k] &= t[k]
	}
}

// common counts what is also in t.
func (s bitset) common(t bitset) int {
	count := 0
	for k := range s {
		count += bits.OnesCount64(s[k] & t[k])
	}
	return count
}

func (s bitset) any() bool { return slices.ContainsFunc(s, func(w uint64) bool { return w != 0 }) }

// last is the largest number in the set, -1 if there is none.
func (s bitset) last() int {
	for k := len(s) - 1; k >= 0; k-- {
		if s[k] != 0 {
			return k*64 + bits.Len64(s[k]) - 1
		}
	}
	return -1
}

// all yields the numbers of the set, rising.
func (s bitset) all() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for k, w := range s {
			for ; w != 0; w &= w - 1 {
				if !yield(k*64 + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}
