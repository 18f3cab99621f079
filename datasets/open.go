package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/csv"
	"abstain/datasets/ipc"
	"abstain/datasets/jsonl"
	"abstain/datasets/lmeval"
	"abstain/datasets/numpy"
	"abstain/datasets/parquet"
	"abstain/datasets/safetensors"
	"abstain/datasets/text"
)

// format is a way to write tables in files.
type format struct {
	name    string
	begins  []string // what its files begin with, any of these; none for text, which the name tells
	endings []string // of the files of a folder that are looked at as tables
	packed  bool     // the files may be packed (gzip, Zstandard, zip), which a second ending says
	// version is the Version of the format's package: raised when it reads other values
	// from the same bytes than before. 0 stands for 1.
	version int
	open    func(f opened) (column.Source, error)
}

// opened is an open file of a table.
type opened struct {
	randomAccess
	size int64
	name string // as in Table.Path
}

// endless is what an Arrow stream begins with, and a safetensors file whose header would
// have all the bytes that can be counted.
const endless = "\xff\xff\xff\xff"

// formats are all there are.
var formats = []format{
	{
		name:    "Arrow",
		begins:  []string{"ARROW1", endless},
		endings: []string{".arrow", ".arrows", ".feather", ".ipc"},
		version: ipc.Version,
		open:    func(f opened) (column.Source, error) { return ipc.Open(f.randomAccess, f.size) },
	},
	{
		name:    "Parquet",
		begins:  []string{"PAR1", "PARE"}, // E if encrypted
		endings: []string{".parquet"},
		version: parquet.Version,
		open:    func(f opened) (column.Source, error) { return parquet.Open(f.randomAccess, f.size) },
	},
	{
		name:    "NumPy",
		begins:  []string{"\x93NUMPY"},
		endings: []string{".npy"},
		version: numpy.Version,
		open:    openArray,
	},
	{
		name:    "CSV",
		endings: []string{".csv", ".tsv", ".txt"},
		packed:  true,
		version: csv.Version,
		open:    func(f opened) (column.Source, error) { return csv.Open(f.randomAccess, f.size, f.name) },
	},
	{
		name:    "JSON lines",
		endings: []string{".jsonl", ".ndjson", ".json"},
		packed:  true,
		version: jsonl.Version + lmeval.Version - 1, // either may be raised
		open: func(f opened) (column.Source, error) {
			if lmeval.Recognise(f.randomAccess, f.size) {
				return lmeval.Open(f.randomAccess, f.size, f.name)
			}
			return jsonl.Open(f.randomAccess, f.size, f.name)
		},
	},
	{ // after the formats that may be packed as zip files
		name:    "npz",
		begins:  []string{"PK\x03\x04", "PK\x05\x06"},
		endings: []string{".npz"},
		version: numpy.Version,
		open:    openZip,
	},
	{
		name:    "safetensors",
		endings: []string{".safetensors"},
		version: safetensors.Version,
		open:    func(f opened) (column.Source, error) { return safetensors.Open(f.randomAccess, f.size) },
	},
}

// named reports whether a file has one of the format's endings.
func (x format) named(name string) bool {
	if x.packed {
		name = text.Unpacked(name)
	}
	return slices.Contains(x.endings, ending(name))
}

// is reports whether a file that begins with head has the format.
func (x format) is(head []byte, name string) bool {
	if x.begins == nil {
		return x.named(name)
	}
	if ending(name) == ".safetensors" && bytes.HasPrefix(head, []byte(endless)) {
		return false // the length of a header, too large, and no Arrow stream
	}
	return slices.ContainsFunc(x.begins, func(b string) bool { return bytes.HasPrefix(head, []byte(b)) })
}

// OpenTable opens a prediction table and recognises its columns. Contents decide
// the format (Arrow IPC file or stream, Parquet, NumPy), not the name; what is none of
// them is text, whose format the name tells (CSV, JSON lines), or safetensors. Errors are
// of type *Error.
//
// The reader holds the file open, and may hold it mapped, until Close; batches are
// not to be used after that. It also implements Hasher. It must not be used by several
// goroutines at once; different readers are independent.
func OpenTable(t Table) (Reader, error) {
	r, err := openTable(t)
	if err != nil {
		return nil, err // a nil *tableReader must not become a non-nil Reader
	}
	if err := r.begin(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func openTable(t Table) (*tableReader, error) {
	files, err := openFiles(t)
	if err != nil {
		return nil, tableError(t.Name, err)
	}
	source, err := files.source()
	if err != nil {
		files.Close()
		return nil, tableError(t.Name, err)
	}
	r, err := newReader(t, source, files, files.source)
	if err != nil {
		source.Close()
		files.Close()
		return nil, err
	}
	return r, nil
}

// randomAccess is an open file that can be read at any position.
type randomAccess interface {
	io.ReaderAt
	io.Closer
}

// inMemory replaces files that can only be read from front to back.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func openFile(fsys fs.FS, name string) (opened, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return opened{}, cause(err)
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = errors.New("is a folder, not a table")
	}
	if err != nil {
		f.Close()
		return opened{}, cause(err)
	}
	if at, ok := f.(randomAccess); ok {
		return opened{at, st.Size(), name}, nil
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return opened{}, cause(err)
	}
	return opened{inMemory{bytes.NewReader(b)}, int64(len(b)), name}, nil
}

// cause drops the path from an error of the file system, because our error
// already names it as the user wrote it.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// openSource chooses the format by the first bytes, that of text by the name.
func openSource(f opened) (column.Source, error) {
	head := make([]byte, 8)
	n, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, cause(err)
	}
	head = head[:n]
	if f.size == 0 {
		return nil, errors.New("the file is empty")
	}
	for _, x := range formats {
		if x.is(head, f.name) {
			return x.open(f)
		}
	}
	if err := foreign(head, f.name); err != nil {
		return nil, err
	}
	return nil, noFormat(head)
}

// noFormat says that a file has none of the formats.
func noFormat(head []byte) error {
	var binary, text []string
	for _, x := range formats {
		if x.begins != nil {
			binary = append(binary, x.name)
		} else {
			text = append(text, x.endings...)
		}
	}
	return fmt.Errorf("not a table: it begins with %q, as no %s file does, and is not named %s", head, strings.Join(binary, " or "), strings.Join(text, " or "))
}
