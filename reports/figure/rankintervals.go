package figure

import (
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// RankIntervals shows for each model its rank and the ranks that the data allow.
// Each model has a row. If there are many models, rows are thin and only some
// have a name.
type RankIntervals struct {
	By     string        `json:"by"`     // the metric that ranks: "AURC"
	Models []RankedModel `json:"models"` // best first
}

// RankedModel is one row.
type RankedModel struct {
	Name string `json:"name"`
	Rank int    `json:"rank"` // 1 = best; 0: undefined, and the model is left out
	Lo   int    `json:"lo"`   // ranks allowed, from Lo to Hi; 0 if not known
	Hi   int    `json:"hi"`
	Tie  bool   `json:"tie"` // not separable from the best
}

// Figures draws all models on one page.
func (r RankIntervals) Figures(t Text) ([]*Figure, error) {
	all := len(r.Models)
	r.Models = slices.DeleteFunc(slices.Clone(r.Models), func(m RankedModel) bool { return m.Rank == 0 })
	if len(r.Models) == 0 {
		return nil, errors.New("no model has a rank")
	}
	if !slices.ContainsFunc(r.Models, func(m RankedModel) bool { return m.Hi > 0 }) {
		return nil, errors.New("the ranks have no intervals")
	}
	text := " Each row is a model, the dot its rank, the line the ranks that the data allow."
	if slices.ContainsFunc(r.Models, func(m RankedModel) bool { return m.Tie }) {
		text += " Indigo: not told apart from the best."
	}
	if step := r.step(); step > 1 {
		text += fmt.Sprintf(" One model in %d is named.", step)
	}
	text += leftOut(all-len(r.Models), "model", "the metric is undefined on it")
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: t.Caption + text, Shown: r, Width: pictureWidth,
		Height: r.row()*vg.Length(len(r.Models)) + forestFoot + forestHead + 6,
		draw:   func(c draw.Canvas, fonts *typeface.Family) { r.draw(newStage(c, fonts)) }}}, nil
}

// row is the height of a model's row.
func (r RankIntervals) row() vg.Length {
	return min(forestRow, (pictureHeight-forestFoot-forestHead-6)/vg.Length(len(r.Models)))
}

// step is the number of rows from one named model to the next.
func (r RankIntervals) step() int {
	step := 1
	for r.row()*vg.Length(step) < smallSize+1 {
		step++
	}
	return step
}

func (r RankIntervals) draw(s stage) {
	plain := lettering{size: smallSize, y: draw.YCenter}
	bold := lettering{size: smallSize, y: draw.YCenter, bold: true}
	row, step := r.row(), r.step()
	var names, sets []string
	for i := 0; i < len(r.Models); i += step {
		names, sets = append(names, r.Models[i].Name), append(sets, r.Models[i].ranks())
	}
	left := min(s.widest(plain, append(names, "model")), s.Size().X*nameShare) + columnGap
	right := max(s.widest(plain, sets), s.width(bold, "ranks")) + columnGap
	body := s.part(s.Min.X+left, s.Max.X-right, s.Min.Y+forestFoot-4, s.Min.Y+forestFoot-4+row*vg.Length(len(r.Models)))
	last := 1
	for _, m := range r.Models {
		last = max(last, m.Rank, m.Hi)
	}
	z := scale{low: 1 - 0.01*float64(last), high: float64(last) * 1.01, whole: true}
	at := body.footTicks(z)
	s.write(body.Center().X, s.Min.Y, lettering{size: tickSize, x: draw.XCenter}, "rank by "+r.By+" (1 = best)")
	headline := s.Max.Y - forestHead/2
	s.write(s.Min.X, headline, bold, "model")
	end := lettering{size: smallSize, y: draw.YCenter, bold: true, x: draw.XRight}
	s.write(s.Max.X, headline, end, "ranks")
	end.bold = false
	for i, m := range r.Models {
		y := body.Max.Y - row*(vg.Length(i)+0.5)
		clr := color.NRGBA(faint)
		if m.Tie {
			clr = markColor
		}
		if i%step == 0 {
			s.writeWithin(s.Min.X, y, left-columnGap, plain, m.Name)
			s.write(s.Max.X, y, end, m.ranks())
			if step > 1 {
				s.line(body.Min.X-3, y, body.Min.X, y, 0.5, faint)
			}
		}
		if m.Hi > 0 {
			body.line(at(float64(m.Lo)), y, at(float64(m.Hi)), y, min(1, row*0.55), withAlpha(clr, 0xa0))
		}
		body.dot(at(float64(m.Rank)), y, max(0.8, min(2, row*0.3)), ink)
	}
}

// ranks writes the confidence set of the rank. A set of one rank is one number;
// "" if the set is unknown.
func (m RankedModel) ranks() string {
	switch {
	case m.Hi == 0:
		return ""
	case m.Lo == m.Hi:
		return fmt.Sprint(m.Lo)
	}
	return fmt.Sprintf("%d–%d", m.Lo, m.Hi)
}
