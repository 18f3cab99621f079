package deploy

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"abstain/harness/internal/words"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics/guarantee"
	"abstain/metrics/stattest"
)

// Asked says what threshold is wanted, and of which rows. Empty fields are filled in where
// the folder leaves one possibility.
type Asked struct {
	Model, Dataset, Condition, Transform, Confidence string

	Split    string  // judged; "" is test or, where there is none, the only other one
	FitSplit string  // chooses; "" is posthoc.DefaultFitSplit, if the folder has it
	Holdout  float64 // share of the judged split's rows, drawn at random, that choose instead
	Seed     uint64  // of that draw

	Risk, Delta float64
	Level       float64 // of the intervals
	Method      string
	Loss        string // of Losses
	Positive    int    // class; -1 for none
	Groups      string // attribute by which thresholds are wanted too
}

// Threshold is the answer.
type Threshold struct {
	Asked  // with what was filled in
	Method Method
	Loss   Loss
	Choice guarantee.Choice
	Rule   Rule

	Fit Measured // on the rows that chose
	// On is what the threshold does on rows that did not choose it; nil where none are left.
	On *Measured
	// FitRows and JudgeRows say where the rows are from.
	FitRows, JudgeRows string
	// Least is the least risk that so many rows can promise, were all of them right.
	Least float64
	// Plan says how many labelled rows would promise the risk at higher coverage.
	Plan   []Planned
	Groups []Group
	Notes  []string
}

// Share is a share of rows with its exact interval; NaN where there are no rows.
type Share struct{ Value, Lo, Hi float64 }

// Measured is what a threshold does on some rows.
type Measured struct {
	N       int   // in-distribution rows that the loss counts
	Counted int   // of them answered by the threshold
	Errors  int   // of these wrong
	Answers Share // answered share of N: the coverage
	Risk    Share // errors among the answered
	Joint   Share // answered and wrong, of N
}

// Group is what happens in one group of rows.
type Group struct {
	Name   string
	Common *Measured // the common threshold on this group's judged rows; nil without any
	Choice guarantee.Choice
	Own    *Measured // the group's own threshold on them
}

// Choose chooses a threshold. That no threshold has the promise is no error: the choice then
// is not feasible.
func Choose(s *results.Results, asked Asked) (*Threshold, error) {
	t := &Threshold{Asked: asked}
	var err error
	if t.Method, err = MethodNamed(cmp.Or(asked.Method, Methods()[0].ID)); err != nil {
		return nil, err
	}
	if t.Loss, err = LossNamed(cmp.Or(asked.Loss, Losses()[0].ID)); err != nil {
		return nil, err
	}
	if t.Asked.Method, t.Asked.Loss = t.Method.ID, t.Loss.ID; !(asked.Level > 0 && asked.Level < 1) {
		return nil, fmt.Errorf("level %v: an interval's level lies between 0 and 1, such as 0.95", asked.Level)
	}
	if err := guarantee.Check(asked.Risk, asked.Delta); err != nil {
		return nil, err
	}
	fit, judge, err := t.rows(s)
	if err != nil {
		return nil, err
	}
	if err := t.choose(fit, judge); err != nil {
		return nil, err
	}
	t.Rule = t.rule(s)
	return t, nil
}

// choose chooses on fit and judges on judge, which is nil where no rows are left.
func (t *Threshold) choose(fit rows, judge *rows) (err error) {
	every := func(int) bool { return true }
	curve := fit.curve(every, t.Method.Joint)
	if curve.N() == 0 {
		return fmt.Errorf("%s has no rows of split %s to choose a threshold on: %s counts none of them", t.Model, fit.split, t.Loss.ID)
	}
	if t.Choice, err = t.Method.choose(curve, t.Risk, t.Delta); err != nil {
		return err
	}
	t.Least = t.Method.least(curve.N(), t.Delta)
	t.Fit = t.measure(fit, every, t.Choice)
	t.Plan = t.plan(curve, fit.n())
	if judge != nil {
		on := t.measure(*judge, every, t.Choice)
		t.On = &on
	}
	if t.Asked.Groups == "" {
		return nil
	}
	return t.chooseByGroup(fit, judge)
}

func (t *Threshold) chooseByGroup(fit rows, judge *rows) error {
	names := groups(fit)
	if judge != nil {
		names = groups(fit, *judge)
	}
	for _, name := range names {
		g := Group{Name: name, Choice: guarantee.Choice{Above: math.Inf(1)}}
		if c := fit.curve(fit.of(name), t.Method.Joint); c.N() > 0 {
			var err error
			if g.Choice, err = t.Method.choose(c, t.Risk, t.Delta); err != nil {
				return err
			}
		}
		if judge != nil {
			if common := t.measure(*judge, judge.of(name), t.Choice); common.N > 0 {
				own := t.measure(*judge, judge.of(name), g.Choice)
				g.Common, g.Own = &common, &own
			}
		}
		t.Groups = append(t.Groups, g)
	}
	return nil
}

// measure is what a choice does on rows. Rows strictly above the largest rejected one are
// answered.
func (t *Threshold) measure(r rows, keep func(int) bool, c guarantee.Choice) Measured {
	var m Measured
	for _, i := range r.in(keep) {
		m.N++
		if c.Feasible && r.answered[i] && r.confidence[i] > c.Above {
			m.Counted++
			if r.wrong[i] {
				m.Errors++
			}
		}
	}
	m.Answers, m.Risk, m.Joint = t.share(m.Counted, m.N), t.share(m.Errors, m.Counted), t.share(m.Errors, m.N)
	return m
}

func (t *Threshold) share(k, n int) Share {
	if n == 0 {
		return Share{math.NaN(), math.NaN(), math.NaN()}
	}
	lo, hi := stattest.ClopperPearson(k, n, t.Level)
	return Share{float64(k) / float64(n), lo, hi}
}

// rows finds the rows that choose and those that judge.
func (t *Threshold) rows(s *results.Results) (fit rows, judge *rows, err error) {
	keys, err := t.tables(s)
	if err != nil {
		return fit, nil, err
	}
	judged, chosen, err := t.splits(s, keys)
	if err != nil {
		return fit, nil, err
	}
	fitTable, err := load(s, chosen)
	if err != nil {
		return fit, nil, err
	}
	if t.Confidence, err = confidence(fitTable, t.Confidence, t.Model); err != nil {
		return fit, nil, err
	}
	if t.Positive, err = t.Loss.positive(t.Positive, fitTable.Classes); err != nil {
		return fit, nil, err
	}
	fit, outside, err := fitTable.take(&t.Asked, t.Loss, t.Positive)
	if err != nil {
		return fit, nil, err
	}
	t.noteOutside(outside, chosen.Split)
	switch {
	case t.Holdout > 0:
		rest := rows{}
		fit, rest = fit.draw(t.Holdout, t.Seed)
		judge = &rest
	case judged != chosen:
		if judge, err = t.judge(s, judged, fitTable); err != nil {
			return fit, nil, err
		}
	}
	t.describeRows(fit, judge)
	return fit, judge, nil
}

// judge takes the rows of the judged table that did not choose.
func (t *Threshold) judge(s *results.Results, judged results.Key, fit *table) (*rows, error) {
	table, err := load(s, judged)
	if err != nil {
		return nil, err
	}
	left, shared, err := withoutShared(table, fit)
	if err != nil {
		return nil, fmt.Errorf("%s: splits %s and %s: %w; --holdout 0.5 parts one of them", t.Model, fit.key.Split, judged.Split, err)
	}
	if shared > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%s of split %s chose the threshold too: left out of the judged ones", words.Plural(shared, "row"), judged.Split))
	}
	r, outside, err := left.take(&t.Asked, t.Loss, t.Positive)
	t.noteOutside(outside, judged.Split)
	if fit.key.Condition != judged.Condition {
		t.Notes = append(t.Notes, fmt.Sprintf("judged under %s, chosen under %s: the promise is for rows like those that chose, and does not reach there",
			judged.Condition, fit.key.Condition))
	}
	return &r, err
}

func (t *Threshold) noteOutside(n int, split string) {
	if n > 0 {
		t.Notes = append(t.Notes, fmt.Sprintf("%s of split %s with label -1 left out: the promise is for samples of the classes", words.Plural(n, "row"), split))
	}
}

func (t *Threshold) describeRows(fit rows, judge *rows) {
	t.FitRows = fit.split
	if t.Holdout > 0 {
		t.FitRows = fmt.Sprintf("%v of %s, drawn by seed %d", t.Holdout, fit.split, t.Seed)
	}
	if judge == nil {
		return
	}
	if t.JudgeRows = judge.split; t.Holdout > 0 {
		t.JudgeRows = "the rest of " + judge.split
	} else if judge.condition != fit.condition {
		t.JudgeRows += ", " + judge.condition
	}
}

// confidence is the confidence function: the one asked for, or msp, or the only one.
func confidence(t *table, asked, model string) (string, error) {
	var names []string
	for _, c := range t.Confidences {
		names = append(names, c.Name)
	}
	switch {
	case asked != "" && slices.Contains(names, asked):
		return asked, nil
	case asked == "" && slices.Contains(names, "msp"):
		return "msp", nil
	case asked == "" && slices.Contains(names, "stored"):
		return "stored", nil
	case asked == "" && len(names) == 1:
		return names[0], nil
	case asked == "":
		return "", fmt.Errorf("%s has several confidence functions, %s: name one by --confidence", model, strings.Join(names, ", "))
	}
	return "", fmt.Errorf("%s keeps no confidence %q: there are %s; run again with --confidence %s for another", model, asked, strings.Join(names, ", "), asked)
}

// tables lists the model's kept tables under the transform, and fills in the dataset and the
// transform.
func (t *Threshold) tables(s *results.Results) ([]results.Key, error) {
	var all []results.Key
	datasets := map[string]bool{}
	for k := range s.Kept {
		if k.Model == t.Model && (t.Dataset == "" || k.Dataset == t.Dataset) {
			all = append(all, k)
			datasets[k.Dataset] = true
		}
	}
	switch {
	case len(s.Kept) == 0:
		return nil, fmt.Errorf("%s keeps no outcomes: a threshold needs a folder that abstain run made", s.Dir)
	case len(all) == 0:
		return nil, t.unknown(s)
	case len(datasets) > 1:
		return nil, fmt.Errorf("%s is evaluated on several datasets, %s: name one by --dataset", t.Model, strings.Join(slices.Sorted(maps.Keys(datasets)), ", "))
	}
	t.Dataset, t.Transform = all[0].Dataset, cmp.Or(t.Transform, posthoc.None)
	var transforms []string
	keys := slices.DeleteFunc(slices.Clone(all), func(k results.Key) bool { return k.Transform != t.Transform })
	for _, k := range all {
		if !slices.Contains(transforms, k.Transform) {
			transforms = append(transforms, k.Transform)
		}
	}
	if len(keys) == 0 {
		slices.Sort(transforms)
		return nil, fmt.Errorf("%s has no transform %q: there are %s", t.Model, t.Transform, strings.Join(transforms, ", "))
	}
	slices.SortFunc(keys, func(a, b results.Key) int {
		return cmp.Or(strings.Compare(a.Split, b.Split), strings.Compare(a.Condition, b.Condition))
	})
	return keys, nil
}

func (t *Threshold) unknown(s *results.Results) error {
	var names []string
	for k := range s.Kept {
		if !slices.Contains(names, k.Model) {
			names = append(names, k.Model)
		}
	}
	slices.Sort(names)
	return fmt.Errorf("%s keeps no outcomes of a model %q: there are %s", s.Dir, t.Model, words.Shorten(names, 5))
}

// splits says which table judges and which chooses: the same one, where there is no other.
func (t *Threshold) splits(s *results.Results, keys []results.Key) (judged, chosen results.Key, err error) {
	find := func(split, condition string) (results.Key, bool) {
		i := slices.IndexFunc(keys, func(k results.Key) bool { return k.Split == split && k.Condition == condition })
		if i < 0 {
			return results.Key{}, false
		}
		return keys[i], true
	}
	if t.Holdout != 0 && !(t.Holdout > 0 && t.Holdout < 1) {
		return judged, chosen, fmt.Errorf("holdout %v: want a share of the samples between 0 and 1", t.Holdout)
	}
	if t.Holdout > 0 && t.FitSplit != "" {
		return judged, chosen, fmt.Errorf("--fit-split and --holdout both say which rows choose: name one of the two")
	}
	condition := cmp.Or(t.Condition, "clean")
	fitSplit := cmp.Or(t.FitSplit, posthoc.DefaultFitSplit)
	judged, ok := find(cmp.Or(t.Split, "test"), condition)
	if !ok && t.Split == "" { // the first one that does not choose, else the only one
		for _, k := range keys {
			if k.Condition == condition && (!ok || judged.Split == fitSplit) {
				judged, ok = k, true
			}
		}
	}
	if !ok {
		return judged, chosen, fmt.Errorf("%s has no table of split %s under %s%s: there are %s", t.Model, cmp.Or(t.Split, "test"), condition, t.under(), list(keys))
	}
	t.Split, t.Condition = judged.Split, judged.Condition
	if t.Holdout > 0 {
		return judged, judged, nil
	}
	if chosen, ok = find(fitSplit, condition); !ok {
		chosen, ok = find(fitSplit, "clean")
	}
	switch {
	case !ok && t.FitSplit != "":
		return judged, chosen, fmt.Errorf("%s has no table of split %s%s to choose on: there are %s", t.Model, t.FitSplit, t.under(), list(keys))
	case !ok:
		chosen = judged
	}
	t.FitSplit = chosen.Split
	return judged, chosen, nil
}

func (t *Threshold) under() string {
	if t.Transform == posthoc.None {
		return ""
	}
	return " under transform " + t.Transform
}

func list(keys []results.Key) string {
	var names []string
	for _, k := range keys {
		names = append(names, k.Split+" "+k.Condition)
	}
	return words.Shorten(names, 6)
}
