package guarantee

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"abstain/metrics/stattest"
)

// Curve counts what thresholds accept: place g accepts every row whose confidence is at
// least Confidence[g].
type Curve struct {
	Confidence []float64 // distinct confidences, falling
	Accepted   []int     // rows of at least that confidence
	Errors     []int     // wrong ones among them
}

// CurveOf counts rows of that confidence and correctness, in any order. It panics if the
// slices differ in length or a confidence is NaN. Infinite ones are ordered like any other.
func CurveOf(confidence []float64, correct []bool) Curve {
	if len(confidence) != len(correct) {
		panic("guarantee: confidences and correctness differ in length")
	}
	rows := make([]int, len(confidence))
	for i, v := range confidence {
		if math.IsNaN(v) {
			panic("guarantee: a confidence is NaN")
		}
		rows[i] = i
	}
	slices.SortFunc(rows, func(a, b int) int { return cmp.Compare(confidence[b], confidence[a]) })
	var c Curve
	wrong := 0
	for j, i := range rows {
		if !correct[i] {
			wrong++
		}
		if j+1 < len(rows) && confidence[rows[j+1]] == confidence[i] {
			continue
		}
		c.Confidence, c.Accepted, c.Errors = append(c.Confidence, confidence[i]), append(c.Accepted, j+1), append(c.Errors, wrong)
	}
	return c
}

// N is the number of rows.
func (c Curve) N() int {
	if len(c.Accepted) == 0 {
		return 0
	}
	return c.Accepted[len(c.Accepted)-1]
}

// at is the first place that accepts at least m rows.
func (c Curve) at(m int) int {
	g, _ := slices.BinarySearch(c.Accepted, m)
	return g
}

// Choice is a threshold, and what it does on the calibration rows.
type Choice struct {
	// Feasible says that there is a threshold with the promise. Without one all rows are to
	// be rejected.
	Feasible bool
	// Above is the largest rejected confidence: the rule is to answer where confidence >
	// Above. -Inf if no calibration row is rejected, +Inf if all are.
	Above float64
	// AtLeast is the smallest accepted confidence: >= AtLeast is the same on the
	// calibration rows. +Inf if none is accepted.
	AtLeast float64

	N, Accepted, Errors int
	// Bound is the upper bound of the promised risk at Level: of the share of errors among
	// the accepted or, for CRC and RCPS, among all. NaN without a threshold.
	Bound float64
	// Level is what the probability delta comes to for one test.
	Level float64
	// Need is the number of rows that have to be accepted for a test to pass at all, even
	// without an error; 0 where the method has none.
	Need int
	// Candidates is the number of thresholds that were to be tested; 0 likewise.
	Candidates int
	Trace      []Trial // the tests of SGR, in their order; nil for others
}

// Trial is one test of a threshold.
type Trial struct {
	At               int // the place that the search tried, counted as the method counts
	Accepted, Errors int
	Passed           bool
}

// Coverage is the accepted share of the calibration rows; NaN without rows.
func (c Choice) Coverage() float64 { return float64(c.Accepted) / float64(c.N) }

// Risk is the share of errors among the accepted rows; NaN if none is accepted. It is less
// than the risk on new rows to be expected, as the threshold was chosen by it.
func (c Choice) Risk() float64 { return float64(c.Errors) / float64(c.Accepted) }

// reject is a choice that rejects all rows.
func (c Curve) reject() Choice {
	return Choice{N: c.N(), Above: math.Inf(1), AtLeast: math.Inf(1), Bound: math.NaN(), Level: math.NaN()}
}

// accept makes place g the choice, the bound being that of the tail.
func (c Curve) accept(choice Choice, g int) Choice {
	choice.Feasible, choice.Accepted, choice.Errors, choice.AtLeast = true, c.Accepted[g], c.Errors[g], c.Confidence[g]
	choice.Above = math.Inf(-1)
	if g+1 < len(c.Confidence) {
		choice.Above = c.Confidence[g+1]
	}
	choice.Bound = upper(choice.Errors, choice.Accepted, choice.Level)
	return choice
}

// upper is the exact upper bound of a share: 1 if all of the m are errors, or none is there.
func upper(errors, m int, level float64) float64 {
	if errors >= m {
		return 1
	}
	return stattest.BinomialUpper(errors, m, level)
}

// Check says what is wrong with a risk to promise or with the probability of breaking the
// promise; nil if nothing is.
func Check(risk, delta float64) error {
	if err := checkRisk(risk); err != nil {
		return err
	}
	if !(delta > 0 && delta < 1) {
		return fmt.Errorf("delta %v: the probability with which the promise may fail lies between 0 and 1, such as 0.01", delta)
	}
	return nil
}

func checkRisk(risk float64) error {
	switch {
	case risk >= 1 && risk <= 100:
		return fmt.Errorf("risk %v: a risk lies between 0 and 1: write %v for %v %%", risk, risk/100, risk)
	case !(risk > 0 && risk < 1):
		return fmt.Errorf("risk %v: a risk to promise lies between 0 and 1, such as 0.05; no number of rows can promise a risk of 0", risk)
	}
	return nil
}

// decimal is the number that a float64 is written as: 0.1 is a tenth.
func decimal(v float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(v, 'g', -1, 64))
	if !ok {
		panic("guarantee: no decimal number")
	}
	return r
}
