package pictures

import (
	"fmt"
	"math"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var correlations = Picture{
	Name: "correlations", Title: "How far the choice of metric decides the ranking",
	Claim: correlationClaim, Basis: correlationBasis, Missing: correlationMissing, Note: correlationNote,
	Listing: noListing, Figures: correlationFigures,
}

func correlationClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.Correlated:
		return spearman(c.A, c.B) + " = " + coefficient(c.Spearman, c.In)
	case study.SignsByFamily:
		return signsByFamily(c)
	case study.OrderedDifferently:
		return orderedDifferently(c)
	}
	return unsaid(c)
}

func orderedDifferently(c study.OrderedDifferently) string {
	from, by := study.Label(c.From), study.Label(c.By)
	text := fmt.Sprintf("%s and %s order %.0f %% of the pairs of models differently; of the %d best by either, %d are the same (%.1f if they had nothing in common)",
		from, by, 100*c.Disorder, c.Top, c.Shared, c.Expected)
	if c.Best == "" {
		return text
	}
	return text + fmt.Sprintf("; the best by %s, %s (%s), has place %d by %s", by, c.Best, notToldApart(c.Tied), c.Place, from)
}

// spearman names the rank correlation of two metrics.
func spearman(a, b string) string {
	return fmt.Sprintf("Spearman(%s, %s)", study.Label(a), study.Label(b))
}

func signsByFamily(c study.SignsByFamily) string {
	what, above, below, few := spearman(c.A, c.B), inFamilies(c.Above), inFamilies(c.Below), ""
	if c.TooFew > 0 {
		few = fmt.Sprintf("; %s too few models to prove anything", words.Count(c.TooFew, "further family or regime has", "further families or regimes have"))
	}
	switch {
	case above != nil && below != nil:
		return fmt.Sprintf("%s changes its sign between families: above 0 in %s; below 0 in %s", what, words.List(above), words.List(below)) + few
	case above != nil || below != nil:
		return fmt.Sprintf("inside families %s differs from 0 in %s", what, words.List(append(above, below...))) + few
	}
	return fmt.Sprintf("in no family does %s differ from 0 beyond chance", what) + few
}

func inFamilies(list []study.Correlation) []string {
	var all []string
	for _, c := range list {
		text := fmt.Sprintf("%s %s, n = %d", inside(c), coefficient(c.Spearman, c.SpearmanIn), c.N)
		if !math.IsNaN(c.Pooled) && c.Pooled*c.Spearman < 0 {
			text += fmt.Sprintf(" (%.2f with all regimes of the family together)", c.Pooled)
		}
		all = append(all, text)
	}
	return all
}

// inside names the models of a correlation: a family, and the regime if it has several.
func inside(c study.Correlation) string {
	if c.Regime == "" {
		return c.Scope
	}
	return c.Scope + " (" + c.Regime + ")"
}

func correlationBasis(f study.Finding) string {
	switch c := f.Claim.(type) {
	case study.SignsByFamily:
		test := f.Basis.Tests[0]
		return fmt.Sprintf("p-values by %s over %s and their regimes, at %s; intervals over new models of the family",
			test.Family.Correction, words.Count(test.Family.Size, "family", "families"), words.Percent(1-test.Level))
	case study.OrderedDifferently:
		text := "Kendall's tau-b = " + coefficient(c.Kendall, c.In)
		if f.Basis.Intervals != nil {
			text += fmt.Sprintf(", %s interval over new models", words.Percent(f.Basis.Intervals[0].Level))
		}
		return text
	}
	return correlationOver(f.Basis)
}

func correlationMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.TooFewMetrics:
		return fmt.Sprintf("rank correlations need two metrics with values for %d models or more; the folder has %s", m.Least, words.Plural(m.Have, "such metric"))
	case study.NoFamilies:
		return "correlations inside families: the models have no metadata \"family\""
	case study.NoRankingBy:
		return fmt.Sprintf("a ranking by %s beside the others: it is known for %s only", study.Label(m.Metric), words.Plural(m.Models, "model"))
	case study.NoRankings:
		return "how the ranking changes with the metric needs two metrics and two models with values for all"
	}
	return unsaid(m)
}

func correlationNote(n study.Note) string {
	if _, ok := n.(study.FisherIntervals); ok {
		return "intervals of correlations: Fisher's transform with the variances of Bonett and Wright (2000) for Spearman and of Fieller, Hartley and Pearson (1957) " +
			"for Kendall's tau-b, with the effective number of units, as if the models of one unit were all alike, from 6 on; p-values are of the means of units. " +
			"They take the units for a random sample, which kin in one family are not. Inside families models of one training regime are compared, as the study of 523 classifiers does, " +
			"for a regime that changes both metrics makes a correlation of its own; where that turns the sign, the correlation over all regimes of the family stands beside"
	}
	return unsaid(n)
}

func correlationFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Correlations)
	if !ok {
		return nil, nil
	}
	return draw(correlationPictures(r, d))
}

func correlationPictures(r *study.Report, d *study.Correlations) []sketch {
	var all []sketch
	if len(d.Metrics) > 1 {
		m := figure.Matrix{Scale: "Spearman's rank correlation over models", Low: -1, High: 1, Diverging: true}
		for _, a := range d.Metrics {
			m.Rows, m.Columns = append(m.Rows, brief(a)), append(m.Columns, brief(a))
			var cells []figure.Cell
			for _, b := range d.Metrics {
				c, ok := d.All[[2]string{a, b}]
				switch {
				case a == b:
					cells = append(cells, figure.Cell{Value: figure.Number(1)})
				case !ok:
					cells = append(cells, figure.Cell{Value: figure.Number(math.NaN()), Text: "–"})
				default:
					cells = append(cells, figure.Cell{Value: figure.Value{At: c.Spearman, Lo: c.SpearmanIn.Lo, Hi: c.SpearmanIn.Hi}, Bold: c.SpearmanIn.Lo > 0 || c.SpearmanIn.Hi < 0})
				}
			}
			m.Cells = append(m.Cells, cells)
		}
		all = append(all, sketch{"correlations", "Rank correlations between metrics",
			fmt.Sprintf("Over %d models, or those with both values. Bold: the %g %% interval over new models leaves out 0.", r.Models, 100*r.Level), m})
	}
	if k := d.Ranking; k != nil {
		all = append(all, overlapMatrix(k), bumpChart(k))
	}
	return all
}

// brief is the label of a column where there is little room.
func brief(id string) string {
	condition, ok := strings.CutPrefix(id, "ood-auroc[")
	if !ok {
		return study.Label(id)
	}
	condition = strings.TrimPrefix(strings.TrimSuffix(condition, "]"), "c-ood-")
	if condition == "ood" {
		return "OOD"
	}
	return "OOD " + condition
}

func overlapMatrix(k *study.Rankings) sketch {
	m := figure.Matrix{Scale: fmt.Sprintf("models shared by the %d best", k.Top), Low: 0, High: float64(k.Top), Rows: k.Labels, Columns: k.Labels}
	for i := range k.Overlap {
		var cells []figure.Cell
		for _, n := range k.Overlap[i] {
			cells = append(cells, figure.Cell{Value: figure.Number(float64(n)), Text: fmt.Sprint(n)})
		}
		m.Cells = append(m.Cells, cells)
	}
	return sketch{"overlaps", fmt.Sprintf("How many of the %d best two metrics share", k.Top),
		fmt.Sprintf("%d models that have all of the metrics.", len(k.Models)), m}
}

func bumpChart(k *study.Rankings) sketch {
	b := figure.Bump{Metrics: k.Labels, Top: min(12, len(k.Models))}
	for i, m := range k.Models {
		x := figure.BumpModel{Name: m}
		for j := range k.Metrics {
			x.Ranks = append(x.Ranks, k.Ranks[j][i])
		}
		b.Models = append(b.Models, x)
	}
	return sketch{"ranks", "The ranking by each metric", fmt.Sprintf("Ranks among %d models that have all of the metrics.", len(k.Models)), b}
}
