package figure

import (
	"encoding/json"
	"fmt"
	"math"

	"abstain/metrics"
)

// Picture is something to draw, given as plain numbers: a Cloud, Strips, a
// Matrix, Lines, a Bump chart, a Forest, RankIntervals, a CriticalDifference. The
// code that has the numbers chooses one, and says in the Text what it shows.
type Picture interface {
	// Figures lays out the picture. A picture that is too large for a page
	// becomes several figures; the second is named NAME-2. It is an error if
	// there is nothing to draw.
	Figures(Text) ([]*Figure, error)
}

// Text says what a picture shows.
type Text struct {
	Name  string // name of its files, without extension: "regimes"
	Title string
	// Caption is full sentences: what is compared, n, the conventions. Sentences
	// on how to read the marks are added to it.
	Caption string
}

// Value is a number with its interval; Lo and Hi are NaN where there is none.
type Value struct{ At, Lo, Hi float64 }

// Number is a value without an interval.
func Number(v float64) Value { return Value{v, math.NaN(), math.NaN()} }

// Estimated is the value and interval of an estimate.
func Estimated(e metrics.Estimate) Value { return Value{e.Value, e.Lo, e.Hi} }

// Interval reports whether there is an interval.
func (v Value) Interval() bool { return finite(v.Lo, v.Hi) }

// MarshalJSON writes {"value", "lo", "hi"}, with null for undefined numbers.
func (v Value) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		At any `json:"value"`
		Lo any `json:"lo"`
		Hi any `json:"hi"`
	}{defined(v.At), defined(v.Lo), defined(v.Hi)})
}

// Axis is a direction of a picture.
type Axis struct {
	ID     string            // the metric's; may be ""
	Label  string            // with the unit: "AUROC ×100"
	Better metrics.Direction // the better end, written after the label; None: neither
	Log    bool              // logarithmic; values have to be positive
}

// MarshalJSON writes {"id", "label", "better", "log"}, better as "higher", "lower" or "".
func (a Axis) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ID     string `json:"id,omitempty"`
		Label  string `json:"label"`
		Better string `json:"better"`
		Log    bool   `json:"log"`
	}{a.ID, a.Label, map[metrics.Direction]string{metrics.Higher: "higher", metrics.Lower: "lower"}[a.Better], a.Log})
}

// text is the label of the axis.
func (a Axis) text() string {
	switch a.Better {
	case metrics.Higher:
		return a.Label + " (higher is better)"
	case metrics.Lower:
		return a.Label + " (lower is better)"
	}
	return a.Label
}

// defined is a number as JSON takes it: nil if it is not finite.
func defined(v float64) any {
	if !finite(v) {
		return nil
	}
	return v
}

func finite(all ...float64) bool {
	for _, v := range all {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// leftOut is the sentence about points that could not be drawn; "" if there are
// none.
func leftOut(n int, what, why string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" 1 %s is left out: %s.", what, why)
	}
	return fmt.Sprintf(" %d %ss are left out: %s.", n, what, why)
}
