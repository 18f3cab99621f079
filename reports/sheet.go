package reports

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"unicode"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/canvas"
	"abstain/reports/figure"
	"abstain/reports/typeface"
)

// A4, in points, and the margins of the body.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	left       = 54.0 // also the margin at the right
	head       = 66.0 // for the running head
	bottom     = 58.0 // for the page number
)

// Sizes of type, in points.
const (
	sizeTitle   = 22.0
	sizeHeading = 15.0
	sizeSection = 11.0
	sizeBody    = 9.5
	sizeCaption = 8.5
	sizeSmall   = 8.0
)

var (
	black  = color.NRGBA{0x1a, 0x1a, 0x1a, 0xff}
	grey   = color.NRGBA{0x66, 0x66, 0x66, 0xff}
	hair   = color.NRGBA{0xcc, 0xcc, 0xcc, 0xff}
	accent = color.NRGBA{0x33, 0x22, 0x88, 0xff}
)

// sheet sets a document from top to bottom: y is the height of what was set last.
type sheet struct {
	doc      *canvas.Document
	title    string // for the running head
	topic    string
	y        float64
	w, h     float64 // of the current page
	wide     []int   // pages in landscape format
	headings []heading
}

// right is the right edge of the body, measure its width.
func (s *sheet) right() float64   { return s.w - left }
func (s *sheet) measure() float64 { return s.w - 2*left }

// heading is a line of the contents.
type heading struct {
	text  string
	level int // 0 a chapter, 1 a section
	page  int
}

// page begins a new page in the same format as the one before, with the running
// head.
func (s *sheet) page() {
	if s.w > s.h {
		s.doc.AddWidePage()
		s.wide = append(s.wide, s.doc.Pages())
	} else {
		s.doc.AddPage()
	}
	s.y = s.h - head
	if s.doc.Pages() == 1 {
		return
	}
	line := s.h - 42
	used := s.doc.Text(left, line, typeface.Regular, sizeSmall, grey, s.title)
	s.flush(s.right(), line, typeface.Regular, sizeSmall, grey, s.fit(typeface.Regular, sizeSmall, s.topic, s.measure()-used-20))
	s.doc.Rule(left, line-5, s.right(), line-5, 0.4, hair)
}

// chapter begins a page in portrait format. Its heading is in the contents and
// the outline.
func (s *sheet) chapter(text string) {
	s.w, s.h = pageWidth, pageHeight
	s.open(text)
}

// wideChapter is a chapter on pages in landscape format.
func (s *sheet) wideChapter(text string) {
	s.w, s.h = pageHeight, pageWidth
	s.open(text)
}

func (s *sheet) open(text string) {
	s.page()
	s.doc.Bookmark(text, 0, s.y+10)
	s.headings = append(s.headings, heading{text, 0, s.doc.Pages()})
	s.y -= sizeHeading
	s.doc.Text(left, s.y, typeface.Bold, sizeHeading, black, text)
	s.y -= 8
}

// section sets a smaller heading, which is also in the contents and the outline.
func (s *sheet) section(text string) {
	s.doc.Bookmark(text, 1, s.y+6)
	s.headings = append(s.headings, heading{text, 1, s.doc.Pages()})
	s.y -= sizeSection + 8
	s.doc.Text(left, s.y, typeface.Bold, sizeSection, black, s.fit(typeface.Bold, sizeSection, text, s.measure()))
	s.y -= 4
}

// subheading sets a smaller heading that is not in the contents.
func (s *sheet) subheading(text string) {
	s.y -= sizeBody + 8
	s.doc.Text(left, s.y, typeface.Bold, sizeBody, black, s.fit(typeface.Bold, sizeBody, text, s.measure()))
	s.y -= 4
}

// room begins a new page if less than this height is left on the current one.
func (s *sheet) room(height float64) {
	if s.y-height < bottom {
		s.page()
	}
}

// paragraph sets a text over the full width, and continues on further pages if
// needed.
func (s *sheet) paragraph(st typeface.Style, size float64, ink color.NRGBA, text string) {
	s.indented(left, s.right(), st, size, ink, text)
}

func (s *sheet) indented(from, to float64, st typeface.Style, size float64, ink color.NRGBA, text string) {
	for _, line := range s.wrap(st, size, text, to-from) {
		s.room(size * 1.4)
		s.y -= size * 1.4
		s.doc.Text(from, s.y, st, size, ink, line)
	}
}

// factColumn is where the texts of facts begin.
const factColumn = left + 92

// fact sets a name at the left and a text beside it.
func (s *sheet) fact(name string, st typeface.Style, text string) {
	if text == "" {
		return
	}
	s.room(sizeBody * 1.4)
	y := s.y
	page := s.doc.Pages()
	s.doc.Text(left, y-sizeBody*1.4, typeface.Regular, sizeBody, grey, name)
	size := sizeBody
	if st == typeface.Mono {
		size = sizeSmall
	}
	s.indented(factColumn, s.right(), st, size, black, text)
	if s.doc.Pages() == page {
		s.y = min(s.y, y-sizeBody*1.4)
	}
	s.y -= 2
}

// wrap breaks a text into lines that are no wider than width: at spaces, between
// ideographs, and inside words that are longer than a line.
func (s *sheet) wrap(st typeface.Style, size float64, text string, width float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
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

// fit shortens a text to a width, by leaving out its middle.
func (s *sheet) fit(st typeface.Style, size float64, text string, width float64) string {
	return s.doc.Fonts.Elide(st, size, text, width)
}

// flush sets a line whose right end is at x.
func (s *sheet) flush(x, y float64, st typeface.Style, size float64, ink color.NRGBA, text string) {
	s.doc.Text(x-s.doc.Fonts.Width(st, size, text), y, st, size, ink, text)
}

// figures sets each figure with its caption; drawn is the number of figures
// before them.
func (s *sheet) figures(drawn int, figures []*figure.Figure, skipped []string) {
	if len(figures)+len(skipped) == 0 {
		return
	}
	s.chapter("Figures")
	for _, f := range figures {
		if f.Part <= 1 {
			drawn++
		}
		s.figure(drawn, f, true)
	}
	for _, why := range skipped {
		s.y -= 6
		s.paragraph(typeface.Regular, sizeCaption, grey, "Not drawn: "+why+".")
	}
}

// figure sets a figure, its heading and its caption on one page. If it is listed,
// its heading is in the contents, except for further parts of a figure.
func (s *sheet) figure(number int, f *figure.Figure, listed bool) {
	w, h := f.Width, f.Height
	if wide := vg.Length(s.measure()); w > wide {
		w, h = wide, h*wide/w
	}
	caption := s.wrap(typeface.Regular, sizeCaption, f.Caption, s.measure())
	s.room(float64(h) + float64(len(caption))*sizeCaption*1.4 + 50)
	switch heading := fmt.Sprintf("Figure %d. %s", number, f.Title); {
	case f.Part > 1:
		s.subheading(fmt.Sprintf("Figure %d, part %d", number, f.Part))
	case listed:
		s.section(heading)
	default:
		s.subheading(heading)
	}
	s.y -= float64(h) + 8
	c := s.doc.Canvas(vg.Length(left+(s.measure()-float64(w))/2), vg.Length(s.y), w, h)
	f.Draw(draw.New(c))
	c.Close()
	s.y -= 2
	for _, line := range caption {
		s.y -= sizeCaption * 1.4
		s.doc.Text(left, s.y, typeface.Regular, sizeCaption, grey, line)
	}
	s.y -= 14
}

// number writes "3 / 24" at the foot of every page. It is called at the end, when
// the number of pages is known.
func (s *sheet) number() {
	pages := s.doc.Pages()
	for i := 1; i <= pages; i++ {
		s.doc.Turn(i)
		edge := pageWidth - left
		if slices.Contains(s.wide, i) {
			edge = pageHeight - left
		}
		s.flush(edge, 34, typeface.Regular, sizeSmall, grey, fmt.Sprintf("%d / %d", i, pages))
	}
}
