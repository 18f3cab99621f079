// Package metrics turns one model's predictions into estimates: selective
// prediction, ranking of confidence, calibration, accuracy, out-of-distribution
// detection, and rates of a binary task by group.
//
// The way through the package has three steps. A Collector takes the rows of a
// prediction table, batch by batch, and keeps a few numbers per sample:
// Outcomes. Rank sorts the samples once by one confidence function. The metrics
// of Table, and the curves, are read off the Ranked:
//
//	o := collector.Outcomes()
//	r := metrics.Rank(o, o.Confidence("msp"))
//	m, at, err := metrics.Parse("sac@0.99")
//	e := m.Of(r, at)
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
// or Worst. A threshold that keeps a promise: Guaranteed. Calibration errors by
// any choice of bins and edges: CalibrationError. Metrics of whole class vectors
// (NeedsVectors) ask for Spec.KeepVectors.
//
// Everything here is a pure function: no files, no goroutines, no clock, no
// logging, no table formats. The package imports metrics/rowstat,
// metrics/stattest and the standard library. To add a metric, write its function
// in the file of its family and add one row to Table.
package metrics
