package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"abstain/harness/training"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

// trainOptions are what train was asked.
type trainOptions struct {
	out, regimes, families, preset, reduction, group string
	models, seeds, workers                           int
	seed                                             uint64
	dryRun                                           bool
}

func newTrain(s *streams) *cobra.Command {
	o := &trainOptions{}
	c := &cobra.Command{
		Use:   "train --out CORPUS",
		Short: "Train small classifiers under the regimes of the papers, as a corpus",
		Long: `train makes a corpus: small real classifiers (softmax regression, perceptrons, a
small convolutional network), trained here under the regimes of the papers on the
embedded digits, and their predictions of clean, shifted, attacked and new rows.
abstain run and abstain study then judge them like any corpus.

Without --preset it trains a grid of families, regimes and seeds, 523 classifiers
unless --models or --seeds says otherwise. A preset is one paper's comparison, over
at least 5 seeds: distillation, gamma-net, adr, fairness. abstain ls regimes lists
the regimes, abstain ls presets the presets.

A classifier depends on --seed and its own name alone: the bytes written are the
same for any number of workers, and after an interruption the same command trains
what is missing. A classifier whose training fails is named, with the reason, in
failed.csv; the others go on.

Exit codes: 0 done, 1 the folder cannot be written, 2 usage, 3 some classifiers
failed, 130 interrupted (what was done is kept).`,
		Example: `  abstain train --out digits --models 60
  abstain train --preset gamma-net --out gamma-net
  abstain train --regimes label-smoothing,mixup --families mlp-64 --seeds 3 --out mine`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := o.config(c)
			if err != nil {
				return err
			}
			if o.dryRun {
				return o.plan(s, cfg)
			}
			return o.train(c.Context(), s, cfg)
		},
	}
	f := c.Flags()
	f.StringVar(&o.out, "out", "", "folder of the corpus")
	f.StringVar(&o.preset, "preset", "", "one paper's comparison: distillation, gamma-net, adr, fairness")
	f.StringVar(&o.regimes, "regimes", "", "regimes, separated by commas (default: all that the data allow)")
	f.StringVar(&o.families, "families", "", "families of networks, separated by commas (default: all)")
	f.IntVar(&o.models, "models", 0, "number of classifiers (default 523 without --seeds and --preset)")
	f.IntVar(&o.seeds, "seeds", 0, "number of each classifier")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the data and of all networks")
	f.StringVar(&o.reduction, "reduction", "mean", "of the look-ahead of meta regimes: mean or sum over a batch")
	f.StringVar(&o.group, "group", "", "group column of fairness constraints (default: the only one)")
	f.IntVar(&o.workers, "workers", 0, "classifiers trained at a time (default: one per CPU)")
	f.BoolVar(&o.dryRun, "dry-run", false, "list the classifiers and train none")
	return c
}

// config is the training that was asked for.
func (o *trainOptions) config(c *cobra.Command) (training.Config, error) {
	if o.out == "" && !o.dryRun {
		return training.Config{}, errors.New("--out is missing: the folder that the corpus is written to")
	}
	if o.reduction != "mean" && o.reduction != "sum" {
		return training.Config{}, fmt.Errorf("--reduction %q: it is mean or sum", o.reduction)
	}
	cfg, err := training.Grid(o.seed)
	if o.preset != "" {
		var p training.Preset
		if p, err = training.PresetByID(o.preset); err == nil {
			cfg, err = p.Config(o.seed)
		}
	}
	if err != nil {
		return cfg, err
	}
	flags := c.Flags()
	if flags.Changed("regimes") {
		cfg.Regimes = list(o.regimes)
	}
	if flags.Changed("families") {
		cfg.Families = list(o.families)
	}
	if flags.Changed("models") || flags.Changed("seeds") {
		cfg.Models, cfg.Seeds = o.models, o.seeds
	}
	cfg.Sum, cfg.Group, cfg.Out, cfg.Workers, cfg.Version = o.reduction == "sum", o.group, o.out, o.workers, version
	return cfg, nil
}

// plan lists the classifiers.
func (o *trainOptions) plan(s *streams, cfg training.Config) error {
	models, err := training.Plan(cfg)
	if err != nil {
		return err
	}
	for _, m := range models {
		fmt.Fprintf(s.out, "%-42s %-10s %-24s %s\n", m.Name, m.Family.ID, m.Regime.ID, m.Base)
	}
	fmt.Fprintf(s.err, "%s, %s; nothing was trained\n", words.Plural(len(models), "classifier"), words.Plural(training.Tables(cfg, models), "table"))
	return nil
}

func (o *trainOptions) train(ctx context.Context, s *streams, cfg training.Config) error {
	models, err := training.Plan(cfg)
	if err != nil {
		return err
	}
	p, began := newTrainProgress(s, len(models)), time.Now()
	trained, err := training.Train(ctx, cfg, p.tell)
	p.finish()
	if err != nil {
		return err
	}
	failed, cached := 0, 0
	for _, t := range trained {
		switch {
		case t.Err != nil:
			failed++
		case t.Cached:
			cached++
		}
	}
	fmt.Fprintf(s.err, "%s: %d trained, %d there before, %d failed; %.1f s\n", words.Plural(len(trained), "classifier"),
		len(trained)-failed-cached, cached, failed, time.Since(began).Seconds())
	fmt.Fprintf(s.out, "corpus    %s\njudge it  abstain run %s --out %s --transform none,temperature\n", filepath.Join(o.out, "manifest.csv"), o.out, o.out+"-run")
	if failed > 0 {
		return &exitError{exitTables, fmt.Sprintf("%s failed: see %s", words.Plural(failed, "classifier"), filepath.Join(o.out, "failed.csv"))}
	}
	return nil
}
