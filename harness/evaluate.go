package harness

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync"

	"abstain/datasets"
	"abstain/harness/gather"
	"abstain/harness/pool"
	"abstain/harness/store"
	"abstain/metrics"
)

// evaluate evaluates each table by itself, largest first.
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

// tell tells of the end of a table's evaluation.
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

// evaluateTable evaluates the metrics over a table's own samples. Beside an error
// it returns how far it came.
func (p *plan) evaluateTable(ctx context.Context, w work, place int, workspaces *sync.Pool) (*evaluated, error) {
	t := p.tables[place]
	f, err := p.identify(w, place)
	e := &evaluated{table: t, source: f.source, record: f.record}
	if err != nil {
		return e, err
	}
	if f.source == fromJournal {
		return e, checkRows(t, f.record)
	}
	memory, ok := workspaces.Get().(*workspace)
	if !ok {
		memory = new(workspace)
	}
	defer workspaces.Put(memory)
	o, r, from, err := p.gather(ctx, t, f, memory)
	if err != nil {
		return e, err
	}
	e.source, e.record = from, r
	if err := p.wanted.Fill(p.store.Folder, t.Name, r, o, &memory.ranker); err != nil {
		return e, err
	}
	if p.earlier == nil {
		if err := locate(r, t); err != nil {
			return e, err
		}
	}
	return e, p.store.Append(r)
}

// locate notes where the table is and how it looks there, so that its hash is
// known as long as it does not change.
func locate(r *store.Record, t datasets.Table) error {
	info, err := fs.Stat(t.FS, t.Path)
	if err != nil {
		return err
	}
	r.Path, r.Size = t.Name, info.Size()
	if changed := info.ModTime(); !changed.IsZero() {
		r.ModTime = changed.UnixNano()
	}
	return nil
}

// found is what there is of a table.
type found struct {
	source source
	record *store.Record // nil if there is none
	// hash is that of the content; "" where no record can be of this table, so that
	// nothing would be gained by reading it for its hash alone.
	hash string
}

// identify finds a table's record, if there is one, and what it still needs.
func (p *plan) identify(w work, place int) (found, error) {
	if p.earlier != nil {
		return p.judge(w.tables[place].record), nil
	}
	t := p.tables[place]
	info, err := fs.Stat(t.FS, t.Path)
	if err != nil {
		return found{}, err
	}
	hash := p.store.HashOf(t.Name, info)
	if hash == "" {
		if !p.store.HasSize(info.Size()) {
			return found{}, nil
		}
		if hash, err = t.Hash(); err != nil {
			return found{}, err
		}
	}
	f := p.judge(p.store.Lookup(recordKey(t, hash)))
	f.hash = hash
	return f, nil
}

// judge says what a record still needs.
func (p *plan) judge(r *store.Record) found {
	switch {
	case r == nil:
		return found{}
	case p.wanted.Missing(r):
		return found{source: fromOutcomes, record: r, hash: r.Hash}
	}
	return found{source: fromJournal, record: r, hash: r.Hash}
}

// recordKey names all that decides a table's outcomes.
func recordKey(t datasets.Table, hash string) string {
	if kind := t.Meta.Get("score_kind"); kind != "" {
		return hash + "-" + kind // decides whether calibration has a meaning
	}
	return hash
}

// checkRows refuses a table that has other rows than the manifest says.
func checkRows(t datasets.Table, r *store.Record) error {
	if t.Rows >= 0 && t.Rows != r.N {
		return gather.RowCount(t, r.N)
	}
	return nil
}

// gather gives a table's outcomes and a record to fill from them: the stored
// outcomes if they hold every column wanted, else those of the table, which are
// then stored.
func (p *plan) gather(ctx context.Context, t datasets.Table, f found, memory *workspace) (*store.Outcomes, *store.Record, source, error) {
	if f.source == fromOutcomes {
		o, err := p.store.LoadOutcomes(f.record.Key)
		if err == nil && p.wanted.Suffices(o, f.record) {
			return o, f.record.Clone(), fromOutcomes, checkRows(t, f.record)
		}
		if p.earlier != nil {
			return nil, nil, fromOutcomes, errors.Join(err, p.store.Insufficient("what is asked"))
		}
	}
	o, r, err := p.read(ctx, t, f, memory)
	return o, r, fromTable, err
}

// read takes the outcomes from the table itself, and keeps them.
func (p *plan) read(ctx context.Context, t datasets.Table, f found, memory *workspace) (*store.Outcomes, *store.Record, error) {
	o, hash, err := gather.Table(ctx, t, gather.Wanted{Vectors: p.wanted.Vectors(), Hash: f.hash == "",
		Functions: p.wanted.Functions(f.record), Workspace: &memory.gather})
	if err != nil {
		return nil, nil, err
	}
	if hash = cmp.Or(f.hash, hash); hash == "" {
		if hash, err = t.Hash(); err != nil {
			return nil, nil, err
		}
	}
	r := store.NewRecord(o)
	r.Hash, r.Key = hash, recordKey(t, hash)
	r.Inherit(f.record)
	return o, r, p.store.SaveOutcomes(r.Key, o, &memory.store)
}
