// Package numpy reads arrays of NumPy as prediction tables: .npy files beside each other,
// with OpenFiles, and .npz files, with OpenZip.
//
// All versions of the .npy header are read, with either order of bytes and of dimensions.
// Arrays of Python objects are pickles, and never loaded. Values in mapped files are used
// in place; compressed members of a zip file are streamed.
//
// The header is parsed here. codeberg.org/sbinet/npyio, the library for it (looked at in
// version 0.14), refuses version 3 and the long integers of Python 2, expects the entries
// in NumPy's order, allocates and slices by what a header declares, loads pickles, and
// reads values through reflection from the front.
//
// The package may import the packages array, column and the mapping, and nothing else of
// this module.
package numpy

import (
	"fmt"
	"io"

	"abstain/datasets/array"
	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// File is an open .npy file that holds a column of a table.
type File struct {
	Column string // name of the column
	Name   string // of the file, for messages
	At     io.ReaderAt
	Size   int64 // bytes
}

// OpenFiles opens a table that has a column in each file, in their order. The arrays must
// have as many rows as each other. It is an error if an array cannot be a column.
func OpenFiles(files []File) (column.Source, error) {
	s, err := openFiles(files)
	if err != nil {
		return nil, err // a nil *array.Source must not become a non-nil Source
	}
	return s, nil
}

func openFiles(files []File) (*array.Source, error) {
	var open []*mapping.File
	var arrays []array.Array
	closeAll := func() {
		for _, f := range open {
			f.Close()
		}
	}
	for _, f := range files {
		m, err := mapping.Open(f.At, f.Size, mapping.From)
		if err != nil {
			closeAll()
			return nil, column.Errorf(f.Column, -1, "%s: %w", f.Name, err)
		}
		open = append(open, m)
		a, err := f.array(m)
		if err != nil {
			closeAll()
			return nil, column.Errorf(f.Column, -1, "%s: %w", f.Name, err)
		}
		arrays = append(arrays, a)
	}
	s, err := array.New(open, arrays, nil)
	if err == nil {
		err = complete(s, files)
	}
	if err != nil {
		closeAll()
		return nil, err
	}
	return s, nil
}

// array describes the array of a file.
func (f File) array(m *mapping.File) (array.Array, error) {
	h, err := readHeader(io.NewSectionReader(f.At, 0, f.Size), f.Size)
	if err != nil {
		return array.Array{}, err
	}
	a := h.array(f.Column)
	a.Body = array.Body{File: m, Offset: h.length, Length: f.Size - h.length}
	return a, h.fits(a.Body.Length)
}

// array is an array with this header.
func (h header) array(name string) array.Array {
	return array.Array{Name: name, Type: h.typ, Shape: h.shape, Big: h.big, Fortran: h.fortran, Why: h.why}
}

// fits checks that the values take exactly the bytes that follow the header.
func (h header) fits(length int64) error {
	if h.why != "" {
		return nil // the size of a value is not known
	}
	need, err := array.Fits(h.shape, h.typ.Size)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("%s of shape (%s)", h.typ.Word, array.Shape(h.shape))
	switch {
	case length < need:
		return fmt.Errorf("truncated, or not its own header: %s takes %d bytes, and %d follow the header", what, need, length)
	case length > need:
		return fmt.Errorf("%d bytes are left over: %s takes %d bytes, and %d follow the header; "+
			"were two arrays saved into one file?", length-need, what, need, length)
	}
	return nil
}

// complete checks that each file has become a column.
func complete(s *array.Source, files []File) error {
	for i, a := range s.Arrays() {
		if a.Why != "" {
			return column.Errorf(files[i].Column, -1, "%s holds %s", files[i].Name, a.Why)
		}
		if n, m := s.Arrays()[0].Shape[0], a.Shape[0]; n != m {
			return column.Errorf(files[i].Column, -1, "%s has %d rows where %s has %d", files[i].Name, m, files[0].Name, n)
		}
	}
	return nil
}
