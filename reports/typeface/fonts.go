package typeface

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"
	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
)

// faces holds the parsed Liberation fonts. gonum carries the same ones, so they
// do not make the program larger.
var faces = [styles]func() *Face{
	Regular: sync.OnceValue(func() *Face {
		return must(parse("LiberationSans-Regular", font.Font{Typeface: "Liberation", Variant: "Sans"}, liberationsansregular.TTF))
	}),
	Bold: sync.OnceValue(func() *Face {
		return must(parse("LiberationSans-Bold", font.Font{Typeface: "Liberation", Variant: "Sans", Weight: xfont.WeightBold}, liberationsansbold.TTF))
	}),
	Mono: sync.OnceValue(func() *Face {
		return must(parse("LiberationMono-Regular", font.Font{Typeface: "Liberation", Variant: "Mono"}, liberationmonoregular.TTF))
	}),
}

func liberation(s Style) *Face { return faces[s]() }

// packed holds fonts that Go modules do not have, see fonts/README.md.
//
//go:embed fonts/*.ttf.gz
var packed embed.FS

// fallback unpacks the large font once, and only if it is needed: it takes 4 MB
// and about 30 ms, which reports in Latin script do not need.
var fallback = sync.OnceValue(func() *Face {
	return unpack("DroidSansFallback", "DroidSansFallbackFull", font.Font{Typeface: "Droid", Variant: "SansFallback"})
})

// lato holds the parsed type of papers, nil for a style that it lacks. It too is
// unpacked only where it is needed.
var lato = [styles]func() *Face{
	Regular: sync.OnceValue(func() *Face {
		return unpack("Lato-Regular", "Lato-Regular", font.Font{Typeface: "Lato"})
	}),
	Bold: sync.OnceValue(func() *Face {
		return unpack("Lato-Bold", "Lato-Bold", font.Font{Typeface: "Lato", Weight: xfont.WeightBold})
	}),
}

// unpack reads a packed font.
func unpack(name, file string, key font.Font) *Face {
	b, err := packed.ReadFile("fonts/" + file + ".ttf.gz")
	if err != nil {
		panic("typeface: no embedded font " + file)
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		panic("typeface: the embedded font " + file + " is damaged: " + err.Error())
	}
	ttf, err := io.ReadAll(z)
	if err != nil {
		panic("typeface: the embedded font " + file + " is damaged: " + err.Error())
	}
	return must(parse(name, key, ttf))
}

func parse(name string, key font.Font, ttf []byte) (*Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return &Face{Name: name, Key: key, TTF: ttf, Font: f}, nil
}

func must(f *Face, err error) *Face {
	if err != nil {
		panic("typeface: embedded font: " + err.Error())
	}
	return f
}

// userFace checks the font of a user. The PDF library would only print its
// complaints on standard output.
func userFace(ttf []byte) (*Face, error) {
	if err := embeddableFont(ttf); err != nil {
		return nil, fmt.Errorf("the font given: %w; give a TrueType file (.ttf) whose licence lets it be embedded", err)
	}
	f, err := parse("UserFont", font.Font{Typeface: "User"}, ttf)
	if err != nil {
		return nil, fmt.Errorf("the font given: %w; give a TrueType file (.ttf)", err)
	}
	if _, ok := f.advance(' '); !ok {
		return nil, errors.New("the font given has no glyph for the space; give a TrueType file (.ttf) that has one")
	}
	return f, nil
}

// embeddableFont reads the table directory of a TrueType file. The outlines must
// be quadratic, the tables inside the file, and OS/2.fsType must not forbid
// embedding or subsetting.
func embeddableFont(ttf []byte) error {
	if len(ttf) < 12 {
		return errors.New("too short for a font")
	}
	switch tag := binary.BigEndian.Uint32(ttf); tag {
	case 0x00010000, 0x74727565: // 1.0, 'true'
	case 0x4F54544F:
		return errors.New("has PostScript outlines (OTTO)")
	case 0x74746366:
		return errors.New("is a collection (ttcf)")
	default:
		return fmt.Errorf("is not TrueType (begins with %#08x)", tag)
	}
	need := map[string]bool{"cmap": true, "glyf": true, "head": true, "hhea": true, "hmtx": true, "loca": true, "maxp": true, "name": true, "post": true, "OS/2": true}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		entry := 12 + 16*i
		if entry+16 > len(ttf) {
			return errors.New("ends inside its table directory")
		}
		tag := string(ttf[entry : entry+4])
		offset, size := uint64(binary.BigEndian.Uint32(ttf[entry+8:])), uint64(binary.BigEndian.Uint32(ttf[entry+12:]))
		if offset+size > uint64(len(ttf)) {
			return fmt.Errorf("table %q reaches beyond the file", tag)
		}
		if tag == "OS/2" && size >= 10 {
			if bits := binary.BigEndian.Uint16(ttf[offset+8:]); bits == 2 || bits&0x0300 != 0 {
				return fmt.Errorf("OS/2.fsType %#04x forbids embedding a subset", bits)
			}
		}
		delete(need, tag)
	}
	for _, tag := range []string{"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post", "OS/2"} {
		if need[tag] {
			return fmt.Errorf("has no table %q", tag)
		}
	}
	return nil
}
