package resample

//go:generate go -C gen run . -out ../bundle_kernels_amd64.s -stubs ../bundle_kernels_amd64.go -pkg resample

import "encoding/binary"

// lanes is how many replicates are evaluated at once. Their counts stand side by side,
// those of a row in 64 bytes, so that a place of the ranking is one look into memory for
// all of them.
const lanes = 64

// Sums over a block of places are those of products of 16 bits, two places at a time. An
// excess has more bits than that and is three numbers: they are put together again.
const (
	ofSamples = iota
	ofErrors
	ofHigh
	ofMiddle
	ofLow
	kinds

	early = 16 // pairs that kernels look at behind those that they add up

	digit      = 15           // bits of the middle and the low number
	excessBits = 2*digit + 14 // of an excess of 1, with its sign in the high number
	digitMask  = 1<<digit - 1
)

// pair is two neighbouring places: their rows, and what each adds to the sums for every
// time it was drawn.
type pair struct {
	rows    [2]uint32
	weights [kinds][2]int16
}

// blockSums are the sums of a block in each lane, in the order in which the kernel at
// hand keeps the lanes.
type blockSums [kinds * lanes]int32

// kernel adds up what pairs of places add to the sums of a block: all kinds, or those of
// samples and errors alone.
type kernel func(counts []uint8, pairs []pair, out *blockSums)

// bundle is what an Evaluator needs to evaluate many replicates at once.
type bundle struct {
	pairs []pair
	sum   kernel
	order *[lanes]uint8 // where a lane stands in the sums of a kind
	gaps  bool          // the excess is asked for
	marks [lanes][]mark // as Evaluator.marks
	ends  [lanes]mark   // what stands behind the last block
}

func newBundle(e *Evaluator) *bundle {
	t := &bundle{pairs: make([]pair, (len(e.entries)+1)/2, (len(e.entries)+1)/2+early)}
	for j, entry := range e.entries {
		p, x := &t.pairs[j/2], e.excess[j]
		p.rows[j%2] = entry >> 1
		weights := [kinds]int64{1, int64(entry & 1), x >> (2 * digit), x >> digit & digitMask, x & digitMask}
		for k, w := range weights {
			p.weights[k][j%2] = int16(w)
		}
		t.gaps = t.gaps || x != 0
	}
	t.sum, t.order = kernelOf(t.gaps)
	all := make([]mark, lanes*len(e.marks))
	for l := range t.marks {
		t.marks[l] = all[l*len(e.marks) : (l+1)*len(e.marks)]
	}
	return t
}

// sweep adds up the places of all lanes block by block.
func (t *bundle) sweep(counts []uint8) {
	var so [lanes]mark
	var sums blockSums
	for b := range t.marks[0] {
		pairs := t.pairs[b*block/2 : min((b+1)*block/2, len(t.pairs))]
		t.sum(counts, pairs, &sums)
		for l := range so {
			m, at := &so[l], t.order[l]
			t.marks[l][b] = *m
			m.packed += packed(sums[ofSamples*lanes+int(at)]) | packed(sums[ofErrors*lanes+int(at)])<<32
			m.excess += int64(sums[ofHigh*lanes+int(at)])<<(2*digit) + int64(sums[ofMiddle*lanes+int(at)])<<digit + int64(sums[ofLow*lanes+int(at)])
		}
	}
	t.ends = so
}

// eachOf evaluates the first n lanes of a tile and hands over the values of each.
func (e *Evaluator) eachOf(counts []uint8, n int, out []float64, put func(lane int)) {
	whole := e.whole || len(e.entries) == 0
	var scratch []uint8
	if whole {
		scratch = make([]uint8, e.ranked.Outcomes.N())
	} else {
		if e.bundle == nil {
			e.bundle = newBundle(e)
		}
		e.bundle.sweep(counts)
	}
	for l := range n {
		drawn := replicate{counts, 6, uint8(l)}
		if whole {
			drawn = drawn.apart(scratch)
			e.sweepPlaces(drawn)
		} else {
			e.marks, e.sums = e.bundle.marks[l], sums{all: e.bundle.ends[l]}
		}
		e.values(drawn, out)
		put(l)
	}
}

// portable is the kernel in plain Go. The others give the same numbers.
func portable(gaps bool) (kernel, *[lanes]uint8) {
	used := ofHigh
	if gaps {
		used = kinds
	}
	return func(counts []uint8, pairs []pair, out *blockSums) { sumPairs(counts, pairs, used, out) }, &asGiven
}

func sumPairs(counts []uint8, pairs []pair, used int, out *blockSums) {
	*out = blockSums{}
	for i := range pairs {
		p := &pairs[i]
		a, b := counts[int(p.rows[0])*lanes:][:lanes], counts[int(p.rows[1])*lanes:][:lanes]
		for k := range used {
			sums, wa, wb := out[k*lanes:][:lanes], int32(p.weights[k][0]), int32(p.weights[k][1])
			for l := range sums {
				sums[l] += wa*int32(a[l]) + wb*int32(b[l])
			}
		}
	}
}

// asGiven is the order of the lanes in plain Go.
var asGiven = func() (order [lanes]uint8) {
	for l := range order {
		order[l] = uint8(l)
	}
	return order
}()

// transpose lays the counts of up to 64 replicates, n each, side by side.
func transpose(tile, rows []uint8, n int) {
	var in [8]uint64
	for at := 0; at < n; at += 8 {
		width := min(8, n-at)
		for l := 0; l < lanes; l += 8 {
			for k := range in {
				in[k] = load8(rows, (l+k)*n+at, width)
			}
			flip(&in)
			for k := range width {
				binary.LittleEndian.PutUint64(tile[(at+k)*lanes+l:], in[k])
			}
		}
	}
}

// load8 reads up to 8 bytes; what lies behind b is zero.
func load8(b []uint8, at, width int) uint64 {
	if at >= len(b) {
		return 0
	}
	if width == 8 {
		return binary.LittleEndian.Uint64(b[at:])
	}
	v := uint64(0)
	for k := range width {
		v |= uint64(b[at+k]) << (8 * k)
	}
	return v
}

// flip transposes 8 words of 8 bytes: halves, quarters, and bytes change places.
func flip(m *[8]uint64) {
	for _, step := range [...]struct {
		apart int
		mask  uint64
	}{{4, 0x00000000ffffffff}, {2, 0x0000ffff0000ffff}, {1, 0x00ff00ff00ff00ff}} {
		shift := 8 * step.apart
		for i := range m {
			if i&step.apart == 0 {
				a, b := m[i], m[i+step.apart]
				m[i] = a&step.mask | b&step.mask<<shift
				m[i+step.apart] = a>>shift&step.mask | b&^step.mask
			}
		}
	}
}
