package datasets

import (
	"cmp"
	"strconv"
	"strings"
)

// Len is the number of ids; 0 if the row number identifies the sample.
func (ids IDs) Len() int { return max(len(ids.Int), len(ids.Text)) }

// Present is the ids with nil for the kind that there are none of.
func (ids IDs) Present() IDs {
	switch {
	case len(ids.Int) > 0:
		return IDs{Int: ids.Int}
	case len(ids.Text) > 0:
		return IDs{Text: ids.Text}
	}
	return IDs{}
}

// Canonical returns the ids as integers if they are texts of one prefix and a
// number, so that "t10k-01234" of one table and 1234 of another are the same
// sample. Texts that differ in more than the number, that have no digits at the
// end, or of which two would become one integer are returned as they are. It looks
// at all ids of a table: call it on whole columns, not on batches.
func (ids IDs) Canonical() IDs {
	if len(ids.Text) == 0 {
		return ids
	}
	prefix := strings.TrimRight(ids.Text[0], "0123456789")
	numbers := make([]int64, len(ids.Text))
	for i, t := range ids.Text {
		n, ok := number(t, prefix)
		if !ok {
			return ids
		}
		numbers[i] = n
	}
	if !rising(numbers) && merged(numbers, ids.Text) {
		return ids
	}
	return IDs{Int: numbers}
}

// merged reports whether two texts have become one number.
func merged(numbers []int64, texts []string) bool {
	spelling := make(map[int64]string, len(numbers))
	for i, n := range numbers {
		if other, known := spelling[n]; known && other != texts[i] {
			return true
		}
		spelling[n] = texts[i]
	}
	return false
}

// number reads the digits that follow the prefix to the end of the text.
func number(text, prefix string) (int64, bool) {
	digits, ok := strings.CutPrefix(text, prefix)
	if !ok || digits == "" || digits[0] < '0' || digits[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// Duplicate finds the first row whose id stands in an earlier row, first.
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

// Rising reports whether each id is above the one before, as without ids.
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
