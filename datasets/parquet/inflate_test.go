package parquet

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

// noise makes rows that hardly compress.
func noise(n, classes int) []logitsRow {
	rng := rand.New(rand.NewPCG(3, 4))
	all := make([]logitsRow, n)
	for i := range all {
		for range classes {
			all[i].Logits = append(all[i].Logits, float32(rng.NormFloat64()))
		}
	}
	return all
}

func checkLogits(t *testing.T, b []byte, all []logitsRow) {
	t.Helper()
	c, n, err := read(b)
	if err != nil || n != len(all) {
		t.Fatalf("%d rows, error %v", n, err)
	}
	width := c["logits"].Width
	for i, r := range all {
		if !slices.Equal(c["logits"].F32[i*width:(i+1)*width], r.Logits) {
			t.Fatalf("row %d: %v, want %v", i, c["logits"].F32[i*width:(i+1)*width], r.Logits)
		}
	}
}

// Pages that hardly became smaller were once read from the wrong buffer.
func TestCodecs(t *testing.T) {
	all := noise(900, 10)
	for _, codec := range []compress.Codec{&pq.Snappy, &pq.Gzip, &pq.Brotli, &pq.Zstd, &pq.Lz4Raw} {
		for version := 1; version <= 2; version++ {
			t.Run(codec.String(), func(t *testing.T) {
				checkLogits(t, write(t, all, 400, pq.Compression(codec), pq.DataPageVersion(version), pq.PageBufferSize(9000)), all)
			})
		}
	}
}

// joined makes one file of the row groups of two.
func joined(t *testing.T, a, b []byte) []byte {
	metaA, dataA := split(t, a)
	metaB, dataB := split(t, b)
	for i := range metaB.RowGroups {
		g := &metaB.RowGroups[i]
		g.Ordinal = int16(len(metaA.RowGroups) + i)
		for j := range g.Columns {
			m := &g.Columns[j].MetaData
			m.DataPageOffset += int64(len(dataA))
			if m.DictionaryPageOffset != 0 {
				m.DictionaryPageOffset += int64(len(dataA))
			}
		}
	}
	metaA.NumRows += metaB.NumRows
	metaA.RowGroups = append(metaA.RowGroups, metaB.RowGroups...)
	return assemble(t, metaA, append(dataA, dataB...))
}

func assemble(t *testing.T, meta *format.FileMetaData, data []byte) []byte {
	foot, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	if err != nil {
		t.Fatal(err)
	}
	whole := slices.Concat([]byte("PAR1"), data, foot)
	return append(binary.LittleEndian.AppendUint32(whole, uint32(len(foot))), "PAR1"...)
}

func split(t *testing.T, b []byte) (*format.FileMetaData, []byte) {
	f, err := pq.OpenFile(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	n := int(binary.LittleEndian.Uint32(b[len(b)-8:]))
	return f.Metadata(), slices.Clone(b[4 : len(b)-8-n])
}

func TestCodecOfEachRowGroup(t *testing.T) {
	all := noise(60, 5)
	for _, codecs := range [][2]compress.Codec{{&pq.Snappy, &pq.Zstd}, {&pq.Uncompressed, &pq.Lz4Raw}, {&pq.Gzip, &pq.Uncompressed}} {
		b := joined(t, write(t, all[:20], 20, pq.Compression(codecs[0])), write(t, all[20:], 20, pq.Compression(codecs[1])))
		checkLogits(t, b, all)
	}
}

func TestLZ4BeforeRaw(t *testing.T) {
	plain := []byte(strings.Repeat("selective classification ", 40))
	block := func(b []byte) []byte {
		packed := make([]byte, lz4.CompressBlockBound(len(b)))
		n, err := lz4.CompressBlock(b, packed, nil)
		if err != nil {
			t.Fatal(err)
		}
		return packed[:n]
	}
	framed := func(b []byte) []byte {
		packed := block(b)
		head := binary.BigEndian.AppendUint32(nil, uint32(len(b)))
		return append(binary.BigEndian.AppendUint32(head, uint32(len(packed))), packed...)
	}
	for name, packed := range map[string][]byte{
		"bare": block(plain), "Hadoop": framed(plain), "two blocks": append(framed(plain[:500]), framed(plain[500:])...),
	} {
		out := make([]byte, len(plain))
		if n, err := decodeLZ4Old(out, packed); err != nil || n != len(plain) || !bytes.Equal(out, plain) {
			t.Errorf("%s: %d bytes, error %v", name, n, err)
		}
	}
}

// A codec never returns more than there is room for, and says how much there was.
func TestCodecLengths(t *testing.T) {
	plain := []byte(strings.Repeat("abcde", 100))
	for name, c := range codecs {
		writer := pq.LookupCompressionCodec(name)
		if name == format.Lz4 {
			writer = &pq.Lz4Raw
		}
		packed, err := writer.Encode(nil, plain)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{len(plain), len(plain) - 1, len(plain) + 1} {
			if got, err := c.decode(make([]byte, n), packed); (err == nil && got == n) != (n == len(plain)) {
				t.Errorf("%v: %d bytes for %d asked for, of %d, error %v", name, got, n, len(plain), err)
			}
		}
	}
}

func TestUnknownCodec(t *testing.T) {
	b := write(t, noise(5, 3), 5, pq.Compression(&pq.Snappy))
	meta, data := split(t, b)
	meta.RowGroups[0].Columns[0].MetaData.Codec = format.LZO
	_, _, err := read(assemble(t, meta, data))
	if err == nil || !strings.Contains(err.Error(), `column "logits": compression LZO is not supported`) {
		t.Errorf("error %v", err)
	}
}
