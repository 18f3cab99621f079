package reports

import (
	"fmt"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"

	"abstain/metrics/spelling"
	"abstain/reports/figure"
	"abstain/reports/typeface"
)

// PlotKind is a figure that can be drawn by itself.
type PlotKind struct {
	Name, About string
	Study       bool // what it shows comes from a study
}

// studyPlots are the figures of a study, in the order of the paper.
var studyPlots = []struct {
	PlotKind
	draw func(c *composer, w, h vg.Length) (*figure.Figure, error)
}{
	{PlotKind{"kinds", "a dot for each model in the lane of its family, filled where tied with the best", false}, (*composer).lanes},
	{PlotKind{"regimes", "what training regimes change, against twins trained plainly", true}, effectsPlot("regimes", "too few pairs")},
	{PlotKind{"transforms", "what temperature scaling changes in each model", true}, (*composer).transforms},
	{PlotKind{"confidences", "what other confidence functions change", true}, effectsPlot("confidences", "too few models")},
	{PlotKind{"teachers", "distilled models against teachers and twins", true}, effectsPlot("teachers", "too few pairs")},
	{PlotKind{"conditions", "what shift and attack change", true}, effectsPlot("conditions", "too few models")},
	{PlotKind{"order", "places of the models under shift beside their clean ones", true}, (*composer).order},
}

func effectsPlot(name, tooFew string) func(*composer, vg.Length, vg.Length) (*figure.Figure, error) {
	return func(c *composer, w, h vg.Length) (*figure.Figure, error) { return c.matrix(name, tooFew, w, h) }
}

// PlotKinds lists the figures that Plot draws: those of the leaderboard, then those of a
// study.
func PlotKinds() []PlotKind {
	var all []PlotKind
	for _, k := range figure.Kinds() {
		all = append(all, PlotKind{Name: k.Name, About: k.About})
	}
	for _, k := range studyPlots {
		all = append(all, k.PlotKind)
	}
	return all
}

// Plot draws one figure of a document for a width: figure.ColumnWidth, figure.TextWidth, or
// what else a paper asks for, down to that of a column; 0 is that of a page's text. Its title
// is its answer in a sentence, its caption says how to read it. A paper's own fonts are used
// if carried says that the file will carry them.
//
// It fails if no figure has this name, or if the document lacks what it shows.
func Plot(kind string, d Document, width vg.Length, carried bool) (*figure.Figure, error) {
	family := typeface.New
	if carried {
		family = typeface.Paper
	}
	fonts, err := family(d.Font)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, k := range PlotKinds() {
		names = append(names, k.Name)
	}
	for _, k := range studyPlots {
		if k.Name != kind {
			continue
		}
		f, err := k.draw(&composer{d: d, a: d.Answers()}, width, 0)
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", kind, err)
		}
		return f.In(fonts), nil
	}
	for _, k := range figure.Kinds() {
		if k.Name == kind {
			return one(figure.New(kind, figure.Input{Board: d.Board, Curves: d.Curves, Panels: d.Panels, Sets: d.sets(), Fonts: fonts, Width: width}))
		}
	}
	return nil, fmt.Errorf("no figure %q%s; abstain ls plots lists them", kind, spelling.Meant(kind, names))
}

// plotUnits are the units of a width.
var plotUnits = []struct {
	name string
	size vg.Length
}{{"mm", vg.Millimeter}, {"cm", vg.Centimeter}, {"in", vg.Inch}, {"pt", 1}}

// Widths between which a figure can be read and printed.
const (
	leastWidth = 60 * vg.Millimeter
	mostWidth  = 400 * vg.Millimeter
)

// ParseWidth reads the width of a figure, "84mm", from 60 to 400 mm, in mm, cm, in or pt.
func ParseWidth(text string) (vg.Length, error) {
	for _, u := range plotUnits {
		number, ok := strings.CutSuffix(strings.TrimSpace(text), u.name)
		if !ok {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		w := vg.Length(v) * u.size
		if err != nil || !(w >= leastWidth && w <= mostWidth) {
			return 0, fmt.Errorf("%s: want a width from 60mm to 400mm, such as 84mm or 174mm", text)
		}
		return w, nil
	}
	return 0, fmt.Errorf("%s: want a number with mm, cm, in or pt, such as 84mm", text)
}
