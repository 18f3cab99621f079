package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// concurrent are the functions in which goroutines may begin, and why there.
// Everything else is called by them, and can be read as if it ran alone.
var concurrent = map[string]string{
	"harness/pool/pool.go Map":                "the tables of a run, as many at a time as it has workers; their failures are theirs",
	"harness/store/journal.go Journal.Append": "brings what is in memory only to the disk two seconds later; its failure is that of the next Append",
	"cmd/abstain/main.go main":                "waits for the first signal, so that the second ends the process",
	"harness/pool/pool.go Each":               "loops over models or replicates that cannot fail, as many at a time as there are CPUs",
}

// TestGoroutinesBeginInFewPlaces: the list of the places is complete, and every
// place of it still begins some.
func TestGoroutinesBeginInFewPlaces(t *testing.T) {
	var found []string
	for name, file := range sources(t, parser.SkipObjectResolution) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, function := range beginnings(file) {
			found = append(found, name+" "+function)
		}
	}
	for _, complaint := range against(concurrent, found) {
		t.Error(complaint)
	}
}

// against compares the places where goroutines begin with the list of those where
// they may.
func against(list map[string]string, found []string) []string {
	var complaints []string
	for _, place := range found {
		if list[place] == "" {
			complaints = append(complaints, place+" begins goroutines: let one of the listed places call it, or list it with a reason")
		}
	}
	for place := range list {
		if !slices.Contains(found, place) {
			complaints = append(complaints, place+" is listed, but begins no goroutine")
		}
	}
	slices.Sort(complaints)
	return complaints
}

// beginnings are the functions of a file in which goroutines begin, a method with
// its type; what is no function is named by its keyword.
func beginnings(file *ast.File) []string {
	var names []string
	for _, declaration := range file.Decls {
		for node := range ast.Preorder(declaration) {
			if begins(node) {
				names = append(names, declared(declaration))
				break
			}
		}
	}
	return names
}

// begins reports whether a node begins a goroutine: by the statement, or by what
// errgroup.Group, sync.WaitGroup, time and context have for it, called or handed
// on. Types are not looked up, so that whatever else has such a name counts too.
func begins(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.GoStmt:
		return true
	case *ast.SelectorExpr:
		return slices.Contains([]string{"Go", "TryGo", "AfterFunc"}, n.Sel.Name)
	}
	return false
}

// declared is the name of a declaration.
func declared(declaration ast.Decl) string {
	function, ok := declaration.(*ast.FuncDecl)
	if !ok {
		return declaration.(*ast.GenDecl).Tok.String()
	}
	if function.Recv == nil {
		return function.Name.Name
	}
	receiver := function.Recv.List[0].Type
	for node := range ast.Preorder(receiver) {
		if name, ok := node.(*ast.Ident); ok {
			return name.Name + "." + function.Name.Name
		}
	}
	return function.Name.Name
}

func TestBeginnings(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"func f() { go func() {}() }", "[f]"},
		{"func f() { go g() }", "[f]"},
		{"func f() { if true { for { go\n(g)() } } }", "[f]"},
		{"func f() { defer func() { go g() }() }; func g() { go f() }", "[f g]"},
		{"func f() { var g errgroup.Group; g.Go(h); g.Go(h) }", "[f]"},
		{"func f() { var g errgroup.Group; g.TryGo(h) }", "[f]"},
		{"func f() { var w sync.WaitGroup; w.Go(func() {}) }", "[f]"},
		{"func f() { start := new(sync.WaitGroup).Go; start(g) }", "[f]"},
		{"func f() { time.AfterFunc(1, g) }", "[f]"},
		{"func (t T) f() { go g() }; func (t *T) g() { go f() }; func (t *T[A]) h() { go f() }", "[T.f T.g T.h]"},
		{"var f = func() { go g() }", "[var]"},
		{"// go func() {}()\nfunc f() string { return `\tgo func() {}()` }", "[]"},
		{"func f() { g(); Go(); w.Wait() }", "[]"},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+c.source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(beginnings(file)); got != c.want {
			t.Errorf("%s: %s, want %s", c.source, got, c.want)
		}
	}
}

// TestAgainst: what is not listed is found, and so is what is listed in vain or
// without a reason.
func TestAgainst(t *testing.T) {
	list := map[string]string{"a.go f": "a reason", "a.go g": ""}
	for _, c := range []struct {
		found []string
		want  int
	}{
		{[]string{"a.go f"}, 1},
		{[]string{"a.go f", "a.go g"}, 1},
		{[]string{"a.go f", "a.go h", "a.go g"}, 2},
		{nil, 2},
	} {
		if got := against(list, c.found); len(got) != c.want {
			t.Errorf("%v: %q", c.found, got)
		}
	}
}
