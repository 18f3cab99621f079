package reports

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"math"
	"slices"
	"strconv"

	table "abstain/datasets/plain"
	"abstain/harness/board"
	"abstain/metrics"
)

// writeCSV writes rank, overall, model, confidence, n, the ranks the data allow
// and the groups (if they were asked for), the comparison with the pinned model
// (if there is one), the metrics by id (each followed by <id>.lo and <id>.hi if
// any interval was computed), then all metadata.
func writeCSV(w *bytes.Buffer, t *Table) {
	b := t.Board
	keys := metaKeys(b)
	measures := append([]metrics.Measure{b.By}, b.Beside...)
	intervals := make([]bool, len(measures))
	head := []string{"rank", "overall", "model", "confidence", "n"}
	if b.Resolution != nil {
		head = append(head, "rank_lo", "rank_hi", "tie", "groups")
	}
	if b.MayBeTop != nil {
		head = append(head, "may_be_top")
	}
	if b.Pinned != nil {
		head = append(head, "against", "difference", "difference_lo", "difference_hi")
	}
	for i, m := range measures {
		head = append(head, m.Name())
		intervals[i] = slices.ContainsFunc(b.Entries, func(e board.Entry) bool { return hasInterval(cellOf(e, i)) })
		if intervals[i] {
			head = append(head, m.Name()+".lo", m.Name()+".hi")
		}
	}
	out := csv.NewWriter(w) // writing to a bytes.Buffer never fails
	out.Write(append(head, keys...))
	for _, e := range b.Entries {
		row := []string{plainRank(e.Rank), plainRank(e.Overall), e.Model, cmp.Or(e.Confidence, b.Choice.Confidence), strconv.Itoa(e.Value.N)}
		if b.Resolution != nil {
			row = append(row, plainRank(e.Ranks.Lo), plainRank(e.Ranks.Hi), strconv.FormatBool(e.Tie), e.Groups)
		}
		if b.MayBeTop != nil {
			row = append(row, strconv.FormatBool(e.MayBeTop))
		}
		if b.Pinned != nil {
			row = append(row, againstCells(e.Against)...)
		}
		for i := range measures {
			v := cellOf(e, i)
			row = append(row, plain(v.Value))
			if intervals[i] {
				row = append(row, plain(v.Lo), plain(v.Hi))
			}
		}
		for _, key := range keys {
			row = append(row, e.Meta.Get(key))
		}
		out.Write(row)
	}
	out.Flush()
}

func againstCells(a *board.Against) []string {
	if a == nil {
		return make([]string, 4)
	}
	return []string{string(a.Verdict), plain(a.Difference), plain(a.Lo), plain(a.Hi)}
}

// cellOf is the estimate of the i-th metric column: the ranking metric is the
// first, then come the others.
func cellOf(e board.Entry, i int) metrics.Estimate {
	if i == 0 {
		return e.Value
	}
	return e.Beside[i-1]
}

func hasInterval(e metrics.Estimate) bool { return !math.IsNaN(e.Lo) || !math.IsNaN(e.Hi) }

// plain is a number that a machine can read back exactly, as a float whatever it is; "" if it is
// undefined.
func plain(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return string(table.AppendFloat(nil, v))
}

func plainRank(r int) string {
	if r == 0 {
		return ""
	}
	return strconv.Itoa(r)
}

// metaKeys lists the keys of all models' metadata, in order of first appearance,
// without the names that the table already uses.
func metaKeys(b *board.Board) []string {
	var keys []string
	seen := map[string]bool{"rank": true, "overall": true, "model": true, "confidence": true, "n": true, "rank_lo": true, "rank_hi": true, "tie": true,
		"groups": true, "may_be_top": true, "against": true, "difference": true, "difference_lo": true, "difference_hi": true}
	for _, e := range b.Entries {
		for _, p := range e.Meta {
			if !seen[p.Key] {
				seen[p.Key] = true
				keys = append(keys, p.Key)
			}
		}
	}
	return keys
}
