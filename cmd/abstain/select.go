package main

import (
	"abstain/harness/board"

	"github.com/spf13/cobra"
)

// selectOptions are the flags by which rank, report and show pick comparable rows.
type selectOptions struct {
	selection board.Selection
	where     []string
}

func (o *selectOptions) addFlags(c *cobra.Command) {
	f, sel := c.Flags(), &o.selection
	f.StringVar(&sel.Dataset, "dataset", "", "dataset (default: the one with the most models)")
	f.StringVar(&sel.Split, "split", "", "split (default: test)")
	f.StringVar(&sel.Condition, "condition", "", "condition (default: clean)")
	f.StringVar(&sel.Transform, "transform", "", "transform (default: none)")
	f.StringVar(&sel.Confidence, "confidence", "", "confidence function (default: msp)")
	f.StringArrayVar(&o.where, "where", nil, "keep models with this metadata, as key=value; may be repeated")
}

func (o *selectOptions) parse() (board.Selection, error) {
	sel := o.selection
	for _, w := range o.where {
		f, err := board.ParseFilter(w)
		if err != nil {
			return sel, err
		}
		sel.Where = append(sel.Where, f)
	}
	return sel, nil
}
