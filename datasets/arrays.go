package datasets

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/numpy"
)

// arrayEnding is that of files which hold one array each. A table of arrays lies in
// several of them.
const arrayEnding = ".npy"

// role is what an array is in a table, as far as its name tells.
type role uint8

const (
	untold    role = iota // the type tells: class vectors, a score or an attribute
	asAnswers             // class vectors, scores or predictions; the type tells which
	asLabels
	asIDs
	asConfidence
	asCorrect
	asClasses
	asInput // what went into a model: nothing that is evaluated
)

// where says at which place of a name a word has its meaning. A split may stand
// before or behind it in any case.
type where uint8

const (
	alone  where = iota // as the whole name
	last                // or at its end: resnet_logits
	either              // or at its front: logits_resnet
)

// word is a usual name of an array.
type word struct {
	name   string // in lower case, with _ between its parts
	role   role
	column string // what the column is called in the table; "" if the type tells
	where  where
}

var words = []word{
	{"logits", asAnswers, "logits", either},
	{"raw_logits", asAnswers, "logits", either},
	{"logit", asAnswers, "logits", last},
	{"probs", asAnswers, "probs", either},
	{"probabilities", asAnswers, "probs", either},
	{"softmax", asAnswers, "probs", either},
	{"y_prob", asAnswers, "probs", either},
	{"y_proba", asAnswers, "probs", either},
	{"class_probs", asAnswers, "probs", last},
	{"class_probabilities", asAnswers, "probs", last},
	{"pred_probs", asAnswers, "probs", last},
	{"prob", asAnswers, "probs", last},
	{"proba", asAnswers, "probs", last},
	{"probas", asAnswers, "probs", last},
	{"outputs", asAnswers, "", either},
	{"predictions", asAnswers, "", either},
	{"preds", asAnswers, "", either},
	{"y_pred", asAnswers, "", either},
	{"y_hat", asAnswers, "", either},
	{"yhat", asAnswers, "", last},
	{"scores", asAnswers, "", either},
	{"y_score", asAnswers, "", either},
	{"output", asAnswers, "", last},
	{"raw_output", asAnswers, "", last},
	{"pred", asAnswers, "", last},
	{"prediction", asAnswers, "", last},
	{"predicted", asAnswers, "", last},
	{"score", asAnswers, "", last},
	{"labels", asLabels, "label", either},
	{"targets", asLabels, "label", either},
	{"y_true", asLabels, "label", either},
	{"ground_truth", asLabels, "label", either},
	{"label_ids", asLabels, "label", either},
	{"target_ids", asLabels, "label", either},
	{"label", asLabels, "label", last},
	{"target", asLabels, "label", last},
	{"ytrue", asLabels, "label", last},
	{"groundtruth", asLabels, "label", last},
	{"gt", asLabels, "label", last},
	{"gts", asLabels, "label", alone},
	{"truth", asLabels, "label", alone},
	{"true", asLabels, "label", alone},
	{"y", asLabels, "label", alone},
	{"sample_ids", asIDs, "sample_id", last},
	{"sample_id", asIDs, "sample_id", last},
	{"image_ids", asIDs, "sample_id", last},
	{"image_id", asIDs, "sample_id", last},
	{"filenames", asIDs, "sample_id", last},
	{"filename", asIDs, "sample_id", last},
	{"file_names", asIDs, "sample_id", last},
	{"ids", asIDs, "sample_id", last},
	{"id", asIDs, "sample_id", alone},
	{"indices", asIDs, "sample_id", alone},
	{"idx", asIDs, "sample_id", alone},
	{"paths", asIDs, "sample_id", alone},
	{"names", asIDs, "sample_id", alone},
	{"confidence", asConfidence, "confidence", last},
	{"confidences", asConfidence, "confidence", last},
	{"conf", asConfidence, "confidence", last},
	{"max_prob", asConfidence, "confidence", last},
	{"msp", asConfidence, "confidence", alone},
	{"correct", asCorrect, "correct", last},
	{"classes", asClasses, "", alone},
	{"class_names", asClasses, "", alone},
	{"classnames", asClasses, "", alone},
	{"features", asInput, "", last},
	{"embeddings", asInput, "", last},
	{"x", asInput, "", alone},
	{"feats", asInput, "", alone},
	{"inputs", asInput, "", alone},
	{"images", asInput, "", alone},
}

// array is a file with one array.
type array struct {
	base    string // name in its folder
	role    role
	column  string // of the table; "" if the type tells
	name    string // of the model or the attribute; "" if the array is everybody's in its folder
	split   string
	field   column.Field
	peeked  bool     // field or err is known
	classes []string // its values, if it may list the names of classes
	err     error    // why it cannot be read
	used    bool     // it is part of a table, or failed as one
	listed  bool     // by a manifest, and so no attribute of others
}

// vectors reports whether it has several values a row.
func (a *array) vectors() bool {
	return a.field.Kind == column.Vector32 || a.field.Kind == column.Vector64
}

// real reports whether it has a float a row.
func (a *array) real() bool { return a.field.Kind == column.Float32 || a.field.Kind == column.Float64 }

// nameArray reads the name of an array. What the user says of names comes first.
func nameArray(base string, as Reading) *array {
	a := &array{base: base}
	name, split := beforeSplit(stem(base))
	if w := a.told(name, as); w != nil {
		a.role, a.column, a.split = w.role, w.column, split
		return a
	}
	w, rest := findWord(name)
	if w == nil && split == "" {
		if name, after := afterSplit(name); after != "" {
			if w, rest = findWord(name); w != nil {
				split = after
			}
		}
	}
	if a.name, a.split = name, split; w == nil {
		return a // a split at its end may belong to the model's name: see pairedSplits
	}
	if split == "" {
		if rest, split = beforeSplit(rest); split == "" {
			rest, split = afterSplit(rest)
		}
	}
	a.role, a.column, a.name, a.split = w.role, w.column, rest, split
	if w.role != asAnswers && as.tells(w.role) {
		a.role = asInput // another array was named for what this usually is
	}
	return a
}

// told is what the user says of the array by its name, with or without a split.
func (a *array) told(name string, as Reading) *word {
	for _, p := range as.Columns {
		w := wordFor(p.Key)
		if w != nil && (p.Value == name || p.Value == stem(a.base) || p.Value == a.base) {
			return &word{role: w.role, column: p.Value}
		}
	}
	return nil
}

// tells reports whether the user named an array of the role.
func (r Reading) tells(as role) bool {
	for _, p := range r.Columns {
		if w := wordFor(p.Key); w != nil && w.role == as {
			return true
		}
	}
	return false
}

// wordFor is the word for a column by this package's name for it.
func wordFor(column string) *word {
	if column == "prediction" {
		return &word{role: asAnswers}
	}
	for i := range words {
		if words[i].column == column {
			return &words[i]
		}
	}
	return nil
}

// findWord finds the longest word at the end or the front of a name, and what is left of
// the name.
func findWord(name string) (found *word, rest string) {
	plain := strings.Map(plainly, name)
	for i := range words {
		w := &words[i]
		if found != nil && len(w.name) <= len(found.name) {
			continue
		}
		front, behind := len(name)-len(w.name)-1, len(w.name)+1
		switch {
		case plain == w.name:
			found, rest = w, ""
		case w.where >= last && strings.HasSuffix(plain, "_"+w.name):
			found, rest = w, name[:front]
		case w.where == either && strings.HasPrefix(plain, w.name+"_"):
			found, rest = w, name[behind:]
		}
	}
	return found, rest
}

// plainly writes a name as words are written. It keeps the length.
func plainly(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r - 'A' + 'a'
	case r == '-' || r == '.' || r == ' ':
		return '_'
	}
	return r
}

// arraySet are the arrays of one table that are its own, not those that it shares with
// others in its folder.
type arraySet struct {
	name, split string
	arrays      []*array
}

// arraySets puts together the arrays of a folder that belong to the same model and
// split. Arrays that nothing tells of are class vectors or scores if they hold floats.
func (o *opener) arraySets(f *folder) []*arraySet {
	var sets []*arraySet
	byName := map[[2]string]*arraySet{}
	for _, a := range f.arrays {
		switch a.role {
		case untold, asAnswers, asConfidence, asCorrect:
			o.peek(f, a)
		default:
			continue
		}
		if a.role == untold && a.err == nil && !a.vectors() && !a.real() {
			continue // an attribute
		}
		key := [2]string{a.name, a.split}
		s := byName[key]
		if s == nil {
			s = &arraySet{name: a.name, split: a.split}
			byName[key], sets = s, append(sets, s)
		}
		s.arrays = append(s.arrays, a)
	}
	return slices.DeleteFunc(sets, func(s *arraySet) bool {
		return !s.complete() || !slices.ContainsFunc(s.arrays, func(a *array) bool { return o.wanted(path.Join(f.path, a.base)) })
	})
}

// complete reports whether the arrays may be a table: they need more than a confidence.
func (s *arraySet) complete() bool {
	has := map[role]bool{}
	for _, a := range s.arrays {
		has[a.role] = true
	}
	return has[untold] || has[asAnswers] || has[asConfidence] && has[asCorrect]
}

// peek reads an array's header, once.
func (o *opener) peek(f *folder, a *array) {
	if a.peeked {
		return
	}
	a.peeked = true
	file, err := openFile(o.fsys, path.Join(f.path, a.base))
	if err != nil {
		a.err = err
		return
	}
	defer file.Close()
	source, err := numpy.OpenFiles([]numpy.File{{Column: stem(a.base), Name: a.base, At: file.randomAccess, Size: file.size}})
	if err != nil {
		a.err = err
		return
	}
	defer source.Close()
	if fields := source.Fields(); len(fields) > 0 {
		a.field = fields[0]
		return
	}
	// A list of the names of classes, by its name and its type, is no column.
	for _, p := range source.Meta() {
		if p.Key == "classes" {
			a.classes = nameList(p.Value)
		}
	}
	a.field = column.Field{Name: stem(a.base), Kind: column.Text, Rows: int64(len(a.classes))}
}

// main is the array that the table is named by: the class vectors if it has any.
func (s *arraySet) main() *array {
	return slices.MaxFunc(s.arrays, func(a, b *array) int { return cmp.Compare(a.weight(), b.weight()) })
}

// isArray reports whether the file holds an array; if not, it has a table's format.
func (a *array) isArray() bool { return ending(a.base) == arrayEnding }

func (a *array) weight() int {
	switch {
	case a.vectors():
		return 3
	case a.role == untold || a.role == asAnswers:
		return 2
	}
	return 1
}

// columnOf names the column of one of the set's arrays.
func (s *arraySet) columnOf(a *array) string {
	switch {
	case a.column != "":
		return a.column
	case a.vectors() || a.err != nil:
		return "outputs"
	case !a.real():
		return "prediction"
	}
	for _, b := range s.arrays {
		if b != a && b.role == asAnswers && !b.vectors() && !b.real() {
			return "confidence" // of the predictions beside it
		}
	}
	return "y_score"
}

// addArrays adds the table of a set of arrays in a folder.
func (o *opener) addArrays(f *folder, s *arraySet) {
	main := s.main()
	t := o.table(f, main.base)
	for _, a := range s.arrays {
		a.used = true
		p := o.part(f, a, s.columnOf(a))
		t.Parts = append(t.Parts, p)
		if a != main {
			t.Size += p.Size
		}
	}
	if main.err != nil {
		o.problem(tableError(t.Name, main.err))
		return
	}
	from := originOf(f.names, s.name, o.root)
	from.split = cmp.Or(s.split, from.split)
	if err := o.shareArrays(f, s, main, &t, &from); err != nil {
		o.problem(tableError(t.Name, err))
		return
	}
	tables, err := inspect(t)
	o.take(tables, err, from)
}

// shareArrays adds to the table the labels, ids and attributes that lie beside it or in
// folders above.
func (o *opener) shareArrays(f *folder, s *arraySet, main *array, t *Table, from *origin) error {
	truth, at, err := o.labelsFor(f, s.name, from, t.Reading)
	if err != nil {
		return err
	}
	until := f
	if truth != nil && !truth.isArray() {
		until = at
		truth.used = true
		t.Parts = append(t.Parts, o.labelFile(at, truth))
	} else if truth != nil {
		until = at
		if err := o.join(main, truth, at, t); err != nil {
			return err
		}
	} else if !slices.ContainsFunc(s.arrays, func(a *array) bool { return a.role == asCorrect }) {
		return o.noLabels(f)
	}
	if !main.peeked {
		main = truth // as many rows, or reading will say that it is not so
	}
	taken := map[string]bool{}
	for _, p := range t.Parts {
		taken[p.Column] = true
	}
	for ; f != nil; f = f.up {
		for _, a := range o.sharedIn(f) {
			if a.split != "" && a.split != from.split || a.role == asIDs && a.name != "" && a.name != s.name {
				continue
			}
			name := cmp.Or(a.column, a.name)
			if taken[name] || a.role == untold && a.rows() != main.rows() {
				continue
			}
			taken[name] = true
			if err := o.join(main, a, f, t); err != nil {
				return err
			}
		}
		if f == until {
			return nil
		}
	}
	return nil
}

// sharedIn are the arrays of a folder that may belong to several tables: ids and
// attributes.
func (o *opener) sharedIn(f *folder) []*array {
	if f.sharedKnown {
		return f.shared
	}
	f.sharedKnown = true
	for _, a := range f.arrays {
		if a.listed || a.role != untold && a.role != asIDs {
			continue
		}
		if o.peek(f, a); a.err == nil && !a.vectors() && !a.real() {
			f.shared = append(f.shared, a)
		}
	}
	return f.shared
}

// labelsIn are the files of a folder that hold labels, by their names.
func (f *folder) labelsIn() []*array {
	if !f.labelsKnown {
		f.labelsKnown = true
		for _, a := range slices.Concat(f.arrays, f.truths) {
			if a.role == asLabels {
				f.labels = append(f.labels, a)
			}
		}
	}
	return f.labels
}

// rows is the number of values, or of class vectors.
func (a *array) rows() int64 { return a.field.Rows }

// join puts a shared array beside those of a table, if it has as many rows.
func (o *opener) join(main, a *array, f *folder, t *Table) error {
	o.peek(f, a)
	a.used = true
	name := o.display(path.Join(f.path, a.base))
	if a.err != nil {
		return fmt.Errorf("its %s is %s: %w", cmp.Or(a.column, a.name), name, a.err)
	}
	if main.peeked && a.rows() != main.rows() {
		e := column.Errorf("", -1, "%s has %d rows, but %s has %d", main.base, main.rows(), name, a.rows())
		e.Hint = "both have a row for each sample: write them together, or put the right file beside the predictions"
		return e
	}
	t.Parts = append(t.Parts, o.part(f, a, cmp.Or(a.column, a.name)))
	t.Size += t.Parts[len(t.Parts)-1].Size
	return nil
}

// labelsFor finds the labels of a model: those under its own name, else of its split,
// else those of the folder, in the nearest folder that has any. It returns nil if there
// are none. If the split is not known, that of the labels is.
func (o *opener) labelsFor(f *folder, model string, from *origin, as Reading) (*array, *folder, error) {
	for ; f != nil; f = f.up {
		if a := f.told(as); a != nil {
			return a, f, nil
		}
		for _, fits := range []func(*array) bool{
			func(a *array) bool { return model != "" && a.name == model && a.split == from.split },
			func(a *array) bool { return model != "" && a.name == model && a.split == "" },
			func(a *array) bool { return a.name == "" && a.split == from.split },
			func(a *array) bool { return a.name == "" && a.split == "" },
			func(a *array) bool { return a.name == "" && from.split == "" && a.split == defaultSplit },
			func(a *array) bool { return a.name == "" && from.split == "" },
		} {
			var found []*array
			for _, a := range f.labelsIn() {
				if fits(a) {
					found = append(found, a)
				}
			}
			if len(found) == 0 {
				continue
			}
			a, err := oneOf(found)
			if err != nil {
				return nil, nil, err
			}
			from.split = cmp.Or(from.split, a.split)
			return a, f, nil
		}
	}
	return nil, nil, nil
}

// told is the array that the user named as the labels, if it lies in the folder; its
// column has the name that the user gave.
func (f *folder) told(as Reading) *array {
	name := ""
	for _, p := range as.Columns {
		if p.Key == "label" {
			name = p.Value // the last counts
		}
	}
	if name == "" {
		return nil
	}
	for _, a := range f.arrays {
		if a.base == name || stem(a.base) == name {
			a.used = true
			told := *a
			told.role, told.column = asLabels, name
			return &told
		}
	}
	return nil
}

// withLabels puts the labels that lie beside a file, or in a folder above, into its
// table; false if there are none, or several that may be meant.
func (o *opener) withLabels(f *folder, model string, t Table, from *origin) (Table, *array, bool) {
	truth, at, err := o.labelsFor(f, model, from, t.Reading)
	if truth == nil || err != nil || len(t.Parts) > 0 {
		return t, nil, false
	}
	t.Parts = []Part{{Path: t.Path, Name: t.Name, Size: t.Size}, o.labelFile(at, truth)}
	t.Size += t.Parts[1].Size
	return t, truth, true
}

// labelFile is a file with labels as part of a table.
func (o *opener) labelFile(f *folder, a *array) Part {
	if a.isArray() {
		return o.part(f, a, a.column)
	}
	p := o.part(f, a, "")
	p.Beside = true
	return p
}

// oneOf chooses among several labels: the one under this package's own name.
func oneOf(found []*array) (*array, error) {
	if len(found) == 1 {
		return found[0], nil
	}
	var names []string
	for _, a := range found {
		if w, _ := findWord(stem(a.base)); a.isArray() && w != nil && (w.name == "labels" || w.name == "label") {
			return a, nil
		}
		names, a.used = append(names, a.base), true
	}
	e := column.Errorf("label", -1, "%s may each be the labels", strings.Join(names, " and "))
	e.Hint = fmt.Sprintf("say which: --labels %s", stem(names[0]))
	return nil, e
}

// noLabels says that arrays have no labels, and what lies beside them.
func (o *opener) noLabels(f *folder) error {
	e := column.Errorf("label", -1, "no labels.npy beside it or in a folder above")
	e.Hint = `save the true classes, one integer a row, as labels.npy: numpy.save("labels.npy", y); found: ` + someNames(f.files, 8)
	return e
}

// part is an array as part of a table.
func (o *opener) part(f *folder, a *array, name string) Part {
	p := Part{Path: path.Join(f.path, a.base), Column: name}
	p.Name = o.display(p.Path)
	p.Size, _ = o.stat(p.Path)
	return p
}
