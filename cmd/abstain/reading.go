package main

import (
	"fmt"
	"os"

	"abstain/datasets"

	"github.com/spf13/cobra"
)

// readingOptions are the flags by which run, check and convert are told how to read
// tables.
type readingOptions struct {
	columns               string
	logits, probs, labels string
	from                  string
	follow                bool
}

func (o *readingOptions) addFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.columns, "columns", "", "which column is what, as label=target,logits=outputs; see 'abstain check' for what is found without it")
	f.StringVar(&o.logits, "logits", "", "column, array or common beginning of columns with logits; short for --columns logits=")
	f.StringVar(&o.probs, "probs", "", "the same for probabilities")
	f.StringVar(&o.labels, "labels", "", "the same for the true classes")
	f.StringVar(&o.from, "labels-from", "0", "number of the first class in labels and predictions, 0 or 1")
	f.BoolVar(&o.follow, "follow", false, "follow links to folders, and links that lead out of the corpus")
}

// reading is what the flags say.
func (o *readingOptions) reading() (datasets.Reading, error) {
	r := datasets.Reading{Follow: o.follow}
	var err error
	if r.Columns, err = datasets.ParseColumns(o.columns); err != nil {
		return r, fmt.Errorf("--columns: %w", err)
	}
	for _, short := range []datasets.Pair{{Key: "logits", Value: o.logits}, {Key: "probs", Value: o.probs}, {Key: "label", Value: o.labels}} {
		if short.Value != "" {
			r = r.With(datasets.Meta{short})
		}
	}
	if r.LabelsFrom, err = datasets.ParseLabelsFrom(o.from); err != nil {
		return r, fmt.Errorf("--labels-from %w", err)
	}
	return r, nil
}

// open opens the corpora named on the command line, to be read as the flags say.
func (o *readingOptions) open(paths []string) ([]*datasets.Corpus, error) {
	as, err := o.reading()
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		if err := refuseRun(p); err != nil {
			return nil, err
		}
	}
	corpora, err := datasets.OpenAll(paths, as)
	for _, p := range paths {
		if _, missing := os.Stat(p); err != nil && missing != nil {
			return nil, elsewhere(p, err)
		}
	}
	return corpora, err
}
