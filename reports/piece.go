package reports

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/figure"
	"abstain/reports/paper"
	"abstain/reports/typeface"
)

// piece is a part of the paper that stays together: a sentence that is the answer, a body,
// and a caption that says how to read it.
type piece struct {
	chapter, name    string // name is that of a finding, for references; may be ""
	kind             string // "Figure" or "Table", which are numbered; "" for text
	topic            string // at the right of the running head; "" for that of the document
	mark             string // its entry in the outline; "" for none
	title, caption   string
	width            float64
	least, most      float64 // of the body's height
	usual            float64 // likewise; 0 for least
	draw             func(s *sheet, x, top, w, h float64)
	number, page     int // found when pages are made
	titles, captions []string
	headRoom         float64 // of the title, where it has to be that of the piece beside it
}

const (
	leadPiece   = sizePiece * 1.28
	leadCaption = sizeSmall * 1.3
	gapTitle    = 5.0 // between title and body
	gapCaption  = 5.0 // between body and caption
	gapBands    = 17.0
)

// measured breaks title and caption into lines. The number, which is not known yet, takes
// the room of "Figure 99".
func (s *sheet) measurePiece(p *piece) {
	p.titles, p.captions = nil, nil
	if p.title != "" {
		p.titles = s.wrap(typeface.Bold, sizePiece, p.title, p.width)
	}
	if lead := p.lead("99"); lead != "" || p.caption != "" {
		p.captions = s.wrap(typeface.Regular, sizeSmall, lead+p.caption, p.width)
	}
	p.headRoom = float64(len(p.titles)) * leadPiece
	if p.titles != nil {
		p.headRoom += gapTitle
	}
	p.usual = max(p.usual, p.least)
	p.most = max(p.most, p.usual)
}

// lead is the beginning of the caption.
func (p *piece) lead(number string) string {
	if p.kind == "" {
		return ""
	}
	return p.kind + "\u00a0" + number + "\u2002"
}

// fixed is the height of all but the body.
func (p *piece) fixed() float64 {
	h := p.headRoom + float64(len(p.captions))*leadCaption
	if p.captions != nil {
		h += gapCaption
	}
	return h
}

// set draws the piece into a height, from top downwards.
func (s *sheet) set(p *piece, x, top, height float64) {
	s.lines(x, top, typeface.Bold, sizePiece, leadPiece, black, p.titles)
	body := height - p.fixed()
	at := top - p.headRoom
	p.draw(s, x, at, p.width, body)
	at -= body + gapCaption
	for i, line := range s.captionLines(p) {
		if lead := p.lead(fmt.Sprint(p.number)); i == 0 && lead != "" {
			w := s.doc.Text(x, at-sizeSmall*0.78, typeface.Bold, sizeSmall, grey, lead)
			s.doc.Text(x+w, at-sizeSmall*0.78, typeface.Regular, sizeSmall, grey, line[len(lead):])
		} else {
			s.doc.Text(x, at-sizeSmall*0.78, typeface.Regular, sizeSmall, grey, line)
		}
		at -= leadCaption
	}
}

// captionLines are those of the caption with its number, in no more lines than measured.
func (s *sheet) captionLines(p *piece) []string {
	if p.captions == nil {
		return nil
	}
	// The bold number is a little wider than the regular one that it is measured with.
	return s.wrap(typeface.Regular, sizeSmall, p.lead(fmt.Sprint(p.number))+p.caption, p.width)
}

// strip is a band of the paper: one piece over the full width, or two columns of pieces.
type strip struct {
	columns [][]*piece
	opens   bool
	fixed   bool
}

// band is the heights of the strip.
func (t strip) band() paper.Band {
	b := paper.Band{Opens: t.opens, Fixed: t.fixed}
	for _, column := range t.columns {
		sum := columnHeights(column)
		b.Least, b.Usual = max(b.Least, sum.Least), max(b.Usual, sum.Usual)
		b.Most = max(b.Most, sum.Most)
	}
	return b
}

// columnHeights are those of pieces below each other.
func columnHeights(column []*piece) paper.Band {
	b := paper.Band{}
	for i, p := range column {
		gap := gapBands
		if i == 0 {
			gap = 0
		}
		b.Least, b.Usual, b.Most = b.Least+gap+p.fixed()+p.least, b.Usual+gap+p.fixed()+p.usual, b.Most+gap+p.fixed()+p.most
	}
	return b
}

// pieces are all pieces of the strip, column by column.
func (t strip) pieces() []*piece { return slices.Concat(t.columns...) }

// setStrip draws a strip into a height.
func (s *sheet) setStrip(t strip, top, height float64) {
	x := left
	for _, column := range t.columns {
		sum := columnHeights(column)
		target := min(max(sum.Least, height), sum.Most)
		y := top
		for _, p := range column {
			h := p.usual
			switch {
			case target >= sum.Usual && sum.Most > sum.Usual:
				h += (p.most - p.usual) * (target - sum.Usual) / (sum.Most - sum.Usual)
			case target < sum.Usual && sum.Usual > sum.Least:
				h = p.least + (p.usual-p.least)*(target-sum.Least)/(sum.Usual-sum.Least)
			}
			if p.mark != "" {
				s.doc.Bookmark(p.mark, 1, y+4)
			}
			s.set(p, x, y, h+p.fixed())
			y -= h + p.fixed() + gapBands
		}
		x += column2 + columnGap
	}
}

// offer is what the paper has to show of one thing: over the full width, in a column, or
// both, of which the packing chooses.
type offer struct {
	full, column *piece
	spare        int // offers of the largest are left out first where the paper is too long; 0: never
}

// chapterOf is the chapter of the offer.
func (o offer) chapterOf() string {
	if o.full != nil {
		return o.full.chapter
	}
	return o.column.chapter
}

// strips puts offers of one chapter that follow each other and have the width of a column
// side by side.
func (s *sheet) strips(offers []offer) []strip {
	for _, o := range offers {
		for _, p := range []*piece{o.full, o.column} {
			if p != nil {
				s.measurePiece(p)
			}
		}
	}
	var all []strip
	chapter := ""
	add := func(t strip) {
		c := t.columns[0][0].chapter
		t.opens = c != chapter
		chapter = c
		all = append(all, t)
	}
	for i := 0; i < len(offers); {
		n := 0
		for i+n < len(offers) && offers[i+n].column != nil && offers[i+n].chapterOf() == offers[i].chapterOf() {
			n++
		}
		if n < 2 {
			p := offers[i].full
			if p == nil {
				p = offers[i].column
			}
			add(strip{columns: [][]*piece{{p}}})
			i++
			continue
		}
		t, used := beside(offers[i : i+n])
		add(t)
		i += used
	}
	if len(all) > 0 {
		all[0].fixed = true
	}
	return all
}

// beside makes a strip of two columns from the first of some offers: the first at the left,
// the second at the right, and below the shorter of the two as many more as do not make the
// strip higher.
func beside(offers []offer) (strip, int) {
	t := strip{columns: [][]*piece{{offers[0].column}, {offers[1].column}}}
	a, b := offers[0].column, offers[1].column
	used := 2
	for used < len(offers) {
		l, r := columnHeights(t.columns[0]), columnHeights(t.columns[1])
		k := 1
		if l.Usual < r.Usual {
			k = 0
		}
		longer := append(slices.Clone(t.columns[k]), offers[used].column)
		if sum := columnHeights(longer); sum.Usual > 1.08*max(l.Usual, r.Usual) {
			break
		}
		t.columns[k] = longer
		used++
	}
	if len(t.columns[0])+len(t.columns[1]) == 2 {
		room := max(a.headRoom, b.headRoom)
		a.headRoom, b.headRoom = room, room
	}
	return t, used
}

// drawnFigure is a piece with a figure, as high as it is laid out for, or up to a share more
// or less.
func drawnFigure(f *figure.Figure, give float64) *piece {
	h := float64(f.Height)
	return &piece{kind: "Figure", title: f.Title, caption: f.Caption, width: float64(f.Width), least: h * (1 - give), usual: h, most: h * (1 + give),
		draw: func(s *sheet, x, top, w, h float64) { s.drawFigure(f, x, top, w, h) }}
}

// drawFigure draws a figure with its upper left corner at x, top.
func (s *sheet) drawFigure(f *figure.Figure, x, top, w, h float64) {
	c := s.doc.Canvas(vg.Length(x), vg.Length(top-h), vg.Length(w), vg.Length(h))
	f.Draw(draw.New(c))
	c.Close()
}

// grownFigure is a piece with a figure that can be drawn at any height of a range.
func grownFigure(width float64, least, most vg.Length, of func(w, h vg.Length) (*figure.Figure, error)) (*piece, error) {
	f, err := of(vg.Length(width), least)
	if err != nil {
		return nil, err
	}
	usual := min(max(float64(f.Height), float64(least)), float64(most))
	if full, err := of(vg.Length(width), 0); err == nil {
		usual = min(max(float64(full.Height), float64(least)), float64(most))
	}
	return &piece{kind: "Figure", title: f.Title, caption: f.Caption, width: width, least: float64(least), usual: usual, most: float64(most),
		draw: func(s *sheet, x, top, w, h float64) {
			f, err := of(vg.Length(w), vg.Length(h))
			if err != nil {
				panic("reports: a figure that was made once is not made again: " + err.Error())
			}
			s.drawFigure(f.In(s.doc.Fonts), x, top, w, h)
		}}, nil
}
