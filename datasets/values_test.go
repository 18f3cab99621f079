package datasets

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// Labels and predictions of any type become class numbers.
func TestClassNumbers(t *testing.T) {
	const p = "label,p0,p1,p2"
	vector := ",.25,.25,.5"
	for _, c := range []struct {
		name   string
		header string
		labels []string
		want   []int32
		note   string
	}{
		{"integers", p, []string{"2", "0", "-1"}, []int32{2, 0, -1}, ""},
		{"floats", p, []string{"2.0", "0.0", "-1.0"}, []int32{2, 0, -1}, ""},
		{"booleans", p, []string{"True", "false", "TRUE"}, []int32{1, 0, 1}, ""},
		{"sorted names", p, []string{"eel", "cat", "dog"}, []int32{2, 0, 1}, "classes are taken in sorted order, cat, dog, eel"},
		{"names and none", p, []string{"eel", "-1", "cat", "dog"}, []int32{2, -1, 0, 1}, "sorted"},
		{"names of columns", "label,p_eel,p_cat,p_dog", []string{"dog", "eel"}, []int32{2, 0}, ""},
		{"numbers beside names of columns", "label,eel,cat,dog", []string{"dog", "eel", "cat"}, []int32{2, 0, 1}, "probabilities"},
	} {
		lines := []string{c.header}
		for _, l := range c.labels {
			lines = append(lines, l+vector)
		}
		w, err := readWhole(csvTable(lines...))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !slices.Equal(w.Label, c.want) {
			t.Errorf("%s: %v, want %v", c.name, w.Label, c.want)
		}
		if notes := strings.Join(w.notes, "; "); c.note == "" && notes != "" || !strings.Contains(notes, c.note) {
			t.Errorf("%s: notes %q, want %q", c.name, notes, c.note)
		}
	}
}

// The order of classes comes from where it is told.
func TestClassOrder(t *testing.T) {
	lines := []string{"label,p0,p1,p2", "eel,.25,.25,.5", "cat,.25,.25,.5"}
	for _, c := range []struct {
		name string
		set  func(*Table)
		want string
	}{
		{"a file beside it", func(t *Table) { t.Classes = []string{"eel", "dog", "cat"} }, "[0 2]"},
		{"metadata", func(t *Table) { t.Meta = Meta{{"classes", `["dog","cat","eel"]`}} }, "[2 1]"},
		{"nothing", func(*Table) {}, `column "label": has 2 different class names (cat, eel) for 3 classes`},
		{"a list without them", func(t *Table) { t.Classes = []string{"eel", "dog", "fox"} }, `"cat" is none of the 3 classes eel, dog, fox`},
		{"a list of another length", func(t *Table) { t.Classes = []string{"eel", "cat"} }, "names of 2 classes (eel, cat), but the table has 3"},
		{"a list with a class twice", func(t *Table) { t.Classes = []string{"eel", "cat", "eel"} }, `"eel" is listed twice`},
	} {
		table := csvTable(lines...)
		c.set(&table)
		w, err := readWhole(table)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Label)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	table := file("t.arrow", arrow(t, ipc.Options{}, ipc.Texts("y", []string{"pos", "neg"}), ipc.Vectors("logits", ipc.Float32, 3, make([]float32, 6))))
	for stated, want := range map[string]string{
		`{"info": {"features": {"y": {"names": ["neg", "neu", "pos"], "_type": "ClassLabel"}, "z": {"names": ["pos"]}, "n": {"dtype": "int"}}}}`: "[2 0]",
		`{"info": {"features": {"other": {"names": ["pos", "neu", "neg"]}}}}`:                                                                    "[0 2]",
		`{"info": {"features": {"a": {"names": ["x"]}, "b": {"names": ["y"]}}}}`:                                                                 "2 different class names",
	} {
		if got := fmt.Sprint(features(stated, "y")); !strings.Contains(want, "names") && got == "[]" {
			t.Errorf("%s: no names", stated)
		}
		contents := arrow(t, ipc.Options{Meta: metaOf("huggingface", stated)}, ipc.Texts("y", []string{"pos", "neg"}), ipc.Vectors("logits", ipc.Float32, 3, make([]float32, 6)))
		table.FS = file("t.arrow", contents).FS
		w, err := readWhole(table)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Label)
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", stated, got, want)
		}
	}
}

// Labels that count from 1 are asked about, never guessed, and never if 0 occurs.
func TestLabelsFrom(t *testing.T) {
	for _, c := range []struct {
		labels string
		from   int
		want   string
	}{
		{"1 2 3", 0, "labels run from 1 to 3 in a table of 3 classes: do they count from 1? Then say --labels-from 1"},
		{"3 3 -1", 0, "labels run from 3 to 3"},
		{"1 2 3", 1, "[0 1 2]"},
		{"3.0 1.0 -1.0", 1, "[2 0 -1]"},
		{"0 2 3", 0, "[0 2 3]"}, // the metrics refuse the 3
		{"1 4 3", 0, "[1 4 3]"},
		{"1 0 3", 1, `column "label": line 3: 0 occurs, but --labels-from 1`},
		{"1 2 1", 0, "[1 2 1]"},
	} {
		lines := []string{"label,l0,l1,l2"}
		for _, l := range strings.Fields(c.labels) {
			lines = append(lines, l+",1,2,3")
		}
		table := csvTable(lines...)
		table.Reading.LabelsFrom = c.from
		w, err := readWhole(table)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Label)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s from %d: %s, want %s", c.labels, c.from, got, c.want)
		}
	}
}

// Two columns that may be the same part are a question, unless they say the same.
func TestTwoReadings(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  string // of the labels, or in the error
	}{
		{"differ", []string{"target,y_true,l0,l1", "0,0,1,2", "1,0,1,2"}, `line 3: two columns may be the label, "y_true" and "target", and they differ: say which with --columns label=y_true or --columns label=target`},
		{"agree", []string{"target,y_true,l0,l1", "0,0.0,1,2", "1,1.0,1,2"}, "[0 1]"},
		{"names beside numbers", []string{"class,target,l0,l1", "dog,0,1,2", "cat,1,1,2", "dog,0,1,2"}, "[0 1 0]"},
		{"names of other numbers", []string{"class,target,l0,l1", "dog,0,1,2", "cat,1,1,2", "dog,1,1,2"}, "two columns may be the label"},
		{"from 0 and from 1", []string{"gt,target,l0,l1", "0,1,1,2", "1,2,1,2"}, "two columns may be the label"},
		{"own name", []string{"label,y_true,l0,l1", "0,0,1,2", "1,0,1,2"}, "[0 1]"},
		{"logits and their softmax", []string{"label,l0,l1,prob_0,prob_1", "0,0,0,.5,.5", "1,0,1,.26894,.73106"}, "[0 1]"},
		{"logits and other probabilities", []string{"label,l0,l1,prob_0,prob_1", "0,0,0,.5,.5", "1,0,1,.4,.6"},
			`line 3: the table has two class vectors, "l0".."l1" and "prob_0".."prob_1", and the probabilities are not those of the logits (as after temperature scaling): say which with --logits l or --probs prob_`},
		{"probabilities and logits", []string{"label,p0,p1,logit_0,logit_1", "0,.5,.5,0,0", "1,.4,.6,0,1"}, "--probs p or --logits logit_"},
		{"two outputs", []string{"label,output_0,output_1,pred_0,pred_1", "0,.5,.5,0,0", "1,.4,.6,0,1"}, "say which with --logits output_ or --logits pred_"},
		{"two predictions", []string{"y_true,y_pred,predicted,conf", "0,0,0,.5", "1,0,1,.5"}, "--columns prediction=y_pred"},
		{"two models", []string{"model,label,p0,p1", "a,0,1,0", "b,1,0,1"}, `column "model": line 3: names a further model, "b" after "a"`},
	} {
		w, err := readWhole(csvTable(c.lines...))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Label)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A vector whose name does not say what it is, is decided by its values.
func TestKindByValues(t *testing.T) {
	for _, c := range []struct {
		name string
		rows []string
		want string
	}{
		{"probabilities", []string{"0,.25,.75", "1,1,0", "1,.33,.67"}, "probs"},
		{"rounded probabilities", []string{"0,.25,.75", "1,.33,.66", "1,.5,.5"}, "probs"},
		{"logits", []string{"0,2.5,-.5", "1,.5,.5"}, "may be logits or probabilities: of 2 rows, 1 lie in 0..1 and 1 add to 1"},
		{"all logits", []string{"0,2.5,-.5", "1,.25,.5"}, "logits"},
		{"masked logits", []string{"0,2.5,-inf", "1,-inf,.5"}, "logits"},
		{"sigmoids", []string{"0,.5,.25", "1,.25,.25"}, "may be logits or probabilities"},
		{"one bad row of many", append(slices.Repeat([]string{"0,.25,.75"}, 30), "1,3,4"), "probs"},
		{"NaN", []string{"0,.25,.75", "1,NaN,.5"}, "probs"},
	} {
		r, err := OpenTable(csvTable(append([]string{"label,out_0,out_1"}, c.rows...)...))
		got := fmt.Sprint(err)
		if err == nil {
			got = r.Schema().Kind.String()
			if notes := strings.Join(r.Notes(), "; "); !strings.Contains(notes, "is read as "+map[string]string{"probs": "probabilities", "logits": "logits"}[got]) {
				t.Errorf("%s: notes %q", c.name, notes)
			}
			r.Close()
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A score alone is that of class 1 of two, if it can be.
func TestScoreAlone(t *testing.T) {
	for _, c := range []struct {
		header string
		rows   []string
		want   string
	}{
		{"y_true,y_score", []string{"0,.25", "1,.75", "-1,.5"}, "probs [0.75 0.25 0.25 0.75 0.5 0.5]"},
		{"label,prob", []string{"False,.25", "True,.75"}, "probs [0.75 0.25 0.25 0.75]"},
		{"y_true,y_pred", []string{"0,.25", "1,.75"}, "probs [0.75 0.25 0.25 0.75]"},
		{"y_true,y_score", []string{"0,-2.5", "1,.75"}, "it is no probability of class 1 of two, which lies in [0, 1]"},
		{"y_true,y_score", []string{"0,.5", "2,.75"}, "labels lie in 0..2: a class vector has a number for each class"},
		{"y_true,y_score", []string{"0,.5", "0,.75"}, "only class 0 occurs"},
		{"y_true,y_score", []string{"neg,.5", "pos,.75"}, `nothing tells of which of them "y_score" is the score`},
		{"y_true,y_pred", []string{"0,0", "1,1"}, "no prediction table"},
		{"label,confidence", []string{"0,.5", "1,.5"}, "neither label and prediction nor correct"},
	} {
		w, err := readWhole(csvTable(append([]string{c.header}, c.rows...)...))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.schema.Kind, w.F64)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s, %s: %s, want %s", c.header, c.rows, got, c.want)
		}
	}
	table := csvTable("y_true,y_score", "0,-2.5", "0,.75")
	table.Reading.Columns = Meta{{"logits", "y_score"}}
	if w, err := readWhole(table); err != nil || fmt.Sprint(w.schema.Kind, w.F64) != "logits [0 -2.5 0 0.75]" {
		t.Errorf("log-odds: %+v, %v", w, err)
	}
}

// A score beside predictions of more than two classes is the trust in them, whatever the
// columns are called; that of two classes named by text has to say so.
func TestScoresOfManyClasses(t *testing.T) {
	for _, c := range []struct {
		header string
		rows   []string
		want   string
	}{
		{"y_true,y_pred,score", []string{"0,2,.5", "1,0,.75", "2,1,.25"}, "[0.5 0.75 0.25]"},
		{"gt,predicted,score", []string{"0,1,.5", "1,0,.25"}, "[0.5 0.25]"},
		{"y,y_hat,prob", []string{"cat,dog,.5", "dog,eel,.75", "eel,cat,.25"}, "[0.5 0.75 0.25]"},
		{"y_true,y_pred,score", []string{"cat,dog,.5", "dog,cat,.75"}, "[0.5 0.75]"},
		{"y_true,y_pred,score", []string{"cat,dog,.5", "dog,cat,.25"}, "names of two classes"},
		{"y_true,y_pred,y_prob", []string{"0,1,.5", "1,0,.25"}, "[0.5 0.75]"},
	} {
		w, err := readWhole(csvTable(append([]string{c.header}, c.rows...)...))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Confidence)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s, %s: %s, want %s", c.header, c.rows, got, c.want)
		}
	}
}

// Abstentions are answers: -1, empty, or the word.
func TestAbstentions(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string
	}{
		{[]string{"label,prediction,confidence", "0,0,.5", "1,-1,.5", "1,,.5", "0,Abstain,.5", "1,ABSTAINED,.5"}, "[0 1 1 0 1] [0 -1 -1 -1 -1]"},
		{[]string{"label,prediction,confidence", "cat,cat,.5", "dog,,.5", "cat,abstain,.5", "dog,eel,.5"}, "[0 1 0 1] [0 -1 -1 2]"},
		{[]string{"label,prediction,confidence", "0,0,.5", "1,maybe,.5"}, `column "prediction": line 3: "maybe" is no integer`},
		{[]string{"label,prediction,confidence", "0,0,.5", ",1,.5"}, `column "label": line 3: is empty`},
		{[]string{"label,prediction,confidence", "cat,0,.5", "dog,1,.5"}, "holds numbers, but labels are names"},
		{[]string{"label,prediction,confidence", "2.0,1.0,.5", "1.0,1.0,.5"}, "[2 1] [1 1]"},
	} {
		w, err := readWhole(csvTable(c.lines...))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Label, w.Prediction)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%q: %s, want %s", c.lines, got, c.want)
		}
	}
	var late []string
	for i := range 9000 {
		late = append(late, fmt.Sprintf("%d,%d,.5", i%3, i%2))
	}
	late[8000] = "1,abstain,.5"
	w, err := readWhole(csvTable(append([]string{"label,prediction,confidence"}, late...)...))
	if err != nil || w.N != 9000 || w.Prediction[8000] != -1 || w.Prediction[8999] != 1 || w.Label[8999] != 2 {
		t.Errorf("a late abstention: %v", err)
	}
}

// Right and wrong by any type; in words only in a column that the user named.
func TestYesOrNo(t *testing.T) {
	for _, c := range []struct {
		rows []string
		said string
		want string
	}{
		{[]string{"1,.5", "0,.5"}, "", "[true false]"},
		{[]string{"1.0,.5", "0.0,.5"}, "", "[true false]"},
		{[]string{"TRUE,.5", "False,.5"}, "", "[true false]"},
		{[]string{"C,.5", "I,.5"}, "", "after --columns correct=correct"},
		{[]string{"C,.5", "I,.5"}, "correct", "[true false]"},
		{[]string{"yes,.5", "No,.5"}, "correct", "[true false]"},
		{[]string{"yes,.5", "perhaps,.5"}, "correct", `line 3: "perhaps" is neither yes nor no`},
		{[]string{"0.5,.5", "1,.5"}, "", "0.5 is neither 0 nor 1"},
	} {
		table := csvTable(append([]string{"correct,confidence"}, c.rows...)...)
		if c.said != "" {
			table.Reading.Columns = Meta{{"correct", c.said}}
		}
		w, err := readWhole(table)
		got := fmt.Sprint(err)
		if e, ok := err.(*Error); ok {
			got += e.Hint
		}
		if err == nil {
			got = fmt.Sprint(w.Correct)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.rows, got, c.want)
		}
	}
	w, err := readWhole(csvTable("correct,confidence,should_abstain", "1,.5,True", "0,.5,False"))
	if err != nil || !w.schema.ShouldAbstain || len(w.schema.Groups) != 0 {
		t.Errorf("should_abstain: %+v, %v", w, err)
	}
}

// One-hot truth is one column, or one for each class.
func TestOneHot(t *testing.T) {
	list := func(values ...float32) Table {
		return file("t.arrow", arrow(t, ipc.Options{}, ipc.Vectors("probs", ipc.Float32, 2, []float32{0, 1, 1, 0}), ipc.Vectors("y_true", ipc.Float32, 2, values)))
	}
	for _, c := range []struct {
		table Table
		want  string
	}{
		{list(0, 1, 1, 0), "[1 0]"},
		{list(0, 1, 1, 1), `column "y_true": row 1: is no one-hot row`},
		{list(0, 0, 1, 0), `row 0: is no one-hot row`},
		{list(0.5, 0.5, 1, 0), `row 0: is no one-hot row`},
		{csvTable("label_0,label_1,p0,p1", "0,1,.5,.5", "1,0,.5,.5"), "[1 0]"},
		{csvTable("label_0,label_1,p0,p1", "0,1,.5,.5", "0,0,.5,.5"), `column "label_0..label_1": line 3: is no one-hot label`},
		{csvTable("filename,label_0,label_1,prob_0,prob_1", "a,cat,dog,.5,.4"), `column "label_0": line 2: "cat" is neither 0 nor 1`},
		{csvTable("filename,index_0,index_1,prob_0,prob_1", "a,3,1,.5,.4"), `column "label": is missing`},
	} {
		w, err := readWhole(c.table)
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.Label)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Arrays that were stored without names are understood by their shapes.
func TestUnnamedArrays(t *testing.T) {
	logits := ipc.Vectors("arr_0", ipc.Float32, 2, []float32{-1, 5, 3, 2})
	for _, c := range []struct {
		columns []ipc.Column
		want    string
	}{
		{[]ipc.Column{logits, ipc.Ints("arr_1", ipc.Int64, []int{1, 0})}, "arr_0 [1 0]"},
		{[]ipc.Column{logits, ipc.Vectors("arr_1", ipc.Float32, 2, []float32{0, 1, 1, 0})}, "arr_0 [1 0]"},
		{[]ipc.Column{logits, ipc.Ints("arr_1", ipc.Int64, []int{1, 0}), ipc.Ints("arr_2", ipc.Int64, []int{1, 1})}, "is missing"},
		{[]ipc.Column{logits, ipc.Ints("arr_1", ipc.Int64, []int{1, 0}), ipc.Ints("x", ipc.Int64, []int{1, 1})}, "no prediction table"},
	} {
		w, err := readWhole(file("t.arrow", arrow(t, ipc.Options{}, c.columns...)))
		got := fmt.Sprint(err)
		if err == nil {
			got = fmt.Sprint(w.schema.Column, " ", w.Label)
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// Integers serve where floats are meant.
func TestIntegerValues(t *testing.T) {
	w, err := readWhole(file("t.arrow", arrow(t, ipc.Options{}, ipc.Ints("label", ipc.Int8, []int{1, 0}), ipc.Ints("l0", ipc.Int16, []int{-3, 4}),
		ipc.Ints("l1", ipc.Int16, []int{7, 0}), ipc.Ints("score:votes", ipc.Int32, []int{5, 6}))))
	if err != nil || !slices.Equal(w.F64, []float64{-3, 7, 4, 0}) || !slices.Equal(w.Scores[0], []float64{5, 6}) {
		t.Errorf("%+v, %v", w, err)
	}
	w, err = readWhole(file("t.arrow", arrow(t, ipc.Options{}, ipc.Floats("correct", ipc.Float32, []float32{1, 0}), ipc.Ints("confidence", ipc.Int8, []int{3, 9}))))
	if err != nil || !slices.Equal(w.Correct, []bool{true, false}) || !slices.Equal(w.Confidence, []float64{3, 9}) {
		t.Errorf("%+v, %v", w, err)
	}
	_, err = readWhole(file("t.arrow", arrow(t, ipc.Options{}, ipc.Floats("label", ipc.Float64, []float64{1, math.NaN()}), ipc.Vectors("logits", ipc.Float32, 2, make([]float32, 4)))))
	checkError(t, err, "label", 1, "NaN is no class number")
}

func metaOf(key, value string) []column.Pair { return []column.Pair{{Key: key, Value: value}} }
