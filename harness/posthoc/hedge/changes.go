package hedge

import (
	"fmt"
	"math"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// Change is a difference between two predictions on the same rows, with the paired interval at
// the run's level; all NaN where a metric is not defined, the limits also where the run asks
// for none.
type Change struct{ Value, Lo, Hi float64 }

var noChange = Change{math.NaN(), math.NaN(), math.NaN()}

// Changes are what hedging does to an edge: the intersection probability less the edge as it
// is, in the metrics of changedMetrics, and its ECE less that of the edge at a temperature.
type Changes struct {
	Accuracy, ECE, NLL, AUROC, AURC Change
	// ECE less that at a temperature of the edge's own, fitted with labels, and at the cloud's.
	AgainstTemperature, AgainstCloudTemperature Change
}

// named lists the changes by their names in credal.csv, in its order.
func (c *Changes) named() []namedChange {
	return []namedChange{{"accuracy.change", &c.Accuracy}, {"ece.change", &c.ECE}, {"nll.change", &c.NLL}, {"auroc.change", &c.AUROC},
		{"aurc.change", &c.AURC}, {"ece.against-temperature", &c.AgainstTemperature},
		{"ece.against-cloud-temperature", &c.AgainstCloudTemperature}}
}

type namedChange struct {
	name string
	at   *Change
}

// changedMetrics are those of Changes, in the order of its first fields.
var changedMetrics = metrics.MustMeasures("accuracy", "ece", "nll", "auroc", "aurc")

// judged is a prediction ranked by its confidence, with its values by changedMetrics.
type judged struct {
	ranked *metrics.Ranked
	values []float64
}

func judge(r *metrics.Ranked) *judged {
	g := &judged{ranked: r}
	for _, m := range changedMetrics {
		v := math.NaN()
		if e := m.Of(r); e.Defined() {
			v = e.Value
		}
		g.values = append(g.values, v)
	}
	return g
}

// judge ranks claims, which are by row of the table; nil without any.
func (j *judging) judge(c *claims) *judged {
	if len(c.class) == 0 {
		return nil
	}
	n := j.base.N()
	o := &metrics.Outcomes{Classes: j.base.Classes, Label: j.base.Label, Prediction: make([]int32, n), Correct: make([]bool, n),
		NLL: make([]float64, n), Groups: j.base.Groups}
	confidence := metrics.Confidence{Name: "msp", Value: make([]float64, n), Probability: true}
	for i := range n {
		row := j.base.TableRow(i)
		o.Prediction[i], o.NLL[i], confidence.Value[i] = c.class[row], c.nll[row], c.confidence[row]
		o.Correct[i] = o.Label != nil && o.Label[i] == c.class[row]
	}
	o.Confidences = []metrics.Confidence{confidence}
	return judge(metrics.Rank(o, &o.Confidences[0]))
}

// judgeEdge ranks the edge as the rest of the run does.
func (j *judging) judgeEdge() *judged {
	if c := j.base.Confidence("msp"); c != nil && j.base.NLL != nil {
		return judge(metrics.Rank(j.base.Outcomes, c))
	}
	return j.judge(j.beside["edge"])
}

// others are what every eps is compared with: the edge as it is and at two temperatures.
type others struct{ edge, own, cloud *judged }

// changes compares a prediction with the edge as it is and at temperatures.
func (j *judging) changes(of *judged, with others, design *resample.Design) Changes {
	level := j.stage.Wanted.Intervals.Level
	difference := func(k int, other *judged) Change {
		if other == nil {
			return noChange
		}
		a, b, m := of.values[k], other.values[k], changedMetrics[k]
		c := Change{a - b, math.NaN(), math.NaN()}
		if level == 0 || math.IsNaN(c.Value) {
			return c
		}
		if p, ok := resample.Paired(m, a, b, of.ranked, other.ranked, design, level); ok {
			c.Lo, c.Hi = p.Lo, p.Hi
		}
		return c
	}
	return Changes{difference(0, with.edge), difference(1, with.edge), difference(2, with.edge), difference(3, with.edge), difference(4, with.edge),
		difference(1, with.own), difference(1, with.cloud)}
}

// lost says where hedging does worse than an alternative, beyond what the rows leave open.
func (r *Row) lost() (why string) {
	for _, a := range []struct {
		c    Change
		what string
	}{{r.Changes.ECE, "the edge as it is"}, {r.Changes.AgainstTemperature, "the edge at a temperature of its own, fitted with labels"},
		{r.Changes.AgainstCloudTemperature, "the edge at the cloud's temperature"}} {
		if a.c.Lo > 0 {
			why += fmt.Sprintf(", that of %s by %.4f [%.4f, %.4f]", a.what, a.c.Value, a.c.Lo, a.c.Hi)
		}
	}
	if why == "" {
		return ""
	}
	why = "hedging loses: its ECE is above" + why[1:]
	if r.Changes.ECE.Lo > 0 {
		why += "; a larger eps hedges less"
	}
	return why
}
