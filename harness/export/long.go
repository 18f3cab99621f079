package export

import (
	"math"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/plain"
	"abstain/harness/results"
)

// Long is the rows of results.csv with one metric in each row:
//
//	model, dataset, split, condition, transform, confidence, metric
//	value            missing if undefined
//	lo, hi, level    interval; missing if none was computed
//	n                samples of the table; missing if unknown
//	classes
//	notes            what the value has to say
//
// Rows that failed have no metrics and are left out.
func Long(s *results.Results, rows []results.Row) *Table {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r results.Row) bool { return r.Status != "ok" })
	fields := append(slices.Clone(keyFields), plain.Field{Name: "confidence", Kind: plain.Text, Few: true},
		plain.Field{Name: "metric", Kind: plain.Text, Few: true})
	for _, name := range []string{"value", "lo", "hi", "level"} {
		fields = append(fields, plain.Field{Name: name, Kind: plain.Float})
	}
	fields = append(fields, plain.Field{Name: "n", Kind: plain.Int}, plain.Field{Name: "classes", Kind: plain.Int},
		plain.Field{Name: "notes", Kind: plain.Text, Few: true})
	return &Table{Fields: fields, Parts: (len(rows) + longRows - 1) / longRows,
		Part: func(i int) ([]plain.Column, error) {
			return long(s, rows[i*longRows:min((i+1)*longRows, len(rows))]), nil
		},
		Meta: []column.Pair{{Key: "abstain", Value: "results"}},
	}
}

// longRows is how many rows of results.csv make a part.
const longRows = 1024

func long(s *results.Results, rows []results.Row) []plain.Column {
	columns := make([]plain.Column, 14)
	names := s.Names()
	text := func(at int, v string) { columns[at].Texts = append(columns[at].Texts, v) }
	float := func(at int, v float64) { columns[at].Floats = append(columns[at].Floats, v) }
	count := func(at, v int) {
		columns[at].Ints, columns[at].Missing = append(columns[at].Ints, int64(v)), append(columns[at].Missing, v == 0)
	}
	for _, row := range rows {
		for i, e := range row.Cells {
			k := row.Key
			for at, v := range []string{k.Model, k.Dataset, k.Split, k.Condition, k.Table().Transform, k.Confidence, names[i]} {
				text(at, v)
			}
			bounds := [3]float64{math.NaN(), math.NaN(), math.NaN()}
			if e.Level > 0 {
				bounds = [3]float64{e.Lo, e.Hi, e.Level}
			}
			for at, v := range []float64{e.Value, bounds[0], bounds[1], bounds[2]} {
				float(7+at, v)
			}
			count(11, row.N)
			count(12, row.Classes)
			text(13, strings.Join(e.Notes, "; "))
		}
	}
	return columns
}
