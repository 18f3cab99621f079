package main

import (
	"context"
	"fmt"
	"path/filepath"

	"abstain/datasets"
	"abstain/datasets/demo"
	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics/ranks"
	"abstain/reports"

	"github.com/spf13/cobra"
)

// What demo evaluates unless told.
const (
	demoConfidences = "msp,entropy,max-logit"
	demoTransforms  = "none,temperature"
)

func newDemo(s *streams) *cobra.Command {
	o := runOptions{out: "abstain-demo", transforms: demoTransforms, confidences: demoConfidences}
	c := &cobra.Command{
		Use:   "demo",
		Short: "Evaluate the embedded corpus of 523 real classifiers",
		Long: `demo runs everything on the corpus that comes with abstain: 523 real classifiers
of Fashion-MNIST (8 classes), 68 of them also under shift, attack and on classes
they never saw, and all after temperature scaling too. It leaves results, figures,
report.html (the leaderboard to sort and filter in a browser) and report.pdf in one
folder; both have the answers of a study across the models, whose data are in
study/ and whose first page is printed. The same command again evaluates nothing anew.
` + exitCodes,
		Example: `  abstain demo
  abstain demo --out /tmp/demo --workers 1
  abstain rank abstain-demo --by sac@0.99 --where family=cnn --top 10`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.parse(); err != nil {
				return err
			}
			corpus, err := demo.Corpus()
			if err != nil {
				return internal(err)
			}
			if o.dryRun {
				return o.plan(c.Context(), s, []*datasets.Corpus{corpus})
			}
			results, failed := o.evaluate(c.Context(), s, []*datasets.Corpus{corpus})
			if results == nil || results.Run.Interrupted {
				return failed
			}
			by := headMetric(results)
			b := newHead(s, results, by)
			if b == nil {
				return failed
			}
			if err := b.ResolveRanks(results, board.Simultaneous, ranks.Options{Seed: rankSeed}); err != nil {
				return internal(err)
			}
			printHead(s, *b, 10, o.verbose)
			r, err := o.story(c.Context(), s, results)
			if err != nil {
				return err
			}
			if err := (&reportOptions{formats: "svg,png,pdf", report: r}).render(s, results, b); err != nil {
				return err
			}
			fmt.Fprintf(s.out, "results       %s\nfull ranking  abstain rank %s --by %s\none model     abstain show %s %s\n\n",
				filepath.Join(o.out, "results.csv"), o.out, by.Name(), o.out, b.Entries[0].Model)
			return failed
		},
	}
	o.addFlags(c)
	return c
}

// story studies the run as abstain study does, keeps the data and prints the first page.
func (o *runOptions) story(ctx context.Context, s *streams, results *results.Results) (*study.Report, error) {
	r, err := study.Run(ctx, results, study.Options{Level: o.intervals.Level, Replicates: o.intervals.Replicates, Seed: o.intervals.Seed, Top: 10})
	if err != nil {
		return nil, err
	}
	if _, err := reports.WriteStudy(studyFolder(o.out), r); err != nil {
		return nil, err
	}
	return r, reports.Study(s.out, r, true)
}
