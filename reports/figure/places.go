package figure

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// Places draws how the order of models under several settings agrees with their order under
// one: a panel for each setting, a dot for each model at both of its places.
type Places struct {
	X      string       `json:"x"` // what the places at the foot are: "place on clean samples"
	Y      string       `json:"y"`
	Panels []PlacePanel `json:"panels"` // at most mostPanels are drawn

	Width vg.Length `json:"-"` // 0: that of a page's text
}

// PlacePanel is a setting. Place 1 is the best; X and Y are by model.
type PlacePanel struct {
	Name string    `json:"name"`
	Note string    `json:"note"` // at the right above the panel: the correlation
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
}

// Figures lays out the panels side by side. It is an error if there is none, or if a panel
// has not as many places as the other axis.
func (p Places) Figures(t Text) ([]*Figure, error) {
	if len(p.Panels) == 0 {
		return nil, errors.New("there is no setting to compare with")
	}
	for _, x := range p.Panels {
		if len(x.X) != len(x.Y) || len(x.X) < 2 {
			return nil, fmt.Errorf("panel %q has %d and %d places", x.Name, len(x.X), len(x.Y))
		}
	}
	p.Panels = p.Panels[:min(len(p.Panels), maxPanels)]
	caption := t.Caption + " Dots: models at their places by value; 1 is the best. On the line nothing would change. Places are not proven orders."
	w := plotWidth(p.Width)
	cols := len(p.Panels)
	rows := 1
	if w < 120*vg.Millimeter && cols > 2 {
		cols, rows = 2, 2
	}
	high := (w-placesLeft)/vg.Length(max(cols, 4/rows)) - placesGap + 42
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: caption, Shown: p, Width: w, Height: high * vg.Length(rows),
		draw: func(c draw.Canvas, fonts *typeface.Family) { p.draw(flatStage(c, fonts), cols, rows) }}}, nil
}

const (
	placesLeft = vg.Length(26)
	placesGap  = vg.Length(12)
)

func (p Places) draw(s stage, cols, rows int) {
	wide := (s.Size().X-placesLeft)/vg.Length(max(cols, 4/rows)) - placesGap
	high := s.Size().Y / vg.Length(rows)
	for i, panel := range p.Panels {
		x := s.Min.X + placesLeft + (wide+placesGap)*vg.Length(i%cols)
		top := s.Max.Y - high*vg.Length(i/cols)
		n := 0.0
		for k := range panel.X {
			n = max(n, panel.X[k], panel.Y[k])
		}
		body := chart{s.part(x, x+wide, top-high+26, top-16), linear(1, n), linear(n, 1)}
		name := lettering{size: noteSize - 0.2, bold: true, color: plainInk}
		note := lettering{size: tinySize, x: draw.XRight, color: slateText}
		s.write(x+wide, top-9, note, panel.Note)
		s.writeWithin(x, top-9, wide-s.width(note, panel.Note)-4, name, panel.Name)
		a, b := body.at(1, 1), body.at(n, n)
		body.line(a.X, a.Y, b.X, b.Y, 0.5, slate)
		for k := range panel.X {
			at := body.at(panel.X[k], panel.Y[k])
			body.dot(at.X, at.Y, 1.2, withAlpha(blue, 0xA0))
		}
		ticks := placeTicks(int(n))
		ticks = append(ticks[:1:1], ticks[len(ticks)-1])
		ys := ticks
		if i%cols > 0 {
			ys = nil
		}
		body.axes(ticks, ys, p.X, "")
		if i%cols == 0 {
			s.write(x-22, body.Center().Y, lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, turn: 1.5707963267948966, color: slateText}, p.Y)
		}
	}
}
