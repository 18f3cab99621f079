package figure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"abstain/harness/pool"
	"abstain/reports/canvas"
)

// encoder turns a figure into the bytes of a file.
type encoder struct {
	format string // also the file's extension
	encode func(*Figure) ([]byte, error)
}

var encoders = []encoder{
	{"svg", encodeSVG},
	{"png", encodePNG},
	{"pdf", encodePDF},
	{"json", encodeJSON},
}

// Formats lists the file formats of figures; json is the figure's data.
func Formats() []string {
	names := make([]string, len(encoders))
	for i, e := range encoders {
		names[i] = e.format
	}
	return names
}

// dpi is the resolution of a PNG file. A figure of 16 x 9 cm has 1890 x 1063
// pixels. A figure that takes most of a page has a lower resolution, still finer
// than that of screens.
func (f *Figure) dpi() int {
	if f.Height > 12*vg.Centimeter {
		return 200
	}
	return 300
}

// Encode returns the figure as a file of one of the Formats.
func (f *Figure) Encode(format string) ([]byte, error) {
	for _, e := range encoders {
		if e.format == format {
			return e.encode(f)
		}
	}
	return nil, fmt.Errorf("figure: format %q is unknown: choose from %s", format, strings.Join(Formats(), ", "))
}

// Write saves each figure in each of the formats (in all if none is named), as
// NAME.FORMAT in dir, which it makes if needed. Files appear under their names
// only when they are complete. It returns the paths in the order written. Several
// figures are drawn at the same time.
func Write(dir string, figures []*Figure, formats ...string) ([]string, error) {
	if len(formats) == 0 {
		formats = Formats()
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	written := make([]files, len(figures))
	pool.Each(len(figures), func(i int) { written[i] = figures[i].file(dir, formats) })
	var paths []string
	for _, w := range written {
		if paths = append(paths, w.paths...); w.panicked != nil {
			panic(w.panicked)
		}
		if w.err != nil {
			return paths, w.err
		}
	}
	return paths, nil
}

// files is the result for one figure.
type files struct {
	paths    []string
	err      error
	panicked any // a panic of a library, to be repeated on the caller's goroutine
}

// file writes a figure in each of the formats.
func (f *Figure) file(dir string, formats []string) (w files) {
	defer func() { w.panicked = recover() }()
	for _, format := range formats {
		b, err := f.Encode(format)
		if err != nil {
			w.err = err
			return w
		}
		path := filepath.Join(dir, f.Name+"."+format)
		if w.err = replace(path, b); w.err != nil {
			return w
		}
		w.paths = append(w.paths, path)
	}
	return w
}

// replace writes a file under another name and then renames it.
func replace(path string, b []byte) error {
	part := path + ".part"
	if err := os.WriteFile(part, b, 0o666); err != nil {
		return err
	}
	return os.Rename(part, path)
}

func encodeSVG(f *Figure) ([]byte, error) {
	head, body, err := f.svg()
	if err != nil {
		return nil, err
	}
	described := fmt.Sprintf("<title>%s</title>\n<desc>%s</desc>", html.EscapeString(f.Title), html.EscapeString(f.Caption))
	return []byte(head + "\n" + described + body), nil
}

// Inline returns the figure as an svg element for an HTML page. It has no XML
// declaration, and no title and caption, because the page sets these, and no ids.
// Text remains text. It scales to the available width.
func (f *Figure) Inline() (string, error) {
	_, body, err := f.svg()
	if err != nil {
		return "", err
	}
	w, h := f.Width.Points(), f.Height.Points()
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="%s" width="%.5gpt" viewBox="0 0 %.5g %.5g" style="%s">`,
		html.EscapeString(f.Title), w, w, h, sansFonts) + strings.ReplaceAll(body, sansFonts, ""), nil // the fonts are named once, not for each text
}

// sansFonts are the fonts of all text that needs no other glyphs.
const sansFonts = "font-family:'Liberation Sans',Arimo,Arial,Helvetica,sans-serif;"

// usual are properties of text that have their default value and are dropped.
var usual = strings.NewReplacer("font-variant:normal;", "", "font-weight:normal;", "", "font-style:normal;", "")

// svgFonts replaces the names of our fonts by fonts that viewers of SVG may have
// and whose characters are equally wide. A font of the user is not known to
// viewers by any name of ours.
var svgFonts = strings.NewReplacer(
	"font-family:Liberation Sans;", sansFonts,
	"font-family:Droid Sans Fallback;", "font-family:'Droid Sans Fallback','Noto Sans CJK SC',sans-serif;",
)

// loneFont matches a font without a fallback: the user's font.
var loneFont = regexp.MustCompile(`font-family:([^;,'"]*);`)

// svg draws the figure and returns the file in two parts: up to the end of the
// root's tag, and the rest.
func (f *Figure) svg() (head, body string, err error) {
	c := vgsvg.New(f.Width, f.Height)
	f.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return "", "", err
	}
	drawn := usual.Replace(loneFont.ReplaceAllString(svgFonts.Replace(b.String()), "font-family:'$1',sans-serif;"))
	before, after, _ := strings.Cut(drawn, "<svg ")
	root, body, _ := strings.Cut(after, ">")
	return before + "<svg " + root + ">", body, nil
}

func encodePNG(f *Figure) ([]byte, error) {
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(f.Width, f.Height), vgimg.UseDPI(f.dpi()))}
	f.Draw(draw.New(c))
	var b bytes.Buffer
	_, err := c.WriteTo(&b)
	return b.Bytes(), err
}

// encodePDF makes a page of exactly the figure's size, to be included in papers.
func encodePDF(f *Figure) ([]byte, error) {
	doc := canvas.NewDocument(float64(f.Width), float64(f.Height), f.fonts)
	doc.Title(f.Title, "abstain")
	doc.AddPage()
	c := doc.Canvas(0, 0, f.Width, f.Height)
	f.Draw(draw.New(c))
	c.Close()
	var b bytes.Buffer
	err := doc.Write(&b)
	return b.Bytes(), err
}

func encodeJSON(f *Figure) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(struct {
		Name    string `json:"name"`
		Title   string `json:"title"`
		Caption string `json:"caption"`
		Data    any    `json:"data"`
	}{f.Name, f.Title, f.Caption, f.Shown})
	return b.Bytes(), err
}
