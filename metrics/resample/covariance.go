package resample

import (
	"fmt"
	"math"
)

// Matrix is a square matrix, row by row.
type Matrix struct {
	Size int
	Data []float64
}

// NewMatrix returns a matrix of zeros.
func NewMatrix(size int) *Matrix { return &Matrix{size, make([]float64, size*size)} }

// At is the entry in row i and column j.
func (m *Matrix) At(i, j int) float64 { return m.Data[i*m.Size+j] }

// Variance is the variance of the difference of models i and j,
// C_ii + C_jj - 2 C_ij, floored at 0 where rounding takes it below.
func (m *Matrix) Variance(i, j int) float64 {
	return math.Max(0, m.At(i, i)+m.At(j, j)-2*m.At(i, j))
}

// Covariance is the covariance of the estimates of several models that answer
// the same samples, from their influence values: entry (i, j) is
// sum_s v_i(s) v_j(s) / n^2, where n is the number of samples. The columns are
// those of Influence, or of a design's Units, which may be fewer than n. It is an
// error, and never a smaller matrix, if a column is missing (nil), differs in
// length from the first, or holds a value that is not finite; the error names
// column and row.
//
// It costs len(influence)^2/2 products of columns. To share them among workers,
// call CheckInfluence once and CovarianceRows for blocks of rows: the digits do
// not depend on the blocks.
func Covariance(influence [][]float64, n int) (*Matrix, error) {
	if err := CheckInfluence(influence); err != nil {
		return nil, err
	}
	m := NewMatrix(len(influence))
	CovarianceRows(m, influence, n, 0, len(influence))
	return m, nil
}

// CheckInfluence reports the first column that Covariance cannot take.
func CheckInfluence(influence [][]float64) error {
	for i, column := range influence {
		switch {
		case column == nil:
			return fmt.Errorf("resample: model %d of %d has no influence values: leave it out, or use replicates", i, len(influence))
		case len(column) != len(influence[0]):
			return fmt.Errorf("resample: model %d has influence values of %d samples and model 0 of %d: join them on sample ids first", i, len(column), len(influence[0]))
		}
		for s, v := range column {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("resample: model %d: sample %d: influence value %v: leave the model out, or the sample for all models", i, s, v)
			}
		}
	}
	return nil
}

// Samples are taken in panels that stay in the first-level cache for a tile of
// models.
const (
	panel = 512
	tile  = 4
)

// CovarianceRows fills rows from..to-1 of m up to the diagonal, and their mirror
// image in the columns. Calls for disjoint rows write to disjoint entries and
// may run at the same time. Rows at the end cost more than those at the
// beginning. The columns must have passed CheckInfluence.
func CovarianceRows(m *Matrix, influence [][]float64, n, from, to int) {
	if len(influence) == 0 {
		return
	}
	samples := len(influence[0])
	for s := 0; s < samples; s += panel {
		end := min(s+panel, samples)
		for i := from; i < to; i += tile {
			rows := influence[i:min(i+tile, to)]
			for j := 0; j < i+len(rows); j += 2 {
				addTile(m, rows, influence[j:min(j+2, len(influence))], i, j, s, end)
			}
		}
	}
	for i := from; i < to; i++ {
		for j := range i + 1 {
			v := m.Data[i*m.Size+j] / float64(n) / float64(n)
			m.Data[i*m.Size+j], m.Data[j*m.Size+i] = v, v
		}
	}
}

// addTile adds the products of up to four rows and two columns over a panel of
// samples to the entries on and below the diagonal. Each entry adds up its
// products in the order of samples whatever the shape of the tile, so that
// blocks of any size give the same digits.
func addTile(m *Matrix, rows, columns [][]float64, i, j, s, end int) {
	if len(rows) == tile && len(columns) == 2 && j+1 <= i {
		sums := products(rows, columns, s, end)
		for a := range tile {
			m.Data[(i+a)*m.Size+j] += sums[2*a]
			m.Data[(i+a)*m.Size+j+1] += sums[2*a+1]
		}
		return
	}
	for a, row := range rows {
		for b, column := range columns {
			if j+b <= i+a {
				m.Data[(i+a)*m.Size+j+b] += dot(row[s:end], column[s:end])
			}
		}
	}
}

// products are the eight dot products of four rows and two columns.
func products(rows, columns [][]float64, s, end int) [2 * tile]float64 {
	p, q := columns[0][s:end], columns[1][s:end]
	q = q[:len(p)]
	a, b, c, d := rows[0][s:end][:len(p)], rows[1][s:end][:len(p)], rows[2][s:end][:len(p)], rows[3][s:end][:len(p)]
	var ap, aq, bp, bq, cp, cq, dp, dq float64
	for k, x := range p {
		y := q[k]
		ap += float64(a[k] * x)
		aq += float64(a[k] * y)
		bp += float64(b[k] * x)
		bq += float64(b[k] * y)
		cp += float64(c[k] * x)
		cq += float64(c[k] * y)
		dp += float64(d[k] * x)
		dq += float64(d[k] * y)
	}
	return [2 * tile]float64{ap, aq, bp, bq, cp, cq, dp, dq}
}

// dot is the sum of products, in order.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	sum := 0.0
	for k, x := range a {
		sum += float64(x * b[k])
	}
	return sum
}
