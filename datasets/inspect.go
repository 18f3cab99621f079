package datasets

import (
	"errors"
	"fmt"
	"slices"

	"abstain/datasets/column"
)

// described is a table with what it says of itself.
type described struct {
	table Table
	meta  Meta
	// fields are its columns, if it is the only table of its file.
	fields []column.Field
	err    error // why it is no table
}

// inspect opens a file, or the files of a table, reads their metadata and checks that the
// columns are those of a prediction table. A file may hold several tables.
func inspect(t Table) ([]described, error) {
	files, err := openFiles(t)
	if err != nil {
		return nil, tableError(t.Name, err)
	}
	defer files.Close()
	source, err := files.all()
	if err != nil {
		return nil, t.blame(err)
	}
	if s, ok := source.(column.Sectioned); ok && s.Sections() != nil && !t.Reading.names(source.Fields()) {
		sections := slices.Clone(s.Sections())
		source.Close()
		return describeSections(t, sections), nil
	}
	r, err := newReader(t, source, nil, files.source)
	if err != nil {
		source.Close()
		return nil, err
	}
	whole := []described{{table: t, meta: pairs(source.Meta()), fields: source.Fields()}}
	stacked := stackKeys(source.Fields()) != nil
	r.Close()
	if !stacked {
		return whole, nil
	}
	sections, err := stacksOf(files)
	if err != nil {
		return nil, t.blame(err)
	}
	if sections == nil {
		return whole, nil
	}
	return describeSections(t, sections), nil
}

// stacksOf lists the tables of a stacked file.
func stacksOf(files *tableFiles) ([]column.Section, error) {
	source, err := files.all()
	if err != nil {
		return nil, err
	}
	defer source.Close()
	return stacks(source)
}

// names reports whether the user named a column by the whole name that it has beside
// those of the other sections, and so chose among them.
func (r Reading) names(fields []column.Field) bool {
	return slices.ContainsFunc(r.Columns, func(p Pair) bool {
		return slices.ContainsFunc(fields, func(f column.Field) bool { return f.Name == p.Value })
	})
}

// describeSections describes each table of a file.
func describeSections(t Table, sections []column.Section) []described {
	list := make([]described, len(sections))
	told := slices.ContainsFunc(sections, func(s column.Section) bool { return tells(pairs(s.Meta)) })
	for i, s := range sections {
		d := &list[i]
		d.table = t
		d.table.Section, d.table.Name = s.Name, fmt.Sprintf("%s [%s]", t.Name, s.Name)
		d.meta = pairs(s.Meta)
		if !told {
			d.meta = append(d.meta, Pair{"condition", s.Name})
		}
		r, err := openTable(d.table)
		if err != nil {
			d.err = err
			continue
		}
		for _, p := range pairs(r.source.Meta()) {
			if d.meta.Get(p.Key) == "" {
				d.meta = append(d.meta, p)
			}
		}
		r.Close()
	}
	return list
}

// tells reports whether metadata tell a table from others.
func tells(m Meta) bool {
	return slices.ContainsFunc(m, func(p Pair) bool { return slices.Contains([]string{"model", "dataset", "split", "condition"}, p.Key) })
}

func pairs(list []column.Pair) Meta {
	meta := make(Meta, len(list))
	for i, p := range list {
		meta[i] = Pair(p)
	}
	return meta
}

// blame names the table in an error, or the one of its files that it is about.
func (t Table) blame(err error) *Error {
	if part, ok := errors.AsType[*partError](err); ok {
		return tableError(part.name, part.err)
	}
	e := tableError(t.Name, err)
	for _, p := range t.Parts {
		if p.Column != "" && p.Column == e.Column {
			e.Table = p.Name
		}
	}
	return e
}
