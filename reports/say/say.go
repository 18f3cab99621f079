// Package say puts boards, comparisons and gates into sentences: their notes,
// claims and tests, and how ranks were resolved. In the harness these are typed
// values.
//
// Begin with [Notes] for the footnotes of a board and [Conclusion] for what a
// comparison proves. Tables, captions and files for machines all use this
// package, so that the same claim reads the same everywhere. A test checks that
// every type has a sentence.
//
// The package may import harness/board, harness/compare, harness/gate and
// reports/words.
package say

import (
	"fmt"
	"strings"
)

// unsaid writes a value of which nothing here knows the words.
func unsaid(v any) string { return strings.TrimSpace(fmt.Sprintf("%T %+v", v, v)) }
