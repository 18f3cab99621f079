package credal_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"abstain/metrics/credal"
	"abstain/metrics/internal/conformance"
	"abstain/metrics/stattest"
)

// place is the directory of the reference values.
func place() string {
	if dir := *conformance.Credal; dir != "" {
		return dir
	}
	return "../../../shared/credal"
}

// content reads a file of reference values, or skips the test.
func content(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(place(), name))
	if os.IsNotExist(err) {
		t.Skipf("the reference values are not there: %v; -credal DIR names another place", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(content(t, name), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// number is one that JSON cannot write, or null.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"inf"`:
		*n = number(math.Inf(1))
	case `null`:
		*n = number(math.NaN())
	default:
		return json.Unmarshal(b, (*float64)(n))
	}
	return nil
}

func floats(n []number) []float64 {
	if n == nil {
		return nil
	}
	v := make([]float64, len(n))
	for i, x := range n {
		v[i] = float64(x)
	}
	return v
}

// vector is a set around one distribution.
type vector struct {
	ID           string
	P            []float64
	Floor        float64
	Divergence   string
	Alpha        *float64
	T            number
	Empty        bool
	Lower, Upper []float64
	MeanWidth    float64 `json:"mean_width"`
	Beta         number
	Intersection []float64
	MaxEnt       []float64
	UpperEntropy *float64 `json:"upper_entropy_bits"`
	LowerEntropy *float64 `json:"lower_entropy_bits"`
	Scan         *float64 `json:"lower_entropy_bits_boundary_scan"`
	Need         []number `json:"argmax_need"`
	Set          []int32  `json:"argmax_set"`
	Average      []float64
	Tolerance    float64  `json:"average_tolerance"`
	Share        *float64 `json:"share_of_simplex"`
	Grid         *struct {
		Points  int
		Margin  *float64
		Average []float64
	} `json:"grid_0.005"`
}

func (v vector) divergence(t *testing.T) credal.Divergence {
	t.Helper()
	name := v.Divergence
	if v.Alpha != nil {
		name += "@" + strconv.FormatFloat(*v.Alpha, 'g', -1, 64)
	}
	d, err := credal.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (v vector) set(t *testing.T) *credal.Set {
	t.Helper()
	s, err := credal.NewSet(v.divergence(t), float64(v.T))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// off is the largest distance; NaN only where both are.
func off(got, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	most := 0.0
	for i := range got {
		d := math.Abs(got[i] - want[i])
		if got[i] == want[i] || math.IsNaN(got[i]) && math.IsNaN(want[i]) {
			d = 0
		}
		if !(d <= most) {
			most = d
		}
	}
	return most
}

// tally keeps the largest distances seen.
type tally map[string]float64

func (y tally) check(t *testing.T, id, what string, got, want []float64, tolerance float64) {
	t.Helper()
	d := off(got, want)
	if !(d <= tolerance) {
		t.Errorf("%s: %s %v, want %v (off by %.2g)", id, what, got, want, d)
	}
	y[what] = math.Max(y[what], d)
}

func one(v float64) []float64 { return []float64{v} }

// TestVectors compares bounds, predictors, entropies, volumes and choices.
func TestVectors(t *testing.T) {
	var file struct{ Cases []vector }
	read(t, "vectors.json", &file)
	seen := tally{}
	for _, c := range file.Cases {
		s := c.set(t)
		n := len(c.P)
		p, q, lower, upper := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		credal.Floor(p, c.P, c.Floor)
		if s.Empty(p) != c.Empty {
			t.Errorf("%s: empty %v", c.ID, s.Empty(p))
			continue
		}
		beta := s.Intersection(q, lower, upper, p)
		seen.check(t, c.ID, "intersection", q, c.Intersection, 1e-9)
		if c.Empty {
			s.MaxEntropy(q, p)
			seen.check(t, c.ID, "maxent", q, c.MaxEnt, 1e-15)
			continue
		}
		seen.check(t, c.ID, "lower", lower, c.Lower, 1e-9)
		seen.check(t, c.ID, "upper", upper, c.Upper, 1e-9)
		seen.check(t, c.ID, "mean width", one(credal.MeanWidth(lower, upper)), one(c.MeanWidth), 1e-9)
		seen.check(t, c.ID, "beta", one(beta), one(float64(c.Beta)), 1e-8)
		s.MaxEntropy(q, p)
		seen.check(t, c.ID, "maxent", q, c.MaxEnt, 2e-7)
		if c.UpperEntropy != nil {
			seen.check(t, c.ID, "upper entropy", one(credal.Entropy(q)), one(*c.UpperEntropy), 1e-9)
		}
		if c.LowerEntropy != nil {
			seen.check(t, c.ID, "lower entropy", one(s.LowerEntropy(p)), one(math.Max(0, *c.LowerEntropy)), 1e-9)
		}
		if c.Scan != nil {
			// A scan can only miss the least; see TestLowerEntropyIsOfAMember.
			seen.check(t, c.ID, "lower entropy by descent", one(math.Max(s.LowerEntropy(p), *c.Scan)), one(*c.Scan), 5e-5)
		}
		if c.Need != nil {
			needs := make([]float64, n)
			s.D.Needs(needs, p)
			for j, want := range floats(c.Need) {
				seen.check(t, c.ID, fmt.Sprintf("need of %d", j), one(needs[j]), one(want), 1e-9*math.Max(1, math.Abs(want)))
			}
			if got := s.Choices(needs, p); c.Set != nil && !slices.Equal(got, c.Set) {
				t.Errorf("%s: choices %v, want %v", c.ID, got, c.Set)
			}
		}
		if c.Average != nil {
			tolerance := math.Max(c.Tolerance, 1e-9)
			share := s.Average(q, p, 0, 1)
			seen.check(t, c.ID, "average", q, c.Average, tolerance)
			if c.Share != nil {
				seen.check(t, c.ID, "share of the simplex", one(share), one(*c.Share), tolerance)
			}
		}
	}
	t.Logf("%d cases; largest distances %v", len(file.Cases), seen)
}

// TestVectors1000 compares some classes of a thousand, and sums over all.
func TestVectors1000(t *testing.T) {
	var file struct {
		Cases []struct {
			vector
			P        string
			Classes  []int
			SumLower float64 `json:"sum_lower"`
			SumUpper float64 `json:"sum_upper"`
			Entropy  float64 `json:"intersection_entropy_bits"`
			Max      float64 `json:"intersection_max"`
			Argmax   int     `json:"argmax_of_p"`
			MaxMax   float64 `json:"maxent_max"`
			Choices  *int    `json:"argmax_set_size"`
		}
	}
	read(t, "vectors1000.json", &file)
	rows, err := csv.NewReader(bytesOf(content(t, "p1000.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]float64{}
	for _, row := range rows[1:] {
		for k, name := range rows[0] {
			v, err := strconv.ParseFloat(row[k], 64)
			if err != nil {
				t.Fatal(err)
			}
			columns[name] = append(columns[name], v)
		}
	}
	seen := tally{}
	for _, c := range file.Cases {
		s := c.set(t)
		raw := columns[c.P]
		n := len(raw)
		p, q, lower, upper, needs := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
		credal.Floor(p, raw, c.Floor)
		at := func(v []float64) []float64 {
			var some []float64
			for _, k := range c.Classes {
				some = append(some, v[k])
			}
			return some
		}
		total := func(v []float64) float64 {
			so := 0.0
			for _, x := range v {
				so += x
			}
			return so
		}
		beta := s.Intersection(q, lower, upper, p)
		if c.Empty {
			continue
		}
		seen.check(t, c.ID, "lower", at(lower), c.Lower, 1e-9)
		seen.check(t, c.ID, "upper", at(upper), c.Upper, 1e-9)
		seen.check(t, c.ID, "sums", []float64{total(lower), total(upper)}, []float64{c.SumLower, c.SumUpper}, 1e-7)
		seen.check(t, c.ID, "beta", one(beta), one(float64(c.Beta)), 1e-7)
		seen.check(t, c.ID, "intersection", at(q), c.Intersection, 1e-9)
		seen.check(t, c.ID, "mean width", one(credal.MeanWidth(lower, upper)), one(c.MeanWidth), 1e-9)
		seen.check(t, c.ID, "entropy of the intersection", one(credal.Entropy(q)), one(c.Entropy), 1e-7)
		if class, _ := credal.Argmax(q, p); class != c.Argmax && s.D.F() {
			t.Errorf("%s: class %d, want %d", c.ID, class, c.Argmax)
		}
		if c.MaxEnt != nil {
			s.MaxEntropy(q, p)
			seen.check(t, c.ID, "maxent", at(q), c.MaxEnt, 1e-8)
			seen.check(t, c.ID, "upper entropy", one(credal.Entropy(q)), one(*c.UpperEntropy), 1e-7)
		}
		if c.LowerEntropy != nil {
			seen.check(t, c.ID, "lower entropy", one(s.LowerEntropy(p)), one(*c.LowerEntropy), 1e-8)
		}
		if c.Need != nil {
			s.D.Needs(needs, p)
			for i, want := range floats(c.Need) {
				seen.check(t, c.ID, "need", one(needs[c.Classes[i]]), one(want), 1e-9*math.Max(1, math.Abs(want)))
			}
			if c.Choices != nil && len(s.Choices(needs, p)) != *c.Choices {
				t.Errorf("%s: %d choices, want %d", c.ID, len(s.Choices(needs, p)), *c.Choices)
			}
		}
	}
	t.Logf("%d cases; largest distances %v", len(file.Cases), seen)
}

// TestTiny compares bounds of sets so thin that a plain difference loses them.
func TestTiny(t *testing.T) {
	var file struct{ Cases []vector }
	read(t, "tiny.json", &file)
	seen := tally{}
	for _, c := range file.Cases {
		s := c.set(t)
		p, lower, upper := make([]float64, len(c.P)), make([]float64, len(c.P)), make([]float64, len(c.P))
		credal.Floor(p, c.P, c.Floor)
		s.Bounds(lower, upper, p)
		tolerance := 1e-10
		if c.T < 1e-9 {
			tolerance = 2e-9
		}
		id := fmt.Sprintf("%v %s %v", c.P, s.D, c.T)
		seen.check(t, id, "lower", lower, c.Lower, tolerance)
		seen.check(t, id, "upper", upper, c.Upper, tolerance)
	}
	t.Logf("%d cases; largest distances %v", len(file.Cases), seen)
}

// TestScores compares divergences of pairs of distributions.
func TestScores(t *testing.T) {
	var file struct {
		Pairs []struct {
			ID          string
			Cloud, Edge []float64
			Floor       float64
			Scores      map[string]number
		}
	}
	read(t, "scores.json", &file)
	for _, c := range file.Pairs {
		p := make([]float64, len(c.Edge))
		credal.Floor(p, c.Edge, c.Floor)
		for name, want := range c.Scores {
			d, err := credal.Parse(name)
			if err != nil {
				t.Fatal(err)
			}
			got, want := d.Of(c.Cloud, p), float64(want)
			if got != want && !(math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))) {
				t.Errorf("%s: %s %v, want %v", c.ID, name, got, want)
			}
		}
	}
}

// TestRanks compares ranks of the conformal quantile.
func TestRanks(t *testing.T) {
	var file struct {
		Ranks []struct {
			N   int
			Eps json.Number
			K   int
		}
	}
	read(t, "ranks.json", &file)
	for _, c := range file.Ranks {
		eps, err := c.Eps.Float64()
		if err != nil {
			t.Fatal(err)
		}
		if got := stattest.ConformalRank(c.N, eps); got != c.K {
			t.Errorf("n = %d, eps %v: %d, want %d", c.N, eps, got, c.K)
		}
	}
}
