package numpy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"abstain/datasets/array"
	"abstain/datasets/column"
	"abstain/datasets/internal/sourcetest"
)

// npy is an array with this dictionary as its header.
func npy(version byte, dictionary string, values []byte) []byte {
	length := binary.LittleEndian.AppendUint32(nil, uint32(len(dictionary)))
	if version == 1 {
		length = length[:2]
	}
	return bytes.Join([][]byte{[]byte(magic), {version, 0}, length, []byte(dictionary), values}, nil)
}

// shaped is an array of that type and shape.
func shaped(descr, shape string, values int) []byte {
	return npy(1, fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n", descr, shape),
		make([]byte, values))
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

// atOnce fails if f takes long or allocates much.
func atOnce(t *testing.T, name string, f func()) {
	t.Helper()
	start := time.Now()
	if n := allocated(f); n > 16<<20 || time.Since(start) > 10*time.Second {
		t.Errorf("%s: %d MB allocated, %v", name, n>>20, time.Since(start))
	}
}

// Each defect has an error that names the file and the problem, at once.
func TestDefects(t *testing.T) {
	good := shaped("<f4", "(5, 3)", 60)
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"nothing":         {nil, "does not begin with"},
		"no magic":        {[]byte("NUMPY and more"), "no NumPy header: it does not begin with"},
		"version":         {npy(9, "{}", nil), "version 9.0"},
		"no length":       {good[:9], "ends before its length"},
		"header cut":      {good[:40], "header of 60 bytes where 30 are left"},
		"header too long": {npy(2, strings.Repeat(" ", longest+1), nil), "at most"},
		"not Latin-1":     {npy(3, "{'descr': '\xff'}", nil), "UTF-8"},
		"expression": {npy(1, "{'descr': __import__('os').name, 'fortran_order': False, 'shape': (1,)}", nil),
			"damaged NumPy header"},
		"no dictionary":  {npy(1, "('descr', 1)", nil), "no dictionary"},
		"cut dictionary": {npy(1, "{'descr': '<f4', ", nil), "ends too early"},
		"a key more": {npy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'x': 1}", nil),
			"does not consist of"},
		"a key twice": {npy(1, "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", nil),
			"twice"},
		"a key less":     {npy(1, "{'descr': '<f4', 'shape': (1,)}", nil), "does not consist of"},
		"a list":         {shaped("<f4", "[5, 3]", 60), "does not consist of"},
		"text as shape":  {shaped("<f4", "('5',)", 20), "whole numbers"},
		"deep":           {npy(1, strings.Repeat("[", 9999), nil), "too deep"},
		"no type":        {shaped("", "(1,)", 0), "descr is empty"},
		"odd type":       {shaped("<q8", "(1,)", 8), "is no type"},
		"odd size":       {shaped("<i3", "(1,)", 3), "is no type"},
		"cut":            {good[:len(good)-1], "truncated"},
		"longer":         {append(good, 1, 2), "2 bytes are left over"},
		"absurd":         {shaped("<f4", "(1099511627776, 10)", 80), "takes 43980465111040 bytes, and 80 follow"},
		"overflow":       {shaped("<f4", "(4611686018427387904, 4611686018427387904)", 0), "larger than any file"},
		"larger still":   {shaped("<f4", "(99999999999999999999, 1)", 0), "whole number of 64 bits"},
		"negative":       {shaped("<f4", "(-5, 3)", 60), "negative"},
		"two negatives":  {shaped("<f4", "(-5, -3)", 60), "negative"},
		"no rows":        {shaped("<f4", "(0, 3)", 0), "0 rows"},
		"no columns":     {shaped("<f4", "(5, 0)", 0), "0 columns"},
		"endless blanks": {shaped("<U0", "(9000000000000000000,)", 0), "0 columns"},
		"wide":           {shaped("|u1", "(1, 20000000)", 20000000), "too long"},
		"scalar":         {shaped("<f4", "()", 4), "single value"},
		"a pickle":       {[]byte("\x80\x04\x95\x09 and more"), "pickle"},
		"three":          {shaped("<f4", "(5, 3, 2)", 120), "3 dimensions (5 x 3 x 2)"},
		"object":         {shaped("|O", "(5,)", 17), "pickle"},
		"fields": {npy(1, "{'descr': [('a', '<f4'), ('b', '<i8')], 'fortran_order': False, 'shape': (5,)}",
			make([]byte, 60)), "fields a, b"},
		"bad text": {npy(1, "{'descr': '<U1', 'fortran_order': False, 'shape': (1,)}", []byte{0, 0, 0xff,
			0xff}), "not a character"},
		"bad bytes": {npy(1, "{'descr': '|S1', 'fortran_order': False, 'shape': (1,)}", []byte{0xff}),
			"no text in UTF-8"},
	} {
		atOnce(t, name, func() {
			if err := readOne(c.b); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		})
	}
	if err := readOne(good); err != nil {
		t.Errorf("without a defect: %v", err)
	}
}

// readOne opens and reads an array.
func readOne(b []byte) error {
	s, err := openBytes("m", b)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = sourcetest.Read(s, 0)
	return err
}

// Files beside each other must have as many rows.
func TestUnequalRows(t *testing.T) {
	var files []File
	for _, c := range []struct {
		name string
		b    []byte
	}{{"m.npy", shaped("<f4", "(50, 3)", 600)}, {"labels.npy", shaped("<i8", "(49,)", 392)}} {
		files = append(files, File{Column: c.name[:1], Name: c.name, At: bytes.NewReader(c.b), Size: int64(len(c.b))})
	}
	if _, err := OpenFiles(files); err == nil || err.Error() != `column "l": labels.npy has 49 rows where m.npy has 50` {
		t.Errorf("error %v", err)
	}
}

// zipOf writes a zip file; change sees each header before it is written.
func zipOf(t testing.TB, change func(*zip.FileHeader), members ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		h := &zip.FileHeader{Name: members[i]}
		change(h)
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(f, members[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func method(m uint16) func(*zip.FileHeader) { return func(h *zip.FileHeader) { h.Method = m } }

func openZipBytes(name string, b []byte) (column.Source, error) {
	return OpenZip(bytes.NewReader(b), int64(len(b)), name)
}

// pair is a small table.
func pair(m func(*zip.FileHeader), t testing.TB) []byte {
	return zipOf(t, m, "logits.npy", string(shaped("<f4", "(5, 3)", 60)), "labels.npy", string(shaped("<i8", "(5,)",
		40)))
}

func TestZipDefects(t *testing.T) {
	stored, packed := pair(method(zip.Store), t), pair(method(zip.Deflate), t)
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 1
		return b
	}
	logits := string(shaped("<f4", "(5, 3)", 60))
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"empty":        {nil, "not a complete zip file"},
		"cut":          {stored[:len(stored)-30], "not a complete zip file"},
		"stored value": {flip(stored, bytes.Index(stored, []byte("}\n"))+20), "CRC"},
		"packed value": {flip(packed, bytes.Index(packed, []byte("logits.npy"))+50), ""},
		"twice": {zipOf(t, method(zip.Store), "a.npy", logits, "a.npy", logits),
			`column "a": is in the file twice`},
		"encrypted": {zipOf(t, func(h *zip.FileHeader) { h.Flags |= 1 }, "a.npy", logits), "encrypted"},
		"absurd": {zipOf(t, method(zip.Deflate), "a.npy", string(shaped("<f4", "(1000000000000, 10)", 60))),
			"takes 40000000000000 bytes"},
		"short":          {zipOf(t, method(zip.Store), "a.npy", logits[:len(logits)-4]), "truncated"},
		"longer":         {zipOf(t, method(zip.Deflate), "a.npy", logits+"1234"), "4 bytes are left over"},
		"no array in it": {zipOf(t, method(zip.Store), "a.npy", "a text"), "does not begin with"},
	} {
		atOnce(t, name, func() {
			s, err := openZipBytes("x.npz", c.b)
			if err == nil {
				_, err = sourcetest.Read(s, 0)
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		})
	}
}

// What is not needed is a field that says what it is, and is no error.
func TestZipOtherMembers(t *testing.T) {
	b := zipOf(t, method(zip.Store),
		"logits.npy", string(shaped("<f4", "(5, 3)", 60)), "labels.npy", string(shaped("|O", "(5,)", 9)),
		"epoch.npy", string(shaped("<i8", "()", 8)),
		"weights.npy", string(shaped("<f4", "(3,)", 12)), "config.json", "{}", "folder/", "", "stack.npy",
		string(shaped("<f4", "(2, 5, 3)", 120)))
	s, err := openZipBytes("x.npz", b)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"logits float32 (5 x 3)", "labels pickle", "epoch single value",
		"weights 3 rows where logits has 5", "config.json no array", "stack 3 dimensions"}
	if len(s.Fields()) != len(want) {
		t.Fatalf("fields %v", s.Fields())
	}
	for i, f := range s.Fields() {
		name, stored, _ := strings.Cut(want[i], " ")
		if f.Name != name || !strings.Contains(f.Stored, stored) || (f.Kind == column.Other) != (i > 0) {
			t.Errorf("field %+v, want %s", f, want[i])
		}
	}
	err = s.Select([]column.Want{{Field: 1, Kind: column.Int}})
	if err == nil || !strings.Contains(err.Error(), "pickle") || !strings.Contains(err.Error(), `"labels"`) {
		t.Errorf("error %v", err)
	}
}

// Whatever byte is damaged: reading ends, does not panic, and does not allocate out of
// proportion. Values of a zip file have checksums, so no damage of them stays unnoticed.
func TestDamagedBytes(t *testing.T) {
	stride := 1
	if testing.Short() {
		stride = 5
	}
	for name, whole := range map[string][]byte{
		"stored": pair(method(zip.Store), t), "deflated": pair(method(zip.Deflate), t), "npy": shaped("<f4", "(5, 3)", 60),
	} {
		for i := 0; i < len(whole); i += stride {
			for _, pattern := range []byte{0xff, 1} {
				b := bytes.Clone(whole)
				b[i] ^= pattern
				atOnce(t, fmt.Sprintf("%s, byte %d ^ %d", name, i, pattern), func() { readAny(t, name != "npy", b) })
			}
			atOnce(t, fmt.Sprintf("%s, cut after %d", name, i), func() {
				if readAny(t, name != "npy", whole[:i:i]) > 0 {
					t.Errorf("%s: %d of %d bytes read without error", name, i, len(whole))
				}
			})
		}
	}
}

// readAny reads what can be read of a file, and returns how many columns could.
func readAny(t *testing.T, zipped bool, b []byte) int {
	open := func() (column.Source, error) { return openBytes("m", b) }
	if zipped {
		open = func() (column.Source, error) { return openZipBytes("raw_logits.npz", b) }
	}
	n, err := sourcetest.All(open)
	if err != nil {
		t.Errorf("%v\n%q", err, b)
	}
	return n
}

func FuzzFile(f *testing.F) {
	for _, b := range [][]byte{
		shaped("<f4", "(5, 3)", 60), shaped(">f2", "(5, 1)", 10), shaped("<U3", "(2,)", 24), shaped("<M8[D]",
			"(2,)", 16), shaped("|S2", "(2,)", 4), shaped("|O", "(2,)", 4),
		npy(1, "{'descr': '<i8', 'fortran_order': True, 'shape': (2L, 3), }", make([]byte, 48)),
		npy(3, "{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': True, 'shape': (), }", nil),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { readAny(t, false, b) })
}

func FuzzZip(f *testing.F) {
	f.Add(pair(method(zip.Store), f))
	f.Add(pair(method(zip.Deflate), f))
	f.Add(zipOf(f, method(zip.Deflate), "val_logits.npy", string(shaped("<f4", "(2, 3)", 24)), "val_y.npy",
		string(shaped("|i1", "(2,)", 2)),
		"test_logits.npy", string(shaped(">f8", "(1, 3)", 24)), "classes.npy", string(shaped("<U1", "(3,)", 12))))
	f.Add(zipOf(f, method(zip.Store), "arr_0.npy", string(shaped("<f4", "(3, 4)", 48))))
	f.Add(zipOf(f, method(zip.Store), "pred.npy", string(shaped("<i8", "(1,)", 8)), "conf.npy", string(shaped("<f8",
		"(1,)", 8)), "label.npy", string(shaped("<i8", "(1,)", 8))))
	f.Fuzz(func(t *testing.T, b []byte) { readAny(t, true, b) })
}

// Files that change while they are read are noticed: cut short before their values are
// touched, and after.
func TestCutWhileRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "m.npy")
	if err := os.WriteFile(name, shaped("<f4", "(5000, 100)", 2_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenFiles([]File{{Column: "m", Name: "m.npy", At: f, Size: st.Size()}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !s.(*array.Source).Tee(io.Discard) {
		t.Skip("files cannot be mapped here")
	}
	if err := os.Truncate(name, 10_000); err != nil {
		t.Fatal(err)
	}
	if err := readMapped(s.(*array.Source)); err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Errorf("error %v", err)
	}
}

// readMapped reads a source as datasets does: a fault of the mapping is an error.
func readMapped(s *array.Source) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if err = s.Fault(p); err == nil {
				panic(p)
			}
		}
	}()
	_, err = sourcetest.Read(s, 0)
	return err
}
