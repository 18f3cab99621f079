package datasets

import (
	"math"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/ipc"
)

func csvTable(lines ...string) Table {
	return file("t.csv", []byte(strings.Join(lines, "\n")+"\n"))
}

// Each layout of columns is found by its names.
func TestLayouts(t *testing.T) {
	for _, c := range []struct {
		header, row string
		want        Schema
	}{
		{"sample_id,label,l0,l1", "a,1,0.5,2", Schema{Kind: Logits, Classes: 2, Column: "l0..l1", ID: true, Label: true}},
		{"label,logits_1,logits_0", "1,0.5,2", Schema{Kind: Logits, Classes: 2, Column: "logits_0..logits_1", Label: true}},
		{"p0,p2,p1,label", "0.2,0.3,0.5,0", Schema{Kind: Probs, Classes: 3, Column: "p0..p2", Label: true}},
		{"y_true,probs_0,probs_1", "1,0.5,0.5", Schema{Kind: Probs, Classes: 2, Column: "probs_0..probs_1", Label: true}},
		{"label,p0,p1,l0,l1", "0,0.5,0.5,2,2", Schema{Kind: Logits, Classes: 2, Column: "l0..l1", Label: true, Unused: []string{"p0", "p1"}}},
		{"label,prediction,confidence", "0,1,0.7", Schema{Kind: Score, Column: "confidence", Label: true, Prediction: true}},
		{"label,pred,score", "0,1,0.7", Schema{Kind: Score, Column: "score", Label: true, Prediction: true}},
		{"confidence,correct", "0.7,1", Schema{Kind: Score, Column: "confidence", Correct: true}},
		{"confidence,correct,label", "0.7,1,3", Schema{Kind: Score, Column: "confidence", Correct: true, Label: true}},
		{"y_true,y_pred,score,g", "1,0,0.2,x", Schema{Kind: Score, Classes: 2, Column: "score", Label: true, Prediction: true, Groups: []string{"g"}}},
		{"confidence,correct,score:mc,sex,age,weight,", "0.7,1,0.2,m,33,70.5,9", Schema{Kind: Score, Column: "confidence", Correct: true,
			Scores: []string{"mc"}, Groups: []string{"sex", "age"}, Unused: []string{"weight"}}},
	} {
		w, err := readWhole(csvTable(c.header, c.row))
		if err != nil {
			t.Errorf("%s: %v", c.header, err)
			continue
		}
		g := w.schema
		if g.Kind != c.want.Kind || g.Classes != c.want.Classes || g.Column != c.want.Column || g.ID != c.want.ID || g.Label != c.want.Label ||
			g.Prediction != c.want.Prediction || g.Correct != c.want.Correct || !slices.Equal(g.Scores, c.want.Scores) ||
			!slices.Equal(g.Groups, c.want.Groups) || !slices.Equal(g.Unused, c.want.Unused) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.header, g, c.want)
		}
	}
}

func TestLayoutErrors(t *testing.T) {
	for _, c := range []struct {
		header, row, column, want string
	}{
		{"a,b", "1,2", "", "no column logits, probs or confidence"},
		{"a,b", "1,2", "", "found: a, b"},
		{"model,aurc", "m,0.2", "", "one row per model"},
		{"p0,p1", "0.5,0.5", "label", "is missing"},
		{"label,l0,l1,l3", "0,1,2,3", "l2", "is missing"},
		{"prediction,confidence", "1,0.5", "label", "nothing says whether"},
		{"confidence,label", "0.5,1", "", "neither label and prediction nor correct"},
		{"label,label,p0,p1", "1,1,1,0", "label", "appears twice"},
		{"correct,confidence,score:", "1,0.5,0.5", "score:", "has no name"},
		{"label,p2,p3", "0,0.5,0.5", "p1", "is missing: 2 columns p1, p2, ... were found, so the last is expected to be p2"},
		{"label,prediction,uncertainty", "0,0,0.1", "uncertainty", "add a column confidence: -uncertainty"},
		{"label,logits,confidence", `0,"1.0, 2.0",.7`, "logits", "CSV has no lists"},
	} {
		_, err := OpenTable(csvTable(c.header, c.row))
		checkError(t, err, c.column, -1, c.want)
	}
}

func TestCSVValues(t *testing.T) {
	w, err := readWhole(csvTable("sample_id,label,p0,p1,sex,score:a", "007,0, 0.25,0.75,m,-3", "8,1,1,0,,1e3", "\"9\",-1,NaN,0,\"f, or m\",inf"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.ID.Text, []string{"007", "8", "9"}) || !slices.Equal(w.Label, []int32{0, 1, -1}) {
		t.Errorf("ids %q, labels %v", w.ID.Text, w.Label)
	}
	if !slices.Equal(w.F64[:4], []float64{0.25, 0.75, 1, 0}) || !math.IsNaN(w.F64[4]) {
		t.Errorf("values %v", w.F64)
	}
	if !slices.Equal(w.Groups[0], []string{"m", "", "f, or m"}) || !slices.Equal(w.Scores[0], []float64{-3, 1000, math.Inf(1)}) {
		t.Errorf("groups %q, scores %v", w.Groups, w.Scores)
	}
}

func TestCSVErrors(t *testing.T) {
	many := append([]string{"label,p0,p1"}, slices.Repeat([]string{"0,1,0"}, 5000)...)
	for _, c := range []struct {
		lines  []string
		column string
		row    int
		want   string
	}{
		{[]string{"label,p0,p1", "0,1,0", "x,1,0"}, "label", 1, `"x" is no integer`},
		{[]string{"label,p0,p1", "0,1,0", "1,,0"}, "p0", 1, "is empty"},
		{[]string{"label,p0,p1", "0,1,abc"}, "p1", 0, `"abc" is no number`},
		{[]string{"label,p0,p1", "0,1,0", "1,1"}, "", 1, "2 cells where the header has 3"},
		{[]string{"confidence,correct", "0.5,maybe"}, "correct", 0, "neither 0 nor 1"},
		{[]string{"label,p0,p1", `0,"1,0`}, "", 0, "quote"},
		{[]string{"y_true,y_pred,score", "0,0,0.95", "2,1,0.6"}, "y_true", 1, "for more, call the columns label, prediction and confidence"},
		{[]string{"label,p0,p1", "99999999999,1,0"}, "label", 0, "is no class number"},
		{[]string{"sample_id,label,p0,p1", "a,1,1,0", ",1,1,0"}, "sample_id", 1, "is empty"},
		{append(many, "1,0,z"), "p1", 5000, `"z" is no number`},
	} {
		_, err := readWhole(csvTable(c.lines...))
		checkError(t, err, c.column, c.row, c.want)
	}
	_, err := OpenTable(file("t.csv", []byte("\n")))
	checkError(t, err, "", -1, "empty")
}

func TestArrowValues(t *testing.T) {
	w, err := readWhole(file("x", arrow(t, ipc.Options{Rows: 2},
		ipc.Texts("sample_id", []string{"a", "b", "c"}), ipc.Ints("label", ipc.Int8, []int{2, 0, -1}), ipc.Ints("prediction", ipc.Int64, []int{2, 1, 1}),
		ipc.Bools("correct", []bool{true, false, false}), ipc.Floats("confidence", ipc.Float32, []float32{0.5, 0.25, 1}),
		ipc.Floats("score:x", ipc.Float64, []float64{1, 2, 3}), ipc.Ints("ward", ipc.Int16, []int{7, 7, 8}), ipc.Dictionary("sex", []string{"m", "", "f"}),
		ipc.Bools("insured", []bool{true, false, true}))))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(w.ID.Text, []string{"a", "b", "c"}) || !slices.Equal(w.Label, []int32{2, 0, -1}) || !slices.Equal(w.Prediction, []int32{2, 1, 1}) {
		t.Errorf("ids %q, labels %v, predictions %v", w.ID.Text, w.Label, w.Prediction)
	}
	if !slices.Equal(w.Correct, []bool{true, false, false}) || !slices.Equal(w.Confidence, []float64{0.5, 0.25, 1}) || !slices.Equal(w.Scores[0], []float64{1, 2, 3}) {
		t.Errorf("correct %v, confidences %v, scores %v", w.Correct, w.Confidence, w.Scores)
	}
	for i, want := range [][]string{{"7", "7", "8"}, {"m", "", "f"}, {"true", "false", "true"}} {
		if !slices.Equal(w.Groups[i], want) {
			t.Errorf("group %s: %q, want %q", w.schema.Groups[i], w.Groups[i], want)
		}
	}
}

func TestArrowErrors(t *testing.T) {
	label := ipc.Ints("label", ipc.Int8, []int{0, 1})
	for _, c := range []struct {
		columns []ipc.Column
		column  string
		row     int
		want    string
	}{
		{[]ipc.Column{ipc.Texts("label", []string{"cat", "cat"}), ipc.Vectors("probs", ipc.Float32, 2, make([]float32, 4))}, "label", -1, "has 1 different class names (cat) for 2 classes"},
		{[]ipc.Column{label, ipc.Texts("probs", []string{"0.5", "0.5"})}, "probs", -1, "a class vector is a list of floats"},
		{[]ipc.Column{label, ipc.Vectors("probs", ipc.Float32, 1, make([]float32, 2))}, "probs", -1, "one value per row"},
		{[]ipc.Column{ipc.Ints("correct", ipc.Int8, []int{1, 2}), ipc.Floats("confidence", ipc.Float64, make([]float64, 2))}, "correct", 1, "2 is neither 0 nor 1"},
		{[]ipc.Column{label, ipc.Vectors("logits", ipc.Float32, 2, make([]float32, 4)), ipc.Floats("sample_id", ipc.Float32, make([]float32, 2))}, "sample_id", -1, "ids are integers or text"},
		{[]ipc.Column{label, ipc.Vectors("logits", ipc.Float32, 2, make([]float32, 4)), ipc.Dictionary("sample_id", []string{"a", ""})}, "sample_id", 1, "missing value (null)"},
	} {
		_, err := readWhole(file("x.arrow", arrow(t, ipc.Options{}, c.columns...)))
		checkError(t, err, c.column, c.row, c.want)
	}
}

// Score tables know their classes only from metadata.
func TestStatedClasses(t *testing.T) {
	for stated, want := range map[string]int{"10": 10, `["cat", "dog", "eel"]`: 3, "many": 0, "": 0, "-4": 0} {
		table := csvTable("confidence,correct", "0.5,1")
		table.Meta = Meta{{"classes", stated}}
		w, err := readWhole(table)
		if err != nil || w.schema.Classes != want {
			t.Errorf("classes %q: %d, want %d; error %v", stated, w.schema.Classes, want, err)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("sample_id,label,p0,p1,sex\na,0,1,0,m\nb,1,0.5,0.5,\n")
	f.Add("confidence,correct\n0.5,1\n")
	f.Add("y_true,y_pred,score\n1,0,0.25\n")
	f.Add("label;p0\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		w, err := readWhole(file("t.csv", []byte(text)))
		if err != nil {
			checkPlace(t, err)
			return
		}
		if w.schema.Kind != Score && len(w.F64) != w.N*w.schema.Classes {
			t.Fatalf("%d values in %d rows of %d classes", len(w.F64), w.N, w.schema.Classes)
		}
	})
}

// checkPlace makes sure that an error names the table.
func checkPlace(t *testing.T, err error) {
	t.Helper()
	if e, ok := err.(*Error); !ok || e.Table == "" || e.Err == nil {
		t.Fatalf("error %#v names no table", err)
	}
}
