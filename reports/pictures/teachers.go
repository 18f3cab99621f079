package pictures

import (
	"abstain/harness/study"
	"abstain/reports/figure"
	"fmt"
	"strings"
)

var teachers = Picture{
	Name: "teachers", Title: "Teachers and students",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: teacherFigures,
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
