package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/internal/words"
	"abstain/harness/results"
	"abstain/metrics/spelling"
)

// entrant is a contender with its row of the results.
type entrant struct {
	Contender
	row results.Row
}

// contenders finds the rows of the models named in specs, each as
// MODEL[@TRANSFORM][:CONFIDENCE] with the selection's transform and confidence
// function where it names none. A model's own name may hold @ and colons: the
// longest name of a model that a spec begins with is meant.
func contenders(s *results.Results, sel board.Selection, specs []string) (*board.View, []entrant, error) {
	if len(specs) < 2 {
		return nil, nil, fmt.Errorf("compare: %s named; it takes a reference and one or more to set against it", words.Plural(len(specs), "model"))
	}
	view, err := board.Select(s, sel)
	if err != nil {
		return nil, nil, err
	}
	var all []entrant
	for _, spec := range specs {
		c, err := contender(s, view, spec, sel.Confidence != "")
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(all, func(o entrant) bool { return o.row.Key == c.row.Key }) {
			return nil, nil, fmt.Errorf("compare: %s is named twice", c.Label)
		}
		all = append(all, *c)
	}
	return view, all, nil
}

// contender is the row that a spec names inside a view. Without a confidence
// function of its own, and if none was asked for, a score-only model is taken by
// its stored one.
func contender(s *results.Results, view *board.View, spec string, asked bool) (*entrant, error) {
	inside := slices.DeleteFunc(slices.Clone(s.Rows), func(r results.Row) bool {
		return r.Dataset != view.Choice.Dataset || r.Split != view.Choice.Split || r.Condition != view.Choice.Condition
	})
	model := ""
	for _, r := range inside {
		rest, ok := strings.CutPrefix(spec, r.Model)
		if ok && len(r.Model) > len(model) && (rest == "" || rest[0] == '@' || rest[0] == ':') {
			model = r.Model
		}
	}
	if model == "" {
		return nil, fmt.Errorf("%s has no model %q on dataset %s, split %s, condition %s%s",
			s.Dir, spec, view.Choice.Dataset, view.Choice.Split, view.Choice.Condition, nearest(inside, spec))
	}
	c := &entrant{Contender: Contender{Label: spec, Model: model, Transform: view.Choice.Transform, Confidence: view.Choice.Confidence}}
	rest := spec[len(model):]
	if transform, ok := strings.CutPrefix(rest, "@"); ok {
		c.Transform, _, _ = strings.Cut(transform, ":")
		rest = strings.TrimPrefix(transform, c.Transform)
	}
	confidence, named := strings.CutPrefix(rest, ":")
	if named {
		c.Confidence = confidence
	}
	if c.find(inside) {
		return c, nil
	}
	if !named && !asked {
		c.Confidence = "stored"
		if c.find(inside) {
			return c, nil
		}
	}
	return nil, c.missing(inside)
}

// find takes the contender's row if there is one.
func (c *entrant) find(rows []results.Row) bool {
	for _, r := range rows {
		if r.Status == "ok" && r.Model == c.Model && r.Transform == c.Transform && r.Confidence == c.Confidence {
			c.row = r
			return true
		}
	}
	return false
}

// missing says what there is of the contender's model instead.
func (c *entrant) missing(rows []results.Row) error {
	var have []string
	for _, r := range rows {
		if r.Model != c.Model {
			continue
		}
		if r.Status != "ok" {
			return fmt.Errorf("compare: the table of %s could not be evaluated; abstain show tells why", c.Model)
		}
		name := r.Model
		if r.Transform != "none" {
			name += "@" + r.Transform
		}
		have = append(have, name+":"+r.Confidence)
	}
	return fmt.Errorf("compare: there is no %s under that transform and confidence function; there is %s", c.Label, words.Shorten(have, 12))
}

// nearest suggests models whose names are near to what was asked for, or hold it.
func nearest(rows []results.Row, spec string) string {
	var names []string
	seen := map[string]bool{}
	for _, r := range rows {
		if !seen[r.Model] {
			seen[r.Model] = true
			names = append(names, r.Model)
		}
	}
	name, _, _ := strings.Cut(spec, ":")
	name, _, _ = strings.Cut(name, "@")
	return cmp.Or(spelling.Meant(name, names), "; abstain ls models lists them")
}
