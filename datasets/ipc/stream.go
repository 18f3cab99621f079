package ipc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// streamFrom is the number of bytes from which the class vectors of a batch are
// decoded or read some rows at a time, if they cannot be used in place. A batch
// may then be of any size. It takes no longer: what was just decoded is in the
// cache.
var streamFrom = 2 << 20

// stream is the values of the class vectors of one batch, in order.
type stream struct {
	in     io.Reader
	size   int    // bytes a value
	at     int    // the next value
	left   int64  // bytes still to come
	packed bool   // in decompresses: its output must end after those, which end checks
	back   func() // returns the decoder for later use

	get func(int) []byte
	buf []byte
}

// take returns the bytes of values from to to. These must not begin before values
// that were taken already; the bytes are valid until the next call.
func (s *stream) take(from, to int) ([]byte, error) {
	n := (to - from) * s.size
	if cap(s.buf) < n {
		s.buf = s.get(n)
	}
	s.buf = s.buf[:n]
	if from > s.at {
		if _, err := io.CopyN(io.Discard, s.in, int64(from-s.at)*int64(s.size)); err != nil {
			return nil, s.fail(err)
		}
	}
	if _, err := io.ReadFull(s.in, s.buf); err != nil {
		return nil, s.fail(err)
	}
	s.left -= int64(to-s.at) * int64(s.size)
	s.at = to
	return s.buf, nil
}

// end reads to the end and checks that it is where it should be.
func (s *stream) end() error {
	if !s.packed {
		return nil
	}
	switch n, err := io.Copy(io.Discard, s.in); {
	case err != nil:
		return s.fail(err)
	case n != s.left:
		return s.fail(fmt.Errorf("%d bytes too many came out", n-s.left))
	}
	return nil
}

func (s *stream) fail(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // io.EOF would mean the end of the table
	}
	if !s.packed {
		return fmt.Errorf("reading class vectors: %w", err)
	}
	return fmt.Errorf("a compressed buffer does not decompress to the bytes it declares: %w", err)
}

// elements loads the values inside lists. If they are many and have to be decoded
// or read, it leaves a stream in b.stream and returns an array without values.
func (b *batch) elements(f *field) (arrow.ArrayData, error) {
	t, ok := f.typ.(arrow.FixedWidthDataType)
	if !ok || f.dict != nil || !arrow.IsFloating(t.ID()) || b.codec == none && b.file.Data != nil {
		return b.load(f)
	}
	n, nulls, err := b.node()
	if err != nil {
		return nil, err
	}
	size := t.BitWidth() / 8
	if nulls != 0 || n < b.file.streamFrom/size {
		return b.loadFixed(t, n, nulls)
	}
	if _, _, err := b.next(); err != nil { // the null bitmap
		return nil, err
	}
	offset, length, err := b.next()
	if err != nil {
		return nil, err
	}
	s := &stream{size: size, get: b.arena, back: func() {}}
	if raw, err := s.open(b, offset, length, n*size); err != nil || s.in == nil {
		return arrayData(t, n, nil, nil, raw), err
	}
	b.stream = s
	return array.NewData(t, n, []*memory.Buffer{nil, nil}, nil, 0, 0), nil
}

// open begins the stream of a buffer that must hold at least need bytes. If it
// cannot be streamed, open returns the bytes instead.
func (s *stream) open(b *batch, offset, length int64, need int) (raw []byte, err error) {
	if b.codec == none {
		if int64(need) > length {
			return nil, fmt.Errorf("corrupt: a buffer holds %d bytes, its values need %d", length, need)
		}
		s.in, err = b.file.section(b.body+offset, length)
		return nil, err
	}
	head, err := b.file.View(b.body+offset, min(length, 8+zstd.HeaderMaxSize), b.arena)
	if err != nil {
		return nil, err
	}
	declared, packed, err := prefix(head, length)
	switch {
	case err != nil:
		return nil, err
	case declared == -1, !b.codec.streams(packed):
		return b.decompress(offset, length, need)
	case declared < int64(need):
		return nil, &shortBuffer{declared: declared, packed: int(length - 8), need: need}
	}
	in, err := b.file.section(b.body+offset+8, length-8)
	if err != nil {
		return nil, err
	}
	s.left, s.packed = declared, true
	s.in, s.back, err = b.codec.reader(in)
	return nil, err
}

// section is a reader of n bytes of the file.
func (f *file) section(offset, n int64) (io.Reader, error) {
	if f.Data != nil {
		raw, err := f.View(offset, n, nil)
		return bytes.NewReader(raw), err
	}
	return bufio.NewReaderSize(io.NewSectionReader(f.R, offset, n), int(min(n, 1<<18))), nil
}

// widestWindow is the largest ZSTD window that is streamed: how far back in its
// output a frame may refer.
const widestWindow = 32 << 20

// streams reports whether a frame that begins with head needs little memory when
// it is streamed.
func (c codec) streams(head []byte) bool {
	if c == lz4Frame {
		return true
	}
	var h zstd.Header
	return c == zstdCodec && h.Decode(head) == nil && h.WindowSize <= widestWindow
}

// reader decompresses in. back returns the decoder, after which the reader must
// not be used.
func (c codec) reader(in io.Reader) (out io.Reader, back func(), err error) {
	if c == lz4Frame {
		r := lz4Reader(in)
		return r, func() { lz4Readers.Put(r) }, nil
	}
	d, _ := zstdStreams.Get().(*zstd.Decoder)
	if d == nil {
		d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(widestWindow), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, nil, err
		}
	}
	back = func() {
		d.Reset(nil)
		zstdStreams.Put(d)
	}
	return d, back, d.Reset(in)
}

func lz4Reader(in io.Reader) *lz4.Reader {
	r, _ := lz4Readers.Get().(*lz4.Reader)
	if r == nil {
		r = lz4.NewReader(nil)
	}
	r.Reset(in)
	return r
}

var zstdStreams sync.Pool
