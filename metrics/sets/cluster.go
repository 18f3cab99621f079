package sets

import (
	"math"
	"slices"
)

// levels are those of the quantiles by which the scores of classes are compared.
var levels = []float64{0.5, 0.6, 0.7, 0.8, 0.9}

// cluster clusters the classes by the first half of the rows, and takes thresholds from the
// others.
func (p *Predictor) cluster(own Own, alpha float64, count int) {
	half := len(own.Score) / 2
	least := int(math.Ceil(1/math.Min(alpha, 0.1)-1e-9)) - 1
	p.Cluster = clustersOf(own.Score[:half], own.Label[:half], own.Classes, least, count)
	later := func(i int) bool { return i >= half && own.labelled(i) }
	p.Threshold = quantile(own.Score, alpha, later)
	most := slices.Max(p.Cluster)
	byCluster := make([]float64, most+1)
	for k := range byCluster {
		byCluster[k] = quantile(own.Score, alpha, func(i int) bool { return later(i) && p.Cluster[own.Label[i]] == k })
	}
	p.OfClass = make([]float64, own.Classes)
	for c, k := range p.Cluster {
		p.OfClass[c] = p.Threshold
		if k >= 0 {
			p.OfClass[c] = byCluster[k]
		}
	}
}

// clustersOf puts classes together whose scores are alike: by k-means of quantiles of the
// scores, classes weighing as the root of their rows. The first centre is the class nearest
// to the weighted mean, each further one the class farthest from its nearest centre; steps
// of Lloyd go on until nothing changes. Of equal distances the lower class or cluster is
// taken, and a cluster without classes keeps its centre. Clusters are numbered by their
// lowest class. Classes of fewer rows than least are in none: -1.
//
// Source: Ding et al. 2023, section 2.2, with this rule in place of a random start.
func clustersOf(own []float64, label []int32, classes, least, count int) []int {
	scores := make([][]float64, classes)
	for i, v := range own {
		if !math.IsNaN(v) {
			scores[label[i]] = append(scores[label[i]], v)
		}
	}
	cluster := make([]int, classes)
	var kept []point
	for c := range classes {
		cluster[c] = -1
		if n := len(scores[c]); n > 0 && n >= least {
			kept = append(kept, point{class: c, weight: math.Sqrt(float64(n)), at: quantiles(scores[c])})
		}
	}
	if len(kept) == 0 {
		return cluster
	}
	if count == 0 {
		count = max(1, int(math.Sqrt(float64(len(kept)))/2))
	}
	of := kmeans(kept, min(count, len(kept)))
	number := map[int]int{}
	for i, p := range kept {
		if _, ok := number[of[i]]; !ok {
			number[of[i]] = len(number)
		}
		cluster[p.class] = number[of[i]]
	}
	return cluster
}

// point is a class with the quantiles of its scores.
type point struct {
	class  int
	weight float64
	at     []float64
}

// quantiles are the smallest scores that at least the share of the level do not exceed.
func quantiles(scores []float64) []float64 {
	rising := slices.Sorted(slices.Values(scores))
	at := make([]float64, len(levels))
	for k, level := range levels {
		at[k] = rising[max(0, int(math.Ceil(float64(len(rising))*level-1e-9))-1)]
	}
	return at
}

func squared(a, b []float64) float64 {
	total := 0.0
	for k := range a {
		total += float64((a[k] - b[k]) * (a[k] - b[k]))
	}
	return total
}

// centre is the weighted mean of the points that belong; nil if none does.
func centre(points []point, belongs func(i int) bool) []float64 {
	sum, weight := make([]float64, len(levels)), 0.0
	for i, p := range points {
		if belongs(i) {
			weight += p.weight
			for k, v := range p.at {
				sum[k] += float64(p.weight * v)
			}
		}
	}
	if weight == 0 {
		return nil
	}
	for k := range sum {
		sum[k] /= weight
	}
	return sum
}

// kmeans gives each point a cluster.
func kmeans(points []point, count int) []int {
	mean := centre(points, func(int) bool { return true })
	first := 0
	for i, p := range points {
		if squared(p.at, mean) < squared(points[first].at, mean) {
			first = i
		}
	}
	centres := [][]float64{points[first].at}
	for len(centres) < count {
		farthest, most := 0, -1.0
		for i, p := range points {
			if _, d := nearest(p.at, centres); d > most {
				farthest, most = i, d
			}
		}
		centres = append(centres, points[farthest].at)
	}
	of := make([]int, len(points))
	for step := 0; ; step++ {
		changed := step == 0
		for i, p := range points {
			if k, _ := nearest(p.at, centres); k != of[i] {
				of[i], changed = k, true
			}
		}
		if !changed || step > 1000 {
			return of
		}
		for k := range centres {
			if c := centre(points, func(i int) bool { return of[i] == k }); c != nil {
				centres[k] = c
			}
		}
	}
}

func nearest(at []float64, centres [][]float64) (k int, distance float64) {
	distance = math.Inf(1)
	for j, c := range centres {
		if d := squared(at, c); d < distance {
			k, distance = j, d
		}
	}
	return k, distance
}
