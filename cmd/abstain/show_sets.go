package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"abstain/harness/board"
	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/reports/words"
)

// modelSets is a row of sets.csv.
type modelSets struct {
	Split        string                 `json:"split"`
	Condition    string                 `json:"condition"`
	Transform    string                 `json:"transform"`
	Alpha        float64                `json:"alpha"`
	CalibratedOn string                 `json:"calibrated_on"`
	Rows         int                    `json:"rows"`
	Threshold    store.Value            `json:"threshold"`
	N            int                    `json:"n"`
	Law          [2]store.Value         `json:"law"`
	Measures     map[string]store.Value `json:"measures"`
	// Intervals are the lower and upper ends, of measures that have them.
	Intervals map[string][2]float64 `json:"intervals,omitempty"`
	Sizes     map[int]int           `json:"sizes"`
	Note      string                `json:"note,omitempty"`

	row results.SetRow
}

// addSets adds the model's sets on the table shown.
func (p *modelPage) addSets(r *results.Results, view *board.View) {
	for _, row := range r.Sets {
		switch {
		case row.Model != p.Model || row.Dataset != p.Dataset:
		case row.Split != view.Choice.Split || row.Condition != view.Choice.Condition:
			p.elsewhere++
		default:
			p.Sets = append(p.Sets, newModelSets(row))
		}
	}
}

func newModelSets(r results.SetRow) modelSets {
	m := modelSets{Split: r.Split, Condition: r.Condition, Transform: r.Transform, Alpha: r.Alpha, CalibratedOn: r.On, Rows: r.Rows,
		Threshold: store.Value(r.Threshold), N: r.N, Law: [2]store.Value{store.Value(r.LawLo), store.Value(r.LawHi)},
		Measures: map[string]store.Value{}, Intervals: map[string][2]float64{}, Sizes: r.Sizes(), Note: r.Note, row: r}
	for _, b := range r.Bounds() {
		m.Measures[b.Name] = store.Value(b.At.Value)
		if !math.IsNaN(b.At.Lo) && !math.IsNaN(b.At.Hi) {
			m.Intervals[b.Name] = [2]float64{b.At.Lo, b.At.Hi}
		}
	}
	return m
}

// setsText prints the sets of the table shown, a line each.
func (p *modelPage) setsText(w io.Writer) {
	if len(p.Sets) == 0 {
		return
	}
	first := p.Sets[0]
	fmt.Fprintln(w)
	hanging(w, "", 0, fmt.Sprintf("prediction sets on %s, %s: n = %d, calibrated on %s (%d rows)", first.Split, first.Condition, first.N, first.CalibratedOn, first.Rows))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	group := ""
	for _, s := range p.Sets {
		group = cmp.Or(group, s.row.Group)
	}
	last := "empty" // a line has to fit
	if group != "" {
		last = "worst group"
	}
	fmt.Fprintln(t, "sets\taim\tcoverage\tsize\tsingle (right)\tworst class\t"+last)
	for _, s := range p.Sets {
		r := s.row
		end, aim := r.Empty.Value, short(1-s.Alpha)
		if r.Score == "credal" {
			aim = "–"
		}
		if group != "" {
			end = r.WorstGroup.Value
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s (%s)\t%s\t%s\n", strings.TrimPrefix(s.Transform, conform.Prefix), aim, boundedText(r.Coverage), short(r.Size.Value),
			short(r.Singletons.Value), short(r.SingletonRight.Value), short(r.WorstClass.Value), short(end))
	}
	t.Flush()
	what := "aim is 1 - alpha"
	if l := first.row; !math.IsNaN(l.LawLo) {
		what += fmt.Sprintf("; with one threshold for all rows 95 %% of the draws have a coverage in [%s, %s] at aim %s", short(l.LawLo), short(l.LawHi), short(1-l.Alpha))
	}
	if group != "" {
		what += "; groups by " + group
	}
	hanging(w, "", 0, what)
	for _, s := range p.Sets {
		if s.Note != "" {
			hanging(w, "note:", 6, s.Transform+": "+s.Note)
		}
	}
	if p.elsewhere > 0 {
		fmt.Fprintf(w, "sets.csv has %s of other tables, sizes and intervals\n", words.Plural(p.elsewhere, "row"))
	} else {
		fmt.Fprintln(w, "sets.csv has sizes and the other intervals")
	}
}

// boundedText is a share with its interval.
func boundedText(b conform.Bounded) string {
	if math.IsNaN(b.Lo) || math.IsNaN(b.Hi) {
		return short(b.Value)
	}
	return fmt.Sprintf("%s [%s, %s]", short(b.Value), short(b.Lo), short(b.Hi))
}

// short is a number of three digits.
func short(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
