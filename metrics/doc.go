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
//     thresholds lie between groups only. The order of rows never matters.
//   - Samples with label -1 are out of distribution. They are kept aside and
//     enter the metrics that ask for them (NeedsOutside) and no others.
//   - A value the data cannot give is NaN with a note, never 0. Infinite values
//     carry a note too.
//   - Sums over samples are compensated and run in the ranking's order, with
//     products rounded before they are added, so that digits depend neither on
//     the order of rows nor on whether the processor fuses operations.
//
// Everything here is a pure function: no files, no goroutines, no clock, no
// logging, no table formats. The package imports metrics/rowstat and the
// standard library. To add a metric, write its function in the file of its
// family and add one row to Table.
package metrics
