package credal_test

import (
	"bytes"
	"io"
)

func bytesOf(b []byte) io.Reader { return bytes.NewReader(b) }
