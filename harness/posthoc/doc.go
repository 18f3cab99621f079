// Package posthoc holds the transforms: named ways to change stored predictions
// after training. Each Transform is fitted on rows with labels. The result is a
// Map, which is applied to other rows, batch by batch.
//
// There are two kinds. Some change the class vectors (temperature scaling and
// similar maps): every metric and confidence function is then computed from the
// new vectors. Others change one confidence only (Platt scaling, isotonic
// regression, p-norms): the prediction stays, and metrics of class vectors are
// undefined.
//
// Begin with Table, the list of transforms, and Transforms, which says what a run
// asks for: which rows maps are fitted on and which rows each map may judge. The
// maps themselves are in metrics/recalibrate. To add a transform, write its map there,
// the function that fits it in fit.go (class vectors) or confidence.go (one
// confidence), and a row of Table.
//
// The package starts no goroutine and reads no file; posthoc/apply is the stage of a
// run that does. It may import metrics and the packages below it.
package posthoc
