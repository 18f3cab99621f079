package regime

import "abstain/harness/training/loss"

// Losses with a calibration error in them, the baselines of gamma-Net's paper.
var (
	brier = Regime{ID: "brier", Label: "Brier loss", Source: "Brier 1950; the sum over classes",
		Objective: func(Setting) Objective[float32] {
			return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value { return loss.Brier(z, b.Labels) })
		}}
	mmce = Regime{ID: "mmce", Label: "MMCE", Source: "Kumar et al. 2018, equation 4: CE + 2 MMCE (width 0.4, without the root)",
		Objective: func(Setting) Objective[float32] {
			return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
				return loss.CrossEntropy(z, b.Labels).Plus(2, loss.MMCE(z, b.Labels, 0.4))
			})
		}}
	dece = Regime{ID: "dece", Label: "soft-binned ECE (DECE)", Source: "Bohdal, Yang and Hospedales 2023, section 3.1: CE + 0.5 DECE",
		Objective: func(Setting) Objective[float32] {
			return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
				v, _ := loss.StandardDECE.Loss(z, b.Labels)
				return loss.CrossEntropy(z, b.Labels).Plus(0.5, v)
			})
		}}
)
