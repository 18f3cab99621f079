package study

import (
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics"
)

func TestKindOf(t *testing.T) {
	for condition, want := range map[string]struct {
		kind  string
		level int
	}{
		"c-ood-s05": {"c-ood", 5}, "gaussian-blur-3": {"gaussian-blur", 3}, "pgd-eps12": {"pgd", 12}, "ood": {"ood", -1}, "imagenet-a": {"imagenet-a", -1},
	} {
		if kind, level := kindOf(condition); kind != want.kind || level != want.level {
			t.Errorf("%s is %s at %d, want %+v", condition, kind, level, want)
		}
	}
}

// With the companion's numbers the windows are the companion's: 10450 classes,
// 1000 known ones, 9451 windows, and level i begins at floor(i/10 * 9451).
func TestSeverityWindows(t *testing.T) {
	window, groups, levels := severityShape(10450, 1000)
	if window != 1000 || groups != 9451 || levels != 11 {
		t.Errorf("windows of %d, %d of them, %d levels", window, groups, levels)
	}
	for level, want := range []int{0, 945, 1890, 2835, 3780, 4725, 5670, 6615, 7560, 8505, 9450} {
		if got := windowStart(level, levels, groups); got != want {
			t.Errorf("level %d begins at %d, want %d", level, got, want)
		}
	}
	for outside := 1; outside < 60; outside++ { // few classes: smaller windows, then fewer levels
		window, groups, levels := severityShape(outside, 8)
		if window < 1 || window > 8 || groups != outside-window+1 || levels != min(11, groups) || outside >= 18 && window != 8 {
			t.Errorf("%d classes: windows of %d, %d of them, %d levels", outside, window, groups, levels)
		}
		for level := range levels {
			start := windowStart(level, levels, groups)
			if start < 0 || start+window > outside || level > 0 && start <= windowStart(level-1, levels, groups) {
				t.Errorf("%d classes: level %d begins at %d", outside, level, start)
			}
		}
	}
}

func TestSeparationByDefinition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		inside, outside := make([]float64, 1+random.IntN(20)), make([]float64, 1+random.IntN(20))
		for i := range inside {
			inside[i] = float64(random.IntN(8))
		}
		for i := range outside {
			outside[i] = float64(random.IntN(8))
		}
		slices.Sort(inside)
		want := 0.0
		for _, a := range inside {
			for _, b := range outside {
				if a > b {
					want++
				} else if a == b {
					want += 0.5
				}
			}
		}
		want /= float64(len(inside) * len(outside))
		if got := separation(inside, outside); got < want-1e-12 || got > want+1e-12 {
			t.Fatalf("AUROC %v, want %v", got, want)
		}
	}
}

// Classes come in the order of their mean confidence on three quarters of their
// samples, and are judged on the others.
func TestSplitClasses(t *testing.T) {
	g := &metrics.Group{Name: "class", Levels: []string{"trusted", "doubted"}}
	c := &metrics.Confidence{Name: "msp"}
	for i := range 40 {
		g.Code = append(g.Code, int32(i%2))
		c.Value = append(c.Value, 0.9-0.5*float64(i%2)+float64(i)/1000)
	}
	classes := splitClasses(g, c, 1)
	if len(classes) != 2 || len(classes[0].test) != 5 || classes[0].severity > 0.5 || classes[1].severity < 0.8 {
		t.Fatalf("%+v", classes)
	}
	total := 0.0
	for i, v := range c.Value {
		if g.Code[i] == 1 {
			total += v
		}
	}
	for _, v := range classes[0].test {
		total -= v
	}
	if mean := total / 15; mean < classes[0].severity-1e-12 || mean > classes[0].severity+1e-12 {
		t.Errorf("severity %v, but the other samples have the mean %v", classes[0].severity, mean)
	}
}
