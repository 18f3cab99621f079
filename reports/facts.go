package reports

import (
	"fmt"
	"strings"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/reports/say"
	"abstain/reports/words"
)

// fact is a line of a title page or a definition: a name and a text, which may
// have several lines.
type fact struct {
	Name, Text string
	Mono       bool // a command or an identifier
}

// stated leaves out the facts without a text.
func stated(all ...fact) []fact {
	var kept []fact
	for _, f := range all {
		if f.Text != "" {
			kept = append(kept, f)
		}
	}
	return kept
}

// subject says what the report compares.
func (d Document) subject() []fact {
	b := d.Board
	filter := ""
	if len(b.Choice.Where) > 0 {
		filter = fmt.Sprintf("%s (%d of %d models)", where(b.Choice.Where), b.Models, b.All)
	}
	return stated(
		fact{Name: "Dataset", Text: choice(b.Choice)},
		fact{Name: "Samples", Text: samples(b)},
		fact{Name: "Models", Text: models(b)},
		fact{Name: "Filter", Text: filter},
		fact{Name: "Curves of", Text: curveNames(d.Curves)},
		fact{Name: "Metrics", Text: metricNames(b)},
		fact{Name: "Notes", Text: strings.Join(say.Notes(b.Notes), "\n")},
	)
}

// provenance says where the numbers come from.
func (d Document) provenance() []fact {
	facts := []fact{{Name: "Program", Text: strings.TrimSpace("abstain " + d.version())}}
	if d.Results != nil && d.Version != "" && d.Results.Run.Version != "" && d.Results.Run.Version != d.Version {
		facts = append(facts, fact{Name: "Computed by", Text: "abstain " + d.Results.Run.Version})
	}
	facts = append(facts, fact{Name: "Command", Text: d.Command, Mono: true})
	if !d.Date.IsZero() {
		facts = append(facts, fact{Name: "Date", Text: d.Date.UTC().Format("2006-01-02 15:04 UTC")})
	}
	if d.Results == nil {
		return stated(facts...)
	}
	for _, c := range d.Results.Run.Corpora {
		facts = append(facts,
			fact{Name: "Corpus", Text: fmt.Sprintf("%s: %s, %s", c.Name, words.Plural(c.Tables, "table"), size(c.Bytes))},
			fact{Text: c.Hash, Mono: true})
	}
	return stated(append(facts, fact{Name: "Failed", Text: failed(d.Results)})...)
}

func failed(r *results.Results) string {
	if len(r.Failures) == 0 {
		return "no table"
	}
	return words.Plural(len(r.Failures), "table") + ", listed at the end"
}

func curveNames(curves []board.Curves) string {
	names := make([]string, len(curves))
	for i, c := range curves {
		names[i] = c.Model
	}
	return strings.Join(names, ", ")
}

// mostNames is how many metrics a title page names. The definitions explain all
// of them.
const mostNames = 30

func metricNames(b *board.Board) string {
	names := []string{b.By.Label()}
	for _, m := range b.Beside {
		names = append(names, m.Label())
	}
	return words.Shorten(names, mostNames)
}

// size writes bytes with three significant digits in decimal units.
func size(n int64) string {
	v, unit := float64(n), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB", "PB"} {
		if v < 1000 {
			break
		}
		v, unit = v/1000, next
	}
	return fmt.Sprintf("%.3g %s", v, unit)
}

// failureName is "model, dataset, split, condition", as far as these are known.
func failureName(f results.Failure) string {
	return strings.Join(nonEmpty(f.Model, f.Dataset, f.Split, f.Condition), ", ")
}

// failureSummary is the sentence above the list of failures.
func failureSummary(r *results.Results) string {
	if len(r.Failures) == 0 {
		return "Every table was evaluated."
	}
	return words.Plural(len(r.Failures), "table") + " could not be evaluated; their models are missing from what these tables would have fed."
}
