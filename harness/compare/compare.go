package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"abstain/harness"
	"abstain/harness/board"
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
	// Correction says how p-values are adjusted for being looked at together,
	// and over how many tests; "" if nothing could be tested.
	Correction string
	// Curves are those of Models in their order; nil if the folder keeps no
	// predictions.
	Curves []board.Curves
	// Ranges are the ranges of coverage in which a selective risk is proven
	// smaller, by model and then from low to high coverage.
	Ranges []Range
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

// Difference is a model less the reference by one metric.
type Difference struct {
	Measure        board.Measure
	Model, Against string           // labels: the model, and the reference
	A, B           metrics.Estimate // of the reference, and of the model
	// Difference is B less A, in the metric's unit, with its interval, which
	// holds for it alone. NaN bounds if there is none.
	Difference metrics.Estimate
	SE         float64       // standard error of the difference; NaN if there is none
	P          float64       // two-sided p-value of no difference; NaN if nothing was tested
	AdjustedP  float64       // P adjusted over all metrics and models of the comparison
	Test       string        // "McNemar, exact"; "" if nothing was tested
	Verdict    ranks.Verdict // of the model, by AdjustedP
	Why        string        // why nothing was tested; "" if it was
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
	// Metrics are ids; none means those of DefaultMetrics that the folder has, or
	// if there are none, all of its metrics with a better end. With
	// predictions kept, metrics that the folder lacks are computed.
	Metrics    []string
	Also       []string // further ids, for what gates ask; those already there are not repeated
	Level      float64  // in (0, 1); 0 means 0.95
	Replicates int      // bootstrap replicates, shared by all models; 0 means harness.DefaultReplicates
	Seed       uint64   // of those

	// Parallel calls do(0) ... do(n-1), at once if it can, and returns when all
	// have returned; nil means harness.Parallel. Nothing depends on it.
	Parallel func(n int, do func(i int))
}

// DefaultMetrics are compared by default, at whatever operating points the folder
// has them: one or two for each question. Every further one makes the proof of the
// others harder.
var DefaultMetrics = []string{"accuracy", "nll", "brier", "auroc", "aurc", "augrc", "sac", "coverage-at-risk", "ece"}

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
func Models(s *harness.Results, sel board.Selection, specs []string, o Options) (*Comparison, error) {
	o = o.filled()
	if !(o.Level > 0 && o.Level < 1) || o.Replicates < 2 {
		return nil, fmt.Errorf("compare: level %v with %d replicates: want a level between 0 and 1, and at least 2 replicates", o.Level, o.Replicates)
	}
	view, entrants, err := contenders(s, sel, specs)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Choice: view.Choice, Level: o.Level, Notes: slices.Clone(view.Notes)}
	for _, e := range entrants {
		c.Models = append(c.Models, e.Contender)
		c.N = max(c.N, e.row.N)
		if e.Confidence == "stored" && c.Choice.Confidence != "stored" {
			c.Notes = append(c.Notes, e.Label+" is scored by its stored confidence")
		}
	}
	trials, why, err := openTrials(s, entrants)
	if err != nil {
		return nil, err
	}
	measures, err := o.measures(s, entrants, why == "")
	if err != nil {
		return nil, err
	}
	if why != "" {
		c.Notes = append(c.Notes, "nothing is tested: "+why+"; tests need predictions, which abstain run keeps")
		c.beside(s, entrants, measures, why)
		c.conclude()
		return c, nil
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
	c.test(s, trials, measures, draws, o)
	c.findRanges(trials, draws, o)
	c.conclude()
	return c, nil
}

func (o Options) filled() Options {
	o.Level = cmp.Or(o.Level, harness.DefaultLevel)
	o.Replicates = cmp.Or(o.Replicates, harness.DefaultReplicates)
	if o.Parallel == nil {
		o.Parallel = harness.Parallel
	}
	return o
}

// measures are the metrics to compare, those asked for once each. Those that the
// folder lacks can be had only where predictions are kept.
func (o Options) measures(s *harness.Results, entrants []entrant, kept bool) ([]board.Measure, error) {
	ids := o.Metrics
	if len(ids) == 0 {
		ids = defaultMetrics(s, entrants)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("compare: %s has no value of these models by a metric with a better end; name --metrics", s.Dir)
	}
	have := canonicalIDs(ids)
	for _, id := range o.Also {
		if c := canonicalIDs([]string{id}); !slices.Contains(have, c[0]) {
			ids, have = append(slices.Clip(ids), id), append(have, c...)
		}
	}
	measures, err := harness.Measures(ids)
	if err != nil {
		return nil, err
	}
	var missing []error
	for _, m := range measures {
		if !kept && columnOf(s, m) < 0 {
			missing = append(missing, fmt.Errorf("%s has no metric %q and keeps no predictions to compute it from (there are %s)", s.Dir, m.ID, shorten(s.Metrics, 30)))
		}
	}
	return measures, errors.Join(missing...)
}

// defaultMetrics are the ids compared if none are asked for: of those of which one
// of the entrants has a value.
func defaultMetrics(s *harness.Results, entrants []entrant) []string {
	var few, all []string
	for at, id := range s.Metrics {
		m, _, err := metrics.Parse(id)
		if err != nil || m.Better == metrics.None || !slices.ContainsFunc(entrants, func(e entrant) bool { return e.row.Cells[at].Defined() }) {
			continue
		}
		all = append(all, id)
		if slices.Contains(DefaultMetrics, m.ID) {
			few = append(few, id)
		}
	}
	if few != nil {
		return few
	}
	return all
}

// canonicalIDs are ids in canonical spelling.
func canonicalIDs(ids []string) []string {
	ids = slices.Clone(ids)
	for i, id := range ids {
		ids[i], _ = metrics.Canonical(id)
	}
	return ids
}

// columnOf is the place of a metric among those of the folder; -1 if it is not there.
func columnOf(s *harness.Results, m board.Measure) int {
	want, err := metrics.Canonical(m.ID)
	if err != nil {
		return -1
	}
	return slices.IndexFunc(s.Metrics, func(id string) bool {
		got, err := metrics.Canonical(id)
		return err == nil && got == want
	})
}

// designOf is how the samples of the trials are drawn again: as the run drew them,
// one by one or in its clusters or strata.
func designOf(s *harness.Results, trials []*trial) (*resample.Design, error) {
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
func (c *Comparison) beside(s *harness.Results, entrants []entrant, measures []board.Measure, why string) {
	for _, m := range measures {
		at := columnOf(s, m)
		for _, e := range entrants[1:] {
			c.Metrics = append(c.Metrics, untested(m, e, entrants[0], e.row.Cells[at], entrants[0].row.Cells[at], why))
		}
	}
}
