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

// multiply sets c = a b, or adds to it, with a or b transposed on demand.
func multiply[T Float](transposeA, transposeB bool, a, b Matrix[T], add bool, c Matrix[T]) {
	beta := T(0)
	if add {
		beta = 1
	}
	ta, tb := transposed(transposeA), transposed(transposeB)
	switch v := any(c.V).(type) {
	case []float32:
		blas32.Gemm(ta, tb, 1, general32(a), general32(b), float32(beta), blas32.General{Rows: c.Rows, Cols: c.Cols, Stride: c.Cols, Data: v})
	case []float64:
		blas64.Gemm(ta, tb, 1, general64(a), general64(b), float64(beta), blas64.General{Rows: c.Rows, Cols: c.Cols, Stride: c.Cols, Data: v})
	}
}

func transposed(yes bool) blas.Transpose {
	if yes {
		return blas.Trans
	}
	return blas.NoTrans
}

func general32[T Float](m Matrix[T]) blas32.General {
	return blas32.General{Rows: m.Rows, Cols: m.Cols, Stride: m.Cols, Data: any(m.V).([]float32)}
}

func general64[T Float](m Matrix[T]) blas64.General {
	return blas64.General{Rows: m.Rows, Cols: m.Cols, Stride: m.Cols, Data: any(m.V).([]float64)}
}
