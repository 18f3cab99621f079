package array

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
	"abstain/datasets/internal/sourcetest"
)

var (
	float32s = Type{Kind: Float, Size: 4, Word: "float32"}
	int8s    = Type{Kind: Int, Size: 1, Word: "int8"}
	texts    = Type{Kind: Bytes, Size: 1, Word: "text"}
)

// with makes a source of arrays of zeros, given as "name type rows [width]".
func with(t *testing.T, list ...string) *Source {
	t.Helper()
	var arrays []Array
	f, err := mapping.Open(bytes.NewReader(make([]byte, 1000)), 1000, mapping.From)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range list {
		a := Array{Body: Body{File: f}}
		var code string
		var rows, width int64
		if n, _ := fmt.Sscan(line, &a.Name, &code, &rows, &width); n == 4 {
			a.Shape = []int64{rows, width}
		} else {
			a.Shape = []int64{rows}
		}
		a.Type = map[string]Type{"f": float32s, "i": int8s, "t": texts}[code]
		if a.Body.Length, err = Fits(a.Shape, a.Type.Size); err != nil {
			t.Fatal(err)
		}
		arrays = append(arrays, a)
	}
	s, err := New([]*mapping.File{f}, arrays, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// shown lists fields, those that are no columns in brackets.
func shown(s *Source) string {
	var list []string
	for _, f := range s.Fields() {
		if f.Kind == column.Other {
			f.Name = "(" + f.Name + ")"
		}
		list = append(list, f.Name)
	}
	return strings.Join(list, " ")
}

// Names that begin or end with a split make sections.
func TestSections(t *testing.T) {
	for _, c := range []struct {
		arrays []string
		want   string // of each section: name, metadata, fields
	}{
		{[]string{"logits f 5 3", "labels i 5"}, ""},
		{[]string{"val_logits f 4 3", "val_labels i 4", "test_logits f 5 3", "test_labels i 5"},
			"val [{split val}] logits labels; test [{split test}] logits labels"},
		{[]string{"logits-Test f 5 3", "y.test i 5", "train/logits f 4 3", "train/y i 4", "train/w i 3"},
			"test [{split test}] logits y; train [{split train}] logits y (w)"},
		{[]string{"valid_logits f 4 3", "valid_labels i 4", "classes t 3", "epoch i 1"}, "val [{split val}] logits labels"},
		{[]string{"val_logits f 4 3", "valid_logits f 4 3"}, "val [{split val}] logits; valid [{split valid}] logits"},
		{[]string{"logits f 5 3", "labels i 5", "val_logits f 4 3", "val_labels i 4"},
			"main [] logits labels; val [{split val}] logits labels"},
		{[]string{"logits f 5 3", "labels i 5", "val_loss f 7", "test i 1"}, ""},
		{[]string{"pred_val i 4", "conf_val f 4", "pred_cal i 5", "conf_cal f 5"},
			"val [{split val}] pred conf; calib [{split calib}] pred conf"},
	} {
		s := with(t, c.arrays...)
		var got []string
		for _, x := range s.Sections() {
			if err := s.Enter(x.Name); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(x.Name, " ", x.Meta, " ", shown(s)))
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%v: %s, want %s", c.arrays, strings.Join(got, "; "), c.want)
		}
	}
	s := with(t, "val_logits f 4 3", "val_labels i 4", "test_logits f 5 3", "test_labels i 5")
	if got := shown(s); got != "val_logits val_labels test_logits test_labels" {
		t.Errorf("without a section: %s", got)
	}
	if err := s.Enter("dev"); err == nil {
		t.Error("a section that is none was entered")
	}
	err := s.Select([]column.Want{{Field: 0, Kind: column.Vector32}, {Field: 3, Kind: column.Int}})
	if err == nil || err.Error() != `column "test_labels": has 5 rows (5) where "val_logits" has 4 (4 x 3)` {
		t.Errorf("error %v", err)
	}
}

// Arrays of another length than the table's are no columns, and say so.
func TestLengths(t *testing.T) {
	for _, c := range []struct {
		arrays []string
		want   string
	}{
		{[]string{"logits f 50 3", "labels i 52"}, "logits (labels)"},
		{[]string{"logits f 50 3", "labels i 52", "ids i 52"}, "logits (labels) (ids)"},
		{[]string{"logits f 50 3", "labels i 50", "prototypes f 3 20"}, "logits labels (prototypes)"},
		{[]string{"pred i 50", "conf f 50", "label i 52"}, "pred conf (label)"},
		{[]string{"pred i 50", "label i 52"}, "pred label"}, // either may be wrong
		{[]string{"logits f 50 3", "probs f 50 3", "labels i 50", "counts i 3"}, "logits probs labels (counts)"},
	} {
		if got := shown(with(t, c.arrays...)); got != c.want {
			t.Errorf("%v: %s, want %s", c.arrays, got, c.want)
		}
	}
	f := with(t, "logits f 50 3", "labels i 52").Fields()
	if f[1].Stored != "int8 with 52 rows where logits has 50" || f[0].Rows != 50 || f[0].Width != 3 {
		t.Errorf("fields %+v", f)
	}
}

// A list of class names is metadata, not a column.
func TestClasses(t *testing.T) {
	zeros := `["","",""]`
	for _, c := range []struct {
		arrays []string
		want   string
		meta   []column.Pair
	}{
		{[]string{"logits f 5 3", "Class-Names t 3"}, "logits", []column.Pair{{Key: "classes", Value: zeros}}},
		{[]string{"logits f 3 3", "classes t 3"}, "logits", []column.Pair{{Key: "classes", Value: zeros}}},
		{[]string{"logits f 5 3", "classes t 5"}, "logits classes", nil},
		{[]string{"logits f 5 3", "names t 4"}, "logits (names)", nil},
		{[]string{"logits f 5 3", "sites t 3"}, "logits (sites)", nil},
		{[]string{"pred i 5", "conf f 5", "classes t 3"}, "pred conf", []column.Pair{{Key: "classes", Value: zeros}}},
		{[]string{"pred i 5", "conf f 5", "names t 5"}, "pred conf names", nil},
	} {
		s := with(t, c.arrays...)
		if got := shown(s); got != c.want || !reflect.DeepEqual(s.Meta(), c.meta) {
			t.Errorf("%v: %s %v, want %s %v", c.arrays, got, s.Meta(), c.want, c.meta)
		}
	}
}

// Integers of several values a row become floats, all of the same value, or an error.
func TestIntegersAsVectors(t *testing.T) {
	wide := []byte{0, 0, 0, 0, 0, 0, 0x20, 0, 1, 0, 0, 0, 0, 0, 0x20, 0} // 2^53 and 2^53+1
	for _, c := range []struct {
		typ  Type
		raw  []byte
		want string
	}{
		{Type{Kind: Int, Size: 1}, []byte{0xff, 2}, "list of float32 [-1 2]"},
		{Type{Kind: Uint, Size: 2}, []byte{0xff, 0xff, 2, 0}, "list of float32 [65535 2]"},
		{Type{Kind: Int, Size: 4}, []byte{0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0}, "list of float64 [-1 2]"},
		{Type{Kind: Bool, Size: 1}, []byte{0, 7}, "list of float32 [0 1]"},
		{Type{Kind: BFloat, Size: 2}, []byte{0x80, 0x3f, 0x80, 0xff}, "list of float32 [1 -Inf]"},
		{Type{Kind: Int, Size: 8}, wide, `column "x": row 0: 9007199254740992 is too large for a value of a class vector`},
	} {
		f, err := mapping.Open(bytes.NewReader(c.raw), int64(len(c.raw)), mapping.From)
		if err != nil {
			t.Fatal(err)
		}
		s, err := New([]*mapping.File{f}, []Array{{Name: "x", Type: c.typ, Shape: []int64{1, 2}, Body: Body{File: f,
			Length: int64(len(c.raw))}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if v, err := sourcetest.Read(s, 0); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(v[0].Kind, " ", decimal(t, v[0].Cells))
		}
		if got != c.want && !strings.Contains(c.want, got) {
			t.Errorf("%v: %s, want %s", c.typ, got, c.want)
		}
		s.Close()
	}
}

func decimal(t *testing.T, cells []string) []float64 {
	t.Helper()
	var list []float64
	for _, c := range cells {
		var v float64
		if _, err := fmt.Sscanf(c, "%g", &v); err != nil {
			v = math.Inf(strings.Index(c, "+")) // "-Inf" has none
		}
		list = append(list, v)
	}
	return list
}

// Integers beyond those with sign are an error that names the row.
func TestTooLarge(t *testing.T) {
	raw := bytes.Repeat([]byte{0xff}, 8)
	f, err := mapping.Open(bytes.NewReader(raw), 8, mapping.From)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New([]*mapping.File{f}, []Array{{Name: "x", Type: Type{Kind: Uint, Size: 8}, Shape: []int64{1},
		Body: Body{File: f, Length: 8}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := sourcetest.Read(s, 0); err == nil || !strings.Contains(err.Error(),
		`column "x": row 0: 18446744073709551615 does not fit`) {
		t.Errorf("error %v", err)
	}
}

// NaT is a missing value, and a time beyond what 64 bits of nanoseconds reach an error.
func TestMoments(t *testing.T) {
	raw := []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40} // 1, NaT, 2^62
	hours := Type{Kind: Moment, Size: 8, Unit: time.Second, Units: 3600}
	for rows, want := range map[int64]string{
		2: "[1970-01-01T01:00:00 ] [false true]",
		3: `column "x": row 2: 4611686018427387904 is no date`,
	} {
		f, err := mapping.Open(bytes.NewReader(raw), 8*rows, mapping.From)
		if err != nil {
			t.Fatal(err)
		}
		a := Array{Name: "x", Type: hours, Shape: []int64{rows}, Body: Body{File: f, Length: 8 * rows}}
		s, err := New([]*mapping.File{f}, []Array{a}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Select([]column.Want{{Field: 0, Kind: column.Moment}}); err != nil {
			t.Fatal(err)
		}
		got := ""
		if c, err := s.Next(); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprint(c.Columns[0].Text, " ", c.Columns[0].Null)
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%d rows: %s, want %s", rows, got, want)
		}
		s.Close()
	}
}
