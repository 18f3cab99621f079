package datasets

import (
	"cmp"
	"slices"
	"testing"
)

// Texts become integers only if the spelling of each follows from its integer.
func TestCanonical(t *testing.T) {
	for _, c := range []struct {
		text   []string
		want   []int64 // nil: unchanged
		prefix string
		width  int
	}{
		{[]string{"t10k-01234", "t10k-00007"}, []int64{1234, 7}, "t10k-", 5},
		{[]string{"val_8", "val_11"}, []int64{8, 11}, "val_", 0},
		{[]string{"img08", "img11", "img100"}, []int64{8, 11, 100}, "img", 2},
		{[]string{"12", "7"}, []int64{12, 7}, "", 0},
		{[]string{"-12", "0", "7"}, []int64{-12, 0, 7}, "", 0},
		{[]string{"0012", "0007"}, []int64{12, 7}, "", 4},
		{[]string{"007", "7"}, nil, "", 0},
		{[]string{"7", "07"}, nil, "", 0},
		{[]string{"1", "01", "2"}, nil, "", 0},
		{[]string{"10", "007"}, nil, "", 0},
		{[]string{"a1", "b2"}, nil, "", 0},
		{[]string{"a1", "a01"}, nil, "", 0},
		{[]string{"a1", "a1"}, []int64{1, 1}, "a", 0},
		{[]string{"cat", "dog"}, nil, "", 0},
		{[]string{"a-1", "a--1"}, nil, "", 0},
		{[]string{"a99999999999999999999"}, nil, "", 0},
		{[]string{"1.5", "1.25"}, []int64{5, 25}, "1.", 0},
		{[]string{"+1", "+2"}, []int64{1, 2}, "+", 0},
		{nil, nil, "", 0},
	} {
		got := IDs{Text: c.text}.Canonical()
		if c.want == nil && !slices.Equal(got.Text, c.text) || c.want != nil && got.Text != nil ||
			!slices.Equal(got.Int, c.want) || got.Prefix != c.prefix || got.Width != c.width {
			t.Errorf("%q: %+v, want %v behind %q to %d digits", c.text, got, c.want, c.prefix, c.width)
		}
		for i, text := range c.text {
			if got.Name(i) != text {
				t.Errorf("%q: written as %q", text, got.Name(i))
			}
		}
	}
}

func FuzzCanonical(f *testing.F) {
	f.Add("val_01", "val_2", "val_10")
	f.Add("-0", "00", "7")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		text := []string{a, b, c}
		got := IDs{Text: text}.Canonical()
		for i := range text {
			if got.Name(i) != text[i] {
				t.Fatalf("%q: written as %q", text[i], got.Name(i))
			}
		}
	})
}

func TestDuplicates(t *testing.T) {
	if row, first, found := (IDs{Int: []int64{3, 1, 2, 1, 3}}).Duplicate(); row != 3 || first != 1 || !found {
		t.Errorf("duplicate in row %d of row %d, %v", row, first, found)
	}
	if row, first, found := (IDs{Text: []string{"a", "b", "a"}}).Duplicate(); row != 2 || first != 0 || !found {
		t.Errorf("duplicate in row %d of row %d, %v", row, first, found)
	}
	if _, _, found := (IDs{Int: []int64{1, 2}}).Duplicate(); found {
		t.Error("a duplicate where there is none")
	}
}

// Ids of two tables match as they are written; a prefix is ignored only if the other
// table's ids are plain.
func TestMatch(t *testing.T) {
	for _, c := range []struct {
		a, b []string
		want []string // of a, that are in b
	}{
		{[]string{"val_0000", "val_0001"}, []string{"test_0000", "test_0001"}, nil},
		{[]string{"val_0001", "val_0002"}, []string{"1", "2", "3"}, []string{"val_0001", "val_0002"}},
		{[]string{"1", "2"}, []string{"t10k-00001", "t10k-00003"}, []string{"1"}},
		{[]string{"val_01", "val_02"}, []string{"val_1", "val_2"}, nil},
		{[]string{"val_09", "val_10"}, []string{"val_9", "val_10"}, []string{"val_10"}},
		{[]string{"01", "02"}, []string{"1", "2"}, nil},
		{[]string{"007", "7"}, []string{"07", "7"}, []string{"7"}},
		{[]string{"1", "01", "2"}, []string{"01", "1", "2"}, []string{"01", "1", "2"}},
		{[]string{"n02/img_a.JPEG", "n03/img_b.JPEG"}, []string{"n02/img_a.JPEG", "n05/img_d.JPEG"}, []string{"n02/img_a.JPEG"}},
		{nil, []string{"0", "2"}, []string{"0", "2"}}, // rows
	} {
		a, b := inOrder(c.a), inOrder(c.b)
		n := a.Len()
		if c.a == nil {
			n = 3
		}
		var got []string
		for i, k := 0, 0; i < n && k < b.Len(); {
			switch d := a.Compare(i, b, k); {
			case d != -b.Compare(k, a, i):
				t.Fatalf("%q, %q: compared both ways %d and %d", a.Name(i), b.Name(k), d, b.Compare(k, a, i))
			case d < 0:
				i++
			case d > 0:
				k++
			default:
				got = append(got, a.Name(i))
				i, k = i+1, k+1
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q in %q: %q, want %q", c.a, c.b, got, c.want)
		}
	}
}

func TestUnprefixed(t *testing.T) {
	for text, want := range map[string]string{"val_007": "7", "007": "007", "7": "7", "cat": "cat"} {
		if got := (IDs{Text: []string{text}}).Canonical().Unprefixed().Name(0); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// inOrder are the ids as a table's outcomes have them.
func inOrder(text []string) IDs {
	ids := IDs{Text: text}.Canonical()
	rows := make([]int32, ids.Len())
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortFunc(rows, func(a, b int32) int {
		if ids.Int != nil {
			return cmp.Compare(ids.Int[a], ids.Int[b])
		}
		return cmp.Compare(ids.Text[a], ids.Text[b])
	})
	return ids.Take(rows)
}
