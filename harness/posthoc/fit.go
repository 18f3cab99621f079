package posthoc

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/recalibrate"
)

// Sample is what a transform is fitted on: rows with a label, given as class
// vectors and also as a confidence with whether the prediction was right. The two
// may have different lengths, and one may be absent if no transform needs it.
type Sample struct {
	Kind    metrics.Kind // of Vectors: FromLogits or FromProbs
	Classes int
	Vectors []float64 // row-major
	Label   []int32   // 0..Classes-1, one per row of Vectors

	Confidence []float64
	Correct    []bool

	logits, probs []float64 // made from Vectors when first asked for
}

// Fit describes how a map was fitted.
type Fit struct {
	Rows       int         `json:"rows"`
	Parameters []Parameter `json:"parameters,omitempty"`
	// Loss names the loss that Before and After give on the rows fitted on: the
	// mean NLL of class vectors, the mean log loss of being right, the AURC, or the ECE.
	Loss          string  `json:"loss"`
	Before, After float64 `json:"-"`
	Note          string  `json:"note,omitempty"`
}

// Parameter is one or more fitted numbers under a name.
type Parameter struct {
	Name   string    `json:"name"`
	Values []float64 `json:"values"`
}

func one(name string, v float64) Parameter { return Parameter{name, []float64{v}} }

// Fit fits the transform to a sample of a shape that it is not unfit for. The
// error says what the rows lack: a map is not given whose parameters run to a bound,
// since what comes of such a one looks like a result and is none.
func (t Transform) Fit(s *Sample) (*Map, Fit, error) {
	if err := t.lacks(s); err != nil {
		return nil, Fit{}, err
	}
	return t.fit(s)
}

var (
	errOneRow   = errors.New("one row determines no map: give more rows to fit on")
	errNoErrors = errors.New("every row fitted on is predicted right, so that no confidence is high enough: give rows with errors too")
	errOneKind  = errors.New("the rows fitted on are all right or all wrong: give rows of both kinds")
	errChance   = errors.New("the rows fitted on are predicted no better than chance, so that no temperature is high enough: see whether labels and classes belong together")
	errFlat     = errors.New("all logits of every row fitted on are equal, so that every temperature fits them alike")
	errReversed = errors.New("right predictions are trusted no more than wrong ones on the rows fitted on: the map would reverse the ranking, or end it")
	errTurned   = errors.New("on the rows fitted on the classes of low logits are the right ones: the map would reverse the order of classes; see whether labels and classes belong together")
	errParted   = errors.New("a threshold parts right from wrong on the rows fitted on, so that no slope is steep enough: give more rows")
)

// lacks says why rows determine no map; nil if they may.
func (t Transform) lacks(s *Sample) error {
	rows := len(s.Label)
	if t.Input == Probability {
		rows = len(s.Correct)
	}
	switch {
	case rows == 1:
		return errOneRow
	case rows == 0: // each fit has its own words
	case t.Input == Probability && !(slices.Contains(s.Correct, true) && slices.Contains(s.Correct, false)):
		return errOneKind
	case t.NeedsErrors && s.allRight():
		return errNoErrors
	}
	return nil
}

// allRight reports whether every label has a largest logit, and not all are equal.
func (s *Sample) allRight() bool {
	flat := true
	for i, l := range s.Label {
		row := s.Vectors[i*s.Classes : (i+1)*s.Classes]
		if row[l] < slices.Max(row) {
			return false
		}
		flat = flat && row[l] == slices.Min(row)
	}
	return !flat
}

// mostWork bounds rows times classes squared: the multiplications in one step of
// fitting a matrix. At the bound a step takes about 0.2 s, and a fit some hundred
// steps.
const mostWork = 1e8

func tooLarge(classes, rows int) string {
	if float64(rows)*float64(classes)*float64(classes) <= mostWork {
		return ""
	}
	return fmt.Sprintf("a matrix of %d x %d coefficients on %d rows would take hours to fit and have more of them than rows tell apart; vector or temperature will do", classes, classes, rows)
}

// asLogits returns the vectors as logits.
func (s *Sample) asLogits() []float64 {
	if s.logits == nil {
		s.logits = s.Vectors
		if s.Kind == metrics.FromProbs {
			s.logits = make([]float64, len(s.Vectors))
			logarithms(s.logits, s.Vectors)
		}
	}
	return s.logits
}

// asProbs returns the vectors as probabilities.
func (s *Sample) asProbs() []float64 {
	if s.probs == nil {
		s.probs = s.Vectors
		if s.Kind == metrics.FromLogits {
			s.probs = make([]float64, len(s.Vectors))
			recalibrate.Softmax(s.probs, s.Vectors, s.Classes, 1)
		}
	}
	return s.probs
}

// floor is the least probability of which a logarithm is taken.
const floor = 1e-12

func logarithms(dst, probs []float64) {
	for i, p := range probs {
		dst[i] = math.Log(max(p, floor))
	}
}

// judged completes the fit of a map of class vectors with its losses on the rows
// fitted on.
func (s *Sample) judged(m *Map, note string, parameters ...Parameter) (*Map, Fit, error) {
	f := Fit{Rows: len(s.Label), Parameters: parameters, Loss: "nll", Note: note, Before: s.storedNLL()}
	in := s.asLogits()
	if m.wants == metrics.FromProbs {
		in = s.asProbs()
	}
	out := make([]float64, s.Classes)
	f.After = s.meanNLL(in, func(row []float64) ([]float64, metrics.Kind) {
		m.vectors(out, row)
		return out, m.gives
	})
	return m, f, nil
}

// storedNLL is the mean NLL of the rows as stored.
func (s *Sample) storedNLL() float64 {
	return s.meanNLL(s.asLogits(), func(row []float64) ([]float64, metrics.Kind) { return row, metrics.FromLogits })
}

// meanNLL is the mean NLL of the rows after the map.
func (s *Sample) meanNLL(rows []float64, mapped func(row []float64) ([]float64, metrics.Kind)) float64 {
	total := 0.0
	for i, l := range s.Label {
		row, kind := mapped(rows[i*s.Classes : (i+1)*s.Classes])
		if kind == metrics.FromProbs {
			total -= math.Log(max(row[l], floor))
			continue
		}
		top := row[highest(row)]
		sum := 0.0
		for _, z := range row {
			sum += math.Exp(z - top)
		}
		total += top - row[l] + math.Log(sum)
	}
	return total / float64(len(s.Label))
}

// highest is the index of the largest value, the first one if there are several.
func highest(row []float64) int {
	at := 0
	for j, z := range row {
		if z > row[at] {
			at = j
		}
	}
	return at
}

func fitTemperature(s *Sample) (*Map, Fit, error) {
	t, err := recalibrate.FitTemperature(s.asLogits(), s.Classes, s.Label, recalibrate.NLL)
	if err != nil {
		return nil, Fit{}, err
	}
	if err := bounded(t.AtBound, t.Flat); err != nil {
		return nil, Fit{}, err
	}
	f := Fit{Rows: len(s.Label), Parameters: []Parameter{one("T", t.T)}, Loss: "nll", Before: s.storedNLL(), After: t.Loss}
	return newTemperature(t.T), f, nil
}

// fitTemperatureECE chooses from the grid of papers by the ECE.
func fitTemperatureECE(s *Sample) (*Map, Fit, error) {
	const bins = 15
	logits := s.asLogits()
	t, err := recalibrate.FitTemperatureECE(logits, s.Classes, s.Label, recalibrate.Tenths(100), bins)
	switch {
	case err != nil:
		return nil, Fit{}, err
	case t.Flat:
		return nil, Fit{}, errFlat
	}
	before, err := recalibrate.FitTemperatureECE(logits, s.Classes, s.Label, []float64{1}, bins)
	if err != nil {
		return nil, Fit{}, err
	}
	f := Fit{Rows: len(s.Label), Parameters: []Parameter{one("T", t.T)}, Loss: "ece@15", Before: before.Loss, After: t.Loss}
	if t.AtBound {
		f.Note = "at the end of the grid"
	}
	return newTemperature(t.T), f, nil
}

// bounded refuses a temperature that is none. Rows without errors are refused before,
// so that a temperature at a bound is too high.
func bounded(atBound, flat bool) error {
	switch {
	case flat:
		return errFlat
	case atBound:
		return errChance
	}
	return nil
}

// fitTemperatureBy chooses from a grid, 1 first, by a metric of the ranking.
func fitTemperatureBy(s *Sample, metric string) (*Map, Fit, error) {
	if len(s.Label) == 0 {
		return nil, Fit{}, errNoRows
	}
	grid := []float64{1}
	for k := 1; k <= 24; k++ {
		grid = append(grid, math.Exp2(float64(k)/4), math.Exp2(-float64(k)/4))
	}
	least, most := math.Inf(1), math.Inf(-1)
	loss := s.rankingLoss(metric)
	t := recalibrate.FitTemperatureBy(s.asLogits(), s.Classes, grid, func(confidence []float64) float64 {
		v := loss(confidence)
		least, most = min(least, v), max(most, v)
		return v
	})
	if math.IsNaN(t.T) {
		return nil, Fit{}, fmt.Errorf("the %s of the rows fitted on is undefined: give rows that are partly right and partly wrong", metric)
	}
	note := ""
	switch {
	case least == most:
		note = "every temperature ranks the rows fitted on alike: 1 is kept"
	case t.T == grid[len(grid)-1] || t.T == grid[len(grid)-2]:
		note = "at the end of the grid"
	}
	m, f, err := s.judged(newTemperature(t.T), note, one("T", t.T), one(metric, t.Loss))
	return m, f, err
}

var errNoRows = errors.New("no row has a label: give rows with known classes to fit on")

// rankingLoss returns the function that ranks the rows by a confidence and
// computes the metric.
func (s *Sample) rankingLoss(id string) func([]float64) float64 {
	metric, ok := metrics.Lookup(id)
	if !ok {
		panic("posthoc: no metric " + id)
	}
	o := &metrics.Outcomes{Classes: s.Classes, Correct: make([]bool, len(s.Label))}
	for i, l := range s.Label {
		o.Correct[i] = highest(s.Vectors[i*s.Classes:(i+1)*s.Classes]) == int(l)
	}
	return func(confidence []float64) float64 {
		return metric.Of(metrics.Rank(o, &metrics.Confidence{Value: confidence}), 0).Value
	}
}

func fitEnsemble(s *Sample) (*Map, Fit, error) {
	e, err := recalibrate.FitEnsemble(s.asLogits(), s.Classes, s.Label, recalibrate.NLL)
	if err != nil {
		return nil, Fit{}, err
	}
	if err := bounded(e.AtBound, e.Flat); err != nil {
		return nil, Fit{}, err
	}
	m := &Map{wants: metrics.FromLogits, gives: metrics.FromLogits, vectors: func(dst, z []float64) {
		e.Apply(dst, z, s.Classes)
		for i, p := range dst {
			dst[i] = math.Log(p) // rows whose largest probability rounds to 1 still differ in the other classes
		}
	}}
	return s.judged(m, "", one("T", e.T), Parameter{"weights", e.Weight[:]})
}

// shrinkage returns penalties that act, on n rows, as normal priors: with
// standard deviation 0.03 on the coefficients between classes, and 0.3 on the
// biases. Weaker penalties gave larger losses with the 125 validation rows of the
// models of the embedded corpus.
func shrinkage(n, classes int) recalibrate.Penalty {
	const between, bias = 0.03, 0.3
	c := float64(classes)
	return recalibrate.Penalty{
		OffDiagonal: c * (c - 1) / (2 * between * between * float64(n)),
		Bias:        c / (2 * bias * bias * float64(n)),
	}
}

func fitVector(s *Sample) (*Map, Fit, error)    { return s.affine(recalibrate.FitVector, false) }
func fitMatrix(s *Sample) (*Map, Fit, error)    { return s.affine(recalibrate.FitMatrix, false) }
func fitDirichlet(s *Sample) (*Map, Fit, error) { return s.affine(recalibrate.FitDirichlet, true) }

func (s *Sample) affine(fit func([]float64, int, []int32, recalibrate.Penalty) (recalibrate.Affine, error), ofProbs bool) (*Map, Fit, error) {
	if len(s.Label) == 0 {
		return nil, Fit{}, errNoRows
	}
	rows, wants := s.asLogits(), metrics.FromLogits
	if ofProbs {
		rows, wants = s.asProbs(), metrics.FromProbs
	}
	a, err := fit(rows, s.Classes, s.Label, shrinkage(len(s.Label), s.Classes))
	if err != nil {
		return nil, Fit{}, err
	}
	if !turnsUp(a) {
		return nil, Fit{}, errTurned
	}
	note := ""
	if !a.Converged {
		note = "the fit stopped short of its minimum: some class is told apart without error"
	}
	weights := Parameter{"matrix", a.Matrix}
	if a.Scale != nil {
		weights = Parameter{"scale", a.Scale}
	}
	return s.judged(&Map{wants: wants, gives: metrics.FromLogits, vectors: a.Apply}, note, weights, Parameter{"bias", a.Bias})
}

// turnsUp reports whether the classes' own coefficients are above 0 on average.
func turnsUp(a recalibrate.Affine) bool {
	total := 0.0
	for k := range a.Classes {
		if a.Scale != nil {
			total += a.Scale[k]
		} else {
			total += a.Matrix[k*a.Classes+k]
		}
	}
	return total > 0
}

func fitPooled(s *Sample) (*Map, Fit, error) {
	p, err := recalibrate.FitPooled(s.asProbs(), s.Classes, s.Label)
	if err != nil {
		return nil, Fit{}, err
	}
	m := &Map{wants: metrics.FromProbs, gives: metrics.FromProbs, vectors: func(dst, probs []float64) {
		p.Apply(dst, probs)
		recalibrate.Normalise(dst, s.Classes)
	}}
	return s.judged(m, "", Parameter{"x", p.Isotonic.X}, Parameter{"y", p.Isotonic.Y})
}

func fitClasswise(s *Sample) (*Map, Fit, error) {
	o, err := recalibrate.FitOneVsRest(s.asProbs(), s.Classes, s.Label, func(c []float64, hit []bool) (recalibrate.Map, error) {
		return recalibrate.FitIsotonic(c, hit)
	})
	if err != nil {
		return nil, Fit{}, err
	}
	knots := make([]float64, len(o.Maps))
	for k, m := range o.Maps {
		knots[k] = float64(len(m.(recalibrate.Isotonic).X))
	}
	return s.judged(&Map{wants: metrics.FromProbs, gives: metrics.FromProbs, vectors: o.Apply}, "", Parameter{"knots", knots})
}
