package parquet

import (
	"encoding/hex"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go/format"
)

// moment says what the numbers of a column of dates or timestamps count.
type moment struct {
	unit  time.Duration // 0 if the column has none
	local bool          // without a time zone
}

// day is the unit of dates.
const day = 24 * time.Hour

// momentOf is that of a logical type.
func momentOf(logical format.LogicalTypeValue) moment {
	switch logical := logical.(type) {
	case *format.DateType:
		return moment{unit: day}
	case *format.TimestampType:
		if logical.Unit.Value != nil {
			return moment{unit: logical.Unit.Value.Duration(), local: !logical.IsAdjustedToUTC}
		}
	}
	return moment{}
}

// text writes a number of units since 1970 in the form of ISO 8601.
func (m moment) text(n int64) string {
	if m.unit == day {
		return time.Unix(0, 0).UTC().AddDate(0, 0, int(n)).Format(time.DateOnly)
	}
	perSecond := int64(time.Second / m.unit)
	seconds, rest := n/perSecond, n%perSecond
	at := time.Unix(seconds, rest*int64(m.unit)).UTC()
	if m.local {
		return at.Format("2006-01-02T15:04:05.999999999")
	}
	return at.Format(time.RFC3339Nano)
}

// moments writes stored numbers as dates or timestamps.
func (v *values) moments(m moment) values {
	out := values{n: v.n, ends: make([]uint32, 1, v.n+1), text: []byte{}}
	for i := range v.n {
		out.text = append(out.text, m.text(v.digits(i, 0).small)...)
		out.ends = append(out.ends, uint32(len(out.text)))
	}
	return out
}

// floats widens stored integers and decimals, which are elements of lists.
func (v *values) floats(l *leaf) values {
	out := values{n: v.n, f64: make([]float64, v.n)}
	for i := range v.n {
		switch d := v.digits(i, l.size); {
		case l.scale > 0 || d.wide != nil:
			out.f64[i] = d.float(l.scale)
		case !l.signed && v.i32 != nil:
			out.f64[i] = float64(uint32(d.small))
		case !l.signed:
			out.f64[i] = float64(uint64(d.small))
		default:
			out.f64[i] = float64(d.small)
		}
	}
	return out
}

// readable writes values that are not text in hexadecimal digits, as an id of 16 bytes.
func (v *values) readable() values {
	plain := true
	for i := 0; i < v.n && plain; i++ {
		plain = printable(v.at(i))
	}
	if plain {
		return *v
	}
	out := values{n: v.n, ends: make([]uint32, 1, v.n+1)}
	for i := range v.n {
		if b := v.at(i); printable(b) {
			out.text = append(out.text, b...)
		} else {
			out.text = hex.AppendEncode(append(out.text, "0x"...), b)
		}
		out.ends = append(out.ends, uint32(len(out.text)))
	}
	return out
}

func printable(b []byte) bool {
	for len(b) > 0 {
		c, size := utf8.DecodeRune(b)
		if c == utf8.RuneError || unicode.IsControl(c) {
			return false
		}
		b = b[size:]
	}
	return true
}
