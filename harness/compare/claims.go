package compare

import (
	"abstain/harness/board"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Claim is what a comparison says of a model beside the reference. It holds numbers
// and names; package reports/say says it in words. All claims of a comparison hold
// together at its level.
type Claim interface{ claim() }

type (
	// Separated is by which metrics a model is proven to differ. Each difference
	// has its interval, its test and its number of samples.
	Separated struct {
		Model, Against string // labels
		By             []Difference
	}
	// Unseparated is by which metrics it was tested, and nothing is proven.
	Unseparated struct {
		Model, Against string
		By             []Difference
	}
	// AlongCoverage is where the selective risk of a model is proven to differ;
	// nowhere, if there are no ranges.
	AlongCoverage struct {
		Model, Against string
		Ranges         []Range
	}
	// SideBySide is said of values that no test compares.
	SideBySide struct{}
)

func (Separated) claim()     {}
func (Unseparated) claim()   {}
func (AlongCoverage) claim() {}
func (SideBySide) claim()    {}

// Method is how a difference is tested.
type Method string

// Methods of tests, all of them paired.
const (
	McNemarTest   = Method(resample.McNemarTest) // exact, with Tango's interval
	DeLongTest    = Method(resample.DeLongTest)
	InfluenceTest = Method(resample.InfluenceTest)
	BootstrapTest = Method(resample.BootstrapTest)
	ModeratedTest = Method(resample.ModeratedTest)
	FewErrorsTest = Method(resample.FewErrorsTest)
)

// Test is how a difference was tested; the zero Test is of one that was not.
type Test struct {
	Method Method
	// Design is what the test generalises to: new samples that come as these do,
	// "clusters" or "stratified samples"; "" if they come one by one.
	Design string
}

// Correction is how p-values are adjusted for being looked at together.
type Correction string

// Corrections of p-values.
const Holm Correction = "Holm"

// Family is what is adjusted together; zero if nothing could be tested.
type Family struct {
	Correction Correction
	Tests      int
}

// Band is how ranges of coverage were found: by a band of the differences of
// selective risk that holds at all coverages and for all models at once.
type Band struct {
	Level      float64
	Points     int     // coverages compared, of all models together
	From       float64 // the least of them
	Errors     int     // that a model and the reference must have accepted together
	Replicates int
	Design     string  // what it generalises to, as in Test
	Critical   float64 // value of the studentised max-t
}

// Note is what was decided for the user, or what could not be told. Package
// reports/say says it in words.
type Note interface{ note() }

// Notes of a comparison.
type (
	// Choice is a note of the selection.
	Choice struct{ Note board.Note }
	// ByStored names a model scored by its own confidence function.
	ByStored struct{ Model string }
	// NothingTested is why all values stand side by side.
	NothingTested struct{ Why error }
	// TooFewErrors: no two models have so many together that their selective risks
	// can be compared along coverage.
	TooFewErrors struct{ Least int }
	// NotAllAnswered: a model withholds answers, so that its selective risk is not known
	// at every coverage.
	NotAllAnswered struct{ Model string }
	// BinnedErrors: differences by calibration errors of bins err towards 0.
	BinnedErrors struct{}
)

// Notes of a crossing.
type (
	// TooFewRows is what the signed-rank test can prove at best, where that is
	// nothing: its least p-value, and the same adjusted over all pairs of models.
	TooFewRows struct {
		Rows              int
		Across            string // what they are
		Models, Pairs     int
		LeastP, AdjustedP float64
	}
	// ConditionsAlike: conditions count as observations of their own, and may be alike.
	ConditionsAlike struct{}
)

func (Choice) note()          {}
func (ByStored) note()        {}
func (NothingTested) note()   {}
func (TooFewErrors) note()    {}
func (NotAllAnswered) note()  {}
func (BinnedErrors) note()    {}
func (TooFewRows) note()      {}
func (ConditionsAlike) note() {}

// Tested reports whether any difference could be tested.
func (c *Comparison) Tested() bool { return c.Family.Correction != "" }

// conclude lists, for each model, what is proven of it, what is not told apart, and
// where along coverage the risks differ.
func (c *Comparison) conclude() {
	for _, m := range c.Models[1:] {
		c.Conclusion = append(c.Conclusion, c.claims(m.Label)...)
	}
	if !c.Tested() {
		c.Conclusion = append(c.Conclusion, SideBySide{})
	}
}

// claims are what is to be said of a model.
func (c *Comparison) claims(model string) []Claim {
	reference := c.Models[0].Label
	var proven, unproven []Difference
	for _, d := range c.Metrics {
		switch {
		case d.Model != model || d.Verdict == ranks.Untried:
		case d.Verdict == ranks.Unproven:
			unproven = append(unproven, d)
		default:
			proven = append(proven, d)
		}
	}
	var all []Claim
	if proven != nil {
		all = append(all, Separated{model, reference, proven})
	}
	if unproven != nil {
		all = append(all, Unseparated{model, reference, unproven})
	}
	if c.Band != nil {
		all = append(all, AlongCoverage{model, reference, c.rangesOf(model)})
	}
	return all
}

func (c *Comparison) rangesOf(model string) []Range {
	var all []Range
	for _, r := range c.Ranges {
		if r.Model == model {
			all = append(all, r)
		}
	}
	return all
}

// designName names how samples are drawn again; "" if one by one.
func designName(d *resample.Design) string {
	if name := d.String(); name != resample.Independent(0).String() {
		return name
	}
	return ""
}

// choices are the notes of a selection.
func choices(notes []board.Note) []Note {
	var all []Note
	for _, n := range notes {
		all = append(all, Choice{n})
	}
	return all
}
