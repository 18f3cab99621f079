package answers_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/internal/sample"
)

// folder writes published results of models in families, with twins of two regimes, one of
// which lowers and one of which raises AURC if effect is not 0, teachers, a transform,
// conditions of shift and levels of new classes, and studies them.
func folder(t *testing.T, models int, effect float64, seed uint64) *study.Report {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	var rows, meta strings.Builder
	rows.WriteString("model,dataset,split,condition,transform,confidence,status,n,classes,accuracy,auroc,aurc,ece@15,sac@0.95,ood-auroc\n")
	meta.WriteString("model,family,regime,base,teacher,params\n")
	write := func(name, condition, transform, confidence string, quality float64, ood string) {
		accuracy := 0.7 + 0.02*quality + 0.01*r.NormFloat64()
		fmt.Fprintf(&rows, "%s,data,test,%s,%s,%s,ok,1000,10,%g,%g,%g,%g,%g,%s\n", name, condition, transform, confidence, accuracy,
			0.8+0.01*quality+0.005*r.NormFloat64(), 0.1-0.01*quality+0.001*r.NormFloat64(), 0.05+0.01*r.Float64(), 0.4+0.02*quality+0.01*r.NormFloat64(), ood)
	}
	for i := range models {
		base := fmt.Sprintf("m%03d", i)
		for k, regime := range []string{"vanilla", "helpful", "harmful"} {
			name, twin, teacher := base, "", ""
			if k > 0 {
				name, twin, teacher = base+"-"+regime, base, fmt.Sprintf("m%03d", (i+1)%models)
			}
			quality := r.NormFloat64() + effect*[]float64{0, 1, -1}[k]
			fmt.Fprintf(&meta, "%s,%s,%s,%s,%s,%d\n", name, []string{"a", "ResNet (BiT)", "c[x]"}[i%3], regime, twin, teacher, 1000*(i+1))
			write(name, "clean", "none", "msp", quality, "")
			write(name, "clean", "none", "entropy", quality-0.2, "")
			write(name, "clean", "temperature", "msp", quality, "")
			write(name, "blur-1", "none", "msp", quality-1, "")
			write(name, "blur-3", "none", "msp", 0.2*quality-3, "")
			for s := range 2 {
				fmt.Fprintf(&rows, "%s,data,test,c-ood-s%02d,none,msp,ok,,10,,,,,,%g\n", name, s, 0.9-0.1*float64(s)+0.01*quality)
			}
		}
	}
	dir := t.TempDir()
	for name, content := range map[string]string{"results.csv": rows.String(), "models.csv": meta.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	report, err := study.Run(t.Context(), s, study.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// inputs are boards and studies of several sizes, with and without effects.
func inputs(t *testing.T) map[string]answers.Input {
	resolved := sample.Resolve(sample.Board(40))
	return map[string]answers.Input{
		"nothing":          {},
		"a board":          {Board: sample.Board(12)},
		"ranked board":     {Board: resolved},
		"one model":        {Board: sample.Board(1)},
		"study":            {Study: folder(t, 12, 3, 1)},
		"study, no effect": {Study: folder(t, 9, 0, 2)},
		"few pairs":        {Study: folder(t, 2, 3, 3)},
		"all":              {Board: resolved, Study: folder(t, 15, -1, 4)},
	}
}

// TestSentences: every sentence is short and has no brackets; every finding has a
// question, a sentence that ends, and a table whose rows fit its columns; every number of
// the head has a finding.
func TestSentences(t *testing.T) {
	for name, in := range inputs(t) {
		a := answers.New(in)
		said := map[string]string{"title": a.Title}
		for _, n := range a.Numbers {
			said["number "+n.Big] = n.Big + " " + n.Sentence
			if a.Find(n.Finding) == nil || n.Big == "" {
				t.Errorf("%s: the number %q belongs to the finding %q, which is not there", name, n.Big, n.Finding)
			}
		}
		if len(a.Numbers) > 3 {
			t.Errorf("%s: %d numbers", name, len(a.Numbers))
		}
		for _, f := range a.Findings {
			said[f.Name] = f.Sentence
			if !strings.HasSuffix(f.Question, "?") || !strings.HasSuffix(f.Sentence, ".") {
				t.Errorf("%s: %q %q", name, f.Question, f.Sentence)
			}
			checkTable(t, name+" "+f.Name, f.Table)
		}
		for of, text := range said {
			if n := len(strings.Fields(text)); n > 25 || n == 0 {
				t.Errorf("%s, %s: %d words: %s", name, of, n, text)
			}
			if strings.ContainsAny(text, "()[]{}") || strings.Contains(text, "NaN") || strings.Contains(text, "%!") || strings.Contains(text, "  ") {
				t.Errorf("%s, %s: %s", name, of, text)
			}
		}
	}
}

func checkTable(t *testing.T, name string, table *answers.Table) {
	t.Helper()
	if table == nil {
		return
	}
	if len(table.Rows) == 0 {
		t.Errorf("%s: a table without rows", name)
	}
	for _, r := range table.Rows {
		if len(r.Cells) != len(table.Columns) {
			t.Fatalf("%s: %d cells in %d columns", name, len(r.Cells), len(table.Columns))
		}
		for k, c := range r.Cells {
			if c.Lo > c.Hi {
				t.Errorf("%s: interval %v to %v", name, c.Lo, c.Hi)
			}
			if text := table.Print(c, k); strings.Contains(text, "NaN") || strings.Contains(text, "-0.") {
				t.Errorf("%s: %s is printed %q", name, table.Columns[k].Head, text)
			}
		}
	}
}

// TestCounts: the regimes that the sentence and the number count are those whose verdict in
// the table of the study is proven, and the direction is that of the effects put in.
func TestCounts(t *testing.T) {
	for _, effect := range []float64{3, 0, -3} {
		r := folder(t, 12, effect, 7)
		a := answers.New(answers.Input{Study: r})
		f := a.Find("regimes")
		helps, hurts := 0, 0
		for _, e := range r.Experiments {
			for _, table := range e.Tables {
				if table.Name != "regimes" {
					continue
				}
				for _, row := range table.Rows {
					if at := slices.Index(table.Columns, "verdict"); row[1] == "aurc" && row[at] == "proven" {
						if row[slices.Index(table.Columns, "median")].(float64) < 0 {
							helps++
						} else {
							hurts++
						}
					}
				}
			}
		}
		want := map[float64][2]int{3: {1, 1}, 0: {0, 0}, -3: {1, 1}}[effect]
		if want != [2]int{helps, hurts} {
			t.Fatalf("effect %v: %d help and %d hurt: the folder does not have the effects put in", effect, helps, hurts)
		}
		if text := fmt.Sprintf("2 could be tested: %d hurt%s, %d help%s", hurts, ending(hurts), helps, ending(helps)); !strings.Contains(f.Table.Note, text) {
			t.Errorf("effect %v: %q, want %q", effect, f.Table.Note, text)
		}
		for _, row := range f.Table.Rows {
			verdict := answers.Unproven
			if effect != 0 {
				verdict = map[bool]answers.Verdict{true: answers.Better, false: answers.Worse}[(row.Cells[0].Text == "helpful") == (effect > 0)]
			}
			if c := row.Cells[2]; f.Table.Columns[2].Measure != "aurc" || c.Verdict != verdict {
				t.Errorf("effect %v: %s by %s is %q, want %q", effect, row.Cells[0].Text, f.Table.Columns[2].Measure, c.Verdict, verdict)
			}
		}
	}
}

func ending(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// TestTier: the table has the first models of the board with their values, says of each
// cell what its rank sets say, and the sentence counts the tied.
func TestTier(t *testing.T) {
	b := sample.Resolve(sample.Board(40))
	b.TiedBeside = make([]int, len(b.Beside))
	for i := range b.Entries {
		b.Entries[i].Standings = make([]board.Standing, len(b.Beside))
		for k := range b.Beside {
			b.Entries[i].Standings[k] = board.Standing((i + k) % 3)
		}
	}
	a := answers.New(answers.Input{Board: b})
	f := a.Find(answers.Tier)
	if f == nil || len(f.Table.Rows) != 12 {
		t.Fatalf("%+v", f)
	}
	if want := fmt.Sprintf("%d of 40 models are tied with the best", b.Resolution.Tied); !strings.Contains(f.Sentence, want) {
		t.Errorf("%q, want %q", f.Sentence, want)
	}
	shown := append([]metrics.Measure{b.By}, answers.Columns(b)...)
	first := len(f.Table.Columns) - len(shown)
	for i, row := range f.Table.Rows {
		e := b.Entries[i]
		for k, m := range shown {
			value, standing := e.Value, b.Standing(e)
			if at := b.BesideAt(m); at >= 0 {
				value, standing = e.Beside[at], e.Standings[at]
			}
			c := row.Cells[first+k]
			same := c.Value == value.Value || math.IsNaN(c.Value) && math.IsNaN(value.Value)
			if want := []answers.Verdict{answers.Untested, answers.Tied, answers.Behind}[standing]; !same || c.Verdict != want || row.Model != e.Model {
				t.Errorf("%s, %s: %+v, want %v %q", e.Model, m.Name(), c, value.Value, want)
			}
		}
	}
}
