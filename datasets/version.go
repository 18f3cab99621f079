package datasets

import (
	"errors"
	"io"
	"slices"
)

// meaningVersion is raised when tables that were read before come to mean something
// else: 2 since columns are understood by their usual names, too.
const meaningVersion = 2

// ReaderVersion is the version of the format that the table's files have, of several
// the highest, and at least that of what columns mean. What was kept of a table read by
// another version is not to be believed.
// The ending of the name tells the format, so that no file need be opened; a file whose
// name does not is looked into.
func (t Table) ReaderVersion() int {
	version := meaningVersion
	for _, p := range t.files() {
		at := slices.IndexFunc(formats, func(x format) bool { return x.named(p.Path) })
		if at < 0 {
			head, err := t.head(p.Path)
			at = slices.IndexFunc(formats, func(x format) bool { return err == nil && x.is(head, p.Path) })
		}
		if at >= 0 {
			version = max(version, formats[at].version)
		}
	}
	return version
}

// head is what a file begins with.
func (t Table) head(name string) ([]byte, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}
