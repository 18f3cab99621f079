package network

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
)

// Float is the precision of a network.
type Float interface{ float32 | float64 }

// Matrix is a matrix of Rows x Cols values, row by row.
type Matrix[T Float] struct {
	Rows, Cols int
	V          []T
}

// NewMatrix returns a matrix of zeros.
func NewMatrix[T Float](rows, cols int) Matrix[T] {
	return Matrix[T]{rows, cols, make([]T, rows*cols)}
}

// Row returns row i.
func (m Matrix[T]) Row(i int) []T { return m.V[i*m.Cols : (i+1)*m.Cols] }

// Slice returns rows from, from+1, ..., to-1 of the same memory.
func (m Matrix[T]) Slice(from, to int) Matrix[T] {
	return Matrix[T]{to - from, m.Cols, m.V[from*m.Cols : to*m.Cols]}
}

// resized is a matrix of that size that uses m's memory if it suffices. Its values are whatever was there.
func (m Matrix[T]) resized(rows, cols int) Matrix[T] {
	if cap(m.V) < rows*cols {
		return NewMatrix[T](rows, cols)
	}
	return Matrix[T]{rows, cols, m.V[:rows*cols]}
}

// product has the memory of one layer's matrix products. gonum's inner loop runs along the columns of c, or of a
// if b is transposed; where that is short, as with few classes, the same product is had several times faster from
// transposed copies.
type product[T Float] struct{ turned, out Matrix[T] }

// shortLoop is the length of an inner loop below which a transposed copy pays.
const shortLoop = 16

// multiply sets c = a b, or adds to it, with a or b transposed on demand, not both.
func (p *product[T]) multiply(transposeA, transposeB bool, a, b Matrix[T], add bool, c Matrix[T]) {
	switch {
	case transposeB && a.Cols < shortLoop && c.Cols > a.Cols: // c = a B, along c's columns
		p.turned = b.transposed(p.turned)
		multiply(false, false, a, p.turned, add, c)
	case !transposeA && !transposeB && c.Cols < shortLoop && a.Cols > c.Cols: // along a's columns
		p.turned = b.transposed(p.turned)
		multiply(false, true, a, p.turned, add, c)
	case transposeA && !add && c.Cols < shortLoop && c.Rows > c.Cols: // the transpose of c, along its columns
		p.out = p.out.resized(c.Cols, c.Rows)
		multiply(true, false, b, a, false, p.out)
		p.out.transposed(c)
	default:
		multiply(transposeA, transposeB, a, b, add, c)
	}
}

// transposed is m's transpose, in the memory of another matrix if it suffices.
func (m Matrix[T]) transposed(in Matrix[T]) Matrix[T] {
	in = in.resized(m.Cols, m.Rows)
	for i := range m.Rows {
		for k, v := range m.Row(i) {
			in.V[k*m.Rows+i] = v
		}
	}
	return in
}

// Sides of the pieces that gonum gets. Each is small enough to be done without goroutines, which are for the pool of
// trainings, and to stay in the cache.
const (
	pieceRows = 64
	pieceCols = 192
	pieceSum  = 256
)

// multiply sets c = a b, or adds to it, with a or b transposed on demand, piece by piece.
func multiply[T Float](transposeA, transposeB bool, a, b Matrix[T], add bool, c Matrix[T]) {
	sum := a.Cols
	if transposeA {
		sum = a.Rows
	}
	rows := pieceRows
	if c.Cols <= pieceRows {
		rows = pieceCols
	}
	for i := 0; i < c.Rows; i += rows {
		for j := 0; j < c.Cols; j += pieceCols {
			for k := 0; k == 0 || k < sum; k += pieceSum {
				i1, j1, k1 := min(i+rows, c.Rows), min(j+pieceCols, c.Cols), min(k+pieceSum, sum)
				gemm(transposeA, transposeB, a.piece(transposeA, i, i1, k, k1), b.piece(transposeB, k, k1, j, j1), add || k > 0,
					c.piece(false, i, i1, j, j1))
			}
		}
	}
}

// piece is a part of a matrix: rows x cols values, with rows that begin stride values apart.
type piece[T Float] struct {
	rows, cols, stride int
	v                  []T
}

// piece takes rows i to i1 and columns j to j1 of the matrix, or of its transpose; as stored, in both cases.
func (m Matrix[T]) piece(transposed bool, i, i1, j, j1 int) piece[T] {
	if transposed {
		i, i1, j, j1 = j, j1, i, i1
	}
	if i == i1 || j == j1 {
		return piece[T]{i1 - i, j1 - j, m.Cols, nil}
	}
	return piece[T]{i1 - i, j1 - j, m.Cols, m.V[i*m.Cols+j : (i1-1)*m.Cols+j1]}
}

func gemm[T Float](transposeA, transposeB bool, a, b piece[T], add bool, c piece[T]) {
	beta := T(0)
	if add {
		beta = 1
	}
	ta, tb := transposed(transposeA), transposed(transposeB)
	switch any(c.v).(type) {
	case []float32:
		blas32.Gemm(ta, tb, 1, general32(a), general32(b), float32(beta), general32(c))
	case []float64:
		blas64.Gemm(ta, tb, 1, general64(a), general64(b), float64(beta), general64(c))
	}
}

func transposed(yes bool) blas.Transpose {
	if yes {
		return blas.Trans
	}
	return blas.NoTrans
}

func general32[T Float](m piece[T]) blas32.General {
	return blas32.General{Rows: m.rows, Cols: m.cols, Stride: m.stride, Data: any(m.v).([]float32)}
}

func general64[T Float](m piece[T]) blas64.General {
	return blas64.General{Rows: m.rows, Cols: m.cols, Stride: m.stride, Data: any(m.v).([]float64)}
}
