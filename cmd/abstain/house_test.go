package main

import (
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

// arrows says which of the module's packages a folder may import; it stands for
// everything below it. Arrows point downwards only, and metrics and datasets do
// not know each other.
var arrows = map[string][]string{
	"cmd":      {"reports", "harness", "datasets", "metrics"},
	"reports":  {"reports", "harness", "datasets", "metrics"},
	"harness":  {"harness", "datasets", "metrics"},
	"datasets": {"datasets"},
	"metrics":  {"metrics"},
}

// outsiders says which folders may use a module; a module that is not named may
// be used anywhere.
var outsiders = map[string][]string{
	"github.com/apache/arrow/go/v15":    {"datasets"},
	"github.com/parquet-go/parquet-go":  {"datasets"},
	"gonum.org/v1/plot":                 {"reports"},
	"codeberg.org/go-pdf/fpdf":          {"reports"},
	"golang.org/x/sync":                 {"harness"},
	"github.com/schollz/progressbar/v3": {"cmd"},
	"github.com/spf13/cobra":            {"cmd"},
}

func TestImportsPointDownwards(t *testing.T) {
	root := "../.."
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") {
			return err
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(file), "go.mod")); err == nil {
			return nil // a module of its own: a generator
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			checkImport(t, rel, top, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkImport(t *testing.T, file, top, name string) {
	if rest, ok := strings.CutPrefix(name, "abstain/"); ok {
		to, _, _ := strings.Cut(rest, "/")
		if !slices.Contains(arrows[top], to) {
			t.Errorf("%s imports %s: %s may import %v only", file, name, top, arrows[top])
		}
		return
	}
	for module, folders := range outsiders {
		if (name == module || strings.HasPrefix(name, module+"/")) && !slices.Contains(folders, top) {
			t.Errorf("%s imports %s, which only %v may", file, name, folders)
		}
	}
	inMetrics := top == "metrics" && !strings.HasSuffix(file, "_test.go") && name != "golang.org/x/sys/cpu" && !strings.HasPrefix(name, "gonum.org/v1/gonum/")
	if inMetrics && (strings.Contains(name, ".") || name == "os" || name == "time" || name == "log" || name == path.Join("net", "http")) {
		t.Errorf("%s imports %s: metrics are pure functions on the standard library", file, name)
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

func TestGoroutinesBeginInOnePlace(t *testing.T) {
	for _, folder := range []string{"metrics", "datasets", "harness", "reports"} {
		filepath.WalkDir(filepath.Join("../..", folder), func(file string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return err
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			if strings.Contains(string(content), "\tgo func(") {
				t.Errorf("%s starts a goroutine; concurrency lives in harness.pool", file)
			}
			return nil
		})
	}
}
