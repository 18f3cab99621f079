package parquet

import "abstain/datasets/column"

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
			out.f64[i] = d.Float(l.scale)
			continue
		}
		whole, err := d.Whole(-1)
		if err != nil {
			return out, err
		}
		out.i64[i] = whole
	}
	return out, nil
}

// digits returns those of value i; size is the length of values of fixed length.
func (v *values) digits(i, size int) column.Decimal {
	switch {
	case v.i32 != nil:
		return column.Decimal{Small: int64(v.i32[i])}
	case v.i64 != nil:
		return column.Decimal{Small: v.i64[i]}
	case v.ends != nil:
		return column.BigEndian(v.at(i))
	}
	return column.BigEndian(v.bytes[i*size : (i+1)*size])
}
