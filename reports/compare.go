package reports

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/say"
	"abstain/reports/words"
)

// Comparison is a comparison of models, and the program and command that made it.
type Comparison struct {
	Comparison *compare.Comparison
	Version    string // of the program; may be ""
	Command    string // the command line, as typed; may be ""
}

// Write writes the comparison in one of the Formats. For people it has the
// metrics, the conclusion in words, and how it was tested; for machines
// everything but the curves. It fails if the format is unknown or if w fails.
func (t Comparison) Write(w io.Writer, format string) error {
	c := t.Comparison
	switch format {
	case "csv":
		return flush(w, func(b *bytes.Buffer) { writeComparisonCSV(b, c) })
	case "json":
		return flush(w, func(b *bytes.Buffer) { writeComparisonJSON(b, c) })
	}
	p := plainPage{title: versus(c), grids: []plainGrid{comparisonGrid(c)}, says: say.Conclusion(c), foot: comparisonLegend(c),
		origin: origin(t.Version, t.Command)}
	return p.write(w, format)
}

// WriteRanges writes, as csv, one row for each range of coverage in which the
// selective risk of a model is proven to differ from the reference's.
func (t Comparison) WriteRanges(w io.Writer) error {
	g := plainGrid{}
	for _, head := range []string{"model", "against", "from", "to", "verdict", "at", "difference", "difference_lo", "difference_hi"} {
		g.column(head, false)
	}
	for _, r := range t.Comparison.Ranges {
		g.row(r.Model, r.Against, plain(r.From), plain(r.To), string(rangeVerdict(r)), plain(r.At), plain(r.Difference), plain(r.Lo), plain(r.Hi))
	}
	return flush(w, g.csv)
}

// rangeVerdict is the verdict of a model in a range of coverage.
func rangeVerdict(r compare.Range) ranks.Verdict {
	if r.Better {
		return ranks.Better
	}
	return ranks.Worse
}

// flush writes to w what write has put into the buffer.
func flush(w io.Writer, write func(*bytes.Buffer)) error {
	var b bytes.Buffer
	write(&b)
	_, err := w.Write(b.Bytes())
	return err
}

// origin says which program and command made a table, for formats with room for
// comments.
func origin(version, command string) []string {
	lines := []string{"made by " + strings.Join(nonEmpty("abstain", version), " ")}
	if command != "" {
		lines = append(lines, "command: "+command)
	}
	return lines
}

// versus is "b and c against a".
func versus(c *compare.Comparison) string {
	var names []string
	for _, m := range c.Models[1:] {
		names = append(names, m.Label)
	}
	return strings.Join(names, ", ") + " against " + c.Models[0].Label
}

// comparisonGrid has a row for each metric, or a block of rows if there are
// several models; the reference is the first row of a block.
func comparisonGrid(c *compare.Comparison) plainGrid {
	tested := c.Tested()
	single := len(c.Models) == 2
	g := plainGrid{}
	g.column("metric", false)
	if single {
		g.column(c.Models[0].Label, true)
		g.column(c.Models[1].Label, true)
	} else {
		g.column("model", false)
		g.column("value", true)
	}
	g.column("difference", true)
	if tested {
		g.column("p", true)
		g.column("adjusted", true)
		g.column("verdict", false)
	}
	for i, d := range c.Metrics {
		u := words.UnitOf(d.Measure).Within(d.Difference)
		head := header(d.Measure, u)
		row := []string{head, u.Number(d.A.Value), u.Number(d.B.Value)}
		if !single {
			if i%(len(c.Models)-1) == 0 {
				g.row(head, d.Against, u.Number(d.A.Value))
			}
			row = []string{"", d.Model, u.Number(d.B.Value)}
		}
		row = append(row, u.Difference(d.Difference))
		if tested {
			row = append(row, words.PCell(d.P), words.PCell(d.AdjustedP), string(d.Verdict))
		}
		g.row(row...)
	}
	return g
}

// comparisonLegend says what was compared and how it was tested.
func comparisonLegend(c *compare.Comparison) []string {
	lines := []string{choice(c.Choice)}
	if c.N > 0 {
		lines[0] += fmt.Sprintf("; n = %d", c.N)
	}
	if c.Tested() {
		lines = append(lines,
			fmt.Sprintf("difference: the model less %s on the same samples, with its %g %% interval by itself", c.Models[0].Label, 100*c.Level),
			fmt.Sprintf("verdict and conclusion: by the adjusted p-value (%s) at %.2g and an interval without 0, so that all verdicts together hold at %g %%; ~ not told apart; arrows point to the better", say.Family(c.Family), 1-c.Level, 100*c.Level))
	}
	lines = append(lines, tests(c)...)
	lines = append(lines, nonEmpty(say.Band(c.Band))...)
	lines = append(lines, whys(c)...)
	return append(lines, say.Footnotes(c.Notes)...)
}

// tests says which test was used for which metrics.
func tests(c *compare.Comparison) []string {
	var parts []string
	for _, group := range groupMetrics(c, func(d compare.Difference) string { return say.Test(d.Test) }) {
		text := group.key
		if group.key == say.Test(compare.Test{Method: compare.BootstrapTest}) {
			text = fmt.Sprintf("%s, %d replicates, smallest p-value %.2g", text, c.Replicates, 2/float64(c.Replicates+1))
		}
		parts = append(parts, text+" ("+strings.Join(group.metrics, ", ")+")")
	}
	if parts == nil {
		return nil
	}
	return []string{"tests: " + strings.Join(parts, "; ")}
}

// whys says which metrics were not tested, and why.
func whys(c *compare.Comparison) []string {
	if !c.Tested() {
		return nil
	}
	var lines []string
	for _, group := range groupMetrics(c, say.Why) {
		lines = append(lines, fmt.Sprintf("%s not tested: %s", strings.Join(group.metrics, ", "), group.key))
	}
	return lines
}

// metricGroup is the metrics that have a property in common.
type metricGroup struct {
	key     string
	metrics []string
}

// groupMetrics collects metrics by a key, in the order of rows. Metrics with key
// "" are left out.
func groupMetrics(c *compare.Comparison, key func(compare.Difference) string) []metricGroup {
	var groups []metricGroup
	at := map[string]int{}
	seen := map[[2]string]bool{}
	for _, d := range c.Metrics {
		k, name := key(d), d.Measure.Label()
		if k == "" || seen[[2]string{k, name}] {
			continue
		}
		seen[[2]string{k, name}] = true
		if _, ok := at[k]; !ok {
			at[k] = len(groups)
			groups = append(groups, metricGroup{key: k})
		}
		groups[at[k]].metrics = append(groups[at[k]].metrics, name)
	}
	return groups
}

// writeComparisonCSV writes a row for each metric and model.
func writeComparisonCSV(w *bytes.Buffer, c *compare.Comparison) {
	g := plainGrid{}
	for _, head := range []string{"metric", "better", "model", "against", "n", "value", "lo", "hi", "against_value", "against_lo", "against_hi",
		"difference", "difference_lo", "difference_hi", "se", "p", "p_adjusted", "test", "verdict", "why"} {
		g.column(head, false)
	}
	for _, d := range c.Metrics {
		g.row(d.Measure.Name(), better(d.Measure.Metric.Better), d.Model, d.Against, strconv.Itoa(d.B.N),
			plain(d.B.Value), plain(d.B.Lo), plain(d.B.Hi), plain(d.A.Value), plain(d.A.Lo), plain(d.A.Hi),
			plain(d.Difference.Value), plain(d.Difference.Lo), plain(d.Difference.Hi), plain(d.SE), plain(d.P), plain(d.AdjustedP),
			say.Test(d.Test), string(d.Verdict), say.Why(d))
	}
	g.csv(w)
}

// better is "higher", "lower" or "".
func better(d metrics.Direction) string {
	return map[metrics.Direction]string{metrics.Higher: "higher", metrics.Lower: "lower"}[d]
}

type jsonContender struct {
	Label      string `json:"label"`
	Model      string `json:"model"`
	Transform  string `json:"transform"`
	Confidence string `json:"confidence"`
}

type jsonDifference struct {
	Metric     string       `json:"metric"`
	Better     string       `json:"better"`
	Model      string       `json:"model"`
	Against    string       `json:"against"`
	Value      jsonEstimate `json:"value"`
	Reference  jsonEstimate `json:"against_value"`
	Difference *float64     `json:"difference"`
	Lo         *float64     `json:"difference_lo"`
	Hi         *float64     `json:"difference_hi"`
	SE         *float64     `json:"se"`
	P          *float64     `json:"p"`
	AdjustedP  *float64     `json:"p_adjusted"`
	Test       string       `json:"test"`
	Verdict    string       `json:"verdict"` // better, worse, differs, ~; "" if not tested
	Why        string       `json:"why,omitempty"`
}

type jsonRange struct {
	Model      string  `json:"model"`
	Against    string  `json:"against"`
	From       float64 `json:"from"`
	To         float64 `json:"to"`
	Verdict    string  `json:"verdict"`
	At         float64 `json:"at"`
	Difference float64 `json:"difference"`
	Lo         float64 `json:"difference_lo"`
	Hi         float64 `json:"difference_hi"`
}

// writeComparisonJSON writes one object.
func writeComparisonJSON(w *bytes.Buffer, c *compare.Comparison) {
	models, differences, ranges := []jsonContender{}, []jsonDifference{}, []jsonRange{}
	for _, m := range c.Models {
		models = append(models, jsonContender(m))
	}
	for _, d := range c.Metrics {
		differences = append(differences, jsonDifference{Metric: d.Measure.Name(), Better: better(d.Measure.Metric.Better), Model: d.Model, Against: d.Against,
			Value: newJSONEstimate(d.B), Reference: newJSONEstimate(d.A),
			Difference: finite(d.Difference.Value), Lo: finite(d.Difference.Lo), Hi: finite(d.Difference.Hi), SE: finite(d.SE),
			P: finite(d.P), AdjustedP: finite(d.AdjustedP), Test: say.Test(d.Test), Verdict: string(d.Verdict), Why: say.Why(d)})
	}
	for _, r := range c.Ranges {
		ranges = append(ranges, jsonRange{r.Model, r.Against, r.From, r.To, string(rangeVerdict(r)), r.At, r.Difference, r.Lo, r.Hi})
	}
	writeJSONLines(w, object{
		{"dataset", c.Choice.Dataset}, {"split", c.Choice.Split}, {"condition", c.Choice.Condition},
		{"n", c.N}, {"level", c.Level}, {"correction", say.Family(c.Family)}, {"replicates", c.Replicates}, {"band", say.Band(c.Band)},
		{"models", models}, {"metrics", differences}, {"ranges", ranges},
		{"conclusion", texts(say.Conclusion(c))}, {"notes", texts(say.Footnotes(c.Notes))},
	})
}

// texts returns the lines as a list that is never nil, because JSON would have
// null for it.
func texts(lines []string) []string { return append([]string{}, lines...) }

// writeJSONLines writes an object with one line for each member.
func writeJSONLines(w *bytes.Buffer, o object) {
	w.WriteString("{\n")
	for i, m := range o {
		if i > 0 {
			w.WriteString(",\n")
		}
		fmt.Fprintf(w, "%s:%s", marshal(m.key), marshal(m.value))
	}
	w.WriteString("\n}\n")
}
