package text

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// read is the text of a file.
func read(content []byte) (string, error) {
	r, err := Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	return string(b), errors.Join(err, r.Close())
}

func gzipped(s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

func zstandard(s string, o ...zstd.EOption) []byte {
	var b bytes.Buffer
	w, _ := zstd.NewWriter(&b, o...)
	w.Write([]byte(s))
	w.Close()
	return b.Bytes()
}

func zipped(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range files {
		f, _ := w.Create(name)
		f.Write([]byte("text of " + name))
	}
	w.Close()
	return b.Bytes()
}

// wide is text as UTF-16 with a byte order mark, of either order.
func wide(s string, little bool) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
		if little {
			b = append(b, byte(u), byte(u>>8))
		} else {
			b = append(b, byte(u>>8), byte(u))
		}
	}
	return b
}

func TestOpen(t *testing.T) {
	long := strings.Repeat("grüße, 😀\n", 20000)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"plain":            {[]byte(long), long},
		"mark":             {[]byte("\xef\xbb\xbfa"), "a"},
		"latin 1":          {[]byte("a\xfc"), "a\xfc"},
		"gzip":             {gzipped(long), long},
		"gzip, twice":      {append(gzipped("a"), gzipped("b")...), "ab"},
		"zstd":             {zstandard(long), long},
		"zip":              {zipped("m.csv"), "text of m.csv"},
		"zip of a Mac":     {zipped("__MACOSX/._m.csv", "m.csv", "empty/"), "text of m.csv"},
		"UTF-16 LE":        {wide(long, true), long},
		"UTF-16 BE":        {wide(long, false), long},
		"UTF-16, gzip":     {gzipped(string(wide("ä", false))), "ä"},
		"half a surrogate": {[]byte("\xff\xfe\x00\xd8a\x00"), "\ufffda"},
		"empty":            {nil, ""},
	} {
		if got, err := read(c.content); err != nil || got != c.want {
			t.Errorf("%s: %.40q (%d bytes), %v", name, got, len(got), err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	long := []byte("\x28\xb5\x2f\xfd\x00\x80\x09\x00\x00a") // one byte that wants a window of 64 MB
	encrypted := zipped("m.csv")
	at := bytes.Index(encrypted, []byte("PK\x01\x02"))
	encrypted[at+8] |= 1
	for want, content := range map[string][]byte{
		"UTF-16 without a byte order mark": wide("label,l0,l1\n1,2,3\n", true)[2:],
		"UTF-16 without":                   wide("label,l0,l1\n1,2,3\n", false)[2:],
		"UTF-16 text ends within":          wide("ab", true)[:5],
		"UTF-32":                           []byte("\xff\xfe\x00\x00a\x00\x00\x00"),
		"zero bytes":                       []byte(strings.Repeat("abc", 20) + "\x00"),
		"gzip data end too early":          gzipped(strings.Repeat("abc\n", 100))[:30],
		"gzip data are damaged":            damaged(gzipped("abcabcabc")),
		"Zstandard data end too early":     zstandard(strings.Repeat("abcdefgh", 100))[:20],
		"without --long":                   long,
		"packed with xz":                   []byte("\xfd7zXZ\x00\x00"),
		"packed with bzip2":                []byte("BZh91AY"),
		"a zip of 2 files":                 zipped("a.csv", "b.csv"),
		"a zip of 0 files":                 zipped(),
		"Excel workbook":                   zipped("[Content_Types].xml", "xl/workbook.xml"),
		"encrypted zip":                    encrypted,
		"a zip that is damaged":            zipped("a.csv")[:40],
	} {
		if got, err := read(content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
}

// damaged changes the checksum.
func damaged(gz []byte) []byte {
	gz[len(gz)-6] ^= 1
	return gz
}

func TestUnpacked(t *testing.T) {
	for name, want := range map[string]string{"a/m.csv.gz": "a/m.csv", "m.JSONL.ZST": "m.JSONL", "m.csv": "m.csv", "m.gz": "m.gz", ".gz": ".gz", "": "", "m.csv.zip": "m.csv", "m.csv.bz2": "m.csv"} {
		if got := Unpacked(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// TestLines: whatever the lines of rows are, each is told.
func TestLines(t *testing.T) {
	for _, want := range [][]int{{2, 3, 4, 5}, {1, 4, 7, 10}, {2, 3, 7, 8, 9, 11, 13, 15}, {5}, {2, 2, 2, 9}} {
		var l Lines
		for _, line := range want {
			l.Add(line)
		}
		for row, line := range want {
			if l.Line(row) != line {
				t.Errorf("%v: row %d is on line %d", want, row, l.Line(row))
			}
		}
		if l.Line(-1) != 0 || l.Line(len(want)) != 0 {
			t.Errorf("%v: rows that are not there have lines", want)
		}
	}
	var even Lines
	for i := range 1000 {
		even.Add(3 * i)
	}
	if len(even.runs) != 1 {
		t.Errorf("%d runs for rows of three lines each", len(even.runs))
	}
}

// TestWindow: bytes come in order, a line end is added, and a row cannot grow without
// end.
func TestWindow(t *testing.T) {
	content := strings.Repeat("0123456789", 100000)
	w := NewWindow(strings.NewReader(content))
	var got []byte
	at := 0
	for {
		buf, err := w.More(at)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if at = len(buf) / 2; w.Ended() {
			at = len(buf)
		}
		got = append(got, buf[:at]...)
	}
	if string(got) != content+"\n" {
		t.Errorf("%d bytes, want %d", len(got), len(content)+1)
	}
	w = NewWindow(endless{})
	for {
		buf, err := w.More(0)
		if errors.Is(err, ErrLong) {
			break
		}
		if err != nil || len(buf) > 3*MaxLine {
			t.Fatalf("%d bytes, %v", len(buf), err)
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// FuzzOpen: any bytes are read to an end or refused.
func FuzzOpen(f *testing.F) {
	for _, b := range [][]byte{gzipped("a"), zstandard("a"), zipped("a.csv"), wide("a\n", true), []byte("\xfe\xff\xd8")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := Open(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			return
		}
		defer r.Close()
		io.Copy(io.Discard, io.LimitReader(r, 1<<24))
	})
}
