package training

import (
	"math/rand/v2"

	"abstain/harness/training/loss"
	"abstain/harness/training/meta"
	"abstain/harness/training/network"
)

// perceptron makes a network of two dense layers from the fields W0, b0, W1, b1 (or W, b for the last).
func (d doc) perceptron() *network.Network[float64] {
	w, b := "W1", "b1"
	if !d.has(w) {
		w, b = "W", "b"
	}
	in, hidden := d.shape("W0")
	_, classes := d.shape(w)
	n := network.MLP[float64]([]int{in, hidden, classes}, 0)
	n.SetWeights(d.weights(w, b))
	return n
}

func (d doc) weights(w, b string) []float64 {
	var all []float64
	for _, key := range []string{"W0", "b0", w, b} {
		all = append(all, d.numbers(key)...)
	}
	return all
}

func (d doc) matrix(key string) network.Matrix[float64] {
	rows, cols := d.shape(key)
	return network.Matrix[float64]{Rows: rows, Cols: cols, V: d.numbers(key)}
}

// layers compares all weights or gradients, given in the order of the tensors, with the fields of an object.
func (x *checker) layers(key string, want doc, got []float64) {
	x.Helper()
	x.seen[key] = true
	for _, name := range []string{"W0", "b0", "W1", "b1", "W", "b", "V1", "c1", "V2", "c2"} {
		if !want.has(name) {
			continue
		}
		w := want.numbers(name)
		x.compare(key+"."+name, w, got[:len(w)])
		got = got[len(w):]
	}
	if len(got) > 0 {
		x.Errorf("%s: %s: %d values more than wanted", x.name, key, len(got))
	}
}

func (x *checker) under(key string) *checker {
	x.seen[key] = true
	return &checker{x.T, x.name + "/" + key, x.want.sub(key), x.rtol, x.atol, map[string]bool{}, x.sum}
}

// done counts the values that were not compared.
func (x *checker) done() {
	for key := range x.want {
		if !x.seen[key] && x.want[key] != nil {
			x.sum.uncovered++
			x.Logf("%s: %s is not covered", x.name, key)
		}
	}
}

func gradients(n *network.Network[float64]) []float64 {
	var all []float64
	for _, t := range n.Tensors() {
		all = append(all, t.Grad...)
	}
	return all
}

func logitsOf(m network.Matrix[float64]) loss.Logits {
	return loss.Logits{N: m.Rows, C: m.Cols, Z: append([]float64(nil), m.V...)}
}

func matrixOf(l loss.Logits) network.Matrix[float64] {
	return network.Matrix[float64]{Rows: l.N, Cols: l.C, V: l.Z}
}

func headOf(n *network.Network[float64]) meta.Head {
	w, b := n.Head()
	return meta.Head{Features: w.Rows, Classes: w.Cols, W: w.V, B: b}
}

func metaLoss(params doc) meta.Loss {
	switch params.text("meta") {
	case "sece":
		return meta.SECE(params.number("lam"), params.number("h"))
	case "dece":
		d := loss.StandardDECE
		d.Epsilon = params.number("dece_epsilon")
		return meta.DECE(params.number("lam"), d)
	}
	return meta.CrossEntropy
}

func checkGammaNet(x *checker, list string, c doc) {
	if list == "learned_label_smoothing" {
		checkLearnedSmoothing(x, c)
		return
	}
	params := c.sub("params")
	labels, labelsMeta := c.ints("labels"), c.ints("labels_meta")
	n := c.sub("backbone").perceptron()
	n.Forward(c.matrix("x_meta"))
	hMeta := logitsOf(n.Features())
	n.Forward(c.matrix("x"))
	h := logitsOf(n.Features())
	x.same("features", h.Z...)
	x.same("features_meta", hMeta.Z...)

	net := c.sub("gamma_net")
	g := meta.NewGammaNet(h.C, rand.New(rand.NewPCG(1, 2)))
	g.Tanh = params.text("activation") == "tanh"
	g.Hidden = len(net.numbers("c1"))
	if rate := params.number("adam_lr"); rate != 1e-3 {
		x.Fatalf("%s: gamma-Net learns at 0.001, not %v", x.name, rate)
	}
	g.V1, g.C1, g.V2, g.C2 = net.numbers("V1"), net.numbers("c1"), net.numbers("V2"), net.numbers("c2")[0]
	scale := 1.0
	if params.text("reduction") == "sum" {
		scale = float64(h.N)
	}
	step := func() meta.Bilevel {
		return g.Look(headOf(n), h, labels, params.number("eta"), scale, hMeta, labelsMeta, metaLoss(params))
	}
	b := step()
	x.same("gamma", b.Gamma...)
	x.same("train_loss", b.Train.Mean*scale)
	x.same("W_virtual", b.Ahead.Virtual.W...)
	x.same("b_virtual", b.Ahead.Virtual.B...)
	x.same("meta_loss", b.Ahead.MetaLoss)
	x.same("G_W", b.Ahead.ByW...)
	x.same("G_b", b.Ahead.ByB...)
	x.same("hypergradient_gamma", b.Slope...)
	x.layers("grad", x.want.sub("grad"), g.Gradient(b.Gammas, b.Slope))
	if x.want.has("sece_kept") {
		f := loss.Confidences(b.Ahead.Virtual.Logits(hMeta), labelsMeta)
		x.same("sece_kept", float64(loss.SECE(f.Confidence, f.Correct, params.number("h")).Kept))
	}
	if weight, _, _ := loss.FocalWeight(headOf(n).Logits(h), labels, b.Gamma); x.want.has("g") {
		x.same("g", weight...)
	}
	x.skip("g", "sece_kept") // null
	x.seen["adam"] = true
	var first []float64 // the gammas after the first step
	for _, want := range asList(x.want["adam"]) {
		b := step()
		w := doc(asMap(want))
		x.compare("adam.gamma", w.numbers("gamma"), b.Gamma)
		x.compare("adam.hypergradient_gamma", w.numbers("hypergradient_gamma"), b.Slope)
		x.layers("adam.grad", w.sub("grad"), g.Gradient(b.Gammas, b.Slope))
		g.Learn(b)
		x.layers("adam.after", w.sub("after"), g.Parameters())
		if first == nil {
			first = g.Forward(h).Gamma
		}
	}
	checkRealStep(x.under("real_step"), c, n, labels, first, scale)
}

func checkRealStep(x *checker, c doc, n *network.Network[float64], labels []int32, gamma []float64, scale float64) {
	defer x.done()
	params := c.sub("params")
	x.same("gamma", gamma...)
	v := loss.Focal(logitsOf(n.Forward(c.matrix("x"))), labels, gamma)
	x.same("loss", v.Mean*scale)
	for i := range v.Grad.Z {
		v.Grad.Z[i] *= scale
	}
	n.Backward(matrixOf(v.Grad))
	x.layers("grad", x.want.sub("grad"), gradients(n))
	x.same("grad_norm", network.Norm(n.Tensors()))
	before := n.Weights()
	for key, clip := range map[string]float64{"unclipped": 0, "clipped": params.number("clip_norm")} {
		n.SetWeights(before)
		d := network.Descent[float64]{Momentum: params.number("momentum"), Decay: params.number("weight_decay"), Clip: clip}
		d.Step(n.Tensors(), params.number("eta"))
		x.layers(key, x.want.sub(key), n.Weights())
	}
}

func checkLearnedSmoothing(x *checker, c doc) {
	params, labels, labelsMeta := c.sub("params"), c.ints("labels"), c.ints("labels_meta")
	h, hMeta := c.logits("features"), c.logits("features_meta")
	_, classes := c.shape("W")
	l := meta.Head{Features: h.C, Classes: classes, W: c.numbers("W"), B: c.numbers("b")}
	scale := 1.0
	if params.text("reduction") == "sum" {
		scale = float64(h.N)
	}
	for _, key := range []string{"scalar", "per_class"} {
		x := x.under(key)
		epsilon := x.want.numbers("epsilon")
		x.seen["epsilon"] = true
		s := meta.Smoothing{Epsilon: epsilon}
		ahead, slope := s.Look(l, h, labels, params.number("eta"), scale, hMeta, labelsMeta)
		x.same("W_virtual", ahead.Virtual.W...)
		x.same("b_virtual", ahead.Virtual.B...)
		x.same("meta_loss", ahead.MetaLoss)
		x.same("hypergradient", slope...)
		x.done()
	}
}
