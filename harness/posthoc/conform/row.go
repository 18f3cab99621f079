package conform

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"abstain/datasets/plain"
	"abstain/harness/store"
	"abstain/metrics/sets"
)

// Bounded is a measure with its interval; all NaN where the rows do not give it.
type Bounded struct{ Value, Lo, Hi float64 }

// Row is what was measured of the sets of one table at one alpha: a line of sets.csv.
type Row struct {
	Model, Dataset, Split, Condition, Transform string

	Score, By      string
	Alpha          float64
	Randomised     bool
	NeverEmpty     bool
	Lambda         float64 // NaN where the score has none
	Free           int     // likewise 0
	On             string  // the rows that calibrated
	Rows           int     // their number
	Threshold      float64 // that of all rows; +Inf where they are too few for alpha
	Without        float64 // share of the classes or groups that have too few rows for a threshold; NaN where there is one for all
	N              int     // judged rows
	Coverage       Bounded // of labelled rows
	LawLo, LawHi   float64 // hold the coverage in 95 % of the draws of both; NaN where thresholds are several or rows are not alike
	Size           Bounded
	Singletons     Bounded
	SingletonRight Bounded // share of right ones among the sets of one class
	Empty          Bounded
	SizeViolation  Bounded
	ClassGap       Bounded
	WorstClass     Bounded
	WorstGroup     Bounded
	Group          string // the attribute whose worst group that is
	Histogram      string // "size:sets", parted by spaces
	Strata         string // "from-to:rows:coverage", parted by spaces
	Curve          string // on the row of the first alpha, "alpha:coverage:size:singles:singles right", parted by spaces; see Points
	Level          float64
	Note           string
}

// Bounds are the row's measures with an interval by their names in sets.csv, in its order.
func (r *Row) Bounds() []struct {
	Name string
	At   *Bounded
} {
	return []struct {
		Name string
		At   *Bounded
	}{
		{"coverage", &r.Coverage}, {"size", &r.Size}, {"singletons", &r.Singletons}, {"singleton-accuracy", &r.SingletonRight},
		{"empty", &r.Empty}, {"size-violation", &r.SizeViolation}, {"class-gap", &r.ClassGap}, {"worst-class", &r.WorstClass},
		{"worst-group", &r.WorstGroup},
	}
}

// cell is one column of sets.csv: where its text goes and comes from.
type cell struct {
	name string
	get  func() string
	set  func(string) error
}

// cells are the columns of sets.csv.
func (r *Row) cells() []cell {
	list := []cell{
		text("model", &r.Model), text("dataset", &r.Dataset), text("split", &r.Split), text("condition", &r.Condition), text("transform", &r.Transform),
		text("score", &r.Score), text("by", &r.By), number("alpha", &r.Alpha), yes("randomised", &r.Randomised), yes("never_empty", &r.NeverEmpty),
		number("lambda", &r.Lambda), whole("free", &r.Free), text("calibrated_on", &r.On), whole("rows", &r.Rows), number("threshold", &r.Threshold),
		number("without_threshold", &r.Without), whole("n", &r.N),
	}
	for i, b := range r.Bounds() {
		list = append(list, number(b.Name, &b.At.Value), number(b.Name+".lo", &b.At.Lo), number(b.Name+".hi", &b.At.Hi))
		if i == 0 {
			list = append(list, number("law.lo", &r.LawLo), number("law.hi", &r.LawHi))
		}
	}
	return append(list, text("group", &r.Group), text("histogram", &r.Histogram), text("strata", &r.Strata), text("curve", &r.Curve), number("level", &r.Level), text("note", &r.Note))
}

func text(name string, at *string) cell {
	return cell{name, func() string { return *at }, func(s string) error { *at = s; return nil }}
}

func number(name string, at *float64) cell {
	return cell{name, func() string {
		if math.IsNaN(*at) {
			return ""
		}
		return string(plain.AppendFloat(nil, *at))
	}, func(s string) (err error) {
		if *at = math.NaN(); s != "" {
			*at, err = strconv.ParseFloat(s, 64)
		}
		return err
	}}
}

func whole(name string, at *int) cell {
	return cell{name, func() string { return strconv.Itoa(*at) }, func(s string) (err error) {
		*at, err = strconv.Atoi(s)
		return err
	}}
}

func yes(name string, at *bool) cell {
	return cell{name, func() string { return strconv.FormatBool(*at) }, func(s string) (err error) {
		*at, err = strconv.ParseBool(s)
		return err
	}}
}

// Columns are the columns of sets.csv.
func Columns() []string {
	var names []string
	for _, c := range new(Row).cells() {
		names = append(names, c.name)
	}
	return names
}

// Fields are the row's cells in the order of Columns.
func (r Row) Fields() []string {
	var fields []string
	for _, c := range r.cells() {
		fields = append(fields, c.get())
	}
	return fields
}

// ReadRow reads cells in the order of Columns.
func ReadRow(fields []string) (r Row, err error) {
	cells := r.cells()
	if len(fields) != len(cells) {
		return r, fmt.Errorf("%d cells, want %d", len(fields), len(cells))
	}
	for i, c := range cells {
		if err := c.set(fields[i]); err != nil {
			return r, fmt.Errorf("column %q: %q is not what stands there", c.name, fields[i])
		}
	}
	return r, nil
}

// fit keeps the row in a record.
func (r Row) fit() store.Fit {
	fields, err := json.Marshal(r.Fields())
	if err != nil {
		panic(err) // strings always can be
	}
	return store.Fit{On: r.On, Rows: r.Rows, Parameters: string(fields), Loss: "set-coverage",
		Before: store.Value(math.NaN()), After: store.Value(r.Coverage.Value), Note: r.Note}
}

// RowOf reads a row that a record keeps. Names of the model and the table may have changed:
// the caller sets them.
func RowOf(f store.Fit) (r Row, err error) {
	var fields []string
	if err := json.Unmarshal([]byte(f.Parameters), &fields); err != nil {
		return r, err
	}
	return ReadRow(fields)
}

// Sizes reads the histogram: how many sets of each size there are.
func (r Row) Sizes() map[int]int {
	counts := map[int]int{}
	for part := range strings.FieldsSeq(r.Histogram) {
		size, count, _ := strings.Cut(part, ":")
		k, errSize := strconv.Atoi(size)
		n, errCount := strconv.Atoi(count)
		if errSize == nil && errCount == nil {
			counts[k] = n
		}
	}
	return counts
}

func histogram(counts []int) string {
	var parts []string
	for size, n := range counts {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d:%d", size, n))
		}
	}
	return strings.Join(parts, " ")
}

func strata(list []sets.Stratum, classes int) string {
	var parts []string
	for _, s := range list {
		if s.N > 0 {
			parts = append(parts, fmt.Sprintf("%d-%d:%d:%s", s.Lo, min(s.Hi, classes), s.N, plain.AppendFloat(nil, s.Coverage)))
		}
	}
	return strings.Join(parts, " ")
}

// Point is what sets are like at one alpha.
type Point struct {
	Alpha, Coverage, Size   float64
	Singles, SinglesCorrect float64 // share of sets of one class; share of right ones among these, NaN without any
}

// Points reads the curve of set sizes, by falling alpha. It is nil on a row that has none.
func (r Row) Points() []Point {
	var points []Point
	for part := range strings.FieldsSeq(r.Curve) {
		var v [5]float64
		numbers := strings.Split(part, ":")
		for i := range v {
			if v[i] = math.NaN(); i < len(numbers) && numbers[i] != "" {
				if x, err := strconv.ParseFloat(numbers[i], 64); err == nil {
					v[i] = x
				}
			}
		}
		points = append(points, Point{v[0], v[1], v[2], v[3], v[4]})
	}
	return points
}

func curveText(t *sets.Tally) string {
	var parts []string
	for k, c := range t.At {
		var p []string
		n := float64(c.Rows)
		for _, v := range []float64{CurveAlphas[k], float64(c.Covered) / float64(c.Labelled), float64(c.Size) / n,
			float64(c.Singles) / n, float64(c.SinglesRight) / float64(c.Singles)} {
			text := ""
			if !math.IsNaN(v) {
				text = string(plain.AppendFloat(nil, v))
			}
			p = append(p, text)
		}
		parts = append(parts, strings.Join(p, ":"))
	}
	return strings.Join(parts, " ")
}
