package page

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
)

// section is where bytes lie behind the JSON of a store: offset and length.
type section [2]int

// sections are the bytes of a store that JSON would make large.
type sections struct{ bytes []byte }

func (s *sections) add(b []byte) section {
	at := section{len(s.bytes), len(b)}
	s.bytes = append(s.bytes, b...)
	return at
}

// Pack writes the store in base64: deflated, first the length of its JSON in four bytes,
// the lowest first, then the JSON, then the sections. The same store gives the same bytes.
func (s *Store) Pack() (string, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return "", err
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", err
	}
	head := binary.LittleEndian.AppendUint32(nil, uint32(text.Len()))
	for _, part := range [][]byte{head, text.Bytes(), s.sections.bytes} {
		if _, err := w.Write(part); err != nil {
			return "", err
		}
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}
