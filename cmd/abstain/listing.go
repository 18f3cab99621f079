package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// listing aligns columns that are separated by tabs; where the width is limited, the last column
// is broken into lines, under its own beginning or, if there is no room, indented on the next.
type listing struct {
	*tabwriter.Writer
	aligned bytes.Buffer
	to      io.Writer
	width   int // 0 if there is no limit
}

func newListing(to io.Writer, width int) *listing {
	l := &listing{to: to, width: width}
	l.Writer = tabwriter.NewWriter(&l.aligned, 0, 0, 2, ' ', 0)
	return l
}

// Flush prints what was listed.
func (l *listing) Flush() error {
	if err := l.Writer.Flush(); err != nil {
		return err
	}
	if l.width <= 0 {
		_, err := l.aligned.WriteTo(l.to)
		return err
	}
	for line := range strings.Lines(l.aligned.String()) {
		for _, part := range folded(strings.TrimRight(line, " \n"), l.width) {
			if _, err := fmt.Fprintln(l.to, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// roomLeast is the least width of a last column that is broken beside the others.
const roomLeast = 24

// folded breaks a line of columns that is wider than the limit.
func folded(line string, limit int) []string {
	if limit <= 0 || utf8.RuneCountInString(line) <= limit {
		return []string{line}
	}
	line = strings.TrimRight(line, " ")
	at := strings.LastIndex(line, "  ") + len("  ")
	if at < len("  ") {
		at = 0
	}
	indent := utf8.RuneCountInString(line[:at])
	head, rest := line[:at], line[at:]
	var parts []string
	if at > 0 && limit-indent < roomLeast {
		parts, head, indent = []string{strings.TrimRight(head, " ")}, "    ", 4
	}
	for i, text := range filled(rest, limit-indent) {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		parts = append(parts, head+text)
	}
	return parts
}

// filled breaks a text at blanks into lines of at most so many columns, as far as words allow.
func filled(text string, limit int) []string {
	var lines []string
	now := ""
	for _, word := range strings.Fields(text) {
		switch {
		case now == "":
			now = word
		case utf8.RuneCountInString(now)+1+utf8.RuneCountInString(word) > limit:
			lines, now = append(lines, now), word
		default:
			now += " " + word
		}
	}
	return append(lines, now)
}
