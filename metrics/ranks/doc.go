// Package ranks says how much of a ranking the data bear out: confidence sets for
// the ranks of models, which models are told apart, and comparisons over several
// datasets.
//
// Begin with [New]: it takes the estimates of all models and their joint sampling
// error, a [Noise], and gives [Sets]. [FactoredInfluence] and [FactoredReplicates]
// make that error from influence values or bootstrap replicates. [Letters] and
// [Sets.Stripes] show which models are not told apart; [CompareDatasets] compares
// models of which each dataset gives one value; [Verdict] is the word for what a
// test says of a model beside a reference.
//
// All functions are pure: the loop that a caller hands over may run at once, and
// the results do not depend on it. Imports: metrics (for the direction in which a
// metric improves), metrics/stattest and metrics/resample.
package ranks
