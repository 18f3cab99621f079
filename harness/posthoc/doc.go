// Package posthoc holds what changes stored predictions after training, under
// names: each Transform is fitted on rows with labels and gives a Map that is
// applied to other rows, batch by batch.
//
// There are two kinds. Some change the class vectors (temperature and its kin):
// every metric and confidence function is then computed from the new vectors.
// Others change one confidence only (Platt, isotonic, p-norm): the prediction
// stays, and the class vectors have no part in it any more.
//
// Which rows are fitted on and which are judged is up to the caller; Holdout and
// Folds choose them. The package wraps metrics/recalibrate, where the maps
// themselves are, starts no goroutine and reads no file. It may import metrics.
package posthoc
