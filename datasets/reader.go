package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"iter"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// tableReader turns the columns of a source into batches.
type tableReader struct {
	table  Table
	source column.Source
	closer io.Closer
	layout *layout
	peeked *column.Chunk // the first chunk, if opening had to read it
	rows   int           // yielded so far
	batch  Batch
	levels []levels
	used   bool

	hash       hash.Hash   // nil unless asked for
	partHashes []hash.Hash // of each file of several
	complete   bool        // read to the end without error

	looked      column.Source                 // that look read last; it still knows its lines
	again       func() (column.Source, error) // opens the file again
	fields      []column.Field
	codes       coding        // of classes that are told by name
	asked       bool          // whether labels count from 1
	looking     column.Source // of the last look
	selected    bool
	modelName   string // in a column that names models
	stored      bool   // class vectors are handed out as they are stored
	sums        sums   // how far probabilities are from adding to 1
	confidences span
	doubling    doubling
}

// newReader recognises the columns of the source. On error the caller closes the source.
// A table whose names leave no choice is ready to be read; another is so after begin.
func newReader(t Table, source column.Source, closer io.Closer, again func() (column.Source, error)) (*tableReader, error) {
	r := &tableReader{table: t, source: source, closer: closer, again: again, fields: source.Fields()}
	var err error
	if r.layout, err = recognise(r.fields, t.Reading, r.look); err != nil {
		return nil, r.failOnce(err)
	}
	r.describe()
	if len(r.layout.choices) == 0 {
		return r, r.selectColumns()
	}
	return r, nil
}

// begin makes the choices that names leave open, and prepares reading.
func (r *tableReader) begin() error {
	if err := r.settle(); err != nil {
		return err
	}
	if err := r.selectColumns(); err != nil {
		return err
	}
	if err := r.codeClasses(); err != nil {
		return r.failOnce(err)
	}
	r.layout.schema.Taken = r.layout.taken()
	return nil
}

// selectColumns tells the source what to read, once, and learns the number of classes.
func (r *tableReader) selectColumns() error {
	if r.selected {
		return nil
	}
	r.selected = true
	if err := r.source.Select(r.layout.want); err != nil {
		return r.fail(err)
	}
	if r.layout.schema.Kind != Score && r.layout.schema.Classes == 0 {
		if err := r.peek(); err != nil {
			return r.fail(err)
		}
	}
	r.levels = make([]levels, len(r.layout.groups))
	for _, i := range r.layout.vector {
		r.sums.bfloat = strings.HasPrefix(r.fields[r.layout.want[i].Field].Stored, "BF16")
	}
	return nil
}

// describe adds the metadata to the schema.
func (r *tableReader) describe() {
	s := &r.layout.schema
	s.Meta = map[string]string{}
	for _, p := range r.source.Meta() {
		s.Meta[p.Key] = p.Value
	}
	if s.Kind == Score && s.Classes == 0 {
		if s.Classes = countClasses(s.Meta["classes"]); s.Classes == 0 {
			s.Classes = countClasses(r.table.Meta.Get("classes"))
		}
	}
}

// countClasses reads a number or a JSON list of class names; 0 if it is neither.
func countClasses(stated string) int {
	if n, err := strconv.Atoi(stated); err == nil {
		return max(n, 0)
	}
	var names []any
	if json.Unmarshal([]byte(stated), &names) != nil {
		return 0
	}
	return len(names)
}

// peek reads the first rows to learn the number of classes, because the schema of
// a list column does not tell it.
func (r *tableReader) peek() error {
	chunk, err := r.source.Next()
	if errors.Is(err, io.EOF) {
		return column.Errorf(r.layout.schema.Column, -1, "the table has no rows, so the number of classes is not known")
	}
	if err != nil {
		return err
	}
	r.peeked = chunk
	r.layout.schema.Classes = chunk.Columns[r.layout.vector[0]].Width
	if r.layout.schema.Classes < 2 {
		return column.Errorf(r.layout.schema.Column, 0, "has %d values; a class vector needs one per class", r.layout.schema.Classes)
	}
	return nil
}

// Schema returns what the columns are.
func (r *tableReader) Schema() Schema { return r.layout.schema }

// Close closes the table's file.
func (r *tableReader) Close() error {
	err := r.source.Close()
	if r.closer != nil {
		err = errors.Join(err, r.closer.Close())
		r.closer = nil
	}
	return err
}

// KeepHalf asks for Batch.F16 where the file stores class vectors as float16, in
// which case F32 is nil. Batches may still come with F32.
func (r *tableReader) KeepHalf() {
	if s, ok := r.source.(interface{ KeepHalf() }); ok && len(r.layout.vector) == 1 {
		s.KeepHalf()
	}
}

// Batches yields the rows in order; it may be ranged over once.
func (r *tableReader) Batches() iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if r.used {
			yield(nil, r.fail(errors.New("the batches were read before; open the table again")))
			return
		}
		r.used = true
		defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
		defer r.translate()
		for {
			b, err := r.next()
			if errors.Is(err, io.EOF) {
				r.complete = true
				return
			}
			if err != nil {
				yield(nil, r.fail(err))
				return
			}
			if !yield(b, nil) {
				return
			}
		}
	}
}

func (r *tableReader) next() (b *Batch, err error) {
	defer r.contain(&err)
	chunk := r.peeked
	r.peeked = nil
	if chunk == nil {
		if chunk, err = r.nextChunk(); errors.Is(err, io.EOF) {
			return nil, r.end()
		} else if err != nil {
			return nil, err
		}
	}
	if err := r.assemble(chunk); err != nil {
		return nil, err
	}
	r.rows += chunk.N
	return &r.batch, nil
}

// nextChunk reads on. A column of classes is asked for as integers where a format has only
// text; if a cell is none, it is read as text from there on.
func (r *tableReader) nextChunk() (*column.Chunk, error) {
	chunk, err := r.source.Next()
	e, ok := errors.AsType[*column.Error](err)
	if !ok {
		return chunk, err
	}
	i := slices.Index(r.layout.names, e.Column)
	if i >= 0 && i == r.layout.correct && e.Hint == "" {
		e.Hint = fmt.Sprintf("words such as yes and no, or C and I, are understood after --columns correct=%s", e.Column)
	}
	if i < 0 || !r.mayBeText(i) {
		return nil, err
	}
	if err := r.readAsText(i); err != nil {
		return nil, err
	}
	return r.nextChunk()
}

// mayBeText reports whether the column at place i of want is asked for as integers, or as
// yes and no, only for speed.
func (r *tableReader) mayBeText(i int) bool {
	w, l := r.layout.want[i], r.layout
	if r.fields[w.Field].Kind != column.Untyped || w.Kind == column.Text {
		return false
	}
	return i == l.label || i == l.prediction && l.schema.Kind == Score || i == l.correct && l.sentences
}

// readAsText opens the table again, with the column at place i of want as text, and goes
// on with the row after the last that was read.
func (r *tableReader) readAsText(i int) error {
	r.layout.want[i].Kind = column.Text
	if i == r.layout.label {
		if err := r.codeClasses(); err != nil {
			return err
		}
	}
	source, err := r.again()
	if err != nil {
		return err
	}
	r.source.Close()
	r.source = source
	if err := source.Select(r.layout.want); err != nil {
		return err
	}
	for rows := 0; rows < r.rows; {
		chunk, err := source.Next()
		if err != nil {
			return err
		}
		if rows += chunk.N; rows > r.rows {
			return errors.New("the file changed while it was read")
		}
	}
	return nil
}

// end compares the rows read with those the manifest states: a stream that was
// cut between two batches reads without any other error.
func (r *tableReader) end() error {
	if r.table.Rows < 0 || r.table.Rows == r.rows {
		return io.EOF
	}
	e := column.Errorf("", -1, "%d rows where the manifest states %d", r.rows, r.table.Rows)
	e.Hint = "the file may be truncated or newer than the manifest; write it again or correct the column rows of the manifest"
	return e
}

// tableError makes an *Error of any error about the table.
func tableError(name string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*column.Error](err); ok {
		return &Error{Table: name, Column: e.Column, Row: e.Row, Line: e.Line, Err: e.Err, Hint: e.Hint}
	}
	return &Error{Table: name, Row: -1, Err: err}
}

// assemble fills the batch from the chunk.
func (r *tableReader) assemble(c *column.Chunk) error {
	l, b := r.layout, &r.batch
	b.First, b.N = c.First, c.N
	steps := []func(*column.Chunk) error{r.setID, r.setClasses, r.setVector, r.normalise, r.setCorrect, r.setConfidence, r.setScores}
	for _, step := range steps {
		if err := step(c); err != nil {
			return err
		}
	}
	b.Groups = column.Grow(b.Groups, len(l.groups))
	for i, g := range l.groups {
		b.Groups[i] = r.levels[i].render(b.Groups[i], &c.Columns[g], c.N)
	}
	if err := r.oneModel(); err != nil {
		return err
	}
	if l.id < 0 {
		r.doubling.add(b)
	}
	return nil
}

// oneModel makes sure that a column that names models names one.
func (r *tableReader) oneModel() error {
	m := r.layout.model
	if m < 0 || r.layout.want[r.layout.groups[m]].Kind != column.Text {
		return nil
	}
	names := r.batch.Groups[m]
	if r.modelName == "" && len(names) > 0 {
		r.modelName = strings.Clone(names[0])
	}
	row := slices.IndexFunc(names, func(n string) bool { return n != r.modelName })
	if row < 0 {
		return nil
	}
	e := column.Errorf(r.layout.schema.Groups[m], r.batch.First+row, "names a further model, %q after %q, but a table holds the answers of one", names[row], r.modelName)
	e.Hint = "write a file for each model, or a folder model=NAME for each, as COPY ... (PARTITION_BY (model)) of DuckDB does"
	return e
}

// required returns the column at place i of want, in which no value may be
// missing.
func (r *tableReader) required(c *column.Chunk, i int) (*column.Column, error) {
	col := &c.Columns[i]
	if row := slices.Index(col.Null, true); row >= 0 {
		e := column.Errorf(r.layout.names[i], c.First+row, "missing value (null)")
		e.Hint = "every row needs a value here; drop the row or fill it in"
		return nil, e
	}
	return col, nil
}

func (r *tableReader) setID(c *column.Chunk) error {
	if r.layout.id < 0 {
		return nil
	}
	col, err := r.required(c, r.layout.id)
	if err != nil {
		return err
	}
	if row := slices.Index(col.Text, ""); row >= 0 {
		return column.Errorf(r.layout.names[r.layout.id], c.First+row, "is empty")
	}
	r.batch.ID = IDs{Int: col.Int, Text: col.Text}
	return nil
}

// setClasses fills the columns that hold class numbers.
func (r *tableReader) setClasses(c *column.Chunk) (err error) {
	if r.layout.onehot != nil {
		r.batch.Label, err = r.oneHot(c, r.batch.Label)
	} else {
		r.batch.Label, err = r.classNumbers(c, r.layout.label, r.batch.Label)
	}
	if err == nil && r.layout.label >= 0 {
		err = r.askFrom(r.batch.Label)
	}
	if err != nil {
		return err
	}
	r.batch.Prediction, err = r.classNumbers(c, r.layout.prediction, r.batch.Prediction)
	return err
}

func (r *tableReader) setCorrect(c *column.Chunk) (err error) {
	if r.batch.Correct, err = r.yesOrNo(c, r.layout.correct, r.batch.Correct); err != nil {
		return err
	}
	r.batch.ShouldAbstain, err = r.yesOrNo(c, r.layout.abstain, r.batch.ShouldAbstain)
	return err
}

// yesOrNo reads the column at place i of want as yes or no.
func (r *tableReader) yesOrNo(c *column.Chunk, i int, dst []bool) ([]bool, error) {
	if i < 0 {
		return nil, nil
	}
	col, err := r.required(c, i)
	if err != nil {
		return nil, err
	}
	if col.Bool != nil {
		return append(dst[:0], col.Bool...), nil
	}
	dst = column.Grow(dst, c.N)
	for row := range dst {
		if col.Text != nil {
			yes, ok := answers[strings.ToLower(strings.TrimSpace(col.Text[row]))]
			if !ok {
				return nil, column.Errorf(r.layout.names[i], c.First+row, "%q is neither yes nor no", col.Text[row])
			}
			dst[row] = yes
			continue
		}
		v := at(col, row)
		if v != 0 && v != 1 {
			return nil, column.Errorf(r.layout.names[i], c.First+row, "%v is neither 0 nor 1", v)
		}
		dst[row] = v == 1
	}
	return dst, nil
}

func (r *tableReader) setConfidence(c *column.Chunk) error {
	if r.layout.confidence < 0 {
		return nil
	}
	col, err := r.required(c, r.layout.confidence)
	if err != nil {
		return err
	}
	r.batch.Confidence = float64s(r.batch.Confidence, col)
	if r.layout.meaning == trust {
		for _, v := range r.batch.Confidence {
			r.confidences.add(v)
		}
	}
	r.trustPrediction()
	return nil
}

func (r *tableReader) setScores(c *column.Chunk) error {
	r.batch.Scores = column.Grow(r.batch.Scores, len(r.layout.scores))
	for i, s := range r.layout.scores {
		col, err := r.required(c, s)
		if err != nil {
			return err
		}
		r.batch.Scores[i] = float64s(r.batch.Scores[i], col)
	}
	return nil
}

// float64s copies a column of numbers, widening it if needed.
func float64s(dst []float64, c *column.Column) []float64 {
	if c.F64 != nil {
		return append(dst[:0], c.F64...)
	}
	if c.Int != nil {
		dst = column.Grow(dst, len(c.Int))
		for i, v := range c.Int {
			dst[i] = float64(v)
		}
		return dst
	}
	dst = column.Grow(dst, len(c.F32))
	for i, v := range c.F32 {
		dst[i] = float64(v)
	}
	return dst
}

// setVector sets the class vectors: a list column as it is stored, wide columns
// interleaved.
func (r *tableReader) setVector(c *column.Chunk) error {
	l, b := r.layout, &r.batch
	switch len(l.vector) {
	case 0:
		return nil
	case 1:
		if l.binary {
			return r.setBinary(c)
		}
		col := &c.Columns[l.vector[0]]
		if col.Width != l.schema.Classes {
			return column.Errorf(l.schema.Column, c.First, "%d values where the rows before have %d", col.Width, l.schema.Classes)
		}
		b.F16, b.F32, b.F64 = col.F16, col.F32, col.F64
		return nil
	}
	wide := false
	for _, i := range l.vector {
		col, err := r.required(c, i)
		if err != nil {
			return err
		}
		wide = wide || col.F32 == nil
	}
	if wide {
		b.F32, b.F64 = nil, interleave(b.F64, c, l.vector)
	} else {
		b.F32, b.F64 = interleave(b.F32, c, l.vector), nil // the batch before may have been float64
	}
	return nil
}

// setBinary makes class vectors from one number in each row: the probability of class 1
// of two, or the logarithm of its odds.
func (r *tableReader) setBinary(c *column.Chunk) error {
	col, err := r.required(c, r.layout.vector[0])
	if err != nil {
		return err
	}
	b := &r.batch
	b.F32, b.F64 = nil, column.Grow(b.F64, 2*c.N)
	for row := range c.N {
		v := at(col, row)
		b.F64[2*row], b.F64[2*row+1] = 1-v, v
		if r.layout.schema.Kind == Logits {
			b.F64[2*row] = 0
		}
	}
	return nil
}

// interleave makes rows from columns.
func interleave[T float32 | float64](dst []T, c *column.Chunk, vector []int) []T {
	width := len(vector)
	dst = column.Grow(dst, c.N*width)
	for class, i := range vector {
		col := &c.Columns[i]
		for row, v := range col.F32 {
			dst[row*width+class] = T(v)
		}
		for row, v := range col.F64 {
			dst[row*width+class] = T(v)
		}
		for row, v := range col.Int {
			dst[row*width+class] = T(v)
		}
	}
	return dst
}

// levels renders a group column as text. Few values repeat many times, so each is
// kept once and a batch's buffers are not kept alive by it.
type levels struct {
	text map[string]string
	ints map[int64]string
}

// render writes n rows of the column to dst; missing values are "".
func (l *levels) render(dst []string, c *column.Column, n int) []string {
	dst = column.Grow(dst, n)
	for row := range n {
		switch {
		case c.Null != nil && c.Null[row]:
			dst[row] = ""
		case c.Text != nil:
			dst[row] = l.intern(c.Text[row])
		case c.Bool != nil:
			dst[row] = strconv.FormatBool(c.Bool[row])
		default:
			dst[row] = l.number(c.Int[row])
		}
	}
	return dst
}

func (l *levels) intern(s string) string {
	if kept, ok := l.text[s]; ok {
		return kept
	}
	if l.text == nil {
		l.text = map[string]string{}
	}
	kept := strings.Clone(s)
	l.text[kept] = kept
	return kept
}

func (l *levels) number(v int64) string {
	if kept, ok := l.ints[v]; ok {
		return kept
	}
	if l.ints == nil {
		l.ints = map[int64]string{}
	}
	l.ints[v] = strconv.FormatInt(v, 10)
	return l.ints[v]
}
