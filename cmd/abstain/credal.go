package main

import (
	"abstain/harness/posthoc/hedge"

	"github.com/spf13/cobra"
)

const credalHelp = `
--credal borrows the calibration of a better model (the cloud) for others (the edges),
with no labels for these: conformalised credal inference (Huang et al. 2025). All
distributions within a divergence of the edge's own make a set; how wide it has to be
to hold the cloud's in the share 1 - eps of rows is taken from rows of split fit, after
the cloud was tempered on those of split temper (with labels). If both are one split,
each takes half of it. The other tables of the edge are judged:
  credal-intersection, credal-average, credal-entropy   one distribution out of the
        set, as rows of results.csv; the average only for up to 20 classes
  score:credal-width, -lower-entropy, -upper-entropy, -certain   how little the set
        leaves open, as confidence functions of credal-intersection
  credal.csv   a row for each pair, eps and order: threshold, coverage of the cloud's
        distribution with what chance allows (law), width; accuracy, ECE, NLL, AUROC,
        AURC and what hedging changes, with paired intervals; the same ECE less that
        of the edge at a temperature of its own (with labels), and at the cloud's
        (without); note says where hedging loses
Keys: cloud=MODEL, edge=PATTERN (all others), divergence=kl|kl-reverse|alpha|renyi|tv|
inner|wasserstein, alpha=A (order of alpha and renyi), eps=0.1; several for curves, as
eps=0.1:0.3:0.5 or alpha=0.9:0.5, of which the first makes the rows of results.csv;
temper=SPLIT, fit=SPLIT (val), by=nll|ece (how the cloud's temperature is chosen).
Hedging costs sharpness: a small eps makes the edge under-confident, and where labels
exist temperature scaling usually does better. An f-divergence (all but inner and
wasserstein) never changes the class.
`

// credalOption is the flag --credal.
type credalOption struct {
	text  string
	asked *hedge.Asked // nil if it is not given
}

func (o *credalOption) addFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.text, "credal", "", "borrow a model's calibration, as cloud=MODEL,edge=PATTERN,divergence=kl,eps=0.1 (see above)")
}

func (o *credalOption) parse() (err error) {
	if o.text != "" {
		o.asked, err = hedge.Parse(o.text)
	}
	return err
}
