package regime

import "abstain/harness/training/loss"

// distillation learns from a teacher's probabilities at temperature 4 beside the labels.
var distillation = Regime{ID: "distillation", Label: "knowledge distillation", Teacher: true,
	Source: "Hinton et al. 2015, section 2: 0.9 T^2 KL at T = 4 + 0.1 CE",
	Objective: func(s Setting) Objective[float32] {
		return of[float32](func(z loss.Logits, b Batch[float32], _ Iteration) loss.Value {
			teacher := loss.New(z.N, z.C)
			for i, row := range b.Rows {
				copy(teacher.Row(i), s.Teacher.Row(int(row)))
			}
			return loss.Distillation(z, teacher, b.Labels, 4, 0.9)
		})
	}}
