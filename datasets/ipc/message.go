package ipc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Codes of the MessageHeader union in Arrow's Message.fbs.
const (
	headerSchema     = 1
	headerDictionary = 2
	headerRecord     = 3
)

const (
	magic        = "ARROW1"
	continuation = 0xFFFFFFFF
	maxMetadata  = 256 << 20 // bytes of one message's metadata or of the footer
)

// message is the checked envelope of a record or dictionary batch.
type message struct {
	header int
	table  table // the header's own table
	body   int64 // position of the body in the file
	length int64 // of the body
}

// block says where a message of the file format is.
type block struct {
	offset int64
	meta   int64 // bytes of metadata with its prefix
	body   int64
}

// footer is the table of contents at the end of the file format.
type footer struct {
	schema       schema
	dictionaries []block
	records      []block
}

// isFile reports whether the bytes begin as the Arrow file format does; anything
// else is taken for the stream format.
func (f *file) isFile() bool {
	b, err := f.View(0, int64(len(magic)), fresh)
	return err == nil && bytes.Equal(b, []byte(magic))
}

func (f *file) footer() (*footer, error) {
	const tail = 4 + int64(len(magic))
	end, err := f.View(f.Size-tail, tail, fresh)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(end[4:], []byte(magic)) {
		return nil, fmt.Errorf("truncated or unfinished Arrow file: it does not end with %s", magic)
	}
	n := int64(int32(binary.LittleEndian.Uint32(end)))
	if n <= 0 || n > maxMetadata || n > f.Size-tail-8 {
		return nil, fmt.Errorf("corrupt metadata: a footer of %d bytes in a file of %d", n, f.Size)
	}
	b, err := f.View(f.Size-tail-n, n, fresh)
	if err != nil {
		return nil, err
	}
	return decodeFooter(&flatbuffer{b: b})
}

func decodeFooter(f *flatbuffer) (*footer, error) {
	root := f.root()
	s := root.table(1)
	if f.err != nil {
		return nil, f.err
	}
	decoded, err := decodeSchema(s)
	if err != nil {
		return nil, err
	}
	foot := &footer{schema: decoded, dictionaries: decodeBlocks(root, 2), records: decodeBlocks(root, 3)}
	return foot, f.err
}

func decodeBlocks(t table, slot int) []block {
	const size = 24
	start, n := t.vector(slot, size)
	blocks := make([]block, 0, n)
	for i := range n {
		p := start + size*i
		blocks = append(blocks, block{offset: t.f.i64(p), meta: int64(t.f.i32(p + 8)), body: t.f.i64(p + 16)})
	}
	return blocks
}

// messageAt reads the message that begins at offset. It returns the message and
// the offset after it; io.EOF at the end of a stream.
func (f *file) messageAt(offset int64) (*message, int64, error) {
	if offset == f.Size {
		return nil, 0, io.EOF // a stream may end without its marker
	}
	prefix, err := f.View(offset, 4, fresh)
	if err != nil {
		return nil, 0, err
	}
	offset += 4
	n := int64(binary.LittleEndian.Uint32(prefix))
	if n == continuation {
		if prefix, err = f.View(offset, 4, fresh); err != nil {
			return nil, 0, err
		}
		offset += 4
		n = int64(binary.LittleEndian.Uint32(prefix))
	}
	if n == 0 {
		return nil, 0, io.EOF
	}
	if n > maxMetadata {
		return nil, 0, fmt.Errorf("corrupt metadata: a message of %d bytes", n)
	}
	b, err := f.View(offset, n, fresh)
	if err != nil {
		return nil, 0, err
	}
	m, err := decodeMessage(&flatbuffer{b: b}, offset+n)
	if err != nil {
		return nil, 0, err
	}
	if m.length < 0 || m.length > f.Size-m.body {
		return nil, 0, fmt.Errorf("truncated or corrupt: a message body of %d bytes at offset %d in a file of %d", m.length, m.body, f.Size)
	}
	return m, m.body + m.length, nil
}

func decodeMessage(f *flatbuffer, body int64) (*message, error) {
	root := f.root()
	m := &message{header: root.byte(1), table: root.table(2), body: body, length: root.int64(3)}
	if f.err == nil && m.table.f == nil {
		f.fail("a message without header")
	}
	return m, f.err
}

// messageIn reads the message of a block of the footer.
func (f *file) messageIn(b block) (*message, error) {
	if b.offset < 8 || b.meta < 8 || b.offset > f.Size {
		return nil, fmt.Errorf("corrupt metadata: a block of %d bytes at offset %d", b.meta, b.offset)
	}
	m, _, err := f.messageAt(b.offset)
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("corrupt metadata: no message at offset %d", b.offset)
	}
	if err == nil && (m.body > b.offset+b.meta || m.length != b.body) {
		return nil, fmt.Errorf("corrupt metadata: the footer and the message at offset %d disagree about its size", b.offset)
	}
	if err == nil {
		m.body = b.offset + b.meta
	}
	return m, err
}
