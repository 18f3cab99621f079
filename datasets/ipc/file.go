package ipc

import (
	"io"

	"abstain/datasets/internal/mapping"
)

// mapFrom is the size from which files are mapped.
var mapFrom = mapping.From

// file is the bytes of a table.
type file struct {
	*mapping.File
	streamFrom int // see the variable
}

// arena holds the buffers of one record batch, which are returned together.
type arena = mapping.Arena

func newFile(r io.ReaderAt, size int64) (*file, error) {
	f, err := mapping.Open(r, size, mapFrom)
	return &file{f, streamFrom}, err
}

func fresh(n int) []byte { return make([]byte, n) }
