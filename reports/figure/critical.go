package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// CriticalDifference is Demšar's diagram: models on a line of mean ranks; bars
// join models that are not separable. Source: Demšar, Statistical Comparisons of
// Classifiers over Multiple Data Sets, JMLR 7 (2006), figure 1.
type CriticalDifference struct {
	Names     []string  `json:"names"` // at most MaxCritical
	MeanRanks []float64 `json:"mean_ranks"`
	// Critical is the critical difference of mean ranks, drawn as a length; 0 if
	// the bars come from another test.
	Critical float64 `json:"critical,omitempty"`
	Bars     [][]int `json:"bars"` // groups of models, by index, that are not separable; groups of one are not drawn
}

// MaxCritical is the largest number of models in a critical-difference diagram.
const MaxCritical = 25

const (
	nameLine = vg.Length(11)
	barLine  = vg.Length(5)
	cdHead   = vg.Length(40) // room for the length of the critical difference and for the axis
)

// Figures draws the diagram.
func (d CriticalDifference) Figures(t Text) ([]*Figure, error) {
	switch {
	case len(d.Names) < 2:
		return nil, errors.New("it takes two or more models")
	case len(d.Names) > MaxCritical:
		return nil, fmt.Errorf("%d models are too many for a critical-difference diagram; choose at most %d", len(d.Names), MaxCritical)
	case len(d.MeanRanks) != len(d.Names):
		return nil, fmt.Errorf("%d mean ranks for %d models", len(d.MeanRanks), len(d.Names))
	}
	text := " Models hang from their mean ranks, 1 being the best. A bar joins models that are not told apart."
	if d.Critical > 0 {
		text += fmt.Sprintf(" CD, the critical difference, is %.2f ranks.", d.Critical)
	}
	levels := d.levels()
	depth := 0
	for _, l := range levels {
		depth = max(depth, l.level+1)
	}
	height := cdHead + barLine*vg.Length(depth+1) + nameLine*vg.Length((len(d.Names)+1)/2) + 10
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: t.Caption + text, Shown: d, Width: pictureWidth, Height: height,
		draw: func(c draw.Canvas, fonts *typeface.Family) { d.draw(newStage(c, fonts), levels, depth) }}}, nil
}

// order lists the models by mean rank.
func (d CriticalDifference) order() []int {
	order := make([]int, len(d.Names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case d.MeanRanks[i] < d.MeanRanks[j]:
			return -1
		case d.MeanRanks[i] > d.MeanRanks[j]:
			return 1
		}
		return 0
	})
	return order
}

// bar is a line that joins mean ranks, on a level below the axis.
type bar struct {
	from, to float64
	level    int
}

// levels gives a bar to each group of two or more, so that no two bars overlap.
func (d CriticalDifference) levels() []bar {
	var bars []bar
	for _, group := range d.Bars {
		if len(group) < 2 {
			continue
		}
		b := bar{from: math.Inf(1), to: math.Inf(-1)}
		for _, i := range group {
			b.from, b.to = min(b.from, d.MeanRanks[i]), max(b.to, d.MeanRanks[i])
		}
		bars = append(bars, b)
	}
	slices.SortStableFunc(bars, func(a, b bar) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	var ends []float64 // where the last bar of each level ends
	for i := range bars {
		level := 0
		for level < len(ends) && ends[level] >= bars[i].from-0.03*float64(len(d.Names)) {
			level++
		}
		if level == len(ends) {
			ends = append(ends, 0)
		}
		ends[level], bars[i].level = bars[i].to, level
	}
	return bars
}

func (d CriticalDifference) draw(s stage, bars []bar, depth int) {
	name := lettering{size: tickSize - 0.5, y: draw.YCenter}
	side := min(s.widest(name, d.Names)+34, s.Size().X*0.33)
	axis := s.part(s.Min.X+side, s.Max.X-side, s.Max.Y-cdHead, s.Max.Y-cdHead+14)
	k := float64(len(d.Names))
	x := func(rank float64) vg.Length { return axis.X((rank - 1) / (k - 1)) }
	d.ruler(axis, x)
	if d.Critical > 0 && d.Critical <= k-1 {
		y := s.Max.Y - 12
		for _, end := range []vg.Length{x(1), x(1 + d.Critical)} {
			s.line(end, y-2.5, end, y+2.5, 0.8, ink)
		}
		s.line(x(1), y, x(1+d.Critical), y, 0.8, ink)
		s.write((x(1)+x(1+d.Critical))/2, y+3, lettering{size: smallSize, x: draw.XCenter}, fmt.Sprintf("CD = %.2f", d.Critical))
	}
	for _, b := range bars {
		y := axis.Min.Y - barLine*(vg.Length(b.level)+1)
		s.line(x(b.from)-2.5, y, x(b.to)+2.5, y, 2.6, palette[0])
	}
	d.hang(s, axis, x, axis.Min.Y-barLine*vg.Length(depth+1)-4, name, side)
}

// ruler draws the axis of mean ranks.
func (d CriticalDifference) ruler(axis stage, x func(float64) vg.Length) {
	axis.line(axis.Min.X, axis.Min.Y, axis.Max.X, axis.Min.Y, 0.8, ink)
	step := max(1, (len(d.Names)+11)/12)
	for rank := 1; rank <= len(d.Names); rank++ {
		long := (rank-1)%step == 0
		length := vg.Length(2)
		if long {
			length = 3.5
			axis.write(x(float64(rank)), axis.Min.Y+5, lettering{size: smallSize, x: draw.XCenter}, fmt.Sprint(rank))
		}
		axis.line(x(float64(rank)), axis.Min.Y, x(float64(rank)), axis.Min.Y+length, 0.7, ink)
	}
}

// hang writes the names: the better half at the left from the top down, the
// others at the right from the bottom up. In this order, no two lines cross.
func (d CriticalDifference) hang(s, axis stage, x func(float64) vg.Length, top vg.Length, name lettering, side vg.Length) {
	order := d.order()
	half := (len(order) + 1) / 2
	small := lettering{size: smallSize - 0.5, y: draw.YCenter, color: faint}
	for place, i := range order {
		at := x(d.MeanRanks[i])
		rank := fmt.Sprintf("%.2f", d.MeanRanks[i])
		if place < half {
			y := top - nameLine*(vg.Length(place)+0.5)
			s.line(at, axis.Min.Y, at, y, 0.6, faint)
			s.line(at, y, s.Min.X+side-4, y, 0.6, faint)
			name.x, small.x = draw.XRight, draw.XLeft
			s.writeWithin(s.Min.X+side-7, y, side-30, name, d.Names[i])
			s.write(s.Min.X, y, small, rank)
			continue
		}
		y := top - nameLine*(vg.Length(len(order)-1-place)+0.5)
		s.line(at, axis.Min.Y, at, y, 0.6, faint)
		s.line(at, y, s.Max.X-side+4, y, 0.6, faint)
		name.x, small.x = draw.XLeft, draw.XRight
		s.writeWithin(s.Max.X-side+7, y, side-30, name, d.Names[i])
		s.write(s.Max.X, y, small, rank)
	}
}
