package resample

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Method is a way to an interval.
type Method uint8

const (
	// Standard takes, for each metric, what the simulations of this package's
	// tests show to hold its level: the score interval for shares, influence
	// values where there is a closed form (on the logit scale and with a moderated variance for AUROCs), and for the
	// rest replicates, if there are any, or exact binomial bounds.
	Standard Method = iota
	// ByPercentile takes the percentile interval of replicates throughout.
	ByPercentile
	// ByBCa takes the BCa interval of replicates throughout, with the
	// acceleration of the influence values where there are any. For calibration
	// errors, whose replicates are biased twice, it is far too short.
	ByBCa
)

// Options are the choices in Intervals. The zero value is Standard at 95 %
// without replicates.
type Options struct {
	Level      float64     // of confidence, between 0 and 1; 0.95 if 0
	Method     Method      //
	Replicates *Replicates // shared by all models; nil for none, unless B says to draw some
	B          int         // replicates to draw if Replicates is nil and one is needed
	Seed       uint64      // of those
	Design     *Design     // independent samples if nil; that of Replicates if those are given

	// SweptOnly gives replicates only to measures that an Evaluator reads off its
	// sweeps; the others, hundreds of times as expensive, have no interval.
	SweptOnly bool

	// Keep, if set, is told of each measure, by its place, that has no influence
	// values: with its values in the replicates, or nil if it has none. It may keep
	// them; differences between models go by them.
	Keep func(k int, replicates []float64)

	layout *layout // the ranking, while its intervals are being made
}

// Names of the methods, as they stand in notes.
const (
	byWilson      = "Wilson score"
	byModerated   = "moderated t on the logit scale"
	byInfluence   = "influence values, corrected for skewness"
	byUnbiased    = "influence values, lower bound less the bias of binning"
	byGamma       = "gamma limits of a weighted sum of errors"
	byBinomial    = "exact binomial bounds of thresholds"
	byConsistency = "influence values, lower bound 0 as a calibrated model may show as much"
	byPercentile  = "bootstrap percentile"
	byBCa         = "bootstrap BCa"
)

// Intervals evaluates measures of a ranking with their intervals, one estimate
// each in the order given. Lo, Hi and Level are set where there is an interval;
// the last note names its method ("interval: ..."), or says why there is none
// ("no interval: ..."). An undefined or infinite value has none.
//
// It panics if the level is not between 0 and 1, or if the design is not of as
// many samples as r has rows.
func Intervals(r *metrics.Ranked, measures []metrics.Measure, o Options) []metrics.Estimate {
	o = o.filled(r)
	o.layout = newLayout(r)
	estimates := make([]metrics.Estimate, len(measures))
	var later []int // what replicates have to do
	for k, m := range measures {
		estimates[k] = m.Of(r)
		e := &estimates[k]
		if v := e.Value; math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		if o.setClosed(e, r, m) && !o.keeps(m) {
			continue
		}
		later = append(later, k)
	}
	o.replicate(estimates, later, r, measures)
	return estimates
}

// keeps reports whether replicates are wanted though the interval does without, for
// differences between models.
func (o Options) keeps(m metrics.Measure) bool {
	closed := o.Method == Standard && formOf(m.Metric.ID).interval != viaReplicates
	return !closed && o.Keep != nil && o.Replicates != nil
}

// setClosed sets the interval, or says that there is none, without replicates, if that is
// to be.
func (o Options) setClosed(e *metrics.Estimate, r *metrics.Ranked, m metrics.Measure) bool {
	f := formOf(m.Metric.ID)
	if why := f.refusal(m.Metric); why != "" {
		return none(e, why)
	}
	scarce := rarer(r, m.Metric)
	if f.interval == viaReplicates && f.bounds == nil && scarce < leastOfKind {
		return none(e, fmt.Sprintf("%d samples of the rarer kind are too few for replicates", scarce))
	}
	// replicates of gaps are biased twice, of few errors they know too little, and those of
	// operating points hold too seldom, whatever is made of them
	unfit := f.interval == viaUnbiased || f.exact || scarce < plenty && (f.interval == viaModerated || f.interval == viaScarce)
	return (o.Method == Standard || unfit) && o.closed(e, r, m)
}

// leastOfKind is the number of errors from which on replicates serve metrics that have no
// form for few errors.
const leastOfKind = 30

// rarer is the number of samples of the rarer of the two kinds that a metric sets
// against each other, right samples and errors or those in and out of distribution;
// very many if it is not of that sort.
func rarer(r *metrics.Ranked, m metrics.Metric) int {
	switch {
	case m.Needs&metrics.NeedsOutside != 0:
		return min(len(r.Outside), r.N())
	case m.Needs&metrics.NeedsConfidence == 0 || m.Group == "calibration":
		return math.MaxInt
	}
	return min(r.Errors, r.N()-r.Errors)
}

// done reports whether an estimate has an interval, or says why it has none.
func done(e metrics.Estimate) bool {
	return e.Level > 0 || len(e.Notes) > 0 && strings.HasPrefix(e.Notes[len(e.Notes)-1], "no interval: ")
}

// filled sets defaults and checks.
func (o Options) filled(r *metrics.Ranked) Options {
	if o.Level == 0 {
		o.Level = 0.95
	}
	if !(o.Level > 0 && o.Level < 1) {
		panic("resample: a level of confidence lies between 0 and 1")
	}
	if o.Replicates != nil {
		o.Design = o.Replicates.Design
	}
	if o.Design == nil {
		o.Design = Independent(r.Outcomes.N())
	}
	if o.Design.N() != r.Outcomes.N() {
		panic("resample: the design is not of the samples of the ranking")
	}
	return o
}

// set gives an estimate its interval and names the method.
func (o Options) set(e *metrics.Estimate, lo, hi float64, method string) bool {
	e.Lo, e.Hi, e.Level = lo, hi, o.Level
	note := "interval: " + method
	if o.Design.kind != independent {
		note += ", " + o.Design.String()
	}
	e.Notes = append(e.Notes, note)
	return true
}

// none says why an estimate has no interval.
func none(e *metrics.Estimate, why string) bool {
	e.Notes = append(e.Notes, "no interval: "+why)
	return true
}

// closed sets the interval without replicates, if there is a way.
func (o Options) closed(e *metrics.Estimate, r *metrics.Ranked, m metrics.Measure) bool {
	single := o.Design.kind == independent
	f := formOf(m.Metric.ID)
	switch {
	case single && f.interval == viaScore:
		if f.score != nil {
			lo, hi := f.score(r, o.Level)
			return o.set(e, lo, hi, byWilson)
		}
		lo, hi := stattest.Wilson(int(math.Round(e.Value*float64(e.N))), e.N, o.Level)
		return o.set(e, lo, hi, byWilson)
	case f.interval == viaModerated:
		values, ok := o.layout.byRow(m.Metric.ID, m.At)
		if !ok {
			return false
		}
		return o.byModerated(e, moderate(e.Value, values, f.kinds(r), o.Design), f.names)
	}
	if single && f.exact {
		return o.byThresholds(e, r, m)
	}
	influence := o.layout.byRow
	if single {
		influence = o.layout.inAnyOrder
	}
	if values, ok := influence(m.Metric.ID, m.At); ok {
		return o.byInfluence(e, m, values)
	}
	return false
}

func (o Options) byInfluence(e *metrics.Estimate, m metrics.Measure, values []float64) bool {
	if f := formOf(m.Metric.ID); f.interval == viaScarce {
		if _, errors := o.Design.wrong(o.layout.r); f.id == "aupr-error" || errors < plenty {
			return o.byScarce(e, m, f, values, errors)
		}
	}
	lo, hi := FromInfluence(e.Value, o.Design.Units(values), o.Design.N(), o.Level, m.Metric.Range)
	if math.IsNaN(lo) {
		return none(e, "no sample moves the value")
	}
	if f := formOf(m.Metric.ID); f.interval == viaUnbiased {
		if !o.layout.showsMiscalibration(f.binning, int(m.At), f.norm, o.Design, o.Level) {
			return o.set(e, 0, hi, byConsistency)
		}
		return o.set(e, f.bias(o.layout, int(m.At), lo), hi, byUnbiased)
	}
	return o.set(e, lo, hi, byInfluence)
}

// byModerated sets the interval of an AUROC, and says where there are few of a kind.
func (o Options) byModerated(e *metrics.Estimate, m *moderated, names [2]string) bool {
	rarer, name := m.rarer(), names[0]
	if m.units[1] < m.units[0] {
		name = names[1]
	}
	if o.Design.members != nil {
		name = "cluster with a " + name
	}
	switch lo, hi := m.limits(1 - o.Level); {
	case rarer < 2:
		e.Notes = append(e.Notes, "one "+name+": not determined")
		return o.set(e, lo, hi, "all of the range, as there is one "+name)
	case rarer < scarce:
		e.Notes = append(e.Notes, fmt.Sprintf("only %d %s: moderated t", rarer, several(name)))
		fallthrough
	default:
		return o.set(e, lo, hi, byModerated)
	}
}

// scarce is the number of samples of a kind below which an estimate says how few there are.
const scarce = 12

// several is the plural of the name of a kind.
func several(name string) string {
	head, rest, _ := strings.Cut(name, " ")
	switch {
	case rest == "":
		return name + "s"
	case head == "right":
		return "right " + several(rest)
	}
	return head + "s " + rest
}

// byThresholds sets the exact bounds of an operating point.
func (o Options) byThresholds(e *metrics.Estimate, r *metrics.Ranked, m metrics.Measure) bool {
	bounds := formOf(m.Metric.ID).bounds
	if bounds == nil {
		return false
	}
	lo, hi := bounds(r, m.At, o.Level)
	if math.IsNaN(lo) {
		return false
	}
	switch id := m.Metric.ID; {
	case id == "fpr" && r.Errors < scarce:
		e.Notes = append(e.Notes, fmt.Sprintf("only %s", counted(r.Errors, "error")))
	case id == "sac" && lo == 0:
		if least := leastAccepted(1-m.At, o.Level); r.N() < least {
			e.Notes = append(e.Notes, fmt.Sprintf("too few samples: %d accepted without an error are the least that show it", least))
		}
	}
	return o.set(e, lo, hi, byBinomial)
}

func counted(k int, name string) string {
	if k == 1 {
		return "1 " + name
	}
	return fmt.Sprintf("%d %s", k, several(name))
}

// byScarce sets an interval by the form of the metric for few errors.
func (o Options) byScarce(e *metrics.Estimate, m metrics.Measure, f *form, values []float64, errors int) bool {
	r := o.layout.r
	within := m.Metric.Range
	lo, hi := f.scarce(caseOf(r, o.Design, e.Value, o.Design.Units(values), o.Level))
	if math.IsNaN(lo) {
		return none(e, "no sample moves the value")
	}
	switch {
	case errors == 1:
		e.Notes = append(e.Notes, "one error: hardly determined")
	case errors < scarce:
		e.Notes = append(e.Notes, fmt.Sprintf("only %s", counted(errors, "error")))
	}
	return o.set(e, math.Max(lo, within[0]), math.Min(hi, within[1]), cmp.Or(f.by, byGamma))
}

// replicate sets the intervals of the measures at the given places.
func (o Options) replicate(estimates []metrics.Estimate, places []int, r *metrics.Ranked, measures []metrics.Measure) {
	if len(places) == 0 {
		return
	}
	if o.Replicates == nil && o.B > 0 {
		o.Replicates = Draw(o.Design, o.Seed, o.B)
	}
	if o.Replicates == nil || o.Replicates.B < 2 {
		for _, k := range places {
			if !done(estimates[k]) {
				o.withoutReplicates(&estimates[k], r, measures[k])
			}
			o.keep(k, nil)
		}
		return
	}
	if o.SweptOnly {
		places = o.swept(estimates, places, r, measures)
	}
	chosen := make([]metrics.Measure, len(places))
	for j, k := range places {
		chosen[j] = measures[k]
	}
	for j, values := range Bootstrap(r, chosen, o.Replicates) {
		if done(estimates[places[j]]) { // only kept
			o.keep(places[j], values)
			continue
		}
		o.byReplicates(&estimates[places[j]], r, chosen[j], values)
		o.keep(places[j], values)
	}
}

func (o Options) keep(k int, replicates []float64) {
	if o.Keep != nil {
		o.Keep(k, replicates)
	}
}

// swept are the places of the measures that the sweeps serve; the others are told
// that they have no interval.
func (o Options) swept(estimates []metrics.Estimate, places []int, r *metrics.Ranked, measures []metrics.Measure) []int {
	of := make([]metrics.Measure, len(places))
	for j, k := range places {
		of[j] = measures[k]
	}
	e := NewEvaluator(r, of)
	var kept []int
	for j, k := range places {
		if e.Fast(j) {
			kept = append(kept, k)
			continue
		}
		if done(estimates[k]) {
			o.keep(k, nil)
			continue
		}
		none(&estimates[k], "each replicate would be an evaluation of its own")
		o.keep(k, nil)
	}
	return kept
}

// withoutReplicates sets the exact bounds of an operating point, if the method and
// the design allow them.
func (o Options) withoutReplicates(e *metrics.Estimate, r *metrics.Ranked, m metrics.Measure) {
	if o.Method != Standard || o.Design.kind != independent || !o.byThresholds(e, r, m) {
		none(e, "the metric needs replicates")
	}
}

func (o Options) byReplicates(e *metrics.Estimate, r *metrics.Ranked, m metrics.Measure, replicates []float64) {
	missing := 0
	for _, v := range replicates {
		if math.IsNaN(v) {
			missing++
		}
	}
	method := fmt.Sprintf("%s, %d replicates", byPercentile, len(replicates))
	lo, hi := Percentile(replicates, o.Level)
	if o.Method == ByBCa {
		acceleration := 0.0
		if values, ok := Influence(m.Metric, m.At, r); ok {
			acceleration = Acceleration(o.Design.Units(values))
		}
		lo, hi = BCa(replicates, e.Value, acceleration, o.Level)
		method = fmt.Sprintf("%s, %d replicates", byBCa, len(replicates))
	}
	if missing > 0 {
		method += fmt.Sprintf(", undefined in %d", missing)
	}
	switch alone := o.Method == Standard && o.Design.kind == independent; {
	case math.IsNaN(lo) || math.IsNaN(hi):
		none(e, "the metric is undefined in too many replicates")
		return
	case lo == hi && alone && o.byThresholds(e, r, m): // a model that is always right, say: its replicates know no error
		return
	case lo == hi:
		none(e, "the replicates are all alike")
		return
	}
	if f := formOf(m.Metric.ID); o.Method == Standard && o.Design.kind == independent && f.bounds != nil && !f.exact && fewAccepted(r, m.At) {
		low, high := f.bounds(r, m.At, o.Level)
		lo, hi, method = math.Min(lo, low), math.Max(hi, high), method+", and "+byBinomial+", as few errors are accepted"
	}
	o.set(e, lo, hi, method)
}
