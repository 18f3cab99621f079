package pictures

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/harness/board"
	"abstain/harness/study"
)

// Every experiment has a file in harness/study and one here, with its sentences,
// its table and its figures, or with a function that says there are none.
func TestEveryExperimentHasItsPicture(t *testing.T) {
	names := study.Names()
	if len(names) != len(All()) {
		t.Errorf("%d experiments in harness/study/study.go, %d pictures in All of pictures.go", len(names), len(All()))
	}
	for k, p := range All() {
		if k < len(names) && names[k] != p.Name {
			t.Errorf("picture %d is %s, the experiment there is %s", k, p.Name, names[k])
		}
		v := reflect.ValueOf(p)
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%s says nothing of %s, and not that there is none", p.Name, v.Type().Field(i).Name)
			}
		}
		for _, folder := range []string{".", "../../harness/study"} {
			file := filepath.Join(folder, strings.ReplaceAll(p.Name, "-", "_")+".go")
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s has no file of its name: %v", p.Name, err)
			}
		}
	}
}

// Every type of claim, of missing thing and of note has a sentence.
func TestEveryTypeHasWords(t *testing.T) {
	said := ""
	for _, file := range goFiles(t, ".") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		said += string(content)
	}
	types := 0
	for _, file := range goFiles(t, "../../harness/study") {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			name := toldType(d)
			if name == "" {
				continue
			}
			types++
			if !strings.Contains(said, "case study."+name+":") && !strings.Contains(said, ".(study."+name+")") {
				t.Errorf("%s: nothing says study.%s in words", file, name)
			}
		}
	}
	if types < 20 {
		t.Errorf("%d types of claims, things missing and notes", types)
	}
}

// toldType is the type that a declaration makes a claim, a thing missing or a note
// by its method; "" for all other declarations.
func toldType(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv == nil || f.Name.Name != "claim" && f.Name.Name != "missing" && f.Name.Name != "note" {
		return ""
	}
	if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
		return receiver.Name
	}
	return "" // a method of Experiment
}

func goFiles(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %v", folder, err)
	}
	var files []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.go") {
			files = append(files, f)
		}
	}
	return files
}

func TestFolderNotes(t *testing.T) {
	r := &study.Report{Notes: []study.Note{study.Choice{Note: board.InPlaceOf{Axis: "split", Taken: "val", Usual: "test"}}, study.SameValues{Pairs: [][2]string{{"a", "b"}, {"c", "d"}}},
		study.ChanceUnknown{NoAccuracy: true}, study.ChanceUnknown{}, study.Independence{Models: 9, Units: 4}}}
	want := []string{"split val was taken: there is no test", "the same value in every metric, probably one record under two names: a and b, c and d",
		"records not above chance were not looked for: there is no accuracy",
		"records not above chance were not looked for: the number of classes is not known (--classes says it)",
		"9 models are 4 units that are taken as independent in tests and intervals over models: models with a common base are one unit, " +
			"and of those without a base models of the same family and size, such as seeds"}
	if got := Folder(r); !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

// lacksAndNotes compares what an experiment could not compute, and then its
// notes, with the expected sentences.
func lacksAndNotes(t *testing.T, e *study.Experiment, want ...string) {
	t.Helper()
	if said := append(Absent(e), Remarks(e)...); !slices.Equal(said, want) {
		t.Errorf("%s says\n%q, want\n%q", e.Name, said, want)
	}
}

// sentences compares the findings of an experiment with the expected sentences.
func sentences(t *testing.T, name string, findings []study.Finding, want ...string) {
	t.Helper()
	told := Tell(&study.Experiment{Name: name, Findings: findings})
	for k, f := range told {
		if f.String() != want[k] {
			t.Errorf("%s says\n%s, want\n%s", name, f, want[k])
		}
	}
	if len(told) != len(want) {
		t.Errorf("%s: %d sentences, want %d", name, len(told), len(want))
	}
}
