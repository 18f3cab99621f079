package datasets

import "io/fs"

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
