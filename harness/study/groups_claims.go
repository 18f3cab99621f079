package study

import (
	"math"
	"slices"

	"abstain/metrics/stattest"
)

// GroupDiffers says how a group differs from all other samples with nothing
// withheld.
type GroupDiffers struct {
	Metric, Attribute, Group string
	Median                   float64 // over models, of the group less the others
	Quartiles                [2]float64
	Above, Below, Models     int // of which the difference is proven to be above 0 and below
}

// GainsAtCost says in how many models one threshold is proven to raise the selective
// accuracy of one group while it lowers that of another.
type GainsAtCost struct {
	Attribute       string
	Models, Of      int
	Gainers, Losers []string // groups, in any of the models
	At              []ModelsAtCoverage
}

// ModelsAtCoverage counts models at a coverage of all samples.
type ModelsAtCoverage struct {
	Coverage float64
	Models   int
}

// LeastAnswered names the group that one common threshold answers least.
type LeastAnswered struct {
	Attribute, Group string
	Overall          float64 // answered share of all samples
	Share            float64 // of the group, median over models
	Difference       float64 // of the group's share less that of all, median over models
	Beyond           bool    // it is beyond chance
}

// GapChanges says how the gap in selective accuracy between the groups that are best
// and worst with nothing withheld changes with coverage.
type GapChanges struct {
	Attribute string
	Coverage  float64
	Change    Changes
}

// GroupsNotAsked says that the user wants no groups.
type GroupsNotAsked struct{}

// GroupsNeedSamples says that there are no stored predictions.
type GroupsNeedSamples struct{}

// NoAttributes says that no column names groups of samples.
type NoAttributes struct{ MostLevels, LeastSamples int }

// GroupsAgainstOthers says how a group is compared with all other samples.
type GroupsAgainstOthers struct{ LeastOfEach int } // right and wrong answers for a test

// OneThreshold says how the change of a group's selective accuracy is tested.
type OneThreshold struct{}

func (GroupDiffers) claim()        {}
func (GainsAtCost) claim()         {}
func (LeastAnswered) claim()       {}
func (GapChanges) claim()          {}
func (GroupsNotAsked) missing()    {}
func (GroupsNeedSamples) missing() {}
func (NoAttributes) missing()      {}
func (GroupsAgainstOthers) note()  {}
func (OneThreshold) note()         {}

// groupClaims states gaps at full coverage and what abstaining does to them.
func (f *Folder) groupClaims(e *Experiment, d *Groups) {
	for _, a := range d.Attributes {
		f.fullClaims(e, d, a)
		f.abstainClaims(e, d, a)
	}
}

// fullClaims states, over the models, how groups differ with nothing withheld.
func (f *Folder) fullClaims(e *Experiment, d *Groups, a GroupAttribute) {
	basis := Basis{Tests: []Test{{Method: InfluenceTest, P: math.NaN(), Level: f.level, Family: Family{Holm, d.tested(a.Name), "test"}}}}
	for _, group := range a.Levels {
		if len(a.Levels) == 2 && group == a.Levels[1] {
			continue // of two groups one says it all
		}
		for _, id := range []string{"accuracy", "auroc"} {
			if claim := d.differs(a.Name, group, id, f.level); claim.Models > 0 {
				e.find(Finding{Claim: claim, Basis: basis, N: claim.Models, Of: Models})
			}
		}
	}
}

// tested counts the p-values of an attribute, which are adjusted together.
func (d *Groups) tested(attribute string) int {
	n := 0
	for _, m := range d.Metrics {
		if m.Attribute == attribute && !math.IsNaN(m.P) {
			n++
		}
	}
	return n
}

// differs sums up over the models how a group differs from the other samples.
func (d *Groups) differs(attribute, group, metric string, level float64) GroupDiffers {
	claim := GroupDiffers{Metric: metric, Attribute: attribute, Group: group}
	var values []float64
	for _, m := range d.Metrics {
		if m.Attribute != attribute || m.Group != group || m.Metric != metric {
			continue
		}
		values = append(values, m.Difference)
		switch {
		case !(m.P <= 1-level):
		case m.Difference > 0:
			claim.Above++
		default:
			claim.Below++
		}
	}
	sorted := ordered(values)
	claim.Models, claim.Median, claim.Quartiles = len(values), quantile(sorted, 0.5), [2]float64{quantile(sorted, 0.25), quantile(sorted, 0.75)}
	return claim
}

// abstainClaims states what one common threshold does to the groups.
func (f *Folder) abstainClaims(e *Experiment, d *Groups, a GroupAttribute) {
	e.find(Finding{Claim: f.gainsAtCost(d, a), N: len(f.models), Of: Models, Headline: true, Basis: Basis{
		Tests: []Test{{Method: FisherExactTest, P: math.NaN(), Level: f.level, Family: Family{Correction: Holm}}}}})
	f.leastAnsweredClaim(e, d, a)
	for _, coverage := range []float64{0.5, 0.8} {
		for _, c := range d.Gaps {
			if c.Treatment == a.Name && c.Setting == gapSetting(coverage) {
				e.find(Finding{Claim: GapChanges{a.Name, coverage, c}, Basis: f.changeBasis(c, "comparison"), N: len(c.Values), Of: Models,
					Headline: coverage == 0.8})
			}
		}
	}
}

// gainsAtCost counts the models in which, at one threshold, one group is proven to
// gain and another to lose.
func (f *Folder) gainsAtCost(d *Groups, a GroupAttribute) GainsAtCost {
	claim := GainsAtCost{Attribute: a.Name, Of: len(f.models)}
	at := make([]int, len(groupCoverages))
	gainers, losers := make([]bool, len(a.Levels)), make([]bool, len(a.Levels))
	for _, s := range f.models {
		points, any := d.of(s.row.Model, a.Name), false
		for k := range groupCoverages {
			gain, lose := f.gainAndLose(points, a.Levels, k)
			if gain == nil || lose == nil {
				continue
			}
			at[k]++
			any = true
			mark(gainers, gain)
			mark(losers, lose)
		}
		if any {
			claim.Models++
		}
	}
	claim.Gainers, claim.Losers = marked(a.Levels, gainers), marked(a.Levels, losers)
	for k, n := range at {
		if n > 0 {
			claim.At = append(claim.At, ModelsAtCoverage{groupCoverages[k], n})
		}
	}
	return claim
}

// gainAndLose are the groups of one model, by place, whose selective accuracy is
// proven to rise and to fall at the k-th coverage.
func (f *Folder) gainAndLose(points map[string][]GroupCurve, levels []string, k int) (gain, lose []int) {
	for g, level := range levels {
		switch p := points[level]; {
		case p == nil || !(p[k].P <= 1-f.level):
		case p[k].Change > 0:
			gain = append(gain, g)
		default:
			lose = append(lose, g)
		}
	}
	return gain, lose
}

func mark(marks []bool, places []int) {
	for _, k := range places {
		marks[k] = true
	}
}

// marked are the names that are marked.
func marked(all []string, mark []bool) []string {
	var list []string
	for k, name := range all {
		if mark[k] {
			list = append(list, name)
		}
	}
	return list
}

// leastAnsweredClaim names the group that one common threshold answers least.
func (f *Folder) leastAnsweredClaim(e *Experiment, d *Groups, a GroupAttribute) {
	const at = 0.8
	claim := LeastAnswered{Attribute: a.Name, Overall: at}
	var lacking []float64
	var units []string
	for _, level := range a.Levels {
		less, shares, of := f.lacking(d, a.Name, level, slices.Index(groupCoverages, at))
		if claim.Group == "" || median(less) < median(lacking) {
			claim.Group, claim.Share, lacking, units = level, median(shares), less, of
		}
	}
	raw := stattest.SignedRank(unitMeans(lacking, grouped(units))).P
	p := math.Min(1, raw*float64(len(a.Levels)))
	claim.Difference, claim.Beyond = median(lacking), p <= 1-f.level
	e.find(Finding{Claim: claim, N: len(lacking), Of: Models, Headline: true, Basis: Basis{
		Tests: []Test{{Method: WilcoxonTest, Raw: raw, P: p, Level: f.level, Units: len(grouped(units)), Family: Family{Bonferroni, len(a.Levels), "group"}}}}})
}

// lacking gives, by model, the answered share of a group at the k-th coverage, and this
// share less that of all samples, which is below 0 if the group is answered less, with
// the units of the models.
func (f *Folder) lacking(d *Groups, attribute, level string, k int) (less, shares []float64, units []string) {
	for i, s := range f.models {
		if p := d.of(s.row.Model, attribute)[level]; p != nil {
			less, shares, units = append(less, p[k].Coverage-p[k].Overall), append(shares, p[k].Coverage), append(units, f.unitOf(i))
		}
	}
	return less, shares, units
}
