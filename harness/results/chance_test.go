package results

import (
	"math"
	"strings"
	"testing"
)

func TestAtChance(t *testing.T) {
	for _, test := range []struct {
		accuracy   float64
		n, classes int
		broken     bool
	}{
		{0.0011, 50000, 1000, true}, // the broken records of the published figures
		{0.00116, 50000, 1000, true},
		{0.0014, 50000, 1000, false}, // 70 of 50000 where guessing gets 50: p = 0.004
		{0.7, 1000, 2, false},
		{0.52, 1000, 2, true}, // p = 0.1
		{0.1, 100, 10, true},
		{0.3, 100, 10, false},
		{0, 100, 10, true},
		{1, 3, 2, true}, // guessing gets all three right in one of eight cases
		{0.0011, 0, 1000, true},
		{0.02, 0, 1000, false},
		{0.504, 0, 2, true},
		{0.51, 0, 2, false},
		{0.1, 100, 0, false}, // nothing to judge by
		{math.NaN(), 100, 10, false},
	} {
		reason := AtChance(test.accuracy, test.n, test.classes)
		if (reason != "") != test.broken {
			t.Errorf("%+v: %q", test, reason)
		}
		if test.broken && !strings.Contains(reason, "not above chance") {
			t.Errorf("%+v: %q gives no reason", test, reason)
		}
	}
	// 8 of 10 coins or more: 56/1024
	if r := AtChance(0.8, 10, 2); !strings.Contains(r, "p = 0.055") {
		t.Errorf("reason %q", r)
	}
}
