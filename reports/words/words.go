// Package words writes numbers and lists for use in sentences: counts with their
// noun, shares in percent, values with their interval, p-values, names.
//
// Begin with [Plural] for counts and [List] for names. All sentences of reports,
// reports/say and reports/pictures use these, so that the same number reads the
// same everywhere. The package may import metrics, for the names of confidence
// functions.
package words

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
)

// Plural writes a count of things whose plural ends in s: "1 model", "3 models".
func Plural(n int, what string) string { return Count(n, what, what+"s") }

// Count writes a count of things with any plural: "1 family", "3 families".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Shorten lists the first names and counts the rest: "a, b and 3 more".
func Shorten(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// List writes names as in a sentence: "a, b and c".
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// FirstOf returns the first names, and the number of the others as one further
// name.
func FirstOf(names []string, n int) []string {
	if len(names) <= n {
		return names
	}
	return append(slices.Clone(names[:n]), fmt.Sprintf("%d more", len(names)-n))
}

// Percent writes a share: "95 %".
func Percent(share float64) string { return fmt.Sprintf("%g %%", math.Round(1e4*share)/100) }

// Value writes a number with four decimals, or more if four would hide it.
func Value(v float64) string { return decimals("%.*f", v) }

// Signed is Value with the sign of a change.
func Signed(v float64) string { return decimals("%+.*f", v) }

func decimals(format string, v float64) string {
	switch {
	case math.IsNaN(v):
		return "undefined"
	case v == 0:
		return "0"
	}
	d := 4
	for a := math.Abs(v); a > 0 && a < 0.001 && d < 7; a *= 10 {
		d++
	}
	return Minus(fmt.Sprintf(format, d, v))
}

// Between writes an interval: "[0.1000, 0.2000]".
func Between(lo, hi float64) string { return "[" + Value(lo) + ", " + Value(hi) + "]" }

// BetweenSigned writes the interval of a change: "[−0.1000, +0.2000]".
func BetweenSigned(lo, hi float64) string { return "[" + Signed(lo) + ", " + Signed(hi) + "]" }

// Correlation writes a correlation with its interval: "0.91 [0.90, 0.92]".
func Correlation(r, lo, hi float64) string {
	return Minus(fmt.Sprintf("%.2f", r)) + fmt.Sprintf(" [%s, %s]", Minus(fmt.Sprintf("%.2f", lo)), Minus(fmt.Sprintf("%.2f", hi)))
}

// Capital makes the first letter of a sentence a capital, unless the sentence
// begins with a name: a word with unusual characters, or a confidence function.
func Capital(s string) string {
	first, _, _ := strings.Cut(s, " ")
	if first == "" || strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") != "" ||
		slices.ContainsFunc(metrics.ConfidenceFunctions(), func(f metrics.Function) bool { return f.Name == first }) {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
