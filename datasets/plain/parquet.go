package plain

import (
	"io"
	"slices"
	"strings"

	"abstain/datasets/column"

	pq "github.com/parquet-go/parquet-go"
)

// groupRows is how many rows a row group has at least, but for the last: what other programs
// read at a time.
const groupRows = 1 << 17

type parquetWriter struct {
	//lint:ignore SA1019 its successor takes a Go type, and these columns are known at run time only
	w      *pq.Writer
	fields []Field
	rows   int
	block  []pq.Row
	cells  []pq.Value
}

// ordered is a group whose fields are in the order of the table; that of the library sorts them.
type ordered struct {
	pq.Group
	fields []Field
}

func (o ordered) Fields() []pq.Field {
	fields := o.Group.Fields()
	at := map[string]int{}
	for i, f := range o.fields {
		at[f.Name] = i
	}
	slices.SortFunc(fields, func(a, b pq.Field) int { return at[a.Name()] - at[b.Name()] })
	return fields
}

func newParquet(w io.Writer, fields []Field, meta []column.Pair) (Writer, error) {
	group := pq.Group{}
	for _, f := range fields {
		group[f.Name] = pq.Optional(pq.Compressed(leaf(f), &pq.Zstd))
	}
	options := []pq.WriterOption{pq.NewSchema("table", ordered{group, fields}), pq.CreatedBy("abstain", "", "")}
	for _, p := range meta {
		options = append(options, pq.KeyValueMetadata(p.Key, p.Value))
	}
	return &parquetWriter{w: pq.NewWriter(w, options...), fields: fields}, nil
}

func leaf(f Field) pq.Node {
	switch {
	case f.Kind == Int:
		return pq.Int(64)
	case f.Kind == Float:
		return pq.Leaf(pq.DoubleType)
	case f.Kind == Bool:
		return pq.Leaf(pq.BooleanType)
	case f.Few:
		return pq.Encoded(pq.String(), &pq.RLEDictionary)
	}
	return pq.String()
}

// most is how many rows are handed to the library at a time.
const most = 1024

func (p *parquetWriter) Write(columns []Column) error {
	n := columns[0].Len()
	for from := 0; from < n; from += most {
		if _, err := p.w.WriteRows(p.rowsOf(columns, from, min(from+most, n))); err != nil {
			return err
		}
	}
	if p.rows += n; p.rows >= groupRows {
		p.rows = 0
		return p.w.Flush()
	}
	return nil
}

// rowsOf turns columns into rows, in memory that the next call takes again.
func (p *parquetWriter) rowsOf(columns []Column, from, to int) []pq.Row {
	p.block, p.cells = p.block[:0], p.cells[:0]
	for row := from; row < to; row++ {
		for i := range columns {
			p.cells = append(p.cells, cell(p.fields[i].Kind, &columns[i], row, i))
		}
	}
	for k := range to - from {
		p.block = append(p.block, p.cells[k*len(columns):(k+1)*len(columns)])
	}
	return p.block
}

// cell is a value with its column; the definition level 1 says that there is one.
func cell(k Kind, c *Column, row, at int) pq.Value {
	if c.missing(k, row) {
		return pq.NullValue().Level(0, 0, at)
	}
	var v pq.Value
	switch k {
	case Int:
		v = pq.Int64Value(c.Ints[row])
	case Float:
		v = pq.DoubleValue(c.Floats[row])
	case Text:
		v = pq.ByteArrayValue([]byte(strings.ToValidUTF8(c.Texts[row], "\uFFFD")))
	default:
		v = pq.BooleanValue(c.Bools[row])
	}
	return v.Level(0, 1, at)
}

func (p *parquetWriter) Close() error { return p.w.Close() }
