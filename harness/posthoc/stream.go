package posthoc

import (
	"fmt"
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/recalibrate"
	"abstain/metrics/rowstat"
)

// Map is a fitted transform. Using it does not change it, so several goroutines
// may share it.
type Map struct {
	// vectors fills dst with mapped rows of class vectors, from the kind of
	// vectors that the map takes to the kind that it gives. dst and rows do not
	// overlap.
	vectors      func(dst, rows []float64)
	wants, gives metrics.Kind
	beta         float64 // if the map multiplies logits by a number, that number; else 0

	confidence recalibrate.Map
	direction  float64 // of confidence: 1 strictly rising, -1 falling, 0 neither

	norm *recalibrate.Norm
}

func newTemperature(t float64) *Map {
	m := recalibrate.Temperature{T: t}
	return &Map{vectors: m.Apply, wants: metrics.FromLogits, gives: metrics.FromLogits, beta: 1 / t}
}

// Stream applies the maps of one transform to the class vectors of a table, batch
// by batch. Besides the outcomes it needs memory for one batch.
type Stream struct {
	transform Transform
	spec      metrics.Spec
	maps      []*Map
	collector *metrics.Collector // nil for a norm
	available []string
	norms     []float64
	stats     rowstat.Columns // for norms
	shift     []float64       // what was subtracted from the logits of each row

	in, out []float64
	single  []float32
}

// NewStream returns a stream for a table described by spec; its Functions are the
// confidence functions wanted of the new vectors. The transform must be one that
// works on class vectors or logits; maps are its fits.
func NewStream(t Transform, spec metrics.Spec, maps []*Map) *Stream {
	s := &Stream{transform: t, spec: spec, maps: maps}
	if t.Output == ClassVectors {
		out := spec
		out.Kind, out.Scores = maps[0].gives, nil
		s.collector, s.available = metrics.NewCollector(out), metrics.Available(out)
		return s
	}
	s.available = []string{"msp"}
	s.stats.Want = rowstat.WantRest
	for _, m := range maps {
		if !m.norm.Fallback && !slices.Contains(s.stats.Powers, m.norm.P) {
			s.stats.Powers = append(s.stats.Powers, m.norm.P)
		}
	}
	return s
}

// Available names the confidence functions that the table can give under the
// transform.
func (s *Stream) Available() []string {
	var names []string
	stored := metrics.Available(s.spec)
	for _, name := range s.available {
		if slices.Contains(stored, name) {
			names = append(names, name)
		}
	}
	return names
}

// Add takes the next rows. which gives for each row the map that serves it (-1
// for a row that will not be used; nil for the first map everywhere), and top the
// class with the largest value.
func (s *Stream) Add(b metrics.Rows, which []int16, top []int32) error {
	switch {
	case s.collector == nil:
		return s.addNorms(b, which)
	case b.F32 != nil && s.spec.Kind == metrics.FromLogits && s.spec.Classes > few && s.maps[0].beta > 0:
		s.single = sized(s.single, len(b.F32))
		s.shift = scale(s.single, b.F32, s, which, top, s.shift)
		return s.collector.Add(metrics.Rows{F32: s.single, Label: b.Label})
	}
	s.widen(b)
	s.out = sized(s.out, len(s.in))
	if s.maps[0].beta > 0 {
		s.shift = scale(s.out, s.in, s, which, top, s.shift)
	} else {
		s.mapRuns(which, len(top))
		s.centre()
	}
	return s.collector.Add(metrics.Rows{F64: s.out, Label: b.Label})
}

// few is the largest number of classes for which logits are scaled in float64
// whatever their type; the row kernel also adds in float64 up to that number.
const few = 64

// scale multiplies the distance of each logit to the largest of its row. The
// largest and ties with it stay exactly as they are, and values near it lose no
// precision. It appends to shift what it subtracted, on the new scale.
func scale[F float32 | float64](dst, rows []F, s *Stream, which []int16, top []int32, shift []float64) []float64 {
	classes := s.spec.Classes
	for i, t := range top {
		row := rows[i*classes : (i+1)*classes]
		out := dst[i*classes:][:len(row)]
		m := pick(s.maps, which, i)
		peak, beta := row[t], F(m.beta)
		for j, z := range row {
			out[j] = (z - peak) * beta
		}
		shift = append(shift, float64(peak)*m.beta)
	}
	return shift
}

// widen fills s.in with the batch in float64, in the kind of vectors that the
// maps take.
func (s *Stream) widen(b metrics.Rows) {
	s.in = sized(s.in, len(b.F32)+len(b.F64))
	copy(s.in, b.F64)
	for i, v := range b.F32 {
		s.in[i] = float64(v)
	}
	switch wants := s.maps[0].wants; {
	case wants == s.spec.Kind:
	case wants == metrics.FromLogits:
		logarithms(s.in, s.in)
	default:
		recalibrate.Softmax(s.in, s.in, s.spec.Classes, 1)
	}
}

// mapRuns maps s.in to s.out, one run of rows with the same map after the other.
func (s *Stream) mapRuns(which []int16, rows int) {
	for from, to := 0, 0; from < rows; from = to {
		m := pick(s.maps, which, from)
		for to = from + 1; to < rows && pick(s.maps, which, to) == m; to++ {
		}
		a, b := from*s.spec.Classes, to*s.spec.Classes
		m.vectors(s.out[a:b], s.in[a:b])
	}
}

// centre subtracts the largest logit from every row.
func (s *Stream) centre() {
	if s.maps[0].gives != metrics.FromLogits {
		return
	}
	for from := 0; from < len(s.out); from += s.spec.Classes {
		row := s.out[from : from+s.spec.Classes]
		peak := row[highest(row)]
		for j := range row {
			row[j] -= peak
		}
		s.shift = append(s.shift, peak)
	}
}

// addNorms adds the confidences of a batch of logits, which the row kernel
// computes.
func (s *Stream) addNorms(b metrics.Rows, which []int16) error {
	if b.F32 != nil {
		rowstat.Logits(&s.stats, b.F32, s.spec.Classes, b.Label)
	} else {
		rowstat.Logits(&s.stats, b.F64, s.spec.Classes, b.Label)
	}
	faint := s.stats.Faint
	for i := range b.Label {
		m := pick(s.maps, which, i)
		c := -s.stats.Rest[i] // orders as msp does
		if len(faint) > 0 && faint[0].Row == i {
			c, faint = -faint[0].LogRest, faint[1:]
		}
		if !m.norm.Fallback {
			c = s.stats.PNorm(i, slices.Index(s.stats.Powers, m.norm.P))
		}
		if math.IsNaN(c) {
			return fmt.Errorf("row %d: an infinite logit has no norm", len(s.norms))
		}
		s.norms = append(s.norms, c)
	}
	return nil
}

// Outcomes returns the outcomes under the transform. base are the outcomes of the
// table as stored; its sample i is row order[i] of the table, or row i if order
// is nil. The stream must not be used afterwards.
func (s *Stream) Outcomes(base *metrics.Outcomes, order []int32) *metrics.Outcomes {
	if s.collector == nil {
		o := &metrics.Outcomes{Confidences: []metrics.Confidence{{Name: "msp", Value: s.norms}}}
		return replaced(base, arranged(o, order).Confidences[0])
	}
	o := s.collector.Outcomes()
	for i := range o.Confidences {
		if c := &o.Confidences[i]; c.Name == "max-logit" || c.Name == "energy" {
			c.Key = nil
			for r, shift := range s.shift {
				c.Value[r] += shift
			}
			if c.Name == "energy" && metrics.LogProbabilities(largest(c.Value), largest(s.shift)) {
				clear(c.Value)
			}
		}
	}
	o = arranged(o, order)
	o.Groups, o.ShouldAbstain = base.Groups, base.ShouldAbstain
	if s.transform.KeepsPrediction {
		o.Prediction, o.Correct, o.LabelRank = base.Prediction, base.Correct, base.LabelRank
	}
	return o
}

// largest is the largest magnitude of values.
func largest(values []float64) (most float64) {
	for _, v := range values {
		most = max(most, math.Abs(v))
	}
	return most
}

func arranged(o *metrics.Outcomes, order []int32) *metrics.Outcomes {
	if order == nil {
		return o
	}
	return o.Take(order)
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
