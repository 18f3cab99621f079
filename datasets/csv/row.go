package csv

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

// addRow adds the row at the beginning of b to the chunk and returns how many bytes it
// takes, with the empty lines before it.
func (c *Reader) addRow(b []byte) (int, error) {
	for {
		n, err := c.emptyLine(b)
		if err == nil && n == 0 {
			n, err = c.commentLine(b)
		}
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		c.line++
		c.at += n // it is not seen again if more bytes are needed
		b = b[n:]
	}
	i, field, lines := 0, 0, 0
	for ; ; field++ {
		if field == len(c.plan) {
			return 0, c.raggedRow(b)
		}
		n := c.addNumber(b[i:], &c.plan[field])
		if n == 0 {
			size, inside, err := c.addCell(b[i:], field)
			if err != nil {
				return 0, err
			}
			n = size
			lines += inside
		}
		i += n
		if b[i] != c.dialect.comma {
			break
		}
		i++
	}
	if field+1 != len(c.plan) {
		return 0, c.raggedRow(b)
	}
	end := lineEnd(b[i:], c.window.Ended())
	if end == 0 {
		return 0, errMore
	}
	c.lines.Add(c.line)
	c.line += lines + 1
	c.row++
	c.chunk.N++
	return i + end, nil
}

// commentLine is how many bytes a comment below the header takes; 0 if the line is none.
// Where no comments stand above the header, a blank must follow the #; and a row with as
// many cells as the header is always one: #7 may be an id.
func (c *Reader) commentLine(b []byte) (int, error) {
	if b[0] != '#' || strings.HasPrefix(c.fields[0].Name, "#") || !c.commented && !bytes.HasPrefix(b, []byte("# ")) {
		return 0, nil
	}
	n, err := c.wholeLine(b)
	if errors.Is(err, errMore) && c.window.Ended() {
		n, err = len(b), nil
	}
	if err != nil || bytes.Count(b[:n], []byte{c.dialect.comma})+1 == len(c.fields) {
		return 0, err
	}
	return n, nil
}

// raggedRow is the error for a row with other cells than the header has.
func (c *Reader) raggedRow(b []byte) error {
	cells, _, _, err := c.split(b)
	if errors.Is(err, errMore) {
		return err
	}
	if err != nil {
		return c.fault("", err)
	}
	return c.ragged(cells)
}

func (c *Reader) ragged(cells []string) *column.Error {
	e := c.fault("", fmt.Errorf("%d cells where the header has %d", len(cells), len(c.fields)))
	for _, cell := range cells {
		if strings.HasPrefix(cell, "[") && !strings.HasSuffix(cell, "]") {
			e.Hint = `a list in a cell must be in quotes ("), or write one column per class`
			return e
		}
	}
	if len(cells) == len(c.fields)+1 {
		e.Hint = "if the rows begin with row names that the header does not name, write the file without them " +
			"(R: row.names = FALSE)"
	}
	return e
}

// addNumber adds the number at the beginning of b and returns how many bytes it takes;
// 0 if the cell is no plain number, or not asked for as one. Nearly all cells are.
func (c *Reader) addNumber(b []byte, u *use) int {
	switch u.number {
	case column.Float64:
		if v, n := text.Float(b, c.dialect.point); n > 0 && n < len(b) && c.ends(b[n]) {
			u.column.F64 = append(u.column.F64, v)
			return n
		}
	case column.Int:
		if v, n := text.Int(b); n > 0 && n < len(b) && c.ends(b[n]) {
			u.column.Int = append(u.column.Int, v)
			return n
		}
	}
	return 0
}

// addCell adds the cell at the beginning of b, if it was asked for.
func (c *Reader) addCell(b []byte, field int) (size, lines int, err error) {
	u := &c.plan[field]
	if len(u.wants) == 0 {
		size, lines, err = c.cells.skip(b)
		return size, lines, c.place("", err)
	}
	cell, size, lines, err := c.cells.cell(b)
	if err != nil {
		return 0, 0, c.place("", err)
	}
	for _, at := range u.wants {
		if err := c.addText(at, cell); err != nil {
			return 0, 0, c.place(c.fields[field].Name, err)
		}
	}
	return size, lines, nil
}

// ends reports whether a byte ends a cell without quotes.
func (c *Reader) ends(b byte) bool {
	k := c.cells.class[b]
	return k-separator <= carriageReturn-separator
}

// place adds column and line to an error.
func (c *Reader) place(name string, err error) error {
	if err == nil || errors.Is(err, errMore) {
		return err
	}
	e := c.fault(name, err)
	if h, ok := errors.AsType[hinted](err); ok {
		e.Err, e.Hint = h.error, h.hint
	}
	return e
}

// hinted is an error that knows what to do.
type hinted struct {
	error
	hint string
}

// addText adds a cell to the column at place i of want.
func (c *Reader) addText(i int, cell []byte) error {
	col, kind := &c.chunk.Columns[i], c.want[i].Kind
	if kind == column.Text {
		c.foreign = c.texts[i].add(cell) || c.foreign
		return nil
	}
	if len(cell) == 0 {
		return hinted{errors.New("is empty"), missingHint}
	}
	switch kind {
	case column.Int:
		v, ok := text.ParseInt(cell)
		if !ok {
			return c.notNumber(cell, "integer")
		}
		col.Int = append(col.Int, v)
	case column.Float64:
		v, err := c.float(cell)
		if err != nil {
			return err
		}
		col.F64 = append(col.F64, v)
	case column.Bool:
		v, ok := parseBool(cell)
		if !ok {
			return fmt.Errorf("%s is neither 0 nor 1", shown(cell))
		}
		col.Bool = append(col.Bool, v)
	case column.Vector64:
		return c.addList(col, cell)
	}
	return nil
}

// commaWithin finds a comma that may be a decimal one.
var commaWithin = regexp.MustCompile(`\d,\d`)

// addList adds a list to a column of vectors; the first tells their width.
func (c *Reader) addList(col *column.Column, cell []byte) error {
	before := len(col.F64)
	if c.dialect.point == ',' && bytes.IndexByte(cell, '.') < 0 && commaWithin.Match(cell) {
		return hinted{fmt.Errorf("%s may have decimal commas or commas between integers", shown(cell)),
			"write numbers with decimal points"}
	}
	values, err := appendList(col.F64, cell)
	if err != nil {
		return err
	}
	n := len(values) - before
	if c.chunk.N == 0 && col.Width == 0 {
		col.Width = n
	}
	if n != col.Width {
		return fmt.Errorf("%d values where the rows before have %d", n, col.Width)
	}
	col.F64 = values
	return nil
}

// float reads a number with the file's decimal mark, and finds out which that is at
// the first number that has one.
func (c *Reader) float(cell []byte) (float64, error) {
	mark := decimalMark(cell, c.dialect.comma)
	switch {
	case mark == 0 || mark == '.' && c.dialect.point == '.':
	case mark == unclear || mark == ',' && !numeric(pointed(cell)):
		return 0, c.notNumber(cell, "number")
	case c.dialect.point == 0 && mark == ',' && thousands(cell):
		return 0, hinted{
			fmt.Errorf("%s may have a decimal comma or separate thousands, and no number before it tells", shown(cell)),
			"write numbers with a decimal point and without separators of thousands",
		}
	case c.dialect.point == 0:
		c.dialect.point = mark
	case mark != c.dialect.point:
		return 0, hinted{
			fmt.Errorf("%s has a decimal %s, but numbers before it have a decimal %s", shown(cell), markName(mark),
				markName(c.dialect.point)),
			"write all numbers with decimal points",
		}
	}
	if mark == ',' {
		cell = pointed(cell)
	}
	v, ok := text.ParseFloat(cell)
	if !ok {
		return 0, c.notNumber(cell, "number")
	}
	return v, nil
}

func markName(mark byte) string {
	if mark == ',' {
		return "comma"
	}
	return "point"
}

// unclear is the mark of a number that has commas of unknown meaning.
const unclear = '?'

// decimalMark finds the decimal mark of a number: '.' or ','; 0 if it has none. A comma
// is one only if commas do not separate the cells, if it is the only one, and if it
// could not separate thousands.
func decimalMark(cell []byte, comma byte) byte {
	commas, points := bytes.Count(cell, []byte(",")), bytes.Count(cell, []byte("."))
	switch {
	case commas == 0 && points == 0:
		return 0
	case commas == 0:
		return '.'
	case commas > 1 || points > 0 || comma == ',':
		return unclear
	}
	return ','
}

// thousands reports whether a number with one comma may be an integer with a separator
// of thousands: 1,234, but not 0,234 or 1,2345.
func thousands(cell []byte) bool {
	whole, rest, found := bytes.Cut(bytes.TrimLeft(cell, "+-"), []byte(","))
	return found && len(rest) == 3 && len(whole) >= 1 && len(whole) <= 3 && whole[0] != '0'
}

// notNumber says why a cell is no number, if that can be seen.
func (c *Reader) notNumber(cell []byte, what string) error {
	if n := len(cell) - 1; n > 0 && cell[n] == '%' && numeric(pointed(bytes.TrimSpace(cell[:n]))) {
		return hinted{fmt.Errorf("%s is a percentage (%%)", shown(cell)), "divide it by 100 and write it without the sign"}
	}
	if bytes.IndexByte(cell, ',') >= 0 && numeric(bytes.ReplaceAll(cell, []byte(","), nil)) {
		return hinted{fmt.Errorf("%s is no %s: its comma separates thousands, or is a decimal comma", shown(cell), what),
			"write numbers without separators of thousands and with a decimal point"}
	}
	if len(cell) > 0 && cell[0] == '[' {
		return hinted{fmt.Errorf("%s is a list, not one %s", shown(cell), what),
			"the first rows have no list in this column; all rows need one, or none"}
	}
	switch strings.ToLower(string(cell)) {
	case "na", "n/a", "null", "none", "<na>":
		return hinted{fmt.Errorf("%s is no %s: a missing value", shown(cell), what), missingHint}
	}
	return fmt.Errorf("%s is no %s", shown(cell), what)
}

const missingHint = "every row needs a value here; drop the row or fill it in"

func numeric(cell []byte) bool {
	_, ok := text.ParseFloat(cell)
	return ok && len(cell) > 0
}

// shown quotes a cell for a message, its beginning if it is long.
func shown(cell []byte) string {
	const most = 60
	if len(cell) > most {
		return fmt.Sprintf("%q...", cell[:most])
	}
	return strconv.Quote(string(cell))
}

// parseBool reads what programs write for yes and no.
func parseBool(cell []byte) (value, ok bool) {
	switch string(cell) {
	case "1", "true", "True", "TRUE":
		return true, true
	case "0", "false", "False", "FALSE":
		return false, true
	}
	switch strings.ToLower(string(cell)) {
	case "t", "true", "yes", "y", "1.0":
		return true, true
	case "f", "false", "no", "n", "0.0":
		return false, true
	}
	return false, false
}
