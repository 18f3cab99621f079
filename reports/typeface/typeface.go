// Package typeface decides in which font each character of a report is set.
//
// Begin with [New], or with [Paper] for a file that carries its fonts. A [Family]
// is a chain of fonts: the user's own if there is one, on paper Lato, then
// Liberation Sans (Latin, Greek, Cyrillic), then Droid Sans Fallback (Chinese and
// Japanese), which is unpacked only when a text needs it. Text is
// split into runs that one font covers, and measured with the same advances with
// which it is drawn, so legends and columns fit in PDF, SVG and PNG. A character
// that no font has is set as a hollow box and reported by [Family.Missing], never
// dropped.
//
// Text is set from left to right, one glyph per code point: there is no
// bidirectional reordering, no ligature and no kerning.
//
// The package may import fonts and gonum's text interfaces, and nothing of this
// module; it knows nothing of pages, figures or metrics.
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

// Style is one of the fonts' styles that a report uses.
type Style uint8

// The styles: upright, bold for headings, and fixed width for commands.
const (
	Regular Style = iota
	Bold
	Mono
	styles
)

// Replacement is set in place of a character that no font has.
const Replacement = '□'

// Face is one font of the chain.
type Face struct {
	Name string         // unique: "LiberationSans-Bold"
	Key  font.Font      // gonum's name for it; size 0
	TTF  []byte         // the TrueType file; must not be changed
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

// Family is a chain of fonts in three styles. It remembers what it has looked up,
// and several goroutines may use it.
type Family struct {
	user    *Face
	paper   bool
	mu      sync.Mutex // of the fields below
	glyphs  [styles]map[rune]glyph
	missing map[rune]bool
}

// glyph says how a character is set.
type glyph struct {
	face    *Face
	char    rune    // the character itself, or Replacement
	advance float64 // per unit of font size
}

// New returns the family of the embedded fonts. If user is not nil, it must be a
// TrueType file; its characters are used before those of the other fonts, in
// every style.
//
// It fails if user is not a TrueType font that a PDF can embed: OpenType fonts
// with PostScript outlines, and collections, are refused.
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

// Paper returns the family of a PDF, with Lato before the fonts of New. Pictures
// that name fonts instead of carrying them have to take New: few viewers have Lato,
// and text in another font would not fit. It fails as New does.
func Paper(user []byte) (*Family, error) {
	f, err := New(user)
	if err == nil {
		f.paper = true
	}
	return f, err
}

// Main returns the face that determines the line height of a style.
func (f *Family) Main(s Style) *Face {
	for link := range links {
		if face := f.link(link, s); face != nil {
			return face
		}
	}
	panic("typeface: no font") // Liberation has every style
}

// Runs splits text into pieces of one face each, and replaces characters that no
// font has. In text that is not valid UTF-8, bad bytes are replaced. For "" it
// returns no runs.
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

// Missing returns, sorted, the characters that had to be replaced so far.
func (f *Family) Missing() []rune {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Sorted(maps.Keys(f.missing))
}

// Note says which characters were replaced; "" if none were.
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

// Elide shortens text until it is no wider than width. It cuts the middle, where
// names of models say least.
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

// Printable replaces the characters of a text that cannot be in a string of a PDF
// outside its pages (bookmarks, title): bad UTF-8, controls, and characters
// beyond the basic plane, which the PDF library writes wrongly.
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

// embeddable reports whether a character can be set at all. Fonts in the PDF have
// two-byte codes, and marks that change the direction of text would change it in
// viewers of SVG.
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

// find looks for a character in the chain. The replacement character is always
// found: Liberation has it.
func (f *Family) find(s Style, c rune) (glyph, bool) {
	if !embeddable(c) {
		return glyph{}, false
	}
	for link := range links {
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

// links is the length of the chain.
const links = 4

// link is a font of the chain; nil if it is absent.
func (f *Family) link(i int, s Style) *Face {
	switch i {
	case 0:
		return f.user
	case 1:
		if !f.paper || lato[s] == nil {
			return nil
		}
		return lato[s]()
	case 2:
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
