// Package metrics measures how well a classifier knows when it is wrong: selective
// prediction, ranking of confidence, calibration, accuracy, detection of samples out of
// distribution, and rates of a binary task by group. Predictions go in, estimates come
// out.
//
// Begin with one of two functions. FromConfidence takes a confidence and correctness
// per sample; every metric is then one call of the same form:
//
//	r := metrics.FromConfidence(confidence, correct)
//	e := metrics.AURC(r) // e.Value, e.N, e.Notes
//
// ParseMeasure finds a metric by the id that a user writes, among about a hundred (see
// Metrics):
//
//	m, err := metrics.ParseMeasure("sac@0.99")
//	e := m.Of(r)
//
// Whole class vectors take three steps. A Collector takes the rows of a prediction
// table, batch by batch, and keeps a few numbers per sample: the Outcomes. Rank sorts
// the samples once by one confidence function. Metrics and curves are computed from the
// Ranked:
//
//	o := collector.Outcomes()
//	r := metrics.Rank(o, o.Confidence("msp"))
//
// An Estimate holds a value and no interval: Lo and Hi are NaN and Level is 0 until
// package metrics/resample sets them.
//
// Conventions, unless a metric's definition states another:
//
//   - Confidence means trust: higher is more trusted. Equal confidences form one
//     group. Areas take the expected value over random order inside a group;
//     thresholds lie between groups only. The order of rows does not matter.
//   - Samples with label -1 are out of distribution. Only the metrics of
//     out-of-distribution detection (NeedsOutside) and of abstention use them.
//   - A prediction of NoAnswer is an abstention, not an error. Accuracy, error rate and
//     balanced accuracy count such samples, as neither right nor wrong; coverage is a
//     share of all samples, so that it ends at the share answered; all other metrics
//     leave them out, with a note. Metric.OfAll tells which are which.
//   - Other tools have other conventions under the same names. A useful one is a
//     metric of its own here, and Peers says which tools use it. Ids that end in
//     -galil2023 are what the official code of the comparison of 523 ImageNet
//     classifiers returns, quirks included. RankRows gives the values of code that
//     takes tied samples in the order of the rows.
//   - A value that the data cannot give is NaN with a note, never 0. Infinite
//     values have a note too.
//   - Sums over samples are compensated and run in the ranking's order, or are
//     sums of integers, and products are rounded before they are added. Digits
//     therefore depend neither on the order of rows nor on whether the processor
//     fuses operations.
//
// Package metrics/disparity compares a metric between groups of samples. Guaranteed
// finds a threshold whose risk is bounded on new samples. Calibration errors of plain
// slices, with any choice of bins and edges, are in package metrics/calibration. Metrics
// of whole class vectors (NeedsVectors) need Spec.KeepVectors.
//
// A mistake in a program, such as slices of different lengths or a number of bins of 0,
// is a panic whose text begins with "metrics: ". Data that cannot give a number is no
// mistake: the value is NaN and a note says why.
//
// The ids of metrics, their meaning, and the functions named here stay compatible. When
// a change of the code alters the values of an id, its Version is raised. A field may be
// added to a struct, so write structs with field names.
//
// Everything here is a pure function: no files, no goroutines, no clock, no
// logging, no table formats. The package imports the standard library, gonum and the
// packages below it. What gonum computes (the incomplete beta function, and the
// minimiser in metrics/recalibrate) may differ in the last digits between processors. To
// add a metric, write its function in the file of its family, add one row to table.go,
// and one to resample/forms.go.
package metrics
