package datasets

import (
	"archive/zip"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets/ipc"
)

// Arrays of n rows, as files.

func npyVectors(n, classes int) []byte {
	values := make([]float32, n*classes)
	for i := range values {
		values[i] = float32(i*7%11) - 4
	}
	return arrayOf("", "<f4", "F32", values, n, classes).npyFile()
}

func npyInts(n int) []byte {
	values := make([]int64, n)
	for i := range values {
		values[i] = int64(i % 2)
	}
	return arrayOf("", "<i8", "I64", values, n).npyFile()
}

func npyReals(n int) []byte {
	values := make([]float64, n)
	for i := range values {
		values[i] = float64(i) / float64(n)
	}
	return arrayOf("", "<f8", "F64", values, n).npyFile()
}

func npyTexts(n int) []byte {
	values := make([]int32, 3*n)
	for i := range values {
		values[i] = int32('a' + i%5)
	}
	return arrayOf("", "<U3", "", values, n).npyFile()
}

// logitsCSV is a table of n rows.
func logitsCSV(n int) []byte {
	var b strings.Builder
	b.WriteString("label,l0,l1\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%d.5,0\n", i%2, i%3)
	}
	return []byte(b.String())
}

// npzOf is a .npz file with vectors, labels, and more arrays.
func npzOf(t *testing.T, n int, more ...ndarray) []byte {
	labels := make([]int64, n)
	logits := make([]float32, 2*n)
	for i := range n {
		labels[i], logits[2*i] = int64(i%2), float32(i%3)-0.5
	}
	return npzFile(t, zip.Store, 0, append([]ndarray{arrayOf("logits", "<f4", "F32", logits, n, 2), arrayOf("labels", "<i8", "I64", labels, n)}, more...)...)
}

func parquetLike(t *testing.T, n int, models ...string) []byte {
	label, logits, model := make([]int64, n), make([]float32, 2*n), make([]string, n)
	for i := range n {
		label[i], logits[2*i] = int64(i%2), float32(i)
		if len(models) > 0 {
			model[i] = models[i%len(models)]
		}
	}
	columns := []ipc.Column{ipc.Ints("label", ipc.Int64, label), ipc.Vectors("logits", ipc.Float32, 2, logits)}
	if len(models) > 0 {
		columns = append(columns, ipc.Texts("model", model))
	}
	return arrow(t, ipc.Options{}, columns...)
}

// folderCase is a folder and what is found in it.
type folderCase struct {
	name   string
	files  map[string][]byte
	tables []string // model dataset split condition: paths of the files, columns of arrays
	// problems and passed are parts of what is said.
	problems []string
	passed   string
}

func TestFoldersOfThisWorld(t *testing.T) {
	v, y, ids := npyVectors(6, 2), npyInts(6), npyTexts(6)
	shard := parquetLike(t, 4)
	for _, c := range []folderCase{
		{name: "arrays beside labels", files: map[string][]byte{"a.npy": v, "b.npy": v, "labels.npy": y},
			tables: []string{"a root test clean: a.npy(outputs) labels.npy(label)", "b root test clean: b.npy(outputs) labels.npy(label)"}},
		{name: "other names of labels", files: map[string][]byte{"m.npy": v, "test_targets.npy": y},
			tables: []string{"m root test clean: m.npy(outputs) test_targets.npy(label)"}},
		{name: "ids and attributes", files: map[string][]byte{"m.npy": v, "y_true.npy": y, "ids.npy": ids, "site.npy": ids, "other.npy": npyInts(5)},
			tables: []string{"m root test clean: m.npy(outputs) y_true.npy(label) ids.npy(sample_id) site.npy(site)"}, passed: "other.npy"},
		{name: "a folder for each model", files: map[string][]byte{"deit/logits.npy": v, "deit/labels.npy": y, "mlp/probs.npy": v, "labels.npy": y},
			tables: []string{"deit root test clean: deit/logits.npy(logits) deit/labels.npy(label)", "mlp root test clean: mlp/probs.npy(probs) labels.npy(label)"}},
		{name: "prefixes", files: map[string][]byte{"r50_logits.npy": v, "r50_labels.npy": y, "logits_vgg.npy": v, "labels_vgg.npy": npyInts(6)},
			tables: []string{"vgg root test clean: logits_vgg.npy(logits) labels_vgg.npy(label)", "r50 root test clean: r50_logits.npy(logits) r50_labels.npy(label)"}},
		{name: "split folders", files: map[string][]byte{"val/a.npy": v, "val/labels.npy": y, "test/a.npy": npyVectors(4, 2), "test/labels.npy": npyInts(4)},
			tables: []string{"a root test clean: test/a.npy(outputs) test/labels.npy(label)", "a root val clean: val/a.npy(outputs) val/labels.npy(label)"}},
		{name: "split prefixes", files: map[string][]byte{"net/valid_logits.npy": v, "net/valid_labels.npy": y, "net/test_logits.npy": v, "net/test_labels.npy": y},
			tables: []string{"net root test clean: net/test_logits.npy(logits) net/test_labels.npy(label)", "net root val clean: net/valid_logits.npy(logits) net/valid_labels.npy(label)"}},
		{name: "splits in the middle", files: map[string][]byte{"r_val_logits.npy": v, "r_test_logits.npy": v, "y_val.npy": y, "y_test.npy": y, "X_test.npy": v},
			tables: []string{"r root test clean: r_test_logits.npy(logits) y_test.npy(label)", "r root val clean: r_val_logits.npy(logits) y_val.npy(label)"}, passed: "X_test.npy"},
		{name: "predictions and confidences", files: map[string][]byte{"m_preds.npy": y, "m_conf.npy": npyReals(6), "labels.npy": y},
			tables: []string{"m root test clean: m_conf.npy(confidence) m_preds.npy(prediction) labels.npy(label)"}},
		{name: "scores of two classes", files: map[string][]byte{"m.npy": npyReals(6), "labels.npy": y},
			tables: []string{"m root test clean: m.npy(y_score) labels.npy(label)"}},
		{name: "labels of another length", files: map[string][]byte{"m.npy": v, "sub/k.npy": npyVectors(5, 2), "labels.npy": npyInts(5)},
			tables: []string{"k sub test clean: sub/k.npy(outputs) labels.npy(label)"}, problems: []string{"root/m.npy: m.npy has 6 rows, but root/labels.npy has 5"}},
		{name: "no labels", files: map[string][]byte{"m.npy": v, "a.csv": logitsCSV(3)}, tables: []string{"a root test clean: a.csv"},
			problems: []string{`root/m.npy: column "label": no labels.npy beside it`}},
		{name: "two kinds of labels", files: map[string][]byte{"m.npy": v, "y_true.npy": y, "target.npy": y},
			problems: []string{"target.npy and y_true.npy may each be the labels"}},
		{name: "our name of labels wins", files: map[string][]byte{"m.npy": v, "y_true.npy": y, "labels.npy": y},
			tables: []string{"m root test clean: m.npy(outputs) labels.npy(label)"}, passed: "y_true.npy"},
		{name: "a cut array", files: map[string][]byte{"m.npy": v[:len(v)-3], "k.npy": v, "labels.npy": y}, tables: []string{"k root test clean: k.npy(outputs) labels.npy(label)"},
			problems: []string{"root/m.npy: column \"m\": m.npy: truncated"}},
		{name: "labels in another format", files: map[string][]byte{"m.npz": npzFile(t, zip.Store, 0, arrayOf("logits", "<f4", "F32", make([]float32, 12), 6, 2)),
			"labels.npy": y}, tables: []string{"m root test clean: m.npz labels.npy(label)"}},
		{name: "shards", files: map[string][]byte{"m-00000-of-00002.arrow": shard, "m-00001-of-00002.arrow": shard, "k-1-of-2.arrow": shard, "k-2-of-2.arrow": shard},
			tables: []string{"k root test clean: k-1-of-2.arrow k-2-of-2.arrow", "m root test clean: m-00000-of-00002.arrow m-00001-of-00002.arrow"}},
		{name: "a missing shard", files: map[string][]byte{"m-00000-of-00003.arrow": shard, "m-00002-of-00003.arrow": shard, "n.arrow": shard},
			tables: []string{"n root test clean: n.arrow"}, problems: []string{"root/m-*-of-00003.arrow: m-00001-of-00003.arrow is missing"}},
		{name: "a missing end", files: map[string][]byte{"m-1-of-3.arrow": shard, "m-2-of-3.arrow": shard}, problems: []string{"m-0-of-3.arrow is missing"}},
		{name: "a missing part", files: map[string][]byte{"m/part-0.arrow": shard, "m/part-2.arrow": shard}, problems: []string{"part-1.arrow is missing"}},
		{name: "different numbers of shards", files: map[string][]byte{"m-0-of-1.arrow": shard, "m-0-of-2.arrow": shard, "m-1-of-2.arrow": shard},
			problems: []string{"different numbers of files", "different numbers of files"}},
		{name: "splits of the datasets library", files: map[string][]byte{"data/test-00000-of-00001.arrow": shard, "data/validation-00000-of-00001-0123456789abcdef.arrow": shard},
			tables: []string{"root root test clean: data/test-00000-of-00001.arrow", "root root val clean: data/validation-00000-of-00001-0123456789abcdef.arrow"}},
		{name: "hive", files: map[string][]byte{"dataset=d/model=net%2Fv1%20b/split=val/part-0.arrow": shard, "dataset=d/model=net%2Fv1%20b/split=val/part-1.arrow": shard,
			"dataset=d/model=x/condition=fog/data_3.arrow": shard, "dataset=d/model=x/condition=fog/data_7.arrow": shard},
			tables: []string{"net/v1 b d val clean: dataset=d/model=net%2Fv1%20b/split=val/part-0.arrow dataset=d/model=net%2Fv1%20b/split=val/part-1.arrow",
				"x d test fog: dataset=d/model=x/condition=fog/data_3.arrow dataset=d/model=x/condition=fog/data_7.arrow"}},
		{name: "hive with splits as files", files: map[string][]byte{"model=x/val.arrow": shard, "model=x/test.arrow": shard},
			tables: []string{"x root test clean: model=x/test.arrow", "x root val clean: model=x/val.arrow"}},
		{name: "hive with names that say nothing", files: map[string][]byte{"model=x/left.arrow": shard, "model=x/right.arrow": shard},
			problems: []string{"left.arrow and right.arrow lie in the folder of one model"}},
		{name: "predictions in a folder for each model", files: map[string][]byte{"a/predictions.csv": logitsCSV(3), "b/predictions.csv": logitsCSV(3), "top.csv": logitsCSV(3)},
			tables: []string{"a root test clean: a/predictions.csv", "b root test clean: b/predictions.csv", "top root test clean: top.csv"}},
		{name: "pairs of splits", files: map[string][]byte{"r_val.csv": logitsCSV(3), "r_test.csv": logitsCSV(3), "lonely_val.csv": logitsCSV(3), "val_q.csv": logitsCSV(3)},
			tables: []string{"lonely_val root test clean: lonely_val.csv", "r root test clean: r_test.csv", "r root val clean: r_val.csv", "q root val clean: val_q.csv"}},
		{name: "several models in one file", files: map[string][]byte{"all.arrow": parquetLike(t, 8, "a", "b=,%"), "one.arrow": parquetLike(t, 8, "same")},
			tables: []string{"a root test clean: all.arrow [model=a]", "b=,% root test clean: all.arrow [model=b%3D%2C%25]", "one root test clean: one.arrow"}},
		{name: "splits in one npz", files: map[string][]byte{"net.npz": npzFile(t, zip.Store, 0, arrayOf("val_logits", "<f4", "F32", make([]float32, 12), 6, 2),
			arrayOf("val_labels", "<i8", "I64", make([]int64, 6), 6), arrayOf("test_logits", "<f4", "F32", make([]float32, 8), 4, 2), arrayOf("test_labels", "<i8", "I64", make([]int64, 4), 4))},
			tables: []string{"net root test clean: net.npz [test]", "net root val clean: net.npz [val]"}},
		{name: "OpenOOD", files: map[string][]byte{"msp/scores/cifar.npz": openOOD(t, 1), "msp/scores/svhn.npz": openOOD(t, -1)},
			tables: []string{"msp cifar test clean: msp/scores/cifar.npz", "msp cifar test ood-svhn: msp/scores/svhn.npz"}},
		{name: "what else lies about", files: map[string][]byte{"a.csv": logitsCSV(3), "README.txt": []byte("x"), "plot.png": nil, "a.npy.tmp": nil, "results_2026.json": []byte("{}"),
			".hidden/x.csv": nil, "__MACOSX/._a.csv": nil, "Thumbs.db": nil, "labels.csv": []byte("id,label\na,1\n"), "model.pt": []byte("PK\x03\x04")},
			tables: []string{"a root test clean: a.csv"}, problems: []string{"root/model.pt: this is a torch file"},
			passed: "8 files or folders that hold no predictions: .hidden, README.txt, Thumbs.db, __MACOSX, a.npy.tmp, plot.png, results_2026.json, labels.csv"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t) })
	}
}

// openOOD is the file of a data set with the answers of 4 samples; outside if label is -1.
func openOOD(t *testing.T, label int64) []byte {
	return npzFile(t, zip.Store, 0, arrayOf("pred", "<i8", "I64", []int64{1, 0, 1, 1}, 4), arrayOf("conf", "<f4", "F32", []float32{.5, .6, .7, .8}, 4),
		arrayOf("label", "<i8", "I64", []int64{label, label, label, label}, 4))
}

func (c folderCase) open() (*Corpus, error) {
	fsys := fstest.MapFS{}
	for name, b := range c.files {
		fsys["root/"+name] = &fstest.MapFile{Data: b}
	}
	return OpenFS(fsys, "root", "root")
}

func (c folderCase) check(t *testing.T) {
	corpus, err := c.open()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range corpus.Tables {
		got = append(got, found(table))
		if _, err := readWhole(table); err != nil {
			t.Errorf("%s: %v", table.Name, err)
		}
	}
	if slices.Sort(got); !slices.Equal(got, sorted(c.tables)) {
		t.Errorf("tables\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(sorted(c.tables), "\n"))
	}
	if len(corpus.Problems) != len(c.problems) {
		t.Errorf("problems %q, want %q", corpus.Problems, c.problems)
	}
	for i, want := range c.problems {
		if i < len(corpus.Problems) && !strings.Contains(corpus.Problems[i].Error(), want) {
			t.Errorf("problem %q, want %q", corpus.Problems[i], want)
		}
	}
	said := fmt.Sprint(corpus.Skipped)
	if !strings.Contains(said, c.passed) || c.passed == "" && len(corpus.Skipped) > 0 {
		t.Errorf("left out: %s, want %q", said, c.passed)
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// found describes a table: what it is, and its files.
func found(t Table) string {
	files := []string{strings.TrimPrefix(t.Path, "root/")}
	if t.Parts != nil {
		files = nil
	}
	for _, p := range t.Parts {
		name := strings.TrimPrefix(p.Path, "root/")
		if p.Column != "" {
			name += "(" + p.Column + ")"
		}
		files = append(files, name)
	}
	if t.Section != "" {
		files = append(files, "["+t.Section+"]")
	}
	return fmt.Sprintf("%s %s %s %s: %s", t.Model, t.Dataset, t.Split, t.Condition, strings.Join(files, " "))
}

// A corpus without a table says what was found, and what it comes nearest to.
func TestNothingFound(t *testing.T) {
	for want, files := range map[string]map[string][]byte{
		"1 that holds no predictions: sub/.keep": {"sub/.keep": nil},
		"1 that holds no predictions: notes.doc": {"notes.doc": nil},
		"MODEL.npy beside labels.npy":            {"labels.npy": npyInts(3)},
		"it holds the results of a run":          {"run.json": []byte("{}"), "results.csv": []byte("model\n")},
		"--columns":                              {"x.csv": []byte("a,b\n1,2\n")},
		"5 files are no prediction tables":       {"1.csv": []byte("a\n1\n"), "2.csv": []byte("a\n1\n"), "3.csv": []byte("a\n1\n"), "4.csv": []byte("a\n1\n"), "5.csv": []byte("a\n1\n")},
	} {
		_, err := folderCase{files: files}.open()
		if err == nil {
			t.Errorf("%s: no error", want)
			continue
		}
		checkError(t, err, "", -1, want)
	}
}

// What the user says of arrays counts as file names, too.
func TestArraysAsTold(t *testing.T) {
	fsys := fstest.MapFS{}
	for name, b := range map[string][]byte{"netz.npy": npyVectors(6, 2), "wahr.npy": npyInts(6), "labels.npy": npyInts(5)} {
		fsys["root/"+name] = &fstest.MapFile{Data: b}
	}
	o := opener{fsys: fsys, root: "root", corpus: &Corpus{Name: "root"}, reading: Reading{Columns: Meta{{"label", "wahr"}, {"logits", "netz"}}}}
	o.display = func(p string) string { return p }
	c, err := o.open("root")
	if err != nil || len(c.Tables) != 1 || len(c.Problems) > 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	if got := found(c.Tables[0]); got != "root root test clean: netz.npy(netz) wahr.npy(wahr)" {
		t.Error(got)
	}
	if w, err := readWhole(c.Tables[0]); err != nil || w.N != 6 || w.schema.Kind != Logits {
		t.Errorf("%v, %v", w, err)
	}
}

// Files of the disk: patterns, files listed by a shell, single files, standard input.
func TestOtherWaysToName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "top")
	for name, b := range map[string][]byte{"r/a.npy": npyVectors(6, 2), "r/b.npy": npyVectors(6, 2), "r/labels.npy": npyInts(6), "x.npz": npzOf(t, 5), "y.npz": npzOf(t, 5),
		"deep/er/x.npz": npzOf(t, 4), "m-0-of-2.arrow": parquetLike(t, 4), "m-1-of-2.arrow": parquetLike(t, 4)} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		names []string
		want  string
	}{
		{[]string{"*.npz"}, "x top, y top"},
		{[]string{"**/x.npz"}, "x er, x top"},
		{[]string{"de*"}, "x er"},
		{[]string{"r/a.*"}, "a r"},
		{[]string{"r/a.npy"}, "a r"},
		{[]string{"r/a.npy", "r/b.npy", "r/labels.npy"}, "a r, b r"},
		{[]string{"m-0-of-2.arrow", "m-1-of-2.arrow"}, "m top"},
		{[]string{"m-1-of-2.arrow"}, "m top"},
		{[]string{"m-*"}, "m top"},
		{[]string{"x.npz", "deep"}, "x top, x er"},
	} {
		var names, got []string
		for _, n := range c.names {
			names = append(names, filepath.Join(dir, filepath.FromSlash(n)))
		}
		corpora, err := OpenAll(names, Reading{})
		if err != nil {
			t.Errorf("%v: %v", c.names, err)
		}
		for _, c := range corpora {
			for _, table := range c.Tables {
				got = append(got, table.Model+" "+table.Dataset)
				if _, err := readWhole(table); err != nil {
					t.Error(err)
				}
			}
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%v: %s, want %s", c.names, s, c.want)
		}
	}
	for name, want := range map[string]string{"*.zip": "no file matches", "[": "syntax error in pattern", "r/labels.npy": "holds no predictions", "m-0-of-*": "m-1-of-2"} {
		_, err := OpenAll([]string{filepath.Join(dir, name)}, Reading{})
		if name == "m-0-of-*" {
			if err != nil { // its other half need not match
				t.Error(err)
			}
			continue
		}
		checkError(t, err, "", -1, want)
	}
}

func TestStandardInput(t *testing.T) {
	big := parquetLike(t, 9000)
	for name, b := range map[string][]byte{"arrow": parquetLike(t, 5), "npz": npzOf(t, 5), "csv": logitsCSV(5), "large": big,
		"safetensors": stFile(t, 0, arrayOf("logits", "", "F32", make([]float32, 10), 5, 2), arrayOf("labels", "", "I64", make([]int64, 5), 5)),
		"jsonl":       []byte("{\"label\":1,\"logits\":[0.5,2]}\n{\"label\":0,\"logits\":[1.5,1]}\n")} {
		c, err := OpenReader(strings.NewReader(string(b)), "stdin", Reading{})
		if err != nil || len(c.Tables) != 1 || c.Tables[0].Model != "stdin" {
			t.Errorf("%s: %+v, %v", name, c, err)
			continue
		}
		for range 2 {
			if _, err := readWhole(c.Tables[0]); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	for text, want := range map[string]string{"": "is empty", "some\nwords\n": "no prediction table", "\x89HDF\r\n\x1a\n": "HDF5"} {
		_, err := OpenReader(strings.NewReader(text), "stdin", Reading{})
		checkError(t, err, "", -1, want)
	}
}

// A manifest names arrays inside files, sections of files, arrays and numbered files.
func TestManifestOfParts(t *testing.T) {
	npz := npzFile(t, zip.Store, 0, arrayOf("z", "<f4", "F32", make([]float32, 12), 6, 2), arrayOf("t", "<i8", "I64", make([]int64, 6), 6))
	fsys := fstest.MapFS{}
	for name, b := range map[string][]byte{
		"manifest.csv": []byte("file,model,dataset,split,logits,labels,section\n" +
			"a.npz,A,d,,z,t,\n" +
			"all.arrow,B,d,,,,model=b\n" +
			"sub/c.npy,C,d,,,,\n" +
			"sub/k.npy,K,d,,,wahr,\n" +
			"m-1-of-2.arrow,M,d,,,,\n" +
			"m-0-of-2.arrow,N,d,,,,\n" +
			"q-0-of-2.arrow,Q,d,,,,\n" +
			"all.arrow,R,d,,,,model=a\n" +
			"alone/x.npy,X,d,,,,\n"),
		"a.npz": npz, "all.arrow": parquetLike(t, 6, "a", "b"), "sub/c.npy": npyVectors(6, 2), "sub/k.npy": npyVectors(6, 2), "sub/wahr.npy": npyInts(6), "sub/labels.npy": npyInts(6), "sub/site.npy": npyTexts(6),
		"m-0-of-2.arrow": parquetLike(t, 3), "m-1-of-2.arrow": parquetLike(t, 3), "q-0-of-2.arrow": parquetLike(t, 3), "alone/x.npy": npyVectors(3, 2),
	} {
		fsys[name] = &fstest.MapFile{Data: b}
	}
	c, err := OpenFS(fsys, ".", "root")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range c.Tables {
		got = append(got, found(table))
		if w, err := readWhole(table); err != nil || w.N == 0 {
			t.Errorf("%s: %v", table.Name, err)
		}
	}
	want := []string{"A d test clean: a.npz", "B d test clean: all.arrow [model=b]",
		"C d test clean: sub/c.npy(outputs) sub/labels.npy(label) sub/site.npy(site) sub/wahr.npy(wahr)",
		"K d test clean: sub/k.npy(outputs) sub/wahr.npy(wahr) sub/site.npy(site)",
		"M d test clean: m-0-of-2.arrow m-1-of-2.arrow", "R d test clean: all.arrow [model=a]"}
	if !slices.Equal(got, want) {
		t.Errorf("tables\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for i, want := range []string{`line 7: "m-0-of-2.arrow" is already listed in line 6`, "line 8: ", `root/alone/x.npy: column "label": no labels.npy`} {
		if i >= len(c.Problems) || !strings.Contains(c.Problems[i].Error(), want) {
			t.Errorf("problems %q, want %q", c.Problems, want)
		}
	}
}

// A file with several tables has to say which is meant, if a manifest lists it.
func TestManifestOfSections(t *testing.T) {
	npz := npzFile(t, zip.Store, 0, arrayOf("val_logits", "<f4", "F32", make([]float32, 4), 2, 2), arrayOf("val_labels", "<i8", "I64", make([]int64, 2), 2),
		arrayOf("test_logits", "<f4", "F32", make([]float32, 4), 2, 2), arrayOf("test_labels", "<i8", "I64", make([]int64, 2), 2))
	fsys := fstest.MapFS{"manifest.csv": {Data: []byte("file,model,dataset,section\nn.npz,N,d,\n")}, "n.npz": {Data: npz}}
	c, err := OpenFS(fsys, ".", "c")
	if err != nil {
		t.Fatal(err)
	}
	_, err = OpenTable(c.Tables[0])
	checkError(t, err, "", -1, "holds 2 tables: ")
}

func TestClassesBesideTables(t *testing.T) {
	fsys := fstest.MapFS{"r/classes.txt": {Data: []byte("\ufeffzebra \nant\n\n")}, "r/sub/a.csv": {Data: []byte("label,l0,l1\nant,0,1\nzebra,1,0\n")}}
	c, err := OpenFS(fsys, "r", "r")
	if err != nil || !slices.Equal(c.Tables[0].Classes, []string{"zebra", "ant"}) {
		t.Fatalf("%+v, %v", c, err)
	}
	if w, err := readWhole(c.Tables[0]); err != nil || !slices.Equal(w.Label, []int32{1, 0}) {
		t.Errorf("labels %v, %v", w.Label, err)
	}
}

// Arrays of texts that list the names of classes are their order, whatever else their
// names may mean; as long as the labels, they tell of samples.
func TestClassArrays(t *testing.T) {
	logits := arrayOf("", "<f4", "F32", []float32{1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0}, 4, 3).npyFile()
	texts := func(words string) []byte { return arrayOf("", "<U1", "", []rune(words), len(words)).npyFile() }
	for _, name := range []string{"classes", "class_names", "classes_", "names", "categories", "label_names", "target_names"} {
		fsys := fstest.MapFS{"m.npy": {Data: logits}, "labels.npy": {Data: texts("zaaz")}, name + ".npy": {Data: texts("zab")}}
		c, err := OpenFS(fsys, ".", "c")
		if err != nil || len(c.Problems) > 0 || len(c.Tables) != 1 {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		if w, err := readWhole(c.Tables[0]); err != nil || !slices.Equal(w.Label, []int32{0, 1, 1, 0}) {
			t.Errorf("%s: labels %v, %v", name, w.Label, err)
		}
		fsys = fstest.MapFS{"m.npy": {Data: logits}, "labels.npy": {Data: texts("cabc")}, name + ".npy": {Data: texts("defg")}}
		if c, err = OpenFS(fsys, ".", "c"); err != nil || len(c.Problems) > 0 || len(c.Tables) != 1 {
			t.Fatalf("%s: %+v, %v", name, c, err)
		}
		if w, err := readWhole(c.Tables[0]); err != nil || !slices.Equal(w.Label, []int32{2, 0, 1, 2}) {
			t.Errorf("%s of samples: labels %v, %v", name, w.Label, err)
		}
	}
	pickled := arrayOf("", "|O", "", []byte("pickle"), 3).npyFile()
	fsys := fstest.MapFS{"m.npy": {Data: logits}, "labels.npy": {Data: texts("zaaz")}, "classes.npy": {Data: pickled}}
	c, err := OpenFS(fsys, ".", "c")
	if err != nil || len(c.Problems) != 1 || !strings.Contains(fmt.Sprint(c.Problems[0]), "classes.npy") {
		t.Errorf("a pickled list: %+v, %v", c, err)
	}
}

// Ids of another number of rows than the table are not left out in silence.
func TestIDsOfOtherRows(t *testing.T) {
	logits := arrayOf("logits", "<f4", "F32", make([]float32, 8), 4, 2)
	labels := arrayOf("labels", "<i8", "I64", make([]int64, 4), 4)
	for name, refused := range map[string]bool{"ids": true, "id": true, "key": false} {
		ids := arrayOf(name, "<i8", "I64", make([]int64, 3), 3)
		_, err := OpenTable(file("n.npz", npzFile(t, zip.Store, 0, logits, labels, ids)))
		if !refused {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		checkError(t, err, name, -1, "4 rows, but there are 3 ids")
	}
}

// Probabilities that do not follow from the outputs beside them are two readings;
// vectors of other classes, and predictions, are none.
func TestOutputsBesideProbs(t *testing.T) {
	probs := arrayOf("probs", "<f8", "F64", []float64{0.8, 0.2, 0.3, 0.7}, 2, 2)
	labels := arrayOf("labels", "<i8", "I64", []int64{0, 1}, 2)
	l := math.Log
	for name, c := range map[string]struct {
		other ndarray
		asked bool
	}{
		"logits":      {arrayOf("outputs", "<f8", "F64", []float64{l(0.8) + 3, l(0.2) + 3, l(0.3), l(0.7)}, 2, 2), false},
		"the same":    {arrayOf("scores", "<f8", "F64", []float64{0.8, 0.2, 0.3, 0.7}, 2, 2), false},
		"others":      {arrayOf("outputs", "<f8", "F64", []float64{5, 1, 2, 4}, 2, 2), true},
		"wider":       {arrayOf("outputs", "<f8", "F64", []float64{5, 1, 2, 4, 3, 3}, 2, 3), false},
		"predictions": {arrayOf("y_pred", "<f8", "F64", []float64{1, 0, 0, 1}, 2, 2), false},
	} {
		_, err := OpenTable(file("n.npz", npzFile(t, zip.Store, 0, probs, labels, c.other)))
		if c.asked == (err == nil) || c.asked && !strings.Contains(err.Error(), "outputs") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A header's length with all bits set is not taken for the beginning of an Arrow stream.
func TestEndlessHeader(t *testing.T) {
	b := append([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"), "{}      "...)
	_, err := OpenTable(file("n.safetensors", b))
	checkError(t, err, "", -1, "safetensors header of 18446744073709551615 bytes")
}

// Chunks of files that continue each other, or lie beside each other, or belong to a
// section, are those of one file.
func TestShardsAreOneTable(t *testing.T) {
	a, b := parquetLike(t, 5000), parquetLike(t, 70)
	fsys := fstest.MapFS{"m-0-of-2.arrow": {Data: a}, "m-1-of-2.arrow": {Data: b}}
	c, err := OpenFS(fsys, ".", "c")
	if err != nil {
		t.Fatal(err)
	}
	whole, err := readWhole(c.Tables[0])
	if err != nil {
		t.Fatal(err)
	}
	first, err := readWhole(file("a.arrow", a))
	second, err2 := readWhole(file("b.arrow", b))
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	if !slices.Equal(whole.F32, slices.Concat(first.F32, second.F32)) || !slices.Equal(whole.Label, slices.Concat(first.Label, second.Label)) {
		t.Error("the rows are not those of the files, one after the other")
	}
	if h, err := c.Tables[0].Hash(); err != nil || h == hashOf(t, a) {
		t.Errorf("hash %s, %v", h, err)
	}
}

func TestErrorsNameTheFile(t *testing.T) {
	csv := "label,l0,l1\n0,1,2\n1,%s,2\n"
	good, bad := fmt.Sprintf(csv, "3"), fmt.Sprintf(csv, "x")
	labels := arrayOf("", "<f8", "F64", []float64{0, 1, 1, 0.5, 1, 0}, 6).npyFile()
	for _, c := range []struct {
		name  string
		files map[string][]byte
		want  string
	}{
		{"a bad cell", map[string][]byte{"m-0-of-2.csv": []byte(good), "m-1-of-2.csv": []byte(bad)}, `root/m-1-of-2.csv: column "l0": line 3: `},
		{"a missing column", map[string][]byte{"m-0-of-2.csv": []byte(good), "m-1-of-2.csv": []byte("label,l0\n1,2\n")}, "root/m-1-of-2.csv: has 2 columns where m-0-of-2.csv has 3"},
		{"another column", map[string][]byte{"m-0-of-2.csv": []byte(good), "m-1-of-2.csv": []byte("label,l0,x\n1,2,3\n")}, `root/m-1-of-2.csv: column "l1": is missing, but m-0-of-2.csv has it`},
		{"another type", map[string][]byte{"m-0-of-2.arrow": parquetLike(t, 2), "m-1-of-2.arrow": arrow(t, ipc.Options{}, ipc.Texts("label", []string{"a"}), ipc.Vectors("logits", ipc.Float32, 2, []float32{1, 2}))},
			`root/m-1-of-2.arrow: column "label": is `},
		{"another width", map[string][]byte{"m-0-of-2.arrow": parquetLike(t, 2), "m-1-of-2.arrow": arrow(t, ipc.Options{}, ipc.Ints("label", ipc.Int64, []int64{0}), ipc.Vectors("logits", ipc.Float32, 3, []float32{1, 2, 3}))},
			`root/m-1-of-2.arrow: column "logits": has 3 values a row, but 2 in m-0-of-2.arrow`},
		{"a torn file", map[string][]byte{"m-0-of-2.arrow": parquetLike(t, 2), "m-1-of-2.arrow": parquetLike(t, 2)[:40]}, "root/m-1-of-2.arrow: "},
		{"a bad label", map[string][]byte{"m.npy": npyVectors(6, 2), "labels.npy": labels}, `root/labels.npy: column "label": row 3: `},
	} {
		corpus, err := folderCase{files: c.files}.open()
		if err == nil && len(corpus.Tables) == 1 {
			_, err = readWhole(corpus.Tables[0])
		} else if err == nil && len(corpus.Problems) > 0 {
			err = corpus.Problems[0]
		}
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// Place translates rows for those who find faults in values.
func TestPlace(t *testing.T) {
	corpus, err := folderCase{files: map[string][]byte{"m-0-of-2.arrow": parquetLike(t, 5), "m-1-of-2.arrow": parquetLike(t, 5), "all.arrow": parquetLike(t, 9, "a", "b", "c")}}.open()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{0: "root/all.arrow [model=a] 6", 1: "root/all.arrow [model=b] 7", 3: "root/m-0-of-2.arrow 2"} {
		table := corpus.Tables[i]
		r, err := OpenTable(table)
		if err != nil {
			t.Fatal(err)
		}
		for range r.Batches() {
			e := r.(Placer).Place(&Error{Table: table.Name, Row: 2})
			if got := fmt.Sprint(e.Table, " ", e.Row); got != want {
				t.Errorf("row 2 of %s is %s, want %s", table.Name, got, want)
			}
			break
		}
		r.Close()
	}
}

// Labels that lie beside a table in a file of another format are joined to it row by row,
// however the rows are cut into chunks.
func TestJoinedFiles(t *testing.T) {
	const n = 9001
	logits, labels := make([]float32, 3*n), make([]int64, n)
	for i := range labels {
		labels[i], logits[3*i] = int64(i%3), float32(i)
	}
	files := map[string][]byte{"m.safetensors": stFile(t, 0, arrayOf("logits", "", "F32", logits, n, 3)), "labels.safetensors": stFile(t, 0, arrayOf("y", "", "I64", labels, n)),
		"short/m.safetensors": stFile(t, 0, arrayOf("logits", "", "F32", logits, n, 3)), "short/labels.safetensors": stFile(t, 0, arrayOf("y", "", "I64", labels[1:], n-1))}
	corpus, err := folderCase{files: files}.open()
	if err != nil || len(corpus.Tables) != 2 {
		t.Fatalf("%+v, %v", corpus, err)
	}
	w, err := readWhole(corpus.Tables[0])
	if err != nil || !slices.Equal(w.F32, logits) || w.Label[n-1] != int32(labels[n-1]) || len(w.Label) != n {
		t.Errorf("%v", err)
	}
	_, err = readWhole(corpus.Tables[1])
	checkError(t, err, "", -1, fmt.Sprintf("root/short/m.safetensors has %d rows, but root/short/labels.safetensors has %d", n, n-1))
}

func TestMatches(t *testing.T) {
	for pattern, paths := range map[string][2]string{
		"*.npz":       {"a.npz", "d/a.npz"},
		"**/x.npz":    {"x.npz d/x.npz d/e/x.npz", "d/y.npz"},
		"d/**":        {"d d/a d/a/b", "e/a"},
		"**/d/*.csv":  {"d/a.csv e/d/a.csv", "d/e/a.csv"},
		"[ab]?.npz":   {"a1.npz b2.npz", "c1.npz a.npz"},
		"**/**/**/a*": {"a b/c/d/e/f/a", "b/c"},
	} {
		for i, list := range paths {
			for _, p := range strings.Fields(list) {
				if got := matches(strings.Split(pattern, "/"), strings.Split(p, "/")); got != (i == 0) {
					t.Errorf("%s matches %s: %v", pattern, p, got)
				}
			}
		}
	}
}

// Names of files never end the search, and every table is told apart from the others.
func FuzzFolder(f *testing.F) {
	f.Add("a.npy", "labels.npy", "m-0-of-2.csv")
	f.Add("model=x/part-0.csv", "model=x/part-1.csv", "val/test_a.csv")
	f.Add("x_val_logits.npy", "y_val.npy", "samples_t_2026-01-01T00-00-00.1.jsonl")
	f.Add("d/m-99999999999999999999-of-2.csv", "-of-1.csv", "data_0.csv")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		fsys := fstest.MapFS{}
		for _, name := range []string{a, b, c} {
			if !validName(name) {
				return
			}
			data := logitsCSV(4)
			if ending(name) == ".npy" {
				data = npyVectors(4, 2)
			}
			fsys["root/"+name] = &fstest.MapFile{Data: data}
		}
		corpus, err := OpenFS(fsys, "root", "root")
		if err != nil {
			checkPlace(t, err)
			return
		}
		names := map[string]bool{}
		for _, table := range corpus.Tables {
			if table.Model == "" || table.Dataset == "" || table.Split == "" || names[table.Name] {
				t.Fatalf("table %+v", table)
			}
			names[table.Name] = true
		}
	})
}

// validName reports whether a file of a test can have the name.
func validName(name string) bool {
	if len(name) > 60 || strings.ContainsAny(name, "\x00\\") {
		return false
	}
	for _, part := range strings.Split(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}
