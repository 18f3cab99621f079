package conform

import (
	"context"
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/internal/words"
	"abstain/harness/pool"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
)

// Stage is the input of this package: what a run asks for, and the tables it has evaluated.
type Stage struct {
	Wanted  *evaluate.Wanted
	Store   *store.Store
	Asked   *Asked
	Tables  []apply.Table
	Workers int
}

// Done are the records of one table.
type Done struct {
	// Transforms are in the order of Names; one without a record was left out.
	Transforms []apply.Transformed
	Names      []string
	Computed   bool
}

// Check refuses what none of the tables can give.
func Check(a *Asked, tables []datasets.Table) error {
	if a == nil || len(tables) == 0 {
		return nil
	}
	var splits []string
	for _, t := range tables {
		if t.Condition == "clean" && !slices.Contains(splits, t.Split) {
			splits = append(splits, t.Split)
		}
	}
	switch {
	case a.Fit == "" || slices.Contains(splits, a.Fit):
		return nil
	case splits == nil:
		return fmt.Errorf("sets: no table is clean: there are no rows to calibrate on")
	}
	return fmt.Errorf("sets: no clean table is of split %q: there is %s; sets are not judged on rows that calibrated them: fit= names another split, holdout=0.5 lets half of the rows calibrate and judges the others",
		a.Fit, words.Shorten(splits, 5))
}

// subject is a model on a dataset, with the places of its tables.
type subject struct {
	model, dataset string
	fit            int   // place of the table that calibrates
	judged         []int // places of those judged
}

// Run makes the sets of every model. It returns the records by place, notices, and calls done
// for the tables of every model that was computed.
func (s *Stage) Run(ctx context.Context, begin func(tables int), done func(table int, err error)) (map[int]Done, []string, error) {
	subjects, notices := s.subjects()
	results := map[int]Done{}
	var pending []subject
	due := 0
	for _, u := range subjects {
		ready := true
		for _, place := range u.judged {
			d, ok, err := s.lookUp(u, place)
			if err != nil {
				return results, notices, err
			}
			results[place] = d
			ready = ready && ok
		}
		if !ready {
			pending = append(pending, u)
			due += len(u.judged)
		}
	}
	if len(pending) == 0 {
		return results, append(notices, s.tell(results)...), nil
	}
	begin(due)
	got, err := pool.Map(ctx, s.Workers, pending, s.evaluate, func(u subject, r pool.Result[map[int]Done]) {
		for _, place := range u.judged {
			done(place, r.Err)
		}
	})
	for i, u := range pending {
		for _, place := range u.judged {
			d, ok := got[i].Value[place]
			if !ok {
				d = results[place]
				d.Computed = true
				for k := range d.Transforms {
					if t := &d.Transforms[k]; t.Due {
						t.Err = got[i].Err
					}
				}
			}
			results[place] = d
		}
	}
	return results, append(notices, s.tell(results)...), err
}

// tell are the notes of rows on clean tables, the same one of several models once.
func (s *Stage) tell(results map[int]Done) []string {
	var order []string
	models := map[string][]string{}
	for place, t := range s.Tables {
		if t.Condition != "clean" {
			continue
		}
		for _, x := range results[place].Transforms {
			if x.Record == nil {
				continue
			}
			for _, f := range x.Record.Fits[:min(1, len(x.Record.Fits))] {
				if f.Note == "" {
					continue
				}
				what := x.Record.Transform + ": " + f.Note
				if models[what] == nil {
					order = append(order, what)
				}
				if !slices.Contains(models[what], t.Model) {
					models[what] = append(models[what], t.Model)
				}
			}
		}
	}
	var notices []string
	for i, what := range order {
		if i == mostTold {
			return append(notices, fmt.Sprintf("sets: %d more notes stand in sets.csv", len(order)-i))
		}
		notices = append(notices, fmt.Sprintf("%s of %s", what, words.Shorten(models[what], 3)))
	}
	return notices
}

// mostTold is how many different notes a run spells out.
const mostTold = 6

// subjects lists the models that can be calibrated, and says why others cannot.
func (s *Stage) subjects() (list []subject, notices []string) {
	seen := map[[2]string]bool{}
	var order []string
	left := map[string][]string{}
	for _, t := range s.Tables {
		k := [2]string{t.Model, t.Dataset}
		if seen[k] {
			continue
		}
		seen[k] = true
		u, why := s.subject(t.Model, t.Dataset)
		if why == "" {
			list = append(list, u)
			continue
		}
		if left[why] == nil {
			order = append(order, why)
		}
		left[why] = append(left[why], t.Model)
	}
	for _, why := range order {
		notices = append(notices, fmt.Sprintf("sets: %s left out: %s", words.Shorten(left[why], 3), why))
	}
	return list, notices
}

// usable reports whether a table of the model has records and class vectors.
func (s *Stage) usable(t apply.Table, model, dataset string) bool {
	return t.Model == model && t.Dataset == dataset && !t.Failed && t.Record != nil && !t.Record.Stored && t.Record.Classes > 1
}

// subject finds the tables of a model; why says what is missing.
func (s *Stage) subject(model, dataset string) (u subject, why string) {
	u = subject{model: model, dataset: dataset, fit: -1}
	clean := 0
	for place, t := range s.Tables {
		if !s.usable(t, model, dataset) || t.Condition != "clean" || t.Record.Outside == t.Record.N {
			continue
		}
		clean++
		// Without a name the split that is judged is parted: test, if there is one.
		if s.Asked.Fit != "" && t.Split == s.Asked.Fit || s.Asked.Fit == "" && (u.fit < 0 || t.Split == "test") {
			u.fit = place
		}
	}
	switch {
	case clean == 0:
		return u, "there is no clean table with class vectors and labels"
	case u.fit < 0:
		return u, fmt.Sprintf("there is no clean table of split %q to calibrate on; fit= names another split, holdout=0.5 parts the judged rows", s.Asked.Fit)
	}
	for place, t := range s.Tables {
		if s.usable(t, model, dataset) && (place != u.fit || s.Asked.Holdout > 0) && t.Record.Classes == s.Tables[u.fit].Record.Classes {
			u.judged = append(u.judged, place)
		}
	}
	if u.judged == nil {
		return u, fmt.Sprintf("split %q is its only table, and rows that calibrate are not judged: holdout=0.5 parts it", s.Tables[u.fit].Split)
	}
	return u, ""
}

// key is that of the record of a judged table under a kind of set.
func (s *Stage) key(u subject, place int, v variant) string {
	text := fmt.Sprintf("%s|%s|%v", s.Asked.protocol(v), s.Tables[u.fit].Record.Key, s.Wanted.Intervals.Level)
	if g := s.judgedBy(v, s.Tables[place].Record); g != "" {
		text += "|" + g
	}
	return s.Tables[place].Record.Key + "-" + Prefix + v.kind.Score.String() + "-" + store.Brief(text)
}

// judgedBy is the attribute whose worst group is told: that of the thresholds, or the first
// that the run asks for and the table has; "" without any.
func (s *Stage) judgedBy(v variant, r *store.Record) string {
	if a := v.attribute(); a != "" {
		return a
	}
	for _, a := range s.Wanted.Groups {
		if a != evaluate.LabelAttribute && evaluate.Has(r, a) {
			return a
		}
	}
	return ""
}

// lookUp finds the records of a judged table, and completes them from what is kept; ok says
// that nothing is due any more.
func (s *Stage) lookUp(u subject, place int) (d Done, ok bool, err error) {
	for _, v := range s.Asked.variants() {
		d.Names = append(d.Names, v.transform())
		d.Transforms = append(d.Transforms, apply.LookUp(s.Store, s.Wanted, s.key(u, place, v)))
	}
	ok, err = s.Refill(&d)
	return d, ok, err
}

// Refill completes records from the outcomes that are kept; all says that nothing is due any
// more.
func (s *Stage) Refill(d *Done) (all bool, err error) {
	all = true
	for i := range d.Transforms {
		t := &d.Transforms[i]
		if !t.Due {
			continue
		}
		r, err := apply.Refill(s.Store, s.Wanted, t.Record)
		if err != nil {
			return false, err
		}
		if r == nil {
			all = false
			continue
		}
		t.Record, t.Due, d.Computed = r, false, true
	}
	return all, nil
}
