package datasets

import (
	"path"
	"slices"

	"abstain/datasets/column"
)

// OpenOOD writes the answers of a model to each data set into a file of its own,
// scores/DATASET.npz, with the arrays pred, conf and label. Labels of data sets that the
// model was not trained for are -1 throughout.

// isScores reports whether a table of a folder is such a file.
func (o *opener) isScores(f *folder, t Table, fields []column.Field) bool {
	in := o.root
	if len(f.names) > 0 {
		in = path.Base(f.path)
	}
	var names []string
	for _, x := range fields {
		names = append(names, x.Name)
	}
	slices.Sort(names)
	return in == "scores" && !o.single && t.Parts == nil && slices.Equal(names, []string{"conf", "label", "pred"})
}

// addScores adds the files of OpenOOD in a folder. The model is the folder above. If one
// data set alone has labels, the others are conditions of it, so that they are compared
// with it.
func (o *opener) addScores(f *folder) {
	var inside []string
	outside := make([]bool, len(f.scores))
	for i, d := range f.scores {
		if outside[i] = d.meta.Get("condition") == "ood"; !outside[i] {
			inside = append(inside, stem(d.table.Path))
		}
	}
	for i, d := range f.scores {
		from := originOf(f.names, "", o.root)
		from.dataset, from.declared = stem(d.table.Path), true
		if outside[i] {
			from.condition = "ood"
			if len(inside) == 1 {
				from.condition, from.dataset = "ood-"+from.dataset, inside[0]
			}
		}
		d.table.describe(nil, from)
		o.add(d.table)
	}
}
