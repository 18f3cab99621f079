package plain

import (
	"bufio"
	"io"
	"math"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

type csvWriter struct {
	w      *bufio.Writer
	fields []Field
	line   []byte
}

func newCSV(w io.Writer, fields []Field, _ []column.Pair) (Writer, error) {
	c := &csvWriter{w: bufio.NewWriterSize(w, 1<<16), fields: fields}
	for i, f := range fields {
		c.line = appendQuoted(c.separate(i), f.Name)
	}
	return c, c.end()
}

// separate puts a comma before all cells of a line but the first.
func (c *csvWriter) separate(i int) []byte {
	if i > 0 {
		return append(c.line, ',')
	}
	return c.line[:0]
}

func (c *csvWriter) end() error {
	_, err := c.w.Write(append(c.line, '\n'))
	return err
}

func (c *csvWriter) Write(columns []Column) error {
	for row := range columns[0].Len() {
		for i := range columns {
			c.line = appendCell(c.separate(i), c.fields[i].Kind, &columns[i], row)
		}
		if err := c.end(); err != nil {
			return err
		}
	}
	return nil
}

func (c *csvWriter) Close() error { return c.w.Flush() }

func appendCell(line []byte, k Kind, c *Column, row int) []byte {
	if c.missing(k, row) {
		return line
	}
	switch k {
	case Int:
		return strconv.AppendInt(line, c.Ints[row], 10)
	case Float:
		return AppendFloat(line, c.Floats[row])
	case Text:
		return appendQuoted(line, c.Texts[row])
	}
	return strconv.AppendBool(line, c.Bools[row])
}

// AppendFloat writes a number as no program can take it for an integer: in its shortest form
// that reads back exactly, with a point or an exponent; inf, -inf and nan are words.
func AppendFloat(line []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(line, "nan"...)
	case math.IsInf(v, 1):
		return append(line, "inf"...)
	case math.IsInf(v, -1):
		return append(line, "-inf"...)
	}
	if a := math.Abs(v); a != 0 && (a < 1e-5 || a >= 1e15) {
		return strconv.AppendFloat(line, v, 'e', -1, 64)
	}
	from := len(line)
	line = strconv.AppendFloat(line, v, 'f', -1, 64)
	if !strings.Contains(string(line[from:]), ".") {
		line = append(line, ".0"...)
	}
	return line
}

// appendQuoted writes a text, in quotes where it would be misread without.
func appendQuoted(line []byte, s string) []byte {
	if !strings.ContainsAny(s, "\",\r\n") && strings.TrimSpace(s) == s {
		return append(line, s...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(s, `"`, `""`)...)
	return append(line, '"')
}
