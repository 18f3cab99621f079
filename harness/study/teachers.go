package study

import (
	"context"
	"math"
)

// Teachers is what the experiment teachers found.
type Teachers struct {
	Metrics  []string
	Students []Student
	Changes  []Changes // student less teacher, and student less base where the teacher is worse than the base
}

// Student is a distilled model with its teacher and its base twin.
type Student struct {
	Student, Teacher, Base string
	Values                 [][3]float64 // by metric: student, teacher, base (NaN if there is none)
}

// StudentOverTeacher compares a metric of students with that of their teachers.
type StudentOverTeacher struct{ Changes }

// StudentOverTwin compares students with their base twins, which have the same
// architecture and plain training, where the teacher is worse than the twin.
type StudentOverTwin struct{ Changes }

// OwnTeacher is a model that is named as its own teacher.
type OwnTeacher struct{ Model string }

// TeachersAbsent counts the students whose teachers are not among the compared models.
type TeachersAbsent struct{ Students int }

// NoTeachers says that no model has a teacher among the others.
type NoTeachers struct{}

// TwinsPicked says how the choice of twins biases the comparison: it takes the pairs by
// the values that are compared.
type TwinsPicked struct{}

func (StudentOverTeacher) claim() {}
func (StudentOverTwin) claim()    {}
func (OwnTeacher) missing()       {}
func (TeachersAbsent) missing()   {}
func (NoTeachers) missing()       {}
func (TwinsPicked) note()         {}

const (
	studentTeacher = "student - teacher"
	studentBase    = "student - base, teacher worse than base"
)

// teachers compares students with their teachers, and asks whether a student gains from a
// teacher that is worse than the student's base twin.
func teachers(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	data := &Teachers{}
	var pairs []pair
	absent := 0
	for i, s := range f.models {
		teacher := s.meta.Get("teacher")
		if teacher == "" {
			continue
		}
		if t, ok := f.place[teacher]; ok && t == i {
			e.missing(OwnTeacher{teacher})
		} else if ok {
			pairs = append(pairs, pair{t, i})
		} else {
			absent++
		}
	}
	if absent > 0 {
		e.missing(TeachersAbsent{absent})
	}
	if len(pairs) == 0 {
		e.missing(NoTeachers{})
		return e, nil
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
		var worseTeacher []pair
		for j, s := range data.Students {
			if (s.Values[k][1]-s.Values[k][2])*c.improves() < 0 {
				worseTeacher = append(worseTeacher, pair{f.place[s.Base], pairs[j].treated})
			}
		}
		list = append(list, contrast{treatment: studentBase, column: c, pairing: f.pairUp(c, worseTeacher)})
	}
	data.Changes = f.describe(list)
	e.Data = data
	e.Tables = []Table{data.table(columns), changeTable("teacher-changes", "comparison", data.Changes)}
	f.noteIntervals(&e, OfTeacherOrBase, "comparison", f.replicates() > 0)
	e.note(TwinsPicked{})
	f.teacherClaims(&e, data)
	return e, nil
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
		var claim Claim = StudentOverTwin{c}
		if c.Treatment == studentTeacher {
			claim = StudentOverTeacher{c}
		}
		e.find(Finding{Claim: claim, Basis: f.changeBasis(c, "comparison"), N: len(c.Values), Of: Pairs})
	}
}
