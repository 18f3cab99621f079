package ranks

import (
	"cmp"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// lanes is the number of models in a block. What is known of a whole block, its least and
// its largest error in a draw, spares looking at its models.
const lanes = 64

// draws holds draws of the models' errors. Models are put in the order of how much their
// errors differ from the mean of all models' errors, so that a block holds models which
// stay near each other, or all far from it: they are meant by their place in it.
type draws struct {
	noise         *Noise
	models, count int
	blocks        int
	exceeding     int       // how many draws exceed a critical value, the one at it included
	order         []int     // model at each place
	place         []int     // of each model
	own           []float64 // by place: sum of squares of loadings, the mean model's taken off or not, the larger
	apart         []float32 // by place: sum of squares less the mean model, in squared units
	unit          float64   // of z and rows, in loadings
	rows          []float32 // places x width: loadings less their mean over the models
	z             []float32 // blocks x count x lanes: errors without the noise's scale
	least, most   []float32 // blocks x count: of the models in a block
	parallel      func(n int, do func(i int))
}

// leastShare is the share of the models' own variances up to which the variance of a
// difference is taken for rounding: then there is nothing that could tell the models
// apart, and they are not compared. The draws, in float32, resolve no less.
const leastShare = 1e-10

func newDraws(noise *Noise, o Options) *draws {
	n := noise.Models()
	d := &draws{noise: noise, models: n, count: o.Draws, blocks: (n + lanes - 1) / lanes, parallel: o.Parallel}
	// of count draws and the data themselves, which the hypothesis makes alike,
	// at most a share of 1 - level may exceed the critical value
	d.exceeding = max(d.count+1-int(math.Ceil(o.Level*float64(d.count+1))), 1)
	d.sort(d.meanLoadings())
	d.draw(o.Seed)
	return d
}

// meanLoadings are those of the mean of all models' errors.
func (d *draws) meanLoadings() []float64 {
	mean := make([]float64, d.noise.width)
	for _, row := range d.noise.loadings {
		for k, v := range row {
			mean[k] += v
		}
	}
	for k := range mean {
		mean[k] /= float64(d.models)
	}
	return mean
}

// sort puts the models in their places and fills in their rows.
func (d *draws) sort(mean []float64) {
	n, width := d.models, d.noise.width
	rest, raw := make([]float64, n), make([]float64, n)
	d.parallel(n, func(i int) {
		row := d.noise.loadings[i]
		for k, v := range mean {
			if k < len(row) {
				v -= row[k]
			}
			rest[i] += float64(v * v)
		}
		raw[i] = d.noise.squares(i)
	})
	d.order, d.place = make([]int, n), make([]int, n)
	for i := range d.order {
		d.order[i] = i
		d.unit = max(d.unit, math.Sqrt(rest[i]))
	}
	slices.SortStableFunc(d.order, func(i, j int) int { return cmp.Compare(rest[i], rest[j]) })
	if d.unit == 0 {
		d.unit = 1
	}
	d.own, d.apart = make([]float64, n), make([]float32, d.blocks*lanes)
	d.rows = make([]float32, d.blocks*lanes*width)
	d.parallel(n, func(at int) {
		i := d.order[at]
		d.place[i], d.own[at] = at, max(rest[i], raw[i])
		d.apart[at] = float32(rest[i] / d.unit / d.unit)
		row, to := d.noise.loadings[i], d.rows[at*width:(at+1)*width]
		for k, v := range mean {
			v = -v
			if k < len(row) {
				v += row[k]
			}
			to[k] = float32(v / d.unit)
		}
	})
}

// batch is what makes the draws of a batch: with the loadings of the models as columns of A,
// draw k is the k-th row of H T H S H R A times length[k]. H is a Hadamard matrix; R, S and
// T change signs at random. A row of that product of matrices is a vector of one length in
// a direction as good as random, and length makes its entries normal.
//
// It takes three additions for each model and doubling of the size, where a plain draw takes a
// product for each sample. With one H less, draws are alike where loadings lie in few columns, as
// those of a Cholesky factor do: the critical value of 29 models then had twice the Monte
// Carlo error. Source: Yu, Suresh, Choromanski, Holtmann-Rice and Kumar, Orthogonal Random
// Features, NIPS 2016; Andoni, Indyk, Laarhoven, Razenshteyn and Schmidt, Practical and Optimal
// LSH for Angular Distance, NIPS 2015 (three of them).
type batch struct {
	size    int // power of two
	first   []float32
	between [2][]float32
	length  []float32
}

// leastBatch is the least size of a batch. Sums of fewer signs are not near enough to normal.
const leastBatch = 1024

// batchSize is that of batches for so many loadings.
func batchSize(width int) int { return max(leastBatch, 1<<bits.Len(uint(max(width, 1)-1))) }

// newBatch draws signs and lengths of a batch with its own generator, so that batches can
// be made in any order.
func newBatch(noise *Noise, seed uint64, number, draws int) *batch {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	b := &batch{size: batchSize(noise.width), length: make([]float32, draws)}
	b.first, b.between = signs(r, noise.width), [2][]float32{signs(r, b.size), signs(r, b.size)}
	freedom := float64(b.size)
	part := 2 / (9 * freedom)
	for k := range b.length {
		// the root of chi-square over its freedom (Wilson and Hilferty 1931)
		length := math.Pow(1-part+float64(r.NormFloat64()*math.Sqrt(part)), 1.5)
		if noise.freedom > 0 {
			length *= noise.stretch(r.NormFloat64())
		}
		b.length[k] = float32(length)
	}
	return b
}

// signs are n random ones of 1 and -1.
func signs(r *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	var word uint64
	for i := range s {
		if i%64 == 0 {
			word = r.Uint64()
		}
		s[i] = 1 - 2*float32(word>>(i%64)&1)
	}
	return s
}

// group is the number of models transformed at once: their numbers fit a cache.
const group = 16

// draw fills in the errors.
func (d *draws) draw(seed uint64) {
	size := batchSize(d.noise.width)
	batches := make([]*batch, (d.count+size-1)/size)
	d.parallel(len(batches), func(b int) {
		batches[b] = newBatch(d.noise, seed, b, min(size, d.count-b*size))
	})
	d.z = make([]float32, d.blocks*d.count*lanes)
	d.least, d.most = make([]float32, d.blocks*d.count), make([]float32, d.blocks*d.count)
	groups := (d.models + group - 1) / group
	d.parallel(groups, func(g int) {
		work := make([]float32, size*group)
		for b, batch := range batches {
			d.load(work, g*group, batch)
			transform(work, group)
			for _, between := range batch.between {
				for s, sign := range between {
					row := work[s*group : (s+1)*group]
					for l := range row {
						row[l] *= sign
					}
				}
				transform(work, group)
			}
			d.store(work, g*group, b*size, batch)
		}
	})
	d.parallel(d.blocks, d.bound)
}

// load fills work with the rows of the models from a place on, by column, signs changed.
func (d *draws) load(work []float32, from int, b *batch) {
	width := d.noise.width
	clear(work)
	for l := range min(group, d.models-from) {
		row := d.rows[(from+l)*width : (from+l+1)*width]
		for s, sign := range b.first {
			work[s*group+l] = sign * row[s]
		}
	}
}

// store takes the draws out of work.
func (d *draws) store(work []float32, from, first int, b *batch) {
	block, lane := from/lanes, from%lanes
	scale := float32(1 / float64(b.size))
	for k, length := range b.length {
		to := d.z[(block*d.count+first+k)*lanes+lane:][:group]
		for l, v := range work[k*group : (k+1)*group] {
			to[l] = v * (length * scale)
		}
	}
}

// transform multiplies a Hadamard matrix with the rows of x, of so many numbers each; the
// number of rows is a power of four, or twice one. Two levels are done at once.
func transform(x []float32, width int) {
	h := width
	for ; 4*h <= len(x); h *= 4 {
		for at := 0; at < len(x); at += 4 * h {
			quarter(x[at:at+h], x[at+h:at+2*h], x[at+2*h:at+3*h], x[at+3*h:at+4*h])
		}
	}
	if h < len(x) {
		a, b := x[:h], x[h:]
		b = b[:len(a)]
		for k, u := range a {
			v := b[k]
			a[k], b[k] = u+v, u-v
		}
	}
}

func quarter(a, b, c, d []float32) {
	b, c, d = b[:len(a)], c[:len(a)], d[:len(a)]
	for k, p := range a {
		q, r, s := b[k], c[k], d[k]
		u, v, w, x := p+q, p-q, r+s, r-s
		a[k], b[k], c[k], d[k] = u+w, v+x, u-w, v-x
	}
}

// bound finds the least and the largest error of a block's models in each draw.
func (d *draws) bound(block int) {
	real := min(lanes, d.models-block*lanes)
	for k := range d.count {
		z := d.z[(block*d.count+k)*lanes:][:real]
		low, high := z[0], z[0]
		for _, v := range z[1:] {
			if v < low {
				low = v
			}
			if v > high {
				high = v
			}
		}
		d.least[block*d.count+k], d.most[block*d.count+k] = low, high
	}
}

// error is that of a place in a draw, in units.
func (d *draws) error(at, draw int) float64 {
	return float64(d.z[((at/lanes)*d.count+draw)*lanes+at%lanes])
}

// variance is that of the difference of two places in squared loadings; 0 if it is not
// more than rounding.
func (d *draws) variance(at, to int) float64 {
	v := d.noise.apart(d.order[at], d.order[to])
	if v <= leastShare*(d.own[at]+d.own[to]) {
		return 0
	}
	return v
}

// still reports whether neither of two places has any sampling error.
func (d *draws) still(at, to int) bool {
	return d.noise.squares(d.order[at]) == 0 && d.noise.squares(d.order[to]) == 0
}

// studentised is the difference of two places in a draw over its standard error, without
// its sign.
func (d *draws) studentised(at, to, draw int) float64 {
	return math.Abs(d.error(at, draw)-d.error(to, draw)) * (d.unit / math.Sqrt(d.variance(at, to)))
}
