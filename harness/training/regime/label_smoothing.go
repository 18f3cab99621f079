package regime

import (
	"abstain/harness/training/loss"
	"abstain/harness/training/meta"
	"abstain/harness/training/network"
)

// labelSmoothing gives every class epsilon/C of the target.
var labelSmoothing = Regime{ID: "label-smoothing", Label: "label smoothing", Source: "Szegedy et al. 2016, section 7; epsilon = 0.05",
	Objective: func(s Setting) Objective[float32] {
		return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
			return smoothed(z, b.Labels, meta.Smoothing{Epsilon: []float64{0.05}})
		})
	}}

// learnedSmoothing learns epsilon on the meta rows, classSmoothing one for each class.
var (
	learnedSmoothing = Regime{ID: "label-smoothing-learned", Label: "learned label smoothing", Meta: true,
		Source:    "Bohdal, Yang and Hospedales 2023, section 3.3, one epsilon",
		Objective: func(s Setting) Objective[float32] { return newLearner(s, 1) }}
	classSmoothing = Regime{ID: "label-smoothing-by-class", Label: "learned label smoothing by class", Meta: true,
		Source:    "Bohdal, Yang and Hospedales 2023, section 3.3, an epsilon for each class",
		Objective: func(s Setting) Objective[float32] { return newLearner(s, s.Classes) }}
)

func smoothed(z loss.Logits, labels []int32, s meta.Smoothing) loss.Value {
	return loss.SoftCrossEntropy(z, loss.Smooth(labels, z.C, s.Of(labels)))
}

// learner moves the strengths of label smoothing after a look-ahead, then trains with them.
type learner struct {
	Setting
	strengths meta.Smoothing
	adam      network.Adam
}

func newLearner(s Setting, strengths int) *learner {
	return &learner{s, meta.Smoothing{Epsilon: make([]float64, strengths)}, network.Adam{Rate: 1e-3}}
}

func (l *learner) Prepare(n *network.Network[float32], b Batch[float32], at Iteration) Loss {
	h, hMeta, labels := bothFeatures(n, b, l.Meta, at)
	_, slope := l.strengths.Look(lastLayer(n), h, b.Labels, at.Rate, scaleOf(l.Sum, h.N), hMeta, labels)
	l.strengths.Learn(slope, l.adam.Step)
	return lossOf(n, b.X, func(z loss.Logits) loss.Value { return smoothed(z, b.Labels, l.strengths) })
}
