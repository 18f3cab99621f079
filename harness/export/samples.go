package export

import (
	"slices"

	"abstain/datasets"
	"abstain/datasets/column"
	"abstain/datasets/plain"
	"abstain/harness/results"
	"abstain/metrics"
)

// Samples is the outcome of every sample of some tables, by results.Key.Table, one after the
// other, with the columns
//
//	model, dataset, split, condition, transform
//	sample_id        as the table wrote it: integers where all are, else text; without ids the row
//	label            true class; -1 out of distribution
//	prediction       predicted class; -1 where the model gave no answer
//	correct          whether they are the same; false where either is -1
//	should_abstain   whether the sample had better not be answered
//	label_rank       number of classes placed above the label
//	nll, brier       of the sample
//	confidence_NAME  value of the confidence function
//	order_NAME       the number by which samples are ranked: the value, unless that saturates; there if
//	                 any table has such numbers
//	group_NAME       attribute of the sample as text
//
// A column is there if any of the tables has it. The metrics of a table are computed from these
// values, as they are here, of the samples whose label and prediction are not -1. confidences keeps those
// confidence functions only; nil keeps all. It reads the outcomes of every table twice.
func Samples(s *results.Results, tables []results.Key, confidences []string) (*Table, error) {
	var shape sampleColumns
	for _, k := range tables {
		o, ids, err := s.Samples(k)
		if err != nil {
			return nil, err
		}
		shape.take(o, ids, confidences)
	}
	return &Table{Fields: shape.fields(), Parts: len(tables),
		Part: func(i int) ([]plain.Column, error) {
			o, ids, err := s.Samples(tables[i])
			if err != nil {
				return nil, err
			}
			return shape.columns(tables[i], o, ids), nil
		},
		Meta: []column.Pair{{Key: "abstain", Value: "samples"}},
	}, nil
}

// sampleColumns are those that any table has.
type sampleColumns struct {
	text, label, prediction, should, rank, nll, brier bool
	confidences, orders, groups                       []string
}

func (c *sampleColumns) take(o *metrics.Outcomes, ids datasets.IDs, only []string) {
	c.text = c.text || !ids.Plain()
	c.label = c.label || o.Label != nil
	c.prediction = c.prediction || o.Prediction != nil
	c.should = c.should || o.ShouldAbstain != nil
	c.rank = c.rank || o.LabelRank != nil
	c.nll = c.nll || o.NLL != nil
	c.brier = c.brier || o.Brier != nil
	for _, k := range o.Confidences {
		if only != nil && !slices.Contains(only, k.Name) {
			continue
		}
		c.confidences = with(c.confidences, k.Name)
		if k.Key != nil {
			c.orders = with(c.orders, k.Name)
		}
	}
	for _, g := range o.Groups {
		c.groups = with(c.groups, g.Name)
	}
}

func with(names []string, name string) []string {
	if slices.Contains(names, name) {
		return names
	}
	return append(names, name)
}

func (c *sampleColumns) fields() []plain.Field {
	fields := slices.Clone(keyFields)
	add := func(there bool, name string, k plain.Kind) {
		if there {
			fields = append(fields, plain.Field{Name: name, Kind: k})
		}
	}
	add(c.text, "sample_id", plain.Text)
	add(!c.text, "sample_id", plain.Int)
	add(c.label, "label", plain.Int)
	add(c.prediction, "prediction", plain.Int)
	add(true, "correct", plain.Bool)
	add(c.should, "should_abstain", plain.Bool)
	add(c.rank, "label_rank", plain.Int)
	add(c.nll, "nll", plain.Float)
	add(c.brier, "brier", plain.Float)
	for _, name := range c.confidences {
		add(true, "confidence_"+name, plain.Float)
		add(slices.Contains(c.orders, name), "order_"+name, plain.Float)
	}
	for _, name := range c.groups {
		fields = append(fields, plain.Field{Name: "group_" + name, Kind: plain.Text, Few: true})
	}
	return fields
}

// columns are those of one table, in the order of fields.
func (c *sampleColumns) columns(k results.Key, o *metrics.Outcomes, ids datasets.IDs) []plain.Column {
	n := o.N()
	list := []plain.Column{constant(k.Model, n), constant(k.Dataset, n), constant(k.Split, n), constant(k.Condition, n),
		constant(k.Table().Transform, n), c.ids(ids, n)}
	ints := func(wanted bool, values []int32) {
		if wanted {
			list = append(list, integers(values, n))
		}
	}
	floats := func(wanted bool, values []float64) {
		switch {
		case wanted && values == nil:
			list = append(list, absent(n))
		case wanted:
			list = append(list, plain.Column{Floats: values})
		}
	}
	ints(c.label, o.Label)
	ints(c.prediction, o.Prediction)
	list = append(list, plain.Column{Bools: o.Correct})
	switch {
	case c.should && o.ShouldAbstain == nil:
		list = append(list, absent(n))
	case c.should:
		list = append(list, plain.Column{Bools: o.ShouldAbstain})
	}
	ints(c.rank, o.LabelRank)
	floats(c.nll, o.NLL)
	floats(c.brier, o.Brier)
	for _, name := range c.confidences {
		k := o.Confidence(name)
		if k == nil {
			k = &metrics.Confidence{}
		}
		floats(true, k.Value)
		floats(slices.Contains(c.orders, name), k.Order())
	}
	for _, name := range c.groups {
		list = append(list, decoded(o.Group(name), n))
	}
	return list
}

func (c *sampleColumns) ids(ids datasets.IDs, n int) plain.Column {
	var column plain.Column
	for i := range n {
		switch {
		case c.text:
			column.Texts = append(column.Texts, ids.Name(i))
		case ids.Int != nil:
			column.Ints = append(column.Ints, ids.Int[i])
		default:
			column.Ints = append(column.Ints, int64(i))
		}
	}
	return column
}

func integers(values []int32, n int) plain.Column {
	if values == nil {
		return absent(n)
	}
	column := plain.Column{Ints: make([]int64, n)}
	for i, v := range values {
		column.Ints[i] = int64(v)
	}
	return column
}

// decoded are the levels of a group as text; "" is missing.
func decoded(g *metrics.Group, n int) plain.Column {
	if g == nil {
		return absent(n)
	}
	column := plain.Column{Texts: make([]string, n)}
	for i, code := range g.Code {
		if code >= 0 {
			column.Texts[i] = g.Levels[code]
		}
	}
	return column
}
