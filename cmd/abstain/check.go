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
	var digests bool
	var format string
	var as readingOptions
	c := &cobra.Command{
		Use:   "check CORPUS...",
		Short: "List every problem of a corpus at once",
		Long: fmt.Sprintf(`check reads every table of the corpora to its end and lists all problems it
finds, by table: manifest rows without a file, files that are torn or of another
format, rows that are no probabilities, NaN, labels outside 0..C-1, ids that
occur twice, tables of one dataset over different samples. At most %d problems
of a table are spelled out; the rest is counted. What is no problem but good to
know, such as a table that seems to have been written twice, is a note. For each
table it prints which column was taken for what.

Columns are known by this package's names (label, logits or probs, sample_id,
prediction, confidence, correct) and by the usual ones (target, y_true, outputs,
prob_0, conf, image_id, ...) where there is only one way to understand them. Where
there are two, a question names the flag that answers it: --columns, --logits,
--probs, --labels, --labels-from.

--write-digests puts the number of rows and the digest of each table without a
problem into the columns rows and digest of the manifest (xxh128:, as xxh128sum
prints it). run then refuses a table with another content. Without digests only
damage is noticed that the format shows: a checksum of a page or block, a torn
file, a row that makes no sense.

json is an object with tables, problems, tables_with_problems, and findings: for each
table its problems (message, column, row, hint), how many more there are, notes, and
taken, which columns were taken for what.

Exit codes: 0 no problem, 1 internal failure or lost output, 2 usage or a corpus that cannot be opened,
3 problems were found, 130 interrupted.`, harness.MaxProblems),
		Example: `  abstain check predictions
  abstain check predictions --format json`,
		Args: wantsCorpus,
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, []string{"text", "json"}); err != nil {
				return err
			}
			corpora, err := as.open(args)
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
			if digests {
				n, err := harness.WriteDigests(c.Context(), corpora, findings, workers)
				if err != nil {
					return err
				}
				fmt.Fprintf(s.err, "%s of %s in the manifest now; abstain run verifies them\n", words.Plural(n, "digest"), words.Plural(n, "table"))
			}
			return printFindings(s, corpora, findings, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text|json")
	as.addFlags(c)
	c.Flags().BoolVar(&digests, "write-digests", false, "put the rows and the digest of every table without a problem into the manifest")
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
	Taken    string         `json:"taken,omitempty"` // which columns were taken for what
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
		finding := checkFinding{Table: f.Table, Problems: []checkProblem{}, More: f.More, Notes: append([]string{}, f.Notes...), Taken: f.Taken}
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
		shown := f.Problems[:min(len(f.Problems), maxFailures)]
		for _, p := range shown {
			fmt.Fprintln(w, p.Message)
			hint = cmp.Or(p.Hint, hint)
		}
		if more := f.More + len(f.Problems) - len(shown); more > 0 {
			fmt.Fprintf(w, "%s: %d more problems\n", f.Table, more)
		}
		if hint != "" {
			fmt.Fprintf(w, "  hint: %s\n", hint)
		}
		for _, n := range f.Notes {
			fmt.Fprintln(w, note(f.Table, n))
		}
	}
	printTaken(w, r.Findings)
	if r.Problems == 0 {
		fmt.Fprintf(w, "%s, no problem found\n", words.Plural(r.Tables, "table"))
	}
}

// printTaken says which columns were taken for what, once for all tables that are alike.
func printTaken(w io.Writer, findings []checkFinding) {
	alike := map[string][]string{}
	var order []string
	for _, f := range findings {
		if f.Taken == "" {
			continue
		}
		if alike[f.Taken] == nil {
			order = append(order, f.Taken)
		}
		alike[f.Taken] = append(alike[f.Taken], f.Table)
	}
	for _, taken := range order {
		tables := alike[taken]
		more := ""
		if len(tables) > 1 {
			more = fmt.Sprintf(" and %d more", len(tables)-1)
		}
		fmt.Fprintf(w, "%s%s\n  %s\n", tables[0], more, taken)
	}
}

// note words a note on a table, or on several if the table is "".
func note(table, text string) string {
	if table == "" {
		return "note: " + text
	}
	return "note: " + table + ": " + text
}
