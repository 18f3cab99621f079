package reports

import (
	"abstain/metrics"
	"abstain/reports/words"
)

// undefinedCell is written in place of an undefined value.
const undefinedCell = "–"

// unitOf is the unit of a metric with as many decimals as a column of its values needs.
func unitOf(m metrics.Measure, column []metrics.Estimate) words.Unit {
	var values []float64
	for _, e := range column {
		values = append(values, e.Value)
	}
	return words.UnitOf(m).For(values...)
}
