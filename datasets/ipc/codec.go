package ipc

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// codec is how the buffers of a batch are compressed.
type codec int

const (
	none     codec = iota
	lz4Frame       // CompressionType 0 of Message.fbs
	zstdCodec
)

// maxRatio bounds the uncompressed size that a buffer may declare. For a run of
// equal bytes ZSTD needs four bytes per 128 KB; nothing expands more.
const maxRatio = 1 << 15

// prefix splits a compressed buffer of that length, which may be cut short, into
// the declared size and the rest.
func prefix(raw []byte, length int64) (declared int64, packed []byte, err error) {
	if len(raw) < 8 {
		return 0, nil, fmt.Errorf("corrupt: a compressed buffer of %d bytes has no size prefix", len(raw))
	}
	declared, packed = int64(binary.LittleEndian.Uint64(raw)), raw[8:]
	if declared < -1 || declared > (length-8+64)*maxRatio {
		return 0, nil, fmt.Errorf("corrupt: a compressed buffer of %d bytes declares %d bytes uncompressed", length-8, declared)
	}
	return declared, packed, nil
}

// shortBuffer is a compressed buffer that declares too few bytes.
type shortBuffer struct {
	declared     int64
	packed, need int
}

func (e *shortBuffer) Error() string {
	return fmt.Sprintf("a compressed buffer declares %d bytes uncompressed where its values need %d", e.declared, e.need)
}

// hint explains the most frequent cause.
func (e *shortBuffer) hint() string {
	if e.declared != int64(e.packed) {
		return "the file is damaged; write it again"
	}
	return "its writer stored the compressed size in place of the uncompressed one (apache-arrow for JavaScript 21 does); " +
		"write the file uncompressed or with another writer"
}

// Buffers beyond both bounds are first decoded without keeping the result, so
// that a damaged size cannot ask for more memory than there is. They may be
// valid: constant columns compress that well.
const (
	trustedSize  = 64 << 20
	trustedRatio = 256
)

// prove checks that a buffer decompresses to the size it declares, before that
// much memory is allocated. It skips the check if the size is plausible.
func (c codec) prove(declared int64, packed []byte) error {
	if declared <= trustedSize || declared <= trustedRatio*int64(len(packed)) {
		return nil
	}
	var r io.Reader = lz4.NewReader(bytes.NewReader(packed))
	if c == zstdCodec {
		d, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(trustedSize))
		if err != nil {
			return err
		}
		defer d.Close()
		r = d
	}
	n, err := io.CopyN(io.Discard, r, declared)
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%d bytes came out", n)
	}
	return err
}

// expand decompresses a buffer of the declared size into memory that get provides.
func (c codec) expand(packed []byte, declared int, get func(int) []byte) ([]byte, error) {
	if err := c.prove(int64(declared), packed); err != nil {
		return nil, err
	}
	out := get(declared)
	return out, c.decode(out, packed)
}

// decode fills out, whose length is the declared size, exactly.
func (c codec) decode(out, packed []byte) error {
	switch c {
	case lz4Frame:
		return decodeLZ4(out, packed)
	case zstdCodec:
		return decodeZstd(out, packed)
	}
	return fmt.Errorf("compression %d is not known", int(c-lz4Frame))
}

func decodeLZ4(out, packed []byte) error {
	r := lz4Reader(bytes.NewReader(packed))
	if _, err := io.ReadFull(r, out); err != nil {
		return err
	}
	if n, err := io.Copy(io.Discard, r); err != nil || n > 0 {
		return cmp.Or(err, fmt.Errorf("%d bytes too many came out", n))
	}
	lz4Readers.Put(r)
	return nil
}

// Decoders are expensive to make, so they are used again.
var (
	lz4Readers   sync.Pool
	zstdDecoders sync.Pool
)

func decodeZstd(out, packed []byte) error {
	d, _ := zstdDecoders.Get().(*zstd.Decoder)
	if d == nil {
		var err error
		// One stream, no goroutines; nothing is written beyond the capacity given.
		if d, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true)); err != nil {
			return err
		}
	}
	defer zstdDecoders.Put(d)
	got, err := d.DecodeAll(packed, out[:0:len(out)])
	if err == nil && len(got) != len(out) {
		err = fmt.Errorf("%d bytes came out", len(got))
	}
	return err
}
