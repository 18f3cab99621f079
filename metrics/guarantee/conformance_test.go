package guarantee_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"abstain/metrics/guarantee"
	"abstain/metrics/internal/conformance"
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
	case `"-inf"`:
		*n = number(math.Inf(-1))
	case `null`:
		*n = number(math.NaN())
	default:
		return json.Unmarshal(b, (*float64)(n))
	}
	return nil
}

// expected is what a method gives.
type expected struct {
	Feasible               bool
	Threshold, Lam         number
	Accepted, Errors       int
	Bound, Upper, Adjusted number
	Steps                  int
	Trace                  [][4]any
	Passed                 *bool
	Level                  number
	Need                   *int
	Candidates             *int
	Grid                   *int    `json:"grid_size"`
	RejectAtOrBelow        *number `json:"reject_at_or_below"`
	P                      number  `json:"p_value"`
	MeanLoss               number  `json:"mean_loss"`
	Undefined              string
}

type thresholdCase struct {
	Set, Method, Variant, Grid, P, Rule, Start, Upper string
	J, G                                              int
	Risk, Delta                                       float64
	Expect                                            expected
}

// rightness is a correctness that is written as a number or a boolean.
type rightness bool

func (v *rightness) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "1", "true":
		*v = true
	case "0", "false":
		*v = false
	default:
		return fmt.Errorf("correct is %s", b)
	}
	return nil
}

type rows struct {
	Confidence []number
	Correct    []rightness
}

func (r rows) curve() guarantee.Curve { return guarantee.CurveOf(r.confidence(), r.right()) }

func (r rows) confidence() []float64 {
	values := make([]float64, len(r.Confidence))
	for i, v := range r.Confidence {
		values[i] = float64(v)
	}
	return values
}

func (r rows) right() []bool {
	correct := make([]bool, len(r.Correct))
	for i, v := range r.Correct {
		correct[i] = bool(v)
	}
	return correct
}

func near(got, want float64) bool {
	return got == want || math.IsNaN(got) && math.IsNaN(want) || math.Abs(got-want) <= 1e-9*math.Max(1, math.Abs(want))
}

// TestThresholds compares every case of thresholds.json.
func TestThresholds(t *testing.T) {
	var file struct {
		Sets  map[string]rows
		Cases []thresholdCase
	}
	read(t, "thresholds.json", &file)
	curves := map[string]guarantee.Curve{}
	for name, set := range file.Sets {
		curves[name] = set.curve()
	}
	matched, rounded := map[string]int{}, 0
	for _, c := range file.Cases {
		name := fmt.Sprintf("%s: %s %s %s %s %s %s%s J %d G %d, risk %v, delta %v", c.Set, c.Method, c.Variant, c.Grid, c.P, c.Rule, c.Start, c.Upper, c.J, c.G, c.Risk, c.Delta)
		if atRounding(c, curves[c.Set]) {
			rounded++
			continue
		}
		if why := differs(c, file.Sets[c.Set], curves[c.Set]); why != "" {
			t.Errorf("%s: %s", name, why)
			continue
		}
		matched[c.Method+" "+c.Variant]++
	}
	t.Logf("matched %v; %d left out where rounding of a bound decides", matched, rounded)
}

// atRounding reports whether the answer hangs on the last bit of a bound: no row is wrong,
// and the bound of none, by the Hoeffding-Bentkus p-value, equals the risk.
func atRounding(c thresholdCase, curve guarantee.Curve) bool {
	return c.Upper == "hb" && math.Abs(guarantee.HoeffdingBentkusUpper(0, curve.N(), c.Delta)-c.Risk) < 1e-12
}

// differs runs the method and says what is other than expected.
func differs(c thresholdCase, set rows, curve guarantee.Curve) string {
	var got guarantee.Choice
	var err error
	passed := true
	switch c.Method {
	case "sgr":
		if c.Variant == "official" {
			got, passed = guarantee.SGRPublished(set.confidence(), set.right(), c.Risk, c.Delta)
			break
		}
		variant, known := map[string]guarantee.SGRVariant{"all-n": guarantee.SGRRows, "groups": guarantee.SGRBlocks, "paper": guarantee.SGRPaper, "paper-passed": guarantee.SGRPaperPassed}[c.Variant]
		if !known {
			return "no such variant is known"
		}
		got, passed = guarantee.SGRAs(variant, curve, c.Risk, c.Delta)
	case "ltt-counts":
		got, err = guarantee.LearnThenTestCounts(curve, c.Risk, c.Delta, c.J, c.G)
	case "ltt":
		got, err = guarantee.LearnThenTestGrid(curve, c.Risk, c.Delta, gridOf(c, curve))
	case "crc-joint":
		got, err = guarantee.CRC(curve, c.Risk)
	case "rcps-joint":
		if c.Upper == "hb" {
			got, err = guarantee.RCPSBy(curve, c.Risk, c.Delta, guarantee.HoeffdingBentkus, guarantee.HoeffdingBentkusUpper)
		} else {
			got, err = guarantee.RCPS(curve, c.Risk, c.Delta)
		}
	default:
		return "no such method is known"
	}
	if err != nil {
		return err.Error()
	}
	return other(got, passed, c.Expect)
}

func gridOf(c thresholdCase, curve guarantee.Curve) guarantee.Grid {
	g := guarantee.Grid{Thresholds: curve.Confidence, Starts: c.J, Bonferroni: c.Rule == "bonferroni", Anywhere: c.Start == "first"}
	if n, ok := strings.CutPrefix(c.Grid, "k/"); ok {
		parts, err := strconv.Atoi(n)
		if err != nil {
			panic(c.Grid)
		}
		g.Thresholds = nil
		for k := parts; k >= 0; k-- {
			g.Thresholds = append(g.Thresholds, float64(k)/float64(parts))
		}
	}
	if c.P == "hb" {
		g.P = guarantee.HoeffdingBentkus
	}
	return g
}

// other says in what a choice is other than expected; "" if in nothing.
func other(got guarantee.Choice, passed bool, want expected) string {
	if got.Feasible != want.Feasible {
		return fmt.Sprintf("feasible %v, want %v: %+v", got.Feasible, want.Feasible, got)
	}
	if want.Trace != nil && fmt.Sprint(traceOf(got)) != fmt.Sprint(want.Trace) {
		return fmt.Sprintf("trace %v, want %v", traceOf(got), want.Trace)
	}
	if want.Need != nil && got.Need != *want.Need || want.Candidates != nil && got.Candidates != *want.Candidates || want.Grid != nil && got.Candidates != *want.Grid {
		return fmt.Sprintf("%d rows needed of %d candidates, want %+v", got.Need, got.Candidates, want)
	}
	if !got.Feasible {
		return ""
	}
	threshold := want.Threshold
	if threshold == 0 && want.Lam != 0 {
		threshold = want.Lam
	}
	bound := want.Bound
	for _, v := range []number{want.Upper, want.Adjusted} {
		if bound == 0 {
			bound = v
		}
	}
	switch {
	case got.Accepted != want.Accepted || got.Errors != want.Errors:
		return fmt.Sprintf("%d of %d wrong, want %d of %d", got.Errors, got.Accepted, want.Errors, want.Accepted)
	case got.AtLeast != float64(threshold):
		return fmt.Sprintf("threshold %v, want %v", got.AtLeast, threshold)
	case !near(got.Bound, float64(bound)):
		return fmt.Sprintf("bound %v, want %v", got.Bound, bound)
	case want.RejectAtOrBelow != nil && got.Above != float64(*want.RejectAtOrBelow):
		return fmt.Sprintf("largest rejected %v, want %v", got.Above, *want.RejectAtOrBelow)
	case want.Passed != nil && passed != *want.Passed:
		return fmt.Sprintf("passed %v, want %v", passed, *want.Passed)
	case want.Level != 0 && !near(got.Level, float64(want.Level)):
		return fmt.Sprintf("level %v, want %v", got.Level, want.Level)
	}
	return ""
}

func traceOf(c guarantee.Choice) [][4]any {
	trace := [][4]any{}
	for _, t := range c.Trace {
		trace = append(trace, [4]any{float64(t.At), float64(t.Accepted), float64(t.Errors), t.Passed})
	}
	return trace
}

// TestLossTables compares settings for losses that are no errors.
func TestLossTables(t *testing.T) {
	var file struct {
		Tables []struct {
			Grid  []float64
			Loss  [][]float64
			Cases []struct {
				Method, Upper string
				Alpha, Delta  float64
				Expect        expected
			}
		} `json:"loss_tables"`
	}
	read(t, "thresholds.json", &file)
	for i, table := range file.Tables {
		losses := guarantee.Losses{Loss: table.Loss}
		for _, c := range table.Cases {
			setting, err := losses.CRC(c.Alpha)
			if c.Method == "rcps" {
				bound := guarantee.HoeffdingUpper
				if c.Upper == "hb" {
					bound = guarantee.HoeffdingBentkusUpper
				}
				setting, err = losses.RCPS(c.Alpha, c.Delta, bound)
			}
			if err != nil || (setting >= 0) != c.Expect.Feasible || setting >= 0 && table.Grid[setting] != float64(c.Expect.Lam) {
				t.Errorf("table %d, %s %s %v: setting %d, %v, want %+v", i, c.Method, c.Upper, c.Alpha, setting, err, c.Expect)
			}
		}
	}
}

// TestGroups compares thresholds per group, and one threshold's errors by group.
func TestGroups(t *testing.T) {
	var file struct {
		Groups struct {
			rows
			Group []int
			Cases []struct {
				Rule        string
				Risk, Delta float64
				Threshold   *number
				Groups      []expected
			}
		}
	}
	read(t, "thresholds.json", &file)
	g := file.Groups
	var parts []rows
	for i, code := range g.Group {
		for code >= len(parts) {
			parts = append(parts, rows{})
		}
		parts[code].Confidence, parts[code].Correct = append(parts[code].Confidence, g.Confidence[i]), append(parts[code].Correct, g.Correct[i])
	}
	for _, c := range g.Cases {
		for k, want := range c.Groups {
			if c.Threshold != nil {
				accepted, errors := parts[k].curve().At(float64(*c.Threshold))
				if accepted != want.Accepted || errors != want.Errors {
					t.Errorf("%s: group %d: %d of %d wrong, want %d of %d", c.Rule, k, errors, accepted, want.Errors, want.Accepted)
				}
				continue
			}
			delta := c.Delta
			if strings.Contains(c.Rule, "jointly") {
				delta /= float64(len(parts))
			}
			got, _ := guarantee.SGRAs(guarantee.SGRRows, parts[k].curve(), c.Risk, delta)
			if why := other(got, true, want); why != "" {
				t.Errorf("%s: group %d: %s", c.Rule, k, why)
			}
		}
	}
}

// TestPValues compares p-values and upper bounds of counts of errors.
func TestPValues(t *testing.T) {
	var file []struct {
		Errors, N      int
		Risk, Delta    float64
		Binomial       float64 `json:"binomial_p"`
		HB             float64 `json:"hb_p"`
		Hoeffding      float64 `json:"hoeffding_p"`
		Bentkus        float64 `json:"bentkus_p"`
		Upper          float64
		UpperHoeffding float64 `json:"rcps_hoeffding"`
		UpperHB        float64 `json:"rcps_hb"`
	}
	read(t, "pvalues.json", &file)
	for _, c := range file {
		sum := float64(c.Errors)
		for name, v := range map[string][2]float64{
			"binomial":        {guarantee.BinomialP(c.Errors, c.N, c.Risk), c.Binomial},
			"HB":              {guarantee.HoeffdingBentkus(c.Errors, c.N, c.Risk), c.HB},
			"Hoeffding":       {guarantee.HoeffdingP(sum, c.N, c.Risk), c.Hoeffding},
			"Bentkus":         {guarantee.BentkusP(sum, c.N, c.Risk), c.Bentkus},
			"upper":           {guarantee.BinomialUpper(sum, c.N, c.Delta), c.Upper},
			"upper Hoeffding": {guarantee.HoeffdingUpper(sum, c.N, c.Delta), c.UpperHoeffding},
			"upper HB":        {guarantee.HoeffdingBentkusUpper(sum, c.N, c.Delta), c.UpperHB},
		} {
			if !near(v[0], v[1]) || math.Abs(v[0]-v[1]) > 1e-9*v[1]+1e-12 {
				t.Errorf("%d of %d, risk %v, delta %v: %s %v, want %v", c.Errors, c.N, c.Risk, c.Delta, name, v[0], v[1])
			}
		}
	}
}

// TestLeast compares the least risks that rows can promise, and the rows that promises
// need.
func TestLeast(t *testing.T) {
	var file struct {
		Risks []struct {
			N     int
			Delta float64
			One   float64 `json:"one_threshold"`
			Two   float64 `json:"ltt_2_starts"`
		} `json:"least_risk"`
		Rows []struct {
			Risk, Delta float64
			One         int `json:"one_threshold"`
			Two         int `json:"ltt_2_starts"`
		} `json:"rows_all_right"`
		Coverage []struct {
			Coverage, Risk, Delta float64
			PlugIn                float64 `json:"plug_in_risk"`
			One                   needed  `json:"one_threshold"`
			Two                   needed  `json:"ltt_2_starts"`
		} `json:"rows_for_coverage"`
	}
	read(t, "least.json", &file)
	for _, c := range file.Risks {
		if !near(guarantee.LeastRisk(c.N, c.Delta, 1), c.One) || !near(guarantee.LeastRisk(c.N, c.Delta, 2), c.Two) {
			t.Errorf("%d rows, delta %v: %v and %v, want %v and %v", c.N, c.Delta, guarantee.LeastRisk(c.N, c.Delta, 1), guarantee.LeastRisk(c.N, c.Delta, 2), c.One, c.Two)
		}
	}
	for _, c := range file.Rows {
		if got := guarantee.Need(c.Risk, c.Delta); got != c.One {
			t.Errorf("risk %v, delta %v: %d rows, want %d", c.Risk, c.Delta, got, c.One)
		}
		if got := guarantee.Need(c.Risk, c.Delta/2); got != c.Two {
			t.Errorf("risk %v, delta %v, two starts: %d rows, want %d", c.Risk, c.Delta, got, c.Two)
		}
	}
	for _, c := range file.Coverage {
		for level, want := range map[float64]needed{c.Delta: c.One, c.Delta / 2: c.Two} {
			got := guarantee.RowsFor(c.Coverage, c.PlugIn, c.Risk, level)
			if got.First != want.First || got.FromOn != want.FromOn || got.Likely != want.Likely {
				t.Errorf("coverage %v of %v, risk %v, level %v: %+v, want %+v", c.Coverage, c.PlugIn, c.Risk, level, got, want)
			}
		}
	}
}

type needed struct {
	First  int `json:"first_n"`
	FromOn int `json:"from_n_on"`
	Likely int `json:"pass_with_probability_0.8_from_n_on"`
}
