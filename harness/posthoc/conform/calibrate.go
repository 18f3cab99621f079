package conform

import (
	"context"
	"fmt"
	"math/rand/v2"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/gather"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/recalibrate"
	"abstain/metrics/sets"
)

// calibration is what the calibrating table of a model gives.
type calibration struct {
	place    int
	outcomes *store.Outcomes
	serves   []bool // by sample: it calibrates
	of       []calibrated
}

// calibrated are the thresholds of one kind of set.
type calibrated struct {
	predictors []*sets.Predictor // by alpha
	curve      []float64         // thresholds of CurveAlphas; nil unless one threshold serves all rows
	rows       int               // that the thresholds are of
	levels     map[string]int32  // of the attribute that they are by
	err        error
}

// calibrate takes the thresholds of every kind of set, in one pass over the table.
func (s *Stage) calibrate(ctx context.Context, u subject) (*calibration, error) {
	t := s.Tables[u.fit]
	o, err := s.base(ctx, t, false)
	if err != nil {
		return nil, err
	}
	c := &calibration{place: u.fit, outcomes: o, serves: make([]bool, o.N())}
	held := make([]bool, o.N())
	if s.Asked.Holdout > 0 {
		held = posthoc.Holdout(make([]int32, o.N()), s.Asked.Holdout, s.Asked.Seed)
	}
	label := make([]int32, o.N())
	for i := range label {
		label[i] = -1
		if c.serves[i] = s.Asked.Holdout == 0 || held[i]; c.serves[i] && o.Label != nil {
			label[i] = o.Label[i]
		}
	}
	own, err := s.ownScores(ctx, t, o)
	if err != nil {
		return nil, err
	}
	for _, v := range s.Asked.variants() {
		c.of = append(c.of, s.thresholds(v, o, own[v.kind], label, t.Record.Classes))
	}
	return c, nil
}

// ownScores are the scores of the true classes by sample, for each kind of score.
func (s *Stage) ownScores(ctx context.Context, t apply.Table, o *store.Outcomes) (map[sets.Kind][]float64, error) {
	own := map[sets.Kind][]float64{}
	for _, v := range s.Asked.variants() {
		own[v.kind] = make([]float64, o.N())
	}
	err := s.each(ctx, t, o, func(rows sets.Rows, samples []int32) error {
		for kind, scores := range own {
			of, err := sets.OwnScores(kind, rows)
			if err != nil {
				return err
			}
			for k, i := range samples {
				scores[i] = of[k]
			}
		}
		return nil
	})
	return own, err
}

// thresholds are those of one kind of set, by alpha. label is -1 for samples that do not
// calibrate.
func (s *Stage) thresholds(v variant, o *store.Outcomes, scores []float64, label []int32, classes int) (c calibrated) {
	own := sets.Own{Classes: classes}
	var group []int32
	if a := v.attribute(); a != "" {
		g := evaluate.Attribute(o.Outcomes, a)
		if g == nil {
			return calibrated{err: fmt.Errorf("sets: the table that calibrates has no attribute %q", a)}
		}
		c.levels, group = map[string]int32{}, g.Code
		for k, name := range g.Levels {
			c.levels[name] = int32(k)
		}
	}
	for _, i := range s.order(v, len(label)) {
		if label[i] < 0 {
			continue
		}
		own.Score, own.Label = append(own.Score, scores[i]), append(own.Label, label[i])
		if group != nil {
			own.Group = append(own.Group, group[i])
		}
	}
	if c.rows = len(own.Score); v.by == byCluster {
		c.rows -= len(own.Score) / 2 // these made the clusters
	}
	for _, alpha := range s.Asked.Alpha {
		p, err := sets.CalibrateOn(v.kind, own, alpha, v.options(s.Asked))
		if err != nil {
			return calibrated{err: fmt.Errorf("sets: %w", err)}
		}
		c.predictors = append(c.predictors, p)
	}
	if v.by == byAll {
		c.curve = curve(v, own)
	}
	return c
}

// CurveAlphas are those of the curve of set sizes, falling.
var CurveAlphas = []float64{0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.01, 0.005}

// curve are the thresholds of CurveAlphas.
func curve(v variant, own sets.Own) []float64 {
	var thresholds []float64
	for _, alpha := range CurveAlphas {
		p, err := sets.CalibrateOn(v.kind, own, alpha, sets.Options{})
		if err != nil {
			return nil // the same as of the predictors
		}
		thresholds = append(thresholds, p.Threshold)
	}
	return thresholds
}

// order is that of the samples. The first half makes the clusters: it is drawn at random,
// since samples may be sorted by class.
func (s *Stage) order(v variant, n int) []int {
	if v.by == byCluster {
		return rand.New(rand.NewPCG(s.Asked.Seed, 0)).Perm(n)
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// uniform are the numbers of a table's samples for randomised scores: those of other tables
// are independent of them, and all models have the same.
func (s *Stage) uniform(t apply.Table, n int) []float64 {
	h := store.Brief(t.Dataset + "\x00" + t.Split + "\x00" + t.Condition)
	stream := uint64(0)
	for _, b := range []byte(h) {
		stream = stream*131 + uint64(b)
	}
	rng := rand.New(rand.NewPCG(s.Asked.Seed, stream))
	u := make([]float64, n)
	for i := range u {
		u[i] = rng.Float64()
	}
	return u
}

// mostRows is how many rows are widened to probabilities at a time.
const mostRows = 256

// each reads a table once, and gives its rows as probabilities, a few at a time, with their
// samples. The rows have no groups.
func (s *Stage) each(ctx context.Context, t apply.Table, o *store.Outcomes, f func(rows sets.Rows, samples []int32) error) error {
	sample := make([]int32, o.N())
	for i := range sample {
		sample[o.TableRow(i)] = int32(i)
	}
	u := s.uniform(t, o.N())
	logits, classes := false, t.Record.Classes
	var probs []float64
	return gather.Again(ctx, t.Table, o.N(), func(schema datasets.Schema) { logits = gather.Kinds[schema.Kind] == metrics.FromLogits },
		func(b *datasets.Batch) error {
			for from := 0; from < b.N; from += mostRows {
				to := min(from+mostRows, b.N)
				probs = widened(probs, b, from*classes, to*classes)
				if logits {
					recalibrate.Softmax(probs, probs, classes, 1)
				}
				rows := sets.Rows{Probs: probs, Classes: classes, Label: labels(b, from, to)}
				samples := sample[b.First+from : b.First+to]
				for _, i := range samples {
					rows.U = append(rows.U, u[i])
				}
				if err := f(rows, samples); err != nil {
					return fmt.Errorf("%s: rows from %d: %w", t.Name, b.First+from, err)
				}
			}
			return nil
		})
}

// widened are the values of a batch from one to another, in float64.
func widened(into []float64, b *datasets.Batch, from, to int) []float64 {
	into = into[:0]
	if b.F64 != nil {
		return append(into, b.F64[from:to]...)
	}
	for _, v := range b.F32[from:to] {
		into = append(into, float64(v))
	}
	return into
}

// labels are those of the rows of a batch, -1 for none.
func labels(b *datasets.Batch, from, to int) []int32 {
	if b.Label != nil {
		return b.Label[from:to]
	}
	none := make([]int32, to-from)
	for i := range none {
		none[i] = -1
	}
	return none
}

// base are the outcomes kept of a table, or those of the table read again.
func (s *Stage) base(ctx context.Context, t apply.Table, vectors bool) (*store.Outcomes, error) {
	want := s.confidence(t)
	if !vectors {
		if o, err := s.Store.LoadOutcomes(t.Record.Key); err == nil && (want == "" || o.Confidence(want) != nil) {
			return o, nil
		}
	}
	o, _, err := gather.Table(ctx, t.Table, gather.Wanted{Vectors: vectors, Functions: append(s.Wanted.Functions(t.Record), "msp")})
	return o, err
}
