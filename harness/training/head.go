package training

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"abstain/harness/training/fairness"
	"abstain/harness/training/network"
	"abstain/harness/training/regime"
)

// Settings of last-layer fine-tuning (Mao et al. 2023, released code).
const (
	headEpochs = 1000
	headRate   = 1e-2
)

// tune trains a new last layer on the features of a backbone, which stays as it is, and returns the network with it.
func tune(ctx context.Context, d *Data, backbone *network.Network[float32], f Family, h regime.Head, group string, random *rand.Rand) (*fitted, error) {
	rows, code, err := headRows(d, h, group, random)
	if err != nil {
		return nil, err
	}
	weights, err := fairness.ClassWeights(rows.Labels)
	if err != nil {
		return nil, fmt.Errorf("rows %s: %w", h.Rows, err)
	}
	backbone.Forward(rows.X)
	features := copyOf(backbone.Features())
	last := network.MLP[float32]([]int{features.Cols, 2}, 0)
	last.Init(random)
	descent := network.Descent[float32]{Momentum: 0.9, Decay: 5e-4}
	for range headEpochs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		v, err := fairness.Objective(h.Constraint, h.Alpha, float64s(last.Forward(features)), rows.Labels, code, weights)
		if err != nil {
			return nil, fmt.Errorf("rows %s, constraint %s: %w", h.Rows, h.Constraint, err)
		}
		if math.IsNaN(v.Mean) {
			return nil, fmt.Errorf("diverged: the loss of the last layer is NaN")
		}
		last.Backward(float32s(v.Grad.Z, v.Grad.N, v.Grad.C))
		descent.Step(last.Tensors(), headRate)
	}
	n := f.network(d, 0)
	n.SetWeights(backbone.Weights())
	n.SetHead(last.Weights())
	return &fitted{networks: []*network.Network[float32]{n}}, nil
}

// headRows are the rows that a head is trained on, with their groups as 0 and 1.
func headRows(d *Data, h regime.Head, group string, random *rand.Rand) (Rows, []int32, error) {
	if d.Classes != 2 {
		return Rows{}, nil, fmt.Errorf("fairness constraints are for two classes, and there are %d", d.Classes)
	}
	rows := d.Val
	switch h.Rows {
	case regime.TrainRows:
		rows = d.Train
	case regime.BalancedRows:
		rows = together(d.Train, d.Val)
	}
	code, err := rows.group(group)
	if err != nil || h.Rows != regime.BalancedRows {
		return rows, code, err
	}
	chosen, err := fairness.Balanced(rows.Labels, code, func(n, k int) []int { return random.Perm(n)[:k] })
	if err != nil {
		return rows, code, err
	}
	var places []int
	var of []int32
	for _, i := range chosen {
		places, of = append(places, int(i)), append(of, code[i])
	}
	return rows.take(places), of, nil
}

// together is one set of rows after the other.
func together(a, b Rows) Rows {
	all := Rows{X: network.Matrix[float32]{Rows: a.X.Rows + b.X.Rows, Cols: a.X.Cols}}
	all.X.V = append(append(all.X.V, a.X.V...), b.X.V...)
	all.Labels = append(append(all.Labels, a.Labels...), b.Labels...)
	all.IDs = append(append(all.IDs, a.IDs...), b.IDs...)
	all.Texts = append(append(all.Texts, a.Texts...), b.Texts...)
	for i, g := range a.Groups {
		all.Groups = append(all.Groups, Attribute{g.Name, append(append([]string(nil), g.Values...), b.Groups[i].Values...)})
	}
	return all
}

func copyOf(m network.Matrix[float32]) network.Matrix[float32] {
	c := network.NewMatrix[float32](m.Rows, m.Cols)
	copy(c.V, m.V)
	return c
}

func float32s(v []float64, rows, cols int) network.Matrix[float32] {
	m := network.NewMatrix[float32](rows, cols)
	for i, x := range v {
		m.V[i] = float32(x)
	}
	return m
}
