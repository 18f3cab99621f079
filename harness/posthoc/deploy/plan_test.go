package deploy

import (
	"math"
	"testing"

	"abstain/metrics/guarantee"
)

// TestRowsForMeets: where exact tails give way to the normal one, the two agree to some percent.
func TestRowsForMeets(t *testing.T) {
	exact := guarantee.RowsFor(0.8, 0.0406, 0.05, 0.005)
	normal := rowsFor(0.8, 0.0406, 0.05, 0.005)
	for _, v := range [][2]int{{exact.FromOn, normal.FromOn}, {exact.Likely, normal.Likely}} {
		if r := float64(v[1]) / float64(v[0]); math.Abs(r-1) > 0.08 {
			t.Errorf("exact %d, normal %d", v[0], v[1])
		}
	}
	if normal == exact {
		t.Error("the normal tail was not used")
	}
	if r := rowsFor(1, 0.0499999999, 0.05, 0.005); r.FromOn < 1e8 || r.Likely < r.FromOn {
		t.Errorf("just below the risk: %+v", r)
	}
	if r := rowsFor(1, 0.05, 0.05, 0.005); r != (guarantee.Rows{}) {
		t.Errorf("at the risk: %+v", r)
	}
}
