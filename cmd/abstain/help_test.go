package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"abstain/datasets"
	"abstain/metrics"
)

// TestTopicsAreShort: a page of help fits a screen, and is found under its name in any spelling.
func TestTopicsAreShort(t *testing.T) {
	for _, topic := range topics {
		text := printed(t, "help", topic.name)
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		if len(lines) > 40 || len(lines) < 5 {
			t.Errorf("%s: %d lines", topic.name, len(lines))
		}
		for _, line := range lines {
			if utf8.RuneCountInString(line) > 80 {
				t.Errorf("%s: a line of %d columns: %s", topic.name, utf8.RuneCountInString(line), line)
			}
		}
		if again := printed(t, append([]string{"help"}, strings.Split(strings.ToUpper(topic.name), "-")...)...); again != text {
			t.Errorf("%s: another text under its name in other letters", topic.name)
		}
	}
}

// TestTopicsAreTrue: what the pages list is what there is.
func TestTopicsAreTrue(t *testing.T) {
	page := printed(t, "help", "formats")
	for _, f := range datasets.Formats() {
		if !strings.Contains(page, f.Name) || !strings.Contains(page, f.Endings[0]) {
			t.Errorf("formats says nothing of %s", f.Name)
		}
	}
	page = " " + strings.Join(strings.Fields(printed(t, "help", "metrics")), " ") + " "
	for _, id := range metrics.DefaultIDs() {
		if !strings.Contains(page, " "+id+" ") {
			t.Errorf("metrics does not list %s", id)
		}
	}
	page = printed(t, "help", "exit-codes")
	for code, want := range map[int]string{exitDone: "0 ", exitInternal: "1 ", exitUsage: "2 ", exitTables: "3 ", exitGate: "4 ", exitInterrupted: "130 "} {
		if !strings.Contains(page, "\n  "+want) && !strings.HasPrefix(page, "  "+want) {
			t.Errorf("exit-codes does not explain %d", code)
		}
	}
	page = printed(t, "help", "environment")
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue // what a test reads is nothing to users
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`os\.(?:Getenv|LookupEnv)\("(\w+)"\)`).FindAllSubmatch(source, -1) {
			if !strings.Contains(page, "\n  "+string(m[1])) && !strings.HasPrefix(page, "  "+string(m[1])) {
				t.Errorf("%s reads %s, of which environment says nothing", file, m[1])
			}
		}
	}
}

// TestFilesOfARun: the page lists all that a run with everything leaves.
func TestFilesOfARun(t *testing.T) {
	t.Chdir(t.TempDir())
	var table strings.Builder
	table.WriteString("sample_id,label,l0,l1,sex\n")
	for i := range 40 {
		table.WriteString(strings.Join([]string{fmt.Sprint(i), string(rune('0' + i%2)), string(rune('0' + i%7)), string(rune('0' + i%5)),
			string("mf"[i%3/2])}, ",") + "\n")
	}
	for path, text := range map[string]string{"c/manifest.csv": "file,model,dataset,split,condition\na.csv,a,d,test,clean\nb.csv,a,d,val,clean\n",
		"c/a.csv": table.String(), "c/b.csv": table.String()} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	printed(t, "run", "c", "--out", "s", "--groups", "sex", "--transform", "none,temperature", "--intervals", "bootstrap")
	printed(t, "report", "s", "--figures", "svg")
	page := printed(t, "help", "files")
	entries, err := os.ReadDir("s")
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 12 {
		t.Errorf("the run left %d files and folders only", len(entries))
	}
	for _, e := range entries {
		if !strings.Contains(page, e.Name()) {
			t.Errorf("files says nothing of %s", e.Name())
		}
	}
}

// TestManual: a page for every verb and topic, with all its flags, in letters that roff keeps.
func TestManual(t *testing.T) {
	dir := t.TempDir()
	printed(t, "help", "--man", dir)
	root := newRoot(&streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	for _, name := range append(verbs(root), topicNames()...) {
		text, err := os.ReadFile(filepath.Join(dir, "abstain-"+name+".1"))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.HasPrefix(text, []byte(".TH ")) || !bytes.Contains(text, []byte(".SH DESCRIPTION")) {
			t.Errorf("%s: no manual page: %.80s", name, text)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "abstain-rank.1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`\fB\-\-may\-be\-top int\fR`, `\fB\-v, \-\-verbose\fR`, `\fB\-q, \-\-quiet\fR`, ".SH EXAMPLES", `'aurc > 0.05'`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("abstain-rank.1 lacks %s", want)
		}
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "'") {
			t.Errorf("roff takes this line for a command: %s", line)
		}
	}
}

// TestCompletion: the shell is told what values there are.
func TestCompletion(t *testing.T) {
	t.Chdir(t.TempDir())
	for path, text := range map[string]string{"c/manifest.csv": "file,model,dataset,split,condition,family\na.csv,a,d,test,clean,cnn\nb.csv,b,d,test,fog,mlp\n",
		"c/a.csv": "sample_id,label,p0,p1,sex\n1,0,0.9,0.1,m\n2,1,0.8,0.2,f\n", "c/b.csv": "sample_id,label,p0,p1,sex\n1,0,0.7,0.3,m\n2,1,0.6,0.4,f\n"} {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	printed(t, "run", "c", "--out", "study", "--metrics", "accuracy,ece")
	for _, c := range []struct{ line, want string }{
		{"rank |", "study"},
		{"rank study --by |", "accuracy ece"},
		{"rank study --condition |", "clean fog"},
		{"rank study --where |", "family=cnn family=mlp"},
		{"rank study --format |", "text csv json md tex"},
		{"rank study --metrics accuracy,|", "accuracy,accuracy accuracy,ece"},
		{"rank study --against |", "a b"},
		{"show study |", "a b"},
		{"compare study a |", "b"},
		{"export study --format |", "parquet csv arrow"},
		{"check --format |", "text json"},
		{"run c --groups |", "sex label"},
		{"run c --transform |", "none temperature"},
		{"run c --confidence |", "msp margin"},
		{"run c --metrics |", "accuracy accuracy-galil2023 error"},
		{"ls |", "metrics confidences transforms regimes presets plots models"},
		{"ls models |", "study"},
		{"help |", "bench check"},
	} {
		args := append([]string{"__complete"}, strings.Fields(strings.TrimSuffix(c.line, "|"))...)
		if strings.HasSuffix(c.line, " |") {
			args = append(args, "")
		}
		var got []string
		for _, line := range strings.Split(printed(t, args...), "\n") {
			value, _, _ := strings.Cut(line, "\t")
			if !strings.HasPrefix(value, ":") {
				got = append(got, value)
			}
		}
		if all := strings.Join(got, " "); !strings.HasPrefix(all, c.want) {
			t.Errorf("%s is completed by %q, want %q", c.line, all, c.want)
		}
	}
}
