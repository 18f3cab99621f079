package column

import (
	"math"
	"math/big"
)

const (
	// MaxScale is how many places a decimal may have, as many as any writer allows.
	MaxScale = 76
	maxExact = 1 << 53
	maxPower = 22 // the largest power of ten that a float64 holds exactly
)

// Decimal is a decimal number without its point: in Small, or in Wide if that is set.
type Decimal struct {
	Small int64
	Wide  *big.Int
}

// BigEndian reads a decimal in two's complement, the highest byte first.
func BigEndian(b []byte) Decimal {
	for len(b) > 8 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xff && b[1] >= 0x80) {
		b = b[1:] // this byte only repeats the sign of the next one
	}
	if len(b) > 8 {
		n := new(big.Int).SetBytes(b)
		if b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
		return Decimal{Wide: n}
	}
	var d Decimal
	if len(b) > 0 && b[0] >= 0x80 {
		d.Small = -1
	}
	for _, c := range b {
		d.Small = d.Small<<8 | int64(c)
	}
	return d
}

// Float returns the decimal with the given number of places, rounded once.
func (d Decimal) Float(scale int) float64 {
	if d.Wide == nil && d.Small >= -maxExact && d.Small <= maxExact && scale <= maxPower {
		return float64(d.Small) / math.Pow10(scale)
	}
	n := d.Wide
	if n == nil {
		n = big.NewInt(d.Small)
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	f, _ := new(big.Rat).SetFrac(n, power).Float64()
	return f
}

// Whole returns a decimal without places. The error, of row 'row', says that it does not
// fit into 64 bits.
func (d Decimal) Whole(row int) (int64, error) {
	if d.Wide == nil {
		return d.Small, nil
	}
	e := Errorf("", row, "the decimal %v does not fit into 64 bits", d.Wide)
	e.Hint = "write the column as text"
	return 0, e
}
