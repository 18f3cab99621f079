package numpy

import (
	"errors"
	"fmt"
	"math"
	"path"
	"slices"
	"strings"

	"abstain/datasets/array"
	"abstain/datasets/column"
)

// peers recognises what other programs write into .npz files:
//
//   - fd-shifts: raw_logits.npz and raw_output.npz (softmax) have one array arr_0, whose
//     rows are the outputs for the C classes, the label, and the number of the data set.
//     Each data set becomes a section. Those of other classes keep their own labels, so
//     one with a label that is none of 0..C-1 is out of distribution as a whole.
//   - OpenOOD: scores/DATASET.npz has pred, conf, label; the label is -1 throughout in
//     data sets that are out of distribution.
func peers(s *array.Source, name string) error {
	arrays := s.Arrays()
	switch base := strings.TrimSuffix(path.Base(name), ".npz"); {
	case (base == "raw_logits" || base == "raw_output") && len(arrays) == 1 && isOutputs(&arrays[0]):
		return shifts(s, map[string]string{"raw_logits": "logits", "raw_output": "probs"}[base])
	case isScores(arrays):
		return scores(s, name)
	}
	return nil
}

func isOutputs(a *array.Array) bool {
	return a.Name == "arr_0" && a.Why == "" && a.Type.Kind == array.Float && len(a.Shape) == 2 && a.Shape[1] >= 4
}

// part is a data set of fd-shifts.
type part struct {
	number  int64
	spans   []array.Span
	foreign bool // it has a label of another set of classes
}

// shifts makes sections of the data sets of fd-shifts.
func shifts(s *array.Source, outputs string) error {
	classes := int(s.Arrays()[0].Shape[1]) - 2
	var parts []*part
	err := s.Each(0, classes, 2, func(first int64, c *column.Column) error {
		for i := range max(len(c.F32), len(c.F64)) / 2 {
			label, number, err := markOf(c, i, s.Arrays()[0].Type.Size)
			if err != nil {
				return &column.Error{Column: "arr_0", Row: i, Err: err}
			}
			parts = take(parts, number, first+int64(i), label < -1 || label >= int64(classes))
			if len(parts) > mostParts {
				return column.Errorf("arr_0", -1,
					"has more than %d values in its last column, which is that of the data set", mostParts)
			}
		}
		return nil
	})
	if err != nil {
		return placed(err)
	}
	var tables []array.Table
	for _, p := range parts {
		tables = append(tables, p.table(outputs, classes))
	}
	s.Divide(tables)
	return nil
}

// placed names the array in an error.
func placed(err error) error {
	if e, ok := errors.AsType[*column.Error](err); ok {
		return e
	}
	return column.Errorf("arr_0", -1, "%w", err)
}

// markOf reads the label and the number of the data set of row i. Both must be whole, and
// so small that the type of the array has them exactly.
func markOf(c *column.Column, i, size int) (label, number int64, err error) {
	most := map[int]float64{2: 1 << 11, 4: 1 << 24, 8: 1 << 53}[size]
	var marks [2]int64
	for k := range marks {
		var v float64
		if c.F64 != nil {
			v = c.F64[2*i+k]
		} else {
			v = float64(c.F32[2*i+k])
		}
		if v != math.Trunc(v) || math.Abs(v) >= most {
			what := []string{"label", "number of the data set"}[k]
			return 0, 0, fmt.Errorf("%v is no %s: fd-shifts puts the label and the number of the data set after the outputs, "+
				"as whole numbers below %v", v, what, most)
		}
		marks[k] = int64(v)
	}
	return marks[0], marks[1], nil
}

// mostParts bounds the number of data sets in a file.
const mostParts = 1 << 10

// take adds a row to its data set.
func take(parts []*part, number, row int64, foreign bool) []*part {
	at := slices.IndexFunc(parts, func(p *part) bool { return p.number == number })
	if at < 0 {
		at = len(parts)
		parts = append(parts, &part{number: number})
	}
	p := parts[at]
	p.foreign = p.foreign || foreign
	if last := len(p.spans) - 1; last >= 0 && p.spans[last].To == row {
		p.spans[last].To++
	} else {
		p.spans = append(p.spans, array.Span{From: row, To: row + 1})
	}
	return parts
}

// table is the data set as a section. If it is out of distribution, its labels are those
// of other classes, so the label is -1 in every row.
func (p *part) table(outputs string, classes int) array.Table {
	t := array.Table{Spans: p.spans}
	t.Section.Name = fmt.Sprintf("dataset-index-%d", p.number)
	t.Section.Meta = []column.Pair{{Key: "dataset", Value: t.Section.Name}}
	label := array.Part{Name: "label", From: classes, Width: 1, Int: func(v float64) int64 { return int64(v) }}
	if p.foreign {
		t.Section.Meta = append(t.Section.Meta, column.Pair{Key: "condition", Value: "ood"})
		label.Int = func(float64) int64 { return -1 }
	}
	t.Columns = []array.Part{{Name: outputs, Width: classes}, label}
	return t
}

// isScores reports whether the arrays are those of OpenOOD.
func isScores(arrays []array.Array) bool {
	var names []string
	for _, a := range arrays {
		if a.Why != "" || len(a.Shape) != 1 {
			return false
		}
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return slices.Equal(names, []string{"conf", "label", "pred"})
}

// scores adds the metadata of a data set of OpenOOD.
func scores(s *array.Source, name string) error {
	label := slices.IndexFunc(s.Arrays(), func(a array.Array) bool { return a.Name == "label" })
	if s.Arrays()[label].Type.Kind != array.Int {
		return nil
	}
	within := false
	err := s.Each(label, 0, 1, func(_ int64, c *column.Column) error {
		within = within || slices.ContainsFunc(c.Int, func(v int64) bool { return v != -1 })
		return nil
	})
	if err != nil {
		return column.Errorf("label", -1, "%w", err)
	}
	if path.Base(path.Dir(name)) == "scores" {
		s.Describe("dataset", strings.TrimSuffix(path.Base(name), ".npz"))
	}
	if !within {
		s.Describe("condition", "ood")
	}
	return nil
}
