// Package figure draws figures with gonum/plot: risk-coverage curves, coverage
// under a selective-accuracy constraint, reliability diagrams, accuracy against
// ranking or calibration quality over all models, and pictures of any other
// numbers.
//
// A [Figure] is a value: a name, a title, a caption that says how to read it, the
// data it shows (small, exported as JSON so that everyone can draw it again) and
// a Draw method for any gonum canvas. Begin with [All], which makes the figures
// of a leaderboard, or with a [Picture], which draws plain numbers; [Write] saves
// figures as SVG, PNG, PDF or JSON.
//
// To add a figure of the leaderboard, write a file with its function and a row in
// the table kinds; to add a file format, a row in the table encoders.
//
// The package computes no metric; it rearranges curves that the harness has made.
// It may import harness and the packages below it, metrics, and the packages
// canvas, typeface, say and words of reports.
package figure

import (
	"errors"
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/reports/typeface"
)

// Input is the data that the figures of a leaderboard show.
type Input struct {
	Board  *board.Board     // the models compared; the scatter plots use its columns
	Curves []board.Curves   // the models shown as curves, best first
	Sets   []results.SetRow // prediction sets; nil without
	Fonts  *typeface.Family // nil: the embedded fonts
}

// Figure is one picture, ready to be drawn.
type Figure struct {
	Name          string // file name without its ending: "risk-coverage"
	Title         string
	Caption       string    // what is shown, how to read it, by which conventions
	Width, Height vg.Length // the size it is laid out for
	Shown         any       // the numbers drawn; marshals to JSON
	// Part numbers the parts of a picture that needs more than a page: 1, 2, ...;
	// 0 for a single figure. Parts have the same title and the same Shown.
	Part  int
	draw  func(draw.Canvas, *typeface.Family)
	fonts *typeface.Family // nil: the embedded fonts, loaded when the figure is drawn
}

// Draw draws the figure, without title and caption, into the whole of c.
func (f *Figure) Draw(c draw.Canvas) {
	if f.fonts == nil {
		f.fonts = embedded()
	}
	c.Canvas = typeface.Canvas{Canvas: c.Canvas, Family: f.fonts}
	f.draw(c, f.fonts)
}

// In returns the figure with other fonts.
func (f *Figure) In(fonts *typeface.Family) *Figure {
	g := *f
	g.fonts = fonts
	return &g
}

// embedded are the fonts that come with the program.
func embedded() *typeface.Family {
	fonts, err := typeface.New(nil)
	if err != nil {
		panic("figure: the embedded fonts: " + err.Error())
	}
	return fonts
}

// Kind is a kind of figure.
type Kind struct {
	Name  string
	About string
	of    func(Input) ([]*Figure, error)
}

// kinds is all figures, in the order of the report.
var kinds = []Kind{
	{"risk-coverage", "selective risk at every coverage, chosen models", riskCoverage},
	{"sac", "coverage reached under a selective-accuracy constraint, chosen models", accuracyConstraint},
	{"reliability", "accuracy against confidence in bins, chosen models", reliability},
	{"accuracy-aurc", "accuracy against AURC, all models by regime", accuracyAgainst("aurc")},
	{"accuracy-ece", "accuracy against ECE, all models by regime", accuracyAgainst("ece")},
	{"ranks", "the rank of every model with the ranks that the data allow", leaderboardRanks},
	{"forest", "the leaderboard as values with intervals and tie groups, all models", leaderboardForest},
	{"abstain-or-hedge", "one model's risk-coverage curve beside its prediction sets, the best or the first chosen", abstainOrHedge},
}

// Kinds lists the kinds of figures.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// New makes the figure of that name, in several parts if it is too large for a
// page. The error says what the input lacks for it, or that no figure has this
// name.
func New(name string, in Input) ([]*Figure, error) {
	for _, k := range kinds {
		if k.Name == name {
			return in.make(k)
		}
	}
	return nil, fmt.Errorf("figure: there is no %q; see \"abstain ls plots\"", name)
}

// All makes every figure that the input allows. skipped says for the others why
// they are left out.
func All(in Input) (figures []*Figure, skipped []string) {
	for _, k := range kinds {
		parts, err := in.make(k)
		if errors.Is(err, errNoSets) {
			continue // few runs make any
		}
		if err != nil {
			skipped = append(skipped, err.Error())
			continue
		}
		figures = append(figures, parts...)
	}
	return figures, skipped
}

func (in Input) make(k Kind) ([]*Figure, error) {
	if in.Fonts == nil {
		in.Fonts = embedded()
	}
	parts, err := k.of(in)
	if err != nil {
		return nil, fmt.Errorf("figure %s: %w", k.Name, err)
	}
	for i, f := range parts {
		if f.Name = k.Name; i > 0 {
			f.Name = fmt.Sprintf("%s-%d", k.Name, i+1)
		}
		f.fonts = in.Fonts
		if f.Width == 0 {
			f.Width, f.Height = pictureWidth, 9*vg.Centimeter
		}
	}
	return parts, nil
}
