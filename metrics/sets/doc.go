// Package sets turns class probabilities into prediction sets that hold the
// true class with a chosen probability, and measures how good they are: split
// conformal prediction.
//
// Begin with a Kind of score and Calibrate, which has all that is usual: scores with and
// without randomisation, one threshold or one for each class, group or cluster of classes,
// and sets that are never empty:
//
//	kind := sets.Kind{Score: sets.RAPSScore, Lambda: 0.01, Free: 5}
//	rows := sets.Rows{Probs: calibration, Classes: classes, Label: labels}
//	p, err := sets.Calibrate(kind, rows, 0.1, sets.Options{})
//	s, err := p.Sets(sets.Rows{Probs: test, Classes: classes, Label: testLabels})
//	coverage := s.CoverageIn(0.95) // with an interval
//
// Underneath, a Score gives every class of a row a number, which is higher the less the
// class fits. OfLabels collects the scores of the true classes on calibration rows, and
// Threshold takes their (1-alpha) quantile, with the correction for a finite sample. The
// set of a new row is every class whose score is at most the threshold:
//
//	strange := sets.OfLabels(sets.APS, calibration, classes, labels)
//	rule := sets.Rule{Score: sets.APS, Threshold: sets.Threshold(strange, 0.1)}
//	s := rule.Sets(test, classes, testLabels)
//	coverage, size := s.Coverage(), s.MeanSize()
//
// If calibration and new rows are exchangeable, coverage is at least 1 - alpha on
// average over draws of both (Vovk, Gammerman and Shafer 2005); Law says how far that of
// one draw may lie off. This does not hold for single classes, unless they have thresholds
// of their own, or for sets of one size; SizeViolation and ClassGap measure these.
//
// Probabilities are rows of classes values, row-major, used as they are. Among equal
// values, the lower class comes first. A label outside 0..classes-1 is no class: such
// rows count only where sizes alone matter. A value that the data cannot give is NaN.
// The package imports metrics/stattest and the standard library.
package sets
