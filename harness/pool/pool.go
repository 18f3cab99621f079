package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"abstain/datasets"

	"golang.org/x/sync/errgroup"
)

// Result is what became of one item.
type Result[T any] struct {
	Value T     // also beside an error: as far as the item came
	Err   error // the item's own failure
}

// Map calls do on every item, in their order, at most workers at a time, and
// returns what became of each. An item's own failure, a panic included, holds up
// no other. An error that is a Stop, or the end of ctx, ends them all and is
// returned: an item that was not begun then has the zero value, and one that was
// cut short has no error of its own.
//
// done, if set, hears of each item as it ends, of one at a time, and of none
// once ctx has ended.
func Map[In, Out any](ctx context.Context, workers int, items []In, do func(context.Context, In) (Out, error), done func(In, Result[Out])) ([]Result[Out], error) {
	results := make([]Result[Out], len(items))
	var telling sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	for i, item := range items {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			value, err := Contain(func() (Out, error) { return do(ctx, item) })
			if done != nil && ctx.Err() == nil {
				telling.Lock()
				done(item, Result[Out]{value, err})
				telling.Unlock()
			}
			results[i].Value = value
			if all, ok := errors.AsType[*stop](err); ok {
				return all
			}
			if ended := ctx.Err(); ended != nil {
				return ended
			}
			results[i].Err = err
			return nil
		})
	}
	return results, g.Wait()
}

// Contain turns a panic into an error, so that one item never ends a run; a file
// cut short while it was mapped shows as one.
func Contain[T any](do func() (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			if err = datasets.Fault(p); err == nil {
				err = fmt.Errorf("internal failure: %v", p)
			}
		}
	}()
	return do()
}

// stop is an error that concerns every item.
type stop struct{ error }

func (s *stop) Unwrap() error { return s.error }

// Stop marks an error that concerns every item, such as a full disk: it ends Map.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return &stop{err}
}

// Each calls do(0) ... do(n-1), as many at a time as there are CPUs, and returns
// when all have returned. What do does must not depend on the order.
func Each(n int, do func(i int)) {
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error {
			do(i)
			return nil
		})
	}
	g.Wait()
}
