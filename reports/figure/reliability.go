package figure

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// Reliability is what the reliability figure shows.
type Reliability struct {
	Samples    int                `json:"samples"`
	Confidence string             `json:"confidence"`
	Models     []ReliabilityModel `json:"models"`
}

// ReliabilityModel is one model's diagram.
type ReliabilityModel struct {
	Model string           `json:"model"`
	Bins  []ReliabilityBin `json:"bins"`
}

// ReliabilityBin is one bin; accuracy and confidence are null if it is empty.
type ReliabilityBin struct {
	Lo         float64  `json:"lo"`
	Hi         float64  `json:"hi"`
	N          int      `json:"n"`
	Accuracy   *float64 `json:"accuracy"`
	Confidence *float64 `json:"confidence"`
	AccuracyLo *float64 `json:"accuracy_lo"` // its interval; null if there is none
	AccuracyHi *float64 `json:"accuracy_hi"`
}

// maxPanels is the largest number of diagrams that are readable side by side.
const maxPanels = 4

// Panel is a model's reliability diagram, with what the model is an example of: "smallest
// ECE"; Role may be "".
type Panel struct {
	board.Curves
	Role string
}

// reliability draws diagrams of models with a calibrated confidence: those of the input's
// Panels, or else of its Curves.
func reliability(in Input) ([]*Figure, error) {
	given := in.Panels
	if given == nil {
		for _, c := range in.Curves {
			given = append(given, Panel{Curves: c})
		}
	}
	var panels []Panel
	var without []string
	for _, c := range given {
		if c.Reliability == nil {
			without = append(without, c.Model)
			continue
		}
		panels = append(panels, c)
	}
	if len(panels) == 0 {
		return nil, fmt.Errorf("no model has a confidence that is a probability")
	}
	dropped := max(0, len(panels)-maxPanels)
	if dropped > 0 { // from the first to the last
		var kept []Panel
		for k := range maxPanels {
			kept = append(kept, panels[k*(len(panels)-1)/(maxPanels-1)])
		}
		panels = kept
	}
	shown := Reliability{Samples: panels[0].N, Confidence: confidenceOf(in, panels[0].Curves)}
	for _, c := range panels {
		shown.Models = append(shown.Models, ReliabilityModel{c.Model, bins(c.Curves)})
	}
	cols := len(panels)
	if in.narrow() {
		cols = min(2, cols)
	}
	rows := (len(panels) + cols - 1) / cols
	wide := in.width() / vg.Length(max(cols, 2))
	if cols > 2 {
		wide = in.width() / 4
	}
	return []*Figure{{
		Title:   "Accuracy against confidence: on the diagonal, confidence is a probability",
		Caption: reliabilityCaption(shown, panels[0].Curves, without, dropped),
		Width:   in.width(), Height: (min(wide, 44*vg.Millimeter)*0.92 + 62) * vg.Length(rows), Shown: shown,
		draw: func(c draw.Canvas, fonts *typeface.Family) {
			drawPanels(flatStage(c, fonts), panels, cols, rows, calibration(in.Board))
		},
	}}, nil
}

// confidenceOf names the confidence function of a panel.
func confidenceOf(in Input, c board.Curves) string {
	if in.Board != nil && in.Board.Choice.Confidence != "" {
		return in.Board.Choice.Confidence
	}
	return c.Confidence
}

func reliabilityCaption(shown Reliability, first board.Curves, without []string, dropped int) string {
	s := fmt.Sprintf("Dots: the share of right answers in each bin of confidence, at the bin's mean confidence; hollow with fewer than %d samples, and empty bins "+
		"are not drawn. Above the diagonal a model is less sure than it is right. Below: how often each confidence occurs. %d equal-width bins, right-closed; n = %d, confidence function %s.",
		fewInBin, len(first.Reliability), shown.Samples, shown.Confidence)
	if first.Level > 0 {
		s += fmt.Sprintf(" Lines: the %g %% score interval of the bin's accuracy.", 100*first.Level)
	}
	if len(without) > 0 {
		s += " Without a diagram, since the confidence is no probability: " + strings.Join(without, ", ") + "."
	}
	if dropped > 0 {
		s += fmt.Sprintf(" %d more models are not shown.", dropped)
	}
	return s
}

// fewInBin is how many samples a bin needs for a filled dot.
const fewInBin = 10

// calibration returns, as text, the calibration error of a model on the board; ""
// if the board has none.
func calibration(b *board.Board) func(model string) string {
	if b == nil {
		return func(string) string { return "" }
	}
	m, of := measure(b, "ece")
	return func(model string) string {
		for _, e := range b.Entries {
			if of != nil && e.Model == model && of(e).Defined() {
				return strings.TrimSpace(m.Label() + " " + words.UnitOf(m).Estimate(of(e)) + " " + words.UnitOf(m).Sign)
			}
		}
		return ""
	}
}

// drawPanels draws the diagrams in a grid.
func drawPanels(s stage, panels []Panel, cols, rows int, note func(string) string) {
	const gutter = vg.Length(10)
	left := vg.Length(22)
	wide := (s.Size().X - left - gutter*vg.Length(cols-1)) / vg.Length(max(cols, 2))
	if cols > 2 {
		wide = (s.Size().X - left - gutter*3) / 4
	}
	high := s.Size().Y / vg.Length(rows)
	for i, p := range panels {
		x := s.Min.X + left + (wide+gutter)*vg.Length(i%cols)
		top := s.Max.Y - high*vg.Length(i/cols)
		s.part(x, x+wide, top-high, top).panel(p, note(p.Model), i%cols == 0)
	}
}

// panel draws one diagram with its density below; the first of a row has the labels.
func (s stage) panel(p Panel, note string, first bool) {
	name := lettering{size: noteSize - 0.2, bold: true, y: draw.YTop, color: plainInk}
	small := lettering{size: tinySize, y: draw.YTop, color: slateText}
	s.writeWithin(s.Min.X, s.Max.Y, s.Size().X, name, p.Model)
	lines := []string{p.Role, note}
	if p.Role == "" {
		lines = lines[1:]
	}
	for i, text := range lines {
		s.writeWithin(s.Min.X, s.Max.Y-9-8*vg.Length(i), s.Size().X, small, text)
	}
	const density = vg.Length(13)
	foot := s.Min.Y + 24
	body := chart{s.part(s.Min.X, s.Max.X, foot+density+2, s.Max.Y-28), linear(0, 1), linear(0, 1)}
	body.line(body.Min.X, body.Min.Y, body.Max.X, body.Max.Y, 0.6, slate)
	var line []vg.Point
	for i, b := range p.Reliability {
		if b.N == 0 {
			continue
		}
		at := body.at(b.Confidence, b.Accuracy)
		if b.N >= fewInBin {
			line = append(line, at)
		}
		if p.AccuracyBand.Lo != nil && finite(p.AccuracyBand.Lo[i], p.AccuracyBand.Hi[i]) {
			body.line(at.X, body.at(0, p.AccuracyBand.Lo[i]).Y, at.X, body.at(0, p.AccuracyBand.Hi[i]).Y, 0.6, plainInk)
		}
	}
	if len(line) > 1 {
		body.path(line, draw.LineStyle{Color: blue, Width: 1})
	}
	for _, b := range p.Reliability {
		if b.N > 0 {
			at := body.at(b.Confidence, b.Accuracy)
			body.markAt(at.X, at.Y, 1.7, plainInk, b.N >= fewInBin, false)
		}
	}
	body.line(body.Min.X, body.Min.Y, body.Min.X, body.Max.Y, 0.5, slate)
	body.line(body.Min.X, body.Min.Y, body.Max.X, body.Min.Y, 0.5, slate)
	if first {
		for _, v := range []float64{0, 0.5, 1} {
			y := body.at(0, v).Y
			s.write(body.Min.X-4, y, lettering{size: tinySize, x: draw.XRight, y: draw.YCenter, color: slateText}, percent(v))
		}
		s.write(body.Min.X-20, body.Center().Y, lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, turn: math.Pi / 2, color: slateText}, "accuracy, %")
	}
	s.part(s.Min.X, s.Max.X, foot, foot+density).density(p.Curves)
}

// density draws how often each confidence occurs, with the axis of confidence below.
func (s stage) density(c board.Curves) {
	most, all := 0, 0
	for _, b := range c.Reliability {
		most, all = max(most, b.N), all+b.N
	}
	for _, b := range c.Reliability {
		if b.N == 0 {
			continue
		}
		s.box(mist, s.X(b.Lo)+0.2, s.Min.Y, s.X(b.Hi)-0.2, s.Min.Y+s.Size().Y*vg.Length(b.N)/vg.Length(most))
	}
	s.line(s.Min.X, s.Min.Y, s.Max.X, s.Min.Y, 0.5, slate)
	small := lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, color: slateText}
	for i, v := range []float64{0, 0.5, 1} {
		small.x = []draw.XAlignment{draw.XLeft, draw.XCenter, draw.XRight}[i]
		s.write(s.X(v), s.Min.Y-3, small, percent(v))
	}
	small.x = draw.XCenter
	s.write(s.Center().X, s.Min.Y-11, small, "confidence, %")
}

func bins(of board.Curves) []ReliabilityBin {
	out := make([]ReliabilityBin, len(of.Reliability))
	for i, b := range of.Reliability {
		out[i] = ReliabilityBin{Lo: b.Lo, Hi: b.Hi, N: b.N}
		if b.N == 0 {
			continue
		}
		out[i].Accuracy, out[i].Confidence = &b.Accuracy, &b.Confidence
		if of.AccuracyBand.Lo != nil {
			out[i].AccuracyLo, out[i].AccuracyHi = &of.AccuracyBand.Lo[i], &of.AccuracyBand.Hi[i]
		}
	}
	return out
}
