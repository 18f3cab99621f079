package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	tones "abstain/reports/palette"
	"abstain/reports/typeface"
)

// Verdict is what is proven of a value that a figure shows. Each is drawn twice: by
// colour, and by a filled or hollow mark, so that nothing is lost in grey.
type Verdict uint8

// Verdicts of models beside the best, and of changes.
const (
	Untested Verdict = iota // nothing was asked
	Tied                    // not told apart from the best
	Behind                  // proven worse than the best
	Better                  // proven to be a change for the better
	Worse                   // proven to be a change for the worse
	Unproven                // could have been proven, and was not
	TooFew                  // too few pairs to prove anything
)

// Colours of verdicts and of what stands around them.
var (
	blue      = tones.Tied.Colour().Light
	rust      = tones.Worse.Colour().Light
	slate     = tones.Unproven.Colour().Light
	slateText = tones.Second.Light
	mist      = mix(tones.TooFew.Colour().Light, slate, 0.25) // marks of too few pairs
	mistText  = tones.Third.Light
	night     = tones.Order(5)[0].Light // correlations
	zebra     = tones.Zebra.Light
	seam      = tones.Rule.Light
	rustWash  = mix(none, rust, 0.42)
	plainInk  = tones.Ink.Light
)

// mark is the colour of a verdict's mark; filled reports whether the mark is.
func (v Verdict) mark() (clr color.NRGBA, filled bool) {
	switch v {
	case Tied, Better:
		return blue, true
	case Worse:
		return rust, true
	case TooFew:
		return mist, false
	}
	return slate, false
}

// words is how numbers of the verdict are set.
func (v Verdict) words() (clr color.NRGBA, bold bool) {
	switch v {
	case Tied, Better:
		return blue, true
	case Worse:
		return rust, true
	case TooFew:
		return mistText, false
	}
	return slateText, false
}

// markAt draws the mark of a verdict, a circle or a diamond.
func (s stage) markAt(x, y, radius vg.Length, clr color.Color, filled, diamond bool) {
	var p vg.Path
	if diamond {
		r := radius * 1.25
		p.Move(vg.Point{X: x - r, Y: y})
		p.Line(vg.Point{X: x, Y: y + r})
		p.Line(vg.Point{X: x + r, Y: y})
		p.Line(vg.Point{X: x, Y: y - r})
		p.Close()
	} else {
		p.Move(vg.Point{X: x + radius, Y: y})
		p.Arc(vg.Point{X: x, Y: y}, radius, 0, 2*3.141592653589793)
		p.Close()
	}
	if filled {
		s.SetColor(clr)
		s.Fill(p)
		return
	}
	s.SetColor(none)
	s.Fill(p)
	s.SetLineStyle(draw.LineStyle{Color: clr, Width: 0.75})
	s.Stroke(p)
}

// arrowHead draws the end of an interval that goes on beyond the edge, pointing to the
// right if to is 1, to the left if it is -1.
func (s stage) arrowHead(x, y vg.Length, to vg.Length, clr color.Color) {
	var p vg.Path
	p.Move(vg.Point{X: x, Y: y})
	p.Line(vg.Point{X: x - 3*to, Y: y + 1.6})
	p.Line(vg.Point{X: x - 3*to, Y: y - 1.6})
	p.Close()
	s.SetColor(clr)
	s.Fill(p)
}

// flatStage is the whole of a canvas as a stage, without a margin, for figures that stand
// flush with the text around them.
func flatStage(c draw.Canvas, fonts *typeface.Family) stage {
	background(c)
	return stage{c, fonts}
}

// keyEntry is a mark with its meaning.
type keyEntry struct {
	verdict Verdict
	words   string
	diamond bool
}

// verdictKey writes the meaning of marks in a row, from x to the right, and returns its end.
func (s stage) verdictKey(x, y vg.Length, entries []keyEntry) vg.Length {
	for _, e := range entries {
		clr, filled := e.verdict.mark()
		small := lettering{size: tinySize, y: draw.YCenter, color: slateText}
		if e.verdict == Tied || e.verdict == Better || e.verdict == Worse {
			small.color = clr
		}
		s.markAt(x+2, y, 1.9, clr, filled, e.diamond)
		s.write(x+7, y, small, e.words)
		x += 7 + s.width(small, e.words) + 11
	}
	return x
}

// Sizes of type in figures that are laid out for the width they are printed in, in points.
const (
	noteSize = vg.Length(7.2) // names of rows and columns, numbers
	tinySize = vg.Length(6.4) // ticks, units, keys
)

// plotWidth is a figure's width as it was asked for, or else that of a page's text.
func plotWidth(asked vg.Length) vg.Length {
	if asked > 0 {
		return asked
	}
	return TextWidth
}

// Widths that figures are laid out for: a column of a paper, and the text of a page.
const (
	ColumnWidth = 84 * vg.Millimeter
	TextWidth   = 174 * vg.Millimeter
)
