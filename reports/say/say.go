// Package say puts boards, comparisons and gates into sentences: their notes,
// claims and tests, and how ranks were resolved. In the harness these are typed
// values.
//
// Begin with [Notes] for the footnotes of a board and [Conclusion] for what a
// comparison proves. Tables, captions and files for machines all use this
// package, so that the same claim reads the same everywhere. A test checks that
// every type has a sentence.
//
// The package may import harness and the packages below it, metrics and reports/words.
package say

import (
	"cmp"
	"fmt"
	"strings"

	"abstain/harness/board"
)

// Label is a metric's display name with its operating point: "SAC@0.99".
func Label(m board.Measure) string {
	label := cmp.Or(m.Metric.Label, m.ID)
	if _, at, ok := strings.Cut(m.ID, "@"); ok && m.Metric.Label != "" && !strings.Contains(label, "@") {
		label += "@" + at
	}
	return label
}

// unsaid writes a value that has no sentence.
func unsaid(v any) string { return strings.TrimSpace(fmt.Sprintf("%T %+v", v, v)) }
