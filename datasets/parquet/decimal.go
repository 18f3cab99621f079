package parquet

import (
	"math"
	"math/big"

	"abstain/datasets/column"
)

const (
	maxScale = 76 // places of a decimal, as many as any writer allows
	maxExact = 1 << 53
	maxPower = 22 // the largest power of ten that a float64 holds exactly
)

// digits are a decimal number without its point: in small, or in wide if that is
// set.
type digits struct {
	small int64
	wide  *big.Int
}

// decimals turns stored decimals into integers or floats, whichever they
// represent.
func (l *leaf) decimals(v values) (values, error) {
	out := values{n: v.n}
	if l.scale == 0 {
		out.i64 = make([]int64, v.n)
	} else {
		out.f64 = make([]float64, v.n)
	}
	for i := range v.n {
		d := v.digits(i, l.size)
		if l.scale > 0 {
			out.f64[i] = d.float(l.scale)
			continue
		}
		if d.wide != nil {
			e := column.Errorf("", -1, "the decimal %v does not fit into 64 bits", d.wide)
			e.Hint = "write the column as text"
			return out, e
		}
		out.i64[i] = d.small
	}
	return out, nil
}

// digits returns those of value i; size is the length of values of fixed length.
func (v *values) digits(i, size int) digits {
	switch {
	case v.i32 != nil:
		return digits{small: int64(v.i32[i])}
	case v.i64 != nil:
		return digits{small: v.i64[i]}
	case v.ends != nil:
		return bigEndian(v.at(i))
	}
	return bigEndian(v.bytes[i*size : (i+1)*size])
}

// bigEndian reads a number in two's complement.
func bigEndian(b []byte) digits {
	for len(b) > 8 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:] // this byte only repeats the sign of the next one
	}
	if len(b) > 8 {
		n := new(big.Int).SetBytes(b)
		if b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		return digits{wide: n}
	}
	var d digits
	if len(b) > 0 && b[0] >= 0x80 {
		d.small = -1
	}
	for _, c := range b {
		d.small = d.small<<8 | int64(c)
	}
	return d
}

// float returns the decimal with the given number of places, rounded once.
func (d digits) float(scale int) float64 {
	if d.wide == nil && d.small >= -maxExact && d.small <= maxExact && scale <= maxPower {
		return float64(d.small) / math.Pow10(scale)
	}
	n := d.wide
	if n == nil {
		n = big.NewInt(d.small)
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	f, _ := new(big.Rat).SetFrac(n, power).Float64()
	return f
}
