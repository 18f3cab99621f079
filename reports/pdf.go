package reports

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/canvas"
	"abstain/reports/figure"
	"abstain/reports/typeface"
)

// Document is what a report is made from.
type Document struct {
	Board   *board.Board      // must not be nil; all its entries are listed
	Curves  []board.Curves    // the models shown as curves, best first; may be empty
	Results *results.Results  // for provenance and failures; may be nil
	Title   string            // "" for the standard one
	Source  string            // where published figures come from, and their licence; "" for a run
	Version string            // of the program that writes; "" for the one that computed
	Command string            // the command line, as typed
	Date    time.Time         // zero: no date anywhere, so that the same results give the same bytes
	Font    []byte            // a TrueType font to prefer, for scripts that the embedded ones lack
	Study   *study.Report     // what a study of the same run found; may be nil
	Further []Document        // other runs, each with answers of its own, such as published figures; their Further is not looked at
	given   []Section         // in place of those of the study, in tests
	Columns []metrics.Measure // those that the page shows at first beside the ranking one; nil: all of the board
}

// sets are the prediction sets of the results.
func (d Document) sets() []results.SetRow {
	if d.Results == nil {
		return nil
	}
	return d.Results.Sets
}

// PDF writes the report: a title page with provenance and contents, the sections
// with findings, the leaderboard, the figures that the input allows, the
// definition of each metric used, and the tables that failed. Pages are A4 with
// vector graphics only, fonts are embedded as subsets, and text can be searched.
// The same document gives the same bytes.
//
// It fails if the board is nil, if Font is not an embeddable TrueType font, or if
// w fails.
func PDF(w io.Writer, d Document) (err error) {
	if d.Board == nil {
		return errors.New("reports: a report needs a leaderboard")
	}
	fonts, err := typeface.New(d.Font)
	if err != nil {
		return err
	}
	defer contain(d.Font, &err)
	figures, skipped := figure.All(figure.Input{Board: d.Board, Curves: d.Curves, Sets: d.sets(), Fonts: fonts})
	s := newSheet(fonts, d)
	cover := s.cover(d)
	sections, err := d.sections()
	if err != nil {
		return err
	}
	drawn := s.sections(sections)
	s.leaderboard(pointsBeside(d.Board))
	s.figures(drawn, figures, skipped)
	s.definitions(d.Board)
	s.failures(d.Results)
	s.contents(cover)
	s.number()
	return s.doc.Write(w)
}

// Answers is what the document says, as page, paper and text show it.
func (d Document) Answers() *answers.Answers {
	return answers.New(answers.Input{Board: d.Board, Curves: d.Curves, Study: d.Study})
}

// sections are the study's experiments as sections.
func (d Document) sections() ([]Section, error) {
	if d.Study == nil {
		return d.given, nil
	}
	return StudySections(d.Study)
}

// pointsBeside is the board as tables show it: only the ranking metric has room
// for intervals. Figures show all intervals.
func pointsBeside(b *board.Board) *board.Board {
	c := *b
	c.Entries = slices.Clone(b.Entries)
	c.PointsBeside()
	return &c
}

// WriteFigures writes the document's figures into dir, those of its sections
// first, in the formats named (see figure.Formats; none means all). It returns
// the paths written, and why other figures were left out.
func WriteFigures(dir string, d Document, formats ...string) (paths, skipped []string, err error) {
	fonts, err := typeface.New(d.Font)
	if err != nil {
		return nil, nil, err
	}
	defer contain(d.Font, &err)
	var all []*figure.Figure
	sections, err := d.sections()
	if err != nil {
		return nil, nil, err
	}
	for _, section := range sections {
		for _, f := range section.Figures {
			all = append(all, f.In(fonts))
		}
	}
	figures, skipped := figure.All(figure.Input{Board: d.Board, Curves: d.Curves, Sets: d.sets(), Fonts: fonts})
	paths, err = figure.Write(dir, append(all, figures...), formats...)
	if note := fonts.Note(); note != "" {
		skipped = append(skipped, note)
	}
	return paths, skipped, err
}

// contain turns a panic of the PDF library, caused by a damaged font of the user,
// into an error. Without such a font, a panic is a mistake of ours and stays a
// panic.
func contain(font []byte, err *error) {
	if font == nil {
		return
	}
	if r := recover(); r != nil {
		*err = fmt.Errorf("reports: the font given cannot be embedded (%v); give another TrueType file", r)
	}
}

func newSheet(fonts *typeface.Family, d Document) *sheet {
	title := d.title()
	doc := canvas.NewDocument(pageWidth, pageHeight, fonts)
	doc.Title(title, "abstain "+d.version())
	if !d.Date.IsZero() {
		doc.Date(d.Date)
	}
	return &sheet{doc: doc, title: title, topic: choice(d.Board.Choice), w: pageWidth, h: pageHeight}
}

func (d Document) title() string { return cmp.Or(d.Title, "Selective prediction report") }

// version is the version of the program that writes the report, or else of the
// program that computed the results.
func (d Document) version() string {
	if d.Version == "" && d.Results != nil {
		return d.Results.Run.Version
	}
	return d.Version
}
