package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// Matrix is a table of coloured cells with their values printed: correlations
// between metrics, overlap of top lists, wins and losses.
type Matrix struct {
	Rows    []string `json:"rows"`
	Columns []string `json:"columns"`
	// Cells are one row after the other.
	Cells [][]Cell `json:"cells"`
	// Scale says what the colour shows: "Spearman's rank correlation". It runs
	// from Low to High: with Diverging from one hue over white in the middle to
	// another hue, otherwise from white to one hue.
	Scale     string  `json:"scale"`
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Diverging bool    `json:"diverging"`
	// RowTitle and ColumnTitle say what rows and columns are, if their names do
	// not tell.
	RowTitle    string `json:"row_title,omitempty"`
	ColumnTitle string `json:"column_title,omitempty"`
}

// Cell is one entry. A value that is not finite has no colour.
type Cell struct {
	Value Value  `json:"value"`          // At decides the colour
	Text  string `json:"text,omitempty"` // printed; "": At with two decimals
	Bold  bool   `json:"bold,omitempty"` // for significant values
}

// text is the text in a cell.
func (c Cell) text() string {
	if c.Text == "" && finite(c.Value.At) {
		return fmt.Sprintf("%.2f", c.Value.At)
	}
	return c.Text
}

const matrixFoot = vg.Length(34) // the key to the colours

// Figures draws the whole matrix on one page; with more cells, each is smaller.
// Above about 40 rows or columns there is no room for text, and only the colours
// are left.
func (m Matrix) Figures(t Text) ([]*Figure, error) {
	if len(m.Rows) == 0 || len(m.Columns) == 0 {
		return nil, errors.New("there are no cells")
	}
	if len(m.Cells) != len(m.Rows) {
		return nil, fmt.Errorf("%d rows of cells for %d names", len(m.Cells), len(m.Rows))
	}
	for i, row := range m.Cells {
		if len(row) != len(m.Columns) {
			return nil, fmt.Errorf("row %q has %d cells for %d columns", m.Rows[i], len(row), len(m.Columns))
		}
	}
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: t.Caption, Shown: m, Width: pictureWidth, Height: m.height(),
		draw: func(c draw.Canvas, fonts *typeface.Family) { m.draw(newStage(c, fonts)) }}}, nil
}

// height makes cells 0.62 times as high as wide, if the page has room.
func (m Matrix) height() vg.Length {
	wide := min(pictureWidth*0.72/vg.Length(len(m.Columns)), 60)
	high := min(max(wide*0.62, 13), 24)
	return min(matrixFoot+high*vg.Length(len(m.Rows))+m.head(wide), pictureHeight)
}

// standing is the width of columns below which their names are vertical.
const standing = 18

// head is the height of the names of columns. They are slanted if they do not fit
// their columns, and vertical if the columns are narrow.
func (m Matrix) head(wide vg.Length) vg.Length {
	longest := 0
	for _, name := range m.Columns {
		longest = max(longest, len([]rune(name)))
	}
	if vg.Length(longest)*smallSize*0.55 < wide {
		return 24
	}
	if wide < standing {
		return min(vg.Length(longest)*smallSize*0.55+16, 130)
	}
	return min(vg.Length(longest)*smallSize*0.55*0.72+20, 110)
}

// Hues of the scale, safe for colour-blind readers and equally dark at both ends.
var (
	lowHue  = color.NRGBA{0xB3, 0x58, 0x06, 0xff} // orange-brown
	highHue = color.NRGBA{0x33, 0x22, 0x88, 0xff} // indigo
)

// color is the colour of a value; dark reports whether text on it must be light.
func (m Matrix) color(v float64) (clr color.NRGBA, dark bool) {
	share := math.Max(0, math.Min(1, (v-m.Low)/(m.High-m.Low)))
	hue := highHue
	if m.Diverging {
		if share = 2*share - 1; share < 0 {
			share, hue = -share, lowHue
		}
	}
	clr = mix(none, hue, 0.92*share)
	return clr, !bright(clr)
}

func (m Matrix) draw(s stage) {
	name := lettering{size: smallSize, x: draw.XRight, y: draw.YCenter}
	left := min(s.widest(name, m.Rows), s.Size().X*0.3) + 5
	if m.RowTitle != "" {
		left += 12
	}
	right := vg.Length(16) // a slanted name extends beyond the last column
	wide := min((s.Size().X-left-right)/vg.Length(len(m.Columns)), 60)
	if spare := s.Size().X - left - right - wide*vg.Length(len(m.Columns)); spare > 0 {
		s.Min.X += spare / 2
	}
	head := m.head(wide)
	high := (s.Size().Y - matrixFoot - head) / vg.Length(len(m.Rows))
	body := s.part(s.Min.X+left, s.Min.X+left+wide*vg.Length(len(m.Columns)), s.Min.Y+matrixFoot, s.Max.Y-head)
	size := m.letters(s, wide, high)
	for i, row := range m.Rows {
		y := body.Max.Y - high*(vg.Length(i)+0.5)
		s.writeWithin(body.Min.X-4, y, left-5, name, row)
		for j := range m.Columns {
			m.cell(body.part(body.Min.X+wide*vg.Length(j), body.Min.X+wide*vg.Length(j+1), y-high/2, y+high/2), m.Cells[i][j], size)
		}
	}
	m.heads(s, body, wide, head)
	if m.RowTitle != "" {
		s.write(s.Min.X, body.Center().Y, lettering{size: tickSize, x: draw.XCenter, y: draw.YTop, turn: math.Pi / 2}, m.RowTitle)
	}
	m.key(s.part(body.Min.X, s.Max.X, s.Min.Y, s.Min.Y+matrixFoot-10))
}

// letters is the size at which the longest text fits its cell; 0 if it would be
// too small to read.
func (m Matrix) letters(s stage, wide, high vg.Length) vg.Length {
	longest := vg.Length(0)
	for _, row := range m.Cells {
		for _, c := range row {
			longest = max(longest, s.width(lettering{size: 1, bold: true}, c.text()))
		}
	}
	size := min(smallSize, high*0.6)
	if longest > 0 {
		size = min(size, (wide-1)/longest)
	}
	if size < 3.2 {
		return 0
	}
	return size
}

func (m Matrix) cell(s stage, c Cell, size vg.Length) {
	ground, dark := none, false
	if finite(c.Value.At) {
		ground, dark = m.color(c.Value.At)
	}
	s.box(ground, s.Min.X, s.Min.Y, s.Max.X, s.Max.Y)
	s.StrokeLines(draw.LineStyle{Color: none, Width: 0.7}, append(corners(s.Canvas), s.Min))
	if size == 0 {
		return
	}
	words := lettering{size: size, x: draw.XCenter, y: draw.YCenter, bold: c.Bold}
	if dark {
		words.color = none
	}
	s.write(s.Center().X, s.Center().Y, words, c.text())
}

// heads writes the names of the columns, slanted if the columns are narrow.
func (m Matrix) heads(s, body stage, wide, head vg.Length) {
	upright := head == 24
	for j, column := range m.Columns {
		x := body.Min.X + wide*(vg.Length(j)+0.5)
		if upright {
			s.writeWithin(x, body.Max.Y+4, wide-2, lettering{size: smallSize, x: draw.XCenter}, column)
			continue
		}
		if wide < standing {
			s.writeWithin(x, body.Max.Y+4, head-14, lettering{size: smallSize, turn: math.Pi / 2, y: draw.YCenter}, column)
			continue
		}
		s.writeWithin(x, body.Max.Y+4, (head-16)/0.72, lettering{size: smallSize, turn: math.Pi / 4, y: draw.YCenter}, column)
	}
	if m.ColumnTitle != "" {
		s.write(body.Center().X, s.Max.Y, lettering{size: tickSize, x: draw.XCenter, y: draw.YTop}, m.ColumnTitle)
	}
}

// key draws the colours with their values.
func (m Matrix) key(s stage) {
	const steps, height = 60, vg.Length(7)
	width := min(s.Size().X*0.5, 150)
	y := s.Max.Y - height - 2
	for i := range steps {
		clr, _ := m.color(m.Low + (float64(i)+0.5)/steps*(m.High-m.Low))
		s.box(clr, s.Min.X+width*vg.Length(i)/steps, y, s.Min.X+width, y+height) // each box covers the rest, so that there are no seams
	}
	small := lettering{size: smallSize, x: draw.XCenter, y: draw.YTop}
	for _, t := range (scale{low: m.Low, high: m.High}).ticks() {
		x := s.Min.X + width*vg.Length((t.Value-m.Low)/(m.High-m.Low))
		s.write(x, y-2, small, t.Label)
	}
	s.writeWithin(s.Min.X+width+8, y+height/2, s.Size().X-width-8, lettering{size: tickSize, y: draw.YCenter}, m.Scale)
}
