package csv

import (
	"bytes"
	"errors"
)

// errMore is returned if the bytes in memory do not hold a whole row.
var errMore = errors.New("more bytes are needed")

// Faults of quotes.
var (
	errBareQuote  = errors.New(`a quote (") inside a cell that does not begin with one`)
	errAfterQuote = errors.New(`text after the quote (") that ends a cell; a quote inside a quoted cell is written twice`)
	errOpenQuote  = errors.New(`a cell begins with a quote (") that never ends`)
)

// parser splits lines into cells.
type parser struct {
	comma byte
	class [256]byte // of each byte: what it means outside of quotes
	clean []byte    // a quoted cell without its quotes
}

const (
	plain byte = iota
	separator
	lineFeed
	carriageReturn
	quote
)

func newParser(comma byte) parser {
	p := parser{comma: comma}
	p.class[comma], p.class['\n'], p.class['\r'], p.class['"'] = separator, lineFeed, carriageReturn, quote
	return p
}

// blank reports whether a byte at the edge of a cell is no part of it.
func (p *parser) blank(b byte) bool { return b == ' ' || b == '\t' && p.comma != '\t' }

// cell finds the cell at the beginning of b, whose text comes without quotes and the
// blanks around it; it is valid until the next call. size is where its separator or
// line end stands, lines how many line ends are inside.
func (p *parser) cell(b []byte) (cell []byte, size, lines int, err error) {
	begin := 0
	for begin < len(b) && p.blank(b[begin]) {
		begin++
	}
	if begin < len(b) && b[begin] == '"' {
		return p.quoted(b, begin)
	}
	i := begin
	for i < len(b) && p.class[b[i]] == plain {
		i++
	}
	switch {
	case i == len(b):
		return nil, 0, 0, errMore
	case b[i] == '"':
		return nil, 0, 0, errBareQuote
	}
	return p.trim(b[begin:i]), i, 0, nil
}

// trim takes blanks off both ends.
func (p *parser) trim(cell []byte) []byte {
	for len(cell) > 0 && p.blank(cell[0]) {
		cell = cell[1:]
	}
	for len(cell) > 0 && p.blank(cell[len(cell)-1]) {
		cell = cell[:len(cell)-1]
	}
	return cell
}

// quoted is cell for a cell whose first quote stands at begin.
func (p *parser) quoted(b []byte, begin int) (cell []byte, size, lines int, err error) {
	p.clean = p.clean[:0]
	i := begin + 1
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 || i+n+1 == len(b) { // whether a quote ends the cell, only the next byte can tell
			return nil, 0, 0, errMore
		}
		if b[i+n+1] != '"' {
			if len(p.clean) == 0 {
				cell = b[i : i+n]
			} else {
				p.clean = append(p.clean, b[i:i+n]...)
				cell = p.clean
			}
			i += n + 1
			break
		}
		p.clean = append(p.clean, b[i:i+n+1]...)
		i += n + 2
	}
	for i < len(b) && p.blank(b[i]) {
		i++
	}
	if i == len(b) {
		return nil, 0, 0, errMore
	}
	if k := p.class[b[i]]; k == plain || k == quote {
		return nil, 0, 0, errAfterQuote
	}
	lines = countLines(b[begin:i])
	if lines > 0 && bytes.Contains(cell, []byte("\r\n")) {
		cell = bytes.ReplaceAll(cell, []byte("\r\n"), []byte("\n"))
	}
	return p.trim(cell), i, lines, nil
}

// skip finds the end of a cell that nobody asked for.
func (p *parser) skip(b []byte) (size, lines int, err error) {
	i := 0
	for i < len(b) && p.class[b[i]] == plain {
		i++
	}
	if i < len(b) && b[i] != '"' {
		return i, 0, nil
	}
	_, size, lines, err = p.cell(b)
	return size, lines, err
}

// countLines counts line ends of any kind.
func countLines(b []byte) int {
	n := bytes.Count(b, []byte("\n"))
	if bytes.IndexByte(b, '\r') >= 0 {
		n += bytes.Count(b, []byte("\r")) - bytes.Count(b, []byte("\r\n"))
	}
	return n
}

// lineEnd is how many bytes the line end at the beginning of b takes; 0 if more bytes
// are needed to tell. ended says that b ends where the file does.
func lineEnd(b []byte, ended bool) int {
	switch {
	case b[0] == '\n':
		return 1
	case len(b) > 1 && b[1] == '\n':
		return 2
	case len(b) > 1 || ended:
		return 1
	}
	return 0
}

// emptyLine is how many bytes a line without cells takes, its end included: an empty
// line, or one of spaces in a table with several columns. It is 0 for other lines.
func (c *Reader) emptyLine(b []byte) (int, error) {
	i := 0
	if len(c.fields) != 1 {
		for i < len(b) && b[i] == ' ' {
			i++
		}
	}
	if i == len(b) {
		return 0, errMore
	}
	if b[i] != '\n' && b[i] != '\r' {
		return 0, nil
	}
	n := lineEnd(b[i:], c.window.Ended())
	if n == 0 {
		return 0, errMore
	}
	return i + n, nil
}

// split is a whole row of cells as text, and what it takes.
func (c *Reader) split(b []byte) (cells []string, size, lines int, err error) {
	for {
		cell, n, inside, err := c.cells.cell(b[size:])
		if err != nil {
			return nil, 0, 0, err
		}
		cells = append(cells, string(cell))
		if len(cells) > maxColumns {
			return nil, 0, 0, errColumns
		}
		lines += inside
		size += n
		if b[size] == c.cells.comma {
			size++
			continue
		}
		end := lineEnd(b[size:], c.window.Ended())
		if end == 0 {
			return nil, 0, 0, errMore
		}
		return cells, size + end, lines + 1, nil
	}
}
