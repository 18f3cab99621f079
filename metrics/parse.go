package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"abstain/metrics/internal/spelling"
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
		return Metric{}, 0, fmt.Errorf("metric %q is not known: did you mean %q?", id, spelling.Nearest(name, names()))
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
		ids[i] = table[i].byDefault().ID()
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

// names are the ids without parameters.
func names() []string {
	ids := make([]string, len(table))
	for i := range table {
		ids[i] = table[i].ID
	}
	return ids
}
