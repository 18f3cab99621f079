package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"

	"abstain/datasets/column"
)

// Pages are decompressed here, and parquet-go is shown a file without compression.
// Left to itself, parquet-go 0.32 gives a codec the page's buffer and then goes on
// with that buffer, also where the codec has put the bytes into a larger one of its
// own and their number is as declared: LZ4_RAW does that with every page that shrank
// to more than a third, and whatever page lay in the buffer before is read in its
// place. Besides, it knows one codec per column where the format has one per column
// and row group, and it allocates what the compressed bytes ask for.

// pages begins to read a column chunk.
func (r *Reader) pages(chunk pq.ColumnChunk, codec format.CompressionCodec, m *format.ColumnMetaData) (pq.Pages, error) {
	if codec == format.Uncompressed {
		return chunk.Pages(), nil
	}
	in, err := newInflater(r.at, codec, m)
	if err != nil {
		return nil, err
	}
	m.TotalCompressedSize = math.MaxInt64 - in.base // parquet-go reads until the end that inflater tells
	return chunk.(*pq.FileColumnChunk).PagesFrom(in), nil
}

// firstPage is where the pages of a column chunk begin.
func firstPage(m *format.ColumnMetaData) int64 {
	if m.DictionaryPageOffset != 0 {
		return m.DictionaryPageOffset
	}
	return m.DataPageOffset
}

// inflater reads like a column chunk that was written without compression: page by
// page the header with other sizes, then the decompressed page.
type inflater struct {
	at        io.ReaderAt
	codec     codec
	base, end int64 // of the chunk in the file
	next      int64 // next page header in the file
	start     int64 // where page begins for who reads the inflated chunk
	page      []byte
	packed    []byte
}

func newInflater(at io.ReaderAt, name format.CompressionCodec, m *format.ColumnMetaData) (*inflater, error) {
	c, ok := codecs[name]
	if !ok {
		e := column.Errorf("", -1, "compression %v is not supported", name)
		e.Hint = "write the file with ZSTD, Snappy, LZ4_RAW, GZIP or Brotli, or uncompressed"
		return nil, e
	}
	base := firstPage(m)
	return &inflater{at: at, codec: c, base: base, end: base + m.TotalCompressedSize, next: base, start: base}, nil
}

// ReadAt serves reading from front to back, and from the front once more.
func (f *inflater) ReadAt(p []byte, off int64) (n int, err error) {
	if off < f.start {
		f.next, f.start, f.page = f.base, f.base, f.page[:0]
	}
	for n < len(p) {
		if in := off + int64(n) - f.start; in < int64(len(f.page)) {
			n += copy(p[n:], f.page[in:])
		} else if f.next >= f.end {
			return n, io.EOF
		} else if err := f.load(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// load puts the next page of the file in place of the current one.
func (f *inflater) load() error {
	h, err := pageHeaderAt(f.at, f.next, f.end)
	if err != nil {
		return err
	}
	body := f.next + int64(h.size)
	if err := h.check(f.end-body, f.codec.ratio); err != nil {
		return err
	}
	f.packed = column.Grow(f.packed, int(h.compressed))
	if n, err := f.at.ReadAt(f.packed, body); n < len(f.packed) {
		return fmt.Errorf("reading a page: %w", errors.Join(err, io.ErrUnexpectedEOF))
	}
	if h.crc != 0 && crc32.ChecksumIEEE(f.packed) != uint32(h.crc) {
		return errors.New("corrupt: a page does not have its checksum")
	}
	f.start += int64(len(f.page))
	f.next = body + h.compressed
	f.page = h.inflated(f.page[:0])
	return f.inflate(h)
}

// inflate appends the decompressed page; levels of version 2 lie in front of what is compressed.
func (f *inflater) inflate(h pageHeader) error {
	if h.raw {
		f.page = append(f.page, f.packed...)
		return nil
	}
	if h.levels < 0 || h.levels > h.compressed || h.levels > h.uncompressed {
		return fmt.Errorf("corrupt: levels of %d bytes in a page of %d", h.levels, h.compressed)
	}
	f.page = append(f.page, f.packed[:h.levels]...)
	begin := len(f.page)
	f.page = extend(f.page, int(h.uncompressed-h.levels))
	out := f.page[begin:]
	if len(out) == 0 { // nothing but nulls; writers differ in what they compress it to
		return nil
	}
	n, err := f.codec.decode(out, f.packed[h.levels:])
	if err == nil && n != len(out) {
		err = fmt.Errorf("%d bytes came out", n)
	}
	if err != nil {
		return fmt.Errorf("corrupt: decompressing a page of %d bytes to %d: %w", len(f.packed), h.uncompressed, err)
	}
	return nil
}

// extend makes b n bytes longer; what these hold is not defined.
func extend(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		b = append(make([]byte, 0, len(b)+n), b...)
	}
	return b[:len(b)+n]
}

// A codec fills out, whose length is the declared size, and returns how many bytes
// there are. Nothing it decodes can be ratio times as long as what was compressed.
type codec struct {
	ratio  int64
	decode func(out, packed []byte) (int, error)
}

var codecs = map[format.CompressionCodec]codec{
	format.Snappy: {64, decodeSnappy},
	format.Gzip:   {1100, decodeGzip},
	format.Brotli: {maxRatio, decodeBrotli},
	format.Zstd:   {maxRatio, decodeZstd},
	format.Lz4:    {256, decodeLZ4Old},
	format.Lz4Raw: {256, decodeLZ4},
}

func decodeLZ4(out, packed []byte) (int, error) { return lz4.UncompressBlock(packed, out) }

// decodeLZ4Old reads what the deprecated name LZ4 stands for: blocks behind two big-endian
// lengths as Hadoop writes them, or one bare block, as old Arrow did.
func decodeLZ4Old(out, packed []byte) (int, error) {
	if n, err := decodeHadoop(out, packed); err == nil && n == len(out) {
		return n, nil
	}
	return decodeLZ4(out, packed)
}

func decodeHadoop(out, packed []byte) (n int, err error) {
	for len(packed) > 8 {
		size, length := int64(binary.BigEndian.Uint32(packed)), int64(binary.BigEndian.Uint32(packed[4:]))
		packed = packed[8:]
		if length > int64(len(packed)) || size > int64(len(out)-n) {
			return 0, errors.New("no Hadoop frame")
		}
		got, err := decodeLZ4(out[n:int64(n)+size], packed[:length])
		if err != nil {
			return 0, err
		}
		n, packed = n+got, packed[length:]
	}
	return n, nil
}

func decodeSnappy(out, packed []byte) (int, error) {
	n, err := snappy.DecodedLen(packed)
	if err != nil || n != len(out) {
		return n, err
	}
	_, err = snappy.Decode(out, packed)
	return n, err
}

// Decoders are costly to make and are used again.
var zstdDecoders, gzipReaders sync.Pool

func decodeZstd(out, packed []byte) (int, error) {
	d, _ := zstdDecoders.Get().(*zstd.Decoder)
	if d == nil {
		var err error
		// One stream, no goroutines; nothing is written beyond the capacity given.
		if d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true)); err != nil {
			return 0, err
		}
	}
	defer zstdDecoders.Put(d)
	got, err := d.DecodeAll(packed, out[:0:len(out)])
	return len(got), err
}

func decodeGzip(out, packed []byte) (int, error) {
	r, _ := gzipReaders.Get().(*gzip.Reader)
	if r == nil {
		r = new(gzip.Reader)
	}
	defer gzipReaders.Put(r)
	if err := r.Reset(bytes.NewReader(packed)); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r, out)
	if err != nil {
		return n, err
	}
	var more [1]byte
	k, err := io.ReadFull(r, more[:])
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n + k, err
}

func decodeBrotli(out, packed []byte) (int, error) {
	got, err := pq.Brotli.Decode(out, packed)
	return copy(out, got) + max(0, len(got)-len(out)), err
}
