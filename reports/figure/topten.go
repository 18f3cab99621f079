package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/typeface"
)

// TopTen is what the figure of the best by each metric shows.
type TopTen struct {
	By     string      `json:"by"` // the metric that the places are by
	Models int         `json:"models"`
	Tested bool        `json:"tested"`
	Rows   []TopTenRow `json:"rows"`
}

// TopTenRow is a metric, with the places of its ten best by the ranking metric.
type TopTenRow struct {
	Label  string `json:"label"`
	Places []int  `json:"places"` // rising
	Tied   []bool `json:"tied"`   // of these
}

// median is the middle of the places.
func (r TopTenRow) median() float64 {
	n := len(r.Places)
	return float64(r.Places[(n-1)/2]+r.Places[n/2]) / 2
}

func (r TopTenRow) tied() int {
	n := 0
	for _, t := range r.Tied {
		if t {
			n++
		}
	}
	return n
}

// topTenMetrics are the metrics compared, as far as a board has them.
var topTenMetrics = []string{"aurc", "accuracy", "auroc", "sac@0.95", "sac@0.99", "coverage-at-risk@0.05", "ece@15", "nll", "brier"}

const (
	topOf       = 10
	topRowUsual = vg.Length(19)
	topHead     = vg.Length(14)
	topFoot     = vg.Length(25)
)

// topTen draws for each metric its ten best models at their places by the ranking metric.
func topTen(in Input) ([]*Figure, error) {
	b := in.Board
	if b == nil || len(b.Entries) == 0 {
		return nil, errNoModels
	}
	t := TopTen{By: b.By.Label(), Tested: b.Resolution != nil}
	t.Models = slices.IndexFunc(b.Entries, func(e board.Entry) bool { return e.Rank == 0 })
	if t.Models < 0 {
		t.Models = len(b.Entries)
	}
	if t.Models < 2*topOf {
		return nil, fmt.Errorf("fewer than %d models have a value", 2*topOf)
	}
	t.Rows = append(t.Rows, topTenRow(b, b.By, func(e board.Entry) metrics.Estimate { return e.Value }))
	for _, id := range topTenMetrics {
		m := metrics.MustMeasure(id)
		k := slices.IndexFunc(b.Beside, m.Same)
		if k < 0 || m.Same(b.By) {
			continue
		}
		if r := topTenRow(b, b.Beside[k], func(e board.Entry) metrics.Estimate { return e.Beside[k] }); len(r.Places) == topOf {
			t.Rows = append(t.Rows, r)
		}
	}
	if len(t.Rows) < 2 {
		return nil, errors.New("the leaderboard has no second metric")
	}
	slices.SortStableFunc(t.Rows, func(a, b TopTenRow) int { return cmp.Compare(a.median(), b.median()) })
	caption := fmt.Sprintf("Each dot is one of the ten best by the metric at the left, at its place by %s; line: their median place. Places are those of measured values. n = %d.", t.By, b.N)
	if t.Tested {
		caption += " Filled: tied with the best by " + t.By + "; hollow: proven worse."
	}
	return []*Figure{{Title: t.title(), Caption: caption, Shown: t, Width: in.width(), Height: topHead + topFoot + topRowUsual*vg.Length(len(t.Rows)),
		draw: func(c draw.Canvas, fonts *typeface.Family) { t.draw(flatStage(c, fonts)) }}}, nil
}

// topTenRow finds the ten best by a metric. Of equal values, those that are better placed
// count.
func topTenRow(b *board.Board, m metrics.Measure, of func(board.Entry) metrics.Estimate) TopTenRow {
	entries := slices.DeleteFunc(slices.Clone(b.Entries), func(e board.Entry) bool { return e.Rank == 0 || !of(e).Defined() })
	slices.SortStableFunc(entries, func(x, y board.Entry) int {
		c := cmp.Compare(of(x).Value, of(y).Value)
		if m.Metric.Better == metrics.Higher {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(x.Rank, y.Rank))
	})
	best := entries[:min(topOf, len(entries))]
	slices.SortStableFunc(best, func(x, y board.Entry) int { return cmp.Compare(x.Rank, y.Rank) })
	r := TopTenRow{Label: answered(m)}
	for _, e := range best {
		r.Places, r.Tied = append(r.Places, e.Rank), append(r.Tied, e.Tie)
	}
	return r
}

// title says which metric picks models that are proven worse.
func (t TopTen) title() string {
	worst := slices.MinFunc(t.Rows, func(a, b TopTenRow) int { return cmp.Compare(a.tied(), b.tied()) })
	switch {
	case !t.Tested:
		return "Where the ten best by each metric stand by " + t.By
	case worst.tied() == topOf:
		return fmt.Sprintf("Ten models picked by any of these metrics are tied with the best by %s", t.By)
	}
	return fmt.Sprintf("Of the ten best by %s, %d are tied with the best by %s", worst.Label, worst.tied(), t.By)
}

func (t TopTen) draw(s stage) {
	left, right := s.Min.X+s.Size().X*0.21, s.Max.X-82
	if s.Size().X < 120*vg.Millimeter {
		left, right = s.Min.X+92, s.Max.X-40
	}
	top, bottom := s.Max.Y-topHead, s.Min.Y+topFoot
	pitch := (top - bottom) / vg.Length(len(t.Rows))
	small := lettering{size: tinySize, color: slateText, x: draw.XRight}
	s.write(left-10, top+4, small, "ten best by")
	s.write(s.Max.X, top+4, small, "tied")
	if right < s.Max.X-60 {
		s.write(s.Max.X-44, top+4, small, "median place")
	}
	low, high := 1.0, math.Sqrt(float64(t.Models))
	at := func(place float64) vg.Length { return left + (right-left)*vg.Length((math.Sqrt(place)-low)/(high-low)) }
	for i, r := range t.Rows {
		t.row(s, r, left, right, top-pitch*(vg.Length(i)+0.5), at)
	}
	s.line(left, bottom, right, bottom, 0.5, slate)
	below := lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, color: slateText}
	last := vg.Length(math.Inf(-1))
	for _, place := range []int{1, 10, 25, 50, 100, 200, 300, 500, 1000, 2000, 5000, t.Models} {
		x := at(float64(place))
		if place > t.Models || x-last < 14 || place != t.Models && at(float64(t.Models))-x < 14 {
			continue
		}
		last = x
		s.line(x, bottom, x, bottom-2.2, 0.4, slate)
		s.write(x, bottom-3.4, below, fmt.Sprint(place))
	}
	s.write((left+right)/2, bottom-12, lettering{size: noteSize, x: draw.XCenter, y: draw.YTop, color: plainInk},
		fmt.Sprintf("place by %s, of %d (square-root axis)", t.By, t.Models))
}

// row draws the ten models of a metric.
func (t TopTen) row(s stage, r TopTenRow, left, right, y vg.Length, at func(float64) vg.Length) {
	s.write(left-10, y, lettering{size: noteSize, bold: true, color: plainInk, x: draw.XRight, y: draw.YCenter}, r.Label)
	s.line(left, y, right, y, 0.4, seam)
	var xs []vg.Length
	for _, p := range r.Places {
		xs = append(xs, at(float64(p)))
	}
	points, _ := swarm(xs, left, right, 4.2)
	for i, p := range points {
		verdict := Behind
		if r.Tied[i] {
			verdict = Tied
		}
		clr, filled := verdict.mark()
		if t.Tested && !filled {
			clr = rust
		}
		s.markAt(p.X, y+p.Y, 1.8, clr, filled || !t.Tested, false)
	}
	m := at(r.median())
	s.line(m, y-7, m, y+7, 0.9, plainInk)
	number := lettering{size: noteSize, color: slateText, x: draw.XRight, y: draw.YCenter}
	if right < s.Max.X-60 {
		s.write(s.Max.X-44, y, number, short(r.median()))
	}
	if t.Tested {
		number.bold = true
		number.color = blue
		if r.tied() < topOf {
			number.color = rust
		}
		s.write(s.Max.X, y, number, fmt.Sprintf("%d of %d", r.tied(), topOf))
	}
}

// answered is the label of a metric; shares answered at an error are said in words.
func answered(m metrics.Measure) string {
	risk := m.At
	switch m.Metric.ID {
	case "sac":
		risk = 1 - m.At
	case "coverage-at-risk":
	default:
		return m.Label()
	}
	return "answered at " + percent(risk) + " % error"
}
