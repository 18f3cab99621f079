// Package text opens files of text and reads numbers in them: what formats that are
// written as text have in common. Begin with Open.
//
// A file may be packed (gzip, Zstandard, a zip of one file) and may be UTF-16 with a
// byte order mark; what comes out is UTF-8 without one, in bounded memory. Other
// encodings and packings are refused with the way out.
//
// The package imports nothing of this module.
package text

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is the most memory that a Zstandard file may ask for. Levels up to 20
// need 32 MB; only --long and --ultra -21 and -22 ask for more.
const maxWindow = 32 << 20

// packings are what the first bytes of a packed file say. Those without a function
// are known only to be named.
var packings = []struct {
	begins string
	name   string
	open   func(r io.ReaderAt, size int64) (io.ReadCloser, error)
}{
	{"\x1f\x8b", "gzip", openGzip},
	{"\x28\xb5\x2f\xfd", "Zstandard", openZstd},
	{"PK\x03\x04", "zip", openZip},
	{"PK\x05\x06", "zip", openZip},
	{"BZh", "bzip2", nil},
	{"\xfd7zXZ\x00", "xz", nil},
	{"\x04\x22\x4d\x18", "LZ4", nil},
	{"7z\xbc\xaf\x27\x1c", "7z", nil},
}

// endings of packed files. Open says of the last two that they are not read.
var endings = []string{".gz", ".zst", ".zip", ".bz2", ".xz"}

// Unpacked is a file's name without the ending that says how it is packed.
func Unpacked(name string) string {
	for _, e := range endings {
		if n := len(name) - len(e); n > 0 && strings.EqualFold(name[n:], e) && path.Ext(name[:n]) != "" {
			return name[:n]
		}
	}
	return name
}

// Open returns the text of a file as UTF-8 without a byte order mark. Bytes that are
// not UTF-8 are passed on as they are. Closing it does not close r.
func Open(r io.ReaderAt, size int64) (io.ReadCloser, error) {
	head := make([]byte, 8)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	unpacked := io.NopCloser(io.Reader(io.NewSectionReader(r, 0, size)))
	for _, p := range packings {
		if !bytes.HasPrefix(head, []byte(p.begins)) {
			continue
		}
		if p.open == nil {
			return nil, fmt.Errorf("it is packed with %s, which is not read here: unpack it, or pack it with gzip or zstd",
				p.name)
		}
		if unpacked, err = p.open(r, size); err != nil {
			return nil, err
		}
		unpacked = named{unpacked, p.name}
		break
	}
	decoded, err := decode(unpacked)
	if err != nil {
		unpacked.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{decoded, unpacked}, nil
}

// named says in errors which packing is damaged.
type named struct {
	io.ReadCloser
	packing string
}

func (n named) Read(p []byte) (int, error) {
	k, err := n.ReadCloser.Read(p)
	switch {
	case err == nil || errors.Is(err, io.EOF):
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("its %s data end too early: the file is truncated; write or copy it again", n.packing)
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		err = fmt.Errorf("its Zstandard data need more than %d MB of memory: pack it without --long", maxWindow>>20)
	default:
		err = fmt.Errorf("its %s data are damaged (%w): write or copy it again", n.packing, err)
	}
	return k, err
}

func openGzip(r io.ReaderAt, size int64) (io.ReadCloser, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<16))
	if err != nil {
		return nil, fmt.Errorf("its gzip header is damaged (%w): write or copy it again", err)
	}
	return z, nil
}

// openZstd reads without goroutines of its own, as everything below the pool does.
func openZstd(r io.ReaderAt, size int64) (io.ReadCloser, error) {
	z, err := zstd.NewReader(io.NewSectionReader(r, 0, size), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("its Zstandard data are damaged (%w): write or copy it again", err)
	}
	return z.IOReadCloser(), nil
}

// openZip opens the only file of a zip.
func openZip(r io.ReaderAt, size int64) (io.ReadCloser, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("it is a zip that is damaged (%w): write or copy it again", err)
	}
	var only *zip.File
	files := 0
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		only = f
		files++
	}
	switch {
	case strings.HasPrefix(zipKind(z), "xl/"):
		return nil, errors.New("it is an Excel workbook: save its sheet as CSV UTF-8")
	case files != 1:
		return nil, fmt.Errorf("it is a zip of %d files, but a table is one: unpack it into a folder", files)
	case only.Flags&1 != 0:
		return nil, errors.New("it is an encrypted zip: unpack it with its password first")
	}
	f, err := only.Open()
	if err != nil {
		return nil, fmt.Errorf("the file %q of the zip cannot be unpacked (%w): unpack it with another program",
			only.Name, err)
	}
	return f, nil
}

// zipKind is the name of a file that tells an Excel workbook from other zips.
func zipKind(z *zip.Reader) string {
	for _, f := range z.File {
		if f.Name == "xl/workbook.xml" {
			return f.Name
		}
	}
	return ""
}
