package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// content is what a pack keeps under the key.
func content(p *pack, key string) (got []byte, err error) {
	err = p.read(key, func(r io.ReaderAt, size int64) error {
		got = make([]byte, size)
		_, err := r.ReadAt(got, 0)
		if err == io.EOF {
			err = nil
		}
		return err
	})
	return got, err
}

// TestPack: what is written under a key is read, by this process and by another, whether
// it is small, compressible or so large that it is written piece by piece; the last
// counts.
func TestPack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "tables.pack")
	p := packAt(path)
	want := map[string][]byte{}
	put := func(key string, size int, b []byte) {
		t.Helper()
		want[key] = b
		if err := p.write(key, size, func(w io.Writer) error { _, err := w.Write(b); return err }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := content(p, "a"); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	random := make([]byte, 10000)
	for i := range random {
		random[i] = byte(rand.Uint32())
	}
	put("a", 1, []byte("first"))
	put("b", mostCompressed+1, bytes.Repeat([]byte("streamed "), 5000))
	put("c", 1, random)
	put("", 1, nil)
	put("a", 1, bytes.Repeat([]byte("second"), 1000))
	put("marker", mostCompressed+1, bytes.Repeat(marker, 100))
	for _, reader := range []*pack{p, {path: path, at: map[string]place{}}} {
		for key, b := range want {
			if got, err := content(reader, key); err != nil || !bytes.Equal(got, b) {
				t.Errorf("%q: %d bytes, %v", key, len(got), err)
			}
		}
		if _, err := content(reader, "none"); !errors.Is(err, errAbsent) {
			t.Error(err)
		}
	}
}

// TestPackFailedWrite: what could not be written leaves nothing behind.
func TestPackFailedWrite(t *testing.T) {
	p := packAt(filepath.Join(t.TempDir(), "tables.pack"))
	full := errors.New("disk full")
	for _, size := range []int{1, mostCompressed + 1} {
		if err := p.write("kept", size, func(w io.Writer) error { _, err := w.Write([]byte("good")); return err }); err != nil {
			t.Fatal(err)
		}
		err := p.write("kept", size, func(w io.Writer) error {
			w.Write(make([]byte, 5000))
			return full
		})
		if got, now := content(p, "kept"); !errors.Is(err, full) || now != nil || string(got) != "good" {
			t.Errorf("%v; then %q, %v", err, got, now)
		}
		if st, err := os.Stat(p.path); err != nil || st.Size() != p.end {
			t.Errorf("the file has %d bytes, its frames %d", st.Size(), p.end)
		}
	}
}

// TestPackTorn: a frame that was cut off is as if it had not been written, and the next
// takes its place. A damaged head costs its frame only.
func TestPackTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tables.pack")
	p := packAt(path)
	for i := range 5 {
		if err := p.writeBytes(fmt.Sprint(i), []byte(strings.Repeat(fmt.Sprint(i), 100))); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin := p.at["2"].offset
	damaged := bytes.Clone(whole[:len(whole)-3])
	damaged[begin+20]++
	if err := os.WriteFile(path, damaged, 0o644); err != nil {
		t.Fatal(err)
	}
	p = &pack{path: path, at: map[string]place{}}
	for i := range 5 {
		got, err := content(p, fmt.Sprint(i))
		if lost := i == 2 || i == 4; lost != errors.Is(err, errAbsent) || lost != (len(got) == 0) {
			t.Errorf("%d: %q, %v", i, got, err)
		}
	}
	if p.dead != p.at["3"].offset-begin {
		t.Errorf("%d bytes do not count", p.dead)
	}
	if err := p.writeBytes("5", []byte("new")); err != nil {
		t.Fatal(err)
	}
	again := &pack{path: path, at: map[string]place{}}
	if got, err := content(again, "5"); err != nil || string(got) != "new" || len(again.at) != 4 {
		t.Errorf("%q, %v, %d keys", got, err, len(again.at))
	}
}

// TestPackStrikes: what is found damaged is not there any more for the next that looks.
func TestPackStrikes(t *testing.T) {
	p := packAt(filepath.Join(t.TempDir(), "tables.pack"))
	for _, key := range []string{"a", "b"} {
		if err := p.writeBytes(key, []byte(key+key)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.OpenFile(p.path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte{0xff}, p.at["a"].offset+p.at["a"].size-1); err != nil {
		t.Fatal(err)
	}
	before := p.has("a")
	if _, err := content(p, "a"); !before || !errors.Is(err, errDamaged) || p.has("a") {
		t.Errorf("%v; there before %v, afterwards %v", err, before, p.has("a"))
	}
	if got, err := content(p, "b"); err != nil || string(got) != "bb" {
		t.Error(err)
	}
}

// TestPackCompacts: a file of which most was replaced is written anew without that, also
// for those who had looked at it before.
func TestPackCompacts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tables.pack")
	p, reader := packAt(path), &pack{path: path, at: map[string]place{}}
	for i := range 9 {
		for key := range 3 {
			if err := p.writeBytes(fmt.Sprint(key), []byte(fmt.Sprint(key, " ", i))); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := content(reader, "1"); err != nil {
			t.Fatal(err)
		}
	}
	before := p.end
	if err := p.compact(); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*pack{p, reader} {
		for key := range 3 {
			if got, err := content(r, fmt.Sprint(key)); err != nil || string(got) != fmt.Sprint(key, " ", 8) {
				t.Errorf("%q, %v", got, err)
			}
		}
	}
	if p.end*9 != before || p.dead != 0 {
		t.Errorf("%d of %d bytes are left, %d do not count", p.end, before, p.dead)
	}
}

// TestReplicatesToTheBit: kept replicates are the float32 of what was given, of few
// different values and of many, undefined ones included.
func TestReplicatesToTheBit(t *testing.T) {
	few, more, many := make([]float64, 5000), make([]float64, 5000), make([]float64, 5000)
	for i := range few {
		few[i], more[i], many[i] = float64(rand.IntN(200))/1000, float64(rand.IntN(1500))/40000, rand.Float64()
	}
	few[7], many[9], many[11] = math.NaN(), math.NaN(), math.Inf(1)
	folder := Folder(t.TempDir())
	want := Replicates{"msp|nll#1": many, "msp|risk@0.8#1": few, "msp|sac@0.99#1": more, "msp|none#1": {}}
	if err := folder.SaveReplicates("key", "drawn", want); err != nil {
		t.Fatal(err)
	}
	got := folder.LoadReplicates("key", "drawn")
	for name, values := range want {
		for i, v := range values {
			if math.Float32bits(float32(v)) != math.Float32bits(float32(got[name][i])) {
				t.Fatalf("%s: %v became %v", name, v, got[name][i])
			}
		}
	}
	if st, err := os.Stat(folder.replicates().path); err != nil || st.Size() > 5000*8 {
		t.Errorf("%d bytes, %v", st.Size(), err)
	}
	if folder.LoadReplicates("key", "otherwise") != nil {
		t.Error("replicates that were drawn otherwise")
	}
	if err := folder.SaveReplicates("key", "drawn", Replicates{"msp|accuracy#1": {0.5, 8.856}}); err != nil {
		t.Fatal(err)
	}
	got = folder.LoadReplicates("key", "drawn")
	if got["msp|accuracy#1"] != nil || len(got) != 4 {
		t.Error("an accuracy of 8.856 is believed, or others are lost")
	}
}

// TestImpossibleEstimates are not believed, whatever their digest.
func TestImpossibleEstimates(t *testing.T) {
	cells := func() Cells {
		return Cells{"accuracy#1|0.95/2": {Value: 0.5, N: 3, Interval: []Value{0.4, 0.6, 0.95}}, "ece@15#2": {Value: Value(math.NaN())},
			"accuracy#1": {Value: 8.856, N: 3}, "sac@0.99#1|0.95": {Value: 0.5, N: 3, Interval: []Value{0.6, 0.4, 0.95}},
			"aurc#2": {Value: -0.5, N: 3}, "brier#1": {Value: 0.5, N: -1}, "auroc#1": {Value: Value(math.Inf(1))},
			"nll#1": {Value: Value(math.Inf(1)), N: 3}, "error#1|": {Value: 0.2, Interval: []Value{0.1}}}
	}
	r := &Record{Format: format, Key: "k", Cells: map[string]Cells{"msp": cells()},
		Groups: map[string]map[string]GroupCells{"g": {"x": {N: 3, Cells: map[string]Cells{"msp": cells()}}}}}
	line, err := lineOf(r)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), line, 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := ReadJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []Cells{j.Lookup("k").Cells["msp"], j.Lookup("k").Groups["g"]["x"].Cells["msp"]} {
		if len(c) != 3 || c["accuracy#1|0.95/2"].N != 3 || c["nll#1"].N != 3 {
			t.Errorf("%v", c)
		}
	}
	if !reflect.DeepEqual(r.Cells["msp"]["nll#1"], j.Lookup("k").Cells["msp"]["nll#1"]) {
		t.Error("an estimate has changed")
	}
}
