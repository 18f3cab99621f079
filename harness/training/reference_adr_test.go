package training

import (
	"fmt"

	"abstain/harness/training/attack"
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
	"abstain/harness/training/regime"
)

func checkADR(x *checker, list string, c doc) {
	params := c.sub("params")
	switch list {
	case "schedules":
		a := regime.Annealing{HighT: c.number("T_high"), LowT: c.number("T_low"), LowLambda: c.number("lambda_low"), HighLambda: c.number("lambda_high")}
		var temperatures, lambdas []float64
		for _, t := range c.ints("t") {
			temperature, lambda := a.At(int(t), int(c.number("N")))
			temperatures, lambdas = append(temperatures, temperature), append(lambdas, lambda)
		}
		x.same("temperature", temperatures...)
		x.same("lambda", lambdas...)
		if end := c.sub("limit_at_t_equal_N"); end != nil {
			temperature, lambda := a.At(int(c.number("N")), int(c.number("N")))
			x.compare("limit", []float64{end.number("temperature"), end.number("lambda")}, []float64{temperature, lambda})
		}
	case "rectified_labels":
		r := regime.Rectify(c.logits("teacher_logits"), c.ints("labels"), params.number("T"), params.number("lambda"))
		x.rectified(r)
		if onTop, ok := c["true_class_on_top"].(bool); ok && onTop {
			for i, y := range c.ints("labels") {
				if row := r.R.Row(i); row[y] < row[loss.Argmax(row)]-1e-15 {
					x.Errorf("%s: the true class of sample %d is not on top of R", x.name, i)
				}
			}
		}
	case "attacks":
		checkAttack(x, c)
	case "steps":
		checkADRStep(x, c)
	case "ema":
		average := c.numbers("start")
		t := &network.Tensor[float64]{}
		var path []float64
		for _, student := range asList(c["student"]) {
			t.Value = flatten(student)
			network.Average(average, []*network.Tensor[float64]{t}, c.number("m"))
			path = append(path, average...)
		}
		x.compare("want", c.numbers("want"), path)
	case "awp":
		t := &network.Tensor[float64]{Value: c.numbers("w"), Grad: c.numbers("g")}
		network.Climb([]*network.Tensor[float64]{t}, c.number("rho"))
		x.compare("want", c.numbers("want"), t.Value)
	}
}

func (x *checker) rectified(r regime.Rectified) {
	x.Helper()
	x.same("P", r.P.Z...)
	x.same("lambda_x", r.Lambda...)
	x.same("R", r.R.Z...)
}

func ballOf(params doc) attack.Ball {
	return attack.Ball{Epsilon: params.number("epsilon"), Alpha: params.number("alpha"), Steps: int(params.number("steps"))}
}

func checkAttack(x *checker, c doc) {
	in, n := c.matrix("x"), c.sub("network").perceptron()
	ball := ballOf(c.sub("params"))
	var start network.Matrix[float64]
	var after func(steps int) network.Matrix[float64]
	if c.has("uniform") {
		uniform := c.numbers("uniform")
		start = attack.StartTRADES(in, func(i int) float64 { return uniform[i] })
		clean := logitsOf(n.Forward(in))
		after = func(steps int) network.Matrix[float64] {
			ball.Steps = steps
			return attack.TRADES(n, in, start, clean, ball)
		}
	} else {
		start = attack.StartAt(in, c.matrix("noise"))
		after = func(steps int) network.Matrix[float64] {
			ball.Steps = steps
			return attack.PGD(n, in, start, c.logits("targets"), ball)
		}
	}
	x.same("start", start.V...)
	made := map[string]network.Matrix[float64]{"clean": in, "start": start}
	for key := range x.want {
		var steps int
		if _, err := fmt.Sscanf(key, "after_%d", &steps); err == nil {
			made[number(steps)] = after(steps)
			x.same(key, made[number(steps)].V...)
		}
	}
	if !c.has("targets") {
		return
	}
	made["fgsm"] = attack.FGSM(n, in, c.logits("targets"), ball)
	x.same("fgsm", made["fgsm"].V...)
	x.rtol = c.sub("tol").number("loss_rtol")
	for name, inputs := range made {
		x.same("loss_"+name, loss.SoftCrossEntropy(logitsOf(n.Forward(inputs)), c.logits("targets")).Mean)
	}
}

func checkADRStep(x *checker, c doc) {
	params, in, labels := c.sub("params"), c.matrix("x"), c.ints("labels")
	n, teacher := c.sub("network").perceptron(), c.sub("teacher").perceptron()
	a := regime.Annealing{HighT: params.number("T_high"), LowT: params.number("T_low"), LowLambda: params.number("lambda_low"), HighLambda: params.number("lambda_high")}
	temperature, lambda := a.At(int(params.number("t")), int(params.number("N")))
	x.same("T", temperature)
	x.same("lambda", lambda)
	byTeacher := logitsOf(teacher.Forward(in))
	x.same("teacher_logits", byTeacher.Z...)
	r := regime.Rectify(byTeacher, labels, temperature, lambda)
	x.rectified(r)

	adversarial, beta, trades := in, params.number("beta"), x.want.has("kl")
	switch {
	case !trades && params.number("steps") > 0:
		adversarial = attack.PGD(n, in, attack.StartAt(in, c.matrix("noise")), r.R, ballOf(params))
	case trades:
		uniform := c.numbers("uniform")
		start := attack.StartTRADES(in, func(i int) float64 { return uniform[i] })
		adversarial = attack.TRADES(n, in, start, logitsOf(n.Forward(in)), ballOf(params))
	}
	x.same("x_adversarial", adversarial.V...)
	gradient := func() float64 {
		if trades {
			return regime.TRADES(n, in, adversarial, r.R, beta)
		}
		v := loss.SoftCrossEntropy(logitsOf(n.Forward(adversarial)), r.R)
		n.Backward(matrixOf(v.Grad))
		return v.Mean
	}
	x.same("loss", gradient())
	x.layers("grad", x.want.sub("grad"), gradients(n))
	checkOutputs(x, n, in, adversarial, r.R, beta)
	before := n.Weights()
	gradient()
	checkStep(x.under("step_nesterov"), params, n, teacher, true)
	n.SetWeights(before)
	checkAWP(x.under("step_awp"), params, n, teacher, gradient)
}

// checkOutputs compares what the loss is made of.
func checkOutputs(x *checker, n *network.Network[float64], in, adversarial network.Matrix[float64], targets loss.Logits, beta float64) {
	attacked := logitsOf(n.Forward(adversarial))
	x.same("adversarial_logits", attacked.Z...)
	if !x.want.has("kl") {
		x.same("grad_adversarial_logits", loss.SoftCrossEntropy(attacked, targets).Grad.Z...)
		return
	}
	clean := logitsOf(n.Forward(in))
	x.same("clean_logits", clean.Z...)
	ce := loss.SoftCrossEntropy(clean, targets)
	kl, byAttacked := loss.Divergence(clean, attacked)
	x.same("loss_clean", ce.Mean)
	x.same("kl", kl.Mean)
	x.same("grad_clean_logits", ce.Plus(beta, kl).Grad.Z...)
	for i := range byAttacked.Z {
		byAttacked.Z[i] *= beta
	}
	x.same("grad_adversarial_logits", byAttacked.Z...)
}

// checkStep steps the optimiser and the average of weights.
func checkStep(x *checker, params doc, n, teacher *network.Network[float64], nesterov bool) {
	defer x.done()
	d := network.Descent[float64]{Momentum: params.number("momentum"), Decay: params.number("weight_decay"), Nesterov: nesterov}
	d.Step(n.Tensors(), params.number("lr"))
	x.layers("after", x.want.sub("after"), n.Weights())
	average := teacher.Weights()
	network.Average(average, n.Tensors(), params.number("ema"))
	x.layers("ema", x.want.sub("ema"), average)
}

func checkAWP(x *checker, params doc, n, teacher *network.Network[float64], gradient func() float64) {
	gradient()
	before := n.Weights()
	network.Climb(n.Tensors(), params.number("rho"))
	x.layers("perturbed", x.want.sub("perturbed"), n.Weights())
	x.same("loss", gradient())
	x.layers("grad", x.want.sub("grad"), gradients(n))
	n.SetWeights(before)
	checkStep(x, params, n, teacher, false)
}
