package figure

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/plot"

	"abstain/harness/board"
	"abstain/metrics"
)

// measure finds the board's column of a metric and how to read it; nil if it
// has none.
func measure(b *board.Board, metric string) (metrics.Measure, func(board.Entry) metrics.Estimate) {
	if b.By.Metric.ID == metric {
		return b.By, func(e board.Entry) metrics.Estimate { return e.Value }
	}
	for i, m := range b.Beside {
		if m.Metric.ID == metric {
			return m, func(e board.Entry) metrics.Estimate { return e.Beside[i] }
		}
	}
	return metrics.Measure{}, nil
}

func name(m metrics.Measure) string { return cmp.Or(m.Metric.Label, m.Name()) }

// AxisOf is the axis of a metric, with its operating point.
func AxisOf(m metrics.Measure) Axis {
	return Axis{ID: m.Name(), Label: m.Label(), Better: m.Metric.Better}
}

// spread reports whether the values need a logarithmic axis: all are positive,
// and the largest is so far above the median that most would be crowded at the
// lower end.
func spread(points []Point) bool {
	y := make([]float64, len(points))
	for i, p := range points {
		y[i] = p.Y.At
	}
	slices.Sort(y)
	return y[0] > 0 && y[len(y)-1] > 4*y[len(y)/2]
}

// widen adds a margin, and gives a single value some room.
func widen(low, high float64) (float64, float64) {
	margin := 0.04 * (high - low)
	if margin == 0 {
		margin = max(0.05*math.Abs(low), 0.01)
	}
	return low - margin, high + margin
}

// logTicks labels 1, 2 and 5 of each decade; in a short range more of them, in a
// long one only the decades.
type logTicks struct{}

// Ticks returns the ticks of a positive range.
func (logTicks) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	span := math.Log10(high / low)
	for decade := math.Floor(math.Log10(low)); decade <= math.Ceil(math.Log10(high)); decade++ {
		for step := 1; step <= 9; step++ {
			v := float64(step) * math.Pow(10, decade)
			if v < low || v > high {
				continue
			}
			t := plot.Tick{Value: v}
			if step == 1 || span <= 3 && (step == 2 || step == 5) || span <= 1.2 && (step == 3 || step == 7) {
				t.Label = short(v)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}
