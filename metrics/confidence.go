package metrics

import (
	"math"
	"slices"

	"abstain/metrics/rowstat"
)

// Function is a confidence function: it gives one number for each class vector;
// higher is more trusted.
type Function struct {
	Name        string // as in Confidence.Name
	Definition  string // formula on logits z or probabilities p
	Source      string
	Probability bool // the value is meant as the probability of being right

	logits, probs statistic    // nil if not defined from that
	want          rowstat.Want // what they read besides Max and Rest
	key           statistic    // orders rows of logits where the value saturates; nil if the value orders
	// beyond orders the rows of logits that are too sure for value and key, above all
	// others; nil if there are none such.
	beyond func(rowstat.Faint) float64
}

// statistic fills a column, one entry for each row, from the columns of the row
// kernel.
type statistic func(to []float64, s *rowstat.Columns)

// of returns the statistic for tables of a kind; nil if there is none.
func (f *Function) of(kind Kind) statistic {
	switch kind {
	case FromLogits:
		return f.logits
	case FromProbs:
		return f.probs
	}
	return nil
}

// ConfidenceFunctions lists the confidence functions computed from class vectors.
func ConfidenceFunctions() []Function { return slices.Clone(functions) }

// functions are the confidence functions computed from class vectors. Tables
// without class vectors have one called "stored" instead, and any table may bring
// columns "score:<name>".
//
// From logits, msp and margin come close to 1 and stick there in floating
// point, so they are ordered by a key that does not: the negative odds of being
// wrong, and of falling short of the margin. Both are as monotone as the log-odds
// and keep every bit. Entropy and gini are computed in forms that do not saturate
// where confidence is high. All four come so near to 0 where the largest logit is
// hundreds ahead that they underflow: above 0 their keys go on as minus the
// logarithm of what underflows. For energy see radix.TailKeys.
var functions = []Function{
	{
		Name: "msp", Probability: true,
		Definition: "largest probability, max p; from logits ordered by -R, the negative odds of being wrong",
		Source:     "Hendrycks and Gimpel 2017, section 2",
		logits: func(to []float64, s *rowstat.Columns) {
			for i, rest := range s.Rest[:len(to)] {
				to[i] = 1 / (1 + rest)
			}
		},
		probs:  largest,
		key:    func(to []float64, s *rowstat.Columns) { negate(to, s.Rest) },
		beyond: func(f rowstat.Faint) float64 { return -f.LogRest },
	},
	{
		Name:       "margin",
		Definition: "largest minus second largest probability; from logits ordered by margin/(1 - margin)",
		Source:     "Scheffer et al. 2001",
		want:       rowstat.WantSecond | rowstat.WantSecondExp,
		logits: func(to []float64, s *rowstat.Columns) {
			for i := range to {
				to[i] = lead(s, i) / (1 + s.Rest[i])
			}
		},
		probs: func(to []float64, s *rowstat.Columns) {
			for i := range to {
				to[i] = s.Max[i] - s.Second[i]
			}
		},
		key: func(to []float64, s *rowstat.Columns) {
			for i := range to {
				to[i] = -(s.Rest[i] + s.SecondExp[i]) / lead(s, i)
			}
		},
		beyond: func(f rowstat.Faint) float64 { return -f.LogShort },
	},
	{
		Name:       "entropy",
		Definition: "minus the entropy, sum p ln p, in nats",
		Source:     "Shannon 1948; as a confidence e.g. Lakshminarayanan et al. 2017",
		want:       rowstat.WantEntropy,
		logits:     func(to []float64, s *rowstat.Columns) { negate(to, s.Entropy) },
		probs:      func(to []float64, s *rowstat.Columns) { negate(to, s.Entropy) },
		beyond:     func(f rowstat.Faint) float64 { return -f.LogEntropy },
	},
	{
		Name:       "max-logit",
		Definition: "largest logit, max z",
		Source:     "Hendrycks et al. 2022, section 3",
		logits:     largest,
	},
	{
		Name:       "energy",
		Definition: "negative free energy at temperature 1, ln sum exp z",
		Source:     "Liu et al. 2020, section 3.1",
		logits: func(to []float64, s *rowstat.Columns) {
			for i := range to {
				to[i], _ = energy(s, i)
			}
		},
	},
	{
		Name:       "gini",
		Definition: "minus the Gini impurity, sum p^2 - 1",
		Source:     "Granese et al. 2021 (DOCTOR), section 3",
		want:       rowstat.WantGini,
		logits:     func(to []float64, s *rowstat.Columns) { negate(to, s.Gini) },
		probs:      func(to []float64, s *rowstat.Columns) { negate(to, s.Gini) },
		beyond:     func(f rowstat.Faint) float64 { return -math.Ln2 - f.LogRest },
	},
}

func largest(to []float64, s *rowstat.Columns) { copy(to, s.Max) }

func negate(to, column []float64) {
	for i, v := range column[:len(to)] {
		to[i] = -v
	}
}

// lead is 1 - exp(second - max), exact also where the two are close.
func lead(s *rowstat.Columns, i int) float64 { return 0 - math.Expm1(s.Second[i]-s.Max[i]) }

// energy is max + ln(1 + R), given as two numbers: the rounded sum, and what
// rounding lost of it (Knuth's TwoSum).
func energy(s *rowstat.Columns, i int) (hi, lo float64) {
	a, b := s.Max[i], math.Log1p(s.Rest[i])
	hi = a + b
	v := hi - a
	return hi, (a - (hi - v)) + (b - v)
}

// LogProbabilities reports whether logits are log-probabilities, of which every energy
// is 0 but for rounding: given the largest magnitudes, over a table, of the energies
// and of the rows' largest logits.
func LogProbabilities(energy, logit float64) bool {
	return energy <= min(5e-3, 0.01*logit) // of float16 or a few decimals it may be so far from 0
}

// energyTails fills what rounding loses of the energies, and returns the largest
// magnitudes that LogProbabilities asks for.
func energyTails(to []float64, s *rowstat.Columns) (largest, logit float64) {
	for i := range to {
		e, tail := energy(s, i)
		to[i] = tail
		largest, logit = max(largest, math.Abs(e)), max(logit, math.Abs(s.Max[i]))
	}
	// Where ln(1 + R) underflows, something that rises with it stands for it, smaller
	// than any that does not.
	for _, f := range s.Faint {
		to[f.Row] = -1e-300 / f.LogRest
	}
	return largest, logit
}
