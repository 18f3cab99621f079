package meta

import (
	"math"
	"math/rand/v2"

	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// GammaNet is the meta network of Wang and Golebiowski (2024): it gives every sample its own exponent gamma >= 0 of the
// focal loss, out of the penultimate features: gamma = softplus(act(H V1 + c1) V2 + c2).
type GammaNet struct {
	Features, Hidden int
	V1, C1, V2       []float64 // Features x Hidden, Hidden, Hidden
	C2               float64
	Tanh             bool // the hidden activation; ReLU otherwise: the paper does not say which

	adam network.Adam // at the rate of NewGammaNet
}

// hiddenUnits of gamma-Net, and the gamma that it begins with.
const (
	hiddenUnits = 16
	firstGamma  = 1.3
)

// NewGammaNet draws one whose gammas begin around 1.3.
func NewGammaNet(features int, random *rand.Rand) *GammaNet {
	g := &GammaNet{Features: features, Hidden: hiddenUnits, V1: make([]float64, features*hiddenUnits),
		C1: make([]float64, hiddenUnits), V2: make([]float64, hiddenUnits), adam: network.Adam{Rate: 1e-3}}
	for i := range g.V1 {
		g.V1[i] = random.NormFloat64() * math.Sqrt(2/float64(features))
	}
	for i := range g.V2 {
		g.V2[i] = random.NormFloat64() / math.Sqrt(hiddenUnits) // as every last layer here
	}
	g.C2 = math.Log(math.Expm1(firstGamma)) // softplus of it is firstGamma
	return g
}

// Gammas are the network's outputs, with what its gradient needs.
type Gammas struct {
	Gamma    []float64
	pre      []float64 // before softplus
	hidden   loss.Logits
	features loss.Logits
}

// Forward gives every row of features its gamma.
func (g *GammaNet) Forward(h loss.Logits) Gammas {
	out := Gammas{make([]float64, h.N), make([]float64, h.N), Head{g.Features, g.Hidden, g.V1, g.C1}.Logits(h), h}
	for i := range h.N {
		row := out.hidden.Row(i)
		out.pre[i] = g.C2
		for k, v := range row {
			if g.Tanh {
				v = math.Tanh(v)
			} else {
				v = math.Max(v, 0)
			}
			row[k] = v
			out.pre[i] += v * g.V2[k]
		}
		out.Gamma[i] = softplus(out.pre[i])
	}
	return out
}

func softplus(x float64) float64 { return math.Max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// Gradient is that of the parameters, in the order V1, C1, V2, C2, given that by each gamma.
func (g *GammaNet) Gradient(out Gammas, byGamma []float64) []float64 {
	byV2, byC2 := make([]float64, g.Hidden), 0.0
	byHidden := loss.New(out.hidden.N, g.Hidden)
	for i, d := range byGamma {
		d /= 1 + math.Exp(-out.pre[i])
		byC2 += d
		for k, v := range out.hidden.Row(i) {
			byV2[k] += d * v
			switch {
			case g.Tanh:
				byHidden.Row(i)[k] = d * g.V2[k] * (1 - v*v)
			case v > 0:
				byHidden.Row(i)[k] = d * g.V2[k]
			}
		}
	}
	byV1, byC1 := Head{g.Features, g.Hidden, g.V1, g.C1}.Back(out.features, byHidden)
	all := append(byV1, byC1...)
	return append(append(all, byV2...), byC2)
}

// Parameters lists them in the order of Gradient.
func (g *GammaNet) Parameters() []float64 {
	all := append([]float64(nil), g.V1...)
	all = append(append(all, g.C1...), g.V2...)
	return append(all, g.C2)
}

// SetParameters sets them.
func (g *GammaNet) SetParameters(all []float64) {
	for _, p := range [][]float64{g.V1, g.C1, g.V2} {
		all = all[copy(p, all):]
	}
	g.C2 = all[0]
}

// Bilevel is one look-ahead through the gammas of a batch.
type Bilevel struct {
	Gammas
	Train loss.Value // the focal loss of the batch
	Ahead LookAhead
	Slope []float64 // of the meta loss by each gamma
}

// Look does the virtual step of the last layer l on the focal loss, and differentiates the meta loss by every gamma.
// scale is 1 for a training loss that is a mean over the batch and its size for a sum.
func (g *GammaNet) Look(l Head, h loss.Logits, labels []int32, eta, scale float64, hMeta loss.Logits, labelsMeta []int32, meta Loss) Bilevel {
	b := Bilevel{Gammas: g.Forward(h)}
	z := l.Logits(h)
	b.Train = loss.Focal(z, labels, b.Gamma)
	d := loss.Logits{N: z.N, C: z.C, Z: scaledBy(b.Train.Grad.Z, scale)}
	b.Ahead = Look(l, h, d, eta, hMeta, labelsMeta, meta)
	// The gradient's row is g (p - onehot) scale/B; only g depends on gamma.
	_, slope, _ := loss.FocalWeight(z, labels, b.Gamma)
	dRow := loss.CrossEntropy(z, labels).Grad // (p - onehot)/B
	for i, s := range slope {
		for k := range dRow.Row(i) {
			dRow.Row(i)[k] *= s * scale
		}
	}
	b.Slope = b.Ahead.Slope(dRow)
	return b
}

func scaledBy(v []float64, by float64) []float64 {
	s := make([]float64, len(v))
	for i, x := range v {
		s[i] = x * by
	}
	return s
}

// Learn moves gamma-Net one Adam step against the meta loss.
func (g *GammaNet) Learn(b Bilevel) {
	all := g.Parameters()
	g.adam.Step(all, g.Gradient(b.Gammas, b.Slope))
	g.SetParameters(all)
}
