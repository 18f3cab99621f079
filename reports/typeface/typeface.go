// Package typeface decides in which font each character of a report is set.
//
// A [Family] is a chain of fonts: the user's own if there is one, then
// Liberation Sans (Latin, Greek, Cyrillic), then Droid Sans Fallback (Chinese and
// Japanese), which is unpacked only when some text asks for it. Text is
// cut into runs by what the fonts cover, and measured with the very advances it
// is drawn with, so that legends and columns fit in PDF, SVG and PNG alike. A
// character nobody has is set as a hollow box and reported by [Family.Missing], never
// dropped.
//
// Text is set from left to right, one glyph per code point: there is no
// bidirectional reordering, no ligature and no kerning.
//
// The package may import fonts and gonum's text interfaces; it knows nothing of
// pages, figures or metrics.
package typeface

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
)

// Style is one of the cuts a report uses.
type Style uint8

// The cuts: upright, bold for headings, and fixed width for commands.
const (
	Regular Style = iota
	Bold
	Mono
	styles
)

// Replacement stands in for a character that no font has.
const Replacement = '□'

// Face is one font of the chain.
type Face struct {
	Name string         // unique: "LiberationSans-Bold"
	Key  font.Font      // the name gonum knows it by; size 0
	TTF  []byte         // the TrueType file; not to be changed
	Font *opentype.Font // the same, parsed
}

// At returns the face at a size, as gonum's canvases take it.
func (f *Face) At(size font.Length) font.Face {
	return font.Face{Font: font.From(f.Key, size), Face: f.Font}
}

// Run is a piece of text that one face covers.
type Run struct {
	Face  *Face
	Text  string
	Width float64 // per unit of font size
}

// Family is a chain of fonts in three styles. It remembers what it has looked
// up, and may serve several goroutines.
type Family struct {
	user    *Face
	mu      sync.Mutex // of the fields below
	glyphs  [styles]map[rune]glyph
	missing map[rune]bool
}

// glyph is what a character is set with.
type glyph struct {
	face    *Face
	char    rune    // the character itself, or Replacement
	advance float64 // per unit of font size
}

// New returns the family of the embedded fonts. If user is not nil, it is a
// TrueType file that is asked first, whatever the style.
//
// It fails if user is not a TrueType font that a PDF can embed: OpenType fonts
// with PostScript outlines and collections are refused.
func New(user []byte) (*Family, error) {
	f := &Family{missing: map[rune]bool{}}
	for s := range f.glyphs {
		f.glyphs[s] = map[rune]glyph{}
	}
	if user != nil {
		face, err := userFace(user)
		if err != nil {
			return nil, err
		}
		f.user = face
	}
	return f, nil
}

// Main returns the face that gives a style its line height.
func (f *Family) Main(s Style) *Face {
	if f.user != nil {
		return f.user
	}
	return liberation(s)
}

// Runs cuts text into pieces of one face each, replacing what no font has. Text
// that is not valid UTF-8 has its bad bytes replaced. The runs of "" are none.
func (f *Family) Runs(s Style, text string) []Run {
	var runs []Run
	for _, c := range text {
		g := f.glyph(s, c)
		if len(runs) == 0 || runs[len(runs)-1].Face != g.face {
			runs = append(runs, Run{Face: g.face})
		}
		last := &runs[len(runs)-1]
		last.Text += string(g.char)
		last.Width += g.advance
	}
	return runs
}

// Width is the advance of text set at a size, in the unit of size.
func (f *Family) Width(s Style, size float64, text string) float64 {
	w := 0.0
	for _, c := range text {
		w += f.glyph(s, c).advance
	}
	return w * size
}

// Missing returns the characters that had to be replaced so far, in order.
func (f *Family) Missing() []rune {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.missing))
}

// Note says which characters were replaced, or returns "".
func (f *Family) Note() string {
	missing := f.Missing()
	if len(missing) == 0 {
		return ""
	}
	points := make([]string, len(missing))
	for i, c := range missing {
		points[i] = fmt.Sprintf("U+%04X", c)
	}
	return fmt.Sprintf("no font here has a glyph for %s: set as %c", strings.Join(points, ", "), Replacement)
}

// Elide shortens text in its middle, where names of models tell least, until it
// is no wider than width.
func (f *Family) Elide(s Style, size float64, text string, width float64) string {
	if f.Width(s, size, text) <= width {
		return text
	}
	chars := []rune(text)
	for keep := len(chars) - 1; keep > 1; keep-- {
		head := (keep + 1) / 2
		short := string(chars[:head]) + "…" + string(chars[len(chars)-keep+head:])
		if f.Width(s, size, short) <= width {
			return short
		}
	}
	return "…"
}

// Printable replaces in text what cannot stand in a string of a PDF outside
// its pages (bookmarks, title): bad UTF-8, controls, and characters beyond the
// basic plane, which the PDF library writes wrongly.
func Printable(text string) string {
	out := make([]rune, 0, len(text))
	for _, c := range text {
		if !embeddable(c) {
			c = Replacement
		}
		out = append(out, c)
	}
	return string(out)
}

// embeddable reports whether a character can be set at all: fonts in the PDF
// are addressed by two bytes, and marks that turn the direction of text would
// turn it in viewers of SVG.
func embeddable(c rune) bool {
	return c != utf8.RuneError && c <= 0xFFFF && !unicode.IsControl(c) && !unicode.Is(unicode.Bidi_Control, c)
}

func (f *Family) glyph(s Style, c rune) glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g, ok := f.glyphs[s][c]; ok {
		return g
	}
	g, ok := f.find(s, c)
	if !ok {
		f.missing[c] = true
		g, _ = f.find(s, Replacement)
	}
	f.glyphs[s][c] = g
	return g
}

// find asks the chain for a character. The replacement itself is always found:
// Liberation has it.
func (f *Family) find(s Style, c rune) (glyph, bool) {
	if !embeddable(c) {
		return glyph{}, false
	}
	for link := range 3 {
		face := f.link(link, s)
		if face == nil {
			continue
		}
		if advance, ok := face.advance(c); ok {
			return glyph{face, c, advance}, true
		}
	}
	return glyph{}, false
}

// link is a font of the chain, nil if it is not there.
func (f *Family) link(i int, s Style) *Face {
	switch i {
	case 0:
		return f.user
	case 1:
		return liberation(s)
	}
	return fallback()
}

// advance is the width of a character per unit of size, and whether the face
// has it.
func (f *Face) advance(c rune) (float64, bool) {
	var buf sfnt.Buffer
	i, err := f.Font.GlyphIndex(&buf, c)
	if err != nil || i == 0 {
		return 0, false
	}
	em := fixed.Int26_6(f.Font.UnitsPerEm())
	a, err := f.Font.GlyphAdvance(&buf, i, em, 0)
	if err != nil {
		return 0, false
	}
	return float64(a) / float64(em), true
}
