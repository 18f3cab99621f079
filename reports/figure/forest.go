package figure

// Forest shows values with their intervals, one below the other: a leaderboard,
// or paired differences. It takes as many pages as it needs.
type Forest struct {
	Axis Axis `json:"axis"`
	// Reference is the value of no difference, drawn as a line; NaN for none.
	Reference float64 `json:"-"`
	// Left and Right, if not "", are written at the ends of the axis: what lies there
	// ("reference better", "model better").
	Left  string `json:"left,omitempty"`
	Right string `json:"right,omitempty"`
	// Heads are the titles of the names and of the texts beside each row.
	Head  string      `json:"head"`
	Heads []string    `json:"heads,omitempty"`
	Rows  []ForestRow `json:"rows"`
}

// ForestRow is a line of a forest.
type ForestRow struct {
	Name  string   `json:"name"`
	Value Value    `json:"value"` // At NaN: no mark
	Texts []string `json:"texts,omitempty"`
	// Stripe shades the row: rows of one number above 0 that follow each other
	// form a stripe (a tie group), odd and even numbers in two shades. 0: none.
	Stripe int `json:"stripe,omitempty"`
	// Marked draws the mark in colour: proven, or tied with the best.
	Marked bool `json:"marked,omitempty"`
	// Section, if not "", is a heading above the row.
	Section string `json:"section,omitempty"`
}
