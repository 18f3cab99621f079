package pictures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var regimes = Picture{
	Name: "regimes", Title: "Training regimes against their plain twins",
	Claim: regimeClaim, Basis: regimeBasis, Missing: regimeMissing, Note: regimeNote,
	Listing: regimeListing, Figures: regimeFigures,
}

func regimeClaim(c study.Claim) string {
	d, ok := c.(study.RegimeChanges)
	if !ok {
		return unsaid(c)
	}
	label := study.Label(d.Metric)
	var parts []string
	if d.Better != nil {
		parts = append(parts, fmt.Sprintf("%s improves with %s", label, treatments(d.Better)))
	}
	if d.Worse != nil {
		parts = append(parts, fmt.Sprintf("%s gets worse with %s", label, treatments(d.Worse)))
	}
	if parts == nil {
		parts = append(parts, fmt.Sprintf("no regime is shown to change %s", label))
	}
	if d.Doubtful != nil {
		parts = append(parts, fmt.Sprintf("beyond chance by the test, but not proven, because the interval holds 0, with %s", treatments(d.Doubtful)))
	}
	if d.Open > 0 {
		parts = append(parts, fmt.Sprintf("nothing is proven for %s", words.Plural(d.Open, "regime")))
	}
	if d.TooFew != nil {
		parts = append(parts, fmt.Sprintf("%s too few twins to prove anything: %s",
			words.Count(len(d.TooFew), "regime has", "regimes have"), words.List(words.FirstOf(tallies(d.TooFew), mostTreatments))))
	}
	return strings.Join(parts, "; ")
}

// mostTreatments is how many regimes a sentence names; the others are counted.
const mostTreatments = 5

// treatments names changes with their effects, the largest first.
func treatments(list []study.Changes) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b study.Changes) int { return cmp.Compare(math.Abs(b.Median), math.Abs(a.Median)) })
	var names []string
	for k, x := range list {
		if k == mostTreatments {
			names = append(names, words.Plural(len(list)-k, "further regime"))
			break
		}
		names = append(names, fmt.Sprintf("%s %s, %d of %d better (%s, adjusted %s)", x.Treatment, effect(x), x.Better, len(x.Values),
			words.PValue(x.Wilcoxon.P), words.PCell(x.P)))
	}
	return words.List(names)
}

// tallies names changes that nothing can be proven of, those of one direction first.
func tallies(list []study.Changes) []string {
	list = slices.Clone(list)
	split := func(c study.Changes) int { return min(c.Better, c.Worse()) }
	slices.SortStableFunc(list, func(a, b study.Changes) int {
		return cmp.Or(cmp.Compare(split(a), split(b)), cmp.Compare(len(b.Values), len(a.Values)))
	})
	var names []string
	for _, x := range list {
		u := words.UnitNamed(x.Metric)
		names = append(names, fmt.Sprintf("%s %s, %d of %d better", x.Treatment, withUnit(u, u.Signed(x.Median)), x.Better, len(x.Values)))
	}
	return names
}

func regimeBasis(f study.Finding) string {
	test, interval := f.Basis.Tests[0], f.Basis.Intervals[0]
	return fmt.Sprintf("median change against the base twin; %s at %s; intervals over %s",
		correctedOver(test), words.Percent(1-test.Level), population(interval.Over))
}

func regimeMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.NoRegimes:
		return "no model has metadata \"regime\" and a \"base\" among the models: the manifest's columns regime and base say which twin was trained plainly"
	case study.Baseless:
		return words.Count(m.Models, "model has", "models have") + " no base among the compared models"
	case study.OwnBase:
		return words.Count(m.Models, "model has", "models have") + " itself for base, or a base whose base it is: left out"
	}
	return unsaid(m)
}

func regimeNote(n study.Note) string {
	switch n.(type) {
	case study.OverBaseTwins:
		return "change = with the regime less its base twin, on the same samples"
	case study.ReplicatesBias:
		return "calibration errors of replicates are biased upwards, more where a model is better calibrated: intervals of their changes over new samples lean towards 0"
	}
	return unsaid(n)
}

func regimeFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Regimes)
	if !ok {
		return nil, nil
	}
	return draw([]sketch{regimeStrips(r, d)})
}

func regimeStrips(r *study.Report, d *study.Regimes) sketch {
	var panels []figure.StripPanel
	for k, id := range d.Metrics {
		panels = append(panels, figure.StripPanel{Axis: figure.Axis{Label: "Δ " + d.Labels[k], Better: study.Direction(id)}})
	}
	s := changeStrips(d.Regimes, panels, func(panel int, row string) *study.Changes {
		for k := range d.Changes {
			if c := &d.Changes[k]; c.Metric == d.Metrics[panel] && c.Treatment == row {
				return c
			}
		}
		return nil
	})
	return sketch{"regimes", "Training regimes against their plain twins",
		fmt.Sprintf("Change of each model against its base twin, on the same samples. p: Wilcoxon over the units of base twins, Holm over the regimes within each metric. "+
			"Intervals of medians at %g %%, over %s where the units are enough.", 100*r.Level, reach(r)), s}
}

// regimeListing has a row for each regime, below each metric that is on the first
// page.
func regimeListing(r *study.Report, e *study.Experiment) *Listing {
	d, ok := e.Data.(*study.Regimes)
	if !ok {
		return nil
	}
	first := map[string]bool{}
	for _, f := range e.Findings {
		if c, ok := f.Claim.(study.RegimeChanges); ok && f.Headline {
			first[c.Metric] = true
		}
	}
	l := &Listing{Columns: []Column{{Head: "regime"}, {"units", true}, {"better", true}, {"median", true}, {"interval", true}, {"p", true}, {"adj. p", true}, {Head: "verdict"}},
		Note: fmt.Sprintf("median change against the base twin, better in so many of the twins; intervals at %g %% over %s where the units are enough, else over new samples "+
			"if there are replicates; Wilcoxon of the means of units, adjusted by Holm over the regimes within each metric; proven: by test and interval; "+
			"too few units: not even changes of one sign could be proven", 100*r.Level, reach(r))}
	for k, metric := range d.Metrics {
		if !first[metric] {
			continue
		}
		l.Rows = append(l.Rows, []string{withUnit(words.UnitNamed(metric), d.Labels[k])})
		for k := range d.Changes {
			if c := &d.Changes[k]; c.Metric == metric {
				l.Rows = append(l.Rows, regimeRow(c))
			}
		}
	}
	return l
}

func regimeRow(c *study.Changes) []string {
	v, between := value(c), "–"
	if !math.IsNaN(v.Lo) {
		between = words.UnitNamed(c.Metric).Bounds(v.Lo, v.Hi, true)
	}
	return []string{"  " + c.Treatment, fmt.Sprint(c.Units), fmt.Sprintf("%d of %d", c.Better, len(c.Values)), words.UnitNamed(c.Metric).Signed(c.Median), between,
		bareP(c.Wilcoxon.P), bareP(c.P), c.Verdict()}
}
