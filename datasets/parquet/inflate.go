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

// Pages are decompressed here, and parquet-go is given a file without
// compression. parquet-go 0.32 itself hands a codec the page's buffer and then
// continues with that buffer, even where the codec has put the bytes into a
// larger buffer of its own and their number is as declared. LZ4_RAW does this
// with every page that shrinks to more than a third, and whatever page was in the
// buffer before is read instead. parquet-go also knows one codec per column,
// where the format has one per column and row group, and it allocates as much as
// the compressed bytes ask for.

// pages opens the pages of a column chunk.
func (r *Reader) pages(chunk pq.ColumnChunk, codec format.CompressionCodec, m *format.ColumnMetaData) (pq.Pages, error) {
	if codec == format.Uncompressed {
		return chunk.Pages(), nil
	}
	in, err := newInflater(r.at, codec, m)
	if err != nil {
		return nil, err
	}
	m.TotalCompressedSize = math.MaxInt64 - in.base // parquet-go then reads until inflater reports the end
	return chunk.(*pq.FileColumnChunk).PagesFrom(in), nil
}

// firstPage is where the pages of a column chunk begin.
func firstPage(m *format.ColumnMetaData) int64 {
	if m.DictionaryPageOffset != 0 {
		return m.DictionaryPageOffset
	}
	return m.DataPageOffset
}

// inflater reads as if the column chunk had been written without compression:
// page by page, the header with other sizes and then the decompressed page.
type inflater struct {
	at        io.ReaderAt
	codec     codec
	base, end int64 // of the chunk in the file
	next      int64 // next page header in the file
	start     int64 // where page begins in the inflated chunk
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

// ReadAt can read from front to back, and once more from the front.
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

// load replaces the current page with the next one of the file.
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

// inflate appends the decompressed page. In version 2, the levels are in front of
// the compressed part.
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
	if len(out) == 0 { // only nulls; writers differ in what they compress this to
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

// extend makes b n bytes longer; the new bytes have any value.
func extend(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		b = append(make([]byte, 0, len(b)+n), b...)
	}
	return b[:len(b)+n]
}

// A codec fills out, whose length is the declared size, and returns how many
// bytes it wrote. ratio bounds how many times longer than its input the output
// can be.
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

// decodeLZ4Old reads what the deprecated name LZ4 may mean: blocks after two
// big-endian lengths, as Hadoop writes them, or one bare block, as old versions
// of Arrow did.
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

// Decoders are expensive to make, so they are used again.
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
