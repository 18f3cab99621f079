package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports"
	"abstain/reports/words"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

type runOptions struct {
	gateOptions
	as                           readingOptions
	out                          string
	metrics, confidences, groups string
	asked                        []metrics.Measure // those of the flag, or the default
	transforms                   string
	fit                          posthoc.Transforms
	credal                       credalOption
	sets                         setsOption
	workers                      int
	trustTimes                   bool
	intervals                    evaluate.Intervals
	dryRun, verbose              bool
	fromKept                     bool // no corpus is named: from the outcomes in the folder

	flags *pflag.FlagSet
}

func (o *runOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.out, "out", o.out, "folder for the results")
	f.StringVar(&o.metrics, "metrics", "", "metric ids, comma-separated; +id adds one to the default; default, all; those in the folder stay (default: those marked * by 'abstain ls metrics')")
	confidences := "confidence functions, comma-separated"
	if o.confidences == "" { // otherwise the default is said of itself
		confidences += " (default: " + strings.Join(harness.DefaultConfidences, ",") + ")"
	}
	f.StringVar(&o.confidences, "confidence", o.confidences, confidences)
	f.StringVar(&o.groups, "groups", "", "attributes by which to compute every metric too, comma-separated; a*b crosses two")
	f.StringVar(&o.transforms, "transform", o.transforms, "post-hoc transforms to evaluate too, comma-separated; see 'abstain ls transforms'")
	f.StringVar(&o.fit.FitSplit, "fit-split", "", "split whose clean table transforms are fitted on (default: "+posthoc.DefaultFitSplit+")")
	f.Float64Var(&o.fit.Holdout, "holdout", 0, "fit transforms on this share of every class of the evaluated samples instead, for example 0.1, and judge on the rest")
	f.IntVar(&o.fit.Folds, "folds", 0, "fit transforms on all folds of the evaluated samples but one instead, and judge on that one, in turn")
	f.Uint64Var(&o.fit.Seed, "fit-seed", 1, "seed of the draw of --holdout and --folds")
	o.credal.addFlag(c)
	o.sets.addFlag(c)
	i := &o.intervals
	f.StringVar(&i.Method, "intervals", evaluate.ByInfluence, "way to the intervals: "+strings.Join(evaluate.IntervalMethods, ", ")+" (see above)")
	f.Float64Var(&i.Level, "level", evaluate.DefaultLevel, "level of the intervals; 0 for none")
	f.IntVar(&i.Replicates, "bootstrap", evaluate.DefaultReplicates, "bootstrap replicates, shared by all models; 0 for none; given by name, also for metrics that are slow on them")
	f.Uint64Var(&i.Seed, "seed", evaluate.DefaultSeed, "seed of the replicates")
	f.StringVar(&i.Cluster, "cluster", "", "column whose samples depend on each other (patient_id): they are drawn together")
	f.StringVar(&i.Stratify, "stratify", "", "column, or label, inside whose values samples are drawn")
	o.flags = f
	f.IntVar(&o.workers, "workers", 0, "tables evaluated at a time (default: one per CPU); the results do not depend on it")
	f.BoolVar(&o.trustTimes, "trust-times", false, "take a table of the size and time of modification that it had for unchanged (see above)")
	f.BoolVar(&o.dryRun, "dry-run", false, "print what would be done and do nothing")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "print a line for every table, and say in full how ranks and intervals were made")
}

func newRun(s *streams) *cobra.Command {
	o := runOptions{out: "abstain-out"}
	c := &cobra.Command{
		Use:   "run [CORPUS...]",
		Short: "Evaluate every prediction table of a corpus",
		Long: `run evaluates every prediction table of the corpora and leaves in the folder
  results.csv    one row per model, dataset, split, condition, transform and confidence function
  models.csv     what is known about each model
  notes.csv      why a value is undefined, and whatever else a value has to say
  transforms.csv what was fitted, with --transform
  sets.csv       what prediction sets are like, with --sets
  credal.csv     what a borrowed calibration does, with --credal
  run.json       how the numbers were made; failures with their reasons
  outcomes/      a few numbers per sample, from which metrics can be added later (in one
                 file; abstain export makes plain tables of them)
  replicates/    bootstrap values of metrics whose intervals have no closed form
  journal.jsonl  what is done already, each line with its digest
  SHA256SUMS     digests of the tables above, for sha256sum -c and all that reads them
With --groups also groups.csv, every metric by group, and disparities.csv, each
metric's difference, ratio and worst group. A group is a column of the tables,
"label" for the true class, or several joined by *: sex,race,sex*race,sex*label.

A table that cannot be evaluated becomes a row with status "failed"; the rest
goes on. The same command again computes only what is missing: a table whose
content, metrics and metric versions are the same is not read again. The content is
the same if the file system says that nothing happened to the file, by its number
and time of change, which cp -p and rsync -t cannot set back; otherwise the file is
hashed, at the speed of the disk. Where no such time is kept (Windows) that is every
time; --trust-times takes the size and time of modification for enough. Digests in
the manifest (abstain check --write-digests) are verified.
What is kept has digests: what is damaged is computed anew. One run writes into a
folder at a time; another says who does. The files describe the corpora of the last command; what was computed for others is kept.
Without a CORPUS run computes what is missing from the outcomes in the folder,
so that a metric or an interval can be added when the predictions are gone.

A CORPUS is a folder, a file, a pattern in quotes ('runs/**/*.npz'), or - for the
standard input. Where no manifest.csv says what is what, names do: MODEL.npz;
MODEL.npy or MODEL/logits.npy beside labels.npy; val/ and test/ and names that begin
so are splits; model=M/part-0.parquet and m-00000-of-00002.parquet are parts of one
table, and none is read without the others. Whatever holds no predictions is named.

--metrics asks for metrics beside those that the folder has: these stay, behind the
ones named. '+smece' is smece behind the default ones, 'default' those alone, 'all'
every metric. Confidence functions stay unless --confidence names others, and
without a CORPUS so do groups, transforms and the way to the intervals. Files that a
run does not make any more (groups.csv without --groups) go; a report that is older
than the results says so.

Every value has a 95 % interval (columns ID.lo and ID.hi; --level). How it is made:
  --intervals influence  closed forms where simulations show that they hold their
        level: Wilson for shares, influence values (moderated t for the AUROC) for means
        and areas, gamma limits for areas of few errors, exact bounds for SAC and FPR;
        risk at a coverage takes percentiles of replicates.
  --intervals bootstrap  percentiles of replicates throughout
  --intervals bca        bias-corrected, accelerated percentiles throughout
Replicates are the same samples for every model, so that differences are paired.
Their values are kept in replicates/, from which rank builds rank intervals. A
replicate costs 3 to 8 ns a sample; those of up to 67 000 samples (at 1000) are
kept in 64 MB of memory, larger ones are drawn again for each table. --bootstrap 0
leaves replicates out: operating points then have exact binomial bounds. Metrics
that each replicate would have to evaluate anew (smECE, KDE-ECE, ...) have intervals
only where --bootstrap is given. --cluster and --stratify name a column of the
tables, the same in all tables of a dataset. Another level, seed or column
computes anew only what depends on it.

--transform evaluates the tables once more after a change that is made to them
when a model is trained already: temperature scaling and its kin, p-norms,
calibration maps (abstain ls transforms lists them). Each becomes rows of its
own, beside the rows "none" of the predictions as stored; transforms.csv says what
was fitted. Maps are fitted on the model's clean table of split val, or of
--fit-split, and serve its other tables, clean, shifted or attacked. Without such a
table --holdout 0.1 sets a tenth of the evaluated samples aside, class by class,
the same for all models (rows "none@holdout" hold the stored predictions on the
others, to compare with), and --folds 5 judges every sample by maps fitted on the
other folds. No sample is ever judged by a map that was fitted on it. Of more than
6 million values of class vectors a part is fitted on, class by class.

` + setsHelp + credalHelp + `
Confidence functions: msp, margin, entropy, max-logit, energy, gini from class
vectors; score:NAME for a column of that name, score:* for all of them. Tables
with only a prediction and a confidence have one, called stored, which is
evaluated whatever is asked.
` + gateHelp + `
The models of the closing leaderboard are judged: those of the dataset with the most
models, on its clean test split; rank judges any other selection. A gate that is not
met comes before failed tables in the exit code.
` + exitCodes,
		Example: `  abstain run predictions --out study
  abstain run predictions --out study --metrics accuracy,auroc,aurc,ece@15 --confidence msp,entropy
  abstain run predictions --out study --metrics +smece,+sac@0.95
  abstain run adult --out adult-study --groups sex,race
  abstain run predictions --out study --transform none,temperature,pnorm
  abstain run adult --out adult-study --transform temperature --holdout 0.1
  abstain run predictions --out study --sets lac,aps,raps,alpha=0.1,by=all:class
  abstain run scans --out scans-study --cluster patient_id --bootstrap 2000
  abstain run --out study --metrics sac@0.95,aurc   # more metrics, without the predictions`,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			o.fromKept = len(args) == 0
			if err := o.parse(); err != nil {
				return err
			}
			corpora, err := o.as.open(args)
			if err != nil {
				return err
			}
			return o.run(c.Context(), s, corpora)
		},
	}
	o.addFlags(c)
	o.as.addFlags(c)
	o.gateOptions.addFlags(c, "aurc > 0.05")
	o.addOnly(c)
	return c
}

// parse reads the metrics and the gates, and refuses what cannot be evaluated or
// judged before anything is done.
func (o *runOptions) parse() error {
	if err := o.credal.parse(); err != nil {
		return err
	}
	if err := o.sets.parse(o.flags); err != nil {
		return err
	}
	if err := o.gateOptions.parse(); err != nil {
		return err
	}
	asked, err := evaluate.Asked(list(o.metrics), !o.fromKept)
	if err != nil {
		return err
	}
	if o.asked, err = evaluate.Measures(asked); err != nil {
		return err
	}
	for _, g := range o.gates {
		if g.Compares() {
			return fmt.Errorf("gate '%s' asks for a reference: abstain compare has one", g)
		}
		if !slices.ContainsFunc(o.asked, g.Measure.Same) && !slices.ContainsFunc(results.ReadInfo(o.out).Metrics, func(id string) bool {
			m, err := metrics.ParseMeasure(id)
			return err == nil && m.Same(g.Measure)
		}) {
			return fmt.Errorf("gate '%s': %s is not among the metrics asked for by --metrics", g, g.Measure.Name())
		}
	}
	return nil
}

func (o *runOptions) config(corpora []*datasets.Corpus) harness.Config {
	intervals := o.intervals
	intervals.Every = o.flags.Changed("bootstrap") && intervals.Replicates > 0
	if o.fromKept && !slices.ContainsFunc(intervalFlagNames, o.flags.Changed) {
		intervals = results.ReadInfo(o.out).Intervals // a metric more has intervals as the others have
	}
	if intervals.Level == 0 {
		intervals = evaluate.Intervals{}
	}
	return harness.Config{Corpora: corpora, Out: o.out, Metrics: o.asked, Confidences: list(o.confidences),
		Groups: list(o.groups), Transforms: o.transform(), Credal: o.credal.asked, Sets: o.sets.asked, TrustTimes: o.trustTimes, Workers: o.workers, Version: version,
		Intervals: intervals}
}

// intervalFlagNames are the flags that say how intervals are made.
var intervalFlagNames = []string{"intervals", "level", "bootstrap", "seed", "cluster", "stratify"}

// transform are the transforms asked, with where they are fitted.
func (o *runOptions) transform() posthoc.Transforms {
	t := o.fit
	t.IDs = list(o.transforms)
	return t
}

func (o *runOptions) run(ctx context.Context, s *streams, corpora []*datasets.Corpus) error {
	if err := checkGroups("--groups", corpora, list(o.groups)); err != nil {
		return err
	}
	if err := checkGroups("--sets by", corpora, o.sets.attributes()); err != nil {
		return err
	}
	if o.dryRun {
		return o.plan(ctx, s, corpora)
	}
	results, err := o.evaluate(ctx, s, corpora)
	if results == nil {
		return err
	}
	tellOlder(s, results)
	by := headMetric(results)
	b := newHead(s, results, by)
	if b != nil {
		if err := resolveHead(b, results); err != nil {
			return internal(err)
		}
		printHead(s, *b, 10, o.verbose)
	}
	fmt.Fprintf(s.out, "results       %s\n", filepath.Join(o.out, "results.csv"))
	if b != nil {
		fmt.Fprintf(s.out, "full ranking  abstain rank %s --by %s\nfigures, PDF  abstain report %s\n", o.out, by.Name(), o.out)
	}
	return o.enforceGates(s, b, err)
}

// enforceGates judges the models of the closing leaderboard. How the run itself
// ended is said too, and decides the exit code if all gates are met.
func (o *runOptions) enforceGates(s *streams, b *board.Board, ended error) error {
	if len(o.gates) == 0 || errors.Is(ended, context.Canceled) {
		return ended
	}
	if b == nil {
		return cmp.Or(ended, errors.New("there is no leaderboard for --fail-if to judge"))
	}
	breaches, notes, err := o.board(b)
	if err == nil {
		err = s.enforce(breaches, notes)
	}
	if err == nil {
		return ended
	}
	if ended != nil {
		fmt.Fprintf(s.err, "abstain: %v\n", ended)
	}
	return err
}

// evaluate runs the harness and sums up on stderr. Failed tables give an error
// beside the results.
func (o *runOptions) evaluate(ctx context.Context, s *streams, corpora []*datasets.Corpus) (*results.Results, error) {
	p := newProgress(s, o.verbose)
	cfg := o.config(corpora)
	cfg.Progress = p
	results, err := harness.Run(ctx, cfg)
	p.finish()
	if results == nil {
		return nil, err
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return results, internal(err)
	}
	for _, n := range results.Run.Notices {
		fmt.Fprintln(s.err, "note:", n)
	}
	n := results.Run.Counts
	fmt.Fprintf(s.err, "%s: %d computed, %d cached, %d failed; %.1f s\n", words.Plural(n.Tables, "table"), n.Computed, n.Cached, n.Failed, results.Run.Seconds)
	p.unsaid(results.Failures)
	p.rest()
	if len(results.Failures) > 0 {
		return results, &exitError{code: exitTables, message: fmt.Sprintf("%s; the reasons are in %s/run.json", failed(results), o.out)}
	}
	return results, err
}

// tellOlder says what in the folder shows other results than those now there; the
// pages among it say so themselves from now on.
func tellOlder(s *streams, r *results.Results) {
	if len(r.Removed) > 0 {
		fmt.Fprintf(s.err, "note: removed, since it is of another corpus: %s\n", strings.Join(r.Removed, ", "))
	}
	if len(r.Older) == 0 {
		return
	}
	fmt.Fprintf(s.err, "note: older than these results: %s (abstain report %s, abstain study %s)\n", strings.Join(r.Older, ", "), r.Dir, r.Dir)
	for _, page := range []string{"report.html", filepath.Join("study", "study.html")} {
		if err := reports.MarkOlder(filepath.Join(r.Dir, page)); err != nil {
			fmt.Fprintln(s.err, "note:", err)
		}
	}
}

// failed counts the tables and the transforms that failed.
func failed(r *results.Results) string {
	transforms := 0
	for _, f := range r.Failures {
		if f.Transform != "" {
			transforms++
		}
	}
	var parts []string
	if n := r.Run.Counts; n.Failed > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d tables failed", n.Failed, n.Tables))
	}
	if transforms > 0 {
		parts = append(parts, words.Plural(transforms, "transform")+" failed")
	}
	return strings.Join(parts, ", ")
}

func (o *runOptions) plan(ctx context.Context, s *streams, corpora []*datasets.Corpus) error {
	plan, err := harness.Plan(ctx, o.config(corpora))
	if err != nil {
		return err
	}
	count := map[string]int{}
	for _, p := range plan {
		if p.Err != nil {
			p.Step = "fails"
			fmt.Fprintf(s.err, "fails: %v\n", p.Err)
		}
		count[p.Step]++
		fmt.Fprintf(s.out, "%-13s %s\n", p.Step, p.Table.Name)
	}
	fmt.Fprintf(s.err, "%s: %d to read, %d from outcomes, %d cached, %d fail\n",
		words.Plural(len(plan), "table"), count["read"], count["from outcomes"], count["cached"], count["fails"])
	return nil
}

// headMetric is the metric by which a run's closing leaderboard is ranked: AURC
// if it was asked for, else the first that has a better end; zero if there is none.
func headMetric(r *results.Results) (first metrics.Measure) {
	for _, m := range r.Measures {
		if m.Metric.ID == "aurc" {
			return m
		}
		if first.Metric.ID == "" && m.Metric.Better != metrics.None {
			first = m
		}
	}
	return first
}

// rankedBy is the metric that --by asks for, or else that of a run's closing
// leaderboard.
func rankedBy(by string, r *results.Results) (metrics.Measure, error) {
	if by == "" {
		return headMetric(r), nil
	}
	return metrics.ParseMeasure(by)
}

// newHead is the board whose first lines close a run, nil if there is nothing to
// rank.
func newHead(s *streams, r *results.Results, by metrics.Measure) *board.Board {
	evaluated := slices.ContainsFunc(r.Rows, func(row results.Row) bool { return row.Status == "ok" })
	if by.Metric.ID == "" || !evaluated {
		return nil
	}
	b, err := board.New(r, board.Options{By: by})
	if err != nil {
		fmt.Fprintln(s.err, "note: no leaderboard:", err)
		return nil
	}
	return b
}

// headNumbers is up to how many answers, models times samples, the leaderboard that
// closes a run comes with rank intervals: these take 8 bytes for each, and seconds,
// which a run of larger tables leaves to rank.
const headNumbers = 4 << 20

// resolveHead says what of the order of a run's closing leaderboard is proven, or
// that nothing was tested.
func resolveHead(b *board.Board, r *results.Results) error {
	if r.Run.Interrupted || len(b.Entries)*b.N > headNumbers {
		b.Notes = append(b.Notes, board.ValuesAlone{})
		return nil
	}
	return b.ResolveRanks(r, board.Simultaneous, ranks.Options{Seed: rankSeed})
}

// printHead prints the first lines of the leaderboard.
func printHead(s *streams, b board.Board, top int, verbose bool) {
	b.Cut(top)
	b.Entries = slices.Clone(b.Entries)
	b.KeepBeside(headColumns())
	reports.Table{Board: &b, Width: s.width, Colour: s.colour, Verbose: verbose}.Write(s.out, "text")
	fmt.Fprintln(s.out)
}

// headColumns are shown beside the ranking metric where a terminal line has to do.
func headColumns() []metrics.Measure { return metrics.MeasuresIn(metrics.InHead) }
