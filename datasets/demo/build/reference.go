package main

import (
	"math"
	"sort"
	"strconv"

	"abstain/datasets"
)

var referenceColumns = []string{"accuracy", "auroc", "aurc", "ece@15", "nll", "brier"}

// reference computes the golden values in the plainest way from the definitions,
// however slow that is. Rows of unknown class (-1) have none.
func (s *predictions) reference(scoreKind string) []string {
	values := make([]string, len(referenceColumns))
	if s.labels[0] < 0 {
		return values
	}
	n := len(s.ids)
	conf, right := make([]float64, n), make([]bool, n)
	var nll, brier float64
	for i := range n {
		if s.kind == datasets.Score {
			conf[i], right[i] = s.confidence[i], s.prediction[i] == s.labels[i]
			continue
		}
		p := s.probabilities(i)
		best := 0
		for c := range p {
			if p[c] > p[best] {
				best = c
			}
		}
		conf[i], right[i] = p[best], best == int(s.labels[i])
		nll += s.logLoss(i, p) / float64(n)
		for c := range p {
			hit := 0.0
			if c == int(s.labels[i]) {
				hit = 1
			}
			brier += (p[c] - hit) * (p[c] - hit) / float64(n)
		}
	}
	put := func(i int, v float64) { values[i] = strconv.FormatFloat(v, 'g', 15, 64) }
	put(0, accuracy(right))
	if v := auroc(conf, right); !math.IsNaN(v) {
		put(1, v)
	}
	put(2, aurc(conf, right))
	if scoreKind != "margin" {
		put(3, ece(conf, right, 15))
	}
	if s.kind != datasets.Score {
		put(4, nll)
		put(5, brier)
	}
	return values
}

// probabilities returns those of row i: as stored, or the softmax of the logits.
func (s *predictions) probabilities(i int) []float64 {
	p := make([]float64, s.classes)
	sum, top := 0.0, math.Inf(-1)
	for c := range p {
		p[c] = float64(s.vectors[i*s.classes+c])
		top = max(top, p[c])
	}
	if s.kind == datasets.Probs {
		return p
	}
	for c := range p {
		p[c] = math.Exp(p[c] - top)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}

func (s *predictions) logLoss(i int, p []float64) float64 {
	if s.kind == datasets.Probs {
		return -math.Log(max(p[s.labels[i]], 1e-12))
	}
	top, sum := math.Inf(-1), 0.0
	row := s.vectors[i*s.classes : (i+1)*s.classes]
	for _, v := range row {
		top = max(top, float64(v))
	}
	for _, v := range row {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum) - float64(row[s.labels[i]])
}

func accuracy(right []bool) float64 {
	k := 0
	for _, r := range right {
		if r {
			k++
		}
	}
	return float64(k) / float64(len(right))
}

// auroc compares every right row with every wrong one; ties count one half.
func auroc(conf []float64, right []bool) float64 {
	won, pairs := 0.0, 0.0
	for i := range conf {
		for j := range conf {
			if right[i] && !right[j] {
				pairs++
				switch {
				case conf[i] > conf[j]:
					won++
				case conf[i] == conf[j]:
					won += 0.5
				}
			}
		}
	}
	return won / pairs
}

// aurc gives every row of a group of equal confidence the group's mean error.
func aurc(conf []float64, right []bool) float64 {
	wrong, size := map[float64]float64{}, map[float64]float64{}
	for i, c := range conf {
		size[c]++
		if !right[i] {
			wrong[c]++
		}
	}
	order := append([]float64(nil), conf...)
	sort.Sort(sort.Reverse(sort.Float64Slice(order)))
	area, errors := 0.0, 0.0
	for k, c := range order {
		errors += wrong[c] / size[c]
		area += errors / float64(k+1)
	}
	return area / float64(len(conf))
}

// ece has right-closed bins of equal width; the first also takes 0.
func ece(conf []float64, right []bool, bins int) float64 {
	total := 0.0
	for b := range bins {
		lo, hi := float64(b)/float64(bins), float64(b+1)/float64(bins)
		n, hits, sum := 0.0, 0.0, 0.0
		for i, c := range conf {
			if (c > lo && c <= hi) || (b == 0 && c == 0) {
				n++
				sum += c
				if right[i] {
					hits++
				}
			}
		}
		if n > 0 {
			total += math.Abs(hits-sum) / float64(len(conf))
		}
	}
	return total
}
