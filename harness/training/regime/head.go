package regime

import "abstain/harness/training/fairness"

// Head is last-layer fine-tuning (Mao et al. 2023): the backbone of the vanilla network stays as it is, and a new last
// layer is trained on its features, full batch, under a fairness constraint or none.
type Head struct {
	Rows       string // what it is trained on: train, val, or balanced (as many of each cell of label and group, from both)
	Constraint string // of package fairness; "" for none
	Alpha      float64
}

// Rows of a head.
const (
	TrainRows    = "train"
	ValRows      = "val"
	BalancedRows = "balanced"
)

const fromMao = "Mao et al. 2023, section 3"

// heads are the fine-tunings: B1 to B3 without a constraint, M1 on validation rows, M2 on balanced ones.
var heads = []Regime{
	head("last-layer-b1", "last layer, B1", TrainRows, "", 0),
	head("last-layer-b2", "last layer, B2", ValRows, "", 0),
	head("last-layer-b3", "last layer, B3", BalancedRows, "", 0),
	head("last-layer-m1-eo", "last layer, M1 EO", ValRows, fairness.EO, 2),
	head("last-layer-m1-eo-rate", "last layer, M1 EO by rates", ValRows, fairness.EORate, 2),
	head("last-layer-m1-dp", "last layer, M1 DP", ValRows, fairness.DP, 2),
	head("last-layer-m1-di", "last layer, M1 DI", ValRows, fairness.DI, 1),
	head("last-layer-m1-ae", "last layer, M1 AE", ValRows, fairness.AE, 2),
	head("last-layer-m1-mmf", "last layer, M1 MMF", ValRows, fairness.MMF, 0),
	head("last-layer-m2-eo", "last layer, M2 EO", BalancedRows, fairness.EO, 2),
	head("last-layer-m2-di", "last layer, M2 DI", BalancedRows, fairness.DI, 1),
	head("last-layer-m2-ae", "last layer, M2 AE", BalancedRows, fairness.AE, 2),
	head("last-layer-m2-mmf", "last layer, M2 MMF", BalancedRows, fairness.MMF, 0),
}

func head(id, label, rows, constraint string, alpha float64) Regime {
	return Regime{ID: id, Label: label, Source: fromMao, Head: &Head{rows, constraint, alpha}}
}
