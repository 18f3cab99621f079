package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/pictures"
)

// publishedFolder writes the results of a folder without predictions: twelve
// models in two families, half of them distilled, one at chance, with two
// confidence functions and three severities.
func publishedFolder(t *testing.T) *study.Report {
	t.Helper()
	dir := t.TempDir()
	var rows, models strings.Builder
	rows.WriteString("model,dataset,split,condition,transform,confidence,status,n,classes,accuracy,auroc,mean-confidence,ood-auroc\n")
	models.WriteString("model,family,regime,base,teacher,params\n")
	for i := range 14 {
		name, regime, base, teacher := fmt.Sprintf("m%02d", i), "vanilla", "", ""
		if i >= 7 {
			regime, base, teacher = "distilled", fmt.Sprintf("m%02d", i-7), "m03"
		}
		fmt.Fprintf(&models, "%s,%c,%s,%s,%s,%d\n", name, 'a'+rune(i%2), regime, base, teacher, 1000*(i+1))
		accuracy, auroc := 0.6+0.02*float64(i), 0.7+0.01*float64((i*5)%14)
		fmt.Fprintf(&rows, "%s,data,test,clean,none,msp,ok,1000,10,%g,%g,%g,\n", name, accuracy, auroc, accuracy+0.01*float64(i%5-1))
		fmt.Fprintf(&rows, "%s,data,test,clean,none,entropy,ok,1000,10,%g,%g,,\n", name, accuracy, auroc-0.01-0.001*float64(i))
		for s := range 3 {
			fmt.Fprintf(&rows, "%s,data,test,c-ood-s%02d,none,msp,ok,,10,,,,%g\n", name, s, 0.9-0.1*float64(s)+0.003*float64(i))
		}
	}
	rows.WriteString("<i>broken</i>,data,test,clean,none,msp,ok,1000,10,0.1,0.5,0.9,\n")
	models.WriteString("<i>broken</i>,a,vanilla,,,7\n")
	for name, content := range map[string]string{"results.csv": rows.String(), "models.csv": models.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	results, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := study.Run(t.Context(), results, study.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWriteStudy(t *testing.T) {
	r := publishedFolder(t)
	dir := t.TempDir()
	paths, err := WriteStudy(dir, r)
	if err != nil {
		t.Fatal(err)
	}
	tables := 0
	for _, e := range r.Experiments {
		for _, table := range e.Tables {
			tables++
			checkTableFiles(t, dir, table)
		}
	}
	if len(paths) != 1+2*tables || tables < 10 {
		t.Errorf("%d files of %d tables", len(paths), tables)
	}
	content, err := os.ReadFile(filepath.Join(dir, "study.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s studyJSON
	if err := json.Unmarshal(content, &s); err != nil {
		t.Fatal(err)
	}
	if s.Models != 14 || len(s.Broken) != 1 || s.Broken[0].Model != "<i>broken</i>" || len(s.Experiments) != len(r.Experiments) || len(s.Summary) == 0 {
		t.Errorf("study.json: %+v", s)
	}
	var again bytes.Buffer
	if err := StudyJSON(&again, publishedFolder(t)); err != nil || !bytes.Equal(again.Bytes(), content) {
		t.Errorf("the same results give another study.json (%v)", err)
	}
}

// checkTableFiles reads both files of a table back.
func checkTableFiles(t *testing.T, dir string, table study.Table) {
	t.Helper()
	f, err := os.ReadFile(filepath.Join(dir, table.Name+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(bytes.NewReader(f)).ReadAll()
	if err != nil || len(lines) != 1+len(table.Rows) || len(lines[0]) != len(table.Columns) {
		t.Fatalf("%s.csv: %d lines, %v", table.Name, len(lines), err)
	}
	content, err := os.ReadFile(filepath.Join(dir, table.Name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var objects []map[string]any
	if err := json.Unmarshal(content, &objects); err != nil || len(objects) != len(table.Rows) {
		t.Fatalf("%s.json: %d rows, %v", table.Name, len(objects), err)
	}
	for i, row := range table.Rows {
		for k, cell := range row {
			v, ok := cell.(float64)
			if !ok {
				continue
			}
			text, value := lines[i+1][k], objects[i][table.Columns[k]]
			finite := !math.IsNaN(v) && !math.IsInf(v, 0) // JSON has no infinity
			if text != plainCell(v, kindOf(table, k)) || finite && value != v || !finite && value != nil || math.IsNaN(v) && text != "" {
				t.Fatalf("%s, row %d, %s: %v is %q and %v", table.Name, i, table.Columns[k], v, text, value)
			}
		}
	}
}

func TestStudyText(t *testing.T) {
	r := publishedFolder(t)
	var brief, full bytes.Buffer
	if err := Study(&brief, r, true); err != nil {
		t.Fatal(err)
	}
	if err := Study(&full, r, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 record is not above chance, left out: <i>broken</i>", "Are new classes noticed?", "falls from 0.9", "also answered: ", "not computed: scaling"} {
		if !strings.Contains(brief.String(), want) {
			t.Errorf("the first page lacks %q:\n%s", want, brief.String())
		}
	}
	for _, want := range []string{"not computed: scaling; missing: ", "<i>broken</i> is not above chance", "  [severity]", "median OOD AUROC ↑", "Spearman's rank correlation over models"} {
		if !strings.Contains(full.String(), want) {
			t.Errorf("the text lacks %q", want)
		}
	}
	for k := range r.Experiments {
		for _, f := range pictures.Tell(&r.Experiments[k]) {
			if text := f.Claim + f.By; f.Claim == "" || f.By == "" || strings.HasSuffix(f.Claim, ".") || strings.Contains(text, "NaN") || strings.Contains(text, "study.") {
				t.Errorf("%s: no sentence: %+v", r.Experiments[k].Name, f)
			}
		}
	}
	if n := strings.Count(brief.String(), "\n"); n > 45 {
		t.Errorf("the first page has %d lines", n)
	}
	for _, line := range strings.Split(brief.String()+full.String(), "\n") {
		if n := len([]rune(line)); n > 80 {
			t.Errorf("a line of %d columns: %s", n, line)
		}
	}
}

// TestStudySections: every experiment with data, except those that have only a
// table, has figures that can be drawn, in the page and in the PDF.
func TestStudySections(t *testing.T) {
	r := publishedFolder(t)
	sections, err := StudySections(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(sections) != 1+len(r.Experiments) {
		t.Fatalf("%d sections", len(sections))
	}
	names := map[string]bool{}
	for k, e := range r.Experiments {
		s := sections[k+1]
		if (e.Data != nil) != (len(s.Figures) > 0) {
			t.Errorf("%s has data %T and %d figures", e.Name, e.Data, len(s.Figures))
		}
		if len(s.Paragraphs) == 0 {
			t.Errorf("%s says nothing", e.Name)
		}
		for _, f := range s.Figures {
			if names[f.Name] {
				t.Errorf("two figures %s", f.Name)
			}
			names[f.Name] = true
		}
	}
	for _, want := range []string{"ranking-calibration", "regimes", "teachers-auroc", "correlations", "overlaps", "ranks", "families", "size", "confidences", "leaderboard", "severity"} {
		if !names[want] {
			t.Errorf("no figure %s among %v", want, names)
		}
	}
	if _, err := figure.Write(t.TempDir(), SectionFigures(sections), "svg", "json"); err != nil {
		t.Error(err)
	}
}
