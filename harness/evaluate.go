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
		return &e, errors.Join(checkRows(e), p.relocate(e))
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
		locate(e.record, e.table)
	}
	return &e, p.store.Append(e.record)
}

// relocate notes in the journal where a table with a known content was found, and when
// it was last changed, so that the next run need not hash it.
func (p *plan) relocate(e evaluated) error {
	stamp := e.table.Seen
	if p.earlier != nil || stamp.ModTime.IsZero() || p.store.HashOf(e.table.Name, *stamp, p.TrustTimes || stamp.Changes == "") != "" {
		return nil
	}
	r := e.record.Clone()
	locate(r, e.table)
	return p.store.Append(r)
}

// locate notes the table's path, size and time of modification in its record. As
// long as these do not change, later runs need not hash the file.
func locate(r *store.Record, t datasets.Table) {
	stamp := t.Seen
	r.Path, r.Size, r.ModTime, r.Changes = t.Name, stamp.Size, 0, stamp.Changes
	if !stamp.ModTime.IsZero() {
		r.ModTime = stamp.ModTime.UnixNano()
	}
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
	t.Seen, e.table.Seen = &stamp, &stamp
	if hash = p.store.HashOf(t.Name, stamp, p.TrustTimes); hash == "" {
		if !p.store.HasSize(stamp.Size) {
			return e, "", nil
		}
		if hash, err = hashOf(t); err != nil {
			return e, "", err
		}
	}
	return p.judge(t, p.store.Lookup(recordKey(t, hash))), hash, checkDigest(t, hash)
}

// hashOf is the hash of a table's content, which must not change meanwhile.
func hashOf(t datasets.Table) (string, error) {
	hash, err := t.Hash()
	return hash, errors.Join(err, t.Unchanged())
}

// judge says what is missing of a table, given its record (or nil).
func (p *plan) judge(t datasets.Table, r *store.Record) evaluated {
	e := evaluated{table: t, source: fromTable, record: r}
	if r != nil {
		e.source = fromJournal
		if p.wanted.Missing(r) || p.earlier == nil && !p.store.HasOutcomes(r.Key) {
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

// checkDigest refuses a table whose content is not that of which the manifest has the
// digest.
func checkDigest(t datasets.Table, hash string) error {
	if t.Digest == "" || t.Digest == hash {
		return nil
	}
	return &datasets.Error{Table: t.Name, Row: -1, Err: fmt.Errorf("its digest is %s, but the manifest says %s", hash, t.Digest),
		Hint: "the file is damaged or was written anew; copy it again or, if it is as you want it, abstain check --write-digests"}
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
		if hash, err = hashOf(e.table); err != nil {
			return nil, nil, err
		}
	}
	if err := checkDigest(e.table, hash); err != nil {
		return nil, nil, err
	}
	r := store.NewRecord(o)
	r.Hash, r.Key = hash, recordKey(e.table, hash)
	r.Inherit(e.record)
	return o, r, p.store.SaveOutcomes(r.Key, o, &memory.store)
}
