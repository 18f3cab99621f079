package study

// Finding is a claim with its evidence. Each has a test, an interval or an exact
// count, for a reader must be able to judge it. It holds numbers and names; package
// reports/pictures says it in words.
type Finding struct {
	Claim    Claim
	Basis    Basis
	N        int  // what the claim is over
	Of       Unit // what N counts
	Headline bool // belongs on the first page
}

// Claim is what a finding says. Each type of claim is declared beside the experiment
// that makes it.
type Claim interface{ claim() }

// Missing is what an experiment could not compute, and why.
type Missing interface{ missing() }

// Note is a convention that decides the numbers.
type Note interface{ note() }

// Unit is what a finding counts.
type Unit string

// Units of findings.
const (
	Models  Unit = "model"
	Pairs   Unit = "pair"
	Samples Unit = "sample"
	Seeds   Unit = "seed"
)

// Basis is the evidence for a finding: tests, intervals, or a count that is exact for
// these models on these samples. A finding that only lists values has the zero Basis.
type Basis struct {
	Tests     []Test
	Intervals []Interval
	Counted   bool
}

// Test is a significance test of a claim.
type Test struct {
	Method Method
	Raw    float64 // before the correction; NaN where several tests support the claim
	P      float64 // adjusted if there is a correction; NaN where several tests support the claim
	Level  float64 // p-values of 1 less it and below are beyond chance; 0 where none is judged
	Units  int     // independent observations; 0 where these are what the finding counts
	Family Family  // what the p-value is adjusted over

	Replicates int // bootstrap replicates over samples that its error comes from; 0 if none
}

// Interval is an interval of the numbers in a claim.
type Interval struct {
	Method     Method
	Level      float64
	Over       Population
	Units      int    // of models, of an interval of a share of them
	Replicates int    // bootstrap replicates over samples; 0 if it takes none
	Family     Family // what the level is adjusted over
}

// Family is a set of tests or intervals that are corrected together, because looking
// at many finds some by chance. The zero value is a test or an interval by itself.
type Family struct {
	Correction Correction
	Size       int
	Of         string // "regime", "model", "family"
}

// Correction is a correction for looking at several things at once.
type Correction string

// Corrections.
const (
	Holm       Correction = "Holm"
	Bonferroni Correction = "Bonferroni"
)

// Method is how a test or an interval is made.
type Method string

// Methods of tests.
const (
	SpearmanTest     Method = "Spearman" // of no rank correlation
	WilcoxonTest     Method = "Wilcoxon" // signed-rank test of changes
	MannWhitneyTest  Method = "Mann-Whitney"
	SignTest         Method = "sign test"
	FisherExactTest  Method = "Fisher's exact test"
	InfluenceTest    Method = "influence values" // normal, within each model
	TiedWithBestTest Method = "max-t"            // set of those not told apart from the best
)

// Methods of intervals.
const (
	OwnInterval      Method = "own"    // of each value by itself, as the folder has it
	WilsonInterval   Method = "Wilson" // of a share
	FisherTransform  Method = "Fisher" // of a correlation
	MedianOfChanges  Method = "median of changes"
	MedianOverModels Method = "median over models"
	StudentOverSeeds Method = "Student's t over seeds" // its variance that between seeds and that of the rows
)

// Population is what an interval generalises to. Its bits combine: both set means new
// models and new samples at once; 0 means these models on these samples.
type Population uint8

// Populations.
const (
	NewSamples Population = 1 << iota
	NewModels
)

func (e *Experiment) find(f Finding)    { e.Findings = append(e.Findings, f) }
func (e *Experiment) missing(m Missing) { e.Missing = append(e.Missing, m) }
func (e *Experiment) note(n Note)       { e.Notes = append(e.Notes, n) }
