package datasets

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// folder is a folder of a corpus that no manifest describes.
type folder struct {
	path   string
	up     *folder  // nil for the corpus's own folder
	names  []string // of the folders from the corpus's own to this one
	files  []string // names of everything in it that is not hidden, folders too
	arrays []*array
	tables []string // names of the files that may be tables
	truths []*array // files of other formats that hold labels alone, by their names

	scores []described // files of OpenOOD

	// What of its files several tables may share, once it is known.
	labels, shared           []*array
	labelsKnown, sharedKnown bool
	byBase                   map[string]*array // of a folder in which a manifest lists arrays

	classFile     string   // name of the file that lists the names of the classes
	classes       []string // in it, or in an array; nil if not known
	classesSought bool     // among the arrays
}

// step is something to open in a folder. Steps are taken in the order of their names.
type step struct {
	name string
	take func()
}

// junk are files and folders that systems leave behind. Hidden ones are not looked at
// either.
var junk = map[string]bool{"__MACOSX": true, "Thumbs.db": true, "desktop.ini": true}

func (o *opener) openFolder(dir string, up *folder) error {
	manifest := path.Join(dir, manifestName)
	if _, err := fs.Stat(o.fsys, manifest); err == nil && o.whole(dir) {
		return o.readManifest(manifest)
	}
	f, folders, err := o.list(dir, up)
	if err != nil {
		return err
	}
	steps := o.steps(f)
	if o.flat {
		folders = nil
	}
	for _, name := range folders {
		steps = append(steps, step{name, func() {
			if err := o.openFolder(path.Join(dir, name), f); err != nil {
				o.problem(err)
			}
		}})
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.name, b.name) })
	for _, s := range steps {
		s.take()
	}
	o.addScores(f)
	for _, a := range append(f.arrays, f.truths...) {
		if !a.used {
			o.pass(f, a.base)
		}
	}
	return nil
}

// list reads a folder and sorts what lies in it. It returns the names of the folders
// below it.
func (o *opener) list(dir string, up *folder) (*folder, []string, error) {
	entries, err := fs.ReadDir(o.fsys, dir)
	if err != nil {
		return nil, nil, &Error{Table: o.display(dir), Row: -1, Err: cause(err)}
	}
	f := &folder{path: dir, up: up}
	if up != nil {
		f.names = append(slices.Clone(up.names), path.Base(dir))
	}
	var folders []string
	for _, e := range entries {
		name := e.Name()
		switch p := path.Join(dir, name); {
		case e.IsDir() && o.isRun(p):
		case strings.HasPrefix(name, "."), junk[name]:
			o.pass(f, name)
		case e.Type()&fs.ModeSymlink != 0:
			if o.link(f, name) {
				folders, f.files = append(folders, name), append(f.files, name+"/")
			}
		case irregular(e.Type()) != "":
			o.refuse(f, name, fmt.Errorf("is %s, not a file", irregular(e.Type())), "copy what it gives into a file, or pipe it: abstain run - < "+name)
		case e.IsDir():
			folders, f.files = append(folders, name), append(f.files, name+"/")
		default:
			f.files = append(f.files, name)
			o.sort(f, name)
		}
	}
	f.truths = slices.DeleteFunc(f.truths, func(a *array) bool {
		_, err := inspect(o.table(f, a.base))
		if err == nil || len(entries) == 1 {
			f.tables = append(f.tables, a.base) // a model may be called like that
		}
		return err == nil || len(entries) == 1
	})
	o.passTwins(f)
	return f, folders, nil
}

// link puts a link where what it leads to belongs, and reports whether that is a folder to
// look into.
func (o *opener) link(f *folder, name string) bool {
	p := path.Join(f.path, name)
	st, err := fs.Stat(o.fsys, p)
	switch {
	case errors.Is(err, errOutside):
		o.refuse(f, name, errOutside, "say --follow to read it, or copy the file")
	case err != nil && !isTableName(name) && ending(name) != arrayEnding:
		o.pass(f, name)
	case err != nil:
		o.refuse(f, name, fmt.Errorf("is a link: %w", cause(err)), "")
	case irregular(st.Mode()) != "":
		o.refuse(f, name, fmt.Errorf("leads to %s, not to a file", irregular(st.Mode())), "")
	case !st.IsDir():
		f.files = append(f.files, name)
		o.sort(f, name)
	case !o.reading.Follow:
		o.refuse(f, name, errors.New("is a link to a folder: such links are not followed"), "say --follow, or name the folder that it leads to")
	case o.above(f, st):
		o.refuse(f, name, errors.New("is a link to a folder that it lies in"), "remove the link")
	default:
		return true
	}
	return false
}

// above reports whether a folder is the one of f, or above it.
func (o *opener) above(f *folder, st fs.FileInfo) bool {
	for ; f != nil; f = f.up {
		if here, err := fs.Stat(o.fsys, f.path); err == nil && os.SameFile(here, st) {
			return true
		}
	}
	return false
}

// refuse makes a file that cannot be read a problem, where it was asked for.
func (o *opener) refuse(f *folder, name string, err error, hint string) {
	if p := path.Join(f.path, name); o.wanted(p) {
		o.problem(&Error{Table: o.display(p), Row: -1, Err: err, Hint: hint})
	}
}

// passTwins passes over what fd-shifts writes beside raw_logits.npz: the same as
// probabilities, and the passes of dropout.
func (o *opener) passTwins(f *folder) {
	if !slices.Contains(f.tables, "raw_logits.npz") && !slices.Contains(f.tables, "raw_output.npz") {
		return
	}
	logits := slices.Contains(f.tables, "raw_logits.npz")
	f.tables = slices.DeleteFunc(f.tables, func(base string) bool {
		twin := base == "raw_output.npz" && logits || base == "raw_logits_dist.npz" || base == "raw_output_dist.npz"
		if twin {
			o.pass(f, base)
		}
		return twin
	})
}

// sort puts a file of a folder where it belongs by its name.
func (o *opener) sort(f *folder, name string) {
	switch end := ending(name); {
	case end == arrayEnding:
		f.arrays = append(f.arrays, nameArray(name, o.reading))
	case classFiles[strings.ToLower(name)] && f.classFile == "":
		f.classFile = name
	case isTableName(name) && !isAside(name):
		if a := nameArray(name, Reading{}); a.role == asLabels {
			f.truths = append(f.truths, a)
		} else {
			f.tables = append(f.tables, name)
		}
	case foreign(nil, name) != nil && o.wanted(path.Join(f.path, name)):
		o.problem(tableError(o.display(path.Join(f.path, name)), foreign(nil, name)))
	default:
		o.pass(f, name)
	}
}

// isAside reports whether a file is no table by its name: the settings and results of
// the programs that write predictions.
func isAside(name string) bool {
	s := strings.ToLower(stem(name))
	if strings.HasPrefix(s, "external_confids") {
		return true
	}
	switch ending(name) {
	case ".json", ".txt":
		first, _, _ := strings.Cut(strings.ReplaceAll(s, "-", "_"), "_")
		return asides[s] || asides[first]
	}
	return false
}

// asides are usual names of JSON and text files that hold no predictions, or their first
// parts.
var asides = map[string]bool{"results": true, "config": true, "configs": true, "args": true, "params": true, "hparams": true,
	"settings": true, "metadata": true, "metrics": true, "package": true, "trainer": true, "all_results": true, "eval": true,
	"run": true, "summary": true, "classes": true, "vocab": true, "tokenizer": true, "generation": true, "environment": true,
	"readme": true, "license": true, "notes": true, "requirements": true, "log": true, "changelog": true}

// wanted reports whether the user asked for a file, where the corpus is not a whole
// folder.
func (o *opener) wanted(p string) bool { return o.only == nil || o.only(p) }

// whole reports whether everything in a folder is wanted.
func (o *opener) whole(dir string) bool { return o.only == nil || o.only(dir) }

// pass notes a file that holds no predictions.
func (o *opener) pass(f *folder, name string) {
	if o.only == nil {
		o.passed = append(o.passed, path.Join(path.Join(f.names...), name))
	}
}

func (o *opener) problem(err error) { o.corpus.Problems = append(o.corpus.Problems, err) }

// steps are what is to be done with the files of a folder.
func (o *opener) steps(f *folder) []step {
	var steps []step
	for _, s := range o.arraySets(f) {
		steps = append(steps, step{s.main().base, func() { o.addArrays(f, s) }})
	}
	for _, s := range o.fileSets(f) {
		steps = append(steps, step{s.files[0], func() { o.addFiles(f, s) }})
	}
	return steps
}

// fileSet are the files of one table: one file, or several that continue each other.
type fileSet struct {
	name, split, dataset string // "" if the name does not tell
	files                []string
	numbers              []ordinal // of the files, if there are several
	err                  error     // why they are no table
}

// fileSets puts together files that continue each other, and reads their names.
func (o *opener) fileSets(f *folder) []*fileSet {
	hive, model := f.hive()
	var sets []*fileSet
	byName := map[[3]string]*fileSet{}
	var names []string
	for _, base := range f.tables {
		s := &fileSet{name: stem(base), files: []string{base}}
		sets = append(sets, s)
		n, ok := ordinalName(s.name, hive)
		if !ok {
			names = append(names, s.name)
			continue
		}
		key := [3]string{n.name, n.kind, ending(base)}
		if first := byName[key]; first != nil {
			sets = sets[:len(sets)-1]
			first.files, first.numbers = append(first.files, base), append(first.numbers, n)
			continue
		}
		s.name, s.numbers = n.name, []ordinal{n}
		byName[key], names = s, append(names, s.name)
	}
	sets = slices.DeleteFunc(sets, func(s *fileSet) bool {
		return !slices.ContainsFunc(s.files, func(b string) bool { return o.wanted(path.Join(f.path, b)) })
	})
	paired := pairedSplits(names)
	for _, s := range sets {
		s.order()
		o.readName(f, s, paired)
	}
	if model {
		return oneModel(sets)
	}
	return refuseOtherCounts(sets)
}

// hive reports whether a folder lies below ones that are named key=value, and whether
// these name the model.
func (f *folder) hive() (any, model bool) {
	for _, name := range f.names {
		if key, _, ok := hivePair(name); ok {
			any, model = true, model || key == "model"
		}
	}
	return any, model
}

// readName reads what the common name of the files says.
func (o *opener) readName(f *folder, s *fileSet, paired map[string]bool) {
	if m := lmEval.FindStringSubmatch(s.name); m != nil {
		s.name, s.dataset = "", m[1]
		return
	}
	if o.single && s.numbers == nil {
		return
	}
	s.name, s.split = beforeSplit(s.name)
	if rest, split := afterSplit(s.name); s.split == "" && paired[rest] {
		s.name, s.split = rest, split
	}
	if namelessFiles[strings.ToLower(s.name)] && len(f.names) > 0 {
		s.name = ""
	}
}

// order sorts the files of a table by their numbers and finds out which are missing.
func (s *fileSet) order() {
	if s.numbers == nil {
		return
	}
	at := make([]int, len(s.files))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return cmp.Compare(s.numbers[a].number, s.numbers[b].number) })
	files, numbers := make([]string, len(at)), make([]ordinal, len(at))
	for i, k := range at {
		files[i], numbers[i] = s.files[k], s.numbers[k]
	}
	s.files, s.numbers = files, numbers
	if missing := s.missing(); len(missing) > 0 {
		s.err = &Error{Row: -1, Err: fmt.Errorf("%s: not all of its files are here; the others are not scored without", missingNames(missing)),
			Hint: "copy the missing files beside the others, or list what is to be read as tables of their own in a manifest.csv"}
	}
}

func missingNames(names []string) string {
	if len(names) == 1 {
		return names[0] + " is missing"
	}
	return someNames(names, 4) + " are missing"
}

// missing names the files that the numbers of the others tell of. Numbers may begin at
// 0 or 1.
func (s *fileSet) missing() []string {
	first, last := s.numbers[0], s.numbers[len(s.numbers)-1]
	if first.gaps {
		return nil
	}
	have := map[int]bool{}
	for _, n := range s.numbers {
		have[n.number] = true
	}
	from, to := min(first.number, 1), last.number+1
	if first.of > 0 {
		to = from + first.of
		if last.number >= first.of { // counted from 1
			from, to = 1, first.of+1
		} else if first.number > 0 && len(have) < first.of {
			from, to = 0, first.of
		}
	}
	var names []string
	for n := from; n < to && len(names) <= maxNamed; n++ {
		if !have[n] {
			names = append(names, s.renumbered(n))
		}
	}
	return names
}

// renumbered is the name of the first file with another number in it.
func (s *fileSet) renumbered(n int) string {
	base, digits := s.files[0], s.numbers[0].at
	return base[:digits[0]] + fmt.Sprintf("%0*d", digits[1]-digits[0], n) + base[digits[1]:]
}

// oneModel makes tables of the files of a folder that a folder above says to be of one
// model. Only names that count or are splits tell how files belong together.
func oneModel(sets []*fileSet) []*fileSet {
	bySplit := map[string]*fileSet{}
	return slices.DeleteFunc(sets, func(s *fileSet) bool {
		first := bySplit[s.split]
		if first == nil {
			bySplit[s.split] = s
			return false
		}
		if first.err == nil {
			first.err = &Error{Row: -1, Err: fmt.Errorf("%s and %s lie in the folder of one model: are they parts of one table, or tables of their own?", first.files[0], s.files[0]),
				Hint: "number parts (part-0, part-1), name splits val and test, or list the files in a manifest.csv"}
		}
		return true
	})
}

// refuseOtherCounts refuses files of one name that were written in different numbers of
// parts: which of them are the latest is not known.
func refuseOtherCounts(sets []*fileSet) []*fileSet {
	byName := map[[3]string]*fileSet{}
	for _, s := range sets {
		if s.numbers == nil || s.numbers[0].of == 0 {
			continue
		}
		key := [3]string{s.name, s.split, ending(s.files[0])}
		if other := byName[key]; other != nil {
			s.err = &Error{Row: -1, Err: fmt.Errorf("%s and %s were written in different numbers of files: which are to be read?", other.files[0], s.files[0]),
				Hint: "remove those of the older one"}
			other.err = s.err
			continue
		}
		byName[key] = s
	}
	return sets
}

// addFiles adds the tables of a file, or of files that continue each other.
func (o *opener) addFiles(f *folder, s *fileSet) {
	t := o.table(f, s.files[0])
	if len(s.files) > 1 {
		o.continued(&t, f, s)
	}
	if s.err != nil {
		o.problem(nameTable(t.Name, s.err))
		return
	}
	from := originOf(f.names, s.name, o.root)
	from.split = cmp.Or(s.split, from.split)
	if s.dataset != "" {
		from.dataset, from.declared = s.dataset, true
	}
	o.find(f, s.name, t, from)
}

// continued makes the files the parts of a table.
func (o *opener) continued(t *Table, f *folder, s *fileSet) {
	t.Size, t.Parts = 0, nil
	t.Path, t.Name = path.Join(f.path, s.files[0]), o.display(path.Join(f.path, s.pattern()))
	for _, base := range s.files {
		p := Part{Path: path.Join(f.path, base)}
		p.Name = o.display(p.Path)
		p.Size, _ = o.stat(p.Path)
		t.Parts, t.Size = append(t.Parts, p), t.Size+p.Size
	}
}

// nameTable names the table of an error that does not.
func nameTable(name string, err error) error {
	if e, ok := errors.AsType[*Error](err); ok && e.Table == "" {
		return &Error{Table: name, Column: e.Column, Row: e.Row, Err: e.Err, Hint: e.Hint}
	}
	return err
}

// pattern is a name for all files: m-*-of-00002.parquet.
func (s *fileSet) pattern() string {
	base := s.files[0]
	if digits := s.numbers[0].at; digits[0] >= 0 {
		return base[:digits[0]] + "*" + base[digits[1]:]
	}
	return base
}

// classFiles are names of files that list the names of classes in their order, one a
// line.
var classFiles = map[string]bool{"classes.txt": true, "class_names.txt": true, "classnames.txt": true,
	"label_names.txt": true, "target_names.txt": true, "categories.txt": true}

// maxClassFile is how long such a file may be, in bytes.
const maxClassFile = 16 << 20

// classes are the names of the classes that lie in the folder or the nearest above.
func (o *opener) classes(f *folder) []string {
	for ; f != nil; f = f.up {
		switch {
		case f.classes != nil:
		case f.classFile != "":
			f.classes = o.readClasses(path.Join(f.path, f.classFile))
		case !f.classesSought:
			f.classesSought = true
			f.classes = o.classArray(f)
		}
		if f.classes != nil {
			return f.classes
		}
	}
	return nil
}

// classArray is the list of names of classes that an array of texts in the folder is, as
// classes.npy. An array with as many rows as the labels tells of samples. One that cannot
// be read is a problem of the corpus: names in another order would change every number.
func (o *opener) classArray(f *folder) []string {
	for _, a := range f.arrays {
		if a.role != asClasses && !classArrays[strings.Map(plainly, stem(a.base))] {
			continue
		}
		if o.peek(f, a); a.err != nil && a.role == asClasses {
			o.problem(tableError(o.display(path.Join(f.path, a.base)), a.err))
			return []string{}
		}
		if a.classes == nil || slices.ContainsFunc(f.labelsIn(), func(l *array) bool {
			if l.isArray() {
				o.peek(f, l)
			}
			return l.peeked && l.rows() == a.rows()
		}) {
			continue
		}
		a.role, a.used = asClasses, true
		return a.classes
	}
	return nil
}

// classArrays are further names of arrays that list the names of classes, or else tell
// of samples.
var classArrays = map[string]bool{"classes_": true, "label_names": true, "target_names": true, "categories": true,
	"class_labels": true, "names": true}

// readClasses reads a list of the names of classes. A list that cannot be read is a
// problem of the corpus; it is not nil.
func (o *opener) readClasses(p string) []string {
	names := []string{}
	file, err := o.fsys.Open(p)
	if err == nil {
		defer file.Close()
		var text []byte
		text, err = io.ReadAll(io.LimitReader(file, maxClassFile+1))
		if err == nil && len(text) > maxClassFile {
			err = fmt.Errorf("has more than %d MB, so it does not list the names of classes", maxClassFile>>20)
		}
		for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
			names = append(names, strings.TrimSpace(line))
		}
	}
	if err != nil {
		o.problem(tableError(o.display(p), cause(err)))
		return []string{}
	}
	for len(names) > 0 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names
}
