package ranks

import (
	"fmt"
	"math"
	"slices"

	"abstain/metrics/resample"
)

// Noise is the joint sampling error of the estimates of several models: normal,
// with mean 0. It is held as loadings: the error of model i is the sum over k of
// scale * loadings[i][k] * g[k], where the g are independent and standard normal.
type Noise struct {
	loadings [][]float64 // one row for each model, of at most width numbers
	width    int
	scale    float64
	freedom  float64 // degrees of freedom of the covariance; 0 if it is taken as known
}

// stretch is by how much a draw has to grow for the covariance being an estimate:
// the root of freedom over a chi-square variable, as in Student's t, where z is
// standard normal (Wilson and Hilferty 1931).
func (e *Noise) stretch(z float64) float64 {
	if e.freedom == 0 {
		return 1
	}
	part := 2 / (9 * e.freedom)
	return math.Pow(1-part+float64(z*math.Sqrt(part)), -1.5)
}

// Models is the number of models.
func (e *Noise) Models() int { return len(e.loadings) }

// NewNoise is the sampling error with the given covariance matrix of the
// estimates, in squared units of the metric. The matrix may be singular, as it
// is when two models give the same answers or when there are fewer samples than
// models. It is an error if it is not symmetric, finite, and positive
// semidefinite up to rounding.
//
// The loadings are the Cholesky factor of the correlation matrix with complete
// pivoting, cut where the rest is rounding (Higham, Accuracy and Stability of
// Numerical Algorithms, section 10.3).
func NewNoise(covariance *resample.Matrix) (*Noise, error) {
	if err := checkCovariance(covariance); err != nil {
		return nil, err
	}
	f := newFactor(covariance)
	for f.rank < covariance.Size && f.step() {
	}
	for k, i := range f.order[f.rank:] {
		if f.rest[f.rank+k] < -1e-8 {
			return nil, fmt.Errorf("ranks: the covariance matrix is not positive semidefinite: see row %d", i)
		}
	}
	return f.noise(), nil
}

func checkCovariance(c *resample.Matrix) error {
	if c.Size < 0 || len(c.Data) != c.Size*c.Size {
		return fmt.Errorf("ranks: covariance matrix: %d entries, want %d x %d", len(c.Data), c.Size, c.Size)
	}
	for i := range c.Size {
		for j := range c.Size {
			v, mirror := c.At(i, j), c.At(j, i)
			bound := math.Sqrt(c.At(i, i)) * math.Sqrt(c.At(j, j))
			switch {
			case math.IsNaN(v) || math.IsInf(v, 0):
				return fmt.Errorf("ranks: covariance matrix: row %d, column %d is %v; leave out models without a value", i, j, v)
			case j < i && math.Abs(v-mirror) > 1e-9*bound:
				return fmt.Errorf("ranks: covariance matrix: row %d, column %d is %v, but the other way round %v", i, j, v, mirror)
			case i == j && v < 0:
				return fmt.Errorf("ranks: covariance matrix: row %d: the variance %v is negative", i, v)
			case math.Abs(v) > bound*(1+1e-9):
				return fmt.Errorf("ranks: covariance matrix: row %d, column %d is %v, more than the variances allow", i, j, v)
			}
		}
	}
	return nil
}

// factor is a Cholesky factorisation under way: of the models in order, the
// first rank ones are pivots.
type factor struct {
	covariance *resample.Matrix
	deviation  []float64 // standard errors, by model
	order      []int     // model at each place
	loadings   [][]float64
	rest       []float64 // variance not yet explained, by place
	rank       int
}

func newFactor(covariance *resample.Matrix) *factor {
	n := covariance.Size
	f := &factor{covariance: covariance, deviation: make([]float64, n), order: make([]int, n),
		loadings: make([][]float64, n), rest: make([]float64, n)}
	for i := range n {
		f.order[i] = i
		f.deviation[i] = math.Sqrt(covariance.At(i, i))
		if f.deviation[i] > 0 {
			f.rest[i] = 1
		}
	}
	return f
}

// step adds the model of which most is unexplained as a pivot, the first of
// equals. It reports false if nothing but rounding is left of any.
func (f *factor) step() bool {
	at, pivot := f.rank, f.rank
	for k := at; k < len(f.order); k++ {
		if f.rest[k] > f.rest[pivot] {
			pivot = k
		}
	}
	if f.rest[pivot] <= float64(len(f.order))*0x1p-52 {
		return false
	}
	f.order[at], f.order[pivot] = f.order[pivot], f.order[at]
	f.loadings[at], f.loadings[pivot] = f.loadings[pivot], f.loadings[at]
	f.rest[at], f.rest[pivot] = f.rest[pivot], f.rest[at]
	root := math.Sqrt(f.rest[at])
	own := f.loadings[at]
	for k := at + 1; k < len(f.order); k++ {
		l := (f.correlation(k, at) - dot(f.loadings[k], own)) / root
		f.loadings[k] = append(f.loadings[k], l)
		f.rest[k] -= float64(l * l)
	}
	f.loadings[at] = append(own, root)
	f.rank++
	return true
}

func (f *factor) correlation(k, l int) float64 {
	i, j := f.order[k], f.order[l]
	if f.deviation[i] == 0 {
		return 0
	}
	return f.covariance.At(i, j) / f.deviation[i] / f.deviation[j]
}

// noise turns correlations back into covariances.
func (f *factor) noise() *Noise {
	e := &Noise{loadings: make([][]float64, len(f.order)), width: f.rank, scale: 1}
	for k, i := range f.order {
		for l := range f.loadings[k] {
			f.loadings[k][l] *= f.deviation[i]
		}
		e.loadings[i] = f.loadings[k]
	}
	return e
}

// NoiseFromInfluence is the sampling error given by influence values on n samples,
// as resample.Covariance takes them: influence[i] belongs to model i, has mean 0,
// and the covariance of models i and j is the sum of influence[i]*influence[j]
// over n^2. Nothing is factorised, but each draw costs one step for each value,
// so NewNoise is faster where there are more samples than models. The slices are
// kept and must not change. It is an error if one is missing, differs in length,
// or holds a value that is not finite.
func NoiseFromInfluence(influence [][]float64, n int) (*Noise, error) {
	if err := resample.CheckInfluence(influence); err != nil {
		return nil, err
	}
	e := &Noise{loadings: influence, scale: 1 / float64(n)}
	if len(influence) > 0 {
		e.width = len(influence[0])
	}
	return e, nil
}

// NoiseFromReplicates is the sampling error given by the estimates of all models
// on the same bootstrap replicates: replicates[i][b] is that of model i on
// replicate b. Covariances are those between the replicates, with divisor one
// less than their number, which is also how many degrees of freedom draws have:
// few replicates widen the sets. It is an error if there are fewer than two replicates,
// if rows differ in length, or if a value is not finite.
func NoiseFromReplicates(replicates [][]float64) (*Noise, error) {
	e := &Noise{loadings: make([][]float64, len(replicates)), scale: 1}
	for i, row := range replicates {
		if e.width = len(replicates[0]); len(row) != e.width || e.width < 2 {
			return nil, fmt.Errorf("ranks: model %d has %d replicates, model 0 has %d; all need the same number, two or more", i, len(row), e.width)
		}
		centred, err := centre(row)
		if err != nil {
			return nil, fmt.Errorf("ranks: model %d: %w", i, err)
		}
		e.loadings[i], e.scale, e.freedom = centred, 1/math.Sqrt(float64(e.width-1)), float64(e.width-1)
	}
	return e, nil
}

// FactoredInfluence is NoiseFromInfluence, with the covariance factorised where there are
// so many more samples than models that it is cheaper. The slices may be kept and must
// not change. Parallel calls do(0) ... do(n-1), at once if it can.
func FactoredInfluence(influence [][]float64, n int, parallel func(n int, do func(i int))) (*Noise, error) {
	if len(influence) == 0 || len(influence[0]) <= max(4*leastBatch, 16*len(influence)) {
		return NoiseFromInfluence(influence, n)
	}
	if err := resample.CheckInfluence(influence); err != nil {
		return nil, err
	}
	covariance := resample.NewMatrix(len(influence))
	const rows = 16
	parallel((len(influence)+rows-1)/rows, func(block int) {
		resample.CovarianceRows(covariance, influence, n, block*rows, min((block+1)*rows, len(influence)))
	})
	return NewNoise(covariance)
}

// FactoredReplicates is NoiseFromReplicates, factorised where there are more
// replicates than models. Parallel is that of FactoredInfluence.
func FactoredReplicates(replicates [][]float64, parallel func(n int, do func(i int))) (*Noise, error) {
	e, err := NoiseFromReplicates(replicates)
	if err != nil || e.width <= e.Models() {
		return e, err
	}
	columns := make([][]float64, len(e.loadings))
	for i, row := range e.loadings { // influence values of as many samples with this covariance
		columns[i] = slices.Clone(row)
		for k := range columns[i] {
			columns[i][k] *= e.scale * float64(e.width)
		}
	}
	factored, err := FactoredInfluence(columns, e.width, parallel)
	if err != nil {
		return nil, err
	}
	factored.freedom = e.freedom
	return factored, nil
}

// centre is x less its mean.
func centre(x []float64) ([]float64, error) {
	total := 0.0
	for b, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("replicate %d is %v; leave the model out", b, v)
		}
		total += v
	}
	mean := total / float64(len(x))
	centred := make([]float64, len(x))
	for b, v := range x {
		centred[b] = v - mean
	}
	return centred, nil
}

// squares is the sum of squares of a model's loadings.
func (e *Noise) squares(i int) float64 { return dot(e.loadings[i], e.loadings[i]) }

// apart is the sum of squares of the difference of two models' loadings: the variance of
// the difference of their estimates, without the scale.
func (e *Noise) apart(i, j int) float64 {
	a, b := e.loadings[i], e.loadings[j]
	if len(a) > len(b) {
		a, b = b, a
	}
	total := dot(b[len(a):], b[len(a):])
	s, t := 0.0, 0.0
	k := 0
	b = b[:len(a)]
	for ; k+1 < len(a); k += 2 {
		u, v := a[k]-b[k], a[k+1]-b[k+1]
		s += float64(u * u)
		t += float64(v * v)
	}
	if k < len(a) {
		u := a[k] - b[k]
		s += float64(u * u)
	}
	return total + s + t
}

// dot is the product of two rows over the length of the first.
func dot(a, b []float64) float64 {
	b = b[:len(a)]
	s, t := 0.0, 0.0
	k := 0
	for ; k+1 < len(a); k += 2 {
		s += float64(a[k] * b[k])
		t += float64(a[k+1] * b[k+1])
	}
	if k < len(a) {
		s += float64(a[k] * b[k])
	}
	return s + t
}
