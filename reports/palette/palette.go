// Package palette says which colour means what, in the page, the PDF, and figures.
//
// Colour has two meanings and no others. A [Verdict] says what the data prove of a
// model or a change: tied or better is blue, worse is rust, not proven is grey. A
// [Kind] is a kind of training regime; two dozen regimes cannot have two dozen
// colours that can be told apart. No kind has the colour of a verdict, but one mark
// should never say both by its colour.
//
// The colours were found by a random search within a range of hues for each kind.
// Any two of them are at least 10 apart by CIEDE2000, to eyes with normal colour
// vision, protanopia, deuteranopia and tritanopia; kinds are at least 4 apart in
// lightness, so that they differ on grey paper; and each has a contrast of at least 3
// with its ground. The tests compute all this.
package palette

import (
	"fmt"
	"image/color"
)

// Colour is a colour on light ground, and the one that means the same on dark ground.
type Colour struct{ Light, Dark color.NRGBA }

// On returns the colour for dark or light ground.
func (c Colour) On(dark bool) color.NRGBA {
	if dark {
		return c.Dark
	}
	return c.Light
}

// Hex writes an opaque colour as in CSS and SVG: "#1B5FAA".
func Hex(c color.NRGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }

// rgb makes an opaque colour of 0xRRGGBB.
func rgb(v uint32) color.NRGBA {
	return color.NRGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff}
}

func pair(light, dark uint32) Colour { return Colour{rgb(light), rgb(dark)} }

// Colours without a meaning of their own, from the strongest to the weakest.
var (
	Ink    = pair(0x15181D, 0xE9ECF0) // names, numbers
	Second = pair(0x4B5563, 0xB3BAC4) // what stands beside them: intervals, units, captions
	Third  = pair(0x6B7280, 0x8B94A1) // axes; text of 8 points or more
	Rule   = pair(0xD3D8DF, 0x3B434E) // lines between rows, reference lines
	Zebra  = pair(0xF3F5F8, 0x1A1F26) // every second row
	Ground = pair(0xFFFFFF, 0x101317)
)

// Verdict is what the data prove of a model or of a change.
type Verdict int

// The verdicts.
const (
	Tied     Verdict = iota // tied with the best; or proven better
	Worse                   // proven worse
	Unproven                // neither is proven
	TooFew                  // too few models to prove anything, whatever they say
)

// verdicts has the words and colours by verdict. id is a name for style sheets.
var verdicts = [...]struct {
	id, label string
	colour    Colour
	pale      Colour
}{
	{"tied", "tied with the best", pair(0x1B5FAA, 0x7FB0FF), pair(0xE3EDF8, 0x182A47)},
	{"worse", "proven worse", pair(0xC4501B, 0xF0934F), pair(0xF8E8E0, 0x40241A)},
	{"unproven", "not proven", pair(0x6B7280, 0x98A1AE), pair(0xECEEF1, 0x232930)},
	{"too-few", "too few models", pair(0xB4BAC4, 0x5C6572), pair(0xF5F6F8, 0x1C2127)},
}

// Verdicts lists all verdicts.
func Verdicts() []Verdict { return []Verdict{Tied, Worse, Unproven, TooFew} }

// ID is a short name for style sheets and files: "tied", "worse", "unproven", "too-few".
func (v Verdict) ID() string { return verdicts[v].id }

// String is the verdict in words.
func (v Verdict) String() string { return verdicts[v].label }

// Colour is the colour of marks and, but for TooFew, of text.
func (v Verdict) Colour() Colour { return verdicts[v].colour }

// Pale is the same for areas behind marks and text.
func (v Verdict) Pale() Colour { return verdicts[v].pale }

// Kind is a kind of training regime.
type Kind int

// The kinds, in the order of keys.
const (
	Plain       Kind = iota // cross-entropy and nothing else
	Teaching                // taught by another model, or by further data
	Loss                    // another loss
	Regularised             // held back from fitting the training rows
	LessData                // fewer rows, wrong labels, stopped early, trained too long
	Several                 // several models, or passes of one, averaged
	Calibrated              // calibrated after training
	Other                   // none of these, not stated, or unknown
)

// kinds has the words and colours by kind.
var kinds = [...]struct {
	id, label string
	colour    Colour
}{
	{"plain", "plain training", pair(0x15181D, 0xE9ECF0)},
	{"teaching", "more teaching", pair(0x3A9AA6, 0x3AE5FA)},
	{"loss", "another loss", pair(0x7A2458, 0xB2649B)},
	{"regularised", "regularised", pair(0x264305, 0xDEE74A)},
	{"less-data", "less or worse data", pair(0x9F1F34, 0xD13559)},
	{"several", "several models", pair(0x7364E9, 0x8081E6)},
	{"calibrated", "calibrated afterwards", pair(0x668D58, 0x9CD098)},
	{"other", "other", pair(0x766A5F, 0xAB9A89)},
}

// Kinds lists all kinds in the order of keys.
func Kinds() []Kind {
	return []Kind{Plain, Teaching, Loss, Regularised, LessData, Several, Calibrated, Other}
}

// ID is a short name for style sheets and files: "less-data".
func (k Kind) ID() string { return kinds[k].id }

// String is the kind in words: "less or worse data".
func (k Kind) String() string { return kinds[k].label }

// Colour is the colour of marks and of text.
func (k Kind) Colour() Colour { return kinds[k].colour }

// Order is the ordinal scale of curves that stand for places on a board, best first:
// a dark blue that gets lighter, then ochre, then a dark red. It has a colour for each
// of n curves; names beside them are in ink, so that no one has to tell them by hue.
func Order(n int) []Colour {
	stops := [...]Colour{pair(0x0F2A4D, 0xDCEBFF), pair(0x2B66A8, 0x8FBDFF), pair(0x76A3D1, 0x4F86CC),
		pair(0xD29A45, 0xD29A45), pair(0x9C3A1B, 0xE5704A)}
	out := make([]Colour, n)
	for i := range out {
		at := 0.0
		if n > 1 {
			at = float64(i) / float64(n-1) * float64(len(stops)-1)
		}
		k := min(int(at), len(stops)-2)
		out[i] = Colour{
			mix(stops[k].Light, stops[k+1].Light, at-float64(k)),
			mix(stops[k].Dark, stops[k+1].Dark, at-float64(k)),
		}
	}
	return out
}

// mix is the colour at the given share of the way from a to b.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	part := func(p, q uint8) uint8 { return uint8(float64(p) + share*(float64(q)-float64(p)) + 0.5) }
	return color.NRGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 0xff}
}
