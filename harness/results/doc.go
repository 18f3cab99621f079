// Package results holds what a run's folder says: rows of estimates, groups and
// their disparities, models, fits of transforms, failures and the provenance of
// run.json, as values that are written and read back; tables of published figures
// are read into the same values.
//
// Begin with Results and Read. What the folder keeps beside those, outcomes and
// replicates, is looked up by a row's key. The package may import datasets,
// metrics, harness/posthoc, harness/evaluate, harness/store and harness/pool.
package results
