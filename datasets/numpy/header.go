package numpy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"abstain/datasets/array"
	"abstain/datasets/column"
)

// magic is what an array in a file begins with.
const magic = "\x93NUMPY"

// longest is how many bytes a header may have. NumPy itself reads no more than 10 000
// unless told to; fields of structured arrays make headers long.
const longest = 1 << 20

// header is what is before the values of an array.
type header struct {
	length  int64 // bytes, with the magic
	typ     array.Type
	big     bool
	fortran bool
	shape   []int64
	why     string // why the values cannot be read; "" if they can
}

// readHeader reads the header of an array of size bytes with its header. All versions of
// the format are read: 1.0, 2.0, and 3.0, whose header is in UTF-8.
func readHeader(r io.Reader, size int64) (header, error) {
	var fixed [12]byte
	n, err := io.ReadFull(r, fixed[:8])
	switch {
	case n > 1 && fixed[0] == 0x80 && fixed[1] <= 5:
		return header{}, errors.New("not a NumPy array but a pickle, which is never loaded: " +
			"save the array with numpy.save, or several as .npz or .safetensors")
	case err != nil || string(fixed[:6]) != magic:
		return header{}, errors.New("no NumPy header: it does not begin with \\x93NUMPY")
	}
	major, digits := fixed[6], 4
	switch major {
	case 1:
		digits = 2
	case 2, 3:
	default:
		return header{}, fmt.Errorf("a NumPy header of version %d.%d, and the last known is 3.0", major, fixed[7])
	}
	if _, err := io.ReadFull(r, fixed[8:8+digits]); err != nil {
		return header{}, errors.New("truncated: the NumPy header ends before its length")
	}
	length := int64(binary.LittleEndian.Uint32(append(fixed[8:8+digits:8+digits], 0, 0)))
	before := int64(8 + digits)
	if length > size-before {
		return header{}, fmt.Errorf("truncated: a NumPy header of %d bytes where %d are left", length, max(size-before, 0))
	}
	if length > longest {
		return header{}, fmt.Errorf("a NumPy header of %d bytes, where at most %d are read", length, longest)
	}
	raw := make([]byte, length)
	if _, err := io.ReadFull(r, raw); err != nil {
		return header{}, fmt.Errorf("truncated: the NumPy header ends before its %d bytes", length)
	}
	text, err := decode(raw, major)
	h := header{length: before + length}
	if err == nil {
		err = h.read(text)
	}
	if err != nil {
		return header{}, fmt.Errorf("damaged NumPy header: %w", err)
	}
	return h, nil
}

// decode makes text of the header: Latin-1 before version 3.
func decode(raw []byte, major byte) (string, error) {
	if major >= 3 {
		if !utf8.Valid(raw) {
			return "", errors.New("it is not in UTF-8")
		}
		return string(raw), nil
	}
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return b.String(), nil
}

// read takes the three entries of the dictionary.
func (h *header) read(text string) error {
	entries, err := parse(text)
	if err != nil {
		return err
	}
	found := map[string]any{}
	for _, e := range entries {
		if _, twice := found[e.key]; twice {
			return fmt.Errorf("%q is in it twice", e.key)
		}
		found[e.key] = e.value
	}
	descr, hasType := found["descr"]
	fortran, hasOrder := found["fortran_order"].(bool)
	shape, hasShape := found["shape"].(tuple)
	if !hasType || !hasOrder || !hasShape || len(found) != 3 {
		return fmt.Errorf("it does not consist of descr, fortran_order and shape: %q", clip(text))
	}
	h.fortran = fortran
	for _, v := range shape {
		n, ok := v.(int64)
		if !ok {
			return errors.New("its shape is not of whole numbers")
		}
		h.shape = append(h.shape, n)
	}
	return h.describe(descr)
}

// describe understands the type.
func (h *header) describe(descr any) error {
	switch d := descr.(type) {
	case string:
		return h.named(d)
	case []any:
		h.why = "a structured array (a record for each row, with the fields " + strings.Join(fieldNames(d), ", ") +
			"; save each as an array of its own, with numpy.savez(FILE, logits=a['logits'], ...))"
		return nil
	}
	return fmt.Errorf("its descr is no type: %v", descr)
}

// fieldNames are the names of the fields of a structured type, as far as they can be told.
func fieldNames(fields []any) []string {
	var names []string
	for _, f := range fields {
		pair, _ := f.(tuple)
		if len(pair) == 0 {
			continue
		}
		name, ok := pair[0].(string)
		if title, _ := pair[0].(tuple); !ok && len(title) == 2 {
			name, _ = title[1].(string)
		}
		names = append(names, name)
	}
	return names
}

// plain are the names that a type may have instead of a code.
var plain = map[string]string{
	"bool": "b1", "?": "b1", "float16": "f2", "float32": "f4", "float64": "f8", "int8": "i1", "int16": "i2", "int32": "i4",
	"int64": "i8", "uint8": "u1", "uint16": "u2", "uint32": "u4", "uint64": "u8",
}

// named understands the code of a type: the order of its bytes, a letter, a size.
func (h *header) named(descr string) error {
	code := descr
	if code != "" && strings.IndexByte("<>|=", code[0]) >= 0 {
		h.big = code[0] == '>'
		code = code[1:]
	}
	if p, ok := plain[code]; ok {
		code = p
	}
	if code == "" {
		return errors.New("its descr is empty")
	}
	letter, digits := code[0], code[1:]
	digits, _, _ = strings.Cut(digits, "[")
	size := 0
	if digits != "" {
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil {
			return fmt.Errorf("its descr %q is no type", clip(descr))
		}
		size = int(n)
	}
	return h.coded(descr, letter, size)
}

func (h *header) coded(descr string, letter byte, size int) error {
	word := map[byte]string{'f': "float", 'i': "int", 'u': "uint"}[letter] + strconv.Itoa(8*size)
	whole := size == 1 || size == 2 || size == 4 || size == 8
	switch {
	case letter == 'f' && whole && size > 1:
		h.typ = array.Type{Kind: array.Float, Size: size, Word: word}
	case letter == 'i' && whole:
		h.typ = array.Type{Kind: array.Int, Size: size, Word: word}
	case letter == 'u' && whole:
		h.typ = array.Type{Kind: array.Uint, Size: size, Word: word}
	case letter == 'b' && size == 1:
		h.typ = array.Type{Kind: array.Bool, Size: 1, Word: "bool"}
	case letter == 'U' && size < 1<<28:
		h.typ = array.Type{Kind: array.Unicode, Size: 4 * size, Word: "text (" + descr + ")"}
	case letter == 'S' || letter == 'a':
		h.typ = array.Type{Kind: array.Bytes, Size: size, Word: "text (" + descr + ")"}
	case letter == 'M' && size == 8 && h.moment(descr):
	default:
		return h.refuse(descr, letter, size)
	}
	return nil
}

// moment understands the unit of datetime64, "M8[10ms]", and reports whether it is one of
// which a number since 1970 is a time.
func (h *header) moment(descr string) bool {
	_, unit, _ := strings.Cut(strings.TrimSuffix(descr, "]"), "[")
	word := strings.TrimLeft(unit, "0123456789")
	count := int64(1)
	if digits := unit[:len(unit)-len(word)]; digits != "" {
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || n < 1 {
			return false
		}
		count = n
	}
	t := map[string]array.Type{
		"W": {Unit: column.Day, Units: 7}, "D": {Unit: column.Day, Units: 1},
		"h": {Unit: time.Second, Units: 3600}, "m": {Unit: time.Second, Units: 60}, "s": {Unit: time.Second, Units: 1},
		"ms": {Unit: time.Millisecond, Units: 1}, "us": {Unit: time.Microsecond, Units: 1}, "ns": {Unit: 1, Units: 1},
	}[word]
	t.Kind, t.Size, t.Word, t.Units = array.Moment, 8, "datetime64 ("+descr+")", t.Units*count
	if t.Units == 0 {
		return false
	}
	h.typ = t
	return true
}

// refuse says why values of a type of NumPy are not read.
func (h *header) refuse(descr string, letter byte, size int) error {
	h.typ = array.Type{Size: size, Word: descr}
	switch letter {
	case 'O':
		h.why = "an array of Python objects (a pickle, which is never loaded; save it with astype('float32'), " +
			"labels with astype('int64'), names with astype('str'))"
	case 'f', 'g':
		h.why = fmt.Sprintf("an array of float%d (%s; save it with astype('float64'))", 8*size, descr)
		if size > 8 {
			h.why = fmt.Sprintf("an array of float%d (%s, long double; save it with astype('float64'))", 8*size, descr)
		}
	case 'c':
		h.why = fmt.Sprintf("an array of complex numbers (%s)", descr)
	case 'V':
		what := "void"
		if size == 2 {
			what = "void, which NumPy makes of bfloat16 of JAX"
		}
		h.why = fmt.Sprintf("an array of raw bytes (%s, %s; save it with astype('float32'))", descr, what)
	case 'M', 'm':
		h.why = fmt.Sprintf("an array of %s (%s; save it as text, with astype('str'))",
			map[byte]string{'M': "datetime64", 'm': "timedelta64"}[letter], descr)
	default:
		return fmt.Errorf("its descr %q is no type", clip(descr))
	}
	return nil
}
