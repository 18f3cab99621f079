package pictures

// Listing is a small table of text.
type Listing struct {
	Columns []Column
	Rows    [][]string // one cell for each column; cells missing at the end are empty
	Note    string     // below it: tests, n, conventions; may be ""
	First   bool       // it belongs on the first page, below the findings there
}

// Column is the header of a column, and the alignment of its cells.
type Column struct {
	Head  string
	Right bool // aligned at the right, for numbers
}
