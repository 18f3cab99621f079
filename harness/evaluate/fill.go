package harness

import (
	"maps"
	"slices"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// newRecord describes the outcomes; nothing is computed yet.
func newRecord(o *outcomes, stored bool) *record {
	r := &record{N: o.N(), Classes: o.Classes, Stored: stored,
		HasIDs: o.IDs.Int != nil || o.IDs.Text != nil, Cells: map[string]cells{}}
	r.Samples, r.Labels = digests(o)
	for _, l := range o.Label {
		if l < 0 {
			r.Outside++
		}
	}
	r.Available = o.available
	if c := o.Confidence("stored"); c != nil {
		r.Margin = !c.Probability
	}
	for _, g := range o.Groups {
		r.Attributes = append(r.Attributes, g.Name)
	}
	return r
}

// confidences are the functions by which the record is evaluated, of those asked:
// all it has if one is replaced, and none that it lacks under any transform.
func (r *record) confidences(asked []string) []string {
	if r.Replaced {
		return r.Available
	}
	names := confidences(asked, r.Available, r.Stored)
	if r.Transform != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(r.Available, n) })
	}
	return names
}

// clone returns a copy whose cells can be added to while others read r.
func (r *record) clone() *record {
	c := *r
	c.Cells, c.Designs = cloneCells(r.Cells), maps.Clone(r.Designs)
	c.Groups = map[string]map[string]groupCells{}
	for attribute, levels := range r.Groups {
		c.Groups[attribute] = map[string]groupCells{}
		for level, g := range levels {
			c.Groups[attribute][level] = groupCells{N: g.N, Cells: cloneCells(g.Cells)}
		}
	}
	return &c
}

func cloneCells(from map[string]cells) map[string]cells {
	to := map[string]cells{}
	for name, cs := range from {
		to[name] = maps.Clone(cs)
	}
	return to
}

// wanted says what a run asks of every table.
type wanted struct {
	measures    []Measure
	confidences []string
	groups      []string
	intervals   Intervals
	draws       draws
}

// missing reports whether the record lacks any of the metrics of that kind that
// are wanted of the table's own samples.
func (w *wanted) missing(r *record, kind func(Measure) bool) bool {
	names := r.confidences(w.confidences)
	lacking := func(have map[string]cells) bool {
		for _, name := range names {
			for _, m := range w.measures {
				if _, ok := w.find(have[name], m, ""); !ok && kind(m) && m.inside() {
					return true
				}
			}
		}
		return false
	}
	return lacking(r.Cells) || slices.ContainsFunc(w.groups, func(name string) bool {
		if !r.has(name) {
			return false
		}
		for _, g := range r.Groups[name] {
			if lacking(g.Cells) {
				return true
			}
		}
		return len(r.Groups[name]) == 0 && slices.ContainsFunc(w.measures, func(m Measure) bool { return kind(m) && m.inside() })
	})
}

// fill adds to the record what is wanted and missing, and returns the values in
// the replicates of the estimates added. The outcomes have the confidence columns
// wanted, as far as the table can give them.
func (w *wanted) fill(r *record, o *outcomes, ranker *metrics.Ranker) ([]replicated, error) {
	names := r.confidences(w.confidences)
	design, err := w.intervals.design(o.Outcomes)
	if err != nil {
		return nil, err
	}
	r.setDesign(w.intervals, design.digest)
	kept := w.fillCells(r.Cells, o.Outcomes, names, w.draws.get(design, w.intervals), ranker)
	for _, name := range w.groups {
		g := Attribute(o.Outcomes, name)
		if g == nil {
			continue
		}
		if r.Groups == nil {
			r.Groups = map[string]map[string]groupCells{}
		}
		if r.Groups[name] == nil {
			r.Groups[name] = map[string]groupCells{}
		}
		for code, rows := range levels(g) {
			level := r.Groups[name][g.Levels[code]]
			if level.Cells == nil {
				level.Cells = map[string]cells{}
			}
			level.N = len(rows)
			of := o.Take(rows)
			replicates, err := w.own(of)
			if err != nil {
				return nil, err
			}
			w.fillCells(level.Cells, of, names, replicates, ranker)
			r.Groups[name][g.Levels[code]] = level
		}
	}
	return kept, nil
}

// own are replicates for samples that no other table shares: not kept.
func (w *wanted) own(o *metrics.Outcomes) (*resample.Replicates, error) {
	design, err := w.intervals.design(o)
	if err != nil {
		return nil, err
	}
	return resample.DrawEach(design.Design, w.intervals.Seed, w.intervals.Replicates), nil
}

// levels returns the samples of each level of the attribute.
func levels(g *metrics.Group) [][]int32 {
	rows := make([][]int32, len(g.Levels))
	for i, c := range g.Code {
		if c >= 0 {
			rows[c] = append(rows[c], int32(i))
		}
	}
	return rows
}

// fillCells computes what is missing, and returns the values in the replicates.
func (w *wanted) fillCells(into map[string]cells, o *metrics.Outcomes, names []string, replicates *resample.Replicates, ranker *metrics.Ranker) []replicated {
	var kept []replicated
	for _, name := range names {
		if into[name] == nil {
			into[name] = cells{}
		}
		missing := slices.DeleteFunc(slices.Clone(w.measures), func(m Measure) bool {
			_, ok := w.find(into[name], m, "")
			return ok || m.outside()
		})
		if len(missing) == 0 {
			continue
		}
		estimates := w.evaluate(ranker.Rank(o, o.Confidence(name)), name, missing, replicates)
		w.put(into[name], missing, "", estimates)
		for i, e := range estimates {
			if e.replicates != nil {
				kept = append(kept, replicated{name, missing[i].key(""), e.replicates})
			}
		}
	}
	return kept
}

// fillOutside adds the metrics that set the out-of-distribution samples of a
// table, in all and by level of the attributes wanted, against the
// in-distribution samples of partner; a nil partner means that the table itself
// has both kinds.
func (w *wanted) fillOutside(r *record, o, partner *outcomes, partnerKey string) error {
	if err := w.fillOutsideCells(r, r.Cells, o.Outcomes, partner, partnerKey); err != nil || partner == nil {
		return err
	}
	for _, name := range w.groups {
		g := Attribute(o.Outcomes, name)
		if g == nil {
			continue
		}
		for code, rows := range levels(g) {
			level := r.Groups[name][g.Levels[code]]
			if err := w.fillOutsideCells(r, level.Cells, o.Take(rows), partner, partnerKey); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *wanted) fillOutsideCells(r *record, into map[string]cells, o *metrics.Outcomes, partner *outcomes, partnerKey string) error {
	if partner != nil {
		var err error
		if o, err = metrics.Concat(partner.Outcomes, o); err != nil {
			return err
		}
	}
	replicates, err := w.own(o)
	if err != nil {
		return err
	}
	outside := slices.DeleteFunc(slices.Clone(w.measures), Measure.inside)
	for _, name := range r.confidences(w.confidences) {
		w.put(into[name], outside, partnerKey, w.evaluate(metrics.Rank(o, o.Confidence(name)), name, outside, replicates))
	}
	return nil
}

// missingOutside reports whether fillOutside has anything to do.
func (w *wanted) missingOutside(r *record, partnerKey string) bool {
	for _, name := range r.confidences(w.confidences) {
		for _, m := range w.measures {
			if !m.outside() {
				continue
			}
			if _, ok := w.find(r.Cells[name], m, partnerKey); !ok {
				return true
			}
			for _, attribute := range w.groups {
				for _, g := range r.Groups[attribute] {
					if _, ok := w.find(g.Cells[name], m, partnerKey); !ok {
						return true
					}
				}
			}
		}
	}
	return false
}
