// Package metrics says how well a classifier knows when it is wrong: selective
// prediction, ranking of confidence, calibration, accuracy, detection of samples out of
// distribution, and rates of a binary task by group. Predictions go in, estimates come
// out.
//
// Begin with two functions. FromConfidence takes a confidence and correctness per
// sample; a metric is one line from there, and every metric has that shape:
//
//	r := metrics.FromConfidence(confidence, correct)
//	e := metrics.AURC(r) // e.Value, e.N, e.Notes
//
// ParseMeasure reads a metric as a user names it, one of a hundred or so (Metrics):
//
//	m, err := metrics.ParseMeasure("sac@0.99")
//	e := m.Of(r)
//
// From whole class vectors the way has three steps. A Collector takes the rows of a
// prediction table, batch by batch, and keeps a few numbers per sample: Outcomes. Rank
// sorts the samples once by one confidence function. Metrics and curves are read off
// the Ranked:
//
//	o := collector.Outcomes()
//	r := metrics.Rank(o, o.Confidence("msp"))
//
// An Estimate holds a value and no interval: Lo and Hi are NaN and Level is 0 until
// package metrics/resample sets them.
//
// Conventions, wherever a metric's own definition says nothing else:
//
//   - Confidence means trust: higher is more trusted. Equal confidences form one
//     group. Areas take the expected value over random order inside a group;
//     thresholds lie between groups only. The order of rows does not matter.
//   - Samples with label -1 are out of distribution. They are kept aside and
//     enter the metrics that ask for them (NeedsOutside) and no others.
//   - Other tools have other conventions under the same names. Where one is worth
//     having it is a metric of its own, and Peers says who uses it; ids that end
//     in -galil2023 are what the official code of the comparison of 523 ImageNet
//     classifiers returns, quirks included. RankRows gives what code returns that
//     walks the rows of tied samples in their order.
//   - A value the data cannot give is NaN with a note, never 0. Infinite values
//     carry a note too.
//   - Sums over samples are compensated and run in the ranking's order, or are
//     sums of integers, with products rounded before they are added, so that
//     digits depend neither on the order of rows nor on whether the processor
//     fuses operations.
//
// A metric compared between groups of samples: ByGroup, then Difference, Ratio
// or Worst. A threshold that keeps a promise: Guaranteed. Calibration errors of plain
// slices, by any choice of bins and edges: package metrics/calibration. Metrics of whole
// class vectors (NeedsVectors) ask for Spec.KeepVectors.
//
// A mistake in a program, such as slices of different lengths or a number of bins of 0,
// is a panic whose text begins with "metrics: ". Data that cannot give a number is none:
// the value is NaN and a note says why.
//
// What stays compatible: the ids of metrics, what they mean, and the functions named
// here. When a value of an id would change, its Version is raised. A field may be added
// to a struct, so write structs with field names.
//
// Everything here is a pure function: no files, no goroutines, no clock, no
// logging, no table formats. The package imports the standard library, gonum and the
// packages below it. What gonum computes (the incomplete beta function, and the
// minimiser in metrics/recalibrate) may differ in the last digits between processors. To
// add a metric, write its function in the file of its family, add one row to table.go,
// and one to resample/forms.go.
package metrics
