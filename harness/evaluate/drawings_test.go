package evaluate

import (
	"testing"

	"abstain/metrics"
)

// TestDrawingsAreBounded: what is kept fits, what was used last stays, and larger
// replicates are not kept at all.
func TestDrawingsAreBounded(t *testing.T) {
	var d Drawings
	const third = mostDrawn / 3
	a, b, c := d.find("a", third), d.find("b", third), d.find("c", third)
	if d.find("a", third) != a || d.find("b", third) != b {
		t.Error("what fits is not kept")
	}
	d.find("d", third)
	if d.find("c", third) == c {
		t.Error("what was used longest ago is kept")
	}
	total := 0
	for _, k := range d.kept {
		total += k.bytes
	}
	if total > mostDrawn || len(d.kept) != 3 {
		t.Errorf("%d bytes in %d drawings", total, len(d.kept))
	}
	i := Intervals{Level: 0.95, Replicates: 1000, Seed: 1}
	of := func(n int) Design {
		s, err := i.Design(&metrics.Outcomes{Correct: make([]bool, n)})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	small, again := d.Of(of(50), i), d.Of(of(50), i)
	if small != again {
		t.Error("drawn twice")
	}
	before := len(d.kept)
	if large := d.Of(of(mostDrawn/1000+1), i); large.B != 1000 || len(d.kept) != before {
		t.Error("replicates beyond the bound are kept")
	}
}
