package study

import (
	"fmt"
	"math"
	"strings"
)

// Sentence is a claim, a thing missing or a note of an experiment whose words are
// still here instead of in reports/pictures. It is temporary, and so is all of this
// file: what an experiment says becomes types of its own, and the words go to the
// file of its name there. When no experiment makes sentences any more, delete the
// file, and with it the cases of Sentence in package pictures.
type Sentence struct {
	Text string // without its full stop
	By   string // of a claim: the test or interval, and what it generalises to
}

func (Sentence) claim()   {}
func (Sentence) missing() {}
func (Sentence) note()    {}

func (e *Experiment) findSentence(headline bool, n int, of Unit, by, claim string, args ...any) {
	e.find(Finding{Claim: Sentence{fmt.Sprintf(claim, args...), by}, N: n, Of: of, Headline: headline})
}

func (e *Experiment) missingSentence(format string, args ...any) {
	e.missing(Sentence{Text: fmt.Sprintf(format, args...)})
}

func (e *Experiment) noteSentence(format string, args ...any) {
	e.note(Sentence{Text: fmt.Sprintf(format, args...)})
}

// words are what an interval generalises to.
func (p Population) words() string {
	switch p {
	case NewModels | NewSamples:
		return "new models and new samples"
	case NewModels:
		return "new models, these samples"
	}
	return "these models, new samples"
}

// Numbers in sentences: changes with their sign, four decimals for fractions.

func signed(v float64) string { return decimals("%+.*f", v) }

func plain(v float64) string { return decimals("%.*f", v) }

// decimals gives four decimals, and more where they would hide the number.
func decimals(format string, v float64) string {
	switch {
	case math.IsNaN(v):
		return "undefined"
	case v == 0:
		return "0"
	}
	d := 4
	for a := math.Abs(v); a > 0 && a < 0.001 && d < 7; a *= 10 {
		d++
	}
	return fmt.Sprintf(format, d, v)
}

func between(b Bounds) string { return "[" + plain(b.Lo) + ", " + plain(b.Hi) + "]" }

func betweenSigned(b Bounds) string { return "[" + signed(b.Lo) + ", " + signed(b.Hi) + "]" }

// correlated writes a correlation with its interval.
func correlated(r float64, b Bounds) string { return fmt.Sprintf("%.2f [%.2f, %.2f]", r, b.Lo, b.Hi) }

// probability writes a p-value.
func probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p undefined"
	case p == 0:
		return "p < 1e-300"
	case p < 1e-4:
		return fmt.Sprintf("p = %.1e", p)
	}
	return fmt.Sprintf("p = %.2g", p)
}

// names lists words: "a, b and c".
func names(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func percent(level float64) string { return fmt.Sprintf("%g %%", math.Round(1e4*level)/100) }

// absent says why something that looks at samples cannot be computed.
func (f *Folder) absent() string {
	return "stored predictions: the folder holds published figures only"
}

// unproven is what has to be added to a claim of a change that its test or its
// interval does not bear out; "" if both do.
func (c Changes) unproven(level float64) string {
	switch b, over := c.Widest(); {
	case !(c.P <= 1-level):
		return ", which is not beyond chance"
	case !b.Defined() || c.Sure():
		return ""
	default:
		return fmt.Sprintf(", sure for these pairs on these samples, but its median over %s may be 0", over.words())
	}
}

// evidence names the test and what the interval written by effect is over.
func (c Changes) evidence() string {
	text := fmt.Sprintf("Wilcoxon over %s, %s by Holm; ", plural(c.Units, "unit"), probability(c.P))
	if b, over := c.Widest(); b.Defined() {
		return text + "interval over " + over.words()
	}
	return text + "too few units for an interval"
}

// effect writes the median with its interval.
func (c Changes) effect() string {
	text := signed(c.Median)
	if b, _ := c.Widest(); b.Defined() {
		text += " " + betweenSigned(b)
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func plural2(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
