package evaluate

import (
	"fmt"
	"slices"
	"sync"

	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/resample"

	"github.com/zeebo/xxh3"
)

// mostDrawn is how many bytes of replicates a run keeps in memory, at one byte for
// each sample and replicate: 1000 replicates of 67 000 samples. What was used
// longest ago makes room, besides what workers have in hand. Replicates that are
// larger by themselves are drawn again for each table, which takes a third more
// time.
const mostDrawn = 64 << 20

// Drawings keep the replicates of a run, drawn once for each design: a replicate
// is the same samples for every model. The zero value is ready, and may be used
// by several goroutines.
type Drawings struct {
	mu   sync.Mutex
	kept []*drawing // least recently used first
}

type drawing struct {
	design     string
	bytes      int
	once       sync.Once
	replicates *resample.Replicates
}

// Of returns the replicates of a design, drawing them if need be.
func (d *Drawings) Of(design Design, i Intervals) *resample.Replicates {
	size := design.N() * i.Replicates
	if i.Level == 0 || size == 0 || size > mostDrawn {
		return resample.DrawEach(design.Design, i.Seed, i.Replicates)
	}
	found := d.find(design.Digest, size)
	found.once.Do(func() { found.replicates = resample.Draw(design.Design, i.Seed, i.Replicates) })
	return found.replicates
}

// find moves the drawing to the end of the list, new if it was not there, and
// drops others until all fit.
func (d *Drawings) find(design string, bytes int) *drawing {
	d.mu.Lock()
	defer d.mu.Unlock()
	found := &drawing{design: design, bytes: bytes}
	if k := slices.IndexFunc(d.kept, func(o *drawing) bool { return o.design == design }); k >= 0 {
		found = d.kept[k]
		d.kept = slices.Delete(d.kept, k, k+1)
	}
	total := found.bytes
	for _, other := range d.kept {
		total += other.bytes
	}
	for ; total > mostDrawn; d.kept = d.kept[1:] {
		total -= d.kept[0].bytes
	}
	d.kept = append(d.kept, found)
	return found
}

// Design is how samples are drawn, with a digest that is the same only for the
// same samples in the same clusters or strata.
type Design struct {
	*resample.Design
	Digest string
}

// Design is the design that a run asks for, over the samples of the outcomes.
// It is an error if they lack the attribute.
func (i Intervals) Design(o *metrics.Outcomes) (Design, error) {
	name, make := i.Cluster, resample.Clustered
	if name == "" {
		name, make = i.Stratify, resample.Stratified
	}
	if name == "" {
		return Design{resample.Independent(o.N()), fmt.Sprint(o.N())}, nil
	}
	g := Attribute(o, name)
	if g == nil {
		return Design{}, fmt.Errorf("no column %q to draw samples by", name)
	}
	h := xxh3.New()
	for _, code := range g.Code {
		if code >= 0 {
			h.WriteString(g.Levels[code])
		}
		h.Write([]byte{0})
	}
	return Design{make(g.Code), store.Digest(h)}, nil
}
