package datasets

import (
	"fmt"
	"slices"
	"strings"

	"abstain/datasets/column"
)

// partList names the parts that a user can name.
func partList() string {
	var list []string
	for p := range parts {
		if p != outputsPart && p != scorePart {
			list = append(list, p.word())
		}
	}
	return strings.Join(list, ", ") + ", score:NAME"
}

// noColumn is the error for a column that the user named and that is not there.
func (r *recogniser) noColumn(key, name string) error {
	e := column.Errorf("", -1, "no column is called %q, which --columns %s=%s names; found %s", name, key, name, r.found())
	if near := nearestWord(name, r.fieldNames()); near != "" {
		e.Hint = fmt.Sprintf("the nearest is %q", near)
	}
	return e
}

func (r *recogniser) fieldNames() []string {
	var names []string
	for _, f := range r.fields {
		if f.Name != "" {
			names = append(names, f.Name)
		}
	}
	return names
}

// found lists the columns of the table.
func (r *recogniser) found() string {
	const most = 20
	names := r.fieldNames()
	if len(names) > most {
		names = append(slices.Clone(names[:most]), fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(names, ", ")
}

// nearest says which columns look like parts; "" if none does.
func (r *recogniser) nearest() string {
	var list []string
	for _, p := range []part{labelPart, logitsPart, probsPart, predictionPart, correctPart, confidencePart} {
		if name := r.near(p); name != "" {
			list = append(list, fmt.Sprintf("%q looks like %s", name, p.word()))
		}
	}
	if list == nil {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// nearestTo says which column looks like the part; "" if none does.
func (r *recogniser) nearestTo(p part) string {
	if name := r.near(p); name != "" {
		return fmt.Sprintf(": does %q mean it?", name)
	}
	return ""
}

// near is the column that is not used and whose name is a word of the part but for a
// slip or for what stands around it.
func (r *recogniser) near(p part) string {
	var free []string
	for i, f := range r.fields {
		if _, known := placeOf(p, f.Name); !r.used[i] && f.Name != "" && !known {
			free = append(free, f.Name)
		}
	}
	own := p.word()
	if name := nearestWord(own, free); name != "" {
		return name
	}
	for _, name := range free {
		if words := splitWords(name); len(words) > 1 && (slices.Contains(words, own) || slices.Contains(words, own+"s") || slices.Contains(words, strings.TrimSuffix(own, "s"))) {
			return name
		}
	}
	return ""
}

// splitWords splits a name at whatever is no letter.
func splitWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return (c < 'a' || c > 'z') && c < 0x80 })
}

// nearestWord is the name that differs from the word by the fewest letters, at most a
// third of them; "" if there is none.
func nearestWord(word string, names []string) string {
	best, least := "", len(word)/3+1
	for _, n := range names {
		if d := distance(squash(word), squash(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance is how many letters must be put in, left out, replaced or swapped with their
// neighbour to turn a into b.
func distance(a, b string) int {
	const far = 1 << 10
	if len(a) > far || len(b) > far {
		return far
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			differ := 1
			if a[i-1] == b[j-1] {
				differ = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differ)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// twoReadings is the question which of two columns is the part.
func twoReadings(p part, row int, a, b string) error {
	e := column.Errorf("", row, "two columns may be the %s, %q and %q, and they differ: say which with --columns %s=%s or --columns %s=%s",
		p.word(), a, b, p.word(), a, p.word(), b)
	e.Hint = fmt.Sprintf("a column called %s would be taken without a question", p.word())
	return e
}
