package metrics

// Direction says which way a metric improves.
type Direction uint8

const (
	None   Direction = iota // descriptive: neither way is better
	Higher                  // larger is better
	Lower                   // smaller is better
)

// Metric is one row of Table: everything about a metric that tables, axes,
// headers and manuals need, and the function itself.
type Metric struct {
	ID         string // kebab-case, without the parameter: "sac"
	Label      string // for headers and axes: "SAC"
	Group      string // "selective", "ranking", "calibration", "accuracy", "ood", "groups"
	Better     Direction
	Unit       string     // "fraction", "nats", ...
	Range      [2]float64 // closed; +-Inf where open. Stored probabilities that rounding lifted above 1 may overstep it by as much
	Param      *Param     // what may follow "@"; nil if nothing may
	Definition string     // one or two sentences with the formula, ties, edges and undefined cases
	Source     string     // paper and section or equation
	Peers      string     // which other tools give the same or another number on the same input, and why; "" if nothing is known to differ
	Version    int        // raised whenever a stored value would change
	Needs      Needs
	Of         func(r *Ranked, at float64) Estimate
}

// Param is the number after "@" in a metric id: an operating point or a bin count.
type Param struct {
	Name     string // "accuracy", "bins", ...
	Default  float64
	Min, Max float64 // closed
	Integer  bool
}

// Needs says what a metric asks of the outcomes beyond correctness.
type Needs uint8

const (
	NeedsConfidence  Needs = 1 << iota // depends on the confidence function
	NeedsProbability                   // the confidence must be a probability
	NeedsOutside                       // out-of-distribution samples
	NeedsVectors                       // the class vectors themselves: Spec.KeepVectors
)
