package reports

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"

	"abstain/reports/canvas"
	"abstain/reports/palette"
	"abstain/reports/typeface"
)

// A4, in points, and where text stands on it: 174 mm wide, in two columns of 84 mm.
const (
	pageWidth    = 595.28
	pageHeight   = 841.89
	measureWidth = float64(174 * vg.Millimeter)
	left         = (pageWidth - measureWidth) / 2 // also the margin at the right
	columnGap    = float64(6 * vg.Millimeter)
	column2      = (measureWidth - columnGap) / 2 // width of a column
	head         = 54.0                           // from the top of the page to the text
	bottom       = 40.0                           // from the foot of the page to the text
)

// Sizes of type, in points.
const (
	sizeTitle   = 17.0
	sizeNumber  = 19.0
	sizeLead    = 8.6 // sentences below the numbers
	sizePiece   = 8.4 // sentences above figures and tables
	sizeCell    = 7.2
	sizeSmall   = 6.6 // captions, heads
	sizeFine    = 6.1 // intervals in cells
	sizeHeading = 13.0
	sizeBody    = 8.6
)

var (
	black  = palette.Ink.Light
	grey   = palette.Second.Light
	hair   = palette.Rule.Light
	accent = palette.Tied.Colour().Light
	alarm  = palette.Worse.Colour().Light
)

// sheet sets a document from top to bottom: y is the height of what was set last.
type sheet struct {
	doc     *canvas.Document
	topic   string // at the right of the running head
	program string // at the left of the foot
	y       float64
	w, h    float64 // of the current page
	wide    []int   // pages in landscape format
	listing string  // the running head of the appendix
}

// right is the right edge of the text, measure its width.
func (s *sheet) right() float64   { return s.w - left }
func (s *sheet) measure() float64 { return s.w - 2*left }

// page begins a new page in the same format as the one before, with its running head.
func (s *sheet) page(running, topic string) {
	if s.w > s.h {
		s.doc.AddWidePage()
		s.wide = append(s.wide, s.doc.Pages())
	} else {
		s.doc.AddPage()
	}
	s.y = s.h - head
	line := s.h - 32
	s.doc.Text(left, line, typeface.Bold, sizeCell, black, running)
	used := s.doc.Fonts.Width(typeface.Bold, sizeCell, running)
	s.flush(s.right(), line, typeface.Regular, sizeSmall, grey, s.fit(typeface.Regular, sizeSmall, topic, s.measure()-used-20))
	s.doc.Rule(left, line-5.5, s.right(), line-5.5, 0.4, hair)
}

// wrap breaks a text into lines that are no wider than width: at spaces, between
// ideographs, and inside words that are longer than a line. A percent sign stays with its
// number.
func (s *sheet) wrap(st typeface.Style, size float64, text string, width float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(text, " %", "\u00a0%"), "\n") {
		line := ""
		for _, word := range breakable(paragraph) {
			if s.doc.Fonts.Width(st, size, strings.TrimRight(line+word, " ")) <= width {
				line += word
				continue
			}
			if line != "" {
				lines = append(lines, strings.TrimRight(line, " "))
			}
			line = ""
			for _, c := range word {
				if line != "" && s.doc.Fonts.Width(st, size, line+string(c)) > width {
					lines = append(lines, line)
					line = ""
				}
				line += string(c)
			}
		}
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return lines
}

// breakable cuts a text into pieces at places where a line may end: after spaces
// and after ideographs.
func breakable(text string) []string {
	var out []string
	word := ""
	for _, c := range text {
		word += string(c)
		if c == ' ' || unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana) {
			out = append(out, word)
			word = ""
		}
	}
	return append(out, word)
}

// lines sets lines below a height, in rows of lead, and returns the height below them.
func (s *sheet) lines(x, top float64, st typeface.Style, size, lead float64, ink color.NRGBA, all []string) float64 {
	for _, line := range all {
		s.doc.Text(x, top-size*0.78, st, size, ink, line)
		top -= lead
	}
	return top
}

// fit shortens a text to a width, by leaving out its middle.
func (s *sheet) fit(st typeface.Style, size float64, text string, width float64) string {
	return s.doc.Fonts.Elide(st, size, text, width)
}

// width is that of a line of text.
func (s *sheet) width(st typeface.Style, size float64, text string) float64 {
	return s.doc.Fonts.Width(st, size, text)
}

// flush sets a line whose right end is at x.
func (s *sheet) flush(x, y float64, st typeface.Style, size float64, ink color.NRGBA, text string) {
	s.doc.Text(x-s.doc.Fonts.Width(st, size, text), y, st, size, ink, text)
}

// foot writes the program and "3 / 9" at the foot of every page. It is called at the end,
// when the number of pages is known.
func (s *sheet) foot() {
	pages := s.doc.Pages()
	for i := 1; i <= pages; i++ {
		s.doc.Turn(i)
		edge := pageWidth - left
		if slices.Contains(s.wide, i) {
			edge = pageHeight - left
		}
		s.doc.Text(left, 23, typeface.Regular, sizeSmall, grey, s.fit(typeface.Regular, sizeSmall, s.program, edge-left-60))
		s.flush(edge, 23, typeface.Regular, sizeCell, grey, fmt.Sprintf("%d / %d", i, pages))
	}
}
