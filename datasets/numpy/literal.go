package numpy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A header is a literal of Python: a dictionary of texts, booleans, integers, tuples and
// lists. parser reads such literals and nothing that would have to be evaluated.
type parser struct {
	text  string
	at    int
	depth int
}

// deepest bounds how deep lists and dictionaries may lie in each other.
const deepest = 32

// tuple is what stands in parentheses. Python tells it from a list, as NumPy does where a
// shape is due.
type tuple []any

// entry is an item of a dictionary.
type entry struct {
	key   string
	value any // string, bool, int64, []any, []entry or nil
}

// parse reads the dictionary that a header is.
func parse(text string) ([]entry, error) {
	p := parser{text: text}
	v, err := p.value()
	if err != nil {
		return nil, err
	}
	if p.blanks(); p.at < len(p.text) {
		return nil, fmt.Errorf("%q follows the dictionary", clip(p.text[p.at:]))
	}
	d, ok := v.([]entry)
	if !ok {
		return nil, fmt.Errorf("it is no dictionary: %q", clip(text))
	}
	return d, nil
}

// clip shortens a text for a message.
func clip(s string) string {
	if len(s) > 40 {
		s = strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// next skips blanks and returns the next byte; 0 at the end.
func (p *parser) next() byte {
	if p.blanks(); p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// take skips blanks and b, if b is next.
func (p *parser) take(b byte) bool {
	if p.next() != b || p.at >= len(p.text) {
		return false
	}
	p.at++
	return true
}

func (p *parser) value() (any, error) {
	if p.depth++; p.depth > deepest {
		return nil, errors.New("its lists lie too deep in each other")
	}
	defer func() { p.depth-- }()
	switch c := p.next(); {
	case c == '{':
		p.at++
		return p.dictionary()
	case c == '(':
		p.at++
		l, err := p.list(')')
		return tuple(l), err
	case c == '[':
		p.at++
		return p.list(']')
	case c == '\'' || c == '"':
		return p.quoted()
	case c == '-' || '0' <= c && c <= '9':
		return p.integer()
	}
	return p.word()
}

func (p *parser) dictionary() (any, error) {
	d := []entry{}
	for !p.take('}') {
		key, err := p.value()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok || !p.take(':') {
			return nil, p.wrong()
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		d = append(d, entry{name, v})
		if !p.take(',') && p.next() != '}' {
			return nil, p.wrong()
		}
	}
	return d, nil
}

// list reads a list or a tuple, or what is only put into parentheses, which is taken for a
// tuple of one.
func (p *parser) list(end byte) ([]any, error) {
	l := []any{}
	for !p.take(end) {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		l = append(l, v)
		if !p.take(',') && p.next() != end {
			return nil, p.wrong()
		}
	}
	return l, nil
}

func (p *parser) wrong() error {
	if p.at >= len(p.text) {
		return errors.New("it ends too early")
	}
	return fmt.Errorf("%q is not expected there", clip(p.text[p.at:]))
}

// integer reads digits, which end in L if Python 2 wrote a long one.
func (p *parser) integer() (any, error) {
	begin := p.at
	p.at++
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	n, err := strconv.ParseInt(p.text[begin:p.at], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no whole number of 64 bits", clip(p.text[begin:p.at]))
	}
	if p.at < len(p.text) && (p.text[p.at] == 'L' || p.text[p.at] == 'l') {
		p.at++
	}
	return n, nil
}

// word reads True, False or None, or a text with a prefix.
func (p *parser) word() (any, error) {
	for _, w := range []struct {
		word  string
		value any
	}{{"True", true}, {"False", false}, {"None", nil}} {
		if strings.HasPrefix(p.text[p.at:], w.word) {
			p.at += len(w.word)
			return w.value, nil
		}
	}
	if c := p.next(); (c == 'u' || c == 'b') && p.at+1 < len(p.text) && (p.text[p.at+1] == '\'' || p.text[p.at+1] == '"') {
		p.at++
		return p.quoted()
	}
	return nil, p.wrong()
}

// quoted reads a text in quotes.
func (p *parser) quoted() (any, error) {
	quote := p.text[p.at]
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			p.at = i + 1
			return b.String(), nil
		case c == '\\':
			r, n := escaped(p.text[i:])
			if n == 0 {
				p.at = i
				return nil, p.wrong()
			}
			b.WriteString(r)
			i += n - 1
		default:
			b.WriteByte(c)
		}
	}
	p.at = len(p.text)
	return nil, p.wrong()
}

// escaped decodes the escape that s begins with, and returns how long it is; 0 if it is none.
func escaped(s string) (text string, length int) {
	if len(s) < 2 {
		return "", 0
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[1]]
	switch {
	case digits > 0 && len(s) >= 2+digits:
		v, err := strconv.ParseUint(s[2:2+digits], 16, 32)
		if err != nil || v > utf8.MaxRune {
			return "", 0
		}
		return string(rune(v)), 2 + digits
	case s[1] == '\\', s[1] == '\'', s[1] == '"':
		return s[1:2], 2
	case s[1] == 'n':
		return "\n", 2
	case s[1] == 't':
		return "\t", 2
	}
	return "", 0
}
