package text

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decode finds the encoding by the byte order mark, and refuses what is no text.
func decode(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")) || bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return nil, errors.New("its text is UTF-32: save it as UTF-8")
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		b.Discard(2)
		return &utf16Reader{src: b, order: binary.LittleEndian}, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		b.Discard(2)
		return &utf16Reader{src: b, order: binary.BigEndian}, nil
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		b.Discard(3)
		head = head[3:]
	}
	if err := refuseZeros(head); err != nil {
		return nil, err
	}
	return b, nil
}

// refuseZeros refuses text with zero bytes in it: every other byte of ASCII is zero in
// UTF-16.
func refuseZeros(head []byte) error {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i&1]++
		}
	}
	switch half := len(head) / 4; {
	case zeros[0] == 0 && zeros[1] == 0:
		return nil
	case zeros[0] > half || zeros[1] > half:
		return errors.New("its encoding looks like UTF-16 without a byte order mark: save it as UTF-8, or with the mark")
	}
	return errors.New("it holds zero bytes (NUL), so it is no text, or text in an encoding other than UTF-8")
}

// utf16Reader turns UTF-16 into UTF-8. A surrogate without its twin becomes U+FFFD.
type utf16Reader struct {
	src   *bufio.Reader
	order binary.ByteOrder
	ready []byte // decoded and not yet read
	spare []byte // memory of ready
}

// Read implements io.Reader.
func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.ready) == 0 {
		if err := u.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, u.ready)
	u.ready = u.ready[n:]
	return n, nil
}

// fill decodes up to 4096 units.
func (u *utf16Reader) fill() error {
	u.spare = u.spare[:0]
	for range 4096 {
		first, err := u.unit()
		if errors.Is(err, io.EOF) && len(u.spare) > 0 {
			break
		}
		if err != nil {
			return err
		}
		r := rune(first)
		if utf16.IsSurrogate(r) {
			r = u.pair(r)
		}
		u.spare = utf8.AppendRune(u.spare, r)
	}
	u.ready = u.spare
	return nil
}

// pair combines a surrogate with the one that follows.
func (u *utf16Reader) pair(first rune) rune {
	next, err := u.src.Peek(2)
	if err != nil {
		return utf8.RuneError
	}
	r := utf16.DecodeRune(first, rune(u.order.Uint16(next)))
	if r != utf8.RuneError {
		u.src.Discard(2)
	}
	return r
}

// unit reads one unit of 16 bits.
func (u *utf16Reader) unit() (uint16, error) {
	b, err := u.src.Peek(2)
	switch {
	case len(b) == 2:
		u.src.Discard(2)
		return u.order.Uint16(b), nil
	case len(b) == 1 && errors.Is(err, io.EOF):
		return 0, errors.New("its UTF-16 text ends within a character: the file is truncated")
	}
	return 0, err
}
