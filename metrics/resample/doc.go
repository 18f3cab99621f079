// Package resample says how far an estimate, or the difference of two, can be
// trusted: standard errors, intervals and paired tests for the metrics of
// package metrics, all from one set of samples that every model answers.
//
// There are three ways to an interval, and Intervals picks among them:
//
//   - Influence values. Influence gives, for most metrics, how much each sample
//     pulls at the value (the infinitesimal jackknife; for the AUROC that is
//     DeLong's method). They cost one sweep over the ranking, their squares add
//     up to a variance, and their products to the covariance between models:
//     see Covariance.
//   - Replicates. A Design draws integer counts over the samples, the same for
//     every model; an Evaluator turns counts into the values of all metrics in
//     one linear pass over the ranking, without sorting again. The values equal
//     those of the metrics on the resampled table. They serve where no closed
//     form is honest, and as the oracle of the influence values.
//   - Exact and standard forms: Wilson, Clopper-Pearson, DeLong, McNemar.
//
// Conventions: samples are the rows of Outcomes, and row i is the same sample in
// every model that is compared. Everything is a pure function of its arguments,
// random draws of a seed among them; replicate k depends on the design, the seed
// and k only. NaN stands for what the data cannot give.
//
// How the sampling error of each metric comes about is said in one row of forms.go.
//
// The package imports metrics and what is below it, and the standard library.
package resample
