package main

import (
	"strings"

	"abstain/harness/posthoc/conform"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var setsHelp = `
--sets answers with a set of classes in place of one: split conformal prediction. A set
holds the true class of a new row like those that calibrated with probability at least
1 - alpha, on average over draws of these. It names scores and key=value:
` + setKinds() + `Keys: alpha=0.1 (or 0.1:0.05; the first makes rows of results.csv), by=all (one
threshold), class (one for each class: Mondrian), cluster (one for classes alike), or an
attribute (one for each of its groups); several parted by colons. fit=SPLIT (val)
calibrates and is not judged; holdout=0.5 draws that share of the rows of one split (of
fit, or test) to calibrate and judges the others, where there is no other split.
random=no|yes|but-first randomises the last four scores, whose sets otherwise cover more
than they need to (but-first: never the first class away); never-empty=yes keeps the
first class in every set; lambda=, free=5, clusters=, seed=1. Results:
  sets.csv   coverage with the law of its draws, mean size and histogram, single-class
             sets and how many of them are right, coverage by size, by class and in the
             worst group, with intervals: a row for each table, kind of set and alpha
  results.csv   rows of transform sets-aps, sets-aps-class, sets-aps-by-sex with the
             metrics set-coverage, set-size, ..., and AURC and the like of abstaining
             where sets are large (confidence score:set-size)
Sets are of the predictions as stored. Calibration rows must not have trained or tuned
the model. Under shift, attack or new classes nothing is promised: those tables are
measured all the same.
`

// setsOption is the flag --sets.
type setsOption struct {
	text  string
	asked *conform.Asked // nil if it is not given
}

func (o *setsOption) addFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.text, "sets", "", "answer with prediction sets too, as "+strings.Join(conform.DefaultScores, ",")+",alpha=0.1,by=all:class (see above)")
}

func (o *setsOption) parse(flags *pflag.FlagSet) (err error) {
	if flags.Changed("sets") {
		o.asked, err = conform.Parse(o.text)
	}
	return err
}

// attributes are those by whose groups sets are asked for.
func (o *setsOption) attributes() []string {
	if o.asked == nil {
		return nil
	}
	return o.asked.Attributes()
}

func setKinds() string {
	var b strings.Builder
	for _, k := range conform.Kinds {
		hanging(&b, "  "+k.Score, 11, k.Definition+" ("+k.Source+")")
	}
	return b.String()
}
