package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"abstain/harness/posthoc"
	"abstain/harness/posthoc/conform"
	"abstain/harness/training"
	"abstain/harness/training/regime"
	"abstain/metrics"
	"abstain/metrics/spelling"
	"abstain/reports"
	"abstain/reports/figure"

	"github.com/spf13/cobra"
)

func newLs(s *streams) *cobra.Command {
	var verbose bool
	c := &cobra.Command{
		Use:   "ls metrics|confidences|transforms|regimes|presets|plots|models [DIR]",
		Short: "List metrics, confidence functions, transforms, training regimes, plots, or the models of a run",
		Long: `ls metrics lists every metric: id with its default parameter, label, direction,
unit, definition and source; * marks those that run computes when none is named.
ls confidences lists the confidence functions, ls transforms what run --transform
makes of stored predictions: what each needs, what it changes, source. ls regimes lists what
train trains under, ls presets the papers' comparisons. ls plots lists the figures that report
draws, ls models DIR the models of a run with their metadata.
` + exitCodes,
		Example: `  abstain ls metrics
  abstain ls metrics --verbose
  abstain ls models study`,
		Args: lsArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if args[0] == "models" {
				return lsModels(s.out, args[1])
			}
			return lsNamed(s.out, s.width, args[0], verbose)
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "metrics: full definitions with range, parameter, needs, source, and how other tools differ")
	return c
}

// lists are what ls lists.
var lists = []string{"metrics", "confidences", "transforms", "regimes", "presets", "plots", "models"}

// lsArgs says what could be listed.
func lsArgs(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return fmt.Errorf("ls wants one of %s", strings.Join(lists, ", "))
	case !slices.Contains(lists, args[0]):
		return fmt.Errorf("ls %s: want one of %s%s", args[0], strings.Join(lists, ", "), spelling.Meant(args[0], lists))
	case args[0] == "models" && len(args) == 1:
		return fmt.Errorf("ls models wants the folder of a run: abstain ls models DIR%s", runsBelow("."))
	case args[0] != "models" && len(args) > 1, len(args) > 2:
		return fmt.Errorf("ls %s: %q is too much", args[0], args[len(args)-1])
	}
	return nil
}

func lsNamed(w io.Writer, width int, what string, verbose bool) error {
	switch {
	case what == "metrics" && verbose:
		return reports.Definitions(w, metrics.Metrics())
	case what == "metrics":
		lsMetrics(w, width)
	case what == "confidences":
		lsConfidences(w, width)
	case what == "transforms":
		lsTransforms(w, width)
	case what == "regimes":
		lsRegimes(w, width)
	case what == "presets":
		lsPresets(w, width)
	case what == "plots":
		t := newListing(w, width)
		for _, f := range figure.Kinds() {
			fmt.Fprintf(t, "%s\t%s\n", f.Name, f.About)
		}
		t.Flush()
	default:
		panic("an argument that lsArgs refuses")
	}
	return nil
}

func lsConfidences(w io.Writer, width int) {
	t := newListing(w, width)
	for _, f := range metrics.ConfidenceFunctions() {
		if width > 0 { // one column to break, not two
			fmt.Fprintf(t, "%s\t%s (%s)\n", f.Name, f.Definition, f.Source)
			continue
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", f.Name, f.Definition, f.Source)
	}
	fmt.Fprintln(t, "stored\tthe confidence column of a table without class vectors, evaluated whatever is asked\t")
	fmt.Fprintln(t, "score:NAME\tthe column of that name, one more confidence; score:* is all of them\t")
	t.Flush()
}

func lsTransforms(w io.Writer, width int) {
	t := newListing(w, width)
	fmt.Fprintln(t, "id\tneeds\tchanges\tabout (source)")
	fmt.Fprintln(t, "none\tanything\tnothing\tpredictions as stored")
	fmt.Fprintln(t, "none@holdout\tanything\tnothing\tas stored, on those samples only that fitted transforms are judged on; comes by itself where these are fewer")
	for _, x := range posthoc.Table {
		fmt.Fprintf(t, "%s\t%v\t%v\t%s (%s)\n", x.ID, x.Input, x.Output, x.Definition, x.Source)
	}
	for _, k := range conform.Kinds {
		fmt.Fprintf(t, "%s%s\tclass vectors\ta set of classes\tby run --sets %s: %s (%s)\n", conform.Prefix, k.Score, k.Score, k.Definition, k.Source)
	}
	t.Flush()
	fmt.Fprintln(w)
	for _, line := range folded("All are fitted. What changes a confidence stands under the name of the one it replaces: msp, or stored. "+
		"run --credal adds credal-intersection, credal-average and credal-entropy, hedged with another model's calibration, with score:credal-*.", width) {
		fmt.Fprintln(w, line)
	}
}

func lsRegimes(w io.Writer, width int) {
	t := newListing(w, width)
	fmt.Fprintln(t, "id\tneeds\tabout (source)")
	for _, r := range regime.All {
		fmt.Fprintf(t, "%s\t%s\t%s (%s)\n", r.ID, r.Needs(), r.Label, r.Source)
	}
	t.Flush()
}

func lsPresets(w io.Writer, width int) {
	t := newListing(w, width)
	for _, p := range training.Presets {
		fmt.Fprintf(t, "%s\t%s\n", p.ID, p.Paper)
		fmt.Fprintf(t, "\t%d seeds of %s, compared with %s\n", p.Seeds, strings.Join(p.Families, ", "), cmp.Or(p.Reference, "vanilla"))
		fmt.Fprintf(t, "\tregimes: vanilla, %s\n", strings.Join(p.Regimes, ", "))
		fmt.Fprintf(t, "\tabstain run %s --out %[1]s-run %s\n", p.ID, p.Flags())
	}
	t.Flush()
}

// roomForMetrics is the least width for one line per metric.
const roomForMetrics = 150

func lsMetrics(w io.Writer, width int) {
	t := newListing(w, width)
	narrow := width > 0 && width < roomForMetrics
	if !narrow {
		fmt.Fprintln(t, "id\tlabel\tbetter\tunit\tabout")
	}
	ids := metrics.IDs()
	for i, m := range metrics.Metrics() {
		mark := ""
		if m.In(metrics.InDefault) {
			mark = " *"
		}
		about, _, _ := strings.Cut(m.Definition, ". ")
		about = strings.TrimSuffix(about, ".")
		if narrow {
			direction := ""
			if m.Better != metrics.None {
				direction = ", " + better(m.Better) + " is better"
			}
			fmt.Fprintf(t, "%s%s: %s%s, %s\n    %s\n", ids[i], mark, m.Label, direction, m.Unit, strings.Join(filled(about, width-4), "\n    "))
			continue
		}
		fmt.Fprintf(t, "%s%s\t%s\t%s\t%s\t%s\n", ids[i], mark, m.Label, better(m.Better), m.Unit, about)
	}
	t.Flush()
}

func lsModels(w io.Writer, dir string) error {
	r, err := readRun(dir)
	if err != nil {
		return err
	}
	var keys []string
	for _, m := range r.Models {
		for _, p := range m.Meta {
			if p.Value != "" && !slices.Contains(keys, p.Key) {
				keys = append(keys, p.Key)
			}
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(append([]string{"model", "dataset"}, keys...), "\t"))
	for _, m := range r.Models {
		fields := []string{m.Model, m.Dataset}
		for _, k := range keys {
			fields = append(fields, m.Meta.Get(k))
		}
		fmt.Fprintln(t, strings.Join(fields, "\t"))
	}
	return t.Flush()
}
