package datasets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"abstain/datasets/column"
)

// vector is a class vector that a table may have.
type vector struct {
	part  part
	own   bool // called by this package's own words
	place int  // in the vocabulary
	name  string
	list  int     // field; -1 if the classes have columns of their own
	wide  *family // the columns
}

// takeVector finds a class vector and the labels that belong to it. A vector under
// other names than the package's own is taken only if there is no score table under
// these.
func (r *recogniser) takeVector() error {
	if found, err := r.takeSaidVector(); err != nil || found {
		return err
	}
	if r.scoresSaid() {
		return nil
	}
	all := r.vectors()
	own := slices.DeleteFunc(slices.Clone(all), func(v vector) bool { return !v.own })
	if len(own) > 0 {
		return r.takeBest(slices.DeleteFunc(all, func(v vector) bool { return r.passedOver(own[0], v) }))
	}
	if err := r.unreadable(); err != nil {
		return err
	}
	whole := slices.DeleteFunc(slices.Clone(all), func(v vector) bool { return !v.complete() })
	if len(whole) == 0 {
		whole = r.unnamed()
	}
	switch {
	case r.ownScores():
	case len(whole) > 0:
		return r.takeBest(whole)
	case len(all) > 0 && all[0].part != outputsPart:
		r.gappy = &all[0]
	}
	return nil
}

// passedOver reports whether a vector under another name is not looked at because best has
// this package's own. It is, with a note, if it would be the same part; columns of unknown
// meaning are left for groups. Of logits and probabilities, both are looked at.
func (r *recogniser) passedOver(best, v vector) bool {
	if v.own || v.complete() && v.part != best.part && v.part != outputsPart || best.part == probsPart && v.mayBeLogits() {
		return false
	}
	if v.part == best.part && v.complete() {
		r.notes = append(r.notes, fmt.Sprintf("%s has the %s; %s is not looked at", r.nameOf(best), best.part.word(), r.nameOf(v)))
	}
	return true
}

// takeSaidVector takes the vector that the user named.
func (r *recogniser) takeSaidVector() (bool, error) {
	for _, p := range []part{logitsPart, probsPart} {
		name := r.said[p]
		if name == "" {
			continue
		}
		i, ok := r.byName[name]
		if !ok {
			return true, r.takeSaidColumns(p, name)
		}
		if k := r.fields[i].Kind; scalar(k) {
			return true, r.takeBinary(i, p)
		}
		return true, r.takeList(vector{part: p, name: name, list: i})
	}
	return false, nil
}

// takeSaidColumns takes the columns that the user named by their common word, or by the
// first and the last of them.
func (r *recogniser) takeSaidColumns(p part, name string) error {
	if fields := r.between(name); fields != nil {
		n := &named{part: p, fields: fields}
		for _, i := range fields {
			n.names = append(n.names, r.fields[i].Name)
		}
		return r.takeColumns(n)
	}
	w, _ := r.familyOf(name)
	return r.takeWide(vector{part: p, name: name, list: -1, wide: w})
}

// between lists the columns from one to another, in the order of the table, as "a..d";
// nil if the text does not name two columns with numbers between them.
func (r *recogniser) between(text string) []int {
	first, last, ok := strings.Cut(text, "..")
	i, begins := r.byName[first]
	j, ends := r.byName[last]
	if !ok || !begins || !ends || i >= j {
		return nil
	}
	var list []int
	for k := i; k <= j; k++ {
		if !scalar(r.fields[k].Kind) {
			return nil
		}
		list = append(list, k)
	}
	return list
}

// scoresSaid reports whether the user named the columns of a score table.
func (r *recogniser) scoresSaid() bool {
	return r.said[confidencePart] != "" || r.said[correctPart] != "" || r.said[predictionPart] != ""
}

// vectors lists the class vectors by their names: lists, and columns with numbers.
func (r *recogniser) vectors() []vector {
	var all []vector
	kinds := []part{logitsPart, probsPart, outputsPart}
	for _, p := range kinds {
		if _, said := r.said[p]; said {
			continue // "" says that there is none
		}
		for _, c := range r.candidates(p) {
			if _, ok := r.fits(c.field, p); ok && r.fields[c.field].Kind != column.Untyped {
				all = append(all, vector{part: p, own: c.place == 0 && p != outputsPart, place: c.place, name: c.name, list: c.field})
			}
		}
	}
	families := r.families()
	for _, word := range sortedKeys(families) {
		w := families[word]
		for _, p := range kinds {
			if _, said := r.said[p]; said || len(w.fields) < 2 || w.yesNo || !isWide(p, word) {
				continue
			}
			all = append(all, vector{part: p, own: w.own && w.first() == 0, place: wideplace(p, word), name: w.prefix, list: -1, wide: w})
			break
		}
	}
	slices.SortStableFunc(all, compareVectors)
	return all
}

// wideplace is the place of a word before numbers: behind that of the word alone.
func wideplace(p part, word string) int {
	if place, ok := placeOf(p, word); ok {
		return place
	}
	return len(places[p])
}

func compareVectors(a, b vector) int {
	return cmp.Or(-compareBool(a.own, b.own), cmp.Compare(a.part, b.part), -compareBool(a.list >= 0, b.list >= 0),
		cmp.Compare(a.place, b.place), strings.Compare(a.name, b.name))
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// takeBest takes the first of the vectors, which are in order. Another one of the same
// kind is a choice, for the values to decide, as is one of the other kind: logits are
// taken if the probabilities follow from them. Outputs beside probabilities may be logits.
func (r *recogniser) takeBest(all []vector) error {
	best := all[0]
	if err := r.takeOne(best); err != nil {
		return err
	}
	for _, v := range all[1:] {
		if v.list >= 0 && r.used[v.list] || !v.complete() {
			continue
		}
		if best.part == outputsPart || v.part != outputsPart || best.part == probsPart && v.mayBeLogits() {
			r.choices = append(r.choices, r.agree(best, v))
			r.skip(v)
		}
	}
	if best.part == outputsPart {
		r.choices = append([]choice{r.kindByValues(cmp.Or(best.name, r.schema.Column))}, r.choices...)
	}
	return nil
}

// mayBeLogits reports whether a list that only its values tell may be what probabilities
// beside it were computed from. Predictions, as one-hot vectors, are not.
func (v vector) mayBeLogits() bool {
	_, predicted := placeOf(predictionPart, v.name)
	return v.part == outputsPart && v.list >= 0 && !predicted
}

// complete reports whether the vector has a column for each class.
func (v vector) complete() bool { return v.wide == nil || v.wide.missing() < 0 }

// skip marks the columns of a vector that is not taken.
func (r *recogniser) skip(v vector) {
	for _, i := range r.fieldsOf(v) {
		if !r.used[i] {
			r.used[i] = true
			r.schema.Unused = append(r.schema.Unused, r.fields[i].Name)
		}
	}
}

// fieldsOf are the columns of a vector, by class.
func (r *recogniser) fieldsOf(v vector) []int {
	if v.wide == nil {
		return []int{v.list}
	}
	var list []int
	for c := range len(v.wide.fields) {
		list = append(list, v.wide.fields[v.wide.first()+c])
	}
	return list
}

// wantsOf asks for the columns of a vector.
func (r *recogniser) wantsOf(v vector) []column.Want {
	var list []column.Want
	for _, i := range r.fieldsOf(v) {
		kind := r.fields[i].Kind
		if kind == column.Untyped {
			kind = column.Float64
		}
		list = append(list, column.Want{Field: i, Kind: kind})
	}
	return list
}

func (r *recogniser) takeOne(v vector) error {
	if v.list >= 0 {
		return r.takeList(v)
	}
	return r.takeWide(v)
}

func (r *recogniser) takeList(v vector) error {
	i, err := r.takeAs(v.list, v.part)
	if err != nil {
		return err
	}
	r.vector = []int{i}
	width := r.fields[v.list].Width
	if width == 1 {
		return column.Errorf(v.name, -1, "has one value per row; a class vector needs one per class")
	}
	return r.describe(v.part, width, v.name)
}

// takeWide takes columns called by a word and 0, 1, ... or 1, 2, ..., in any order and
// without gaps.
func (r *recogniser) takeWide(v vector) error {
	if gap := v.wide.missing(); gap >= 0 {
		first, last := v.wide.first(), v.wide.first()+len(v.wide.fields)-1
		return column.Errorf(fmt.Sprint(v.wide.prefix, gap), -1, "is missing: %d columns %s%d, %s%d, ... were found, so the last is expected to be %s%d",
			len(v.wide.fields), v.wide.prefix, first, v.wide.prefix, first+1, v.wide.prefix, last)
	}
	for _, w := range r.wantsOf(v) {
		r.vector = append(r.vector, r.add(w.Field, w.Kind))
	}
	return r.describe(v.part, len(r.vector), r.wide(r.vector))
}

// unnamed finds the only class vector among arrays that were stored without names, if
// there are no other columns.
func (r *recogniser) unnamed() []vector {
	var list []vector
	for i, f := range r.fields {
		prefix, _, numbered := numberedName(f.Name)
		if !numbered || fold(prefix) != unnamedWord {
			return nil
		}
		if _, ok := r.fits(i, outputsPart); ok && f.Kind != column.Untyped {
			list = append(list, vector{part: outputsPart, name: f.Name, list: i})
		}
	}
	if len(list) == 2 && r.look != nil {
		list = slices.DeleteFunc(list, func(v vector) bool { return r.oneHotArray(v.list) })
	}
	if len(list) != 1 {
		return nil
	}
	return list
}

// oneHotArray reports whether the first rows of a list column are one-hot.
func (r *recogniser) oneHotArray(i int) bool {
	rows, hots := 0, 0
	err := r.look([]column.Want{{Field: i, Kind: r.fields[i].Kind}}, func(c *column.Chunk) error {
		for rows = range c.N {
			if _, ok := hot(&c.Columns[0], rows); ok {
				hots++
			}
		}
		return errEnough
	})
	return err == nil && hots > 0 && hots == rows+1
}

// unnamedWord is how NumPy calls arrays without names, before their numbers.
const unnamedWord = "arr"

// unnamedTruth finds the only array without a name that can be the label.
func (r *recogniser) unnamedTruth() (int, bool) {
	found := -1
	for i, f := range r.fields {
		prefix, _, numbered := numberedName(f.Name)
		_, fits := r.fits(i, labelPart)
		if !numbered || fold(prefix) != unnamedWord || r.used[i] || !fits {
			continue
		}
		if found >= 0 {
			return -1, false
		}
		found = i
	}
	return found, found >= 0
}

// describe completes the schema of a table with a class vector.
func (r *recogniser) describe(p part, classes int, name string) error {
	r.schema.Kind, r.schema.Classes, r.schema.Column = Logits, classes, name
	if p == probsPart {
		r.schema.Kind = Probs
	}
	if err := r.takeTruth(); err != nil {
		return err
	}
	if r.label < 0 && r.onehot == nil {
		for _, c := range r.candidates(labelPart) {
			return r.cannotBe(c, labelPart)
		}
		e := column.Errorf(labelPart.word(), -1, "is missing%s", r.nearestTo(labelPart))
		e.Hint = "add an integer column label with the true class of each sample, or say --columns label=COLUMN; found: " + r.found()
		return e
	}
	return nil
}

// cannotBe is the error for a column whose name says what it is, but not its type.
func (r *recogniser) cannotBe(c candidate, p part) error {
	e := column.Errorf(c.name, -1, "cannot be the %s: %s", p.word(), r.fields[c.field].Type())
	e.Hint = fmt.Sprintf("%s; say --columns %s=COLUMN if another column is meant; found: %s", roles[p].meaning, p.word(), r.found())
	return e
}

// takeTruth finds the true class: one column, or one for each class of which one is 1.
func (r *recogniser) takeTruth() (err error) {
	name, said := r.said[labelPart]
	if w, ok := r.familyOf(name); said && ok {
		if _, single := r.byName[name]; !single {
			return r.takeOneHot(w)
		}
	}
	if r.label, err = r.take(labelPart); err != nil || r.label >= 0 || said {
		return err
	}
	if i, ok := r.unnamedTruth(); ok {
		r.label, err = r.takeAs(i, labelPart)
		return err
	}
	families := r.families()
	for _, word := range sortedKeys(families) {
		if w := families[word]; isWide(labelPart, word) && len(w.fields) == r.schema.Classes && w.missing() < 0 {
			return r.takeOneHot(w)
		}
	}
	return nil
}

func (r *recogniser) takeOneHot(w *family) error {
	if gap := w.missing(); gap >= 0 {
		return column.Errorf(fmt.Sprint(w.prefix, gap), -1, "is missing among the columns %s...", w.prefix)
	}
	for _, i := range r.fieldsOf(vector{list: -1, wide: w}) {
		kind := r.fields[i].Kind
		if kind == column.Untyped {
			kind = column.Bool
		}
		r.onehot = append(r.onehot, r.add(i, kind))
	}
	return nil
}

// takeBinary takes a column of one number in each row as the outputs for two classes:
// the probability of class 1, or the logarithm of its odds.
func (r *recogniser) takeBinary(i int, p part) error {
	kind, _ := r.fits(i, confidencePart)
	r.vector, r.binary = []int{r.add(i, kind)}, true
	if err := r.describe(p, 2, r.fields[i].Name); err != nil {
		return err
	}
	r.choices = append(r.choices, r.twoClasses(p))
	return nil
}

// unreadable finds a column under the package's own name for class vectors that cannot
// be one.
func (r *recogniser) unreadable() error {
	for _, p := range []part{logitsPart, probsPart, outputsPart} {
		for _, c := range r.candidates(p) {
			f := r.fields[c.field]
			switch {
			case f.Kind == column.Untyped && c.name == p.word() && p != outputsPart:
				e := column.Errorf(f.Name, -1, "is one column of text, but a class vector has a number per class")
				e.Hint = fmt.Sprintf("CSV has no lists: write one column per class, %s_0, %s_1, ..., or a Parquet or Arrow file", f.Name, f.Name)
				return e
			case f.Kind == column.Other || c.name == p.word() && f.Kind == column.Text:
				_, err := r.takeAs(c.field, p)
				return err
			}
		}
	}
	return nil
}
