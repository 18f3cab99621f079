package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/harness/training"
	"abstain/harness/training/regime"
	"abstain/metrics"
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
		Args:      cobra.RangeArgs(1, 2),
		ValidArgs: []string{"metrics", "confidences", "transforms", "regimes", "presets", "plots", "models"},
		RunE: func(_ *cobra.Command, args []string) error {
			if args[0] == "models" && len(args) == 2 {
				return lsModels(s.out, args[1])
			}
			if len(args) == 2 || args[0] == "models" {
				return fmt.Errorf("ls models wants a run's folder, the others none")
			}
			return lsNamed(s.out, args[0], verbose)
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "metrics: full definitions with range, parameter, needs, source, and how other tools differ")
	return c
}

func lsNamed(w io.Writer, what string, verbose bool) error {
	switch {
	case what == "metrics" && verbose:
		return reports.Definitions(w, metrics.Metrics())
	case what == "metrics":
		lsMetrics(w)
	case what == "confidences":
		lsConfidences(w)
	case what == "transforms":
		lsTransforms(w)
	case what == "regimes":
		lsRegimes(w)
	case what == "presets":
		lsPresets(w)
	case what == "plots":
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, f := range figure.Kinds() {
			fmt.Fprintf(t, "%s\t%s\n", f.Name, f.About)
		}
		t.Flush()
	default:
		return fmt.Errorf("ls %s: want metrics, confidences, transforms, regimes, presets, plots or models", what)
	}
	return nil
}

func lsConfidences(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, f := range metrics.ConfidenceFunctions() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", f.Name, f.Definition, f.Source)
	}
	fmt.Fprintln(t, "stored\tthe confidence column of a table without class vectors, evaluated whatever is asked\t")
	fmt.Fprintln(t, "score:NAME\tthe column of that name, one more confidence; score:* is all of them\t")
	t.Flush()
}

func lsTransforms(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\tneeds\tchanges\tabout (source)")
	fmt.Fprintln(t, "none\tanything\tnothing\tpredictions as stored")
	fmt.Fprintln(t, "none@holdout\tanything\tnothing\tas stored, on those samples only that fitted transforms are judged on; comes by itself where these are fewer")
	for _, x := range posthoc.Table {
		fmt.Fprintf(t, "%s\t%v\t%v\t%s (%s)\n", x.ID, x.Input, x.Output, x.Definition, x.Source)
	}
	t.Flush()
	fmt.Fprintln(w, "\nAll are fitted. What changes a confidence stands under the name of the one it replaces: msp, or stored.")
}

func lsRegimes(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\tlabel\tneeds\tsource")
	for _, r := range regime.All {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", r.ID, r.Label, r.Needs(), r.Source)
	}
	t.Flush()
}

func lsPresets(w io.Writer) {
	for i, p := range training.Presets {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s\n  %d seeds of %s, compared with %s\n", p.ID, p.Paper, p.Seeds, strings.Join(p.Families, ", "), cmp.Or(p.Reference, "vanilla"))
		fmt.Fprintf(w, "  regimes  vanilla, %s\n  judge    abstain run %s --out %[2]s-run %s\n", strings.Join(p.Regimes, ", "), p.ID, p.Run)
	}
}

func lsMetrics(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\tlabel\tbetter\tunit\tabout")
	ids := metrics.IDs()
	for i, m := range metrics.Metrics() {
		mark := ""
		if m.In(metrics.InDefault) {
			mark = " *"
		}
		about, _, _ := strings.Cut(m.Definition, ". ")
		fmt.Fprintf(t, "%s%s\t%s\t%s\t%s\t%s\n", ids[i], mark, m.Label, better(m.Better), m.Unit, strings.TrimSuffix(about, "."))
	}
	t.Flush()
}

func lsModels(w io.Writer, dir string) error {
	r, err := results.Read(dir)
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
