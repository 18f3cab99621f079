// Package store keeps in a run's folder what was computed of prediction tables:
// their outcomes, a record of the estimates made from them, and the estimates'
// values on bootstrap replicates. Everything is kept under a key made from the
// content it was computed from, so a table that was moved or renamed is not
// computed again.
//
// Nothing is believed that is not as it was written: each record and each piece of
// outcomes and replicates has a digest and the versions of its format, metric and
// method, and what the metric cannot be is left out. What does not check out counts as
// not kept; the caller then computes it again, or says that it cannot.
//
// Records are lines of JSON in journal.jsonl. Outcomes and replicates are frames in two
// files that only grow (pack.go) until they are compacted. An embedded database was
// tried for all three, with 1 000 values of 18 kB:
//
//   - bbolt (most kept up, 2 MB of binary): its pages have no digests, so that ours would
//     be needed all the same; of 800 files with one bit flipped 6 ended in a panic and
//     8 had lost values in silence; readers are kept out while a run writes.
//   - SQLite in Go: 10 MB of binary, 34 s of CPU to build, and it links net.
//   - pebble: 27 MB of binary, 85 s to build, links net/http.
//
// A damaged frame or line here costs that one table. What remains to be done by hand is
// finding the next frame, and compaction: 40 lines.
//
// Begin with Store and Record. The package does not know what is wanted or how it
// is computed. It may import datasets, metrics, harness/disk and harness/pool (because a
// folder that cannot be written ends a run).
package store
