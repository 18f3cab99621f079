// Package canvas draws gonum figures and text on the pages of a PDF.
//
// Begin with [NewDocument]. A [Document] wraps fpdf: pages, bookmarks, text in a
// [typeface.Family] with its fallback fonts, fixed dates and a sorted catalogue,
// so that the same calls give the same bytes. A [Canvas] is a vg.Canvas over a
// rectangle of a page. It replaces gonum's own PDF backend, which knows no text
// outside Windows-1252, paints translucent areas grey, and writes other bytes in
// every run.
//
// All lengths are in points; the origin of a page is at the bottom left, as in
// PDF and in gonum. The package may import reports/typeface, gonum and fpdf; it
// knows nothing of metrics or reports.
package canvas

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"

	"codeberg.org/go-pdf/fpdf"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"abstain/reports/typeface"
)

// Canvas draws into a rectangle of the current page of a Document, and cuts off
// what is outside. Fonts of vg text are replaced by the document's family; only
// size, weight and fixed width are kept.
type Canvas struct {
	doc   *Document
	w, h  vg.Length
	state state
	stack []state
}

// state is what Push saves.
type state struct {
	ctm   matrix
	width vg.Length
	dash  []vg.Length
	phase vg.Length
	color color.NRGBA
}

var _ vg.CanvasSizer = (*Canvas)(nil)

// Canvas begins a drawing whose lower left corner is at x, y. Until the drawing
// is closed, nothing else may be drawn on the page.
func (d *Document) Canvas(x, y, w, h vg.Length) *Canvas {
	d.pdf.ClipRect(float64(x), d.down(float64(y+h)), float64(w), float64(h), false)
	d.pdf.SetLineJoinStyle("round")
	c := &Canvas{doc: d, w: w, h: h, state: state{ctm: matrix{1, 0, 0, 1, float64(x), float64(y)}}}
	vg.Initialize(c)
	return c
}

// Close ends the drawing and restores the page.
func (c *Canvas) Close() {
	pdf := c.doc.pdf
	pdf.SetAlpha(1, "Normal")
	pdf.SetDashPattern(nil, 0)
	pdf.SetLineJoinStyle("miter")
	pdf.ClipEnd()
}

// Size is the size of the rectangle.
func (c *Canvas) Size() (w, h vg.Length) { return c.w, c.h }

// SetLineWidth sets the width of strokes; none are drawn if it is not positive.
func (c *Canvas) SetLineWidth(w vg.Length) { c.state.width = w }

// SetLineDash sets the lengths of dashes and gaps, in turn; an empty pattern is a
// solid line.
func (c *Canvas) SetLineDash(pattern []vg.Length, offset vg.Length) {
	c.state.dash, c.state.phase = slices.Clone(pattern), offset
}

// SetColor sets the colour of strokes, fills and text; nil is black.
func (c *Canvas) SetColor(clr color.Color) {
	if clr == nil {
		clr = color.Black
	}
	// gonum premultiplies translucent colours, which would be too dark here.
	c.state.color = color.NRGBAModel.Convert(clr).(color.NRGBA)
}

// Rotate turns what is drawn afterwards, by radians counter-clockwise.
func (c *Canvas) Rotate(rad float64) {
	sin, cos := math.Sincos(rad)
	c.state.ctm = matrix{cos, sin, -sin, cos, 0, 0}.then(c.state.ctm)
}

// Translate shifts what is drawn afterwards.
func (c *Canvas) Translate(pt vg.Point) {
	c.state.ctm = matrix{1, 0, 0, 1, float64(pt.X), float64(pt.Y)}.then(c.state.ctm)
}

// Scale stretches what is drawn afterwards.
func (c *Canvas) Scale(x, y float64) {
	c.state.ctm = matrix{x, 0, 0, y, 0, 0}.then(c.state.ctm)
}

// Push saves colour, line style and transformation.
func (c *Canvas) Push() { c.stack = append(c.stack, c.state) }

// Pop restores what the matching Push saved. It panics without a matching Push.
func (c *Canvas) Pop() {
	if len(c.stack) == 0 {
		panic("canvas: Pop without Push")
	}
	c.state = c.stack[len(c.stack)-1]
	c.stack = c.stack[:len(c.stack)-1]
}

// Stroke draws the outline of a path.
func (c *Canvas) Stroke(p vg.Path) {
	if c.state.width <= 0 || len(p) == 0 {
		return
	}
	scale := c.state.ctm.scale()
	pdf := c.doc.pdf
	pdf.SetDrawColor(int(c.state.color.R), int(c.state.color.G), int(c.state.color.B))
	pdf.SetAlpha(float64(c.state.color.A)/255, "Normal")
	pdf.SetLineWidth(float64(c.state.width) * scale)
	dash := make([]float64, len(c.state.dash))
	for i, d := range c.state.dash {
		dash[i] = float64(d) * scale
	}
	pdf.SetDashPattern(dash, float64(c.state.phase)*scale)
	c.path(p)
	pdf.DrawPath("D")
}

// Fill fills a path by the nonzero winding rule.
func (c *Canvas) Fill(p vg.Path) {
	if len(p) == 0 {
		return
	}
	c.ink()
	c.path(p)
	c.doc.pdf.DrawPath("F")
}

// ink sets the colour of fills and text.
func (c *Canvas) ink() {
	r, g, b := int(c.state.color.R), int(c.state.color.G), int(c.state.color.B)
	c.doc.pdf.SetFillColor(r, g, b)
	c.doc.pdf.SetTextColor(r, g, b)
	c.doc.pdf.SetAlpha(float64(c.state.color.A)/255, "Normal")
}

// FillString sets text from pt to the right, in fonts that have its characters.
func (c *Canvas) FillString(f font.Face, pt vg.Point, text string) {
	if f.Font.Size <= 0 {
		return
	}
	c.ink()
	pdf := c.doc.pdf
	pdf.TransformBegin()
	defer pdf.TransformEnd()
	m := matrix{1, 0, 0, 1, float64(pt.X), float64(pt.Y)}.then(c.state.ctm)
	pdf.Transform(fpdf.TransformMatrix{A: m.a, B: m.b, C: m.c, D: m.d, E: m.e, F: m.f})
	c.doc.runs(0, 0, typeface.StyleOf(f.Font), float64(f.Font.Size), text)
}

// DrawImage draws an image, stretched into a rectangle.
func (c *Canvas) DrawImage(rect vg.Rectangle, img image.Image) {
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		c.doc.pdf.SetError(fmt.Errorf("image in a figure: %w", err))
		return
	}
	pdf := c.doc.pdf
	name := fmt.Sprintf("%x", sha256.Sum256(buf.Bytes())) // equal images are stored once
	opts := fpdf.ImageOptions{ImageType: "png"}
	pdf.RegisterImageOptionsReader(name, opts, &buf)
	pdf.SetAlpha(1, "Normal")
	pdf.TransformBegin()
	defer pdf.TransformEnd()
	m := c.state.ctm
	pdf.Transform(fpdf.TransformMatrix{A: m.a, B: m.b, C: m.c, D: m.d, E: m.e, F: m.f})
	size := rect.Size()
	pdf.ImageOptions(name, float64(rect.Min.X), c.doc.down(float64(rect.Max.Y)), float64(size.X), float64(size.Y), false, opts, 0, "")
}

// path emits a path in page coordinates.
func (c *Canvas) path(p vg.Path) {
	var start, at vg.Point
	for _, comp := range p {
		switch comp.Type {
		case vg.MoveComp:
			start, at = comp.Pos, comp.Pos
			c.doc.pdf.MoveTo(c.point(at))
		case vg.LineComp:
			at = comp.Pos
			c.doc.pdf.LineTo(c.point(at))
		case vg.ArcComp:
			at = c.arc(comp, at)
		case vg.CurveComp:
			c.curve(comp, at)
			at = comp.Pos
		case vg.CloseComp:
			at = start
			c.doc.pdf.ClosePath()
		default:
			panic(fmt.Sprintf("canvas: path component of unknown type %d", comp.Type))
		}
	}
}

// curve emits a quadratic (as the cubic it equals) or cubic Bézier curve.
func (c *Canvas) curve(comp vg.PathComp, from vg.Point) {
	switch len(comp.Control) {
	case 1:
		q := comp.Control[0]
		c.cubic(between(from, q, 2./3), between(comp.Pos, q, 2./3), comp.Pos)
	case 2:
		c.cubic(comp.Control[0], comp.Control[1], comp.Pos)
	default:
		panic("canvas: curve with neither one nor two control points")
	}
}

// arc emits a circular arc as cubic curves of at most a right angle each, whose
// error is below 3e-4 of the radius, and returns its end.
func (c *Canvas) arc(comp vg.PathComp, at vg.Point) vg.Point {
	on := func(angle float64) vg.Point {
		sin, cos := math.Sincos(angle)
		return vg.Point{X: comp.Pos.X + comp.Radius*vg.Length(cos), Y: comp.Pos.Y + comp.Radius*vg.Length(sin)}
	}
	begin := on(comp.Start)
	if begin != at {
		c.doc.pdf.LineTo(c.point(begin))
	}
	pieces := max(1, int(math.Ceil(math.Abs(comp.Angle)/(math.Pi/2)-1e-9)))
	step := comp.Angle / float64(pieces)
	pull := comp.Radius * vg.Length(4./3*math.Tan(step/4))
	for i := range pieces {
		a, b := comp.Start+float64(i)*step, comp.Start+float64(i+1)*step
		sa, ca := math.Sincos(a)
		sb, cb := math.Sincos(b)
		p, q := on(a), on(b)
		c.cubic(vg.Point{X: p.X - pull*vg.Length(sa), Y: p.Y + pull*vg.Length(ca)},
			vg.Point{X: q.X + pull*vg.Length(sb), Y: q.Y - pull*vg.Length(cb)}, q)
	}
	return on(comp.Start + comp.Angle)
}

func (c *Canvas) cubic(p, q, to vg.Point) {
	px, py := c.point(p)
	qx, qy := c.point(q)
	x, y := c.point(to)
	c.doc.pdf.CurveBezierCubicTo(px, py, qx, qy, x, y)
}

// point converts a point of the drawing to fpdf's page coordinates, where y grows
// downwards.
func (c *Canvas) point(p vg.Point) (x, y float64) {
	x, y = c.state.ctm.apply(float64(p.X), float64(p.Y))
	return x, c.doc.down(y)
}

// between is the point at the share t of the way from p to q.
func between(p, q vg.Point, t vg.Length) vg.Point {
	return vg.Point{X: p.X + t*(q.X-p.X), Y: p.Y + t*(q.Y-p.Y)}
}

// matrix is an affine map in PDF's order: x' = a x + c y + e, y' = b x + d y + f.
type matrix struct{ a, b, c, d, e, f float64 }

// then is the map that applies first m and then n.
func (m matrix) then(n matrix) matrix {
	return matrix{
		m.a*n.a + m.b*n.c, m.a*n.b + m.b*n.d,
		m.c*n.a + m.d*n.c, m.c*n.b + m.d*n.d,
		m.e*n.a + m.f*n.c + n.e, m.e*n.b + m.f*n.d + n.f,
	}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return m.a*x + m.c*y + m.e, m.b*x + m.d*y + m.f
}

// scale is the average factor by which lengths grow.
func (m matrix) scale() float64 { return math.Sqrt(math.Abs(m.a*m.d - m.b*m.c)) }
