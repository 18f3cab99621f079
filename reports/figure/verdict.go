package figure

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

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
	blue      = color.NRGBA{0x1B, 0x5F, 0xAA, 0xff} // tied, proven better
	rust      = color.NRGBA{0xC4, 0x50, 0x1B, 0xff} // proven worse
	slate     = color.NRGBA{0x6B, 0x72, 0x80, 0xff} // marks of what is not proven
	slateText = color.NRGBA{0x4B, 0x55, 0x63, 0xff}
	mist      = color.NRGBA{0xA3, 0xAA, 0xB5, 0xff} // marks of too few pairs
	mistText  = color.NRGBA{0x6F, 0x77, 0x84, 0xff}
	night     = color.NRGBA{0x0F, 0x2A, 0x4D, 0xff} // correlations
	zebra     = color.NRGBA{0xF3, 0xF5, 0xF8, 0xff}
	seam      = color.NRGBA{0xDD, 0xE1, 0xE7, 0xff}
	guide     = color.NRGBA{0xD3, 0xD8, 0xDF, 0xff}
	blueWash  = color.NRGBA{0x9F, 0xBF, 0xDF, 0xff}
	rustWash  = color.NRGBA{0xE5, 0xB2, 0x97, 0xff}
	plainInk  = color.NRGBA{0x14, 0x18, 0x1F, 0xff}
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
