package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/metrics"
	"abstain/reports/typeface"
)

// Lanes draws each model as a dot in the lane of its kind, at its value, filled where it is
// tied with the best. The lanes with the largest share of tied models are above.
type Lanes struct {
	Axis   Axis   `json:"axis"`
	Lanes  []Lane `json:"lanes"`
	Tested bool   `json:"tested"` // the models were compared with the best, so that Tied says something

	Width  vg.Length `json:"-"` // 0: that of a page's text
	Height vg.Length `json:"-"` // 0: as high as the dots need
}

// Lane is a kind of model.
type Lane struct {
	Name string    `json:"name"`
	Dots []LaneDot `json:"dots"`
}

// LaneDot is one model.
type LaneDot struct {
	Model string  `json:"model"`
	Value float64 `json:"value"`
	Tied  bool    `json:"tied"`
}

// mostLanes is how many lanes a figure has; the others, which are the smallest, share one.
const mostLanes = 18

func (l Lane) tied() int {
	n := 0
	for _, d := range l.Dots {
		if d.Tied {
			n++
		}
	}
	return n
}

// Figures lays the lanes out. Models without a value are left out; it is an error if
// none has one.
func (l Lanes) Figures(t Text) ([]*Figure, error) {
	sorted, missing := l.sorted()
	if len(sorted) == 0 {
		return nil, errors.New("no model has a value")
	}
	l.Lanes = sorted
	axis, beyond := l.bounds()
	shape := l.shape(axis)
	height := l.Height
	if height == 0 {
		height = min(shape.natural(), 560) // with smaller dots if it has to be
	}
	caption := t.Caption + " " + l.reading(axis, beyond) + leftOut(missing, "model", "no value")
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: strings.TrimSpace(caption), Shown: l,
		Width: plotWidth(l.Width), Height: height,
		draw: func(c draw.Canvas, fonts *typeface.Family) { l.draw(flatStage(c, fonts), axis) }}}, nil
}

// reading says how to read the marks.
func (l Lanes) reading(axis scale, beyond int) string {
	text := "One dot per model, one lane per kind"
	if l.Tested {
		text += ", sorted by the share that is tied with the best. Filled: tied, not told apart from the best; hollow: proven worse." +
			" A filled dot far off has a difference too noisy to prove."
	} else {
		text += "."
	}
	if beyond > 0 {
		mark := "“+3 ›”"
		if l.Axis.Better == metrics.Higher {
			mark = "“‹ +3”"
		}
		text += fmt.Sprintf(" %s: so many models lie beyond the axis.", mark)
	}
	return text
}

// sorted are the lanes with at least one value, those with most ties first, and how many
// models have no value. The smallest lanes without a tie become one if there are too many.
func (l Lanes) sorted() (lanes []Lane, missing int) {
	for _, lane := range l.Lanes {
		kept := Lane{Name: lane.Name}
		for _, d := range lane.Dots {
			if finite(d.Value) && (d.Value > 0 || !l.Axis.Log) {
				kept.Dots = append(kept.Dots, d)
			} else {
				missing++
			}
		}
		if len(kept.Dots) > 0 {
			lanes = append(lanes, kept)
		}
	}
	share := func(x Lane) float64 { return float64(x.tied()) / float64(len(x.Dots)) }
	median := func(x Lane) float64 {
		var values []float64
		for _, d := range x.Dots {
			values = append(values, d.Value)
		}
		slices.Sort(values)
		m := values[len(values)/2]
		if l.Axis.Better == metrics.Higher {
			return -m
		}
		return m
	}
	slices.SortStableFunc(lanes, func(a, b Lane) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(median(a), median(b)), cmp.Compare(a.Name, b.Name))
	})
	return mergeLanes(lanes), missing
}

// mergeLanes puts the smallest lanes into one.
func mergeLanes(lanes []Lane) []Lane {
	if len(lanes) <= mostLanes {
		return lanes
	}
	bySize := slices.Clone(lanes)
	slices.SortStableFunc(bySize, func(a, b Lane) int { return cmp.Compare(len(b.Dots), len(a.Dots)) })
	small := map[string]bool{}
	rest := Lane{}
	for _, lane := range bySize[mostLanes-1:] {
		small[lane.Name] = true
		rest.Dots = append(rest.Dots, lane.Dots...)
	}
	rest.Name = fmt.Sprintf("%d others", len(small))
	kept := slices.DeleteFunc(slices.Clone(lanes), func(x Lane) bool { return small[x.Name] })
	return append(kept, rest)
}

// bounds is the axis, and how many models lie beyond its worse end: a few far values must
// not press all others together. All tied models are always inside.
func (l Lanes) bounds() (scale, int) {
	var all, tied []float64
	for _, lane := range l.Lanes {
		for _, d := range lane.Dots {
			all = append(all, d.Value)
			if d.Tied {
				tied = append(tied, d.Value)
			}
		}
	}
	slices.Sort(all)
	inside := slices.Clone(all)
	if n := len(all); n >= 20 && l.Axis.Better != metrics.None {
		cut := n - n/20 // one in twenty may be beyond
		if l.Axis.Better == metrics.Higher {
			inside = all[n-cut:]
		} else {
			inside = all[:cut]
		}
	}
	z := newScale(l.Axis.Log, append(slices.Clone(inside), tied...)...)
	if span := newScale(l.Axis.Log, all...); z.width() > 0.75*span.width() {
		z = span
	}
	beyond := 0
	for _, v := range all {
		if at := z.of(v); at < 0 || at > 1 {
			beyond++
		}
	}
	return z, beyond
}

// manyTicks labels, on a logarithmic scale of less than a decade, every step.
func (z scale) manyTicks() []plot.Tick {
	ticks := z.ticks()
	if z.log && z.width() < 1 {
		for i := range ticks {
			ticks[i].Label = short(ticks[i].Value)
		}
	}
	return ticks
}

// width is the length of the scale, in decades if it is logarithmic.
func (z scale) width() float64 {
	if z.log {
		return math.Log10(z.high / z.low)
	}
	return z.high - z.low
}

// laneShape is where the dots of the lanes are, for one size of dots.
type laneShape struct {
	pitch  vg.Length // between dots
	places [][]vg.Point
	high   []vg.Length // of the lanes, with the room around the dots
}

const (
	laneHead  = vg.Length(16)  // the key
	laneFoot  = vg.Length(25)  // ticks and label of the axis
	laneRoom  = vg.Length(4.5) // above and below the dots of a lane
	laneLeast = vg.Length(10.5)
	dotPitch  = vg.Length(3.6)
)

func (s laneShape) natural() vg.Length {
	sum := laneHead + laneFoot
	for _, h := range s.high {
		sum += max(h, 14)
	}
	return sum
}

// columns are the left and right edges of the dots' part.
func (l Lanes) columns() (left, right vg.Length) {
	w := plotWidth(l.Width)
	if w < 120*vg.Millimeter {
		return 64, w - 52
	}
	return w * 0.17, w - 82
}

// shape places the dots, first in the size they should have.
func (l Lanes) shape(axis scale) laneShape { return l.shaped(axis, dotPitch) }

func (l Lanes) shaped(axis scale, pitch vg.Length) laneShape {
	left, right := l.columns()
	s := laneShape{pitch: pitch}
	for _, lane := range l.Lanes {
		var at []vg.Length
		for _, d := range lane.Dots {
			at = append(at, left+(right-left)*vg.Length(axis.of(d.Value)))
		}
		points, extent := swarm(at, left, right, pitch)
		s.places = append(s.places, points)
		s.high = append(s.high, max(2*extent+pitch+laneRoom, laneLeast*pitch/dotPitch+2))
	}
	return s
}

// swarm moves points at these places up or down until none is closer to another than the
// pitch, each as little as possible. Points outside the edges are left out: NaN. It returns
// the largest distance from the middle.
func swarm(at []vg.Length, left, right, pitch vg.Length) (points []vg.Point, extent vg.Length) {
	order := make([]int, len(at))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
	points = make([]vg.Point, len(at))
	var set []vg.Point
	for _, i := range order {
		x := at[i]
		if x < left-0.01 || x > right+0.01 {
			points[i] = vg.Point{X: vg.Length(math.NaN())}
			continue
		}
		near := set
		for len(near) > 0 && near[0].X < x-pitch {
			near = near[1:]
		}
		set = near
		y := freeHeight(near, x, pitch)
		points[i] = vg.Point{X: x, Y: y}
		set = append(set, points[i])
		extent = max(extent, vg.Length(math.Abs(float64(y))))
	}
	return points, extent
}

// freeHeight is the height closest to 0 at which a point at x has distance from the others.
func freeHeight(others []vg.Point, x, pitch vg.Length) vg.Length {
	candidates := []vg.Length{0}
	for _, o := range others {
		dx := o.X - x
		if dy2 := pitch*pitch - dx*dx; dy2 > 0 {
			dy := vg.Length(math.Sqrt(float64(dy2))) + 1e-6
			candidates = append(candidates, o.Y+dy, o.Y-dy)
		}
	}
	slices.SortStableFunc(candidates, func(a, b vg.Length) int {
		return cmp.Or(cmp.Compare(math.Abs(float64(a)), math.Abs(float64(b))), cmp.Compare(b, a))
	})
	for _, y := range candidates {
		free := true
		for _, o := range others {
			dx, dy := o.X-x, o.Y-y
			if dx*dx+dy*dy < pitch*pitch-1e-4 {
				free = false
				break
			}
		}
		if free {
			return y
		}
	}
	return 0
}

func (l Lanes) draw(s stage, axis scale) {
	room := s.Size().Y - laneHead - laneFoot
	shape := l.shape(axis)
	for pitch := dotPitch; shape.sum() > room && pitch > 1.2; pitch -= 0.15 {
		shape = l.shaped(axis, pitch)
	}
	spare := max(0, (room-shape.sum())/vg.Length(len(shape.high)))
	left, right := l.columns()
	left, right = s.Min.X+left, s.Min.X+right
	l.head(s, left)
	y := s.Max.Y - laneHead
	for k, lane := range l.Lanes {
		high := shape.high[k] + min(spare, 12)
		l.lane(s.part(left, right, y-high, y), s, lane, shape.places[k], shape.pitch, axis)
		y -= high
	}
	l.foot(s.part(left, right, y, y), axis)
}

func (s laneShape) sum() (sum vg.Length) {
	for _, h := range s.high {
		sum += h
	}
	return sum
}

// head is the key.
func (l Lanes) head(s stage, left vg.Length) {
	if !l.Tested {
		return
	}
	y := s.Max.Y - 5
	s.verdictKey(left, y, []keyEntry{{verdict: Tied, words: "tied with the best"}, {verdict: Behind, words: "proven worse"}})
	s.write(s.Max.X, y, lettering{size: tinySize, x: draw.XRight, y: draw.YCenter, color: slateText}, "tied")
}

// lane draws one lane with its name and its counts; page is the whole figure.
func (l Lanes) lane(s, page stage, lane Lane, places []vg.Point, pitch vg.Length, axis scale) {
	tied := lane.tied()
	clr, bold := color.Color(plainInk), true
	if l.Tested && tied == 0 {
		clr, bold = slateText, false
	}
	middle := s.Center().Y
	name := lettering{size: noteSize, bold: bold, color: clr, x: draw.XRight, y: draw.YCenter}
	page.writeWithin(s.Min.X-8, middle, s.Min.X-page.Min.X-8, name, lane.Name)
	s.line(s.Min.X, s.Min.Y, s.Max.X, s.Min.Y, 0.4, seam)
	beyond := 0
	// Hollow dots first, so that none covers a tied one.
	for _, filled := range []bool{false, true} {
		for i, d := range lane.Dots {
			if d.Tied != filled {
				continue
			}
			p := places[i]
			if math.IsNaN(float64(p.X)) {
				beyond++
				continue
			}
			mark, full := slate, false
			if l.Tested && d.Tied {
				mark, full = blue, true
			}
			s.markAt(page.Min.X+p.X, middle+p.Y, pitch*0.36, mark, full, false)
		}
	}
	l.counts(s, page, lane, tied, beyond)
}

// counts writes how many models are tied, and how many lie beyond the axis.
func (l Lanes) counts(s, page stage, lane Lane, tied, beyond int) {
	y := s.Center().Y
	if beyond > 0 {
		small := lettering{size: tinySize, y: draw.YCenter, color: slateText}
		if l.Axis.Better == metrics.Higher {
			small.x = draw.XLeft
			s.write(s.Min.X+2, y, small, fmt.Sprintf("‹ +%d", beyond))
		} else {
			s.write(s.Max.X+4, y, small, fmt.Sprintf("+%d ›", beyond))
		}
	}
	text, number := fmt.Sprint(len(lane.Dots)), lettering{size: noteSize, color: slateText, x: draw.XRight, y: draw.YCenter}
	if l.Tested {
		text = fmt.Sprintf("%d of %d", tied, len(lane.Dots))
		if tied > 0 {
			number.bold, number.color = true, blue
		}
	}
	page.write(page.Max.X, y, number, text)
}

// foot draws the axis; the stage has no height.
func (l Lanes) foot(s stage, axis scale) {
	at := func(v float64) vg.Length { return s.X(axis.of(v)) }
	small := lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, color: slateText}
	for _, t := range s.spaced(axis.manyTicks(), small, at) {
		x := at(t.Value)
		s.line(x, s.Min.Y, x, s.Min.Y-2.5, 0.4, slate)
		s.write(x, s.Min.Y-4, small, t.Label)
	}
	s.line(s.Min.X, s.Min.Y, s.Max.X, s.Min.Y, 0.5, slate)
	label := l.Axis.text()
	if axis.log {
		label = strings.TrimSuffix(label, ")")
		if label == l.Axis.text() {
			label += " (logarithmic)"
		} else {
			label += ", logarithmic)"
		}
	}
	style := lettering{size: noteSize, x: draw.XCenter, y: draw.YTop, color: plainInk}
	s.write(s.Center().X, s.Min.Y-12.5, style, label)
}
