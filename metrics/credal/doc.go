// Package credal computes with sets of class distributions around a model's own: all
// distributions q whose divergence D(q, p) from the model's p is at most a threshold t. In
// conformalised credal inference the threshold is taken from a better model, without labels,
// so that the set holds that model's distribution with a chosen probability.
//
// Begin with a Divergence and Threshold; a Set is then the same for all rows:
//
//	d := credal.Divergence{Kind: credal.KL}
//	score := d.Of(cloud, edge)                // for each calibration row
//	t := credal.Threshold(scores, 0.1)        // holds cloud in 90 % of new rows
//	set, err := credal.NewSet(d, t)
//	beta := set.Intersection(q, lower, upper, edge) // one distribution out of the set
//	class := credal.Argmax(q, edge)
//
// Rows are distributions: not negative, adding to 1. Floor makes one of the model's row that
// has no zeros; it goes before scores and sets alike, and never to the other model's. The
// members' order of classes is p's for every f-divergence (all but Inner and Wasserstein),
// so that Argmax, which breaks ties by p, never changes the class.
//
// Bounds of classes, the intersection probability, entropies and Needs are exact to about
// 1e-12 and cost O(C) or O(C log C) a row, with no grid; MaxEntropy is exact to about 1e-9
// in its entropy, 1e-7 in its probabilities. LowerEntropy says where it is exact. Average
// and Volume are exact for two and three classes and sampled for more.
//
// Sources: Huang et al. 2025 (conformalized credal inference), with the bounds by the binary
// reduction in place of a grid; Cuzzolin 2022 (intersection probability).
//
// The package imports metrics/stattest and the standard library.
package credal
