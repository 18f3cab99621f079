// Package words has small functions for the wording of errors and notices of the
// harness. Begin with Plural. It imports nothing of this module.
package words

import (
	"fmt"
	"strings"
)

// Plural counts things whose plural ends in s: "1 model", "3 models".
func Plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Shorten lists the first names and counts the rest: "a, b and 3 more".
func Shorten(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
