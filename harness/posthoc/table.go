package posthoc

import (
	"fmt"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/metrics/spelling"
)

// Input says which part of a prediction table a transform works on.
type Input uint8

const (
	// Vectors: logits, or logarithms of probabilities (those below 1e-12 count as
	// 1e-12). For a softmax these are its logits up to a constant.
	Vectors Input = iota + 1
	// Logits: stored logits, nothing else.
	Logits
	// Probability: a confidence that is meant as the probability of being right:
	// msp if there are class vectors, else the stored confidence.
	Probability
)

func (i Input) String() string {
	return [...]string{"", "class vectors", "logits", "a probability"}[i]
}

// Output says what a transform changes.
type Output uint8

const (
	// ClassVectors: the class vectors, and so everything computed from them.
	ClassVectors Output = iota + 1
	// Confidence: only one confidence, msp or the stored one. The prediction
	// stays; NLL and Brier score are undefined.
	Confidence
)

func (o Output) String() string { return [...]string{"", "class vectors", "confidence"}[o] }

// Transform is a named way to change stored predictions.
type Transform struct {
	ID         string
	Definition string
	Source     string
	Input      Input
	Output     Output
	// KeepsPrediction says that the order of the classes in a row stays, so
	// accuracy and the ranks of labels cannot change.
	KeepsPrediction bool
	// NeedsErrors says that the fit has no end on rows that are all predicted right.
	NeedsErrors bool
	// Version is raised when the numbers it gives change.
	Version int

	fit    func(*Sample) (*Map, Fit, error)
	refuse func(classes, rows int) string // nil if any size is allowed
}

// None stands for predictions as they are stored. Rest stands for the same
// predictions, on only those rows that fitted transforms are judged on.
const (
	None = "none"
	Rest = "none@holdout"
)

// Named returns the transforms with the given ids, in that order. None is allowed
// and adds nothing, because the predictions as stored are always evaluated.
func Named(ids []string) ([]Transform, error) {
	var list []Transform
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return nil, fmt.Errorf("transform %q is asked twice", id)
		}
		at := slices.IndexFunc(Table, func(t Transform) bool { return t.ID == id })
		switch {
		case at >= 0:
			list = append(list, Table[at])
		case id != None:
			return nil, fmt.Errorf("unknown transform %q; there are none, %s%s", id, strings.Join(IDs(), ", "), spelling.Meant(id, append(IDs(), None)))
		}
	}
	return list, nil
}

// IDs lists the ids of Table.
func IDs() []string {
	var ids []string
	for _, t := range Table {
		ids = append(ids, t.ID)
	}
	return ids
}

// Shape is what a transform must know about a table to say whether it applies.
type Shape struct {
	Kind        metrics.Kind
	Classes     int
	Rows        int  // number of rows with a label, to fit on
	Probability bool // the confidence of Kind FromScores is a probability
}

// Unfit says why the transform does not apply to tables of that shape; "" if it
// does.
func (t Transform) Unfit(s Shape) string {
	switch {
	case t.Input == Probability && s.Kind == metrics.FromScores && !s.Probability:
		return "the stored confidence is no probability"
	case t.Input == Probability:
		return ""
	case s.Kind == metrics.FromScores:
		return "score-only tables have no class vectors"
	case t.Input == Logits && s.Kind != metrics.FromLogits:
		return "it needs logits, and probabilities are stored"
	case t.refuse != nil:
		return t.refuse(s.Classes, s.Rows)
	}
	return ""
}

// Table is every transform, in the order of listings.
var Table = []Transform{
	{
		ID: "temperature", Input: Vectors, Output: ClassVectors, KeepsPrediction: true, NeedsErrors: true, Version: 2,
		Definition: "logits over one T > 0, the exact minimiser of the mean NLL",
		Source:     "Guo et al. 2017, section 4.2",
		fit:        fitTemperature,
	},
	{
		ID: "temperature-aurc", Input: Vectors, Output: ClassVectors, KeepsPrediction: true, NeedsErrors: true, Version: 2,
		Definition: "logits over the T of 1, 2^(1/4), 2^(-1/4), ... 64, 1/64 whose msp has the least AURC; the first of equals",
		Source:     "Cattelan and Silva 2024, section 4",
		fit:        func(s *Sample) (*Map, Fit, error) { return fitTemperatureBy(s, "aurc") },
	},
	{
		ID: "temperature-naurc", Input: Vectors, Output: ClassVectors, KeepsPrediction: true, NeedsErrors: true, Version: 2,
		Definition: "the same by the normalised AURC; since T leaves the predictions alone, the choice is that of temperature-aurc",
		Source:     "Cattelan and Silva 2024, sections 2.2 and 4",
		fit:        func(s *Sample) (*Map, Fit, error) { return fitTemperatureBy(s, "naurc") },
	},
	{
		ID: "temperature-ece", Input: Vectors, Output: ClassVectors, KeepsPrediction: true, NeedsErrors: true, Version: 1,
		Definition: "logits over the T of 0.1, 0.2, ... 10 whose msp has the least ECE in 15 bins; the first of equals. To repeat papers: temperature is fitted better",
		Source:     "the code of Bohdal, Yang and Hospedales 2023 (Meta-Calibration); of Huang et al. 2025 (CD-CI) up to 4",
		fit:        fitTemperatureECE,
	},
	{
		ID: "ensemble", Input: Vectors, Output: ClassVectors, KeepsPrediction: true, NeedsErrors: true, Version: 2,
		Definition: "mixture of the softmax at temperature T, the plain softmax and the uniform distribution, by NLL",
		Source:     "Zhang, Kailkhura and Han 2020, section 3.2",
		fit:        fitEnsemble,
	},
	{
		ID: "vector", Input: Vectors, Output: ClassVectors, NeedsErrors: true, Version: 3,
		Definition: "a factor and a bias per class, by NLL; biases shrink as under a normal prior of deviation 0.3",
		Source:     "Guo et al. 2017, section 4.2",
		fit:        fitVector,
	},
	{
		ID: "matrix", Input: Vectors, Output: ClassVectors, NeedsErrors: true, Version: 3,
		Definition: "a full matrix and a bias per class, by NLL; coefficients between classes shrink as under a normal prior of deviation 0.03, biases 0.3",
		Source:     "Guo et al. 2017, section 4.2; penalties (ODIR) of Kull et al. 2019, section 3",
		fit:        fitMatrix, refuse: tooLarge,
	},
	{
		ID: "dirichlet", Input: Vectors, Output: ClassVectors, NeedsErrors: true, Version: 3,
		Definition: "matrix scaling of the logarithms of probabilities, under the same penalties",
		Source:     "Kull et al. 2019, section 3",
		fit:        fitDirichlet, refuse: tooLarge,
	},
	{
		ID: "isotonic-pooled", Input: Vectors, Output: ClassVectors, KeepsPrediction: true, Version: 1,
		Definition: "one map that does not fall for the probabilities of all classes, then normalised",
		Source:     "Zhang, Kailkhura and Han 2020, section 3.3",
		fit:        fitPooled,
	},
	{
		ID: "isotonic-classwise", Input: Vectors, Output: ClassVectors, Version: 1,
		Definition: "a map that does not fall for the probability of each class, then normalised",
		Source:     "Zadrozny and Elkan 2002",
		fit:        fitClasswise,
	},
	{
		ID: "platt", Input: Probability, Output: Confidence, Version: 2,
		Definition: "logistic regression of being right on the log-odds of the confidence",
		Source:     "Platt 1999, on log-odds",
		fit:        fitPlatt,
	},
	{
		ID: "beta", Input: Probability, Output: Confidence, Version: 2,
		Definition: "logistic regression of being right on ln c and -ln(1-c)",
		Source:     "Kull, Silva Filho and Flach 2017, section 4",
		fit:        fitBeta,
	},
	{
		ID: "isotonic", Input: Probability, Output: Confidence, Version: 2,
		Definition: "least-squares map of the confidence that does not fall",
		Source:     "Zadrozny and Elkan 2002",
		fit:        fitIsotonic,
	},
	{
		ID: "histogram", Input: Probability, Output: Confidence, Version: 2,
		Definition: "accuracy in each of 15 equal-width bins of the confidence",
		Source:     "Zadrozny and Elkan 2001; Guo et al. 2017, section 4.1",
		fit:        fitHistogram,
	},
	{
		ID: "histogram-mass", Input: Probability, Output: Confidence, Version: 2,
		Definition: "accuracy in each of 15 bins of the confidence with equal numbers of rows",
		Source:     "Zadrozny and Elkan 2001",
		fit:        fitHistogramMass,
	},
	{
		ID: "scaling-binning", Input: Probability, Output: Confidence, Version: 2,
		Definition: "a Platt map, then the mean of its values in 15 bins of equal numbers of rows",
		Source:     "Kumar, Liang and Ma 2019, section 4",
		fit:        fitBinned,
	},
	{
		ID: "pnorm", Input: Logits, Output: Confidence, Version: 1,
		Definition: "largest logit over the p-norm of the centred logits, p of 0..9 by least AURC; msp where no p does better. It ranks and is no probability",
		Source:     "Cattelan and Silva 2024, section 4.2 and algorithm 1 (MaxLogit-pNorm)",
		fit:        fitNorm,
	},
}
