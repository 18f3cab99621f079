// Package safetensors reads the tensors of a .safetensors file as a prediction table.
// Begin with Open.
//
// The format is a length, a header in JSON, and the tensors' bytes. The header is checked
// as strictly as the format's own library does: the tensors must cover the rest of the
// file without overlap and without holes, each with exactly the bytes of its shape. Values
// in mapped files are used in place, unless they lie at an address where they cannot be.
//
// The package may import the packages array, column and the mapping, and nothing else of
// this module.
package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strconv"
	"unicode/utf8"

	"abstain/datasets/array"
	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// longest is how many bytes a header may have, as in the format's own library.
const longest = 100_000_000

// types are those that can be read. bfloat16 becomes the float32 of the same value.
var types = map[string]array.Type{
	"F64": {Kind: array.Float, Size: 8}, "F32": {Kind: array.Float, Size: 4}, "F16": {Kind: array.Float, Size: 2},
	"I64": {Kind: array.Int, Size: 8}, "I32": {Kind: array.Int, Size: 4}, "I16": {Kind: array.Int, Size: 2},
	"U64": {Kind: array.Uint, Size: 8}, "U32": {Kind: array.Uint, Size: 4}, "U16": {Kind: array.Uint, Size: 2},
	"I8": {Kind: array.Int, Size: 1}, "U8": {Kind: array.Uint, Size: 1}, "BOOL": {Kind: array.Bool, Size: 1},
	"BF16": {Kind: array.BFloat, Size: 2},
}

// tensor is an entry of the header.
type tensor struct {
	name       string
	dtype      string
	shape      []int64
	begin, end int64 // from the end of the header
}

// Open opens a .safetensors file of size bytes; its tensors are the columns of a table, and
// __metadata__ is the table's. The result is also a column.Sectioned. Tensors that cannot
// be columns are fields of the kind Other.
func Open(at io.ReaderAt, size int64) (column.Source, error) {
	s, err := open(at, size)
	if err != nil {
		return nil, err // a nil *array.Source must not become a non-nil Source
	}
	return s, nil
}

func open(at io.ReaderAt, size int64) (s *array.Source, err error) {
	f, err := mapping.Open(at, size, mapping.From)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	h, err := read(f)
	if err != nil {
		return nil, err
	}
	arrays := make([]array.Array, len(h.tensors))
	for i, t := range h.tensors {
		if arrays[i], err = t.array(f, h.length); err != nil {
			return nil, column.Errorf(t.name, -1, "%w", err)
		}
	}
	return array.New([]*mapping.File{f}, arrays, h.meta)
}

// header is what is before the bytes of the tensors.
type header struct {
	length  int64 // with the eight bytes of its own length
	tensors []tensor
	meta    []column.Pair
}

// read reads the header and checks where the tensors are.
func read(f *mapping.File) (h header, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if err = f.Fault(p); err == nil {
				panic(p)
			}
		}
	}()
	raw, err := headerBytes(f)
	if err != nil {
		return h, err
	}
	h.length = 8 + int64(len(raw))
	if err := h.parse(raw); err != nil {
		return h, err
	}
	return h, h.cover(f.Size - h.length)
}

// headerBytes returns the JSON text.
func headerBytes(f *mapping.File) ([]byte, error) {
	fresh := func(n int) []byte { return make([]byte, n) }
	if f.Size < 8 {
		return nil, fmt.Errorf("truncated: a file of %d bytes has no safetensors header", f.Size)
	}
	word, err := f.View(0, 8, fresh)
	if err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint64(word)
	switch left := f.Size - 8; {
	case n > longest:
		return nil, fmt.Errorf("a safetensors header of %d bytes, where the format allows %d: "+
			"not a safetensors file, or damaged", n, longest)
	case n > uint64(left):
		return nil, fmt.Errorf("truncated: a safetensors header of %d bytes where %d follow", n, left)
	}
	return f.View(8, int64(n), fresh)
}

// damaged is an error of the header's text.
func damaged(format string, args ...any) error {
	return fmt.Errorf("damaged safetensors header: "+format, args...)
}

// parse reads the JSON text entry by entry, because a decoder into a map would lose the
// order, and entries that are there twice.
func (h *header) parse(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return damaged("it does not begin with {")
	}
	if !utf8.Valid(raw) {
		return damaged("it is not in UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	seen := map[string]bool{}
	err := object(d, func(key string) error {
		if seen[key] {
			return column.Errorf(key, -1, "is in the safetensors header twice: which one is meant?")
		}
		if seen[key] = true; key == "__metadata__" {
			return h.readMeta(d)
		}
		t, err := readTensor(d, key)
		h.tensors = append(h.tensors, t)
		return err
	})
	if err != nil {
		return err
	}
	if rest := bytes.TrimRight(raw[d.InputOffset():], " \t\r\n"); len(rest) > 0 {
		return damaged("something follows its JSON text")
	}
	return nil
}

// object calls use for each key of the object that is next; use reads the value.
func object(d *json.Decoder, use func(key string) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return wrong(err, "an object is missing")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return wrong(err, "")
		}
		key, ok := t.(string)
		if !ok {
			return damaged("%v where a key belongs", t)
		}
		if err := use(key); err != nil {
			return err
		}
	}
	_, err := d.Token()
	if err != nil {
		return wrong(err, "")
	}
	return nil
}

// wrong is err as an error of the header, or what if there is no err.
func wrong(err error, what string) error {
	if err != nil {
		what = "no JSON: " + err.Error()
	}
	return damaged("%s", what)
}

func (h *header) readMeta(d *json.Decoder) error {
	return object(d, func(key string) error {
		t, err := d.Token()
		if err != nil {
			return wrong(err, "")
		}
		text, ok := t.(string)
		if !ok {
			return damaged("__metadata__ has %v for %q, where only text is allowed", t, key)
		}
		h.meta = append(h.meta, column.Pair{Key: key, Value: text})
		return nil
	})
}

func readTensor(d *json.Decoder, name string) (tensor, error) {
	t := tensor{name: name}
	var offsets []int64
	seen := map[string]bool{}
	err := object(d, func(key string) (err error) {
		if seen[key] {
			return column.Errorf(name, -1, "has %q twice in the safetensors header", key)
		}
		switch seen[key] = true; key {
		case "dtype":
			v, err := d.Token()
			if err != nil {
				return wrong(err, "")
			}
			if t.dtype, _ = v.(string); t.dtype == "" {
				return column.Errorf(name, -1, "has no text as its dtype in the safetensors header")
			}
		case "shape":
			t.shape, err = numbers(d, name, key)
		case "data_offsets":
			offsets, err = numbers(d, name, key)
		default:
			return column.Errorf(name, -1, "has %q in the safetensors header, which is not known", key)
		}
		return err
	})
	if err != nil {
		return t, err
	}
	if t.dtype == "" || !seen["shape"] || len(offsets) != 2 {
		return t, column.Errorf(name, -1, "does not have dtype, shape and two data_offsets in the safetensors header")
	}
	t.begin, t.end = offsets[0], offsets[1]
	return t, nil
}

// numbers reads a list of whole numbers from 0.
func numbers(d *json.Decoder, name, key string) ([]int64, error) {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return nil, wrong(err, "a list is missing")
	}
	var list []int64
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, wrong(err, "")
		}
		text, _ := t.(json.Number)
		n, err := strconv.ParseUint(string(text), 10, 63)
		if err != nil {
			return nil, column.Errorf(name, -1, "has %v in its %s in the safetensors header, "+
				"where whole numbers from 0 belong: negative or damaged", t, key)
		}
		list = append(list, int64(n))
	}
	if _, err := d.Token(); err != nil {
		return nil, wrong(err, "")
	}
	return list, nil
}

// cover checks that the tensors take the length bytes after the header, each byte once.
func (h *header) cover(length int64) error {
	order := slices.Clone(h.tensors)
	slices.SortStableFunc(order, func(a, b tensor) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at, last := int64(0), ""
	for _, t := range order {
		switch {
		case t.end < t.begin:
			return column.Errorf(t.name, -1, "ends at offset %d before it begins at %d", t.end, t.begin)
		case t.end > length:
			return column.Errorf(t.name, -1, "ends at offset %d, outside of the %d bytes that follow the header: "+
				"the file is truncated or damaged", t.end, length)
		case t.begin < at:
			return column.Errorf(t.name, -1, "begins at offset %d, and tensor %q reaches to %d: they overlap",
				t.begin, last, at)
		case t.begin > at:
			return fmt.Errorf("a hole of %d bytes before tensor %q, which no tensor covers", t.begin-at, t.name)
		}
		at, last = t.end, t.name
	}
	if at < length {
		return fmt.Errorf("a hole: the last %d bytes are not covered by any tensor", length-at)
	}
	if len(order) == 0 {
		return errors.New("a safetensors file without tensors")
	}
	return nil
}

// array describes the tensor.
func (t tensor) array(f *mapping.File, header int64) (array.Array, error) {
	length := t.end - t.begin
	a := array.Array{Name: t.name, Type: types[t.dtype], Shape: t.shape,
		Body: array.Body{File: f, Offset: header + t.begin, Length: length}}
	a.Type.Word = t.dtype
	if a.Type.Kind == array.Unknown {
		a.Why = fmt.Sprintf("a tensor of type %s, which is not read (save it as float32, with .float())", t.dtype)
		return a, nil
	}
	need, err := array.Fits(t.shape, a.Type.Size)
	if err == nil && need != length {
		err = fmt.Errorf("has %d bytes, where %s of shape (%s) takes %d", length, t.dtype, array.Shape(t.shape), need)
	}
	return a, err
}
