package reports

import (
	"fmt"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/pictures"
	"abstain/reports/words"
)

// StudySections returns a study as sections of a report: first the main findings,
// then each experiment with its findings, what it could not compute, a table if a
// small one is useful, and its figures.
func StudySections(r *study.Report) ([]Section, error) {
	first := Section{Title: "In short"}
	for _, g := range headlines(r) {
		first.Points = append(first.Points, Point{g.title, g.claims, strings.Trim(g.how, "()")})
	}
	if len(r.Broken) > 0 {
		first.Paragraphs = append(first.Paragraphs, brokenText(r))
	}
	for _, n := range pictures.Folder(r) {
		first.Paragraphs = append(first.Paragraphs, "Note: "+n+".")
	}
	all := []Section{first}
	for i := range r.Experiments {
		e := &r.Experiments[i]
		p := pictures.Of(e.Name)
		s := Section{Title: p.Title, Table: p.Listing(r, e)}
		for _, f := range pictures.Tell(e) {
			s.Paragraphs = append(s.Paragraphs, f.String())
		}
		for _, m := range pictures.Absent(e) {
			s.Paragraphs = append(s.Paragraphs, "Missing: "+m+".")
		}
		for _, n := range pictures.Remarks(e) {
			s.Paragraphs = append(s.Paragraphs, "Conventions: "+n+".")
		}
		var err error
		if s.Figures, err = p.Figures(r, e); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func brokenText(r *study.Report) string {
	text := fmt.Sprintf("%s not above chance, ", words.Plural(len(r.Broken), "record"))
	if r.WithBroken {
		text += "kept in the statistics as asked:"
	} else {
		text += "left out of all statistics across models:"
	}
	for _, b := range r.Broken {
		text += fmt.Sprintf(" %s (%s).", b.Model, b.Reason)
	}
	return text
}

// SectionFigures are the figures of sections, in order.
func SectionFigures(all []Section) []*figure.Figure {
	var figures []*figure.Figure
	for _, s := range all {
		figures = append(figures, s.Figures...)
	}
	return figures
}
