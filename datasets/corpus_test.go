package datasets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

const scoreCSV = "confidence,correct\n0.5,1\n0.25,0\n"

// corpusOf is a file system of score tables and the given texts.
func corpusOf(texts map[string]string, tables ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, name := range tables {
		m[name] = &fstest.MapFile{Data: []byte(scoreCSV)}
	}
	return m
}

func TestManifest(t *testing.T) {
	fsys := corpusOf(map[string]string{"c/manifest.csv": "\ufefffamily,dataset,file,model,params,condition,rows\n" +
		"cnn,fashion,a.csv,A,17,,2\n" +
		"mlp,fashion,sub/b.csv,B,,noise-3,\n"}, "c/a.csv", "c/sub/b.csv", "c/unlisted.csv")
	c, err := OpenFS(fsys, "c", "demo")
	if err != nil || len(c.Problems) > 0 || len(c.Tables) != 2 {
		t.Fatalf("corpus %+v, error %v", c, err)
	}
	a, b := c.Tables[0], c.Tables[1]
	if a.Model != "A" || a.Dataset != "fashion" || a.Split != "test" || a.Condition != "clean" || a.Rows != 2 || !a.Declared ||
		a.Name != "demo/a.csv" || a.Path != "c/a.csv" || a.Size != int64(len(scoreCSV)) {
		t.Errorf("first table %+v", a)
	}
	if !slices.Equal(a.Meta, Meta{{"family", "cnn"}, {"params", "17"}}) || a.Meta.Get("params") != "17" || a.Meta.Get("seed") != "" {
		t.Errorf("metadata %v", a.Meta)
	}
	if b.Condition != "noise-3" || b.Rows != -1 || b.Path != "c/sub/b.csv" || !slices.Equal(b.Meta, Meta{{"family", "mlp"}}) {
		t.Errorf("second table %+v", b)
	}
}

// Bad rows are problems that name their line; good rows are not affected.
func TestManifestProblems(t *testing.T) {
	fsys := corpusOf(map[string]string{"manifest.csv": "file,model,dataset,split,condition,rows\n" +
		"a.csv,A,d,test,clean,2\n" +
		"missing.csv,B,d,test,clean,\n" +
		"a.csv,C,d,test,clean,\n" +
		"b.csv,A,d,test,clean,\n" +
		"c.csv,,d,test,clean,\n" +
		"../d.csv,D,d,test,clean,\n" +
		"e.csv,E,d,test\n" +
		"f.csv,F,d,test,clean,many\n" +
		",G,d,test,clean,\n" +
		"dir,H,d,test,clean,\n" +
		"g.csv,Z,d,,,\n"}, "a.csv", "b.csv", "c.csv", "e.csv", "f.csv", "g.csv", "dir/x.csv")
	c, err := OpenFS(fsys, ".", "corpus")
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ column, text string }{
		{"file", `corpus/manifest.csv: column "file": line 3: "missing.csv": file does not exist`},
		{"file", `line 4: "a.csv" is already listed in line 2`},
		{"", `line 5: model "A", dataset "d", split "test", condition "clean" is already told by corpus/a.csv`},
		{"model", "line 6: is empty"},
		{"file", `line 7: "../d.csv" does not lie below`},
		{"", "line 8: 4 cells where the header has 6"},
		{"rows", `line 9: "many" is no number of rows`},
		{"file", "line 10: is empty"},
		{"file", `line 11: "dir" is a folder`},
	}
	if len(c.Problems) != len(want) {
		t.Fatalf("problems %q, want %d", c.Problems, len(want))
	}
	for i, w := range want {
		checkError(t, c.Problems[i], w.column, -1, w.text)
	}
	if len(c.Tables) != 2 || c.Tables[0].Model != "A" || c.Tables[1].Model != "Z" {
		t.Errorf("tables %v", c.Tables)
	}
}

func TestManifestErrors(t *testing.T) {
	for text, want := range map[string]struct{ column, text string }{
		"":                               {"", "the manifest is empty"},
		"model,dataset\nA,d\n":           {"file", "is missing from the header"},
		"file,model\na.csv,A\n":          {"dataset", "found: file, model"},
		"file,file,model,dataset\n":      {"file", "appears twice"},
		"file,mo\"del,dataset\na,b,c\n":  {"", "parse error"},
		"file,model,dataset\n":           {"", "no prediction tables"},
		"\"file,model,dataset\na.csv,A,": {"", "parse error"},
	} {
		_, err := OpenFS(corpusOf(map[string]string{"manifest.csv": text}), ".", "c")
		checkError(t, err, want.column, -1, want.text)
	}
	// A row that cannot be parsed ends the list, but not the corpus.
	c, err := OpenFS(corpusOf(map[string]string{"manifest.csv": "file,model,dataset\na.csv,A,d\n\"b,B,d\n"}, "a.csv"), ".", "c")
	if err != nil || len(c.Tables) != 1 || len(c.Problems) != 1 {
		t.Fatalf("corpus %+v, error %v", c, err)
	}
	checkError(t, c.Problems[0], "", -1, "the rows after this line were not read")
}

func TestFolder(t *testing.T) {
	meta := []column.Pair{{Key: "model", Value: "net"}, {Key: "dataset", Value: "cifar"}, {Key: "split", Value: "val"}, {Key: "condition", Value: "fog"},
		{Key: "regime", Value: "vanilla"}, {Key: "rows", Value: "2"}, {Key: "pandas", Value: "{}"}, {Key: "teacher", Value: ""}}
	fsys := corpusOf(map[string]string{
		"z/net.arrow": string(arrow(t, ipc.Options{Meta: meta}, ipc.Bools("correct", []bool{true}), ipc.Floats("confidence", ipc.Float32, []float32{1}))),
		"models.csv":  "model,params\nA,1\n", "README.md": "#", "broken.arrow": "ARROW1 no", ".hidden.csv": "x",
		"sub/manifest.csv": "file,model,dataset\nt.csv,T,listed\n",
	}, "a.csv", "b.csv", "y/c.csv", "sub/t.csv", "sub/not-listed.csv", ".git/x.csv")
	c, err := OpenFS(fsys, ".", "some/folder")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range c.Tables {
		got = append(got, strings.Join([]string{table.Name, table.Model, table.Dataset, table.Split, table.Condition}, " "))
	}
	want := []string{"some/folder/a.csv a folder test clean", "some/folder/b.csv b folder test clean", "some/folder/sub/t.csv T listed test clean",
		"some/folder/y/c.csv c y test clean", "some/folder/z/net.arrow net cifar val fog"}
	if !slices.Equal(got, want) {
		t.Errorf("tables\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if last := c.Tables[4]; !last.Declared || !slices.Equal(last.Meta, Meta{{"regime", "vanilla"}}) || c.Tables[0].Declared {
		t.Errorf("last %+v, first %+v", last, c.Tables[0])
	}
	if len(c.Problems) != 1 || len(c.Skipped) != 2 {
		t.Fatalf("problems %v, skipped %v; want one and two", c.Problems, c.Skipped)
	}
	checkError(t, c.Problems[0], "", -1, "some/folder/broken.arrow: truncated")
	checkError(t, c.Skipped[0], "", -1, "some/folder/models.csv")
	checkError(t, c.Skipped[1], "", -1, "some/folder: 3 files or folders that hold no predictions: .git, .hidden.csv, README.md")
}

func TestFolderDuplicates(t *testing.T) {
	c, err := OpenFS(corpusOf(nil, "a.csv", "a.CSV"), ".", "f")
	if err != nil || len(c.Tables) != 1 || len(c.Problems) != 1 {
		t.Fatalf("corpus %+v, error %v", c, err)
	}
	checkError(t, c.Problems[0], "", -1, "already told by f/a.CSV")
}

// Open takes a folder, a manifest or a table of the operating system.
func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "wards")
	for name, text := range map[string]string{"x/manifest.csv": "file,model,dataset\nb.csv,B,d\n", "x/b.csv": scoreCSV, "a.csv": scoreCSV, "models.csv": "model,n\nA,1\n"} {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{".": "a wards", "a.csv": "a wards", "x": "B d", "x/manifest.csv": "B d"} {
		c, err := Open(filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := c.Tables[0].Model + " " + c.Tables[0].Dataset; got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if _, err := os.Stat(c.Tables[0].Name); err != nil {
			t.Errorf("%s: the name of its table is no path: %v", name, err)
		}
		if _, err := readWhole(c.Tables[0]); err != nil {
			t.Error(err)
		}
	}
	_, err := Open(filepath.Join(dir, "nothing"))
	checkError(t, err, "", -1, "no such file")
	_, err = Open(filepath.Join(dir, "models.csv"))
	checkError(t, err, "", -1, "one row per model")
	_, err = Open(t.TempDir())
	checkError(t, err, "", -1, "no prediction tables")
}

// A single file of any file system has the name it was given.
func TestOpenFSFile(t *testing.T) {
	fsys := corpusOf(map[string]string{"c/list.csv": "file,model,dataset\nb.csv,B,d\nno.csv,N,d\n"}, "c/a.csv", "c/b.csv")
	c, err := OpenFS(fsys, "c/a.csv", "wards/a.csv")
	if err != nil || c.Tables[0].Name != "wards/a.csv" || c.Tables[0].Dataset != "wards" || c.Tables[0].Model != "a" {
		t.Errorf("corpus %+v, error %v", c, err)
	}
	_, err = OpenFS(fsys, "c/no.csv", "wards/no.csv")
	checkError(t, err, "", -1, "wards/no.csv: file does not exist")
	c, err = OpenFS(fsys, "c/list.csv", "wards/list.csv")
	if err != nil || len(c.Tables) != 1 || len(c.Problems) != 1 || c.Tables[0].Name != "wards/b.csv" {
		t.Fatalf("corpus %+v, error %v", c, err)
	}
}

// A corpus of thousands opens without reading its tables.
func TestManifestIsLazy(t *testing.T) {
	fsys := corpusOf(map[string]string{"manifest.csv": "file,model,dataset\na.arrow,A,d\n", "a.arrow": "damaged"})
	c, err := OpenFS(fsys, ".", "c")
	if err != nil || len(c.Tables) != 1 {
		t.Fatalf("corpus %+v, error %v", c, err)
	}
	_, err = OpenTable(c.Tables[0])
	checkError(t, err, "", -1, "not a table")
}

func FuzzManifest(f *testing.F) {
	f.Add("file,model,dataset,split,condition,rows,family\na.csv,A,d,test,clean,2,cnn\nb.csv,B,d,,,,\n")
	f.Add("file,model,dataset\n\"a.csv\",A,d\n../x,B,d\n/y,C,d\n")
	f.Add("\ufeffmodel,file\nA,a.csv\n")
	f.Fuzz(func(t *testing.T, text string) {
		fsys := corpusOf(map[string]string{"manifest.csv": text}, "a.csv", "b.csv")
		c, err := OpenFS(fsys, ".", "c")
		if err != nil {
			checkPlace(t, err)
			return
		}
		for _, problem := range c.Problems {
			checkPlace(t, problem)
		}
		for _, table := range c.Tables {
			if table.Model == "" || table.Dataset == "" || table.Split == "" || table.Condition == "" {
				t.Fatalf("table %+v lacks a name", table)
			}
		}
	})
}
