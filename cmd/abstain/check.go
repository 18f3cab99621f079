package main

import (
	"errors"
	"fmt"

	"abstain/datasets"
	"abstain/harness"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

func newCheck(s *streams) *cobra.Command {
	var workers int
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

Exit codes: 0 no problem, 2 usage or a corpus that cannot be opened,
3 problems were found, 130 interrupted.`, harness.MaxProblems),
		Example: `  abstain check predictions`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
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
			return printFindings(s, corpora, findings)
		},
	}
	as.addFlags(c)
	c.Flags().IntVar(&workers, "workers", 0, "tables read at a time (default: one per CPU)")
	return c
}

func printFindings(s *streams, corpora []*datasets.Corpus, findings []harness.Finding) error {
	tables, problems, bad := 0, 0, 0
	for _, c := range corpora {
		tables += len(c.Tables)
	}
	for _, f := range findings {
		hint := ""
		if len(f.Problems) > 0 {
			bad++
		}
		for _, p := range f.Problems {
			problems++
			fmt.Fprintln(s.out, p)
			if e, ok := errors.AsType[*datasets.Error](p); ok && e.Hint != "" {
				hint = e.Hint
			}
		}
		if f.More > 0 {
			problems += f.More
			fmt.Fprintf(s.out, "%s: %d more problems\n", f.Table, f.More)
		}
		if hint != "" {
			fmt.Fprintf(s.out, "  hint: %s\n", hint)
		}
		for _, n := range f.Notes {
			fmt.Fprintln(s.out, note(f.Table, n))
		}
	}
	printTaken(s, findings)
	if problems > 0 {
		return &exitError{exitTables, fmt.Sprintf("%s in %d of %s", words.Plural(problems, "problem"), bad, words.Plural(tables, "table"))}
	}
	fmt.Fprintf(s.out, "%s, no problem found\n", words.Plural(tables, "table"))
	return nil
}

// printTaken says which columns were taken for what, once for all tables that are alike.
func printTaken(s *streams, findings []harness.Finding) {
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
		fmt.Fprintf(s.out, "%s%s\n  %s\n", tables[0], more, taken)
	}
}

// note words a note on a table, or on several if the table is "".
func note(table, text string) string {
	if table == "" {
		return "note: " + text
	}
	return "note: " + table + ": " + text
}
