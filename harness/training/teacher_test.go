package training

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/datasets"
)

// taught writes a teacher's table and loads it for some rows.
func taught(t *testing.T, d *Data, model, header string, lines []string) (*Teacher, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "big.csv")
	if err := os.WriteFile(name, []byte(header+"\n"+strings.Join(lines, "\n")+"\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	corpora, err := datasets.OpenAll([]string{name}, datasets.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	return LoadTeacher(context.Background(), corpora, model, d)
}

// answers are a teacher's probabilities of the training rows, in reverse order, and of a row more.
func answers(d *Data) []string {
	lines := []string{"other,0,0.5,0.5"}
	for i := len(d.Train.Labels) - 1; i >= 0; i-- {
		p := 0.5 + 0.4*float64(i)/float64(len(d.Train.Labels))
		lines = append(lines, fmt.Sprintf("%s,%d,%v,%v", d.Train.id(i), d.Train.Labels[i], p, 1-p))
	}
	return lines
}

const answersHeader = "sample_id,label,p0,p1"

// TestStoredTeacher: rows are joined on their ids, students learn from them, and other logits make another student.
func TestStoredTeacher(t *testing.T) {
	d, _, err := randomStored().load(t, Features{}, datasets.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	teacher, err := taught(t, d, "", answersHeader, answers(d))
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Train.Labels {
		if p := 0.5 + 0.4*float64(i)/60; math.Abs(teacher.Logits.Row(i)[0]-math.Log(p)) > 1e-9 {
			t.Fatalf("row %d has logits %v, want the logarithm of %v", i, teacher.Logits.Row(i), p)
		}
	}
	c := OnFeatures(d, 1)
	c.Regimes, c.Seeds, c.Recipe.Epochs, c.Teacher = []string{"distillation"}, 1, 3, teacher
	models, err := Plan(c)
	if err != nil || len(models) != 2 || models[1].Teacher != "big" {
		t.Fatalf("%v %+v: want a vanilla model and a student of big, and no teacher of our own", err, models)
	}
	before := c.digest()
	student := func() []float32 {
		w := &workshop{Config: c}
		f, err := w.fit(context.Background(), models[1])
		if err != nil {
			t.Fatal(err)
		}
		return f.networks[0].Weights()
	}
	first := student()
	teacher.Logits.Row(0)[0] += 3
	if second := student(); fmt.Sprint(first) == fmt.Sprint(second) {
		t.Error("another teacher makes the same student")
	}
	if c.digest() == before {
		t.Error("another teacher has the same digest, so an earlier student would be taken for its own")
	}
}

// TestTeacherRefused: a teacher that cannot teach is refused before anything is trained.
func TestTeacherRefused(t *testing.T) {
	d, _, err := randomStored().load(t, Features{}, datasets.Reading{})
	if err != nil {
		t.Fatal(err)
	}
	all := answers(d)
	for _, c := range []struct {
		name, model, header string
		lines               []string
		want                string
	}{
		{"no such model", "huge", answersHeader, all, `no model is called "huge"; there are big`},
		{"a row lacks", "", answersHeader, all[:40], "lacks sample train0 of the training rows: rows are joined on sample_id"},
		{"a row twice", "", answersHeader, append(all[:len(all):len(all)], all[5]), "stands twice"},
		{"other classes", "", "sample_id,label,p0,p1,p2", []string{"train0,0,0.2,0.2,0.6"}, "has 3 classes where the training rows have 2"},
		{"other label", "", answersHeader, []string{"train0,1,0.5,0.5"}, "sample train0 is of class 1, and of class 0 among the training rows"},
		{"no vectors", "", "sample_id,label,prediction,confidence", []string{"train0,0,0,0.9"}, "neither logits nor probabilities"},
		{"no ids", "", "label,p0,p1", []string{"0,0.5,0.5"}, "1 rows without sample_id where there are 60 training rows"},
	} {
		if _, err := taught(t, d, c.model, c.header, c.lines); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	c := OnFeatures(d, 1)
	c.Regimes, c.Teacher = []string{"focal"}, &Teacher{Name: "big"}
	if _, err := Plan(c); err == nil || !strings.Contains(err.Error(), "none of the regimes learns from a teacher") {
		t.Errorf("a teacher without a student: %v", err)
	}
}
