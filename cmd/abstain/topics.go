package main

import (
	"fmt"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/metrics"
	"abstain/metrics/spelling"
)

// topic is a page of help that belongs to no verb: at most 40 lines of 80 columns.
type topic struct {
	name, about string
	text        func() string
}

// topics are all there are, in the order of their list.
var topics []topic

func init() { // the table names functions that print it
	topics = []topic{
		{"formats", "what a prediction table is, and the files that are read", formatsPage},
		{"metrics", "names of metrics, and conventions that decide numbers", metricsPage},
		{"intervals", "how sure a value is", func() string { return intervalsPage }},
		{"ranks", "what of an order is proven", func() string { return ranksPage }},
		{"guarantees", "which promise about errors do I want?", func() string { return guaranteesPage }},
		{"files", "what a run leaves in its folder", func() string { return filesPage }},
		{"environment", "variables of the environment", func() string { return environmentPage }},
		{"exit-codes", "what the exit code says", func() string { return exitCodesPage }},
	}
}

func topicNames() []string {
	var names []string
	for _, t := range topics {
		names = append(names, t.name)
	}
	return names
}

// topicOf is the topic of a name in any spelling; nil if there is none.
func topicOf(name string) *topic {
	i := slices.IndexFunc(topics, func(t topic) bool { return spelling.Fold(t.name) == spelling.Fold(name) })
	if i < 0 {
		return nil
	}
	return &topics[i]
}

// topicList is the table of topics for help texts.
func topicList() string {
	var b strings.Builder
	for _, t := range topics {
		fmt.Fprintf(&b, "  %-12s  %s\n", t.name, t.about)
	}
	return b.String()
}

func formatsPage() string {
	var b strings.Builder
	b.WriteString(`A prediction table holds one model's answers on one split under one condition.
A corpus is a folder of tables, or one table. Files that are read:

`)
	for _, f := range datasets.Formats() {
		fmt.Fprintf(&b, "  %-14s %s\n", f.Name, strings.Join(f.Endings, " "))
	}
	b.WriteString(`
Columns, by name; usual other names (target, y_true, conf, ...) are understood
where there is one way to, and abstain check prints what was taken for what:
  sample_id               integer or text: tables of a dataset are joined on it;
                          rows without it are joined by their numbers
  label                   true class 0..C-1; -1 if it is none of the C
  logits or probs         one list of C floats a row, or columns l0.., p0..
  prediction, confidence  in place of class vectors; correct may stand for label
                          and prediction. The confidence is called stored
  score:NAME              a further confidence; higher is more trusted
  any other               a group attribute: run --groups sex,race

A manifest.csv in the folder says what each table is, in the columns file,
model, dataset, split, condition, and any metadata (family, regime, params, ...)
for --where. Without one a table's model is named by its metadata or its file.
abstain check CORPUS says what is wrong with a corpus before it is run.
`)
	return b.String()
}

func metricsPage() string {
	var b strings.Builder
	b.WriteString(`A metric is named by its id, and after @ its parameter: an operating point or a
number of bins. sac@0.99 is the coverage at a selective accuracy of 99 %, ece@15
has 15 bins. Shares are fractions. Labels as tables print them (AUROC, E-AURC)
and usual names (acc) are read too, in any letter case.

Computed where none is named:
`)
	line := " "
	for _, id := range metrics.DefaultIDs() {
		if len(line)+1+len(id) > 80 {
			fmt.Fprintln(&b, line)
			line = " "
		}
		line += " " + id
	}
	fmt.Fprintln(&b, line)
	b.WriteString(`
Conventions:
  Equal confidences form one group. Areas take the expected value over random
  order in a group; thresholds lie between groups; the order of rows is nothing.
  AUROC is that of failure prediction: right answers against wrong ones.
  SAC is the largest coverage whose accuracy is at least the one asked for.
  ECE has 15 bins of equal width, closed on the right; the first also takes 0.
  Brier is the sum over classes, NLL uses the natural logarithm.
  The prediction is the first largest entry of a class vector.
  What cannot be computed is empty, never 0; notes.csv says why.

abstain ls metrics lists all with their direction, abstain ls metrics --verbose
has definitions, sources, and how other tools differ.
`)
	return b.String()
}

const intervalsPage = `Every value of a run has an interval at 95 % (run --level), in the columns ID.lo
and ID.hi: the values compatible with these samples if they are a random draw.
Each is of one value by itself. All models answer the same samples, so that two
intervals may overlap while the difference is sure: abstain compare tests it.

run --intervals influence (the default) takes for each metric what held its
level in simulations:
  shares (accuracy, error)     Wilson
  means and areas              influence values, the change that a sample makes
  AUROC                        moderated t on the logit scale
  areas with few errors        gamma limits
  SAC, coverage, FPR           exact bounds of their thresholds
  risk at a coverage           percentiles of bootstrap replicates
run --intervals bootstrap|bca takes percentiles of replicates throughout.

What can be known depends on the rarer of errors and right answers, not on n:
with two errors no interval of an AUROC is short. Where nothing is determined
the interval is empty or the whole range, and a note says so.

Replicates (run --bootstrap 1000, --seed) are the same samples for every model.
--cluster patient_id draws samples together that depend on each other,
--stratify site draws inside the parts of a design.
`

const ranksPage = `Beside each rank stands the interval of ranks that the data allow: "= 1–5" may
be the best, or the fifth. They are confidence sets from paired differences
between models over the same samples (studentised max-t, two-sided, step-down).

  rank --ranks simultaneous   all intervals hold at once at 95 % (the default)
  rank --ranks marginal       each model's interval by itself
  rank --ranks none           values alone

= marks the tie set, the models tied with the best. On a terminal it is
in colour. Groups are connected letters: two models that share one are not
separable from each other. Rank intervals with --where are among the models
inside the filter.

  rank --against MODEL        paired difference of each model to one that was
                              named beforehand; ~ where nothing is proven
  rank --may-be-top 5         the models that may be among the 5 best
  rank --verbose              how the intervals were made, in full

With few errors or few samples nothing may be proven, and a line says so. The
order of the values is printed all the same, but is no finding.
`

const guaranteesPage = `Every promise takes labelled rows that the model was neither trained nor tuned
on, and is about new rows of the same kind: not under shift, not for single
groups unless asked for, not for the best of several models tried on one sample.

I want                             take (threshold DIR MODEL --risk R, or run)
few wrong answers of those given   threshold, --method ltt (default): with
                                   probability 1 - delta at most R of the
                                   answers are wrong (Angelopoulos et al. 2022)
the same, as in earlier papers     --method sgr: proved where risk falls with
                                   confidence (Geifman and El-Yaniv 2017)
few wrong answers of rows seen     --method rcps: with probability 1 - delta at
                                   most R of all rows are answered and wrong,
                                   not of the answers (Bates et al. 2021)
the same on average, few rows      --method crc: about half of the draws lie
                                   above R (Angelopoulos et al. 2024)
no missed positives among them     --metric false-negative-rate, any method
a threshold for each group         --groups sex: delta is of each group
a description                      --method empirical: promises nothing, broken
                                   in 53 to 99 % of draws
an answer always, as a set         run --sets lac: the set holds the class with
                                   probability 1 - alpha on average over draws
                                   (Vovk, Gammerman and Shafer 2005)
the same for each class or group   --sets lac,by=class or by=sex: larger sets
calibration without labels         run --credal cloud=A,edge=B: the set holds
                                   the cloud's distribution in 1 - eps of rows
                                   (Huang et al. 2025)

Abstain or hedge? The figure abstain-or-hedge of abstain report compares them.
How many rows? All right, n rows can promise 1 - (delta/2)^(1/n) by ltt: 0.0261
for 200 at delta 0.01. threshold says how many more would buy which coverage.
Broken by: choosing confidence, temperature or model on the rows that choose
the threshold; rounding it; >= for >; rows that repeat one another.
`

const filesPage = `abstain run leaves in its folder:

  results.csv      one row per model, dataset, split, condition, transform and
                   confidence function; a column per metric, ID.lo and ID.hi
  models.csv       metadata of each model
  notes.csv        why a value is undefined, and what else it has to say
  run.json         version, configuration, corpora with their hashes, failures
                   with their reasons
  groups.csv       every metric by group, with --groups
  disparities.csv  difference, ratio and worst group of each metric
  transforms.csv   what was fitted, with --transform
  sets.csv         what prediction sets are like, with --sets
  credal.csv       what a borrowed calibration does, with --credal
  outcomes/        a few numbers per sample, by content (abstain export)
  replicates/      values on bootstrap replicates
  journal.jsonl    what is done already: the same command does the rest only
  SHA256SUMS       digests of the tables, which whatever reads them verifies

abstain report adds report.html, report.pdf and figures/, abstain study a folder
study/. abstain export writes samples, curves and results for other programs.

CSV files have a header, commas, UTF-8 and LF; an undefined value is empty;
floats have a point or an exponent; infinities are inf and -inf. Files are
replaced as a whole. What the folder keeps has a digest: what does not match it
is computed anew.
`

const environmentPage = `  COLUMNS      columns of a line: the leaderboard leaves out what does not fit,
               and names it. Without it the width of the terminal counts; into a
               file or a pipe everything is printed
  NO_COLOR     if it is set and not empty, no colours
  TERM         dumb: no colours
  GOMAXPROCS   how many CPUs are used; --workers sets how many tables at a time.
               Numbers do not depend on it
  GOMEMLIMIT   memory, such as 4GiB, from which on the garbage collector works
               harder

abstain itself reads no other variables, and no configuration files.
`

const exitCodesPage = `  0    done
  1    internal failure, or output that was lost (a full disk, a closed pipe)
  2    usage or configuration
  3    finished, but some tables failed, or abstain check found problems
  4    a gate (--fail-if) is not met
  130  interrupted; what was done is kept, the same command goes on from there

Results go to stdout, everything else to stderr. --quiet leaves out notes and
progress. With --format json an error is one line of JSON on stderr, with the
members error, hint, exit, and reasons (a line for each gate that is not met).
`
