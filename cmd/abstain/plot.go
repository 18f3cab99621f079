package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/study"
	"abstain/metrics/ranks"
	"abstain/metrics/spelling"
	"abstain/reports"
	"abstain/reports/figure"

	"github.com/spf13/cobra"
)

func newPlot(s *streams) *cobra.Command {
	var o reportOptions
	var width string
	c := &cobra.Command{
		Use:   "plot KIND DIR",
		Short: "Draw one figure, for a column or a page of a paper",
		Long: `plot draws one figure of a run's folder, laid out for the width in which it will be
printed, so that no letter is scaled: 84mm is a column, 174mm the text of a page. It
writes the file that --out names, in the format of its ending: pdf, svg, png, or json
for the numbers drawn. The figure's sentence and its caption, which says how to read
it, are printed. abstain ls plots lists the kinds; some need a study, which takes
longer.
` + exitCodes,
		Example: `  abstain plot risk-coverage study --models resnet50,vit_l16 --width 84mm --out fig1.pdf
  abstain plot regimes study --width 174mm --out fig2.svg`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || !slices.Contains(plotNames(), args[0]) {
				return fmt.Errorf("plot wants a kind of figure: %s%s", strings.Join(plotNames(), ", "), meantKind(args))
			}
			return folderThen(0, 0)(c, args[1:])
		},
		RunE: func(c *cobra.Command, args []string) error {
			return o.plot(c.Context(), s, args[0], args[1], width)
		},
		ValidArgsFunction: plotArgs,
	}
	o.addFlags(c)
	f := c.Flags()
	f.StringVar(&width, "width", "174mm", "width in mm, cm, in or pt: 84mm is a column, 174mm a page's text")
	f.StringVar(&o.out, "out", "", "file to write, .pdf, .svg, .png or .json (default: DIR/figures/KIND.pdf)")
	f.StringVar(&o.by, "by", "", "metric id to rank by (default: aurc, or the run's first)")
	f.StringVar(&o.models, "models", "", "models whose curves are drawn, comma-separated (default: spread over the ranking)")
	f.StringVar(&o.font, "font", "", "TrueType file for names in scripts that the built-in fonts lack")
	f.IntVar(&o.replicates, "bootstrap", 0, "bootstrap replicates of a study over samples; 0 for none")
	return c
}

func plotNames() []string {
	var names []string
	for _, k := range reports.PlotKinds() {
		names = append(names, k.Name)
	}
	return names
}

func meantKind(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return spelling.Meant(args[0], plotNames())
}

func plotArgs(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return plotNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return folderArgs(c, args[1:], typed)
}

// plot draws the figure and says what it shows.
func (o *reportOptions) plot(ctx context.Context, s *streams, kind, dir, width string) error {
	w, err := reports.ParseWidth(width)
	if err != nil {
		return fmt.Errorf("--width %w", err)
	}
	out := cmp.Or(o.out, filepath.Join(dir, "figures", kind+".pdf"))
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(out)), ".")
	if !slices.Contains(figure.Formats(), format) {
		return fmt.Errorf("--out %s: want a file that ends in .%s", out, strings.Join(figure.Formats(), ", ."))
	}
	d, err := o.plotted(ctx, s, kind, dir)
	if err != nil {
		return err
	}
	f, err := reports.Plot(kind, d, w, format == "pdf" || format == "png")
	if err != nil {
		return err
	}
	b, err := f.Encode(format)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return internal(err)
	}
	if err := os.WriteFile(out, b, 0o644); err != nil {
		return internal(err)
	}
	fmt.Fprintln(s.out, f.Title)
	reports.Paragraph(s.out, f.Caption)
	fmt.Fprintf(s.out, "\n%s, %.0f x %.0f mm\n", out, millimetres(f.Width.Points()), millimetres(f.Height.Points()))
	return nil
}

// millimetres of a length in points.
func millimetres(points float64) float64 { return points / 72 * 25.4 }

// plotted is the document with what the kind of figure shows.
func (o *reportOptions) plotted(ctx context.Context, s *streams, kind, dir string) (reports.Document, error) {
	var none reports.Document
	sel, err := o.parse()
	if err != nil {
		return none, err
	}
	results, err := readRun(dir)
	if err != nil {
		return none, err
	}
	by, err := rankedBy(o.by, results)
	if err != nil {
		return none, err
	}
	b, err := board.New(results, board.Options{Selection: sel, By: by})
	if err != nil {
		return none, err
	}
	if err := b.ResolveRanks(results, board.Simultaneous, ranks.Options{Seed: rankSeed}); err != nil {
		return none, err
	}
	d, err := o.document(s, results, b)
	if err != nil {
		return none, err
	}
	if slices.ContainsFunc(reports.PlotKinds(), func(k reports.PlotKind) bool { return k.Name == kind && k.Study }) {
		so := study.Options{Selection: sel, Replicates: o.replicates, Seed: evaluate.DefaultSeed, Models: list(o.models), Board: b}
		d.Study, err = study.Run(ctx, results, so)
	}
	return d, err
}
