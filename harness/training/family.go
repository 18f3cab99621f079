package training

import (
	"fmt"

	"abstain/harness/training/network"
)

// Family is a kind of network.
type Family struct {
	ID     string
	Hidden []int // widths of hidden layers
	Filter int   // channels of the first convolution; 0 for a perceptron
}

// Families are those of the grid. The first is the last layer on stored features.
var Families = []Family{
	{ID: "softmax"},
	{ID: "mlp-32", Hidden: []int{32}},
	{ID: "mlp-64", Hidden: []int{64}},
	{ID: "mlp-128", Hidden: []int{128}},
	{ID: "mlp-64-64", Hidden: []int{64, 64}},
	{ID: "conv-8", Filter: 8},
}

// family finds one.
func family(id string) (Family, error) {
	for _, f := range Families {
		if f.ID == id {
			return f, nil
		}
	}
	var ids []string
	for _, f := range Families {
		ids = append(ids, f.ID)
	}
	return Family{}, fmt.Errorf("no family of networks is called %q; there are %q", id, ids)
}

// fits reports whether networks of the family can be trained on the data.
func (f Family) fits(d *Data) bool { return f.Filter == 0 || d.Side >= 4 && d.Side%4 == 0 }

// network makes one without weights.
func (f Family) network(d *Data, dropout float64) *network.Network[float32] {
	if f.Filter > 0 {
		return network.ConvNet[float32](d.Side, f.Filter, d.Classes)
	}
	widths := append([]int{d.Train.X.Cols}, f.Hidden...)
	return network.MLP[float32](append(widths, d.Classes), dropout)
}

// features is the width of the last layer's inputs.
func (f Family) features(d *Data) int {
	switch {
	case f.Filter > 0:
		return 2 * f.Filter * (d.Side / 4) * (d.Side / 4)
	case len(f.Hidden) > 0:
		return f.Hidden[len(f.Hidden)-1]
	}
	return d.Train.X.Cols
}
