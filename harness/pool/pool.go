package harness

import (
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Parallel calls do(0) ... do(n-1), as many at a time as there are CPUs, and
// returns when all have returned. What do does must not depend on the order.
func Parallel(n int, do func(i int)) {
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
