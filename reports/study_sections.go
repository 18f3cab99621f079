package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
)

// StudySections are a study as parts of a report: first what was found in short,
// then each experiment with its findings, what it lacks, a table where a small
// one says it, and its figures.
func StudySections(r *study.Report) ([]Section, error) {
	first := Section{Title: "In short"}
	for _, g := range headlines(r) {
		first.Points = append(first.Points, Point{g.title, g.claims, strings.Trim(g.how, "()")})
	}
	if len(r.Broken) > 0 {
		first.Paragraphs = append(first.Paragraphs, brokenText(r))
	}
	for _, n := range r.Notes {
		first.Paragraphs = append(first.Paragraphs, "Note: "+n+".")
	}
	all := []Section{first}
	for i := range r.Experiments {
		e := &r.Experiments[i]
		s := Section{Title: e.ID + ": " + e.Title, Table: listing(r, e)}
		if e.ID == e.Name { // one of ours, without a number
			s.Title = e.Title
		}
		for _, f := range e.Findings {
			s.Paragraphs = append(s.Paragraphs, f.String())
		}
		for _, m := range e.Missing {
			s.Paragraphs = append(s.Paragraphs, "Missing: "+m+".")
		}
		for _, n := range e.Notes {
			s.Paragraphs = append(s.Paragraphs, "Conventions: "+n+".")
		}
		var err error
		if s.Figures, err = StudyFigures(r, e); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

func brokenText(r *study.Report) string {
	text := fmt.Sprintf("%s not above chance, ", count(len(r.Broken), "record"))
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

// listing is the table shown in the text of an experiment; nil for those whose
// tables are too long for it.
func listing(r *study.Report, e *study.Experiment) *Listing {
	switch d := e.Data.(type) {
	case *study.Regimes:
		return regimeListing(r, d)
	case *study.Leaderboard:
		return leaderListing(d.Table)
	case *study.Severity:
		return severityListing(d)
	}
	return nil
}

// regimeListing has a row for each regime and metric that is on the first page.
func regimeListing(r *study.Report, d *study.Regimes) *Listing {
	l := &Listing{Columns: []ListingColumn{{Head: "regime"}, {Head: "metric"}, {"pairs", true}, {"median change", true}, {"interval", true}, {"better", true}, {"p (Holm)", true}},
		Note: fmt.Sprintf("change against the base twin; intervals at %g %% over %s from six twins on, below that over new samples if there are replicates; Wilcoxon, Holm over %d tests", 100*r.Level, reach(r), len(d.Changes))}
	for _, regime := range d.Regimes {
		for k := range d.Changes {
			c := &d.Changes[k]
			if c.Treatment != regime || c.Metric != "auroc" && c.Metric != "ece@15" && c.Metric != "|overconfidence|" {
				continue
			}
			v := value(c)
			between := "–"
			if !math.IsNaN(v.Lo) {
				between = fmt.Sprintf("[%+.4f, %+.4f]", v.Lo, v.Hi)
			}
			l.Rows = append(l.Rows, []string{c.Treatment, study.Label(c.Metric), fmt.Sprint(len(c.Values)), fmt.Sprintf("%+.4f", c.Median), between, fmt.Sprint(c.Better), shortP(c.P)})
		}
	}
	return l
}

// leaderListing is the head of the leaderboard in the official order of columns,
// those without a value left out.
func leaderListing(t study.Table) *Listing {
	const rows = 20
	var keep []int
	for k := range t.Columns {
		if k == 0 || slices.ContainsFunc(t.Rows, func(row []any) bool { v, ok := row[k].(float64); return ok && !math.IsNaN(v) }) {
			keep = append(keep, k)
		}
	}
	l := &Listing{Note: fmt.Sprintf("the first %d of %d models by AUROC; fractions", min(rows, len(t.Rows)), len(t.Rows))}
	for _, k := range keep {
		l.Columns = append(l.Columns, ListingColumn{t.Columns[k], k > 0})
	}
	for _, row := range t.Rows[:min(rows, len(t.Rows))] {
		var cells []string
		for _, k := range keep {
			switch v := row[k].(type) {
			case float64:
				text := "–"
				if !math.IsNaN(v) {
					text = fmt.Sprintf("%.4f", v)
				}
				cells = append(cells, text)
			default:
				cells = append(cells, fmt.Sprint(v))
			}
		}
		l.Rows = append(l.Rows, cells)
	}
	return l
}

func severityListing(d *study.Severity) *Listing {
	l := &Listing{Columns: []ListingColumn{{"level", true}, {"models", true}, {"median AUROC", true}, {"interval", true}, {"Spearman with accuracy", true}, {"with AUROC of failure prediction", true}},
		Note: "intervals over new models"}
	for _, v := range d.Levels {
		l.Rows = append(l.Rows, []string{fmt.Sprint(v.Level), fmt.Sprint(v.N), fmt.Sprintf("%.4f", v.Median), fmt.Sprintf("[%.4f, %.4f]", v.In.Lo, v.In.Hi), coefficient(v.Accuracy), coefficient(v.AUROC)})
	}
	return l
}

func coefficient(c study.Correlation) string {
	if c.A == "" || c.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f [%.2f, %.2f]", c.Spearman, c.SpearmanIn.Lo, c.SpearmanIn.Hi)
}

// SectionFigures are the figures of sections, in order.
func SectionFigures(all []Section) []*figure.Figure {
	var figures []*figure.Figure
	for _, s := range all {
		figures = append(figures, s.Figures...)
	}
	return figures
}
