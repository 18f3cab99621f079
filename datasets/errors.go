package datasets

import (
	"fmt"
	"strings"
)

// Error is a problem with a prediction table: where it is and what to do.
type Error struct {
	Table  string // path as the user wrote it
	Column string // "" if no single column is at fault
	Row    int    // zero-based row of the table; -1 if no single row is at fault
	Line   int    // of the file, counted from 1, if the table is written as text; 0 if unknown
	Err    error
	Hint   string // what to do; may be ""
}

// Error renders "table: column "c": row r: problem", or "line l" in place of the row.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Table)
	if e.Column != "" {
		fmt.Fprintf(&b, ": column %q", e.Column)
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, ": line %d", e.Line)
	} else if e.Row >= 0 {
		fmt.Fprintf(&b, ": row %d", e.Row)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }
