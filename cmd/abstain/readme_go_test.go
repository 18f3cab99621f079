package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goBlock is a Go block of the manual, behind a comment that names its file and the
// example there.
var goBlock = regexp.MustCompile("(?s)<!-- ([a-z_/]+\\.go): (Example\\w*) -->\n```go\n(.*?)```\n")

// TestReadmeGo keeps the Go code of the manual from drifting: every block is an
// example of the tree, which go test compiles, runs and compares with its output.
func TestReadmeGo(t *testing.T) {
	blocks := 0
	for _, name := range handbook {
		blocks += checkGo(t, name)
	}
	if blocks == 0 {
		t.Error("the manual has no Go code")
	}
}

// checkGo compares the Go blocks of a page and returns how many there are.
func checkGo(t *testing.T, name string) int {
	t.Helper()
	file := filepath.Join("..", "..", filepath.FromSlash(name))
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	blocks := goBlock.FindAllStringSubmatch(page, -1)
	if n := strings.Count(page, "```go\n"); len(blocks) != n {
		t.Errorf("%s: %d of %d Go blocks name their example, as in <!-- metrics/example_test.go: Example -->", name, len(blocks), n)
	}
	for _, b := range blocks {
		want := exampleCode(t, b[1], b[2])
		if b[3] == want {
			continue
		}
		if !*update {
			t.Errorf("%s of %s is\n%s\n%s says\n%s", b[2], b[1], want, name, b[3])
		}
		page = strings.Replace(page, b[0], strings.TrimSuffix(b[0], b[3]+"```\n")+want+"```\n", 1)
	}
	if *update && page != string(content) {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return len(blocks)
}

// exampleCode is an example as a reader would write it: the imports that it uses and
// its body, with what it prints.
func exampleCode(t *testing.T, file, name string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			body := string(source[set.Position(f.Body.Lbrace).Offset+2 : set.Position(f.Body.Rbrace).Offset])
			return imports(parsed, f) + "\n" + strings.TrimPrefix(strings.ReplaceAll("\n"+body, "\n\t", "\n"), "\n")
		}
	}
	t.Fatalf("%s has no %s", file, name)
	return ""
}

// imports are those of the file that the function uses, the module's own behind the
// others.
func imports(file *ast.File, f *ast.FuncDecl) string {
	var used []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				used = append(used, x.Name)
			}
		}
		return true
	})
	var standard, own []string
	for _, i := range file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		switch {
		case !slices.Contains(used, path.Base(p)):
		case strings.HasPrefix(p, "abstain/"):
			own = append(own, "\t"+i.Path.Value+"\n")
		default:
			standard = append(standard, "\t"+i.Path.Value+"\n")
		}
	}
	return "import (\n" + strings.Join(standard, "") + "\n" + strings.Join(own, "") + ")\n"
}
