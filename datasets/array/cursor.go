package array

import (
	"errors"
	"fmt"

	"io"

	"abstain/datasets/column"
	"abstain/datasets/internal/checksum"
)

// heldMost is how many bytes of an array are held in memory where its rows do not follow
// each other in the file and the file is not in memory.
const heldMost = 1 << 30

// cursor hands out the bytes of an array row by row, from the front.
type cursor struct {
	array *Array
	size  int64 // bytes of a row
	at    int64 // the row that was not yet passed
	sum   uint32
	later []byte        // bytes in memory that were handed out and are not in sum yet
	in    io.ReadCloser // a stream
	buf   []byte
	whole []byte // all of an array whose rows do not follow each other
	block Span   // rows of it that are in buf
}

func newCursor(a *Array) *cursor {
	c := &cursor{array: a, size: int64(a.Type.Size) * int64(a.width())}
	if a.Body.CRC != nil {
		c.sum = a.Body.CRC.Head
	}
	return c
}

// scattered reports whether the values of a row do not follow each other.
func (a *Array) scattered() bool { return a.Fortran && a.width() > 1 }

// rows returns the bytes of rows i to j, those of a row one after the other. They are
// valid until the next call, whose rows are later ones. What follows them in memory, up to
// the capacity, is the array too.
func (c *cursor) rows(i, j int64) ([]byte, error) {
	if c.array.scattered() {
		return c.gather(i, j)
	}
	c.catchUp()
	if err := c.pass(i); err != nil {
		return nil, err
	}
	p, err := c.run(i, j)
	if err != nil {
		return nil, err
	}
	c.at = j
	if c.array.Body.File.Data != nil && c.array.Body.Open == nil {
		c.later = p
	} else {
		c.add(p)
	}
	return p, nil
}

// catchUp adds rows to the checksum that were handed out, when they have been used: they
// are in the processor's cache then. Adding them before took a third more time, because
// nothing else is done while they come from memory.
func (c *cursor) catchUp() {
	c.add(c.later)
	c.later = nil
}

// add continues the checksum.
func (c *cursor) add(p []byte) {
	if c.array.Body.CRC != nil {
		c.sum = checksum.Update(c.sum, p)
	}
}

// pass goes on to a row, reading what lies before it only for a checksum or where there is
// no other way.
func (c *cursor) pass(row int64) error {
	if c.array.Body.Open == nil && c.array.Body.CRC == nil {
		c.at = row
		return nil
	}
	step := int64(column.MaxRows(int(c.size/8 + 1)))
	for c.at < row {
		next := min(row, c.at+step)
		p, err := c.run(c.at, next)
		if err != nil {
			return err
		}
		c.add(p)
		c.at = next
	}
	return nil
}

// run returns the bytes of rows i to j, the next of a stream.
func (c *cursor) run(i, j int64) ([]byte, error) {
	b := &c.array.Body
	if b.Open == nil {
		return c.view(i*c.size, (j-i)*c.size)
	}
	if err := c.open(); err != nil {
		return nil, err
	}
	c.buf = column.Grow(c.buf, int((j-i)*c.size))
	if _, err := io.ReadFull(c.in, c.buf); err != nil {
		return nil, inflated(err)
	}
	return c.buf, nil
}

func (c *cursor) open() (err error) {
	if c.in == nil {
		c.in, err = c.array.Body.Open()
	}
	return inflated(err)
}

// inflated words an error of a stream.
func inflated(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("truncated or damaged: the compressed bytes end before the array does")
	}
	return err
}

// view returns bytes of an array that is stored as it is.
func (c *cursor) view(from, n int64) ([]byte, error) {
	b := &c.array.Body
	if data := b.File.Data; data != nil {
		data = data[b.Offset : b.Offset+b.Length : b.Offset+b.Length]
		return data[from : from+n], nil
	}
	return b.File.View(b.Offset+from, n, func(n int) []byte {
		c.buf = column.Grow(c.buf, n)
		return c.buf
	})
}

// gather returns rows i to j of an array in which the values of a column follow each other.
// It collects more rows than asked for, because each touches a memory page for every column.
func (c *cursor) gather(i, j int64) ([]byte, error) {
	if err := c.hold(); err != nil {
		return nil, err
	}
	if i < c.block.From || j > c.block.To {
		c.block = Span{i, min(c.array.rows(), max(j, i+blockBytes/c.size))}
		c.collect()
	}
	return c.buf[(i-c.block.From)*c.size : (j-c.block.From)*c.size], nil
}

// blockBytes is about how many bytes are collected together: of class vectors of 1000
// float32, as many rows as fill a memory page with values of one class.
const blockBytes = 4 << 20

// tile is how many columns are copied together, so that what they fill of a row is about a
// cache line.
const tile = 16

// collect fills buf with the rows of the block.
func (c *cursor) collect() {
	size, width, n := c.array.Type.Size, c.array.width(), int(c.block.To-c.block.From)
	c.buf = column.Grow(c.buf, n*int(c.size))
	for k := 0; k < width; k += tile {
		for from := 0; from < n; from += tile {
			rows := min(tile, n-from)
			for class := k; class < min(width, k+tile); class++ {
				first := (int64(class)*c.array.rows() + c.block.From + int64(from)) * int64(size)
				src := c.whole[first : first+int64(rows*size)]
				scatter(c.buf[from*int(c.size)+class*size:], src, size, int(c.size))
			}
		}
	}
}

// scatter copies values of size bytes to places that are step bytes apart.
func scatter(dst, src []byte, size, step int) {
	switch size {
	case 2:
		for k := 0; k+2 <= len(src); k += 2 {
			*(*[2]byte)(dst[k/2*step:]) = [2]byte(src[k:])
		}
	case 4:
		for k := 0; k+4 <= len(src); k += 4 {
			*(*[4]byte)(dst[k/4*step:]) = [4]byte(src[k:])
		}
	case 8:
		for k := 0; k+8 <= len(src); k += 8 {
			*(*[8]byte)(dst[k/8*step:]) = [8]byte(src[k:])
		}
	default: // 1
		for k, b := range src {
			dst[k*step] = b
		}
	}
}

// hold gets all bytes of the array.
func (c *cursor) hold() (err error) {
	if c.whole != nil {
		return nil
	}
	b := &c.array.Body
	inFile := b.Open == nil && b.File.Data != nil
	if !inFile && b.Length > heldMost {
		return fmt.Errorf("is in Fortran order, so that all its %d bytes must be in memory at once, "+
			"which are more than %d: save it with numpy.ascontiguousarray, or without compression", b.Length, int64(heldMost))
	}
	if inFile {
		c.whole, err = c.view(0, b.Length)
	} else {
		c.whole, err = c.readAll()
	}
	c.add(c.whole)
	c.at = c.array.rows()
	return err
}

// readAll reads the array in steps, because a file may have less than it declares.
func (c *cursor) readAll() ([]byte, error) {
	b := &c.array.Body
	var in io.Reader = io.NewSectionReader(b.File.R, b.Offset, b.Length)
	if b.Open != nil {
		if err := c.open(); err != nil {
			return nil, err
		}
		in = c.in
	}
	all, err := io.ReadAll(io.LimitReader(in, b.Length))
	if err == nil && int64(len(all)) < b.Length {
		err = io.ErrUnexpectedEOF
	}
	return all, inflated(err)
}

// finish reads what is left for the checksum, and checks it.
//
// A stream is read on until its end, which is where its own checksum is compared.
func (c *cursor) finish() error {
	c.catchUp()
	if c.array.scattered() {
		if err := c.hold(); err != nil {
			return err
		}
	} else if err := c.pass(c.array.rows()); err != nil {
		return err
	}
	if crc := c.array.Body.CRC; crc != nil && c.sum != crc.Whole {
		return fmt.Errorf("damaged: the CRC-32 of its bytes is %08x where the file says %08x", c.sum, crc.Whole)
	}
	if c.in == nil {
		return nil
	}
	_, err := io.ReadFull(c.in, make([]byte, 1)) // its end comes after its checksum
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		err = errors.New("damaged: the compressed bytes go on after the array")
	}
	return err
}

func (c *cursor) close() {
	if c.in != nil {
		_ = c.in.Close() // what it read was checked
		c.in = nil
	}
}
