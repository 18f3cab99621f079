package export

import (
	"fmt"
	"slices"
	"strconv"

	"abstain/datasets/column"
	"abstain/datasets/plain"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Curves is the risk-coverage curve of every row, one point for each threshold that its
// confidences allow, coverage rising, with the columns
//
//	model, dataset, split, condition, transform, confidence
//	threshold    accept a sample whose confidence is at least this
//	order        the same on the scale by which samples are ranked; threshold, unless that saturates
//	coverage     accepted share of the n samples, those without an answer among them
//	accepted, errors, n
//	risk         errors / accepted
//	risk_upper   one-sided upper confidence bound of the risk at the level (Clopper and Pearson)
//	level
//
// The bound holds for new samples of the same distribution at a threshold that was fixed before
// these samples were seen, with probability level at least: at each point by itself, not at all
// at once, and not at a point that was chosen by looking at the curve.
//
// It is an error if the level is not between 0 and 1.
func Curves(s *results.Results, rows []results.Row, level float64) (*Table, error) {
	if !(level > 0 && level < 1) {
		return nil, fmt.Errorf("level %v of the bounds: want a number between 0 and 1, such as 0.95", level)
	}
	fields := append(slices.Clone(keyFields), plain.Field{Name: "confidence", Kind: plain.Text, Few: true})
	add := func(k plain.Kind, names ...string) {
		for _, name := range names {
			fields = append(fields, plain.Field{Name: name, Kind: k})
		}
	}
	add(plain.Float, "threshold", "order", "coverage")
	add(plain.Int, "accepted", "errors", "n")
	add(plain.Float, "risk", "risk_upper", "level")
	return &Table{Fields: fields, Parts: len(rows),
		Part: func(i int) ([]plain.Column, error) { return curve(s, rows[i], level) },
		Meta: []column.Pair{{Key: "abstain", Value: "risk-coverage curves"}, {Key: "level", Value: strconv.FormatFloat(level, 'g', -1, 64)}},
	}, nil
}

func curve(s *results.Results, row results.Row, level float64) ([]plain.Column, error) {
	o, err := s.Outcomes(row.Key)
	if err != nil {
		return nil, err
	}
	c := o.Confidence(row.Confidence)
	if c == nil {
		return nil, fmt.Errorf("the outcomes of %s hold no confidence function %q", row.Model, row.Confidence)
	}
	r := metrics.Rank(o, c)
	points := metrics.RiskCoverage(r)
	n := len(points)
	var threshold, order, coverage, risk, upper, levels []float64
	var accepted, errors, all []int64
	for g, p := range points {
		k, wrong := int(r.Ends[g]), int(r.Wrong[g])
		threshold = append(threshold, c.Value[r.Order[k-1]])
		order = append(order, p.Threshold)
		coverage, risk = append(coverage, p.Coverage), append(risk, p.Risk)
		upper, levels = append(upper, stattest.BinomialUpper(wrong, k, 1-level)), append(levels, level)
		accepted, errors, all = append(accepted, int64(k)), append(errors, int64(wrong)), append(all, int64(r.All()))
	}
	key := row.Key
	return []plain.Column{constant(key.Model, n), constant(key.Dataset, n), constant(key.Split, n), constant(key.Condition, n),
		constant(key.Table().Transform, n), constant(key.Confidence, n),
		{Floats: threshold}, {Floats: order}, {Floats: coverage}, {Ints: accepted}, {Ints: errors}, {Ints: all},
		{Floats: risk}, {Floats: upper}, {Floats: levels}}, nil
}
