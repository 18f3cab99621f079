// Package calibration computes how far confidences, read as probabilities of being
// right, are from being so: slices in, a number out.
//
// Every function takes one confidence and one correctness per sample, in any order, or
// the class vectors row by row. It returns NaN where there are no samples, and panics
// where two slices differ in length or a confidence is NaN. The families:
//
//   - bins: Error (with Options for every convention of other tools), ClasswiseError,
//     TopClassError, SweepError; ConsistencyP for a p-value;
//   - kernels: SECE and MMCE over confidence, KernelError and its kin over the simplex,
//     SmoothECE for the smooth calibration error;
//   - running sums of residuals: CumulativeDifferences, Spiegelhalter;
//   - scores taken to pieces by isotonic recalibration: DecomposeBrier, DecomposeLog.
//
// Package metrics has a row in its table for most of them and evaluates them on a
// ranking. This package knows no ranking: it imports the standard library,
// metrics/stattest and what is internal to metrics.
package calibration
