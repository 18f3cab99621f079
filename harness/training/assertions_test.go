package training

import (
	"context"
	"flag"
	"math"
	"testing"

	"abstain/harness/training/loss"
	"abstain/metrics"
	"abstain/metrics/disparity"
)

// The effects that the papers' notes expect at this size, and those that they do not: each over several seeds, on
// data and settings that were fixed before.

// judged are figures of one model on clean test rows, and its accuracy under PGD where rows allow it.
type judged struct {
	accuracy, ece, sece, auroc, aurc, entropy, pgd float64
	odds, parity, equality, worst                  float64 // of groups
	gammas                                         float64 // standard deviation of gamma-Net's exponents
}

// judge evaluates a model as the harness does.
func judge(t *testing.T, c Config, f *fitted, w *workshop) judged {
	t.Helper()
	z := f.predict(c.Data.Test.X, w.random("judge")).logits
	o := outcomes(float64s(z), c.Data.Test.Labels)
	ranked := metrics.Rank(o, o.Confidence("msp"))
	of := func(id string) float64 { return metrics.MustMeasure(id).Of(ranked).Value }
	j := judged{accuracy: of("accuracy"), ece: of("ece@15"), sece: of("sece@0.05"), auroc: of("auroc"), aurc: of("aurc"), entropy: mean(loss.Uncertainty(float64s(z)))}
	if c.Data.Box {
		rows := c.Data.Test
		x := f.attacked("pgd", rows, c.Data.Classes, c.Recipe.Test, w.random("attack"))
		j.pgd = accuracy(float64s(f.predict(x, nil).logits), rows.Labels)
	}
	if f.gammas != nil {
		j.gammas = f.gammas.deviation
	}
	if len(c.Data.Test.Groups) > 0 {
		j.groups(c, o)
	}
	return j
}

func outcomes(z loss.Logits, labels []int32) *metrics.Outcomes {
	p := loss.Softmax(z, 1)
	o := &metrics.Outcomes{Classes: z.C, Label: labels, Vectors: p.Z}
	c := metrics.Confidence{Name: "msp", Probability: true}
	for i, y := range labels {
		best := loss.Argmax(z.Row(i))
		o.Prediction, o.Correct = append(o.Prediction, int32(best)), append(o.Correct, best == int(y))
		c.Value = append(c.Value, p.Row(i)[best])
	}
	o.Confidences = []metrics.Confidence{c}
	return o
}

func (j *judged) groups(c Config, o *metrics.Outcomes) {
	code, err := c.Data.Test.group(c.group())
	if err != nil {
		panic(err)
	}
	g := &metrics.Group{Name: "group", Levels: []string{"0", "1"}, Code: code}
	by := func(id string) []disparity.Level {
		return disparity.ByGroup(o, "", g, metrics.MustMeasure(id).Metric, 0, 1)
	}
	j.odds = disparity.EqualisedOdds(by("true-positive-rate"), by("false-positive-rate"), false).Value
	j.parity, j.equality = disparity.Difference(by("positive-rate")).Value, disparity.Difference(by("error")).Value
	cells := disparity.CrossGroups(g, disparity.LabelGroup(o))
	j.worst = disparity.Worst(disparity.ByGroup(o, "", &cells, metrics.MustMeasure("accuracy").Metric, 0, 1), metrics.Higher).Value
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

var everyEffect = flag.Bool("effects", false, "check the effects of all presets, which takes a minute")

// effects are the means over seeds of a preset's regimes.
func effects(t *testing.T, preset string, seeds int, regimes ...string) map[string]judged {
	t.Helper()
	if testing.Short() || preset != "fairness" && !*everyEffect {
		t.Skip("trains networks for up to half a minute: run with -args -effects")
	}
	p, err := PresetByID(preset)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Config(1)
	if err != nil {
		t.Fatal(err)
	}
	c.Regimes, c.Seeds = regimes, seeds
	return trainAll(t, c)
}

// trainAll trains a plan and judges every model: means over seeds by regime.
func trainAll(t *testing.T, c Config) map[string]judged {
	t.Helper()
	models, err := Plan(c)
	if err != nil {
		t.Fatal(err)
	}
	w, means := &workshop{Config: c}, map[string]judged{}
	for _, m := range models {
		if m.Regime.ID == "vanilla" && c.Data.Box {
			continue // attacks are compared with PGD-AT
		}
		f, err := w.once(context.Background(), m)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		means[m.Regime.ID] = means[m.Regime.ID].plus(judge(t, c, f.copyWith(m, c.Data), w), 1/float64(c.Seeds))
	}
	for id, j := range means {
		t.Logf("%-24s %+v", id, j)
	}
	return means
}

// copyWith copies the networks of a model, with its dropout.
func (f *fitted) copyWith(m Model, d *Data) *fitted {
	c := &fitted{stochastic: f.stochastic, gammas: f.gammas}
	for _, n := range f.networks {
		own := m.Family.network(d, m.Regime.Dropout)
		own.SetWeights(n.Weights())
		c.networks = append(c.networks, own)
	}
	return c
}

func (j judged) plus(o judged, weight float64) judged {
	return judged{j.accuracy + weight*o.accuracy, j.ece + weight*o.ece, j.sece + weight*o.sece, j.auroc + weight*o.auroc, j.aurc + weight*o.aurc,
		j.entropy + weight*o.entropy, j.pgd + weight*o.pgd, j.odds + weight*o.odds, j.parity + weight*o.parity, j.equality + weight*o.equality, j.worst + weight*o.worst, j.gammas + weight*o.gammas}
}

// TestDistillationCalibrates: distillation lowers the ECE by more than 3 points and raises the AUROC; MC dropout
// lowers the ECE, and the AUROC not beyond noise.
func TestDistillationCalibrates(t *testing.T) {
	t.Parallel()
	e := effects(t, "distillation", 2, "distillation", "dropout", "mc-dropout")
	if fall := e["vanilla"].ece - e["distillation"].ece; fall < 0.03 {
		t.Errorf("distillation lowers the ECE by %.3f only", fall)
	}
	if e["distillation"].auroc <= e["vanilla"].auroc {
		t.Errorf("distillation: AUROC %.3f after %.3f", e["distillation"].auroc, e["vanilla"].auroc)
	}
	if fall := e["dropout"].ece - e["mc-dropout"].ece; fall < 0.03 {
		t.Errorf("MC dropout lowers the ECE by %.3f only", fall)
	}
	if math.Abs(e["mc-dropout"].aurc-e["dropout"].aurc) > 0.02 {
		t.Errorf("MC dropout: AURC %.3f after %.3f, where no effect was expected", e["mc-dropout"].aurc, e["dropout"].aurc)
	}
}

// TestGammaNetCalibrates: gamma-Net with SECE lowers ECE and SECE by more than 4 points at no loss of accuracy. A
// fixed gamma of 3 is better calibrated at this size, which reports say. Its exponents differ between samples,
// with a standard deviation above 0.5 in the mean over 5 seeds, but not in each: from 0.1, in a seed where they
// stay near 0 and nothing is gained, to 1. Studies print all.
func TestGammaNetCalibrates(t *testing.T) {
	t.Parallel()
	e := effects(t, "gamma-net", 5, "gamma-net-sece", "focal")
	vanilla, meta := e["vanilla"], e["gamma-net-sece"]
	if vanilla.ece-meta.ece < 0.04 || vanilla.sece-meta.sece < 0.04 {
		t.Errorf("ECE %.3f after %.3f, SECE %.3f after %.3f", meta.ece, vanilla.ece, meta.sece, vanilla.sece)
	}
	if meta.accuracy < vanilla.accuracy-0.01 {
		t.Errorf("accuracy %.3f after %.3f", meta.accuracy, vanilla.accuracy)
	}
	if meta.gammas < 0.5 {
		t.Errorf("the exponents have a standard deviation of %.2f between samples", meta.gammas)
	}
	if e["focal"].ece > meta.ece {
		t.Errorf("a fixed gamma has ECE %.3f, gamma-Net %.3f: the notes expected the reverse", e["focal"].ece, meta.ece)
	}
}

// TestADRIsMoreRobust: at least a point more accuracy under PGD than PGD-AT, higher entropy, and a constant
// temperature loses to the annealed one.
func TestADRIsMoreRobust(t *testing.T) {
	t.Parallel()
	e := effects(t, "adr", 3, "pgd-at", "adr", "adr-constant")
	if gain := e["adr"].pgd - e["pgd-at"].pgd; gain < 0.01 {
		t.Errorf("ADR gains %.3f under attack", gain)
	}
	if e["adr"].entropy <= e["pgd-at"].entropy {
		t.Errorf("entropy %.3f after %.3f", e["adr"].entropy, e["pgd-at"].entropy)
	}
	if e["adr-constant"].pgd >= e["adr"].pgd {
		t.Errorf("a constant temperature gives %.3f under attack, the annealed one %.3f", e["adr-constant"].pgd, e["adr"].pgd)
	}
}

// TestLastLayersAreFairer: M2 under EO lowers the difference of equalised odds by at least a third against the
// pretrained network and against B2.
func TestLastLayersAreFairer(t *testing.T) {
	t.Parallel()
	e := effects(t, "fairness", 3, "last-layer-b2", "last-layer-m2-eo", "last-layer-m1-di")
	for _, before := range []string{"vanilla", "last-layer-b2"} {
		if e["last-layer-m2-eo"].odds > 2.0/3*e[before].odds {
			t.Errorf("difference of odds %.3f, with %s %.3f", e["last-layer-m2-eo"].odds, before, e[before].odds)
		}
	}
	if e["last-layer-m1-di"].parity >= e["vanilla"].parity {
		t.Errorf("DI: difference of positive rates %.3f after %.3f", e["last-layer-m1-di"].parity, e["vanilla"].parity)
	}
}
