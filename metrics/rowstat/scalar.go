package rowstat

import "math"

// top is the outcome of the first pass over a row. NaN never compares as
// greater, so it must be looked for by itself.
type top[F real] struct {
	arg         int
	max, second F
	nan         bool
}

func scan[F real](row []F) top[F] {
	t := top[F]{max: F(math.Inf(-1)), second: F(math.Inf(-1))}
	for j, v := range row {
		switch {
		case v > t.max:
			t.max, t.second, t.arg = v, t.max, j
		case v > t.second:
			t.second = v
		case v != v:
			t.nan = true
		}
	}
	return t
}

// rest is what the second pass over a row of logits adds up over the classes
// other than the first maximum.
type rest struct {
	sum     float64 // of e = exp(logit - max)
	squares float64 // of e*e
	weighed float64 // of e*(max - logit)

	secondExp float64 // e of the runner-up
	lse       float64 // ln(1 + sum)
}

// addExact is addBelow with the exponential of the standard library.
func addExact[F real](b *belowTotals, row []F, second float64) {
	for _, v := range row {
		d := second - float64(v)
		if e := math.Exp(-d); e > 0 { // 0 * Inf has no value
			b.add(e, d)
		}
	}
}

// restOf is what a row adds up to, whose leaders are given.
func restOf[F real](row []F, t top[F]) rest {
	second := float64(t.second)
	if math.IsInf(second, -1) { // no other class has a share
		return rest{}
	}
	var totals belowTotals
	addExact(&totals, row[:t.arg], second)
	addExact(&totals, row[t.arg+1:], second)
	b, gap := totals.value(), float64(t.max)-second
	g := math.Exp(-gap)
	return b.lift(gap, g, math.Log1p(float64(g*b.sum)))
}

// logitsRow writes the statistics of one row of logits to place i.
func logitsRow[F real](dst *Columns, i int, row []F, label int32) {
	t := scan(row)
	if bad, ok := badLogits(row, t); !ok {
		bad.Row = i
		dst.Bad = append(dst.Bad, bad)
		return
	}
	peak := float64(t.max)
	r := restOf(row, t)
	dst.putLogits(i, t.arg, peak, float64(t.second), &r)
	putFaint(dst, i, row, t)
	if label < 0 || int(label) >= len(row) {
		dst.noLabel(i)
		return
	}
	gap := peak - float64(row[label])
	dst.putLabel(i, place(row, int(label)), gap, math.Exp(-gap), &r)
}

// putLogits writes what does not depend on the label.
func (c *Columns) putLogits(i, arg int, peak, second float64, r *rest) {
	s := 1 + r.sum // of exp(logit - max) over all classes
	c.Argmax[i], c.Max[i] = int32(arg), peak
	set(c.Second, i, second)
	set(c.Rest, i, r.sum)
	set(c.SecondExp, i, r.secondExp)
	set(c.Sum, i, math.NaN())
	set(c.Entropy, i, r.lse+r.weighed/s)
	// R*R - Q is a sum of products of different terms, and Q <= R: no cancellation.
	set(c.Gini, i, (r.sum+(r.sum-r.squares)+float64(r.sum*r.sum))/float64(s*s))
}

// putLabel writes what depends on the label, whose logit is short of the
// maximum by gap; e is exp(-gap).
func (c *Columns) putLabel(i int, rank int32, gap, e float64, r *rest) {
	set(c.Rank, i, rank)
	set(c.NLL, i, gap+r.lse)
	set(c.Brier, i, r.brier(rank == 0, e))
}

// brier is the sum over classes of (p - indicator)^2, where e is the label's
// exp(logit - max).
func (r *rest) brier(first bool, e float64) float64 {
	s := 1 + r.sum
	if first { // 1 - p = R/s; the other classes give Q/s^2
		return (float64(r.sum*r.sum) + r.squares) / float64(s*s)
	}
	miss := 1 + (r.sum - e)
	return (float64(miss*miss) + 1 + (r.squares - float64(e*e))) / float64(s*s)
}

func badLogits[F real](row []F, t top[F]) (Bad, bool) {
	switch {
	case t.nan:
		return Bad{Class: firstNaN(row), Problem: NaN, Value: math.NaN()}, false
	case math.IsInf(float64(t.max), 1):
		return Bad{Class: t.arg, Problem: Infinite, Value: math.Inf(1)}, false
	case math.IsInf(float64(t.max), -1):
		return Bad{Class: -1, Problem: AllMinus, Value: math.Inf(-1)}, false
	}
	return Bad{}, true
}

// probsRow writes the statistics of one row of stored probabilities to place i.
func probsRow[F real](dst *Columns, i int, row []F, label int32) {
	t := scan(row)
	m := momentsOf(row)
	if bad, ok := badProbs(row, t, m.sum); !ok {
		bad.Row = i
		dst.Bad = append(dst.Bad, bad)
		return
	}
	dst.putProbs(i, t.arg, float64(t.max), float64(t.second), m)
	if label < 0 || int(label) >= len(row) {
		dst.noLabel(i)
		return
	}
	p := float64(row[label])
	set(dst.Rank, i, place(row, int(label)))
	set(dst.NLL, i, -math.Log(math.Max(p, MinProb)))
	set(dst.Brier, i, brier(row, int(label)))
}

// putProbs writes what does not depend on the label. A single class has no
// second, which the scans give as -Inf.
func (c *Columns) putProbs(i, arg int, peak, second float64, m moments) {
	c.Argmax[i], c.Max[i] = int32(arg), peak
	set(c.Second, i, max(second, 0))
	set(c.Rest, i, math.NaN())
	set(c.SecondExp, i, math.NaN())
	set(c.Sum, i, m.sum)
	set(c.Entropy, i, m.entropy)
	set(c.Gini, i, 1-m.squares)
}

// moments are the sums over a row of p, p*p and -p ln p.
type moments struct{ sum, squares, entropy float64 }

func momentsOf[F real](row []F) moments { return momentsBy(row, math.Log) }

// momentsBy is momentsOf with the given logarithm; nil leaves the entropy out.
func momentsBy[F real](row []F, log func(float64) float64) moments {
	var sum, squares tally
	var entropy signed // what rounding has lifted above 1 has a negative term
	for _, v := range row {
		p := float64(v)
		if !(p >= 0 && p < tooLarge) {
			return moments{sum: plainSum(row)}
		}
		sum.add(p)
		squares.add(float64(p * p))
		if log != nil && p > 0 {
			entropy.add(-float64(p * log(p)))
		}
	}
	if log == nil {
		return moments{sum: sum.value(), squares: squares.value()}
	}
	return moments{sum.value(), squares.value(), fineEntropy(row, entropy.value())}
}

// tooLarge is more than any probability of a row that adds to 1; its square is a
// term of a tally.
const tooLarge = 1.25

// plainSum is the sum of a row that is no distribution.
func plainSum[F real](row []F) (sum float64) {
	for _, v := range row {
		sum += float64(v)
	}
	return sum
}

// fineEntropy is the entropy of a row, given what its terms add up to in the units of
// a tally, which are too coarse where it is small.
func fineEntropy[F real](row []F, entropy float64) float64 {
	const coarse = 0x1p-20
	if entropy >= coarse {
		return entropy
	}
	most := 0.0
	for _, v := range row {
		most = max(most, math.Abs(entropyTerm(float64(v))))
	}
	if most == 0 {
		return 0
	}
	var s signed
	unit := unitOf(most)
	for _, v := range row {
		s.add(entropyTerm(float64(v)) / unit)
	}
	return s.value() * unit
}

// entropyTerm is -p ln p.
func entropyTerm(p float64) float64 {
	if p == 0 {
		return 0
	}
	return -float64(p * math.Log(p))
}

func brier[F real](row []F, label int) float64 {
	var b tally
	for j, v := range row {
		d := float64(v)
		if j == label {
			d = 1 - d
		}
		b.add(float64(d * d))
	}
	return b.value()
}

func badProbs[F real](row []F, t top[F], sum float64) (Bad, bool) {
	if t.nan {
		return Bad{Class: firstNaN(row), Problem: NaN, Value: math.NaN()}, false
	}
	for j, v := range row {
		p := float64(v)
		if math.IsInf(p, 0) {
			return Bad{Class: j, Problem: Infinite, Value: p}, false
		}
		if p < 0 {
			return Bad{Class: j, Problem: Negative, Value: p}, false
		}
	}
	if !sumsToOne(sum) {
		return Bad{Class: -1, Problem: SumNotOne, Value: sum}, false
	}
	return Bad{}, true
}

func sumsToOne(sum float64) bool { return math.Abs(sum-1) <= SumTolerance }

func firstNaN[F real](row []F) int {
	for j, v := range row {
		if v != v {
			return j
		}
	}
	return -1
}

// place counts the classes above the label: greater, or equal and earlier.
func place[F real](row []F, label int) int32 {
	at := row[label]
	var above int32
	for _, v := range row[:label] {
		if v >= at {
			above++
		}
	}
	for _, v := range row[label+1:] {
		if v > at {
			above++
		}
	}
	return above
}
