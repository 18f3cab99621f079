// Package fairness has the constraints of last-layer fairness fine-tuning, each with its gradient by the logits, and
// the subsets that heads are tuned on.
//
// Begin with Objective. The package may import loss.
package fairness

import (
	"errors"
	"fmt"
	"math"

	"abstain/harness/training/loss"
)

// Fairness constraints of Mao et al. (2023), on p, the probability of class 1 of two, and a group a of two.
const (
	EO      = "EO"            // equalised odds as their code has it: by the size of the group
	EORate  = "EO-rate"       // the same by the number of negatives and positives of the group
	EOExact = "EO-rate-exact" // EO-rate without 1e-5 in the denominators
	DP      = "DP"            // demographic parity
	DI      = "DI"            // disparate impact
	AE      = "AE"            // accuracy equality
	MMF     = "MMF"           // max-min fairness: the loss itself is that of the worst cell
)

// Constraints are all fairness constraints.
var Constraints = []string{EO, EORate, EOExact, DP, DI, AE, MMF}

// errEmpty is returned where a constraint has no value because a group or cell has no samples.
var errEmpty = errors.New("a group or a cell of label and group has no samples")

// Unfairness is L_fair of a constraint, with its gradient by the logits (of two classes).
func Unfairness(constraint string, z loss.Logits, labels, groups []int32) (loss.Value, error) {
	f := newFair(z, labels, groups)
	switch constraint {
	case EO:
		return f.odds(f.size[0]+1e-5, f.size[1]+1e-5, f.size[0]+1e-5, f.size[1]+1e-5), nil
	case EORate:
		c := f.cells
		return f.odds(c[0][0]+1e-5, c[1][0]+1e-5, c[0][1]+1e-5, c[1][1]+1e-5), nil
	case EOExact:
		c := f.cells
		if c[0][0]*c[0][1]*c[1][0]*c[1][1] == 0 {
			return f.zero(), errEmpty
		}
		return f.odds(c[0][0], c[1][0], c[0][1], c[1][1]), nil
	case MMF:
		return f.worstCell(), nil
	}
	if f.size[0] == 0 || f.size[1] == 0 {
		return f.zero(), errEmpty
	}
	switch constraint {
	case DP:
		return f.parity(), nil
	case DI:
		return f.impact(), nil
	case AE:
		return f.accuracy(), nil
	}
	return f.zero(), fmt.Errorf("no fairness constraint is called %q", constraint)
}

// fair has what the constraints need of a batch.
type fair struct {
	z, p           loss.Logits
	labels, groups []int32
	size           [2]float64    // of the groups
	cells          [2][2]float64 // by group, then label
}

func newFair(z loss.Logits, labels, groups []int32) *fair {
	f := &fair{z: z, p: loss.Softmax(z, 1), labels: labels, groups: groups}
	for i, y := range labels {
		f.size[groups[i]]++
		f.cells[groups[i]][y]++
	}
	return f
}

func (f *fair) zero() loss.Value { return loss.Value{Mean: math.NaN(), Grad: loss.New(f.z.N, 2)} }

// by makes a value of L and its derivative by each p.
func (f *fair) by(value float64, byP []float64) loss.Value {
	v := loss.Value{Mean: value, Grad: loss.New(f.z.N, 2)}
	for i, d := range byP {
		p := f.p.Row(i)
		v.Grad.Row(i)[1] = d * p[1] * p[0]
		v.Grad.Row(i)[0] = -d * p[1] * p[0]
	}
	return v
}

// odds is |difference of the groups' sums of p over label 0| + |that of 1-p over label 1|, each sum divided by the
// number given for the group: n00, n10 for label 0 and n01, n11 for label 1.
func (f *fair) odds(n00, n10, n01, n11 float64) loss.Value {
	per := [2][2]float64{{n00, n01}, {n10, n11}}
	var gap [2]float64 // by label: group 1 less group 0
	share := func(i int) (y int32, w float64) {
		y = f.labels[i]
		w = 1 / per[f.groups[i]][y]
		if f.groups[i] == 0 {
			w = -w
		}
		return y, w
	}
	for i := range f.z.N {
		y, w := share(i)
		gap[y] += w * f.p.Row(i)[1-y] // the probability of the wrong class
	}
	byP := make([]float64, f.z.N)
	for i := range byP {
		y, w := share(i)
		byP[i] = signOf(gap[y]) * w * float64(1-2*y)
	}
	return f.by(math.Abs(gap[0])+math.Abs(gap[1]), byP)
}

// means are the mean probabilities of class 1 of the groups.
func (f *fair) means() (m [2]float64) {
	for i, a := range f.groups {
		m[a] += f.p.Row(i)[1] / f.size[a]
	}
	return m
}

func (f *fair) parity() loss.Value {
	m := f.means()
	byP := make([]float64, f.z.N)
	for i, a := range f.groups {
		byP[i] = signOf(m[1]-m[0]) * float64(2*a-1) / f.size[a]
	}
	return f.by(math.Abs(m[1]-m[0]), byP)
}

func (f *fair) impact() loss.Value {
	m := f.means()
	low, high := 1, 0 // r = m1/m0 as it is
	if m[1] > m[0] {
		low, high = 0, 1
	}
	byP := make([]float64, f.z.N)
	for i, a := range f.groups {
		if int(a) == low {
			byP[i] = -1 / (m[high] * f.size[a])
		} else {
			byP[i] = m[low] / (m[high] * m[high] * f.size[a])
		}
	}
	return f.by(-m[low]/m[high], byP)
}

// accuracy is |difference of the groups' mean NLL|, unweighted.
func (f *fair) accuracy() loss.Value {
	ce := loss.CrossEntropy(f.z, f.labels)
	var m [2]float64
	for i, a := range f.groups {
		m[a] += ce.Each[i] / f.size[a]
	}
	v := loss.Value{Mean: math.Abs(m[1] - m[0]), Grad: loss.New(f.z.N, 2)}
	for i, a := range f.groups {
		w := signOf(m[1]-m[0]) * float64(2*a-1) / f.size[a] * float64(f.z.N)
		for k, g := range ce.Grad.Row(i) {
			v.Grad.Row(i)[k] = w * g
		}
	}
	return v
}

// worstCell is the largest mean NLL of the four cells of group and label; an empty cell counts 0.
func (f *fair) worstCell() loss.Value {
	ce := loss.CrossEntropy(f.z, f.labels)
	var m [2][2]float64
	for i, a := range f.groups {
		m[a][f.labels[i]] += ce.Each[i] / f.cells[a][f.labels[i]]
	}
	worstA, worstY := int32(0), int32(0)
	for a := range int32(2) {
		for y := range int32(2) {
			if m[a][y] > m[worstA][worstY] {
				worstA, worstY = a, y
			}
		}
	}
	v := loss.Value{Mean: m[worstA][worstY], Grad: loss.New(f.z.N, 2)}
	for i, a := range f.groups {
		if a == worstA && f.labels[i] == worstY {
			for k, g := range ce.Grad.Row(i) {
				v.Grad.Row(i)[k] = g * float64(f.z.N) / f.cells[a][worstY]
			}
		}
	}
	return v
}

func signOf(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// ClassWeights are the largest class count over each class's count. It is an error if a class is missing.
func ClassWeights(labels []int32) ([2]float64, error) {
	var count [2]float64
	for _, y := range labels {
		count[y]++
	}
	if count[0] == 0 || count[1] == 0 {
		return [2]float64{}, errors.New("one class has no samples, so its weight would be infinite")
	}
	most := math.Max(count[0], count[1])
	return [2]float64{most / count[0], most / count[1]}, nil
}

// WeightedNLL is the negative log-likelihood with class weights, divided by the sum of the weights.
func WeightedNLL(z loss.Logits, labels []int32, weights [2]float64) loss.Value {
	ce := loss.CrossEntropy(z, labels)
	total := 0.0
	for _, y := range labels {
		total += weights[y]
	}
	v := loss.Value{Grad: loss.New(z.N, z.C)}
	for i, y := range labels {
		w := weights[y] / total
		v.Mean += w * ce.Each[i]
		for k, g := range ce.Grad.Row(i) {
			v.Grad.Row(i)[k] = w * g * float64(z.N)
		}
	}
	return v
}

// Objective is the objective of last-layer fine-tuning: the weighted NLL plus alpha times the constraint; MMF alone is
// the whole objective; "" is no constraint.
func Objective(constraint string, alpha float64, z loss.Logits, labels, groups []int32, weights [2]float64) (loss.Value, error) {
	if constraint == MMF {
		return Unfairness(MMF, z, labels, groups)
	}
	v := WeightedNLL(z, labels, weights)
	if constraint == "" {
		return v, nil
	}
	unfair, err := Unfairness(constraint, z, labels, groups)
	return v.Plus(alpha, unfair), err
}

// Balanced lists the places of a balanced subset: of each of the four cells of group and label, as many as the smallest
// has, drawn by pick, which chooses k of n. It is an error if a cell is empty.
func Balanced(labels, groups []int32, pick func(n, k int) []int) ([]int32, error) {
	var cells [4][]int32
	for i, y := range labels {
		c := groups[i]*2 + y
		cells[c] = append(cells[c], int32(i))
	}
	least := len(labels)
	for _, c := range cells {
		least = min(least, len(c))
	}
	if least == 0 {
		return nil, errors.New("a cell of label and group has no samples, so there is no balanced set")
	}
	var chosen []int32
	for _, c := range cells {
		for _, i := range pick(len(c), least) {
			chosen = append(chosen, c[i])
		}
	}
	return chosen, nil
}
