package reports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/canvas"
	"abstain/reports/figure"
	"abstain/reports/paper"
	"abstain/reports/typeface"
)

// Document is what a report is made from.
type Document struct {
	Board    *board.Board      // must not be nil; all its entries are listed
	Curves   []board.Curves    // the models shown as curves, best first; may be empty
	Panels   []figure.Panel    // the models of reliability diagrams; nil: those of Curves
	Results  *results.Results  // for provenance and failures; may be nil
	Title    string            // "" for the standard one
	Source   string            // where published figures come from, and their licence; "" for a run
	Version  string            // of the program that writes; "" for the one that computed
	Command  string            // the command line, as typed
	Date     time.Time         // zero: no date anywhere, so that the same results give the same bytes
	Font     []byte            // a TrueType font to prefer, for scripts that the embedded ones lack
	Study    *study.Report     // what a study of the same run found; may be nil
	Further  []Document        // other runs, each with answers of its own, such as published figures; their Further is not looked at
	Appendix bool              // the PDF also lists all models, and has a card of each
	given    []Section         // in place of those of the study, in tests
	Columns  []metrics.Measure // those that the page shows at first beside the ranking one; nil: all of the board
}

// sets are the prediction sets of the results.
func (d Document) sets() []results.SetRow {
	if d.Results == nil {
		return nil
	}
	return d.Results.Sets
}

// PDF writes the report. Its first page is the answer: the question, three numbers, the
// models that may be the best, and where each kind of model stands. What else the run and
// its study answer follows, two figures a page, then definitions, methods and provenance.
// With an Appendix, all models are listed once, and each has a card.
//
// Pages are A4 with vector graphics only, fonts are embedded as subsets, and text can be
// searched. The same document gives the same bytes.
//
// It fails if the board is nil, if Font is not an embeddable TrueType font, or if
// w fails.
func PDF(w io.Writer, d Document) (err error) {
	if d.Board == nil {
		return errors.New("reports: a report needs a leaderboard")
	}
	fonts, err := typeface.Paper(d.Font)
	if err != nil {
		return err
	}
	defer contain(d.Font, &err)
	s := newSheet(fonts, d)
	c := &composer{s: s, d: d, a: d.Answers()}
	if err := c.compose(); err != nil {
		return err
	}
	s.print(s.short(c.offers))
	if d.Appendix {
		s.appendix(d)
	}
	if note := fonts.Note(); note != "" {
		s.missing(note)
	}
	s.foot()
	var file bytes.Buffer
	if err := s.doc.Write(&file); err != nil {
		return err
	}
	_, err = w.Write(file.Bytes())
	return err
}

// mostPages is how long a paper is without an appendix, if leaving out what it can do
// without makes it so short.
const mostPages = 9

// short makes strips of offers, and leaves out those that can be spared, the least wanted
// first, until the paper is short. Their answers are still in the list of questions.
func (s *sheet) short(offers []offer) []strip {
	for {
		strips := s.strips(offers)
		most := slices.MaxFunc(offers, func(a, b offer) int { return cmp.Compare(a.spare, b.spare) }).spare
		if most == 0 || len(pack(strips)) <= mostPages {
			return strips
		}
		last := 0
		for i, o := range offers {
			if o.spare == most {
				last = i
			}
		}
		offers = slices.Delete(slices.Clone(offers), last, last+1)
	}
}

// pack breaks strips into pages.
func pack(strips []strip) []paper.Page {
	bands := make([]paper.Band, len(strips))
	for i, t := range strips {
		bands[i] = t.band()
	}
	return paper.Pack(bands, pageHeight-head-bottom, gapBands)
}

// print packs strips into pages, numbers figures and tables, and draws them. Numbers and
// pages are found first, since the list of questions names later ones.
func (s *sheet) print(strips []strip) {
	pages := pack(strips)
	numbers := map[string]int{}
	for n, p := range pages {
		for _, i := range p.Bands {
			for _, piece := range strips[i].pieces() {
				piece.page = n + 1
				if piece.kind != "" {
					numbers[piece.kind]++
					piece.number = numbers[piece.kind]
				}
			}
		}
	}
	chapter := ""
	for _, p := range pages {
		s.page(running(strips, p.Bands), cmp.Or(strips[p.Bands[0]].pieces()[0].topic, s.topic))
		for k, i := range p.Bands {
			if c := strips[i].pieces()[0].chapter; c != chapter {
				s.doc.Bookmark(c, 0, s.y+10)
				chapter = c
			}
			s.setStrip(strips[i], s.y, p.Heights[k])
			s.y -= p.Heights[k] + gapBands
		}
	}
}

// running is the head of a page: its chapters.
func running(strips []strip, bands []int) string {
	var names []string
	for _, i := range bands {
		if c := strips[i].pieces()[0].chapter; len(names) == 0 || names[len(names)-1] != c {
			names = append(names, c)
		}
	}
	return strings.Join(names, " · ")
}

// missing says at the foot of the last page which characters no font had.
func (s *sheet) missing(note string) {
	s.doc.Text(left, 33, typeface.Regular, sizeSmall, grey, s.fit(typeface.Regular, sizeSmall, "Note: "+note+".", s.measure()))
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

// WriteFigures writes the document's figures into dir, those of its sections
// first, in the formats named (see figure.Formats; none means all). It returns
// the paths written, and why other figures were left out.
func WriteFigures(dir string, d Document, formats ...string) (paths, skipped []string, err error) {
	fonts, err := typeface.New(d.Font)
	if err != nil {
		return nil, nil, err
	}
	defer contain(d.Font, &err)
	figures, skipped := figure.All(figure.Input{Board: d.Board, Curves: d.Curves, Panels: d.Panels, Sets: d.sets(), Fonts: fonts})
	sections, err := d.sections()
	if err != nil {
		return nil, nil, err
	}
	var all []*figure.Figure
	for _, section := range sections {
		for _, f := range section.Figures {
			// The study draws some figures of the leaderboard too; a file has one of them.
			if !slices.ContainsFunc(figures, func(g *figure.Figure) bool { return g.Name == f.Name }) {
				all = append(all, f.In(fonts))
			}
		}
	}
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
	doc := canvas.NewDocument(pageWidth, pageHeight, fonts)
	doc.Title(d.title(), "abstain "+d.version())
	if !d.Date.IsZero() {
		doc.Date(d.Date)
	}
	return &sheet{doc: doc, topic: strings.Join(d.Answers().Subject, " · "), program: d.imprint(), w: pageWidth, h: pageHeight}
}

func (d Document) title() string { return cmp.Or(d.Title, "Selective prediction report") }

// imprint names program and data at the foot of pages.
func (d Document) imprint() string {
	parts := []string{strings.TrimSpace("abstain " + d.version())}
	if d.Results != nil {
		for _, c := range d.Results.Run.Corpora {
			parts = append(parts, strings.TrimSpace(c.Name+" "+shortHash(c.Hash)))
		}
	}
	return strings.Join(parts, " · ")
}

// shortHash is the beginning of a hash, which tells corpora apart.
func shortHash(hash string) string {
	if _, digits, ok := strings.Cut(hash, ":"); ok {
		hash = digits
	}
	return hash[:min(8, len(hash))]
}

// version is the version of the program that writes the report, or else of the
// program that computed the results.
func (d Document) version() string {
	if d.Version == "" && d.Results != nil {
		return d.Results.Run.Version
	}
	return d.Version
}
