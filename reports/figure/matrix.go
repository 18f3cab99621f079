package figure

// Matrix is a table of coloured cells with their values printed: correlations
// between metrics, overlap of top lists, wins and losses.
type Matrix struct {
	Rows    []string `json:"rows"`
	Columns []string `json:"columns"`
	// Cells are one row after the other.
	Cells [][]Cell `json:"cells"`
	// Scale is what the colour tells: "Spearman's rank correlation". It runs from
	// Low to High; with Diverging, from one hue over white in the middle to
	// another, otherwise from white to one hue.
	Scale     string  `json:"scale"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Diverging bool    `json:"diverging"`
	// RowTitle and ColumnTitle say what rows and columns are, if names do not.
	RowTitle    string `json:"row_title,omitempty"`
	ColumnTitle string `json:"column_title,omitempty"`
}

// Cell is one entry. A value that is not finite has no colour.
type Cell struct {
	Value Value  `json:"value"`          // At is coloured
	Text  string `json:"text,omitempty"` // printed; "": At with two decimals
	Bold  bool   `json:"bold,omitempty"` // stands out: significant
}
