// Command simulate prints how often the intervals of the package hold the truth, how
// often its paired tests find a difference where there is none, and how often boards of
// equal models prove an order: a row for each number of errors, over many worlds.
//
//	go run ./metrics/resample/testdata/simulate -what intervals -metrics auroc,aurc -n 100
//
// It uses nothing but what the package exports, so that it can be copied beside an
// earlier state of it.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"

	"abstain/metrics"
	"abstain/metrics/resample"
)

var (
	what    = flag.String("what", "intervals", "intervals, ood, pairs, boards, families, power or calibration")
	ids     = flag.String("metrics", "auroc,aupr-success,aupr-error,fpr@0.95,aurc,eaurc,naurc,augrc,sac@0.99,coverage-at-risk@0.05,risk@0.8", "metrics")
	n       = flag.Int("n", 100, "samples")
	counts  = flag.String("errors", "1,2,3,5,8,12,20,30,50", "errors, or samples out of distribution")
	rounds  = flag.Int("rounds", 1000, "simulations for each world")
	drawn   = flag.Int("random", 0, "1: numbers of errors are binomial around those of -errors")
	b       = flag.Int("b", 0, "replicates, for metrics without a closed form")
	verbose = flag.Bool("v", false, "a row for each world")
	second  = flag.Int("second", 0, "errors of the second model of a pair; 0: as many as the first")
	large   = flag.Int("large", 1_000_000, "samples of a table whose values are taken for the truth")
	models  = flag.Int("models", 6, "models of a board")
)

func main() {
	flag.Parse()
	run := map[string]func() error{"intervals": intervals, "ood": intervals, "pairs": pairs, "boards": boards, "calibration": calibrations, "families": differencesAtOnce, "power": powers}[*what]
	if run == nil {
		fmt.Fprintln(os.Stderr, "simulate: unknown -what", *what)
		os.Exit(2)
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func numbers() []int {
	var list []int
	for _, s := range strings.Split(*counts, ",") {
		m, _ := strconv.Atoi(s)
		list = append(list, m)
	}
	return list
}

// tally counts over worlds.
type tally struct {
	name           string
	held, of       int
	width          float64
	none           int
	least, highest float64
	leastIn        string
	sum            float64
	worlds         int
}

func (t *tally) add(lo, hi, truth float64) {
	switch {
	case math.IsNaN(lo) || math.IsNaN(hi):
		t.none++
		return
	case lo-1e-12 <= truth && truth <= hi+1e-12:
		t.held++
	}
	t.of++
	t.width += hi - lo
}

func (t *tally) share() float64 { return float64(t.held) / float64(t.of) }

// row prints the worlds of one metric and number of errors: mean and least coverage.
func row(what string, m int, worlds []tally) {
	mean, least, where, width, none, with := 0., 2., "", 0., 0, 0
	for _, t := range worlds {
		none += t.none
		if t.of == 0 {
			continue
		}
		with++
		mean += t.share()
		width += t.width / float64(t.of)
		if t.share() < least {
			least, where = t.share(), t.name
		}
		if *verbose {
			fmt.Printf("    %-28s %.3f  width %.4f  none %d\n", t.name, t.share(), t.width/float64(t.of), t.none)
		}
	}
	k := float64(with)
	fmt.Printf("%-24s n %4d  m %3d  mean %.3f  least %.3f  width %.4f  none %4d  (%s)\n", what, *n, m, mean/k, least, width/k, none, where)
}

func intervals() error {
	ms, err := metrics.ParseMeasures(strings.Split(*ids, ",")...)
	if err != nil {
		return err
	}
	var draws *resample.Replicates
	if *b > 0 {
		draws = resample.Draw(resample.Independent(*n), 1, *b)
	}
	for _, m := range numbers() {
		all := make([][]tally, len(ms))
		for k, w := range worlds() {
			rng := rand.New(rand.NewPCG(uint64(k), uint64(1000*m+*n)))
			found := w.coverage(rng, ms, m, draws)
			for i := range ms {
				found[i].name = w.name
				all[i] = append(all[i], found[i])
			}
		}
		for i := range ms {
			row(ms[i].ID(), m, all[i])
		}
	}
	return nil
}

func (w world) coverage(rng *rand.Rand, ms []metrics.Measure, m int, draws *resample.Replicates) []tally {
	found, truth := make([]tally, len(ms)), make([]float64, len(ms))
	large := w.truth(float64(m) / float64(*n))
	for i := range ms {
		truth[i] = ms[i].Of(large).Value
		if *what == "ood" {
			truth[i] = metrics.Measure{Metric: auroc()}.Of(large).Value
		}
	}
	for range *rounds {
		errors := m
		if *drawn > 0 {
			errors = binomial(rng, *n, float64(m)/float64(*n))
		}
		r := w.one(rng, errors)
		for i, e := range resample.Intervals(r, ms, resample.Options{Replicates: draws}) {
			if e.Defined() {
				found[i].add(e.Lo, e.Hi, truth[i])
			}
		}
	}
	return found
}

func (w world) one(rng *rand.Rand, m int) *metrics.Ranked {
	if *what == "ood" {
		return w.outside(rng, *n, m)
	}
	return w.sample(rng, *n, m)
}

func auroc() metrics.Metric {
	m, _ := metrics.Lookup("auroc")
	return m
}
