package recalibrate

import (
	"fmt"
	"math"

	"abstain/metrics/internal/sums"
)

// Affine maps a row z to W z + b, to be read as logits. It may change the
// prediction.
type Affine struct {
	Classes int
	Scale   []float64 // the diagonal of W, where that is all of it; nil otherwise
	Matrix  []float64 // W, row-major: one row per class that comes out; nil with Scale
	Bias    []float64
	OfLog   bool    // rows are probabilities, and z their logarithms
	Loss    float64 // mean NLL of the rows fitted on, without penalties
	// Converged says that the minimum was reached to the fit's precision. If
	// not, some class is separated without error and its coefficients grow
	// without end: give a penalty, or more rows.
	Converged bool
}

// Penalty is added to the mean NLL of a fit: OffDiagonal times the mean square
// of the C(C-1) coefficients between classes, and Bias times the mean square of
// the C biases (ODIR of Kull et al. 2019). Both are 0 or more.
type Penalty struct{ OffDiagonal, Bias float64 }

// FitVector fits a factor and a bias per class to logits by penalised NLL, from
// factors 1 and biases 0, by L-BFGS to a largest gradient of 1e-8. Errors are
// those of FitTemperature, and logits of -Inf are refused too. Source: Guo et al. 2017, section 4.2.
func FitVector(logits []float64, classes int, label []int32, penalty Penalty) (Affine, error) {
	return fitAffine(logits, classes, label, penalty, false)
}

// FitMatrix fits a full matrix and biases, from the identity. One step costs
// rows times classes squared. Otherwise as FitVector. Source: Guo et al. 2017, section 4.2.
func FitMatrix(logits []float64, classes int, label []int32, penalty Penalty) (Affine, error) {
	return fitAffine(logits, classes, label, penalty, true)
}

// FitDirichlet is matrix scaling of the logarithms of probabilities, which are
// raised to at least 1e-12 first. Source: Kull et al. 2019, section 3.
func FitDirichlet(probs []float64, classes int, label []int32, penalty Penalty) (Affine, error) {
	a, err := fitAffine(logsOf(probs), classes, label, penalty, true)
	a.OfLog = true
	return a, err
}

func logsOf(probs []float64) []float64 {
	z := make([]float64, len(probs))
	for i, p := range probs {
		z[i] = math.Log(max(p, nearest))
	}
	return z
}

// Apply fills dst with the mapped rows. dst and rows do not overlap.
func (a Affine) Apply(dst, rows []float64) {
	if a.OfLog {
		rows = logsOf(rows)
	}
	for from := 0; from < len(rows); from += a.Classes {
		a.row(dst[from:from+a.Classes], rows[from:from+a.Classes])
	}
}

func (a Affine) row(dst, z []float64) {
	for k := range dst {
		if a.Scale != nil {
			dst[k] = float64(a.Scale[k]*z[k]) + a.Bias[k]
		} else {
			dst[k] = dot(a.Matrix[k*a.Classes:(k+1)*a.Classes], z) + a.Bias[k]
		}
	}
}

func fitAffine(z []float64, classes int, label []int32, penalty Penalty, full bool) (Affine, error) {
	if !(penalty.OffDiagonal >= 0) || !(penalty.Bias >= 0) {
		return Affine{}, fmt.Errorf("recalibrate: penalty %+v: give numbers of 0 or more", penalty)
	}
	if _, err := checkLogits(z, classes, label); err != nil {
		return Affine{}, err
	}
	for i, v := range z {
		if math.IsInf(v, -1) {
			return Affine{}, fmt.Errorf("recalibrate: row %d, class %d: logit -Inf cannot be scaled: leave such rows out, or fit a temperature", i/classes, i%classes)
		}
	}
	f := affineFit{rows: z, classes: classes, label: label, penalty: penalty, full: full, unit: spread(z, classes, label)}
	theta, converged := leastLBFGS(f.loss, f.start(), 1e-8, 2000)
	a := f.affine(theta)
	a.Loss, a.Converged = f.nll(a, nil), converged
	return a, nil
}

// affineFit is the objective of a fit. Its parameters are W in units of 1/unit,
// so that they and the biases are of one size, then the biases.
type affineFit struct {
	rows    []float64
	classes int
	label   []int32
	penalty Penalty
	full    bool
	unit    float64
}

// spread is the root mean square of labelled rows' values about their row's mean; 1 if it is 0.
func spread(rows []float64, classes int, label []int32) float64 {
	var total sums.Sum
	n := 0.0
	for row := range labelled(rows, classes, label) {
		mean := 0.0
		for _, v := range row {
			mean += v / float64(classes)
		}
		for _, v := range row {
			total.Add((v - mean) * (v - mean))
			n++
		}
	}
	if s := math.Sqrt(total.Value() / n); s > 0 {
		return s
	}
	return 1
}

// weights is the number of parameters before the biases.
func (f *affineFit) weights() int {
	if f.full {
		return f.classes * f.classes
	}
	return f.classes
}

func (f *affineFit) start() []float64 {
	theta := make([]float64, f.weights()+f.classes)
	for k := range f.classes {
		if f.full {
			theta[k*f.classes+k] = f.unit
		} else {
			theta[k] = f.unit
		}
	}
	return theta
}

func (f *affineFit) affine(theta []float64) Affine {
	w := make([]float64, f.weights())
	for i := range w {
		w[i] = theta[i] / f.unit
	}
	a := Affine{Classes: f.classes, Bias: append([]float64(nil), theta[len(w):]...)}
	if f.full {
		a.Matrix = w
	} else {
		a.Scale = w
	}
	return a
}

// loss is the penalised mean NLL; it fills the gradient.
func (f *affineFit) loss(theta, gradient []float64) float64 {
	a := f.affine(theta)
	clear(gradient)
	total := f.nll(a, gradient)
	w, c := f.weights(), float64(f.classes)
	if f.full && f.classes > 1 {
		each := f.penalty.OffDiagonal / (c * (c - 1))
		for i, v := range a.Matrix {
			if i/f.classes != i%f.classes {
				total += each * v * v
				gradient[i] += 2 * each * v / f.unit
			}
		}
	}
	for k, b := range a.Bias {
		total += f.penalty.Bias / c * b * b
		gradient[w+k] += 2 * f.penalty.Bias / c * b
	}
	return total
}

// nll is the mean NLL; it adds its gradient to one that is not nil.
func (f *affineFit) nll(a Affine, gradient []float64) float64 {
	var total sums.Sum
	n := 0.0
	p := make([]float64, f.classes)
	for row, l := range labelled(f.rows, f.classes, f.label) {
		n++
		a.row(p, row)
		total.Add(highest(p) - p[l])
		total.Add(math.Log1p(oddsOfError(p, 1)))
		if gradient != nil {
			softmax(p, p, 1)
			p[l]--
			f.addGradient(gradient, p, row)
		}
	}
	for i := range gradient {
		gradient[i] /= n
	}
	return total.Value() / n
}

// addGradient adds one row's share, given its residuals.
func (f *affineFit) addGradient(gradient, residual, row []float64) {
	w := f.weights()
	for k, r := range residual {
		gradient[w+k] += r
		if !f.full {
			gradient[k] += r * (row[k] / f.unit)
			continue
		}
		g := gradient[k*f.classes : (k+1)*f.classes]
		for j, v := range row {
			g[j] += float64(r * (v / f.unit))
		}
	}
}
