package answers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/words"
)

// groups says whom one common threshold serves.
func (k *asking) groups() *Finding {
	e := k.experiment("groups")
	t := &Table{Columns: []Column{named("attribute"), named("group"), named("metric"), {Head: "group less the others", Kind: Effect}, counted("models above"), counted("models below"), counted("models")}}
	var cost *study.GainsAtCost
	var last *study.LeastAnswered
	for j := range e.Findings {
		switch c := e.Findings[j].Claim.(type) {
		case study.GroupDiffers:
			cell := number(c.Median)
			cell.Unit = words.UnitNamed(c.Metric)
			t.Rows = append(t.Rows, Row{Group: c.Attribute, Cells: []Cell{label(c.Attribute), label(c.Group), label(short(c.Metric)), cell,
				number(float64(c.Above)), number(float64(c.Below)), number(float64(c.Models))}})
		case study.GainsAtCost:
			if cost == nil || c.Models > cost.Models {
				cost = &c
			}
		case study.LeastAnswered:
			if last == nil || last.Difference > c.Difference {
				last = &c
			}
		}
	}
	if t.Rows == nil && cost == nil && last == nil {
		return nil
	}
	f := &Finding{Table: t, Headline: true, Method: fmt.Sprintf("Each group against all other samples of the same model, Holm over models, groups and metrics of an attribute, %g %%; counts are of proven differences.", 100*k.level)}
	switch {
	case cost != nil && cost.Models > 0:
		f.Sentence = fmt.Sprintf("In %d of %s, abstaining provably serves one group of %s and harms another.", cost.Models, many(cost.Of, "model"), cost.Attribute)
	case last != nil && last.Beyond:
		f.Sentence = fmt.Sprintf("Where %.0f %% are answered, the median model answers %.0f %% of %s %s.", 100*last.Overall, 100*last.Share, last.Attribute, last.Group)
	default:
		f.Sentence = "No model is proven to serve one group while it harms another."
	}
	return f
}

// comparison lists the rules of presets of abstain train with what the numbers say.
func (k *asking) comparison() *Finding {
	t := &Table{Columns: []Column{named("regime"), named("against"), named("claim"), {Head: "difference", Kind: Effect}, named("verdict")}}
	counts := map[study.Verdict]int{}
	for _, x := range k.experiment("training-comparison").Findings {
		r, ok := x.Claim.(study.RuleDecided)
		if !ok {
			continue
		}
		counts[r.Verdict]++
		in := r.Bounds()
		cell := Cell{Value: r.Paired.Mean, Lo: in.Lo, Hi: in.Hi, P: nan, Pairs: len(r.Differences), Unit: words.UnitNamed(r.Column.Metric)}
		t.Rows = append(t.Rows, Row{Group: r.Preset, Cells: []Cell{label(Plain(r.Regime)), label(Plain(r.Against)), label(r.Column.Head), cell, label(string(r.Verdict))}})
	}
	if t.Rows == nil {
		return nil
	}
	return &Finding{Table: t, Headline: true, Sentence: fmt.Sprintf("Of %s, %d are confirmed, %d are not confirmed and %d are inconclusive.", many(len(t.Rows), "rule"),
		counts[study.Confirmed], counts[study.NotConfirmed], counts[study.Inconclusive]),
		Method: "Rules were written from the papers before the presets were trained whole; those of adr when figures of three seeds had been seen. Means over seeds, paired by seed; Student's t intervals with the variance between seeds and that of the test rows."}
}

// epsilon is the level of an attack at the end of a condition's name.
var epsilon = regexp.MustCompile(`^eps(\d+)$`)

// attacks are names of attacks, which are written in capitals.
var attacks = []string{"pgd", "fgsm", "apgd", "cw", "jpeg", "ood"}

func conditionWords(name string) string {
	var list []string
	for _, w := range strings.Split(name, "-") {
		switch {
		case slices.Contains(attacks, w):
			w = strings.ToUpper(w)
		case epsilon.MatchString(w):
			w = epsilon.ReplaceAllString(w, "epsilon $1")
		}
		list = append(list, w)
	}
	return strings.Join(list, " ")
}

func stableSort(rows []Row, less func(a, b Row) bool) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		switch {
		case less(a, b):
			return -1
		case less(b, a):
			return 1
		}
		return 0
	})
}
