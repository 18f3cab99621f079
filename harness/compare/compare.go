package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/internal/words"
	"abstain/harness/pool"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Comparison sets models against a reference on the samples that all of them
// answer: metric by metric, and along coverage.
type Comparison struct {
	// Models are what is compared, the reference first. Their labels are unique.
	Models []Contender
	Choice board.Selection // what was taken, defaults filled in
	N      int             // samples
	Level  float64         // of each interval, and of all verdicts together
	// Replicates were drawn for the metrics without a closed form and for
	// Ranges; 0 if nothing could be tested.
	Replicates int
	// Metrics are the differences: metric by metric in the order asked, and for
	// each the models after the reference in their order.
	Metrics []Difference
	// Family is what p-values are adjusted over; zero if nothing could be tested.
	Family Family
	// Curves are those of Models in their order; nil if the folder keeps no
	// predictions.
	Curves []board.Curves
	// Ranges are the ranges of coverage in which a selective risk is proven
	// smaller, by model and then from low to high coverage.
	Ranges     []Range
	Band       *Band   // how Ranges were found; nil if they were not looked for
	Conclusion []Claim // what is proven, model by model
	Notes      []Note  // footnotes: choices made, what could not be tested
}

// Contender is a model as it is compared: under a transform and a confidence
// function of its own, if it was named with them.
type Contender struct {
	Label      string // as messages and figures name it: "resnet50" or "resnet50:entropy"
	Model      string
	Transform  string
	Confidence string
}

// Difference is a model less the reference by one metric.
type Difference struct {
	Measure        metrics.Measure
	Model, Against string           // labels: the model, and the reference
	A, B           metrics.Estimate // of the reference, and of the model
	// Difference is B less A, in the metric's unit, with its interval, which
	// holds for it alone. NaN bounds if there is none.
	Difference metrics.Estimate
	SE         float64 // standard error of the difference; NaN if there is none
	P          float64 // two-sided p-value of no difference; NaN if nothing was tested
	AdjustedP  float64 // P adjusted over all metrics and models of the comparison
	Test       Test
	Verdict    ranks.Verdict // of the model, by AdjustedP and the interval of Difference
	Why        error         // why nothing was tested; nil if it was
}

// Range is a range of coverage in which the selective risk of a model is
// proven smaller or larger than that of the reference.
type Range struct {
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

// Options say what is compared and how surely. The zero value takes the
// defaults.
type Options struct {
	// Metrics are compared; none means those of metrics.InComparison that the folder
	// has, at whatever operating points it has them, or if there are none, all of its
	// metrics with a better end. With predictions kept, metrics that the folder lacks
	// are computed.
	Metrics    []metrics.Measure
	Also       []metrics.Measure // for what gates ask; those already there are not repeated
	Level      float64           // in (0, 1); 0 means 0.95
	Replicates int               // bootstrap replicates, shared by all models; 0 means evaluate.DefaultReplicates
	Seed       uint64            // of those

	// Parallel calls do(0) ... do(n-1), at once if it can, and returns when all
	// have returned; nil means pool.Each. Nothing depends on it.
	Parallel func(n int, do func(i int))
}

// Models sets models against the first of them. Each spec names one as
// MODEL[@TRANSFORM][:CONFIDENCE], with the selection's transform and confidence
// function where it names none; the selection's filters play no part.
//
// All models answer the same samples, so differences are paired: accuracy by
// McNemar's exact test with Tango's interval, the AUROC by moderated t, metrics with
// a closed form of their sampling error by influence values, the others by
// replicates that all models share. Samples that the run drew in clusters or strata
// are drawn so here, and then accuracy goes by influence values too.
// P-values are adjusted by Holm over all metrics and models together. See Range for
// what is compared along coverage.
//
// A folder that keeps no predictions gives the values side by side, and a note.
// It is an error if a model or metric is not there, if a model is named twice, or
// if stored predictions cannot be read.
func Models(s *results.Results, sel board.Selection, specs []string, o Options) (*Comparison, error) {
	o = o.filled()
	if !(o.Level > 0 && o.Level < 1) || o.Replicates < 2 {
		return nil, fmt.Errorf("compare: level %v with %d replicates: want a level between 0 and 1, and at least 2 replicates", o.Level, o.Replicates)
	}
	view, entrants, err := contenders(s, sel, specs)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Choice: view.Choice, Level: o.Level, Notes: choices(view.Notes)}
	for _, e := range entrants {
		c.Models = append(c.Models, e.Contender)
		c.N = max(c.N, e.row.N)
		if e.Confidence == "stored" && c.Choice.Confidence != "stored" {
			c.Notes = append(c.Notes, ByStored{e.Label})
		}
	}
	trials, why, err := openTrials(s, entrants)
	if err != nil {
		return nil, err
	}
	measures, err := o.measures(s, entrants, why == nil)
	if err != nil {
		return nil, err
	}
	if why != nil {
		c.Notes = append(c.Notes, NothingTested{why})
		c.beside(s, entrants, measures, why)
		c.conclude()
		return c, nil
	}
	if err := value(s, trials, measures); err != nil {
		return nil, err
	}
	c.Replicates = o.Replicates
	for _, t := range trials {
		c.Curves = append(c.Curves, *t.curves)
	}
	design, err := designOf(s, trials)
	if err != nil {
		return nil, err
	}
	draws := drawn(design, o)
	c.test(trials, measures, draws, o)
	c.findRanges(trials, draws, o)
	c.conclude()
	return c, nil
}

func (o Options) filled() Options {
	o.Level = cmp.Or(o.Level, evaluate.DefaultLevel)
	o.Replicates = cmp.Or(o.Replicates, evaluate.DefaultReplicates)
	if o.Parallel == nil {
		o.Parallel = pool.Each
	}
	return o
}

// measures are the metrics to compare, those asked for once each. Those that the
// folder lacks can be had only where predictions are kept.
func (o Options) measures(s *results.Results, entrants []entrant, kept bool) ([]metrics.Measure, error) {
	measures := o.Metrics
	if len(measures) == 0 {
		measures = defaultMeasures(s, entrants)
	}
	if len(measures) == 0 {
		return nil, fmt.Errorf("compare: %s has no value of these models by a metric with a better end; name --metrics", s.Dir)
	}
	for _, m := range o.Also {
		if !slices.ContainsFunc(measures, m.Same) {
			measures = append(slices.Clip(measures), m)
		}
	}
	if err := evaluate.Distinct(measures); err != nil {
		return nil, err
	}
	var missing []error
	for _, m := range measures {
		if !kept && s.Column(m) < 0 {
			missing = append(missing, fmt.Errorf("%s has no metric %q and keeps no predictions to compute it from (there are %s)", s.Dir, m.Name(), words.Shorten(s.Names(), 30)))
		}
	}
	return measures, errors.Join(missing...)
}

// defaultMeasures are compared if none are asked for: of those of which one of the
// entrants has a value, one or two for each question, since every further one makes
// the proof of the others harder.
func defaultMeasures(s *results.Results, entrants []entrant) []metrics.Measure {
	var few, all []metrics.Measure
	for at, m := range s.Measures {
		if m.Metric.Better == metrics.None || !slices.ContainsFunc(entrants, func(e entrant) bool { return e.row.Cells[at].Defined() }) {
			continue
		}
		all = append(all, m)
		if m.Metric.In(metrics.InComparison) {
			few = append(few, m)
		}
	}
	if few != nil {
		return few
	}
	return all
}

// designOf is how the samples of the trials are drawn again: as the run drew them,
// one by one or in its clusters or strata.
func designOf(s *results.Results, trials []*trial) (*resample.Design, error) {
	return s.Design(trials[0].ranked.Outcomes)
}

// keptDraws is how many bytes of replicates a comparison keeps, at one for each
// sample and replicate; more are drawn again for each model, which takes a third
// more time.
const keptDraws = 256 << 20

func drawn(design *resample.Design, o Options) *resample.Replicates {
	if design.N()*o.Replicates > keptDraws {
		return resample.DrawEach(design, o.Seed, o.Replicates)
	}
	return resample.Draw(design, o.Seed, o.Replicates)
}

// beside lists the stored values side by side, without a test.
func (c *Comparison) beside(s *results.Results, entrants []entrant, measures []metrics.Measure, why error) {
	for _, m := range measures {
		at := s.Column(m)
		for _, e := range entrants[1:] {
			c.Metrics = append(c.Metrics, untested(m, e, entrants[0], e.row.Cells[at], entrants[0].row.Cells[at], why))
		}
	}
}
