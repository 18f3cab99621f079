package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"abstain/datasets"
	"abstain/harness/board"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/spelling"
	"abstain/reports"
	"abstain/reports/words"

	"github.com/spf13/cobra"
)

func newShow(s *streams) *cobra.Command {
	var o selectOptions
	var format string
	c := &cobra.Command{
		Use:   "show DIR MODEL",
		Short: "Print everything known of one model",
		Long: `show prints a model's metadata, every metric with its interval and the model's rank
among the comparable models, its numbers under the other splits, conditions and
transforms, how those transforms were fitted, and what its prediction sets are like. A model whose
tables failed is shown with the reasons.
` + exitCodes,
		Example: `  abstain show study resnet50
  abstain show study resnet50 --condition pgd-eps4 --format json`,
		Args: folderThen(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			sel, err := o.parse()
			if err != nil {
				return err
			}
			results, err := readRun(args[0])
			if err != nil {
				return err
			}
			return show(s.out, results, sel, args[1], format)
		},
	}
	o.addFlags(c)
	c.Flags().StringVar(&format, "format", "text", "text|json")
	return c
}

// modelPage is all that show prints of a model.
type modelPage struct {
	Model    string            `json:"model"`
	Dataset  string            `json:"dataset"`
	Metadata map[string]any    `json:"metadata"`
	Rows     []modelRow        `json:"rows"`
	Failures []results.Failure `json:"failures"`
	Fits     []modelFit        `json:"fits,omitempty"`
	Sets     []modelSets       `json:"prediction_sets,omitempty"`

	meta      []string
	place     string // its rank set in words
	elsewhere int    // sets of other tables than the one shown
}

// modelFit says how a transform of the model was fitted.
type modelFit struct {
	Transform  string   `json:"transform"`
	On         string   `json:"fitted_on"`
	Rows       int      `json:"rows"`
	Parameters string   `json:"parameters"`
	Loss       string   `json:"loss"`
	Before     *float64 `json:"before"`
	After      *float64 `json:"after"`
	Note       string   `json:"note,omitempty"`
}

// modelRow is a row of results.csv, with ranks for the chosen one.
type modelRow struct {
	Split      string              `json:"split"`
	Condition  string              `json:"condition"`
	Transform  string              `json:"transform"`
	Confidence string              `json:"confidence"`
	N          int                 `json:"n"`
	Classes    int                 `json:"classes"`
	Metrics    map[string]*float64 `json:"metrics"`
	// Intervals are the lower and upper ends, of metrics that have them.
	Intervals map[string][2]float64 `json:"intervals,omitempty"`
	Ranks     map[string]int        `json:"ranks,omitempty"`
}

func show(w io.Writer, r *results.Results, sel board.Selection, model, format string) error {
	if err := oneOf("format", format, []string{"text", "json"}); err != nil {
		return err
	}
	p, view, err := newPage(r, sel, model)
	if err != nil {
		return err
	}
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(p)
	}
	p.place = rankSet(r, view.Choice, model)
	return p.text(w, r.Measures, view)
}

// rankSet says which ranks the data allow for a model by the metric that a run prints at
// its end; "" where that was not tested.
func rankSet(r *results.Results, sel board.Selection, model string) string {
	b, err := board.New(r, board.Options{Selection: sel, By: headMetric(r)})
	if err != nil || b.Models < 2 {
		return ""
	}
	if err := resolveHead(b, r); err != nil || b.Resolution == nil {
		return ""
	}
	for _, e := range b.Entries {
		if e.Model != model || e.Ranks.Lo == 0 {
			continue
		}
		place := fmt.Sprintf("%d", e.Ranks.Lo)
		if e.Ranks.Hi > e.Ranks.Lo {
			place = fmt.Sprintf("%d–%d", e.Ranks.Lo, e.Ranks.Hi)
		}
		text := fmt.Sprintf("rank by %s: %s of %d", b.By.Label(), place, b.Models)
		if e.Tie {
			text += fmt.Sprintf(", one of %d tied with the best", b.Resolution.Tied)
		}
		return fmt.Sprintf("%s (max-t, %g %%)", text, 100*b.Resolution.Level)
	}
	return ""
}

// newPage gathers the model's rows, the chosen one first and with its ranks.
func newPage(r *results.Results, sel board.Selection, model string) (*modelPage, *board.View, error) {
	if sel.Dataset == "" {
		sel.Dataset = datasetOf(r, model)
	}
	view, err := board.Select(r, sel)
	if err != nil {
		return nil, nil, err
	}
	p := &modelPage{Model: model, Dataset: view.Choice.Dataset, Metadata: map[string]any{}, Failures: []results.Failure{}}
	var all []datasets.Meta
	for _, m := range r.Models {
		all = append(all, m.Meta)
	}
	numeric := reports.NumericMeta(all)
	for _, pair := range r.Meta(model, p.Dataset) {
		if pair.Value != "" {
			p.Metadata[pair.Key] = reports.MetaValue(pair, numeric)
			p.meta = append(p.meta, pair.Key+" "+pair.Value)
		}
	}
	for _, row := range r.Rows {
		if row.Model == model && row.Dataset == p.Dataset && row.Status == "ok" && !strings.HasPrefix(row.Transform, conform.Prefix) {
			p.Rows = append(p.Rows, newModelRow(r.Measures, row))
		}
	}
	for _, f := range r.Fits {
		if f.Model == model && f.Dataset == p.Dataset {
			p.Fits = append(p.Fits, modelFit{f.Transform, f.On, f.Rows, f.Parameters, f.Loss, defined(f.Before), defined(f.After), f.Note})
		}
	}
	p.addSets(r, view)
	for _, f := range r.Failures {
		if f.Model == model && f.Dataset == p.Dataset {
			p.Failures = append(p.Failures, f)
		}
	}
	if len(p.Rows) == 0 && len(p.Failures) == 0 {
		return nil, nil, fmt.Errorf("%s has no model %q on dataset %s%s", r.Dir, model, p.Dataset, cmp.Or(spelling.Meant(model, modelNames(r)), "; abstain ls models lists them"))
	}
	for i, row := range p.Rows {
		if row.Split == view.Choice.Split && row.Condition == view.Choice.Condition && row.Transform == view.Choice.Transform &&
			(row.Confidence == view.Choice.Confidence || row.Confidence == "stored") {
			p.Rows[i].Ranks = places(r, view.Choice, model)
			chosen := p.Rows[i]
			p.Rows = slices.Insert(slices.Delete(p.Rows, i, i+1), 0, chosen)
			break
		}
	}
	return p, view, nil
}

func datasetOf(r *results.Results, model string) string {
	for _, row := range r.Rows {
		if row.Model == model {
			return row.Dataset
		}
	}
	return ""
}

func newModelRow(measures []metrics.Measure, row results.Row) modelRow {
	m := modelRow{row.Split, row.Condition, row.Transform, row.Confidence, row.N, row.Classes, map[string]*float64{}, map[string][2]float64{}, nil}
	for i, measure := range measures {
		if measure.Metric.Needs&metrics.NeedsSets != 0 && !row.Cells[i].Defined() {
			continue // of another kind of answer
		}
		id := measure.Name()
		m.Metrics[id] = nil
		if v := row.Cells[i]; v.Defined() {
			m.Metrics[id] = &v.Value
			if v.Level > 0 && !math.IsNaN(v.Hi-v.Lo) && !math.IsInf(v.Hi-v.Lo, 0) {
				m.Intervals[id] = [2]float64{v.Lo, v.Hi}
			}
		}
	}
	return m
}

// places is the model's rank by every metric that has a better end.
func places(r *results.Results, sel board.Selection, model string) map[string]int {
	places := map[string]int{}
	for _, m := range r.Measures {
		b, err := board.New(r, board.Options{Selection: sel, By: m})
		if err != nil {
			continue // descriptive metrics rank nothing
		}
		for _, e := range b.Entries {
			if e.Model == model && e.Rank > 0 {
				places[m.Name()] = e.Rank
			}
		}
	}
	return places
}

func (p *modelPage) text(w io.Writer, measures []metrics.Measure, view *board.View) error {
	fmt.Fprintf(w, "%s on %s\n", p.Model, p.Dataset)
	if len(p.meta) > 0 {
		fmt.Fprintln(w, strings.Join(p.meta, ", "))
	}
	for _, f := range p.Failures {
		fmt.Fprintf(w, "\nfailed: %s\n", f.Reason)
	}
	if len(p.Rows) > 0 {
		p.chosen(w, measures, len(view.Rows))
	}
	if len(p.Rows) > 1 {
		p.others(w, measures)
	}
	if len(p.Fits) > 0 {
		p.fits(w)
	}
	p.setsText(w)
	return nil
}

// fits prints what was fitted, long lists of parameters cut.
func (p *modelPage) fits(w io.Writer) {
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "transform\tfitted on\trows\tloss\tbefore\tafter\tparameters")
	for _, f := range p.Fits {
		const most = 60
		parameters := shortNumbers(f.Parameters)
		if len(parameters) > most {
			parameters = parameters[:most] + "… (transforms.csv has all)"
		}
		if f.Note != "" {
			parameters = strings.TrimPrefix(parameters+"; "+f.Note, "; ")
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", f.Transform, f.On, f.Rows, f.Loss, display(f.Before), display(f.After), parameters)
	}
	t.Flush()
}

// shortNumbers rounds the numbers of a text to five digits.
func shortNumbers(text string) string {
	return number.ReplaceAllStringFunc(text, func(s string) string {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		return display(&v)
	})
}

var number = regexp.MustCompile(`-?[0-9]+\.[0-9]+(e[-+][0-9]+)?`)

func defined(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// chosen prints the first row as a list of metrics.
func (p *modelPage) chosen(w io.Writer, measures []metrics.Measure, models int) {
	row := p.Rows[0]
	how := ""
	if row.Transform != posthoc.None {
		how = "transform " + row.Transform + ", "
	}
	fmt.Fprintf(w, "\n%s, %s, %sconfidence %s: n = %d, %d classes\n", row.Split, row.Condition, how, row.Confidence, row.N, row.Classes)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "metric\tvalue\tinterval\tbetter")
	for _, m := range measures {
		id := m.Name()
		if _, has := row.Metrics[id]; !has {
			continue
		}
		interval := ""
		if i, ok := row.Intervals[id]; ok {
			interval = words.UnitOf(m).Bounds(i[0], i[1], false)
		}
		value := "–"
		if v := row.Metrics[id]; v != nil {
			value = words.UnitOf(m).With(*v)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", id, value, interval, better(m.Metric.Better))
	}
	t.Flush()
	switch {
	case p.place != "":
		fmt.Fprintln(w, p.place)
	case models > 1:
		fmt.Fprintln(w, "abstain rank says which ranks the data allow")
	}
}

// others prints the further rows side by side, a few metrics each.
func (p *modelPage) others(w io.Writer, measures []metrics.Measure) {
	var shown []metrics.Measure
	var heads []string
	for _, m := range measures {
		if slices.ContainsFunc(headColumns(), m.Same) || m.Metric.ID == "ood-auroc" {
			shown, heads = append(shown, m), append(heads, strings.TrimSpace(m.Name()+" "+words.UnitOf(m).Sign))
		}
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	changed := slices.ContainsFunc(p.Rows, func(row modelRow) bool { return row.Transform != posthoc.None })
	how := func(transform string) string {
		if !changed {
			return ""
		}
		return transform + "\t"
	}
	fmt.Fprintf(t, "split\tcondition\t%sconfidence\tn\t%s\n", how("transform"), strings.Join(heads, "\t"))
	for _, row := range p.Rows {
		fmt.Fprintf(t, "%s\t%s\t%s%s\t%d", row.Split, row.Condition, how(row.Transform), row.Confidence, row.N)
		for _, m := range shown {
			value := math.NaN()
			if v := row.Metrics[m.Name()]; v != nil {
				value = *v
			}
			fmt.Fprintf(t, "\t%s", words.UnitOf(m).Number(value))
		}
		fmt.Fprintln(t)
	}
	t.Flush()
}

func display(v *float64) string {
	if v == nil {
		return "–"
	}
	return strconv.FormatFloat(*v, 'g', 5, 64)
}

func better(d metrics.Direction) string {
	return cmp.Or(map[metrics.Direction]string{metrics.Higher: "higher", metrics.Lower: "lower"}[d], "–")
}
