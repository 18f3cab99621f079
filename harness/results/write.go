package harness

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strconv"

	"abstain/datasets"
	"abstain/harness/posthoc"
	"abstain/metrics"

	"github.com/zeebo/xxh3"
)

// results assembles the rows in the order of the corpora.
func (r *runner) results() *Results {
	out := &Results{Dir: r.Out, Models: models(r.jobs), outcomes: map[Key]string{}}
	for _, m := range r.measures {
		out.Metrics = append(out.Metrics, m.ID)
	}
	out.Run = RunInfo{Version: r.Version, Metrics: out.Metrics, Confidences: r.confidences, Groups: r.groups,
		Intervals: r.intervals, Transforms: r.Transforms, Notices: r.notices}
	for _, j := range r.jobs {
		switch {
		case j.failure != nil:
			out.Failures = append(out.Failures, *j.failure)
			out.Rows = append(out.Rows, Row{Key: j.rowKey(posthoc.None, ""), Status: "failed"})
		case j.record != nil:
			for _, e := range r.evaluations(j) {
				out.Rows = append(out.Rows, r.rows(j, e)...)
				out.outcomes[j.rowKey(e.transform, "").table()] = e.record.Key
				groups := r.groupRows(j, e)
				out.GroupRows = append(out.GroupRows, groups...)
				out.Disparities = append(out.Disparities, r.disparities(e.record, groups)...)
			}
			for i, t := range j.transforms {
				if t.err != nil {
					out.Rows = append(out.Rows, Row{Key: j.rowKey(r.transformID(i), ""), Status: "failed"})
				}
			}
		default: // interrupted before its turn
			continue
		}
		out.Run.Counts.add(j)
	}
	out.Failures = append(out.Failures, r.transformFailures()...)
	out.Fits = r.fitRows()
	out.Run.Notices = append(out.Run.Notices, r.fittedOnAll()...)
	for _, c := range r.Corpora {
		for _, err := range c.Problems {
			j := &job{table: datasets.Table{Name: c.Name}}
			j.fail(err)
			out.Failures = append(out.Failures, *j.failure)
			out.Run.Counts.add(j)
			out.Run.Counts.Tables++
		}
		for _, err := range c.Skipped {
			out.Run.Notices = append(out.Run.Notices, "left out: "+err.Error())
		}
	}
	out.Run.Counts.Tables += len(r.jobs)
	if r.earlier != nil {
		r.describeEarlier(out)
	}
	jobs := r.jobs // in the order of the corpora
	for _, c := range r.Corpora {
		out.Run.Corpora = append(out.Run.Corpora, describe(c, jobs[:len(c.Tables)]))
		jobs = jobs[len(c.Tables):]
	}
	return out
}

func (c *Counts) add(j *job) {
	switch {
	case j.failure != nil:
		c.Failed++
	case j.source == fromJournal:
		c.Cached++
	default:
		c.Computed++
	}
}

func (j *job) rowKey(transform, confidence string) Key {
	t := j.table
	return Key{Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition,
		Transform: transform, Confidence: confidence}
}

func (r *runner) rows(j *job, e evaluation) []Row {
	var rows []Row
	for _, name := range e.record.confidences(r.confidences) {
		rows = append(rows, Row{Key: j.rowKey(e.transform, name), Status: "ok", N: e.record.N, Classes: e.record.Classes,
			Cells: r.estimates(e.record.Cells[name], e.partner)})
	}
	return rows
}

// estimates lists the cells in the order of the metrics asked.
func (r *runner) estimates(cs cells, partner string) []metrics.Estimate {
	var list []metrics.Estimate
	for _, m := range r.measures {
		c, ok := r.find(cs, m, partner)
		if !ok {
			c = cell{Value: value(math.NaN()), Notes: []string{"no out-of-distribution samples"}}
		}
		list = append(list, c.estimate())
	}
	return list
}

func (r *runner) groupRows(j *job, e evaluation) []GroupRow {
	var rows []GroupRow
	for _, attribute := range r.groups {
		levels := e.record.Groups[attribute]
		for _, level := range sortedKeys(levels) {
			for _, row := range r.rows(j, e) {
				g := levels[level]
				row.N, row.Cells = g.N, r.estimates(g.Cells[row.Confidence], e.partner)
				rows = append(rows, GroupRow{Attribute: attribute, Group: level, Row: row})
			}
		}
	}
	return rows
}

// describe sums up a corpus; its hash covers the contents of its tables.
func describe(c *datasets.Corpus, jobs []*job) CorpusInfo {
	info := CorpusInfo{Name: c.Name, Tables: len(jobs)}
	h := xxh3.New()
	for _, j := range jobs {
		info.Bytes += j.table.Size
		if j.record != nil {
			h.WriteString(j.table.Path + "\x00" + j.record.Hash + "\n")
		}
	}
	info.Hash = short(h)
	return info
}

// models lists the metadata of each model on each dataset, in the order of the
// corpora. A key whose value differs between the tables of any one model (the
// writer, say) describes tables, not models, and is left out.
func models(jobs []*job) []Model {
	type key struct{ model, dataset string }
	var list []Model
	at := map[key]int{}
	varies := map[string]bool{}
	for _, j := range jobs {
		k := key{j.table.Model, j.table.Dataset}
		i, ok := at[k]
		if !ok {
			at[k] = len(list)
			list = append(list, Model{Model: k.model, Dataset: k.dataset, Meta: j.table.Meta})
			continue
		}
		for _, p := range j.table.Meta {
			varies[p.Key] = varies[p.Key] || list[i].Meta.Get(p.Key) != p.Value
		}
	}
	for i := range list {
		list[i].Meta = slices.DeleteFunc(slices.Clone(list[i].Meta), func(p datasets.Pair) bool { return varies[p.Key] })
	}
	return list
}

// write replaces the files of the folder, each in one step.
func (s *Results) write(dir string) error {
	run, err := json.MarshalIndent(s.Run.with(s.Failures), "", "  ")
	return errors.Join(err,
		writeFile(filepath.Join(dir, "results.csv"), s.resultsCSV()),
		writeFile(filepath.Join(dir, "models.csv"), s.modelsCSV()),
		writeFile(filepath.Join(dir, "outcomes", "index.csv"), s.indexCSV()),
		s.writeFits(dir),
		writeFile(filepath.Join(dir, "notes.csv"), s.notesCSV()),
		s.writeGroups(dir),
		writeFile(filepath.Join(dir, "run.json"), append(run, '\n')))
}

var keyColumns = []string{"model", "dataset", "split", "condition", "transform", "confidence", "status", "n", "classes"}

func (s *Results) resultsCSV() []byte {
	bounded := bounded(s.Rows, len(s.Metrics))
	return table(append(slices.Clone(keyColumns), s.metricColumns(bounded)...), func(yield func([]string)) {
		for _, row := range s.Rows {
			yield(row.fields(bounded))
		}
	})
}

// bounded reports for each metric whether any row has an interval of it.
func bounded(rows []Row, metrics int) []bool {
	b := make([]bool, metrics)
	for _, row := range rows {
		for i, e := range row.Cells {
			b[i] = b[i] || e.Level > 0
		}
	}
	return b
}

// metricColumns are the metric ids, each with its bounds behind it if it has any.
func (s *Results) metricColumns(bounded []bool) []string {
	var columns []string
	for i, id := range s.Metrics {
		columns = append(columns, id)
		if bounded[i] {
			columns = append(columns, id+".lo", id+".hi")
		}
	}
	return columns
}

// fields renders the row: plain numbers in full precision, nothing where
// something is undefined or unknown.
func (row *Row) fields(bounded []bool) []string {
	fields := []string{row.Model, row.Dataset, row.Split, row.Condition, row.Transform, row.Confidence, row.Status,
		count(row.N), count(row.Classes)}
	for i := range bounded {
		e := cell{Value: value(math.NaN())}.estimate()
		if i < len(row.Cells) {
			e = row.Cells[i]
		}
		fields = append(fields, number(e.Value))
		if bounded[i] {
			fields = append(fields, number(e.Lo), number(e.Hi))
		}
	}
	return fields
}

// notesCSV keeps what estimates have to say, which results.csv has no room for.
func (s *Results) notesCSV() []byte {
	return table(append(slices.Clone(keyColumns[:6]), "metric", "note"), func(yield func([]string)) {
		for _, row := range s.Rows {
			for i, e := range row.Cells {
				for _, note := range e.Notes {
					yield([]string{row.Model, row.Dataset, row.Split, row.Condition, row.Transform, row.Confidence, s.Metrics[i], note})
				}
			}
		}
	})
}

func (s *Results) writeGroups(dir string) error {
	if len(s.GroupRows) == 0 {
		return nil
	}
	var rows []Row
	for _, g := range s.GroupRows {
		rows = append(rows, g.Row)
	}
	bounded := bounded(rows, len(s.Metrics))
	header := slices.Concat(keyColumns[:6], []string{"attribute", "group"}, keyColumns[6:], s.metricColumns(bounded))
	return errors.Join(writeFile(filepath.Join(dir, "disparities.csv"), s.disparitiesCSV()), writeFile(filepath.Join(dir, "groups.csv"), table(header, func(yield func([]string)) {
		for _, g := range s.GroupRows {
			fields := g.fields(bounded)
			yield(slices.Concat(fields[:6], []string{g.Attribute, g.Group}, fields[6:]))
		}
	})))
}

func (s *Results) disparitiesCSV() []byte {
	header := append(slices.Clone(keyColumns[:6]), "attribute", "metric", "groups", "difference", "ratio", "worst_group", "worst")
	return table(header, func(yield func([]string)) {
		for _, d := range s.Disparities {
			worst := ""
			if d.Worst.Name != "" {
				worst = number(d.Worst.Value)
			}
			yield([]string{d.Model, d.Dataset, d.Split, d.Condition, d.Transform, d.Confidence, d.Attribute, d.Metric,
				strconv.Itoa(d.Groups), number(d.Difference.Value), number(d.Ratio.Value), d.Worst.Name, worst})
		}
	})
}

func (s *Results) modelsCSV() []byte {
	var keys []string
	for _, m := range s.Models {
		for _, p := range m.Meta {
			if !slices.Contains(keys, p.Key) {
				keys = append(keys, p.Key)
			}
		}
	}
	return table(append([]string{"model", "dataset"}, keys...), func(yield func([]string)) {
		for _, m := range s.Models {
			fields := []string{m.Model, m.Dataset}
			for _, k := range keys {
				fields = append(fields, m.Meta.Get(k))
			}
			yield(fields)
		}
	})
}

// indexCSV says which file of outcomes belongs to which table.
func (s *Results) indexCSV() []byte {
	return table([]string{"model", "dataset", "split", "condition", "transform", "outcomes"}, func(yield func([]string)) {
		seen := map[Key]bool{}
		for _, row := range s.Rows {
			k := row.Key.table()
			if o := s.outcomes[k]; o != "" && !seen[k] {
				seen[k] = true
				yield([]string{k.Model, k.Dataset, k.Split, k.Condition, k.Transform, o})
			}
		}
	})
}

// table renders a CSV file.
func table(header []string, rows func(yield func([]string))) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	put := func(fields []string) {
		if err := w.Write(fields); err != nil {
			panic(err) // a bytes.Buffer never fails
		}
	}
	put(header)
	rows(put)
	w.Flush()
	return b.Bytes()
}

// number renders a value for machines: nothing where it is undefined.
func number(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
