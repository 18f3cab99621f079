package board

import (
	"abstain/harness/evaluate"
	"abstain/metrics"
)

// Note is what was decided for the user, or what a board cannot tell. It holds
// numbers and names; package reports/say says it in words.
type Note interface{ note() }

// Notes of a selection.
type (
	// DatasetTaken is the one with the most models, where none was asked for.
	DatasetTaken struct {
		Dataset string
		Of      []string // all that there are
	}
	// InPlaceOf is a split or condition taken since the usual one is not there.
	InPlaceOf struct{ Axis, Taken, Usual string }
	// WithoutConfidence names models left out for want of a confidence function.
	WithoutConfidence struct {
		Models     []string
		Confidence string
	}
	// WithoutTransform names models left out for want of a transform.
	WithoutTransform struct {
		Models    []string
		Transform string
	}
)

// Notes of a board.
type (
	// NotShown names the models that failed where the board is about.
	NotShown struct {
		Of     int // models shown and not shown
		Models []Missing
	}
	// WithoutValue counts the models that have no value of the metric.
	WithoutValue struct {
		Models      int
		Metric      string
		Unexplained bool // the values of some say themselves why they are undefined, not those of all
	}
	// OwnIntervals is the level of the intervals, which hold for each value by itself.
	OwnIntervals struct{ Level float64 }
	// IntervalsMade is how the run made them.
	IntervalsMade struct{ By evaluate.Intervals }
	// OlderIntervals: another version of abstain made them, by its own methods.
	OlderIntervals struct{}
	// ByStored counts score-only models, which have a confidence function of their own.
	ByStored struct{ Models int }
	// AtChance names models not above chance: their records are probably broken.
	AtChance struct {
		Models  []string
		Classes int
		Level   float64
	}
	// TiedBelow counts models below the cut with the value of the last one above it.
	TiedBelow struct{ Models int }
	// Unresolved is why there are no rank intervals.
	Unresolved struct{ Why error }
	// Unresolvable: on so few samples, or clusters of them, no order can be proven.
	Unresolvable struct {
		Pairs int
		Of    Unit
		Level float64
	}
	// FewOfAKind names models with fewer than two errors or right samples: no order by
	// the metric can be proven of them.
	FewOfAKind struct {
		Models []string
		By     metrics.Measure
	}
	// TooFewErrors: no order could be proven at the level, whatever the values.
	TooFewErrors struct{ Level float64 }
	// ValuesAlone: the order is that of the values, and was not tested.
	ValuesAlone struct{}
)

func (DatasetTaken) note()      {}
func (InPlaceOf) note()         {}
func (WithoutConfidence) note() {}
func (WithoutTransform) note()  {}
func (NotShown) note()          {}
func (WithoutValue) note()      {}
func (OwnIntervals) note()      {}
func (IntervalsMade) note()     {}
func (OlderIntervals) note()    {}
func (ByStored) note()          {}
func (AtChance) note()          {}
func (TiedBelow) note()         {}
func (Unresolved) note()        {}
func (Unresolvable) note()      {}
func (FewOfAKind) note()        {}
func (TooFewErrors) note()      {}
func (ValuesAlone) note()       {}

// Missing is a model that failed.
type Missing struct{ Model, Why string }

// Unit is what models are compared on.
type Unit string

// Units that models are compared on.
const (
	Samples  Unit = "sample"
	Clusters Unit = "cluster"
)

// Noise is what the joint error of the values of a board comes from: the influence
// of each sample on each value, or bootstrap replicates that all models share.
type Noise struct {
	Replicates int // 0: influence values
	Undefined  int // further replicates, left out since some model has no value in them
	Made       int // models whose replicates the run did not keep
}

// Resolution is how rank intervals were made, and how much of the order they leave
// standing.
type Resolution struct {
	Kind        string  // Simultaneous or Marginal
	Level       float64 // of these confidence sets of ranks
	Noise       Noise
	Least, Most float64 // critical values of the studentised max-t; not above 0 if no difference has a sampling error
	Draws       int
	N           int // samples
	Separable   int // of the Adjacent pairs of neighbours
	Adjacent    int
	Tied        int // models not told apart from the best
}

// Pinned is how models were set against one of them, and what is proven of them. The
// intervals of all differences hold at once.
type Pinned struct {
	Model         string // the reference
	Others        int    // models set against it
	Level         float64
	Critical      float64 // value of the max-t
	Noise         Noise
	Better, Worse int // models proven so
	// Marked are proven worse than another model here, and still not told apart from
	// the best by the ranks, which correct for all pairs of models.
	Marked int
}

// MayBeTop is the confidence set of the best models.
type MayBeTop struct {
	Top    int      // how many best ones it is about
	Models []string // those that may be among them, in the order of the board
	Level  float64
}
