package canvas_test

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"

	"abstain/reports/canvas"
	"abstain/reports/typeface"
)

// drawing makes a document of one page with a drawing in a rectangle at (100,
// 200) of 300 x 250 points.
func drawing(t testing.TB, draw func(*canvas.Canvas)) []byte {
	t.Helper()
	fonts, err := typeface.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	d := canvas.NewDocument(595, 842, fonts)
	d.AddPage()
	c := d.Canvas(100, 200, 300, 250)
	draw(c)
	c.Close()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// content is the first page's drawing operators.
func content(t testing.TB, pdf []byte) string {
	t.Helper()
	_, after, _ := bytes.Cut(pdf, []byte("stream\n"))
	z, err := zlib.NewReader(bytes.NewReader(after))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func path(points ...vg.Point) (p vg.Path) {
	p.Move(points[0])
	for _, pt := range points[1:] {
		p.Line(pt)
	}
	return p
}

func TestOperators(t *testing.T) {
	box := path(vg.Point{X: 0, Y: 0}, vg.Point{X: 10, Y: 0}, vg.Point{X: 10, Y: 5})
	for name, test := range map[string]struct {
		draw func(*canvas.Canvas)
		want []string
	}{
		"clip":      {func(*canvas.Canvas) {}, []string{"q 100.00 450.00 300.00 -250.00 re W n"}},
		"line":      {func(c *canvas.Canvas) { c.SetLineWidth(2); c.Stroke(box) }, []string{"2.00 w", "100.00 200.00 m", "110.00 200.00 l", "110.00 205.00 l", "S"}},
		"dashes":    {func(c *canvas.Canvas) { c.SetLineDash([]vg.Length{3, 1}, 2); c.Stroke(box) }, []string{"[3.00 1.00] 2.00 d"}},
		"fill":      {func(c *canvas.Canvas) { c.SetColor(color.NRGBA{R: 255, A: 255}); c.Fill(box) }, []string{"1.000 0.000 0.000 rg", "f"}},
		"alpha":     {func(c *canvas.Canvas) { c.SetColor(color.NRGBA{R: 255, A: 51}); c.Fill(box) }, []string{"1.000 0.000 0.000 rg", "/GS2 gs"}},
		"translate": {func(c *canvas.Canvas) { c.Translate(vg.Point{X: 5, Y: 6}); c.Stroke(box) }, []string{"105.00 206.00 m", "115.00 206.00 l"}},
		"rotate":    {func(c *canvas.Canvas) { c.Rotate(math.Pi / 2); c.Stroke(box) }, []string{"100.00 200.00 m", "100.00 210.00 l", "95.00 210.00 l"}},
		"scale":     {func(c *canvas.Canvas) { c.Scale(2, 2); c.Stroke(box) }, []string{"2.00 w", "120.00 200.00 l"}},
		"order":     {func(c *canvas.Canvas) { c.Translate(vg.Point{X: 10}); c.Scale(3, 1); c.Stroke(box) }, []string{"110.00 200.00 m", "140.00 200.00 l"}},
		"pop": {func(c *canvas.Canvas) {
			c.Push()
			c.Translate(vg.Point{X: 50})
			c.SetLineWidth(9)
			c.Pop()
			c.Stroke(box)
		}, []string{"1.00 w", "100.00 200.00 m"}},
		"quadratic": {func(c *canvas.Canvas) {
			var p vg.Path
			p.Move(vg.Point{})
			p.QuadTo(vg.Point{X: 30, Y: 30}, vg.Point{X: 60, Y: 0})
			c.Stroke(p)
		}, []string{"120.00000 220.00000 140.00000 220.00000 160.00000 200.00000 c"}},
		"nil colour": {func(c *canvas.Canvas) { c.SetColor(nil); c.Fill(box) }, []string{"0.000 g"}},
		"rotated text": {func(c *canvas.Canvas) {
			c.Rotate(math.Pi / 2)
			c.FillString(face(t), vg.Point{X: 7, Y: 0}, "A")
		}, []string{"0.00000 1.00000 -1.00000 0.00000 100.00000 207.00000 cm", "10.00 Tf", "0.00 0.00 Td"}},
	} {
		ops := content(t, drawing(t, test.draw))
		rest := ops
		for _, want := range test.want {
			_, after, ok := strings.Cut(rest, want)
			if !ok {
				t.Errorf("%s: no %q, in this order, in\n%s", name, want, ops)
				break
			}
			rest = after
		}
	}
}

func face(t testing.TB) (f font.Face) {
	fonts, err := typeface.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return fonts.Main(typeface.Regular).At(10)
}

// TestArc: the curves in place of a circle must stay within 3e-4 of its radius,
// and end where the arc ends.
func TestArc(t *testing.T) {
	for _, angle := range []float64{0.3, math.Pi / 2, 2, -2.5, 2 * math.Pi, -2 * math.Pi} {
		ops := content(t, drawing(t, func(c *canvas.Canvas) {
			var p vg.Path
			p.Arc(vg.Point{X: 150, Y: 120}, 100, 0.4, angle)
			p.Close()
			c.Stroke(p)
		}))
		at := [2]float64{250 + 100*math.Cos(0.4), 320 + 100*math.Sin(0.4)}
		curves := regexp.MustCompile(`(?m)^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) c`).FindAllStringSubmatch(ops, -1)
		for _, m := range curves {
			var v [6]float64
			for i := range v {
				v[i], _ = strconv.ParseFloat(m[i+1], 64)
			}
			for s := 0.0; s <= 1; s += 0.05 {
				u := 1 - s
				x := u*u*u*at[0] + 3*u*u*s*v[0] + 3*u*s*s*v[2] + s*s*s*v[4]
				y := u*u*u*at[1] + 3*u*u*s*v[1] + 3*u*s*s*v[3] + s*s*s*v[5]
				if r := math.Hypot(x-250, y-320); math.Abs(r-100) > 0.04 {
					t.Errorf("angle %v: a point at distance %v from the centre", angle, r)
				}
			}
			at = [2]float64{v[4], v[5]}
		}
		if end := [2]float64{250 + 100*math.Cos(0.4+angle), 320 + 100*math.Sin(0.4+angle)}; math.Hypot(at[0]-end[0], at[1]-end[1]) > 0.02 {
			t.Errorf("angle %v: %d curves end at %v, not %v", angle, len(curves), at, end)
		}
	}
}

func TestImageOnce(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 4, 2))
	img.Set(1, 1, color.NRGBA{G: 255, A: 255})
	pdf := drawing(t, func(c *canvas.Canvas) {
		r := vg.Rectangle{Min: vg.Point{X: 10, Y: 20}, Max: vg.Point{X: 50, Y: 40}}
		c.DrawImage(r, img)
		c.DrawImage(r.Add(vg.Point{X: 100}), img)
	})
	if n := bytes.Count(pdf, []byte("/Subtype /Image")); n != 2 { // the picture and its mask
		t.Errorf("%d image objects, want one picture with one mask", n)
	}
	ops := content(t, pdf)
	if !strings.Contains(ops, "1.00000 0.00000 0.00000 1.00000 100.00000 200.00000 cm") || !regexp.MustCompile(`q 40\.00000 0 0 20\.00000 10\.00000 20\.00000 cm`).MatchString(ops) {
		t.Errorf("the image is not at its place:\n%s", ops)
	}
}

func TestNothingToDraw(t *testing.T) {
	empty := content(t, drawing(t, func(*canvas.Canvas) {}))
	got := content(t, drawing(t, func(c *canvas.Canvas) {
		c.Stroke(nil)
		c.Fill(nil)
		c.SetLineWidth(0)
		c.Stroke(path(vg.Point{}, vg.Point{X: 1}))
		c.FillString(font.Face{}, vg.Point{}, "size 0")
	}))
	if got != empty {
		t.Errorf("something was drawn:\n%s", got)
	}
}

func TestPopWithoutPush(t *testing.T) {
	defer func() {
		if r := recover(); r != "canvas: Pop without Push" {
			t.Errorf("recovered %v", r)
		}
	}()
	drawing(t, func(c *canvas.Canvas) { c.Pop() })
}

func TestSameBytes(t *testing.T) {
	draw := func(c *canvas.Canvas) {
		for i, s := range []string{"A", "模", "Ж", "\U0001F600"} {
			c.SetColor(color.NRGBA{R: uint8(40 * i), A: uint8(255 - 50*i)})
			c.FillString(face(t), vg.Point{X: vg.Length(20 * i), Y: 9}, s)
		}
	}
	want := drawing(t, draw)
	for range 20 {
		if !bytes.Equal(drawing(t, draw), want) {
			t.Fatal("the same drawing gave other bytes")
		}
	}
}

// TestTextColourAfterDrawing: the last colour of a drawing must not change the
// colour of the text after it, nor the other way round.
func TestTextColourAfterDrawing(t *testing.T) {
	fonts, _ := typeface.New(nil)
	red := color.NRGBA{R: 255, A: 255}
	d := canvas.NewDocument(200, 200, fonts)
	d.AddPage()
	d.Text(1, 1, typeface.Regular, 10, color.NRGBA{A: 255}, "black")
	c := d.Canvas(0, 0, 50, 50)
	c.SetColor(red)
	c.Fill(path(vg.Point{}, vg.Point{X: 5}, vg.Point{Y: 5}))
	c.Close()
	d.Text(1, 1, typeface.Regular, 10, red, "red")
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(content(t, b.Bytes()), "\nQ\n")
	if !strings.Contains(after, "1.000 0.000 0.000 rg") {
		t.Errorf("after the drawing the text's colour is not set:\n%s", after)
	}
}

// TestLook writes a page with all drawing operations to the folder that LOOK
// names.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("set LOOK to a folder to get a page in it")
	}
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, color.NRGBA{R: uint8(i * 4), B: 128, A: uint8(255 - i*3)})
	}
	pdf := drawing(t, func(c *canvas.Canvas) {
		c.DrawImage(vg.Rectangle{Min: vg.Point{X: 10, Y: 10}, Max: vg.Point{X: 70, Y: 70}}, img)
		for i, clr := range []color.NRGBA{{R: 255, A: 128}, {G: 200, A: 128}, {B: 255, A: 128}} {
			var p vg.Path
			p.Move(vg.Point{X: vg.Length(160 + 30*i), Y: 60})
			p.Arc(vg.Point{X: vg.Length(130 + 30*i), Y: 60}, 30, 0, 2*math.Pi)
			p.Close()
			c.SetColor(clr)
			c.Fill(p)
		}
		c.SetColor(color.Black)
		c.SetLineDash([]vg.Length{4, 2}, 0)
		c.Stroke(path(vg.Point{X: 10, Y: 120}, vg.Point{X: 500, Y: 240})) // leaves the rectangle: clipped
		for i := range 6 {
			c.Push()
			c.Translate(vg.Point{X: 100, Y: 170})
			c.Rotate(float64(i) * math.Pi / 3)
			c.FillString(face(t), vg.Point{X: 10}, "größe 模型 α")
			c.Pop()
		}
	})
	if err := os.WriteFile(filepath.Join(dir, "canvas.pdf"), pdf, 0o666); err != nil {
		t.Fatal(err)
	}
}
