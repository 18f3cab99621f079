package array

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"abstain/datasets/column"
)

// classLists are the usual names of arrays that hold the names of the classes, in lower
// case, with _ for -.
var classLists = []string{"classes", "classes_", "class_names", "classnames", "class_labels", "label_names",
	"labels_names", "target_names", "names", "categories"}

// mostClasses bounds a list of class names.
const mostClasses = 1 << 20

// takeClasses looks for an array of class names, and puts them into the metadata. It
// returns its index; -1 if there is none.
func (s *Source) takeClasses() (int, error) {
	for i := range s.arrays {
		a := &s.arrays[i]
		if !s.isClassList(a) {
			continue
		}
		var names []string
		err := s.Each(i, 0, 1, func(_ int64, c *column.Column) error {
			names = append(names, c.Text...)
			return nil
		})
		if err != nil {
			return -1, s.place(err, a.Name)
		}
		list, err := json.Marshal(names)
		if err != nil {
			return -1, s.place(err, a.Name)
		}
		if !slices.ContainsFunc(s.meta, func(p column.Pair) bool { return p.Key == "classes" }) {
			s.Describe("classes", string(list))
		}
		return i, nil
	}
	return -1, nil
}

// isClassList reports whether the array has the name of a list of classes and as many
// texts as a class vector has values; without class vectors, not as many as other arrays.
func (s *Source) isClassList(a *Array) bool {
	name := strings.ReplaceAll(strings.ToLower(a.Name), "-", "_")
	text := a.Why == "" && a.Type.scalar() == column.Text
	if !text || a.rows() > mostClasses || !slices.Contains(classLists, name) {
		return false
	}
	vectors, alike := false, false
	for i := range s.arrays {
		b := &s.arrays[i]
		if b.isVector() && int64(b.width()) == a.rows() {
			return true
		}
		vectors = vectors || b.isVector()
		alike = alike || b != a && b.Why == "" && b.rows() == a.rows()
	}
	return !vectors && !alike
}

// isVector reports whether the array may be one of class vectors.
func (a *Array) isVector() bool { return a.Why == "" && a.width() > 1 }

// splitWords are the names of splits as people write them in names of arrays.
var splitWords = map[string]string{
	"val": "val", "valid": "val", "validation": "val", "dev": "val",
	"test": "test", "testing": "test", "train": "train", "training": "train",
	"calib": "calib", "calibration": "calib", "cal": "calib", "eval": "eval",
}

const separators = "_-./ "

// splitOf returns the split that a name begins or ends with, as it is written, and the
// rest of the name.
func splitOf(name string) (word, rest string) {
	if i := strings.IndexAny(name, separators); i > 0 && i+1 < len(name) && splitWords[strings.ToLower(name[:i])] != "" {
		return name[:i], name[i+1:]
	}
	if i := strings.LastIndexAny(name, separators); i > 0 && splitWords[strings.ToLower(name[i+1:])] != "" {
		return name[i+1:], name[:i]
	}
	return "", name
}

// group is the arrays of one split.
type group struct {
	word  string // the split as written; "" for arrays whose names say none
	parts []Part
}

// split makes the columns of the whole file, and sections of its splits if there are any.
// The array at index without is no column.
func (s *Source) split(without int) {
	var groups []group
	for i := range s.arrays {
		if i == without {
			continue
		}
		name := s.arrays[i].Name
		s.whole.Columns = append(s.whole.Columns, Part{Name: name, Array: i})
		word, rest := splitOf(name)
		word = strings.ToLower(word)
		at := slices.IndexFunc(groups, func(g group) bool { return g.word == word })
		if at < 0 {
			at = len(groups)
			groups = append(groups, group{word: word})
		}
		groups[at].parts = append(groups[at].parts, Part{Name: rest, Array: i})
	}
	s.tables = s.sections(groups)
	if len(s.tables) == 0 {
		s.level(s.whole.Columns)
	}
}

// sections are the tables of the groups that can be one. Arrays of no split are a table of
// their own if they can be.
func (s *Source) sections(groups []group) []Table {
	var tables []Table
	splits := 0
	for _, g := range groups {
		if !s.isTable(g) {
			continue
		}
		t := Table{Section: column.Section{Name: "main"}, Columns: g.parts}
		if g.word != "" {
			name := canonical(g.word, groups)
			t.Section = column.Section{Name: name, Meta: []column.Pair{{Key: "split", Value: name}}}
			splits++
		}
		s.level(t.Columns)
		tables = append(tables, t)
	}
	if splits == 0 {
		return nil
	}
	return tables
}

// canonical is the usual word for a split, or the written one where two written ones would
// become the same.
func canonical(word string, groups []group) string {
	for _, g := range groups {
		if g.word != word && splitWords[g.word] == splitWords[word] {
			return word
		}
	}
	return splitWords[word]
}

// isTable reports whether arrays can be a table: one of them holds vectors, or two have
// the same number of rows. Arrays of no split need both.
func (s *Source) isTable(g group) bool {
	vectors, pairs := false, false
	for _, n := range s.lengths(g.parts) {
		vectors = vectors || n.vectors > 0
		pairs = pairs || n.arrays > 1
	}
	if g.word == "" {
		return vectors && pairs
	}
	return vectors || pairs
}

// length is how many arrays have a number of rows.
type length struct {
	first           int // of the columns with it
	arrays, vectors int
}

// lengths counts the arrays that can be columns by their numbers of rows.
func (s *Source) lengths(parts []Part) map[int64]*length {
	counts := map[int64]*length{}
	for i, p := range parts {
		a := &s.arrays[p.Array]
		if a.Why != "" {
			continue
		}
		n := counts[a.rows()]
		if n == nil {
			n = &length{first: i}
			counts[a.rows()] = n
		}
		if n.arrays++; a.isVector() {
			if n.vectors++; n.vectors == 1 {
				n.first = i
			}
		}
	}
	return counts
}

// level says of each column with another number of rows than the table's why it is none.
func (s *Source) level(parts []Part) {
	leading := s.leading(parts)
	if leading < 0 {
		return
	}
	lead := &s.arrays[parts[leading].Array]
	for i := range parts {
		a := &s.arrays[parts[i].Array]
		if a.Why == "" && a.rows() != lead.rows() {
			parts[i].Why = fmt.Sprintf("%s with %d rows where %s has %d",
				a.Type.Word, a.rows(), parts[leading].Name, lead.rows())
		}
	}
}

// leading returns a column that has as many rows as the table: as most columns, among the
// lengths of class vectors if there are any. It is -1 if two lengths are as frequent; then
// only what is asked for tells which columns belong together.
func (s *Source) leading(parts []Part) int {
	counts := s.lengths(parts)
	vectors := false
	for _, n := range counts {
		vectors = vectors || n.vectors > 0
	}
	best, most := -1, 0
	for _, n := range counts {
		switch {
		case vectors && n.vectors == 0:
		case n.arrays > most:
			best, most = n.first, n.arrays
		case n.arrays == most:
			best = -1
		}
	}
	return best
}
