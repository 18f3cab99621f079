package figure

// Cloud is a scatter plot: one mark for each model, in the colour of its group.
type Cloud struct {
	X Axis `json:"x"`
	Y Axis `json:"y"`
	// Grouping is what the groups are: "training regime". Marked lists those that
	// get a colour, in this order, all others being grey; nil: the most frequent.
	Grouping string   `json:"grouping"`
	Marked   []string `json:"marked,omitempty"`
	// Size is what the size of a mark tells ("parameters"), by the logarithm of
	// the points' Size; "": all marks are alike.
	Size string `json:"size,omitempty"`
	// Equal gives both axes one scale and draws the diagonal: before against after.
	Equal  bool    `json:"equal,omitempty"`
	Points []Point `json:"points"`
}

// Point is one mark of a cloud. One whose place is not finite (not positive, on
// a logarithmic axis) is left out, and the caption says how many are.
type Point struct {
	Name  string  `json:"name"`
	Group string  `json:"group,omitempty"` // "" is a group "not stated"
	X     Value   `json:"x"`               // intervals become whiskers if there are few points
	Y     Value   `json:"y"`
	Size  float64 `json:"size,omitempty"`  // 0: not known
	Named bool    `json:"named,omitempty"` // the name is written beside it, if there is room
}
