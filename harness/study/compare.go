package study

import "abstain/metrics"

// Comparison sets models against a reference on the samples that all of them
// answer: metric by metric, and along coverage.
type Comparison struct {
	// Models are what is compared, the reference first. Their labels are unique.
	Models []Contender
	Choice Selection // what was taken, defaults filled in
	N      int       // samples
	Level  float64   // of each interval, and of all verdicts together
	// Metrics are the differences: metric by metric in the order asked, and for
	// each the models after the reference in their order.
	Metrics []MetricDifference
	// Correction says how p-values are adjusted for being looked at together,
	// and over how many tests; "" if nothing could be tested.
	Correction string
	// Curves are those of Models in their order; nil if the folder keeps no
	// predictions.
	Curves []Curves
	// Ranges are the ranges of coverage in which a selective risk is proven
	// smaller, by model and then from low to high coverage.
	Ranges []CoverageRange
	// Band says how Ranges were found; "" if they were not looked for.
	Band string
	// Conclusion says in sentences what is proven, each with its numbers.
	Conclusion []string
	Notes      []string // footnotes: choices made, what could not be tested
}

// Contender is a model as it is compared: under a transform and a confidence
// function of its own, if it was named with them.
type Contender struct {
	Label      string // as messages and figures name it: "resnet50" or "resnet50:entropy"
	Model      string
	Transform  string
	Confidence string
}

// MetricDifference is a model less the reference by one metric.
type MetricDifference struct {
	Measure        Measure
	Model, Against string           // labels: the model, and the reference
	A, B           metrics.Estimate // of the reference, and of the model
	// Difference is B less A, in the metric's unit, with its interval, which
	// holds for it alone. NaN bounds if there is none.
	Difference metrics.Estimate
	SE         float64 // standard error of the difference; NaN if there is none
	P          float64 // two-sided p-value of no difference; NaN if nothing was tested
	AdjustedP  float64 // P adjusted over all metrics and models of the comparison
	Test       string  // "DeLong, paired"; "" if nothing was tested
	Verdict    Verdict // of the model, by AdjustedP
	Why        string  // why nothing was tested; "" if it was
}

// Verdict is what a test says of a model beside the reference.
type Verdict string

// Verdicts.
const (
	Better  Verdict = "better"  // proven better than the reference
	Worse   Verdict = "worse"   // proven worse
	Differs Verdict = "differs" // proven different by a metric without a better end
	Unclear Verdict = "~"       // not told apart
	Untried Verdict = ""        // not tested
)

// CoverageRange is a range of coverage in which the selective risk of a model is
// proven smaller or larger than that of the reference.
type CoverageRange struct {
	Model, Against string  // labels: the model, and the reference
	From, To       float64 // coverage, in (0, 1], both included
	Better         bool    // the model has the smaller risk
	// At is the coverage inside the range at which the difference is largest in
	// its standard errors; Difference is the risk of the model less that of the
	// reference there, between the bounds of the simultaneous band.
	At         float64
	Difference float64
	Lo, Hi     float64
}
