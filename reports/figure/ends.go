package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
	"abstain/reports/words"
)

// BoardEnds is what the figure of both ends of a board shows.
type BoardEnds struct {
	Axis    Axis       `json:"axis"`
	Models  int        `json:"models"`
	First   []EndsRow  `json:"first"`
	Last    []EndsRow  `json:"last"` // empty if the first are all
	LeftOut int        `json:"left_out"`
	unit    words.Unit // in which values are printed
	ranked  bool
}

// EndsRow is a model with its value, in printed units, and the places it may have.
type EndsRow struct {
	Model  string `json:"model"`
	Value  Value  `json:"value"`
	Lo, Hi int    // places; 0 if they are not known
	Tied   bool   `json:"tied"`
}

// How many models the ends have.
const (
	firstEnd = 30
	lastEnd  = 10
)

// leaderboardEnds draws the first 30 and the last 10 models with their intervals, each block
// on an axis of its own.
func leaderboardEnds(in Input) ([]*Figure, error) {
	b := in.Board
	if b == nil || len(b.Entries) == 0 {
		return nil, errNoModels
	}
	ends := BoardEnds{Models: b.Models, unit: words.UnitOf(b.By), ranked: b.Resolution != nil}
	ends.Axis = AxisOf(b.By)
	ends.Axis.Label = strings.TrimSpace(ends.Axis.Label + " " + ends.unit.Sign)
	level, undefined := 0.0, 0
	var rows []EndsRow
	for _, e := range b.Entries {
		if !e.Value.Defined() {
			undefined++
			continue
		}
		level = max(level, e.Value.Level)
		f := ends.unit.Factor
		rows = append(rows, EndsRow{Model: e.Model, Value: Value{f * e.Value.Value, f * e.Value.Lo, f * e.Value.Hi}, Lo: e.Ranks.Lo, Hi: e.Ranks.Hi, Tied: e.Tie})
	}
	if level == 0 {
		return nil, errors.New("the values have no intervals")
	}
	ends.First = rows
	if len(rows) > firstEnd+lastEnd {
		ends.First, ends.Last = rows[:firstEnd], rows[len(rows)-lastEnd:]
		ends.LeftOut = len(rows) - firstEnd - lastEnd
	}
	caption := fmt.Sprintf("Value and %g %% interval by itself; n = %d, confidence function %s.", 100*level, b.N, b.Choice.Confidence)
	if ends.ranked {
		caption += fmt.Sprintf(" Band: the interval of the first row. Ranks: the places that a model may have, all %d at once, from paired differences. Filled: tied with the best.", b.Models)
	}
	if ends.Last != nil {
		caption += " The two blocks have axes of their own."
	}
	caption += leftOut(undefined, "model", "its "+b.By.Label()+" is undefined")
	n := vg.Length(len(ends.First) + len(ends.Last))
	return []*Figure{{Title: ends.title(), Caption: caption, Shown: ends, Width: in.width(), Height: endsHead + 2*endsFoot + endsPitch*n + 14,
		draw: func(c draw.Canvas, fonts *typeface.Family) { ends.draw(flatStage(c, fonts)) }}}, nil
}

const (
	endsHead  = vg.Length(14)
	endsFoot  = vg.Length(13)
	endsPitch = vg.Length(13.2)
)

// title says how many of the first models are tied.
func (e BoardEnds) title() string {
	tied, n := 0, len(e.First)
	for _, r := range e.First {
		if r.Tied {
			tied++
		}
	}
	switch {
	case !e.ranked:
		return fmt.Sprintf("The models by measured %s, with intervals", e.Axis.Label)
	case tied == n && e.Last == nil:
		return fmt.Sprintf("All %d models are tied with the best", n)
	case tied == n:
		return fmt.Sprintf("The first %d are all tied with the best; the last %d are far off", n, len(e.Last))
	}
	return fmt.Sprintf("Of the first %d, %d are tied with the best", n, tied)
}

func (e BoardEnds) draw(s stage) {
	room := s.Size().Y - endsHead - endsFoot
	rows := vg.Length(len(e.First))
	if e.Last != nil {
		room -= endsFoot + 14
		rows += vg.Length(len(e.Last))
	}
	pitch := room / rows
	head := lettering{size: tinySize, color: slateText}
	y := s.Max.Y - endsHead + 5
	s.write(s.Min.X, y, head, "model")
	head.x = draw.XRight
	s.write(s.Max.X-46, y, head, e.Axis.Label)
	if e.ranked {
		s.write(s.Max.X, y, head, "ranks")
	}
	top := s.Max.Y - endsHead
	bottom := top - pitch*vg.Length(len(e.First))
	e.block(s, e.First, top, bottom, pitch, true)
	if e.Last == nil {
		return
	}
	y = bottom - endsFoot - 9
	s.write(s.Min.X, y, lettering{size: tinySize, color: slateText}, fmt.Sprintf("%d models left out", e.LeftOut))
	s.write(s.Max.X, y, lettering{size: tinySize, color: slateText, x: draw.XRight}, "new axis below")
	s.line(s.Min.X, y-4, s.Max.X, y-4, 0.4, seam)
	top = bottom - endsFoot - 14
	e.block(s, e.Last, top, top-pitch*vg.Length(len(e.Last)), pitch, false)
}

// block draws rows on one axis.
func (e BoardEnds) block(s stage, rows []EndsRow, top, bottom, pitch vg.Length, banded bool) {
	left, right := s.Min.X+min(s.Size().X*0.43, 150), s.Max.X-72
	var values []float64
	for _, r := range rows {
		values = append(values, r.Value.At)
		if r.Value.Interval() {
			values = append(values, r.Value.Lo, r.Value.Hi)
		}
	}
	z := newScale(false, values...)
	area := s.part(left, right, bottom, top)
	at := func(v float64) vg.Length { return area.X(z.of(v)) }
	if first := rows[0].Value; banded && first.Interval() {
		s.box(bandWash, at(first.Lo), bottom, at(first.Hi), top)
	}
	size := min(noteSize-0.4, pitch*0.8)
	for i, r := range rows {
		y := top - pitch*(vg.Length(i)+0.5)
		name := lettering{size: size, y: draw.YCenter, color: plainInk}
		s.writeWithin(s.Min.X, y, left-s.Min.X-6, name, r.Model)
		verdict := Behind
		if r.Tied {
			verdict = Tied
		}
		clr, filled := verdict.mark()
		if r.Value.Interval() {
			s.line(at(r.Value.Lo), y, at(r.Value.Hi), y, 0.9, clr)
		}
		s.markAt(at(r.Value.At), y, 1.9, clr, filled, false)
		number := name
		number.x, number.bold = draw.XRight, r.Tied
		s.write(s.Max.X-46, y, number, e.number(r.Value.At))
		if r.Hi > 0 {
			s.write(s.Max.X, y, lettering{size: size, x: draw.XRight, y: draw.YCenter, color: slateText}, fmt.Sprintf("%d–%d", r.Lo, r.Hi))
		}
	}
	area.footTicksPlain(z)
}

// number is a value as it is printed.
func (e BoardEnds) number(v float64) string {
	return words.Unit{Factor: 1, Decimals: e.unit.Decimals}.Number(v)
}

// footTicksPlain draws the axis below the stage, without lines through it.
func (s stage) footTicksPlain(z scale) {
	small := lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, color: slateText}
	at := func(v float64) vg.Length { return s.X(z.of(v)) }
	s.line(s.Min.X, s.Min.Y, s.Max.X, s.Min.Y, 0.5, slate)
	for _, t := range s.spaced(z.ticks(), small, at) {
		s.line(at(t.Value), s.Min.Y, at(t.Value), s.Min.Y-2.2, 0.4, slate)
		s.write(at(t.Value), s.Min.Y-3.4, small, t.Label)
	}
}

// bandWash is the ground of a reference interval.
var bandWash = mix(none, blue, 0.12)

// Envelope is what the figure of the places that models may have shows.
type Envelope struct {
	By     string        `json:"by"`
	Models []RankedModel `json:"models"`
}

// rankEnvelope draws for each model, at its place by value, the first and the last place
// that the data allow.
func rankEnvelope(in Input) ([]*Figure, error) {
	b := in.Board
	if b == nil || len(b.Entries) == 0 {
		return nil, errNoModels
	}
	e := Envelope{By: b.By.Label()}
	for _, x := range b.Entries {
		if x.Ranks.Hi > 0 {
			e.Models = append(e.Models, RankedModel{Name: x.Model, Rank: x.Rank, Lo: x.Ranks.Lo, Hi: x.Ranks.Hi, Tie: x.Tie})
		}
	}
	if len(e.Models) == 0 {
		return nil, errors.New("the ranks have no intervals")
	}
	caption := "Each model has two dots: the first and the last place that it may have by simultaneous sets from paired differences; shaded: their running median. Line: its place by value. " +
		"Black: examples. A board with a proven order would be a thin diagonal."
	if r := b.Resolution; r != nil {
		caption += fmt.Sprintf(" Of %d pairs of neighbours, %d can be told apart; %g %%, n = %d.", r.Adjacent, r.Separable, 100*r.Level, r.N)
	}
	height := 74 * vg.Millimeter
	if !in.narrow() {
		height = 92 * vg.Millimeter
	}
	return []*Figure{{Title: e.title(), Caption: caption, Shown: e, Width: in.width(), Height: height,
		draw: func(c draw.Canvas, fonts *typeface.Family) { e.draw(flatStage(c, fonts)) }}}, nil
}

// examples are the models whose places are drawn as lines: the best, and four spread over
// the board.
func (e Envelope) examples() []int {
	n := len(e.Models)
	if n <= 6 {
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		return all
	}
	var list []int
	for _, share := range []float64{0, 0.19, 0.44, 0.67, 0.86} {
		list = append(list, int(share*float64(n)))
	}
	return list
}

func (e Envelope) title() string {
	n := len(e.Models)
	k := int(0.19 * float64(n))
	if k == 0 {
		return "The places that each model may have"
	}
	m := e.Models[k]
	return fmt.Sprintf("A place means little: the model in place %d may have any from %d to %d", m.Rank, m.Lo, m.Hi)
}

func (e Envelope) draw(s stage) {
	n := float64(len(e.Models))
	body := chart{s.part(s.Min.X+26, s.Max.X-6, s.Min.Y+24, s.Max.Y-14), linear(1, math.Max(n, 2)), linear(math.Max(n, 2), 1)}
	low, high := make([]float64, len(e.Models)), make([]float64, len(e.Models))
	for i, m := range e.Models {
		low[i], high[i] = float64(m.Lo), float64(m.Hi)
	}
	low, high = runningMedian(low), runningMedian(high)
	var edge []vg.Point
	for i, v := range low {
		edge = append(edge, body.at(float64(i+1), v))
	}
	for i := len(high) - 1; i >= 0; i-- {
		edge = append(edge, body.at(float64(i+1), high[i]))
	}
	body.area(bandWash, edge)
	for i, m := range e.Models {
		for _, place := range []int{m.Lo, m.Hi} {
			p := body.at(float64(i+1), float64(place))
			body.dot(p.X, p.Y, 0.55, blue)
		}
	}
	first, last := body.at(1, 1), body.at(n, n)
	body.line(first.X, first.Y, last.X, last.Y, 0.6, plainInk)
	for _, i := range e.examples() {
		m := e.Models[i]
		a, b := body.at(float64(i+1), float64(m.Lo)), body.at(float64(i+1), float64(m.Hi))
		body.line(a.X, a.Y, b.X, b.Y, 1.1, plainInk)
		c := body.at(float64(i+1), float64(m.Rank))
		body.markAt(c.X, c.Y, 2, plainInk, true, false)
		label := lettering{size: noteSize - 0.4, bold: true, color: plainInk}
		text := fmt.Sprintf("%d–%d", m.Lo, m.Hi)
		if float64(i) > 0.6*n {
			label.x = draw.XRight
			body.write(a.X-3, a.Y-7, label, text)
		} else {
			body.write(b.X+4, b.Y+1, label, text)
		}
	}
	ticks := placeTicks(len(e.Models))
	body.axes(ticks, ticks, "place by value of "+e.By, "places it may have")
}

// placeTicks are 1, round places, and the last.
func placeTicks(n int) (ticks []plot.Tick) {
	ticks = append(ticks, plot.Tick{Value: 1, Label: "1"})
	for _, t := range (scale{low: 1, high: float64(n), whole: true}).ticks() {
		if t.Value > 1.5 && t.Value < 0.93*float64(n) {
			ticks = append(ticks, t)
		}
	}
	if n > 1 {
		ticks = append(ticks, plot.Tick{Value: float64(n), Label: fmt.Sprint(n)})
	}
	return ticks
}

// runningMedian smooths values over windows of a twentieth of them.
func runningMedian(values []float64) []float64 {
	half := len(values) / 40
	out := make([]float64, len(values))
	for i := range values {
		window := slices.Clone(values[max(0, i-half):min(len(values), i+half+1)])
		slices.Sort(window)
		out[i] = (window[(len(window)-1)/2] + window[len(window)/2]) / 2
	}
	return out
}
