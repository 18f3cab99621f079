package hedge

import (
	"context"
	"fmt"
	"math"

	"abstain/datasets"
	"abstain/harness/gather"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/recalibrate"
)

// vectors are the class vectors of a table by sample, in the precision they are stored in.
type vectors struct {
	*store.Outcomes
	classes int
	logits  bool
	f32     []float32
	f64     []float64
}

// floor is the least probability of the edge, in scores and sets alike.
const floor = 1e-12

var logFloor = math.Log(floor)

// row fills dst with the logits of row i of a batch or a table, or with the logarithms of its
// probabilities.
func row(dst []float64, f32 []float32, f64 []float64, i int, logits bool) {
	n := len(dst)
	if f64 != nil {
		copy(dst, f64[i*n:(i+1)*n])
	} else {
		for c, v := range f32[i*n : (i+1)*n] {
			dst[c] = float64(v)
		}
	}
	if !logits {
		for c, v := range dst {
			dst[c] = math.Log(max(v, floor))
		}
	}
}

// read reads a table whole.
func (s *Stage) read(ctx context.Context, place int) (*vectors, error) {
	t := s.Tables[place]
	o, err := s.outcomes(ctx, t)
	if err != nil {
		return nil, err
	}
	v := &vectors{Outcomes: o, classes: t.Record.Classes}
	at := sampleOf(o)
	err = gather.Again(ctx, t.Table, o.N(), func(schema datasets.Schema) { v.logits = gather.Kinds[schema.Kind] == metrics.FromLogits },
		func(b *datasets.Batch) error {
			if v.f32 == nil && v.f64 == nil {
				if b.F64 != nil {
					v.f64 = make([]float64, o.N()*v.classes)
				} else {
					v.f32 = make([]float32, o.N()*v.classes)
				}
			}
			if (b.F64 != nil) != (v.f64 != nil) {
				return fmt.Errorf("%s: its batches hold numbers of different precision", t.Name)
			}
			for i := range b.N {
				to := int(at[b.First+i]) * v.classes
				if b.F64 != nil {
					copy(v.f64[to:to+v.classes], b.F64[i*v.classes:])
				} else {
					copy(v.f32[to:to+v.classes], b.F32[i*v.classes:])
				}
			}
			return nil
		})
	return v, err
}

// outcomes are those kept of a table, or those of the table read again.
func (s *Stage) outcomes(ctx context.Context, t apply.Table) (*store.Outcomes, error) {
	if o, err := s.Store.LoadOutcomes(t.Record.Key); err == nil {
		return o, nil
	}
	o, _, err := gather.Table(ctx, t.Table, gather.Wanted{Functions: []string{"msp"}})
	return o, err
}

// sampleOf gives the sample of each row of the table.
func sampleOf(o *store.Outcomes) []int32 {
	at := make([]int32, o.N())
	for i := range at {
		at[o.TableRow(i)] = int32(i)
	}
	return at
}

// temperature fits that of logits on the samples given, by NLL or by ECE as the paper does.
func (v *vectors) temperature(samples []int32, by string) (float64, error) {
	if most := posthoc.MostFitted / max(1, v.classes); len(samples) > most {
		samples = samples[:most]
	}
	z := make([]float64, len(samples)*v.classes)
	label := make([]int32, len(samples))
	for k, i := range samples {
		row(z[k*v.classes:(k+1)*v.classes], v.f32, v.f64, int(i), v.logits)
		label[k] = v.Label[i]
	}
	var t recalibrate.Temperature
	var err error
	if by == "ece" {
		t, err = recalibrate.FitTemperatureECE(z, v.classes, label, recalibrate.Tenths(40), 15)
	} else {
		t, err = recalibrate.FitTemperature(z, v.classes, label, recalibrate.NLL)
	}
	return t.T, err
}
