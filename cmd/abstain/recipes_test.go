package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

const recipes, recipeInputs = "../../.github/recipes", "testdata/recipes"

// recipe says how a file of recipes is tried: a folder of testdata/recipes holds what
// is the user's (mine.py or mine.R; prepare.py, if there is one, makes other inputs),
// and tells in expected.json what abstain has to say.
type recipe struct {
	file, folder string
	needs        []string // Python modules; where one is absent the recipe is skipped
	stubs        []string // modules that are always stood in for: models would have to be downloaded
	orStubs      []string // modules that are stood in for where they are absent
	args         []string
}

var pythonRecipes = []recipe{
	{file: "README.md", folder: "readme", needs: []string{"numpy"}},
	{file: "pytorch_npz.py", folder: "pytorch", needs: []string{"numpy", "torch"}},
	{file: "pytorch_safetensors.py", folder: "pytorch", needs: []string{"numpy", "torch"}, orStubs: []string{"safetensors"}},
	{file: "numpy_safetensors.py", folder: "numpy_safetensors", needs: []string{"numpy"}},
	{
		file: "keras_npz.py", folder: "keras_npz", needs: []string{"numpy"}, stubs: []string{"keras"},
		args: []string{"saved/raw.keras", "saved/softmax.keras"},
	},
	{file: "scikit_learn.py", folder: "scikit_learn", needs: []string{"numpy", "sklearn"}},
	{file: "scikit_learn.py", folder: "scikit_learn_binary", needs: []string{"numpy", "sklearn"}},
	{
		file: "timm_imagenet.py", folder: "timm_imagenet", needs: []string{"numpy", "torch"},
		stubs: []string{"timm"}, orStubs: []string{"safetensors"}, args: []string{"val", "resnet", "vit.in1k"},
	},
	{
		file: "hugging_face.py", folder: "hugging_face", needs: []string{"numpy"},
		stubs: []string{"datasets", "transformers"}, args: []string{"reviews", "org/small", "org/large"},
	},
	{file: "polars_parquet.py", folder: "polars_parquet", needs: []string{"numpy"}, orStubs: []string{"polars"}},
}

// TestRecipesInPython runs each Python file, and the code of their README, on small
// inputs, then abstain on what they wrote.
func TestRecipesInPython(t *testing.T) {
	for _, r := range pythonRecipes {
		t.Run(r.file+"/"+r.folder, func(t *testing.T) {
			python, versions := pythonWith(t, r.needs)
			stubs := r.stubs
			for _, module := range r.orStubs {
				if _, err := probe(python, []string{module}); err != nil {
					stubs = append(slices.Clone(stubs), module)
				}
			}
			if slices.Contains(stubs, "polars") {
				nodeWith(t, "nodejs-polars")
			}
			dir := kitchen(t, r.folder)
			for _, module := range stubs {
				copyStub(t, module, filepath.Join(dir, "stubs"))
			}
			script := writeRecipe(t, r.file, dir)
			t.Chdir(dir)
			t.Setenv("PYTHONPATH", filepath.Join(dir, "stubs"))
			t.Setenv("OMP_NUM_THREADS", "1") // small inputs on machines that have other work
			if _, err := os.Stat("prepare.py"); err == nil {
				execute(t, "", python, "prepare.py")
			}
			execute(t, "", python, append([]string{script}, r.args...)...)
			t.Logf("run with %s; stood in for: %v", versions, stubs)
			checkPredictions(t)
		})
	}
}

// TestRecipesInR runs the R file for three classes, and for the two of a glm.
func TestRecipesInR(t *testing.T) {
	if _, err := exec.LookPath("Rscript"); err != nil {
		t.Skip("classifier.R is not run: no Rscript on the PATH")
	}
	for _, classes := range []string{"three", "binary"} {
		t.Run(classes, func(t *testing.T) {
			dir := kitchen(t, "classifier")
			script := writeRecipe(t, "classifier.R", dir)
			t.Chdir(dir)
			execute(t, "", "Rscript", script, classes)
			t.Log("run with", strings.TrimSpace(execute(t, "", "Rscript", "-e", "cat(R.version.string)")))
			checkPredictions(t)
		})
	}
}

// TestRecipesInSQL runs the SQL file by whatever of DuckDB is there.
func TestRecipesInSQL(t *testing.T) {
	dir := t.TempDir()
	script := writeRecipe(t, "duckdb.sql", dir)
	sql, err := os.ReadFile(filepath.Join(dir, script))
	if err != nil {
		t.Fatal(err)
	}
	const version = "; SELECT 'DuckDB ' || version();"
	command := duckDB(t)
	t.Chdir(dir)
	writeAnswers(t)
	execute(t, string(sql), command[0], command[1:]...)
	t.Logf("run with %s by %s", strings.TrimSpace(execute(t, version, command[0], command[1:]...)), command[0])
	checkPredictions(t)
}

// duckDB is a command that executes the SQL of its standard input.
func duckDB(t *testing.T) []string {
	if _, err := exec.LookPath("duckdb"); err == nil {
		return []string{"duckdb", "-noheader", "-list"}
	}
	for _, python := range pythons() {
		if _, err := probe(python, []string{"duckdb"}); err == nil {
			return []string{python, "-c", "import duckdb, sys; print(duckdb.sql(sys.stdin.read()) or '')"}
		}
	}
	nodeWith(t, "@duckdb/node-api")
	return []string{"node", "-e", `
const { DuckDBInstance } = require("@duckdb/node-api");
const sql = require("fs").readFileSync(0, "utf8");
(async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  console.log(...(await connection.runAndReadAll(sql)).getRows().flat().map(String));
})().catch(e => { console.error(e); process.exit(1); });
`}
}

// writeAnswers makes the table that the SQL recipe reads, and what to expect of it.
func writeAnswers(t *testing.T) {
	t.Helper()
	rng := rand.New(rand.NewPCG(10, 0))
	expected := map[string]expectation{}
	table := []string{"model,id,label,logit_0,logit_1,logit_2,site"}
	for strength, model := range []string{"blind", "weak", "strong"} {
		right, loss := 0, 0.0
		for i := range 80 {
			label, logits, sum, best := i*i%3, [3]float64{}, 0.0, 0
			for c := range logits {
				logits[c] = math.Round(1000*rng.NormFloat64()) / 1000
			}
			logits[label] += float64(strength)
			for c, z := range logits {
				sum += math.Exp(z)
				if z > logits[best] {
					best = c
				}
			}
			if best == label {
				right++
			}
			loss += math.Log(sum) - logits[label]
			table = append(table, fmt.Sprintf("%s,img-%d,%d,%g,%g,%g,%s", model, i, label, logits[0], logits[1], logits[2],
				[]string{"north", "south"}[i%2]))
		}
		expected[model] = expectation{80, 3, float64(right) / 80, loss / 80}
	}
	text, err := json.Marshal(expected)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, "expected.json", text)
	writeFile(t, "answers.csv", []byte(strings.Join(table, "\n")+"\n"))
}

// expectation is what the arrays of a recipe give by the definitions.
type expectation struct {
	N, Classes    int
	Accuracy, NLL float64
}

// checkPredictions runs abstain on the folder predictions, and compares the models
// and their numbers with expected.json.
func checkPredictions(t *testing.T) {
	t.Helper()
	expected := map[string]expectation{}
	text, err := os.ReadFile("expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	t.Logf("$ abstain check predictions\n%s", abstain(t, "check", "predictions"))
	t.Logf("$ abstain run predictions\n%s", abstain(t, "run", "predictions", "--out", "study", "--metrics", "accuracy,nll"))
	got := readResults(t, "study/results.csv")
	if len(got) != len(expected) || len(got) == 0 {
		t.Errorf("%d models, want %d", len(got), len(expected))
	}
	for model, want := range expected {
		is, ok := got[model]
		if !ok {
			t.Errorf("no model %s in %v", model, got)
			continue
		}
		if is.N != want.N || is.Classes != want.Classes || math.Abs(is.Accuracy-want.Accuracy) > 1e-12 || !(math.Abs(is.NLL-want.NLL) <= 2e-6) {
			t.Errorf("%s: %+v, want %+v", model, is, want)
		}
	}
}

// readResults reads those columns of a run's results that recipes are judged by.
func readResults(t *testing.T, path string) map[string]expectation {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	number := func(row []string, column string) float64 {
		x, err := strconv.ParseFloat(row[slices.Index(rows[0], column)], 64)
		if err != nil {
			t.Fatalf("%s of %v: %v", column, row, err)
		}
		return x
	}
	found := map[string]expectation{}
	for _, row := range rows[1:] {
		if _, twice := found[row[0]]; twice {
			t.Errorf("model %s has two rows", row[0])
		}
		found[row[0]] = expectation{int(number(row, "n")), int(number(row, "classes")), number(row, "accuracy"), number(row, "nll")}
	}
	return found
}

// abstain runs the command in this process, and fails the test unless it ends well.
func abstain(t *testing.T, args ...string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(context.Background(), args, &out, &errOut); code != exitDone {
		t.Fatalf("abstain %v: exit code %d\n%s%s", args, code, out.String(), errOut.String())
	}
	return out.String()
}

// kitchen is a folder with what a recipe finds in that of its user.
func kitchen(t *testing.T, folder string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(recipeInputs, folder))); err != nil {
		t.Fatal(err)
	}
	truth, err := os.ReadFile(filepath.Join(recipeInputs, "truth.py"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "truth.py"), truth)
	return dir
}

// copyStub copies what stands in for a Python module, a file or a folder.
func copyStub(t *testing.T, module, dir string) {
	t.Helper()
	from := filepath.Join(recipeInputs, "stubs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(from, module+".py")); err == nil {
		writeFile(t, filepath.Join(dir, module+".py"), text)
	} else if err := os.CopyFS(filepath.Join(dir, module), os.DirFS(filepath.Join(from, module))); err != nil {
		t.Fatal(err)
	}
}

// writeRecipe copies a recipe into the folder, or the code of the README, and returns
// its name there.
func writeRecipe(t *testing.T, name, dir string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(recipes, name))
	if err != nil {
		t.Fatal(err)
	}
	if name == "README.md" {
		_, code, _ := strings.Cut(string(text), "```python\n")
		code, _, found := strings.Cut(code, "```\n")
		if !found {
			t.Fatal("the README of the recipes shows no Python")
		}
		name, text = "core.py", []byte(code)
	}
	writeFile(t, filepath.Join(dir, name), text)
	return name
}

func writeFile(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// execute runs a program and returns what it prints on stdout.
func execute(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	c := exec.Command(name, args...)
	var errOut bytes.Buffer
	c.Stdin, c.Stderr = strings.NewReader(stdin), &errOut
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, errOut.String())
	}
	return string(out)
}

// pythons are the Python interpreters on the PATH, first things first.
func pythons() []string {
	var found []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, "python3")); err == nil && filepath.IsAbs(path) {
			found = append(found, path)
		}
	}
	return found
}

// pythonWith is the first Python that has the modules; without one the test is skipped.
func pythonWith(t *testing.T, modules []string) (python, versions string) {
	t.Helper()
	var lacks []string
	for _, python := range pythons() {
		versions, err := probe(python, modules)
		if err == nil {
			return python, versions
		}
		lacks = append(lacks, err.Error())
	}
	t.Skipf("not run: no python3 on the PATH that has %v: %v", modules, lacks)
	return "", ""
}

const probeModules = `
import sys
from importlib import metadata, util
absent = [m for m in sys.argv[1:] if util.find_spec(m) is None]
if absent:
    sys.exit("no " + ", ".join(absent))
def version(module):
    try:
        return module + " " + metadata.version({"sklearn": "scikit-learn"}.get(module, module))
    except metadata.PackageNotFoundError:
        return module
print("Python " + sys.version.split()[0], *map(version, sys.argv[1:]), sep=", ")
`

// probe asks a Python which versions it has of modules; the error names the absent ones.
func probe(python string, modules []string) (string, error) {
	c := exec.Command(python, append([]string{"-c", probeModules}, modules...)...)
	var errOut bytes.Buffer
	c.Stderr = &errOut
	out, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %s", python, cmp.Or(strings.TrimSpace(errOut.String()), err.Error()))
	}
	return strings.TrimSpace(string(out)), nil
}

// nodeWith skips the test unless Node finds the package; NODE_PATH may say where.
func nodeWith(t *testing.T, name string) {
	t.Helper()
	if out, err := exec.Command("node", "-e", "require('"+name+"')").CombinedOutput(); err != nil {
		t.Skipf("not run: no node on the PATH that finds the package %s (NODE_PATH says where): %v %.80s", name, err, out)
	}
}

// TestRecipesAreShort: every recipe is tried by a test, is in the table of the README,
// has at most twelve lines and begins with a sentence that says what it does.
func TestRecipesAreShort(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join(recipes, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(readme), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("README.md:%d is wider than 80 columns", i+1)
		}
	}
	files, err := os.ReadDir(recipes)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		tried := f.Name() == "classifier.R" || f.Name() == "duckdb.sql" ||
			slices.ContainsFunc(pythonRecipes, func(r recipe) bool { return r.file == f.Name() })
		if !tried {
			t.Errorf("%s is tried by no test", f.Name())
		}
		if f.Name() == "README.md" {
			continue
		}
		if !strings.Contains(string(readme), "\n| `"+f.Name()+"` |") {
			t.Errorf("%s is not in the table of the README", f.Name())
		}
		text, err := os.ReadFile(filepath.Join(recipes, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
		if len(lines) > 12 {
			t.Errorf("%s has %d lines", f.Name(), len(lines))
		}
		if first := strings.TrimLeft(lines[0], "#- "); first == lines[0] || !strings.HasSuffix(first, ".") {
			t.Errorf("%s does not begin with a sentence: %s", f.Name(), lines[0])
		}
		for i, line := range lines {
			if utf8.RuneCountInString(line) > 100 {
				t.Errorf("%s:%d is wider than 100 columns", f.Name(), i+1)
			}
		}
	}
}

// TestWheel packs this command as the release does, installs it by pip into an empty
// environment, and runs it there.
func TestWheel(t *testing.T) {
	if testing.Short() {
		t.Skip("not run under -short: a wheel needs a binary without C, which takes minutes to build")
	}
	dir := t.TempDir()
	venv := environment(t, filepath.Join(dir, "venv"))
	t.Setenv("CGO_ENABLED", "0")
	binary := filepath.Join(dir, "binary")
	execute(t, "", "go", "build", "-ldflags=-s", "-o", binary, ".")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	path := strings.TrimSpace(execute(t, "", "go", "run", ".ci/wheel.go", version, dir, binary))
	checkWheel(t, path)

	t.Chdir(dir)
	execute(t, "", filepath.Join(venv, "pip"), "install", "--no-index", "--disable-pip-version-check", path)
	installed := filepath.Join(venv, "abstain")
	if got := execute(t, "", installed, "version"); !strings.HasPrefix(got, "abstain "+version+" ") {
		t.Errorf("the installed command says it is %q", got)
	}
	const table = "label,prediction,confidence\n0,0,0.9\n1,1,0.8\n2,1,0.7\n1,1,0.6\n"
	if err := os.Mkdir("predictions", 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "predictions/small.csv", []byte(table))
	execute(t, "", installed, "run", "predictions", "--out", "study", "--metrics", "accuracy,aurc")
	results, err := os.ReadFile("study/results.csv")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(results), "\nsmall,predictions,test,clean,none,stored,ok,4,,0.75,") {
		t.Errorf("the installed command made of four samples, three of them right:\n%s", results)
	}
}

// environment makes a virtual environment with pip in it, and returns the folder of
// its programs; the test is skipped where Python makes none.
func environment(t *testing.T, dir string) string {
	t.Helper()
	var failures []string
	for _, python := range pythons() {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(python, "-m", "venv", dir).CombinedOutput()
		if err == nil {
			if runtime.GOOS == "windows" {
				return filepath.Join(dir, "Scripts")
			}
			return filepath.Join(dir, "bin")
		}
		failures = append(failures, fmt.Sprintf("%s: %v: %.200s", python, err, out))
	}
	t.Skipf("not run: no python3 on the PATH for which python3 -m venv works: %v", failures)
	return ""
}

// checkWheel looks at what pip passes over: every member is in RECORD with its
// digest, the licences are there, and nothing names the folders of this machine.
func checkWheel(t *testing.T, path string) {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	content := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if content[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	info := "abstain-" + version + ".dist-info/"
	rows, err := csv.NewReader(bytes.NewReader(content[info+"RECORD"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(content) {
		t.Errorf("RECORD has %d rows for %d members", len(rows), len(content))
	}
	for _, row := range rows {
		member, ok := content[row[0]]
		sum := sha256.Sum256(member)
		digest := "sha256=" + base64.RawURLEncoding.EncodeToString(sum[:])
		if itself := row[0] == info+"RECORD"; !ok || !itself && (row[1] != digest || row[2] != strconv.Itoa(len(member))) {
			t.Errorf("RECORD says %v; digest %s, %d bytes", row, digest, len(member))
		}
	}
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content[info+"licenses/LICENSE"], license) {
		t.Error("the licence is not in the wheel")
	}
	third := string(content[info+"licenses/THIRD-PARTY"])
	for _, of := range []string{"Go go1.", "github.com/apache/arrow/go/v15 v15", "abstain reports/html/tabulator/LICENSE"} {
		if !strings.Contains(third, "==== "+of) {
			t.Errorf("no notice of %s", of)
		}
	}
	for name, text := range content {
		if strings.HasPrefix(name, info) && bytes.Contains(text, []byte(filepath.Dir(path))) {
			t.Errorf("%s names a folder of this machine", name)
		}
	}
}
