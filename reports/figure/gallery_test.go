package figure

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"abstain/metrics"
)

// gallery is every sort of picture, with invented numbers: few of them, or as many
// as a study of 523 models has.
func gallery(many bool) []Picture {
	return []Picture{pointsOfModels(many), beforeAfter(many), regimeStrips(many), correlations(many), duels(many),
		severity(many), slopes(many), compared(many), ranksByMetric(many), differences(many), rankSets(many), meanRanks(many),
		familyLanes(many), regimeEffects(many), transformShifts(many), placesUnder(many)}
}

// pick is the first number for a small picture, the second for a large one.
func pick(many bool, few, lots int) int {
	if many {
		return lots
	}
	return few
}

func around(r *rand.Rand, at, half float64) Value {
	v := at + half*r.NormFloat64()/2
	return Value{v, v - half, v + half}
}

var regimeNames = []string{"vanilla", "knowledge-distillation", "pretraining-21k", "adversarial", "semi-supervised", "mixup", "label-smoothing", "focal", "dropout",
	"augmented", "noisy-student", "weight-decay", "early-stopped", "self-supervised", "weakly-supervised", "few-data", "ensemble", "bagged", "stacked", "calibrated"}

func pointsOfModels(many bool) Cloud {
	r := rand.New(rand.NewPCG(1, 1))
	c := Cloud{X: Axis{Label: "−log10 ECE", Better: metrics.Higher}, Y: Axis{ID: "auroc", Label: "AUROC", Better: metrics.Higher},
		Grouping: "training regime", Marked: regimeNames[1:4], Size: "parameters"}
	for i := range pick(many, 8, 523) {
		p := Point{Name: fmt.Sprintf("resnet%d-w16-seed%d", 14+i%7, i), Group: regimeNames[int(float64(len(regimeNames))*math.Pow(r.Float64(), 2))],
			X: around(r, 1.2+0.3*r.NormFloat64(), 0.05), Y: around(r, 0.85+0.02*r.NormFloat64(), 0.01), Size: math.Pow(10, 3+4*r.Float64()), Named: i%pick(many, 3, 40) == 0}
		if i == 3 {
			p.X.At, p.Size = math.NaN(), 0
		}
		c.Points = append(c.Points, p)
	}
	return c
}

func beforeAfter(many bool) Cloud {
	r := rand.New(rand.NewPCG(1, 2))
	c := Cloud{X: Axis{Label: "ECE before", Better: metrics.Lower, Log: true}, Y: Axis{Label: "ECE after temperature scaling", Better: metrics.Lower, Log: true}, Equal: true}
	for i := range pick(many, 5, 523) {
		before := 0.02 * math.Exp(0.8*r.NormFloat64())
		c.Points = append(c.Points, Point{Name: fmt.Sprint("model ", i), X: Value{before, 0.8 * before, 1.2 * before}, Y: Value{0.5 * before, 0.3 * before, 0.7 * before}, Named: !many && i == 0})
	}
	return c
}

func regimeStrips(many bool) Strips {
	r := rand.New(rand.NewPCG(1, 3))
	s := Strips{Rows: regimeNames[:pick(many, 3, 20)]}
	for k, label := range []string{"change in AUROC ×100", "change in ECE ×1000", "change in AURC ×1000", "change in SAC@0.99 ×100"}[:pick(many, 2, 4)] {
		p := StripPanel{Axis: Axis{Label: label, Better: []metrics.Direction{metrics.Higher, metrics.Lower}[k%2]}, Reference: 0}
		for row := range s.Rows {
			var strip Strip
			if row != 1 || k > 0 {
				for range pick(many, 6, 26) {
					strip.Values = append(strip.Values, 0.3*float64(row%5-1)+r.NormFloat64())
				}
				sorted := slices.Sorted(slices.Values(strip.Values))
				mid := sorted[len(sorted)/2]
				strip.Median, strip.Quartiles = Value{mid, mid - 0.4, mid + 0.4}, [2]float64{sorted[len(sorted)/4], sorted[3*len(sorted)/4]}
				strip.Note = fmt.Sprintf("%d of %d up, p = %.3f", row, len(sorted), 0.5/float64(row+1))
			}
			p.Strips = append(p.Strips, strip)
		}
		s.Panels = append(s.Panels, p)
	}
	return s
}

var metricNames = []string{"accuracy", "AUROC", "AURC", "E-AURC", "AUGRC", "SAC@0.99", "SAC@0.95", "ECE@15", "NLL", "Brier", "smECE", "ACE@15", "coverage-at-risk@0.05", "KS", "MCE@15", "FPR@0.95", "top-k@5"}

func correlations(many bool) Matrix {
	names := metricNames[:pick(many, 4, 17)]
	m := Matrix{Rows: names, Columns: names, Scale: "Spearman's rank correlation", Low: -1, High: 1, Diverging: true}
	for i := range names {
		var row []Cell
		for j := range names {
			c := Cell{Value: Number(math.Cos(1.1 * float64(i-j))), Bold: (i+j)%3 == 0}
			if i == 3 && j == 0 {
				c.Value.At = math.NaN()
			}
			row = append(row, c)
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}

func duels(many bool) Matrix {
	var names []string
	for i := range pick(many, 3, 25) {
		names = append(names, fmt.Sprintf("cnn28-w%d-d2-%s-seed0", i, regimeNames[i%20]))
	}
	m := Matrix{Rows: names, Columns: names, Scale: "wins less losses, share of conditions", Low: -1, High: 1, Diverging: true, ColumnTitle: "against"}
	for i := range names {
		var row []Cell
		for j := range names {
			wins := max(0, min(12, 6+j-i))
			c := Cell{Value: Number(float64(2*wins-12) / 12), Text: fmt.Sprintf("%d/0/%d", wins, 12-wins)}
			if i == j {
				c = Cell{Value: Number(math.NaN())}
			}
			row = append(row, c)
		}
		m.Cells = append(m.Cells, row)
	}
	return m
}

func severity(many bool) Lines {
	r := rand.New(rand.NewPCG(1, 4))
	l := Lines{X: Axis{Label: "severity"}, Places: []string{"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10"}}
	for k := range pick(many, 2, 5) {
		p := LinePanel{Title: fmt.Sprintf("condition %d", k+1), Y: Axis{Label: "OOD-AUROC", Better: metrics.Higher}, Levels: []Level{{0.5, "chance"}}}
		line := func(high, half float64) (x []float64, y []Value) {
			for i := range l.Places {
				x, y = append(x, float64(i)), append(y, around(r, high-0.03*float64(i)-0.02*float64(k), half))
			}
			return x, y
		}
		for i, name := range regimeNames[:pick(many, 2, 7)] {
			x, y := line(0.95-0.02*float64(i), 0.01)
			p.Lines = append(p.Lines, Line{Name: "median of " + name, X: x, Y: y})
			for range pick(many, 2, 30) {
				x, y := line(0.95-0.02*float64(i), 0.04)
				p.Lines = append(p.Lines, Line{Faint: true, Group: "median of " + name, X: x, Y: y})
			}
		}
		p.Lines[0].Y[4].At = math.NaN()
		l.Panels = append(l.Panels, p)
	}
	return l
}

func slopes(many bool) Lines {
	r := rand.New(rand.NewPCG(1, 5))
	p := LinePanel{Y: Axis{Label: "AUROC", Better: metrics.Higher}}
	for range pick(many, 3, 300) {
		v := 0.84 + 0.02*r.NormFloat64()
		p.Lines = append(p.Lines, Line{Faint: true, X: []float64{0, 1}, Y: []Value{Number(v), Number(v + 0.01*r.Float64())}})
	}
	p.Lines = append(p.Lines, Line{Name: "median", X: []float64{0, 1}, Y: []Value{{0.84, 0.835, 0.845}, {0.845, 0.84, 0.85}}})
	return Lines{Places: []string{"none", "temperature"}, Panels: []LinePanel{p}}
}

func compared(many bool) Lines {
	p := LinePanel{Y: Axis{Label: "selective risk", Better: metrics.Lower}}
	names := []string{"resnet50", "vit_large_patch16_384", "tf_efficientnetv2_xl_in21ft1k", "mixer_b16"}[:pick(many, 2, 4)]
	for k, name := range names {
		l := Line{Name: name}
		for i := range pick(many, 21, 400) {
			x := float64(i) / float64(pick(many, 20, 399))
			y := 0.15*math.Pow(x, 2-0.3*float64(k)) + 0.01*float64(k)
			l.X, l.Y = append(l.X, x), append(l.Y, Value{y, y * 0.8, y*1.2 + 0.01})
		}
		p.Lines = append(p.Lines, l)
		if k > 0 {
			p.Ranges = append(p.Ranges, Range{0.1, 0.5, name, names[0], names[0] + " or " + name}, Range{0.7, 1, names[0], name, names[0] + " or " + name})
		}
	}
	return Lines{X: Axis{Label: "coverage"}, Panels: []LinePanel{p}}
}

func ranksByMetric(many bool) Bump {
	r := rand.New(rand.NewPCG(1, 6))
	b := Bump{Metrics: metricNames[:pick(many, 3, 8)], Top: pick(many, 4, 20)}
	n := pick(many, 6, 523)
	for i := range n {
		b.Models = append(b.Models, BumpModel{Name: fmt.Sprintf("model-%s-seed%d", regimeNames[i%20], i)})
	}
	for range b.Metrics {
		score := make([]float64, n)
		order := make([]int, n)
		for i := range n {
			score[i], order[i] = float64(i)+float64(n)/12*r.NormFloat64(), i
		}
		slices.SortFunc(order, func(i, j int) int {
			if score[i] < score[j] {
				return -1
			}
			return 1
		})
		for rank, i := range order {
			b.Models[i].Ranks = append(b.Models[i].Ranks, rank+1)
		}
	}
	b.Models[0].Ranks[1] = b.Models[1].Ranks[1]
	return b
}

func differences(many bool) Forest {
	r := rand.New(rand.NewPCG(1, 7))
	f := Forest{Axis: Axis{Label: "difference in standard errors"}, Reference: 0, Left: "resnet50 better", Right: "the other better", Head: "metric", Heads: []string{"difference", "p", ""}}
	for k, name := range []string{"vit_large_patch16_384", "tf_efficientnetv2_xl_in21ft1k", "mixer_b16"}[:pick(many, 1, 3)] {
		for i, metric := range metricNames[:pick(many, 5, 17)] {
			d := 3*r.NormFloat64() + float64(k)
			row := ForestRow{Name: metric, Value: Value{d, d - 1.96, d + 1.96}, Texts: []string{fmt.Sprintf("%+.4f [%+.4f, %+.4f]", d/100, d/100-0.0196, d/100+0.0196), "0.003", "~"}, Marked: math.Abs(d) > 3}
			if row.Marked {
				row.Texts[2] = "better"
			}
			if i == 0 {
				row.Section = name + " against resnet50"
			}
			f.Rows = append(f.Rows, row)
		}
	}
	f.Rows[1].Value = Value{1, -90, 90}
	f.Rows[2].Value = Number(math.NaN())
	return f
}

func rankSets(many bool) RankIntervals {
	n := pick(many, 3, 523)
	s := RankIntervals{By: "AURC"}
	for i := range n {
		s.Models = append(s.Models, RankedModel{Name: fmt.Sprintf("model-%d", i), Rank: i + 1, Lo: max(1, i-n/5), Hi: min(n, i+n/4+1), Tie: i < n/5})
	}
	s.Models[n-1] = RankedModel{Name: "undefined"}
	return s
}

func meanRanks(many bool) CriticalDifference {
	n := pick(many, 3, 25)
	d := CriticalDifference{Critical: float64(n) / 6}
	r := rand.New(rand.NewPCG(1, 8))
	for i := range n {
		d.Names = append(d.Names, fmt.Sprintf("cnn28-w%d-%s-seed0", i, regimeNames[i%20]))
		d.MeanRanks = append(d.MeanRanks, 1+(float64(n)-1)*r.Float64())
	}
	order := d.order()
	for at, i := range order {
		var group []int
		for _, j := range order[at:] {
			if d.MeanRanks[j]-d.MeanRanks[i] < d.Critical {
				group = append(group, j)
			}
		}
		d.Bars = append(d.Bars, group)
	}
	return d
}

// familyLanes has lanes of all sizes, a value that is missing, and one far off.
func familyLanes(many bool) Picture {
	l := Lanes{Axis: Axis{ID: "aurc", Label: "AURC %", Better: metrics.Lower, Log: true}, Tested: true}
	r := rand.New(rand.NewPCG(7, 8))
	for k := range pick(many, 3, 30) {
		lane := Lane{Name: fmt.Sprintf("family-%02d", k)}
		for i := range 1 + (40+k*13)%pick(many, 17, 200) {
			v := 3 + float64(k)/4 + 4*math.Abs(r.NormFloat64())
			lane.Dots = append(lane.Dots, LaneDot{fmt.Sprint("m", i), v, v < 5})
		}
		l.Lanes = append(l.Lanes, lane)
	}
	l.Lanes[0].Dots[0].Value = math.NaN()
	l.Lanes[1].Dots[0] = LaneDot{"far", 900, false}
	return l
}

// regimeEffects has every verdict, intervals that go beyond the axis, a cell without a
// number, and a correlation that stands apart.
func regimeEffects(many bool) Picture {
	e := Effects{RowTitle: "regime", CountTitle: "pairs", Columns: []EffectColumn{{Label: "AURC", Unit: "points", Better: metrics.Lower},
		{Label: "answered at 5 % error", Unit: "points", Better: metrics.Higher}, {Label: "ranks agree", Unit: "Spearman", Apart: true}}}
	if many {
		e.Columns = append([]EffectColumn{{Label: "NLL", Better: metrics.Lower}, {Label: "accuracy", Unit: "points", Better: metrics.Higher}}, e.Columns...)
	}
	r := rand.New(rand.NewPCG(9, 10))
	for k := range pick(many, 5, 26) {
		row := EffectRow{Name: fmt.Sprintf("regime-%02d", k), Count: 3 * k}
		for j, c := range e.Columns {
			v := 4 * r.NormFloat64()
			cell := EffectCell{Value: Value{v, v - 1, v + 1 + 40*float64(k%2)}, Text: fmt.Sprintf("%+.2f", v), Verdict: []Verdict{Better, Worse, Unproven, TooFew, Untested}[(k+j)%5]}
			if c.Apart {
				cell.Value, cell.Text = Value{math.Tanh(v), math.Tanh(v - 1), math.Tanh(v + 1)}, fmt.Sprintf("%.2f", math.Tanh(v))
			}
			if k == 2 && j == 1 {
				cell = EffectCell{Value: Number(math.NaN())}
			}
			row.Cells = append(row.Cells, cell)
		}
		e.Rows = append(e.Rows, row)
	}
	return e
}

// transformShifts has metrics of both directions, models that do not change, and a metric
// that no model has.
func transformShifts(many bool) Picture {
	s := Shifts{}
	r := rand.New(rand.NewPCG(11, 12))
	for k, label := range []string{"ECE %", "answered at 1 % error %", "NLL"} {
		row := Shift{Label: label, Better: []metrics.Direction{metrics.Lower, metrics.Higher}[k%2], Medians: "5.0 → 3.8", Median: Value{-0.5, -1, -0.1}, P: "p < 0.001", Verdict: Better}
		for i := range pick(many, 12, 500) {
			v := r.NormFloat64()
			if i%7 == 0 {
				v = 0
			}
			row.Changes = append(row.Changes, v*math.Pow(30, float64(i%3)-1))
		}
		s.Rows = append(s.Rows, row)
	}
	s.Rows = append(s.Rows, Shift{Label: "accuracy"})
	return s
}

// placesUnder has as many panels as fit, and more.
func placesUnder(many bool) Picture {
	p := Places{X: "place on clean samples", Y: "place under the condition"}
	r := rand.New(rand.NewPCG(13, 14))
	for k := range pick(many, 2, 6) {
		panel := PlacePanel{Name: fmt.Sprintf("condition %d with a long name", k), Note: "ρ = 0.91 [0.85, 0.95]"}
		for i, j := range r.Perm(pick(many, 9, 300)) {
			panel.X, panel.Y = append(panel.X, float64(i+1)), append(panel.Y, float64(j+1))
		}
		p.Panels = append(p.Panels, panel)
	}
	return p
}

// hung draws the gallery. Each picture gets a name of its own.
func hung(t testing.TB, many bool) []*Figure {
	t.Helper()
	var all []*Figure
	for i, p := range gallery(many) {
		name := fmt.Sprintf("%02d-%T", i, p)
		parts, err := p.Figures(Text{Name: "picture-" + name[:2] + "-" + name[len("00-figure."):], Title: name, Caption: "Invented numbers."})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parts...)
	}
	return all
}

// TestLook writes the gallery to the folder that LOOK names, so that it can be
// looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("set LOOK to a folder to get pictures in it")
	}
	for name, many := range map[string]bool{"few": false, "many": true} {
		if _, err := Write(dir+"/"+name, hung(t, many), "png", "json"); err != nil {
			t.Fatal(err)
		}
	}
}
