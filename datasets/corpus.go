package datasets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Corpus is a collection of prediction tables.
type Corpus struct {
	Name   string // as the user named it
	Tables []Table
	// Problems are tables or manifest rows that cannot be used; a run lists them
	// among its failures. The other tables are unaffected.
	Problems []error
	// Skipped are files that hold no predictions, such as tables of results
	// beside the predictions, and were left out for that reason. They need a
	// notice, but are no failure.
	Skipped []error
}

// manifestName is the file that describes the tables of a folder.
const manifestName = "manifest.csv"

// Values for tables that do not say what they are.
const (
	defaultSplit     = "test"
	defaultCondition = "clean"
)

// Open opens a folder with a manifest.csv, a folder without one, a manifest by its own
// path, or a single table. In a folder without a manifest it finds every table in it
// and below, in lexical order; it skips hidden folders and folders with a run.json,
// which hold results.
//
// With a manifest no table is opened: a corpus of thousands of tables opens at once,
// and damaged tables are noticed when they are read. Without a manifest, the metadata
// of every table are read. The error says that there is no corpus; problems of single
// tables are in Corpus.Problems.
func Open(name string) (*Corpus, error) { return OpenAs(name, Reading{}) }

// OpenAs is Open for tables that are to be read as the user says. What a manifest says
// of a table comes before that.
func OpenAs(name string, as Reading) (*Corpus, error) {
	st, err := os.Stat(name)
	if err != nil {
		return nil, &Error{Table: name, Row: -1, Err: cause(err), Hint: "name a folder of prediction tables or a single table"}
	}
	folder := name
	if !st.IsDir() {
		folder = filepath.Dir(name)
	}
	full, err := filepath.Abs(folder)
	if err != nil {
		return nil, &Error{Table: name, Row: -1, Err: err}
	}
	o := opener{fsys: os.DirFS(folder), root: filepath.Base(full), corpus: &Corpus{Name: name}, reading: as}
	o.display = func(p string) string { return filepath.Join(folder, filepath.FromSlash(p)) }
	if st.IsDir() {
		return o.open(".")
	}
	return o.open(filepath.Base(name))
}

// OpenFS is Open for a folder or file of any file system. name stands for it in
// messages; the folder's name becomes the dataset of tables that name none.
func OpenFS(fsys fs.FS, p, name string) (*Corpus, error) {
	o := opener{fsys: fsys, corpus: &Corpus{Name: name}}
	folder, shown := p, filepath.ToSlash(name)
	if st, err := fs.Stat(fsys, p); err == nil && !st.IsDir() {
		folder, shown = path.Dir(p), path.Dir(shown)
	}
	o.root = path.Base(shown)
	o.display = func(file string) string {
		if file == p {
			return name
		}
		return path.Join(shown, strings.TrimPrefix(file, folder+"/"))
	}
	return o.open(p)
}

type opener struct {
	fsys    fs.FS
	root    string // name of the corpus's own folder
	top     string // path of the corpus's own folder in fsys
	display func(string) string
	corpus  *Corpus
	keys    map[tableKey]string
	reading Reading
}

// tableKey is what must tell the tables of a corpus apart.
type tableKey struct{ model, dataset, split, condition string }

func (o *opener) open(p string) (*Corpus, error) {
	o.keys = map[tableKey]string{}
	st, err := fs.Stat(o.fsys, p)
	if err != nil {
		return nil, &Error{Table: o.display(p), Row: -1, Err: cause(err)}
	}
	o.top = path.Dir(p)
	if st.IsDir() {
		o.top = p
		err = o.openFolder(p)
	} else {
		err = o.openSingle(p)
	}
	if err != nil {
		return nil, err
	}
	if len(o.corpus.Tables) == 0 && len(o.corpus.Problems) == 0 {
		return nil, &Error{Table: o.corpus.Name, Row: -1, Err: errors.Join(append([]error{errors.New("no prediction tables")}, o.corpus.Skipped...)...),
			Hint: "tables are files named " + strings.Join(endings(), ", ") + " with columns logits, probs or confidence"}
	}
	return o.corpus, nil
}

// openSingle opens a table or a manifest that the user named itself.
func (o *opener) openSingle(p string) error {
	if ending(p) == ".csv" && o.isManifest(p) {
		return o.readManifest(p)
	}
	t, err := o.inspect(p)
	if err == nil {
		o.add(t)
	}
	return err
}

func (o *opener) openFolder(dir string) error {
	manifest := path.Join(dir, manifestName)
	if _, err := fs.Stat(o.fsys, manifest); err == nil {
		return o.readManifest(manifest)
	}
	entries, err := fs.ReadDir(o.fsys, dir)
	if err != nil {
		return &Error{Table: o.display(dir), Row: -1, Err: cause(err)}
	}
	for _, e := range entries {
		p := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && o.isRun(p):
		case e.IsDir():
			if err := o.openFolder(p); err != nil {
				o.corpus.Problems = append(o.corpus.Problems, err)
			}
		case isTableName(e.Name()):
			o.openFound(p)
		}
	}
	return nil
}

// isRun reports whether the folder holds the results of a run. Such a folder may
// lie beside the predictions.
func (o *opener) isRun(dir string) bool {
	_, err := fs.Stat(o.fsys, path.Join(dir, "run.json"))
	return err == nil
}

// isTableName reports whether a file may hold a prediction table.
func isTableName(name string) bool { return slices.Contains(endings(), ending(name)) }

// openFound adds a file that was found rather than named, if it is a table.
func (o *opener) openFound(p string) {
	t, err := o.inspect(p)
	switch {
	case err == nil:
		o.add(t)
	case errors.Is(err, errNoTable):
		o.corpus.Skipped = append(o.corpus.Skipped, err)
	default:
		o.corpus.Problems = append(o.corpus.Problems, err)
	}
}

// add appends the table, unless the corpus already has one with the same model,
// dataset, split and condition.
func (o *opener) add(t Table) bool {
	key := tableKey{t.Model, t.Dataset, t.Split, t.Condition}
	if first, twice := o.keys[key]; twice {
		o.corpus.Problems = append(o.corpus.Problems, &Error{Table: t.Name, Row: -1,
			Err:  fmt.Errorf("model %q, dataset %q, split %q, condition %q is already told by %s", t.Model, t.Dataset, t.Split, t.Condition, first),
			Hint: "give one of them another model name or condition, or list the tables in a manifest.csv"})
		return false
	}
	o.keys[key] = t.Name
	o.corpus.Tables = append(o.corpus.Tables, t)
	return true
}

// inspect describes a table that no manifest describes.
func (o *opener) inspect(p string) (Table, error) {
	t := Table{FS: o.fsys, Path: p, Name: o.display(p), Rows: -1, Reading: o.reading}
	st, err := fs.Stat(o.fsys, p)
	if err != nil {
		return t, tableError(t.Name, cause(err))
	}
	t.Size = st.Size()
	meta, err := tableMeta(t)
	if err != nil {
		return t, err
	}
	t.describe(meta)
	if t.Model == "" {
		t.Model = strings.TrimSuffix(path.Base(p), path.Ext(p))
	}
	if t.Declared = t.Dataset != ""; !t.Declared {
		t.Dataset = o.folderName(p)
	}
	return t, nil
}

// folderName is the name of the folder that holds the file.
func (o *opener) folderName(p string) string {
	if dir := path.Dir(p); dir != o.top {
		return path.Base(dir)
	}
	return o.root
}

// notOfModel are metadata keys that say nothing about the model.
var notOfModel = []string{"model", "dataset", "split", "condition", "rows", "file", "pandas", "ARROW:schema", "huggingface"}

// describe takes what a table's own metadata says.
func (t *Table) describe(meta Meta) {
	t.Model, t.Dataset = meta.Get("model"), meta.Get("dataset")
	t.Split = orDefault(meta.Get("split"), defaultSplit)
	t.Condition = orDefault(meta.Get("condition"), defaultCondition)
	for _, p := range meta {
		if p.Value != "" && !slices.Contains(notOfModel, p.Key) {
			t.Meta = append(t.Meta, p)
		}
	}
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
