package datasets

import (
	"fmt"
	"slices"
	"strings"
)

// ParseColumns reads which columns a user takes for what: "label=target,logits=outputs",
// with commas or semicolons between. An empty name says that the table has no such part.
func ParseColumns(text string) (Meta, error) {
	var said Meta
	for _, entry := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' }) {
		key, name, ok := strings.Cut(entry, "=")
		key, name = strings.TrimSpace(key), strings.TrimSpace(name)
		p, known := partCalled(key)
		switch {
		case !ok:
			return nil, fmt.Errorf("%q is not of the form PART=COLUMN, as label=target", strings.TrimSpace(entry))
		case strings.HasPrefix(key, scorePrefix):
			said = append(said, Pair{key, name})
		case known:
			said = append(said, Pair{p.word(), name})
		default:
			return nil, fmt.Errorf("%q is no part of a prediction table; parts are %s", key, partList())
		}
	}
	return said, nil
}

// ParseLabelsFrom reads the number of the first class, 0 or 1.
func ParseLabelsFrom(text string) (int, error) {
	switch strings.TrimSpace(text) {
	case "0":
		return 0, nil
	case "1":
		return 1, nil
	}
	return 0, fmt.Errorf("%q: labels count from 0 or from 1", text)
}

// With is the reading with what was said later, which takes the place of what was said of
// the same parts before.
func (r Reading) With(columns Meta) Reading {
	var said Meta
	for _, p := range slices.Backward(slices.Concat(r.Columns, columns)) {
		if part, ok := partCalled(p.Key); ok {
			p.Key = part.word()
		}
		if !slices.ContainsFunc(said, func(q Pair) bool { return q.Key == p.Key }) {
			said = append(said, p)
		}
	}
	slices.Reverse(said)
	r.Columns = said
	return r
}
