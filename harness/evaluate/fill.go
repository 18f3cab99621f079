package evaluate

import (
	"slices"

	"abstain/datasets"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// Fill adds to the record what is wanted of the table's own samples and missing,
// and keeps the values in the replicates in the folder, under the record's key.
// The outcomes have the confidence columns wanted, as far as the table can give
// them; the name of the table is for the error of one that lacks the column by
// which samples are drawn.
func (w *Wanted) Fill(folder store.Folder, table string, r *store.Record, o *store.Outcomes, ranker *metrics.Ranker) error {
	replicates, err := w.fill(r, o, ranker)
	if err != nil {
		return &datasets.Error{Table: table, Column: w.Intervals.By(), Row: -1, Err: err,
			Hint: "every table needs the column by which samples are drawn; it has " + attributes(r)}
	}
	if len(replicates) == 0 {
		return nil
	}
	return folder.SaveReplicates(r.Key, w.Intervals.Drawn(), replicates)
}

// fill returns the values in the replicates of the estimates added.
func (w *Wanted) fill(r *store.Record, o *store.Outcomes, ranker *metrics.Ranker) (store.Replicates, error) {
	design, err := w.Intervals.Design(o.Outcomes)
	if err != nil {
		return nil, err
	}
	w.setDesign(r, design.Digest)
	names := w.ConfidencesOf(r)
	values := w.fillCells(r.Cells, o.Outcomes, names, w.drawings.Of(design, w.Intervals), ranker)
	for _, name := range w.Groups {
		if g := Attribute(o.Outcomes, name); g != nil {
			if err := w.fillGroups(r, name, g, o.Outcomes, names, ranker); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

// setDesign notes which samples belong together.
func (w *Wanted) setDesign(r *store.Record, digest string) {
	if w.Intervals.Sampling() == "" {
		return
	}
	if r.Designs == nil {
		r.Designs = map[string]string{}
	}
	r.Designs[w.Intervals.Sampling()] = digest
}

// fillGroups does the same for the samples of every level of an attribute.
func (w *Wanted) fillGroups(r *store.Record, name string, g *metrics.Group, o *metrics.Outcomes, names []string, ranker *metrics.Ranker) error {
	if r.Groups == nil {
		r.Groups = map[string]map[string]store.GroupCells{}
	}
	if r.Groups[name] == nil {
		r.Groups[name] = map[string]store.GroupCells{}
	}
	for code, rows := range levels(g) {
		level := r.Groups[name][g.Levels[code]]
		if level.Cells == nil {
			level.Cells = map[string]store.Cells{}
		}
		level.N = len(rows)
		of := o.Take(rows)
		replicates, err := w.draw(of)
		if err != nil {
			return err
		}
		w.fillCells(level.Cells, of, names, replicates, ranker)
		r.Groups[name][g.Levels[code]] = level
	}
	return nil
}

// draw makes replicates for samples that no other table shares: not kept.
func (w *Wanted) draw(o *metrics.Outcomes) (*resample.Replicates, error) {
	design, err := w.Intervals.Design(o)
	if err != nil {
		return nil, err
	}
	return resample.DrawEach(design.Design, w.Intervals.Seed, w.Intervals.Replicates), nil
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
func (w *Wanted) fillCells(into map[string]store.Cells, o *metrics.Outcomes, names []string, replicates *resample.Replicates, ranker *metrics.Ranker) store.Replicates {
	values := store.Replicates{}
	for _, name := range names {
		if into[name] == nil {
			into[name] = store.Cells{}
		}
		missing := slices.DeleteFunc(slices.Clone(w.Measures), func(m metrics.Measure) bool {
			_, ok := w.find(into[name], m, "")
			return ok || outside(m)
		})
		if len(missing) == 0 {
			continue
		}
		estimates := w.evaluate(ranker.Rank(o, o.Confidence(name)), name, missing, replicates)
		w.put(into[name], missing, "", estimates)
		for i, e := range estimates {
			if e.replicates != nil {
				values[ReplicatesName(name, missing[i])] = e.replicates
			}
		}
	}
	return values
}
