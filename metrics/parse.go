package metrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Parse reads a metric as a user writes it: its ID, its label as boards print it ("AUROC",
// "E-AURC", "AURC % ↓") or a usual other name ("acc"), in any letter case, and after "@" its
// parameter, an operating point or a bin count. Without "@" the parameter is the metric's
// default; a metric that has none takes 0. The error for a name that is not known suggests
// those that are near, if any are, and the error for one that papers use for several metrics
// names these; the error for a parameter gives the allowed range.
func Parse(id string) (Metric, float64, error) {
	m, err := read(id)
	return m.Metric, m.At, err
}

// read is Parse; Asked is the name in the metric's own spelling, with the parameter as written.
func read(id string) (Measure, error) {
	name, text, has := strings.Cut(unadorned(id), "@")
	text = strings.TrimSpace(text)
	m, at, ok := find(name)
	switch {
	case !ok:
		return Measure{}, unknown(id, name)
	case at != "" && has:
		return Measure{}, fmt.Errorf("metric %q: %q is %q already", id, name, m.ID+"@"+at)
	case at != "":
		text, has = at, true
	}
	switch {
	case m.Param == nil && has:
		return Measure{}, fmt.Errorf("metric %q takes no parameter: write %q", id, m.ID)
	case m.Param == nil:
		return Measure{Metric: m, Asked: m.ID}, nil
	case !has:
		return Measure{Metric: m, At: m.Param.Default, Asked: m.ID}, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !m.Param.Allows(v) {
		return Measure{}, fmt.Errorf("metric %q: the %s after @ must be %s%s", id, m.Param.Name, m.Param.span(), m.Param.meant(text))
	}
	return Measure{Metric: m, At: v + 0, Asked: m.ID + "@" + text}, nil // no negative zero
}

// meant asks for the share that somebody wrote in percent; "" if it is none.
func (p *Param) meant(text string) string {
	v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64)
	if err != nil || p.Max != 1 || !(v >= 1 && v <= 100) {
		return ""
	}
	return fmt.Sprintf("; %s?", strconv.FormatFloat(v/100, 'g', -1, 64))
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
