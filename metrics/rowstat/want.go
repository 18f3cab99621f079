package rowstat

import "math"

// Want is a set of statistics: a sum of the constants below, or 0 for all.
// From rows of float32 logits with more than 64 classes the exponentials are
// summed up in any case; WantGini, WantBrier and WantEntropy each cost further
// sums, entropy the most, and WantRank another look at rows predicted wrong.
type Want uint16

const (
	WantRank      Want = 1 << iota // Rank
	WantSecond                     // Second
	WantRest                       // Rest
	WantSecondExp                  // SecondExp
	WantEntropy                    // Entropy
	WantGini                       // Gini
	WantNLL                        // NLL
	WantBrier                      // Brier
	WantSum                        // Sum

	wantAll = 1<<iota - 1
)

// has reports whether any of w is wanted.
func (s Want) has(w Want) bool { return s == 0 || s&w != 0 }

// terms is which sums over a row are asked for.
type terms uint8

const (
	sumTerms    terms = iota // of exponentials only
	squareTerms              // with those of their squares
	allTerms                 // with what the entropy needs
)

func (s Want) terms() terms {
	switch {
	case s.has(WantEntropy):
		return allTerms
	case s.has(WantGini | WantBrier):
		return squareTerms
	}
	return sumTerms
}

// reset makes room for n rows.
func (c *Columns) reset(n, classes int) {
	if c.Want&^wantAll != 0 {
		panic("rowstat: Want of statistics that do not exist")
	}
	c.classes = classes
	c.Bad, c.Faint = c.Bad[:0], c.Faint[:0]
	c.Argmax, c.Max = sized(c.Argmax, n), sized(c.Max, n)
	c.Rank = sized(c.Rank, c.rows(WantRank, n))
	columns := c.columns()
	for i, s := range columns[2:] {
		*s = sized(*s, c.rows(WantSecond<<i, n))
	}
	c.resetNorms(n)
}

// columns lists Max, Mean, and the others in the order of the constants.
func (c *Columns) columns() [10]*[]float64 {
	return [...]*[]float64{&c.Max, &c.Mean, &c.Second, &c.Rest, &c.SecondExp, &c.Entropy, &c.Gini, &c.NLL, &c.Brier, &c.Sum}
}

// rows is how many entries a column has that is filled for w.
func (c *Columns) rows(w Want, n int) int {
	if c.Want.has(w) {
		return n
	}
	return 0
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// set writes to a column, unless that is not wanted.
func set[T any](column []T, i int, v T) {
	if i < len(column) {
		column[i] = v
	}
}

// noLabel fills the columns that need a true class where there is none.
func (c *Columns) noLabel(i int) {
	set(c.Rank, i, -1)
	set(c.NLL, i, math.NaN())
	set(c.Brier, i, math.NaN())
}
