package study

import (
	"cmp"
	"context"
	"math"
	"slices"

	"abstain/harness/results"
	"abstain/metrics/stattest"
)

// BorrowedCalibration says for how many edge models hedging with the cloud's calibration changes
// the ECE beyond what their rows leave open, at one eps.
type BorrowedCalibration struct {
	Cloud, Divergence   string
	Eps                 float64
	Best                bool // of the eps asked, by the median ECE on these rows
	Better, Worse       int  // edges whose paired interval lies below 0, above 0
	Edges               int
	Before, After       float64 // medians over the edges
	Accuracy            float64 // largest change of an edge's accuracy
	CloudIsWorse        int     // edges that are right more often than the cloud
	AtTemperature       float64 // median ECE of the edges at temperatures of their own, fitted with labels
	AtCloudTemperature  float64 // at the cloud's
	LosesToTemperature  int     // edges for which a temperature of their own is better, beyond their rows
	BeatsCloudsTemper   int     // edges for which hedging is better than the cloud's temperature, likewise
	LosesToCloudsTemper int
}

// CloudCovered counts the edges and eps at which the sets hold the cloud's distribution as often
// as the law of coverage has it in 95 % of draws.
type CloudCovered struct {
	Inside, All int // edges times eps
	Edges, Eps  int
}

// CredalAbstention compares, for the edges, the AURC by what a set leaves open with that by
// the hedged confidence.
type CredalAbstention struct {
	Scores []CredalScore // least median change first
	Edges  int
}

// CredalScore is one confidence function out of the sets.
type CredalScore struct {
	Name          string
	Better, Worse int     // edges with a lower, a higher AURC than msp
	Change        float64 // median, score less msp
	P             float64 // Wilcoxon over units, adjusted over the scores
}

// NotBorrowed says that the run borrowed no calibration.
type NotBorrowed struct{}

// OneCloud says that all thresholds come from the same rows and the same cloud, so that the
// edges' coverages move together.
type OneCloud struct{ Rows int }

func (BorrowedCalibration) claim() {}
func (CloudCovered) claim()        {}
func (CredalAbstention) claim()    {}
func (NotBorrowed) missing()       {}
func (OneCloud) note()             {}

// Borrowed is what hedging does to the edges, by eps.
type Borrowed struct {
	Cloud, Divergence, Metric string
	Edges                     []string
	Eps                       []float64   // rising
	ECE, Lo, Hi               [][]float64 // of the hedged edge, by edge and eps; the limits are those of its change, from the edge's ECE
	Edge, Own, CloudT         []float64   // ECE as it is, at a temperature of its own, at the cloud's; by edge
}

// borrowedCalibration says what hedging with another model's calibration does: curves over eps,
// beside what temperatures do, and abstention by what the sets leave open.
func borrowedCalibration(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	rows := f.borrowed()
	if len(rows) == 0 {
		e.missing(NotBorrowed{})
		return e, nil
	}
	e.Tables = []Table{borrowedTable(rows)}
	main := slices.DeleteFunc(slices.Clone(rows), func(r results.CredalRow) bool { return r.Divergence != rows[0].Divergence })
	data := gatherBorrowed(main)
	e.Data = data
	f.borrowedClaims(&e, main, data.Eps)
	if c := covered(main, len(data.Edges), len(data.Eps)); c.All > 0 {
		e.find(Finding{Claim: c, Basis: Basis{Counted: true}, N: c.All, Of: Pairs})
	}
	f.credalScores(&e, data.Edges)
	e.note(OneCloud{main[0].Rows})
	return e, nil
}

// borrowed lists the rows of credal.csv over the samples compared, of the models compared.
func (f *Folder) borrowed() []results.CredalRow {
	c := f.view.Choice
	var rows []results.CredalRow
	for _, r := range f.results.Credal {
		if _, ok := f.place[r.Edge]; ok && r.Dataset == c.Dataset && r.Split == c.Split && r.Condition == c.Condition {
			rows = append(rows, r)
		}
	}
	return rows
}

func borrowedTable(rows []results.CredalRow) Table {
	t := Table{Name: "borrowed-calibration", Columns: []string{"edge", "cloud", "divergence", "eps", "threshold", "coverage", "law_lo", "law_hi",
		"width", "accuracy_change", "ece_edge", "ece", "ece_change", "ece_change_lo", "ece_change_hi", "ece_temperature", "ece_cloud_temperature",
		"nll_change", "auroc_change", "aurc_change"}}
	for _, r := range rows {
		c := r.Changes
		t.add(r.Edge, r.Cloud, r.Divergence, r.Eps, r.Threshold, r.Coverage, r.LawLo, r.LawHi, r.Width, c.Accuracy.Value, r.ECEEdge, r.ECE,
			c.ECE.Value, c.ECE.Lo, c.ECE.Hi, r.ECETemperature, r.ECECloudTemperature, c.NLL.Value, c.AUROC.Value, c.AURC.Value)
	}
	return t
}

// gatherBorrowed arranges the rows of one divergence by edge and eps.
func gatherBorrowed(rows []results.CredalRow) *Borrowed {
	b := &Borrowed{Cloud: rows[0].Cloud, Divergence: rows[0].Divergence, Metric: "ece@15"}
	for _, r := range rows {
		if !slices.Contains(b.Eps, r.Eps) {
			b.Eps = append(b.Eps, r.Eps)
		}
		if !slices.Contains(b.Edges, r.Edge) {
			b.Edges = append(b.Edges, r.Edge)
			b.Edge, b.Own, b.CloudT = append(b.Edge, r.ECEEdge), append(b.Own, r.ECETemperature), append(b.CloudT, r.ECECloudTemperature)
		}
	}
	slices.Sort(b.Eps)
	for range b.Edges {
		for _, to := range []*[][]float64{&b.ECE, &b.Lo, &b.Hi} {
			*to = append(*to, slices.Repeat([]float64{math.NaN()}, len(b.Eps)))
		}
	}
	for _, r := range rows {
		i, k := slices.Index(b.Edges, r.Edge), slices.Index(b.Eps, r.Eps)
		b.ECE[i][k], b.Lo[i][k], b.Hi[i][k] = r.ECE, r.ECEEdge+r.Changes.ECE.Lo, r.ECEEdge+r.Changes.ECE.Hi
	}
	return b
}

// borrowedClaims says what hedging does at the smallest eps and at that of the least median ECE.
func (f *Folder) borrowedClaims(e *Experiment, rows []results.CredalRow, eps []float64) {
	var all []BorrowedCalibration
	best := 0
	for k, at := range eps {
		b := borrowedAt(slices.DeleteFunc(slices.Clone(rows), func(r results.CredalRow) bool { return r.Eps != at }))
		if all = append(all, b); b.After < all[best].After {
			best = k
		}
	}
	all[best].Best = len(eps) > 1
	for k, b := range all {
		if k == 0 || k == best {
			e.find(Finding{Claim: b, Basis: Basis{Intervals: []Interval{{Method: OwnInterval, Level: f.level, Over: NewSamples}}}, N: b.Edges, Of: Models,
				Headline: k == best})
		}
	}
}

// borrowedAt counts what hedging does, of rows of one eps.
func borrowedAt(rows []results.CredalRow) BorrowedCalibration {
	b := BorrowedCalibration{Cloud: rows[0].Cloud, Divergence: rows[0].Divergence, Eps: rows[0].Eps, Edges: len(rows)}
	var before, after, own, cloud []float64
	for _, r := range rows {
		c := r.Changes
		count(&b.Better, c.ECE.Hi < 0)
		count(&b.Worse, c.ECE.Lo > 0)
		count(&b.LosesToTemperature, c.AgainstTemperature.Lo > 0)
		count(&b.BeatsCloudsTemper, c.AgainstCloudTemperature.Hi < 0)
		count(&b.LosesToCloudsTemper, c.AgainstCloudTemperature.Lo > 0)
		count(&b.CloudIsWorse, r.AccuracyCloud < r.AccuracyEdge)
		b.Accuracy = math.Max(b.Accuracy, math.Abs(c.Accuracy.Value))
		before, after = append(before, r.ECEEdge), append(after, r.ECE)
		own, cloud = append(own, r.ECETemperature), append(cloud, r.ECECloudTemperature)
	}
	b.Before, b.After, b.AtTemperature, b.AtCloudTemperature = median(before), median(after), median(own), median(cloud)
	return b
}

// covered counts the coverages that lie where their law has them.
func covered(rows []results.CredalRow, edges, eps int) CloudCovered {
	c := CloudCovered{Edges: edges, Eps: eps}
	for _, r := range rows {
		count(&c.All, !math.IsNaN(r.Coverage))
		count(&c.Inside, r.Coverage >= r.LawLo && r.Coverage <= r.LawHi)
	}
	return c
}

func count(n *int, when bool) {
	if when {
		*n++
	}
}

// credalTransform is that whose rows have the sets' confidence functions.
const credalTransform = "credal-intersection"

// credalScores ranks the edges' abstention by what the sets leave open beside that by msp.
func (f *Folder) credalScores(e *Experiment, edges []string) {
	aurc := f.column("aurc")
	if aurc == nil || aurc.at < 0 {
		return
	}
	value := func(edge, confidence string) float64 {
		key := f.models[f.place[edge]].row.Key
		key.Transform, key.Confidence = credalTransform, confidence
		if r := f.rows[key]; r != nil && r.Status == "ok" {
			return r.Cells[aurc.at].Value
		}
		return math.NaN()
	}
	claim := CredalAbstention{}
	var raw []trial
	units := 0
	for _, name := range []string{"score:credal-width", "score:credal-lower-entropy", "score:credal-upper-entropy", "score:credal-certain"} {
		s := CredalScore{Name: name, P: math.NaN()}
		var changes []float64
		var unit []string
		for _, edge := range edges {
			if d := value(edge, name) - value(edge, "msp"); !math.IsNaN(d) {
				changes, unit = append(changes, d), append(unit, f.unitOf(f.place[edge]))
				count(&s.Better, d < 0)
				count(&s.Worse, d > 0)
			}
		}
		if len(changes) == 0 {
			continue
		}
		means := unitMeans(changes, grouped(unit))
		test := stattest.SignedRank(means)
		s.Change, claim.Edges, units = median(changes), max(claim.Edges, len(changes)), max(units, len(means))
		claim.Scores, raw = append(claim.Scores, s), append(raw, trial{test.P, leastSigned(test.N)})
	}
	if len(claim.Scores) == 0 {
		return
	}
	for k, p := range holm(raw) {
		claim.Scores[k].P = p
	}
	slices.SortStableFunc(claim.Scores, func(a, b CredalScore) int { return cmp.Compare(a.Change, b.Change) })
	t := Table{Name: "credal-abstention", Columns: []string{"confidence", "better", "worse", "median_change_aurc", "p"}}
	for _, s := range claim.Scores {
		t.add(s.Name, s.Better, s.Worse, s.Change, s.P)
	}
	e.Tables = append(e.Tables, t)
	e.find(Finding{Claim: claim, N: claim.Edges, Of: Models, Basis: Basis{Tests: []Test{{Method: WilcoxonTest, Raw: math.NaN(), P: math.NaN(), Level: f.level,
		Units: units, Family: Family{Correction: Holm, Size: len(claim.Scores), Of: "confidence function"}}}}})
}
