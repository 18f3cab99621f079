package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"abstain/datasets"
	"abstain/harness/bench"
	"abstain/reports/figure"

	"github.com/spf13/cobra"
)

type benchOptions struct {
	out     string
	shape   bench.Shape
	workers int
	grow    bool
	figures string
}

func newBench(s *streams) *cobra.Command {
	o := benchOptions{out: "abstain-bench"}
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure the pipeline on a synthetic corpus, stage by stage",
		Long: `bench writes a synthetic corpus into a folder (kept, so that a second bench of
the same shape only measures), runs the pipeline on it and prints for each stage
bytes, seconds, GB/s and how many times the time of a plain read of the same
files it took. The default shape is ImageNet's: 50 000 samples of 1000 classes,
200 MB a model. --classes 0 makes score-only tables. The whole run is one with all
default metrics and without intervals; beside it stands the most memory that the
program held, mapped files left out.

--grow times whole runs over corpora of growing size instead, along the number of
models, of samples and of classes, and removes them again.
` + exitCodes,
		Example: `  abstain bench --models 5
  abstain bench --models 523 --classes 0 --out scores
  abstain bench --grow`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context(), s) },
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", o.out, "folder for the synthetic corpus")
	f.IntVar(&o.shape.Models, "models", 5, "number of models")
	f.IntVar(&o.shape.Samples, "samples", 50000, "samples per model")
	f.IntVar(&o.shape.Classes, "classes", 1000, "classes; 0 for score-only tables")
	f.BoolVar(&o.grow, "grow", false, "time whole runs over corpora of growing size")
	f.StringVar(&o.figures, "figures", "", "folder for the figure of --grow (default: none is drawn)")
	f.IntVar(&o.workers, "workers", 0, "workers of the whole run (default: one per CPU)")
	return c
}

func (o *benchOptions) run(ctx context.Context, s *streams) error {
	if o.grow {
		return o.growth(ctx, s)
	}
	sh := o.shape
	if sh.Models < 1 || sh.Samples < 1 || sh.Classes < 0 || sh.Classes == 1 {
		return fmt.Errorf("bench wants at least 1 model, 1 sample, and 0 or at least 2 classes")
	}
	fmt.Fprintf(s.err, "synthetic corpus of %d models x %d samples x %d classes, %.2f GB, in %s\n",
		sh.Models, sh.Samples, sh.Classes, float64(sh.Bytes())/1e9, o.out)
	if err := bench.Generate(ctx, o.out, sh); err != nil {
		return internal(err)
	}
	corpus, err := datasets.Open(o.out)
	if err != nil {
		return err
	}
	if len(corpus.Tables) != sh.Models {
		return fmt.Errorf("%s holds %d tables: give a corpus of another shape a folder of its own", o.out, len(corpus.Tables))
	}
	stages, err := bench.Stages(ctx, corpus, o.workers)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "stage\tGB\tseconds\tGB/s\tx plain read\tper model\twhat")
	for _, st := range stages {
		fmt.Fprintf(t, "%s\t%.2f\t%.3f\t%.2f\t%.2f\t%.1f ms\t%s\n", st.Name, float64(st.Bytes)/1e9, st.Seconds, st.Rate()/1e9,
			st.Seconds/stages[0].Seconds, 1e3*st.Seconds/float64(sh.Models), about(st))
	}
	return t.Flush()
}

func about(s bench.Stage) string {
	if s.Memory == 0 {
		return s.About
	}
	return fmt.Sprintf("%s; %d MB of memory", s.About, s.Memory>>20)
}

func (o *benchOptions) growth(ctx context.Context, s *streams) error {
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "grows\tmodels\tsamples\tclasses\tGB\tseconds\tper model\tper sample\tGB/s\tmemory")
	costs, err := bench.Growth(ctx, o.out, o.workers, func(c bench.Cost) {
		gb := float64(c.Bytes()) / 1e9
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%.3f\t%.3f\t%.2f ms\t%.0f ns\t%.2f\t%d MB\n", c.Axis, c.Models, c.Samples, c.Classes, gb, c.Seconds,
			1e3*c.Seconds/float64(c.Models), 1e9*c.Seconds/float64(c.Models*c.Samples), gb/c.Seconds, c.Memory>>20)
		fmt.Fprintf(s.err, "%d models x %d samples x %d classes: %.3f s\n", c.Models, c.Samples, c.Classes, c.Seconds)
	})
	if err != nil {
		return internal(err)
	}
	if o.figures != "" {
		if err := drawGrowth(o.figures, costs); err != nil {
			return internal(err)
		}
	}
	return t.Flush()
}

// drawGrowth draws the seconds of a run against each size that grows, both on
// logarithmic axes.
func drawGrowth(dir string, costs []bench.Cost) error {
	size := map[string]func(bench.Cost) int{
		"models":  func(c bench.Cost) int { return c.Models },
		"samples": func(c bench.Cost) int { return c.Samples },
		"classes": func(c bench.Cost) int { return c.Classes },
	}
	lines := figure.Lines{X: figure.Axis{Label: "how many", Log: true}}
	panel := figure.LinePanel{Y: figure.Axis{Label: "seconds of a run", Log: true}}
	var base bench.Cost
	for _, axis := range []string{"models", "samples", "classes"} {
		line := figure.Line{Name: axis}
		for _, c := range costs {
			if n := size[axis](c); c.Axis == axis && n > 0 {
				line.X, line.Y = append(line.X, float64(n)), append(line.Y, figure.Number(c.Seconds))
			}
		}
		panel.Lines = append(panel.Lines, line)
	}
	for _, c := range costs {
		if c.Axis == "models" && c.Models == 10 {
			base = c
		}
	}
	lines.Panels = []figure.LinePanel{panel}
	drawn, err := lines.Figures(figure.Text{Name: "cost", Title: "Cost of a run",
		Caption: fmt.Sprintf("Wall time of a whole run, files in the page cache, while one size grows from %d models of %d samples and %d classes.",
			base.Models, base.Samples, base.Classes)})
	if err != nil {
		return err
	}
	_, err = figure.Write(dir, drawn, "svg", "json")
	return err
}
