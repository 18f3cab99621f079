// Package disk is how the harness writes into a folder: by one process at a time
// (Lock), each file in one step that outlives a crash (Replace), with digests by which
// a reader knows that what it reads is what was written (Sums, ReadFile).
//
// It imports nothing of the module.
package disk
