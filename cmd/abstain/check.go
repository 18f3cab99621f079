package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"abstain/datasets"
	"abstain/harness"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

func newCheck(s *streams) *cobra.Command {
	var workers int
	var format string
	c := &cobra.Command{
		Use:   "check CORPUS...",
		Short: "List every problem of a corpus at once",
		Long: fmt.Sprintf(`check reads every table of the corpora to its end and lists all problems it
finds, by table: manifest rows without a file, files that are torn or of another
format, rows that are no probabilities, NaN, labels outside 0..C-1, ids that
occur twice, tables of one dataset over different samples. At most %d problems
of a table are spelled out; the rest is counted. What is no problem but good to
know, such as a table that seems to have been written twice, is a note.

json is an object with tables, problems, tables_with_problems, and findings: for each
table its problems (message, column, row, hint), how many more there are, and notes.

Exit codes: 0 no problem, 1 internal failure or lost output, 2 usage or a corpus that cannot be opened,
3 problems were found, 130 interrupted.`, harness.MaxProblems),
		Example: `  abstain check predictions
  abstain check predictions --format json`,
		Args: wantsCorpus,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, []string{"text", "json"}); err != nil {
				return err
			}
			corpora, err := open(args)
			if err != nil {
				return err
			}
			p := newProgress(&streams{err: s.err, terminal: s.terminal}, false)
			p.quiet = true
			findings, err := harness.Check(c.Context(), corpora, workers, p)
			p.finish()
			if err != nil {
				return err
			}
			return printFindings(s, corpora, findings, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text|json")
	c.Flags().IntVar(&workers, "workers", 0, "tables read at a time (default: one per CPU)")
	return c
}

func printFindings(s *streams, corpora []*datasets.Corpus, findings []harness.Finding, format string) error {
	r := newCheckReport(corpora, findings)
	if format == "json" {
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		e.Encode(r)
	} else {
		r.text(s.out)
	}
	if r.Problems > 0 {
		return &exitError{code: exitTables, message: fmt.Sprintf("%s in %d of %s", words.Plural(r.Problems, "problem"), r.Bad, words.Plural(r.Tables, "table"))}
	}
	return nil
}

// checkReport is what check found.
type checkReport struct {
	Tables   int            `json:"tables"`
	Problems int            `json:"problems"`
	Bad      int            `json:"tables_with_problems"`
	Findings []checkFinding `json:"findings"`
}

// checkFinding is what there is to say of a table, or of several if that is "".
type checkFinding struct {
	Table    string         `json:"table"`
	Problems []checkProblem `json:"problems"`
	More     int            `json:"more,omitempty"` // further problems, only counted
	Notes    []string       `json:"notes"`
}

type checkProblem struct {
	Message string `json:"message"`
	Column  string `json:"column,omitempty"`
	Row     *int   `json:"row,omitempty"` // zero-based
	Hint    string `json:"hint,omitempty"`
}

func newCheckReport(corpora []*datasets.Corpus, findings []harness.Finding) *checkReport {
	r := &checkReport{Findings: []checkFinding{}}
	for _, c := range corpora {
		r.Tables += len(c.Tables)
	}
	for _, f := range findings {
		finding := checkFinding{Table: f.Table, Problems: []checkProblem{}, More: f.More, Notes: append([]string{}, f.Notes...)}
		if len(f.Problems) > 0 {
			r.Bad++
		}
		for _, p := range f.Problems {
			problem := checkProblem{Message: p.Error()}
			if e, ok := errors.AsType[*datasets.Error](p); ok {
				problem.Column, problem.Hint = e.Column, e.Hint
				if e.Row >= 0 {
					problem.Row = &e.Row
				}
			}
			finding.Problems = append(finding.Problems, problem)
		}
		r.Problems += len(f.Problems) + f.More
		r.Findings = append(r.Findings, finding)
	}
	return r
}

func (r *checkReport) text(w io.Writer) {
	for _, f := range r.Findings {
		hint := ""
		for _, p := range f.Problems {
			fmt.Fprintln(w, p.Message)
			hint = cmp.Or(p.Hint, hint)
		}
		if f.More > 0 {
			fmt.Fprintf(w, "%s: %d more problems\n", f.Table, f.More)
		}
		if hint != "" {
			fmt.Fprintf(w, "  hint: %s\n", hint)
		}
		for _, n := range f.Notes {
			fmt.Fprintln(w, note(f.Table, n))
		}
	}
	if r.Problems == 0 {
		fmt.Fprintf(w, "%s, no problem found\n", words.Plural(r.Tables, "table"))
	}
}

// note words a note on a table, or on several if the table is "".
func note(table, text string) string {
	if table == "" {
		return "note: " + text
	}
	return "note: " + table + ": " + text
}
