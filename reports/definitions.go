package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/rivo/uniseg"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/words"
)

// definition is what a reader needs to know about a metric, from its row in the
// metrics table. Anything the row does not state is left out.
type definition struct {
	ID, Name string
	Text     string
	Facts    []fact
}

// definitions explains each metric of a board once, in the order of its
// columns, with the ids under which it is shown.
func definitions(b *board.Board) []definition {
	var order []string
	uses := map[string][]metrics.Measure{}
	for _, m := range append([]metrics.Measure{b.By}, b.Beside...) {
		id := cmp.Or(m.Metric.ID, m.Name())
		if uses[id] == nil {
			order = append(order, id)
		}
		uses[id] = append(uses[id], m)
	}
	var all []definition
	for _, id := range order {
		d := define(uses[id][0].Metric)
		d.ID, d.Name = id, cmp.Or(d.Name, id)
		var ids []string
		for _, u := range uses[id] {
			ids = append(ids, u.Name())
		}
		d.Facts = append([]fact{{Name: "Shown as", Text: strings.Join(ids, ", "), Mono: true}}, d.Facts...)
		all = append(all, d)
	}
	return all
}

// define reads a row of the metrics table.
func define(m metrics.Metric) definition {
	return definition{ID: m.ID, Name: m.Label, Text: m.Definition, Facts: stated(
		fact{Name: "Direction", Text: direction(m.Better)},
		fact{Name: "Range, unit", Text: strings.Join(nonEmpty(interval(m.Range), m.Unit), ", ")},
		fact{Name: "Parameter", Text: parameter(m.Param)},
		fact{Name: "Needs", Text: needs(m.Needs)},
		fact{Name: "Source", Text: m.Source},
		fact{Name: "Other tools", Text: m.Peers},
	)}
}

// needs lists what a metric needs of a table besides right and wrong answers.
func needs(n metrics.Needs) string {
	var parts []string
	switch {
	case n&metrics.NeedsProbability != 0:
		parts = append(parts, "a confidence that is a probability")
	case n&metrics.NeedsConfidence != 0:
		parts = append(parts, "a confidence")
	}
	if n&metrics.NeedsVectors != 0 {
		parts = append(parts, "class vectors")
	}
	if n&metrics.NeedsOutside != 0 {
		parts = append(parts, "out-of-distribution samples")
	}
	return strings.Join(parts, ", ")
}

// interval writes a range in the notation of mathematics; an end is closed if it
// is finite.
func interval(r [2]float64) string {
	if r[0] == r[1] {
		return "" // not stated
	}
	u := words.Unit{Factor: 1}
	open, end := "[", "]"
	if r[0] < -1e300 {
		open = "("
	}
	if r[1] > 1e300 {
		end = ")"
	}
	bound := func(v float64) string {
		if v < -1e300 || v > 1e300 {
			return u.Number(v)
		}
		return decimal(v)
	}
	return open + bound(r[0]) + ", " + bound(r[1]) + end
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func parameter(p *metrics.Param) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s, %s unless stated, within %s", p.Name, decimal(p.Default), interval([2]float64{p.Min, p.Max}))
}

// textWidth is the largest width of the lines of Definitions, in columns of a
// terminal. A longer word has a line of its own.
const textWidth = 100

// Definitions explains metrics as text, in the order given. For each it writes
// the id (with the default parameter, if it has one) and label, the definition,
// then direction, range and unit, parameter, needs, source, and how other tools
// differ. Anything a metric does not state is left out. Lines are at most 100
// columns wide; a blank line separates metrics.
//
// It fails if w fails. Without metrics it writes nothing.
func Definitions(w io.Writer, ms []metrics.Metric) error {
	var text bytes.Buffer
	for i, m := range ms {
		if i > 0 {
			text.WriteByte('\n')
		}
		id := m.ID
		if m.Param != nil {
			id += "@" + decimal(m.Param.Default)
		}
		d := define(m)
		fill(&text, "", "  ", strings.Join(nonEmpty(id, d.Name), ": "))
		fill(&text, "  ", "  ", d.Text)
		for _, f := range d.Facts {
			fill(&text, "  ", "    ", strings.ToLower(f.Name)+": "+f.Text)
		}
	}
	_, err := w.Write(text.Bytes())
	return err
}

// fill writes a text in lines of at most textWidth columns. The first line begins
// with first, the others with others.
func fill(w *bytes.Buffer, first, others, text string) {
	lead := first
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && uniseg.StringWidth(lead+line+" "+word) > textWidth {
				fmt.Fprintln(w, lead+line)
				line, lead = "", others
			}
			line = strings.Join(nonEmpty(line, word), " ")
		}
		if line != "" {
			fmt.Fprintln(w, lead+line)
			lead = others
		}
	}
}
