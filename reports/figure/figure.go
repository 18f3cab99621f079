// Package figure draws the pictures of a selective-prediction study with
// gonum/plot: risk-coverage curves, the price of a selective-accuracy
// constraint, reliability diagrams, and accuracy against ranking or calibration
// quality over all models.
//
// A [Figure] is a value: a name, a title, a caption that says how to read it,
// the data it shows (small, exported as JSON so that anybody can redraw it) and
// a Draw method for any gonum canvas. [All] makes those of a leaderboard, a
// [Picture] those of anything else, from plain numbers; [Write] files them as
// SVG, PNG, PDF or JSON.
//
// Adding a figure of the leaderboard is a file with its function and a row in
// the table kinds; adding a file format is a row in the table encoders.
//
// The package computes no metric; it rearranges curves that package study has
// made. It may import harness, study, metrics and the packages canvas and
// typeface.
package figure

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/reports/typeface"
)

// Input is what figures are made from.
type Input struct {
	Board  *board.Board     // the models compared; its columns feed the scatter plots
	Curves []board.Curves   // the models shown as curves, best first
	Fonts  *typeface.Family // nil: the embedded fonts
}

// Figure is one picture, ready to be drawn.
type Figure struct {
	Name          string // file name without its ending: "risk-coverage"
	Title         string
	Caption       string    // what is shown, how to read it, by which conventions
	Width, Height vg.Length // the size it is laid out for
	Shown         any       // what is drawn, as numbers; marshals to JSON
	// Part tells the parts of a picture that takes more than a page: 1, 2, ...;
	// 0: it is whole. Parts share their title and their Shown.
	Part  int
	draw  func(draw.Canvas, *typeface.Family)
	fonts *typeface.Family // nil: the embedded ones, once it is drawn
}

// Draw draws the figure, without title and caption, into the whole of c.
func (f *Figure) Draw(c draw.Canvas) {
	if f.fonts == nil {
		f.fonts = embedded()
	}
	c.Canvas = typeface.Canvas{Canvas: c.Canvas, Family: f.fonts}
	f.draw(c, f.fonts)
}

// In is the figure set in other fonts.
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

// Kind is a sort of figure.
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
}

// Kinds lists the figures there are.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// New makes the figure of that name, in several parts if it is too large for a
// page. The error says what the input lacks for it, or that there is no such
// figure.
func New(name string, in Input) ([]*Figure, error) {
	for _, k := range kinds {
		if k.Name == name {
			return in.make(k)
		}
	}
	return nil, fmt.Errorf("figure: there is no %q; see \"abstain ls plots\"", name)
}

// All makes every figure the input suffices for, and says of each other one why
// it is left out.
func All(in Input) (figures []*Figure, skipped []string) {
	for _, k := range kinds {
		parts, err := in.make(k)
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
