package ranks

import "math"

// tile is a pair of blocks, the first not behind the second.
type tile struct{ i, j int }

// tiles lists the pairs of blocks.
func (d *draws) tiles() []tile {
	list := make([]tile, 0, d.blocks*(d.blocks+1)/2)
	for i := range d.blocks {
		for j := i; j < d.blocks; j++ {
			list = append(list, tile{i, j})
		}
	}
	return list
}

// square holds one number for each pair of a tile, row by row.
type square [lanes * lanes]float32

// slack is by how much, as a share, a difference in standard errors may be off if it is
// made of float32 variances: at most by 0.75e-3, if all rounding in a sum over a panel went
// one way and the difference were a fiftieth of its parts. What is nearer to a limit than
// that is decided in float64, so that the result is exact.
const slack = 1e-3

// cancelling is the share of their sum below which a variance is computed in float64.
const cancelling = 0.02

// pairs sets v to the variances of the differences of a tile's pairs, in squared units,
// and to +Inf where there is nothing to compare: beside the models, on and below the
// diagonal, and where there is no error.
func (d *draws) pairs(t tile, v *square) {
	clear(v[:])
	d.products(t, v)
	inf := float32(math.Inf(1))
	for r := range lanes {
		at := t.i*lanes + r
		row := v[r*lanes : (r+1)*lanes]
		for k := range row {
			to := t.j*lanes + k
			if at >= to || to >= d.models {
				row[k] = inf
				continue
			}
			sum := d.apart[at] + d.apart[to]
			own := d.own[at] + d.own[to]
			row[k] = sum - 2*row[k]
			if row[k] <= cancelling*sum || float64(row[k])*d.unit*d.unit <= 10*leastShare*own {
				row[k] = float32(d.variance(at, to) / d.unit / d.unit)
				if row[k] == 0 {
					row[k] = inf
				}
			}
		}
	}
}

// panel is the number of columns that are added up in float32.
const panel = 512

// products adds the inner products of the rows of two blocks to v.
func (d *draws) products(t tile, v *square) {
	width := d.noise.width
	first, second := d.rows[t.i*lanes*width:][:lanes*width], d.rows[t.j*lanes*width:][:lanes*width]
	for from := 0; from < width; from += panel {
		end := min(from+panel, width)
		for r := 0; r < lanes; r += 4 {
			if t.i*lanes+r >= d.models {
				break
			}
			k := 0
			if t.i == t.j {
				k = r &^ 1
			}
			for ; k < lanes && t.j*lanes+k < d.models; k += 2 {
				eight(v, r, k, first[r*width+from:], second[k*width+from:], end-from, width)
			}
		}
	}
}

// eight adds the inner products of four rows with two.
func eight(v *square, r, k int, first, second []float32, n, width int) {
	p, q := second[:n], second[width:][:n]
	a, b, c, d := first[:n], first[width:][:n], first[2*width:][:n], first[3*width:][:n]
	var ap, aq, bp, bq, cp, cq, dp, dq float32
	for s, x := range p {
		y := q[s]
		ap += float32(a[s] * x)
		aq += float32(a[s] * y)
		bp += float32(b[s] * x)
		bq += float32(b[s] * y)
		cp += float32(c[s] * x)
		cq += float32(c[s] * y)
		dp += float32(d[s] * x)
		dq += float32(d[s] * y)
	}
	at := r*lanes + k
	v[at] += ap
	v[at+1] += aq
	v[at+lanes] += bp
	v[at+lanes+1] += bq
	v[at+2*lanes] += cp
	v[at+2*lanes+1] += cq
	v[at+3*lanes] += dp
	v[at+3*lanes+1] += dq
}

// exceedance is a difference in a draw: of which places, and how large in standard errors,
// up to slack.
type exceedance struct {
	draw          int32
	winner, loser int32
	size          float32
}

// exceeding lists the differences of a tile that are larger than a floor in any draw; it
// may leave out those within slack of it. A block of models is passed over where its
// largest and least error lie too near the other one's, and so is a row.
func (d *draws) exceedances(t tile, v *square, floor float64, found []exceedance) []exceedance {
	limits, reach, nearest := limitsOf(v, float32(floor*floor))
	if math.IsInf(float64(nearest), 1) {
		return found
	}
	from, to := t.i*d.count, t.j*d.count
	lowI, highI := d.least[from:][:d.count], d.most[from:][:d.count]
	lowJ, highJ := d.least[to:][:d.count], d.most[to:][:d.count]
	for b := range d.count {
		low, high := lowJ[b], highJ[b]
		if !(highI[b]-low > nearest || high-lowI[b] > nearest) {
			continue
		}
		z, y := (*[lanes]float32)(d.z[(from+b)*lanes:]), (*[lanes]float32)(d.z[(to+b)*lanes:])
		for r, u := range z {
			if !(u-low > reach[r] || high-u > reach[r]) {
				continue
			}
			limit := (*[lanes]float32)(limits[r*lanes:])
			for k, w := range y {
				if x := u - w; x*x > limit[k] {
					found = append(found, d.exceedance(t, v, b, r, k, x))
				}
			}
		}
	}
	return found
}

// limitsOf are the squared differences of the pairs that are as large as a floor; by row,
// and of all, the least difference that can be.
func limitsOf(v *square, floor2 float32) (limits *square, reach [lanes]float32, nearest float32) {
	limits = new(square)
	nearest = float32(math.Inf(1))
	for r := range lanes {
		least := float32(math.Inf(1))
		for k := r * lanes; k < (r+1)*lanes; k++ {
			limits[k] = floor2 * v[k]
			least = min(least, limits[k])
		}
		reach[r] = (1 - slack) * float32(math.Sqrt(float64(least)))
		nearest = min(nearest, reach[r])
	}
	return limits, reach, nearest
}

// exceedance is the one of row r and column k of a tile, whose difference is x.
func (d *draws) exceedance(t tile, v *square, b, r, k int, x float32) exceedance {
	e := exceedance{draw: int32(b), winner: int32(t.i*lanes + r), loser: int32(t.j*lanes + k)}
	if x < 0 {
		x, e.winner, e.loser = -x, e.loser, e.winner
	}
	e.size = x / float32(math.Sqrt(float64(v[r*lanes+k])))
	return e
}
