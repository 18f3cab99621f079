package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

const (
	peekRows  = 100     // how many rows are looked at to tell what the columns are
	peekBytes = 4 << 20 // at most
)

// errColumns is returned for a row with too many cells.
var errColumns = fmt.Errorf("more than %d columns", int(maxColumns))

// begin reads the header, and what the first rows tell.
func (c *Reader) begin(name string) error {
	prose := strings.HasSuffix(strings.ToLower(text.Unpacked(name)), ".txt")
	err := c.header()
	if err == nil {
		err = c.peek()
	}
	if err != nil && prose { // most files of text are no tables
		err = column.NoTable(err)
	}
	return err
}

// header reads comments and the header.
func (c *Reader) header() error {
	comment, err := c.comments()
	if err != nil {
		return err
	}
	first, err := c.firstLine()
	if err != nil {
		return err
	}
	if m := sepLine.FindSubmatch(first); m != nil { // Excel's own way to tell
		c.dialect.comma = m[1][0]
		n, _ := c.wholeLine(c.buf[c.at:])
		c.at += n
		c.line++
	} else {
		c.dialect.comma = delimiter(first)
	}
	if c.dialect.comma == ',' {
		c.dialect.point = '.'
	}
	c.cells = newParser(c.dialect.comma)
	names, size, lines, err := c.wholeRow()
	if err != nil {
		return err
	}
	if err := c.checkNames(names, comment); err != nil {
		return err
	}
	c.at += size
	c.line += lines
	for _, name := range names {
		if shown := escape([]byte(name)); shown != name {
			name, c.foreign = shown, true
		}
		c.fields = append(c.fields, column.Field{Name: strings.TrimSpace(name), Kind: column.Untyped})
	}
	return nil
}

// comments skips empty lines and lines that begin with #, and returns the last of the
// latter.
func (c *Reader) comments() (last string, err error) {
	for {
		b := c.buf[c.at:]
		n, err := c.emptyLine(b)
		if err == nil && n == 0 {
			if b[0] != '#' {
				return last, nil
			}
			if n, err = c.wholeLine(b); err == nil {
				c.commented = true
				last = strings.TrimSpace(string(b[:n]))
			}
		}
		if err == nil {
			c.at += n
			c.line++
			continue
		}
		if err := c.more(); errors.Is(err, io.EOF) {
			return "", errors.New("the file is empty")
		} else if err != nil {
			return "", err
		}
	}
}

// wholeLine is how many bytes a line takes, its end included.
func (c *Reader) wholeLine(b []byte) (int, error) {
	i := bytes.IndexAny(b, "\n\r")
	if i < 0 {
		return 0, errMore
	}
	n := lineEnd(b[i:], c.window.Ended())
	if n == 0 {
		return 0, errMore
	}
	return i + n, nil
}

// firstLine is the line at which the window stands, without its end.
func (c *Reader) firstLine() ([]byte, error) {
	for {
		if _, err := c.wholeLine(c.buf[c.at:]); err == nil {
			n := bytes.IndexAny(c.buf[c.at:], "\n\r")
			c.returns = c.buf[c.at+n] == '\r'
			return c.buf[c.at : c.at+n], nil
		}
		if err := c.more(); err != nil {
			return nil, err
		}
	}
}

// delimiter is what separates the names in a header: what stands most often outside
// quotes.
func delimiter(line []byte) byte {
	const candidates = ",;\t|"
	var count [len(candidates)]int
	inside := false
	for _, b := range line {
		if b == '"' {
			inside = !inside
		}
		if at := strings.IndexByte(candidates, b); at >= 0 && !inside {
			count[at]++
		}
	}
	best := 0
	for i, n := range count {
		// Rows with decimal commas and no header have as many commas as semicolons.
		if n > count[best] || n > 0 && n == count[best] && holdsNumbers(strings.Split(string(line), candidates[i:i+1])) {
			best = i
		}
	}
	return candidates[best]
}

// sepLine is what Excel may write above the header.
var sepLine = regexp.MustCompile(`^"?sep=([,;\t|])"?$`)

// wholeRow splits the row at which the window stands, without going on.
func (c *Reader) wholeRow() (cells []string, size, lines int, err error) {
	for {
		cells, size, lines, err = c.split(c.buf[c.at:])
		if err == nil {
			return cells, size, lines, nil
		}
		if !errors.Is(err, errMore) {
			return nil, 0, 0, c.fault("", err)
		}
		if err := c.more(); err != nil {
			return nil, 0, 0, err
		}
	}
}

// checkNames refuses a first line that is no header.
func (c *Reader) checkNames(names []string, comment string) error {
	e := &column.Error{Row: -1, Line: c.line}
	switch numbers := bytes.Fields([]byte(names[0])); {
	case holdsNumbers(names):
		e.Err = errors.New("the first line holds numbers, so the header with the columns' names is missing")
		e.Hint = "write names above the rows: label,l0,l1,..."
		if n := strings.Count(comment, string(c.dialect.comma)); n > 0 && n == len(names)-1 {
			e.Hint = fmt.Sprintf("the line above begins with #; if it is the header, write it without (numpy.savetxt: comments=''): %s",
				comment)
		}
	case len(names) == 1 && len(numbers) > 1 && holdsNumbers(strings.Fields(names[0])):
		e.Err = errors.New("the first line holds numbers separated by blanks: the header with the columns' names is missing")
		e.Hint = "save the array as .npy (numpy.save) beside labels.npy, or write a header and commas: " +
			"numpy.savetxt(..., delimiter=',', header='l0,l1', comments='')"
	default:
		return nil
	}
	return e
}

// holdsNumbers reports whether names are those of no columns: all numbers, or some of
// them fractions.
func holdsNumbers(names []string) bool {
	all := true
	for _, name := range names {
		number := numeric(pointed([]byte(name)))
		if number && strings.ContainsAny(name, ".,0123456789") && !integer([]byte(name)) {
			return true
		}
		all = all && (number || name == "" && len(names) > 1)
	}
	return all && strings.Join(names, "") != ""
}

// indexNames are the names that pandas gives to the index of rows that it wrote or read
// without one.
var indexNames = regexp.MustCompile(`^(Unnamed: \d+)?$`)

// peek finds out from the first rows which decimal mark the file has, and which columns
// hold fractions or lists. The rows are read again by Next.
func (c *Reader) peek() error {
	at, line := 0, c.line
	var rows [][]string
	for len(rows) < peekRows && at < peekBytes {
		cells, n, err := c.peekRow(at)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		at += n
		if cells != nil {
			rows = append(rows, cells)
			c.row++
		}
		c.line += countLines(c.buf[c.at+at-n : c.at+at])
	}
	c.line, c.row = line, 0
	if k := len(strings.Fields(c.fields[0].Name)); len(c.fields) == 1 && k > 1 && len(rows) > 0 && everyRow(rows, k) {
		return &column.Error{Row: -1, Line: line - 1,
			Err:  fmt.Errorf("the header is one column %q: columns are separated by blanks", c.fields[0].Name),
			Hint: "separate columns by commas, semicolons or tabs"}
	}
	c.peekMark(rows)
	for i := range c.fields {
		f := &c.fields[i]
		switch {
		case indexNames.MatchString(f.Name):
			f.Kind = column.Other
		case c.peekLists(f, i, rows):
		case c.fractions(i, rows):
			f.Kind = column.Float64
		}
	}
	return nil
}

// everyRow reports whether the only cell of every row has k parts between blanks.
func everyRow(rows [][]string, k int) bool {
	return !slices.ContainsFunc(rows, func(cells []string) bool { return len(strings.Fields(cells[0])) != k })
}

// peekRow splits the row that stands at bytes after the first; it has no cells if the
// line is empty or a comment. Nothing of the window is dropped.
func (c *Reader) peekRow(at int) (cells []string, size int, err error) {
	for {
		size, err := c.emptyLine(c.buf[c.at+at:])
		if err == nil && size == 0 {
			size, err = c.commentLine(c.buf[c.at+at:])
		}
		if err == nil && size > 0 {
			return nil, size, nil
		}
		if err == nil {
			cells, size, _, err = c.split(c.buf[c.at+at:])
		}
		switch {
		case err == nil && len(cells) != len(c.fields):
			return nil, 0, c.ragged(cells)
		case err == nil:
			return cells, size, nil
		case !errors.Is(err, errMore):
			return nil, 0, c.fault("", err)
		}
		buf, err := c.window.More(c.at)
		c.buf, c.at = buf, 0
		switch {
		case errors.Is(err, io.EOF) && len(buf) > at:
			return nil, 0, c.fault("", errOpenQuote)
		case errors.Is(err, text.ErrLong):
			return nil, 0, io.EOF // enough was seen
		case err != nil:
			return nil, 0, err
		}
	}
}

// peekMark decides on the decimal mark. Numbers like 1,234 do not tell whether they
// mean thousands.
func (c *Reader) peekMark(rows [][]string) {
	if c.dialect.comma == ',' {
		return
	}
	for _, cells := range rows {
		for _, s := range cells {
			cell := []byte(s)
			mark := decimalMark(cell, c.dialect.comma)
			if mark == '.' && numeric(cell) || mark == ',' && numeric(pointed(cell)) && !thousands(cell) {
				c.dialect.point = mark
				return
			}
		}
	}
}

// pointed is a number with a point for its comma.
func pointed(cell []byte) []byte { return bytes.Replace(cell, []byte(","), []byte("."), 1) }

// peekLists makes a field a vector if its cells are lists of numbers.
func (c *Reader) peekLists(f *column.Field, i int, rows [][]string) bool {
	width := -1
	for _, cells := range rows {
		cell := cells[i]
		if cell == "" {
			continue
		}
		if !isList(cell) {
			return false
		}
		if width < 0 {
			values, _ := appendList(nil, []byte(cell))
			width = len(values)
		}
	}
	if width < 0 {
		return false
	}
	f.Kind, f.Width, f.Stored = column.Vector64, width, "list in a cell"
	return true
}

// fractions reports whether the peeked cells of a column are numbers and not all
// integers.
func (c *Reader) fractions(i int, rows [][]string) bool {
	found := false
	for _, cells := range rows {
		cell := []byte(cells[i])
		if len(cell) == 0 {
			continue
		}
		if c.dialect.point == ',' {
			cell = pointed(cell)
		}
		if !numeric(cell) {
			return false
		}
		found = found || !integer(cell)
	}
	return found
}

// integer reports whether a number is written as an integer of any length.
func integer(cell []byte) bool {
	digits := bytes.TrimLeft(cell, "+-")
	return len(bytes.Trim(digits, "0123456789")) == 0
}
