package regime

import (
	"abstain/harness/training/attack"
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// Adversarial training, each also with weight averaging: without it, nobody can say what part of a gain is the
// averaging.
var (
	fgsm = Regime{ID: "fgsm-at", Label: "FGSM training", Source: "Goodfellow et al. 2015, section 6, on attacked rows only", Attacked: true,
		Objective: func(s Setting) Objective[float32] { return against{s, oneStep} }}
	fgsmAveraged = averaged(fgsm)
	pgd          = Regime{ID: "pgd-at", Label: "PGD-AT", Source: "Madry et al. 2018, equation 2.1", Attacked: true,
		Objective: func(s Setting) Objective[float32] { return against{s, manySteps} }}
	pgdAveraged = averaged(pgd)
	pgdSelected = selected(pgd)
	pgdAWP      = Regime{ID: "pgd-at-awp", Label: "PGD-AT + AWP", Source: "Wu, Xia and Wang 2020 as in the code of ADR: a step per tensor, rho = 0.005, no Nesterov",
		Attacked: true, Perturb: 0.005, Objective: pgd.Objective, Base: "pgd-at"}
	trades = Regime{ID: "trades", Label: "TRADES", Source: "Zhang et al. 2019, equation 5; beta = 6", Attacked: true,
		Objective: func(s Setting) Objective[float32] { return tradesObjective{s, nil} }}
	tradesAveraged = averaged(trades)
)

// averaged is a regime whose predictions are made with the average of its weights.
func averaged(r Regime) Regime {
	r.Base, r.ID, r.Label, r.Average = r.ID, r.ID+"-wa", r.Label+" + WA", averageRate
	return r
}

// selected is a regime whose best checkpoint is kept, by accuracy under attack on validation rows.
func selected(r Regime) Regime {
	r.Base, r.ID, r.Label, r.Select = r.ID, r.ID+"-selected", r.Label+", selected", true
	return r
}

// attacker makes adversarial rows of a batch.
type attacker func(s Setting, n *network.Network[float32], x network.Matrix[float32], targets loss.Logits, at Iteration) network.Matrix[float32]

func oneStep(s Setting, n *network.Network[float32], x network.Matrix[float32], targets loss.Logits, _ Iteration) network.Matrix[float32] {
	return attack.FGSM(n, x, targets, s.Ball)
}

func manySteps(s Setting, n *network.Network[float32], x network.Matrix[float32], targets loss.Logits, at Iteration) network.Matrix[float32] {
	return attack.PGD(n, x, attack.Start(x, s.Ball.Epsilon, at.Random), targets, s.Ball)
}

// against minimises the cross-entropy on attacked rows.
type against struct {
	Setting
	attack attacker
}

func (a against) Prepare(n *network.Network[float32], b Batch[float32], at Iteration) Loss {
	targets := loss.OneHot(b.Labels, a.Classes)
	return softLoss(n, a.attack(a.Setting, n, b.X, targets, at), targets)
}

// softLoss is the cross-entropy of rows x against targets.
func softLoss(n *network.Network[float32], x network.Matrix[float32], targets loss.Logits) Loss {
	return lossOf(n, x, func(z loss.Logits) loss.Value { return loss.SoftCrossEntropy(z, targets) })
}

// tradesObjective is TRADES against labels, or against the rectified labels of a self-teacher.
type tradesObjective struct {
	Setting
	teacher *selfTeacher
}

// tradesBeta is the weight of the divergence.
const tradesBeta = 6

func (t tradesObjective) Prepare(n *network.Network[float32], b Batch[float32], at Iteration) Loss {
	targets := loss.OneHot(b.Labels, t.Classes)
	if t.teacher != nil {
		targets = t.teacher.rectify(n, b, at)
	}
	start := attack.StartTRADES(b.X, func(int) float64 { return at.Random.Float64() })
	adversarial := attack.TRADES(n, b.X, start, logits(n.Forward(b.X)), t.Ball)
	return func() float64 { return TRADES(n, b.X, adversarial, targets, tradesBeta) }
}

// Follow moves the self-teacher, if there is one.
func (t tradesObjective) Follow(n *network.Network[float32]) {
	if t.teacher != nil {
		t.teacher.Follow(n)
	}
}
