// Package sets turns class probabilities into prediction sets that hold the
// true class with a chosen probability, and says how well they do: split
// conformal prediction.
//
// A Score gives every class of a row a number, higher = stranger. On
// calibration rows the scores of the true classes are collected and Threshold
// takes their (1-alpha) quantile, raised by what the finite sample asks for. The
// set of a new row is every class whose score does not exceed it:
//
//	strange := sets.OfLabels(sets.APS, calibration, classes, labels)
//	rule := sets.Rule{Score: sets.APS, Threshold: sets.Threshold(strange, 0.1)}
//	s := rule.Sets(test, classes, testLabels)
//	coverage, size := s.Coverage(), s.MeanSize()
//
// If calibration and new rows are exchangeable, coverage is at least 1 - alpha on
// average over draws of both (Vovk, Gammerman and Shafer 2005). It says nothing
// of single classes or of sets of one size; SizeViolation and ClassGap do.
//
// Probabilities are rows of classes values, row-major, taken as they are. Equal
// values are placed by class, the lower first. A label outside 0..classes-1 is
// no class: such rows count where only sizes matter and nowhere else. A value
// the data cannot give is NaN. The package imports the standard library only.
package sets
