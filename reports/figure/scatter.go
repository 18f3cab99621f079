package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/study"
	"abstain/metrics"
)

// Scatter is what a scatter plot shows.
type Scatter struct {
	X      string         `json:"x"` // metric ids
	Y      string         `json:"y"`
	Log    bool           `json:"log"` // the y axis is logarithmic
	Models []ScatterModel `json:"models"`
}

// ScatterModel is one point.
type ScatterModel struct {
	Model  string  `json:"model"`
	Regime string  `json:"regime"`
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
}

// accuracyAgainst returns the figure of accuracy and another metric over all
// models of the board, coloured by training regime.
func accuracyAgainst(metric string) func(Input) (*Figure, error) {
	return func(in Input) (*Figure, error) {
		if in.Board == nil || len(in.Board.Entries) == 0 {
			return nil, fmt.Errorf("the leaderboard has no models")
		}
		x, xOf := measure(in.Board, "accuracy")
		y, yOf := measure(in.Board, metric)
		for _, m := range []struct {
			id    string
			found bool
		}{{"accuracy", xOf != nil}, {metric, yOf != nil}} {
			if !m.found {
				return nil, fmt.Errorf("the leaderboard has no metric %q; run again with --metrics to add it", m.id)
			}
		}
		shown := Scatter{X: x.ID, Y: y.ID}
		for _, e := range in.Board.Entries {
			if a, b := xOf(e), yOf(e); a.Defined() && b.Defined() {
				shown.Models = append(shown.Models, ScatterModel{e.Model, cmp.Or(e.Meta.Get("regime"), unstated), a.Value, b.Value})
			}
		}
		if len(shown.Models) == 0 {
			return nil, fmt.Errorf("no model has both %s and %s", x.ID, y.ID)
		}
		return scatter(in, shown, x, y), nil
	}
}

// unstated is the regime of models whose metadata names none.
const unstated = "regime not stated"

func scatter(in Input, shown Scatter, x, y study.Measure) *Figure {
	shown.Log = spread(shown.Models)
	p := newPlot(in.Fonts, axis(x), axis(y))
	key := &legend{fonts: in.Fonts}
	groups := byRegime(shown.Models)
	for i := len(groups) - 1; i >= 0; i-- { // the frequent ones on top
		p.Add(groups[i].dots)
	}
	for _, g := range groups {
		key.add(fmt.Sprintf("%s (%d)", g.name, len(g.points)), g.dots)
	}
	frame(p, shown)
	which := fmt.Sprintf("%d of %d models", len(shown.Models), in.Board.Models)
	if len(shown.Models) == in.Board.Models {
		which = fmt.Sprintf("all %d models", in.Board.Models)
	}
	scale := ""
	if shown.Log {
		scale = " The vertical axis is logarithmic."
	}
	return &Figure{
		Title: "Accuracy against " + name(y),
		Caption: fmt.Sprintf("Each mark is a model (%s), coloured by training regime; the number behind a regime counts its models. "+
			"Better is to the %s and %s.%s n = %d, confidence function %s.", which,
			end(x.Metric.Better, "right", "left"), end(y.Metric.Better, "up", "down"), scale, in.Board.N, in.Board.Choice.Confidence),
		Shown: shown,
		draw:  func(c draw.Canvas) { drawPlot(c, p, key) },
	}
}

// end is the direction of the axis in which a metric improves.
func end(d metrics.Direction, high, low string) string {
	if d == metrics.Lower {
		return low
	}
	return high
}

// measure finds the board's column of a metric and how to read it; nil if it
// has none.
func measure(b *study.Board, metric string) (study.Measure, func(study.Entry) metrics.Estimate) {
	if b.By.Metric.ID == metric {
		return b.By, func(e study.Entry) metrics.Estimate { return e.Value }
	}
	for i, m := range b.Beside {
		if m.Metric.ID == metric {
			return m, func(e study.Entry) metrics.Estimate { return e.Beside[i] }
		}
	}
	return study.Measure{}, nil
}

func name(m study.Measure) string { return cmp.Or(m.Metric.Label, m.ID) }

// axis labels an axis with a metric and the way it improves.
func axis(m study.Measure) string {
	switch m.Metric.Better {
	case metrics.Higher:
		return name(m) + " (higher is better)"
	case metrics.Lower:
		return name(m) + " (lower is better)"
	}
	return name(m)
}

// spread reports whether the values need a logarithmic axis: all positive, and
// the largest so far above the median that most would crowd at the foot.
func spread(models []ScatterModel) bool {
	y := make([]float64, len(models))
	for i, m := range models {
		y[i] = m.Y
	}
	slices.Sort(y)
	return y[0] > 0 && y[len(y)-1] > 4*y[len(y)/2]
}

// frame sets the axes a little wider than the data.
func frame(p *plot.Plot, shown Scatter) {
	first := shown.Models[0]
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = first.X, first.X, first.Y, first.Y
	for _, m := range shown.Models {
		p.X.Min, p.X.Max = min(p.X.Min, m.X), max(p.X.Max, m.X)
		p.Y.Min, p.Y.Max = min(p.Y.Min, m.Y), max(p.Y.Max, m.Y)
	}
	p.X.Min, p.X.Max = widen(p.X.Min, p.X.Max)
	if shown.Log {
		low, high := widen(math.Log10(p.Y.Min), math.Log10(p.Y.Max))
		p.Y.Min, p.Y.Max = math.Pow(10, low), math.Pow(10, high)
		p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
		return
	}
	p.Y.Min, p.Y.Max = widen(p.Y.Min, p.Y.Max)
}

// widen adds a margin, and gives a single value some room.
func widen(low, high float64) (float64, float64) {
	margin := 0.04 * (high - low)
	if margin == 0 {
		margin = max(0.05*math.Abs(low), 0.01)
	}
	return low - margin, high + margin
}

// logTicks labels 1, 2 and 5 of each decade.
type logTicks struct{}

// Ticks returns the ticks of a positive range.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for decade := math.Floor(math.Log10(low)); decade <= math.Ceil(math.Log10(high)); decade++ {
		for step := 1; step <= 9; step++ {
			v := float64(step) * math.Pow(10, decade)
			if v < low || v > high {
				continue
			}
			t := plot.Tick{Value: v}
			if step == 1 || step == 2 || step == 5 {
				t.Label = fmt.Sprintf("%.4g", v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// regime is the marks of one colour.
type regime struct {
	name string
	dots
}

// shapes repeat along the palette, so that colour is not the only difference.
var shapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}

// byRegime groups models, the most frequent regimes first. Those beyond the
// palette share grey.
func byRegime(models []ScatterModel) []regime {
	points := map[string]plotter.XYs{}
	var names []string
	for _, m := range models {
		if points[m.Regime] == nil {
			names = append(names, m.Regime)
		}
		points[m.Regime] = append(points[m.Regime], plotter.XY{X: m.X, Y: m.Y})
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(points[b]), len(points[a])), cmp.Compare(a, b))
	})
	var groups []regime
	for i, n := range names[:min(len(names), len(palette))] {
		groups = append(groups, regime{n, dots{points[n], mark(i)}})
	}
	if rest := names[len(groups):]; len(rest) > 0 {
		grey := regime{fmt.Sprintf("other: %d regimes", len(rest)), dots{style: draw.GlyphStyle{Color: other, Radius: 1.6, Shape: draw.CircleGlyph{}}}}
		for _, n := range rest {
			grey.points = append(grey.points, points[n]...)
		}
		groups = append(groups, grey)
	}
	return groups
}

func mark(i int) draw.GlyphStyle {
	c := palette[i]
	c.A = 0xd0
	return draw.GlyphStyle{Color: c, Radius: 1.9, Shape: shapes[i%len(shapes)]}
}
