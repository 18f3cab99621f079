package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets/demo"
	"abstain/harness"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports"

	"github.com/spf13/cobra"
)

type reportOptions struct {
	selectOptions
	by, metrics, models, font, out, formats string
}

func newReport(s *streams) *cobra.Command {
	var o reportOptions
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Draw the figures and write report.pdf",
		Long: `report renders a run's folder: figures/ as SVG, PNG and PDF with their data as
JSON, and report.pdf with provenance, leaderboard, figures, the definition of
every metric used, and the failures. The same folder gives the same bytes.

The curves of the models named by --models are drawn; without it, those at the
places 0, 10, 25, 50, 75 and 90 % of the ranking.
` + exitCodes,
		Example: `  abstain report study
  abstain report study --by sac@0.99 --models resnet50,vit_l16 --condition pgd-eps4`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			sel, err := o.parse()
			if err != nil {
				return err
			}
			results, err := harness.ReadResults(args[0])
			if err != nil {
				return err
			}
			return o.render(s, results, sel)
		},
	}
	o.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.by, "by", "", "metric id to rank by (default: aurc, or the run's first)")
	f.StringVar(&o.metrics, "metrics", "", "metric ids beside it in the leaderboard (default: those that fit a page; 'all' for all)")
	f.StringVar(&o.models, "models", "", "models whose curves are drawn, comma-separated (default: spread over the ranking)")
	f.StringVar(&o.out, "out", "", "folder to write into (default: DIR)")
	f.StringVar(&o.font, "font", "", "TrueType file for names in scripts that the built-in fonts lack")
	f.StringVar(&o.formats, "figures", "svg,png,pdf", "figure formats, comma-separated")
	return c
}

// pageColumns are shown beside the ranking metric where a page has to do.
var pageColumns = []string{"accuracy", "nll", "brier", "auroc", "aurc", "eaurc", "augrc", "sac@0.99", "coverage-at-risk@0.05", "ece@15", "overconfidence"}

// render writes figures and PDF and says where they are.
func (o *reportOptions) render(s *streams, results *harness.Results, sel study.Selection) error {
	by := cmp.Or(o.by, headMetric(results))
	b, err := study.NewBoard(results, sel, by, 0)
	if err != nil {
		return err
	}
	switch o.metrics {
	case "all":
	case "":
		b.KeepBeside(pageColumns)
	default:
		b.KeepBeside(list(o.metrics))
	}
	curves, err := o.curves(s, results, b)
	if err != nil {
		return err
	}
	d := reports.Document{Board: b, Curves: curves, Results: results, Version: version, Command: command(results.Run)}
	if o.font != "" {
		if d.Font, err = os.ReadFile(o.font); err != nil {
			return err
		}
	}
	out := cmp.Or(o.out, results.Dir)
	if err := os.MkdirAll(filepath.Join(out, "figures"), 0o755); err != nil {
		return err
	}
	paths, skipped, err := reports.WriteFigures(filepath.Join(out, "figures"), d, list(o.formats)...)
	if err != nil {
		return err
	}
	for _, reason := range skipped {
		fmt.Fprintln(s.err, "note:", reason)
	}
	var pdf bytes.Buffer
	if err := reports.PDF(&pdf, d); err != nil {
		return err
	}
	path := filepath.Join(out, "report.pdf")
	if err := os.WriteFile(path, pdf.Bytes(), 0o644); err != nil {
		return internal(err)
	}
	fmt.Fprintf(s.out, "figures       %s (%d files)\nreport        %s\n", filepath.Join(out, "figures"), len(paths), path)
	return nil
}

// command is the command line that makes the folder's numbers again. How many
// workers there were and where the folder was is left out: it changes nothing.
func command(r harness.RunInfo) string {
	if r.Corpora == nil {
		return ""
	}
	parts := []string{"abstain", "run"}
	for _, c := range r.Corpora {
		parts = append(parts, c.Name)
	}
	if len(parts) == 3 && parts[2] == demo.Name {
		parts = []string{"abstain", "demo"}
	}
	if !slices.Equal(r.Metrics, metrics.Default) {
		parts = append(parts, "--metrics", strings.Join(r.Metrics, ","))
	}
	if !slices.Equal(r.Confidences, harness.DefaultConfidences) {
		parts = append(parts, "--confidence", strings.Join(r.Confidences, ","))
	}
	if r.Groups != nil {
		parts = append(parts, "--groups", strings.Join(r.Groups, ","))
	}
	return strings.Join(parts, " ")
}

// curves loads what the figures draw. A folder of published figures has no
// outcomes: then there are no curves, and a note says so.
func (o *reportOptions) curves(s *streams, results *harness.Results, b *study.Board) ([]study.Curves, error) {
	names := list(o.models)
	if names == nil {
		names = study.Exemplars(b)
	}
	var all []study.Curves
	for _, name := range names {
		row, err := b.Row(results, name)
		if err != nil {
			return nil, err
		}
		c, err := study.NewCurves(results, row)
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
