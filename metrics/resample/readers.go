package resample

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"abstain/metrics"
	"abstain/metrics/calibration"
)

// reader is how a measure is read off the sums; nil if it has to be evaluated on
// the expanded table. It prepares what the measure needs. What is undefined for
// want of samples of a kind stays so in every replicate.
func (e *Evaluator) reader(m metrics.Measure) reader {
	if !m.Of(e.ranked).Defined() {
		return func(*Evaluator, replicate) float64 { return math.NaN() }
	}
	f := formOf(m.Metric.ID)
	switch {
	case f.read == nil:
		return nil
	case f.reads >= ranking && e.ranked.Ends == nil:
		return nil
	case f.reads == probability && (e.value == nil || !e.ranked.Confidence.Probability):
		return nil
	}
	return f.read(e, m.At)
}

// The readers of metrics that ask for no ranking.

func readAccuracy(*Evaluator, float64) reader {
	return perSample(func(e *Evaluator) float64 { return float64(e.sums.all.samples() - e.sums.all.wrong()) })
}

func readError(*Evaluator, float64) reader {
	return perSample(func(e *Evaluator) float64 { return float64(e.sums.all.wrong()) })
}

func readTopK(e *Evaluator, k float64) reader {
	if e.ranked.Outcomes.LabelRank == nil {
		return nil
	}
	missed := e.misses(k)
	return func(e *Evaluator, drawn replicate) float64 {
		n := e.sums.all.samples()
		return float64(n-total(missed, drawn)) / float64(n)
	}
}

func readNLL(e *Evaluator, _ float64) reader {
	if e.ranked.Outcomes.NLL == nil {
		return nil
	}
	return perSample(func(e *Evaluator) float64 { return e.sums.nll })
}

func readBrier(e *Evaluator, _ float64) reader {
	if e.ranked.Outcomes.Brier == nil {
		return nil
	}
	return perSample(func(e *Evaluator) float64 { return e.sums.brier })
}

// perSample divides a sum by the number of samples; NaN without samples.
func perSample(of func(e *Evaluator) float64) reader {
	return func(e *Evaluator, _ replicate) float64 { return of(e) / float64(e.sums.all.samples()) }
}

// misses are the rows whose label is not among the k classes placed highest.
func (e *Evaluator) misses(k float64) []int32 {
	var missed []int32
	for _, i := range e.ranked.Order {
		if float64(e.ranked.Outcomes.LabelRank[i]) >= k {
			missed = append(missed, i)
		}
	}
	slices.Sort(missed)
	return missed
}

// total adds up the counts of rows.
func total(rows []int32, drawn replicate) int {
	n := 0
	for _, i := range rows {
		n += int(drawn.of(uint32(i)))
	}
	return n
}

// readBalanced lists the rows of each class, and those of its errors, once.
func readBalanced(e *Evaluator, _ float64) reader {
	o := e.ranked.Outcomes
	if o.Label == nil {
		return nil
	}
	members := make([][]int32, slices.Max(o.Label)+1)
	wrong := make([][]int32, len(members))
	for i, l := range o.Label {
		if l < 0 {
			continue
		}
		members[l] = append(members[l], int32(i))
		if !o.Correct[i] {
			wrong[l] = append(wrong[l], int32(i))
		}
	}
	return func(_ *Evaluator, drawn replicate) float64 {
		mean, present := 0.0, 0
		for c, rows := range members {
			if size := total(rows, drawn); size > 0 {
				mean += float64(size-total(wrong[c], drawn)) / float64(size)
				present++
			}
		}
		return mean / float64(present)
	}
}

// The readers of metrics of the ranking.

func readAUROC(*Evaluator, float64) reader {
	return mixed(func(e *Evaluator, n, errors float64) float64 {
		return float64(e.sums.pairs) / (2 * errors * (n - errors))
	})
}

func readSuccess(*Evaluator, float64) reader {
	return perSampleOf(func(e *Evaluator, n, errors float64) float64 { return e.sums.success / (n - errors) })
}

func readFailure(*Evaluator, float64) reader {
	return perSampleOf(func(e *Evaluator, _, errors float64) float64 { return e.sums.failure / errors })
}

func readAURC(*Evaluator, float64) reader {
	return perSample(func(e *Evaluator) float64 { return e.sums.area })
}

func readEAURC(*Evaluator, float64) reader {
	return perSampleOf(func(e *Evaluator, n, _ float64) float64 { return e.sums.area/n - e.perfect() })
}

func readNAURC(*Evaluator, float64) reader {
	return mixed(func(e *Evaluator, n, errors float64) float64 {
		best := e.perfect()
		return (e.sums.area/n - best) / (errors/n - best)
	})
}

func readAUGRC(*Evaluator, float64) reader {
	return perSampleOf(func(e *Evaluator, n, _ float64) float64 { return float64(e.sums.general) / (2 * n * n) })
}

func readSAC(_ *Evaluator, accuracy float64) reader {
	return coverageReader(1-accuracy, func(n, wrong int) bool { return float64(n-wrong)/float64(n) >= accuracy })
}

func readCoverage(_ *Evaluator, risk float64) reader {
	return coverageReader(risk, func(n, wrong int) bool { return float64(wrong)/float64(n) <= risk })
}

func readRisk(_ *Evaluator, coverage float64) reader {
	return func(e *Evaluator, drawn replicate) float64 { return e.riskAt(coverage, drawn) }
}

func readSelective(_ *Evaluator, coverage float64) reader {
	return func(e *Evaluator, drawn replicate) float64 { return 1 - e.riskAt(coverage, drawn) }
}

func readConfidence(e *Evaluator, _ float64) reader {
	if e.value == nil {
		return nil
	}
	return perSample(func(e *Evaluator) float64 {
		return float64(e.sums.all.samples()-e.sums.all.wrong()) - e.gap(e.sums.all.excess)
	})
}

// perSampleOf gives a formula the numbers of samples and errors.
func perSampleOf(of func(e *Evaluator, n, errors float64) float64) reader {
	return func(e *Evaluator, _ replicate) float64 {
		return of(e, float64(e.sums.all.samples()), float64(e.sums.all.wrong()))
	}
}

// mixed is perSampleOf for metrics that need right samples and errors.
func mixed(of func(e *Evaluator, n, errors float64) float64) reader {
	return perSampleOf(func(e *Evaluator, n, errors float64) float64 {
		if errors == 0 || errors == n {
			return math.NaN()
		}
		return of(e, n, errors)
	})
}

func (e *Evaluator) perfect() float64 {
	return e.table.perfect(e.sums.all.samples(), e.sums.all.wrong())
}

func readFPR(_ *Evaluator, share float64) reader {
	return func(e *Evaluator, drawn replicate) float64 {
		n, errors := e.sums.all.samples(), e.sums.all.wrong()
		if errors == 0 || errors == n {
			return math.NaN()
		}
		return float64(e.errorsAt(least(share, n-errors), drawn)) / float64(errors)
	}
}

func coverageReader(limit float64, ok func(n, wrong int) bool) reader {
	return func(e *Evaluator, drawn replicate) float64 {
		return float64(e.largestCoverage(limit, ok, drawn)) / float64(e.sums.all.samples())
	}
}

// riskAt is the risk at the first end of a group that covers the given share.
func (e *Evaluator) riskAt(coverage float64, drawn replicate) float64 {
	n := e.sums.all.samples()
	if n == 0 {
		return math.NaN()
	}
	end := e.groupEnd(e.place(max(1, least(coverage, n)), drawn))
	at := e.before(end, drawn)
	return float64(at.wrong()) / float64(at.samples())
}

// outsideRow is a row out of distribution and where its key falls among the
// places: those before above have more, those from below on have less.
type outsideRow struct{ row, above, below int32 }

func readOutside(e *Evaluator, _ float64) reader {
	r := e.ranked
	if len(r.Outside) == 0 {
		return nil
	}
	key := r.Confidence.Order()
	var outside []outsideRow
	for i, l := range r.Outcomes.Label {
		if l < 0 && r.Outcomes.Answered(i) {
			above := sort.Search(r.N(), func(j int) bool { return key[r.Order[j]] <= key[i] })
			below := sort.Search(r.N(), func(j int) bool { return key[r.Order[j]] < key[i] })
			outside = append(outside, outsideRow{int32(i), int32(above), int32(below)})
		}
	}
	slices.SortStableFunc(outside, func(a, b outsideRow) int {
		return cmp.Or(cmp.Compare(a.above, b.above), cmp.Compare(a.below, b.below))
	})
	return func(e *Evaluator, drawn replicate) float64 {
		inside, others, twice := e.sums.all.samples(), 0, 0
		above, below := walker{e: e, drawn: drawn}, walker{e: e, drawn: drawn}
		for _, o := range outside {
			c := int(drawn.of(uint32(o.row)))
			others += c
			twice += c * (above.to(int(o.above)) + below.to(int(o.below)))
		}
		return float64(twice) / (2 * float64(inside) * float64(others))
	}
}

// walker adds up samples along the ranking.
type walker struct {
	e      *Evaluator
	drawn  replicate
	at, so int
}

// to is the number of samples at places before j, which must not fall.
func (w *walker) to(j int) int {
	for ; w.at < j; w.at++ {
		w.so += int(w.drawn.of(w.e.entries[w.at] >> 1))
	}
	return w.so
}

// The readers of metrics of a confidence that is a probability.

func readOverconfidence(*Evaluator, float64) reader {
	return perSample(func(e *Evaluator) float64 { return -e.gap(e.sums.all.excess) })
}

func readGaps(norm func([]gap, float64) float64) func(*Evaluator, float64) reader {
	return func(e *Evaluator, bins float64) reader { return binned(e.widthCuts(int(bins)), norm) }
}

func readMassGaps(e *Evaluator, bins float64) reader {
	return binned(func(drawn replicate) []int { return e.massCuts(int(bins), drawn) }, gapL1)
}

// gap is a bin's number of samples and its sum of correct - confidence.
type gap struct{ n, excess float64 }

// binned reads a norm of the gaps between consecutive cuts of the ranking. Bins
// without samples do not enter.
func binned(cuts func(drawn replicate) []int, norm func([]gap, float64) float64) reader {
	var gaps []gap // reused
	return func(e *Evaluator, drawn replicate) float64 {
		n := e.sums.all.samples()
		if n == 0 {
			return math.NaN()
		}
		gaps = gaps[:0]
		var from mark
		for _, cut := range cuts(drawn) {
			to := e.before(cut, drawn)
			if size := to.samples() - from.samples(); size > 0 {
				gaps = append(gaps, gap{float64(size), e.gap(to.excess - from.excess)})
			}
			from = to
		}
		return norm(gaps, float64(n))
	}
}

func gapL1(gaps []gap, n float64) float64 {
	sum := 0.0
	for _, g := range gaps {
		sum += math.Abs(g.excess)
	}
	return sum / n
}

func gapL2(gaps []gap, n float64) float64 {
	sum := 0.0
	for _, g := range gaps {
		sum += float64(g.excess*g.excess) / g.n
	}
	return math.Sqrt(sum / n)
}

func gapMax(gaps []gap, _ float64) float64 {
	worst := 0.0
	for _, g := range gaps {
		worst = math.Max(worst, math.Abs(g.excess)/g.n)
	}
	return worst
}

func gapOver(gaps []gap, n float64) float64 {
	sum := 0.0
	for _, g := range gaps {
		sum += math.Max(0, -g.excess)
	}
	return sum / n
}

func gapUnder(gaps []gap, n float64) float64 {
	sum := 0.0
	for _, g := range gaps {
		sum += math.Max(0, g.excess)
	}
	return sum / n
}

// widthCuts are where the equal-width bins end along the ranking, from the
// highest bin down. They are the same in every replicate.
func (e *Evaluator) widthCuts(m int) func(replicate) []int {
	cuts := make([]int, m)
	for k := range cuts {
		cuts[k] = sort.Search(len(e.value), func(j int) bool { return calibration.WidthBin(e.value[j], m) < m-1-k })
	}
	return func(replicate) []int { return cuts }
}

// massCuts are where bins of equal numbers of samples end. Their edges lie
// half-way between the neighbours of each cut of the replicate, and samples of
// equal confidence stay together, as in the ece-mass metric.
func (e *Evaluator) massCuts(m int, drawn replicate) []int {
	n := e.sums.all.samples()
	m = min(m, n)
	cuts := make([]int, 0, m)
	cut := 0 // samples below the edge
	for k := range m - 1 {
		cut += n / m
		if k < n%m {
			cut++
		}
		low, high := e.value[e.place(n-cut+1, drawn)], e.value[e.place(n-cut, drawn)]
		cuts = append(cuts, e.firstAtMost((low+high)/2))
	}
	slices.Reverse(cuts)
	return append(cuts, len(e.entries))
}
