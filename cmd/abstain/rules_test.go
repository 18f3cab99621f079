package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/harness/results"
)

// ruleCase is a rule that threshold prints, with the rows that it answers by what is stored.
type ruleCase struct {
	Name, Python, Golang string
	Logits               bool // the table stores logits, not probabilities
	Temperature          string
	Rows                 [][]float64 `json:"rows"`
	Scores               []float64   // of a column
	Letter               string      // the variable that stands for it; "" without
	Accepted             []bool
}

// ruleCases run threshold for every confidence function of tables of logits and of
// probabilities, as stored and at a temperature, and for a column.
func ruleCases(t *testing.T) []ruleCase {
	t.Helper()
	const n, classes = 240, 5
	corpus, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	rng := rand.New(rand.NewPCG(5, 17))
	rows := map[string][][]float64{}
	scores := map[string][]float64{}
	manifest := "file,model,dataset,split,condition\n"
	for _, kind := range []string{"l", "p"} {
		for _, split := range []string{"val", "test"} {
			var b strings.Builder
			b.WriteString("sample_id,label,score:trust")
			for c := range classes {
				fmt.Fprintf(&b, ",%s%d", kind, c)
			}
			for i := range n {
				label := rng.IntN(classes)
				row := make([]float64, classes)
				total := 0.0
				for c := range row {
					row[c] = 2 * rng.NormFloat64()
					if c == label {
						row[c] += 5
					}
					total += math.Exp(row[c])
				}
				for c := range row {
					if kind == "p" {
						row[c] = math.Exp(row[c]) / total
					}
				}
				trust := slices.Max(row) + 0.1*rng.NormFloat64()
				id := i
				if split == "val" {
					id += 10000
				}
				fmt.Fprintf(&b, "\n%d,%d,%v", id, label, trust)
				for _, v := range row {
					fmt.Fprintf(&b, ",%v", v)
				}
				if split == "val" { // the rows that choose: one of them is the largest rejected
					rows[kind], scores[kind] = append(rows[kind], row), append(scores[kind], trust)
				}
			}
			name := kind + "-" + split + ".csv"
			if err := os.WriteFile(filepath.Join(corpus, name), []byte(b.String()+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			manifest += fmt.Sprintf("%s,%s,rules-%s,%s,clean\n", name, kind, kind, split)
		}
	}
	if err := os.WriteFile(filepath.Join(corpus, "manifest.csv"), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	const all = "msp,margin,entropy,gini,max-logit,energy,score:*"
	if _, errText, code := runVerb("run", corpus, "--out", out, "--level", "0", "--metrics", "accuracy", "--confidence", all, "--transform", "temperature", "--fit-split", "test"); code != 0 {
		t.Fatal(errText)
	}
	folder, err := results.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	var cases []ruleCase
	for _, kind := range []string{"l", "p"} {
		for _, transform := range []string{"none", "temperature"} {
			for _, confidence := range []string{"msp", "margin", "entropy", "gini", "max-logit", "energy", "score:trust"} {
				o, err := folder.Outcomes(results.Key{Model: kind, Dataset: "rules-" + kind, Split: "val", Condition: "clean", Transform: transform})
				if err != nil {
					t.Fatal(err)
				}
				if o.Confidence(confidence) == nil {
					continue // logits alone have it, or stored tables alone
				}
				args := []string{"threshold", out, kind, "--risk", "0.1", "--delta", "0.1", "--confidence", confidence, "--transform", transform, "--format", "json"}
				if transform == "temperature" {
					args = append(args, "--split", "val", "--fit-split", "val")
				}
				text, errText, code := runVerb(args...)
				if code != 0 {
					t.Fatalf("%v: %s", args, errText)
				}
				var page struct {
					Feasible   bool
					Threshold  any
					Python, Go string
				}
				if err := json.Unmarshal([]byte(text), &page); err != nil {
					t.Fatal(err)
				}
				above, ok := page.Threshold.(float64)
				if !page.Feasible || !ok {
					t.Fatalf("%v: no threshold to write down: %s", args, text)
				}
				c := ruleCase{Name: kind + " " + confidence + " " + transform, Python: page.Python, Golang: page.Go, Logits: kind == "l", Rows: rows[kind]}
				if confidence == "score:trust" {
					c.Letter, c.Scores = "trust", scores[kind]
				}
				if _, rest, found := strings.Cut(page.Python, " / "); found && transform == "temperature" {
					c.Temperature = strings.TrimSuffix(strings.FieldsFunc(rest, func(r rune) bool { return r == ',' || r == ')' })[0], ")")
				}
				for _, v := range o.Confidence(confidence).Value {
					c.Accepted = append(c.Accepted, v > above)
				}
				cases = append(cases, c)
			}
		}
	}
	if len(cases) < 16 {
		t.Fatalf("only %d rules", len(cases))
	}
	return cases
}

// compareRules compares what a program answered, a string of 0 and 1 for each case.
func compareRules(t *testing.T, cases []ruleCase, printed []byte) {
	t.Helper()
	lines := strings.Fields(string(printed))
	if len(lines) != len(cases) {
		t.Fatalf("%d answers of %d rules: %s", len(lines), len(cases), printed)
	}
	for k, c := range cases {
		answered, differ := 0, 0
		for i, accepted := range c.Accepted {
			if accepted {
				answered++
			}
			if accepted != (lines[k][i] == '1') {
				differ++
			}
		}
		if differ > 0 || answered == 0 || answered == len(c.Accepted) {
			t.Errorf("%s: %d of %d rows are answered otherwise, %d are answered: %s | %s", c.Name, differ, len(c.Accepted), answered, c.Python, c.Golang)
		}
	}
}

// TestPythonRule: the printed line of Python, run on the stored rows, answers the same rows.
func TestPythonRule(t *testing.T) {
	python := ""
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import numpy, scipy.special").Run() == nil {
			python = name
			break
		}
	}
	if python == "" {
		t.Skip("no python3 with numpy and scipy is here")
	}
	cases := ruleCases(t)
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	const program = `
import json, sys
import numpy as np, scipy.special
for c in json.load(sys.stdin):
    rows = np.array(c["rows"])
    names = {"np": np, "scipy": scipy, "z" if c["Logits"] else "p": rows, c["Letter"] or "_": np.array(c["Scores"])}
    exec(c["Python"], names)
    answer = names["answer"]
    print("".join("1" if a else "0" for a in answer))
`
	command := exec.Command(python, "-c", program)
	command.Stdin = strings.NewReader(string(text))
	printed, err := command.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%v: %s", err, e.Stderr)
		}
		t.Fatal(err)
	}
	compareRules(t, cases, printed)
}

// TestGoRule: the printed line of Go does the same, with what the words beside it say of z and p.
func TestGoRule(t *testing.T) {
	if testing.Short() {
		t.Skip("a program is compiled")
	}
	cases := ruleCases(t)
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"encoding/json\"\n\t\"fmt\"\n\t\"math\"\n\t\"os\"\n\t\"slices\"\n\n\t\"gonum.org/v1/gonum/floats\"\n\t\"gonum.org/v1/gonum/stat\"\n)\n\n" +
		"var _ = fmt.Sprint(math.Pi, slices.Max([]int{1}), floats.Sum([]float64{1}), stat.Entropy([]float64{1}))\n\n" +
		"func softmax(z []float64) []float64 {\n\tp := make([]float64, len(z))\n\tlse := floats.LogSumExp(z)\n\tfor i, v := range z {\n\t\tp[i] = math.Exp(v - lse)\n\t}\n\treturn p\n}\n\n" +
		"func main() {\n\tvar cases []struct {\n\t\tRows [][]float64 `json:\"rows\"`\n\t\tScores []float64\n\t}\n\tif err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {\n\t\tpanic(err)\n\t}\n")
	for k, c := range cases {
		letter := c.Letter
		if letter == "" {
			letter = "column"
		}
		fmt.Fprintf(&b, "\tfor i, row := range cases[%d].Rows {\n\t\t%s := 0.0\n\t\tif len(cases[%d].Scores) > 0 {\n\t\t\t%s = cases[%d].Scores[i]\n\t\t}\n\t\t_ = %s\n", k, letter, k, letter, k, letter)
		switch scale := c.Temperature; {
		case c.Logits:
			b.WriteString("\t\tz := slices.Clone(row)\n")
		default:
			b.WriteString("\t\tz, p := make([]float64, len(row)), slices.Clone(row)\n\t\tfor j, v := range row {\n\t\t\tz[j] = math.Log(max(v, 1e-12))\n\t\t}\n")
			if scale != "" {
				b.WriteString("\t\t_ = p\n")
			}
		}
		if c.Temperature != "" {
			fmt.Fprintf(&b, "\t\tfor j := range z {\n\t\t\tz[j] /= %s\n\t\t}\n", c.Temperature)
		}
		if c.Logits {
			b.WriteString("\t\tp := softmax(z)\n")
		} else if c.Temperature != "" {
			b.WriteString("\t\tp = softmax(z)\n")
		}
		fmt.Fprintf(&b, "\t\t_, _ = z, p\n\t\t%s\n\t\tif answer {\n\t\t\tfmt.Print(1)\n\t\t} else {\n\t\t\tfmt.Print(0)\n\t\t}\n\t}\n\tfmt.Println()\n", c.Golang)
	}
	b.WriteString("}\n")
	path := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "run", path)
	command.Stdin = strings.NewReader(string(text))
	printed, err := command.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			t.Fatalf("%v: %s", err, e.Stderr)
		}
		t.Skip("no go command is here: ", err)
	}
	compareRules(t, cases, printed)
}
