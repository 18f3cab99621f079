package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go/format"
)

// The decoders of parquet-go allocate as much as lengths in the file ask for. One
// flipped bit may ask for gigabytes, and a list in the footer for more memory
// than there is, which no recover can catch. The footer and the page headers are
// therefore walked here first, and every length is compared with the bytes that
// exist.

const (
	maxFooter = 256 << 20
	maxDepth  = 32
	// Nothing expands more than a run of equal bytes under ZSTD. A run of equal
	// values in other encodings takes little more than its length.
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

// structure walks a struct. For each field it calls field. If that reads the
// value it must return true; otherwise the value is skipped.
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

// skip skips a value. A bool takes one byte inside a collection, and none as a
// field.
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
	n, kind := c.listHead()
	for range n {
		if c.err != nil {
			return
		}
		c.skip(kind, depth+1, true)
	}
}

func (c *compact) listHead() (n uint64, kind byte) {
	head := c.byte()
	if n = uint64(head >> 4); n == 15 {
		n = c.varint()
	}
	if !c.fits(n) {
		return 0, 0
	}
	return n, head & 0x0f
}

// structs walks a list of structs. It calls each for every struct, which must
// walk it.
func (c *compact) structs(each func()) {
	n, kind := c.listHead()
	if n > 0 && kind != thriftStruct {
		c.fail(fmt.Errorf("corrupt metadata: a list of type %d where structs belong", kind))
	}
	for range n {
		if c.err != nil {
			return
		}
		each()
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

// footer is the metadata at the end of the file.
type footer struct {
	at        int64
	bytes     []byte // up to the end of the file
	codecs    [][]format.CompressionCodec
	encrypted bool
}

// readFooter reads and walks the metadata.
func readFooter(r io.ReaderAt, size int64) (*footer, error) {
	if size < 12 {
		return nil, fmt.Errorf("truncated Parquet file: %d bytes", size)
	}
	tail, err := readAt(r, size-8, 8)
	if err != nil {
		return nil, err
	}
	if string(tail[4:]) == "PARE" {
		return &footer{encrypted: true}, nil
	}
	if string(tail[4:]) != "PAR1" {
		return nil, errors.New("truncated or unfinished Parquet file: it does not end with PAR1")
	}
	n := int64(tail[0]) | int64(tail[1])<<8 | int64(tail[2])<<16 | int64(tail[3])<<24
	if n > size-12 || n > maxFooter {
		return nil, fmt.Errorf("corrupt metadata: a footer of %d bytes in a file of %d", n, size)
	}
	f := &footer{at: size - 8 - n}
	if f.bytes, err = readAt(r, f.at, int(n)+8); err != nil {
		return nil, err
	}
	return f, f.walk(f.bytes[:n])
}

// walk checks FileMetaData of parquet.thrift, which has the row groups in field
// 4. It notes the codecs and replaces them by none.
func (f *footer) walk(b []byte) error {
	c := &compact{b: b}
	c.structure(0, func(id int, kind byte) bool {
		switch {
		case id == 4 && kind == thriftList:
			c.structs(func() {
				f.codecs = append(f.codecs, nil)
				f.walkGroup(c)
			})
			return true
		case id == 8: // the encryption algorithm
			f.encrypted = true
		}
		return false
	})
	return c.err
}

// walkGroup walks a RowGroup: its field 1 is a list of ColumnChunk, whose field 3
// is ColumnMetaData, whose field 4 is the codec.
func (f *footer) walkGroup(c *compact) {
	group := &f.codecs[len(f.codecs)-1]
	c.structure(2, func(id int, kind byte) bool {
		if id != 1 || kind != thriftList {
			return false
		}
		c.structs(func() {
			*group = append(*group, format.Uncompressed)
			c.structure(4, func(id int, kind byte) bool {
				if id != 3 || kind != thriftStruct {
					return false
				}
				c.structure(5, func(id int, kind byte) bool {
					if id != 4 || kind != thriftI32 {
						return false
					}
					(*group)[len(*group)-1] = format.CompressionCodec(c.takeNumber())
					return true
				})
				return true
			})
		})
		return true
	})
}

// takeNumber reads a number and leaves a zero of as many bytes in its place.
func (c *compact) takeNumber() int64 {
	begin := c.pos
	v := c.zigzag()
	if c.err == nil {
		for i := begin; i < c.pos; i++ {
			c.b[i] &= 0x80
		}
	}
	return v
}

// overlay is a file with other bytes at its end.
type overlay struct {
	io.ReaderAt
	at    int64
	bytes []byte
}

func (o *overlay) ReadAt(p []byte, off int64) (int, error) {
	n, err := o.ReaderAt.ReadAt(p, off)
	if from := max(off, o.at); from < off+int64(n) {
		copy(p[from-off:n], o.bytes[from-o.at:])
	}
	return n, err
}

func readAt(r io.ReaderAt, offset int64, n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := r.ReadAt(b, offset)
	if got == n {
		return b, nil
	}
	return nil, err
}

// pageHeader holds the fields that decide how much memory the decoding of a page
// needs.
type pageHeader struct {
	size         int   // of the header itself
	compressed   int64 // bytes
	uncompressed int64
	crc          int64 // 0 if there is none
	values       int64
	levels       int64 // bytes before the compressed part, version 2 only
	raw          bool  // not compressed, although the column has a codec

	bytes []byte
	sizes [3]span // where uncompressed, compressed and crc are in bytes
}

type span struct{ begin, end int }

// decodePageHeader reads PageHeader of parquet.thrift: sizes and checksum in
// fields 2 to 4, and the headers of the kinds of pages in 5, 7 and 8, which begin
// with the number of values.
func decodePageHeader(b []byte) (pageHeader, error) {
	var h pageHeader
	c := &compact{b: b}
	c.structure(0, func(id int, kind byte) bool {
		switch {
		case id == 2 && kind == thriftI32:
			h.uncompressed = h.number(c, 0)
		case id == 3 && kind == thriftI32:
			h.compressed = h.number(c, 1)
		case id == 4 && kind == thriftI32:
			h.crc = h.number(c, 2)
		case (id == 5 || id == 7 || id == 8) && kind == thriftStruct:
			h.decodeKind(c, id == 8)
		default:
			return false
		}
		return true
	})
	h.size, h.bytes = c.pos, b[:c.pos]
	return h, c.err
}

// number reads a number and notes where it is.
func (h *pageHeader) number(c *compact, i int) int64 {
	begin := c.pos
	v := c.zigzag()
	h.sizes[i] = span{begin, c.pos}
	return v
}

// decodeKind reads the header of one kind of page. In version 2 it has the
// lengths of the levels in fields 5 and 6, and in 7 whether the values are
// compressed.
func (h *pageHeader) decodeKind(c *compact, version2 bool) {
	c.structure(1, func(id int, kind byte) bool {
		switch {
		case id == 1 && kind == thriftI32:
			h.values = c.zigzag()
			return true
		case version2 && (id == 5 || id == 6) && kind == thriftI32:
			h.levels += c.zigzag()
			return true
		case version2 && id == 7:
			h.raw = kind == thriftFalse
		}
		return false
	})
}

// check compares the sizes in a page header with the bytes that are left.
func (h *pageHeader) check(left, ratio int64) error {
	if h.compressed < 0 || h.compressed > left || h.uncompressed < 0 || h.uncompressed > min(ratio*(h.compressed+64), math.MaxInt32) {
		return fmt.Errorf("truncated or corrupt: a page of %d bytes, %d uncompressed, where %d are left", h.compressed, h.uncompressed, left)
	}
	if h.values < 0 || h.values > maxValuesRatio*(h.uncompressed+64) {
		return fmt.Errorf("corrupt: a page of %d bytes claims %d values", h.uncompressed, h.values)
	}
	return nil
}

// inflated appends the header that the page would have without compression and
// checksum.
func (h *pageHeader) inflated(dst []byte) []byte {
	from := 0
	for i, s := range h.sizes {
		if s.end == 0 {
			continue
		}
		dst = append(dst, h.bytes[from:s.begin]...)
		dst = binary.AppendUvarint(dst, uint64([]int64{h.uncompressed, h.uncompressed, 0}[i])<<1) // zigzag
		from = s.end
	}
	return append(dst, h.bytes[from:]...)
}

// checkPages walks the page headers of a column chunk.
func checkPages(r io.ReaderAt, size int64, m *format.ColumnMetaData) error {
	pos := firstPage(m)
	if pos < 4 || pos > size || m.TotalCompressedSize < 0 || m.TotalCompressedSize > size-pos {
		return fmt.Errorf("corrupt metadata: pages of %d bytes at %d in a file of %d", m.TotalCompressedSize, pos, size)
	}
	for end := pos + m.TotalCompressedSize; pos < end; {
		h, err := pageHeaderAt(r, pos, end)
		if err != nil {
			return err
		}
		pos += int64(h.size)
		if err := h.check(end-pos, maxRatio); err != nil {
			return err
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
