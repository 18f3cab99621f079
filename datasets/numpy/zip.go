package numpy

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime/debug"
	"strings"

	"github.com/klauspost/compress/flate"

	"abstain/datasets/array"
	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// ending is that of the members of a zip file that are arrays.
const ending = ".npy"

// archive is an open .npz file.
type archive struct {
	file *mapping.File
	zip  *zip.Reader
}

// OpenZip opens a .npz file of size bytes, whose members are the columns of a table; name
// is the file's path, of which the last part tells layouts of other programs, such as
// raw_logits.npz of fd-shifts. The result is also a column.Sectioned.
//
// Members that cannot be columns, such as pickled ones, are fields of the kind Other. It
// is an error if a member is damaged, encrypted or there twice. Checksums are compared
// when a member was read to its end.
func OpenZip(at io.ReaderAt, size int64, name string) (column.Source, error) {
	s, err := openZip(at, size, name)
	if err != nil {
		return nil, err // a nil *array.Source must not become a non-nil Source
	}
	return s, nil
}

func openZip(at io.ReaderAt, size int64, name string) (s *array.Source, err error) {
	f, err := mapping.Open(at, size, mapping.From)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	arrays, err := readArchive(f)
	if err != nil {
		return nil, err
	}
	if s, err = array.New([]*mapping.File{f}, arrays, nil); err != nil {
		return nil, err
	}
	return s, peers(s, name)
}

// readArchive lists the members of a zip file.
func readArchive(f *mapping.File) (arrays []array.Array, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if err = f.Fault(p); err == nil {
				panic(p)
			}
		}
	}()
	z, err := zip.NewReader(bytesOf(f), f.Size)
	if errors.Is(err, zip.ErrFormat) {
		return nil, errors.New("not a complete zip file, as .npz is: " +
			"its directory, which comes last, is missing or damaged (truncated?)")
	}
	if err != nil {
		return nil, fmt.Errorf("damaged zip file: %w", err)
	}
	z.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	a := archive{f, z}
	return a.arrays()
}

// bytesOf reads the file from memory if it is there.
func bytesOf(f *mapping.File) io.ReaderAt {
	if f.Data == nil {
		return f.R
	}
	return inMemory(f.Data)
}

// inMemory reads bytes that may be those of a mapping.
type inMemory []byte

// ReadAt copies bytes.
func (m inMemory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(m)) {
		return 0, io.EOF
	}
	n := copy(p, m[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// arrays describes the members.
func (z archive) arrays() ([]array.Array, error) {
	var list []array.Array
	seen := map[string]bool{}
	for _, m := range z.zip.File {
		if strings.HasSuffix(m.Name, "/") {
			continue // a folder
		}
		name := strings.TrimSuffix(m.Name, ending)
		if seen[name] {
			return nil, column.Errorf(name, -1, "is in the file twice: which one is meant?")
		}
		seen[name] = true
		a, err := z.array(m, name)
		if err != nil {
			return nil, column.Errorf(name, -1, "%w", err)
		}
		list = append(list, a)
	}
	return list, nil
}

// array describes a member.
func (z archive) array(m *zip.File, name string) (array.Array, error) {
	none := func(why string, args ...any) (array.Array, error) {
		return array.Array{Name: name, Why: fmt.Sprintf(why, args...)}, nil
	}
	switch {
	case !strings.HasSuffix(m.Name, ending):
		return none("a file that is no array (%s)", m.Name)
	case m.Flags&1 != 0:
		return array.Array{}, errors.New("is encrypted, and no password can be given here: save the file without one")
	case m.Method == zip.Store:
		return z.stored(m, name)
	case m.Method == zip.Deflate:
		return z.deflated(m, name)
	}
	return none("an array compressed by zip's method %d (only 0, stored, and 8, deflated, are read; "+
		"save it with numpy.savez or numpy.savez_compressed)", m.Method)
}

// extent checks where the bytes of a member are.
func (z archive) extent(m *zip.File) (offset, length int64, err error) {
	offset, err = m.DataOffset()
	if err != nil {
		return 0, 0, fmt.Errorf("damaged zip file: %w", err)
	}
	if m.CompressedSize64 > uint64(z.file.Size) || offset > z.file.Size-int64(m.CompressedSize64) {
		return 0, 0, fmt.Errorf("truncated: %d bytes at %d in a file of %d", m.CompressedSize64, offset, z.file.Size)
	}
	return offset, int64(m.CompressedSize64), nil
}

// stored describes a member that is in the file as it is.
func (z archive) stored(m *zip.File, name string) (array.Array, error) {
	offset, length, err := z.extent(m)
	if err != nil {
		return array.Array{}, err
	}
	if m.UncompressedSize64 != uint64(length) {
		return array.Array{}, fmt.Errorf("damaged zip file: %d bytes are stored as %d", m.UncompressedSize64, length)
	}
	in := io.NewSectionReader(bytesOf(z.file), offset, length)
	sum := crc32.NewIEEE()
	h, err := readHeader(io.TeeReader(in, sum), length)
	if err != nil {
		return array.Array{}, err
	}
	a := h.array(name)
	a.Body = array.Body{File: z.file, Offset: offset + h.length, Length: length - h.length}
	a.Body.CRC = &array.CRC{Head: sum.Sum32(), Whole: m.CRC32}
	return a, h.fits(a.Body.Length)
}

// densest is how many bytes a byte of a deflated member can stand for, at most.
const densest = 1032

// deflated describes a compressed member.
func (z archive) deflated(m *zip.File, name string) (array.Array, error) {
	_, length, err := z.extent(m)
	if err != nil {
		return array.Array{}, err
	}
	if m.UncompressedSize64/densest > uint64(length) {
		return array.Array{}, fmt.Errorf("truncated or damaged: %d compressed bytes cannot be the %d that are declared",
			length, m.UncompressedSize64)
	}
	size := int64(m.UncompressedSize64)
	in, err := m.Open()
	if err != nil {
		return array.Array{}, fmt.Errorf("damaged zip file: %w", err)
	}
	defer in.Close()
	h, err := readHeader(in, size)
	if err != nil {
		return array.Array{}, err
	}
	a := h.array(name)
	a.Body = array.Body{File: z.file, Length: size - h.length}
	a.Body.Open = func() (io.ReadCloser, error) { return inflate(m, h.length) }
	return a, h.fits(a.Body.Length)
}

// inflate begins to read the values of a member, after its header.
func inflate(m *zip.File, header int64) (io.ReadCloser, error) {
	in, err := m.Open()
	if err == nil {
		_, err = io.CopyN(io.Discard, in, header)
	}
	if err != nil {
		return nil, err
	}
	return in, nil
}
