package credal_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics/credal"
)

// names are all divergences with several orders.
var names = []string{"kl", "kl-reverse", "alpha@0.9", "alpha@1.2", "alpha@0.5", "alpha@2", "alpha@-0.5", "renyi@1.5", "renyi@0.7", "tv", "inner", "wasserstein"}

func divergence(t interface{ Fatal(...any) }, name string) credal.Divergence {
	d, err := credal.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// drawn is a distribution, now and then with ties and with zeros.
func drawn(rt *rapid.T, classes int, zeros bool) []float64 {
	p := make([]float64, classes)
	kind := rapid.IntRange(0, 2).Draw(rt, "kind")
	for k := range p {
		switch kind {
		case 0:
			p[k] = float64(rapid.IntRange(0, 3).Draw(rt, "tied"))
		case 1:
			p[k] = math.Exp(rapid.Float64Range(-12, 0).Draw(rt, "log"))
		default:
			p[k] = rapid.Float64Range(0, 1).Draw(rt, "p")
		}
		if !zeros {
			p[k] += 1e-6
		}
	}
	p[0] += 0.01
	credal.Floor(p, p, 0)
	return p
}

// members are members of the set around p: p itself moved towards other distributions as far
// as the set goes. None for Inner if p is not one.
func members(rng *rand.Rand, s *credal.Set, p []float64, count int) [][]float64 {
	var list [][]float64
	if !s.Holds(p, p) {
		return nil
	}
	for range count {
		far, total := make([]float64, len(p)), 0.0
		for k := range far {
			if rng.IntN(3) > 0 {
				far[k] = rng.ExpFloat64()
			}
			total += far[k]
		}
		if total == 0 {
			far[rng.IntN(len(far))], total = 1, 1
		}
		at := func(w float64) []float64 {
			q := make([]float64, len(p))
			for k := range q {
				q[k] = p[k] + w*(far[k]/total-p[k])
			}
			return q
		}
		lo, hi := 0.0, 1.0
		for range 50 {
			if middle := (lo + hi) / 2; s.Holds(at(middle), p) {
				lo = middle
			} else {
				hi = middle
			}
		}
		list = append(list, at(lo))
	}
	return list
}

// TestSetsOfAnyCentre: what holds for every divergence, centre and threshold.
func TestSetsOfAnyCentre(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "divergence")
		d := divergence(rt, name)
		n := rapid.IntRange(2, 7).Draw(rt, "classes")
		p := drawn(rt, n, rapid.Bool().Draw(rt, "zeros"))
		threshold := rapid.SampledFrom([]float64{0, 1e-6, 0.01, 0.1, 0.5, 1, 3}).Draw(rt, "t")
		s, err := credal.NewSet(d, threshold)
		if err != nil {
			rt.Fatal(err)
		}
		q, lower, upper, needs := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		beta := s.Intersection(q, lower, upper, p)
		if s.Empty(p) {
			if !slices.Equal(q, p) || d.Kind != credal.Inner {
				rt.Fatalf("%s around %v: empty, predicts %v", name, p, q)
			}
			return
		}
		class, _ := credal.Argmax(p, p)
		slack := 1e-9
		if threshold == 0 {
			slack = 1e-6 // Of takes 1e-14 for 0, which is so far away
		}
		inside := func(what string, q []float64) {
			total := 0.0
			for k, v := range q {
				total += v
				if !(v >= lower[k]-slack && v <= upper[k]+slack) {
					rt.Errorf("%s %v around %v: %s %v outside [%v, %v]", name, threshold, p, what, v, lower[k], upper[k])
				}
			}
			if math.Abs(total-1) > 1e-9 {
				rt.Errorf("%s: %s adds to %v", name, what, total)
			}
		}
		inside("intersection", q)
		if !(beta >= 0 && beta <= 1) && !math.IsNaN(beta) {
			rt.Errorf("%s: beta %v", name, beta)
		}
		if got, _ := credal.Argmax(q, p); d.F() && got != class {
			rt.Errorf("%s %v around %v: the intersection %v is for class %d, not %d", name, threshold, p, q, got, class)
		}
		s.MaxEntropy(q, p)
		inside("maxent", q)
		most := credal.Entropy(q)
		if v := d.Of(q, p); v > threshold+1e-8 {
			rt.Errorf("%s %v around %v: maxent %v lies %v away", name, threshold, p, q, v)
		}
		if got, _ := credal.Argmax(q, p); d.F() && got != class {
			rt.Errorf("%s %v around %v: maxent %v is for class %d, not %d", name, threshold, p, q, got, class)
		}
		least := s.LowerEntropy(p)
		choices := s.Choices(needs, p)
		if got := s.Certain(p); got != (len(choices) == 1) {
			all := make([]float64, n)
			d.Needs(all, p)
			near := slices.ContainsFunc(all, func(v float64) bool { return math.Abs(v-threshold) < 1e-9*math.Max(1, v) })
			if !near {
				rt.Errorf("%s %v around %v: certain %v, choices %v, needs %v", name, threshold, p, got, choices, all)
			}
		}
		exact := d.Kind == credal.KL || d.Kind == credal.TV || d.Kind == credal.Inner || n == 2
		for _, m := range members(rng, s, p, 20) {
			inside("member", m)
			h := credal.Entropy(m)
			if h > most+10*slack || exact && h < least-10*slack || h < least-0.05 {
				rt.Errorf("%s %v around %v: member %v of entropy %v, bounds %v to %v", name, threshold, p, m, h, least, most)
			}
			if j := slices.Index(m, slices.Max(m)); threshold > 0 && !slices.Contains(choices, int32(j)) {
				rt.Errorf("%s %v around %v: member %v chooses %d, choices %v", name, threshold, p, m, j, choices)
			}
		}
		if d.F() && !slices.Contains(choices, int32(class)) {
			rt.Errorf("%s: p's own class %d is no choice: %v", name, class, choices)
		}
		wider, _ := credal.NewSet(d, 1.5*threshold+0.01)
		lower2, upper2 := make([]float64, n), make([]float64, n)
		wider.Bounds(lower2, upper2, p)
		for k := range p {
			if lower2[k] > lower[k]+1e-12 || upper2[k] < upper[k]-1e-12 {
				rt.Errorf("%s: a larger threshold has narrower bounds", name)
			}
		}
	})
}

// TestBoundsAreReached: where a bound is neither 0 nor 1 a member has that probability, and
// a little beyond it none of that shape is one.
func TestBoundsAreReached(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names[:9]).Draw(rt, "divergence")
		d := divergence(rt, name)
		n := rapid.IntRange(2, 6).Draw(rt, "classes")
		p := drawn(rt, n, false)
		threshold := rapid.SampledFrom([]float64{1e-4, 0.01, 0.1, 0.5, 2}).Draw(rt, "t")
		s, _ := credal.NewSet(d, threshold)
		lower, upper := make([]float64, n), make([]float64, n)
		s.Bounds(lower, upper, p)
		for k := range p {
			at := func(v float64) float64 { // the class at v, the others in proportion
				q := make([]float64, n)
				for j := range q {
					q[j] = (1 - v) * p[j] / (1 - p[k])
				}
				q[k] = v
				return d.Of(q, p)
			}
			for _, c := range []struct{ bound, beyond float64 }{{lower[k], lower[k] - 1e-5*p[k]}, {upper[k], upper[k] + 1e-5*(1-upper[k])}} {
				if c.bound < 1e-9 || c.bound > 1-1e-9 {
					continue // rounded
				}
				if v := at(c.bound); v > threshold*(1+1e-6)+1e-9 {
					rt.Errorf("%s %v around %v: bound %v of class %d lies %v away", name, threshold, p, c.bound, k, v)
				}
				if c.beyond > 1e-12 && c.beyond < 1-1e-12 && p[k] < 1-1e-9 {
					if v := at(c.beyond); v < threshold*(1-1e-6) {
						rt.Errorf("%s %v around %v: %v beyond the bound %v of class %d is only %v away", name, threshold, p, c.beyond, c.bound, k, v)
					}
				}
			}
		}
	})
}

// grid has all distributions over three classes in steps of 1/m.
func grid(m int) [][]float64 {
	var all [][]float64
	for i := range m + 1 {
		for j := range m + 1 - i {
			all = append(all, []float64{float64(i) / float64(m), float64(j) / float64(m), float64(m-i-j) / float64(m)})
		}
	}
	return all
}

// TestAgainstGrid: over three classes bounds, entropies, choices, the mean member and the
// share of the simplex are those of a complete grid, to its resolution.
func TestAgainstGrid(t *testing.T) {
	const m = 200
	all := grid(m)
	for _, p := range [][]float64{{0.5, 0.3, 0.2}, {1. / 3, 1. / 3, 1. / 3}, {0.85, 0.1, 0.05}, {0.45, 0.45, 0.1}} {
		for _, name := range names {
			d := divergence(t, name)
			threshold := 0.12
			if d.Kind == credal.Inner {
				threshold = 1 - slices.Max(p) + 0.08
			}
			s, _ := credal.NewSet(d, threshold)
			lo, hi, mean := []float64{1, 1, 1}, []float64{0, 0, 0}, make([]float64, 3)
			least, most, count := 9., 0., 0.
			needs := []float64{9, 9, 9}
			for _, q := range all {
				far := d.Of(q, p)
				for j := range q {
					if q[j] == slices.Max(q) {
						needs[j] = math.Min(needs[j], far)
					}
				}
				if far > threshold {
					continue
				}
				h := credal.Entropy(q)
				least, most = math.Min(least, h), math.Max(most, h)
				count++
				for k, v := range q {
					lo[k], hi[k] = math.Min(lo[k], v), math.Max(hi[k], v)
					mean[k] += v
				}
			}
			lower, upper, q, need := make([]float64, 3), make([]float64, 3), make([]float64, 3), make([]float64, 3)
			s.Bounds(lower, upper, p)
			d.Needs(need, p)
			for k := range p {
				mean[k] /= count
				if lo[k] < lower[k]-1e-9 || lo[k] > lower[k]+0.012 || hi[k] > upper[k]+1e-9 || hi[k] < upper[k]-0.012 {
					t.Errorf("%s around %v: class %d from %v to %v, on the grid %v to %v", name, p, k, lower[k], upper[k], lo[k], hi[k])
				}
				if needs[k] < need[k]-1e-9 || needs[k] > need[k]+0.03 {
					t.Errorf("%s around %v: class %d needs %v, on the grid %v", name, p, k, need[k], needs[k])
				}
			}
			s.MaxEntropy(q, p)
			if h := credal.Entropy(q); h < most-1e-9 || h > most+0.02 {
				t.Errorf("%s around %v: most entropy %v, on the grid %v", name, p, h, most)
			}
			if h := s.LowerEntropy(p); h > least+1e-6 || h < least-0.06 {
				t.Errorf("%s around %v: least entropy %v, on the grid %v", name, p, h, least)
			}
			share := s.Average(q, p, 0, 0)
			if off(q, mean) > 0.01 || math.Abs(share-count/float64(len(all))) > 0.02 {
				t.Errorf("%s around %v: mean member %v, share %v; on the grid %v, %v", name, p, q, share, mean, count/float64(len(all)))
			}
			sampled := s.Sampled(p, 40000, 3)
			if error := 4 / math.Sqrt(sampled.Effective); off(sampled.Average, q) > 0.4*error || math.Abs(sampled.Share-share) > error*share {
				t.Errorf("%s around %v: sampled %+v, exact %v, %v", name, p, sampled, q, share)
			}
		}
	}
}

// TestSampledOfMoreClasses: the volume of a ball of total variation over five classes, and
// the mean of a set that is the same for every class.
func TestSampledOfMoreClasses(t *testing.T) {
	p := []float64{0.2, 0.2, 0.2, 0.2, 0.2}
	s, _ := credal.NewSet(credal.Divergence{Kind: credal.TV}, 0.1)
	got := s.Sampled(p, 60000, 1)
	rng := rand.New(rand.NewPCG(9, 9))
	hits, q := 0.0, make([]float64, 5)
	const plain = 400000
	for range plain {
		total := 0.0
		for k := range q {
			q[k] = rng.ExpFloat64()
			total += q[k]
		}
		for k := range q {
			q[k] /= total
		}
		if s.Holds(q, p) {
			hits++
		}
	}
	if want := hits / plain; math.Abs(got.Share-want) > 5*want*(1/math.Sqrt(got.Effective)+1/math.Sqrt(hits)) || off(got.Average, p) > 0.005 || got.Effective < 1000 {
		t.Errorf("share %v, mean %v, effective %v; plain draws %v", got.Share, got.Average, got.Effective, want)
	}
	if again := s.Sampled(p, 60000, 1); again.Share != got.Share {
		t.Error("the same seed gives another volume")
	}
}

// TestOrderOfClasses: for f-divergences and Inner classes may be renumbered.
func TestOrderOfClasses(t *testing.T) {
	p := []float64{0.02, 0.4, 0.13, 0.25, 0.2}
	order := []int{3, 0, 4, 1, 2}
	turned := make([]float64, 5)
	for k, from := range order {
		turned[k] = p[from]
	}
	for _, name := range names[:11] {
		d := divergence(t, name)
		threshold := 0.2
		if d.Kind == credal.Inner {
			threshold = 0.7
		}
		s, _ := credal.NewSet(d, threshold)
		for what, f := range map[string]func(dst, p []float64){
			"lower": func(dst, p []float64) { s.Bounds(dst, make([]float64, 5), p) }, "upper": func(dst, p []float64) { s.Bounds(make([]float64, 5), dst, p) },
			"maxent": s.MaxEntropy, "needs": s.D.Needs, "least": func(dst, p []float64) { dst[0] = 0; clear(dst); dst[0] = 0 },
		} {
			a, b := make([]float64, 5), make([]float64, 5)
			f(a, p)
			f(b, turned)
			for k, from := range order {
				if math.Abs(b[k]-a[from]) > 1e-9 {
					t.Errorf("%s: %s of class %d %v, renumbered %v", name, what, from, a[from], b[k])
				}
			}
		}
		if a, b := s.LowerEntropy(p), s.LowerEntropy(turned); math.Abs(a-b) > 1e-9 {
			t.Errorf("%s: least entropy %v, renumbered %v", name, a, b)
		}
	}
}

// TestEdges: one class, certain centres, thresholds of 0 and without end, equal models.
func TestEdges(t *testing.T) {
	for _, name := range names {
		d := divergence(t, name)
		for _, p := range [][]float64{{1}, {1, 0, 0}, {0.5, 0.5}, {1e-12, 1 - 1e-12}, {0.2, 0.3, 0.5}} {
			n := len(p)
			if v := d.Of(p, p); d.Kind != credal.Inner && v != 0 {
				t.Errorf("%s: of equal models %v", name, v)
			}
			for _, threshold := range []float64{0, 0.3, math.Inf(1)} {
				s, err := credal.NewSet(d, threshold)
				if err != nil {
					t.Fatal(err)
				}
				q, lower, upper, needs := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
				s.Intersection(q, lower, upper, p)
				for _, f := range []func(){func() {}, func() { s.MaxEntropy(q, p) }, func() { s.Average(q, p, 200, 1) }} {
					f()
					total := 0.0
					for _, v := range q {
						total += v
					}
					if !(math.Abs(total-1) < 1e-9) {
						t.Errorf("%s %v around %v: %v", name, threshold, p, q)
					}
				}
				if math.IsInf(threshold, 1) && n > 1 && (q[0] != 1/float64(n) || lower[0] != 0 || upper[0] != 1 || len(s.Choices(needs, p)) != n) {
					// Classes without probability need an infinite divergence, which is no more than that.
					t.Errorf("%s: without a threshold %v, %v to %v, choices %v", name, q, lower, upper, s.Choices(needs, p))
				}
				if h := s.LowerEntropy(p); !(h >= 0 && h <= math.Log2(float64(n))+1e-12) {
					t.Errorf("%s %v around %v: least entropy %v", name, threshold, p, h)
				}
				if threshold == 0 && d.Kind != credal.Inner && (off(q, p) > 1e-12 || off(lower, p) > 1e-12 || off(upper, p) > 1e-12) {
					t.Errorf("%s: threshold 0 around %v: %v, %v, %v", name, p, q, lower, upper)
				}
			}
		}
	}
	if v := credal.Threshold(nil, 0.1); !math.IsInf(v, 1) {
		t.Errorf("threshold of no scores %v", v)
	}
	if v := credal.Threshold([]float64{1, math.NaN()}, 0.5); !math.IsNaN(v) {
		t.Errorf("threshold with NaN %v", v)
	}
	if class, tied := credal.Argmax([]float64{0.4, 0.4 - 1e-12, 0.2}, []float64{0.3, 0.6, 0.1}); class != 1 || !tied {
		t.Errorf("class %d, tied %v", class, tied)
	}
}

// TestCoverage: over draws of calibration rows the threshold holds new rows in 1 - eps of
// the cases, however the scores are distributed, with ties more often.
func TestCoverage(t *testing.T) {
	draws := 3000
	if testing.Short() {
		draws = 500
	}
	rng := rand.New(rand.NewPCG(41, 1))
	d := credal.Divergence{Kind: credal.KL}
	pair := func() float64 {
		q, p := make([]float64, 3), make([]float64, 3)
		for k := range q {
			q[k] = rng.ExpFloat64()
			p[k] = q[k] * math.Exp(0.7*rng.NormFloat64())
		}
		credal.Floor(q, q, 0)
		credal.Floor(p, p, 1e-12)
		return d.Of(q, p)
	}
	for _, eps := range []float64{0.1, 0.3, 0.5} {
		const n, m = 29, 10
		held := 0.0
		for range draws {
			scores := make([]float64, n)
			for i := range scores {
				scores[i] = pair()
			}
			threshold := credal.Threshold(scores, eps)
			for range m {
				if pair() <= threshold {
					held++
				}
			}
		}
		share, error := held/float64(draws*m), 3.5*math.Sqrt(eps*(1-eps)/float64(draws)*(1./m+1./(n+2)))
		if share < 1-eps-error || share > 1-eps+1./(n+1)+error {
			t.Errorf("eps %v: %.4f of the rows are held", eps, share)
		}
	}
}

// TestRefused: what is no divergence or no threshold.
func TestRefused(t *testing.T) {
	for _, name := range []string{"", "KL", "kl@1", "alpha", "alpha@0", "alpha@1", "alpha@x", "alpha@NaN", "alpha@Inf", "renyi@-0.5", "tv@2", "kl-"} {
		if d, err := credal.Parse(name); err == nil {
			t.Errorf("%q is %v", name, d)
		}
	}
	for _, v := range []float64{-1e-9, math.NaN(), math.Inf(-1)} {
		if _, err := credal.NewSet(credal.Divergence{}, v); err == nil {
			t.Errorf("threshold %v is allowed", v)
		}
	}
	for _, d := range []credal.Divergence{{Kind: 99}, {Kind: credal.Alpha}, {Kind: credal.TV, Alpha: 1}} {
		if _, err := credal.NewSet(d, 1); err == nil {
			t.Errorf("%+v is allowed", d)
		}
	}
	for _, name := range names {
		if d := divergence(t, name); d.String() != name {
			t.Errorf("%s is written %s", name, d)
		}
	}
}

// FuzzParse: a name is a divergence that is written as it is read, or an error.
func FuzzParse(f *testing.F) {
	for _, name := range names {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		d, err := credal.Parse(name)
		if err != nil {
			return
		}
		if again, err := credal.Parse(d.String()); err != nil || again != d {
			t.Errorf("%q is %v, and that is %v, %v", name, d, again, err)
		}
	})
}

func softmaxRows(seed uint64, n, classes int, scale float64) []float64 {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := make([]float64, n*classes)
	for i := range n {
		row, total := p[i*classes:(i+1)*classes], 0.0
		for k := range row {
			row[k] = math.Exp(scale * rng.NormFloat64())
			total += row[k]
		}
		for k := range row {
			row[k] /= total
		}
		credal.Floor(row, row, 1e-12)
	}
	return p
}

// BenchmarkRow is the time of one row of 1000 classes.
func BenchmarkRow(b *testing.B) {
	const classes, rows = 1000, 64
	edge, cloud := softmaxRows(1, rows, classes, 3), softmaxRows(2, rows, classes, 3)
	q, lower, upper := make([]float64, classes), make([]float64, classes), make([]float64, classes)
	for _, name := range []string{"kl", "alpha@0.9", "renyi@1.5", "tv", "inner"} {
		d := divergence(b, name)
		threshold := map[bool]float64{true: 0.98, false: 0.5}[d.Kind == credal.Inner]
		s, _ := credal.NewSet(d, threshold)
		for what, f := range map[string]func(q, p, cloud []float64){
			"score":        func(_, p, cloud []float64) { d.Of(cloud, p) },
			"intersection": func(q, p, _ []float64) { s.Intersection(q, lower, upper, p) },
			"maxent":       func(q, p, _ []float64) { s.MaxEntropy(q, p) },
			"choices":      func(q, p, _ []float64) { s.Choices(q, p) },
			"lower":        func(_, p, _ []float64) { s.LowerEntropy(p) },
		} {
			if what == "lower" && name != "kl" && name != "tv" {
				continue
			}
			b.Run(fmt.Sprintf("%s/%s", name, what), func(b *testing.B) {
				i := 0
				for b.Loop() {
					row := i % rows * classes
					f(q, edge[row:row+classes], cloud[row:row+classes])
					i++
				}
			})
		}
	}
}
