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
	Name: "regimes", Title: "Training regimes against their vanilla twins",
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
	} else if d.Open > 0 {
		parts = append(parts, fmt.Sprintf("nothing is proven for the other %s", words.Plural(d.Open, "regime")))
	}
	if d.Here != nil {
		parts = append(parts, fmt.Sprintf("sure for these samples, but not for new ones, are the changes with %s", treatments(d.Here)))
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
		names = append(names, fmt.Sprintf("%s %s, %d of %d better", x.Treatment, effect(x), x.Better, len(x.Values)))
	}
	return words.List(names)
}

func regimeBasis(f study.Finding) string {
	test, interval := f.Basis.Tests[0], f.Basis.Intervals[0]
	return fmt.Sprintf("median change against the base twin; Wilcoxon with %s over %s at %s; intervals over %s",
		test.Family.Correction, words.Plural(test.Family.Size, test.Family.Of), words.Percent(1-test.Level), population(interval.Over))
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
		return "change = with the regime less its base twin, on the same samples; pairs that share a base form one unit"
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
	return sketch{"regimes", "Training regimes against their vanilla twins",
		fmt.Sprintf("Change of each model against its base twin, on the same samples. p: Wilcoxon over base twins, Holm over %d tests. Intervals of medians at %g %%: over %s from six twins on.",
			len(d.Changes), 100*r.Level, reach(r)), s}
}

// regimeListing has a row for each regime and each metric that is on the first
// page.
func regimeListing(r *study.Report, e *study.Experiment) *Listing {
	d, ok := e.Data.(*study.Regimes)
	if !ok {
		return nil
	}
	l := &Listing{Columns: []Column{{Head: "regime"}, {Head: "metric"}, {"pairs", true}, {"median change", true}, {"interval", true}, {"better", true}, {"p (Holm)", true}},
		Note: fmt.Sprintf("change against the base twin; intervals at %g %% over %s from six twins on, below that over new samples if there are replicates; Wilcoxon, Holm over %d tests", 100*r.Level, reach(r), len(d.Changes))}
	for _, regime := range d.Regimes {
		for k := range d.Changes {
			c := &d.Changes[k]
			if c.Treatment != regime || c.Metric != "auroc" && c.Metric != "ece@15" && c.Metric != "|overconfidence|" {
				continue
			}
			v := value(c)
			between := "–"
			if !math.IsNaN(v.Lo) {
				between = fmt.Sprintf("[%+.4f, %+.4f]", v.Lo, v.Hi)
			}
			l.Rows = append(l.Rows, []string{c.Treatment, study.Label(c.Metric), fmt.Sprint(len(c.Values)), fmt.Sprintf("%+.4f", c.Median), between, fmt.Sprint(c.Better), shortP(c.P)})
		}
	}
	return l
}
