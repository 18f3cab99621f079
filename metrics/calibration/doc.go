// Package calibration computes how far confidences, read as probabilities of
// being right, differ from how often predictions are right. Slices go in, a
// number comes out.
//
// Begin with Error, whose Options cover every convention of other tools. Every
// function takes one confidence and one correctness for each sample, in any
// order, or the class vectors row by row. It returns NaN if there are no samples,
// and panics if two slices differ in length or a confidence is NaN.
//
// The families are: bins (Error, ClasswiseError, TopClassError, SweepError, and
// ConsistencyP for a p-value); kernels (SECE and MMCE over confidence,
// KernelError, MarginalKernelError and CanonicalKernelError over the simplex,
// SmoothECE for the smooth calibration error); running sums of residuals
// (CumulativeDifferences, Spiegelhalter); and scores decomposed by isotonic
// recalibration (DecomposeBrier, DecomposeLog).
//
// Package metrics has most of them in its table and evaluates them on a ranking.
// This package knows no ranking. It may import the standard library,
// metrics/stattest and the packages in metrics/internal.
package calibration
