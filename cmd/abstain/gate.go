package main

import (
	"fmt"

	"abstain/harness/board"
	"abstain/harness/gate"
	"abstain/metrics"
	"abstain/reports/say"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

const gateHelp = `
--fail-if ends the command with exit code 4 where a model fails the condition,
and prints a line for each: 'aurc > 0.05' fails where the whole interval lies
above 0.05, that is where it is proven, so that noise breaks no build. 'aurc.hi >
0.05' fails whatever is not proven to be at most 0.05, and 'aurc.value > 0.05'
looks at the value alone. Intervals are those of the folder, each by itself;
shares are fractions. A model whose value is undefined is not judged, and a note
says so.`

// gateOptions are the flags of gates.
type gateOptions struct {
	texts, only []string
	gates       []gate.Gate
}

func (o *gateOptions) addFlags(c *cobra.Command, example string) {
	c.Flags().StringArrayVar(&o.texts, "fail-if", nil, "exit with code 4 if this is proven of a model, such as '"+example+"'; may be repeated")
}

// addOnly adds the flag that says which models are judged.
func (o *gateOptions) addOnly(c *cobra.Command) {
	c.Flags().StringArrayVar(&o.only, "fail-for", nil, "the model that --fail-if judges (default: all); may be repeated")
}

// parse reads the gates before anything is done.
func (o *gateOptions) parse() error {
	if len(o.only) > 0 && len(o.texts) == 0 {
		return fmt.Errorf("--fail-for says whom --fail-if judges, and there is none")
	}
	for _, text := range o.texts {
		g, err := gate.Parse(text)
		if err != nil {
			return fmt.Errorf("--fail-if: %w", err)
		}
		o.gates = append(o.gates, g)
	}
	return nil
}

// measures are the metrics that the gates look at.
func (o *gateOptions) measures() []metrics.Measure {
	var ms []metrics.Measure
	for _, g := range o.gates {
		ms = append(ms, g.Measure)
	}
	return ms
}

// board judges the models of a board that has all of them and all its metrics.
func (o *gateOptions) board(b *board.Board) ([]gate.Breach, []gate.Unjudged, error) {
	if len(o.gates) == 0 {
		return nil, nil, nil
	}
	return gate.OnBoard(b, o.gates, o.only)
}

// enforce prints what the gates say and returns the error that ends the command
// with exit code 4, if one is not met.
func (s *streams) enforce(breaches []gate.Breach, notes []gate.Unjudged) error {
	for _, n := range notes {
		fmt.Fprintln(s.err, "note:", say.Unjudged(n))
	}
	if len(breaches) == 0 {
		return nil
	}
	e := &exitError{code: exitGate, message: words.Plural(len(breaches), "gate") + " not met"}
	for _, b := range breaches {
		e.reasons = append(e.reasons, say.Breach(b))
	}
	return e
}
