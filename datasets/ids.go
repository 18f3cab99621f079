package datasets

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Len is the number of ids; 0 if the row number identifies the sample.
func (ids IDs) Len() int { return max(len(ids.Int), len(ids.Text)) }

// Present returns the ids with an empty slice replaced by nil.
func (ids IDs) Present() IDs {
	switch {
	case len(ids.Int) > 0:
		return IDs{Int: ids.Int}
	case len(ids.Text) > 0:
		return IDs{Text: ids.Text}
	}
	return IDs{}
}

// Canonical turns texts into integers if all are written as integers: either
// plainly, or all with one prefix and filled up with zeros to one width, which
// are then kept in Prefix and Width. All other ids are returned as they are.
// Nothing is lost: the same texts always give the same ids, and different texts
// different ids. It must see all ids of a table: call it on whole columns, not on
// batches.
//
// Ids of two tables match as they are written: 7 is not 07, and val_0001 is not
// test_0001. There is one exception, see Alike.
func (ids IDs) Canonical() IDs {
	if len(ids.Text) == 0 {
		return ids
	}
	if numbers := integers(ids.Text); numbers != nil {
		return IDs{Int: numbers}
	}
	prefix := strings.TrimRight(ids.Text[0], "0123456789")
	numbers, width := numbered(ids.Text, prefix)
	if numbers == nil {
		return ids
	}
	return IDs{Int: numbers, Prefix: prefix, Width: width}
}

// integers returns the texts as integers; nil unless all are written plainly,
// without leading zeros.
func integers(texts []string) []int64 {
	numbers := make([]int64, len(texts))
	for i, t := range texts {
		if digits := strings.TrimPrefix(t, "-"); t != "0" && (digits == "" || digits[0] < '1' || digits[0] > '9') {
			return nil
		}
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			return nil
		}
		numbers[i] = n
	}
	return numbers
}

// numbered reads texts that are the prefix and a number. width is how many digits
// the numbers are filled up to; 0 if there are no leading zeros. It returns nil
// if any text is something else, or if the numbers are filled up to different
// widths.
func numbered(texts []string, prefix string) (numbers []int64, width int) {
	numbers = make([]int64, len(texts))
	shortest := math.MaxInt
	for i, t := range texts {
		n, ok := number(t, prefix)
		if !ok {
			return nil, 0
		}
		numbers[i] = n
		digits := len(t) - len(prefix)
		shortest = min(shortest, digits)
		if digits == 1 || t[len(prefix)] != '0' {
			continue
		}
		if width != 0 && width != digits {
			return nil, 0
		}
		width = digits
	}
	if shortest < width {
		return nil, 0
	}
	return numbers, width
}

// number reads the digits after the prefix, up to the end of the text.
func number(text, prefix string) (int64, bool) {
	digits, ok := strings.CutPrefix(text, prefix)
	if !ok || digits == "" || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// Name is the id of sample i as it is written; if there are no ids, its row.
func (ids IDs) Name(i int) string {
	switch {
	case ids.Text != nil:
		return ids.Text[i]
	case ids.Width > 0:
		return fmt.Sprintf("%s%0*d", ids.Prefix, ids.Width, ids.Int[i])
	}
	return ids.Prefix + strconv.FormatInt(ids.number(i), 10)
}

func (ids IDs) number(i int) int64 {
	if ids.Int != nil {
		return ids.Int[i]
	}
	return int64(i)
}

// Plain reports whether the ids are row numbers, or integers without prefix and
// leading zeros.
func (ids IDs) Plain() bool { return ids.Text == nil && ids.Prefix == "" && ids.Width == 0 }

// Alike reports whether equal integers of two tables are the same sample. They
// are if both tables write them in the same way, or if one table has a prefix and
// the other has plain numbers, as t10k-01234 and 1234. In the second case the
// user must be told that the prefix was ignored. Two tables with different
// prefixes do not match, even if both match a third table with plain numbers. The
// ids must be canonical.
func (ids IDs) Alike(other IDs) bool {
	switch {
	case ids.Text != nil || other.Text != nil:
		return false
	case ids.Prefix == other.Prefix && ids.Width == other.Width:
		return true
	}
	return ids.Prefix != "" && other.Plain() || other.Prefix != "" && ids.Plain()
}

// Unprefixed are the ids as plain integers, for where their prefix is ignored; ids
// without a prefix stay as they are.
func (ids IDs) Unprefixed() IDs {
	if ids.Prefix == "" {
		return ids
	}
	return IDs{Int: ids.Int}
}

// Compare compares sample i with sample k of another table, both canonical. It is 0
// if they are the same sample, and goes with the order of integers, or of texts,
// in each of the tables.
func (ids IDs) Compare(i int, other IDs, k int) int {
	if ids.Text != nil || other.Text != nil {
		return cmp.Compare(ids.Name(i), other.Name(k))
	}
	c := cmp.Compare(ids.number(i), other.number(k))
	if c == 0 && !ids.Alike(other) {
		c = cmp.Compare(ids.Name(i), other.Name(k))
	}
	return c
}

// Take returns the ids of the given rows, written in the same way.
func (ids IDs) Take(rows []int32) IDs {
	t := IDs{Prefix: ids.Prefix, Width: ids.Width}
	for _, r := range rows {
		if ids.Int != nil {
			t.Int = append(t.Int, ids.Int[r])
		}
		if ids.Text != nil {
			t.Text = append(t.Text, ids.Text[r])
		}
	}
	return t
}

// Duplicate finds the first row whose id an earlier row, first, already has.
func (ids IDs) Duplicate() (row, first int, found bool) {
	if ids.Int != nil {
		return duplicate(ids.Int)
	}
	return duplicate(ids.Text)
}

func duplicate[T cmp.Ordered](values []T) (row, first int, found bool) {
	if rising(values) {
		return 0, 0, false
	}
	seen := make(map[T]int, len(values))
	for i, v := range values {
		if j, ok := seen[v]; ok {
			return i, j, true
		}
		seen[v] = i
	}
	return 0, 0, false
}

// Rising reports whether each id is above the one before. It is true if there are
// no ids.
func (ids IDs) Rising() bool { return rising(ids.Int) && rising(ids.Text) }

// rising reports whether each value is above the one before.
func rising[T cmp.Ordered](values []T) bool {
	for i := 1; i < len(values); i++ {
		if values[i] <= values[i-1] {
			return false
		}
	}
	return true
}
