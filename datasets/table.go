package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"
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
	Digest    string // what Hash must give, from the manifest; "" if that does not say
	Seen      *Stamp // that of its files when the run first looked at them; nil if it has not
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
	// Changes says more: of each file which one it is and when it was last changed in
	// any way, which programs that copy files cannot set back, as they can ModTime. Two
	// stamps with the same Changes are of the same content. It is "" if the file system
	// keeps no such thing, or if a file was changed so shortly before that a further
	// change might have the same time.
	Changes string

	files string // what Changes would be if it were known to suffice
}

// Same reports whether two stamps are the same as far as the file system can tell.
func (s Stamp) Same(other Stamp) bool {
	return s.Size == other.Size && s.ModTime.Equal(other.ModTime) && s.files == other.files
}

// Stamp looks at the table's files without reading them.
func (t Table) Stamp() (Stamp, error) {
	var s Stamp
	var all []string
	known := true
	for _, p := range t.files() {
		st, err := fs.Stat(t.FS, p.Path)
		if err != nil {
			return s, err
		}
		s.Size += st.Size()
		if st.ModTime().After(s.ModTime) {
			s.ModTime = st.ModTime()
		}
		which, changed := changes(st)
		known = known && which != "" && settled(changed)
		all = append(all, fmt.Sprintf("%s %d %d", which, st.Size(), changed.UnixNano()))
	}
	if s.files = strings.Join(all, ", "); len(all) > 1 {
		s.files = fmt.Sprintf("%x", xxh3.HashString128(s.files).Bytes())
	}
	if known {
		s.Changes = s.files
	}
	return s, nil
}

// settled reports whether a change now would have another time than that one. Some file
// systems keep whole or even seconds only.
func settled(changed time.Time) bool {
	step := 100 * time.Millisecond
	if changed.Nanosecond() == 0 {
		step = 3 * time.Second
	}
	return time.Since(changed) > step
}

// Unchanged refuses a table whose files are others, or have other content, than when Seen
// was taken.
func (t Table) Unchanged() error {
	if t.Seen == nil {
		return nil
	}
	now, err := t.Stamp()
	if err == nil && !now.Same(*t.Seen) {
		err = &Error{Table: t.Name, Row: -1, Err: errors.New("it was changed while it was read"),
			Hint: "run again when whatever writes it has ended"}
	}
	return err
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
