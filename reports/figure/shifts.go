package figure

import (
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/metrics"
	"abstain/reports/typeface"
)

// Shifts draws what one treatment of the same models does to several metrics: a row for
// each metric, with the medians before and after, the models by their change, better at the
// right, and the shares that are better, the same and worse.
type Shifts struct {
	Rows   []Shift   `json:"rows"`
	Width  vg.Length `json:"-"` // 0: that of a page's text
	Height vg.Length `json:"-"` // 0: as high as the rows need
}

// Shift is a metric.
type Shift struct {
	Label   string            `json:"label"` // with its unit: "ECE@15 %"
	Better  metrics.Direction `json:"-"`
	Medians string            `json:"medians"` // as printed: "0.525 → 0.504"
	Changes []float64         `json:"changes"` // of each model, in the printed unit, with their own sign
	Median  Value             `json:"median"`  // of the changes, with its interval
	P       string            `json:"p"`       // as printed; "" if it was not tested
	Verdict Verdict           `json:"verdict"`
}

const (
	shiftHead  = vg.Length(18)
	shiftLeast = vg.Length(22)
	shiftUsual = vg.Length(30)
	shiftMost  = vg.Length(36)
	shiftBins  = 26 // on either side of 0
)

// Range is the least and the largest height at which the figure is legible.
func (f Shifts) Range() (least, most vg.Length) {
	n := vg.Length(len(f.Rows))
	return shiftHead + shiftLeast*n, shiftHead + shiftMost*n
}

// Figures lays the rows out. It is an error if no metric has a change.
func (f Shifts) Figures(t Text) ([]*Figure, error) {
	rows := slices.DeleteFunc(slices.Clone(f.Rows), func(r Shift) bool { return len(r.Changes) == 0 })
	if len(rows) == 0 {
		return nil, errors.New("no model has a value before and after")
	}
	shown := f
	shown.Rows = rows
	height := f.Height
	if height == 0 {
		height = shiftHead + shiftUsual*vg.Length(len(rows))
	}
	reading := "Bars: models by their change, turned so that right is better; each row has its own scale, and the numbers" +
		" at its ends count the models beyond it. Diamond and line: median and interval. Grey share: unchanged."
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: strings.TrimSpace(t.Caption + " " + reading), Shown: f,
		Width: plotWidth(f.Width), Height: height,
		draw: func(c draw.Canvas, fonts *typeface.Family) { shown.draw(flatStage(c, fonts)) }}}, nil
}

// turned is a change with better above 0.
func (r Shift) turned(v float64) float64 {
	if r.Better == metrics.Lower {
		return -v
	}
	return v
}

// bound is the end of the row's scale, a round number: about four in five changes are inside.
func (r Shift) bound() float64 {
	sizes := make([]float64, 0, len(r.Changes))
	for _, v := range r.Changes {
		sizes = append(sizes, math.Abs(v))
	}
	slices.Sort(sizes)
	b := sizes[min(len(sizes)-1, len(sizes)*4/5)]
	if b == 0 {
		b = sizes[len(sizes)-1]
	}
	if b == 0 {
		return 1
	}
	return roundBelow(b * 1.2)
}

// counts of models in bins from the worse end to the better, and beyond both ends.
func (r Shift) counts(bound float64) (bins [2 * shiftBins]int, worse, better int) {
	for _, v := range r.Changes {
		x := r.turned(v)
		switch {
		case x < -bound:
			worse++
		case x > bound:
			better++
		case x != 0:
			at := int(math.Floor(x/bound*shiftBins)) + shiftBins
			bins[min(max(at, 0), 2*shiftBins-1)]++
		}
	}
	return bins, worse, better
}

// shares are the numbers of models that are better, unchanged and worse.
func (r Shift) shares() (better, same, worse int) {
	for _, v := range r.Changes {
		switch x := r.turned(v); {
		case x > 0:
			better++
		case x < 0:
			worse++
		default:
			same++
		}
	}
	return better, same, worse
}

// shiftColumns are the right ends of the columns' parts, as places on the stage.
type shiftColumns struct{ label, medians, plotLeft, plotRight, barLeft, barRight vg.Length }

func (f Shifts) columns(s stage) shiftColumns {
	w := s.Size().X
	if w < 120*vg.Millimeter {
		return shiftColumns{s.Min.X, 0, s.Min.X + w*0.36, s.Min.X + w*0.68, s.Min.X + w*0.81, s.Max.X}
	}
	return shiftColumns{s.Min.X, s.Min.X + w*0.26, s.Min.X + w*0.34, s.Min.X + w*0.70, s.Min.X + w*0.755, s.Min.X + w*0.9}
}

func (f Shifts) draw(s stage) {
	col := f.columns(s)
	f.head(s, col)
	top := s.Max.Y - shiftHead
	high := (top - s.Min.Y) / vg.Length(len(f.Rows))
	for i, r := range f.Rows {
		y := top - high*vg.Length(i)
		f.row(s.part(s.Min.X, s.Max.X, y-high, y), r, col)
	}
}

func (f Shifts) head(s stage, col shiftColumns) {
	y := s.Max.Y - shiftHead + 5
	small := lettering{size: tinySize, color: slateText}
	s.write(col.label, y, small, "metric")
	middle := (col.plotLeft + col.plotRight) / 2
	if col.medians > 0 {
		m := small
		m.x = draw.XRight
		s.write(col.medians, y, m, "median before → after")
		small.x = draw.XCenter
		s.write(middle, y, small, "‹ worse    change of each model    better ›")
		s.write((col.barLeft+col.barRight)/2, y, small, "share of models better")
		m.x = draw.XRight
		s.write(s.Max.X, y, m, "p, Holm")
	} else {
		small.x = draw.XCenter
		s.write(middle, y, small, "‹ worse  change  better ›")
		s.write((col.barLeft+col.barRight)/2, y, small, "better")
	}
	s.line(s.Min.X, s.Max.Y-shiftHead, s.Max.X, s.Max.Y-shiftHead, 0.6, plainInk)
}

// row draws a metric; the stage is its row.
func (f Shifts) row(s stage, r Shift, col shiftColumns) {
	middle := s.Center().Y
	name := lettering{size: noteSize, bold: true, y: draw.YCenter, color: plainInk}
	label := r.Label
	switch r.Better {
	case metrics.Lower:
		label += "\u00a0↓"
	case metrics.Higher:
		label += "\u00a0↑"
	}
	s.line(s.Min.X, s.Min.Y, s.Max.X, s.Min.Y, 0.4, seam)
	if col.medians > 0 {
		room := col.medians - col.label - s.width(lettering{size: noteSize}, r.Medians) - 8
		lines := s.twoLines(name, label, room)
		for i, line := range lines {
			s.writeWithin(col.label, middle+4.4*vg.Length(len(lines)-1)-8.8*vg.Length(i), room, name, line)
		}
		s.write(col.medians, middle, lettering{size: noteSize, x: draw.XRight, y: draw.YCenter, color: slateText}, r.Medians)
		clr, bold := r.Verdict.words()
		s.write(s.Max.X, middle, lettering{size: noteSize, bold: bold, x: draw.XRight, y: draw.YCenter, color: clr}, r.P)
	} else {
		room := col.plotLeft - col.label - 22
		if s.width(name, label) > room {
			name.size = 6
		}
		s.writeWithin(col.label, middle+4.5, room, name, label)
		s.writeWithin(col.label, middle-4.5, room, lettering{size: tinySize, y: draw.YCenter, color: slateText}, r.Medians)
	}
	f.histogram(s.part(col.plotLeft, col.plotRight, s.Min.Y+1, s.Max.Y-1), r)
	f.bar(s.part(col.barLeft, col.barRight, middle-5.5, middle+5.5), r)
}

// histogram draws the models by their change.
func (f Shifts) histogram(s stage, r Shift) {
	bound := r.bound()
	bins, worse, better := r.counts(bound)
	most := slices.Max(bins[:])
	wide := s.Size().X / (2 * shiftBins)
	top := s.Max.Y - 8 // the median stands above
	for i, n := range bins {
		if n == 0 {
			continue
		}
		clr := rustWash
		if i >= shiftBins {
			clr = blue
		}
		x := s.Min.X + wide*vg.Length(i)
		s.box(clr, x+0.15, s.Min.Y, x+wide-0.15, s.Min.Y+(top-s.Min.Y)*vg.Length(n)/vg.Length(most))
	}
	zero := s.Center().X
	s.line(zero, s.Min.Y, zero, s.Max.Y, 0.6, plainInk)
	at := func(v float64) vg.Length {
		return s.X(0.5 + 0.5*math.Max(-1, math.Min(1, r.turned(v)/bound)))
	}
	y := s.Max.Y - 4
	if r.Median.Interval() {
		s.line(at(r.Median.Lo), y, at(r.Median.Hi), y, 0.9, plainInk)
	}
	if finite(r.Median.At) {
		s.markAt(at(r.Median.At), y, 1.6, plainInk, true, true)
	}
	f.ends(s, r, bound, worse, better)
}

// ends writes the scale's ends and the models beyond them.
func (f Shifts) ends(s stage, r Shift, bound float64, worse, better int) {
	tiny := lettering{size: 6, color: slateText}
	left, right := tiny, tiny
	left.x = draw.XRight
	s.write(s.Min.X-3, s.Min.Y+1.5, left, signed(r.turned(-bound)))
	s.write(s.Max.X+3, s.Min.Y+1.5, right, signed(r.turned(bound)))
	if worse > 0 {
		left.color = rust
		s.write(s.Min.X-3, s.Min.Y+9.5, left, fmt.Sprintf("‹ %d", worse))
	}
	if better > 0 {
		right.color = blue
		s.write(s.Max.X+3, s.Min.Y+9.5, right, fmt.Sprintf("%d ›", better))
	}
}

// bar draws the shares of models that are better, unchanged and worse.
func (f Shifts) bar(s stage, r Shift) {
	better, same, worse := r.shares()
	n := vg.Length(better + same + worse)
	x := s.Min.X
	for k, count := range []int{better, same, worse} {
		wide := s.Size().X * vg.Length(count) / n
		s.box([...]color.NRGBA{blue, seam, rustWash}[k], x, s.Min.Y, x+wide, s.Max.Y)
		x += wide
	}
	share := fmt.Sprintf("%.0f\u00a0%%", 100*float64(better)/float64(n))
	label := lettering{size: noteSize, bold: true, y: draw.YCenter, color: none}
	if s.Size().X*vg.Length(better)/n < s.width(label, share)+6 {
		label.color = plainInk
	}
	s.write(s.Min.X+3, s.Center().Y, label, share)
}
