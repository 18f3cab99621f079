package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports"
	"abstain/reports/figure"

	"github.com/spf13/cobra"
)

type studyOptions struct {
	selectOptions
	metrics, models, groups, out, format, formats string
	study                                         study.Options
	full                                          bool
}

// studyReplicates are the bootstrap replicates of a study unless told.
const studyReplicates = 1000

func newStudy(s *streams) *cobra.Command {
	var o studyOptions
	c := &cobra.Command{
		Use:   "study DIR",
		Short: "Put the questions of the 523-classifier study to a run",
		Long: `study looks across the models of a run's folder: training regimes against their
plain twins, rank correlations between metrics and how the leaderboard changes
with the metric, coverage under a selective-accuracy constraint, transforms before
and after, teachers and students, families and size, confidence functions, shift
and attack, severity of new classes, groups of samples. Each experiment leaves its
data as CSV and JSON, and findings that carry their test, interval and n. What
cannot be computed is listed with what is missing. The first page is printed;
abstain report puts everything into its page and PDF.

DIR may be a folder that holds only results.csv and models.csv, or a long table of
published figures: a CSV file with the columns model, metric and value (and unit,
source, condition, confidence, n, classes, family, regime, base, ...).

Records that are not above chance (accuracy against 1/classes, exact binomial test
at 1 %) are listed and left out of all statistics across models, unless
--with-broken. Regimes need the metadata regime and base, students teacher,
families family, size params. Tests and intervals over models take the models of
one base as one observation, and of those without a base the models of one family
and size.
` + exitCodes,
		Example: `  abstain study study
  abstain study study --bootstrap 0 --out findings
  abstain study published.csv --classes 1000 --full`,
		Args: folderThen(0, 0),
		RunE: func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args[0]) },
	}
	o.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "folder to write into (default: DIR/study, or NAME-study for a file)")
	f.StringVar(&o.metrics, "metrics", "", "metric ids compared (default: "+strings.Join(metrics.StudyIDs(), ",")+", as far as they are known)")
	f.StringVar(&o.models, "models", "", "models whose curves are drawn, comma-separated (default: spread over the ranking)")
	f.StringVar(&o.groups, "groups", "", "columns whose groups of samples are compared, a*b for both (default: all; - for none)")
	f.Float64Var(&o.study.Level, "level", evaluate.DefaultLevel, "level of intervals and, 1 less it, of tests")
	f.IntVar(&o.study.Replicates, "bootstrap", studyReplicates, "bootstrap replicates over samples, for intervals that hold for new samples; 0 for none")
	f.Uint64Var(&o.study.Seed, "seed", 1, "seed of all draws")
	f.BoolVar(&o.study.WithBroken, "with-broken", false, "keep records that are not above chance in the statistics")
	f.IntVar(&o.study.Classes, "classes", 0, "number of classes, where DIR does not say")
	f.StringVar(&o.study.OODClass, "ood-class", "", "column that names the class of a sample out of distribution (default: ood_class, class or source)")
	f.IntVar(&o.study.Top, "top", 10, "how many of the best models are compared between metrics")
	f.BoolVar(&o.full, "full", false, "print every finding, not the first page only")
	f.StringVar(&o.formats, "figures", "svg,png,pdf,json", "figure formats, comma-separated")
	f.StringVar(&o.format, "format", "text", "text|json")
	return c
}

func (o *studyOptions) run(ctx context.Context, s *streams, dir string) error {
	if err := oneOf("format", o.format, []string{"text", "json"}); err != nil {
		return err
	}
	if o.study.Replicates < 0 || o.study.Top < 1 {
		return fmt.Errorf("--bootstrap must not be negative and --top must be at least 1")
	}
	sel, err := o.parse()
	if err != nil {
		return err
	}
	results, err := readRun(dir)
	if err != nil {
		return err
	}
	for _, n := range results.Run.Notices {
		fmt.Fprintln(s.err, "note:", n)
	}
	if o.study.Metrics, err = metrics.ParseMeasures(list(o.metrics)...); err != nil {
		return err
	}
	o.study.Selection, o.study.Models, o.study.Groups = sel, list(o.models), list(o.groups)
	o.warn(s, results)
	r, err := study.Run(ctx, results, o.study)
	if err != nil {
		return err
	}
	return o.write(s, r, cmp.Or(o.out, studyFolder(dir)))
}

// patience is how long replicates over samples may take without a word.
const patience = 30 * time.Second

// replicating is about how long the replicates of a study over samples will take. A
// replicate of all metrics costs about 15 ns a sample on one CPU.
func replicating(results *results.Results, sel board.Selection, replicates int) time.Duration {
	view, err := board.Select(results, sel)
	if err != nil || replicates == 0 {
		return 0 // what is wrong with the selection, the study says
	}
	if _, err := results.Outcomes(view.Rows[0].Key); err != nil {
		return 0 // nothing to draw from
	}
	cost := 15 * time.Nanosecond * time.Duration(view.N) * time.Duration(len(view.Rows)) * time.Duration(replicates)
	return (cost / time.Duration(runtime.GOMAXPROCS(0))).Round(10 * time.Second)
}

// warn says beforehand that replicates over samples will take a while.
func (o *studyOptions) warn(s *streams, results *results.Results) {
	if wall := replicating(results, o.study.Selection, o.study.Replicates); wall > patience {
		fmt.Fprintf(s.err, "note: %d bootstrap replicates over samples take about %v; --bootstrap 0 leaves them out\n", o.study.Replicates, wall)
	}
}

// studyFolder is where a study goes unless told: into the run's folder, or
// beside where one stands for a file.
func studyFolder(dir string) string {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return strings.TrimSuffix(filepath.Base(dir), filepath.Ext(dir)) + "-study"
	}
	return filepath.Join(dir, "study")
}

// write leaves data and figures in a folder and prints what was found.
func (o *studyOptions) write(s *streams, r *study.Report, out string) error {
	data, err := reports.WriteStudy(out, r)
	if err != nil {
		return err
	}
	if o.format == "json" {
		err = reports.StudyJSON(s.out, r)
	} else {
		err = reports.Study(s.out, r, !o.full)
	}
	if err != nil {
		return err
	}
	sections, err := reports.StudySections(r)
	if err != nil {
		return internal(err)
	}
	figures, err := figure.Write(filepath.Join(out, "figures"), reports.SectionFigures(sections), list(o.formats)...)
	if err != nil {
		return err
	}
	if o.format == "text" {
		fmt.Fprintf(s.out, "\ndata          %s (%d files)\nfigures       %s (%d files)\n", out, len(data), filepath.Join(out, "figures"), len(figures))
	}
	return nil
}
