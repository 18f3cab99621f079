package resample

import (
	"math"
	"slices"

	"abstain/metrics"
)

// group is a run of samples of equal confidence.
type group struct {
	before, size       int // samples before it and in it
	wrongBefore, wrong int // errors before it and in it
}

// groupAt is group g of a ranking, counted from the most trusted.
func groupAt(r *metrics.Ranked, g int) group {
	var t group
	if g > 0 {
		t.before, t.wrongBefore = int(r.Ends[g-1]), int(r.Wrong[g-1])
	}
	t.size, t.wrong = int(r.Ends[g])-t.before, int(r.Wrong[g])-t.wrongBefore
	return t
}

// end is the number of samples up to and with the group.
func (t group) end() int { return t.before + t.size }

// byGroup is a column that depends on a sample's group and on whether it is right.
func byGroup(r *metrics.Ranked, of func(g int, wrong float64) float64) []float64 {
	values := make([]float64, r.Outcomes.N())
	for g := range r.Ends {
		t := groupAt(r, g)
		ok, bad := of(g, 0), of(g, 1)
		for _, i := range r.Order[t.before:t.end()] {
			if r.Outcomes.Correct[i] {
				values[i] = ok
			} else {
				values[i] = bad
			}
		}
	}
	return values
}

// byGroup fills the values with what depends on a sample's group and on whether it
// is right.
func (l *layout) byGroup(of func(g int, wrong float64) float64) []float64 {
	start := 0
	for g, end := range l.r.Ends {
		if int(end) == start+1 {
			l.values[start] = of(g, l.wrong[start])
			start++
			continue
		}
		ok, bad := of(g, 0), of(g, 1)
		for ; start < int(end); start++ {
			l.values[start] = ok
			if l.wrong[start] == 1 {
				l.values[start] = bad
			}
		}
	}
	return l.values
}

// auroc: a right sample pulls by the share of errors it beats, an error by the
// share of right samples that beat it (DeLong's structural components).
func auroc(l *layout, _ float64) []float64 {
	r, n, errors := l.r, l.n, l.r.Errors
	value := aurocOf(r)
	return l.spread(l.byGroup(func(g int, wrong float64) float64 {
		over, under := placements(r, g)
		if wrong == 1 {
			return float64(n) / float64(errors) * (over - value)
		}
		return float64(n) / float64(n-errors) * (under - value)
	}))
}

// placements are the share of right samples trusted more than group g and the
// share of errors trusted less, those in the group counted one half.
func placements(r *metrics.Ranked, g int) (over, under float64) {
	t := groupAt(r, g)
	rightBefore, rightIn := t.before-t.wrongBefore, t.size-t.wrong
	errorsAfter := r.Errors - t.wrongBefore - t.wrong
	over = (float64(rightBefore) + float64(rightIn)/2) / float64(r.N()-r.Errors)
	under = (float64(errorsAfter) + float64(t.wrong)/2) / float64(r.Errors)
	return over, under
}

func aurocOf(r *metrics.Ranked) float64 {
	twice := 0
	for g := range r.Ends {
		t := groupAt(r, g)
		twice += t.wrong * (2*(t.before-t.wrongBefore) + t.size - t.wrong)
	}
	return float64(twice) / (2 * float64(r.Errors) * float64(r.N()-r.Errors))
}

// auprSuccess: a sample pulls at the average precision by its own precision if
// it is right, and by changing that of all right samples from its group on.
func auprSuccess(l *layout, _ float64) []float64 {
	r := l.r
	n, rights := float64(r.N()), float64(r.N()-r.Errors)
	groups := len(r.Ends)
	gain, loss := make([]float64, groups+1), make([]float64, groups+1)
	precision := make([]float64, groups)
	for g := groups - 1; g >= 0; g-- {
		t := groupAt(r, g)
		end := float64(t.end())
		precision[g] = float64(t.end()-t.wrongBefore-t.wrong) / end
		share := float64(t.size-t.wrong) / end
		gain[g], loss[g] = gain[g+1]+share, loss[g+1]+float64(share*precision[g])
	}
	value := 0.0
	for g := range groups {
		t := groupAt(r, g)
		value += float64(t.size-t.wrong) * precision[g] / rights
	}
	return l.spread(l.byGroup(func(g int, wrong float64) float64 {
		return n / rights * (float64((1-wrong)*(precision[g]-value+gain[g])) - loss[g])
	}))
}

// auprError is auprSuccess with errors for right samples, from the other end.
func auprError(l *layout, _ float64) []float64 {
	r := l.r
	n, errors := float64(r.N()), float64(r.Errors)
	groups := len(r.Ends)
	gain, loss := make([]float64, groups), make([]float64, groups)
	precision := make([]float64, groups)
	var up, down, value float64
	for g := range groups {
		t := groupAt(r, g)
		rejected := n - float64(t.before)
		precision[g] = (errors - float64(t.wrongBefore)) / rejected
		share := float64(t.wrong) / rejected
		up, down = up+share, down+float64(share*precision[g])
		gain[g], loss[g] = up, down
		value += float64(t.wrong) * precision[g] / errors
	}
	return l.spread(l.byGroup(func(g int, wrong float64) float64 {
		return n / errors * (float64(wrong*(precision[g]-value+gain[g])) - loss[g])
	}))
}

// withArea is a times the influence on the AURC plus b times that on the error rate.
func (l *layout) withArea(a, b float64) []float64 {
	if l.area == nil {
		l.area = slices.Clone(l.areaUnder(l.wrong))
	}
	rate := float64(l.r.Errors) / float64(l.n)
	b *= float64(len(l.values)) / float64(l.n)
	for j, v := range l.area[:l.n] {
		l.values[j] = float64(a*v) + float64(b*(l.wrong[j]-rate))
	}
	clear(l.values[l.n:])
	return l.values
}

// lossArea is areaUnder of a column of losses, nil if the table lacks it.
func (l *layout) lossArea(column []float64) []float64 {
	if column == nil {
		return nil
	}
	return l.areaUnder(slices.Clone(l.column(column)[:l.n]))
}

// areaUnder is the influence on the mean over k of the mean loss of the k most
// trusted samples, R_k. More weight on a sample adds a prefix at the end of its
// group, whose risk is R there; it moves the mean loss of its own group, whose
// prefixes share it in proportion to how far they reach in; and it moves every
// later prefix k by (loss - R_k)/k. In a group of b samples before it and s in
// it, with mean loss q, that is
//
//	R_end + (loss - q)/s sum_{j<=s} j/(b+j) + loss sum_{k>end} 1/k - sum_{k>end} R_k/k
//
// less its mean. Without ties the second term is 0.
func (l *layout) areaUnder(loss []float64) []float64 {
	so := 0.0 // losses up to the end of the group
	for _, v := range loss {
		so += v
	}
	var inverse, risks float64 // sums over the prefixes after the group
	for g := len(l.r.Ends) - 1; g >= 0; g-- {
		t := groupAt(l.r, g)
		members := loss[t.before:t.end()]
		in := 0.0
		for _, v := range members {
			in += v
		}
		base, mean := so-in, in/float64(t.size)
		reach, inverses, insides := within(t, base, mean)
		atEnd := so / float64(t.end())
		for j, v := range members {
			l.values[t.before+j] = atEnd + float64((v-mean)*reach) + float64(v*inverse) - risks
		}
		inverse, risks, so = inverse+inverses, risks+insides, base
	}
	return l.spread(l.values)
}

// within sums over the prefixes that end inside a group with mean loss mean and
// losses base before it: how far they reach in, per sample of the group; 1/k;
// and R_k/k.
func within(t group, base, mean float64) (reach, inverses, risks float64) {
	for j := 1; j <= t.size; j++ {
		k := 1 / float64(t.before+j)
		reach += float64(float64(j) * k)
		inverses += k
		risks += float64(base+float64(float64(j)*mean)) * float64(k*k)
	}
	return reach / float64(t.size), inverses, risks
}

func aurc(l *layout, _ float64) []float64      { return l.withArea(1, 0) }
func auarc(l *layout, _ float64) []float64     { return l.withArea(-1, 0) }
func aurcNLL(l *layout, _ float64) []float64   { return l.lossArea(l.r.Outcomes.NLL) }
func aurcBrier(l *layout, _ float64) []float64 { return l.lossArea(l.r.Outcomes.Brier) }

// eaurc subtracts the pull at the optimum of the error rate r, whose derivative
// is -ln(1-r).
func eaurc(l *layout, _ float64) []float64 {
	if l.r.Errors == l.n {
		return nil
	}
	return l.withArea(1, math.Log1p(-float64(l.r.Errors)/float64(l.n)))
}

// naurc is the quotient of the excess over the optimum P(r) and r - P(r).
func naurc(l *layout, _ float64) []float64 {
	rate := float64(l.r.Errors) / float64(l.n)
	room := rate - metrics.Perfect(l.n, l.r.Errors)
	m, _ := metrics.Lookup("naurc")
	value := m.Of(l.r, 0).Value
	slope := math.Log1p(-rate)
	return l.withArea(1/room, (slope-value*(1+slope))/room)
}

// prr: in the order of the ranking an error adds 1/k to every later prefix k that counts,
// and any sample moves those after it by one, so that it takes away what stands at their
// ends. The ratio moves by the error rate too, with which the oracle's area grows.
func prr(l *layout, share float64) []float64 {
	r, n := l.r, l.n
	m := metrics.Rejected(n, share)
	from := n - m
	reach, ends := make([]float64, len(r.Ends)), make([]float64, len(r.Ends)) // of a sample of each group
	var inverse, shares float64                                               // sums of 1/k, and of the share of errors at k over k
	area := 0.0
	for g := len(r.Ends) - 1; g >= 0; g-- {
		t := groupAt(r, g)
		wrong := float64(t.wrong) / float64(t.size)
		for j := t.size; j > 0; j-- {
			if k := t.before + j; k > from {
				inverse += 1 / float64(k)
				shares += wrong / float64(k)
				area += (float64(t.wrongBefore) + float64(wrong*float64(j))) / float64(k)
			}
			reach[g] += inverse / float64(t.size)
			ends[g] += shares / float64(t.size)
		}
	}
	rate := float64(r.Errors) / float64(n)
	best, slope := oracleFrom(n, r.Errors, from)
	count := float64(m)
	risk, oracle := area/count, best/count
	room := rate - oracle
	value := (rate - risk) / room
	growth := 1 - float64(n)/count*slope // of room with the error rate
	return l.spread(l.byGroup(func(g int, wrong float64) float64 {
		moved := float64(n) / count * (float64(wrong*reach[g]) - ends[g])
		return (wrong - moved - float64(value*growth*wrong)) / room
	}))
}

// oracleFrom is the sum of risks of a perfect ranking over the prefixes of more than from
// samples, and what one error more adds.
func oracleFrom(n, errors, from int) (area, slope float64) {
	for k := max(from, n-errors) + 1; k <= n; k++ {
		area += float64(k-n+errors) / float64(k)
		slope += 1 / float64(k)
	}
	return area, slope
}

// augrc: twice n^2 times the area is a sum over pairs, so an error pulls by the
// samples it is trusted no less than, and any sample by the errors trusted no
// less than it.
func augrc(l *layout, _ float64) []float64 {
	n := float64(l.n)
	return l.spread(l.byGroup(func(g int, wrong float64) float64 {
		t := groupAt(l.r, g)
		up := float64(2*t.wrongBefore + t.wrong)
		down := float64(t.size + 2*(l.n-t.end()))
		return (up + wrong*down) / (2 * n)
	}))
}

// eaugrc subtracts the pull at half the squared error rate.
func eaugrc(l *layout, at float64) []float64 {
	values := augrc(l, at)
	rate := float64(l.r.Errors) / float64(l.n)
	by := rate * float64(len(values)) / float64(l.n)
	for j, w := range l.wrong {
		values[j] -= float64(by * (w - rate))
	}
	return values
}

// oodAUROC: both kinds of samples are rows here, and each pulls by the share of
// the other kind it lies on the right side of.
func oodAUROC(r *metrics.Ranked) []float64 {
	key := r.Confidence.Order()
	values := make([]float64, r.Outcomes.N())
	n, m, all := float64(r.N()), float64(len(r.Outside)), float64(len(values))
	inside := make([]float64, r.N())
	for j, i := range r.Order {
		inside[j] = key[i]
	}
	mean := 0.0
	for j, i := range r.Order {
		below := 1 - above(r.Outside, inside[j])
		values[i] = all / n * below
		mean += below / n
	}
	for i, l := range r.Outcomes.Label {
		if !r.Outcomes.Answered(i) {
			continue
		}
		if l < 0 {
			values[i] = all / m * (above(inside, key[i]) - mean)
		} else {
			values[i] -= float64(all / n * mean)
		}
	}
	return values
}

// above is the share of falling keys that exceed key, ties counted one half.
func above(falling []float64, key float64) float64 {
	down := func(v, key float64) int {
		switch {
		case v > key:
			return -1
		case v < key:
			return 1
		}
		return 0
	}
	over, _ := slices.BinarySearchFunc(falling, key, down)
	upto, _ := slices.BinarySearchFunc(falling, key, func(v, key float64) int {
		if v >= key {
			return -1
		}
		return 1
	})
	return float64(over+upto) / (2 * float64(len(falling)))
}
