package reports

import "abstain/reports/figure"

// Section is a part of a report with findings of a study: a title, what was
// found in plain sentences, the numbers as a table, the picture. Everything but
// the title may be missing.
type Section struct {
	Title      string
	Paragraphs []string
	Table      *Listing
	Figures    []*figure.Figure // as Picture.Figures returns them
}

// Listing is a small table of text, ready to be set.
type Listing struct {
	Columns []ListingColumn
	Rows    [][]string // one cell for each column
	Note    string     // below it: tests, n, conventions; may be ""
}

// ListingColumn is a column's head and how its cells stand.
type ListingColumn struct {
	Head  string
	Right bool // numbers end at one edge
}
