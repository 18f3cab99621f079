package figure

// Lines are curves over a common axis, in one or more panels beside each other:
// a metric against severity, coverage by group, before and after.
type Lines struct {
	X Axis `json:"x"`
	// Places names the places 0, 1, 2 ... of the x axis where it is no scale:
	// "clean", "blur 1", or "before", "after".
	Places []string    `json:"places,omitempty"`
	Panels []LinePanel `json:"panels"`
}

// LinePanel is one y axis with its lines. Lines of one name have one colour in all
// panels, and stand in the legend once.
type LinePanel struct {
	Title  string  `json:"title,omitempty"`
	Y      Axis    `json:"y"`
	Lines  []Line  `json:"lines"`
	Ranges []Range `json:"ranges,omitempty"`
	// Level draws a line across at each of these values, with its name.
	Levels []Level `json:"levels,omitempty"`
}

// Line is a curve. Points with a coordinate that is not finite interrupt it.
type Line struct {
	Name  string `json:"name"`            // of lines that stand in the legend; "" joins the Faint ones
	Faint bool   `json:"faint,omitempty"` // one of many, thin and grey, behind the others
	Group string `json:"group,omitempty"` // a Faint line takes the colour of the line of that name
	Steps bool   `json:"steps,omitempty"` // level between points
	// X are places or numbers, rising; Y are values, with bands where all have intervals.
	X []float64 `json:"x"`
	Y []Value   `json:"y"`
}

// Range is a stretch of the x axis in which one line is proven better than another:
// a bar above the axis in the colour of the better.
type Range struct {
	From    float64 `json:"from"`
	To      float64 `json:"to"`
	Better  string  `json:"better"`  // names of lines
	Against string  `json:"against"` // ranges against one line share a row
}

// Level is a reference value.
type Level struct {
	At   float64 `json:"at"`
	Name string  `json:"name"`
}
