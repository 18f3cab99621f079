package parquet

import (
	"time"

	"github.com/parquet-go/parquet-go/format"

	"abstain/datasets/column"
)

// moment says what the numbers of a column of dates or timestamps count.
type moment struct {
	unit  time.Duration // 0 if the column has none
	local bool          // without a time zone
}

// momentOf is that of a logical type.
func momentOf(logical format.LogicalTypeValue) moment {
	switch logical := logical.(type) {
	case *format.DateType:
		return moment{unit: column.Day}
	case *format.TimestampType:
		if logical.Unit.Value != nil {
			return moment{unit: logical.Unit.Value.Duration(), local: !logical.IsAdjustedToUTC}
		}
	}
	return moment{}
}

// moments writes stored numbers as dates or timestamps.
func (v *values) moments(m moment) values {
	out := values{n: v.n, ends: make([]uint32, 1, v.n+1), text: []byte{}}
	for i := range v.n {
		out.text = column.AppendMoment(out.text, v.digits(i, 0).Small, m.unit, m.local)
		out.ends = append(out.ends, uint32(len(out.text)))
	}
	return out
}

// floats widens stored integers and decimals, which are elements of lists.
func (v *values) floats(l *leaf) values {
	out := values{n: v.n, f64: make([]float64, v.n)}
	for i := range v.n {
		switch d := v.digits(i, l.size); {
		case l.scale > 0 || d.Wide != nil:
			out.f64[i] = d.Float(l.scale)
		case !l.signed && v.i32 != nil:
			out.f64[i] = float64(uint32(d.Small))
		case !l.signed:
			out.f64[i] = float64(uint64(d.Small))
		default:
			out.f64[i] = float64(d.Small)
		}
	}
	return out
}

// readable writes values that are not text in hexadecimal digits, as an id of 16 bytes.
func (v *values) readable() values {
	out := values{n: v.n, ends: make([]uint32, 1, v.n+1), text: make([]byte, 0, len(v.text))}
	for i := range v.n {
		out.text = column.AppendReadable(out.text, v.at(i))
		out.ends = append(out.ends, uint32(len(out.text)))
	}
	return out
}
