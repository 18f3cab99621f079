package text

import (
	"math"
	"strconv"
	"unsafe"
)

// powers are the powers of ten that float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// maxDigits is how many decimal digits always fit into an uint64.
const maxDigits = 19

// Float reads the decimal number at the beginning of b, whose decimal mark is point (0
// if it must have none), and returns how many bytes it takes; 0 if there is no number,
// or one that needs another way (NaN, infinities, hexadecimal digits, digits beyond
// the 19th). The value is the one of strconv.ParseFloat, to the bit.
func Float(b []byte, point byte) (value float64, size int) {
	i, negative := sign(b)
	mantissa, count := digits(0, b[i:])
	i += count
	exponent := 0
	if i < len(b) && point != 0 && b[i] == point {
		var n int
		mantissa, n = digits(mantissa, b[i+1:])
		i += 1 + n
		exponent = -n
		count += n
	}
	if count == 0 || count > maxDigits {
		return 0, 0
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		e, n := scale(b[i+1:])
		if n == 0 {
			return 0, 0
		}
		exponent += e
		i += 1 + n
	}
	if v, ok := exact(mantissa, exponent); ok {
		if negative {
			v = -v
		}
		return v, i
	}
	return rounded(b[:i], point)
}

// digits appends the decimal digits at the beginning of b to those of v, and returns how
// many there are. Beyond maxDigits v is wrong. Eight digits at a time were no faster:
// most numbers have fewer.
func digits(v uint64, b []byte) (uint64, int) {
	n := 0
	for n < len(b) && b[n]-'0' < 10 {
		v = v*10 + uint64(b[n]-'0')
		n++
	}
	return v, n
}

// sign skips a sign.
func sign(b []byte) (n int, negative bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return 1, b[0] == '-'
	}
	return 0, false
}

// scale reads an exponent of at most four digits.
func scale(b []byte) (e, n int) {
	i, negative := sign(b)
	begin := i
	for i < len(b) && b[i]-'0' < 10 {
		e = e*10 + int(b[i]-'0')
		i++
	}
	if i == begin || i-begin > 4 {
		return 0, 0
	}
	if negative {
		e = -e
	}
	return e, i
}

// exact computes mantissa times ten to the exponent if that takes one rounding: both
// factors are exact.
func exact(mantissa uint64, exponent int) (float64, bool) {
	v := float64(mantissa)
	switch {
	case mantissa>>53 != 0:
		return 0, false
	case exponent == 0:
		return v, true
	case exponent > 0 && exponent < len(powers):
		return v * powers[exponent], true
	case exponent < 0 && -exponent < len(powers):
		return v / powers[-exponent], true
	}
	return 0, false
}

// rounded leaves the rounding to strconv.
func rounded(b []byte, point byte) (float64, int) {
	var copied [64]byte
	s := b
	if point != '.' && point != 0 {
		s = append(copied[:0], b...)
		for i, c := range s {
			if c == point {
				s[i] = '.'
			}
		}
	}
	v, err := strconv.ParseFloat(view(s), 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, 0
	}
	return v, len(b)
}

// view is b as a string, which must not outlive it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Int reads the integer of at most 18 digits at the beginning of b, and returns how
// many bytes it takes; 0 if there is none, or a longer one.
func Int(b []byte) (value int64, size int) {
	i, negative := sign(b)
	v, n := digits(0, b[i:])
	if n == 0 || n > 18 {
		return 0, 0
	}
	value = int64(v)
	if negative {
		value = -value
	}
	return value, i + n
}

// ParseFloat is strconv.ParseFloat, but a number out of range is an infinity (or
// zero), as it is when it is read.
func ParseFloat(b []byte) (float64, bool) {
	if v, n := Float(b, '.'); n == len(b) && n > 0 {
		return v, true
	}
	v, err := strconv.ParseFloat(view(b), 64)
	return v, err == nil || math.IsInf(v, 0)
}

// ParseInt reads an integer, also one written as a float: 3.0.
func ParseInt(b []byte) (int64, bool) {
	if v, n := Int(b); n == len(b) && n > 0 {
		return v, true
	}
	if v, err := strconv.ParseInt(view(b), 10, 64); err == nil {
		return v, true
	}
	v, ok := ParseFloat(b)
	if !ok || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return 0, false
	}
	return int64(v), true
}
