package harness

import (
	"context"
	"errors"
	"fmt"
	"os"

	"abstain/datasets"
	"abstain/harness/disk"
	"abstain/harness/evaluate"
	"abstain/harness/gather"
	"abstain/harness/pool"
	"abstain/harness/store"
)

// Finding lists the problems of one table, and what else there is to say of it.
type Finding struct {
	Table    string   // "" for what concerns several tables
	Problems []error  // the first MaxProblems of them
	More     int      // problems beyond those, only counted
	Notes    []string // how the table was read; these are no problems
	Taken    string   // which columns were taken for what; "" if the table cannot be opened
	Rows     int      // of a table without problems
}

// MaxProblems is how many problems of one table are listed; the others are only
// counted.
const MaxProblems = 20

// Check reads every table of the corpora to its end and returns all problems in
// the order of the corpora: problems of the corpora themselves, of the tables'
// structure, of single rows, and of tables that should have the same samples and
// do not. Tables without a problem are among the findings, too, with what was taken for
// what. The error is that of ctx.
func Check(ctx context.Context, corpora []*datasets.Corpus, asked int, progress Progress) ([]Finding, error) {
	progress = heard(progress)
	var findings []Finding
	var tables []datasets.Table
	var bytes int64
	for _, c := range corpora {
		if len(c.Problems) > 0 {
			findings = append(findings, Finding{Table: c.Name, Problems: c.Problems})
		}
		for _, err := range c.Skipped {
			findings = append(findings, Finding{Notes: []string{"left out: " + err.Error()}})
		}
		for _, t := range c.Tables {
			tables = append(tables, t)
			bytes += t.Size
		}
	}
	progress.Start(len(tables), bytes)
	checks, err := pool.Map(ctx, workers(asked), tables, checkTable, func(t datasets.Table, r pool.Result[checked]) {
		progress.Table(Event{Table: t, Err: errors.Join(errors.Join(r.Value.Problems...), r.Err)})
	})
	if err != nil {
		return nil, err
	}
	joined, found := joinChecked(tables, checks)
	for _, f := range found {
		if len(f.Problems)+len(f.Notes) > 0 || f.Taken != "" {
			findings = append(findings, f)
		}
	}
	return findings, uniqueTables(joined)
}

// WriteDigests puts the number of rows and the digest of each table that Check found no
// problem with into the manifests of the corpora, and returns how many. Runs then verify
// them. A corpus without a manifest is an error, and nothing is written.
func WriteDigests(ctx context.Context, corpora []*datasets.Corpus, found []Finding, asked int) (written int, err error) {
	rows := map[string]int{}
	for _, f := range found {
		if len(f.Problems) == 0 && f.Rows > 0 {
			rows[f.Table] = f.Rows
		}
	}
	for _, c := range corpora {
		if c.Manifest == "" {
			return 0, fmt.Errorf("%s has no manifest.csv that digests could be written into: list its tables in one, or abstain convert makes one", c.Name)
		}
	}
	for _, c := range corpora {
		hashes, err := pool.Map(ctx, workers(asked), c.Tables, func(_ context.Context, t datasets.Table) (string, error) {
			stamp, err := t.Stamp()
			if err != nil {
				return "", err
			}
			t.Seen = &stamp
			return hashOf(t)
		}, nil)
		if err != nil {
			return written, err
		}
		digests := map[string]string{}
		for i, h := range hashes {
			if h.Err != nil {
				return written, h.Err
			}
			digests[c.Tables[i].Name] = h.Value
		}
		manifest, err := os.ReadFile(c.Manifest)
		if err != nil {
			return written, err
		}
		n := 0
		manifest, err = c.WithDigests(manifest, func(t datasets.Table) (int, string, bool) {
			if rows[t.Name] == 0 {
				return 0, "", false
			}
			n++
			return rows[t.Name], digests[t.Name], true
		})
		if err == nil {
			err = disk.WriteFile(c.Manifest, manifest)
		}
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// checked is the result of reading one table.
type checked struct {
	Finding
	record *store.Record // only if the table has no problems
}

// joinChecked adds the problems of tables that should have the same samples and
// do not, and a finding for what was noticed about tables together.
func joinChecked(tables []datasets.Table, checks []pool.Result[checked]) ([]datasets.Table, []Finding) {
	w := work{tables: make([]evaluated, len(tables))}
	for i, c := range checks {
		w.tables[i] = evaluated{table: tables[i], record: c.Value.record, err: c.Err}
	}
	var joined []datasets.Table
	var found []Finding
	w = join(w, "", evaluate.Intervals{})
	for i, t := range w.tables {
		f := checks[i].Value.Finding
		if t.err != nil {
			f.Problems = append(f.Problems, t.err)
		}
		joined, found = append(joined, t.table), append(found, f)
	}
	return joined, append(found, Finding{Notes: w.notices})
}

// checkTable reads the table and lists its problems. A table without problems
// gets a record, so that join can compare its samples with those of others.
func checkTable(ctx context.Context, t datasets.Table) (checked, error) {
	c := checked{Finding: Finding{Table: t.Name}}
	var schema datasets.Schema
	o, _, err := gather.Table(ctx, t, gather.Wanted{Schema: &schema, Report: func(e *datasets.Error) bool {
		if len(c.Problems) == MaxProblems {
			c.More++
		} else {
			c.Problems = append(c.Problems, e)
		}
		return true
	}})
	c.Taken = schema.Sentence()
	if o != nil {
		c.Notes = o.Notes
	}
	switch {
	case err == nil && len(c.Problems) == 0:
		c.record = store.NewRecord(o)
		c.Rows = o.N()
	case err != nil && !errors.Is(err, gather.ErrReported):
		c.Problems = append(c.Problems, err)
	}
	return c, nil
}
