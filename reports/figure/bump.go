package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// Bump shows how a ranking changes from metric to metric: there is a column for
// each metric, and a line for each model from its rank in one to its rank in the
// next.
type Bump struct {
	Metrics []string `json:"metrics"` // names of the columns, from left to right
	// Top is how many places are drawn, at most 40. Where a line leaves them, the
	// rank it goes to or comes from is written. Models that never reach them are
	// left out.
	Top    int         `json:"top"`
	Models []BumpModel `json:"models"`
}

// BumpModel is one line.
type BumpModel struct {
	Name  string `json:"name"`
	Ranks []int  `json:"ranks"` // by metric, 1 = best; 0: undefined
}

const (
	bumpRow  = vg.Length(13)
	bumpHead = vg.Length(30)
)

// Figures draws the top places. If models share a rank, the later ones take the
// next free places below.
func (b Bump) Figures(t Text) ([]*Figure, error) {
	if len(b.Metrics) < 2 {
		return nil, errors.New("it takes two or more metrics")
	}
	all := len(b.Models)
	b.Top = min(b.Top, 40)
	b.Models = slices.DeleteFunc(slices.Clone(b.Models), func(m BumpModel) bool {
		return !slices.ContainsFunc(m.Ranks, func(r int) bool { return r > 0 && r <= b.Top })
	})
	if len(b.Models) == 0 {
		return nil, errors.New("no model is among the top")
	}
	for _, m := range b.Models {
		if len(m.Ranks) != len(b.Metrics) {
			return nil, fmt.Errorf("%s has %d ranks for %d metrics", m.Name, len(m.Ranks), len(b.Metrics))
		}
	}
	places := b.places()
	text := fmt.Sprintf(" The %d best of %d models by each metric, one column a metric, the best at the top; numbers are ranks. "+
		"A small grey number is the rank of a model in the next column, or the one before, where it is not among the %d best. In colour: the best by the first metric.", b.Top, all, b.Top)
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: t.Caption + text, Shown: b, Width: pictureWidth,
		Height: bumpHead + bumpRow*vg.Length(b.rows(places)) + 6,
		draw:   func(c draw.Canvas, fonts *typeface.Family) { b.draw(newStage(c, fonts), places) }}}, nil
}

// places is the row of each model in each column, counted from 0; -1 if the model
// is not drawn there.
func (b Bump) places() [][]int {
	places := make([][]int, len(b.Models))
	for i := range places {
		places[i] = slices.Repeat([]int{-1}, len(b.Metrics))
	}
	for j := range b.Metrics {
		var in []int
		for i, m := range b.Models {
			if m.Ranks[j] > 0 && m.Ranks[j] <= b.Top {
				in = append(in, i)
			}
		}
		slices.SortStableFunc(in, func(p, q int) int { return b.Models[p].Ranks[j] - b.Models[q].Ranks[j] })
		next := 0
		for _, i := range in {
			next = max(next, b.Models[i].Ranks[j]-1)
			places[i][j] = next
			next++
		}
	}
	return places
}

// rows is the number of rows, including models that tie at the last place.
func (b Bump) rows(places [][]int) int {
	rows := 0
	for _, p := range places {
		rows = max(rows, slices.Max(p)+1)
	}
	return rows
}

func (b Bump) draw(s stage, places [][]int) {
	name := lettering{size: smallSize + 0.5, y: draw.YCenter}
	last := len(b.Metrics) - 1
	var begin, end []string
	for i, m := range b.Models {
		if places[i][0] >= 0 {
			begin = append(begin, m.Name)
		}
		if places[i][last] >= 0 {
			end = append(end, m.Name)
		}
	}
	left := min(s.widest(name, begin), s.Size().X*0.27)
	right := min(s.widest(name, end), s.Size().X*0.27)
	body := s.part(s.Min.X+left+14, s.Max.X-right-14, s.Min.Y, s.Max.Y-bumpHead)
	at := func(i, j int) vg.Point {
		return vg.Point{X: body.X(float64(j) / float64(last)), Y: body.Max.Y - bumpRow*(vg.Length(places[i][j])+0.5)}
	}
	colors := b.colors(places)
	for _, grey := range []bool{true, false} {
		for i := range b.Models {
			if (colors[i] == other) == grey {
				b.line(body, i, places, colors[i], at)
			}
		}
	}
	for i, m := range b.Models {
		if places[i][0] >= 0 {
			l := name
			l.x = draw.XRight
			s.writeWithin(body.Min.X-9, at(i, 0).Y, left, l, m.Name)
		}
		if places[i][last] >= 0 {
			s.writeWithin(body.Max.X+9, at(i, last).Y, right, name, m.Name)
		}
	}
	b.heads(s, body, last)
}

// heads writes the names of the columns, slanted if the columns are narrow.
func (b Bump) heads(s, body stage, last int) {
	wide := body.Size().X / vg.Length(last)
	l := lettering{size: smallSize, bold: true, x: draw.XCenter}
	if s.widest(l, b.Metrics) > wide-4 {
		l.x, l.turn = draw.XLeft, math.Pi/7
	}
	for j, metric := range b.Metrics {
		s.writeWithin(body.X(float64(j)/float64(last)), body.Max.Y+5, max(wide*1.3, 60), l, metric)
	}
}

// colors gives the palette to the first models of the first column.
func (b Bump) colors(places [][]int) []color.NRGBA {
	colors := make([]color.NRGBA, len(b.Models))
	for i := range b.Models {
		colors[i] = other
		if p := places[i][0]; p >= 0 && p < len(palette) {
			colors[i] = palette[p]
		}
	}
	return colors
}

// line draws one model. Its line is joined where the model stays among the top;
// elsewhere the rank it comes from or goes to is written.
func (b Bump) line(body stage, i int, places [][]int, clr color.NRGBA, at func(i, j int) vg.Point) {
	const radius = vg.Length(4.6)
	ranks := b.Models[i].Ranks
	small := lettering{size: 5, y: draw.YCenter, color: faint}
	for j := range b.Metrics {
		if places[i][j] < 0 {
			continue
		}
		p := at(i, j)
		if j+1 < len(b.Metrics) {
			if places[i][j+1] >= 0 {
				q := at(i, j+1)
				body.line(p.X, p.Y, q.X, q.Y, 1.6, withAlpha(clr, 0xd0))
			} else if ranks[j+1] > 0 {
				body.line(p.X, p.Y, p.X+radius+2.5, p.Y-2.5, 1.2, withAlpha(clr, 0xd0))
				small.x = draw.XLeft
				body.write(p.X+radius+3, p.Y-3.5, small, fmt.Sprint(ranks[j+1]))
			}
		}
		if j > 0 && places[i][j-1] < 0 && ranks[j-1] > 0 {
			body.line(p.X, p.Y, p.X-radius-2.5, p.Y+2.5, 1.2, withAlpha(clr, 0xd0))
			small.x = draw.XRight
			body.write(p.X-radius-3, p.Y+3.5, small, fmt.Sprint(ranks[j-1]))
		}
	}
	for j := range b.Metrics {
		if places[i][j] < 0 {
			continue
		}
		p := at(i, j)
		body.dot(p.X, p.Y, radius, clr)
		l := lettering{size: 5.5, x: draw.XCenter, y: draw.YCenter, color: none, bold: true}
		if bright(clr) {
			l.color = ink
		}
		body.write(p.X, p.Y, l, fmt.Sprint(ranks[j]))
	}
}

// bright reports whether dark text is easier to read on a colour than light text
// (by relative luminance).
func bright(c color.NRGBA) bool {
	return 0.2126*float64(c.R)+0.7152*float64(c.G)+0.0722*float64(c.B) > 135
}
