package main

import (
	"errors"
	"fmt"
	"strings"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports"

	"github.com/spf13/cobra"
)

// rankSeed is that of the draws behind rank intervals: the same everywhere, so
// that rank, report and demo show the same ones.
const rankSeed = 1

type rankOptions struct {
	selectOptions
	gateOptions
	by, format, beside, ranks, against string
	top, mayBeTop                      int
	letters, verbose                   bool
}

func newRank(s *streams) *cobra.Command {
	var o rankOptions
	c := &cobra.Command{
		Use:   "rank DIR",
		Short: "Rank the models of a run by a metric",
		Long: `rank prints the leaderboard of a run's folder: the models of one dataset, split
and condition, best first by the metric's own direction. Equal values share a
rank. A metric that the run was not asked for is computed from its outcomes.

Beside each rank stands the interval of ranks that the data allow, from paired
differences over the same samples (confidence sets for ranks after Mogstad,
Romano, Shaikh and Wilhelm 2024), and = marks the models not separable from the
best. The joint error of the values comes from influence values where the metric
has a closed form, else from the replicates that the run kept, or from replicates
made now. Groups are connected letters: two models that share one are not
separable. Below the table stand n and, with --verbose, test, level, correction,
replicates and how the intervals were made. A terminal, or COLUMNS, limits the
width: columns that do not fit are named below.

--against pins a model: beside each other one stands its paired difference to it
with an interval, and ~ where nothing is proven. --may-be-top 5 lists the models
that may be among the 5 best. With --where the models inside the filter are
ranked anew, with rank intervals of their own, and their rank among all is kept
beside.

json is an array of rows with model, value, lo, hi, n, rank, rank_lo, rank_hi, tie
(tied with the best), groups, and where asked for against (better, worse,
~, reference), difference, difference_lo, difference_hi, may_be_top.
` + gateHelp + `
All models inside the filter are judged, also those that --top leaves out.
` + exitCodes,
		Example: `  abstain rank study --by aurc --top 20
  abstain rank study --by sac@0.99 --where regime=distilled --format md
  abstain rank study --by auroc --against resnet50 --may-be-top 5
  abstain rank study --by ece --condition pgd-eps4 --format csv > ece.csv
  abstain rank study --fail-if 'aurc > 0.05' --fail-if 'sac@0.99 < 0.3' --fail-for resnet50`,
		Args: folderThen(0, 0),
		RunE: func(_ *cobra.Command, args []string) error { return o.run(s, args[0]) },
	}
	o.selectOptions.addFlags(c)
	f := c.Flags()
	f.StringVar(&o.by, "by", "", "metric id to rank by (default: aurc, or the run's first)")
	f.IntVar(&o.top, "top", 0, "print only the best N (default: all)")
	f.StringVar(&o.beside, "metrics", "", "metric ids shown beside, +id to add one (default: a few in text, all in csv and json; 'all' for all)")
	f.StringVar(&o.ranks, "ranks", board.Simultaneous, "rank intervals: simultaneous (the whole board at once), marginal (one model by itself) or none")
	f.StringVar(&o.against, "against", "", "model to set every other against: paired differences with intervals")
	f.IntVar(&o.mayBeTop, "may-be-top", 0, "say which models may be among the best N")
	f.BoolVar(&o.letters, "letters", false, "show the groups of inseparable models however many there are (csv and json always do)")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "say in full below the table how ranks and intervals were made")
	f.StringVar(&o.format, "format", "text", strings.Join(reports.Formats(), "|"))
	o.gateOptions.addFlags(c, "aurc > 0.05")
	o.addOnly(c)
	return c
}

func (o *rankOptions) run(s *streams, dir string) error {
	if err := oneOf("format", o.format, reports.Formats()); err != nil {
		return err
	}
	if o.top < 0 {
		return fmt.Errorf("--top %d: want the number of models to print, or 0 for all", o.top)
	}
	if err := o.gateOptions.parse(); err != nil {
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
	by, err := rankedBy(o.by, results)
	if err != nil {
		return err
	}
	beside, err := metrics.ParseMeasures(o.named()...)
	if err != nil {
		return err
	}
	b, err := board.New(results, board.Options{Selection: sel, By: by, Also: append(o.gateOptions.measures(), beside...)})
	if err != nil {
		return err
	}
	breaches, notes, err := o.board(b)
	if err != nil {
		return err
	}
	if o.ranks != "none" {
		if err := b.ResolveRanks(results, o.ranks, ranks.Options{Seed: rankSeed}); err != nil {
			return err
		}
	}
	if err := o.compare(b); err != nil {
		return err
	}
	o.keepBeside(b, beside)
	if o.ranks != "none" && (o.format == "md" || o.format == "tex") { // which set what may be the best in bold
		if err := b.ResolveBeside(results, b.Beside, ranks.Options{Seed: rankSeed}); err != nil {
			return err
		}
	}
	b.Cut(o.top)
	t := reports.Table{Board: b, Version: version, Command: "abstain rank --by " + by.Name(), Letters: o.letters,
		Width: s.width, Colour: s.colour, Verbose: o.verbose}
	if err := t.Write(s.out, o.format); err != nil {
		return err
	}
	return s.enforce(breaches, notes)
}

// named are the ids that --metrics names, without a + before them.
func (o *rankOptions) named() []string {
	if o.beside == "all" {
		return nil
	}
	var ids []string
	for _, id := range list(o.beside) {
		ids = append(ids, strings.TrimPrefix(id, "+"))
	}
	return ids
}

// keepBeside keeps the metrics named beside the ranking one, or else, and also where
// they are added with a +, a few for people and all for machines.
func (o *rankOptions) keepBeside(b *board.Board, named []metrics.Measure) {
	added := strings.Contains(o.beside, "+") || o.beside == ""
	switch {
	case o.beside == "all", added && (o.format == "csv" || o.format == "json"):
	case added:
		b.KeepBeside(append(headColumns(), named...))
	default:
		b.KeepBeside(named)
	}
}

// compare pins the reference and marks those that may be the best.
func (o *rankOptions) compare(b *board.Board) error {
	if o.ranks == "none" && (o.against != "" || o.mayBeTop != 0 || o.letters) {
		return errors.New("--against, --may-be-top and --letters rest on rank intervals: leave out --ranks none")
	}
	if o.against != "" {
		if err := b.Pin(o.against); err != nil {
			return err
		}
	}
	if o.mayBeTop != 0 {
		return b.MarkTop(o.mayBeTop)
	}
	return nil
}
