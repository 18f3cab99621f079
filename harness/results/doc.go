// Package results is what a run's folder holds, as values: rows of estimates,
// groups and their disparities, models, fits of transforms, failures, and the
// provenance in run.json. The values are written to the folder and read back;
// tables of published figures are read into the same values.
//
// Begin with Results and Read. Results.With adds metrics that a folder lacks, computed
// from its outcomes as a run computes them. Outcomes and replicates, which the folder keeps
// besides, are looked up by the key of a row. The package may import datasets,
// metrics, harness/posthoc, harness/evaluate, harness/store and harness/pool.
package results
