package safetensors

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"runtime/metrics"
	"strings"
	"testing"

	"abstain/datasets/column"
	"abstain/datasets/internal/sourcetest"
)

// file is a header and the bytes that follow it.
func file(header string, body int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, body)...)
}

func openBytes(b []byte) (column.Source, error) { return Open(bytes.NewReader(b), int64(len(b))) }

const good = `{"__metadata__":{"model":"net","classes":"[\"a\",\"b\"]"},"logits":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]},` +
	`"label":{"dtype":"I8","shape":[3],"data_offsets":[24,27]}}`

func TestRead(t *testing.T) {
	for _, blanks := range []string{"", " ", "\n  "} { // which move the values to odd addresses
		b := file(good+blanks, 27)
		body := b[len(b)-27:]
		for i := range 6 {
			binary.LittleEndian.PutUint32(body[4*i:], math.Float32bits(float32(i)/2))
		}
		copy(body[24:], []byte{1, 0, 0xff})
		s, err := openBytes(b)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(s.Meta()); got != `[{model net} {classes ["a","b"]}]` {
			t.Errorf("metadata %s", got)
		}
		v, err := sourcetest.Read(s, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(v); got != "[{list of float32 2 [0x0p+00 0x1p-01 0x1p+00 0x1.8p+00 0x1p+01 0x1.4p+01]} {integer 1 [1 0 -1]}]" {
			t.Errorf("values %s", got)
		}
		s.Close()
	}
}

// Every type is read as its values are, or is a field that names it.
func TestTypes(t *testing.T) {
	for dtype, want := range map[string]column.Kind{
		"F64": column.Float64, "F32": column.Float32, "F16": column.Float32, "BF16": column.Float32, "BOOL": column.Bool,
		"I64": column.Int, "I32": column.Int, "I16": column.Int, "I8": column.Int, "U64": column.Int,
		"U32": column.Int, "U16": column.Int, "U8": column.Int,
		"F8_E4M3": column.Other, "F8_E5M2": column.Other, "F4": column.Other, "X": column.Other,
	} {
		size := max(types[dtype].Size, 1)
		s, err := openBytes(file(fmt.Sprintf(`{"x":{"dtype":%q,"shape":[3],"data_offsets":[0,%d]}}`, dtype, 3*size),
			3*size))
		if err != nil {
			t.Errorf("%s: %v", dtype, err)
			continue
		}
		if f := s.Fields()[0]; f.Kind != want || !strings.Contains(f.Stored, dtype) {
			t.Errorf("%s: field %+v, want %v", dtype, f, want)
		}
		s.Close()
	}
}

func TestDefects(t *testing.T) {
	entry := func(dtype, shape, offsets string) string {
		return fmt.Sprintf(`{"dtype":%q,"shape":%s,"data_offsets":%s}`, dtype, shape, offsets)
	}
	one := entry("F32", "[2]", "[0,8]")
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":         {nil, "0 bytes"},
		"long header":     {binary.LittleEndian.AppendUint64(nil, 1<<60), "header of 1152921504606846976 bytes"},
		"cut header":      {file(good, 27)[:50], "truncated: a safetensors header"},
		"no object":       {file(`[1]`, 0), "does not begin with {"},
		"blank before":    {file(` {}`, 0), "does not begin with {"},
		"bad JSON":        {file(`{"x":{"dtype":`, 0), "no JSON"},
		"text after":      {file(`{"x":`+one+`} x`, 8), "something follows"},
		"not UTF-8":       {file("{\"\xff\":"+one+"}", 8), "UTF-8"},
		"twice":           {file(`{"x":`+one+`,"x":`+one+`}`, 8), `column "x": is in the safetensors header twice`},
		"escaped twice":   {file(`{"x":`+one+`,"\u0078":`+one+`}`, 8), `column "x": is in the safetensors header twice`},
		"overlap":         {file(`{"x":`+one+`,"y":`+entry("F32", "[2]", "[4,12]")+`}`, 12), "overlap"},
		"hole":            {file(`{"x":`+one+`,"y":`+entry("F32", "[2]", "[12,20]")+`}`, 20), "a hole of 4 bytes"},
		"hole at the end": {file(`{"x":`+one+`}`, 9), "last 1 bytes"},
		"cut":             {file(`{"x":`+one+`}`, 7), "outside of the 7 bytes"},
		"shape": {file(`{"x":`+entry("F32", "[3]", "[0,8]")+`}`, 8),
			"has 8 bytes, where F32 of shape (3) takes 12"},
		"overflow":        {file(`{"x":`+entry("F32", "[4611686018427387904,4]", "[0,0]")+`}`, 0), "larger than any file"},
		"negative offset": {file(`{"x":`+entry("F32", "[2]", "[-8,0]")+`}`, 8), "negative"},
		"negative shape":  {file(`{"x":`+entry("F32", "[-2]", "[0,8]")+`}`, 8), "negative"},
		"fraction":        {file(`{"x":`+entry("F32", "[2.5]", "[0,8]")+`}`, 8), "2.5 in its shape"},
		"backwards":       {file(`{"x":`+entry("F32", "[2]", "[8,0]")+`}`, 8), "before it begins"},
		"three offsets":   {file(`{"x":`+entry("F32", "[2]", "[0,8,8]")+`}`, 8), "two data_offsets"},
		"no type":         {file(`{"x":{"shape":[2],"data_offsets":[0,8]}}`, 8), "does not have dtype"},
		"unknown key":     {file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"y":1}}`, 8), `has "y"`},
		"nested":          {file(`{"x":{"dtype":{"a":1},"shape":[2],"data_offsets":[0,8]}}`, 8), ""},
		"number as entry": {file(`{"x":1}`, 0), "an object is missing"},
		"number as meta":  {file(`{"__metadata__":{"a":1}}`, 0), "only text"},
		"no tensors":      {file(`{"__metadata__":{"a":"1"}}`, 0), "without tensors"},
	} {
		if n := allocated(func() {
			if _, err := openBytes(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		}); n > 4<<20 {
			t.Errorf("%s: %d MB allocated", name, n>>20)
		}
	}
}

// allocated is how many bytes f allocates.
func allocated(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	f()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}

// Empty tensors and single values are legal, and no columns.
func TestOthers(t *testing.T) {
	s, err := openBytes(file(`{"logits":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"none":{"dtype":"F32","shape":[0,2],"data_offsets":[8,8]},`+
		`"step":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"void":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}}`, 16))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i, want := range []string{"float32", "0 rows", "single value", "0 columns"} {
		f := s.Fields()[i]
		if (f.Kind == column.Other) != (i > 0) || !strings.Contains(f.Stored, want) && i > 0 {
			t.Errorf("field %+v, want %s", f, want)
		}
	}
}

// A header of very many tensors is read in time that grows with its length.
func TestManyTensors(t *testing.T) {
	var b strings.Builder
	b.WriteByte('{')
	for i := range 100_000 {
		fmt.Fprintf(&b, `"t%d":{"dtype":"U8","shape":[1],"data_offsets":[%d,%d]},`, i, i, i+1)
	}
	s, err := openBytes(file(strings.TrimSuffix(b.String(), ",")+"}", 100_000))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func FuzzOpen(f *testing.F) {
	f.Add(file(good, 27))
	f.Add(file(`{"val.logits":{"dtype":"BF16","shape":[3,2],"data_offsets":[0,12]},"val.y":{"dtype":"BOOL","shape":[3],"data_offsets":[12,15]}}  `, 15))
	f.Add(file(`{"x":{"dtype":"F8_E4M3","shape":[],"data_offsets":[0,1]},"y":{"dtype":"U64","shape":[0],"data_offsets":[1,1]}}`, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := sourcetest.All(func() (column.Source, error) { return openBytes(b) }); err != nil {
			t.Error(err)
		}
	})
}
