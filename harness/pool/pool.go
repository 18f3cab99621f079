package pool

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"abstain/datasets"
	"abstain/harness/disk"

	"golang.org/x/sync/errgroup"
)

// Result is the result of one item.
type Result[T any] struct {
	Value T     // also set beside an error, with what was done before it
	Err   error // the item's own failure
}

// Map calls do on every item, in their order, at most workers at a time, and
// returns the result of each. If one item fails, or panics, the others go on. An
// error marked by Stop, or the end of ctx, ends all of them and is returned: an
// item that was not begun then has the zero value, and an item that was cut short
// has no error of its own. So does what the machine lacks (disk.Exhausted).
//
// done, if not nil, is called for each item as it ends, never twice at the same
// time, and not after ctx or all of them have ended.
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
			if disk.Exhausted(err) {
				err = Stop(err) // the machine's fault, not the item's
			}
			_, ends := errors.AsType[*stop](err)
			if done != nil && !ends && ctx.Err() == nil {
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

// Contain calls do and turns a panic into an error, so that one item never ends a
// run. A file that was cut short while it was mapped is such a panic, and gets an
// error that names it.
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

// Stop marks an error that concerns every item, such as a full disk. It ends Map.
func Stop(err error) error {
	if err == nil {
		return nil
	}
	return &stop{err}
}

// Each calls do(0) ... do(n-1), as many at a time as there are CPUs, and returns
// when all have returned. The result of do must not depend on the order of the
// calls.
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
