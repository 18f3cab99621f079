package sets

import (
	"fmt"
	"math"
	"slices"

	"abstain/metrics/stattest"
)

// Rows are rows of class probabilities.
type Rows struct {
	Probs   []float64 // row-major
	Classes int
	Label   []int32   // true class, or a number that is no class
	U       []float64 // uniform numbers in [0, 1) of the rows, where the score is randomised
	Group   []int32   // of the rows, from 0; -1 is none. Where thresholds are by group
}

func (r Rows) row(i int) []float64 { return r.Probs[i*r.Classes : (i+1)*r.Classes] }

func (r Rows) labelled(i int) bool { return r.Label[i] >= 0 && int(r.Label[i]) < r.Classes }

// check says which columns are missing.
func (r Rows) check(k Kind, by By) error {
	switch n := len(r.Label); {
	case r.Classes < 1 || len(r.Probs) != n*r.Classes:
		return fmt.Errorf("%d probabilities are not %d rows of %d classes", len(r.Probs), n, r.Classes)
	case k.Randomised && len(r.U) != n:
		return fmt.Errorf("%d uniform numbers for %d rows: a randomised score needs one a row", len(r.U), n)
	case by == ByGroup && len(r.Group) != n:
		return fmt.Errorf("%d groups for %d rows: thresholds by group need one a row", len(r.Group), n)
	}
	return nil
}

// By says for what a threshold holds.
type By uint8

const (
	Marginal  By = iota // one for all rows
	ByClass             // one for each class: Mondrian, class-conditional
	ByGroup             // one for each group of rows
	ByCluster           // one for each cluster of classes whose scores are alike
)

// Options are the choices of Calibrate besides the score.
type Options struct {
	By         By
	NeverEmpty bool // the class placed first is in every set
	// Clusters is the number of clusters of ByCluster; 0 for the larger of 1 and half of
	// the root of the number of classes that have rows enough.
	Clusters int
}

// Predictor makes prediction sets.
type Predictor struct {
	Kind       Kind
	By         By
	Classes    int
	NeverEmpty bool

	// Threshold is that of all rows; of ByCluster, of classes of no cluster; of ByGroup, of
	// rows of no group. +Inf where there are too few rows for alpha: then sets are full.
	Threshold float64
	// OfClass are the thresholds of the classes, OfGroup those of the groups; nil where
	// there are none.
	OfClass, OfGroup []float64
	// Cluster is the cluster of each class, -1 for none; nil unless ByCluster.
	Cluster []int
}

// Calibrate takes thresholds from calibration rows, which must not be the ones judged, nor
// any that the classifier was trained or tuned on: with exchangeable rows a set holds the
// true class with probability at least 1 - alpha, on average over draws of the calibration
// rows. ByClass promises that for the rows of each class, ByGroup for those of each group,
// ByCluster for those of each cluster of classes, not for single classes. Rows whose label
// is no class do not count. A class or group with too few rows has an infinite threshold.
//
// ByCluster groups classes by the first half of the rows, and takes thresholds from the
// rest: classes of fewer than ceil(1/min(alpha, 0.1)) - 1 rows are in no cluster, the others
// are put together by k-means of quantiles of their scores (see clusters).
//
// Sources: Vovk, Gammerman and Shafer 2005, section 4.5 (Mondrian); Ding et al. 2023
// (clustered).
func Calibrate(k Kind, rows Rows, alpha float64, o Options) (*Predictor, error) {
	if err := rows.check(k, o.By); err != nil {
		return nil, err
	}
	own, err := OwnScores(k, rows)
	if err != nil {
		return nil, err
	}
	return CalibrateOn(k, Own{Score: own, Classes: rows.Classes, Label: rows.Label, Group: rows.Group}, alpha, o)
}

// Own are the scores of the true classes of rows, which is all that thresholds are made of:
// with it rows can be read in batches, however many there are.
type Own struct {
	Score   []float64 // as OwnScores gives them
	Classes int
	Label   []int32 // true class, or a number that is no class
	Group   []int32 // as in Rows
}

func (w Own) labelled(i int) bool { return w.Label[i] >= 0 && int(w.Label[i]) < w.Classes }

// CalibrateOn is Calibrate for rows whose scores are known already.
func CalibrateOn(k Kind, own Own, alpha float64, o Options) (*Predictor, error) {
	switch n := len(own.Score); {
	case !(alpha > 0 && alpha < 1):
		return nil, fmt.Errorf("alpha %v: the share of sets that may miss lies between 0 and 1", alpha)
	case o.By > ByCluster || o.Clusters < 0:
		return nil, fmt.Errorf("no such thresholds")
	case own.Classes < 1 || len(own.Label) != n || o.By == ByGroup && len(own.Group) != n:
		return nil, fmt.Errorf("%d scores, %d labels and %d groups of %d classes do not belong together", n, len(own.Label), len(own.Group), own.Classes)
	}
	if err := k.check(); err != nil {
		return nil, err
	}
	p := &Predictor{Kind: k, By: o.By, Classes: own.Classes, NeverEmpty: o.NeverEmpty}
	p.Threshold = quantile(own.Score, alpha, own.labelled)
	switch o.By {
	case ByClass:
		p.OfClass = byCode(own, own.Label, own.Classes, alpha)
	case ByGroup:
		groups := 0
		for _, g := range own.Group {
			groups = max(groups, int(g)+1)
		}
		p.OfGroup = byCode(own, own.Group, groups, alpha)
	case ByCluster:
		p.cluster(own, alpha, o.Clusters)
	}
	return p, nil
}

// byCode are the thresholds of the labelled rows of each code, 0 to count-1.
func byCode(own Own, code []int32, count int, alpha float64) []float64 {
	scores := make([][]float64, count)
	for i, v := range own.Score {
		if own.labelled(i) && code[i] >= 0 {
			scores[code[i]] = append(scores[code[i]], v)
		}
	}
	thresholds := make([]float64, count)
	for k, s := range scores {
		thresholds[k] = smallest(s, alpha, stattest.ConformalRank(len(s), alpha))
	}
	return thresholds
}

// OwnScores are the scores of the true classes, in the order of the rows; NaN for rows
// without one.
func OwnScores(k Kind, rows Rows) ([]float64, error) {
	for _, err := range []error{k.check(), rows.check(k, Marginal)} {
		if err != nil {
			return nil, err
		}
	}
	own := make([]float64, len(rows.Label))
	scratch := newScratch(rows.Classes)
	for i := range own {
		own[i] = math.NaN()
		if slices.ContainsFunc(rows.row(i), math.IsNaN) {
			return nil, fmt.Errorf("row %d: a probability is NaN", i)
		}
		if rows.labelled(i) {
			own[i] = k.own(rows.row(i), int(rows.Label[i]), rows.u(i), scratch)
		}
	}
	return own, nil
}

func (r Rows) u(i int) float64 {
	if r.U == nil {
		return 1
	}
	return r.U[i]
}

// quantile is the conformal quantile of the scores of the rows that belong.
func quantile(own []float64, alpha float64, belongs func(i int) bool) float64 {
	var scores []float64
	for i, v := range own {
		if belongs(i) {
			scores = append(scores, v)
		}
	}
	return smallest(scores, alpha, stattest.ConformalRank(len(scores), alpha))
}

// threshold is that of a class in a row of that group.
func (p *Predictor) threshold(class int, group int32) float64 {
	switch {
	case p.OfClass != nil:
		return p.OfClass[class]
	case p.OfGroup != nil && group >= 0 && int(group) < len(p.OfGroup):
		return p.OfGroup[group]
	case p.By == ByGroup && group >= 0:
		return math.Inf(1) // a group without calibration rows
	}
	return p.Threshold
}

// each calls f with every class of the set of a row, in no order.
func (p *Predictor) each(row []float64, u float64, group int32, scratch *scratch, f func(class int)) {
	first := -1
	if p.NeverEmpty {
		first = firstOf(row)
	}
	if !p.Kind.placed() {
		p.Kind.plain(scratch.strange, row)
		for j, v := range scratch.strange {
			if v <= p.threshold(j, group) || j == first {
				f(j)
			}
		}
		return
	}
	most := p.threshold(0, group)
	if p.OfClass != nil {
		most = slices.Max(p.OfClass)
	}
	p.Kind.walk(row, u, scratch.heap, func(j int, score float64) bool {
		if score <= p.threshold(j, group) || j == first {
			f(j)
		}
		return score <= most
	})
}

// Members lists the classes of the set of a row, rising; nil if it is empty. u is the
// row's uniform number where the score is randomised, group its group where thresholds are
// by group. It panics if the row has not one probability for each class.
func (p *Predictor) Members(row []float64, u float64, group int32) []int32 {
	if len(row) != p.Classes {
		panic("sets: a row does not have one value for each class")
	}
	var members []int32
	p.each(row, u, group, newScratch(p.Classes), func(class int) { members = append(members, int32(class)) })
	slices.Sort(members)
	return members
}

// Sets makes the sets of all rows and keeps what the measures need to know of them. The
// labels and groups are kept, not copied.
func (p *Predictor) Sets(rows Rows) (*Sets, error) {
	if rows.Classes != p.Classes {
		return nil, fmt.Errorf("rows of %d classes, calibrated on rows of %d", rows.Classes, p.Classes)
	}
	if err := rows.check(p.Kind, p.By); err != nil {
		return nil, err
	}
	s := &Sets{Classes: p.Classes, Label: rows.Label, Group: rows.Group, Size: make([]int32, len(rows.Label)), Covered: make([]bool, len(rows.Label))}
	scratch := newScratch(p.Classes)
	for i, l := range rows.Label {
		group := int32(-1)
		if rows.Group != nil {
			group = rows.Group[i]
		}
		row := rows.row(i)
		if slices.ContainsFunc(row, math.IsNaN) {
			return nil, fmt.Errorf("row %d: a probability is NaN", i)
		}
		p.each(row, rows.u(i), group, scratch, func(class int) {
			s.Size[i]++
			s.Covered[i] = s.Covered[i] || class == int(l)
		})
	}
	return s, nil
}
