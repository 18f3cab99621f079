package network

import "math"

// Schedule is the learning rate of a step, given its epoch and its number in the whole training, both from 0.
type Schedule func(epoch, step int) float64

// Constant keeps the rate.
func Constant(rate float64) Schedule { return func(int, int) float64 { return rate } }

// Milestones multiplies the rate by 0.1 in each of these epochs.
func Milestones(rate float64, epochs ...int) Schedule {
	return func(epoch, _ int) float64 {
		r := rate
		for _, m := range epochs {
			if epoch >= m {
				r *= 0.1
			}
		}
		return r
	}
}

// CosineByEpoch falls from rate to least along half a cosine, once an epoch (Loshchilov and Hutter 2017, equation 5).
func CosineByEpoch(rate, least float64, epochs int) Schedule {
	return func(epoch, _ int) float64 { return cosine(rate, least, epoch, epochs) }
}

// CosineByStep falls at every step.
func CosineByStep(rate, least float64, steps int) Schedule {
	return func(_, step int) float64 { return cosine(rate, least, step, steps) }
}

func cosine(from, to float64, at, of int) float64 {
	return to + (from-to)*(1+math.Cos(math.Pi*float64(at)/float64(of)))/2
}

// Anneal is the value at iteration t of n of a quantity that goes from one value to another along half a cosine. It
// reaches the end only at t = n, which is never run.
func Anneal(from, to float64, t, n int) float64 { return cosine(from, to, t, n) }
