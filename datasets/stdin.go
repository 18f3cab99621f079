package datasets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"abstain/datasets/text"
)

// heldInput is how many bytes of an input that cannot be read at any position are held in
// memory; more are written to a temporary file.
const heldInput = 64 << 20

// OpenReader opens a table, or several, in any format that is one file. Its contents tell
// the format, and name is that of the model if the metadata name none. r is read to its
// end before OpenReader returns, unless it is a file: that must stay open as long as the
// corpus is read.
func OpenReader(r io.Reader, name string, as Reading) (*Corpus, error) {
	at, size, err := randomInput(r)
	if err != nil {
		return nil, &Error{Table: name, Row: -1, Err: cause(err)}
	}
	if size == 0 {
		return nil, &Error{Table: name, Row: -1, Err: errors.New("is empty"), Hint: "pipe a table into it: cat MODEL.csv | abstain run -"}
	}
	file := name + contentEnding(at, size)
	o := &opener{fsys: inputFS{file, at, size}, root: name, corpus: &Corpus{Name: name}, reading: as}
	o.display = func(string) string { return name }
	return o.open(file)
}

// randomInput makes an input readable at any position.
func randomInput(r io.Reader) (io.ReaderAt, int64, error) {
	if f, ok := r.(*os.File); ok {
		if st, err := f.Stat(); err == nil && st.Mode().IsRegular() {
			return f, st.Size(), nil
		}
	}
	held, err := io.ReadAll(io.LimitReader(r, heldInput))
	if err != nil || len(held) < heldInput {
		return bytes.NewReader(held), int64(len(held)), err
	}
	f, err := os.CreateTemp("", "abstain-input-*")
	if err != nil {
		return nil, 0, err
	}
	os.Remove(f.Name()) // where the system can: the file then lasts as long as it is open
	size, err := io.Copy(f, io.MultiReader(bytes.NewReader(held), r))
	return f, size, err
}

// contentEnding is the ending that a file with these contents should have; "" if a format
// begins in a way of its own.
func contentEnding(at io.ReaderAt, size int64) string {
	head := make([]byte, 16)
	n, _ := at.ReadAt(head, 0)
	head = head[:n]
	for _, x := range formats {
		if x.begins != nil && x.is(head, "") {
			return ""
		}
	}
	if foreign(head, "") != nil {
		return ""
	}
	if n > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) < uint64(size) {
		return ".safetensors"
	}
	unpacked, err := text.Open(at, size)
	if err != nil {
		return ".csv" // whose reader says what is wrong
	}
	defer unpacked.Close()
	start := make([]byte, 4096)
	n, _ = io.ReadFull(unpacked, start)
	if first := strings.TrimLeft(string(start[:n]), " \t\r\n"); strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[") {
		return ".jsonl"
	}
	return ".csv"
}

// inputFS is a file system of one file.
type inputFS struct {
	name string
	at   io.ReaderAt
	size int64
}

// Open opens the file.
func (i inputFS) Open(name string) (fs.File, error) {
	if name != i.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return inputFile{io.NewSectionReader(i.at, 0, i.size), i}, nil
}

// ReadDir lists the file.
func (i inputFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(inputInfo{i})}, nil
}

// inputFile is the file, opened. Closing it leaves the input open.
type inputFile struct {
	*io.SectionReader
	of inputFS
}

func (f inputFile) Stat() (fs.FileInfo, error) { return inputInfo{f.of}, nil }
func (f inputFile) Close() error               { return nil }

// inputInfo describes the file.
type inputInfo struct{ of inputFS }

func (i inputInfo) Name() string       { return i.of.name }
func (i inputInfo) Size() int64        { return i.of.size }
func (i inputInfo) Mode() fs.FileMode  { return 0o444 }
func (i inputInfo) ModTime() time.Time { return time.Time{} }
func (i inputInfo) IsDir() bool        { return false }
func (i inputInfo) Sys() any           { return nil }
