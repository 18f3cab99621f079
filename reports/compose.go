package reports

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"

	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/figure"
	"abstain/reports/say"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// Chapters of the paper.
const (
	chapterAnswer  = "The answer"
	chapterAsked   = "Questions and answers"
	chapterCurves  = "Curves"
	chapterRanks   = "Ranks"
	chapterHonest  = "Calibration and transforms"
	chapterTrained = "Training"
	chapterShift   = "Shift, attack and new classes"
	chapterGroups  = "Groups of samples"
	chapterSets    = "Prediction sets"
	chapterMetrics = "Metrics, families and size"
	chapterTerms   = "Definitions and provenance"
)

// composer gathers what the paper shows, in order.
type composer struct {
	s       *sheet
	d       Document
	a       *answers.Answers
	offers  []offer
	shown   map[string][]*piece // by finding, the pieces that may show it: of several widths, one is placed
	chapter string
	topic   string // of running heads; "" for that of the document
}

// compose makes the offers of all chapters.
func (c *composer) compose() error {
	c.shown = map[string][]*piece{}
	c.first()
	c.kinds()
	body := len(c.offers)
	c.curves()
	c.ranks()
	c.honest()
	c.trained()
	c.shift()
	c.groups()
	c.sets()
	c.metrics()
	if err := c.further(); err != nil {
		return err
	}
	rest := slices.Clone(c.offers[body:])
	c.offers = c.offers[:body]
	c.asked()
	c.offers = append(c.offers, rest...)
	c.terms()
	return nil
}

// full and column add what the paper offers in the current chapter.
func (c *composer) add(o offer) {
	for _, p := range []*piece{o.full, o.column} {
		if p != nil {
			p.chapter, p.topic = c.chapter, c.topic
		}
	}
	if o.full != nil || o.column != nil {
		c.offers = append(c.offers, o)
	}
}

// shows remembers that a piece shows a finding.
func (c *composer) shows(f *answers.Finding, all ...*piece) {
	for _, p := range all {
		if p != nil {
			p.mark, p.name = f.Question, f.Name
			c.shown[f.Name] = append(c.shown[f.Name], p)
		}
	}
}

// gives is by which share the heights of kinds of figures may differ from what they are laid
// out for; those not named have to be as high as they are.
var gives = map[string]float64{"risk-coverage": 0.2, "sac": 0.2, "accuracy-aurc": 0.25, "accuracy-ece": 0.25, "forest": 0.15, "ranks": 0.3, "top-ten": 0.25}

// drawn is the figure of a kind for a width; nil if the input does not allow it.
func (c *composer) drawn(kind string, width float64) *piece {
	figures, err := figure.New(kind, figure.Input{Board: c.d.Board, Curves: c.d.Curves, Panels: c.d.Panels, Sets: c.d.sets(), Fonts: c.s.doc.Fonts, Width: vg.Length(width)})
	if err != nil || len(figures) == 0 {
		return nil
	}
	p := drawnFigure(figures[0], gives[kind])
	p.mark = figures[0].Title
	return p
}

// kindOffer offers the figure of a kind in the widths that it has.
func (c *composer) kindOffer(kind string, full, column bool) offer {
	var o offer
	if full {
		o.full = c.drawn(kind, measureWidth)
	}
	if column {
		o.column = c.drawn(kind, column2)
	}
	return o
}

// kinds is the first page's figure: where the kinds of models stand.
func (c *composer) kinds() {
	natural, err := c.lanes(vg.Length(measureWidth), 0)
	if err != nil || len(c.d.Board.Entries) < leastLaned {
		return
	}
	p, err := grownFigure(measureWidth, natural.Height*0.72, natural.Height*1.3, c.lanes)
	if err != nil {
		return
	}
	if finding := c.a.Find(answers.Kinds); finding != nil {
		c.shows(finding, p)
	} else {
		p.mark = natural.Title
	}
	c.add(offer{full: p})
}

// leastLaned is how many models have to be there for lanes on the first page: fewer are in
// its table.
const leastLaned = 8

// lanes draws the models by family, or else by regime.
func (c *composer) lanes(w, h vg.Length) (*figure.Figure, error) {
	b := c.d.Board
	key := ""
	for _, k := range []string{"family", "regime"} {
		if len(metaValues(b, k)) > 1 {
			key = k
			break
		}
	}
	if key == "" {
		return nil, errors.New("the models name neither families nor regimes")
	}
	unit := words.UnitOf(b.By)
	lanes := figure.Lanes{Tested: b.Resolution != nil, Width: w, Height: h, Axis: figure.Axis{ID: b.By.ID(), Better: b.By.Metric.Better,
		Label: strings.TrimSpace(b.By.Label() + " " + unit.Sign)}}
	place := map[string]int{}
	least, most := math.Inf(1), math.Inf(-1)
	for _, e := range b.Entries {
		name := cmp.Or(answers.Plain(e.Meta.Get(key)), "not stated")
		at, ok := place[name]
		if !ok {
			at = len(lanes.Lanes)
			place[name] = at
			lanes.Lanes = append(lanes.Lanes, figure.Lane{Name: name})
		}
		v := e.Value.Value * unit.Factor
		if e.Value.Defined() {
			least, most = min(least, v), max(most, v)
		}
		lanes.Lanes[at].Dots = append(lanes.Lanes[at].Dots, figure.LaneDot{Model: e.Model, Value: v, Tied: e.Tie})
	}
	lanes.Axis.Log = least > 0 && most > 3*least
	text := figure.Text{Name: "kinds", Title: "Where each kind of model stands"}
	if finding := c.a.Find(answers.Kinds); finding != nil {
		text.Title, text.Caption = finding.Sentence, finding.Method
	}
	text.Caption = fmt.Sprintf("%s. %s", words.Plural(len(b.Entries), "model"), text.Caption)
	return one(lanes.Figures(text))
}

// metaValues are the values that entries have for a key.
func metaValues(b *board.Board, key string) map[string]bool {
	values := map[string]bool{}
	for _, e := range b.Entries {
		if v := e.Meta.Get(key); v != "" {
			values[v] = true
		}
	}
	return values
}

// one is the figure of a picture that has only one.
func one(all []*figure.Figure, err error) (*figure.Figure, error) {
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func (c *composer) curves() {
	c.chapter = chapterCurves
	if len(c.d.Curves) == 1 {
		c.add(c.kindOffer("risk-coverage", true, true))
		c.add(c.kindOffer("sac", true, true))
		return
	}
	c.add(c.kindOffer("risk-coverage", true, true))
	c.add(c.kindOffer("sac", true, true))
	if len(c.d.Board.Entries) >= 8 {
		o := c.kindOffer("accuracy-aurc", true, false)
		if f := c.a.Find("accuracy"); f != nil && o.full != nil {
			c.shows(f, o.full)
		}
		c.add(o)
	}
}

func (c *composer) ranks() {
	c.chapter = chapterRanks
	if len(c.d.Board.Entries) < 6 {
		return // the table of the first page has all
	}
	c.add(c.kindOffer("forest", true, true))
	c.add(c.kindOffer("ranks", true, true))
	o := c.kindOffer("top-ten", true, true)
	if f := c.a.Find("metrics"); f != nil {
		c.shows(f, o.full, o.column)
	}
	c.add(o)
	c.spared(3, func() { c.listed("metrics", 12) })
}

func (c *composer) honest() {
	c.chapter = chapterHonest
	c.add(c.kindOffer("reliability", true, false))
	if f := c.a.Find("scaling"); f != nil {
		c.shifts(f)
	}
	c.spared(2, func() { c.effects("confidences", "too few models") })
	if f := c.a.Find("calibration"); f != nil {
		o := c.kindOffer("accuracy-ece", true, false)
		if o.full != nil {
			c.shows(f, o.full)
		}
	}
}

func (c *composer) trained() {
	c.chapter = chapterTrained
	c.effects("regimes", "too few pairs")
	c.listed("training-comparison", 14)
	c.spared(2, func() { c.effects("teachers", "too few pairs") })
	c.spared(7, func() { c.effects("passes", "too few pairs") })
}

func (c *composer) shift() {
	c.chapter = chapterShift
	c.effects("conditions", "too few models")
	c.spared(8, c.places)
	c.spared(1, func() { c.listed("severity", 12) })
}

func (c *composer) groups() {
	c.chapter = chapterGroups
	c.listed("groups", 20)
}

func (c *composer) sets() {
	c.chapter = chapterSets
	c.listed("prediction-sets", 12)
	c.add(c.kindOffer("abstain-or-hedge", true, false))
}

func (c *composer) metrics() {
	c.chapter = chapterMetrics
	c.spared(5, func() { c.listed("constraint", 6) })
	c.spared(4, func() { c.listed("families", 16) })
	c.spared(6, func() { c.listed("size", 10) })
}

// spared marks what is offered meanwhile as what the paper can do without.
func (c *composer) spared(spare int, offering func()) {
	before := len(c.offers)
	offering()
	for i := range c.offers[before:] {
		c.offers[before+i].spare = spare
	}
}

// listed offers a finding as a table.
func (c *composer) listed(name string, rows int) {
	if f := c.a.Find(name); f != nil {
		c.add(c.tableOf(f, rows))
	}
}

// tableOf is a finding as a table, in a column if it has room there.
func (c *composer) tableOf(f *answers.Finding, rows int) offer {
	var o offer
	for _, width := range []float64{measureWidth, column2} {
		p := c.s.tablePiece(f.Table, rows, width, width == measureWidth)
		if p == nil {
			continue
		}
		p.title = f.Sentence
		p.caption = joinSentences(f.Table.Title, p.caption, f.Method)
		if width == measureWidth {
			o.full = p
		} else {
			o.column = p
		}
	}
	c.shows(f, o.full, o.column)
	return o
}

// further are the answers of other runs, a chapter each.
func (c *composer) further() error {
	for _, d := range c.d.Further {
		inner := &composer{s: c.s, d: d, a: d.Answers(), shown: map[string][]*piece{}}
		inner.chapter = cmp.Or(d.Title, inner.a.Title)
		inner.topic = strings.Join(inner.a.Subject, " · ")
		for _, name := range []string{"regimes", "conditions"} {
			inner.effects(name, "too few pairs")
		}
		inner.add(inner.kindOffer("accuracy-auroc", true, false))
		inner.spared(2, func() { inner.effects("confidences", "too few models") })
		inner.spared(3, func() { inner.listed("metrics", 12) })
		inner.spared(4, func() { inner.listed("severity", 12) })
		c.offers = append(c.offers, inner.offers...)
	}
	return nil
}

// effects offers a finding whose table has effects as a matrix, or else as a table.
func (c *composer) effects(name, tooFew string) {
	f := c.a.Find(name)
	if f == nil {
		return
	}
	e := effectsOf(f.Table)
	if e == nil {
		c.add(c.tableOf(f, 14))
		return
	}
	e.Width = vg.Length(measureWidth)
	least, most := e.Range()
	p, err := grownFigure(measureWidth, least, most, func(w, h vg.Length) (*figure.Figure, error) { return c.matrix(name, tooFew, w, h) })
	if err != nil {
		return
	}
	c.shows(f, p)
	c.add(offer{full: p})
}

// matrix draws the effects of a finding.
func (c *composer) matrix(name, tooFew string, w, h vg.Length) (*figure.Figure, error) {
	f := c.a.Find(name)
	if f == nil {
		return nil, c.lacking(name)
	}
	e := effectsOf(f.Table)
	if e == nil {
		return nil, errors.New("its table has no effects of metrics")
	}
	e.TooFew, e.Width, e.Height = tooFew, w, h
	return one(e.Figures(figure.Text{Name: name, Title: f.Sentence, Caption: joinSentences(f.Table.Note, f.Method)}))
}

// lacking says why there is no finding of a name.
func (c *composer) lacking(name string) error {
	for _, a := range c.a.Absent {
		if a.Name == name {
			return errors.New("it would need: " + a.Because)
		}
	}
	return errors.New("the study has found nothing for it")
}

// effectsOf is a table of effects as a picture; nil if it is no matrix of effects.
func effectsOf(t *answers.Table) *figure.Effects {
	if t == nil || len(t.Columns) < 3 || t.Columns[0].Kind != answers.Text {
		return nil
	}
	e := &figure.Effects{RowTitle: t.Columns[0].Head}
	count := -1
	var cells []int
	for k, col := range t.Columns[1:] {
		switch col.Kind {
		case answers.Count:
			if count >= 0 {
				return nil
			}
			count, e.CountTitle = k+1, col.Head
		case answers.Effect, answers.Coefficient:
			if col.Kind == answers.Effect && col.Measure == "" {
				return nil
			}
			unit := cmp.Or(map[string]string{"%": "points"}[col.Unit.Sign], col.Unit.Sign)
			if col.Kind == answers.Coefficient {
				unit = "Spearman"
			}
			if strings.Contains(col.Head, "[") && len(cells) > 1 {
				continue // a metric under a condition: beside the others it says little
			}
			cells = append(cells, k+1)
			e.Columns = append(e.Columns, figure.EffectColumn{Label: col.Head, Unit: unit, Better: col.Better, Apart: col.Kind == answers.Coefficient})
		default:
			return nil
		}
	}
	if cells == nil {
		return nil
	}
	for _, row := range t.Rows {
		r := figure.EffectRow{Name: row.Cells[0].Text}
		if count >= 0 && !math.IsNaN(row.Cells[count].Value) {
			r.Count = int(row.Cells[count].Value)
		}
		for _, k := range cells {
			r.Cells = append(r.Cells, effectCell(t, row.Cells[k], k))
		}
		e.Rows = append(e.Rows, r)
	}
	return e
}

// effectCell is a cell in printed units.
func effectCell(t *answers.Table, cell answers.Cell, k int) figure.EffectCell {
	f := t.Columns[k].Unit.Factor
	v := figure.EffectCell{Text: t.Print(cell, k), Verdict: pictured(cell.Verdict),
		Value: figure.Value{At: cell.Value * f, Lo: cell.Lo * f, Hi: cell.Hi * f}}
	if t.Columns[k].Kind == answers.Coefficient {
		v.Verdict = figure.Unproven
		if cell.Lo > 0 || cell.Hi < 0 {
			v.Verdict = figure.Better
		}
		v.Text = strings.TrimPrefix(v.Text, "+")
	}
	return v
}

// pictured is a verdict as figures show it.
func pictured(v answers.Verdict) figure.Verdict {
	return map[answers.Verdict]figure.Verdict{answers.Tied: figure.Tied, answers.Behind: figure.Behind, answers.Better: figure.Better,
		answers.Worse: figure.Worse, answers.Unproven: figure.Unproven, answers.TooFew: figure.TooFew}[v]
}

// shifts offers what a transform changes in each model.
func (c *composer) shifts(f *answers.Finding) {
	natural, err := c.transforms(vg.Length(measureWidth), 0)
	if err != nil {
		c.add(c.tableOf(f, 14))
		return
	}
	least, most := natural.Shown.(figure.Shifts).Range()
	p, err := grownFigure(measureWidth, least, most, c.transforms)
	if err != nil {
		return
	}
	c.shows(f, p)
	c.add(offer{full: p})
}

// transforms draws what temperature scaling, or else the first transform, changes in each
// model.
func (c *composer) transforms(w, h vg.Length) (*figure.Figure, error) {
	f := c.a.Find("scaling")
	if f == nil {
		return nil, c.lacking("scaling")
	}
	d := c.alternatives(f.Experiment)
	if d == nil || f.Table == nil || len(f.Table.Rows) != len(d.Changes) {
		return nil, errors.New("the study has no changes of single models")
	}
	name := d.Alternatives[0]
	if slices.Contains(d.Alternatives, "temperature") {
		name = "temperature"
	}
	shifts := figure.Shifts{Width: w, Height: h}
	var unchanged []string
	for j := range d.Changes {
		x := &d.Changes[j]
		if x.Treatment != name {
			continue
		}
		row := f.Table.Rows[j] // one for each change
		label := row.Cells[len(row.Cells)-shiftCells].Text
		if !slices.ContainsFunc(x.Values, func(v float64) bool { return v != 0 }) {
			unchanged = append(unchanged, label)
			continue
		}
		shifts.Rows = append(shifts.Rows, shiftOf(x, f.Table, row))
	}
	text := figure.Text{Name: "transforms", Title: f.Sentence, Caption: joinSentences(words.Plural(len(d.Changes[0].Values), "model"), f.Method)}
	if unchanged != nil {
		text.Caption = joinSentences(text.Caption, "Not changed in any model: "+words.List(unchanged))
	}
	return one(shifts.Figures(text))
}

// alternatives is what an experiment set beside each other; nil if it is not of that kind.
func (c *composer) alternatives(experiment string) *study.Alternatives {
	if c.d.Study == nil {
		return nil
	}
	for _, e := range c.d.Study.Experiments {
		if d, ok := e.Data.(*study.Alternatives); ok && e.Name == experiment {
			return d
		}
	}
	return nil
}

// shiftCells is how many cells the rows of a table of transforms have from the metric on:
// metric, before, after, change, and three counts. The transform may stand before these.
const shiftCells = 7

// shiftOf is a row of the figure of a transform.
func shiftOf(x *study.Changes, t *answers.Table, row answers.Row) figure.Shift {
	unit := words.UnitNamed(x.Metric)
	in, _ := x.Widest()
	at := len(row.Cells) - shiftCells
	label := row.Cells[at].Text
	if !strings.Contains(label, "%") {
		label = strings.TrimSpace(label + " " + unit.Sign)
	}
	s := figure.Shift{Label: label, Better: study.Direction(x.Metric),
		Median: figure.Value{At: x.Median * unit.Factor, Lo: in.Lo * unit.Factor, Hi: in.Hi * unit.Factor}, Verdict: pictured(row.Cells[at+3].Verdict)}
	for _, v := range x.Values {
		s.Changes = append(s.Changes, v*unit.Factor)
	}
	number := func(k int) string { return strings.TrimSuffix(printed(t, row.Cells[k], k), " "+unit.Sign) }
	s.Medians = number(at+1) + " → " + number(at+2)
	if !math.IsNaN(x.P) {
		s.P = words.PValue(x.P)
	}
	return s
}

// placed is the piece that shows a finding on a page; nil if none does.
func (c *composer) placed(name string) *piece {
	for _, p := range c.shown[name] {
		if p.page > 0 {
			return p
		}
	}
	return nil
}

// asked lists all questions with their answers, and where they are shown.
func (c *composer) asked() {
	c.chapter = chapterAsked
	var list []said
	for _, f := range c.a.Findings {
		if f.Name == answers.Tier {
			continue
		}
		name := f.Name // the pieces of some findings are made later
		list = append(list, said{name: f.Question, text: f.Sentence,
			where: func() string {
				if p := c.placed(name); p != nil {
					return fmt.Sprintf("%s\u00a0%d, p.\u00a0%d", p.kind, p.number, p.page)
				}
				return ""
			},
			page: func() int {
				if p := c.placed(name); p != nil {
					return p.page
				}
				return 0
			}})
	}
	if p := c.s.saidPiece("What this report answers, and where", list, measureWidth, 0.29); p != nil {
		p.mark = "Contents"
		c.add(offer{full: p})
	}
	for _, name := range []string{answers.Choice, answers.Answered} {
		if f := c.a.Find(name); f != nil && f.Table != nil {
			o := c.tableOf(f, 6)
			c.add(offer{full: o.full})
		}
	}
}

// first is the head of the first page: the question, the numbers, and the models that may
// be the best.
func (c *composer) first() {
	c.chapter = chapterAnswer
	s := c.s
	title := cmp.Or(c.d.Title, c.a.Title)
	titles := s.wrap(typeface.Bold, sizeTitle, title, measureWidth)
	terms := s.wrap(typeface.Regular, sizeLead, c.a.Terms, measureWidth)
	numbers := newNumberRow(s, c.a.Numbers)
	height := float64(len(titles))*21 + float64(len(terms))*11.5 + 10
	if numbers != nil {
		height += numbers.height + 14
	}
	var table *printedTable
	var caption string
	tier := c.a.Find(answers.Tier)
	if tier != nil && tier.Table != nil {
		table = s.table(tier.Table, 12, measureWidth, true)
	}
	var notes []string
	heading, sub := "", ""
	if table != nil {
		caption = joinSentences("Bold: tied with the best by that column's metric; grey: proven worse; bar at the left: tied by "+c.d.Board.By.Label(),
			tier.Table.Note, tier.Method)
		heading = tier.Table.Title
		switch r := c.d.Board.Resolution; {
		case r == nil:
			caption = joinSentences("Small: the interval of each value by itself", tier.Table.Note, tier.Method)
		case r.Tied == 1:
			heading = tier.Sentence
		default:
			sub = "No order is proven among tied rows: choose by cost or by what else you need."
		}
		notes = s.wrap(typeface.Regular, sizeSmall, caption, measureWidth)
		height += leadPiece + gapTitle + table.height(gridPitch) + gapCaption + float64(len(notes))*leadCaption
	}
	p := &piece{width: measureWidth, least: height, usual: height, most: height, mark: title}
	p.draw = func(s *sheet, x, top, w, _ float64) {
		y := s.lines(x, top, typeface.Bold, sizeTitle, 21, black, titles)
		y = s.lines(x, y, typeface.Regular, sizeLead, 11.5, grey, terms) - 10
		if numbers != nil {
			numbers.set(s, x, y)
			y -= numbers.height + 14
		}
		if table == nil {
			return
		}
		used := s.doc.Text(x, y-sizePiece*0.78, typeface.Bold, sizePiece, black, s.fit(typeface.Bold, sizePiece, heading, w))
		s.flush(x+w, y-sizePiece*0.78, typeface.Regular, sizeSmall, grey, s.fit(typeface.Regular, sizeSmall, sub, w-used-12))
		y -= leadPiece + gapTitle
		h := table.height(gridPitch)
		s.drawTable(table, x, y, w, h)
		s.lines(x, y-h-gapCaption, typeface.Regular, sizeSmall, leadCaption, grey, notes)
	}
	if tier != nil {
		p.name = tier.Name
	}
	c.add(offer{full: p})
}

// numberRow is the large numbers with their sentences, in columns.
type numberRow struct {
	all       []answers.Number
	sentences [][]string
	wide      float64
	height    float64
}

func newNumberRow(s *sheet, all []answers.Number) *numberRow {
	if len(all) == 0 {
		return nil
	}
	r := &numberRow{all: all}
	n := float64(max(len(all), 3))
	r.wide = (measureWidth - (n-1)*18) / n
	if len(all) < 3 {
		r.wide = (measureWidth - float64(len(all)-1)*18) / float64(len(all))
	}
	longest := 0
	for _, x := range all {
		lines := s.wrap(typeface.Regular, sizeLead, x.Sentence, r.wide)
		r.sentences = append(r.sentences, lines)
		longest = max(longest, len(lines))
	}
	r.height = 27 + float64(longest)*11.3
	return r
}

func (r *numberRow) set(s *sheet, x, top float64) {
	for k, n := range r.all {
		ink := black
		switch n.Verdict {
		case answers.Tied, answers.Better:
			ink = accent
		case answers.Worse:
			ink = alarm
		}
		s.doc.Rule(x, top, x+r.wide, top, 0.8, ink)
		s.doc.Text(x, top-21, typeface.Bold, sizeNumber, ink, n.Big)
		s.lines(x, top-27, typeface.Regular, sizeLead, 11.3, black, r.sentences[k])
		x += r.wide + 18
	}
}

// terms is the last chapter: what the words mean, how it was tested, what could not be
// computed, and where the numbers come from.
func (c *composer) terms() {
	c.chapter = chapterTerms
	for _, part := range []struct {
		title string
		list  []said
	}{{"Metrics", c.metricTerms()}, {"Words", c.wordTerms()}, {"Not answered: what it would need", c.absent()}, {"Noted", c.noted()},
		{"Provenance", c.provenance()}, {"Tables that failed", c.failures()}} {
		for _, p := range c.s.saidPieces(part.title, part.list) {
			p.mark = p.title
			c.add(offer{full: p})
		}
	}
}

// saidPieces is a list as pieces that fit on a page; only the first has the title.
func (s *sheet) saidPieces(title string, list []said) []*piece {
	var all []*piece
	list = s.shortened(list, measureWidth*(1-0.16)-10)
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) {
			if p := s.saidPiece(title, list[from:to+1], measureWidth, 0.16); p.least > 330 {
				break
			}
			to++
		}
		p := s.saidPiece(title, list[from:to], measureWidth, 0.16)
		all = append(all, p)
		from, title = to, ""
	}
	return all
}

// mostSaid is how many lines a text of a list has; a longer one goes on in the next row.
const mostSaid = 30

// shortened cuts texts that are too long for one row.
func (s *sheet) shortened(list []said, width float64) []said {
	var all []said
	for _, x := range list {
		st := typeface.Regular
		if x.mono {
			st = typeface.Mono
		}
		lines := s.wrap(st, saidSize(x), x.text, width)
		if len(lines) <= mostSaid {
			all = append(all, x)
			continue
		}
		for part := range slices.Chunk(lines, mostSaid) {
			x.text = strings.Join(part, "\n")
			all = append(all, x)
			x.name = ""
		}
	}
	return all
}

// metricTerms defines the metrics that the paper shows.
func (c *composer) metricTerms() []said {
	var list []said
	seen := map[string]bool{}
	add := func(m metrics.Measure) {
		id := cmp.Or(m.Metric.ID, m.Name())
		if seen[id] {
			return
		}
		seen[id] = true
		arrow := map[metrics.Direction]string{metrics.Higher: " ↑", metrics.Lower: " ↓"}[m.Metric.Better]
		text := cmp.Or(m.Metric.Definition, answers.Plainly(m))
		list = append(list, said{name: cmp.Or(m.Metric.Label, id) + arrow, text: joinSentences(text)})
	}
	add(c.d.Board.By)
	for _, m := range answers.Columns(c.d.Board) {
		add(m)
	}
	if c.d.Appendix {
		for _, m := range c.d.Board.Beside {
			add(m)
		}
	}
	for _, f := range c.a.Findings {
		if c.shown[f.Name] == nil || f.Table == nil {
			continue
		}
		for _, col := range f.Table.Columns {
			if m, err := metrics.ParseMeasure(col.Measure); err == nil {
				add(m)
			}
		}
	}
	return list
}

// wordTerms explains the words of the answers that the paper has.
func (c *composer) wordTerms() []said {
	list := []said{{name: "confidence", text: "What a model says of its own answer; " + c.d.Board.Choice.Confidence + " here. A model abstains where it is lowest."},
		{name: "share answered", text: "Also coverage: the share of samples above a threshold of confidence; the error among them is the selective risk."}}
	if r := c.d.Board.Resolution; r != nil {
		list = append(list, said{name: "tied with the best", text: fmt.Sprintf("Not told apart from the best: the paired difference to it on the same %s is not proven, "+
			"all pairs judged at once at %g %%. Rank sets are the places that a model may have by the same tests.", words.Plural(r.N, "sample"), 100*r.Level)})
	}
	if c.a.Find("regimes") != nil {
		list = append(list, said{name: "twins, pairs", text: "A model and the model that its metadata name as its base: the same architecture, trained plainly. Pairs that share a base count once."})
	}
	if c.d.Study != nil {
		list = append(list, said{name: "proven", text: fmt.Sprintf("A change whose test passes after Holm's correction, and whose interval leaves 0, at %g %%. "+
			"Too few: even if all pairs agreed, the test could not pass.", 100*c.d.Study.Level)})
	}
	return list
}

func (c *composer) absent() []said {
	var list []said
	for _, a := range c.a.Absent {
		list = append(list, said{name: a.Question, text: joinSentences(a.Because)})
	}
	return list
}

// noted are the footnotes of board and study.
func (c *composer) noted() []said {
	var list []said
	for i, text := range append(say.Notes(c.d.Board.Notes), c.a.Notes...) {
		name := ""
		if i == 0 {
			name = "notes"
		}
		list = append(list, said{name: name, text: joinSentences(words.Capital(text))})
	}
	const most = 14
	if len(list) > most {
		more := len(list) - most
		list = append(list[:most], said{text: fmt.Sprintf("%d more notes are in the study's files.", more)})
	}
	return list
}

func (c *composer) provenance() []said {
	var list []said
	for _, f := range append(c.d.subject(), c.d.provenance()...) {
		if slices.Contains([]string{"Notes", "Curves of", "Metrics"}, f.Name) {
			continue // said elsewhere
		}
		list = append(list, said{name: f.Name, text: f.Text, mono: f.Mono})
	}
	return list
}

// failures are the tables that could not be evaluated, the first of them without an appendix.
func (c *composer) failures() []said {
	if c.d.Results == nil || len(c.d.Results.Failures) == 0 {
		return nil
	}
	list := []said{{name: "", text: failureSummary(c.d.Results)}}
	most := 8
	if c.d.Appendix {
		most = len(c.d.Results.Failures)
	}
	for i, f := range c.d.Results.Failures {
		if i == most {
			list = append(list, said{text: fmt.Sprintf("%d more are in run.json.", len(c.d.Results.Failures)-most)})
			break
		}
		text := f.Table + ": " + f.Reason
		if f.Hint != "" {
			text += " (hint: " + f.Hint + ")"
		}
		list = append(list, said{name: failureName(f), text: text})
	}
	return list
}
