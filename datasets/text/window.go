package text

import (
	"errors"
	"fmt"
	"io"
)

// MaxLine is the most bytes that one row of a table may take.
const MaxLine = 64 << 20

// block is how many bytes are read at once.
const block = 256 << 10

// ErrLong is returned for a row longer than MaxLine.
var ErrLong = fmt.Errorf("a row is longer than %d MB", MaxLine>>20)

// Window is the part of a stream that is in memory: as much as one row needs, and at
// least a block.
type Window struct {
	src io.Reader
	buf []byte
	err error
	cut bool // the last line of the stream has no end
}

// NewWindow is the window at the beginning of the stream; it is empty before More.
func NewWindow(src io.Reader) *Window { return &Window{src: src} }

// More drops the bytes before from, reads more, and returns all that it then holds.
// After the last byte of the stream come a line end, if there is none, and the error
// io.EOF. It is ErrLong if what is kept has reached MaxLine.
func (w *Window) More(from int) ([]byte, error) {
	if w.err != nil {
		w.buf = w.buf[from:]
		return w.buf, w.err
	}
	kept := w.buf[from:]
	if len(kept) >= MaxLine {
		return kept, ErrLong
	}
	if cap(w.buf) < len(kept)+block {
		w.buf = append(make([]byte, 0, max(2*cap(w.buf), len(kept)+block)), kept...)
	} else {
		w.buf = w.buf[:copy(w.buf[:len(kept)], kept)]
	}
	n, err := w.read(w.buf[len(w.buf):cap(w.buf)])
	w.buf = w.buf[:len(w.buf)+n]
	w.err = err
	if errors.Is(err, io.EOF) {
		w.end()
		return w.buf, nil
	}
	return w.buf, err
}

// read reads once, and again as long as there is neither a byte nor an error.
func (w *Window) read(p []byte) (int, error) {
	for range 100 {
		if n, err := w.src.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

// end adds the line end that the last line may lack.
func (w *Window) end() {
	if n := len(w.buf); n > 0 && w.buf[n-1] != '\n' && w.buf[n-1] != '\r' {
		w.buf, w.cut = append(w.buf, '\n'), true
	}
}

// Cut reports whether the stream ended within a line, once the window holds its end.
func (w *Window) Cut() bool { return w.cut }

// Ended reports whether the window holds the end of the stream.
func (w *Window) Ended() bool { return errors.Is(w.err, io.EOF) }
