package reports

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"abstain/harness/board"
)

// format writes a leaderboard in one output format.
type format struct {
	name  string
	write func(*bytes.Buffer, *Table)
}

// formats lists all output formats. A new one needs a file with its function, and
// a row here.
var formats = []format{
	{"text", writeText},   // aligned columns for a terminal
	{"csv", writeCSV},     // plain numbers of full precision, one row per model
	{"json", writeJSON},   // an array of rows, numbers as in csv
	{"md", writeMarkdown}, // a pipe table
	{"tex", writeLaTeX},   // a booktabs table, all that may be the best in bold
}

// Formats returns the names that Board and Table.Write accept, in the order in
// which help texts list them.
func Formats() []string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = f.name
	}
	return names
}

// Table is a leaderboard, and the program and command that made it.
type Table struct {
	Board   *board.Board
	Version string // of the program; may be ""
	Command string // the command line, as typed; may be ""
	Letters bool   // show the groups of inseparable models even if there are more than letters

	// Of the format text alone.
	Width   int  // columns of a line; 0 if there is no limit
	Colour  bool // set the models tied with the best in colour
	Verbose bool // say in full how ranks and intervals were made
}

// Board writes a leaderboard in one of the Formats.
//
// It fails if the format is unknown or if w fails. An empty board gives a table
// without rows.
func Board(w io.Writer, b *board.Board, format string) error {
	return Table{Board: b}.Write(w, format)
}

// Write writes the table in one of the Formats. Version and Command are written
// where the format has room for comments (tex).
func (t Table) Write(w io.Writer, format string) error {
	for _, f := range formats {
		if f.name == format {
			var buf bytes.Buffer
			f.write(&buf, &t)
			_, err := w.Write(buf.Bytes())
			return err
		}
	}
	return fmt.Errorf("reports: format %q is unknown: choose one of %s", format, strings.Join(Formats(), ", "))
}
