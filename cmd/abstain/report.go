package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets/demo"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports"
	"abstain/reports/answers"

	"github.com/spf13/cobra"
)

type reportOptions struct {
	selectOptions
	by, metrics, models, font, out, formats string
	study                                   bool
	replicates                              int
}

func newReport(s *streams) *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Draw the figures and write report.html and report.pdf",
		Long: `report renders a run's folder: figures/ as SVG, PNG and PDF, and report.html and
report.pdf. Both begin with the answer: how many models may be the best, what
training, transforms, shift and the choice of metric change (the questions of
abstain study), then the leaderboard, figures, the definition of every metric
used, provenance, and the failures. The same folder gives the same bytes.

report.html is one file that opens from disk, offline: its leaderboard sorts,
filters and ranks anew inside the filter, shows any metric of the run, and saves
what is shown as CSV or JSON.

The curves of the models named by --models are drawn; without it, those at the
places 0, 10, 25, 50, 75 and 90 % of the ranking.
` + exitCodes,
		Example: `  abstain report study
  abstain report study --by sac@0.99 --models resnet50,vit_l16 --condition pgd-eps4`,
		Args: folderThen(0, 0),
		RunE: func(c *cobra.Command, args []string) error {
			sel, err := o.parse()
			if err != nil {
				return err
			}
			results, err := readRun(args[0])
			if err != nil {
				return err
			}
			by, err := rankedBy(o.by, results)
			if err != nil {
				return err
			}
			b, err := board.New(results, board.Options{Selection: sel, By: by})
			if err != nil {
				return err
			}
			if err := b.ResolveRanks(results, board.Simultaneous, ranks.Options{Seed: rankSeed}); err != nil {
				return err
			}
			d, err := o.gather(s, results, b)
			if err != nil {
				return err
			}
			if o.study {
				if wall := replicating(results, sel, o.replicates); wall > patience && !c.Flags().Changed("bootstrap") {
					fmt.Fprintf(s.err, "note: the study's intervals over new samples are left out, since they would take about %v; --bootstrap %d makes them\n", wall, o.replicates)
					o.replicates = 0
				}
				so := study.Options{Selection: sel, Replicates: o.replicates, Seed: evaluate.DefaultSeed, Models: list(o.models), Board: b}
				d.Study, err = study.Run(c.Context(), results, so)
				if _, ok := errors.AsType[study.NoneAboveChanceError](err); ok {
					fmt.Fprintln(s.err, "note: without a study:", err)
				} else if err != nil {
					return err
				}
			}
			return o.render(s, d)
		},
	}
	o.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.by, "by", "", "metric id to rank by (default: aurc, or the run's first)")
	f.StringVar(&o.metrics, "metrics", "", "metric ids beside it in the leaderboard (default: a few; 'all' for all)")
	f.StringVar(&o.models, "models", "", "models whose curves are drawn, comma-separated (default: spread over the ranking)")
	f.BoolVar(&o.study, "study", true, "answer the questions of abstain study as well")
	f.IntVar(&o.replicates, "bootstrap", studyReplicates, "bootstrap replicates of the study over samples; 0 for none")
	f.StringVar(&o.out, "out", "", "folder to write into (default: DIR)")
	f.StringVar(&o.font, "font", "", "TrueType file for names in scripts that the built-in fonts lack")
	f.StringVar(&o.formats, "figures", "svg,png,pdf", "figure formats, comma-separated; json is the data drawn")
	return c
}

// pageColumns are shown beside the ranking metric where a sheet of paper has to do.
func pageColumns() []metrics.Measure { return metrics.MeasuresIn(metrics.InPage) }

// gather makes the document of a board with every metric of the run, and finds what may be
// the best by each of those that it shows first.
func (o *reportOptions) gather(s *streams, results *results.Results, b *board.Board) (reports.Document, error) {
	d, err := o.document(s, results, b)
	if err != nil {
		return d, err
	}
	return d, b.ResolveBeside(results, answers.Columns(b), ranks.Options{Seed: rankSeed})
}

// render writes figures, PDF and page and says where they are.
func (o *reportOptions) render(s *streams, d reports.Document) error {
	first, err := o.beside(headColumns())
	if err != nil {
		return err
	}
	few, err := o.beside(pageColumns())
	if err != nil {
		return err
	}
	d.Columns = first
	out := cmp.Or(o.out, d.Results.Dir)
	if err := os.MkdirAll(filepath.Join(out, "figures"), 0o755); err != nil {
		return err
	}
	page := filepath.Join(out, "report.html")
	size, err := write(page, d, reports.HTML)
	if err != nil {
		return err
	}
	if few != nil {
		d.Board.KeepBeside(few) // paper cannot unfold the others
	}
	paths, skipped, err := reports.WriteFigures(filepath.Join(out, "figures"), d, list(o.formats)...)
	if err != nil {
		return err
	}
	for _, reason := range skipped {
		fmt.Fprintln(s.err, "note:", reason)
	}
	paper := filepath.Join(out, "report.pdf")
	if _, err := write(paper, d, reports.PDF); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "figures       %s (%d files)\nreport        %s\npage          %s (%.1f MB)\n",
		filepath.Join(out, "figures"), len(paths), paper, page, float64(size)/1e6)
	return nil
}

// write writes a report to a file and returns its size.
func write(path string, d reports.Document, as func(io.Writer, reports.Document) error) (int, error) {
	var b bytes.Buffer
	if err := as(&b, d); err != nil {
		return 0, err
	}
	return b.Len(), internal(os.WriteFile(path, b.Bytes(), 0o644))
}

// beside are the metrics shown beside the ranking one: those asked for, or else
// these few; nil is all of them.
func (o *reportOptions) beside(few []metrics.Measure) ([]metrics.Measure, error) {
	switch o.metrics {
	case "all":
		return nil, nil
	case "":
		return few, nil
	}
	return metrics.ParseMeasures(list(o.metrics)...)
}

// document gathers what the reports show, with every metric of the run.
func (o *reportOptions) document(s *streams, results *results.Results, b *board.Board) (reports.Document, error) {
	curves, err := o.curves(s, results, b)
	if err != nil {
		return reports.Document{}, err
	}
	d := reports.Document{Board: b, Curves: curves, Results: results, Version: version, Command: command(results.Run)}
	if o.font != "" {
		d.Font, err = os.ReadFile(o.font)
	}
	return d, err
}

// command is the command line that makes the folder's numbers again. How many
// workers there were and where the folder was is left out: it changes nothing.
func command(r results.RunInfo) string {
	if r.Corpora == nil {
		return ""
	}
	parts := []string{"abstain", "run"}
	for _, c := range r.Corpora {
		parts = append(parts, c.Name)
	}
	confidences, transforms := harness.DefaultConfidences, []string(nil)
	if len(parts) == 3 && parts[2] == demo.Name {
		parts = []string{"abstain", "demo"}
		confidences, transforms = list(demoConfidences), list(demoTransforms)
	}
	if !slices.Equal(r.Metrics, metrics.DefaultIDs()) {
		parts = append(parts, "--metrics", strings.Join(r.Metrics, ","))
	}
	if !slices.Equal(r.Confidences, confidences) {
		parts = append(parts, "--confidence", strings.Join(r.Confidences, ","))
	}
	parts = append(parts, transformFlags(r.Transforms, transforms)...)
	if r.Groups != nil {
		parts = append(parts, "--groups", strings.Join(r.Groups, ","))
	}
	parts = append(parts, intervalFlags(r.Intervals)...)
	return strings.Join(parts, " ")
}

// transformFlags are the flags that ask for these transforms, as far as they are
// not the default ones.
func transformFlags(t posthoc.Transforms, ids []string) []string {
	var flags []string
	if !slices.Equal(t.IDs, ids) {
		flags = append(flags, "--transform", strings.Join(t.IDs, ","))
	}
	add := func(differs bool, name string, value any) {
		if differs {
			flags = append(flags, "--"+name, fmt.Sprint(value))
		}
	}
	add(t.FitSplit != "" && t.FitSplit != posthoc.DefaultFitSplit, "fit-split", t.FitSplit)
	add(t.Holdout > 0, "holdout", t.Holdout)
	add(t.Folds > 0, "folds", t.Folds)
	add(t.Seed > 1, "fit-seed", t.Seed)
	return flags
}

// intervalFlags are the flags that ask for these intervals, as far as they are not
// the default.
func intervalFlags(i evaluate.Intervals) []string {
	if i.Level == 0 {
		return []string{"--level", "0"}
	}
	var flags []string
	add := func(differs bool, name string, value any) {
		if differs {
			flags = append(flags, "--"+name, fmt.Sprint(value))
		}
	}
	add(i.Level != evaluate.DefaultLevel, "level", i.Level)
	add(i.Method != "" && i.Method != evaluate.ByInfluence, "intervals", i.Method)
	add(i.Replicates != evaluate.DefaultReplicates || i.Every, "bootstrap", i.Replicates)
	add(i.Seed != evaluate.DefaultSeed && i.Replicates > 0, "seed", i.Seed)
	add(i.Cluster != "", "cluster", i.Cluster)
	add(i.Stratify != "", "stratify", i.Stratify)
	return flags
}

// curves loads what the figures draw. A folder of published figures has no
// outcomes: then there are no curves, and a note says so.
func (o *reportOptions) curves(s *streams, results *results.Results, b *board.Board) ([]board.Curves, error) {
	names := list(o.models)
	if names == nil {
		names = board.Exemplars(b)
	}
	var all []board.Curves
	for _, name := range names {
		row, err := b.Row(results, name)
		if err != nil {
			return nil, err
		}
		c, err := board.NewCurves(results, row)
		if err != nil && o.models == "" {
			fmt.Fprintln(s.err, "note: no curves:", err)
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, *c)
	}
	return all, nil
}
