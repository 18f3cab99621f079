package study

import (
	"math"
)

// Teachers is what the experiment teachers found.
type Teachers struct {
	Metrics  []string
	Students []Student
	Changes  []Changes // student less teacher, and student less base where the teacher is worse than the base
}

// Student is a distilled model beside its teacher and its base twin.
type Student struct {
	Student, Teacher, Base string
	Values                 [][3]float64 // by metric: student, teacher, base (NaN if there is none)
}

const (
	studentTeacher = "student - teacher"
	despite        = "student - base, teacher worse than base"
)

// teachers sets students against their teachers, and asks whether a student gains
// from a teacher that is itself worse than the student's twin.
func teachers(f *Folder, e *Experiment) {
	data := &Teachers{}
	var pairs []pair
	absent := 0
	for i, s := range f.models {
		teacher := s.meta.Get("teacher")
		if teacher == "" {
			continue
		}
		if t, ok := f.place[teacher]; ok && t == i {
			e.missingSentence("the teacher of %s, which is named as its own: left out", teacher)
		} else if ok {
			pairs = append(pairs, pair{t, i})
		} else {
			absent++
		}
	}
	if absent > 0 {
		e.missingSentence("the teachers of %s: they are not among the compared models", plural(absent, "student"))
	}
	if len(pairs) == 0 {
		e.missingSentence("no model has metadata \"teacher\" that names another of the models")
		return
	}
	columns := f.axes()
	for _, p := range pairs {
		s := Student{Student: f.models[p.treated].row.Model, Teacher: f.models[p.base].row.Model, Base: f.models[p.treated].meta.Get("base")}
		base, known := f.place[s.Base]
		for _, c := range columns {
			b := math.NaN()
			if known {
				b = c.Values[base]
			}
			s.Values = append(s.Values, [3]float64{c.Values[p.treated], c.Values[p.base], b})
		}
		data.Students = append(data.Students, s)
	}
	var list []contrast
	for k, c := range columns {
		data.Metrics = append(data.Metrics, c.ID)
		list = append(list, contrast{treatment: studentTeacher, column: c, pairing: f.pairUp(c, pairs)})
		var spite []pair
		for j, s := range data.Students {
			if (s.Values[k][1]-s.Values[k][2])*c.improves() < 0 {
				spite = append(spite, pair{f.place[s.Base], pairs[j].treated})
			}
		}
		list = append(list, contrast{treatment: despite, column: c, pairing: f.pairUp(c, spite)})
	}
	data.Changes = f.describe(list)
	e.Data = data
	e.Tables = []Table{data.table(columns), changeTable("teacher-changes", "comparison", data.Changes)}
	f.noteIntervals(e, TeachersOrTwins, f.replicates() > 0)
	e.noteSentence("where the teacher is worse than the base twin, the twin was picked for being good on these samples, which counts against the student")
	f.teacherClaims(e, data)
}

func (d *Teachers) table(columns []*column) Table {
	t := Table{Name: "teachers", Columns: []string{"student", "teacher", "base", "metric", "student_value", "teacher_value", "base_value"}}
	for _, s := range d.Students {
		for k, c := range columns {
			t.add(s.Student, s.Teacher, s.Base, c.ID, s.Values[k][0], s.Values[k][1], s.Values[k][2])
		}
	}
	return t
}

func (f *Folder) teacherClaims(e *Experiment, d *Teachers) {
	for _, c := range d.Changes {
		col := f.column(c.Metric)
		by, proven := c.evidence(), c.unproven(f.level)
		if c.Treatment == studentTeacher {
			e.findSentence(false, len(c.Values), "pair", by, "by %s the student is better than its teacher in %d of %d pairs: median change %s%s",
				col.Label, c.Better, len(c.Values), c.effect(), proven)
		} else {
			e.findSentence(false, len(c.Values), "pair", by, "where the teacher has the worse %s than the student's twin, the student is better than the twin in %d of %d pairs: median change %s%s",
				col.Label, c.Better, len(c.Values), c.effect(), proven)
		}
	}
}
