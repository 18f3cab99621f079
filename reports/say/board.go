package say

import (
	"fmt"
	"strings"

	"abstain/harness/board"
	"abstain/reports/words"
)

// Notes returns the footnotes of a board or a selection as sentences.
func Notes(notes []board.Note) []string {
	var all []string
	for _, n := range notes {
		all = append(all, Note(n))
	}
	return all
}

// mostLeftOut is how many of the models that are left out a sentence names.
const mostLeftOut = 6

// Note returns a footnote of a board or a selection as a sentence.
func Note(n board.Note) string {
	switch n := n.(type) {
	case board.DatasetTaken:
		return fmt.Sprintf("dataset %s, the one with the most models, was taken out of %s; --dataset takes another", n.Dataset, words.Shorten(n.Of, 6))
	case board.InPlaceOf:
		return fmt.Sprintf("%s %s was taken: there is no %s", n.Axis, n.Taken, n.Usual)
	case board.WithoutConfidence:
		return fmt.Sprintf("%s left out (%s): there are no values by confidence function %s",
			words.Plural(len(n.Models), "model"), words.Shorten(n.Models, mostLeftOut), n.Confidence)
	case board.WithoutTransform:
		return fmt.Sprintf("%s left out (%s): transform %s does not apply, or had nothing to be fitted on",
			words.Plural(len(n.Models), "model"), words.Shorten(n.Models, mostLeftOut), n.Transform)
	case board.NotShown:
		return notShown(n)
	case board.WithoutValue:
		return withoutValue(n)
	case board.OwnIntervals:
		return fmt.Sprintf("in brackets: the %g %% interval of each value by itself; "+
			"models answer the same samples, so where two overlap the difference may still be sure", 100*n.Level)
	case board.IntervalsMade:
		return n.By.String()
	case board.OlderIntervals:
		return "intervals by the methods of another version of abstain: abstain run with the same corpus makes them anew"
	case board.ByStored:
		return words.Plural(n.Models, "score-only model") + " scored by the stored confidence"
	}
	return orderNote(n)
}

// orderNote returns a footnote about the order of a board.
func orderNote(n board.Note) string {
	switch n := n.(type) {
	case board.AtChance:
		return fmt.Sprintf("%s not above chance (accuracy against 1/%d, binomial test at %g %%), probably broken: %s; abstain study leaves such records out of its statistics",
			words.Count(len(n.Models), "model is", "models are"), n.Classes, 100*n.Level, words.Shorten(n.Models, 6))
	case board.TiedBelow:
		return words.Count(n.Models, "further model below the cut has", "further models below the cut have") + " the same value as the last one shown"
	case board.Unresolved:
		return "no rank intervals: " + n.Why.Error()
	case board.FewOfAKind:
		return fmt.Sprintf("%s fewer than two errors or right samples, so that no order by %s can be proven: %s",
			words.Count(len(n.Models), "model has", "models have"), n.By.Metric.Label, words.Shorten(n.Models, 6))
	case board.TooFewErrors:
		return fmt.Sprintf("too few errors to prove any order at %g %%", 100*n.Level)
	case board.Unresolvable:
		of := string(n.Of)
		return fmt.Sprintf("%s too few to prove any order at %g %%", words.Count(n.Pairs, of+" is", of+"s are"), 100*n.Level)
	case board.ValuesAlone:
		return "the order is that of the values alone: abstain rank says which of it is proven"
	}
	return unsaid(n)
}

// notShown names every model, with the reason behind those that share it.
func notShown(n board.NotShown) string {
	var reasons []string
	models := map[string][]string{}
	for _, m := range n.Models {
		if models[m.Why] == nil {
			reasons = append(reasons, m.Why)
		}
		models[m.Why] = append(models[m.Why], m.Model)
	}
	var parts []string
	for _, why := range reasons {
		part := strings.Join(models[why], ", ")
		if why != "" {
			part += " (" + why + ")"
		}
		parts = append(parts, part)
	}
	return fmt.Sprintf("%d of %s not shown: %s", len(n.Models), words.Plural(n.Of, "model"), strings.Join(parts, "; "))
}

func withoutValue(n board.WithoutValue) string {
	text := fmt.Sprintf("%s no %s", words.Count(n.Models, "model has", "models have"), n.Metric)
	if n.Unexplained {
		text += " (score-only tables have no class vectors; unbounded confidences do not calibrate)"
	}
	return text
}

// Resolution says how rank intervals were made, and how much of the order is
// separable; "" if there are none.
func Resolution(r *board.Resolution) string {
	if r == nil {
		return ""
	}
	family, pairs := "step-down over all pairs; no difference has a sampling error", ""
	switch {
	case r.Kind == board.Marginal:
		family = fmt.Sprintf("step-down over each model's pairs; critical values %.2f to %.2f", r.Least, r.Most)
		pairs = "all pairs considered, "
	case r.Least > 0:
		family = fmt.Sprintf("step-down over all pairs; critical value %.2f", r.Least)
	}
	return fmt.Sprintf("ranks: %s %g %% confidence sets from paired differences; error from %s; studentised max-t, two-sided, %s, %d draws, n = %d; "+
		"%s%d of %d adjacent pairs are separable; %s",
		r.Kind, 100*r.Level, noise(r.Noise), family, r.Draws, r.N, pairs, r.Separable, r.Adjacent, tied(r.Tied))
}

// tied says what is proven of the best.
func tied(models int) string {
	if models == 1 {
		return "= marks the best: each other model is proven worse"
	}
	return fmt.Sprintf("= marks %d models tied with the best: one of %d, none proven better", models, models)
}

// Apart says why models are not told apart from the best whose intervals lie beyond
// its interval; "" if there are none.
func Apart(b *board.Board) string {
	names := b.Apart()
	if names == nil {
		return ""
	}
	return fmt.Sprintf("%s marked = though the interval lies beyond that of the best (%s): the paired difference decides, "+
		"corrected over all pairs of models, not two intervals that hold each by itself",
		words.Count(len(names), "model is", "models are"), words.Shorten(names, 4))
}

// noise says from what the joint error of the models was estimated.
func noise(n board.Noise) string {
	if n.Replicates == 0 {
		return "influence values"
	}
	text := fmt.Sprintf("%d bootstrap replicates shared by all models", n.Replicates)
	if n.Undefined > 0 {
		text += fmt.Sprintf(" (%d in which a model has no value left out)", n.Undefined)
	}
	if n.Made > 0 {
		text += ", made now for " + words.Plural(n.Made, "model")
	}
	return text
}

// Pinned says how the models of a board were compared with the pinned one; "" if
// none is pinned.
func Pinned(b *board.Board) string {
	p := b.Pinned
	if p == nil {
		return ""
	}
	text := fmt.Sprintf("difference: %s less that of %s, paired; %s at once at %g %% (max-t, %.2f standard errors, error from %s); "+
		"%d proven better and %d worse; ~ marks the %d of which nothing is proven",
		b.By.Name(), p.Model, words.Count(p.Others, "interval holds", "intervals hold"), 100*p.Level, p.Critical, noise(p.Noise),
		p.Better, p.Worse, p.Others-p.Better-p.Worse)
	if p.Marked > 0 {
		text += fmt.Sprintf("; %s marked = although proven worse here: the ranks are corrected for all %s of models, which is stricter than for the %d with %s",
			words.Count(p.Marked, "model is", "models are"), words.Plural((p.Others+1)*p.Others/2, "pair"), p.Others, p.Model)
	}
	return text
}

// mostNamed is how many models a sentence names.
const mostNamed = 12

// MayBeTop says which models may be among the best; "" if that was not asked.
func MayBeTop(m *board.MayBeTop) string {
	if m == nil {
		return ""
	}
	best := "the best"
	if m.Top > 1 {
		best = fmt.Sprintf("among the %d best", m.Top)
	}
	return fmt.Sprintf("%s may be %s (%g %% confidence set of these, from the simultaneous rank sets): %s",
		words.Plural(len(m.Models), "model"), best, 100*m.Level, words.Shorten(m.Models, mostNamed))
}
