package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows says which of the module's top-level folders a folder may import. Arrows
// point downwards only, and metrics and datasets do not know each other.
var arrows = map[string][]string{
	"cmd":      {"reports", "harness", "datasets", "metrics"},
	"reports":  {"reports", "harness", "datasets", "metrics"},
	"harness":  {"harness", "datasets", "metrics"},
	"datasets": {"datasets"},
	"metrics":  {"metrics"},
}

// may says which of the module's packages a package may import, where x/... is x
// and everything below it. A package without a row fails the test; a row may stand
// here before its package does. Tests may import more: for them only arrows counts.
// A package that no row names, such as metrics/internal/exact, is for tests only.
var may = map[string][]string{
	// Numbers in, numbers out.
	"metrics": {"metrics/calibration", "metrics/guarantee", "metrics/rowstat", "metrics/sets", "metrics/stattest", "metrics/internal/radix",
		"metrics/internal/sums", "metrics/spelling"},
	"metrics/calibration":          {"metrics/stattest", "metrics/internal/radix", "metrics/internal/sums"},
	"metrics/credal":               {"metrics/stattest"},
	"metrics/disparity":            {"metrics"},
	"metrics/guarantee":            {"metrics/stattest"},
	"metrics/ranks":                {"metrics", "metrics/resample", "metrics/stattest"},
	"metrics/recalibrate":          {"metrics/calibration", "metrics/rowstat", "metrics/internal/sums"},
	"metrics/resample":             {"metrics", "metrics/calibration", "metrics/stattest"},
	"metrics/rowstat":              {},
	"metrics/sets":                 {"metrics/stattest"},
	"metrics/spelling":             {},
	"metrics/stattest":             {},
	"metrics/internal/conformance": {},
	"metrics/internal/exact":       {},
	"metrics/internal/radix":       {},
	"metrics/internal/sums":        {},

	// Prediction tables.
	"datasets": {"datasets/column", "datasets/csv", "datasets/ipc", "datasets/jsonl", "datasets/lmeval", "datasets/numpy",
		"datasets/parquet", "datasets/safetensors", "datasets/text"},
	"datasets/column":              {},
	"datasets/digits":              {},
	"datasets/text":                {},
	"datasets/csv":                 {"datasets/column", "datasets/text"},
	"datasets/jsonl":               {"datasets/column", "datasets/text"},
	"datasets/lmeval":              {"datasets/column", "datasets/jsonl", "datasets/text"},
	"datasets/ipc":                 {"datasets/column", "datasets/internal/mapping"},
	"datasets/parquet":             {"datasets/column"},
	"datasets/plain":               {"datasets/column"},
	"datasets/array":               {"datasets/column", "datasets/internal/..."},
	"datasets/numpy":               {"datasets/array", "datasets/column", "datasets/internal/mapping"},
	"datasets/safetensors":         {"datasets/array", "datasets/column", "datasets/internal/mapping"},
	"datasets/internal/checksum":   {},
	"datasets/internal/mapping":    {},
	"datasets/internal/sourcetest": {"datasets/column"},
	"datasets/demo":                {"datasets"},
	"datasets/published":           {},
	"datasets/demo/build":          {"datasets", "datasets/ipc"},

	// A run: what it keeps and computes; the run itself; then packages that read its results.
	"harness/internal/words": {},
	"harness/disk":           {},
	"harness/pool":           {"harness/disk", "datasets"},
	"harness/convert":        {"harness/disk", "harness/pool", "datasets/..."},
	"harness/store":          {"harness/disk", "harness/pool", "datasets/...", "metrics/..."},
	"harness/posthoc":        {"metrics/..."},
	"harness/gather":         {"harness/store", "datasets/...", "metrics/..."},
	"harness/evaluate":       {"harness/store", "datasets", "metrics/..."},
	"harness/posthoc/apply": {"harness/internal/words", "harness/pool", "harness/store", "harness/posthoc", "harness/gather",
		"harness/evaluate", "datasets", "metrics/..."},
	"harness/posthoc/hedge": {"harness/internal/words", "harness/pool", "harness/store", "harness/posthoc", "harness/posthoc/apply",
		"harness/gather", "harness/evaluate", "datasets", "datasets/plain", "metrics/..."},
	"harness/results": {"harness/disk", "harness/pool", "harness/store", "harness/posthoc", "harness/posthoc/conform", "harness/posthoc/hedge",
		"harness/evaluate", "datasets", "datasets/plain", "metrics/..."},
	"harness/posthoc/conform": {"harness/internal/words", "harness/pool", "harness/store", "harness/posthoc", "harness/posthoc/apply",
		"harness/gather", "harness/evaluate", "datasets", "datasets/plain", "metrics/..."},
	"harness/posthoc/deploy": {"harness/internal/words", "harness/store", "harness/posthoc", "harness/posthoc/apply", "harness/posthoc/conform",
		"harness/evaluate", "harness/results", "datasets", "metrics/..."},
	"harness": {"harness/internal/words", "harness/disk", "harness/pool", "harness/store", "harness/posthoc", "harness/posthoc/apply",
		"harness/posthoc/conform", "harness/posthoc/hedge", "harness/gather",
		"harness/evaluate", "harness/results", "datasets/...", "metrics/..."},
	"harness/board": {"harness/internal/words", "harness/pool", "harness/posthoc", "harness/evaluate", "harness/results", "datasets",
		"metrics/..."},
	"harness/compare": {"harness/internal/words", "harness/pool", "harness/evaluate", "harness/results", "harness/board",
		"metrics/..."},
	"harness/export": {"harness/results", "datasets", "datasets/column", "datasets/plain", "metrics", "metrics/stattest"},
	"harness/gate":   {"harness/board", "harness/compare", "metrics/..."},
	"harness/study": {"harness/pool", "harness/posthoc/conform", "harness/evaluate", "harness/results", "harness/board", "harness/compare",
		"datasets", "metrics/..."},
	"harness/training":          {"harness/disk", "harness/pool", "harness/training/...", "datasets", "datasets/column", "datasets/digits", "datasets/ipc"},
	"harness/training/attack":   {"harness/training/loss", "harness/training/network"},
	"harness/training/fairness": {"harness/training/loss"},
	"harness/training/loss":     {},
	"harness/training/meta":     {"harness/training/loss", "harness/training/network"},
	"harness/training/network":  {},
	"harness/training/regime": {"harness/training/attack", "harness/training/fairness", "harness/training/loss",
		"harness/training/meta", "harness/training/network"},
	"harness/bench": {"harness/...", "datasets/...", "metrics/..."},

	// What people read: tables, figures and pages made from the results.
	"reports/typeface": {},
	"reports/palette":  {},
	"reports/canvas":   {"reports/typeface"},
	"reports/words":    {"metrics"},
	"reports/say":      {"reports/words", "harness/...", "metrics/..."},
	"reports/figure":   {"reports/canvas", "reports/palette", "reports/typeface", "reports/say", "reports/words", "harness/...", "metrics/..."},
	"reports/pictures": {"reports/figure", "reports/canvas", "reports/palette", "reports/typeface", "reports/say", "reports/words",
		"harness/...", "metrics/..."},
	"reports/page":    {"reports/palette", "reports/words", "harness/...", "metrics/..."},
	"reports/answers": {"reports/pictures", "reports/palette", "reports/words", "harness/...", "metrics/..."},
	"reports": {"reports/answers", "reports/page", "reports/pictures", "reports/figure", "reports/canvas", "reports/palette", "reports/typeface", "reports/say",
		"reports/words", "harness/...", "datasets/...", "metrics/..."},
	"reports/internal/sample": {"harness/...", "datasets", "metrics/..."},

	"cmd/abstain": {"reports/...", "harness/...", "datasets/...", "metrics/..."},
}

// modules says which folders may use another module. A module that is not named here
// may be used anywhere but in metrics.
var modules = map[string][]string{
	"github.com/apache/arrow/go/v15":    {"datasets"},
	"github.com/parquet-go/parquet-go":  {"datasets"},
	"gonum.org/v1/gonum":                {"metrics", "harness/training/network"},
	"gonum.org/v1/plot":                 {"reports"},
	"codeberg.org/go-pdf/fpdf":          {"reports"},
	"golang.org/x/sync":                 {"harness"},
	"github.com/schollz/progressbar/v3": {"cmd"},
	"github.com/spf13/cobra":            {"cmd"},
}

// pure are the packages from outside of the standard library that metrics may use,
// and impure those of the standard library, with all below them, that it may not.
var (
	pure   = []string{"gonum.org/v1/gonum", "golang.org/x/sys/cpu"}
	impure = []string{"io", "log", "net", "os", "syscall", "time"}
)

func TestEveryPackageHasARow(t *testing.T) {
	packages := map[string]bool{}
	for name := range sources(t, parser.PackageClauseOnly) {
		packages[path.Dir(name)] = true
	}
	for name := range packages {
		if _, known := may[name]; !known {
			t.Errorf("package %s: say in the table may of house_test.go what it may import", name)
		}
	}
}

func TestImportsPointDownwards(t *testing.T) {
	for name, file := range sources(t, parser.ImportsOnly) {
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if why := refused(name, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
	}
}

// refused says why a file of the module may not import a package; it is empty if
// the file may.
func refused(file, imported string) string {
	from := path.Dir(file)
	top, test := folder(file), strings.HasSuffix(file, "_test.go")
	to, ours := strings.CutPrefix(imported, "abstain/")
	switch {
	case ours && test && !slices.Contains(arrows[top], folder(to)):
		return "the tests of " + top + " may import " + strings.Join(arrows[top], ", ") + " only"
	case ours && !test && !among(may[from], to):
		return "not in the row of " + from + " in house_test.go"
	case ours:
		return ""
	}
	for module, folders := range modules {
		if below(module, imported) && !slices.ContainsFunc(folders, func(f string) bool { return below(f, from) }) {
			return "only " + strings.Join(folders, ", ") + " may"
		}
	}
	if top == "metrics" && !test && !isPure(imported) {
		return "metrics are pure functions on the standard library and gonum"
	}
	return ""
}

func isPure(imported string) bool {
	is := func(name string) bool { return below(name, imported) }
	if strings.Contains(folder(imported), ".") {
		return slices.ContainsFunc(pure, is)
	}
	return !slices.ContainsFunc(impure, is)
}

// among reports whether a row of may names a package.
func among(row []string, name string) bool {
	return slices.ContainsFunc(row, func(entry string) bool {
		tree, all := strings.CutSuffix(entry, "/...")
		return name == entry || all && below(tree, name)
	})
}

// below reports whether a path is a folder or lies below it.
func below(folder, name string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

// folder is the first element of a path.
func folder(name string) string {
	top, _, _ := strings.Cut(name, "/")
	return top
}

// sources parses the module's Go files, by their paths from its root. Folders with
// a go.mod of their own are other modules, such as generators; what lies in testdata is
// no part of the house.
func sources(t *testing.T, mode parser.Mode) map[string]*ast.File {
	t.Helper()
	files, root := map[string]*ast.File{}, filepath.FromSlash("../..")
	for top := range arrows {
		err := filepath.WalkDir(filepath.Join(root, top), func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil || d.Name() == "testdata" {
					return fs.SkipDir
				}
				return nil
			}
			if !strings.HasSuffix(name, ".go") {
				return nil
			}
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			files[filepath.ToSlash(rel)], err = parser.ParseFile(token.NewFileSet(), name, nil, mode)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestRefused checks the rule itself on imports that it must allow or refuse.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		want           bool
	}{
		{"metrics/auroc.go", "abstain/metrics/rowstat", false},
		{"metrics/rowstat/kernel.go", "abstain/metrics", true},
		{"metrics/auroc.go", "abstain/datasets/column", true},
		{"metrics/auroc.go", "abstain/metrics/internal/exact", true},
		{"metrics/auroc_test.go", "abstain/metrics/internal/exact", false},
		{"metrics/auroc_test.go", "abstain/datasets/column", true},
		{"metrics/auroc.go", "gonum.org/v1/gonum/mathext", false},
		{"metrics/auroc.go", "gonum.org/v1/plot", true},
		{"metrics/auroc.go", "golang.org/x/sys/unix", true},
		{"metrics/auroc.go", "os/exec", true},
		{"metrics/auroc.go", "net/http", true},
		{"metrics/auroc.go", "time", true},
		{"metrics/auroc_test.go", "time", false},
		{"metrics/ranks/ranks.go", "abstain/metrics/stattest", false},
		{"datasets/csv/csv.go", "abstain/datasets", true},
		{"harness/run.go", "abstain/datasets/ipc", false},
		{"harness/run.go", "abstain/harness/study", true},
		{"harness/compare/pairs.go", "abstain/harness/board", false},
		{"harness/board/board.go", "abstain/harness/compare", true},
		{"harness/run.go", "gonum.org/v1/gonum/stat", true},
		{"reports/html.go", "golang.org/x/sync/errgroup", true},
		{"reports/canvas/canvas.go", "abstain/metrics", true},
		{"harness/news/news.go", "abstain/metrics", true},
	} {
		if why := refused(c.file, c.imported); (why != "") != c.want {
			t.Errorf("%s imports %s: %q", c.file, c.imported, why)
		}
	}
}

func TestTopLevelFolders(t *testing.T) {
	entries, err := os.ReadDir("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() && !strings.HasPrefix(name, ".") && arrows[name] == nil && !ignored[name] {
			t.Errorf("top-level folder %s: code lives in cmd, reports, harness, datasets and metrics", name)
		}
	}
}

// ignored are the folders that the README's commands leave, which .gitignore names.
var ignored = map[string]bool{"abstain-demo": true, "abstain-out": true, "abstain-bench": true}
