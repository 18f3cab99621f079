package reports

import (
	"fmt"
	"slices"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/reports/typeface"
)

// cover sets the title page. It returns the height at which the contents will
// begin; these are known only at the end.
func (s *sheet) cover(d Document) float64 {
	b := d.Board
	s.page()
	s.doc.Bookmark("Title page", 0, pageHeight)
	s.doc.Box(left, pageHeight-92, 42, 3, accent)
	s.y = pageHeight - 100
	s.paragraph(typeface.Bold, sizeTitle, black, s.title)
	s.y -= 4
	s.paragraph(typeface.Regular, 12, grey, subtitle(b))
	s.y -= 16
	s.rule()
	s.facts(d.subject())
	s.y -= 6
	s.rule()
	s.facts(d.provenance())
	return s.y
}

// facts sets facts one below the other.
func (s *sheet) facts(all []fact) {
	for _, f := range all {
		st := typeface.Regular
		if f.Mono {
			st = typeface.Mono
		}
		s.fact(f.Name, st, f.Text)
	}
}

func (s *sheet) rule() {
	s.doc.Rule(left, s.y, s.right(), s.y, 0.5, hair)
	s.y -= 4
}

// contents fills the lower part of the title page with the chapters, and with the
// characters that no font had.
func (s *sheet) contents(y float64) {
	s.doc.Turn(1)
	s.y = y - 6
	s.rule()
	s.y -= 10
	lines := s.headings
	for float64(len(lines))*sizeBody*1.5 > s.y-bottom-20 {
		shorter := withoutLongest(lines)
		if len(shorter) == len(lines) {
			break
		}
		lines = shorter
	}
	for _, h := range lines {
		s.y -= sizeBody * 1.5
		st, x, ink := typeface.Regular, left+float64(h.level)*14, black
		if h.level > 0 {
			ink = grey
		}
		s.doc.Text(x, s.y, st, sizeBody, ink, s.fit(st, sizeBody, h.text, s.measure()-60))
		s.flush(s.right(), s.y, st, sizeBody, ink, fmt.Sprint(h.page))
		s.doc.Link(left, s.y-3, s.measure(), sizeBody*1.4, h.page)
	}
	if note := s.doc.Fonts.Note(); note != "" {
		lines := s.wrap(typeface.Regular, sizeSmall, "Note: "+note+".", s.measure())
		for i, line := range lines {
			s.doc.Text(left, 46+float64(len(lines)-1-i)*sizeSmall*1.3, typeface.Regular, sizeSmall, grey, line)
		}
	}
}

// withoutLongest drops the sections of the chapter that has the most. The
// sections of the findings are dropped last.
func withoutLongest(lines []heading) []heading {
	longest, begin, spared := 0, 0, 0
	for i := 0; i < len(lines); {
		n := 0
		for i+1+n < len(lines) && lines[i+1+n].level > 0 {
			n++
		}
		if lines[i].text == findingsTitle {
			spared = i + 1
		} else if n > longest {
			longest, begin = n, i+1
		}
		i += 1 + n
	}
	if longest == 0 && spared > 0 {
		begin = spared
		for begin+longest < len(lines) && lines[begin+longest].level > 0 {
			longest++
		}
	}
	return slices.Delete(slices.Clone(lines), begin, begin+longest)
}

// definitions sets a section for each metric of the board.
func (s *sheet) definitions(b *board.Board) {
	s.chapter("Metrics")
	for _, d := range definitions(b) {
		s.definition(d)
	}
}

// definition sets the definition of one metric, on one page if it fits on one.
func (s *sheet) definition(d definition) {
	lines := len(s.wrap(typeface.Regular, sizeBody, d.Text, s.measure()))
	for _, f := range d.Facts {
		lines += len(s.wrap(typeface.Regular, sizeBody, f.Text, s.right()-factColumn))
	}
	s.room(float64(lines)*sizeBody*1.4 + 2*float64(len(d.Facts)) + sizeSection + 16)
	s.section(d.Name)
	s.paragraph(typeface.Regular, sizeBody, black, d.Text)
	s.y -= 4
	s.facts(d.Facts)
	s.y -= 10
}

// failures lists the tables that could not be evaluated. A report without results
// does not know which failed, so it lists nothing.
func (s *sheet) failures(r *results.Results) {
	if r == nil {
		return
	}
	s.chapter("Failures")
	s.paragraph(typeface.Regular, sizeBody, black, failureSummary(r))
	for _, f := range r.Failures {
		s.y -= 6
		s.room(4 * sizeBody * 1.4)
		s.paragraph(typeface.Bold, sizeBody, black, failureName(f))
		s.paragraph(typeface.Mono, sizeSmall-0.5, grey, f.Table)
		s.paragraph(typeface.Regular, sizeBody, black, f.Reason)
		if f.Hint != "" {
			s.paragraph(typeface.Regular, sizeBody, grey, "hint: "+f.Hint)
		}
	}
}
