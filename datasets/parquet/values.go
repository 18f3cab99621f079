package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"abstain/datasets/column"
)

// reader reads one column, page after page. Positions in a page count entries:
// values and nulls. The values themselves are stored without gaps.
type reader struct {
	name  string
	leaf  leaf
	width int // values per row; 0 until the first row of a list is seen
	out   column.Column

	pages   pq.Pages
	page    pq.Page
	entries int    // of the page
	pos     int    // next entry
	dense   int    // next value
	full    bool   // no value is missing
	rep     []byte // repetition levels; nil if the column is not a list
	def     []byte // definition levels; nil if values cannot be missing
	src     values // of the page, or of its dictionary
	index   []int32

	dict   pq.Dictionary // the dictionary from which looked was made
	looked values
	texts  []string

	ints  []int64
	f32   []float32
	f64   []float64
	bools []bool
	strs  []string
	null  []bool
}

// values are a page's values in their stored form.
type values struct {
	n     int
	i32   []int32
	i64   []int64
	f32   []float32
	f64   []float64
	bits  []byte
	text  []byte
	ends  []uint32 // n+1 positions in text
	bytes []byte   // of fixed length
}

func (r *reader) begin(pages pq.Pages) {
	r.close()
	r.pages = pages
	r.entries, r.pos = 0, 0
}

func (r *reader) close() error {
	r.release()
	if r.pages == nil {
		return nil
	}
	err := r.pages.Close()
	r.pages = nil
	return err
}

func (r *reader) release() {
	if r.page != nil {
		pq.Release(r.page)
		r.page = nil
	}
}

// end checks that the column has no entries left. A last row that is longer than
// the others shows only here.
func (r *reader) end() error {
	if r.pages == nil {
		return nil
	}
	err := r.more()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	if r.leaf.list {
		return ragged(-1, "the last row of a row group has more than %d values, which the first row has", r.width)
	}
	return errors.New("corrupt: more values than the row group has rows")
}

// more makes sure that there is an entry to read; io.EOF at the end of the row
// group.
func (r *reader) more() error {
	for r.pos == r.entries {
		r.release()
		page, err := r.pages.ReadPage()
		if err != nil {
			return err
		}
		r.page = page
		if err := r.open(page); err != nil {
			return err
		}
	}
	return nil
}

// open takes the levels and values of a page and checks that they belong
// together.
func (r *reader) open(page pq.Page) error {
	r.entries, r.pos, r.dense = int(page.NumValues()), 0, 0
	r.rep, r.def, r.index = page.RepetitionLevels(), page.DefinitionLevels(), nil
	if !r.leaf.list {
		r.rep = nil
	}
	if len(r.def) == 0 {
		r.def = nil
	}
	if r.def != nil && len(r.def) != r.entries || r.leaf.list && len(r.rep) != r.entries {
		return fmt.Errorf("corrupt: a page of %d entries with %d and %d levels", r.entries, len(r.rep), len(r.def))
	}
	present := r.entries
	if r.def != nil {
		present = bytes.Count(r.def, []byte{byte(r.leaf.depth)})
	}
	r.full = present == r.entries
	have, err := r.openValues(page)
	if err == nil && have < present {
		err = fmt.Errorf("corrupt: a page of %d values holds %d", present, have)
	}
	return err
}

func (r *reader) openValues(page pq.Page) (int, error) {
	data := page.Data()
	dict := page.Dictionary()
	if dict == nil {
		var err error
		r.src, err = take(&data, &r.leaf)
		return r.src.n, err
	}
	r.index = data.Int32()
	if dict != r.dict {
		stored := dict.Page().Data()
		var err error
		if r.looked, err = take(&stored, &r.leaf); err != nil {
			return 0, err
		}
		r.dict = dict
		r.texts = column.Grow(r.texts, max(len(r.looked.ends)-1, 0))
		column.Pack(r.texts, r.looked.at)
	}
	r.src = r.looked
	for _, i := range r.index {
		if i < 0 || int(i) >= r.src.n {
			return 0, fmt.Errorf("corrupt: entry %d of a dictionary of %d", i, r.src.n)
		}
	}
	return len(r.index), nil
}

// take stores values by their type, and checks the type against the schema's.
func take(v *encoding.Values, l *leaf) (values, error) {
	stored, err := stored(v, l)
	switch {
	case err != nil || stored.n == 0:
	case l.widen:
		return stored.floats(l), nil
	case l.moment.unit > 0:
		return stored.moments(l.moment), nil
	case l.decimal:
		return l.decimals(stored)
	case l.uuid:
		return stored.uuids(), nil
	case l.kind == column.Text && stored.ends == nil:
		stored = stored.texts(l.size)
	}
	if l.binary && err == nil {
		return stored.readable(), nil
	}
	return stored, err
}

func stored(v *encoding.Values, l *leaf) (values, error) {
	switch v.Kind() {
	case encoding.Undefined: // a page with only nulls
		return values{}, nil
	case encoding.Boolean:
		b := v.Boolean()
		return values{n: 8 * len(b), bits: b}, nil
	case encoding.Int32:
		return values{n: len(v.Int32()), i32: v.Int32()}, nil
	case encoding.Int64:
		return values{n: len(v.Int64()), i64: v.Int64()}, nil
	case encoding.Float:
		return values{n: len(v.Float()), f32: v.Float()}, nil
	case encoding.Double:
		return values{n: len(v.Double()), f64: v.Double()}, nil
	case encoding.ByteArray:
		text, ends := v.ByteArray()
		return values{n: max(len(ends)-1, 0), text: text, ends: ends}, nil
	case encoding.FixedLenByteArray:
		if b, size := v.FixedLenByteArray(); size == l.size && size > 0 {
			return values{n: len(b) / size, bytes: b}, nil
		}
	}
	return values{}, fmt.Errorf("pages of %v are not supported", v.Kind())
}

// texts makes texts from values of size bytes each.
func (v *values) texts(size int) values {
	out := values{n: v.n, text: v.bytes, ends: make([]uint32, v.n+1)}
	for i := range out.ends {
		out.ends[i] = uint32(i * size)
	}
	return out
}

// uuids writes the values in the usual form of UUIDs.
func (v *values) uuids() values {
	all := make([]byte, 0, 36*v.n)
	for b := range slices.Chunk(v.bytes[:16*v.n], 16) {
		all = column.AppendUUID(all, b)
	}
	out := values{n: v.n, bytes: all}
	return out.texts(36)
}

// at is text i of the stored values.
func (v *values) at(i int) []byte { return v.text[v.ends[i]:v.ends[i+1]] }

// learnWidth finds how many values the first row of a list has; more must have
// been called. If that row fills its page, it is assumed to end there; the check
// of the following rows shows whether it does.
func (r *reader) learnWidth() {
	switch {
	case !r.leaf.list:
		r.width = 1
	case r.width == 0:
		next := bytes.IndexByte(r.rep[r.pos+1:], 0)
		if next < 0 {
			next = r.entries - r.pos - 1
		}
		r.width = next + 1
	}
}

// inPage returns how many of the next n rows to take at once. If the current page
// has fewer than n, but at least a quarter of them, and they can be used in
// place, it returns those in the page. Otherwise it returns n, and the rows are
// copied where necessary.
func (r *reader) inPage(n int) int {
	whole := (r.entries - r.pos) / r.width
	if !r.plain() || whole >= n || whole < (n+3)/4 {
		return n
	}
	return whole
}

// plain reports whether the values of the page can be used as class vectors
// without any change.
func (r *reader) plain() bool { return r.leaf.list && !r.leaf.half && r.index == nil && r.full }

// fill reads n rows into out.
func (r *reader) fill(n int) error {
	if r.plain() && (r.entries-r.pos)/r.width >= n {
		return r.fillInPlace(n * r.width)
	}
	r.reset()
	for done, all := 0, n*r.width; done < all; {
		if err := r.more(); err != nil {
			return err
		}
		step := min(all-done, r.entries-r.pos)
		if err := r.append(step, done); err != nil {
			return err
		}
		done += step
		r.pos += step
	}
	r.publish()
	return nil
}

// fillInPlace sets out to the next step values of the page.
func (r *reader) fillInPlace(step int) error {
	if !r.regular(step) {
		if err := r.checkRows(step, 0); err != nil {
			return err
		}
	}
	i, j := r.dense, r.dense+step
	r.out = column.Column{Width: r.width}
	if r.leaf.kind == column.Vector64 {
		r.out.F64 = r.src.f64[i:j:j]
	} else {
		r.out.F32 = r.src.f32[i:j:j]
	}
	r.dense, r.pos = j, r.pos+step
	return nil
}

// regular reports whether in the next step entries, which are whole rows, rows
// begin every width entries and nowhere else: the number of beginnings is right,
// and each of the expected places is one. It is the fast form of checkRows, which
// says what is wrong.
func (r *reader) regular(step int) bool {
	rep := r.rep[r.pos : r.pos+step]
	if bytes.Count(rep, []byte{0}) != step/r.width {
		return false
	}
	for i := 0; i < step; i += r.width {
		if rep[i] != 0 {
			return false
		}
	}
	return true
}

func (r *reader) reset() {
	r.ints, r.f32, r.f64, r.bools = r.ints[:0], r.f32[:0], r.f64[:0], r.bools[:0]
	r.strs, r.null = r.strs[:0], r.null[:0]
}

// publish puts what was read into out, in the slice of the column's kind.
func (r *reader) publish() {
	r.out = column.Column{Width: r.width}
	switch r.leaf.kind {
	case column.Int:
		r.out.Int = r.ints
	case column.Float32, column.Vector32:
		r.out.F32 = r.f32
	case column.Float64, column.Vector64:
		r.out.F64 = r.f64
	case column.Bool:
		r.out.Bool = r.bools
	case column.Text, column.Moment:
		r.out.Text = r.strs
	}
	if slices.Contains(r.null, true) {
		r.out.Null = r.null
	}
}

// append reads the next step entries of the page; done entries of the chunk were
// read before.
func (r *reader) append(step, done int) error {
	missing := r.firstMissing(step)
	if r.leaf.list {
		if err := r.checkRows(min(step, missing+1), done); err != nil {
			return err
		}
		if missing < step {
			return r.missing((done+missing)/r.width, int(r.def[r.pos+missing]))
		}
	}
	if missing < step {
		return r.valuesAndNulls(r.def[r.pos : r.pos+step])
	}
	r.present(step)
	return r.values(step)
}

// firstMissing is the number of entries, of the next step, before the first
// missing value.
func (r *reader) firstMissing(step int) int {
	if r.full {
		return step
	}
	levels := r.def[r.pos : r.pos+step]
	if bytes.Count(levels, []byte{byte(r.leaf.depth)}) == step { // the usual case, faster
		return step
	}
	return slices.IndexFunc(levels, func(level byte) bool { return int(level) != r.leaf.depth })
}

// missing is the error of a list without a value at the given definition level.
func (r *reader) missing(row, level int) error {
	what := "missing value (null) in the list"
	switch {
	case level == r.leaf.element-1:
		what = "the list is empty"
	case level < r.leaf.element:
		what = "the list is missing (null)"
	}
	e := column.Errorf("", row, "%s", what)
	e.Hint = vectorHint
	return e
}

// present notes that n scalar values are not missing.
func (r *reader) present(n int) {
	if !r.leaf.list && r.leaf.depth > 0 {
		r.null = append(r.null, make([]bool, n)...)
	}
}

const vectorHint = "a class vector needs one value per class in every row; drop the row or fill it in"

// ragged is the error of a list whose length differs from that of the first.
func ragged(row int, format string, args ...any) error {
	e := column.Errorf("", row, format, args...)
	e.Hint = vectorHint
	return e
}

// checkRows checks that rows begin every width entries and nowhere else.
func (r *reader) checkRows(step, done int) error {
	rep := r.rep[r.pos : r.pos+step]
	for i := 0; i < step; {
		row, within := (done+i)/r.width, (done+i)%r.width
		if within == 0 {
			if rep[i] != 0 {
				return ragged(max(row-1, 0), "more than %d values, which the first row has", r.width)
			}
			i, within = i+1, 1
		}
		rest := min(step-i, r.width-within)
		if early := bytes.IndexByte(rep[i:i+rest], 0); early >= 0 {
			return ragged(row, "%d values where the first row has %d", within+early, r.width)
		}
		i += rest
	}
	return nil
}

// valuesAndNulls reads runs of values, with zero values in place of nulls.
func (r *reader) valuesAndNulls(levels []byte) error {
	for i := 0; i < len(levels); {
		here := int(levels[i]) == r.leaf.depth
		j := i + 1
		for j < len(levels) && (int(levels[j]) == r.leaf.depth) == here {
			j++
		}
		for range j - i {
			r.null = append(r.null, !here)
		}
		if !here {
			r.gap(j - i)
		} else if err := r.values(j - i); err != nil {
			return err
		}
		i = j
	}
	return nil
}

// gap appends n zero values.
func (r *reader) gap(n int) {
	switch r.leaf.kind {
	case column.Int:
		r.ints = append(r.ints, make([]int64, n)...)
	case column.Float32:
		r.f32 = append(r.f32, make([]float32, n)...)
	case column.Float64:
		r.f64 = append(r.f64, make([]float64, n)...)
	case column.Bool:
		r.bools = append(r.bools, make([]bool, n)...)
	case column.Text, column.Moment:
		r.strs = append(r.strs, make([]string, n)...)
	}
}

// values appends the next n values of the page.
func (r *reader) values(n int) error {
	i, j := r.dense, r.dense+n
	r.dense = j
	switch r.leaf.kind {
	case column.Int:
		return r.appendInts(i, j)
	case column.Float64, column.Vector64:
		r.f64 = appendFloats(r.f64, r.src.f64, r.index, i, j)
	case column.Float32, column.Vector32:
		if r.leaf.half {
			r.appendHalves(i, j)
		} else {
			r.f32 = appendFloats(r.f32, r.src.f32, r.index, i, j)
		}
	case column.Bool:
		for k := i; k < j; k++ {
			at := r.at(k)
			r.bools = append(r.bools, r.src.bits[at/8]>>(at%8)&1 != 0)
		}
	case column.Text, column.Moment:
		r.appendTexts(i, j)
	}
	return nil
}

// at is the place where value k of the page is stored: in the dictionary, if
// there is one.
func (r *reader) at(k int) int {
	if r.index != nil {
		return int(r.index[k])
	}
	return k
}

func appendFloats[T float32 | float64](dst, src []T, index []int32, i, j int) []T {
	if index == nil {
		return append(dst, src[i:j]...)
	}
	for _, at := range index[i:j] {
		dst = append(dst, src[at])
	}
	return dst
}

func (r *reader) appendHalves(i, j int) {
	r.f32 = slices.Grow(r.f32, j-i)
	for k := i; k < j; k++ {
		r.f32 = append(r.f32, column.Half(binary.LittleEndian.Uint16(r.src.bytes[2*r.at(k):])))
	}
}

func (r *reader) appendInts(i, j int) error {
	for k := i; k < j; k++ {
		at := r.at(k)
		var v int64
		switch {
		case r.src.i64 != nil:
			v = r.src.i64[at]
		case r.leaf.signed:
			v = int64(r.src.i32[at])
		default:
			v = int64(uint32(r.src.i32[at]))
		}
		if !r.leaf.signed && v < 0 {
			e := column.Errorf("", len(r.ints), "%d does not fit into 64 bits with sign", uint64(v))
			e.Hint = "write the column as signed integers or as text"
			return e
		}
		r.ints = append(r.ints, v)
	}
	return nil
}

func (r *reader) appendTexts(i, j int) {
	if r.index != nil {
		for _, at := range r.index[i:j] {
			r.strs = append(r.strs, r.texts[at])
		}
		return
	}
	begin := len(r.strs)
	r.strs = append(r.strs, make([]string, j-i)...)
	column.Pack(r.strs[begin:], func(k int) []byte { return r.src.at(i + k) })
}
