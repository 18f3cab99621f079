package reports

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"abstain/harness/compare"
	"abstain/reports/say"
	"abstain/reports/words"
)

// Across is a comparison over datasets or conditions, and the program and command
// that made it.
type Across struct {
	Comparison *compare.Crossing
	Version    string // of the program; may be ""
	Command    string // the command line, as typed; may be ""
}

// Write writes the comparison in one of the Formats. For people it has the models
// by mean rank and the matrix of pairs; as csv one row for each model; as json
// everything. It fails if the format is unknown or if w fails.
func (t Across) Write(w io.Writer, format string) error {
	c := t.Comparison
	switch format {
	case "csv":
		return flush(w, func(b *bytes.Buffer) {
			g := acrossModels(c, true)
			g.csv(b)
		})
	case "json":
		return flush(w, func(b *bytes.Buffer) { writeAcrossJSON(b, c) })
	}
	p := plainPage{title: fmt.Sprintf("%s by %s over %s", words.Plural(c.Models, "model"), c.By.Label(), words.Plural(c.Datasets, c.Across)),
		grids: []plainGrid{acrossModels(c, false), acrossPairs(c)}, foot: acrossLegend(c), origin: origin(t.Version, t.Command)}
	return p.write(w, format)
}

// WritePairs writes, as csv, one row for each ordered pair of models.
func (t Across) WritePairs(w io.Writer) error {
	c := t.Comparison
	g := plainGrid{}
	for _, head := range []string{"model", "against", "wins", "ties", "losses", "wilcoxon", "n", "p", "p_adjusted"} {
		g.column(head, false)
	}
	for _, i := range c.Order() {
		for _, j := range c.Order() {
			if d := c.Pairs[i][j]; i != j {
				g.row(c.Names[i], c.Names[j], strconv.Itoa(d.Wins), strconv.Itoa(d.Ties), strconv.Itoa(d.Losses),
					plain(d.Wilcoxon.Statistic), strconv.Itoa(d.Wilcoxon.N), plain(d.Wilcoxon.P), plain(d.P))
			}
		}
	}
	return flush(w, g.csv)
}

// acrossModels has a row for each model, best mean rank first. For a machine it
// also has the model's values, in full precision.
func acrossModels(c *compare.Crossing, machine bool) plainGrid {
	g := plainGrid{}
	heads := []string{"#", "model", "mean rank", "wins", "ties", "losses", "groups", "bars"}
	if machine {
		heads = append([]string{"place", "model", "mean_rank"}, heads[3:]...)
		heads = append(heads, c.Over...)
	}
	for _, head := range heads {
		g.column(head, head != "model" && head != "groups" && head != "bars")
	}
	for place, m := range c.Order() {
		var wins, ties, losses int
		for _, d := range c.Pairs[m] {
			wins, ties, losses = wins+d.Wins, ties+d.Ties, losses+d.Losses
		}
		rank := strconv.FormatFloat(c.MeanRanks[m], 'f', 2, 64)
		if machine {
			rank = plain(c.MeanRanks[m])
		}
		row := []string{strconv.Itoa(place + 1), c.Names[m], rank, strconv.Itoa(wins), strconv.Itoa(ties), strconv.Itoa(losses), c.Groups.Of(m), c.Bars.Of(m)}
		if machine {
			for d := range c.Over {
				row = append(row, plain(c.Values[d][m]))
			}
		}
		g.row(row...)
	}
	return g
}

// broadMatrix is the largest number of models for which a matrix shows wins, ties
// and losses of every pair. With more models it shows only wins.
const broadMatrix = 12

// acrossPairs is the matrix of pairs, models in the order of their mean ranks.
func acrossPairs(c *compare.Crossing) plainGrid {
	what := "wins/ties/losses"
	if c.Models > broadMatrix {
		what = "wins"
	}
	g := plainGrid{title: fmt.Sprintf("%s of the row's model over the column's; * told apart", what)}
	g.column("#", true)
	g.column("model", false)
	order := c.Order()
	for place := range order {
		g.column(strconv.Itoa(place+1), true)
	}
	for place, i := range order {
		row := []string{strconv.Itoa(place + 1), c.Names[i]}
		for _, j := range order {
			d := c.Pairs[i][j]
			cell := fmt.Sprintf("%d/%d/%d", d.Wins, d.Ties, d.Losses)
			switch {
			case i == j:
				cell = undefinedCell
			case c.Models > broadMatrix:
				cell = strconv.Itoa(d.Wins)
			}
			if i != j && d.P <= 1-c.Level {
				cell += "*"
			}
			row = append(row, cell)
		}
		g.row(row...)
	}
	return g
}

// acrossLegend says what was compared and how it was tested.
func acrossLegend(c *compare.Crossing) []string {
	lines := []string{
		fmt.Sprintf("by %s (%s); %s", c.By.Label(), direction(c.By.Metric.Better), fixedChoice(c)),
		fmt.Sprintf("%ss: %s", c.Across, strings.Join(c.Over, ", ")),
		friedman(c),
		fmt.Sprintf("groups: models that share a letter are not told apart by Wilcoxon's signed-rank test, Holm over %s, at %.2g; * marks those told apart", words.Plural(c.Models*(c.Models-1)/2, "pair"), 1-c.Level),
		fmt.Sprintf("bars: models that share a letter have mean ranks less than the critical difference of %.2f apart (Nemenyi, %.2g); it depends on which other models are in the table", c.Critical, 1-c.Level),
	}
	for _, l := range say.LeftOut(c) {
		lines = append(lines, "left out: "+l)
	}
	return append(lines, say.Footnotes(c.Notes)...)
}

// fixedChoice says what was the same for all datasets or conditions.
func fixedChoice(c *compare.Crossing) string {
	s := choice(c.Choice)
	if c.Choice.Dataset == "" {
		s = strings.TrimPrefix(s, "dataset not named, ")
	}
	return s
}

func friedman(c *compare.Crossing) string {
	f := c.Friedman
	if math.IsNaN(f.P) {
		return "Friedman's test: " + f.Note
	}
	verdict := "the models differ"
	if f.P > 1-c.Level {
		verdict = "that the models differ at all is not proven"
	}
	return fmt.Sprintf("Friedman's test: chi-square %.2f with %d degrees of freedom over %s, %s: %s", f.Statistic, c.Models-1, words.Plural(c.Datasets, c.Across), words.PValue(f.P), verdict)
}

type jsonAcrossModel struct {
	Model    string     `json:"model"`
	MeanRank float64    `json:"mean_rank"`
	Groups   string     `json:"groups"`
	Bars     string     `json:"bars"`
	Values   []*float64 `json:"values"` // in the order of "over"
}

type jsonDuel struct {
	Model     string   `json:"model"`
	Against   string   `json:"against"`
	Wins      int      `json:"wins"`
	Ties      int      `json:"ties"`
	Losses    int      `json:"losses"`
	P         *float64 `json:"p"`
	AdjustedP *float64 `json:"p_adjusted"`
}

// writeAcrossJSON writes one object; models and pairs by mean rank.
func writeAcrossJSON(w *bytes.Buffer, c *compare.Crossing) {
	models, pairs := []jsonAcrossModel{}, []jsonDuel{}
	for _, i := range c.Order() {
		m := jsonAcrossModel{Model: c.Names[i], MeanRank: c.MeanRanks[i], Groups: c.Groups.Of(i), Bars: c.Bars.Of(i)}
		for d := range c.Over {
			m.Values = append(m.Values, finite(c.Values[d][i]))
		}
		models = append(models, m)
		for _, j := range c.Order() {
			if d := c.Pairs[i][j]; i != j {
				pairs = append(pairs, jsonDuel{c.Names[i], c.Names[j], d.Wins, d.Ties, d.Losses, finite(d.Wilcoxon.P), finite(d.P)})
			}
		}
	}
	writeJSONLines(w, object{
		{"metric", c.By.Name()}, {"across", c.Across}, {"over", c.Over}, {"level", c.Level},
		{"dataset", c.Choice.Dataset}, {"split", c.Choice.Split}, {"condition", c.Choice.Condition},
		{"transform", c.Choice.Transform}, {"confidence", c.Choice.Confidence},
		{"friedman", object{{"chi_square", finite(c.Friedman.Statistic)}, {"p", finite(c.Friedman.P)}}},
		{"critical_difference", finite(c.Critical)},
		{"models", models}, {"pairs", pairs}, {"left_out", texts(say.LeftOut(c))}, {"notes", texts(say.Footnotes(c.Notes))},
	})
}
