package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse reads a metric id as a user writes it: a metric's ID, and after "@" its
// parameter, an operating point or a bin count. Without "@" the parameter is
// the metric's default; a metric that has none takes 0. The error for an id that
// is not in the table suggests the nearest one that is; the error for a parameter
// gives the allowed range.
func Parse(id string) (Metric, float64, error) {
	name, text, has := strings.Cut(id, "@")
	m, ok := Lookup(name)
	switch {
	case !ok:
		return Metric{}, 0, fmt.Errorf("metric %q is not known: did you mean %q?", id, nearest(name))
	case m.Param == nil && has:
		return Metric{}, 0, fmt.Errorf("metric %q takes no parameter: write %q", id, name)
	case m.Param == nil:
		return m, 0, nil
	case !has:
		return m, m.Param.Default, nil
	}
	at, err := strconv.ParseFloat(text, 64)
	if err != nil || !m.Param.Allows(at) {
		return Metric{}, 0, fmt.Errorf("metric %q: the %s after @ must be %s", id, m.Param.Name, m.Param.span())
	}
	return m, at + 0, nil // no negative zero
}

// Canonical returns the one spelling of a metric id: "ece" is "ece@15" and
// "fpr@0.950" is "fpr@0.95".
func Canonical(id string) (string, error) {
	m, at, err := Parse(id)
	if err != nil {
		return "", err
	}
	return m.At(at), nil
}

// Lookup returns the metric with that ID, without parameter.
func Lookup(id string) (Metric, bool) {
	for i := range table {
		if table[i].ID == id {
			return table[i], true
		}
	}
	return Metric{}, false
}

// IDs lists the ids of all metrics in the order of the table, parameters at their defaults.
func IDs() []string {
	ids := make([]string, len(table))
	for i := range table {
		ids[i] = table[i].defaultID()
	}
	return ids
}

// At is the metric's canonical id at a parameter.
func (m Metric) At(at float64) string {
	if m.Param == nil {
		return m.ID
	}
	return m.ID + "@" + strconv.FormatFloat(at, 'f', -1, 64)
}

// Allows reports whether the parameter may take the value.
func (p *Param) Allows(v float64) bool {
	return v >= p.Min && v <= p.Max && (!p.Integer || v == math.Trunc(v))
}

func (p *Param) span() string {
	kind := "a number"
	if p.Integer {
		kind = "a whole number"
	}
	return fmt.Sprintf("%s from %v to %v", kind, p.Min, p.Max)
}

// nearest is the id in the table that takes the fewest edits to reach from name;
// the first of several. Initials count as the word: tpr is true-positive-rate.
func nearest(name string) string {
	best, least := "", math.MaxInt
	for _, m := range table {
		d := min(edits(name, m.ID), edits(name, initials(m.ID)))
		if d < least {
			best, least = m.ID, d
		}
	}
	return best
}

// initials abbreviates an id of several words.
func initials(id string) string {
	words := strings.Split(id, "-")
	if len(words) < 2 {
		return id
	}
	var b strings.Builder
	for _, w := range words {
		b.WriteByte(w[0])
	}
	return b.String()
}

// edits is the number of single-byte insertions, deletions and replacements
// from a to b (Levenshtein). Long inputs are no misspelt ids and are cut.
func edits(a, b string) int {
	const longest = 64
	if len(a) > longest {
		a = a[:longest]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal + 1
			if a[i] == b[j] {
				cost = diagonal
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
