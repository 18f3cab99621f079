package pictures

// Listing is a small table of text, ready to be set.
type Listing struct {
	Columns []Column
	Rows    [][]string // one cell for each column; missing ones at the end are empty
	Note    string     // below it: tests, n, conventions; may be ""
}

// Column is a column's head and how its cells stand.
type Column struct {
	Head  string
	Right bool // numbers end at one edge
}
