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

// findingsTitle is the heading above the sections.
const findingsTitle = "Findings"

// sections sets the sections one below the other, and returns how many figures
// they have.
func (s *sheet) sections(all []Section) int {
	if len(all) == 0 {
		return 0
	}
	s.chapter(findingsTitle)
	drawn := 0
	for i, section := range all {
		if i > 0 {
			s.y -= 12
		}
		s.room(8 * sizeBody)
		s.section(visible(section.Title))
		for _, p := range section.Points {
			s.point(p)
		}
		for _, text := range section.Paragraphs {
			s.y -= 2
			s.paragraph(typeface.Regular, sizeBody, black, text)
		}
		s.listing(section.Table)
		for _, f := range section.Figures {
			if f.Part <= 1 {
				drawn++
			}
			s.figure(drawn, f.In(s.doc.Fonts), false)
		}
	}
	return drawn
}

// point sets a question and its answers below it, each after a dot.
func (s *sheet) point(p Point) {
	const inset = 10
	s.room(5 * sizeBody)
	s.subheading(visible(p.Title))
	for _, text := range p.Claims {
		s.y -= 2
		s.room(sizeBody * 1.4)
		s.doc.Text(left, s.y-sizeBody*1.4, typeface.Regular, sizeBody, black, "•")
		s.indented(left+inset, s.right(), typeface.Regular, sizeBody, black, text)
	}
	if p.Note != "" {
		s.indented(left+inset, s.right(), typeface.Regular, sizeSmall, grey, p.Note)
	}
}

// listing sets a table. Columns that do not fit on the page go to a further table
// below, which repeats the first column.
func (s *sheet) listing(l *pictures.Listing) {
	if l == nil || len(l.Columns) == 0 {
		return
	}
	var columns []gridColumn
	for k := range l.Columns {
		columns = append(columns, s.measured(listingColumn(l, k), limits[0][0]))
	}
	names, values := columns[:1], columns[1:]
	for first := true; first || len(values) > 0; first = false {
		n := min(s.fitting(names, values), len(values))
		s.y -= 4
		s.room(min(float64(len(l.Rows)), 6)*rowHeight + 40)
		s.table(append(names[:1:1], values[:n]...), len(l.Rows))
		values = values[n:]
	}
	if l.Note != "" {
		s.paragraph(typeface.Regular, sizeSmall, grey, l.Note)
	}
}
