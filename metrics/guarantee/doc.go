// Package guarantee chooses the threshold of confidence above which a classifier answers,
// with a promise about its errors on new rows of the same distribution.
//
// Begin with CurveOf, which counts the rows and errors accepted at each threshold that the
// confidences of the calibration rows allow, and choose with LearnThenTest:
//
//	curve := guarantee.CurveOf(confidence, correct)
//	choice, err := guarantee.LearnThenTest(curve, 0.05, 0.01)
//	if choice.Feasible { /* answer where confidence > choice.Above */ }
//
// What each method promises:
//
//   - LearnThenTest and SGR: that the share of errors among the rows answered, the
//     selective risk, is at most the given one, with probability 1 - delta over the draw
//     of the calibration rows. SGR's is proved only where risk falls as confidence rises.
//   - RCPS: that the share of rows which are answered and wrong is, with probability
//     1 - delta.
//   - CRC: that this share is on average over draws of calibration rows: in about half
//     of them it is more.
//
// No promise holds for a confidence that was chosen or fitted on the calibration rows, nor
// of the best of several models by these rows. Rows of equal confidence are accepted or
// rejected together.
//
// Risks and probabilities are decimals as written: 0.1 is a tenth, and what is compared
// with it is compared exactly where counts are whole. The package imports
// metrics/stattest and the standard library.
package guarantee
