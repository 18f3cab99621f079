package regime

import (
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// Annealing self-distillation rectification (ADR): the labels of adversarial training are softened by an average of the
// network's own weights.
var (
	adr = Regime{ID: "adr", Label: "ADR", Source: "Wu, Wang and Chen 2024, algorithm 1, in PGD-AT", Attacked: true, Base: "pgd-at",
		Objective: func(s Setting) Objective[float32] { return newRectified(s, true) }}
	adrAveraged = averaged(adr)
	adrSelected = selected(adr)
	adrTRADES   = Regime{ID: "adr-trades", Label: "ADR in TRADES", Source: "Wu, Wang and Chen 2024, section 3.3", Attacked: true, Base: "trades",
		Objective: func(s Setting) Objective[float32] { return tradesObjective{s, newSelfTeacher(s)} }}
	adrConstant = Regime{ID: "adr-constant", Label: "ADR, T = 1 throughout", Source: "the ablation without annealed temperature; lambda 0.7 to 0.95",
		Attacked: true, Base: "pgd-at", Objective: func(s Setting) Objective[float32] {
			s.Annealing = Annealing{HighT: 1, LowT: 1, LowLambda: 0.7, HighLambda: 0.95}
			return newRectified(s, true)
		}}
	adrClean = Regime{ID: "adr-clean", Label: "ADR without attack", Source: "the mode without attack of the code of ADR",
		Objective: func(s Setting) Objective[float32] { return newRectified(s, false) }}
)

// selfTeacher is the average of a network's weights, as a network.
type selfTeacher struct {
	Setting
	network *network.Network[float32]
	average []float32
}

func newSelfTeacher(s Setting) *selfTeacher { return &selfTeacher{Setting: s, network: s.New()} }

// rectify makes the soft labels R of a batch. The teacher begins as the network itself.
func (t *selfTeacher) rectify(n *network.Network[float32], b Batch[float32], at Iteration) loss.Logits {
	if t.average == nil {
		t.average = n.Weights()
	}
	t.network.SetWeights(t.average)
	temperature, lambda := t.Annealing.At(at.Step, at.Steps)
	return Rectify(logits(t.network.Forward(b.X)), b.Labels, temperature, lambda).R
}

// Follow moves the average towards the weights.
func (t *selfTeacher) Follow(n *network.Network[float32]) {
	network.Average(t.average, n.Tensors(), averageRate)
}

// rectified minimises the cross-entropy against R, on rows attacked against R if so asked.
type rectified struct {
	*selfTeacher
	attacked bool
}

func newRectified(s Setting, attacked bool) rectified {
	return rectified{newSelfTeacher(s), attacked}
}

func (r rectified) Prepare(n *network.Network[float32], b Batch[float32], at Iteration) Loss {
	targets, x := r.rectify(n, b, at), b.X
	if r.attacked {
		x = manySteps(r.Setting, n, x, targets, at)
	}
	return softLoss(n, x, targets)
}
