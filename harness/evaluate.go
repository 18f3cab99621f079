package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"abstain/datasets"
	"abstain/harness/gather"
	"abstain/harness/pool"
	"abstain/harness/store"
	"abstain/metrics"
)

// evaluate evaluates every table, the largest first.
func (p *plan) evaluate(ctx context.Context, w work) (work, error) {
	var bytes int64
	for _, t := range p.tables {
		bytes += t.Size
	}
	p.Progress.Start(len(p.tables), bytes)
	var workspaces sync.Pool // of *workspace, one for each worker
	order := largestFirst(p.tables)
	done, err := pool.Map(ctx, p.Workers, order, func(ctx context.Context, place int) (*evaluated, error) {
		return p.evaluateTable(ctx, w, place, &workspaces)
	}, p.tell)
	w.tables = slices.Clone(w.tables)
	for i, place := range order {
		if done[i].Value != nil {
			w.tables[place] = *done[i].Value
		}
		w.tables[place].err = done[i].Err
	}
	return w, err
}

// tell reports that the evaluation of a table has ended.
func (p *plan) tell(place int, r pool.Result[*evaluated]) {
	cached := r.Value != nil && r.Value.source == fromJournal
	p.Progress.Table(Event{Table: p.tables[place], Cached: cached, Err: r.Err})
}

// workspace is the memory in which a worker evaluates table after table.
type workspace struct {
	gather gather.Workspace
	ranker metrics.Ranker
	store  store.Workspace
}

// evaluateTable evaluates the metrics over a table's own samples. If it returns
// an error, the table comes with what was found out before.
func (p *plan) evaluateTable(ctx context.Context, w work, place int, workspaces *sync.Pool) (*evaluated, error) {
	e, hash, err := p.identify(w.tables[place])
	if err != nil {
		return &e, err
	}
	if e.source == fromJournal {
		return &e, checkRows(e)
	}
	memory, ok := workspaces.Get().(*workspace)
	if !ok {
		memory = new(workspace)
	}
	defer workspaces.Put(memory)
	o, e, err := p.gather(ctx, e, hash, memory)
	if err != nil {
		return &e, err
	}
	if err := p.wanted.Fill(p.store.Folder, e.table.Name, e.record, o, &memory.ranker); err != nil {
		return &e, err
	}
	if p.earlier == nil {
		if err := locate(e.record, e.table); err != nil {
			return &e, err
		}
	}
	return &e, p.store.Append(e.record)
}

// locate notes the table's path, size and time of modification in its record. As
// long as these do not change, later runs need not hash the file.
func locate(r *store.Record, t datasets.Table) error {
	stamp, err := t.Stamp()
	if err != nil {
		return err
	}
	r.Path, r.Size = t.Name, stamp.Size
	if !stamp.ModTime.IsZero() {
		r.ModTime = stamp.ModTime.UnixNano()
	}
	return nil
}

// identify looks up a table's record, and what is missing from it. It returns the
// content hash, or "" if the hash was not needed: if no earlier table had this
// size, no record can belong to this one, and the file is not read only to be
// hashed.
func (p *plan) identify(e evaluated) (_ evaluated, hash string, err error) {
	if p.earlier != nil {
		return e, e.record.Hash, nil
	}
	t := e.table
	stamp, err := t.Stamp()
	if err != nil {
		return e, "", err
	}
	if hash = p.store.HashOf(t.Name, stamp); hash == "" {
		if !p.store.HasSize(stamp.Size) {
			return e, "", nil
		}
		if hash, err = t.Hash(); err != nil {
			return e, "", err
		}
	}
	return p.judge(t, p.store.Lookup(recordKey(t, hash))), hash, nil
}

// judge says what is missing of a table, given its record (or nil).
func (p *plan) judge(t datasets.Table, r *store.Record) evaluated {
	e := evaluated{table: t, source: fromTable, record: r}
	if r != nil {
		e.source = fromJournal
		if p.wanted.Missing(r) {
			e.source = fromOutcomes
		}
	}
	return e
}

// recordKey is the key of a table's record: all that decides its outcomes.
func recordKey(t datasets.Table, hash string) string {
	if v := t.ReaderVersion(); v > 1 {
		hash += fmt.Sprintf("-reader%d", v)
	}
	if view := t.View(); view != "" {
		hash += "-" + store.Brief(view)
	}
	if kind := t.Meta.Get("score_kind"); kind != "" {
		return hash + "-" + kind // the kind decides whether the confidence can be calibrated
	}
	return hash
}

// checkRows refuses a table whose number of rows is not the one in the manifest.
func checkRows(e evaluated) error {
	if e.table.Rows >= 0 && e.table.Rows != e.record.N {
		return gather.RowCount(e.table, e.record.N)
	}
	return nil
}

// gather returns a table's outcomes, and the table with a record to be filled
// from them. It takes the stored outcomes if they have every column wanted;
// otherwise it reads the table and stores its outcomes.
func (p *plan) gather(ctx context.Context, e evaluated, hash string, memory *workspace) (*store.Outcomes, evaluated, error) {
	if e.source == fromOutcomes {
		o, err := p.store.LoadOutcomes(e.record.Key)
		if err == nil && p.wanted.Suffices(o, e.record) {
			e.record = e.record.Clone()
			return o, e, checkRows(e)
		}
		if p.earlier != nil {
			return nil, e, errors.Join(err, p.store.Insufficient("what is asked"))
		}
	}
	o, r, err := p.read(ctx, e, hash, memory)
	if err != nil {
		return nil, e, err
	}
	return o, evaluated{table: e.table, source: fromTable, record: r}, nil
}

// read makes the outcomes from the table itself, and stores them.
func (p *plan) read(ctx context.Context, e evaluated, hash string, memory *workspace) (*store.Outcomes, *store.Record, error) {
	o, read, err := gather.Table(ctx, e.table, gather.Wanted{Vectors: p.wanted.Vectors(), Hash: hash == "",
		Functions: p.wanted.Functions(e.record), Workspace: &memory.gather})
	if err != nil {
		return nil, nil, err
	}
	if hash = cmp.Or(hash, read); hash == "" {
		if hash, err = e.table.Hash(); err != nil {
			return nil, nil, err
		}
	}
	r := store.NewRecord(o)
	r.Hash, r.Key = hash, recordKey(e.table, hash)
	r.Inherit(e.record)
	return o, r, p.store.SaveOutcomes(r.Key, o, &memory.store)
}
