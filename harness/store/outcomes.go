package store

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/harness/pool"
	"abstain/metrics"
)

// Outcomes are one table's outcomes and the identity of its samples, in the order
// of the sample ids. Two tables with the same samples therefore agree row by row.
type Outcomes struct {
	*metrics.Outcomes
	IDs datasets.IDs
	// Row is the row of the table that each sample came from; nil if the
	// table was in the order of its ids already.
	Row []int32

	// Available are the confidence functions that the table can give. They are
	// not stored here but in the table's record.
	Available []string
	// Notes are what reading the table gave to say, kept in its record too.
	Notes []string
}

// TableRow is the table's row of sample i.
func (o *Outcomes) TableRow(i int) int {
	if o.Row == nil {
		return i
	}
	return int(o.Row[i])
}

// ID renders the id of sample i for a message.
func (o *Outcomes) ID(i int) string {
	return o.IDs.Name(i)
}

// ErrOtherFormat is that of outcomes which another version of abstain kept.
var ErrOtherFormat = errors.New("outcomes of another version of abstain")

// format is raised when stored columns change their meaning, or estimates made from
// them their values whatever the metric: a folder of another format is computed anew.
const format = "2"

// formatOfAnswers is that of outcomes that tell of abstentions, which versions before it
// would take for errors. All others are kept as they were.
const formatOfAnswers = "3"

func formatOf(o *metrics.Outcomes) string {
	if o.ShouldAbstain != nil || slices.ContainsFunc(o.Prediction, func(p int32) bool { return p < 0 }) {
		return formatOfAnswers
	}
	return format
}

// outcomes are the pack of the outcomes of all tables.
func (f Folder) outcomes() *pack { return packAt(filepath.Join(string(f), "outcomes", packName)) }

// packName is the file name of a pack in the folder of its kind.
const packName = "tables.pack"

// SaveOutcomes keeps the outcomes under the key, as an Arrow file. Each column
// gets the smallest type that holds its numbers exactly, in the memory of w; of
// ids that count up, only the first is written. An error ends the run.
func (f Folder) SaveOutcomes(key string, o *Outcomes, w *Workspace) error {
	return pool.Stop(f.outcomes().write(key, aboutSize(o), func(to io.Writer) error { return encode(to, o, w) }))
}

// aboutSize is about how many bytes the outcomes take when they are kept.
func aboutSize(o *Outcomes) int { return o.N() * (16 + 12*len(o.Confidences) + 2*len(o.Groups)) }

// encode writes the outcomes as an Arrow file.
func encode(to io.Writer, o *Outcomes, w *Workspace) error {
	w.reset()
	var cols []ipc.Column
	ints := func(name string, v []int32) {
		if v != nil {
			cols = append(cols, narrowInts(w, name, v))
		}
	}
	floats := func(name string, v []float64) {
		if v != nil {
			cols = append(cols, w.floats(name, v))
		}
	}
	inOrder := CountUp(o.IDs.Int)
	ints("row", o.Row)
	if o.IDs.Int != nil && !inOrder {
		cols = append(cols, narrowInts(w, "sample_id", o.IDs.Int))
	}
	if o.IDs.Text != nil {
		cols = append(cols, ipc.Texts("sample_id", o.IDs.Text))
	}
	ints("label", o.Label)
	ints("prediction", o.Prediction)
	cols = append(cols, ipc.Bools("correct", o.Correct))
	ints("label-rank", o.LabelRank)
	floats("nll", o.NLL)
	floats("brier", o.Brier)
	if o.ShouldAbstain != nil {
		cols = append(cols, ipc.Bools("should-abstain", o.ShouldAbstain))
	}
	ints("set-size", o.SetSize)
	if o.SetHolds != nil {
		cols = append(cols, ipc.Bools("set-holds", o.SetHolds))
	}
	meta := []column.Pair{{Key: "format", Value: formatOf(o.Outcomes)}, {Key: "classes", Value: strconv.Itoa(o.Classes)},
		{Key: "samples", Value: strconv.Itoa(o.N())}}
	if o.HasSets() {
		meta = append(meta, column.Pair{Key: "set alpha", Value: strconv.FormatFloat(o.SetAlpha, 'g', -1, 64)})
	}
	if inOrder {
		meta = append(meta, column.Pair{Key: "first sample_id", Value: strconv.FormatInt(o.IDs.Int[0], 10)})
	}
	if o.IDs.Prefix != "" || o.IDs.Width != 0 {
		meta = append(meta, column.Pair{Key: "prefix of sample_id", Value: o.IDs.Prefix},
			column.Pair{Key: "digits of sample_id", Value: strconv.Itoa(o.IDs.Width)})
	}
	for _, c := range o.Confidences {
		if followsFromKey(c.Value, c.Key) {
			meta = append(meta, column.Pair{Key: "value:" + c.Name, Value: valueFromKey})
		} else {
			floats("confidence:"+c.Name, c.Value)
		}
		floats("key:"+c.Name, c.Key)
		meta = append(meta, column.Pair{Key: "probability:" + c.Name, Value: strconv.FormatBool(c.Probability)})
	}
	for _, g := range o.Groups {
		ints("group:"+g.Name, g.Code)
		meta = append(meta, column.Pair{Key: "levels:" + g.Name, Value: strings.Join(g.Levels, "\n")})
	}
	return ipc.Write(to, cols, ipc.Options{Meta: meta})
}

// valueFromKey says of a confidence that only its keys are stored, of which the values
// are this: the largest probability by the negative odds of being wrong. Where those
// underflow, keys are above 0.
const valueFromKey = "1/(1-min(key,0))"

// ofKey is the value that follows from a key.
func ofKey(key float64) float64 { return 1 / (1 - min(key, 0)) }

func followsFromKey(value, key []float64) bool {
	if len(key) != len(value) {
		return false
	}
	for i, k := range key {
		if value[i] != ofKey(k) {
			return false
		}
	}
	return true
}

// HasOutcomes reports whether something is kept under the key that nobody has found
// damaged.
func (f Folder) HasOutcomes(key string) bool { return f.outcomes().has(key) }

// LoadOutcomes reads what SaveOutcomes kept under the key. If nothing is, or it is damaged
// or in another format, it returns an error, and the caller reads the table again.
func (f Folder) LoadOutcomes(key string) (o *Outcomes, err error) {
	p := f.outcomes()
	err = p.read(key, func(r io.ReaderAt, size int64) error {
		o, err = decode(r, size)
		return err
	})
	if err != nil {
		return nil, p.named(key, err)
	}
	return o, nil
}

// decode reads what encode wrote.
func decode(from io.ReaderAt, size int64) (*Outcomes, error) {
	r, err := ipc.Open(from, size)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return readOutcomes(r, int(size))
}

// readOutcomes reads what SaveOutcomes wrote, from a file of size bytes.
func readOutcomes(r column.Source, size int) (*Outcomes, error) {
	meta := map[string]string{}
	for _, p := range r.Meta() {
		meta[p.Key] = p.Value
	}
	classes, errClasses := strconv.Atoi(meta["classes"])
	samples, errSamples := strconv.Atoi(meta["samples"])
	if f := meta["format"]; f != format && f != formatOfAnswers {
		return nil, ErrOtherFormat
	}
	if err := errors.Join(errClasses, errSamples); err != nil {
		return nil, err
	}
	fields := r.Fields()
	want := make([]column.Want, len(fields))
	for i, f := range fields {
		want[i] = column.Want{Field: i, Kind: f.Kind}
	}
	if err := r.Select(want); err != nil {
		return nil, err
	}
	o := &Outcomes{Outcomes: &metrics.Outcomes{Classes: classes}}
	room := max(0, min(samples, 8*size)) // a sample takes at least one bit, so a wrong count allocates little
	for {
		chunk, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, f := range fields {
			o.take(f, &chunk.Columns[i], meta, room)
		}
	}
	if alpha := meta["set alpha"]; alpha != "" {
		var err error
		if o.SetAlpha, err = strconv.ParseFloat(alpha, 64); err != nil {
			return nil, err
		}
	}
	o.derive(meta)
	return o, errors.Join(o.countFrom(meta["first sample_id"]), o.spell(meta), o.complete(samples))
}

// spell sets how the ids are written.
func (o *Outcomes) spell(meta map[string]string) (err error) {
	o.IDs.Prefix = meta["prefix of sample_id"]
	if digits := meta["digits of sample_id"]; digits != "" {
		o.IDs.Width, err = strconv.Atoi(digits)
	}
	return err
}

// countFrom makes ids that count up from first; none if first is "".
func (o *Outcomes) countFrom(first string) error {
	if first == "" {
		return nil
	}
	from, err := strconv.ParseInt(first, 10, 64)
	o.IDs.Int = make([]int64, len(o.Correct))
	for i := range o.IDs.Int {
		o.IDs.Int[i] = from + int64(i)
	}
	return err
}

// derive computes the values of confidences whose sort keys alone are stored.
func (o *Outcomes) derive(meta map[string]string) {
	for i := range o.Confidences {
		k := &o.Confidences[i]
		if meta["value:"+k.Name] == valueFromKey {
			k.Value = make([]float64, len(k.Key))
			for j, key := range k.Key {
				k.Value[j] = ofKey(key)
			}
		}
	}
}

// take appends the values of a stored column to the outcomes. A column that is
// new gets room for that many values.
func (o *Outcomes) take(f column.Field, c *column.Column, meta map[string]string, room int) {
	kind, name, _ := strings.Cut(f.Name, ":")
	switch kind {
	case "row":
		o.Row = appendInts(o.Row, c.Int, room)
	case "sample_id":
		o.IDs.Int, o.IDs.Text = append(o.IDs.Int, c.Int...), append(o.IDs.Text, c.Text...)
	case "label":
		o.Label = appendInts(o.Label, c.Int, room)
	case "prediction":
		o.Prediction = appendInts(o.Prediction, c.Int, room)
	case "correct":
		o.Correct = append(reserved(o.Correct, room), c.Bool...)
	case "should-abstain":
		o.ShouldAbstain = append(reserved(o.ShouldAbstain, room), c.Bool...)
	case "set-size":
		o.SetSize = appendInts(o.SetSize, c.Int, room)
	case "set-holds":
		o.SetHolds = append(reserved(o.SetHolds, room), c.Bool...)
	case "label-rank":
		o.LabelRank = appendInts(o.LabelRank, c.Int, room)
	case "nll":
		o.NLL = appendFloats(o.NLL, c, room)
	case "brier":
		o.Brier = appendFloats(o.Brier, c, room)
	case "confidence", "key":
		if o.Confidence(name) == nil {
			o.Confidences = append(o.Confidences, metrics.Confidence{Name: name, Probability: meta["probability:"+name] == "true"})
		}
		k := o.Confidence(name)
		to := &k.Value
		if kind == "key" {
			to = &k.Key
		}
		*to = appendFloats(*to, c, room)
	case "group":
		if o.Group(name) == nil {
			o.Groups = append(o.Groups, metrics.Group{Name: name, Levels: strings.Split(meta["levels:"+name], "\n")})
		}
		g := o.Group(name)
		g.Code = appendInts(g.Code, c.Int, room)
	}
}

// complete checks that every column has one value for each sample.
func (o *Outcomes) complete(samples int) error {
	lengths := []int{len(o.Row), len(o.IDs.Int), len(o.IDs.Text), len(o.Label), len(o.Prediction), len(o.LabelRank), len(o.NLL), len(o.Brier), len(o.ShouldAbstain), len(o.SetSize), len(o.SetHolds)}
	for _, c := range o.Confidences {
		lengths = append(lengths, len(c.Key))
		if len(c.Value) != samples {
			return fmt.Errorf("%q has %d of %d values", c.Name, len(c.Value), samples)
		}
	}
	for _, g := range o.Groups {
		lengths = append(lengths, len(g.Code))
		for _, code := range g.Code {
			if int(code) >= len(g.Levels) || code < -1 {
				return fmt.Errorf("group %q has no level %d", g.Name, code)
			}
		}
	}
	for _, n := range lengths {
		if n != 0 && n != samples {
			return fmt.Errorf("a column has %d of %d values", n, samples)
		}
	}
	if len(o.Correct) != samples {
		return fmt.Errorf("%d of %d samples", len(o.Correct), samples)
	}
	return nil
}

// CountUp reports whether each number is one more than the one before.
func CountUp(v []int64) bool {
	for i, x := range v {
		if x != v[0]+int64(i) {
			return false
		}
	}
	return len(v) > 0
}

// reserved returns the column, with room for that many values if it has none yet.
func reserved[T any](column []T, room int) []T {
	if column == nil {
		return make([]T, 0, room)
	}
	return column
}

func appendFloats(to []float64, c *column.Column, room int) []float64 {
	to = reserved(to, room)
	for _, x := range c.F32 {
		to = append(to, float64(x))
	}
	return append(to, c.F64...)
}

func appendInts(to []int32, v []int64, room int) []int32 {
	to = reserved(to, room)
	for _, x := range v {
		to = append(to, int32(x))
	}
	return to
}
