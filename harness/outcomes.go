package harness

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/metrics"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// outcomes are one table's Outcomes with the identity of the samples, in the
// order of their ids, so that two tables over the same samples agree row by row.
type outcomes struct {
	*metrics.Outcomes
	IDs datasets.IDs
	// Row is the row of the table that each sample came from; nil if the
	// table was in the order of its ids already.
	Row []int32
}

// row is the table's row of sample i.
func (o *outcomes) row(i int) int {
	if o.Row == nil {
		return i
	}
	return int(o.Row[i])
}

// id renders the identity of sample i for a message.
func (o *outcomes) id(i int) string {
	switch {
	case o.IDs.Int != nil:
		return strconv.FormatInt(o.IDs.Int[i], 10)
	case o.IDs.Text != nil:
		return o.IDs.Text[i]
	}
	return strconv.Itoa(i)
}

// outcomesFormat is raised when the stored columns change their meaning.
const outcomesFormat = "1"

// outcomesPath is where the outcomes of a table with this content are kept.
func outcomesPath(dir, key string) string {
	return filepath.Join(dir, "outcomes", key+".arrow")
}

// saveOutcomes writes the outcomes atomically as an Arrow stream of one record. Integers are
// narrowed to the smallest type that holds them; floats are kept exactly.
func saveOutcomes(path string, o *outcomes) error {
	var cols columns
	cols.ints("row", widen(o.Row))
	cols.ints("sample_id", o.IDs.Int)
	cols.text("sample_id", o.IDs.Text)
	cols.ints("label", widen(o.Label))
	cols.ints("prediction", widen(o.Prediction))
	cols.bools("correct", o.Correct)
	cols.ints("label-rank", widen(o.LabelRank))
	cols.floats("nll", o.NLL)
	cols.floats("brier", o.Brier)
	var probabilities []string
	for _, c := range o.Confidences {
		cols.floats("confidence:"+c.Name, c.Value)
		cols.floats("key:"+c.Name, c.Key)
		if c.Probability {
			probabilities = append(probabilities, c.Name)
		}
	}
	for _, g := range o.Groups {
		cols.ints("group:"+g.Name, widen(g.Code))
	}
	meta := map[string]string{
		"format": outcomesFormat, "classes": strconv.Itoa(o.Classes),
		"probabilities": strings.Join(probabilities, "\n"),
	}
	for _, g := range o.Groups {
		meta["levels:"+g.Name] = strings.Join(g.Levels, "\n")
	}
	var b bytes.Buffer
	if err := cols.write(&b, meta, o.N()); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

// loadOutcomes reads what saveOutcomes wrote. A file that is absent, torn or of
// another format gives an error; the caller then reads the table again.
func loadOutcomes(path string) (o *outcomes, err error) {
	defer func() {
		if p := recover(); p != nil { // v15 panics on damaged files
			o, err = nil, fmt.Errorf("%s: damaged: %v", path, p)
		}
	}()
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := ipc.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer f.Release()
	rec, err := f.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return fromRecord(rec)
}

func fromRecord(rec arrow.Record) (*outcomes, error) {
	m := rec.Schema().Metadata()
	meta := func(key string) string { return m.Values()[m.FindKey(key)] }
	if m.FindKey("format") < 0 || meta("format") != outcomesFormat {
		return nil, errors.New("outcomes of another format")
	}
	classes, err := strconv.Atoi(meta("classes"))
	if err != nil {
		return nil, err
	}
	o := &outcomes{Outcomes: &metrics.Outcomes{Classes: classes}}
	probabilities := strings.Split(meta("probabilities"), "\n")
	for i, field := range rec.Schema().Fields() {
		col := rec.Column(i)
		kind, name, _ := strings.Cut(field.Name, ":")
		switch kind {
		case "row":
			o.Row = narrow(readInts(col))
		case "sample_id":
			if text, ok := col.(*array.String); ok {
				o.IDs.Text = readText(text)
			} else {
				o.IDs.Int = readInts(col)
			}
		case "label":
			o.Label = narrow(readInts(col))
		case "prediction":
			o.Prediction = narrow(readInts(col))
		case "correct":
			o.Correct = readBools(col.(*array.Boolean))
		case "label-rank":
			o.LabelRank = narrow(readInts(col))
		case "nll":
			o.NLL = readFloats(col)
		case "brier":
			o.Brier = readFloats(col)
		case "confidence":
			o.Confidences = append(o.Confidences, metrics.Confidence{
				Name: name, Value: readFloats(col), Probability: slices.Contains(probabilities, name)})
		case "key":
			o.Outcomes.Confidence(name).Key = readFloats(col)
		case "group":
			o.Groups = append(o.Groups, metrics.Group{
				Name: name, Levels: strings.Split(meta("levels:"+name), "\n"), Code: narrow(readInts(col))})
		}
	}
	return o, nil
}

// columns gathers Arrow columns; nil slices are left out.
type columns struct {
	fields []arrow.Field
	arrays []arrow.Array
}

func (c *columns) add(name string, a arrow.Array) {
	c.fields = append(c.fields, arrow.Field{Name: name, Type: a.DataType()})
	c.arrays = append(c.arrays, a)
}

func (c *columns) floats(name string, v []float64) {
	if v == nil {
		return
	}
	b := array.NewFloat64Builder(memory.DefaultAllocator)
	b.AppendValues(v, nil)
	c.add(name, b.NewArray())
}

func (c *columns) bools(name string, v []bool) {
	b := array.NewBooleanBuilder(memory.DefaultAllocator)
	b.AppendValues(v, nil)
	c.add(name, b.NewArray())
}

func (c *columns) text(name string, v []string) {
	if v == nil {
		return
	}
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(v, nil)
	c.add(name, b.NewArray())
}

func (c *columns) ints(name string, v []int64) {
	if v == nil {
		return
	}
	var lo, hi int64
	if len(v) > 0 {
		lo, hi = slices.Min(v), slices.Max(v)
	}
	switch {
	case lo >= -1<<7 && hi < 1<<7:
		b := array.NewInt8Builder(memory.DefaultAllocator)
		b.AppendValues(convert[int64, int8](v), nil)
		c.add(name, b.NewArray())
	case lo >= -1<<15 && hi < 1<<15:
		b := array.NewInt16Builder(memory.DefaultAllocator)
		b.AppendValues(convert[int64, int16](v), nil)
		c.add(name, b.NewArray())
	case lo >= -1<<31 && hi < 1<<31:
		b := array.NewInt32Builder(memory.DefaultAllocator)
		b.AppendValues(convert[int64, int32](v), nil)
		c.add(name, b.NewArray())
	default:
		b := array.NewInt64Builder(memory.DefaultAllocator)
		b.AppendValues(v, nil)
		c.add(name, b.NewArray())
	}
}

func (c *columns) write(w *bytes.Buffer, meta map[string]string, n int) error {
	md := arrow.MetadataFrom(meta)
	schema := arrow.NewSchema(c.fields, &md)
	f := ipc.NewWriter(w, ipc.WithSchema(schema))
	rec := array.NewRecord(schema, c.arrays, int64(n))
	defer rec.Release()
	return errors.Join(f.Write(rec), f.Close())
}

func readFloats(a arrow.Array) []float64 { return slices.Clone(a.(*array.Float64).Float64Values()) }

func readInts(a arrow.Array) []int64 {
	switch a := a.(type) {
	case *array.Int8:
		return convert[int8, int64](a.Int8Values())
	case *array.Int16:
		return convert[int16, int64](a.Int16Values())
	case *array.Int32:
		return convert[int32, int64](a.Int32Values())
	}
	return slices.Clone(a.(*array.Int64).Int64Values())
}

func readText(a *array.String) []string {
	v := make([]string, a.Len())
	for i := range v {
		v[i] = strings.Clone(a.Value(i))
	}
	return v
}

func readBools(a *array.Boolean) []bool {
	v := make([]bool, a.Len())
	for i := range v {
		v[i] = a.Value(i)
	}
	return v
}

func widen(v []int32) []int64  { return convert[int32, int64](v) }
func narrow(v []int64) []int32 { return convert[int64, int32](v) }

func convert[From, To int8 | int16 | int32 | int64](v []From) []To {
	if v == nil {
		return nil
	}
	t := make([]To, len(v))
	for i, x := range v {
		t[i] = To(x)
	}
	return t
}

// writeFile replaces the file at path in one step, making its folder if needed.
func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
