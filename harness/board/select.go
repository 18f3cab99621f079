package board

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/internal/words"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/spelling"
)

// Selection picks the comparable rows of a run: one dataset, split, condition,
// transform and confidence function. Empty fields take the defaults: the
// dataset with the most models, "test", "clean", "none", and "msp".
type Selection struct {
	Dataset, Split, Condition, Transform, Confidence string
	Where                                            []Filter
}

// Filter keeps models whose metadata has the value.
type Filter struct{ Key, Value string }

// ParseFilter reads "key=value".
func ParseFilter(s string) (Filter, error) {
	key, value, ok := strings.Cut(s, "=")
	if !ok || key == "" {
		return Filter{}, fmt.Errorf("filter %q: want key=value, for example regime=distilled", s)
	}
	return Filter{key, value}, nil
}

func (f Filter) String() string { return f.Key + "=" + f.Value }

// View is the rows of a run that one leaderboard or figure shows.
type View struct {
	Choice  Selection
	Rows    []results.Row // one per model, status ok
	Failed  []results.Row // of the same dataset, split and condition
	N       int           // samples
	Classes int
	Notes   []Note // choices made for the user
}

// Select returns the rows of a selection, whatever its filters are.
func Select(s *results.Results, sel Selection) (*View, error) {
	if len(s.Rows) == 0 {
		return nil, fmt.Errorf("%s has results without a row: nothing was evaluated there", s.Dir)
	}
	v := &View{Choice: sel}
	if err := v.choose(s); err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(slices.Clone(s.Rows), func(r results.Row) bool {
		c := v.Choice
		return r.Dataset != c.Dataset || r.Split != c.Split || r.Condition != c.Condition || (r.Transform != c.Transform && (r.Status == "ok" || r.Transform != "none"))
	})
	at := map[string]int{}
	for _, r := range rows {
		switch {
		case r.Status != "ok":
			v.Failed = append(v.Failed, r)
		case r.Confidence == v.Choice.Confidence || r.Confidence == "stored":
			// a score-only table has no other confidence function; a table
			// with score:* columns that also has "stored" shows the one chosen
			if i, ok := at[r.Model]; !ok {
				at[r.Model] = len(v.Rows)
				v.Rows = append(v.Rows, r)
			} else if r.Confidence == v.Choice.Confidence {
				v.Rows[i] = r
			}
		}
	}
	if have := Distinct(rows, func(r results.Row) string { return r.Transform }); len(v.Rows) == 0 && !slices.Contains(have, v.Choice.Transform) {
		return nil, fmt.Errorf("%s has no transform %q for dataset %q, split %q, condition %q%s",
			s.Dir, v.Choice.Transform, v.Choice.Dataset, v.Choice.Split, v.Choice.Condition, addTransform(v.Choice.Transform, Distinct(s.Rows, func(r results.Row) string { return r.Transform })))
	}
	if len(v.Rows) == 0 {
		return nil, fmt.Errorf("%s has no rows for confidence function %q, transform %q on dataset %q, split %q, condition %q; it has %s",
			s.Dir, v.Choice.Confidence, v.Choice.Transform, v.Choice.Dataset, v.Choice.Split, v.Choice.Condition,
			strings.Join(Distinct(s.Rows, func(r results.Row) string { return r.Confidence }), ", "))
	}
	switch without := v.without(s); {
	case len(without) == 0:
	case v.Choice.Transform == "none":
		v.Notes = append(v.Notes, WithoutConfidence{without, v.Choice.Confidence})
	default:
		v.Notes = append(v.Notes, WithoutTransform{without, v.Choice.Transform})
	}
	for _, r := range v.Rows {
		v.N, v.Classes = max(v.N, r.N), max(v.Classes, r.Classes)
	}
	return v, nil
}

// addTransform says how to get a transform that a folder lacks, if there is one of that name.
func addTransform(id string, have []string) string {
	if ids := posthoc.IDs(); !slices.Contains(ids, id) {
		return "; it has " + strings.Join(have, ", ") + spelling.Meant(id, append(ids, have...))
	}
	return "; run again with --transform " + id + " to add it"
}

// with adds metrics that the folder lacks to the view's rows, and returns the results
// with them.
func (v *View) with(s *results.Results, measures []metrics.Measure) (*results.Results, error) {
	shown := map[results.Key]bool{}
	for _, row := range v.Rows {
		shown[row.Key] = true
	}
	s, err := s.With(measures, func(row results.Row) bool { return shown[row.Key] })
	if err != nil {
		return nil, err
	}
	at := map[results.Key]int{}
	for i, row := range s.Rows {
		at[row.Key] = i
	}
	v.Rows = slices.Clone(v.Rows)
	for i := range v.Rows {
		v.Rows[i] = s.Rows[at[v.Rows[i].Key]]
	}
	return s, nil
}

// without lists the models that have rows as stored and none under the transform.
func (v *View) without(s *results.Results) []string {
	models := map[string]bool{}
	for _, r := range s.Rows {
		c := v.Choice
		if r.Status == "ok" && r.Transform == "none" && r.Dataset == c.Dataset && r.Split == c.Split && r.Condition == c.Condition {
			models[r.Model] = true
		}
	}
	for _, r := range slices.Concat(v.Rows, v.Failed) {
		delete(models, r.Model)
	}
	return slices.Sorted(maps.Keys(models))
}

// missing lists the models that failed and have no row, each once, if the filters
// admit them.
func (v *View) missing(s *results.Results) []Missing {
	seen := map[string]bool{}
	for _, r := range v.Rows {
		seen[r.Model] = true
	}
	var missing []Missing
	for _, r := range v.Failed {
		if !seen[r.Model] && v.Choice.Admits(s.Meta(r.Model, r.Dataset)) {
			seen[r.Model] = true
			missing = append(missing, Missing{r.Model, whyFailed(s, r)})
		}
	}
	return missing
}

// whyFailed is the reason for a failed row; "" if the folder has lost it. The reason
// for a transform may be that of another split, on which it was to be fitted.
func whyFailed(s *results.Results, r results.Row) string {
	why := ""
	for _, f := range s.Failures {
		if f.Model != r.Model || f.Dataset != r.Dataset || cmp.Or(f.Transform, "none") != r.Transform {
			continue
		}
		reason := cmp.Or(f.Brief, strings.TrimPrefix(f.Reason, f.Table+": "))
		if f.Split == r.Split && f.Condition == r.Condition {
			return reason
		}
		if f.Transform != "" {
			why = cmp.Or(why, reason)
		}
	}
	return why
}

// choose fills in the defaults and refuses what the folder does not have.
func (v *View) choose(s *results.Results) error {
	rows := s.Rows
	datasets := Distinct(rows, func(r results.Row) string { return r.Dataset })
	if v.Choice.Dataset == "" {
		v.Choice.Dataset = largest(rows)
		if len(datasets) > 1 {
			v.Notes = append(v.Notes, DatasetTaken{v.Choice.Dataset, datasets})
		}
	}
	axes := []struct {
		what      string
		chosen    *string
		preferred string
		of        func(results.Row) string
	}{
		{"dataset", &v.Choice.Dataset, "", func(r results.Row) string { return r.Dataset }},
		{"split", &v.Choice.Split, "test", func(r results.Row) string { return r.Split }},
		{"condition", &v.Choice.Condition, "clean", func(r results.Row) string { return r.Condition }},
	}
	keep := func(of func(results.Row) string, value string) {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r results.Row) bool { return of(r) != value })
	}
	for _, a := range axes { // what was asked for comes first: it decides which defaults there are
		if *a.chosen == "" {
			continue
		}
		if have := Distinct(rows, a.of); !slices.Contains(have, *a.chosen) {
			return fmt.Errorf("%s has no %s %q; it has %s%s", s.Dir, a.what, *a.chosen, words.Shorten(have, 20), spelling.Meant(*a.chosen, have))
		}
		keep(a.of, *a.chosen)
	}
	for _, a := range axes {
		if *a.chosen != "" {
			continue
		}
		*a.chosen = a.preferred
		if have := Distinct(rows, a.of); !slices.Contains(have, a.preferred) && len(have) > 0 {
			*a.chosen = have[0]
			v.Notes = append(v.Notes, InPlaceOf{a.what, have[0], a.preferred})
		}
		keep(a.of, *a.chosen)
	}
	v.Choice.Transform = cmp.Or(v.Choice.Transform, "none")
	have := Distinct(rows, func(r results.Row) string { return r.Confidence })
	switch asked := v.Choice.Confidence; {
	case asked == "":
		v.Choice.Confidence = "msp"
		if !slices.Contains(have, "msp") && len(have) > 0 {
			v.Choice.Confidence = have[0]
		}
	case !slices.Contains(have, asked) && len(have) > 0: // score-only tables alone are not what was asked for
		return fmt.Errorf("%s has no confidence function %q; it has %s%s", s.Dir, asked, words.Shorten(have, 20), spelling.Meant(asked, have))
	}
	return nil
}

// largest is the dataset with the most models; of equals, the first.
func largest(rows []results.Row) string {
	models := map[string]map[string]bool{}
	best := ""
	for _, r := range rows {
		if models[r.Dataset] == nil {
			models[r.Dataset] = map[string]bool{}
		}
		models[r.Dataset][r.Model] = true
	}
	for _, d := range Distinct(rows, func(r results.Row) string { return r.Dataset }) {
		if best == "" || len(models[d]) > len(models[best]) {
			best = d
		}
	}
	return best
}

// Distinct lists the values in order of first appearance, "" left out.
func Distinct(rows []results.Row, of func(results.Row) string) []string {
	var values []string
	seen := map[string]bool{"": true}
	for _, r := range rows {
		if v := of(r); !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	return values
}

// Admits reports whether a model of that metadata passes the selection's filters.
func (s Selection) Admits(m datasets.Meta) bool {
	return !slices.ContainsFunc(s.Where, func(f Filter) bool { return m.Get(f.Key) != f.Value })
}

// NoMatch explains filters that no model of the view passes by the values there are.
func (v *View) NoMatch(s *results.Results) error {
	for _, f := range v.Choice.Where {
		var have []string
		for _, r := range v.Rows {
			if x := s.Meta(r.Model, r.Dataset).Get(f.Key); x != "" && !slices.Contains(have, x) {
				have = append(have, x)
			}
		}
		slices.Sort(have)
		if len(have) == 0 {
			keys := v.keys(s)
			return fmt.Errorf("no model has metadata %q; there is %s%s", f.Key, cmp.Or(words.Shorten(keys, 20), "none"), spelling.Meant(f.Key, keys))
		}
		if !slices.Contains(have, f.Value) {
			return fmt.Errorf("no model has %s; values of %s: %s%s", f, f.Key, strings.Join(have, ", "), spelling.Meant(f.Value, have))
		}
	}
	return fmt.Errorf("no model passes all of the filters %v", v.Choice.Where)
}

// keys are the names of the metadata that models of the view have.
func (v *View) keys(s *results.Results) []string {
	var keys []string
	for _, r := range v.Rows {
		for _, p := range s.Meta(r.Model, r.Dataset) {
			if p.Value != "" && !slices.Contains(keys, p.Key) {
				keys = append(keys, p.Key)
			}
		}
	}
	return keys
}
