package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/harness/results"
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

// ofLevels is the experiment severity over models whose AUROC against new classes
// changes by step from each level to the next.
func ofLevels(t *testing.T, models, levels int, step float64) Experiment {
	t.Helper()
	s := &results.Results{Measures: metrics.MustMeasures("accuracy", "auroc", "ood-auroc")}
	add := func(model, condition string, values ...float64) {
		row := results.Row{Status: "ok", N: 1000, Classes: 10,
			Key: results.Key{Model: model, Dataset: "data", Split: "test", Condition: condition, Transform: "none", Confidence: "msp"}}
		for _, v := range values {
			row.Cells = append(row.Cells, metrics.Estimate{Value: v})
		}
		s.Rows = append(s.Rows, row)
	}
	for i := range models {
		model, better := fmt.Sprintf("m%02d", i), float64(i)/1000
		add(model, "clean", 0.8+better, 0.8+better, math.NaN())
		for k := range levels {
			add(model, fmt.Sprintf("c-ood-s%d", k), math.NaN(), math.NaN(), 0.7+better*float64(k+1)+step*float64(k))
		}
	}
	f, err := newFolder(t.Context(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := severity(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Of fewer than five models no correlation is claimed, and its cells are empty; of
// fewer than six no interval of the change. The change is claimed as far as the test
// and the interval support it, and each level once.
func TestSeverityClaimsWhatIsProven(t *testing.T) {
	for _, x := range []struct {
		models, levels int
		step           float64
		proof          Proof
		at             []int // levels with a claim
	}{
		{1, 2, -0.1, Unproven, nil},
		{4, 3, -0.1, Unproven, nil},
		{5, 3, -0.1, Unproven, []int{0, 1, 2}},
		{12, 2, -0.1, Proven, []int{0, 1}},
		{12, 3, 0.05, Proven, []int{0, 1, 2}},
		{12, 2, -0.0055, Unproven, []int{0, 1}},
		{12, 1, 0, Unproven, []int{0}},
	} {
		e := ofLevels(t, x.models, x.levels, x.step)
		name := fmt.Sprintf("%d models, %d levels, step %v", x.models, x.levels, x.step)
		var at []int
		changes := 0
		for _, found := range e.Findings {
			switch c := found.Claim.(type) {
			case LevelCorrelated:
				at = append(at, c.Level)
			case SeverityChanges:
				changes++
				if c.Change.Proof != x.proof || (c.Change.Median > 0) != (x.step > 0) && x.proof == Proven {
					t.Errorf("%s: proof %d of %v", name, c.Change.Proof, c.Change.Median)
				}
				if (found.Basis.Intervals != nil) != (x.models >= leastUnits(0.95)) {
					t.Errorf("%s: intervals %v", name, found.Basis.Intervals)
				}
			}
		}
		if !slices.Equal(at, x.at) || (changes == 1) != (x.levels > 1) {
			t.Errorf("%s: claims of %d changes and at levels %v", name, changes, at)
		}
		for _, row := range e.Tables[0].Rows {
			for k, cell := range row[8:] {
				column, least := e.Tables[0].Columns[8+k], leastCorrelated
				if strings.HasSuffix(column, "_lo") || strings.HasSuffix(column, "_hi") {
					least = leastRelated
				}
				if v := cell.(float64); math.IsNaN(v) != (x.models < least) {
					t.Errorf("%s: %s is %v", name, column, v)
				}
			}
		}
	}
}
