package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/harness/evaluate"
	"abstain/harness/gate"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports"
	"abstain/reports/figure"

	"github.com/spf13/cobra"
)

type compareOptions struct {
	selectOptions
	gateOptions
	metrics, format, out string
	figures              string
	level                float64
	bootstrap            int
	seed                 uint64
	across, by, over     string
}

func newCompare(s *streams) *cobra.Command {
	var o compareOptions
	c := &cobra.Command{
		Use:   "compare DIR MODEL MODEL...",
		Short: "Say in what one model is proven better than another",
		Long: `compare sets models against the first one named, the reference, on the samples
that all of them answer: by each metric the difference with its interval and
p-value, the ranges of coverage in which one has the smaller selective risk, and
a conclusion in words. "better" and "worse" go by the metric's own direction, so
nobody has to think about the sign. Metrics that the run was not asked for are
computed from its outcomes.

Differences are paired: accuracy by McNemar's exact test with Tango's interval,
the AUROC by moderated t, metrics with a closed form of their sampling error by
influence values, the others by bootstrap replicates that all models share. What
the run drew in clusters or strata is drawn so here.
P-values are adjusted by Holm over all metrics and models, so fewer --metrics
prove more. Coverage ranges come from a simultaneous band (studentised max-t over
coverages and models, by the same replicates).

A model may be named as MODEL:CONFIDENCE or MODEL@TRANSFORM, to compare confidence
functions or transforms of one model. A folder without predictions, such as
published figures, gives the values side by side, and nothing is tested.

With --across condition (or dataset) the models named, or all that pass --where,
are compared by one metric over the conditions of a dataset (or over datasets),
each of which counts as one observation: Friedman's test, Wilcoxon's signed-rank
test of each pair with Holm, mean ranks with Nemenyi's critical difference, and
the matrix of wins, ties and losses; 25 models at most. Splits other than val take
part. Models and conditions with missing values are left out, and named.
` + gateHelp + `
Here 'aurc > 0.05' judges the models after the reference. 'aurc worse' fails where
a model is proven worse than the reference with all tests taken together ('not
worse', 'better' and 'not better' likewise), and 'difference(aurc) > 0.01' where the
whole interval of its difference lies above 0.01, 'difference(aurc).hi > 0.01' where
it is not proven to be worse by at most 0.01.
` + exitCodes,
		Example: `  abstain compare study resnet50 vit_l16
  abstain compare study old new --metrics aurc,auroc --fail-if 'aurc worse'
  abstain compare study resnet50:msp resnet50:entropy resnet50:margin
  abstain compare study --across condition --by aurc --where family=resnet`,
		Args: folderThen(0, mostModels),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args[0], args[1:]) },
	}
	o.selectOptions.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.metrics, "metrics", "", "metric ids to compare by, comma-separated; +id adds to the default, 'all' takes all of the folder (default: those of the folder among "+strings.Join(compared(), ", ")+")")
	f.Float64Var(&o.level, "level", evaluate.DefaultLevel, "level of the intervals, and of all verdicts together")
	f.IntVar(&o.bootstrap, "bootstrap", evaluate.DefaultReplicates, "bootstrap replicates, shared by all models")
	f.Uint64Var(&o.seed, "seed", evaluate.DefaultSeed, "seed of the replicates")
	f.StringVar(&o.format, "format", "text", strings.Join(reports.Formats(), "|"))
	f.StringVar(&o.out, "out", "", "folder to write the comparison into, as csv and json, and its figures")
	f.StringVar(&o.figures, "figures", "svg,png,pdf", "formats of the figures, comma-separated; json is the data drawn")
	f.StringVar(&o.across, "across", "", "compare over conditions or datasets: condition|dataset")
	f.StringVar(&o.by, "by", "", "metric id for --across (default: aurc, or the run's first)")
	f.StringVar(&o.over, "over", "", "the conditions or datasets for --across, comma-separated (default: all)")
	o.gateOptions.addFlags(c, "aurc worse")
	return c
}

func (o *compareOptions) run(s *streams, dir string, models []string) error {
	if err := errors.Join(oneOf("format", o.format, reports.Formats()), o.gateOptions.parse(), o.together(dir, models)); err != nil {
		return err
	}
	sel, err := o.selectOptions.parse()
	if err != nil {
		return err
	}
	results, err := readRun(dir)
	if err != nil {
		return err
	}
	if o.across != "" {
		return o.runAcross(s, results, sel, models)
	}
	measures, also, err := o.measures(results)
	if err != nil {
		return err
	}
	c, err := compare.Models(results, sel, models, compare.Options{Metrics: measures, Also: append(also, o.gateOptions.measures()...),
		Level: o.level, Replicates: o.bootstrap, Seed: o.seed})
	if err != nil {
		return err
	}
	breaches, notes, err := gate.OnComparison(c, o.gates)
	if err != nil {
		return err
	}
	t := reports.Comparison{Comparison: c, Version: version, Command: o.command(models)}
	if err := t.Write(s.out, o.format); err != nil {
		return err
	}
	if o.out == "" {
		return s.enforce(breaches, notes)
	}
	if err := errors.Join(o.keep(s, "comparison", t.Write), o.write(s, "comparison-ranges.csv", t.WriteRanges)); err != nil {
		return err
	}
	figures, skipped := figure.Comparison(c)
	if err := o.draw(s, figures, skipped); err != nil {
		return err
	}
	return s.enforce(breaches, notes)
}

// together refuses flags that do not go with each other.
func (o *compareOptions) together(dir string, models []string) error {
	switch {
	case o.across == "" && len(models) < 2:
		return fmt.Errorf("compare: name the reference and one model or more to set against it; %s; --across condition compares many", modelsOf(dir))
	case o.across == "" && (o.by != "" || o.over != ""):
		return fmt.Errorf("compare: --by and --over go with --across")
	case o.across == "" && len(o.where) > 0:
		return fmt.Errorf("compare: --where goes with --across; without it the models are named")
	case o.across != "" && (o.metrics != "" || len(o.texts) > 0):
		return fmt.Errorf("compare: --metrics and --fail-if do not go with --across, which compares by one metric (--by)")
	}
	return nil
}

// measures are the metrics asked for; none means the default, to which those with a +
// are added.
func (o *compareOptions) measures(r *results.Results) (asked, also []metrics.Measure, err error) {
	if o.metrics == "all" {
		asked = slices.DeleteFunc(slices.Clone(r.Measures), func(m metrics.Measure) bool { return m.Metric.Better == metrics.None })
		return asked, nil, nil
	}
	for _, id := range list(o.metrics) {
		added, plus := strings.CutPrefix(id, "+")
		m, err := metrics.ParseMeasure(added)
		if err != nil {
			return nil, nil, err
		}
		if plus {
			also = append(also, m)
		} else if id != "default" {
			asked = append(asked, m)
		}
	}
	return asked, also, nil
}

func (o *compareOptions) runAcross(s *streams, results *results.Results, sel board.Selection, models []string) error {
	by, err := rankedBy(o.by, results)
	if err != nil {
		return err
	}
	o.by = by.Name()
	c, err := compare.Across(results, sel, compare.AcrossOptions{Across: o.across, By: by, Models: models, Over: list(o.over), Level: o.level})
	if err != nil {
		return err
	}
	t := reports.Across{Comparison: c, Version: version, Command: o.command(models)}
	if err := t.Write(s.out, o.format); err != nil {
		return err
	}
	if o.out == "" {
		return nil
	}
	if err := errors.Join(o.keep(s, "across", t.Write), o.write(s, "across-pairs.csv", t.WritePairs)); err != nil {
		return err
	}
	figures, skipped := figure.Across(c)
	return o.draw(s, figures, skipped)
}

// compared are the metrics of the default, which takes them at the operating points
// that the folder has.
func compared() []string {
	var ids []string
	for _, m := range metrics.MeasuresIn(metrics.InComparison) {
		ids = append(ids, m.Metric.ID)
	}
	return ids
}

// draw files figures in the folder asked for, and says what could not be drawn.
func (o *compareOptions) draw(s *streams, figures []*figure.Figure, skipped []string) error {
	for _, reason := range skipped {
		fmt.Fprintln(s.err, "note:", reason)
	}
	paths, err := figure.Write(filepath.Join(o.out, "figures"), figures, list(o.figures)...)
	for _, path := range paths {
		fmt.Fprintln(s.err, "written:", path)
	}
	return err
}

// keep writes a table into the folder asked for, as csv and json.
func (o *compareOptions) keep(s *streams, name string, as func(io.Writer, string) error) error {
	for _, format := range []string{"csv", "json"} {
		if err := o.write(s, name+"."+format, func(w io.Writer) error { return as(w, format) }); err != nil {
			return err
		}
	}
	return nil
}

// write writes a file into the folder asked for and says so.
func (o *compareOptions) write(s *streams, name string, as func(io.Writer) error) error {
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	path := filepath.Join(o.out, name)
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := errors.Join(as(f), f.Close()); err != nil {
		return internal(err)
	}
	fmt.Fprintln(s.err, "written:", path)
	return nil
}

// command is the command line, for tables that name their origin.
func (o *compareOptions) command(models []string) string {
	parts := append([]string{"abstain", "compare", "DIR"}, models...)
	if o.across != "" {
		parts = append(parts, "--across", o.across, "--by", o.by)
	}
	if o.metrics != "" {
		parts = append(parts, "--metrics", o.metrics)
	}
	return strings.Join(parts, " ")
}
