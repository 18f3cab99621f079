package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep lists and objects may be nested.
const maxDepth = 1000

// errShort is returned if the text ends within a value.
var errShort = errors.New("it ends within a value")

// errDeep is returned for values that are nested too deep.
var errDeep = fmt.Errorf("it is nested more than %d deep", maxDepth)

// space skips blanks and line ends.
func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// unexpected is the error for what stands at i.
func unexpected(b []byte, i int, want string) error {
	if i >= len(b) {
		return errShort
	}
	r, _ := utf8.DecodeRune(b[i:])
	return fmt.Errorf("character %d is %q in place of %s", i+1, r, want)
}

// Skip returns where the value that begins at i ends. It checks the value by the
// grammar of JSON, of which it knows NaN, Infinity and -Infinity besides, as Python
// writes them.
func Skip(b []byte, i int) (int, error) { return skip(b, i, 0) }

func skip(b []byte, i, depth int) (int, error) {
	if i >= len(b) {
		return i, errShort
	}
	if depth > maxDepth {
		return i, errDeep
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i)
	case c == '{':
		return walk(b, i, func(_ []byte, at int) (int, error) { return skip(b, at, depth+1) })
	case c == '[':
		return items(b, i, func(at int) (int, error) { return skip(b, at, depth+1) })
	case c == '-' || c-'0' < 10:
		return skipNumber(b, i)
	}
	return skipWord(b, i)
}

// words are the values without quotes that are no finite numbers.
var words = [][]byte{[]byte("true"), []byte("false"), []byte("null"),
	[]byte("NaN"), []byte("Infinity"), []byte("-Infinity")}

func skipWord(b []byte, i int) (int, error) {
	for _, w := range words {
		if bytes.HasPrefix(b[i:], w) {
			return i + len(w), nil
		}
		if bytes.HasPrefix(w, b[i:]) {
			return i, errShort
		}
	}
	return i, unexpected(b, i, "a value")
}

func skipNumber(b []byte, i int) (int, error) {
	begin := i
	if b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == 'I':
		return skipWord(b, begin)
	case i < len(b) && b[i] == '0':
		i++
	default:
		n := skipDigits(b, i)
		if n == i {
			return i, unexpected(b, i, "a digit")
		}
		i = n
	}
	if i < len(b) && b[i] == '.' {
		n := skipDigits(b, i+1)
		if n == i+1 {
			return n, unexpected(b, n, "a digit")
		}
		i = n
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n := skipDigits(b, i)
		if n == i {
			return i, unexpected(b, i, "a digit")
		}
		i = n
	}
	return i, nil
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' < 10 {
		i++
	}
	return i
}

func skipString(b []byte, i int) (int, error) {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, nil
		case c < ' ':
			return i, fmt.Errorf("character %d is %q, which a text in JSON must write as an escape", i+1, rune(c))
		case c == '\\':
			n, err := skipEscape(b, i)
			if err != nil {
				return i, err
			}
			i = n - 1
		}
	}
	return i, errShort
}

func skipEscape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return i, errShort
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		for k := i + 2; k < i+6; k++ {
			if k >= len(b) {
				return k, errShort
			}
			if c := b[k] | 0x20; b[k]-'0' >= 10 && c-'a' >= 6 {
				return k, unexpected(b, k, "a hexadecimal digit")
			}
		}
		return i + 6, nil
	}
	return i, unexpected(b, i+1, "an escape")
}

// Walk goes through the keys of the object that begins at i. Each is called with the
// key as it is written, without quotes, and with where its value begins; it returns
// where the value ends. Walk returns where the object ends.
func Walk(b []byte, i int, each func(key []byte, at int) (int, error)) (int, error) {
	if i >= len(b) || b[i] != '{' {
		return i, unexpected(b, i, "an object {...}")
	}
	return walk(b, i, each)
}

func walk(b []byte, i int, each func(key []byte, at int) (int, error)) (int, error) {
	i = space(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, unexpected(b, i, "a key in quotes")
		}
		end, err := skipString(b, i)
		if err != nil {
			return i, err
		}
		key := b[i+1 : end-1]
		if i = space(b, end); i >= len(b) || b[i] != ':' {
			return i, unexpected(b, i, "a colon")
		}
		if i, err = each(key, space(b, i+1)); err != nil {
			return i, err
		}
		i = space(b, i)
		switch {
		case i < len(b) && b[i] == ',':
			i = space(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1, nil
		default:
			return i, unexpected(b, i, "a comma or }")
		}
	}
}

// Items goes through the list that begins at i, as Walk goes through an object.
func Items(b []byte, i int, each func(at int) (int, error)) (int, error) {
	if i >= len(b) || b[i] != '[' {
		return i, unexpected(b, i, "a list [...]")
	}
	return items(b, i, each)
}

func items(b []byte, i int, each func(at int) (int, error)) (_ int, err error) {
	i = space(b, i+1)
	if i < len(b) && b[i] == ']' {
		return i + 1, nil
	}
	for {
		if i, err = each(i); err != nil {
			return i, err
		}
		i = space(b, i)
		switch {
		case i < len(b) && b[i] == ',':
			i = space(b, i+1)
		case i < len(b) && b[i] == ']':
			return i + 1, nil
		default:
			return i, unexpected(b, i, "a comma or ]")
		}
	}
}

// Unquote appends the text of a string whose inside, without quotes, is s and was
// checked by Skip. A surrogate without its twin becomes U+FFFD.
func Unquote(dst, s []byte) []byte {
	for {
		n := bytes.IndexByte(s, '\\')
		if n < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:n]...)
		r, size := escaped(s[n:])
		dst = utf8.AppendRune(dst, r)
		s = s[n+size:]
	}
}

// escaped is the character that an escape at the beginning of s means.
func escaped(s []byte) (r rune, size int) {
	switch s[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		first := unit(s)
		if utf16.IsSurrogate(first) {
			if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
				if r := utf16.DecodeRune(first, unit(s[6:])); r != utf8.RuneError {
					return r, 12
				}
			}
			return utf8.RuneError, 6
		}
		return first, 6
	}
	return rune(s[1]), 2
}

func unit(s []byte) rune {
	v, _ := strconv.ParseUint(string(s[2:6]), 16, 16)
	return rune(v)
}
