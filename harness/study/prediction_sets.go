package study

import (
	"cmp"
	"context"
	"math"
	"slices"

	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
	"abstain/metrics"
)

// SetKind are the prediction sets of one kind, of all models that have them, at one alpha.
type SetKind struct {
	Transform, Score, By string
	Rows                 []results.SetRow // one a model, in the order of the study
}

// PredictionSets is what the experiment of that name found.
type PredictionSets struct {
	Alpha float64
	Kinds []SetKind
}

// SetsNearAim counts the models whose coverage lies where that of most draws does.
type SetsNearAim struct {
	Transform      string
	Alpha          float64
	Median         float64 // coverage
	Within, Models int     // inside the range of 95 % of the draws
}

// SmallestSets is the kind of set with one threshold for all rows that is smallest in most
// models.
type SmallestSets struct {
	Transform    string
	Best, Models int
	Median       float64 // mean size
	Others       []SetMedian
}

// SetMedian is the median over models of the mean size of a kind of set.
type SetMedian struct {
	Transform string
	Median    float64
}

// SmallSetsOfAccurate is the rank correlation of accuracy with the size of sets.
type SmallSetsOfAccurate struct {
	Transform string
	Spearman  float64
	In        Bounds
}

// WorstClassCovered compares the coverage of each model's worst class under one threshold and
// under one for each class.
type WorstClassCovered struct {
	Score           string
	Alpha           float64
	All, ByClass    float64 // medians
	Better, Models  int     // models whose worst class gains
	SizeAll, SizeBy float64 // medians of the mean size
}

// SizeRanksErrors compares set size with the confidence function as what tells wrong
// predictions from right ones.
type SizeRanksErrors struct {
	Transform, Confidence string
	Worse, Models         int // models whose AUROC is less by set size
	Size, Reference       float64
}

// NoPredictionSets says that the folder has no sets of the rows compared.
type NoPredictionSets struct{}

// SetRowsJudged says which rows calibrated and how many were judged.
type SetRowsJudged struct {
	On           string
	Rows, Judged int
}

func (SetsNearAim) claim()         {}
func (SmallestSets) claim()        {}
func (SmallSetsOfAccurate) claim() {}
func (WorstClassCovered) claim()   {}
func (SizeRanksErrors) claim()     {}
func (NoPredictionSets) missing()  {}
func (SetRowsJudged) note()        {}

// predictionSets looks at sets of classes in place of answers.
func predictionSets(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	d := f.setKinds()
	if d == nil {
		e.missing(NoPredictionSets{})
		return e, nil
	}
	e.Data = d
	e.Tables = []Table{d.table()}
	first := d.Kinds[0].Rows[0]
	e.note(SetRowsJudged{first.On, first.Rows, first.N})
	e.nearAim(d)
	e.smallest(d)
	f.sizeWithAccuracy(&e, d)
	e.worstClass(d)
	f.sizeRanks(&e, d)
	return e, nil
}

// setKinds gathers the sets of the rows compared, at the first alpha; nil if there are none.
func (f *Folder) setKinds() *PredictionSets {
	var d *PredictionSets
	place := map[string]int{}
	c := f.view.Choice
	for _, r := range f.results.Sets {
		_, compared := f.place[r.Model]
		if !compared || r.Dataset != c.Dataset || r.Split != c.Split || r.Condition != c.Condition {
			continue
		}
		if d == nil {
			d = &PredictionSets{Alpha: r.Alpha}
		}
		if r.Alpha != d.Alpha {
			continue
		}
		k, ok := place[r.Transform]
		if !ok {
			k = len(d.Kinds)
			place[r.Transform] = k
			d.Kinds = append(d.Kinds, SetKind{Transform: r.Transform, Score: r.Score, By: r.By})
		}
		d.Kinds[k].Rows = append(d.Kinds[k].Rows, r)
	}
	if d != nil {
		for _, k := range d.Kinds {
			slices.SortStableFunc(k.Rows, func(a, b results.SetRow) int { return cmp.Compare(f.place[a.Model], f.place[b.Model]) })
		}
	}
	return d
}

// Values are a measure of the kind's rows, one a model.
func (k SetKind) Values(of func(results.SetRow) float64) []float64 {
	var values []float64
	for _, r := range k.Rows {
		values = append(values, of(r))
	}
	return values
}

// Median is the median over the models that have the measure.
func (k SetKind) Median(of func(results.SetRow) float64) float64 {
	return medianOf(slices.DeleteFunc(k.Values(of), math.IsNaN))
}

// Of is the row of a model; nil without one.
func (k SetKind) Of(model string) *results.SetRow {
	i := slices.IndexFunc(k.Rows, func(r results.SetRow) bool { return r.Model == model })
	if i < 0 {
		return nil
	}
	return &k.Rows[i]
}

// SetCoverage, SetSize and WorstClass are measures of a row.
func SetCoverage(r results.SetRow) float64 { return r.Coverage.Value }
func SetSize(r results.SetRow) float64     { return r.Size.Value }
func WorstClass(r results.SetRow) float64  { return r.WorstClass.Value }

func (d *PredictionSets) table() Table {
	t := Table{Name: "prediction-sets", Columns: []string{"model", "sets", "alpha", "calibration_rows", "n"}}
	bounds := new(results.SetRow).Bounds()
	for _, b := range bounds {
		t.Columns = append(t.Columns, b.Name, b.Name+"_lo", b.Name+"_hi")
	}
	for _, k := range d.Kinds {
		for _, r := range k.Rows {
			cells := []any{r.Model, r.Transform, r.Alpha, r.Rows, r.N}
			for _, b := range r.Bounds() {
				cells = append(cells, b.At.Value, b.At.Lo, b.At.Hi)
			}
			t.add(cells...)
		}
	}
	return t
}

func (e *Experiment) nearAim(d *PredictionSets) {
	for _, k := range d.Kinds {
		c := SetsNearAim{Transform: k.Transform, Alpha: d.Alpha, Median: k.Median(SetCoverage)}
		for _, r := range k.Rows {
			if math.IsNaN(r.LawLo) || math.IsNaN(r.Coverage.Value) {
				continue
			}
			c.Models++
			if r.LawLo <= r.Coverage.Value && r.Coverage.Value <= r.LawHi {
				c.Within++
			}
		}
		if c.Models > 0 {
			e.find(Finding{Claim: c, Basis: Basis{Counted: true}, N: c.Models, Of: Models})
		}
	}
}

// smallest compares the kinds with one threshold for all rows.
func (e *Experiment) smallest(d *PredictionSets) {
	best, models := map[string]int{}, 0
	kinds := slices.DeleteFunc(slices.Clone(d.Kinds), func(k SetKind) bool { return math.IsNaN(k.Rows[0].LawLo) })
	if len(kinds) < 2 {
		return
	}
	for _, r := range kinds[0].Rows {
		least, of, all := r.Size.Value, kinds[0].Transform, true
		for _, k := range kinds[1:] {
			other := k.Of(r.Model)
			if all = all && other != nil; other != nil && other.Size.Value < least {
				least, of = other.Size.Value, k.Transform
			}
		}
		if all {
			models++
			best[of]++
		}
	}
	if models == 0 {
		return
	}
	slices.SortStableFunc(kinds, func(a, b SetKind) int { return cmp.Compare(best[b.Transform], best[a.Transform]) })
	c := SmallestSets{Transform: kinds[0].Transform, Best: best[kinds[0].Transform], Models: models, Median: kinds[0].Median(SetSize)}
	for _, k := range kinds[1:] {
		c.Others = append(c.Others, SetMedian{k.Transform, k.Median(SetSize)})
	}
	e.find(Finding{Claim: c, Basis: Basis{Counted: true}, N: models, Of: Models})
}

func (f *Folder) sizeWithAccuracy(e *Experiment, d *PredictionSets) {
	accuracy := f.column("accuracy")
	m, ok := metrics.Lookup("set-size")
	if accuracy == nil || !ok {
		return
	}
	size := newColumn(metrics.Measure{Metric: m}, -1)
	size.Values = undefined(len(f.models))
	for _, r := range d.Kinds[0].Rows {
		size.Values[f.place[r.Model]] = r.Size.Value
	}
	if c, ok := f.correlate(accuracy, size, f.every(), "all"); ok {
		e.find(Finding{Claim: SmallSetsOfAccurate{d.Kinds[0].Transform, c.Spearman, c.SpearmanIn}, Basis: c.basis(f.level), N: c.N, Of: Models})
	}
}

// worstClass compares a kind with one threshold with its twin by class.
func (e *Experiment) worstClass(d *PredictionSets) {
	for _, all := range d.Kinds {
		i := slices.IndexFunc(d.Kinds, func(k SetKind) bool { return k.Score == all.Score && k.By == "class" })
		if all.By != "all" || i < 0 {
			continue
		}
		by := d.Kinds[i]
		c := WorstClassCovered{Score: all.Score, Alpha: d.Alpha, All: all.Median(WorstClass), ByClass: by.Median(WorstClass),
			SizeAll: all.Median(SetSize), SizeBy: by.Median(SetSize)}
		for _, r := range all.Rows {
			if other := by.Of(r.Model); other != nil && !math.IsNaN(r.WorstClass.Value) && !math.IsNaN(other.WorstClass.Value) {
				c.Models++
				if other.WorstClass.Value > r.WorstClass.Value {
					c.Better++
				}
			}
		}
		if c.Models > 0 {
			e.find(Finding{Claim: c, Basis: Basis{Counted: true}, N: c.Models, Of: Models})
		}
	}
}

// sizeRanks compares the first kind's size with the confidence function compared.
func (f *Folder) sizeRanks(e *Experiment, d *PredictionSets) {
	at := f.at("auroc")
	if at < 0 {
		return
	}
	c := SizeRanksErrors{Transform: d.Kinds[0].Transform, Confidence: f.view.Choice.Confidence}
	var size, reference []float64
	for _, r := range d.Kinds[0].Rows {
		k := results.Key{Model: r.Model, Dataset: r.Dataset, Split: r.Split, Condition: r.Condition, Transform: r.Transform, Confidence: c.Confidence}
		by := f.row(k)
		k.Confidence = conform.SetSize
		if other := f.row(k); by == nil || other == nil || math.IsNaN(by.Cells[at].Value) || math.IsNaN(other.Cells[at].Value) {
			continue
		} else {
			size, reference = append(size, other.Cells[at].Value), append(reference, by.Cells[at].Value)
		}
		if c.Models++; size[len(size)-1] < reference[len(reference)-1] {
			c.Worse++
		}
	}
	if c.Size, c.Reference = medianOf(size), medianOf(reference); c.Models > 0 {
		e.find(Finding{Claim: c, Basis: Basis{Counted: true}, N: c.Models, Of: Models})
	}
}
