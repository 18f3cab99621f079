package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go/format"
)

// The decoders of parquet-go allocate what lengths in the file ask for: one
// flipped bit asks for gigabytes, and a list in the footer for more than there is,
// in a way no recover can catch. So the footer and the page headers are walked here
// first, with every length checked against the bytes that are there.

const (
	maxFooter = 256 << 20
	maxDepth  = 32
	// Nothing expands more than a run of equal bytes under ZSTD, and a run of
	// equal values takes little more than its length.
	maxRatio       = 1 << 15
	maxValuesRatio = 1 << 16
)

// Types of Thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

var errShort = errors.New("corrupt metadata: it ends too early")

// compact reads Thrift's compact protocol. The first error is kept and ends
// reading.
type compact struct {
	b   []byte
	pos int
	err error
}

func (c *compact) fail(err error) {
	if c.err == nil {
		c.err, c.pos = err, len(c.b)
	}
}

func (c *compact) byte() byte {
	if c.pos >= len(c.b) {
		c.fail(errShort)
		return 0
	}
	c.pos++
	return c.b[c.pos-1]
}

func (c *compact) varint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		b := c.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	c.fail(errors.New("corrupt metadata: an endless number"))
	return 0
}

func (c *compact) zigzag() int64 {
	v := c.varint()
	return int64(v>>1) ^ -int64(v&1)
}

// fits reports whether n bytes, or n entries of at least a byte each, are left.
func (c *compact) fits(n uint64) bool {
	if n > uint64(len(c.b)-c.pos) {
		c.fail(errShort)
		return false
	}
	return true
}

// structure walks a struct. For each field it calls field, which may consume the
// value and then returns true; otherwise the value is skipped.
func (c *compact) structure(depth int, field func(id int, kind byte) bool) {
	if depth > maxDepth {
		c.fail(errors.New("corrupt metadata: nested too deeply"))
	}
	id := 0
	for c.err == nil {
		head := c.byte()
		kind := head & 0x0f
		if kind == 0 {
			return
		}
		if delta := int(head >> 4); delta != 0 {
			id += delta
		} else {
			id = int(c.zigzag())
		}
		if field == nil || !field(id, kind) {
			c.skip(kind, depth, false)
		}
	}
}

// skip passes over a value. Bools take a byte inside of collections, and none as
// fields.
func (c *compact) skip(kind byte, depth int, inside bool) {
	switch kind {
	case thriftTrue, thriftFalse:
		if inside {
			c.byte()
		}
	case thriftByte:
		c.byte()
	case thriftI16, thriftI32, thriftI64:
		c.varint()
	case thriftDouble:
		c.skipBytes(8)
	case thriftBinary:
		c.skipBytes(c.varint())
	case thriftList, thriftSet:
		c.list(depth)
	case thriftMap:
		c.entries(depth)
	case thriftStruct:
		c.structure(depth+1, nil)
	default:
		c.fail(fmt.Errorf("corrupt metadata: type %d is not known", kind))
	}
}

func (c *compact) skipBytes(n uint64) {
	if c.fits(n) {
		c.pos += int(n)
	}
}

func (c *compact) list(depth int) {
	head := c.byte()
	n := uint64(head >> 4)
	if n == 15 {
		n = c.varint()
	}
	if !c.fits(n) {
		return
	}
	for range n {
		if c.err != nil {
			return
		}
		c.skip(head&0x0f, depth+1, true)
	}
}

func (c *compact) entries(depth int) {
	n := c.varint()
	if n == 0 || !c.fits(n) {
		return
	}
	kinds := c.byte()
	for range n {
		if c.err != nil {
			return
		}
		c.skip(kinds>>4, depth+1, true)
		c.skip(kinds&0x0f, depth+1, true)
	}
}

// checkFooter walks the file's metadata.
func checkFooter(r io.ReaderAt, size int64) error {
	if size < 12 {
		return fmt.Errorf("truncated Parquet file: %d bytes", size)
	}
	tail, err := readAt(r, size-8, 8)
	if err != nil {
		return err
	}
	if string(tail[4:]) != "PAR1" {
		return errors.New("truncated or unfinished Parquet file: it does not end with PAR1")
	}
	n := int64(tail[0]) | int64(tail[1])<<8 | int64(tail[2])<<16 | int64(tail[3])<<24
	if n > size-12 || n > maxFooter {
		return fmt.Errorf("corrupt metadata: a footer of %d bytes in a file of %d", n, size)
	}
	b, err := readAt(r, size-8-n, int(n))
	if err != nil {
		return err
	}
	c := compact{b: b}
	c.structure(0, nil)
	return c.err
}

func readAt(r io.ReaderAt, offset int64, n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := r.ReadAt(b, offset)
	if got == n {
		return b, nil
	}
	return nil, err
}

// pageHeader is what decides how much decoding a page allocates.
type pageHeader struct {
	size         int   // of the header itself
	compressed   int64 // bytes
	uncompressed int64
	values       int64
}

// decodePageHeader reads PageHeader of parquet.thrift: sizes in fields 2 and 3,
// the headers by kind of page in 5, 7 and 8, with the number of values first.
func decodePageHeader(b []byte) (pageHeader, error) {
	var h pageHeader
	c := compact{b: b}
	c.structure(0, func(id int, kind byte) bool {
		switch {
		case id == 2 && kind == thriftI32:
			h.uncompressed = c.zigzag()
		case id == 3 && kind == thriftI32:
			h.compressed = c.zigzag()
		case (id == 5 || id == 7 || id == 8) && kind == thriftStruct:
			c.structure(1, func(id int, kind byte) bool {
				if id != 1 || kind != thriftI32 {
					return false
				}
				h.values = c.zigzag()
				return true
			})
		default:
			return false
		}
		return true
	})
	h.size = c.pos
	return h, c.err
}

// checkPages walks the page headers of a column chunk.
func checkPages(r io.ReaderAt, size int64, m *format.ColumnMetaData) error {
	pos := m.DataPageOffset
	if m.DictionaryPageOffset > 0 && m.DictionaryPageOffset < pos {
		pos = m.DictionaryPageOffset
	}
	if pos < 4 || pos > size || m.TotalCompressedSize < 0 || m.TotalCompressedSize > size-pos {
		return fmt.Errorf("corrupt metadata: pages of %d bytes at %d in a file of %d", m.TotalCompressedSize, pos, size)
	}
	for end := pos + m.TotalCompressedSize; pos < end; {
		h, err := pageHeaderAt(r, pos, end)
		if err != nil {
			return err
		}
		pos += int64(h.size)
		if h.compressed < 0 || h.compressed > end-pos || h.uncompressed < 0 || h.uncompressed > maxRatio*(h.compressed+64) {
			return fmt.Errorf("truncated or corrupt: a page of %d bytes, %d uncompressed, where %d are left", h.compressed, h.uncompressed, end-pos)
		}
		if h.values < 0 || h.values > maxValuesRatio*(h.uncompressed+64) {
			return fmt.Errorf("corrupt: a page of %d bytes claims %d values", h.uncompressed, h.values)
		}
		pos += h.compressed
	}
	return nil
}

// pageHeaderAt reads a header, whose size is not known beforehand.
func pageHeaderAt(r io.ReaderAt, pos, end int64) (pageHeader, error) {
	for guess := int64(256); ; guess *= 16 {
		n := min(guess, end-pos)
		b, err := readAt(r, pos, int(n))
		if err != nil {
			return pageHeader{}, err
		}
		h, err := decodePageHeader(b)
		if !errors.Is(err, errShort) || n == end-pos {
			return h, err
		}
	}
}
