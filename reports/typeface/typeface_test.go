package typeface_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"

	"abstain/reports/typeface"
)

func family(t testing.TB) *typeface.Family {
	t.Helper()
	f, err := typeface.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRuns(t *testing.T) {
	for _, test := range []struct {
		text string
		want string // face:text per run
	}{
		{"", ""},
		{"cnn14", "LiberationSans-Bold:cnn14"},
		{"модель-α größe", "LiberationSans-Bold:модель-α größe"},
		{"w32-模型-大", "LiberationSans-Bold:w32- DroidSansFallback:模型 LiberationSans-Bold:- DroidSansFallback:大"},
		{"モデル", "DroidSansFallback:モデル"},
		{"한국", "LiberationSans-Bold:□□"}, // Droid has no Hangul
		{"a\U0001F600b", "LiberationSans-Bold:a□b"},
		{"a\x00\tb", "LiberationSans-Bold:a□□b"},
		{"bad\xffutf8", "LiberationSans-Bold:bad□utf8"},
		{"สวัสดี", "LiberationSans-Bold:□□□□□□"},
	} {
		var got []string
		for _, r := range family(t).Runs(typeface.Bold, test.text) {
			got = append(got, r.Face.Name+":"+r.Text)
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("runs of %q:\n got %s\nwant %s", test.text, s, test.want)
		}
	}
}

func TestMissingIsReported(t *testing.T) {
	f := family(t)
	if f.Note() != "" {
		t.Errorf("note before any text: %q", f.Note())
	}
	f.Width(typeface.Regular, 10, "ok 模型")
	if m := f.Missing(); len(m) != 0 {
		t.Errorf("missing %U of a text that the fonts cover", m)
	}
	f.Width(typeface.Regular, 10, "\U0001F600ส\U0001F600")
	if got, want := f.Note(), "no font here has a glyph for U+0E2A, U+1F600: set as □"; got != want {
		t.Errorf("note %q, want %q", got, want)
	}
}

// TestWidth compares with advances read from the font files by hand: Liberation
// Sans has 2048 units to the em, "A" is 1366, "i" 455 wide; Droid's ideographs
// are 1 em.
func TestWidth(t *testing.T) {
	f := family(t)
	if got, want := f.Width(typeface.Regular, 10, "Ai模"), 10*((1366.+455.)/2048+1); math.Abs(got-want) > 1e-9 {
		t.Errorf("width %v, want %v", got, want)
	}
	sum := 0.0
	for _, r := range f.Runs(typeface.Regular, "Ai模") {
		sum += r.Width
	}
	if want := f.Width(typeface.Regular, 1, "Ai模"); math.Abs(sum-want) > 1e-12 {
		t.Errorf("the runs are %v wide together, the text %v", sum, want)
	}
}

func TestElide(t *testing.T) {
	f := family(t)
	const name = "extra-trees-500-leaf2-distilled-seed39"
	full := f.Width(typeface.Regular, 8, name)
	if got := f.Elide(typeface.Regular, 8, name, full); got != name {
		t.Errorf("a name that fits became %q", got)
	}
	for _, share := range []float64{0.9, 0.5, 0.2, 0} {
		got := f.Elide(typeface.Regular, 8, name, full*share)
		if got != "…" && f.Width(typeface.Regular, 8, got) > full*share {
			t.Errorf("%q is wider than %v", got, full*share)
		}
		head, tail, ok := strings.Cut(got, "…")
		if !ok || !strings.HasPrefix(name, head) || !strings.HasSuffix(name, tail) {
			t.Errorf("%q does not keep both ends of %q", got, name)
		}
	}
}

func TestUserFontComesFirst(t *testing.T) {
	f, err := typeface.New(liberationmonoregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	runs := f.Runs(typeface.Regular, "ab模")
	if len(runs) != 2 || runs[0].Face.Name != "UserFont" || runs[1].Face.Name != "DroidSansFallback" {
		t.Errorf("runs %+v", runs)
	}
	if w := f.Width(typeface.Regular, 1, "iW"); math.Abs(w-2*1229./2048) > 1e-9 {
		t.Errorf("two characters of a fixed-width font are %v wide", w)
	}
}

func TestUserFontRefused(t *testing.T) {
	ttf := liberationsansregular.TTF
	edit := func(change func(b []byte) []byte) []byte { return change(bytes.Clone(ttf)) }
	for name, test := range map[string]struct {
		font []byte
		want string
	}{
		"empty":      {[]byte{}, "too short"},
		"otf":        {edit(func(b []byte) []byte { copy(b, "OTTO"); return b }), "PostScript"},
		"collection": {edit(func(b []byte) []byte { copy(b, "ttcf"); return b }), "collection"},
		"text":       {[]byte("this is no font at all"), "not TrueType"},
		"truncated":  {edit(func(b []byte) []byte { return b[:len(b)/2] }), "beyond the file"},
		"directory":  {[]byte{0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1}, "table directory"},
		"restricted": {edit(func(b []byte) []byte { b[table(b, "OS/2")+8], b[table(b, "OS/2")+9] = 0, 2; return b }), "forbids embedding"},
		"no glyf":    {edit(func(b []byte) []byte { copy(b[entry(b, "glyf"):], "xxxx"); return b }), `no table "glyf"`},
	} {
		if _, err := typeface.New(test.font); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, test.want)
		}
	}
}

// entry is the place of a table's row in a font's directory.
func entry(ttf []byte, tag string) int {
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		if at := 12 + 16*i; string(ttf[at:at+4]) == tag {
			return at
		}
	}
	panic("no table " + tag)
}

func table(ttf []byte, tag string) int {
	return int(binary.BigEndian.Uint32(ttf[entry(ttf, tag)+8:]))
}

func FuzzNew(f *testing.F) {
	f.Add([]byte("OTTO"))
	f.Add(liberationsansregular.TTF[:400])
	f.Add(append([]byte{0, 1, 0, 0, 0, 1}, make([]byte, 40)...))
	f.Fuzz(func(t *testing.T, font []byte) {
		family, err := typeface.New(font)
		if err == nil {
			family.Runs(typeface.Regular, "Aж模")
		}
	})
}

func FuzzRuns(f *testing.F) {
	for _, s := range []string{"", "модель", "a\xff\xc3", "\x1b[31m", "e\u0301", "\U0010FFFF", "\u202eabc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n := 0
		for _, r := range family(t).Runs(typeface.Regular, s) {
			n += len([]rune(r.Text))
			for _, c := range r.Text {
				if c > 0xFFFF {
					t.Errorf("%U cannot be embedded", c)
				}
			}
		}
		if want := len([]rune(s)); n != want {
			t.Errorf("%q: %d characters set, want %d", s, n, want)
		}
	})
}

func TestEmbeddedFontsAreThoseDocumented(t *testing.T) {
	readme, err := os.ReadFile("fonts/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"DroidSansFallbackFull", "Lato-Regular", "Lato-Bold"} {
		file, err := os.Open("fonts/" + name + ".ttf.gz")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		z, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		h := sha256.New()
		if _, err := io.Copy(h, z); err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", h.Sum(nil)); !bytes.Contains(readme, []byte(sum)) {
			t.Errorf("%s: fonts/README.md does not name the hash %s", name, sum)
		}
	}
}

// A paper is set in Lato where it has the character, and digits are equally wide, so
// that numbers in columns stand below each other.
func TestPaper(t *testing.T) {
	f, err := typeface.Paper(nil)
	if err != nil {
		t.Fatal(err)
	}
	for style, want := range map[typeface.Style]string{
		typeface.Regular: "Lato-Regular:AURC ε − 5 ↓ DroidSansFallback:模",
		typeface.Bold:    "Lato-Bold:AURC ε − 5 ↓ DroidSansFallback:模",
		typeface.Mono:    "LiberationMono-Regular:AURC ε − 5 ↓ DroidSansFallback:模",
	} {
		var got []string
		for _, r := range f.Runs(style, "AURC ε − 5 ↓模") {
			got = append(got, r.Face.Name+":"+strings.TrimSpace(r.Text))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("style %d: runs %q, want %q", style, s, want)
		}
		for digit := '0'; digit <= '9'; digit++ {
			if w := f.Width(style, 1, string(digit)); w != f.Width(style, 1, "0") {
				t.Errorf("style %d: %c is %.3f wide, 0 %.3f", style, digit, w, f.Width(style, 1, "0"))
			}
		}
	}
	if _, err := typeface.Paper([]byte("no font")); err == nil {
		t.Error("a file that is no font is taken")
	}
	user, err := typeface.Paper(liberationmonoregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	if name := user.Main(typeface.Regular).Name; name != "UserFont" {
		t.Errorf("main face %s, want the user's", name)
	}
}

func TestCanvasCutsText(t *testing.T) {
	var r recorder.Canvas
	f := family(t)
	c := typeface.Canvas{Canvas: &r, Family: f}
	c.FillString(f.Main(typeface.Regular).At(10), vg.Point{X: 5, Y: 7}, "A模B")
	var got []string
	for _, a := range r.Actions {
		if s, ok := a.(*recorder.FillString); ok {
			got = append(got, fmt.Sprintf("%s at %.2f %.2f", s.String, s.Point.X, s.Point.Y))
		}
	}
	if s, want := strings.Join(got, "; "), "A at 5.00 7.00; 模 at 11.67 7.00; B at 21.67 7.00"; s != want {
		t.Errorf("drawn %s, want %s", s, want)
	}
}

func TestPrintable(t *testing.T) {
	if got, want := typeface.Printable("a\x1b模\U0001F600\xff\u202e"), "a□模□□□"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func Example() {
	f, _ := typeface.New(nil)
	for _, run := range f.Runs(typeface.Regular, "vit-大-w32") {
		fmt.Printf("%s %q\n", run.Face.Name, run.Text)
	}
	fmt.Println(f.Elide(typeface.Regular, 8, "extra-trees-500-leaf2-distilled-seed39", 80))
	// Output:
	// LiberationSans-Regular "vit-"
	// DroidSansFallback "大"
	// LiberationSans-Regular "-w32"
	// extra-tre…ed-seed39
}
