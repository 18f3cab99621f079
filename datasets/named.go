package datasets

import (
	"fmt"
	"slices"
	"strings"

	"abstain/datasets/column"
)

// named are columns with one class each that are called by the names of the classes.
type named struct {
	part   part
	prefix string // in the columns' names, before or behind that of the class
	fields []int  // in the order of the table
	names  []string
}

// takeNamed finds a class vector whose columns are called by the names of the classes,
// as the labels tell them: prob_cat and prob_dog, or only cat and dog.
func (r *recogniser) takeNamed() (bool, error) {
	if r.look == nil || !r.may(labelPart) {
		return false, nil
	}
	list := r.worded()
	for _, n := range list {
		if found, err := r.tryNamed(n); found || err != nil {
			return found, err
		}
	}
	found, err := r.tryBare()
	if found || err != nil || len(list) == 0 || list[0].part == outputsPart {
		return found, err
	}
	return true, r.inThisOrder(list[0])
}

// inThisOrder is the question whether columns called by names of classes are the classes
// of labels that are not these names.
func (r *recogniser) inThisOrder(n *named) error {
	first, last := r.fields[n.fields[0]].Name, r.fields[n.fields[len(n.fields)-1]].Name
	e := column.Errorf("", -1, "%w: labels are not the names %s, of which there are columns; if these are the classes in this order, say --%s %s..%s",
		errNoTable, some(n.names), n.part.word(), first, last)
	return e
}

// worded groups columns by a word for class vectors before or behind the name of a class.
func (r *recogniser) worded() []*named {
	groups := map[string]*named{}
	for i, f := range r.fields {
		if r.used[i] || !scalar(f.Kind) {
			continue
		}
		for at, c := range f.Name {
			if c != '_' && c != '-' && c != ' ' && c != '.' && c != ':' {
				continue
			}
			r.group(groups, i, f.Name[:at], f.Name[at+1:], false)
			r.group(groups, i, f.Name[at+1:], f.Name[:at], true)
		}
	}
	var list []*named
	for _, key := range sortedKeys(groups) {
		if g := groups[key]; len(g.fields) > 1 {
			list = append(list, g)
		}
	}
	slices.SortStableFunc(list, func(a, b *named) int { return len(b.fields) - len(a.fields) })
	return list
}

// group puts field i into the group of a word, if that is one for class vectors.
func (r *recogniser) group(groups map[string]*named, i int, word, class string, behind bool) {
	for _, p := range []part{logitsPart, probsPart, outputsPart} {
		if word == "" || class == "" || !isWide(p, fold(word)) {
			continue
		}
		key := fmt.Sprint(p, fold(word), behind)
		g := groups[key]
		if g == nil {
			g = &named{part: p, prefix: word}
			groups[key] = g
		}
		if !slices.Contains(g.fields, i) {
			g.fields, g.names = append(g.fields, i), append(g.names, class)
		}
		return
	}
}

// tryNamed takes the columns if every label is the name of one.
func (r *recogniser) tryNamed(n *named) (bool, error) {
	texts, err := r.labelTexts(len(n.names))
	if err != nil || len(texts) == 0 {
		return false, err
	}
	for _, t := range texts {
		if !slices.Contains(n.names, t) {
			return false, nil
		}
	}
	return true, r.takeColumns(n)
}

// takeColumns makes the columns the class vector.
func (r *recogniser) takeColumns(n *named) error {
	for _, i := range n.fields {
		kind := r.fields[i].Kind
		if kind == column.Untyped {
			kind = column.Float64
		}
		r.vector = append(r.vector, r.add(i, kind))
	}
	r.classes = n.names
	name := r.wide(r.vector)
	if err := r.describe(n.part, len(r.vector), name); err != nil {
		return err
	}
	if w := r.want[max(r.label, 0)]; r.label >= 0 && r.fields[w.Field].Kind == column.Untyped {
		r.want[r.label].Kind = column.Text
	}
	if n.part == outputsPart {
		r.choices = append(r.choices, r.kindByValues(name))
	}
	return nil
}

// tryBare takes the columns of floats that are called as labels are. If they hold
// probabilities together with further columns, these are classes that no label has.
func (r *recogniser) tryBare() (bool, error) {
	all := &named{part: outputsPart}
	for i, f := range r.fields {
		if !r.used[i] && (f.Kind == column.Float32 || f.Kind == column.Float64 || f.Kind == column.Untyped) {
			all.fields, all.names = append(all.fields, i), append(all.names, f.Name)
		}
	}
	if len(all.fields) < 2 {
		return false, nil
	}
	texts, err := r.labelTexts(len(all.fields))
	if err != nil || len(texts) == 0 {
		return false, err
	}
	told := &named{part: outputsPart}
	floats := &named{part: outputsPart}
	for k, i := range all.fields {
		said := slices.Contains(texts, all.names[k])
		if said {
			told.fields, told.names = append(told.fields, i), append(told.names, all.names[k])
		}
		if said || r.fields[i].Kind != column.Untyped {
			floats.fields, floats.names = append(floats.fields, i), append(floats.names, all.names[k])
		}
	}
	if len(told.names) != len(texts) {
		return false, nil
	}
	if len(told.fields) == len(floats.fields) && len(told.fields) > 1 {
		return true, r.takeColumns(told)
	}
	for _, n := range []*named{floats, told} {
		if len(n.fields) > 1 && r.addsToOne(n) {
			return true, r.takeColumns(n)
		}
	}
	e := column.Errorf("", -1, "labels name the columns %s, but there are further columns of floats: which are the classes?", some(told.names))
	first, last := told.names[0], told.names[len(told.names)-1]
	e.Hint = fmt.Sprintf("say --logits %s..%s or --probs %s..%s, with the first and the last class, or call the columns prob_NAME or logit_NAME", first, last, first, last)
	return true, e
}

// addsToOne reports whether the columns are probabilities in the first rows.
func (r *recogniser) addsToOne(n *named) bool {
	var want []column.Want
	for _, i := range n.fields {
		want = append(want, r.wantsOf(vector{list: i})...)
	}
	var v votes
	err := r.look(want, func(c *column.Chunk) error {
		rows, width, err := matrix(nil, c, 0, len(want))
		if err != nil {
			return err
		}
		v.count(rows, width)
		return errEnough
	})
	return err == nil && v.rows > 0 && v.probs == v.rows
}

// labelTexts returns the different labels, if they are texts and at most as many as most;
// nil if they are not, or are numbers.
func (r *recogniser) labelTexts(most int) ([]string, error) {
	field := -1
	if name, said := r.said[labelPart]; said {
		i, ok := r.byName[name]
		if !ok {
			return nil, nil
		}
		field = i
	} else if list := r.candidates(labelPart); len(list) > 0 {
		field = list[0].field
	}
	if field < 0 || r.fields[field].Kind != column.Text && r.fields[field].Kind != column.Untyped {
		return nil, nil
	}
	set := map[string]bool{}
	err := r.look([]column.Want{{Field: field, Kind: column.Text}}, func(c *column.Chunk) error {
		for _, t := range c.Columns[0].Text {
			if t = strings.TrimSpace(t); t != "-1" && t != "" && !set[t] {
				set[strings.Clone(t)] = true
			}
		}
		if len(set) > most {
			return errEnough
		}
		return nil
	})
	if err != nil || len(set) > most {
		return nil, err
	}
	return sortedKeys(set), nil
}
