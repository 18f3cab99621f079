package ranks

// Verdict is what a test says of a model beside a reference.
type Verdict string

// Verdicts on a model beside a reference.
const (
	Better    Verdict = "better"    // proven better than the reference
	Worse     Verdict = "worse"     // proven worse
	Differs   Verdict = "differs"   // proven different by a metric without a better end
	Unproven  Verdict = "~"         // not told apart
	Untried   Verdict = ""          // not tested
	Reference Verdict = "reference" // the reference itself
)
