// Package spelling finds the id that a user probably meant. Begin with Nearest.
// It imports the standard library only.
package spelling

import (
	"math"
	"strings"
)

// Nearest is the id with the fewest edits from name: the first of several, or ""
// if there are no ids. The initials of an id count as the id: tpr is
// true-positive-rate.
func Nearest(name string, ids []string) string {
	best, least := "", math.MaxInt
	for _, id := range ids {
		if d := min(edits(name, id), edits(name, initials(id))); d < least {
			best, least = id, d
		}
	}
	return best
}

// initials abbreviates an id of several words.
func initials(id string) string {
	words := strings.Split(id, "-")
	if len(words) < 2 {
		return id
	}
	var b strings.Builder
	for _, w := range words {
		b.WriteByte(w[0])
	}
	return b.String()
}

// edits is the number of single-byte insertions, deletions and replacements
// from a to b (Levenshtein). Long inputs are no misspelt ids and are cut.
func edits(a, b string) int {
	const longest = 64
	if len(a) > longest {
		a = a[:longest]
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0]++
		for j := range len(b) {
			cost := diagonal + 1
			if a[i] == b[j] {
				cost = diagonal
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
