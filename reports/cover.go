package reports

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abstain/harness"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/typeface"
)

// cover sets the title page and returns the height at which its contents may
// begin, which are known only at the end.
func (s *sheet) cover(d Document) float64 {
	b := d.Board
	s.page()
	s.doc.Bookmark("Title page", 0, pageHeight)
	s.doc.Box(left, pageHeight-92, 42, 3, accent)
	s.y = pageHeight - 100
	s.paragraph(typeface.Bold, sizeTitle, black, s.title)
	s.y -= 4
	s.paragraph(typeface.Regular, 12, grey, fmt.Sprintf("%s ranked by %s (%s)", plural(b.Models, "model"), label(b.By), direction(b.By.Metric.Better)))
	s.y -= 16
	s.rule()
	s.fact("Dataset", typeface.Regular, choice(b.Choice))
	s.fact("Samples", typeface.Regular, samples(b))
	s.fact("Models", typeface.Regular, models(b))
	if len(b.Choice.Where) > 0 {
		s.fact("Filter", typeface.Regular, fmt.Sprintf("%s (%d of %d models)", where(b.Choice.Where), b.Models, b.All))
	}
	s.fact("Curves of", typeface.Regular, curveNames(d.Curves))
	s.fact("Metrics", typeface.Regular, metricNames(b))
	s.fact("Notes", typeface.Regular, strings.Join(b.Notes, "\n"))
	s.y -= 6
	s.rule()
	s.provenance(d)
	return s.y
}

// provenance says what made the numbers.
func (s *sheet) provenance(d Document) {
	s.fact("Program", typeface.Regular, strings.TrimSpace("abstain "+d.version()))
	if d.Results != nil && d.Version != "" && d.Results.Run.Version != "" && d.Results.Run.Version != d.Version {
		s.fact("Computed by", typeface.Regular, "abstain "+d.Results.Run.Version)
	}
	s.fact("Command", typeface.Mono, d.Command)
	if !d.Date.IsZero() {
		s.fact("Date", typeface.Regular, d.Date.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if d.Results == nil {
		return
	}
	for _, c := range d.Results.Run.Corpora {
		s.fact("Corpus", typeface.Regular, fmt.Sprintf("%s: %s, %s", c.Name, plural(c.Tables, "table"), size(c.Bytes)))
		s.fact("", typeface.Mono, c.Hash)
	}
	s.fact("Failed", typeface.Regular, failed(d.Results))
}

func failed(r *harness.Results) string {
	if len(r.Failures) == 0 {
		return "no table"
	}
	return plural(len(r.Failures), "table") + ", listed at the end"
}

func (s *sheet) rule() {
	s.doc.Rule(left, s.y, s.right(), s.y, 0.5, hair)
	s.y -= 4
}

func curveNames(curves []study.Curves) string {
	names := make([]string, len(curves))
	for i, c := range curves {
		names[i] = c.Model
	}
	return strings.Join(names, ", ")
}

func metricNames(b *study.Board) string {
	names := []string{label(b.By)}
	for _, m := range b.Beside {
		names = append(names, label(m))
	}
	return strings.Join(names, ", ")
}

// size writes bytes with three significant digits in decimal units.
func size(n int64) string {
	v, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, next
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

// contents fills the lower part of the title page: the chapters, and the
// characters that no font had.
func (s *sheet) contents(y float64) {
	s.doc.Turn(1)
	s.y = y - 6
	s.rule()
	s.y -= 10
	lines := s.headings
	for float64(len(lines))*sizeBody*1.5 > s.y-bottom-20 {
		shorter := withoutLongest(lines)
		if len(shorter) == len(lines) {
			break
		}
		lines = shorter
	}
	for _, h := range lines {
		s.y -= sizeBody * 1.5
		st, x, ink := typeface.Regular, left+float64(h.level)*14, black
		if h.level > 0 {
			ink = grey
		}
		s.doc.Text(x, s.y, st, sizeBody, ink, s.fit(st, sizeBody, h.text, s.measure()-60))
		s.flush(s.right(), s.y, st, sizeBody, ink, fmt.Sprint(h.page))
		s.doc.Link(left, s.y-3, s.measure(), sizeBody*1.4, h.page)
	}
	if note := s.doc.Fonts.Note(); note != "" {
		lines := s.wrap(typeface.Regular, sizeSmall, "Note: "+note+".", s.measure())
		for i, line := range lines {
			s.doc.Text(left, 46+float64(len(lines)-1-i)*sizeSmall*1.3, typeface.Regular, sizeSmall, grey, line)
		}
	}
}

// withoutLongest drops the sections of the chapter that has most of them.
func withoutLongest(lines []heading) []heading {
	longest, begin := 0, 0
	for i := 0; i < len(lines); {
		n := 0
		for i+1+n < len(lines) && lines[i+1+n].level > 0 {
			n++
		}
		if n > longest {
			longest, begin = n, i+1
		}
		i += 1 + n
	}
	return slices.Delete(slices.Clone(lines), begin, begin+longest)
}

// definitions sets a section for each metric of the board.
func (s *sheet) definitions(b *study.Board) {
	s.chapter("Metrics")
	var order []string
	uses := map[string][]study.Measure{}
	for _, m := range append([]study.Measure{b.By}, b.Beside...) {
		id := m.Metric.ID
		if id == "" {
			id = m.ID
		}
		if uses[id] == nil {
			order = append(order, id)
		}
		uses[id] = append(uses[id], m)
	}
	for _, id := range order {
		s.definition(id, uses[id])
	}
}

// definition keeps the definition of one metric together, if a page can.
func (s *sheet) definition(id string, uses []study.Measure) {
	m := uses[0].Metric
	lines := s.wrap(typeface.Regular, sizeBody, m.Definition, s.measure())
	s.room(float64(len(lines))*sizeBody*1.4 + 120)
	name := m.Label
	if name == "" {
		name = id
	}
	s.section(name)
	s.paragraph(typeface.Regular, sizeBody, black, m.Definition)
	s.y -= 4
	var ids []string
	for _, u := range uses {
		ids = append(ids, u.ID)
	}
	s.fact("Shown as", typeface.Mono, strings.Join(ids, ", "))
	s.fact("Direction", typeface.Regular, direction(m.Better))
	s.fact("Range, unit", typeface.Regular, strings.Join(nonEmpty(interval(m.Range), m.Unit), ", "))
	s.fact("Parameter", typeface.Regular, parameter(m.Param))
	s.fact("Source", typeface.Regular, m.Source)
	s.y -= 10
}

// interval writes a range as mathematics does: closed where finite.
func interval(r [2]float64) string {
	if r[0] == r[1] {
		return "" // not stated
	}
	s := scale{factor: 1}
	open, end := "[", "]"
	if r[0] < -1e300 {
		open = "("
	}
	if r[1] > 1e300 {
		end = ")"
	}
	bound := func(v float64) string {
		if v < -1e300 || v > 1e300 {
			return s.number(v)
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

// failures lists the tables that could not be evaluated. A report without
// results does not know and says nothing.
func (s *sheet) failures(r *harness.Results) {
	if r == nil {
		return
	}
	s.chapter("Failures")
	if len(r.Failures) == 0 {
		s.paragraph(typeface.Regular, sizeBody, black, "Every table was evaluated.")
		return
	}
	s.paragraph(typeface.Regular, sizeBody, black, fmt.Sprintf("%s could not be evaluated; their models are missing from what these tables would have fed.", plural(len(r.Failures), "table")))
	for _, f := range r.Failures {
		s.y -= 6
		s.room(4 * sizeBody * 1.4)
		s.paragraph(typeface.Bold, sizeBody, black, strings.Join(nonEmpty(f.Model, f.Dataset, f.Split, f.Condition), ", "))
		s.paragraph(typeface.Mono, sizeSmall-0.5, grey, f.Table)
		s.paragraph(typeface.Regular, sizeBody, black, f.Reason)
		if f.Hint != "" {
			s.paragraph(typeface.Regular, sizeBody, grey, "hint: "+f.Hint)
		}
	}
}
