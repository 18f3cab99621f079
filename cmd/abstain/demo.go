package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"abstain/datasets"
	"abstain/datasets/demo"
	"abstain/datasets/published"
	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports"
	"abstain/reports/answers"
	"abstain/reports/words"

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
		Short: "What 523 ImageNet classifiers taught, then 523 small ones evaluated from scratch",
		Long: `demo has two parts. The first is what 523 ImageNet classifiers taught, from the
figures that the paper's authors released (embedded; source, licence and commit
are printed): the answers of a study, within seconds.

The second runs everything on the corpus that comes with abstain: stored
predictions of 523 real classifiers of Fashion-MNIST (8 classes), 68 of them also
under shift, attack and on classes they never saw, and all after temperature
scaling too. Only predictions show intervals, rank sets, curves and thresholds.

It leaves results, figures, report.html (the leaderboard to sort and filter in a
browser) and report.pdf in one folder; both reports have both parts. The data of
the study are in study/, the published figures in imagenet-523/, a folder that
rank, study and report read as well. The same command again evaluates nothing
anew.
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
			first, err := o.published(c.Context(), s)
			if err != nil && c.Context().Err() == nil {
				return err
			}
			return o.evaluated(c.Context(), s, corpus, first)
		},
	}
	o.addFlags(c)
	return c
}

// Names of the two parts of the demo.
const (
	publishedPart = "the ImageNet classifiers"
	evaluatedPart = "these small networks"
)

// published studies the embedded figures of ImageNet classifiers, prints what they say, and
// leaves them in a folder of their own below that of the run.
func (o *runOptions) published(ctx context.Context, s *streams) (*reports.Document, error) {
	source := published.ImageNet()
	dir := filepath.Join(o.out, source.Name)
	if err := source.Write(dir); err != nil {
		return nil, err
	}
	results, err := readRun(dir)
	if err != nil {
		return nil, internal(err)
	}
	b, err := board.New(results, board.Options{By: metrics.MustMeasure("auroc")})
	if err != nil {
		return nil, internal(err)
	}
	d := &reports.Document{Board: b, Results: results, Version: version, Title: source.About, Source: source.String(), Command: "abstain study " + source.Name}
	fmt.Fprintf(s.out, "1. PUBLISHED: %s\n", source.About)
	reports.Paragraph(s.out, source.Cite+"; "+source.Repository+", commit "+source.Commit+". Figures only: values without predictions, so no rank sets, curves or thresholds.")
	first := b.Entries[0]
	reports.Star(s.out, fmt.Sprintf("%s has the best measured AUROC, %s.", first.Model, words.UnitOf(b.By).Number(first.Value.Value)))
	r, err := study.Run(ctx, results, study.Options{Level: o.intervals.Level, Seed: o.intervals.Seed, Top: 10})
	if err != nil {
		return nil, err
	}
	d.Study = r
	err = reports.Sentences(s.out, d.Answers(), "accuracy", "regimes", "confidences", "metrics", "severity")
	if n := len(r.Broken); n > 0 {
		reports.Star(s.out, fmt.Sprintf("%d of %d records are not above chance and left out: %s.", n, n+r.Models, brokenNames(r)))
	}
	fmt.Fprintln(s.out)
	return d, err
}

func brokenNames(r *study.Report) string {
	var names []string
	for _, b := range r.Broken {
		names = append(names, b.Model)
	}
	return words.Shorten(names, 3)
}

// evaluated runs the corpus, prints what its predictions say, and writes the report of both
// parts.
func (o *runOptions) evaluated(ctx context.Context, s *streams, corpus *datasets.Corpus, first *reports.Document) error {
	fmt.Fprintf(s.out, "2. EVALUATED HERE: 523 small classifiers of Fashion-MNIST, stored predictions\n")
	results, failed := o.evaluate(ctx, s, []*datasets.Corpus{corpus})
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
	printHead(s, *b, demoRows, o.verbose)
	report := &reportOptions{formats: "svg,png,pdf"}
	d, err := report.gather(s, results, b)
	if err != nil {
		return err
	}
	d.Further = []reports.Document{*first}
	if d.Study, err = study.Run(ctx, results, study.Options{Level: o.intervals.Level, Replicates: o.intervals.Replicates, Seed: o.intervals.Seed, Board: b, Top: 10}); err != nil {
		return err
	}
	if _, err := reports.WriteStudy(studyFolder(o.out), d.Study); err != nil {
		return err
	}
	a := d.Answers()
	if err := reports.Sentences(s.out, a, answers.Choice, answers.Answered, "regimes", "scaling", "conditions"); err != nil {
		return err
	}
	for _, text := range answers.Opposed(a, evaluatedPart, first.Answers(), publishedPart) {
		reports.Star(s.out, text)
	}
	fmt.Fprintf(s.out, "\nresults       %s\nfull ranking  abstain rank %s --by %s\none model     abstain show %s %s\nthreshold     abstain threshold %s %s --risk 0.1\n",
		filepath.Join(o.out, "results.csv"), o.out, by.Name(), o.out, b.Entries[0].Model, o.out, b.Entries[0].Model)
	return errors.Join(report.render(s, d), failed)
}

// demoRows is how many rows the leaderboard of the demo has.
const demoRows = 6
