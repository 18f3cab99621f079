package figure

// Strips show, row by row, where many values lie: each as a dot, the middle half
// as a box, the median as a bar with its interval. Rows are regimes, families or
// confidence functions; each panel is a metric over the same rows.
type Strips struct {
	Rows   []string     `json:"rows"` // names, from top to bottom
	Panels []StripPanel `json:"panels"`
}

// StripPanel is one metric.
type StripPanel struct {
	Axis Axis `json:"axis"`
	// Reference is the value of no effect, drawn as a line: 0 for differences;
	// NaN for none.
	Reference float64 `json:"-"`
	Strips    []Strip `json:"strips"` // one for each row; the zero Strip is an empty row
}

// Strip is one row of a panel.
type Strip struct {
	Values []float64 `json:"values"` // each a dot; those that are not finite are not drawn
	// Median is that of the values, with the interval that the study gives it.
	Median Value `json:"median"`
	// Quartiles are the ends of the box; both NaN or both 0 for no box.
	Quartiles [2]float64 `json:"quartiles"`
	Note      string     `json:"note,omitempty"` // short, at the right: "22 of 26 up, p < 0.001"
}
