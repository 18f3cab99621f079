package typeface

import (
	"math"
	"strings"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// Font returns the name of a style's font in gonum's text styles.
func Font(s Style, size vg.Length) font.Font {
	return font.From(liberation(s).Key, size)
}

// StyleOf is the style that a gonum font stands for. Only weight and fixed width
// are kept, because a report has one typeface.
func StyleOf(f font.Font) Style {
	switch {
	case f.Variant == "Mono":
		return Mono
	case f.Weight >= xfont.WeightSemiBold:
		return Bold
	}
	return Regular
}

// Handler measures and places text for gonum/plot with the family's fonts.
type Handler struct{ Family *Family }

var _ text.Handler = Handler{}

// Cache returns a cache with the faces of the family's styles.
func (h Handler) Cache() *font.Cache {
	var all font.Collection
	for s := range styles {
		f := h.Family.Main(s)
		all = append(all, font.Face{Font: liberation(s).Key, Face: f.Font})
	}
	return font.NewCache(all)
}

// Extents returns the line metrics of the style's main face.
func (h Handler) Extents(f font.Font) font.Extents {
	face := h.Family.Main(StyleOf(f)).At(f.Size)
	return face.Extents()
}

// Lines splits a text into lines.
func (h Handler) Lines(txt string) []string {
	return strings.Split(strings.TrimRight(txt, "\n"), "\n")
}

// Box measures one line.
func (h Handler) Box(line string, f font.Font) (width, height, depth vg.Length) {
	e := h.Extents(f)
	return vg.Length(h.Family.Width(StyleOf(f), float64(f.Size), line)), e.Ascent, e.Descent
}

// Draw sets a text of one or several lines, aligned and rotated around pt by its
// style.
func (h Handler) Draw(c vg.Canvas, txt string, sty text.Style, pt vg.Point) {
	if strings.TrimRight(txt, "\n") == "" {
		return
	}
	c.SetColor(sty.Color)
	c.Push()
	defer c.Pop()
	c.Translate(pt)
	if sty.Rotation != 0 {
		c.Rotate(sty.Rotation)
	}
	e := h.Extents(sty.Font)
	lines := h.Lines(txt)
	y := sty.Height(txt)*vg.Length(1+sty.YAlign) - e.Ascent
	for _, line := range lines {
		w, _, _ := h.Box(line, sty.Font)
		c.FillString(h.face(sty.Font), vg.Point{X: w * vg.Length(sty.XAlign), Y: y}, line)
		y -= e.Height
	}
}

func (h Handler) face(f font.Font) font.Face {
	return font.Face{Font: f, Face: h.Family.Main(StyleOf(f)).Font}
}

// Canvas passes everything on to another canvas, but splits text into runs, each
// set in a face that has its characters.
type Canvas struct {
	vg.Canvas
	Family *Family
}

// FillString draws text from pt to the right.
func (c Canvas) FillString(f font.Face, pt vg.Point, s string) {
	if f.Font.Size <= 0 || math.IsNaN(float64(pt.X+pt.Y)) {
		return
	}
	for _, run := range c.Family.Runs(StyleOf(f.Font), s) {
		c.Canvas.FillString(run.Face.At(f.Font.Size), pt, run.Text)
		pt.X += vg.Length(run.Width) * f.Font.Size
	}
}
