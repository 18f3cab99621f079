package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports"

	"github.com/spf13/cobra"
)

type runOptions struct {
	out                          string
	metrics, confidences, groups string
	workers                      int
	level                        float64
	bootstrap                    int
	dryRun, verbose              bool
}

func (o *runOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.out, "out", o.out, "folder for the results")
	f.StringVar(&o.metrics, "metrics", "", "metric ids, comma-separated (default: those marked * by 'abstain ls metrics')")
	f.StringVar(&o.confidences, "confidence", "", "confidence functions, comma-separated (default: "+strings.Join(harness.DefaultConfidences, ",")+")")
	f.StringVar(&o.groups, "groups", "", "attributes by which to compute every metric too, comma-separated; a*b crosses two")
	f.Float64Var(&o.level, "level", harness.DefaultLevel, "level of the intervals; 0 for none")
	f.IntVar(&o.bootstrap, "bootstrap", 0, "bootstrap replicates, shared by all models, for metrics without a closed form (about 1000; default none)")
	f.IntVar(&o.workers, "workers", 0, "tables evaluated at a time (default: one per CPU); the results do not depend on it")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be done and do nothing")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print a line for every table")
}

func newRun(s *streams) *cobra.Command {
	o := runOptions{out: "abstain-out"}
	c := &cobra.Command{
		Use:   "run [CORPUS...]",
		Short: "Evaluate every prediction table of a corpus",
		Long: `run evaluates every prediction table of the corpora and leaves in the folder
  results.csv    one row per model, dataset, split, condition and confidence function
  models.csv     what is known about each model
  notes.csv      why a value is undefined, and whatever else a value has to say
  run.json       how the numbers were made; failures with their reasons
  outcomes/      a few numbers per sample, from which metrics can be added later
  journal.jsonl  what is done already
With --groups also groups.csv, every metric by group, and disparities.csv, each
metric's difference, ratio and worst group. A group is a column of the tables,
"label" for the true class, or several joined by *: sex,race,sex*race,sex*label.

A table that cannot be evaluated becomes a row with status "failed"; the rest
goes on. The same command again computes only what is missing: a table whose
content, metrics and metric versions are the same is not read again. The files
describe the corpora of the last command; what was computed for others is kept.
Without a CORPUS run computes what is missing from the outcomes in the folder,
so that a metric or an interval can be added when the predictions are gone.

Every value has a 95 % interval (columns ID.lo and ID.hi): Wilson for shares,
influence values (DeLong for the AUROC) for means and areas, exact binomial
bounds for operating points; --bootstrap adds those of the other metrics, --level
0 leaves intervals out.

Confidence functions: msp, margin, entropy, max-logit, energy, gini from class
vectors; score:NAME for a column of that name, score:* for all of them. Tables
with only a prediction and a confidence have one, called stored, which is
evaluated whatever is asked.
` + exitCodes,
		Example: `  abstain run predictions --out study
  abstain run predictions --out study --metrics accuracy,auroc,aurc,ece@15 --confidence msp,entropy
  abstain run adult --out adult-study --groups sex,race
  abstain run --out study --metrics sac@0.95,aurc   # more metrics, without the predictions`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			corpora, err := open(args)
			if err != nil {
				return err
			}
			return o.run(c.Context(), s, corpora)
		},
	}
	o.addFlags(c)
	return c
}

// open opens the corpora named on the command line.
func open(paths []string) ([]*datasets.Corpus, error) {
	var corpora []*datasets.Corpus
	for _, p := range paths {
		c, err := datasets.Open(p)
		if err != nil {
			return nil, err
		}
		corpora = append(corpora, c)
	}
	return corpora, nil
}

func (o *runOptions) config(corpora []*datasets.Corpus) harness.Config {
	return harness.Config{Corpora: corpora, Out: o.out, Metrics: list(o.metrics), Confidences: list(o.confidences),
		Groups: list(o.groups), Workers: o.workers, Version: version,
		Intervals: harness.Intervals{Level: o.level, Replicates: o.bootstrap, Seed: 1}}
}

func (o *runOptions) run(ctx context.Context, s *streams, corpora []*datasets.Corpus) error {
	if o.dryRun {
		return o.plan(ctx, s, corpora)
	}
	results, err := o.evaluate(ctx, s, corpora)
	if results == nil {
		return err
	}
	by := headMetric(results)
	b := newHead(s, results, by)
	if b != nil {
		printHead(s, *b, 10)
	}
	fmt.Fprintf(s.out, "results       %s\n", filepath.Join(o.out, "results.csv"))
	if b != nil {
		fmt.Fprintf(s.out, "full ranking  abstain rank %s --by %s\nfigures, PDF  abstain report %s\n", o.out, by, o.out)
	}
	return err
}

// evaluate runs the harness and sums up on stderr. Failed tables give an error
// beside the results.
func (o *runOptions) evaluate(ctx context.Context, s *streams, corpora []*datasets.Corpus) (*harness.Results, error) {
	p := newProgress(s, o.verbose)
	cfg := o.config(corpora)
	cfg.Progress = p
	results, err := harness.Run(ctx, cfg)
	p.finish()
	if results == nil {
		return nil, err
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return results, internal(err)
	}
	for _, n := range results.Run.Notices {
		fmt.Fprintln(s.err, "note:", n)
	}
	n := results.Run.Counts
	fmt.Fprintf(s.err, "%s: %d computed, %d cached, %d failed; %.1f s\n", plural(n.Tables, "table"), n.Computed, n.Cached, n.Failed, results.Run.Seconds)
	p.unsaid(results.Failures)
	if len(results.Failures) > 0 {
		return results, &exitError{exitTables, fmt.Sprintf("%d of %d tables failed; the reasons are in %s/run.json", len(results.Failures), n.Tables, o.out)}
	}
	return results, err
}

func (o *runOptions) plan(ctx context.Context, s *streams, corpora []*datasets.Corpus) error {
	plan, err := harness.Plan(ctx, o.config(corpora))
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, p := range plan {
		if p.Err != nil {
			p.Step = "fails"
			fmt.Fprintf(s.err, "fails: %v\n", p.Err)
		}
		count[p.Step]++
		fmt.Fprintf(s.out, "%-13s %s\n", p.Step, p.Table.Name)
	}
	fmt.Fprintf(s.err, "%s: %d to read, %d from outcomes, %d cached, %d fail\n",
		plural(len(plan), "table"), count["read"], count["from outcomes"], count["cached"], count["fails"])
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// headMetric is the metric by which a run's closing leaderboard is ranked: AURC
// if it was asked for, else the first that has a better end.
func headMetric(r *harness.Results) string {
	first := ""
	for _, id := range r.Metrics {
		m, _, err := metrics.Parse(id)
		if err != nil {
			continue
		}
		if m.ID == "aurc" {
			return id
		}
		if first == "" && m.Better != metrics.None {
			first = id
		}
	}
	return first
}

// newHead is the board whose first lines close a run, nil if there is nothing to
// rank.
func newHead(s *streams, r *harness.Results, by string) *study.Board {
	evaluated := slices.ContainsFunc(r.Rows, func(row harness.Row) bool { return row.Status == "ok" })
	if by == "" || !evaluated {
		return nil
	}
	b, err := study.NewBoard(r, study.Selection{}, by, 0)
	if err != nil {
		fmt.Fprintln(s.err, "note: no leaderboard:", err)
		return nil
	}
	return b
}

// printHead prints the first lines of the leaderboard.
func printHead(s *streams, b study.Board, top int) {
	b.Cut(top)
	b.Entries = slices.Clone(b.Entries)
	b.KeepBeside(headColumns)
	b.PointsBeside()
	reports.Board(s.out, &b, "text")
	fmt.Fprintln(s.out)
}

// headColumns are shown beside the ranking metric where a terminal line has to do.
var headColumns = []string{"accuracy", "auroc", "aurc", "sac@0.99", "ece@15"}
