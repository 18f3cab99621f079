// Package pool bounds how much of the harness runs at the same time, and is the
// only place of the harness where goroutines begin. Begin with Map, which takes
// the items of a stage to their results with a bounded number of workers. Each is
// for pure computation over all CPUs.
//
// It may import datasets, for the error of a file that was cut short while it was
// mapped, and harness/disk, which knows what the machine lacks.
package pool
