package rowstat

import "math"

// Faint holds what Rest and Entropy are too small for of a row whose maximum is far
// ahead: logarithms, which do not underflow. All three are -Inf where every
// other logit is -Inf, or there is none.
type Faint struct {
	Row        int     // in the batch
	LogRest    float64 // ln R; the Gini impurity is 2R up to rounding
	LogShort   float64 // ln(R + SecondExp), over 1 + R what the margin lacks to 1
	LogEntropy float64
}

// afar is from which lead of the maximum on a row is faint: exp(-600) is far from the
// smallest float64 whatever it is multiplied by.
const afar = 600

// putFaint adds row i to Faint if it belongs there.
func putFaint[F real](dst *Columns, i int, row []F, t top[F]) {
	gap := float64(t.max) - float64(t.second)
	if !(gap > afar) {
		return
	}
	f := Faint{Row: i, LogRest: math.Inf(-1), LogShort: math.Inf(-1), LogEntropy: math.Inf(-1)}
	if !math.IsInf(gap, 1) {
		var totals belowTotals
		addExact(&totals, row[:t.arg], float64(t.second))
		addExact(&totals, row[t.arg+1:], float64(t.second))
		b := totals.value()
		// The entropy is R + sum e (max - logit) where R vanishes beside 1.
		f.LogRest, f.LogShort = math.Log(b.sum)-gap, math.Log1p(b.sum)-gap
		f.LogEntropy = math.Log(b.sum+float64(gap*b.sum)+b.weighed) - gap
	}
	dst.Faint = append(dst.Faint, f)
}
