package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

// Objects reads the objects of a file one after another: one in each line, or the
// elements of one array, however it is broken into lines.
type Objects struct {
	input  io.Closer
	window *text.Window
	buf    []byte
	at     int  // next byte of buf
	line   int  // on which it stands, counted from 1
	array  bool // the objects are elements of an array
	row    int
	end    bool // of the array
	lines  text.Lines
}

// OpenObjects opens a file, packed or not. Close does not close r.
func OpenObjects(r io.ReaderAt, size int64) (*Objects, error) {
	input, err := text.Open(r, size)
	if err != nil {
		return nil, err
	}
	o := &Objects{input: input, window: text.NewWindow(input), line: 1}
	if err := o.begin(); err != nil {
		input.Close()
		return nil, err
	}
	return o, nil
}

// Close releases what unpacking needs.
func (o *Objects) Close() error { return o.input.Close() }

// Line is the line of the file, counted from 1, at which the object of a row begins. It
// is 0 if that row was not read, or if other rows are on the same line.
func (o *Objects) Line(row int) int {
	line := o.lines.Line(row)
	if o.array && (o.lines.Line(row-1) == line || o.lines.Line(row+1) == line) {
		return 0
	}
	return line
}

// begin finds out whether the file is an array.
func (o *Objects) begin() error {
	for {
		o.blank()
		if o.at < len(o.buf) {
			break
		}
		if err := o.more(); errors.Is(err, io.EOF) {
			return errors.New("the file is empty: it has no rows")
		} else if err != nil {
			return err
		}
	}
	if o.array = o.buf[o.at] == '['; o.array {
		o.at++
	}
	return nil
}

// blank skips blanks and line ends.
func (o *Objects) blank() {
	end := space(o.buf, o.at)
	o.line += bytes.Count(o.buf[o.at:end], []byte("\n"))
	o.at = end
}

// more reads more of the file.
func (o *Objects) more() error {
	buf, err := o.window.More(o.at)
	o.buf, o.at = buf, 0
	if errors.Is(err, text.ErrLong) {
		return o.fault(err)
	}
	return err
}

// fault is an error in the next row.
func (o *Objects) fault(err error) *column.Error {
	return &column.Error{Row: o.row, Line: o.line, Err: err}
}

// Next returns the next object, from { to what should be }, which is not checked yet in
// a line. It is valid until the following call. After the last, the error is io.EOF.
func (o *Objects) Next() (object []byte, err error) {
	if o.array {
		object, err = o.element()
	} else {
		object, err = o.nextLine()
	}
	return object, err
}

// nextLine is the next line that is not blank.
func (o *Objects) nextLine() ([]byte, error) {
	for {
		o.blank()
		if n := bytes.IndexByte(o.buf[o.at:], '\n'); n >= 0 || o.window.Ended() && o.at < len(o.buf) {
			if n < 0 {
				n = len(o.buf) - o.at // it ends with a carriage return
			}
			object := bytes.TrimRight(o.buf[o.at:o.at+n], " \t\r")
			o.lines.Add(o.line)
			o.at += n
			o.row++
			return object, nil
		}
		if err := o.more(); err != nil {
			return nil, err
		}
	}
}

// element is the next element of the array.
func (o *Objects) element() ([]byte, error) {
	for {
		o.blank()
		object, err := o.wholeElement()
		switch {
		case err == nil:
			return object, nil
		case !errors.Is(err, errShort):
			return nil, err
		}
		if err := o.more(); errors.Is(err, io.EOF) {
			e := o.fault(errors.New("the JSON array ends too early"))
			e.Hint = "the file may be truncated; write it again"
			return nil, e
		} else if err != nil {
			return nil, err
		}
	}
}

// wholeElement is the next element if it is in memory with what follows it; errShort if
// not.
func (o *Objects) wholeElement() ([]byte, error) {
	b, i := o.buf, o.at
	if i < len(b) && b[i] == ']' && (o.row == 0 || o.end) {
		return nil, o.finish()
	}
	if o.end {
		return nil, o.finish()
	}
	if i < len(b) && b[i] != '{' {
		e := o.fault(fmt.Errorf("a JSON array whose element %d is no object", o.row+1))
		e.Hint = `write JSON lines: one object {"label": 0, "logits": [...]} a row`
		return nil, e
	}
	end, err := Skip(b, i)
	if err != nil {
		return nil, o.invalid(err)
	}
	after := space(b, end)
	switch {
	case after >= len(b):
		return nil, errShort
	case b[after] == ']':
		o.end = true
	case b[after] != ',':
		return nil, o.invalid(unexpected(b[i:], after-i, "a comma or ]"))
	}
	o.lines.Add(o.line)
	o.line += bytes.Count(b[i:after+1], []byte("\n"))
	o.at = after + 1
	o.row++
	return b[i:end], nil
}

// finish checks that nothing follows the array.
func (o *Objects) finish() error {
	if o.at < len(o.buf) && o.buf[o.at] == ']' && !o.end {
		o.at++
	}
	o.end = true
	for {
		o.blank()
		if o.at < len(o.buf) {
			return o.fault(errors.New("text follows the end of the JSON array"))
		}
		if err := o.more(); err != nil {
			return err
		}
	}
}

// invalid says that an object is no JSON.
func (o *Objects) invalid(err error) error {
	if errors.Is(err, errShort) {
		return err
	}
	return o.fault(fmt.Errorf("not JSON: %w", err))
}

// Invalid is the error for the object that Next returned last, if what Walk said of it
// is err.
func (o *Objects) Invalid(err error) *column.Error {
	e := &column.Error{Row: o.row - 1, Line: o.Line(o.row - 1), Err: fmt.Errorf("not a JSON object: %w", err)}
	e.Hint = `JSON lines have one object a row: {"label": 0, "logits": [0.1, 0.2]}`
	if errors.Is(err, errShort) {
		e.Hint = "each line needs a whole object; the file may be truncated"
	}
	return e
}
