package figure

// Bump shows how a ranking changes from metric to metric: a column for each
// metric, a line for each model from rank to rank.
type Bump struct {
	Metrics []string `json:"metrics"` // names of the columns, from left to right
	// Top is how many places are drawn, at most 40; ranks beyond are written in a
	// row below them. Models that are never among the top are left out.
	Top    int         `json:"top"`
	Models []BumpModel `json:"models"`
}

// BumpModel is one line.
type BumpModel struct {
	Name  string `json:"name"`
	Ranks []int  `json:"ranks"`           // by metric, 1 = best; 0: undefined
	Group string `json:"group,omitempty"` // colours the lines: "vit"; all "": by the rank in the first column
}
