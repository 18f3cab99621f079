package reports

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
)

// sketch is a picture with the text that goes with it.
type sketch struct {
	name, title, caption string
	picture              figure.Picture
}

// StudyFigures draws what an experiment found. It is empty for an experiment
// without data, and for one whose data is a table only.
func StudyFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	if c, ok := e.Data.([]board.Curves); ok {
		return figure.New("risk-coverage", figure.Input{Curves: c})
	}
	var all []*figure.Figure
	for _, s := range sketches(r, e) {
		text := figure.Text{Name: s.name, Title: s.title, Caption: s.caption}
		parts, err := s.picture.Figures(text)
		if err != nil {
			return nil, fmt.Errorf("figure %s: %w", s.name, err)
		}
		all = append(all, parts...)
	}
	return all, nil
}

func sketches(r *study.Report, e *study.Experiment) []sketch {
	switch d := e.Data.(type) {
	case *study.Scatter:
		return []sketch{calibrationCloud(d)}
	case []study.Constraint:
		return constraintClouds(d)
	case *study.Regimes:
		return []sketch{regimeStrips(r, d)}
	case *study.Alternatives:
		return alternativeStrips(r, e, d)
	case *study.Teachers:
		return teacherClouds(d)
	case *study.Correlations:
		return correlationPictures(r, d)
	case *study.Families:
		return append([]sketch{familyStrips(d)}, sizeCloud(d)...)
	case *study.Leaderboard:
		return leaderForest(d)
	case *study.Severity:
		return []sketch{severityLines(r, d)}
	case *study.Conditions:
		return conditionLines(d)
	case *study.Groups:
		return groupLines(d)
	}
	return nil
}

func axis(id string) figure.Axis {
	return figure.Axis{Label: study.Label(id), Better: study.Direction(id)}
}

// calibrationCloud is the picture of E2: AUROC against -log10 of the calibration
// error, marks as large as models.
func calibrationCloud(d *study.Scatter) sketch {
	c := figure.Cloud{X: axis(d.X), Y: figure.Axis{Label: "−log10 " + study.Label(d.Y), Better: metrics.Higher}, Grouping: "training regime", Marked: markedRegimes(d.Points)}
	points, sized := slices.Clone(d.Points), false
	slices.SortStableFunc(points, func(a, b study.ScatterPoint) int { return cmp.Compare(b.X, a.X) })
	for k, p := range points {
		sized = sized || p.Params > 0
		c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Regime, X: figure.Number(p.X), Y: figure.Number(-math.Log10(p.Y)),
			Size: p.Params, Named: k < 3 || k == len(points)-1})
	}
	if sized {
		c.Size = "the number of parameters"
	}
	return sketch{"ranking-calibration", fmt.Sprintf("%s against %s", study.Label(d.X), study.Label(d.Y)),
		fmt.Sprintf("%d models: how well they rank their errors against how well their confidence is calibrated.", len(d.Points)), c}
}

// markedRegimes are the regimes that get a colour: the most frequent ones but the
// plain one and those not stated, which are the ground that others stand out from.
func markedRegimes(points []study.ScatterPoint) []string {
	const most = 8
	n := map[string]int{}
	var regimes []string
	for _, p := range points {
		if p.Regime == "" || p.Regime == "vanilla" {
			continue
		}
		if n[p.Regime] == 0 {
			regimes = append(regimes, p.Regime)
		}
		n[p.Regime]++
	}
	slices.SortFunc(regimes, func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b)) })
	return regimes[:min(most, len(regimes))]
}

func constraintClouds(list []study.Constraint) []sketch {
	var all []sketch
	for _, d := range list {
		c := figure.Cloud{X: axis(d.Scatter.X), Y: figure.Axis{Label: fmt.Sprintf("coverage at %g %% selective accuracy", 100*d.Accuracy), Better: metrics.Higher},
			Grouping: "training regime", Marked: markedRegimes(d.Scatter.Points)}
		for _, p := range d.Scatter.Points {
			c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Regime, X: figure.Number(p.X), Y: figure.Number(p.Y), Named: p.Model == d.Best})
		}
		all = append(all, sketch{fmt.Sprintf("constraint-%g", 100*d.Accuracy), fmt.Sprintf("Accuracy against coverage at %g %% selective accuracy", 100*d.Accuracy),
			fmt.Sprintf("%d models: the largest share of the samples that can be answered with %g %% of the answers right.", len(c.Points), 100*d.Accuracy), c})
	}
	return all
}

// strip is a row of changes.
func strip(c *study.Changes) figure.Strip {
	if c == nil {
		return figure.Strip{}
	}
	s := figure.Strip{Values: c.Values, Median: value(c), Note: fmt.Sprintf("%d/%d better, %s", c.Better, len(c.Values), shortP(c.P))}
	if len(c.Values) >= 4 {
		s.Quartiles = c.Quartiles
	}
	return s
}

// value is the median of changes with the interval that generalises farthest.
func value(c *study.Changes) figure.Value {
	b := c.Samples
	for _, wider := range []study.Bounds{c.Models, c.Both} {
		if !math.IsNaN(wider.Lo) {
			b = wider
		}
	}
	return figure.Value{At: c.Median, Lo: b.Lo, Hi: b.Hi}
}

func shortP(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p –"
	case p < 0.001:
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// changeStrips has a row for each treatment and a panel for each metric.
func changeStrips(rows []string, panels []figure.StripPanel, of func(panel int, row string) *study.Changes) figure.Strips {
	s := figure.Strips{Rows: rows, Panels: panels}
	for k := range s.Panels {
		s.Panels[k].Reference = 0
		for _, row := range rows {
			s.Panels[k].Strips = append(s.Panels[k].Strips, strip(of(k, row)))
		}
	}
	return s
}

func regimeStrips(r *study.Report, d *study.Regimes) sketch {
	var panels []figure.StripPanel
	for k, id := range d.Metrics {
		panels = append(panels, figure.StripPanel{Axis: figure.Axis{Label: "Δ " + d.Labels[k], Better: study.Direction(id)}})
	}
	s := changeStrips(d.Regimes, panels, func(panel int, row string) *study.Changes {
		for k := range d.Changes {
			if c := &d.Changes[k]; c.Metric == d.Metrics[panel] && c.Treatment == row {
				return c
			}
		}
		return nil
	})
	return sketch{"regimes", "Training regimes against their vanilla twins",
		fmt.Sprintf("Change of each model against its base twin, on the same samples. p: Wilcoxon over base twins, Holm over %d tests. Intervals of medians at %g %%: over %s from six twins on.",
			len(d.Changes), 100*r.Level, reach(r)), s}
}

func reach(r *study.Report) string {
	if r.Replicates > 0 {
		return "new models and new samples"
	}
	return "new models"
}

// alternativeStrips shows the changes of confidence functions or transforms: a
// panel for each metric and condition, at most six.
func alternativeStrips(r *study.Report, e *study.Experiment, d *study.Alternatives) []sketch {
	type place struct{ metric, condition string }
	var places []place
	for _, c := range d.Changes {
		moves := slices.ContainsFunc(c.Values, func(v float64) bool { return v != 0 })
		if p := (place{c.Metric, c.Setting}); moves && !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	if len(places) == 0 {
		return nil
	}
	places = few(places, 6)
	var panels []figure.StripPanel
	for _, p := range places {
		label := "Δ " + study.Label(p.metric)
		if p.metric == "ood-auroc" {
			label += " [" + p.condition + "]"
		}
		panels = append(panels, figure.StripPanel{Axis: figure.Axis{Label: label, Better: study.Direction(p.metric)}})
	}
	s := changeStrips(d.Alternatives, panels, func(panel int, row string) *study.Changes {
		return d.Change(row, places[panel].metric, places[panel].condition)
	})
	all := []sketch{{e.Name, e.Title, fmt.Sprintf("Change on the same models and samples. p: Wilcoxon over models, Holm over %d tests. Intervals of medians at %g %%.", len(d.Changes), 100*r.Level), s}}
	if e.ID == "E5" {
		all = append(all, beforeAfter(d)...)
	}
	return all
}

// few keeps the first of a list and the last.
func few[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n-1]), list[len(list)-1])
}

// beforeAfter sets each model's value after the first transform against before.
func beforeAfter(d *study.Alternatives) []sketch {
	var all []sketch
	first := d.Alternatives[0]
	if slices.Contains(d.Alternatives, "temperature") {
		first = "temperature"
	}
	for k, c := range d.Changes {
		if c.Treatment != first || c.Metric != "auroc" && c.Metric != "ece@15" {
			continue
		}
		cloud := figure.Cloud{X: figure.Axis{Label: study.Label(c.Metric) + " before", Better: study.Direction(c.Metric)},
			Y: figure.Axis{Label: study.Label(c.Metric) + " after " + first, Better: study.Direction(c.Metric)}, Equal: true}
		for i, m := range c.Names {
			cloud.Points = append(cloud.Points, figure.Point{Name: m, X: figure.Number(d.Before[k][i]), Y: figure.Number(d.After[k][i])})
		}
		name := strings.NewReplacer("@", "-").Replace("scaling-" + c.Metric)
		all = append(all, sketch{name, study.Label(c.Metric) + " before and after " + first,
			fmt.Sprintf("%d models on the same samples before and after.", len(c.Names)), cloud})
	}
	return all
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

func correlationPictures(r *study.Report, d *study.Correlations) []sketch {
	var all []sketch
	if len(d.Metrics) > 1 {
		m := figure.Matrix{Scale: "Spearman's rank correlation over models", Low: -1, High: 1, Diverging: true}
		for _, a := range d.Metrics {
			m.Rows, m.Columns = append(m.Rows, brief(a)), append(m.Columns, brief(a))
			var cells []figure.Cell
			for _, b := range d.Metrics {
				c, ok := d.All[[2]string{a, b}]
				switch {
				case a == b:
					cells = append(cells, figure.Cell{Value: figure.Number(1)})
				case !ok:
					cells = append(cells, figure.Cell{Value: figure.Number(math.NaN()), Text: "–"})
				default:
					cells = append(cells, figure.Cell{Value: figure.Value{At: c.Spearman, Lo: c.SpearmanIn.Lo, Hi: c.SpearmanIn.Hi}, Bold: c.SpearmanIn.Lo > 0 || c.SpearmanIn.Hi < 0})
				}
			}
			m.Cells = append(m.Cells, cells)
		}
		all = append(all, sketch{"correlations", "Rank correlations between metrics",
			fmt.Sprintf("Over %d models, or those with both values. Bold: the %g %% interval over new models leaves out 0.", r.Models, 100*r.Level), m})
	}
	if k := d.Ranking; k != nil {
		all = append(all, overlapMatrix(k), bumpChart(k))
	}
	return all
}

// brief is the label of a column where there is little room.
func brief(id string) string {
	condition, ok := strings.CutPrefix(id, "ood-auroc[")
	if !ok {
		return study.Label(id)
	}
	condition = strings.TrimPrefix(strings.TrimSuffix(condition, "]"), "c-ood-")
	if condition == "ood" {
		return "OOD"
	}
	return "OOD " + condition
}

func overlapMatrix(k *study.Rankings) sketch {
	m := figure.Matrix{Scale: fmt.Sprintf("models shared by the %d best", k.Top), Low: 0, High: float64(k.Top), Rows: k.Labels, Columns: k.Labels}
	for i := range k.Overlap {
		var cells []figure.Cell
		for _, n := range k.Overlap[i] {
			cells = append(cells, figure.Cell{Value: figure.Number(float64(n)), Text: fmt.Sprint(n)})
		}
		m.Cells = append(m.Cells, cells)
	}
	return sketch{"overlaps", fmt.Sprintf("How many of the %d best two metrics share", k.Top),
		fmt.Sprintf("%d models that have all of the metrics.", len(k.Models)), m}
}

func bumpChart(k *study.Rankings) sketch {
	b := figure.Bump{Metrics: k.Labels, Top: min(12, len(k.Models))}
	for i, m := range k.Models {
		x := figure.BumpModel{Name: m}
		for j := range k.Metrics {
			x.Ranks = append(x.Ranks, k.Ranks[j][i])
		}
		b.Models = append(b.Models, x)
	}
	return sketch{"ranks", "The ranking by each metric", fmt.Sprintf("Ranks among %d models that have all of the metrics.", len(k.Models)), b}
}

// familyStrips shows the families of some size by the first metrics.
func familyStrips(d *study.Families) sketch {
	const least = 5
	size := map[string]int{}
	for _, x := range d.Rows {
		size[x.Family] = max(size[x.Family], x.N)
	}
	rows := slices.DeleteFunc(slices.Clone(d.Families), func(f string) bool { return size[f] < least })
	caption := fmt.Sprintf("Families of %d models or more.", least)
	if len(rows) == 0 {
		rows, caption = d.Families, "Families of models."
	}
	s := figure.Strips{Rows: rows}
	for k, id := range d.Metrics {
		if !slices.Contains([]string{"accuracy", "auroc", "ece@15", "|overconfidence|", "sac@0.95"}, id) {
			continue
		}
		p := figure.StripPanel{Axis: figure.Axis{Label: d.Labels[k], Better: d.Better[k]}, Reference: math.NaN()}
		for _, family := range rows {
			i := slices.IndexFunc(d.Rows, func(x study.FamilyMetric) bool { return x.Metric == id && x.Family == family })
			if i < 0 {
				p.Strips = append(p.Strips, figure.Strip{})
				continue
			}
			x := d.Rows[i]
			q := figure.Strip{Values: x.Values, Median: figure.Number(x.Median), Note: fmt.Sprintf("n = %d, %s", x.N, shortP(x.P))}
			if x.N >= 4 {
				q.Quartiles = x.Quartiles
			}
			p.Strips = append(p.Strips, q)
		}
		s.Panels = append(s.Panels, p)
	}
	return sketch{"families", "Architecture families", caption + " p: Mann-Whitney of the family against all other models, Holm over all families and metrics.", s}
}

// sizeCloud sets the AUROC of models against their size.
func sizeCloud(d *study.Families) []sketch {
	if d.Points == nil || len(d.Points.Points) == 0 {
		return nil
	}
	c := figure.Cloud{X: figure.Axis{Label: "parameters", Log: true}, Y: axis(d.Points.Y), Grouping: "family"}
	for _, p := range d.Points.Points {
		c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Family, X: figure.Number(p.X), Y: figure.Number(p.Y)})
	}
	return []sketch{{"size", study.Label(d.Points.Y) + " against size", fmt.Sprintf("%d models of known size.", len(c.Points)), c}}
}

// leaderForest shows the best models and the worst by AUROC, with intervals.
func leaderForest(d *study.Leaderboard) []sketch {
	const best, worst = 30, 10
	f := figure.Forest{Axis: axis("auroc"), Reference: math.NaN(), Head: "model", Heads: []string{"place"}}
	n := 0
	for n < len(d.AUROC) && d.AUROC[n].Defined() {
		n++
	}
	for k := range n {
		if k >= best && k < n-worst {
			continue
		}
		row := figure.ForestRow{Name: fmt.Sprint(d.Table.Rows[k][0]), Value: figure.Estimated(d.AUROC[k]), Texts: []string{fmt.Sprint(k + 1)}}
		if k == n-worst && k > best {
			row.Section = fmt.Sprintf("the last %d of %d", worst, n)
		}
		f.Rows = append(f.Rows, row)
	}
	if len(f.Rows) == 0 {
		return nil
	}
	caption := fmt.Sprintf("All %d models.", n)
	if n > len(f.Rows) {
		caption = fmt.Sprintf("The first %d and the last %d of %d models.", best, worst, n)
	}
	return []sketch{{"leaderboard", "Best and worst by AUROC", caption + " Intervals are those of each value by itself.", f}}
}

func severityLines(r *study.Report, d *study.Severity) sketch {
	l := figure.Lines{X: figure.Axis{Label: "severity level, s0 the easiest"}}
	p := figure.LinePanel{Y: figure.Axis{Label: "AUROC, known against new classes", Better: metrics.Higher}}
	middle := figure.Line{Name: "median over models"}
	for k, v := range d.Levels {
		l.Places = append(l.Places, fmt.Sprintf("s%d", v.Level))
		middle.X = append(middle.X, float64(k))
		middle.Y = append(middle.Y, figure.Value{At: v.Median, Lo: v.In.Lo, Hi: v.In.Hi})
	}
	p.Lines = append(p.Lines, middle)
	drawn := 0
	for i, m := range d.Models {
		line := figure.Line{Name: m, Faint: true}
		for k := range d.Levels {
			if !math.IsNaN(d.Values[k][i]) {
				line.X, line.Y = append(line.X, float64(k)), append(line.Y, figure.Number(d.Values[k][i]))
			}
		}
		if len(line.X) > 1 {
			p.Lines = append(p.Lines, line)
			drawn++
		}
	}
	l.Panels = []figure.LinePanel{p}
	return sketch{"severity", "Telling new classes from known ones", fmt.Sprintf("%d models, each a grey line, by severity of the new classes; for each model classes are ranked by itself. The band is the %g %% interval of the median over new models.", drawn, 100*r.Level), l}
}

// conditionLines shows the median of each metric by kind of condition and
// severity, clean at 0.
func conditionLines(d *study.Conditions) []sketch {
	var kinds []string
	leveled := map[string]bool{}
	for _, s := range d.Settings {
		if !slices.Contains(kinds, s.Kind) {
			kinds = append(kinds, s.Kind)
		}
		leveled[s.Kind] = leveled[s.Kind] || s.Severity >= 0
	}
	l := figure.Lines{X: figure.Axis{Label: "severity, each kind's levels in order"}, Places: []string{"clean"}}
	for m, id := range d.Metrics {
		p := figure.LinePanel{Title: d.Labels[m], Y: axis(id)}
		for _, kind := range kinds {
			if !leveled[kind] {
				continue
			}
			line := figure.Line{Name: kind}
			for s, in := range d.Settings {
				if in.Kind != kind {
					continue
				}
				if len(line.X) == 0 {
					line.X, line.Y = append(line.X, 0), append(line.Y, figure.Number(middle(d.Clean[s][m])))
				}
				if step := len(line.X); step == len(l.Places) {
					l.Places = append(l.Places, fmt.Sprint(step))
				}
				line.X, line.Y = append(line.X, float64(len(line.X))), append(line.Y, figure.Number(middle(d.Under[s][m])))
			}
			p.Lines = append(p.Lines, line)
		}
		if len(p.Lines) > 0 {
			l.Panels = append(l.Panels, p)
		}
	}
	var all []sketch
	if len(l.Panels) > 0 {
		all = append(all, sketch{"conditions", "Degradation under shift and attack", "Medians over the models that have the condition's table; clean values on the same samples where these are known.", l})
	}
	if len(d.Ranks) > 0 {
		all = append(all, rankMatrix(d))
	}
	return all
}

// middle is the median of the defined values.
func middle(values []float64) float64 {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// rankMatrix shows how far clean ranks hold under each condition.
func rankMatrix(d *study.Conditions) sketch {
	m := figure.Matrix{Scale: "Spearman with clean ranks", Low: -1, High: 1, Diverging: true, Columns: d.Labels}
	n := 0
	for _, s := range d.Settings {
		m.Rows = append(m.Rows, s.Name)
		var cells []figure.Cell
		for _, id := range d.Metrics {
			i := slices.IndexFunc(d.Ranks, func(c study.Correlation) bool { return c.Scope == s.Name && c.A == id })
			if i < 0 {
				cells = append(cells, figure.Cell{Value: figure.Number(math.NaN()), Text: "–"})
				continue
			}
			c := d.Ranks[i]
			n = max(n, c.N)
			cells = append(cells, figure.Cell{Value: figure.Value{At: c.Spearman, Lo: c.SpearmanIn.Lo, Hi: c.SpearmanIn.Hi}, Bold: c.SpearmanIn.Lo > 0 || c.SpearmanIn.Hi < 0})
		}
		m.Cells = append(m.Cells, cells)
	}
	return sketch{"conditions-ranks", "Ranks under shift and attack against clean ranks", fmt.Sprintf("Over at most %d models. Bold: the interval over new models leaves out 0.", n), m}
}

// groupLines shows what one threshold means for the groups of each attribute.
func groupLines(d *study.Groups) []sketch {
	var all []sketch
	for _, a := range d.Attributes {
		l := figure.Lines{X: figure.Axis{Label: "coverage of all samples at the common threshold"}}
		accuracy := figure.LinePanel{Title: "selective accuracy", Y: figure.Axis{Label: "selective accuracy", Better: metrics.Higher}}
		coverage := figure.LinePanel{Title: "answered share of the group", Y: figure.Axis{Label: "coverage of the group"}}
		for k, level := range a.Levels {
			name := fmt.Sprintf("%s (n = %d)", level, a.Sizes[k])
			x, right, share := groupMedians(d, a.Name, level)
			accuracy.Lines = append(accuracy.Lines, figure.Line{Name: name, X: x, Y: right})
			coverage.Lines = append(coverage.Lines, figure.Line{Name: name, X: x, Y: share})
		}
		l.Panels = []figure.LinePanel{accuracy, coverage}
		all = append(all, sketch{"groups-" + strings.NewReplacer("*", "-", "/", "-").Replace(a.Name), "One threshold for the groups of " + a.Name,
			"Medians over models; the threshold is set on all samples together.", l})
	}
	return all
}

// groupMedians are medians over models at each coverage, of selective accuracy
// and of the group's coverage.
func groupMedians(d *study.Groups, attribute, level string) (x []float64, accuracy, coverage []figure.Value) {
	by := map[string][]study.GroupCurve{}
	for _, c := range d.Curves {
		if c.Attribute == attribute && c.Group == level {
			by[c.Model] = append(by[c.Model], c)
		}
	}
	for at := 0; ; at++ {
		var overall, right, share []float64
		for _, points := range by {
			if at < len(points) {
				overall, right, share = append(overall, points[at].Overall), append(right, points[at].Accuracy), append(share, points[at].Coverage)
			}
		}
		if overall == nil {
			return x, accuracy, coverage
		}
		x = append(x, middle(overall))
		accuracy, coverage = append(accuracy, figure.Number(middle(right))), append(coverage, figure.Number(middle(share)))
	}
}
