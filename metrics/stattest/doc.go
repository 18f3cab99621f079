// Package stattest holds the statistical tests by which models and metrics are
// compared: correlations of two columns, tests of paired and of independent
// columns, the Friedman test of several columns over the same rows, intervals of
// shares, and tails of distributions.
//
// Begin with Wilcoxon, MannWhitney or Spearman. Every test returns a Result with
// its statistic, a two-sided p-value, the number of observations used, and
// whether the p-value is exact: it comes from the exact null distribution where
// samples are small (and, for some tests, nothing ties), and otherwise from its
// limit, corrected for ties. Small p-values keep their relative precision: no
// function computes 1 - p.
//
// Inputs are plain slices and are not changed. A NaN anywhere, or too few
// observations, makes the result NaN with a note. Infinite values are allowed
// where only ranks matter. All functions are pure. The package may import the
// standard library and gonum.
package stattest
