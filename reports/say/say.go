// Package say says in sentences what boards, comparisons and gates hold as typed
// values: notes, claims, tests, how ranks were resolved.
//
// Begin with [Notes] for the footnotes of a board and [Conclusion] for what a
// comparison proves. The same claim reads the same in a table, a caption and a
// machine's file, since all of them ask here. A test demands words for every type.
//
// Imports: harness/board, harness/compare, harness/gate and reports/words.
package say

import (
	"fmt"
	"strings"
)

// unsaid writes a value of which nothing here knows the words.
func unsaid(v any) string { return strings.TrimSpace(fmt.Sprintf("%T %+v", v, v)) }
