package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"abstain/datasets"
	"abstain/harness/training"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

// trainOptions are what train was asked.
type trainOptions struct {
	out, regimes, families, preset, reduction, group, features string
	teacher, teacherModel                                      string
	models, seeds, workers                                     int
	seed                                                       uint64
	dryRun, images, frozen                                     bool
	as                                                         readingOptions
}

func newTrain(s *streams) *cobra.Command {
	o := &trainOptions{}
	c := &cobra.Command{
		Use:   "train [FEATURES...] --out CORPUS",
		Short: "Train small classifiers under the regimes of the papers, as a corpus",
		Long: `train makes a corpus: small real classifiers (softmax regression, perceptrons, a
small convolutional network), trained here under the regimes of the papers on the
embedded digits, and their predictions of clean, shifted, attacked and new rows.
abstain run and abstain study then judge them like any corpus.

FEATURES are tables, in any format that run reads, with a list column or array
"features" (the activations before your network's last layer), labels 0..C-1, and if
you like ids and group columns, of splits train, val, test and, for regimes that
learn from them, meta. Last layers are then trained on them, 5 seeds. Conditions of
split test other than clean become shifted rows, condition ood new classes. Features
are shifted and scaled to mean 0 and deviation 1 over the training rows, unless
--images says that rows are square images of values within 0 and 1, which can be
attacked.

Distillation learns from a network that is trained here first, or from a model of
yours: --teacher is a table or corpus with its logits or probabilities of the
training rows, joined on sample_id.

Without FEATURES and --preset it trains a grid of families, regimes and seeds, 523
classifiers unless --models or --seeds says otherwise. A preset is one paper's
comparison over 5 seeds: distillation, gamma-net, adr, fairness. Preset last-layer
compares what a new last layer can mend. abstain ls regimes lists the regimes,
abstain ls presets the presets.

A classifier depends on --seed and its own name alone: the bytes written are the
same for any number of workers, and after an interruption the same command trains
what is missing. A classifier whose training fails is named, with the reason, in
failed.csv; the others go on.

Exit codes: 0 done, 1 the folder cannot be written, 2 usage, 3 some classifiers
failed, 130 interrupted (what was done is kept).`,
		Example: `  abstain train --out digits --models 60
  abstain train --preset gamma-net --out gamma-net
  abstain train features --preset last-layer --group sex --out heads
  abstain train features --regimes distillation --teacher big.npz --out taught
  abstain train --regimes label-smoothing,mixup --families mlp-64 --seeds 3 --out mine`,
		RunE: func(c *cobra.Command, args []string) error {
			if o.frozen {
				return o.freeze(c.Context(), s, args)
			}
			cfg, err := o.config(c, s, args)
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
	f.StringVar(&o.preset, "preset", "", "one paper's comparison: distillation, gamma-net, adr, fairness; or last-layer")
	f.StringVar(&o.regimes, "regimes", "", "regimes, separated by commas (default: all that the data allow)")
	f.StringVar(&o.families, "families", "", "families of networks, separated by commas (default: all)")
	f.IntVar(&o.models, "models", 0, "number of classifiers (default 523 without --seeds and --preset)")
	f.IntVar(&o.seeds, "seeds", 0, "number of each classifier")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the data and of all networks")
	f.StringVar(&o.features, "features", "features", "column or array that holds the features")
	f.BoolVar(&o.images, "images", false, "FEATURES are square images of values within 0 and 1")
	o.as.addFlags(c)
	f.StringVar(&o.reduction, "reduction", "", "of the look-ahead of meta regimes: mean or sum over a batch (default mean; sum in preset gamma-net)")
	f.StringVar(&o.teacher, "teacher", "", "table or corpus of a model of yours that distillation learns from: its logits of the training rows")
	f.StringVar(&o.teacherModel, "teacher-model", "", "which model of --teacher (default: the only one)")
	f.StringVar(&o.group, "group", "", "group column of fairness constraints (default: the only one)")
	f.IntVar(&o.workers, "workers", 0, "classifiers trained at a time (default: one per CPU)")
	f.BoolVar(&o.frozen, "frozen", false, "train one network on the embedded digits with a planted group, and write its features, as an example of FEATURES")
	f.BoolVar(&o.dryRun, "dry-run", false, "list the classifiers and train none")
	return c
}

// config is the training that was asked for.
func (o *trainOptions) config(c *cobra.Command, s *streams, args []string) (training.Config, error) {
	if o.out == "" && !o.dryRun {
		return training.Config{}, errors.New("--out is missing: the folder that the corpus is written to")
	}
	if o.reduction != "" && o.reduction != "mean" && o.reduction != "sum" {
		return training.Config{}, fmt.Errorf("--reduction %q: it is mean or sum", o.reduction)
	}
	cfg, err := o.start(c.Context(), s, args)
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
	if o.reduction != "" {
		cfg.Sum = o.reduction == "sum"
	}
	if cfg.Teacher, err = o.taught(c.Context(), cfg.Data); err != nil {
		return cfg, err
	}
	cfg.Group, cfg.Out, cfg.Workers, cfg.Version = o.group, o.out, o.workers, version
	return cfg, nil
}

// start is the training before flags change it: of a preset, of the embedded grid, or of stored features.
func (o *trainOptions) start(ctx context.Context, s *streams, args []string) (training.Config, error) {
	var preset training.Preset
	var err error
	if o.preset != "" {
		if preset, err = training.PresetByID(o.preset); err != nil {
			return training.Config{}, err
		}
	}
	switch {
	case len(args) == 0 && o.preset != "":
		return preset.Config(o.seed)
	case len(args) == 0:
		return training.Grid(o.seed)
	}
	as, err := o.as.reading()
	if err != nil {
		return training.Config{}, err
	}
	corpora, err := datasets.OpenAll(args, training.AsFeatures(o.features, as))
	if err != nil {
		return training.Config{}, err
	}
	data, notes, err := training.Features{Corpora: corpora, Images: o.images}.Load(ctx)
	if err != nil {
		return training.Config{}, err
	}
	for _, n := range notes {
		fmt.Fprintln(s.err, "note:", n)
	}
	if o.preset != "" {
		return preset.On(data, o.seed, o.group)
	}
	return training.OnFeatures(data, o.seed), nil
}

// taught is the teacher that was asked for; nil for none.
func (o *trainOptions) taught(ctx context.Context, d *training.Data) (*training.Teacher, error) {
	switch {
	case o.teacher == "" && o.teacherModel != "":
		return nil, errors.New("--teacher-model says which model of --teacher, which is missing")
	case o.teacher == "":
		return nil, nil
	}
	corpora, err := datasets.OpenAll([]string{o.teacher}, datasets.Reading{})
	if err != nil {
		return nil, fmt.Errorf("teacher: %w", err)
	}
	return training.LoadTeacher(ctx, corpora, o.teacherModel, d)
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
	if cfg.Regimes == nil && cfg.Models == 0 {
		for _, n := range cfg.Lacking() {
			fmt.Fprintln(s.err, "note:", n)
		}
	}
	p, began := newTrainProgress(s, len(models)), time.Now()
	trained, err := training.Train(ctx, cfg, p.tell)
	p.finish()
	p.rest()
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
	fmt.Fprintf(s.out, "corpus    %s\njudge it  abstain run %s --out %[2]s-run %[3]s\n          abstain study %[2]s-run\n", filepath.Join(o.out, "manifest.csv"), o.out, o.flags(cfg))
	if failed > 0 {
		return &exitError{code: exitTables, message: fmt.Sprintf("%s failed: see %s", words.Plural(failed, "classifier"), filepath.Join(o.out, "failed.csv"))}
	}
	return nil
}

// flags are those with which run computes what the trained models are compared by.
func (o *trainOptions) flags(cfg training.Config) string {
	flags := "--transform none,temperature"
	if p, err := training.PresetByID(cfg.Preset); err == nil {
		flags = p.Run
	}
	var groups []string
	for _, g := range cfg.Data.Test.Groups {
		groups = append(groups, g.Name)
	}
	if groups != nil {
		flags += " --groups " + strings.Join(groups, ",")
	}
	return strings.TrimSpace(flags)
}

// freeze writes the features of one network.
func (o *trainOptions) freeze(ctx context.Context, s *streams, args []string) error {
	switch {
	case len(args) > 0:
		return errors.New("--frozen writes features of a network trained on the embedded digits: name no FEATURES")
	case o.out == "":
		return errors.New("--out is missing: the folder that the features are written to")
	}
	if err := training.Freeze(ctx, o.out, o.seed); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "features  %s\ntry it    abstain train %s --preset last-layer --out heads\n", o.out, o.out)
	return nil
}
