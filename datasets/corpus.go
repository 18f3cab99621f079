package datasets

import (
	"cmp"
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
	// Manifest is the path of the manifest, as a user would write it; "" if there is none.
	Manifest string

	dir string // of the manifest in the file system of the tables
}

// WithDigests returns the content of the manifest with the number of rows and the hash
// that of gives for the tables it knows, in the columns rows and digest. All else stays
// as it is.
func (c *Corpus) WithDigests(manifest []byte, of func(Table) (rows int, hash string, ok bool)) ([]byte, error) {
	tables := map[[2]string]Table{}
	for _, t := range c.Tables {
		tables[[2]string{t.Path, t.Section}] = t
	}
	return withDigests(manifest, func(file, section string) (int, string, bool) {
		t, ok := tables[[2]string{path.Join(c.dir, file), section}]
		if !ok {
			return 0, "", false
		}
		rows, hash, ok := of(t)
		return rows, digestKind + hash, ok
	})
}

// manifestName is the file that describes the tables of a folder.
const manifestName = "manifest.csv"

// Values for tables that do not say what they are.
const (
	defaultSplit     = "test"
	defaultCondition = "clean"
)

// Open opens a folder with a manifest.csv, a folder without one, a manifest by its own
// path, a single table, or all that a pattern matches ('runs/**/*.npz'). In a folder
// without a manifest it finds every table in it and below, in lexical order; it skips
// hidden folders and folders with a run.json, which hold results.
//
// With a manifest no table is opened: a corpus of thousands of tables opens at once,
// and damaged tables are noticed when they are read. Without a manifest, the metadata
// of every table are read. The error says that there is no corpus; problems of single
// tables are in Corpus.Problems.
//
// Names say what metadata do not: a model is its file's name, or that of the folder of
// files with names such as logits; folders and beginnings of names such as val and test
// are splits; folders named key=value say model, dataset, split, condition and further
// metadata. Files that number themselves (m-00000-of-00002, part-0) are one table, and
// arrays (.npy) are one with the labels, ids and attributes beside them or in folders
// above.
func Open(name string) (*Corpus, error) { return OpenAs(name, Reading{}) }

// OpenAs is Open for tables that are to be read as the user says. What a manifest says
// of a table comes before that.
func OpenAs(name string, as Reading) (*Corpus, error) {
	st, err := os.Stat(name)
	if err != nil {
		if base, rest := splitPattern(filepath.ToSlash(name)); rest != "" {
			return openPattern(name, base, rest, as)
		}
		return nil, &Error{Table: name, Row: -1, Err: cause(err), Hint: "name a folder of prediction tables or a single table"}
	}
	folder := name
	if !st.IsDir() {
		folder = filepath.Dir(name)
	}
	asked := func(p string) bool { return !st.IsDir() && p == filepath.Base(name) }
	o, err := newOpener(folder, name, as, asked)
	if err != nil {
		return nil, err
	}
	if st.IsDir() {
		return o.open(".")
	}
	return o.open(filepath.Base(name))
}

// newOpener opens tables in a folder of the operating system, for a corpus that the
// user named; asked are the files in it that the user named.
func newOpener(folder, name string, as Reading, asked func(string) bool) (*opener, error) {
	full, err := filepath.Abs(folder)
	if err != nil {
		return nil, &Error{Table: name, Row: -1, Err: err}
	}
	fsys, err := newDisk(folder, as.Follow, asked)
	if err != nil {
		return nil, &Error{Table: name, Row: -1, Err: cause(err)}
	}
	o := &opener{fsys: fsys, root: filepath.Base(full), corpus: &Corpus{Name: name}, reading: as}
	o.display = func(p string) string { return filepath.Join(folder, filepath.FromSlash(p)) }
	return o, nil
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
	display func(string) string
	corpus  *Corpus
	keys    map[tableKey]string
	reading Reading
	only    func(string) bool // what the user asked for of the folder; nil for all of it
	single  bool              // the user named a file
	flat    bool              // folders below are not looked at
	passed  []string          // files that hold no predictions, by their paths below the folder
}

// tableKey is what must tell the tables of a corpus apart.
type tableKey struct{ model, dataset, split, condition string }

func (o *opener) open(p string) (*Corpus, error) {
	o.keys = map[tableKey]string{}
	st, err := fs.Stat(o.fsys, p)
	if err != nil {
		return nil, &Error{Table: o.display(p), Row: -1, Err: cause(err)}
	}
	if st.IsDir() {
		err = o.openFolder(p, nil)
	} else {
		err = o.openSingle(p)
	}
	if err != nil {
		return nil, err
	}
	if len(o.corpus.Tables) == 0 && len(o.corpus.Problems) == 0 {
		return nil, o.nothing(p)
	}
	o.tellPassed()
	return o.corpus, nil
}

// nothing says that there is no table, what there is, and what it comes nearest to.
func (o *opener) nothing(p string) error {
	e := &Error{Table: o.corpus.Name, Row: -1, Err: errors.New("no prediction tables"), Hint: "tables are " + tableList}
	switch last := func(end string) bool {
		return slices.ContainsFunc(o.passed, func(n string) bool { return ending(n) == end })
	}; {
	case o.isRun(p):
		e.Err = errors.New("no prediction tables: it holds the results of a run")
		e.Hint = "give the folder of the predictions; abstain rank and abstain show read results"
	case last(arrayEnding):
		e.Hint = "predictions are arrays of floats, one row for each sample and one column for each class, in MODEL.npy beside labels.npy, or logits.npy in a folder of the model's name"
	case len(o.passed)+len(o.corpus.Skipped) == 0:
		e.Err = errors.New("no prediction tables: nothing is in it")
		if o.only != nil {
			e.Err = errors.New("no file matches")
		}
	}
	if len(o.corpus.Skipped) > 0 {
		if near, ok := errors.AsType[*Error](o.corpus.Skipped[0]); ok && near.Hint != "" {
			e.Hint = near.Hint
		}
	}
	o.tellPassed()
	e.Err = errors.Join(append([]error{e.Err}, o.corpus.Skipped...)...)
	return e
}

// tableList are the files that tables are looked for in, for messages.
const tableList = ".npz, .safetensors, .npy beside labels.npy, .arrow, .feather, .parquet, .csv, .tsv and .jsonl, the text also packed (.gz, .zst), " +
	"with logits, probs or confidence for each sample, and its label"

// openSingle opens a table or a manifest that the user named itself. Files beside it
// count only as parts of the same table.
func (o *opener) openSingle(p string) error {
	if ending(p) == ".csv" && o.isManifest(p) {
		return o.readManifest(p)
	}
	o.only, o.single = func(q string) bool { return q == p }, true
	f, _, err := o.list(path.Dir(p), nil)
	if err != nil {
		return err
	}
	if name := path.Base(p); !slices.Contains(f.tables, name) && ending(p) != arrayEnding {
		f.tables = append(f.tables, name) // whatever its name says
	}
	for _, s := range o.steps(f) {
		s.take()
	}
	c := o.corpus
	if ending(p) == arrayEnding && len(c.Tables)+len(c.Problems) == 0 {
		return &Error{Table: o.display(p), Row: -1, Err: errors.New("no prediction table: a file of this name holds no predictions but belongs to those beside it"),
			Hint: "give the file of the predictions or the folder, or say --logits " + stem(p)}
	}
	if all := append(c.Problems, c.Skipped...); len(c.Tables) == 0 && len(all) > 0 {
		return all[0]
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
func isTableName(name string) bool {
	return slices.ContainsFunc(formats, func(x format) bool { return x.named(name) })
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

// table is a table of a file in a folder, of which nothing is known yet.
func (o *opener) table(f *folder, base string) Table {
	p := path.Join(f.path, base)
	t := Table{FS: o.fsys, Path: p, Name: o.display(p), Rows: -1, Classes: o.classes(f), Reading: o.reading}
	t.Size, _ = o.stat(p)
	return t
}

// stat is the size of a file.
func (o *opener) stat(p string) (int64, error) {
	st, err := fs.Stat(o.fsys, p)
	if err != nil {
		return 0, cause(err)
	}
	return st.Size(), nil
}

// find adds the tables of a file, or of files that continue each other. If a file is no
// table by itself, it may be one with the labels beside it.
func (o *opener) find(f *folder, model string, t Table, from origin) {
	tables, err := inspect(t)
	if err != nil {
		aside := from
		if t, truth, ok := o.withLabels(f, model, t, &aside); ok {
			if joined, again := inspect(t); again == nil {
				tables, err, from, truth.used = joined, nil, aside, true
			}
		}
	}
	if err != nil && strings.HasPrefix(ending(t.Path), ".txt") {
		o.corpus.Skipped = append(o.corpus.Skipped, err) // most text is no table
		return
	}
	if err == nil && o.isScores(f, t, tables[0].fields) {
		f.scores = append(f.scores, tables[0])
		return
	}
	o.take(tables, err, from)
}

// take adds tables that were inspected.
func (o *opener) take(tables []described, err error, from origin) {
	if err != nil {
		tables = []described{{err: err}}
	}
	for _, d := range tables {
		switch {
		case d.err == nil:
			d.table.describe(d.meta, from)
			o.add(d.table)
		case errors.Is(d.err, errNoTable):
			o.corpus.Skipped = append(o.corpus.Skipped, d.err)
		default:
			o.problem(d.err)
		}
	}
}

// notOfModel are metadata keys that say nothing about the model.
var notOfModel = []string{"model", "dataset", "split", "condition", "rows", "digest", "file", "pandas", "ARROW:schema", "huggingface"}

// describe takes what a table's own metadata says, and else what names say.
func (t *Table) describe(meta Meta, from origin) {
	t.Model = cmp.Or(meta.Get("model"), from.model)
	t.Dataset = cmp.Or(meta.Get("dataset"), from.dataset)
	t.Declared = meta.Get("dataset") != "" || from.declared
	t.Split = cmp.Or(meta.Get("split"), from.split, defaultSplit)
	t.Condition = cmp.Or(meta.Get("condition"), from.condition, defaultCondition)
	for _, p := range meta {
		if p.Value != "" && !slices.Contains(notOfModel, p.Key) {
			t.Meta = append(t.Meta, p)
		}
	}
	for _, p := range from.meta {
		if t.Meta.Get(p.Key) == "" {
			t.Meta = append(t.Meta, p)
		}
	}
}

// maxNamed is how many files a message names.
const maxNamed = 8

// someNames lists the first names, and how many there are beyond those.
func someNames(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// maxSkipped is how many files that are no tables get a line of their own.
const maxSkipped = 3

// tellPassed tells of all files that hold no predictions by their names at once, and of
// those that hold none on a look at once if they are many.
func (o *opener) tellPassed() {
	if skipped := o.corpus.Skipped; len(skipped) > maxSkipped {
		var names []string
		for _, err := range skipped {
			if e, ok := errors.AsType[*Error](err); ok {
				names = append(names, e.Table)
			}
		}
		o.corpus.Skipped = []error{&Error{Table: o.corpus.Name, Row: -1, Err: fmt.Errorf("%d files are no prediction tables: %s; the first: %w",
			len(names), someNames(names, maxNamed), errors.Unwrap(skipped[0]))}}
	}
	if len(o.passed) > 0 {
		what := "%d files or folders that hold no predictions: %s"
		if len(o.passed) == 1 {
			what = "%d that holds no predictions: %s"
		}
		o.corpus.Skipped = append(o.corpus.Skipped, &Error{Table: o.corpus.Name, Row: -1, Err: fmt.Errorf(what, len(o.passed), someNames(o.passed, 12))})
	}
}
