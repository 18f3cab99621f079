package datasets

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// Table says where a prediction table is and what it describes.
type Table struct {
	FS        fs.FS  // file system that holds it
	Path      string // path inside FS
	Name      string // path as a user would write it, for messages
	Model     string
	Dataset   string
	Split     string // "test" unless stated
	Condition string // "clean" unless stated
	Size      int64  // bytes
	Rows      int    // rows stated by the manifest; -1 if not stated
	// Declared is true if a manifest or the table's own metadata names the
	// dataset; otherwise Dataset is only the name of the folder.
	Declared bool
	Meta     Meta // family, regime, params, teacher, base, score_kind, ...

	// Parts are all files of a table that lies in several, in order; nil if Path is
	// the only one. Otherwise Path is the first, or the folder that holds them.
	Parts []Part
	// Section names one of several tables in the same file, as column.Sectioned tells
	// them; "" if the file is one table.
	Section string
	// Classes are the names of the classes in order, if a file beside the table tells.
	Classes []string
	Reading Reading // what the user said of the columns
}

// Part is one file of a table that lies in several.
type Part struct {
	Path string
	Name string // path as a user would write it, for messages
	Size int64
	// Column is the name of the only column that the file holds, which lies beside
	// those of the other parts (arrays); "" of a file that names its columns itself.
	Column string
	// Beside says that a file that names its columns itself holds further columns, such
	// as the labels, and not further rows (shards).
	Beside bool
}

// Reading says how a table is to be understood, where it can be understood in several
// ways or in none. The zero value leaves everything to the names and values found.
type Reading struct {
	// Columns gives, for the name of a column in this package's words (label, logits,
	// probs, prediction, confidence, correct, sample_id, score:x), the name in the
	// table. For class vectors with one column per class it is their common prefix.
	Columns Meta
	// LabelsFrom is the number of the first class in labels and predictions, 0 or 1.
	LabelsFrom int
	// Follow says that links may lead out of the corpus's folder, and that links to
	// folders are followed. It changes no value, so String does not tell it.
	Follow bool
}

// String is the reading in the words of the command line; "" for the zero value. Two
// readings are the same if their strings are.
func (r Reading) String() string {
	var list []string
	for _, p := range r.Columns {
		list = append(list, p.Key+"="+p.Value)
	}
	slices.Sort(list)
	if r.LabelsFrom != 0 {
		list = append(list, fmt.Sprintf("labels-from=%d", r.LabelsFrom))
	}
	return strings.Join(list, ",")
}

// Stamp tells cheaply whether a table's files may have changed.
type Stamp struct {
	Size    int64     // bytes of all files
	ModTime time.Time // the latest; zero if the file system keeps none
}

// Stamp looks at the table's files without reading them.
func (t Table) Stamp() (Stamp, error) {
	var s Stamp
	for _, p := range t.files() {
		st, err := fs.Stat(t.FS, p.Path)
		if err != nil {
			return s, err
		}
		s.Size += st.Size()
		if st.ModTime().After(s.ModTime) {
			s.ModTime = st.ModTime()
		}
	}
	return s, nil
}

// files are the table's files; Column is "" for the only one.
func (t Table) files() []Part {
	if len(t.Parts) == 0 {
		return []Part{{Path: t.Path, Size: t.Size}}
	}
	return t.Parts
}

// View tells tables over the same bytes apart: which section of them it is and how
// they are to be read. It is "" for a file that is one table and read as it is.
func (t Table) View() string {
	var list []string
	if t.Section != "" {
		list = append(list, "section="+t.Section)
	}
	if len(t.Classes) > 0 {
		list = append(list, "classes="+strings.Join(t.Classes, "|"))
	}
	if r := t.Reading.String(); r != "" {
		list = append(list, r)
	}
	return strings.Join(list, ";")
}

// Meta is a model's metadata in the order in which it was found.
type Meta []Pair

// Pair is one entry of Meta.
type Pair struct{ Key, Value string }

// Get returns the value of key, or "".
func (m Meta) Get(key string) string {
	for _, p := range m {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}
