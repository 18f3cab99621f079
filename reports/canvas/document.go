package canvas

import (
	"bytes"
	"crypto/sha256"
	"image/color"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"abstain/reports/typeface"
)

// Document is a PDF that is being made. Only one goroutine may use it.
type Document struct {
	Fonts *typeface.Family
	pdf   *fpdf.Fpdf
	w, h  float64                  // of pages, unless stated otherwise
	known map[string]map[rune]bool // faces registered with fpdf, by name, with the characters set in them
}

// NewDocument begins a PDF with pages of w x h points and no page yet.
func NewDocument(w, h float64, fonts *typeface.Family) *Document {
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: w, Ht: h}})
	pdf.SetMargins(0, 0, 0)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetCatalogSort(true)
	d := &Document{Fonts: fonts, pdf: pdf, w: w, h: h, known: map[string]map[rune]bool{}}
	d.Date(time.Unix(0, 0).UTC())
	d.use(fonts.Main(typeface.Regular))
	return d
}

// Date sets the dates in the file's properties. Without it they are the beginning
// of 1970, so that the bytes do not depend on a clock.
func (d *Document) Date(t time.Time) {
	d.pdf.SetCreationDate(t.UTC())
	d.pdf.SetModificationDate(t.UTC())
}

// Title sets title and creator in the file's properties.
func (d *Document) Title(title, creator string) {
	d.pdf.SetTitle(typeface.Printable(title), true)
	d.pdf.SetCreator(typeface.Printable(creator), true)
	d.pdf.SetProducer("fpdf", true)
	d.pdf.SetLang("en")
}

// AddPage begins an upright page of the document's size.
func (d *Document) AddPage() { d.addPage("P") }

// AddWidePage begins a page in landscape format. The last page of a document must
// be in portrait format; otherwise the heights of bookmarks are wrong.
func (d *Document) AddWidePage() { d.addPage("L") }

func (d *Document) addPage(orientation string) {
	d.pdf.AddPageFormat(orientation, fpdf.SizeType{Wd: d.w, Ht: d.h})
	d.pdf.SetFont(registered(d.Fonts.Main(typeface.Regular)), "", 10) // needed for bookmarks to be written as UTF-16
}

// Pages is the number of pages so far.
func (d *Document) Pages() int { return d.pdf.PageCount() }

// Turn makes page n, counted from 1, the current page again, to draw more on it.
func (d *Document) Turn(n int) { d.pdf.SetPage(n) }

// Bookmark adds an entry to the outline, which points at height y of the current
// page. Its level may be at most one deeper than that of the entry before it.
func (d *Document) Bookmark(title string, level int, y float64) {
	// fpdf subtracts y from the height of the last page, whichever page is
	// current.
	d.pdf.Bookmark(typeface.Printable(title), level, d.h-y)
}

// Text sets a line with its baseline beginning at x, y and returns its width.
func (d *Document) Text(x, y float64, s typeface.Style, size float64, ink color.NRGBA, text string) float64 {
	r, g, b := int(ink.R), int(ink.G), int(ink.B)
	// fpdf writes the colour of text only if it differs from the fill colour it
	// remembers, which the end of a drawing may have undone.
	d.pdf.SetFillColor(r, g, b)
	d.pdf.SetTextColor(r, g, b)
	return d.runs(x, y, s, size, text)
}

// Rule draws a horizontal or slanted line.
func (d *Document) Rule(x0, y0, x1, y1, width float64, ink color.NRGBA) {
	d.pdf.SetDrawColor(int(ink.R), int(ink.G), int(ink.B))
	d.pdf.SetLineWidth(width)
	d.pdf.Line(x0, d.down(y0), x1, d.down(y1))
}

// Box fills a rectangle with its lower left corner at x, y.
func (d *Document) Box(x, y, w, h float64, ink color.NRGBA) {
	d.pdf.SetFillColor(int(ink.R), int(ink.G), int(ink.B))
	d.pdf.Rect(x, d.down(y+h), w, h, "F")
}

// Write writes the finished file; nothing can be added afterwards.
func (d *Document) Write(w io.Writer) error {
	var file bytes.Buffer
	if err := d.pdf.Output(&file); err != nil {
		return err
	}
	_, err := w.Write(d.tagSubsets(file.Bytes()))
	return err
}

// tagSubsets gives embedded fonts the names that ISO 32000 asks of subsets: six
// capitals and a plus sign before the font's own. fpdf embeds subsets, but calls
// them like whole fonts. The names are equally long, so all offsets stay right.
func (d *Document) tagSubsets(file []byte) []byte {
	for name, chars := range d.known {
		from := "/utf8" + strings.ToLower(roomForTag+name)
		file = bytes.ReplaceAll(file, []byte(from), []byte("/"+subsetTag(name, chars)+"+"+name))
	}
	return file
}

// subsetTag is six capitals that depend on the font and the characters set in it.
func subsetTag(name string, chars map[rune]bool) string {
	h := sha256.New()
	h.Write([]byte(name + string(slices.Sorted(maps.Keys(chars)))))
	tag := make([]byte, 6)
	for i, b := range h.Sum(nil)[:len(tag)] {
		tag[i] = 'A' + b%26
	}
	return string(tag)
}

// roomForTag stands before the names by which fpdf knows faces, and with the "utf8"
// that it puts before them takes as much room as a subset's tag.
const roomForTag = "tag"

// registered is the name by which fpdf knows a face.
func registered(f *typeface.Face) string { return roomForTag + f.Name }

// runs sets the runs of a text side by side and returns their width.
func (d *Document) runs(x, y float64, s typeface.Style, size float64, text string) float64 {
	begin := x
	for _, run := range d.Fonts.Runs(s, text) {
		d.use(run.Face)
		for _, c := range run.Text {
			d.known[run.Face.Name][c] = true
		}
		d.pdf.SetFont(registered(run.Face), "", size)
		d.pdf.Text(x, d.down(y), run.Text)
		x += run.Width * size
	}
	return x - begin
}

// use registers a face with fpdf, which embeds the glyphs that are used.
func (d *Document) use(f *typeface.Face) {
	if d.known[f.Name] == nil {
		d.known[f.Name] = map[rune]bool{}
		d.pdf.AddUTF8FontFromBytes(registered(f), "", f.TTF)
	}
}

// down converts a height above the foot of the page into fpdf's depth below its
// top. fpdf takes the height of the page that was added last, even after Turn. It
// subtracts the depth from the same number again, so the result is right.
func (d *Document) down(y float64) float64 {
	_, h := d.pdf.GetPageSize()
	return h - y
}

// Link makes a rectangle of the current page a link to the top of another page,
// counted from 1.
func (d *Document) Link(x, y, w, h float64, page int) {
	link := d.pdf.AddLink()
	d.pdf.SetLink(link, 0, page)
	d.pdf.Link(x, d.down(y+h), w, h, link)
}
