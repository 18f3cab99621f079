package pictures

import (
	"fmt"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var teachers = Picture{
	Name: "teachers", Title: "Teachers and students",
	Claim: teacherClaim, Basis: changeBasis, Missing: teacherMissing, Note: teacherNote,
	Listing: noListing, Figures: teacherFigures,
}

func teacherClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.StudentOverTeacher:
		return fmt.Sprintf("by %s the student is better than its teacher in %s", study.Label(c.Metric), inPairs(c.Changes))
	case study.StudentOverTwin:
		return fmt.Sprintf("where the teacher has the worse %s than the student's twin, the student is better than the twin in %s", study.Label(c.Metric), inPairs(c.Changes))
	}
	return unsaid(c)
}

// inPairs says in how many pairs a change is an improvement, and how large it is.
func inPairs(c study.Changes) string {
	return fmt.Sprintf("%d of %d pairs: median change %s%s", c.Better, len(c.Values), effect(c), unproven(c))
}

func teacherMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.OwnTeacher:
		return fmt.Sprintf("the teacher of %s, which is named as its own: left out", m.Model)
	case study.TeachersAbsent:
		return fmt.Sprintf("the teachers of %s: they are not among the compared models", words.Plural(m.Students, "student"))
	case study.NoTeachers:
		return "no model has metadata \"teacher\" that names another of the models"
	}
	return unsaid(m)
}

func teacherNote(n study.Note) string {
	if _, ok := n.(study.TwinsPicked); ok {
		return "where the teacher is worse than the base twin, the twin was picked for being good on these samples, which counts against the student"
	}
	return unsaid(n)
}

func teacherFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Teachers)
	if !ok {
		return nil, nil
	}
	return draw(teacherClouds(d))
}

func teacherClouds(d *study.Teachers) []sketch {
	var all []sketch
	for k, id := range d.Metrics {
		if id != "auroc" && id != "ece@15" && id != "|overconfidence|" {
			continue
		}
		c := figure.Cloud{X: figure.Axis{Label: study.Label(id) + " of the teacher", Better: study.Direction(id)},
			Y: figure.Axis{Label: study.Label(id) + " of the student", Better: study.Direction(id)}, Equal: true, Grouping: "teacher"}
		for _, s := range d.Students {
			c.Points = append(c.Points, figure.Point{Name: s.Student, Group: s.Teacher, X: figure.Number(s.Values[k][1]), Y: figure.Number(s.Values[k][0])})
		}
		all = append(all, sketch{"teachers-" + strings.NewReplacer("@", "-", "|", "").Replace(id), "Students against their teachers: " + study.Label(id),
			fmt.Sprintf("%d students, each against its teacher, on the same samples.", len(d.Students)), c})
	}
	return all
}
