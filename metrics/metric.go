package metrics

import "slices"

// Direction says which way a metric improves.
type Direction uint8

const (
	None   Direction = iota // descriptive: neither way is better
	Higher                  // larger is better
	Lower                   // smaller is better
)

// Metric is one row of the table: the function, and all that tables, axes,
// headers and manuals need to know about the metric.
type Metric struct {
	ID         string // kebab-case, without the parameter: "sac"
	Label      string // for headers and axes: "SAC"
	Group      string // "selective", "ranking", "calibration", "accuracy", "ood", "groups"
	Better     Direction
	Unit       string     // "fraction", "nats", ...
	Range      [2]float64 // closed; +-Inf where open. Rounding of stored probabilities may exceed it slightly
	Param      *Param     // what may follow "@"; nil if nothing may. Do not change it
	Definition string     // one or two sentences with the formula, ties, edges and undefined cases
	Source     string     // paper and section or equation
	Peers      string     // which other tools give the same or another number, and why; "" if none is known to differ
	Version    int        // raised when a change of the code changes stored values
	Needs      Needs
	Nature     Nature
	Sets       Sets       // the sets of metrics it belongs to
	Axis       int        // its place among the axes of a study, from 1; 0 if it is not an axis
	AxisAt     [2]float64 // its operating points there; zeros stand for the default
	Phrases    [2]string  // what a better and a worse model does: "is right more often than"; "" if the label is used
	// OfAll says that samples without an answer count. All other metrics leave them out,
	// and say of how many.
	OfAll bool
	Of    func(r *Ranked, at float64) Estimate
}

// Param is the number after "@" in a metric id: an operating point or a bin count.
type Param struct {
	Name     string // "accuracy", "bins", ...
	Default  float64
	Min, Max float64 // closed
	Integer  bool
}

// Needs says what a metric needs of the outcomes besides correctness.
type Needs uint8

const (
	NeedsConfidence  Needs = 1 << iota // depends on the confidence function
	NeedsProbability                   // the confidence must be a probability
	NeedsOutside                       // out-of-distribution samples
	NeedsVectors                       // the class vectors themselves: Spec.KeepVectors
	NeedsSets                          // prediction sets
)

// Nature says what kind of number a metric is; its sampling error depends on
// that.
type Nature uint8

const (
	Statistic      Nature = iota // none of the others: a mean, an area, the statistic of a test
	Share                        // the share of its N samples that have a property
	OperatingPoint               // read at one threshold: it jumps when samples change
	BinGap                       // sums gaps of bins; chance makes them larger, so it is biased upwards
)

// Sets are sets of metrics that commands show or compute together.
type Sets uint8

const (
	InDefault    Sets = 1 << iota // evaluated if the user names none
	InStudy                       // an axis of a study; see Axis
	InComparison                  // tested between models if the user names none
	InGroups                      // compared between groups of samples
	InShift                       // followed from condition to condition
	InPage                        // a column of a report's leaderboard
	InHead                        // a column of the short leaderboard that ends a run
)

// In reports whether the metric belongs to a set.
func (m Metric) In(s Sets) bool { return m.Sets&s != 0 }

// Metrics lists every metric, in the order of the table.
func Metrics() []Metric { return slices.Clone(table) }

// DefaultIDs lists the ids evaluated if the user names none: all that are not
// only for binary tasks, with default parameters.
func DefaultIDs() []string { return IDsIn(InDefault) }

// IDsIn lists the ids of a set in the order of the table, parameters at their defaults.
func IDsIn(s Sets) []string { return idsOf(MeasuresIn(s)) }

// StudyIDs lists the axes of a study in their order, at their operating points.
func StudyIDs() []string { return idsOf(StudyMeasures()) }
