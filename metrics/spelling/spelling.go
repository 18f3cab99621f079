// Package spelling finds the name that a user probably meant: of a metric, a verb, a model, a
// condition. Begin with Near; Meant puts what it finds into a question. It imports the
// standard library only.
package spelling

import (
	"strconv"
	"strings"
	"unicode"
)

// most is how many names a suggestion has.
const most = 3

// Near lists the names that are nearest to the one written, by the number of letters inserted,
// dropped, replaced or swapped with their neighbour: all that are as near as the nearest, three
// at most, in the order of names. Letter case and the characters between words do not count.
// It is nil where no name is near enough to have been meant: up to one such change in two to
// four letters, two in up to eleven, a quarter of the letters of longer names.
func Near(name string, names []string) []string {
	wanted := Fold(name)
	least := limit(wanted)
	var near []string
	for _, candidate := range names {
		d := changes(wanted, Fold(candidate), least)
		if d < least {
			near, least = nil, d
		}
		if d == least && len(near) < most {
			near = append(near, candidate)
		}
	}
	return near
}

// Like is Near, or else the names that contain what was written, if that has three letters.
func Like(name string, names []string) []string {
	near := Near(name, names)
	wanted := Fold(name)
	if near != nil || len(wanted) < 3 {
		return near
	}
	for _, candidate := range names {
		if strings.Contains(Fold(candidate), wanted) && len(near) < most {
			near = append(near, candidate)
		}
	}
	return near
}

// Meant asks for the names that Like finds: `; did you mean "msp"?`. It is "" if there are none.
func Meant(name string, names []string) string {
	near := Like(name, names)
	if near == nil {
		return ""
	}
	for i, n := range near {
		near[i] = strconv.Quote(n)
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// Fold is what is left of a name without letter case and without anything but letters and
// digits: "E-AURC" and "eaurc" are one name.
func Fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// limit is the number of changes by which a name may differ.
func limit(name string) int {
	switch n := len(name); {
	case n < 2:
		return 0
	case n < 5:
		return 1
	case n < 12:
		return 2
	default:
		return n / 4
	}
}

// longest is how many bytes of a name are compared: what is longer is no misspelt name.
const longest = 64

// changes is the number of single-byte insertions, deletions, replacements and swaps of
// neighbours from a to b (optimal string alignment), or any number above limit if it is larger.
func changes(a, b string, limit int) int {
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
