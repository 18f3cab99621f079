package training

import (
	"abstain/harness/training/attack"
	"abstain/harness/training/network"
	"abstain/harness/training/regime"
)

// Recipe is how long and at what rate networks are trained, and how they are attacked.
type Recipe struct {
	Epochs, Batch   int
	Rate            float64
	Fall            float64 // share of the epochs after which the rate falls to a tenth; 0: never
	Cosine          bool    // the rate falls along half a cosine, by step
	Momentum, Decay float64
	Nesterov        bool
	Clip            float64 // largest norm of a gradient; 0 for none

	Ball      attack.Ball // of the attacks in training
	Test      attack.Ball // of those that networks are judged under
	Annealing regime.Annealing

	Attacked int // how many test rows are attacked; 0: all
}

// schedule is the rate by step.
func (r Recipe) schedule(steps int) network.Schedule {
	switch {
	case r.Cosine:
		return network.CosineByStep(r.Rate, 0, steps)
	case r.Fall > 0:
		return network.Milestones(r.Rate, int(r.Fall*float64(r.Epochs)))
	}
	return network.Constant(r.Rate)
}

// Passes of a network with dropout for one prediction.
const passes = 30

// GridRecipe is that of the embedded grid.
var GridRecipe = Recipe{Epochs: 40, Batch: 50, Rate: 0.05, Momentum: 0.9, Decay: 5e-4,
	Ball: attack.Ball{Epsilon: 0.1, Alpha: 0.025, Steps: 5}, Test: attack.Ball{Epsilon: 0.1, Alpha: 0.0125, Steps: 10},
	Annealing: regime.Annealing{HighT: 2, LowT: 1, LowLambda: 0.5, HighLambda: 0.9}, Attacked: 400}

// GridDigits are the data of the embedded grid: digits 0 to 7, with 8 and 9 as new classes.
var GridDigits = Digits{Noise: 0.3, Train: 500, Val: 200, Meta: 150, Held: 2, Box: true}
