package hedge

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/internal/words"
	"abstain/harness/pool"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
)

// The point predictions, as transforms of results.csv.
const (
	Intersection = "credal-intersection"
	Average      = "credal-average"
	Entropy      = "credal-entropy"
)

// Predictions are the transforms, in the order of their rows.
var Predictions = []string{Intersection, Average, Entropy}

// Stage is the input of this package: what a run asks for, and the tables it has evaluated.
type Stage struct {
	Wanted  *evaluate.Wanted
	Store   *store.Store
	Asked   *Asked
	Tables  []apply.Table
	Workers int

	clouds map[string]*cloud // by dataset
}

// Done are the records of one table.
type Done struct {
	// Transforms are in the order of Predictions; one without a record was left out.
	Transforms []apply.Transformed
	Computed   bool
}

// Check refuses what none of the tables can give.
func Check(a *Asked, tables []datasets.Table) error {
	if a == nil {
		return nil
	}
	lends, borrows := false, false
	var names []string
	for _, t := range tables {
		lends, borrows = lends || t.Model == a.Cloud, borrows || a.edges(t.Model)
		if !slices.Contains(names, t.Model) {
			names = append(names, t.Model)
		}
	}
	switch {
	case !lends:
		return fmt.Errorf("credal: no table is of the cloud %q: the models are %s", a.Cloud, words.Shorten(names, 5))
	case !borrows:
		return fmt.Errorf("credal: no model but the cloud matches edge=%s: the models are %s", a.Edge, words.Shorten(names, 5))
	}
	return nil
}

// pair is an edge model on a dataset, with the places of its tables and the cloud's.
type pair struct {
	edge, dataset         string
	cloud                 *cloud
	temper, fit           int   // places of the edge's tables
	cloudTemper, cloudFit int   // places of the cloud's
	judged                []int // places of the edge's tables that are judged
}

// Run evaluates the edges' tables under the point predictions. It returns the records by place,
// notices, and calls done for the tables of every pair that was computed.
func (s *Stage) Run(ctx context.Context, begin func(tables int), done func(table int, err error)) (map[int]Done, []string, error) {
	s.clouds = map[string]*cloud{}
	pairs, notices := s.pairs()
	results := map[int]Done{}
	var pending []pair
	due := 0
	for _, p := range pairs {
		ready := true
		for _, place := range p.judged {
			d, ok, err := s.lookUp(p, place)
			if err != nil {
				return results, notices, err
			}
			results[place] = d
			ready = ready && ok
		}
		if !ready {
			pending = append(pending, p)
			due += len(p.judged)
		}
	}
	if len(pending) == 0 {
		return results, notices, nil
	}
	begin(due)
	type outcome struct {
		done  map[int]Done
		notes []string
	}
	got, err := pool.Map(ctx, s.Workers, pending, func(ctx context.Context, p pair) (outcome, error) {
		d, notes, err := s.evaluate(ctx, p)
		return outcome{d, notes}, err
	}, func(p pair, r pool.Result[outcome]) {
		for _, place := range p.judged {
			done(place, r.Err)
		}
	})
	for i, p := range pending {
		for _, place := range p.judged {
			d, ok := got[i].Value.done[place]
			if !ok {
				d = results[place]
				for k := range d.Transforms {
					d.Transforms[k].Err = got[i].Err
				}
			}
			results[place] = d
		}
		notices = append(notices, got[i].Value.notes...)
	}
	return results, notices, err
}

// pairs lists the edges that can borrow, and says why others cannot.
func (s *Stage) pairs() (pairs []pair, notices []string) {
	seen := map[[2]string]bool{}
	for _, t := range s.Tables {
		k := [2]string{t.Model, t.Dataset}
		if seen[k] || !s.Asked.edges(t.Model) {
			continue
		}
		seen[k] = true
		p, why := s.pair(t.Model, t.Dataset)
		if why != "" {
			notices = append(notices, fmt.Sprintf("credal: %s on %s left out: %s", t.Model, t.Dataset, why))
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs, notices
}

// find is the place of a clean table; -1 if there is none that can be used.
func (s *Stage) find(model, dataset, split, condition string) int {
	return slices.IndexFunc(s.Tables, func(t apply.Table) bool {
		return t.Model == model && t.Dataset == dataset && t.Split == split && t.Condition == condition && !t.Failed && t.Record != nil
	})
}

// pair finds the tables of an edge; why says what is missing.
func (s *Stage) pair(edge, dataset string) (p pair, why string) {
	a := s.Asked
	p = pair{edge: edge, dataset: dataset}
	p.temper, p.fit = s.find(edge, dataset, a.Temper, "clean"), s.find(edge, dataset, a.Fit, "clean")
	p.cloudTemper, p.cloudFit = s.find(a.Cloud, dataset, a.Temper, "clean"), s.find(a.Cloud, dataset, a.Fit, "clean")
	switch {
	case p.cloudTemper < 0:
		return p, fmt.Sprintf("the cloud %s has no clean table of split %q to be tempered on; temper= and fit= name others", a.Cloud, a.Temper)
	case p.cloudFit < 0:
		return p, fmt.Sprintf("the cloud %s has no clean table of split %q to take the threshold from; fit= names another", a.Cloud, a.Fit)
	case p.fit < 0:
		return p, fmt.Sprintf("it has no clean table of split %q to take the threshold from; fit= names another", a.Fit)
	}
	e, c := s.Tables[p.fit].Record, s.Tables[p.cloudFit].Record
	switch {
	case e.Stored || c.Stored:
		return p, "a table of it or of the cloud has no class vectors"
	case e.Classes != c.Classes:
		return p, fmt.Sprintf("it has %d classes and the cloud %s %d", e.Classes, a.Cloud, c.Classes)
	case !e.SameSamples(c):
		return p, fmt.Sprintf("its split %q is over other samples than that of the cloud %s", a.Fit, a.Cloud)
	}
	for place, t := range s.Tables {
		if t.Model == edge && t.Dataset == dataset && place != p.fit && place != p.temper && !t.Failed && t.Record != nil && !t.Record.Stored {
			p.judged = append(p.judged, place)
		}
	}
	if p.judged == nil {
		return p, "it has no other table to judge"
	}
	if s.clouds[dataset] == nil {
		s.clouds[dataset] = &cloud{stage: s, temper: p.cloudTemper, fit: p.cloudFit, tables: map[int]*once[*vectors]{}}
	}
	p.cloud = s.clouds[dataset]
	return p, ""
}

// key is that of the record of a judged table under a prediction.
func (s *Stage) key(p pair, place int, prediction string) string {
	text := s.Asked.protocol()
	for _, on := range []int{p.temper, p.fit, p.cloudTemper, p.cloudFit, s.cloudOf(p, place)} {
		if on >= 0 {
			text += "|" + s.Tables[on].Record.Key
		}
	}
	if s.asksSets() && prediction == Intersection {
		text += "|sets"
	}
	return s.Tables[place].Record.Key + "-" + prediction + "-" + store.Brief(text)
}

// cloudOf is the place of the cloud's table over the samples of an edge's; -1 if there is none.
func (s *Stage) cloudOf(p pair, place int) int {
	t := s.Tables[place]
	at := s.find(s.Asked.Cloud, p.dataset, t.Split, t.Condition)
	if at >= 0 && (s.Tables[at].Record.Stored || !s.Tables[at].Record.SameSamples(t.Record)) {
		return -1
	}
	return at
}

// lookUp finds the records of a judged table, and completes them from what is kept; ok says
// that nothing is due any more.
func (s *Stage) lookUp(p pair, place int) (d Done, ok bool, err error) {
	for _, name := range Predictions {
		t := apply.LookUp(s.Store, s.Wanted, s.key(p, place, name))
		if name == Average && !averaged(s.Tables[place].Record) {
			t = apply.Transformed{}
		}
		d.Transforms = append(d.Transforms, t)
	}
	ok, err = s.Refill(&d)
	return d, ok, err
}

// Refill completes records from the outcomes that are kept; all says that nothing is due any
// more.
func (s *Stage) Refill(d *Done) (all bool, err error) {
	all = true
	for i := range d.Transforms {
		t := &d.Transforms[i]
		if !t.Due {
			continue
		}
		r, err := apply.Refill(s.Store, s.Wanted, t.Record)
		if err != nil {
			return false, err
		}
		if r == nil {
			all = false
			continue
		}
		t.Record, t.Due, d.Computed = r, false, true
	}
	return all, nil
}

// mostAveraged is the number of classes up to which the mean member of a set is sampled: for
// more it takes more samples than can be drawn.
const mostAveraged = 20

func averaged(r *store.Record) bool { return r.Classes <= mostAveraged }

// once is a value that the first who needs it makes.
type once[T any] struct {
	sync.Once
	value T
	err   error
}

func (o *once[T]) get(make func() (T, error)) (T, error) {
	o.Do(func() { o.value, o.err = pool.Contain(make) })
	return o.value, o.err
}
