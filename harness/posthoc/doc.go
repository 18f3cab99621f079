// Package posthoc holds what changes stored predictions after training, under
// names: each Transform is fitted on rows with labels and gives a Map that is
// applied to other rows, batch by batch.
//
// There are two kinds. Some change the class vectors (temperature and its kin):
// every metric and confidence function is then computed from the new vectors.
// Others change one confidence only (Platt, isotonic, p-norm): the prediction
// stays, and the class vectors have no part in it any more.
//
// Begin with Table, the transforms there are, and Transforms, what a run asks of
// them: which rows maps are fitted on and which each may judge. The package wraps
// metrics/recalibrate, where the maps themselves are, starts no goroutine and reads
// no file; posthoc/apply is the stage of a run that does. It may import metrics.
package posthoc
