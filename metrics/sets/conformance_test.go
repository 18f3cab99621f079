package sets_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"abstain/metrics/internal/conformance"
	"abstain/metrics/sets"
)

// read fills v with a file of reference values, or skips the test.
func read(t *testing.T, name string, v any) {
	t.Helper()
	dir := *conformance.Guarantees
	if dir == "" {
		dir = "../../../shared/guarantees"
	}
	content, err := os.ReadFile(filepath.Join(dir, name))
	if os.IsNotExist(err) {
		t.Skipf("the reference values are not there: %v; -guarantees DIR names another place", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, v); err != nil {
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

type measures struct {
	Coverage   float64
	MeanSize   float64 `json:"mean_size"`
	Histogram  []int
	Empty      float64
	Singletons float64 `json:"singleton_share"`
	Hits       float64 `json:"singleton_hits"`
	Accuracy   number  `json:"singleton_accuracy"`
	Strata     [][]number
	SSCV       float64
	EachSize   float64  `json:"sscv_each_size"`
	Shortfall  float64  `json:"size_gap_below"`
	ByClass    []number `json:"by_class"`
	GapMean    float64  `json:"class_gap_mean"`
	GapMax     float64  `json:"class_gap_max"`
	WorstClass float64  `json:"worst_class"`
	ByGroup    []number `json:"by_group"`
	WorstGroup float64  `json:"worst_group"`
}

type conformalTable struct {
	Name        string
	Classes     int
	Calibration int `json:"calibration_rows"`
	Probability [][]float64
	Label       []int32
	U           []float64
	Group       []int32
	Cases       []struct {
		Score      string
		Randomised bool
		ZeroSets   *bool `json:"zero_sets"`
		Lam        float64
		KReg       int `json:"k_reg"`
		K          int
		Alpha      float64
		Mode       string
		NeverEmpty bool `json:"never_empty"`
		Threshold  number
		Thresholds []number
		Cluster    []int
		Rounding   bool `json:"rounding_matters"`
		Sets       [][]int32
		Measures   *measures
		Coverage   *float64
		MeanSize   *float64 `json:"mean_size"`
	}
}

// rows are those from one to another.
func (t conformalTable) rows(from, to int) sets.Rows {
	r := sets.Rows{Classes: t.Classes, Label: t.Label[from:to], U: t.U[from:to], Group: t.Group[from:to]}
	for _, row := range t.Probability[from:to] {
		r.Probs = append(r.Probs, row...)
	}
	return r
}

func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9
}

// TestConformal compares thresholds, sets, clusters and measures of every score and kind of
// calibration.
func TestConformal(t *testing.T) {
	var file struct{ Tables []conformalTable }
	read(t, "conformal.json", &file)
	matched := map[string]int{}
	for _, table := range file.Tables {
		for i, c := range table.Cases {
			name := fmt.Sprintf("%s, case %d: %s %s, alpha %v", table.Name, i, c.Mode, c.Score, c.Alpha)
			if c.Rounding {
				continue
			}
			kind := sets.Kind{Lambda: c.Lam, Free: c.KReg, Randomised: c.Randomised, FirstWhole: c.ZeroSets != nil && !*c.ZeroSets}
			for s := sets.LACScore; s <= sets.TopKScore; s++ {
				if s.String() == c.Score {
					kind.Score = s
				}
			}
			by := map[string]sets.By{"marginal": sets.Marginal, "mondrian": sets.ByClass, "group": sets.ByGroup, "clustered": sets.ByCluster}[c.Mode]
			p, err := sets.Calibrate(kind, table.rows(0, table.Calibration), c.Alpha, sets.Options{By: by, NeverEmpty: c.NeverEmpty, Clusters: c.K})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			got := []float64{p.Threshold}
			want := []number{c.Threshold}
			if c.Thresholds != nil {
				got, want = slices.Concat(p.OfClass, p.OfGroup), c.Thresholds
			}
			ok := len(got) == len(want)
			for k := range want {
				ok = ok && near(got[k], float64(want[k]))
			}
			if !ok || c.Cluster != nil && !slices.Equal(p.Cluster, c.Cluster) {
				t.Errorf("%s: thresholds %v, clusters %v; want %v, %v", name, got, p.Cluster, want, c.Cluster)
				continue
			}
			judged := table.rows(table.Calibration, len(table.Label))
			s, err := p.Sets(judged)
			if err != nil {
				t.Fatal(err)
			}
			for j, set := range c.Sets {
				members := p.Members(judged.Probs[j*table.Classes:(j+1)*table.Classes], judged.U[j], judged.Group[j])
				if !slices.Equal(members, set) || len(set) != int(s.Size[j]) || slices.Contains(set, judged.Label[j]) != s.Covered[j] {
					t.Errorf("%s: row %d: %v, want %v", name, j, members, set)
				}
			}
			if why := compare(s, c.Alpha, c.Measures, c.Coverage, c.MeanSize); why != "" {
				t.Errorf("%s: %s", name, why)
			}
			matched[c.Mode]++
		}
	}
	t.Logf("matched %v", matched)
}

// compare says which measure is another.
func compare(s *sets.Sets, alpha float64, m *measures, coverage, size *float64) string {
	values := map[string][2]float64{}
	if coverage != nil {
		values["coverage"], values["mean size"] = [2]float64{s.Coverage(), *coverage}, [2]float64{s.MeanSize(), *size}
	}
	if m != nil {
		if !slices.Equal(s.Histogram(), m.Histogram) {
			return fmt.Sprintf("histogram %v, want %v", s.Histogram(), m.Histogram)
		}
		for name, v := range map[string][2]float64{
			"coverage": {s.Coverage(), m.Coverage}, "mean size": {s.MeanSize(), m.MeanSize}, "empty": {s.Empty(), m.Empty},
			"singletons": {s.SingletonShare(), m.Singletons}, "hits": {s.SingletonHits(), m.Hits},
			"accuracy of singletons": {s.SingletonAccuracyIn(0.95).Value, float64(m.Accuracy)},
			"SSCV":                   {s.SizeViolation(alpha, nil), m.SSCV}, "SSCV of each size": {s.EachSizeViolation(alpha), m.EachSize},
			"shortfall": {s.SizeShortfall(alpha, nil), m.Shortfall}, "class gap": {s.ClassGap(alpha), m.GapMean},
			"largest class gap": {s.ClassGapMaxIn(alpha, 0.95).Value, m.GapMax}, "worst class": {s.WorstClassIn(0.95).Value, m.WorstClass},
			"worst group": {s.WorstGroupIn(0.95).Value, m.WorstGroup},
		} {
			values[name] = v
		}
		for c, v := range s.ByClass() {
			values[fmt.Sprintf("class %d", c)] = [2]float64{v, float64(m.ByClass[c])}
		}
		for g, v := range s.OfGroups() {
			values[fmt.Sprintf("group %d", g)] = [2]float64{v, float64(m.ByGroup[g])}
		}
		for k, stratum := range s.BySize(nil) {
			values[fmt.Sprintf("rows of stratum %d", k)] = [2]float64{float64(stratum.N), float64(m.Strata[k][2])}
			values[fmt.Sprintf("stratum %d", k)] = [2]float64{stratum.Coverage, float64(m.Strata[k][3])}
		}
	}
	for name, v := range values {
		if !near(v[0], v[1]) {
			return fmt.Sprintf("%s %v, want %v", name, v[0], v[1])
		}
	}
	return ""
}

// TestQuantiles compares conformal quantiles, and those of MAPIE.
func TestQuantiles(t *testing.T) {
	var file struct {
		Quantiles []struct {
			Scores    []float64
			Alpha     float64
			Conformal number
			Higher    number `json:"higher_n"`
		}
	}
	read(t, "conformal.json", &file)
	for _, c := range file.Quantiles {
		if got, higher := sets.Threshold(c.Scores, c.Alpha), sets.ThresholdHigher(c.Scores, c.Alpha); got != float64(c.Conformal) || higher != float64(c.Higher) {
			t.Errorf("%d scores, alpha %v: %v and %v, want %v and %v", len(c.Scores), c.Alpha, got, higher, c.Conformal, c.Higher)
		}
	}
}

// TestLaw compares the law of coverage.
func TestLaw(t *testing.T) {
	type counts struct {
		SD  float64
		Lo  int     `json:"q025"`
		Hi  int     `json:"q975"`
		CDF float64 `json:"cdf_at_target"`
	}
	var file struct {
		Law []struct {
			N                     int
			Alpha                 float64
			K                     int
			Coverage              string
			Mean, SD, Q05, Median float64
			Q95                   float64
			Below                 float64 `json:"p_below_target"`
			Below2                float64 `json:"p_below_target_minus_2pc"`
			M100, M1000           counts
			PAC                   *int `json:"k_pac_delta_0.1"`
		}
		Rows []struct {
			Alpha, Slack, Delta float64
			N                   int
		} `json:"rows_needed_first_n"`
	}
	read(t, "law.json", &file)
	for _, c := range file.Law {
		l := sets.LawOf(c.N, c.Alpha)
		if l.K != c.K {
			t.Errorf("n = %d, alpha %v: rank %d, want %d", c.N, c.Alpha, l.K, c.K)
		}
		if c.Coverage != "" {
			if l.Mean() != 1 || l.SD() != 0 || l.Quantile(0.01) != 1 || l.CountAtMost(99, 100) != 0 || l.CountQuantile(0.1, 100) != 100 {
				t.Errorf("n = %d, alpha %v: coverage is not always 1: %v", c.N, c.Alpha, l.Mean())
			}
			continue
		}
		for name, v := range map[string][2]float64{
			"mean": {l.Mean(), c.Mean}, "sd": {l.SD(), c.SD}, "5 %": {l.Quantile(0.05), c.Q05}, "median": {l.Quantile(0.5), c.Median},
			"95 %": {l.Quantile(0.95), c.Q95}, "below": {l.AtMost(1 - c.Alpha), c.Below}, "2 % below": {l.AtMost(1 - c.Alpha - 0.02), c.Below2},
			"sd of 100": {l.CountSD(100), c.M100.SD}, "sd of 1000": {l.CountSD(1000), c.M1000.SD},
			"low of 100": {float64(l.CountQuantile(0.025, 100)), float64(c.M100.Lo)}, "high of 100": {float64(l.CountQuantile(0.975, 100)), float64(c.M100.Hi)},
			"low of 1000": {float64(l.CountQuantile(0.025, 1000)), float64(c.M1000.Lo)}, "high of 1000": {float64(l.CountQuantile(0.975, 1000)), float64(c.M1000.Hi)},
			"at target of 100":  {l.CountAtMost(int(math.Floor(100*(1-c.Alpha)+1e-9)), 100), c.M100.CDF},
			"at target of 1000": {l.CountAtMost(int(math.Floor(1000*(1-c.Alpha)+1e-9)), 1000), c.M1000.CDF},
		} {
			if !near(v[0], v[1]) {
				t.Errorf("n = %d, alpha %v: %s %v, want %v", c.N, c.Alpha, name, v[0], v[1])
			}
		}
		want := 0
		if c.PAC != nil {
			want = *c.PAC
		}
		if got := sets.RankPAC(c.N, c.Alpha, 0.1); got != want {
			t.Errorf("n = %d, alpha %v: PAC rank %d, want %d", c.N, c.Alpha, got, want)
		}
	}
	for _, c := range file.Rows {
		if got := sets.RowsNeeded(c.Alpha, c.Slack, c.Delta); got != c.N {
			t.Errorf("alpha %v, slack %v, delta %v: %d rows, want %d", c.Alpha, c.Slack, c.Delta, got, c.N)
		}
	}
}
