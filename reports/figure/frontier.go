package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// Against is what a figure of all models by accuracy and another metric shows.
type Against struct {
	X      Axis           `json:"x"`
	Y      Axis           `json:"y"`
	Tested bool           `json:"tested"` // the models were compared with the best
	Points []AgainstPoint `json:"points"`

	xUnit, yUnit words.Unit
	frame        againstFrame
}

// AgainstPoint is a model, in printed units.
type AgainstPoint struct {
	Name  string `json:"name"`
	X     Value  `json:"x"`
	Y     Value  `json:"y"`
	Tied  bool   `json:"tied"`
	Front bool   `json:"front"` // no other model is better in both values
	Odd   bool   `json:"odd"`   // among the farthest on the worse side of the running median
}

// againstFrame is the part of the plane that is drawn, and what lies beyond.
type againstFrame struct {
	xLow, xHigh, yLow, yHigh float64
	log                      bool
	left, beyond             int // models of less accuracy, and of worse y
}

// accuracyAgainst returns the figure of accuracy and another metric over all models of the
// board. Colour says what is tied with the best, and nothing else.
func accuracyAgainst(metric string) func(Input) ([]*Figure, error) {
	return func(in Input) ([]*Figure, error) {
		if in.Board == nil || len(in.Board.Entries) == 0 {
			return nil, errNoModels
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
		a := Against{X: AxisOf(x), Y: AxisOf(y), Tested: in.Board.Resolution != nil, xUnit: words.UnitOf(x), yUnit: words.UnitOf(y)}
		a.X.Label, a.Y.Label = strings.TrimSpace(a.X.Label+" "+a.xUnit.Sign), strings.TrimSpace(a.Y.Label+" "+a.yUnit.Sign)
		for _, e := range in.Board.Entries {
			if p, q := xOf(e), yOf(e); p.Defined() && q.Defined() {
				a.Points = append(a.Points, AgainstPoint{Name: e.Model, X: scaled(p, a.xUnit), Y: scaled(q, a.yUnit), Tied: e.Tie})
			}
		}
		if len(a.Points) == 0 {
			return nil, fmt.Errorf("no model has both %s and %s", x.Name(), y.Name())
		}
		a.mark()
		a.frame = a.fit()
		return []*Figure{{Title: a.title(name(y)), Caption: a.caption(in.Board), Shown: a, Width: in.width(), Height: in.width() * 0.6,
			draw: func(c draw.Canvas, fonts *typeface.Family) { a.draw(flatStage(c, fonts)) }}}, nil
	}
}

// scaled is an estimate in printed units.
func scaled(e metrics.Estimate, u words.Unit) Value {
	return Value{e.Value * u.Factor, e.Lo * u.Factor, e.Hi * u.Factor}
}

// better turns a value of y so that larger is better.
func (a Against) better(y float64) float64 {
	if a.Y.Better == metrics.Higher {
		return y
	}
	return -y
}

// mostOdd is how many models far off the running median are named.
const mostOdd = 4

// mark finds the models that no other beats in both values, and those far on the worse side
// of the running median among the more accurate half.
func (a *Against) mark() {
	order := make([]int, len(a.Points))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(a.Points[j].X.At, a.Points[i].X.At), cmp.Compare(a.better(a.Points[j].Y.At), a.better(a.Points[i].Y.At)))
	})
	best := math.Inf(-1)
	for _, i := range order {
		if v := a.better(a.Points[i].Y.At); v > best {
			best = v
			a.Points[i].Front = true
		}
	}
	if len(a.Points) < 40 {
		return
	}
	half := order[:len(order)/2]
	middle := a.middles()
	slices.SortStableFunc(half, func(i, j int) int { return cmp.Compare(a.excess(j, middle), a.excess(i, middle)) })
	for _, i := range half[:mostOdd] {
		a.Points[i].Odd = a.excess(i, middle) > 0
	}
}

// excess is how much worse a model is than the running median at its accuracy, as a share
// of it where values are positive.
func (a Against) excess(i int, middle func(float64) float64) float64 {
	p := a.Points[i]
	m := middle(p.X.At)
	if d := a.better(m) - a.better(p.Y.At); m > 0 {
		return d / m
	} else {
		return d
	}
}

// middles is the running median of y over the 5 % of models whose accuracy is closest, at
// least seven.
func (a Against) middles() func(x float64) float64 {
	points := slices.Clone(a.Points)
	slices.SortStableFunc(points, func(p, q AgainstPoint) int { return cmp.Compare(p.X.At, q.X.At) })
	k := min(len(points), max(7, len(points)/20))
	return func(x float64) float64 {
		at, _ := slices.BinarySearchFunc(points, x, func(p AgainstPoint, v float64) int { return cmp.Compare(p.X.At, v) })
		from := min(max(0, at-k/2), len(points)-k)
		var ys []float64
		for _, p := range points[from : from+k] {
			ys = append(ys, p.Y.At)
		}
		slices.Sort(ys)
		return (ys[(k-1)/2] + ys[k/2]) / 2
	}
}

// fit chooses the part of the plane: a few models far off must not press the others
// together. Tied and marked models are always on it.
func (a Against) fit() againstFrame {
	var xs, ys []float64
	for _, p := range a.Points {
		xs, ys = append(xs, p.X.At), append(ys, a.better(p.Y.At))
	}
	slices.Sort(xs)
	slices.Sort(ys)
	n := len(xs)
	cutX, cutY := xs[0], ys[0]
	if n >= 40 {
		cutX = xs[n/9]
		ys = ys[:0]
		for _, p := range a.Points {
			if p.X.At >= cutX {
				ys = append(ys, a.better(p.Y.At))
			}
		}
		slices.Sort(ys)
		cutY = ys[len(ys)/50]
		for _, p := range a.Points {
			if p.Tied || p.Odd {
				cutX, cutY = min(cutX, p.X.At), min(cutY, a.better(p.Y.At))
			}
		}
	}
	var inX, inY []float64
	for _, p := range a.Points {
		if p.X.At >= cutX && a.better(p.Y.At) >= cutY {
			inX, inY = append(inX, p.X.At), append(inY, p.Y.At)
		}
	}
	f := againstFrame{log: slices.Min(inY) > 0 && slices.Max(inY) > 2*slices.Min(inY)}
	x, y := newScale(false, inX...), newScale(f.log, inY...)
	f.xLow, f.xHigh, f.yLow, f.yHigh = x.low, x.high, y.low, y.high
	for _, p := range a.Points { // the axes are a little longer than what decided them
		switch {
		case p.X.At < f.xLow:
			f.left++
		case p.Y.At < f.yLow || p.Y.At > f.yHigh:
			f.beyond++
		}
	}
	return f
}

// title says how far models of the same accuracy differ: those within half a point of the
// accuracy that a quarter of the models exceeds.
func (a Against) title(metric string) string {
	xs := make([]float64, len(a.Points))
	for i, p := range a.Points {
		xs[i] = p.X.At
	}
	slices.Sort(xs)
	middle := xs[len(xs)*3/4]
	var ys []float64
	for _, p := range a.Points {
		if math.Abs(p.X.At-middle) <= 0.5 {
			ys = append(ys, p.Y.At)
		}
	}
	if len(ys) < 20 {
		return "Accuracy against " + metric
	}
	slices.Sort(ys)
	cut := len(ys) / 20
	return fmt.Sprintf("At %.0f to %.0f %% accuracy, nine in ten models have an %s from %s to %s", middle-0.5, middle+0.5, metric,
		a.printY(ys[cut]), a.printY(ys[len(ys)-1-cut]))
}

func (a Against) caption(b *board.Board) string {
	which := fmt.Sprintf("%d of %d models", len(a.Points), b.Models)
	if len(a.Points) == b.Models {
		which = fmt.Sprintf("All %d models", b.Models)
	}
	text := fmt.Sprintf("%s; n = %d, confidence function %s.", which, b.N, b.Choice.Confidence)
	if a.Tested {
		text += fmt.Sprintf(" Filled: tied with the best by %s; hollow: proven worse.", b.By.Label())
	}
	text += " Blue rings: no other model is better in both values; new samples may move models on and off this front."
	if slices.ContainsFunc(a.Points, func(p AgainstPoint) bool { return p.Odd }) {
		text += " Line: running median. Red rings: the farthest on its worse side, in the more accurate half."
	}
	if f := a.frame; f.log {
		text += " The vertical axis is logarithmic."
	}
	return text
}

func (a Against) draw(s stage) {
	f := a.frame
	y := linear(f.yLow, f.yHigh)
	ticks := scale{low: f.yLow, high: f.yHigh}.ticks()
	if f.log {
		y = logarithmic(f.yLow, f.yHigh)
		ticks = scale{low: f.yLow, high: f.yHigh, log: true}.manyTicks()
	}
	room := s.labelRoom()
	body := chart{s.part(s.Min.X+24, s.Max.X-room-8, s.Min.Y+24, s.Max.Y-14), linear(f.xLow, f.xHigh), y}
	for _, tied := range []bool{false, true} {
		for _, p := range a.Points {
			if p.Tied != tied || !body.inside(p.X.At, p.Y.At) {
				continue
			}
			verdict := Behind
			if p.Tied && a.Tested {
				verdict = Tied
			}
			clr, filled := verdict.mark()
			if filled {
				clr = withAlpha(clr, 0xB0)
			}
			at := body.at(p.X.At, p.Y.At)
			body.markAt(at.X, at.Y, 1.5, clr, filled, false)
		}
	}
	a.median(body)
	body.axes(scale{low: f.xLow, high: f.xHigh}.ticks(), ticks, a.X.Label, a.Y.Label+map[metrics.Direction]string{metrics.Lower: ", lower is better", metrics.Higher: ", higher is better"}[a.Y.Better])
	small := lettering{size: tinySize, color: slateText}
	if f.left > 0 {
		body.write(body.Min.X+4, body.Min.Y+4, small, fmt.Sprintf("‹ %d models further left", f.left))
	}
	if f.beyond > 0 {
		mark := "↑"
		if a.Y.Better == metrics.Higher {
			mark = "↓"
		}
		small.x = draw.XRight
		body.write(body.Max.X, body.Max.Y+6, small, fmt.Sprintf("%s %d further off", mark, f.beyond))
	}
	a.names(s, body)
}

// median draws the running median.
func (a Against) median(c chart) {
	if len(a.Points) < 40 {
		return
	}
	middle := a.middles()
	var xs []float64
	for _, p := range a.Points {
		xs = append(xs, p.X.At)
	}
	slices.Sort(xs)
	xs = slices.Compact(xs)
	var line []vg.Point
	for _, x := range xs {
		if y := middle(x); c.inside(x, y) {
			line = append(line, c.at(x, y))
		}
	}
	if len(line) > 1 {
		c.path(line, draw.LineStyle{Color: plainInk, Width: 1})
	}
}

// mostFront is how many models of the front are named.
const mostFront = 5

// names rings and names the marked models in the margin.
func (a Against) names(s stage, c chart) {
	var labels []endLabel
	front := 0
	for _, p := range a.Points {
		if !p.Front && !p.Odd || !c.inside(p.X.At, p.Y.At) {
			continue
		}
		clr := blue
		if p.Odd {
			clr = rust
		} else if front++; front > mostFront {
			continue
		}
		at := c.at(p.X.At, p.Y.At)
		c.ring(at, 3, clr)
		note := a.printX(p.X.At) + " · " + a.printY(p.Y.At)
		labels = append(labels, endLabel{from: at, name: p.Name, note: note, color: clr})
	}
	s.endLabels(c.Max.X+12, s.Max.X, c.Min.Y+4, c.Max.Y, labels)
}

func (a Against) printX(v float64) string { return a.xUnit.With(v / a.xUnit.Factor) }
func (a Against) printY(v float64) string { return a.yUnit.With(v / a.yUnit.Factor) }

// ring draws a circle around a point.
func (s stage) ring(at vg.Point, radius vg.Length, clr color.Color) {
	var p vg.Path
	p.Move(vg.Point{X: at.X + radius, Y: at.Y})
	p.Arc(at, radius, 0, 2*math.Pi)
	p.Close()
	s.SetLineStyle(draw.LineStyle{Color: clr, Width: 0.9})
	s.Stroke(p)
}
