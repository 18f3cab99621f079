package ipc

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// batch walks the buffers of one record or dictionary batch, column after column,
// in the order of Message.fbs: for each column and child a node (length, nulls),
// and its buffers. Only buffers that are asked for are read, and every length is
// compared with what the type needs before an array is built.
type batch struct {
	file  *file
	arena func(int) []byte
	body  int64
	size  int64 // of the body
	rows  int

	meta      table
	codec     codec
	nodes     int // positions of the next entries, and how many are left
	nodesLeft int
	bufs      int
	bufsLeft  int
	views     int
	viewsLeft int

	dictionaries map[int64]arrow.Array
	stream       *stream // of the column loaded last; nil if it has none
}

// newBatch opens the RecordBatch table t, whose buffers are in the body of m.
func newBatch(f *file, m *message, t table, get func(int) []byte) (*batch, error) {
	if t.f == nil {
		return nil, fmt.Errorf("corrupt metadata: a batch without contents")
	}
	b := &batch{file: f, arena: get, body: m.body, size: m.length, meta: t}
	rows := t.int64(0)
	if rows < 0 || rows > math.MaxInt32 {
		return nil, fmt.Errorf("corrupt metadata: a record batch of %d rows", rows)
	}
	b.rows = int(rows)
	b.nodes, b.nodesLeft = t.vector(1, 16)
	b.bufs, b.bufsLeft = t.vector(2, 16)
	b.views, b.viewsLeft = t.vector(4, 8)
	b.codec = none
	if c := t.table(3); c.f != nil {
		b.codec = codec(c.byte(0)) + lz4Frame
	}
	return b, t.f.err
}

// node returns length and null count of the next column or child.
func (b *batch) node() (n int, nulls int64, err error) {
	if b.nodesLeft == 0 {
		return 0, 0, fmt.Errorf("corrupt metadata: fewer columns in a record batch than in the schema")
	}
	length, nulls := b.meta.f.i64(b.nodes), b.meta.f.i64(b.nodes+8)
	b.nodes, b.nodesLeft = b.nodes+16, b.nodesLeft-1
	if length < 0 || length > 1<<40 {
		return 0, 0, fmt.Errorf("corrupt metadata: a column of %d values", length)
	}
	return int(length), nulls, nil
}

// next returns where the next buffer is in the body.
func (b *batch) next() (offset, length int64, err error) {
	if b.bufsLeft == 0 {
		return 0, 0, fmt.Errorf("corrupt metadata: fewer buffers in a record batch than its columns need")
	}
	offset, length = b.meta.f.i64(b.bufs), b.meta.f.i64(b.bufs+8)
	b.bufs, b.bufsLeft = b.bufs+16, b.bufsLeft-1
	if offset < 0 || length < 0 || length > b.size || offset > b.size-length {
		return 0, 0, fmt.Errorf("corrupt metadata: a buffer of %d bytes at %d in a body of %d", length, offset, b.size)
	}
	return offset, length, nil
}

func (b *batch) variadic() (int, error) {
	if b.viewsLeft == 0 {
		return 0, fmt.Errorf("corrupt metadata: no buffer count for a view column")
	}
	n := b.meta.f.i64(b.views)
	b.views, b.viewsLeft = b.views+8, b.viewsLeft-1
	if n < 0 || n > int64(b.bufsLeft) {
		return 0, fmt.Errorf("corrupt metadata: a view column of %d buffers", n)
	}
	return int(n), nil
}

// buffer reads the next buffer, which must hold at least need bytes.
func (b *batch) buffer(need int) ([]byte, error) {
	offset, length, err := b.next()
	if err != nil {
		return nil, err
	}
	if length == 0 && need == 0 {
		return nil, nil
	}
	if b.codec != none {
		return b.decompress(offset, length, need)
	}
	if int64(need) > length {
		return nil, fmt.Errorf("corrupt: a buffer holds %d bytes, its values need %d", length, need)
	}
	raw, err := b.file.View(b.body+offset, length, b.arena)
	return align(raw, b.arena), err
}

// decompress reads a compressed buffer: eight bytes with the uncompressed size
// (-1: not compressed after all), then the compressed bytes.
func (b *batch) decompress(offset, length int64, need int) ([]byte, error) {
	raw, err := b.file.View(b.body+offset, length, b.arena)
	if err != nil {
		return nil, err
	}
	declared, packed, err := prefix(raw, length)
	switch {
	case err != nil:
		return nil, err
	case declared == -1 && len(packed) < need:
		return nil, fmt.Errorf("corrupt: a buffer holds %d bytes, its values need %d", len(packed), need)
	case declared == -1:
		return align(packed, b.arena), nil
	case declared < int64(need):
		return nil, &shortBuffer{declared: declared, packed: len(packed), need: need}
	}
	out, err := b.codec.expand(packed, int(declared), b.arena)
	if err != nil {
		return nil, fmt.Errorf("a compressed buffer declares %d bytes but does not decompress to them: %w", declared, err)
	}
	return out, nil
}

// align returns the bytes themselves if values of every type can be used there,
// as is usual in well-formed files, and else a copy.
func align(p []byte, get func(int) []byte) []byte {
	if uintptr(unsafe.Pointer(unsafe.SliceData(p)))%8 == 0 {
		return p
	}
	out := get(len(p))
	copy(out, p)
	return out
}

// validity reads the null bitmap; nil if nothing is missing.
func (b *batch) validity(n int, nulls int64) (*memory.Buffer, error) {
	if nulls == 0 {
		_, _, err := b.next()
		return nil, err
	}
	bits, err := b.buffer((n + 7) / 8)
	if err != nil || bits == nil {
		return nil, err
	}
	return memory.NewBufferBytes(bits), nil
}

// load builds the array of the next column.
func (b *batch) load(f *field) (arrow.ArrayData, error) {
	if f.dict != nil {
		return b.loadDictionary(f)
	}
	return b.loadValues(f.typ, f.children)
}

func (b *batch) loadValues(t arrow.DataType, children []field) (arrow.ArrayData, error) {
	n, nulls, err := b.node()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case *arrow.StringType, *arrow.LargeStringType:
		return b.loadText(t, n, nulls)
	case *arrow.StringViewType:
		return b.loadView(t, n, nulls)
	case *arrow.ListType, *arrow.LargeListType:
		return b.loadList(t, n, nulls, &children[0])
	case *arrow.FixedSizeListType:
		return b.loadFixedList(t, n, nulls, &children[0])
	case arrow.FixedWidthDataType:
		return b.loadFixed(t, n, nulls)
	}
	return nil, fmt.Errorf("type %v is not supported", t)
}

func (b *batch) loadFixed(t arrow.FixedWidthDataType, n int, nulls int64) (arrow.ArrayData, error) {
	valid, err := b.validity(n, nulls)
	if err != nil {
		return nil, err
	}
	values, err := b.buffer((n*t.BitWidth() + 7) / 8)
	if err != nil {
		return nil, err
	}
	return arrayData(t, n, valid, nil, values), nil
}

func (b *batch) loadText(t arrow.DataType, n int, nulls int64) (arrow.ArrayData, error) {
	valid, err := b.validity(n, nulls)
	if err != nil {
		return nil, err
	}
	offsets, last, err := b.offsets(n, t.ID() == arrow.LARGE_STRING)
	if err != nil {
		return nil, err
	}
	text, err := b.buffer(last)
	if err != nil {
		return nil, err
	}
	return arrayData(t, n, valid, nil, offsets, text), nil
}

func (b *batch) loadView(t arrow.DataType, n int, nulls int64) (arrow.ArrayData, error) {
	count, err := b.variadic()
	if err != nil {
		return nil, err
	}
	valid, err := b.validity(n, nulls)
	if err != nil {
		return nil, err
	}
	buffers := make([][]byte, 1+count)
	if buffers[0], err = b.buffer(16 * n); err != nil {
		return nil, err
	}
	for i := range count {
		if buffers[1+i], err = b.buffer(0); err != nil {
			return nil, err
		}
	}
	return arrayData(t, n, valid, nil, buffers...), nil
}

func (b *batch) loadList(t arrow.DataType, n int, nulls int64, child *field) (arrow.ArrayData, error) {
	valid, err := b.validity(n, nulls)
	if err != nil {
		return nil, err
	}
	offsets, last, err := b.offsets(n, t.ID() == arrow.LARGE_LIST)
	if err != nil {
		return nil, err
	}
	values, err := b.elements(child)
	if err != nil {
		return nil, err
	}
	if values.Len() < last {
		return nil, fmt.Errorf("corrupt: lists reach to value %d of %d", last, values.Len())
	}
	return arrayData(t, n, valid, values, offsets), nil
}

func (b *batch) loadFixedList(t *arrow.FixedSizeListType, n int, nulls int64, child *field) (arrow.ArrayData, error) {
	valid, err := b.validity(n, nulls)
	if err != nil {
		return nil, err
	}
	values, err := b.elements(child)
	if err != nil {
		return nil, err
	}
	if values.Len()/int(t.Len()) < n {
		return nil, fmt.Errorf("corrupt: %d lists of %d over %d values", n, t.Len(), values.Len())
	}
	return arrayData(t, n, valid, values), nil
}

// offsets reads the n+1 positions of lists or texts, which must not decrease, and
// returns the last.
func (b *batch) offsets(n int, large bool) (raw []byte, last int, err error) {
	size := 4
	if large {
		size = 8
	}
	need := size * (n + 1)
	if n == 0 {
		need = 0 // writers may leave the buffer out
	}
	if raw, err = b.buffer(need); err != nil || n == 0 {
		return raw, 0, err
	}
	if large {
		return ascending(raw, arrow.Int64Traits.CastFromBytes(raw)[:n+1])
	}
	return ascending(raw, arrow.Int32Traits.CastFromBytes(raw)[:n+1])
}

func ascending[T int32 | int64](raw []byte, offsets []T) ([]byte, int, error) {
	if offsets[0] < 0 {
		return nil, 0, fmt.Errorf("corrupt: a list or text begins at %d", offsets[0])
	}
	for i, o := range offsets[1:] {
		if o < offsets[i] {
			return nil, 0, fmt.Errorf("corrupt: entry %d of a list or text column ends before it begins", i)
		}
	}
	return raw, int(offsets[len(offsets)-1]), nil
}

func (b *batch) loadDictionary(f *field) (arrow.ArrayData, error) {
	values, ok := b.dictionaries[f.dict.id]
	if !ok {
		return nil, fmt.Errorf("corrupt: the dictionary of the column is missing")
	}
	n, nulls, err := b.node()
	if err != nil {
		return nil, err
	}
	indices, err := b.loadFixed(f.dict.index.(arrow.FixedWidthDataType), n, nulls)
	if err != nil {
		return nil, err
	}
	t := &arrow.DictionaryType{IndexType: f.dict.index, ValueType: f.typ}
	return array.NewDataWithDictionary(t, n, indices.Buffers(), indices.NullN(), 0, values.Data().(*array.Data)), nil
}

func arrayData(t arrow.DataType, n int, valid *memory.Buffer, child arrow.ArrayData, buffers ...[]byte) arrow.ArrayData {
	all := make([]*memory.Buffer, 1, 1+len(buffers))
	nulls := 0
	if all[0] = valid; valid != nil {
		nulls = array.UnknownNullCount
	}
	for _, b := range buffers {
		all = append(all, memory.NewBufferBytes(b))
	}
	if child == nil {
		return array.NewData(t, n, all, nil, nulls, 0)
	}
	return array.NewData(t, n, all, []arrow.ArrayData{child}, nulls, 0)
}

// skip skips the next column without reading it.
func (b *batch) skip(f *field) error {
	if _, _, err := b.node(); err != nil {
		return err
	}
	count, err := b.bufferCount(f)
	if err != nil {
		return err
	}
	for range count {
		if _, _, err := b.next(); err != nil {
			return err
		}
	}
	if f.dict != nil {
		return nil
	}
	for i := range f.children {
		if err := b.skip(&f.children[i]); err != nil {
			return err
		}
	}
	return nil
}

// bufferCount is the number of buffers a column has besides its children's
// ("Buffer listing for each layout" of the Arrow columnar format).
func (b *batch) bufferCount(f *field) (int, error) {
	if f.dict != nil {
		return 2, nil
	}
	switch f.code {
	case typeNull, typeRunEnd:
		return 0, nil
	case typeStruct, typeFixedList:
		return 1, nil
	case typeUnion:
		if f.dense {
			return 2, nil
		}
		return 1, nil
	case typeBinary, typeUtf8, typeLargeBinary, typeLargeUtf8, typeListView, typeLargeListView:
		return 3, nil
	case typeBinaryView, typeUtf8View:
		n, err := b.variadic()
		return 2 + n, err
	case typeInt, typeFloat, typeBool, typeDecimal, typeDate, typeTime, typeTimestamp, typeInterval, typeDuration,
		typeFixedBinary, typeList, typeLargeList, typeMap:
		return 2, nil
	}
	return 0, fmt.Errorf("column %q: Arrow type %d is not known", f.name, f.code)
}
