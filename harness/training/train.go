package training

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"path"
	"path/filepath"
	"runtime"
	"sync"

	"abstain/harness/disk"
	"abstain/harness/pool"
	"abstain/harness/training/regime"
)

// Trained is what became of a model.
type Trained struct {
	Model  Model
	Cached bool  // its tables were there
	Err    error // why there are none
}

// Plan lists the models that Train would make, without training any.
func Plan(c Config) ([]Model, error) {
	if err := c.Data.check(); err != nil {
		return nil, err
	}
	return c.plan()
}

// Train trains the models of the plan that the folder lacks, and writes their tables and the manifest. done, if not
// nil, is called as each model is done. A model that fails is reported in the result and in failed.csv; the others go
// on. The error is that of ctx, or of the folder.
func Train(ctx context.Context, c Config, done func(Trained)) ([]Trained, error) {
	models, err := Plan(c)
	if err != nil {
		return nil, err
	}
	lock, err := disk.Take(c.Out, "train")
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	w := &workshop{Config: c, digest: c.digest(), views: c.Data.views(c.Recipe)}
	if err := w.tidy(); err != nil {
		return nil, err
	}
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	results, err := pool.Map(ctx, workers, models, w.make, func(m Model, r pool.Result[Trained]) {
		if done != nil {
			r.Value.Model, r.Value.Err = m, r.Err
			done(r.Value)
		}
	})
	if err != nil {
		return nil, err
	}
	trained := make([]Trained, len(models))
	for i, r := range results {
		trained[i] = Trained{models[i], r.Value.Cached, r.Err}
	}
	return trained, w.writeManifest(trained)
}

// tidy removes what a process that was killed left half written.
func (w *workshop) tidy() error {
	err := disk.RemoveLeftOver(w.Out)
	for _, v := range w.views {
		err = errors.Join(err, disk.RemoveLeftOver(w.at(path.Join(v.split, v.condition))))
	}
	return err
}

// workshop trains models and keeps what several of them need.
type workshop struct {
	Config
	digest string
	views  []view
	shared sync.Map // of shared work by name, each a func() (*fitted, error)
}

// make trains a model and writes its tables, unless they are there.
func (w *workshop) make(ctx context.Context, m Model) (Trained, error) {
	if w.complete(m) {
		return Trained{Cached: true}, nil
	}
	f, err := w.fit(ctx, m)
	if err != nil {
		return Trained{}, err
	}
	for _, v := range w.viewsOf(m) {
		if err := w.write(ctx, m, v, f); err != nil {
			return Trained{}, err
		}
	}
	return Trained{}, nil
}

// fit trains a model, or puts it together from others.
func (w *workshop) fit(ctx context.Context, m Model) (*fitted, error) {
	switch {
	case m.Regime.Ensemble > 0:
		return w.ensemble(ctx, m)
	case m.Regime.Head != nil:
		vanilla, err := w.once(ctx, w.twin(m, "vanilla"))
		if err != nil {
			return nil, fmt.Errorf("its backbone %s: %w", m.Base, err)
		}
		// A copy, because others use the same backbone at the same time.
		own := m.Family.network(w.Data, 0)
		own.SetWeights(vanilla.networks[0].Weights())
		return tune(ctx, w.Data, own, m.Family, *m.Regime.Head, w.group(), w.random(m.Name, "head"))
	}
	f := fitter{data: w.Data, recipe: w.Recipe, family: m.Family, regime: m.Regime, sum: w.Sum,
		base: w.random(m.Family.ID, fmt.Sprint(m.Seed)), own: w.random(m.Name, "regime")}
	switch {
	case m.Regime.Teacher && w.Teacher != nil:
		f.teacher = w.Teacher.Logits
	case m.Regime.Teacher:
		teacher, err := w.once(ctx, teacherOf(m.Seed))
		if err != nil {
			return nil, fmt.Errorf("its teacher %s: %w", m.Teacher, err)
		}
		f.teacher = teacher.copy(teachers, w.Data).meanLogits(w.Data.Train.X)
	}
	return f.fit(ctx)
}

// twin is the model of the same family and seed under another regime.
func (w *workshop) twin(m Model, id string) Model {
	r, _ := regime.ByID(id)
	return w.modelOf(m.Family, r, m.Seed)
}

// ensemble is a model of several networks that no plan lists: their seeds are their own.
func (w *workshop) ensemble(ctx context.Context, m Model) (*fitted, error) {
	e := &fitted{}
	one := m.Regime
	one.Ensemble = 0
	for i := range m.Regime.Ensemble {
		member := fmt.Sprintf("%s/member%d", m.Name, i)
		f := fitter{data: w.Data, recipe: w.Recipe, family: m.Family, regime: one, base: w.random(member, "base"), own: w.random(member, "own")}
		fitted, err := f.fit(ctx)
		if err != nil {
			return nil, fmt.Errorf("member %d: %w", i+1, err)
		}
		e.networks = append(e.networks, fitted.networks...)
	}
	return e, nil
}

// once trains a model that several others need, at most once. What it returns is shared: copy it before use.
func (w *workshop) once(ctx context.Context, m Model) (*fitted, error) {
	work, _ := w.shared.LoadOrStore(m.Name, sync.OnceValues(func() (*fitted, error) { return w.fit(ctx, m) }))
	return work.(func() (*fitted, error))()
}

// copy makes a model with networks of its own: a network is used by one goroutine.
func (f *fitted) copy(of Family, d *Data) *fitted {
	c := &fitted{stochastic: f.stochastic}
	for _, n := range f.networks {
		own := of.network(d, 0)
		own.SetWeights(n.Weights())
		c.networks = append(c.networks, own)
	}
	return c
}

// random is a source that depends on the configuration's seed and on names alone.
func (w *workshop) random(names ...string) *rand.Rand {
	h := fnv.New64a()
	for _, n := range names {
		fmt.Fprintf(h, "%q", n)
	}
	return rand.New(rand.NewPCG(w.Seed, h.Sum64()))
}

// surrogate is the network whose gradients make the transfer attack on a model: a vanilla one of the same family and
// seed number that is in no plan.
func (w *workshop) surrogate(ctx context.Context, m Model) (*fitted, error) {
	vanilla, _ := regime.ByID("vanilla")
	s := Model{Name: fmt.Sprintf("surrogate/%s/%d", m.Family.ID, m.Seed), Family: Family{ID: "surrogate/" + m.Family.ID, Hidden: m.Family.Hidden, Filter: m.Family.Filter}, Regime: vanilla, Seed: m.Seed}
	f, err := w.once(ctx, s)
	if err != nil {
		return nil, errors.Join(errors.New("the network behind the transfer attack"), err)
	}
	return f.copy(s.Family, w.Data), nil
}

// at is a path in the folder.
func (w *workshop) at(name string) string { return filepath.Join(w.Out, filepath.FromSlash(name)) }
