package reports

import (
	"abstain/reports/figure"
	"abstain/reports/pictures"
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
