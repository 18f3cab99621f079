package regime

import (
	"abstain/harness/training/loss"
	"abstain/harness/training/meta"
	"abstain/harness/training/network"
)

// gammaNet trains with the focal loss of each sample's own gamma, which a meta network gives; it learns on the meta
// rows from the cross-entropy alone, or with half of SECE or of DECE.
var (
	gammaNet = Regime{ID: "gamma-net", Label: "gamma-Net", Source: "Wang and Golebiowski 2024, algorithm 1; meta loss CE", Meta: true,
		Objective: func(s Setting) Objective[float32] { return newGamma(s, meta.CrossEntropy) }}
	gammaNetSECE = Regime{ID: "gamma-net-sece", Label: "gamma-Net + SECE", Source: "Wang and Golebiowski 2024, algorithm 1; meta loss CE + 0.5 SECE", Meta: true,
		Objective: func(s Setting) Objective[float32] { return newGamma(s, meta.SECE(0.5, 0.05)) }}
	gammaNetDECE = Regime{ID: "gamma-net-dece", Label: "gamma-Net + DECE", Source: "Wang and Golebiowski 2024 with the meta loss of Bohdal, Yang and Hospedales 2023: CE + 0.5 DECE", Meta: true,
		Objective: func(s Setting) Objective[float32] { return newGamma(s, meta.DECE(0.5, loss.StandardDECE)) }}
)

// gamma is one training with gamma-Net.
type gamma struct {
	Setting
	net  *meta.GammaNet
	meta meta.Loss
}

func newGamma(s Setting, m meta.Loss) *gamma {
	return &gamma{s, meta.NewGammaNet(s.Features, s.Random), m}
}

func (g *gamma) Prepare(n *network.Network[float32], b Batch[float32], at Iteration) Loss {
	h, hMeta, labels := bothFeatures(n, b, g.Meta, at)
	g.net.Learn(g.net.Look(lastLayer(n), h, b.Labels, at.Rate, scaleOf(g.Sum, h.N), hMeta, labels, g.meta))
	gammas := g.net.Forward(h).Gamma
	return lossOf(n, b.X, func(z loss.Logits) loss.Value { return loss.Focal(z, b.Labels, gammas) })
}

// Gammas are the exponents that gamma-Net as it is now gives the rows of x.
func (g *gamma) Gammas(n *network.Network[float32], x network.Matrix[float32]) []float64 {
	n.Forward(x)
	return g.net.Forward(logits(n.Features())).Gamma
}

// metaRows are how many meta rows a step sees. The batches are taken in turn, always the same ones in the same order,
// as Meta-Calibration's code cycles its loader; a last one that is not full is left out.
const metaRows = 100

// bothFeatures are those of the batch and of the next meta rows, with the labels of the latter.
func bothFeatures(n *network.Network[float32], b, all Batch[float32], at Iteration) (h, hMeta loss.Logits, labels []int32) {
	size := min(metaRows, all.X.Rows)
	from := at.Step % (all.X.Rows / size) * size
	n.Forward(all.X.Slice(from, from+size))
	hMeta, labels = logits(n.Features()), all.Labels[from:from+size]
	n.Forward(b.X)
	return logits(n.Features()), hMeta, labels
}

// lastLayer copies a network's last layer to float64.
func lastLayer(n *network.Network[float32]) meta.Head {
	w, b := n.Head()
	l := meta.Head{Features: w.Rows, Classes: w.Cols, W: make([]float64, len(w.V)), B: make([]float64, len(b))}
	for i, v := range w.V {
		l.W[i] = float64(v)
	}
	for i, v := range b {
		l.B[i] = float64(v)
	}
	return l
}

// scaleOf is what the mean loss of n samples is multiplied by in the look-ahead.
func scaleOf(sum bool, n int) float64 {
	if sum {
		return float64(n)
	}
	return 1
}
