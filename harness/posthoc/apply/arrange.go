package apply

import (
	"fmt"
	"maps"
	"slices"

	"abstain/datasets"
	"abstain/harness/internal/words"
	"abstain/harness/posthoc"
	"abstain/harness/store"

	"github.com/zeebo/xxh3"
)

type modelKey struct{ model, dataset string }

func keyOf(t datasets.Table) modelKey { return modelKey{t.Model, t.Dataset} }

// Arrange looks up which transforms of each table exist already. It returns the
// tables that any transform applies to, and notices about those left out.
func (s *Stage) Arrange() (jobs []Job, notices []string) {
	fittings := map[modelKey]*fitting{}
	var left leftOut
	for place, t := range s.Tables {
		k := keyOf(t.Table)
		if fittings[k] == nil {
			fittings[k] = &fitting{on: s.fitsOn(k), need: make([]bool, len(s.Transforms))}
		}
		f := fittings[k]
		if t.Record == nil || t.Failed || (place == f.on && !s.Asked.Within()) {
			continue
		}
		if f.on < 0 {
			for _, transform := range s.Transforms {
				left.add(transform.ID, s.noSplit(k), t.Model)
			}
			continue
		}
		jobs = append(jobs, s.arrange(place, f, &left))
	}
	return jobs, left.notices()
}

// arrange looks up which transforms of one table exist already, and marks in f
// those that have to be fitted.
func (s *Stage) arrange(place int, f *fitting, left *leftOut) Job {
	j := Job{Table: place, fitting: f, Transforms: make([]Transformed, len(s.Transforms)+1)}
	for i, t := range s.Transforms {
		if why := s.unfit(t, place, f.on); why != "" {
			left.add(t.ID, why, s.Tables[place].Model)
			continue
		}
		j.Transforms[i] = s.lookUp(s.key(place, f.on, t.ID, t.Version))
		f.need[i] = f.need[i] || j.Transforms[i].Due
	}
	if j.drops() || (place == f.on && s.Asked.Holdout > 0) {
		j.Transforms[len(s.Transforms)] = s.lookUp(s.key(place, f.on, posthoc.Rest, 1))
	}
	return j
}

func (s *Stage) lookUp(key string) Transformed {
	t := LookUp(s.Store, s.Wanted, key)
	t.Due = t.Due || !s.Store.HasOutcomes(key) // they were lost
	return t
}

// drops reports whether some of the job's samples are fitted on; the stored
// predictions then have to be judged on the other samples too. It is true as long
// as that is unknown.
func (j Job) drops() bool {
	for _, t := range j.Transforms {
		if t.Record != nil {
			return t.Record.Dropped > 0
		}
	}
	return slices.ContainsFunc(j.Transforms, func(t Transformed) bool { return t.Due })
}

// key is the key of the record of a table under a transform: all that decides its
// outcomes.
func (s *Stage) key(place, on int, id string, version int) string {
	return fmt.Sprintf("%s-%s-%s", s.Tables[place].Record.Key, id,
		digest(fmt.Sprintf("%d|%s|%s", version, s.Tables[on].Record.Key, s.Asked.Protocol())))
}

func digest(text string) string {
	h := xxh3.New()
	h.WriteString(text)
	return store.Digest(h)
}

// fitsOn returns the place of the table that the maps of a model are fitted on;
// -1 if no table is suitable.
func (s *Stage) fitsOn(k modelKey) int {
	found := -1
	for i, t := range s.Tables {
		if keyOf(t.Table) != k || !s.Asked.FitsOn(t.Split, t.Condition) || t.Failed || t.Record == nil || t.Record.Outside == t.Record.N {
			continue
		}
		if found < 0 || (t.Split == "test" && s.Tables[found].Split != "test") {
			found = i
		}
	}
	return found
}

// noSplit says why there is no table to fit the maps of a model on, and what to
// do about it.
func (s *Stage) noSplit(k modelKey) string {
	for _, t := range s.Tables {
		if keyOf(t.Table) == k && s.Asked.FitsOn(t.Split, t.Condition) && t.Failed {
			return "the table to fit on failed"
		}
	}
	return nothingToFitOn(s.Asked)
}

func nothingToFitOn(asked posthoc.Transforms) string {
	if asked.Within() {
		return "there is no clean table with labels to take rows from"
	}
	return fmt.Sprintf("there is no clean table of split %q to fit on; --fit-split names another split, --holdout 0.1 or --folds 5 fit on part of the evaluated rows", asked.FitSplit)
}

// CheckSplits refuses transforms if none of them could be fitted on any of the
// tables.
func CheckSplits(asked posthoc.Transforms, transforms []posthoc.Transform, tables []datasets.Table) error {
	fit := func(t datasets.Table) bool { return asked.FitsOn(t.Split, t.Condition) }
	if len(transforms) == 0 || asked.Within() || len(tables) == 0 || slices.ContainsFunc(tables, fit) {
		return nil
	}
	models := map[string]bool{}
	for _, t := range tables {
		models[t.Model] = true
	}
	whose := fmt.Sprintf("any of %d models", len(models))
	if len(models) == 1 {
		whose = "model " + slices.Sorted(maps.Keys(models))[0]
	}
	return fmt.Errorf("no validation split for %s: %s", whose, nothingToFitOn(asked))
}

// unfit says why a transform does not apply to a table; "" if it does.
func (s *Stage) unfit(t posthoc.Transform, place, on int) string {
	if s.Asked.Folds > 0 && t.Input == posthoc.Logits {
		return "its confidences are on another scale in every fold; take a split or a holdout"
	}
	own, fitted := s.Tables[place].Record, s.Tables[on].Record
	rows := fitted.N - fitted.Outside
	if s.Asked.Holdout > 0 {
		rows = int(s.Asked.Holdout * float64(rows))
	}
	rows = min(rows, posthoc.MostFitted/max(1, own.Classes))
	if fitted.Kind() != own.Kind() || (fitted.Classes != own.Classes && t.Input != posthoc.Probability) {
		return "the table to fit on stores something else"
	}
	return t.Unfit(posthoc.Shape{Kind: own.Kind(), Classes: own.Classes, Rows: rows, Probability: !own.Margin && !fitted.Margin})
}

// leftOut counts the tables that a transform does not apply to, so that one
// notice tells of all of them.
type leftOut struct {
	order  []string // the reasons, as they came up
	what   map[string][]string
	models map[string][]string
}

func (l *leftOut) add(what, why, model string) {
	if l.what == nil {
		l.what, l.models = map[string][]string{}, map[string][]string{}
	}
	if l.what[why] == nil {
		l.order = append(l.order, why)
	}
	if !slices.Contains(l.what[why], what) {
		l.what[why] = append(l.what[why], what)
	}
	if m := l.models[why]; len(m) == 0 || m[len(m)-1] != model && !slices.Contains(m, model) {
		l.models[why] = append(m, model)
	}
}

func (l *leftOut) notices() []string {
	var list []string
	for _, why := range l.order {
		models := fmt.Sprintf("%d models (%s)", len(l.models[why]), words.Shorten(l.models[why], 3))
		if len(l.models[why]) == 1 {
			models = "model " + l.models[why][0]
		}
		list = append(list, fmt.Sprintf("%s left out for %s: %s", words.Shorten(l.what[why], 4), models, why))
	}
	return list
}
