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
				return mustRanks(t, x, noise, Options{Better: test.better, Level: level, Draws: draws, Parallel: workers(2), Marginal: true})
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

// plain holds the draws by model and draw, and what every pair is divided by, in float64.
type plain struct {
	models, count, exceeding int
	values                   []float64
	noise                    []float64 // draws x models
	precision, observed      []float64 // models x models: one over the standard errors of draws and of values; 0 for no error
}

func plainDraws(values []float64, d *draws) *plain {
	n := d.models
	p := &plain{models: n, count: d.count, exceeding: d.exceeding, values: values, noise: make([]float64, n*d.count),
		precision: make([]float64, n*n), observed: make([]float64, n*n)}
	for i := range n {
		for b := range d.count {
			p.noise[b*n+i] = d.error(d.place[i], b)
		}
		for j := range n {
			if v := d.variance(d.place[i], d.place[j]); v > 0 {
				p.precision[i*n+j] = d.unit / math.Sqrt(v)
				p.observed[i*n+j] = 1 / (d.noise.scale * math.Sqrt(v))
			}
		}
	}
	return p
}

// plainSets builds the sets from the same draws as directly as the paper states
// them: hypotheses in a list, every step over all draws in full. It returns the set of a
// model by its own family, or of model -1-m by that of all pairs, and the critical values.
func plainSets(d *plain, model int) (set Interval, steps []float64) {
	type pair struct{ better, worse int }
	var left []pair
	for i := range d.models {
		for j := range d.models {
			if i != j && d.precision[i*d.models+j] > 0 && (model < 0 || i == model || j == model) {
				left = append(left, pair{i, j})
			}
		}
	}
	of, wins, losses := max(model, -model-1), 0, 0
	for before := -1; len(left) != before && len(left) > 0; {
		before = len(left)
		most := make([]float64, d.count)
		for k := range most {
			z := d.noise[k*d.models : (k+1)*d.models]
			for _, p := range left {
				most[k] = max(most[k], (z[p.better]-z[p.worse])*d.precision[p.better*d.models+p.worse])
			}
		}
		slices.Sort(most)
		critical := most[d.count-d.exceeding]
		steps = append(steps, critical)
		left = slices.DeleteFunc(left, func(p pair) bool {
			rejected := (d.values[p.better]-d.values[p.worse])*d.observed[p.better*d.models+p.worse] > critical
			if rejected && p.better == of {
				wins++
			}
			if rejected && p.worse == of {
				losses++
			}
			return rejected
		})
	}
	return Interval{1 + losses, d.models - wins}, steps
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
		o := Options{Better: metrics.Higher, Level: 0.5 + 0.49*r.Float64(), Draws: 100 + r.IntN(400), Seed: uint64(round), Marginal: true}
		noise := mustNoise(t, covariance)
		sets := mustRanks(t, x, noise, o)
		if err := o.fill(); err != nil {
			t.Fatal(err)
		}
		d := plainDraws(x, newDraws(noise, o))
		for i, s := range sets.Sets {
			want, steps := plainSets(d, i)
			if s.Marginal != want || !near(steps[0], sets.AgainstCritical(i)) {
				t.Errorf("round %d: marginal set of model %d: %v at %v, want %v at %v", round, i, s.Marginal, sets.AgainstCritical(i), want, steps)
			}
			if got := against(sets, i); s.Marginal != got {
				t.Errorf("round %d: marginal set of model %d: %v, but against it %v", round, i, s.Marginal, got)
			}
			want, steps = plainSets(d, -i-1)
			if s.Simultaneous != want {
				t.Errorf("round %d: simultaneous set of model %d: %v, want %v", round, i, s.Simultaneous, want)
			}
			sameSteps(t, fmt.Sprint("round ", round), sets, steps)
		}
	}
}

// near reports whether critical values agree but for the rounding of float64.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-10*math.Abs(b) }

// sameSteps fails where a step-down has other critical values or another number of steps.
func sameSteps(t *testing.T, name string, s *Sets, steps []float64) {
	t.Helper()
	if s.Steps != len(steps) || !near(s.Critical, steps[0]) || !near(s.LastCritical, steps[len(steps)-1]) {
		t.Errorf("%s: %d steps from %v to %v, want %v", name, s.Steps, s.Critical, s.LastCritical, steps)
	}
}

// worlds are joint errors of the kinds that leaderboards have, of n models on some samples.
func worlds(r *rand.Rand, n, samples int) map[string][][]float64 {
	normal := func(deviation float64) []float64 {
		column := make([]float64, samples)
		for s := range column {
			column[s] = deviation * r.NormFloat64()
		}
		return column
	}
	mix := func(a, b []float64) []float64 {
		column := make([]float64, samples)
		for s := range column {
			column[s] = a[s] + b[s]
		}
		return column
	}
	w := map[string][][]float64{}
	common := normal(1)
	for i := range n {
		w["independent"] = append(w["independent"], normal(1))
		w["common"] = append(w["common"], mix(common, normal(0.3+r.Float64())))
		w["spread"] = append(w["spread"], mix(common, normal(math.Exp(3*r.NormFloat64()))))
		if i%10 == 0 {
			w["families"] = append(w["families"], mix(common, normal(0.7)))
		} else {
			w["families"] = append(w["families"], mix(w["families"][i/10*10], normal(0.01)))
		}
		if i%2 == 0 {
			w["twins"] = append(w["twins"], normal(1))
		} else {
			w["twins"] = append(w["twins"], slices.Clone(w["twins"][i-1]))
		}
		wrong := make([]float64, samples)
		for s := range wrong {
			if common[s]+0.8*r.NormFloat64() > 1.5+float64(i)/float64(n) {
				wrong[s] = 1
			}
		}
		w["errors"] = append(w["errors"], wrong)
	}
	for _, columns := range w {
		for i, column := range columns {
			columns[i], _ = centre(column)
		}
	}
	return w
}

// TestPrunedEqualsAll: over several blocks of models, for errors of different kinds, the
// short list gives the critical value of every step that all pairs of all draws give.
func TestPrunedEqualsAll(t *testing.T) {
	n := 150
	if testing.Short() {
		n = 70
	}
	r := rand.New(rand.NewPCG(91, 92))
	for name, influence := range worlds(r, n, 300) {
		x := make([]float64, n)
		for i := range x {
			x[i] = 0.2 * r.NormFloat64() * float64(r.IntN(3))
			if name == "twins" {
				x[i] = x[i/2*2]
			}
		}
		noise, err := NoiseFromInfluence(influence, 300)
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range []float64{0.8, 0.95, 0.999} {
			o := Options{Better: metrics.Higher, Level: level, Draws: 1500, Seed: 3, Parallel: workers(2)}
			sets := mustRanks(t, x, noise, o)
			d := plainDraws(x, newDraws(noise, o))
			for i := range 3 {
				set, steps := plainSets(d, -1-i*n/3)
				if sets.Sets[i*n/3].Simultaneous != set {
					t.Errorf("%s at %v: model %d has %v, want %v", name, level, i*n/3, sets.Sets[i*n/3], set)
				}
				sameSteps(t, fmt.Sprint(name, " at ", level), sets, steps)
			}
		}
	}
}

func TestRanksOfTwoIsTheNormalTest(t *testing.T) {
	covariance := &resample.Matrix{Size: 2, Data: []float64{2, 0.5, 0.5, 1}} // the difference has variance 2
	noise := mustNoise(t, covariance)
	sets := mustRanks(t, []float64{0, 2.9}, noise, Options{Draws: 200000, Marginal: true})
	if math.Abs(sets.Critical-1.95996) > 0.02 { // 4 standard errors
		t.Errorf("critical value %v, want that of a two-sided normal test", sets.Critical)
	}
	if want := (Set{1, Interval{1, 1}, Interval{1, 1}}); sets.Sets[0] != want || !sets.Over(0, 1) || sets.Over(1, 0) {
		t.Errorf("lower is better, 2.05 standard errors apart: %+v", sets.Sets)
	}
	sets = mustRanks(t, []float64{0, 2.7}, noise, Options{Better: metrics.Higher, Marginal: true})
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
	sets := mustRanks(t, []float64{10, 9.8, 9, 9, 1}, mustNoise(t, covariance), Options{Better: metrics.Higher, Marginal: true})
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
	sets := mustRanks(t, []float64{0.5}, mustNoise(t, &resample.Matrix{Size: 1, Data: []float64{1}}), Options{Marginal: true})
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
	o := Options{Draws: 1030, Seed: 7, Marginal: true}
	want := mustRanks(t, x, noise, o)
	for _, count := range []int{2, 5} {
		o.Parallel = workers(count)
		got := mustRanks(t, x, noise, o)
		if !reflect.DeepEqual(got.Sets, want.Sets) || !slices.Equal(got.over, want.over) ||
			got.Critical != want.Critical || got.LastCritical != want.LastCritical {
			t.Errorf("%d workers: other sets", count)
		}
		for i := range x {
			if got.AgainstCritical(i) != want.AgainstCritical(i) {
				t.Errorf("%d workers: other comparison with model %d", count, i)
			}
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
	higher := mustRanks(t, x, noise, Options{Better: metrics.Higher, Draws: 500, Marginal: true})
	for i := range x {
		x[i] = 1 - x[i]
	}
	if lower := mustRanks(t, x, noise, Options{Better: metrics.Lower, Draws: 500, Marginal: true}); !reflect.DeepEqual(lower.Sets, higher.Sets) {
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
					got, want := noise.scale*noise.scale*noise.apart(i, j), covariance.Variance(i, j)
					if j == 0 && i == len(influence)-1 {
						if d := newDraws(noise, Options{Level: 0.95, Draws: 100, Parallel: inTurn}); d.variance(d.place[i], d.place[j]) != 0 {
							t.Errorf("way %d: twins have variance %v", k, got)
						}
					} else if math.Abs(got-want) > 1e-9*want {
						t.Errorf("way %d: variance of %d less %d is %v, want %v", k, i, j, got, want)
					}
				}
			}
		}
		for k, noise := range ways {
			d := newDraws(noise, Options{Level: 0.95, Draws: 40000, Parallel: inTurn})
			unit := noise.scale * d.unit
			for i := range influence {
				for j := range i {
					squares := 0.0
					for b := range d.count {
						difference := unit * (d.error(d.place[i], b) - d.error(d.place[j], b))
						squares += difference * difference / float64(d.count)
					}
					if want := covariance.Variance(i, j); k < 2 && math.Abs(squares-want) > 0.04*want+1e-12 { // over 5 standard errors
						t.Errorf("way %d, %d samples: draws of %d less %d have variance %v, want %v", k, samples, i, j, squares, want)
					}
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
	x, influence := influenceOf(n, samples)
	covariance, err := resample.Covariance(influence, samples)
	if err != nil {
		panic(err)
	}
	return x, covariance
}

// influenceOf makes such accuracies and their influence values.
func influenceOf(n, samples int) (x []float64, influence [][]float64) {
	r := rand.New(rand.NewPCG(1, 2))
	hard := make([]float64, samples)
	for s := range hard {
		hard[s] = 1.2 * r.NormFloat64()
	}
	influence = make([][]float64, n)
	for i := range influence {
		correct, total := make([]float64, samples), 0.0
		for s := range hard {
			if hard[s]+0.8*r.NormFloat64() < 0.8+float64(i)/float64(n) {
				correct[s] = 1
				total++
			}
		}
		for s := range correct {
			correct[s] -= total / float64(samples)
		}
		x, influence[i] = append(x, total/float64(samples)), correct
	}
	return x, influence
}

// BenchmarkRanks makes the rank sets of models on 1000 samples from influence values, and the
// comparisons of one of them, or of each, with the others.
func BenchmarkRanks(b *testing.B) {
	for _, n := range []int{523, 2000, 5000} {
		x, influence := influenceOf(n, 1000)
		for _, one := range []struct {
			name string
			then func(s *Sets)
		}{{"all-pairs", func(*Sets) {}}, {"and-one-reference", func(s *Sets) { s.Against(0, 1) }}, {"and-each-reference", func(s *Sets) { s.CriticalRange() }}} {
			b.Run(fmt.Sprintf("models=%d/%s", n, one.name), func(b *testing.B) {
				if n > 1000 && one.name == "and-each-reference" {
					b.Skip("takes the square of the models")
				}
				b.ReportAllocs()
				for b.Loop() {
					noise, err := FactoredInfluence(influence, 1000, workers(2))
					if err != nil {
						b.Fatal(err)
					}
					s := mustRanks(b, x, noise, Options{Better: metrics.Higher, Parallel: workers(2)})
					one.then(s)
				}
			})
		}
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
		sets, err := New([]float64{1, 0.5, 0}, noise, Options{Better: metrics.Higher, Draws: 200, TooFew: few, Marginal: true})
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
