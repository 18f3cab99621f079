package regime

import "abstain/harness/training/loss"

// vanilla minimises the cross-entropy.
var vanilla = Regime{ID: "vanilla", Label: "vanilla", Source: "cross-entropy",
	Objective: func(Setting) Objective[float32] { return crossEntropy }}

var crossEntropy = of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
	return loss.CrossEntropy(z, b.Labels)
})
