package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"abstain/datasets"
)

// Cost is what a whole run over a corpus of a shape costs.
type Cost struct {
	Shape
	Axis    string // what varies: "models", "samples" or "classes"
	Seconds float64
	Memory  int64 // as in Stage
}

// base is the shape from which one size at a time departs.
var base = Shape{Models: 10, Samples: 10_000, Classes: 100}

// axes are the sizes that vary, each over two orders of magnitude or more.
var axes = []struct {
	name  string
	sizes []int
	set   func(*Shape, int)
}{
	{"models", []int{1, 3, 10, 30, 100}, func(s *Shape, n int) { s.Models = n }},
	{"samples", []int{1000, 3000, 10_000, 30_000, 100_000}, func(s *Shape, n int) { s.Samples = n }},
	{"classes", []int{0, 10, 30, 100, 300, 1000}, func(s *Shape, n int) { s.Classes = n }},
}

// Growth times whole runs over corpora of growing size, along one axis after the
// other, the best of three each, after a first run that brings the files into
// the page cache. The corpora are written into folders below dir and removed.
// Done, if set, hears of each cost.
func Growth(ctx context.Context, dir string, workers int, done func(Cost)) ([]Cost, error) {
	defer os.Remove(dir) // if nothing else is in it
	var costs []Cost
	for _, a := range axes {
		for _, n := range a.sizes {
			s := base
			a.set(&s, n)
			c, err := cost(ctx, filepath.Join(dir, fmt.Sprintf("%s-%d", a.name, n)), s, workers)
			if err != nil {
				return costs, err
			}
			c.Axis = a.name
			costs = append(costs, c)
			if done != nil {
				done(c)
			}
		}
	}
	return costs, nil
}

func cost(ctx context.Context, dir string, s Shape, workers int) (c Cost, err error) {
	c.Shape = s
	defer os.RemoveAll(dir)
	if err := Generate(ctx, dir, s); err != nil {
		return c, err
	}
	debug.FreeOSMemory() // what the generator held is not the run's
	corpus, err := datasets.Open(dir)
	if err != nil {
		return c, err
	}
	for round := range 4 {
		began := time.Now()
		memory, err := wholeRun(ctx, corpus, workers)
		if err != nil {
			return c, err
		}
		seconds := time.Since(began).Seconds()
		if round == 1 || round > 1 && seconds < c.Seconds {
			c.Seconds = seconds
		}
		c.Memory = max(c.Memory, memory)
	}
	return c, nil
}
