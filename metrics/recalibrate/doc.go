// Package recalibrate holds the maps that make stored confidences honest after
// training: each is fitted on calibration rows and applied to others. None may
// be judged on the rows it was fitted on; keeping the two separate is up to the
// caller.
//
// Three kinds of maps, by what they need and give:
//
//   - from logits to logits: Temperature, Affine (vector, matrix and Dirichlet
//     scaling). What they give goes through the same kernels as stored logits,
//     so that ranking stays free of saturation.
//   - from logits or probabilities to probabilities of every class: Ensemble
//     (ensemble temperature scaling), Pooled (isotonic over all classes),
//     OneVsRest (any map of the third kind per class).
//   - from one confidence to one: Platt, Beta, Isotonic, Histogram, Binned
//     (scaling-binning). They implement Map. Fitted on the confidence of the
//     prediction and its correctness they leave the prediction alone.
//
// Norm is different: it normalises logits for the sake of ranking only.
//
// Rows are values of class vectors, row-major, with one label each; a label
// outside 0..classes-1 is no class, and such rows are not fitted on. Fitting is
// deterministic, and independent of the order of the rows up to rounding.
// Everything is a pure function; maps are plain values that may be stored and
// used from several goroutines. The package imports the standard library, gonum and
// what is internal to metrics.
package recalibrate
