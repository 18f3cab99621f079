// Package stattest holds the rank statistics by which models and metrics are
// compared: correlations of two columns, tests of paired and of independent
// columns, and the Friedman test of several columns over the same rows.
//
// Every test returns a Result with its statistic, a two-sided p-value, the
// number of observations that entered and how the p-value was found: from the
// exact null distribution where samples are small (and, for some tests, nothing
// ties), from its limit otherwise, corrected for ties. Small p-values keep their relative
// precision: nothing here computes 1 - p.
//
// Inputs are plain slices and are left alone. A NaN anywhere, or too few
// observations, makes the result NaN with a note. Infinite values are fine
// where only ranks matter. All functions are pure, and the package imports the
// standard library and gonum.
package stattest
