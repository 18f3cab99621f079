package metrics

import (
	"errors"
	"fmt"
	"slices"
)

// Concat joins a model's in-distribution outcomes with its outcomes on samples
// of no known class, for the metrics that compare the two (NeedsOutside). The
// rows of id come first. It keeps the confidence functions that both have, by
// name; a confidence is a probability only if it is one in both. It keeps sort
// keys if both have them; otherwise the values order both. It keeps the attributes
// of both; samples of a table that lacks an attribute are missing in it.
//
// It is an error if id has no labels (its samples could not be told from the
// others), if ood has labels of known classes or none at all, if the numbers of
// classes differ, or if no confidence function is shared.
func Concat(id, ood *Outcomes) (*Outcomes, error) {
	if id.Label == nil || ood.Label == nil {
		return nil, errors.New("labels are needed to tell in-distribution samples from the others")
	}
	if i := slices.IndexFunc(ood.Label, func(l int32) bool { return l >= 0 }); i >= 0 {
		return nil, fmt.Errorf("out-of-distribution row %d has label %d: expected -1", i, ood.Label[i])
	}
	if id.Classes != ood.Classes && id.Classes > 0 && ood.Classes > 0 {
		return nil, fmt.Errorf("%d classes in distribution, %d out of it", id.Classes, ood.Classes)
	}
	both := &Outcomes{
		Classes: max(id.Classes, ood.Classes),
		Label:   slices.Concat(id.Label, ood.Label), Prediction: join(id.Prediction, ood.Prediction),
		Correct: slices.Concat(id.Correct, ood.Correct), LabelRank: join(id.LabelRank, ood.LabelRank),
		ShouldAbstain: join(id.ShouldAbstain, ood.ShouldAbstain),
		SetSize:       join(id.SetSize, ood.SetSize), SetHolds: join(id.SetHolds, ood.SetHolds), SetAlpha: id.SetAlpha,
		NLL: join(id.NLL, ood.NLL), Brier: join(id.Brier, ood.Brier),
		Groups: joinGroups(id, ood), Vectors: join(id.Vectors, ood.Vectors),
	}
	for i := range id.Confidences {
		a := &id.Confidences[i]
		if b := ood.Confidence(a.Name); b != nil {
			both.Confidences = append(both.Confidences, Confidence{
				Name: a.Name, Value: slices.Concat(a.Value, b.Value), Key: joinKeys(a, b),
				Probability: a.Probability && b.Probability,
			})
		}
	}
	if len(both.Confidences) == 0 {
		return nil, errors.New("no confidence function is in both tables")
	}
	return both, nil
}

// join appends b to a. If one of the two is missing, the result is nil.
func join[T any](a, b []T) []T {
	if a == nil || b == nil {
		return nil
	}
	return slices.Concat(a, b)
}

// joinKeys are the keys of both. Where only one has keys they go on where its values
// end, unless they are on a scale of their own: then the values order.
func joinKeys(a, b *Confidence) []float64 {
	if a.Key == nil && b.Key == nil {
		return nil
	}
	if a.Key == nil || b.Key == nil {
		for _, f := range functions {
			if f.Name == a.Name && f.key != nil {
				return nil
			}
		}
	}
	return slices.Concat(a.Order(), b.Order())
}

// joinGroups lists the attributes of id, then those only ood has.
func joinGroups(id, ood *Outcomes) []Group {
	var list []Group
	for i := range id.Groups {
		g := &id.Groups[i]
		list = append(list, appendGroup(spread(g, id.N()), ood.Group(g.Name), ood.N()))
	}
	for i := range ood.Groups {
		g := &ood.Groups[i]
		if id.Group(g.Name) == nil {
			list = append(list, appendGroup(spread(&Group{Name: g.Name}, id.N()), g, ood.N()))
		}
	}
	return list
}

// spread copies a group so that it can grow. If it has no codes, all n samples
// are missing.
func spread(g *Group, n int) Group {
	c := Group{Name: g.Name, Levels: slices.Clone(g.Levels), Code: slices.Clone(g.Code)}
	if g.Code == nil {
		c.Code = slices.Repeat([]int32{-1}, n)
	}
	return c
}

// appendGroup appends the n rows of b, which may be nil. Levels that both have
// get the codes of a.
func appendGroup(a Group, b *Group, n int) Group {
	if b == nil {
		a.Code = append(a.Code, slices.Repeat([]int32{-1}, n)...)
		return a
	}
	code := make([]int32, len(b.Levels))
	for j, level := range b.Levels {
		at := slices.Index(a.Levels, level)
		if at < 0 {
			at = len(a.Levels)
			a.Levels = append(a.Levels, level)
		}
		code[j] = int32(at)
	}
	for _, c := range b.Code {
		if c >= 0 {
			c = code[c]
		}
		a.Code = append(a.Code, c)
	}
	return a
}
