package metrics_test

import (
	"cmp"
	"math"
	"slices"
)

// selectiveTwins are the twins of ranking, selection, groups and
// out-of-distribution samples.
var selectiveTwins = map[string]twin{
	"accuracy-galil2023": func(in, _ []sample, _ float64) float64 {
		right, _ := parts(in)
		return 100 * float64(float32(len(right))/float32(len(in)))
	},
	"brier-mean": func(in, _ []sample, _ float64) float64 {
		if len(in) == 0 {
			return math.NaN()
		}
		return coreTwins["brier"](in, nil, 0) / float64(len(in[0].probs))
	},
	"brier-half": func(in, _ []sample, _ float64) float64 { return coreTwins["brier"](in, nil, 0) / 2 },
	"nll-unfloored": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 { return -math.Log(s.probs[s.label]) })
	},
	"nll-renormalised": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 {
			clipped := slices.Clone(s.probs)
			total := 0.0
			for j, p := range clipped {
				clipped[j] = min(max(p, 2.220446049250313e-16), 1-2.220446049250313e-16)
				total += clipped[j]
			}
			return -math.Log(clipped[s.label] / total)
		})
	},

	"auroc-galil2023": func(in, _ []sample, _ float64) float64 {
		right, wrong := parts(distinct(in))
		return pairs(right, wrong)
	},
	"gamma": func(in, _ []sample, _ float64) float64 {
		concordant, discordant := 0.0, 0.0
		right, wrong := parts(in)
		for _, a := range right {
			for _, b := range wrong {
				switch {
				case a.confidence > b.confidence:
					concordant++
				case a.confidence < b.confidence:
					discordant++
				}
			}
		}
		return (concordant - discordant) / (concordant + discordant)
	},
	"fpr-error": func(in, _ []sample, recall float64) float64 {
		right, wrong := parts(in)
		return twinFPR(wrong, right, rejects, rising(in), recall)
	},
	"fpr-error-nearest": func(in, _ []sample, recall float64) float64 {
		right, wrong := parts(in)
		return twinNearest(wrong, right, rejects, rising(in), recall)
	},
	"auroc-ovr-macro": func(in, _ []sample, _ float64) float64 {
		total, n := 0.0, 0.0
		for c := range 10 {
			of := labelled(in, c)
			if len(of) == 0 || len(of) == len(in) || len(in[0].probs) == 2 && c == 0 {
				continue
			}
			won := 0.0
			rest := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.label == c })
			for _, a := range of {
				for _, b := range rest {
					switch x, y := ofClass(a, c), ofClass(b, c); {
					case x > y:
						won++
					case x == y:
						won += 0.5
					}
				}
			}
			total += won / float64(len(of)*len(rest))
			n++
		}
		return total / n
	},

	"auarc":          func(in, _ []sample, _ float64) float64 { return 1 - twinAURC(in) },
	"aurc-trapezoid": func(in, _ []sample, _ float64) float64 { return twinTrapezoid(in) },
	"aurc-trapezoid-zero-origin": func(in, _ []sample, _ float64) float64 {
		area, before := 0.0, 0.0
		for _, risk := range prefixes(in) {
			area += (before + risk) / 2
			before = risk
		}
		return area / float64(len(in))
	},
	"aurc-trapezoid-normalised": func(in, _ []sample, _ float64) float64 { return normalised(prefixes(in)) },
	"aurc-achievable":           func(in, _ []sample, _ float64) float64 { return twinAchievable(in) },
	"aurc-ln": func(in, _ []sample, _ float64) float64 {
		n := float64(len(in))
		return weighed(in, func(rank float64) float64 { return -math.Log(1 - rank/(n+1)) })
	},
	"aurc-galil2023": func(in, _ []sample, _ float64) float64 { return twinAURC(distinct(in)) },
	"aurrrc": func(in, _ []sample, bins float64) float64 {
		if len(in) == 0 {
			return math.NaN()
		}
		s := falling(in)
		total := 0.0
		for b := 1; b <= int(bins); b++ {
			at := len(s)/int(bins)*b - 1
			if at < 0 {
				at = len(s) - 1
			}
			total += share(accept(in, s[at].confidence), incorrect)
		}
		return total / bins
	},
	"sele": func(in, _ []sample, _ float64) float64 {
		n := float64(len(in))
		return weighed(in, func(rank float64) float64 { return rank / n })
	},
	"eaurc-continuous": func(in, _ []sample, _ float64) float64 { return twinAURC(in) - twinOptimum(in) },
	"eaurc-trapezoid-continuous": func(in, _ []sample, _ float64) float64 {
		return twinTrapezoid(in) - twinOptimum(in)
	},
	"eaurc-galil2023": func(in, _ []sample, _ float64) float64 {
		r := share(in, incorrect)
		return twinAURC(distinct(in)) - (r + (1-r)*math.Log(1-r))
	},
	"naurc-zero-origin": func(in, _ []sample, _ float64) float64 {
		if right, wrong := parts(in); len(right) == 0 || len(wrong) == 0 {
			return math.NaN()
		}
		area := selectiveTwinZero
		best := area(perfect(in))
		return (area(in) - best) / (share(in, incorrect) - best)
	},
	"augrc-trapezoid-normalised": func(in, _ []sample, _ float64) float64 {
		general := prefixes(in)
		for k := range general {
			general[k] *= float64(k+1) / float64(len(in))
		}
		return normalised(general)
	},
	"eaugrc": func(in, _ []sample, _ float64) float64 {
		return coreTwins["augrc"](in, nil, 0) - coreTwins["augrc"](perfect(in), nil, 0)
	},
	"aurc-balanced": func(in, _ []sample, _ float64) float64 {
		return twinArea(in, func(taken []sample) float64 {
			return overClasses(in, func(c int) float64 {
				of := labelled(taken, c)
				if len(of) == 0 {
					return 0
				}
				return share(of, incorrect)
			})
		}, false)
	},
	"augrc-balanced": func(in, _ []sample, _ float64) float64 {
		return twinArea(in, func(taken []sample) float64 {
			return overClasses(in, func(c int) float64 {
				_, wrong := parts(labelled(taken, c))
				return float64(len(wrong)) / float64(len(labelled(in, c)))
			})
		}, true)
	},
	"aurc-nll": func(in, _ []sample, _ float64) float64 {
		return twinLoss(in, func(s sample) float64 { return -math.Log(max(s.probs[s.label], 1e-12)) })
	},
	"aurc-brier": func(in, _ []sample, _ float64) float64 {
		return twinLoss(in, func(s sample) float64 { return coreTwins["brier"]([]sample{s}, nil, 0) })
	},
	"sac-galil2023": func(in, _ []sample, accuracy float64) float64 { return twinOfficial(in, accuracy, 200) },
	"sgr":           twinGuarantee,
	"prr": func(in, _ []sample, share float64) float64 {
		right, wrong := parts(in)
		m := int(share*float64(len(in)) + 1e-9)
		if len(right) == 0 || len(wrong) == 0 || m < 2 {
			return math.NaN()
		}
		rate := float64(len(wrong)) / float64(len(in))
		best := meanRiskFrom(perfect(in), m)
		return (rate - meanRiskFrom(in, m)) / (rate - best)
	},
	"answered": func(in, _ []sample, _ float64) float64 { return float64(len(answers(in))) / float64(len(in)) },
	"answered-accuracy": func(in, _ []sample, _ float64) float64 {
		return share(answers(in), func(s sample) bool { return s.correct })
	},
	"abstention-precision": func(in, out []sample, _ float64) float64 {
		precision, _ := twinAbstention(in, out)
		return precision
	},
	"abstention-recall": func(in, out []sample, _ float64) float64 {
		_, recall := twinAbstention(in, out)
		return recall
	},
	"abstention-f1": func(in, out []sample, _ float64) float64 {
		switch precision, recall := twinAbstention(in, out); {
		case math.IsNaN(precision) && math.IsNaN(recall): // no sample of either
			return math.NaN()
		case math.IsNaN(precision), math.IsNaN(recall), precision+recall == 0:
			return 0
		default:
			return 2 / (1/precision + 1/recall)
		}
	},
	"set-coverage": func(in, _ []sample, _ float64) float64 {
		return ofSets(in, func() float64 { return share(in, func(s sample) bool { return s.holds }) })
	},
	"set-size": func(in, _ []sample, _ float64) float64 {
		total := 0.0
		for _, s := range in {
			total += float64(s.size)
		}
		return ofSets(in, func() float64 { return total / float64(len(in)) })
	},
	"set-singletons": func(in, _ []sample, _ float64) float64 {
		return ofSets(in, func() float64 { return share(in, func(s sample) bool { return s.size == 1 }) })
	},
	"set-empty": func(in, _ []sample, _ float64) float64 {
		return ofSets(in, func() float64 { return share(in, func(s sample) bool { return s.size == 0 }) })
	},
	"set-singleton-accuracy": func(in, _ []sample, _ float64) float64 {
		single := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.size != 1 })
		return share(single, func(s sample) bool { return s.holds })
	},
	"set-size-violation": func(in, _ []sample, _ float64) float64 {
		return ofSets(in, func() float64 {
			worst := 0.0
			for _, r := range [][2]int{{0, 1}, {2, 3}, {4, 10}, {11, 100}, {101, 1 << 30}} {
				if part := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.size < r[0] || s.size > r[1] }); len(part) > 0 {
					worst = max(worst, math.Abs(share(part, func(s sample) bool { return s.holds })-0.8))
				}
			}
			return worst
		})
	},
	"set-class-gap": func(in, _ []sample, _ float64) float64 {
		return ofSets(in, func() float64 {
			total, classes := 0.0, 0.0
			for _, c := range coverageOfClasses(in) {
				total, classes = total+math.Abs(c-0.8), classes+1
			}
			return total / classes
		})
	},
	"set-worst-class": func(in, _ []sample, _ float64) float64 {
		return ofSets(in, func() float64 { return slices.Min(coverageOfClasses(in)) })
	},
	"oracle-collaborative-accuracy": func(in, _ []sample, asked float64) float64 {
		if len(in) == 0 {
			return math.NaN()
		}
		k := math.Floor(asked*float64(len(in)) + 1e-9)
		errors := 0.0
		for _, s := range in {
			if !s.correct { // expected to be left to the model
				below, equal := 0.0, 0.0
				for _, u := range in {
					switch {
					case u.confidence < s.confidence:
						below++
					case u.confidence == s.confidence:
						equal++
					}
				}
				errors += 1 - min(1, max(0, (k-below)/equal))
			}
		}
		return 1 - errors/float64(len(in))
	},

	"median-confidence": func(in, out []sample, _ float64) float64 {
		if len(in) == 0 {
			in = out
		}
		if len(in) == 0 {
			return math.NaN()
		}
		s := falling(in)
		slices.Reverse(s)
		return s[(len(s)-1)/2].confidence
	},
	"confidence-variance": func(in, out []sample, _ float64) float64 {
		if len(in) == 0 {
			in = out
		}
		if len(in) < 2 {
			return math.NaN()
		}
		m := average(in, func(s sample) float64 { return s.confidence })
		n := float64(len(in))
		return average(in, func(s sample) float64 { return (s.confidence - m) * (s.confidence - m) }) * n / (n - 1)
	},
	"confidence-gini":           func(in, out []sample, _ float64) float64 { return twinGini(in, out, 0) },
	"confidence-gini-galil2023": func(in, out []sample, _ float64) float64 { return twinGini(in, out, 1e-7) },
	"brier-top": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 { return math.Pow(s.confidence-happened(s), 2) })
	},
	"nll-binary": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 {
			c := min(max(s.confidence, 1e-15), 1-1e-15)
			return -happened(s)*math.Log(c) - (1-happened(s))*math.Log(1-c)
		})
	},
	"fail-nll": func(in, _ []sample, _ float64) float64 {
		return average(in, func(s sample) float64 {
			return -happened(s)*math.Log(s.confidence+1e-7) - (1-happened(s))*math.Log(1-s.confidence+1e-7)
		})
	},
	"ece-galil2023": func(in, _ []sample, bins float64) float64 {
		return twinECE(between(in, twinEdges(int(bins))), len(in), func(w, gap, total float64) float64 { return total + w*gap })
	},
	"mce-galil2023": func(in, _ []sample, bins float64) float64 {
		binned := between(in, twinEdges(int(bins)))
		if len(in) > 0 && len(slices.Concat(binned...)) == 0 {
			return -1
		}
		return twinECE(binned, len(in), func(_, gap, total float64) float64 { return max(total, gap) })
	},
	"ece-adaptive-galil2023": func(in, _ []sample, bins float64) float64 {
		step := len(in) / (max(int(bins), 2) - 1)
		if step == 0 {
			return math.NaN()
		}
		s := falling(in)
		slices.Reverse(s)
		edges := []float64{0}
		for j := step; j < len(s); j += step {
			edges = append(edges, float64(float32(s[j].confidence)))
		}
		edges[len(edges)-1] = float64(float32(s[len(s)-1].confidence))
		if len(edges) == 1 {
			return 0
		}
		return twinECE(between(in, edges), len(in), func(w, gap, total float64) float64 { return total + w*gap })
	},

	"ood-aupr-in":  func(in, out []sample, _ float64) float64 { return twinPrecision(in, out, 1, false) },
	"ood-aupr-out": func(in, out []sample, _ float64) float64 { return twinPrecision(out, in, -1, false) },
	"ood-aupr-in-trapezoid": func(in, out []sample, _ float64) float64 {
		return twinPrecision(in, out, 1, true)
	},
	"ood-aupr-out-trapezoid": func(in, out []sample, _ float64) float64 {
		return twinPrecision(out, in, -1, true)
	},
	"ood-fpr-in": func(in, out []sample, recall float64) float64 {
		t := rising(slices.Concat(in, out))
		slices.Reverse(t)
		return twinFPR(in, out, accepts, t, recall)
	},
	"ood-fpr-out": func(in, out []sample, recall float64) float64 {
		return twinFPR(out, in, rejects, rising(slices.Concat(in, out)), recall)
	},
	"ood-fpr-out-nearest": func(in, out []sample, recall float64) float64 {
		return twinNearest(out, in, rejects, rising(slices.Concat(in, out)), recall)
	},
	"ood-ccr": func(in, out []sample, fpr float64) float64 {
		if len(in) == 0 || len(out) == 0 {
			return math.NaN()
		}
		limit := falling(out)[max(1, int(math.Ceil(fpr*float64(len(out)))))-1].confidence
		return share(in, func(s sample) bool { return s.correct && s.confidence > limit })
	},
}

// ofClass is the class's share of its row; rows of two are left as they are.
func ofClass(s sample, c int) float64 {
	total := 0.0
	for _, p := range s.probs {
		total += p
	}
	if len(s.probs) == 2 {
		total = 1
	}
	return s.probs[c] / total
}

// between puts samples in the bins (lo, hi] of the edges.
func between(in []sample, edges []float64) [][]sample {
	groups := make([][]sample, len(edges)-1)
	for _, u := range in {
		for k := range groups {
			if u.confidence > edges[k] && u.confidence <= edges[k+1] {
				groups[k] = append(groups[k], u)
			}
		}
	}
	return groups
}

// twinEdges are those of torch.linspace(0, 1, m+1) in float32: for 15 bins in
// two blocks of eight, each stepping from its first edge; for fewer from the
// nearer end.
func twinEdges(m int) []float64 {
	step := float32(1) / float32(m)
	var edges []float64
	for k := range m + 1 {
		e := float32(step * float32(k))
		switch {
		case m == 15 && k >= 8:
			e = (1 - float32(step*7)) + float32(step*float32(k-8))
		case m < 15 && k >= (m+1)/2:
			e = 1 - float32(step*float32(m-k))
		}
		edges = append(edges, float64(e))
	}
	return edges
}

func incorrect(s sample) bool { return !s.correct }

func happened(s sample) float64 {
	if s.correct {
		return 1
	}
	return 0
}

func accept(in []sample, t float64) []sample { return accepted(in, t) }

// falling sorts stably from the most trusted down.
func falling(in []sample) []sample {
	s := slices.Clone(in)
	slices.SortStableFunc(s, func(a, b sample) int { return cmp.Compare(b.confidence, a.confidence) })
	return s
}

// distinct gives samples of equal confidence confidences that keep their order.
func distinct(in []sample) []sample {
	s := falling(in)
	for i := range s {
		s[i].confidence = -float64(i)
	}
	return s
}

// rising are the distinct confidences, rising.
func rising(in []sample) []float64 {
	t := thresholds(in)
	slices.Reverse(t)
	return t
}

func accepts(s sample, t float64) bool { return s.confidence >= t }
func rejects(s sample, t float64) bool { return s.confidence <= t }

// twinFPR goes through thresholds from the strictest on.
func twinFPR(positives, negatives []sample, is func(sample, float64) bool, ts []float64, recall float64) float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return math.NaN()
	}
	for _, t := range ts {
		if share(positives, func(s sample) bool { return is(s, t) }) >= recall {
			return share(negatives, func(s sample) bool { return is(s, t) })
		}
	}
	return math.NaN()
}

// twinNearest takes the nearest recall of all thresholds.
func twinNearest(positives, negatives []sample, is func(sample, float64) bool, ts []float64, recall float64) float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return math.NaN()
	}
	least, value := math.Inf(1), 0.0
	for _, t := range ts {
		got := share(positives, func(s sample) bool { return is(s, t) })
		if d := math.Abs(got - recall); d <= least {
			least, value = d, share(negatives, func(s sample) bool { return is(s, t) })
		}
		if got == 1 {
			break
		}
	}
	return value
}

// prefixes are the expected selective risks of the first k, k = 1..n.
func prefixes(in []sample) []float64 {
	s := falling(in)
	risks := make([]float64, len(s))
	for k := range s {
		errors := 0.0
		for _, u := range s {
			if u.correct {
				continue
			}
			above, equal := 0.0, 0.0
			for _, v := range s {
				switch {
				case v.confidence > u.confidence:
					above++
				case v.confidence == u.confidence:
					equal++
				}
			}
			errors += min(1, max(0, (float64(k+1)-above)/equal))
		}
		risks[k] = errors / float64(k+1)
	}
	return risks
}

// normalised is the trapezoid rule through points at distance 1, divided by its
// length.
func normalised(points []float64) float64 {
	if len(points) < 2 {
		return math.NaN()
	}
	area := 0.0
	for k := 1; k < len(points); k++ {
		area += (points[k-1] + points[k]) / 2
	}
	return area / float64(len(points)-1)
}

func selectiveTwinZero(in []sample) float64 {
	return twinAURC(in) - share(in, incorrect)/(2*float64(len(in)))
}

// weighed is the mean over samples of error times a weight of its rank from the
// least trusted, averaged over the ranks that ties allow.
func weighed(in []sample, weight func(rank float64) float64) float64 {
	total := 0.0
	for _, s := range in {
		if s.correct {
			continue
		}
		below, equal := 0, 0
		for _, u := range in {
			switch {
			case u.confidence < s.confidence:
				below++
			case u.confidence == s.confidence:
				equal++
			}
		}
		for j := range equal {
			total += weight(float64(below+j+1)) / float64(equal)
		}
	}
	return total / float64(len(in))
}

// twinArea joins a risk of what each threshold accepts by trapezoids, from
// coverage 0, where it is 0 or that of the first threshold.
func twinArea(in []sample, risk func(taken []sample) float64, zero bool) float64 {
	if len(in) == 0 {
		return math.NaN()
	}
	area, coverage, before := 0.0, 0.0, math.NaN()
	if zero {
		before = 0
	}
	for _, t := range thresholds(in) {
		taken := accepted(in, t)
		c, r := float64(len(taken))/float64(len(in)), risk(taken)
		if math.IsNaN(before) {
			before = r
		}
		area += (c - coverage) * (before + r) / 2
		coverage, before = c, r
	}
	return area
}

func twinTrapezoid(in []sample) float64 {
	return twinArea(in, func(taken []sample) float64 { return share(taken, incorrect) }, false)
}

func overClasses(in []sample, of func(c int) float64) float64 {
	total, n := 0.0, 0.0
	for c := range 10 {
		if len(labelled(in, c)) > 0 {
			total += of(c)
			n++
		}
	}
	return total / n
}

func twinLoss(in []sample, loss func(sample) float64) float64 {
	area := 0.0
	for k := range in {
		sum := 0.0
		for _, s := range in {
			above, equal := 0.0, 0.0
			for _, u := range in {
				switch {
				case u.confidence > s.confidence:
					above++
				case u.confidence == s.confidence:
					equal++
				}
			}
			sum += loss(s) * min(1, max(0, (float64(k+1)-above)/equal))
		}
		area += sum / float64(k+1)
	}
	return area / float64(len(in))
}

func twinOptimum(in []sample) float64 {
	r := share(in, incorrect)
	if r == 1 {
		return 1
	}
	return r + (1-r)*math.Log(1-r)
}

// twinAchievable integrates the least risk that a mixture of two thresholds has
// at each coverage. Between the coverages of thresholds, the expected errors of
// the best mixture are linear, so Gauss-Legendre integration is precise enough.
func twinAchievable(in []sample) float64 {
	if len(in) == 0 {
		return math.NaN()
	}
	n := float64(len(in))
	if r := share(in, incorrect); r == 0 || r == 1 {
		return r
	}
	type at struct{ n, wrong float64 }
	points := []at{{0, 0}}
	for _, t := range thresholds(in) {
		_, wrong := parts(accepted(in, t))
		points = append(points, at{float64(len(accepted(in, t))), float64(len(wrong))})
	}
	least := func(c float64) float64 {
		best := math.Inf(1)
		for _, a := range points {
			for _, b := range points {
				if a.n <= c && c <= b.n && a.n < b.n {
					best = min(best, a.wrong+(b.wrong-a.wrong)*(c-a.n)/(b.n-a.n))
				}
			}
		}
		return best
	}
	area := 0.0
	for k := 1; k < len(points); k++ {
		a, b := points[k-1].n, points[k].n
		ea, eb := least(a), least(b)
		if a == 0 {
			area += eb
			continue
		}
		slope := (eb - ea) / (b - a) // of expected errors, which are ea + slope (c - a)
		area += slope*(b-a) + (ea-slope*a)*math.Log(b/a)
	}
	return area / n
}

// twinOfficial follows the official code step by step.
func twinOfficial(in []sample, accuracy float64, start int) float64 {
	if len(in) <= start {
		return math.NaN()
	}
	s := falling(in)
	var below []bool
	right := 0.0
	for k, u := range s {
		right += happened(u)
		below = append(below, right/float64(k+1) < accuracy)
	}
	argmax := func(b []bool) int { return max(0, slices.Index(b, true)) }
	strict, later := argmax(below), argmax(below[start:])+start
	if later > start {
		strict = later
	}
	return float64(strict) / float64(len(s)+1)
}

// twinGuarantee searches like Guaranteed, with the binomial tail added up term
// by term.
// meanRiskFrom is the mean of the risks of the m longest prefixes, each expected over
// random order among ties.
func meanRiskFrom(in []sample, m int) float64 {
	total := 0.0
	for k := len(in) - m + 1; k <= len(in); k++ {
		for _, s := range in {
			if s.correct {
				continue
			}
			above, equal := 0.0, 0.0
			for _, u := range in {
				switch {
				case u.confidence > s.confidence:
					above++
				case u.confidence == s.confidence:
					equal++
				}
			}
			total += min(1, max(0, (float64(k)-above)/equal)) / float64(k)
		}
	}
	return total / float64(m)
}

// twinAbstention are precision and recall of abstaining; NaN where the table does not say
// where to abstain, which samples without a true mark stand for here.
func twinAbstention(in, out []sample) (precision, recall float64) {
	all := slices.Concat(in, out)
	did := slices.DeleteFunc(slices.Clone(all), func(s sample) bool { return !s.abstained })
	should := slices.DeleteFunc(slices.Clone(all), func(s sample) bool { return !s.should })
	return share(did, func(s sample) bool { return s.should }), share(should, func(s sample) bool { return s.abstained })
}

func twinGuarantee(in []sample, _ []sample, risk float64) float64 {
	all := thresholds(in)
	if len(all) == 0 {
		return math.NaN()
	}
	coverage := func(taken []sample) float64 { return float64(len(taken)) / float64(len(in)) }
	switch risk {
	case 0:
		return 0
	case 1:
		return coverage(answers(in))
	}
	var places []float64 // thresholds to be searched, falling
	tests := 0.0
	for k := 1.0; k <= 30; k++ {
		var enough []float64
		for _, t := range all {
			if math.Pow(1-risk, float64(len(accepted(in, t)))) <= 0.001/k {
				enough = append(enough, t)
			}
		}
		if most := int(math.Pow(2, k)) - 1; len(enough) > most {
			enough = enough[len(enough)-most:]
		}
		if len(enough) > len(places) {
			places, tests = enough, k
		}
	}
	best := 0.0
	for len(places) > 0 {
		middle := len(places) / 2
		taken := accepted(in, places[middle])
		if _, wrong := parts(taken); binomial(len(wrong), len(taken), risk) <= 0.001/tests {
			best, places = coverage(taken), places[middle+1:]
		} else {
			places = places[:middle]
		}
	}
	return best
}

// binomial is the probability of at most k among n.
func binomial(k, n int, p float64) float64 {
	total := 0.0
	for j := range k + 1 {
		ln := 0.0
		for i := range j {
			ln += math.Log(float64(n-i)) - math.Log(float64(i+1))
		}
		term := math.Exp(ln) * math.Pow(p, float64(j)) * math.Pow(1-p, float64(n-j))
		total += term
	}
	return total
}

// twinGini is the mean absolute difference over twice the mean.
func twinGini(in, out []sample, shift float64) float64 {
	if len(in) == 0 {
		in = out
	}
	total, differences := 0.0, 0.0
	for _, a := range in {
		total += a.confidence + shift
		for _, b := range in {
			differences += math.Abs(a.confidence - b.confidence)
		}
	}
	return differences / (2 * float64(len(in)) * total)
}

// twinPrecision is the area under precision against recall, most positive
// first; sign is -1 if that is the least trusted.
func twinPrecision(positives, negatives []sample, sign float64, trapezoid bool) float64 {
	if len(positives) == 0 || len(negatives) == 0 {
		return math.NaN()
	}
	var ts []float64
	for _, s := range slices.Concat(positives, negatives) {
		ts = append(ts, sign*s.confidence)
	}
	slices.Sort(ts)
	slices.Reverse(ts)
	area, recall, precision := 0.0, 0.0, 1.0
	for _, t := range slices.Compact(ts) {
		over := func(s sample) bool { return sign*s.confidence >= t }
		hits, alarms := share(positives, over)*float64(len(positives)), share(negatives, over)*float64(len(negatives))
		p := hits / (hits + alarms)
		height := p
		if trapezoid {
			height = (precision + p) / 2
		}
		area += (hits/float64(len(positives)) - recall) * height
		recall, precision = hits/float64(len(positives)), p
	}
	return area
}

// ofSets is a value of samples that have sets.
func ofSets(in []sample, value func() float64) float64 {
	if len(in) == 0 || in[0].size < 0 {
		return math.NaN()
	}
	return value()
}

// coverageOfClasses is that of each class that occurs.
func coverageOfClasses(in []sample) []float64 {
	var shares []float64
	for c := range 100 {
		if of := slices.DeleteFunc(slices.Clone(in), func(s sample) bool { return s.label != c }); len(of) > 0 {
			shares = append(shares, share(of, func(s sample) bool { return s.holds }))
		}
	}
	return shares
}
