package ranks

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// workers is a parallel loop of the kind that the harness hands down.
func workers(count int) func(n int, do func(i int)) {
	return func(n int, do func(i int)) {
		var wait sync.WaitGroup
		for w := range count {
			wait.Go(func() {
				for i := w; i < n; i += count {
					do(i)
				}
			})
		}
		wait.Wait()
	}
}

// referenceTable reads numbers from a CSV file in ../shared/ranks, without its
// header and its first column, or skips the test.
func referenceTable(t *testing.T, name string) [][]float64 {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "..", "shared", "ranks", name))
	if os.IsNotExist(err) {
		t.Skip("no reference sets at ../shared/ranks beside the module")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]float64
	for _, record := range records[1:] {
		var row []float64
		for _, cell := range record[1:] {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			row = append(row, v)
		}
		rows = append(rows, row)
	}
	return rows
}

// split separates the values from the covariance matrix beside them.
func split(rows [][]float64) (x []float64, covariance *resample.Matrix) {
	covariance = resample.NewMatrix(len(rows))
	for i, row := range rows {
		x = append(x, row[0])
		copy(covariance.Data[i*len(rows):], row[1:])
	}
	return x, covariance
}

func mustNoise(t testing.TB, covariance *resample.Matrix) *Noise {
	t.Helper()
	noise, err := NewNoise(covariance)
	if err != nil {
		t.Fatal(err)
	}
	return noise
}

func mustRanks(t testing.TB, x []float64, noise *Noise, o Options) *Sets {
	t.Helper()
	sets, err := New(x, noise, o)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// bounds are marginal and simultaneous sets and the rank, as the reference has them.
func (s Set) bounds() [5]int {
	return [5]int{s.Marginal.Lo, s.Marginal.Hi, s.Rank, s.Simultaneous.Lo, s.Simultaneous.Hi}
}

// TestCsranks compares with what csranks returned. Its bounds hold for one set
// of 20 000 draws, anew in each step; two pairs whose statistics lie within the
// Monte Carlo error of the critical value move a bound by two. So a bound may be
// one rank off, or else has to be one that a level within three standard errors
// of that error gives; the latter for one bound of a hundred at most.
func TestCsranks(t *testing.T) {
	for _, test := range []struct {
		name   string
		better metrics.Direction
	}{{"accuracy", metrics.Higher}, {"aurc", metrics.Lower}} {
		t.Run(test.name, func(t *testing.T) {
			x, covariance := split(referenceTable(t, test.name+".csv"))
			noise := mustNoise(t, covariance)
			const draws = 20000
			margin := 3 * math.Sqrt(0.95*0.05/draws)
			at := func(level float64) *Sets {
				return mustRanks(t, x, noise, Options{Better: test.better, Level: level, Draws: draws, Parallel: workers(2)})
			}
			got, narrow, wide := at(0.95), at(0.95-margin), at(0.95+margin)
			equal, far, total := 0, 0, 0
			for i, row := range referenceTable(t, test.name+"-ranks.csv") {
				for k, g := range got.Sets[i].bounds() {
					want := int(row[1+k])
					total++
					if g == want {
						equal++
						continue
					}
					one, two := narrow.Sets[i].bounds()[k], wide.Sets[i].bounds()[k]
					if k == 2 || want < min(g-1, one, two) || want > max(g+1, one, two) {
						t.Errorf("model %d, column %d: %d, csranks has %d", i, k+1, g, want)
					}
					if want < g-1 || want > g+1 {
						far++
					}
				}
				if may := slices.Contains(got.MayBeAmong(5), i); may != (row[6] == 1) {
					t.Errorf("model %d: may be among the best five: %v", i, may)
				}
			}
			t.Logf("%d of %d bounds equal, %d more than one rank off", equal, total, far)
			if far*100 > total {
				t.Errorf("%d of %d bounds are more than one rank off", far, total)
			}
		})
	}
}

// plainSets builds the sets from the same draws as directly as the paper states
// them: hypotheses in a list, every step over all draws in full.
func plainSets(d *draws, model int) Interval {
	type pair struct{ better, worse int }
	var left []pair
	for i := range d.models {
		for j := range d.models {
			if i != j && (model < 0 || i == model || j == model) {
				left = append(left, pair{i, j})
			}
		}
	}
	statistic := func(v []float64, p pair) float64 {
		return (v[p.better] - v[p.worse]) * d.precision[p.better*d.models+p.worse]
	}
	of, wins, losses := max(model, -model-1), 0, 0
	for before := -1; len(left) != before; {
		before = len(left)
		var most []float64
		for k := range d.count {
			m := 0.0
			for _, p := range left {
				m = max(m, statistic(d.noise[k*d.models:(k+1)*d.models], p))
			}
			most = append(most, m)
		}
		slices.Sort(most)
		critical := most[d.count-d.exceeding]
		left = slices.DeleteFunc(left, func(p pair) bool {
			rejected := statistic(d.values, p) > float64(float32(critical))
			if rejected && p.better == of {
				wins++
			}
			if rejected && p.worse == of {
				losses++
			}
			return rejected
		})
	}
	return Interval{1 + losses, d.models - wins}
}

// against is the marginal set that Against gives.
func against(s *Sets, reference int) Interval {
	set := Interval{1, len(s.Sets)}
	for j := range s.Sets {
		switch proven := s.Against(reference, j); {
		case proven > 0 && s.values[j] > s.values[reference]:
			set.Lo++
		case proven < 0 && s.values[j] < s.values[reference]:
			set.Hi--
		}
	}
	return set
}

// randomProblem makes estimates of n models from random samples.
func randomProblem(r *rand.Rand, n, samples int) (x []float64, influence [][]float64) {
	spread := r.Float64()
	common := make([]float64, samples)
	for s := range common {
		common[s] = r.NormFloat64()
	}
	for range n {
		column, mean := make([]float64, samples), 0.0
		for s := range column {
			column[s] = common[s] + r.NormFloat64()*(0.2+r.Float64())
			mean += column[s] / float64(samples)
		}
		for s := range column {
			column[s] -= mean
		}
		influence = append(influence, column)
		x = append(x, mean+spread*r.NormFloat64())
	}
	return x, influence
}

func TestRanksEqualThePlainProcedure(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 40 {
		n := 2 + r.IntN(9)
		x, influence := randomProblem(r, n, 3+r.IntN(60)) // often fewer samples than models
		covariance, err := resample.Covariance(influence, len(influence[0]))
		if err != nil {
			t.Fatal(err)
		}
		o := Options{Better: metrics.Higher, Level: 0.8 + 0.19*r.Float64(), Draws: 100 + r.IntN(400), Seed: uint64(round)}
		noise := mustNoise(t, covariance)
		sets := mustRanks(t, x, noise, o)
		if err := o.fill(); err != nil {
			t.Fatal(err)
		}
		d := newDraws(x, noise, o)
		for i, s := range sets.Sets {
			if want := plainSets(d, i); s.Marginal != want {
				t.Errorf("round %d: marginal set of model %d: %v, want %v", round, i, s.Marginal, want)
			}
			if got := against(sets, i); s.Marginal != got {
				t.Errorf("round %d: marginal set of model %d: %v, but against it %v", round, i, s.Marginal, got)
			}
			if want := plainSets(d, -i-1); s.Simultaneous != want {
				t.Errorf("round %d: simultaneous set of model %d: %v, want %v", round, i, s.Simultaneous, want)
			}
		}
	}
}

func TestRanksOfTwoIsTheNormalTest(t *testing.T) {
	covariance := &resample.Matrix{Size: 2, Data: []float64{2, 0.5, 0.5, 1}} // the difference has variance 2
	noise := mustNoise(t, covariance)
	sets := mustRanks(t, []float64{0, 2.9}, noise, Options{Draws: 200000})
	if math.Abs(sets.Critical-1.95996) > 0.02 { // 4 standard errors
		t.Errorf("critical value %v, want that of a two-sided normal test", sets.Critical)
	}
	if want := (Set{1, Interval{1, 1}, Interval{1, 1}}); sets.Sets[0] != want || !sets.Over(0, 1) || sets.Over(1, 0) {
		t.Errorf("lower is better, 2.05 standard errors apart: %+v", sets.Sets)
	}
	sets = mustRanks(t, []float64{0, 2.7}, noise, Options{Better: metrics.Higher})
	if want := (Set{2, Interval{1, 2}, Interval{1, 2}}); sets.Sets[0] != want || sets.Separable(0, 1) {
		t.Errorf("1.91 standard errors apart: %+v", sets.Sets)
	}
}

// TestRanksSmallCase: two leaders that share their errors and so are told apart
// by little, two equal values, one far behind.
func TestRanksSmallCase(t *testing.T) {
	covariance := &resample.Matrix{Size: 5, Data: []float64{
		1, 0.999, 0, 0, 0,
		0.999, 1, 0, 0, 0,
		0, 0, 1, 0, 0,
		0, 0, 0, 1, 0,
		0, 0, 0, 0, 1,
	}}
	sets := mustRanks(t, []float64{10, 9.8, 9, 9, 1}, mustNoise(t, covariance), Options{Better: metrics.Higher})
	want := []Set{
		{1, Interval{1, 3}, Interval{1, 3}},
		{2, Interval{2, 4}, Interval{2, 4}},
		{3, Interval{1, 4}, Interval{1, 4}},
		{3, Interval{1, 4}, Interval{1, 4}},
		{5, Interval{5, 5}, Interval{5, 5}},
	}
	if !slices.Equal(sets.Sets, want) {
		t.Errorf("sets %+v, want %+v", sets.Sets, want)
	}
	if got := sets.TiedWithBest(); !slices.Equal(got, []int{0, 2, 3}) {
		t.Errorf("tied with the best: %v", got)
	}
	if got := sets.MayBeAmong(1); !slices.Equal(got, []int{0, 2, 3}) {
		t.Errorf("may be the best: %v", got)
	}
	if got := sets.LevelError(); math.Abs(got-0.00218) > 0.00001 { // sqrt(0.95 * 0.05 / 10000)
		t.Errorf("the level has a standard error of %v", got)
	}
	if got := sets.SeparableNeighbours(); got != 2 {
		t.Errorf("%d neighbours told apart, want the first and the last pair", got)
	}
	letters := sets.Letters()
	var display []string
	for i := range want {
		display = append(display, letters.Of(i))
	}
	if got := strings.Join(display, " "); got != "a b ab ab c" {
		t.Errorf("letters %q", got)
	}
}

func TestRanksWithoutError(t *testing.T) {
	// models 0 and 1 give the same answers; 2 and 3 are right on all samples, 4 on none
	x := []float64{0.5, 0.5, 1, 1, 0}
	influence := [][]float64{{0.5, -0.5, 0.5, -0.5}, {0.5, -0.5, 0.5, -0.5}, make([]float64, 4), make([]float64, 4), make([]float64, 4)}
	covariance, err := resample.Covariance(influence, 4)
	if err != nil {
		t.Fatal(err)
	}
	direct, err := NoiseFromInfluence(influence, 4)
	if err != nil {
		t.Fatal(err)
	}
	for _, noise := range []*Noise{mustNoise(t, covariance), direct} {
		sets := mustRanks(t, x, noise, Options{Better: metrics.Higher, Draws: 2000})
		if sets.Separable(0, 1) || sets.Separable(2, 3) || !sets.Over(2, 4) || !sets.Over(3, 4) {
			t.Errorf("sets %+v", sets.Sets)
		}
	}
	sets := mustRanks(t, []float64{0.5}, mustNoise(t, &resample.Matrix{Size: 1, Data: []float64{1}}), Options{})
	if one := (Set{1, Interval{1, 1}, Interval{1, 1}}); sets.Sets[0] != one || !math.IsNaN(sets.Critical) || sets.Steps != 0 {
		t.Errorf("one model: %+v", sets)
	}
	if sets := mustRanks(t, nil, mustNoise(t, resample.NewMatrix(0)), Options{}); len(sets.Sets) != 0 || len(sets.Letters().Groups) != 0 {
		t.Errorf("no model: %+v", sets)
	}
}

func TestRanksDoNotDependOnWorkers(t *testing.T) {
	x, covariance := manyModels(60)
	noise := mustNoise(t, covariance)
	o := Options{Draws: 1030, Seed: 7}
	want := mustRanks(t, x, noise, o)
	for _, count := range []int{2, 5} {
		o.Parallel = workers(count)
		if got := mustRanks(t, x, noise, o); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: other sets", count)
		}
	}
	o.Seed = 8
	if other := mustRanks(t, x, noise, o); other.Critical == want.Critical {
		t.Error("another seed gives the same draws")
	}
}

func TestRanksDirection(t *testing.T) {
	x, covariance := manyModels(30)
	noise := mustNoise(t, covariance)
	higher := mustRanks(t, x, noise, Options{Better: metrics.Higher, Draws: 500})
	for i := range x {
		x[i] = 1 - x[i]
	}
	if lower := mustRanks(t, x, noise, Options{Better: metrics.Lower, Draws: 500}); !reflect.DeepEqual(lower.Sets, higher.Sets) {
		t.Errorf("errors rank as %v, accuracies as %v", lower.Sets, higher.Sets)
	}
}

func TestRanksRefuses(t *testing.T) {
	noise := mustNoise(t, &resample.Matrix{Size: 2, Data: []float64{1, 0, 0, 1}})
	for _, test := range []struct {
		x    []float64
		o    Options
		want string
	}{
		{[]float64{1}, Options{}, "1 values, but the sampling error of 2 models"},
		{[]float64{1, math.NaN()}, Options{}, "value 1 is NaN"},
		{[]float64{1, 2}, Options{Level: 0.3}, "level 0.3"},
		{[]float64{1, 2}, Options{Level: 1}, "level 1"},
		{[]float64{1, 2}, Options{Draws: 99}, "99 draws"},
	} {
		if _, err := New(test.x, noise, test.o); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v, %+v: error %v, want %q", test.x, test.o, err, test.want)
		}
	}
}

func TestNewNoiseRefuses(t *testing.T) {
	for _, test := range []struct {
		size int
		data []float64
		want string
	}{
		{2, []float64{1, 0, 0}, "3 entries, want 2 x 2"},
		{2, []float64{1, math.NaN(), math.NaN(), 1}, "row 0, column 1 is NaN"},
		{2, []float64{1, 0.5, 0.4, 1}, "row 1, column 0 is 0.4, but the other way round 0.5"},
		{2, []float64{1, 0, 0, -1}, "row 1: the variance -1 is negative"},
		{2, []float64{1, 1.5, 1.5, 1}, "row 0, column 1 is 1.5, more than the variances allow"},
		{3, []float64{1, 0.9, 0.9, 0.9, 1, -0.9, 0.9, -0.9, 1}, "not positive semidefinite"},
	} {
		if _, err := NewNoise(&resample.Matrix{Size: test.size, Data: test.data}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want %q", test.data, err, test.want)
		}
	}
}

func TestNoiseFromColumnsRefuses(t *testing.T) {
	for _, test := range []struct {
		columns [][]float64
		want    string
	}{
		{[][]float64{{1, 2}, {1}}, "model 1"},
		{[][]float64{{1, 2}, {1, math.Inf(1)}}, "model 1"},
	} {
		if _, err := NoiseFromInfluence(test.columns, 2); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("influence %v: error %v, want %q", test.columns, err, test.want)
		}
		if _, err := NoiseFromReplicates(test.columns); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("replicates %v: error %v, want %q", test.columns, err, test.want)
		}
	}
	if _, err := NoiseFromReplicates([][]float64{{1}}); err == nil || !strings.Contains(err.Error(), "two or more") {
		t.Errorf("one replicate: error %v", err)
	}
}

// TestNoise: the three ways to the sampling error give the same variances of
// differences, and draws with the covariance asked for.
func TestNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, samples := range []int{4, 50} { // singular and regular
		_, influence := randomProblem(r, 8, samples)
		influence = append(influence, influence[0]) // twins
		covariance, err := resample.Covariance(influence, samples)
		if err != nil {
			t.Fatal(err)
		}
		replicates := make([][]float64, len(influence))
		for i, column := range influence {
			for _, v := range column {
				replicates[i] = append(replicates[i], 3+v*math.Sqrt(float64(samples-1))/float64(samples))
			}
		}
		direct, err := NoiseFromInfluence(influence, samples)
		if err != nil {
			t.Fatal(err)
		}
		resampled, err := NoiseFromReplicates(replicates)
		if err != nil {
			t.Fatal(err)
		}
		ways := []*Noise{mustNoise(t, covariance), direct, resampled}
		for k, noise := range ways {
			for i := range influence {
				for j := range i {
					got, want := noise.precision(i, j), 1/math.Sqrt(covariance.Variance(i, j))
					if j == 0 && i == len(influence)-1 {
						if own := 1 / math.Sqrt(covariance.At(i, i)); got < 1e5*own {
							t.Errorf("way %d: twins have precision %v, one of them %v", k, got, own)
						}
					} else if math.Abs(got-want) > 1e-9*want {
						t.Errorf("way %d: precision of %d, %d is %v, want %v", k, i, j, got, want)
					}
				}
			}
		}
		d := newDraws(make([]float64, len(influence)), ways[0], Options{Level: 0.95, Draws: 40000, Parallel: inTurn})
		for i := range influence {
			for j := range i + 1 {
				product := 0.0
				for k := range d.count {
					product += d.noise[k*d.models+i] * d.noise[k*d.models+j] / float64(d.count)
				}
				scale := math.Sqrt(covariance.At(i, i) * covariance.At(j, j))
				if math.Abs(product-covariance.At(i, j)) > 0.04*scale { // over 5 standard errors
					t.Errorf("%d samples: draws of %d, %d have covariance %v, want %v", samples, i, j, product, covariance.At(i, j))
				}
			}
		}
	}
}

func TestNthLargest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range []int{1, 2, 16, 17, 100, 1000} {
		for _, distinct := range []int{1, 3, 1 << 20} {
			x := make([]float32, size)
			for i := range x {
				x[i] = float32(r.IntN(distinct))
			}
			sorted := slices.Sorted(slices.Values(x))
			for range 20 {
				n := 1 + r.IntN(size)
				if got := nthLargest(slices.Clone(x), n); got != sorted[size-n] {
					t.Fatalf("%d of %d values: %v, want %v", n, size, got, sorted[size-n])
				}
			}
		}
	}
}

// manyModels makes accuracies of n models, from 0.72 to 0.89, on the same 2000
// samples of differing difficulty, and their covariance.
func manyModels(n int) (x []float64, covariance *resample.Matrix) {
	const samples = 2000
	r := rand.New(rand.NewPCG(1, 2))
	hard := make([]float64, samples)
	for s := range hard {
		hard[s] = 1.2 * r.NormFloat64()
	}
	influence := make([][]float64, n)
	for i := range influence {
		correct, total := make([]float64, samples), 0.0
		for s := range hard {
			if hard[s]+0.8*r.NormFloat64() < 0.8+float64(i)/float64(n) {
				correct[s] = 1
				total++
			}
		}
		for s := range correct {
			correct[s] -= total / samples
		}
		x, influence[i] = append(x, total/samples), correct
	}
	covariance, err := resample.Covariance(influence, samples)
	if err != nil {
		panic(err)
	}
	return x, covariance
}

func BenchmarkRanks(b *testing.B) {
	x, covariance := manyModels(523)
	noise := mustNoise(b, covariance)
	for _, draws := range []int{1000, 20000} {
		b.Run(fmt.Sprintf("models=523/draws=%d", draws), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mustRanks(b, x, noise, Options{Better: metrics.Higher, Draws: draws, Parallel: workers(2)})
			}
		})
	}
}

func BenchmarkNewNoise(b *testing.B) {
	_, covariance := manyModels(523)
	for b.Loop() {
		mustNoise(b, covariance)
	}
}

// Values without any sampling error are told apart, unless the samples are too few
// for their agreement to say something.
func TestRanksOfTooFewSamples(t *testing.T) {
	noise, err := NewNoise(resample.NewMatrix(3))
	if err != nil {
		t.Fatal(err)
	}
	for few, want := range map[bool]Interval{false: {Lo: 1, Hi: 1}, true: {Lo: 1, Hi: 3}} {
		sets, err := New([]float64{1, 0.5, 0}, noise, Options{Better: metrics.Higher, Draws: 200, TooFew: few})
		if err != nil {
			t.Fatal(err)
		}
		if got := sets.Sets[0]; got.Simultaneous != want || got.Marginal != want || got.Rank != 1 {
			t.Errorf("too few %v: best model %+v, want ranks %v", few, got, want)
		}
		if d, lo, hi := sets.Difference(0, 2); d != -1 || math.IsNaN(lo) != few || math.IsNaN(hi) != few {
			t.Errorf("too few %v: difference %v [%v, %v]", few, d, lo, hi)
		}
		if sets.Separable(0, 2) == few || (sets.Against(0, 2) < 0) == few {
			t.Errorf("too few %v: apart %v, against %v", few, sets.Separable(0, 2), sets.Against(0, 2))
		}
	}
}
