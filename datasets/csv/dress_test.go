package csv

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"abstain/datasets/column"
)

// table is all that a file gives.
type table struct {
	names, texts []string
	numbers      [][]float64 // of each column
	lines        []int
	notes        []string
}

// readTable reads columns as the kinds that letters say: i, f, b, t, v, or - for none.
func readTable(content, name, kinds string) (got table, err error) {
	r, err := Open(strings.NewReader(content), int64(len(content)), name)
	if err != nil {
		return got, err
	}
	defer r.Close()
	var want []column.Want
	for i, f := range r.Fields() {
		got.names = append(got.names, f.Name)
		if i < len(kinds) && kinds[i] != '-' {
			kind := map[byte]column.Kind{'i': column.Int, 'f': column.Float64, 'b': column.Bool, 't': column.Text, 'v': column.Vector64}[kinds[i]]
			want = append(want, column.Want{Field: i, Kind: kind})
		}
	}
	if err := r.Select(want); err != nil {
		return got, err
	}
	got.numbers = make([][]float64, len(want))
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			got.notes = r.Notes()
			return got, nil
		}
		if err != nil {
			return got, err
		}
		for i, c := range chunk.Columns {
			got.texts = append(got.texts, c.Text...)
			got.numbers[i] = append(got.numbers[i], c.F64...)
			for _, v := range c.Int {
				got.numbers[i] = append(got.numbers[i], float64(v))
			}
			for _, v := range c.Bool {
				got.numbers[i] = append(got.numbers[i], map[bool]float64{true: 1}[v])
			}
		}
		for row := range chunk.N {
			got.lines = append(got.lines, r.Line(chunk.First+row))
		}
	}
}

func wide(s string) string {
	b := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return string(b)
}

// TestDress: however a table is dressed, its values are the same.
func TestDress(t *testing.T) {
	const want = "[label a b] [[1 2] [0.5 -1250] [3 0.25]]"
	for name, content := range map[string]string{
		"commas":                "label,a,b\n1,0.5,3\n2,-1250,0.25\n",
		"no final end":          "label,a,b\r\n1,0.5,3\r\n2,-1250,0.25",
		"carriage returns":      "label,a,b\r1,0.5,3\r2,-1250,0.25\r",
		"both, empty lines":     "\r\nlabel,a,b\r\n\r\n1,0.5,3\r\n   \r\n2,-1250,0.25\r\n\r\n",
		"tabs":                  "label\ta\tb\n1\t0.5\t3\n2\t-1250\t0.25\n",
		"tabs, decimal commas":  "label\ta\tb\n1\t0,5\t3\n2\t-1250\t0,25\n",
		"semicolons, points":    "label;a;b\n1;0.5;3\n2;-1.25e3;0.25\n",
		"semicolons, commas":    "label;a;b\n1;0,5;3\n2;-1,25E3;0,25\n",
		"quoted commas":         "\"label\";\"a\";\"b\"\n\"1\";\"0,5\";\"3\"\n\"2\";\"-1250\";\"0,25\"\n",
		"bars":                  "label|a|b\n1|.5|3.\n2|-1250|0.25\n",
		"mark before quotes":    "\ufeff\"label\",\"a\",\"b\"\n\"1\",\"5e-1\",\"3\"\n\"2\",\"-1250\",\"0.25\"\n",
		"UTF-16":                wide("label\ta\tb\r\n1\t0.5\t3\r\n2\t-1250\t0.25\r\n"),
		"comments":              "# run 3, seed 4\n#\n\nlabel,a,b\n1,0.5,3\n2,-1250,0.25\n",
		"comments within":       "# run 3\nlabel,a,b\n1,0.5,3\n#half, \"way\n2,-1250,0.25\n# end",
		"a comment at the end":  "label,a,b\n1,0.5,3\n2,-1250,0.25\n# 2 rows\n",
		"blanks":                " label , a,\t\"b\" \n 1 , 0.5,3\n2,\t-1250,\"0.25\" \n",
		"Excel's separator":     "sep=;\nlabel;a;b\n1;0,5;3\n2;-1250;0,25\n",
		"signs":                 "label,a,b\n+1,+0.5,+3\n2,-1250,+0.25\n",
		"integers as fractions": "label,a,b\n1.0,0.5,3\n2.0,-1250.00,0.25\n",
	} {
		got, err := readTable(content, "m.csv", "iff")
		if err != nil || fmt.Sprint(got.names, got.numbers) != want {
			t.Errorf("%s: %v %v, %v", name, got.names, got.numbers, err)
		}
	}
}

// TestCut: a file cut anywhere below its header is refused, or holds whole rows.
func TestCut(t *testing.T) {
	const whole = "label,a,b\n1,0.51,3.25\n12,-1250,0.25\n1,0.5,0.75\n"
	for n := strings.Index(whole, "\n") + 1; n < len(whole); n++ {
		got, err := readTable(whole[:n], "m.csv", "iff")
		if rows := max(strings.Count(whole[:n], "\n")-1, 0); err == nil && (whole[n-1] != '\n' || len(got.numbers[0]) != rows) {
			t.Errorf("%q was read: %v", whole[:n], got.numbers)
		}
	}
}

// TestLists: a list in a cell is a vector, as programs print it.
func TestLists(t *testing.T) {
	for name, cells := range map[string][2]string{
		"list":       {`"[0.5, -1.0]"`, `"[2,3e-1]"`},
		"numpy":      {"[ 0.5 -1. ]", "\"[ 2.\n  0.3]\""},
		"torch":      {`"tensor([ 0.5000, -1.0000])"`, `"tensor([2.0, 0.3], device='cuda:0')"`},
		"array":      {`"array([0.5, -1.])"`, `"np.array([2., 0.3], dtype=float32)"`},
		"numpy 2":    {`"[np.float32(0.5), np.float32(-1.0)]"`, `"[np.float64(2.0), np.float64(0.3)]"`},
		"semicolons": {"[0.5; -1]", "[2; 0.3]"},
		"tuples":     {`"(0.5, -1)"`, `"(2.0, 0.3)"`},
	} {
		got, err := readTable("label,logits\n0,"+cells[0]+"\n1,"+cells[1]+"\n", "m.csv", "iv")
		if err != nil || fmt.Sprint(got.numbers) != "[[0 1] [0.5 -1 2 0.3]]" {
			t.Errorf("%s: %v, %v", name, got.numbers, err)
		}
	}
	got, err := readTable("label;logits\n0,5;[0.5, -inf]\n1,5;[nan, 2]\n", "m.csv", "fv")
	if err != nil || len(got.numbers[1]) != 4 || !math.IsInf(got.numbers[1][1], -1) || !math.IsNaN(got.numbers[1][2]) {
		t.Errorf("%v, %v", got.numbers, err)
	}
}

// TestRefuses: what cannot be understood is refused with its place and what to do.
func TestRefuses(t *testing.T) {
	long := strings.Repeat("1,0.5\n", 200)
	for _, c := range []struct{ content, kinds, want string }{
		{"", "", "the file is empty"},
		{"\ufeff\n\n# nothing\n", "", "the file is empty"},
		{"1,0.5\n2,0.6\n", "", "line 1: the first line holds numbers, so the header with the columns' names is missing"},
		{"# label,a\n1,0.5\n", "", "line 2: the first line holds numbers"},
		{"cat,0.5\ndog,0.6\n", "", "header with the columns' names is missing"},
		{"1.5e+00 -2.0e+00\n1.0e+00 0.0e+00\n", "", "numbers separated by blanks"},
		{"0;0,5\n", "", "the header with the columns' names is missing"},
		{"a,b\n1,2\n1\n", "", "line 3: 1 cells where the header has 2"},
		{"a,b\n1,2,3\n", "", "line 2: 3 cells where the header has 2"},
		{"a,b\n\"x\ny\",2\n\n\"\"\"\n\",2\n1\n", "", "line 7: 1 cells"},
		{"a,b\n" + long + "1\n", "if", "line 202: 1 cells"},
		{"a,b\n" + long + "1,2,3\n", "if", "line 202: 3 cells"},
		{"a,b\n" + long + "1,\"x\n", "if", "line 202: a cell begins with a quote (\") that never ends"},
		{"a,b\n1,\"x\"y\n", "", "line 2: text after the quote"},
		{"a,b\n1,x\"y\n", "", "line 2: a quote (\") inside a cell"},
		{"a,b\n" + long + "1,\n", "if", `column "b": line 202: is empty`},
		{"a,b\n" + long + "cat,1\n", "if", `column "a": line 202: "cat" is no integer`},
		{"a,b\n" + long + "1.5,1\n", "if", `column "a": line 202: "1.5" is no integer`},
		{"a,b\n" + long + "1,NA\n", "if", `column "b": line 202: "NA" is no number`},
		{"a,b\n1,\"2,636.54\"\n", "if", `column "b": line 2: "2,636.54" is no number: its comma separates thousands`},
		{"a,b\n1,\"0,9\"\n", "if", "or is a decimal comma"},
		{"a;b\n1;2.636,54\n", "if", `column "b": line 2: "2.636,54" is no number: its comma`},
		{"a;b\n1;2,636\n", "if", `column "b": line 2: "2,636" may have a decimal comma or separate thousands`},
		{"a;b\n1;0,5\n1;0.5\n", "if", `column "b": line 3: "0.5" has a decimal point, but numbers before it have a decimal comma`},
		{"a;b\n1;0.5\n1;0,5\n", "if", `line 3: "0,5" has a decimal comma, but numbers before it have a decimal point`},
		{"label a\n1 0.5\n2 0.6\n", "", "columns are separated by blanks"},
		{"a;b\n1;87,08 %\n", "if", `column "b": line 2: "87,08 %" is a percentage (%)`},
		{"a,b\n1,87.08%\n", "if", `column "b": line 2: "87.08%" is a percentage (%)`},
		{"a,b\n1,[0.5 ... 0.7]\n", "iv", `column "b": line 2: the list has ... in place of numbers`},
		{"a,b\n1,\"[0.5, 0.6]\"\n2,\"[0.5]\"\n", "iv", `column "b": line 3: 1 values where the rows before have 2`},
		{"a,b\n1,\"[0.5, x]\"\n", "iv", `"x" in the list is no number`},
		{"a,b\n1,\"[[0.5, 2]]\"\n", "iv", `a list of lists`},
		{"a,b\n1,\"[0.5, 2]\"\n2,7\n", "iv", `"7" is no list of numbers`},
		{"a,b\n1,[0.5, 2]\n", "", `3 cells where the header has 2`},
		{"a;b\n1;[0,5, 2,0]\n", "iv", `may have decimal commas`},
		{"a;b\n1;[-0,5 2,0]\n", "iv", `may have decimal commas`},
		{"a,b\n#7\n", "", "line 2: 1 cells"},
		{"a;b\n0,5;[1,5, 2]\n", "fv", `decimal commas or commas between integers`},
		{"a,b\n1,maybe\n", "ib", `"maybe" is neither 0 nor 1`},
	} {
		got, err := readTable(c.content, "m.csv", c.kinds)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: %v, %v; want %q", c.content, got.numbers, err, c.want)
		}
	}
	if _, err := readTable("a"+strings.Repeat(",a", maxColumns)+"\n", "m.csv", ""); err == nil || !strings.Contains(err.Error(), "more than 1000000 columns") {
		t.Errorf("a million columns: %v", err)
	}
	if _, err := readTable("a,b\n1,\""+strings.Repeat("x", 70<<20), "m.csv", "it"); err == nil || !strings.Contains(err.Error(), "line 2: a row is longer than 64 MB") {
		t.Errorf("a quote that never ends: %v", err)
	}
}

// TestProse: files of text that are no tables are told apart from tables with faults.
func TestProse(t *testing.T) {
	for _, content := range []string{"0\n1\n2\n", "1.0 2.0\n", "We trained, as said,\nfor a day\n"} {
		if _, err := readTable(content, "notes.txt", ""); !errors.Is(err, column.ErrNoTable) {
			t.Errorf("%q: %v", content, err)
		}
		if _, err := readTable(content, "m.csv", ""); err == nil || errors.Is(err, column.ErrNoTable) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// TestFieldsOfCells: fractions, lists and the index of pandas are known before a column
// is asked for.
func TestFieldsOfCells(t *testing.T) {
	content := "Unnamed: 0,label,big,score,logits,site\n0,3.0,12345678901234567890,0,\"[1, 2]\",x\n1,2.0,1,0.5,\"[3, 4]\",7\n"
	r, err := open(content)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []column.Kind
	for _, f := range r.Fields() {
		kinds = append(kinds, f.Kind)
	}
	if !slices.Equal(kinds, []column.Kind{column.Other, column.Float64, column.Untyped, column.Float64, column.Vector64, column.Untyped}) || r.Fields()[4].Width != 2 {
		t.Errorf("%v", r.Fields())
	}
}

// TestLinesAndNotes: rows know their lines, and what was understood in a way that is not
// obvious is said.
func TestLinesAndNotes(t *testing.T) {
	got, err := readTable("# c\n\nn;a;g\n\"x\ny\";0,5;Z\xfcrich\n\n\"\r\";1,5;Z\xf6rich\n", "m.csv", "tft")
	if err != nil || fmt.Sprint(got.lines) != "[4 7]" || fmt.Sprintf("%q", got.texts) != `["x\ny" "\r" "Z\\xfcrich" "Z\\xf6rich"]` {
		t.Errorf("lines %v, texts %q, %v", got.lines, got.texts, err)
	}
	if notes := strings.Join(got.notes, "; "); !strings.Contains(notes, "decimal commas") || !strings.Contains(notes, "not UTF-8") {
		t.Errorf("notes %q", notes)
	}
}

// TestBlocks: rows that lie across the ends of blocks are read whole, also if a cell in
// quotes is longer than a block.
func TestBlocks(t *testing.T) {
	var content strings.Builder
	content.WriteString("i,n,f\n")
	line := 2
	var lines []int
	for i := range 3000 {
		size := i % 300
		if i == 1500 {
			size = 1 << 20
		}
		fmt.Fprintf(&content, "%d,\"%s\"\"\n\",%d.5\n", i, strings.Repeat("x", size), i)
		lines = append(lines, line)
		line += 2
	}
	got, err := readTable(content.String(), "m.csv", "itf")
	if err != nil || !slices.Equal(got.lines, lines) {
		t.Fatalf("%v", err)
	}
	for i := range 3000 {
		size := i % 300
		if i == 1500 {
			size = 1 << 20
		}
		if got.numbers[0][i] != float64(i) || got.numbers[2][i] != float64(i)+0.5 || len(got.texts[i]) != size+2 {
			t.Fatalf("row %d is %v, %d bytes, %v", i, got.numbers[0][i], len(got.texts[i]), got.numbers[2][i])
		}
	}
}
