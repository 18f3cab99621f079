package training

import (
	"math"

	"abstain/harness/training/fairness"
	"abstain/harness/training/loss"
	"abstain/harness/training/meta"
	"abstain/harness/training/network"
)

func checkFairness(x *checker, list string, c doc) {
	switch list {
	case "losses":
		checkConstraints(x, c)
	case "heads":
		checkHead(x, c)
	case "balanced":
		checkBalanced(x, c)
	case "metrics":
		checkCriteria(x, c)
	}
}

func headIn(d doc) meta.Head {
	features, classes := d.shape("W")
	return meta.Head{Features: features, Classes: classes, W: d.numbers("W"), B: d.numbers("b")}
}

func checkConstraints(x *checker, c doc) {
	l, h, labels, groups := headIn(c), c.logits("features"), c.ints("labels"), c.ints("groups")
	z := l.Logits(h)
	x.same("logits", z.Z...)
	weights, err := fairness.ClassWeights(labels)
	x.weightedNLL(z, labels, weights, err)
	all := x.under("fair")
	for _, constraint := range fairness.Constraints {
		x := all.under(constraint)
		v, undefined := fairness.Unfairness(constraint, z, labels, groups)
		x.same("fair", v.Mean)
		if undefined == nil {
			byW, byB := l.Back(h, v.Grad)
			x.same("grad_logits", v.Grad.Z...)
			x.same("grad_W", byW...)
			x.same("grad_b", byB...)
		}
		if err == nil && undefined == nil {
			o, _ := fairness.Objective(constraint, c.sub("params").number("alpha"), z, labels, groups, weights)
			byW, byB := l.Back(h, o.Grad)
			x.same("objective", o.Mean)
			x.same("objective_grad_W", byW...)
			x.same("objective_grad_b", byB...)
		}
		x.done()
	}
	all.done()
}

func (x *checker) weightedNLL(z loss.Logits, labels []int32, weights [2]float64, err error) {
	x = x.under("weighted_nll")
	defer x.done()
	if err != nil {
		x.compare("class_weights", x.want.numbers("class_weights"), []float64{math.NaN()})
		return
	}
	v := fairness.WeightedNLL(z, labels, weights)
	x.same("class_weights", weights[:]...)
	x.same("loss", v.Mean)
	x.same("grad_logits", v.Grad.Z...)
}

func checkHead(x *checker, c doc) {
	params, h, labels, groups := c.sub("params"), c.matrix("features"), c.ints("labels"), c.ints("groups")
	weights, err := fairness.ClassWeights(labels)
	if err != nil {
		x.Fatal(err)
	}
	x.same("class_weights", weights[:]...)
	init := headIn(c.sub("init"))
	n := network.MLP[float64]([]int{init.Features, init.Classes}, 0)
	n.SetWeights(append(append([]float64(nil), init.W...), init.B...))
	constraint := params.text("constraint")
	if constraint == "none" {
		constraint = ""
	}
	d := network.Descent[float64]{Momentum: params.number("momentum"), Decay: params.number("weight_decay"), Nesterov: params["nesterov"] == true}
	var losses []float64
	after := x.under("after")
	for step := range int(params.number("steps")) {
		v, err := fairness.Objective(constraint, params.number("alpha"), logitsOf(n.Forward(h)), labels, groups, weights)
		if err != nil {
			x.Fatal(err)
		}
		losses = append(losses, v.Mean)
		n.Backward(matrixOf(v.Grad))
		d.Step(n.Tensors(), params.number("lr"))
		if key := number(step + 1); after.want.has(key) {
			after.layers(key, after.want.sub(key), n.Weights())
		}
	}
	after.done()
	x.same("loss", losses...)
}

func checkBalanced(x *checker, c doc) {
	train, val := c.sub("train"), c.sub("val")
	labels := append(train.ints("labels"), val.ints("labels")...)
	groups := append(train.ints("groups"), val.ints("groups")...)
	cells := make([]float64, 4)
	for i, y := range labels {
		cells[2*groups[i]+y]++
	}
	x.same("cells_a_then_y", cells...)
	chosen, err := fairness.Balanced(labels, groups, func(_, k int) []int {
		first := make([]int, k)
		for i := range first {
			first[i] = i
		}
		return first
	})
	x.seen["error"] = true
	if (err != nil) != x.want.has("error") {
		x.Errorf("%s: error %v, want %v", x.name, err, x.want["error"])
	}
	x.same("smallest", float64(len(chosen)/4))
	for key, n := range map[string]int{"B1_size": len(train.ints("labels")), "B2_size": len(val.ints("labels")), "M1_size": len(val.ints("labels")),
		"B3_size": len(chosen), "M2_size": len(chosen)} {
		x.same(key, float64(n))
	}
	var of []int32
	for _, i := range chosen {
		of = append(of, labels[i])
	}
	for key, labels := range map[string][]int32{"class_weights_B1": train.ints("labels"), "class_weights_B2": val.ints("labels"), "class_weights_B3": of} {
		if w, err := fairness.ClassWeights(labels); err == nil {
			x.same(key, w[:]...)
		} else {
			x.same(key, math.NaN())
		}
	}
}
