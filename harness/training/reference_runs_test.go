package training

import (
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
	"abstain/harness/training/regime"
)

// checkRun repeats a whole tiny training run. The data are in the file's own field.
func checkRun(data doc) func(*checker, string, doc) {
	return func(x *checker, _ string, c doc) {
		params := c.sub("params")
		classes := int(data.number("C"))
		n := data.sub("init").perceptron()
		x0, labels := data.matrix("x"), data.ints("labels")
		order := asList(data["order"])
		perEpoch := len(asList(order[0]))
		rate := scheduleOf(params, len(order), len(order)*perEpoch)
		descent := network.Descent[float64]{Momentum: params.number("momentum"), Decay: params.number("weight_decay"),
			Nesterov: params["nesterov"] == true, Clip: params.number("clip_norm")}
		average := n.Weights()
		var rates, losses, norms []float64
		step := 0
		x.seen["after_epoch"] = true
		for epoch, batches := range order {
			for _, rows := range asList(batches) {
				b := batchOf(data, x0, labels, flatten(rows), step, classes, params.sub("regime"))
				v := b.loss(params.sub("regime"), logitsOf(n.Forward(b.x)))
				scale := 1.0
				if params.text("reduction") == "sum" {
					scale = float64(b.x.Rows)
				}
				for i := range v.Grad.Z {
					v.Grad.Z[i] *= scale
				}
				n.Backward(matrixOf(v.Grad))
				rates, losses = append(rates, rate(epoch, step)), append(losses, v.Mean*scale)
				norms = append(norms, descent.Step(n.Tensors(), rate(epoch, step)))
				if m := params.number("ema"); m > 0 {
					network.Average(average, n.Tensors(), m)
				}
				step++
			}
			want := doc(asMap(asList(x.want["after_epoch"])[epoch]))
			if !want.has("weights") {
				x.layers("after_epoch", want, n.Weights())
				continue
			}
			x.layers("after_epoch", want.sub("weights"), n.Weights())
			x.layers("after_epoch", want.sub("ema"), average)
		}
		x.same("lr_per_step", rates...)
		x.same("loss_per_step", losses...)
		if x.want.has("grad_norm_per_step") {
			x.same("grad_norm_per_step", norms...)
		}
		x.skip("grad_norm_per_step")
		x.same("final_logits", n.Forward(x0).V...)
	}
}

func scheduleOf(params doc, epochs, steps int) network.Schedule {
	s, rate := params.sub("schedule"), params.number("lr")
	switch s.text("kind") {
	case "step":
		var milestones []int
		for _, m := range s.ints("milestones") {
			milestones = append(milestones, int(m))
		}
		return network.Milestones(rate, milestones...)
	case "cosine-epoch":
		return network.CosineByEpoch(rate, s.number("min"), epochs)
	case "cosine-step":
		return network.CosineByStep(rate, s.number("min"), steps)
	}
	return network.Constant(rate)
}

// batch is what a loss of a run needs.
type batch struct {
	x       network.Matrix[float64]
	labels  []int32
	targets loss.Logits // of mixup
	teacher loss.Logits
}

func batchOf(data doc, x network.Matrix[float64], labels []int32, rows []float64, step, classes int, kind doc) batch {
	b := batch{x: network.NewMatrix[float64](len(rows), x.Cols), teacher: loss.New(len(rows), classes)}
	teacher := data.logits("teacher_logits")
	for i, row := range rows {
		copy(b.x.Row(i), x.Row(int(row)))
		copy(b.teacher.Row(i), teacher.Row(int(row)))
		b.labels = append(b.labels, labels[int(row)])
	}
	if kind.text("kind") != "mixup" {
		return b
	}
	lam := data.numbers("mix_lam")[step]
	var perm, other []int32
	for _, p := range flatten(asList(data["mix_perm"])[step]) {
		perm = append(perm, int32(p))
		other = append(other, b.labels[int(p)])
	}
	b.targets = loss.Mix(b.labels, other, classes, repeat(lam, len(rows)))
	b.x = regime.Mixture(b.x, perm, lam)
	return b
}

func (b batch) loss(regime doc, z loss.Logits) loss.Value {
	switch regime.text("kind") {
	case "label-smoothing":
		return loss.SoftCrossEntropy(z, loss.Smooth(b.labels, z.C, repeat(regime.number("epsilon"), z.N)))
	case "focal":
		return loss.Focal(z, b.labels, repeat(regime.number("gamma"), z.N))
	case "flsd-53":
		return loss.Focal(z, b.labels, loss.FLSD53(z, b.labels))
	case "distillation":
		return loss.Distillation(z, b.teacher, b.labels, regime.number("temperature"), regime.number("alpha"))
	case "brier":
		return loss.Brier(z, b.labels)
	case "mixup":
		return loss.SoftCrossEntropy(z, b.targets)
	case "mmce":
		return loss.CrossEntropy(z, b.labels).Plus(regime.number("lam"), loss.MMCE(z, b.labels, 0.4))
	case "dece":
		v, _ := loss.StandardDECE.Loss(z, b.labels)
		return loss.CrossEntropy(z, b.labels).Plus(0.5, v)
	case "vanilla":
		return loss.CrossEntropy(z, b.labels)
	}
	panic("a run under regime " + regime.text("kind"))
}
