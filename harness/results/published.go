package results

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/metrics"
)

// Published figures come as a long table: one value in each line, with the
// columns model, metric and value, and, if known, unit, source, dataset, split,
// condition, transform, confidence, n and classes. Every other column is metadata
// of the model.
//
// Metrics are named by their ids, or as papers spell them: "AUROC", "error_rate",
// "ECE_15", "SAC@99 coverage", "AUROC[max_logit]" (the confidence function in
// brackets), "AUROC_TS" (after temperature scaling) and "COOD_AUROC_s5"
// (class-out-of-distribution, severity level 5).
//
// If several lines give the same number, the line is taken whose source has the
// most lines in the table, and the first of several such lines. A notice counts
// the other lines, and the lines whose metric is unknown.

// readLong reads a long table into rows.
func (s *Results) readLong(path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	header, lines, err := parseCSV(path, content)
	if err != nil {
		return err
	}
	for _, name := range []string{"model", "metric", "value"} {
		if !slices.Contains(header, name) {
			return fmt.Errorf("%s: no column %q: a table of published figures has one value a line, in the columns model, metric and value", path, name)
		}
	}
	l := longTable{Results: s, header: header, dataset: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)),
		weight: map[string]int{}, values: map[Key]map[string]figure{}, unknown: map[string]int{}}
	at := slices.Index(header, "source")
	for _, f := range lines {
		if at >= 0 {
			l.weight[f[at]]++
		}
	}
	for i, f := range lines {
		if err := l.add(f); err != nil {
			return fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
	}
	return l.finish(path)
}

// figure is a published value.
type figure struct {
	value  float64
	source string
}

type longTable struct {
	*Results
	header  []string
	dataset string
	weight  map[string]int // number of lines by source
	keys    []Key          // in order of appearance; Confidence is "" if the line names none
	values  map[Key]map[string]figure
	size    map[Key][2]int // n, classes
	unknown map[string]int
	others  int // values not taken, since another source gave the same number
}

// longKey are the columns of a long table that are not metadata.
var longKey = []string{"model", "metric", "value", "unit", "source", "dataset", "split", "condition", "transform", "confidence", "n", "classes"}

func (l *longTable) add(fields []string) error {
	cell := map[string]string{}
	for i, h := range l.header {
		cell[h] = strings.TrimSpace(fields[i])
	}
	name := readName(cell["metric"])
	m, err := metrics.ParseMeasure(name.id)
	if err != nil {
		l.unknown[cell["metric"]]++
		return nil
	}
	if cell["value"] == "" {
		return nil
	}
	v, err := strconv.ParseFloat(cell["value"], 64)
	if err != nil {
		return fmt.Errorf("value %q is no number", cell["value"])
	}
	scale, err := unitScale(cell["unit"])
	if err != nil {
		return err
	}
	v /= scale
	if within := m.Metric.Range; v < within[0] || v > within[1] {
		return fmt.Errorf("%s = %v is outside of its range %v to %v: give the unit (percent, x100, x1000) in a column unit", cell["metric"], v, within[0], within[1])
	}
	k := Key{Model: cell["model"], Dataset: cmp.Or(cell["dataset"], l.dataset), Split: cmp.Or(cell["split"], "test"),
		Condition: cmp.Or(cell["condition"], name.condition, "clean"), Transform: cmp.Or(cell["transform"], name.transform, "none"),
		Confidence: cmp.Or(cell["confidence"], name.confidence)}
	if k.Confidence == "" && m.Metric.Needs&metrics.NeedsConfidence != 0 {
		k.Confidence = "msp"
	}
	if m.Metric.Param != nil && !strings.Contains(name.id, "@") { // one spelling of an operating point
		m.Asked += "@" + strconv.FormatFloat(m.At, 'g', -1, 64)
	}
	l.put(k, m, figure{v, cell["source"]})
	l.describe(k, cell)
	return nil
}

func (l *longTable) put(k Key, m metrics.Measure, f figure) {
	id := m.Name()
	if l.values[k] == nil {
		l.values[k] = map[string]figure{}
		l.keys = append(l.keys, k)
	}
	if !slices.ContainsFunc(l.Measures, func(have metrics.Measure) bool { return have.Name() == id }) {
		l.Measures = append(l.Measures, m)
	}
	if old, ok := l.values[k][id]; ok {
		l.others++
		if l.weight[f.source] <= l.weight[old.source] {
			return
		}
	}
	l.values[k][id] = f
}

// describe keeps the sizes and the metadata that a line gives.
func (l *longTable) describe(k Key, cell map[string]string) {
	if l.size == nil {
		l.size = map[Key][2]int{}
	}
	n, _ := strconv.Atoi(cell["n"])
	classes, _ := strconv.Atoi(cell["classes"])
	t, old := k.Table(), l.size[k.Table()]
	l.size[t] = [2]int{max(n, old[0]), max(classes, old[1])}
	at := slices.IndexFunc(l.Models, func(m Model) bool { return m.Model == k.Model && m.Dataset == k.Dataset })
	if at < 0 {
		at = len(l.Models)
		l.Models = append(l.Models, Model{Model: k.Model, Dataset: k.Dataset})
	}
	m := &l.Models[at]
	for _, h := range l.header {
		if cell[h] != "" && !slices.Contains(longKey, h) && m.Meta.Get(h) == "" {
			m.Meta = append(m.Meta, datasets.Pair{Key: h, Value: cell[h]})
		}
	}
}

// finish makes the rows. A value without a confidence function, such as the
// accuracy, goes into the row of every confidence function that the model has.
func (l *longTable) finish(path string) error {
	if len(l.keys) == 0 {
		return fmt.Errorf("%s: no line has a metric that abstain knows (abstain ls metrics lists them)", path)
	}
	of := map[Key][]string{} // confidence functions by the other parts of the key
	for _, k := range l.keys {
		rest := k
		rest.Confidence = ""
		if k.Confidence != "" {
			of[rest] = append(of[rest], k.Confidence)
		}
	}
	for _, k := range l.keys {
		shared := map[string]figure(nil)
		if k.Confidence == "" {
			if of[k] != nil {
				continue
			}
			k.Confidence, shared = "msp", l.values[k]
		} else {
			rest := k
			rest.Confidence = ""
			shared = l.values[rest]
		}
		l.Rows = append(l.Rows, l.row(k, l.values[k], shared))
	}
	for _, name := range slices.Sorted(maps.Keys(l.unknown)) {
		l.Run.Notices = append(l.Run.Notices, fmt.Sprintf("left out: %d lines of %q, which is no metric that abstain knows", l.unknown[name], name))
	}
	if l.others > 0 {
		l.Run.Notices = append(l.Run.Notices, fmt.Sprintf("%d values stand beside another value of the same number; that of the source with the most values was taken", l.others))
	}
	return nil
}

func (l *longTable) row(k Key, own, shared map[string]figure) Row {
	size := l.size[k.Table()]
	row := Row{Key: k, Status: "ok", N: size[0], Classes: size[1]}
	for _, m := range l.Measures {
		id := m.Name()
		f, ok := own[id]
		if !ok {
			f, ok = shared[id]
		}
		if !ok {
			f.value = math.NaN()
		}
		row.Cells = append(row.Cells, metrics.Estimate{Value: f.value, Lo: math.NaN(), Hi: math.NaN(), N: size[0]})
	}
	return row
}

// unitScale returns the number by which a value in the unit is divided to get
// abstain's unit.
func unitScale(unit string) (float64, error) {
	word, _, _ := strings.Cut(strings.ToLower(unit), " ")
	switch word {
	case "", "fraction", "raw", "nats", "correlation":
		return 1, nil
	case "percent", "%", "x100", "points":
		return 100, nil
	case "x1000", "permille":
		return 1000, nil
	}
	return 0, fmt.Errorf("unit %q: want fraction, percent, x100 or x1000", unit)
}

// name is what the name of a metric in a paper means.
type name struct{ id, confidence, condition, transform string }

var (
	severityName   = regexp.MustCompile(`^c-?ood-auroc-s(\d+)$`)
	constraintName = regexp.MustCompile(`^(?:sac@|coverage-for-accuracy-)(\d\d\.?\d*)$`)
)

// spellings are names that differ from the ids by more than upper and lower case.
var spellings = map[string]string{"error-rate": "error", "acc": "accuracy", "e-aurc": "eaurc", "mean-conf": "mean-confidence"}

// confidenceNames are other names of confidence functions.
var confidenceNames = map[string]string{"softmax": "msp", "max_logit": "max-logit", "maxlogit": "max-logit", "max_softmax": "msp"}

// readName reads a metric's name as papers spell it.
func readName(s string) name {
	var n name
	s, bracket, found := strings.Cut(s, "[")
	if found {
		bracket = strings.TrimSuffix(bracket, "]")
		n.confidence = confidenceName(bracket)
	}
	s = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "_", "-")
	s = strings.TrimSuffix(s, " coverage")
	if rest, ok := strings.CutSuffix(s, "-ts"); ok {
		s, n.transform = rest, "temperature"
	}
	if m := severityName.FindStringSubmatch(s); m != nil {
		level, _ := strconv.Atoi(m[1])
		n.condition, s = fmt.Sprintf("c-ood-s%02d", level), "ood-auroc"
	}
	if m := constraintName.FindStringSubmatch(s); m != nil {
		percent, _ := strconv.ParseFloat(m[1], 64)
		s = "sac@" + strconv.FormatFloat(percent/100, 'g', -1, 64)
	}
	if rest, ok := strings.CutPrefix(s, "ece-"); ok {
		if _, err := strconv.Atoi(rest); err == nil {
			s = "ece@" + rest
		}
	}
	if id, ok := spellings[s]; ok {
		s = id
	}
	n.id = s
	return n
}

// confidenceName returns abstain's name of a confidence function. Every unknown
// name is taken for a score: "odin(T=2,noise=1e-5)" becomes "score:odin".
func confidenceName(s string) string {
	if known, ok := confidenceNames[s]; ok {
		return known
	}
	if slices.ContainsFunc(metrics.ConfidenceFunctions(), func(f metrics.Function) bool { return f.Name == s }) {
		return s
	}
	s, _, _ = strings.Cut(s, "(")
	return "score:" + strings.ReplaceAll(s, "_", "-")
}
