package regime

import (
	"abstain/harness/training/loss"
)

// focal weighs hard samples more, flsd53 with an exponent that depends on the sample.
var (
	focal = Regime{ID: "focal", Label: "focal loss", Source: "Lin et al. 2017, equation 4; gamma = 3",
		Objective: func(Setting) Objective[float32] {
			return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
				return loss.Focal(z, b.Labels, constant(3, z.N))
			})
		}}
	flsd53 = Regime{ID: "flsd-53", Label: "FLSD-53", Source: "Mukhoti et al. 2020, section 4: gamma 5 where p < 0.2, else 3",
		Objective: func(Setting) Objective[float32] {
			return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
				return loss.Focal(z, b.Labels, loss.FLSD53(z, b.Labels))
			})
		}}
)

func constant(v float64, n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = v
	}
	return list
}
