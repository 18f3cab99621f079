package reports

import (
	"abstain/reports/figure"
	"abstain/reports/pictures"
	"abstain/reports/typeface"
)

// Section is a part of a report with findings of a study: a title, the findings
// in sentences, their numbers as a table, and figures. All but the title may be
// missing.
type Section struct {
	Title      string
	Points     []Point // before the paragraphs
	Paragraphs []string
	Table      *pictures.Listing
	Figures    []*figure.Figure // as Picture.Figures returns them
}

// Point is a question with its answers in order.
type Point struct {
	Title  string
	Claims []string
	Note   string // the test and n that all answers share; may be ""
}

// listingColumn is the k-th column of a listing, in the form of other tables for
// people.
func listingColumn(l *pictures.Listing, k int) column {
	c := column{head: l.Columns[k].Head, right: l.Columns[k].Right}
	for _, row := range l.Rows {
		cell := ""
		if k < len(row) {
			cell = row[k]
		}
		c.cells = append(c.cells, visible(cell))
	}
	return c
}

// pageSection is a section in the form that the page's template needs.
type pageSection struct {
	Title      string
	Points     []Point
	Paragraphs []string
	Table      *pageListing
	Figures    []pageFigure
}

type pageListing struct {
	Columns []pictures.Column
	Rows    [][]pageCell
	Note    string
}

// addSections draws the sections and returns how many figures they have.
func (p *page) addSections(all []Section, fonts *typeface.Family) (drawn int, err error) {
	for _, section := range all {
		q := pageSection{Title: visible(section.Title), Table: newPageListing(section.Table)}
		for _, point := range section.Points {
			shown := Point{Title: visible(point.Title), Note: visible(point.Note)}
			for _, text := range point.Claims {
				shown.Claims = append(shown.Claims, visible(text))
			}
			q.Points = append(q.Points, shown)
		}
		for _, text := range section.Paragraphs {
			q.Paragraphs = append(q.Paragraphs, visible(text))
		}
		var figures []*figure.Figure
		for _, f := range section.Figures {
			figures = append(figures, f.In(fonts))
		}
		if q.Figures, err = newPageFigures(drawn, figures); err != nil {
			return 0, err
		}
		drawn += len(q.Figures)
		p.Sections = append(p.Sections, q)
	}
	return drawn, nil
}

func newPageListing(l *pictures.Listing) *pageListing {
	if l == nil || len(l.Columns) == 0 {
		return nil
	}
	p := &pageListing{Columns: l.Columns, Rows: make([][]pageCell, len(l.Rows)), Note: visible(l.Note)}
	for k := range l.Columns {
		c := listingColumn(l, k)
		for r, text := range c.cells {
			p.Rows[r] = append(p.Rows[r], pageCell{Text: text, Left: !c.right})
		}
	}
	return p
}
