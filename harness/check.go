package harness

import (
	"context"
	"errors"
	"runtime"

	"abstain/datasets"
)

// Finding is what is wrong with one table.
type Finding struct {
	Table    string
	Problems []error // the first MaxProblems of them
	More     int     // further ones, counted only
}

// MaxProblems is how many problems of one table are kept with their words.
const MaxProblems = 20

// Check reads every table of the corpora to its end and returns all problems,
// in the order of the corpora: those of the corpora themselves, of the tables'
// structure, of single rows, and of tables that should share their samples and
// do not. The error is that of ctx.
func Check(ctx context.Context, corpora []*datasets.Corpus, workers int, progress Progress) ([]Finding, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	r := &runner{Config: Config{Corpora: corpora, Workers: workers, Progress: progress}}
	var findings []Finding
	var bytes int64
	for _, c := range corpora {
		if len(c.Problems) > 0 {
			findings = append(findings, Finding{Table: c.Name, Problems: c.Problems})
		}
		for _, t := range c.Tables {
			r.jobs = append(r.jobs, &job{place: len(r.jobs), table: t})
			bytes += t.Size
		}
	}
	if progress != nil {
		progress.Start(len(r.jobs), bytes)
	}
	found := make([]Finding, len(r.jobs))
	err := r.pool(ctx, r.jobs, func(ctx context.Context, j *job) error {
		found[j.place] = r.checkTable(ctx, j)
		var err error
		if len(found[j.place].Problems) > 0 {
			err = errors.Join(found[j.place].Problems...)
		}
		r.done(ctx, j, err)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.join()
	for i, j := range r.jobs {
		if j.failure != nil {
			found[i].Problems = append(found[i].Problems, j.failure.err)
		}
		if len(found[i].Problems) > 0 {
			findings = append(findings, found[i])
		}
	}
	return findings, uniqueTables(r.jobs)
}

// checkTable reads the table and lists its problems; one without any gets a
// record, with which join compares its samples.
func (r *runner) checkTable(ctx context.Context, j *job) Finding {
	f := Finding{Table: j.table.Name}
	o, _, err := readTable(ctx, j.table, reading{report: func(e *datasets.Error) bool {
		if len(f.Problems) == MaxProblems {
			f.More++
		} else {
			f.Problems = append(f.Problems, e)
		}
		return true
	}})
	switch {
	case err == nil && len(f.Problems) == 0:
		j.record = newRecord(o, o.Confidence("stored") != nil)
	case err != nil && !errors.Is(err, errReported):
		f.Problems = append(f.Problems, err)
	}
	return f
}
