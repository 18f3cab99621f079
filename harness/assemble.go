package harness

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/internal/words"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics/resample"

	"github.com/zeebo/xxh3"
)

// assemble makes the results from the work of all stages, with rows in the order
// of the corpora.
func (p *plan) assemble(w work) *results.Results {
	out := &results.Results{Dir: p.Out, Measures: p.wanted.Measures, Models: models(w.tables), Kept: map[results.Key]string{}}
	out.Run = results.RunInfo{Version: p.Version, Metrics: out.Names(), Confidences: p.wanted.Confidences, Groups: p.wanted.Groups,
		Intervals: p.wanted.Intervals, Methods: resample.Version, Transforms: p.Transforms, Credal: p.Credal, Sets: p.Sets, Notices: w.notices}
	for place, t := range w.tables {
		switch {
		case t.err != nil:
			out.Failures = append(out.Failures, failure(t.table, t.err))
			out.Rows = append(out.Rows, failedRow(t.table, posthoc.None))
			out.Run.Counts.Failed++
		case t.record == nil: // interrupted before it was begun
		default:
			p.addTableRows(out, w, place)
			if t.source == fromJournal && !w.transformed[place].Computed && !w.hedged[place].Computed && !w.covered[place].Computed {
				out.Run.Counts.Cached++
			} else {
				out.Run.Counts.Computed++
			}
		}
	}
	out.Run.Counts.Tables += len(w.tables)
	out.Failures = append(out.Failures, p.transformFailures(w)...)
	out.Fits, out.Credal, out.Sets = fitRows(w), credalRows(w), p.setRows(w)
	out.Run.Notices = append(out.Run.Notices, p.tableNotes(w.tables)...)
	out.Run.Notices = append(out.Run.Notices, fittedOnAll(w)...)
	p.addCorpora(out, w.tables)
	return out
}

// mostNotes is how many different notes of tables are spelled out.
const mostNotes = 20

// tableNotes are what reading the tables gave to say, and which of their rows are in
// no group, the same for several tables once.
func (p *plan) tableNotes(tables []evaluated) []string {
	var notes []string
	of := map[string][]string{}
	for _, t := range tables {
		if t.record == nil || t.err != nil {
			continue
		}
		for _, n := range slices.Concat(t.record.Notes, p.ungrouped(t.record)) {
			if of[n] == nil {
				notes = append(notes, n)
			}
			of[n] = append(of[n], t.table.Name)
		}
	}
	for i, n := range notes {
		if i == mostNotes {
			return append(notes[:i], fmt.Sprintf("%d more notes on tables: abstain check lists those of reading them", len(notes)-i))
		}
		notes[i] = fmt.Sprintf("%s: %s", words.Shorten(of[n], 4), n)
	}
	return notes
}

// ungrouped notes the rows of a table that are in no group of an attribute wanted.
func (p *plan) ungrouped(r *store.Record) []string {
	var notes []string
	for _, attribute := range p.wanted.Groups {
		switch n := evaluate.Ungrouped(r, attribute); {
		case n == 0:
		case attribute == evaluate.LabelAttribute:
			notes = append(notes, fmt.Sprintf("%d of %s have label -1: left out of the groups by label", n, words.Plural(r.N, "row")))
		default:
			notes = append(notes, fmt.Sprintf("%d of %s have no %s: left out of its groups", n, words.Plural(r.N, "row"), attribute))
		}
	}
	return notes
}

// addTableRows adds the rows of a table, as stored and under every transform.
func (p *plan) addTableRows(out *results.Results, w work, place int) {
	t := w.tables[place].table
	for _, v := range p.versions(w, place) {
		rows := p.rows(t, v)
		groups := p.groupRows(v, rows)
		out.Rows = append(out.Rows, rows...)
		out.Kept[rowKey(t, v.transform, "").Table()] = v.record.Key
		out.GroupRows = append(out.GroupRows, groups...)
		out.Disparities = append(out.Disparities, results.Disparities(p.wanted.Measures, groups)...)
	}
	for i, under := range w.transformed[place].Transforms {
		if under.Err != nil {
			out.Rows = append(out.Rows, failedRow(t, apply.ID(p.transforms, i)))
		}
	}
	for i, under := range w.hedged[place].Transforms {
		if under.Err != nil {
			out.Rows = append(out.Rows, failedRow(t, hedge.Predictions[i]))
		}
	}
	for i, under := range w.covered[place].Transforms {
		if under.Err != nil {
			out.Rows = append(out.Rows, failedRow(t, w.covered[place].Names[i]))
		}
	}
}

// version is one block of rows of results.csv: a table under a transform.
type version struct {
	transform string
	record    *store.Record
	partner   string // key of the record whose in-distribution samples the out-of-distribution ones are compared with
}

// versions lists the versions of a table in the order of its rows: the
// predictions as stored, then the stored predictions on only those samples that
// fitted transforms are judged on, then the transforms in the order they were
// asked for.
func (p *plan) versions(w work, place int) []version {
	partner := partnerOf(w.tables, place)
	list := []version{{posthoc.None, w.tables[place].record, recordKeyOf(w, partner)}}
	transforms := w.transformed[place].Transforms
	for i := range transforms {
		i = (i + len(p.transforms)) % len(transforms) // the last entry, the stored predictions on fewer samples, comes first
		if t := transforms[i]; t.Record != nil && t.Err == nil {
			list = append(list, version{apply.ID(p.transforms, i), t.Record, transformedKeyOf(w, partner, i)})
		}
	}
	for i, t := range w.hedged[place].Transforms {
		if t.Record != nil && t.Err == nil {
			list = append(list, version{hedge.Predictions[i], t.Record, ""})
		}
	}
	for i, t := range w.covered[place].Transforms {
		if t.Record != nil && t.Err == nil {
			list = append(list, version{w.covered[place].Names[i], t.Record, ""})
		}
	}
	return list
}

func rowKey(t datasets.Table, transform, confidence string) results.Key {
	return results.Key{Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition,
		Transform: transform, Confidence: confidence}
}

func failedRow(t datasets.Table, transform string) results.Row {
	return results.Row{Key: rowKey(t, transform, ""), Status: "failed"}
}

// rows returns one row for each confidence function.
func (p *plan) rows(t datasets.Table, v version) []results.Row {
	var rows []results.Row
	for _, name := range p.wanted.ConfidencesOf(v.record) {
		rows = append(rows, results.Row{Key: rowKey(t, v.transform, name), Status: "ok", N: v.record.N, Classes: v.record.Classes,
			Cells: p.wanted.Estimates(v.record.Cells[name], v.partner)})
	}
	return rows
}

// groupRows repeats the rows for each level of the attributes that are wanted.
func (p *plan) groupRows(v version, rows []results.Row) []results.GroupRow {
	var list []results.GroupRow
	for _, attribute := range p.wanted.Groups {
		levels := v.record.Groups[attribute]
		for _, level := range slices.Sorted(maps.Keys(levels)) {
			for _, row := range rows {
				g := levels[level]
				row.N, row.Cells = g.N, p.wanted.Estimates(g.Cells[row.Confidence], v.partner)
				list = append(list, results.GroupRow{Attribute: attribute, Group: level, Row: row})
			}
		}
	}
	return list
}

// brief is an error that leaderboards can say in a few words.
type brief interface {
	error
	Brief() string
}

// failure says why a table failed.
func failure(t datasets.Table, err error) results.Failure {
	f := results.Failure{Table: t.Name, Model: t.Model, Dataset: t.Dataset, Split: t.Split, Condition: t.Condition, Reason: err.Error()}
	if e, ok := errors.AsType[*datasets.Error](err); ok {
		f.Hint = e.Hint
	}
	if b, ok := errors.AsType[brief](err); ok {
		f.Brief = b.Brief()
	}
	return f
}

// transformFailures lists the transforms that failed. A failed fit concerns all
// tables of a model but is listed once.
func (p *plan) transformFailures(w work) []results.Failure {
	seen := map[string]bool{}
	var failures []results.Failure
	for place, done := range w.transformed {
		for i, t := range done.Transforms {
			if t.Err == nil || seen[t.Err.Error()] {
				continue
			}
			seen[t.Err.Error()] = true
			at := w.tables[place].table
			if e, ok := errors.AsType[*apply.FitError](t.Err); ok {
				at = w.tables[e.On].table
			}
			f := failure(at, t.Err)
			f.Transform, f.Hint = apply.ID(p.transforms, i), ""
			failures = append(failures, f)
		}
	}
	for place := range w.tables {
		for i, t := range w.hedged[place].Transforms {
			if t.Err != nil && !seen[t.Err.Error()] {
				seen[t.Err.Error()] = true
				f := failure(w.tables[place].table, t.Err)
				f.Transform, f.Hint = hedge.Predictions[i], ""
				failures = append(failures, f)
			}
		}
		for i, t := range w.covered[place].Transforms {
			if t.Err != nil && !seen[t.Err.Error()] {
				seen[t.Err.Error()] = true
				f := failure(w.tables[place].table, t.Err)
				f.Transform, f.Hint = w.covered[place].Names[i], ""
				failures = append(failures, f)
			}
		}
	}
	return failures
}

// fitRows lists the fits that the rows of the results come from, each once.
func fitRows(w work) []results.FitRow {
	type fitted struct{ model, dataset, transform string }
	seen := map[fitted]bool{}
	var rows []results.FitRow
	for place, done := range w.transformed {
		for _, t := range slices.Concat(done.Transforms, w.hedged[place].Transforms) {
			if t.Record == nil || t.Record.Fits == nil {
				continue
			}
			k := fitted{w.tables[place].table.Model, w.tables[place].table.Dataset, t.Record.Transform}
			if seen[k] {
				continue
			}
			seen[k] = true
			for _, fit := range t.Record.Fits {
				rows = append(rows, results.FitRow{Model: k.model, Dataset: k.dataset, Transform: k.transform, On: fit.On, Rows: fit.Rows,
					Loss: fit.Loss, Before: float64(fit.Before), After: float64(fit.After), Parameters: fit.Parameters, Note: fit.Note})
			}
		}
	}
	return rows
}

// fittedOnAll words the notice about tables whose samples were all fitted on, so
// that none was left to judge.
func fittedOnAll(w work) []string {
	var names []string
	for place, done := range w.transformed {
		if done.AllFitted {
			names = append(names, w.tables[place].table.Name)
		}
	}
	if names == nil {
		return nil
	}
	return []string{fmt.Sprintf("no transform of %s: every sample was fitted on", words.Shorten(names, 4))}
}

// addCorpora adds the problems, notices and hashes of the corpora. A run without
// a corpus repeats what its folder says about them.
func (p *plan) addCorpora(out *results.Results, tables []evaluated) {
	for _, c := range p.Corpora {
		for _, err := range c.Problems {
			out.Failures = append(out.Failures, failure(datasets.Table{Name: c.Name}, err))
			out.Run.Counts.Failed++
			out.Run.Counts.Tables++
		}
		for _, err := range c.Skipped {
			out.Run.Notices = append(out.Run.Notices, "left out: "+err.Error())
		}
	}
	if p.earlier != nil {
		p.earlier.repeat(out)
	}
	for _, c := range p.Corpora { // tables are in the order of the corpora
		out.Run.Corpora = append(out.Run.Corpora, describe(c, tables[:len(c.Tables)]))
		tables = tables[len(c.Tables):]
	}
}

// describe sums up a corpus; its hash covers the contents of its tables.
func describe(c *datasets.Corpus, tables []evaluated) results.CorpusInfo {
	info := results.CorpusInfo{Name: c.Name, Tables: len(tables)}
	h := xxh3.New()
	for _, t := range tables {
		info.Bytes += t.table.Size
		if t.record != nil {
			h.WriteString(t.table.Path + "\x00" + t.record.Hash + "\n")
		}
	}
	info.Hash = store.Digest(h)
	return info
}

// models lists the metadata of each model on each dataset, in the order of the
// corpora. A key whose value differs between the tables of any one model (the
// writer, say) describes tables, not models, and is left out.
func models(tables []evaluated) []results.Model {
	type key struct{ model, dataset string }
	var list []results.Model
	at := map[key]int{}
	varies := map[string]bool{}
	for _, t := range tables {
		k := key{t.table.Model, t.table.Dataset}
		i, ok := at[k]
		if !ok {
			at[k] = len(list)
			list = append(list, results.Model{Model: k.model, Dataset: k.dataset, Meta: t.table.Meta})
			continue
		}
		for _, p := range t.table.Meta {
			varies[p.Key] = varies[p.Key] || list[i].Meta.Get(p.Key) != p.Value
		}
	}
	for i := range list {
		list[i].Meta = slices.DeleteFunc(slices.Clone(list[i].Meta), func(p datasets.Pair) bool { return varies[p.Key] })
	}
	return list
}
