package guarantee

import (
	"fmt"
	"math"
	"math/big"
)

// CRC is conformal risk control of the share of rows that are answered and wrong: on
// average over draws of calibration rows it is at most the given risk. In about half of
// the draws it is more, and the selective risk, among the rows answered, is not bounded.
// The choice is the largest coverage with (errors+1)/(n+1) <= risk, which is Bound; one
// that accepts no row is feasible where 1/(n+1) <= risk. The error is that of Check.
//
// Source: Angelopoulos et al. 2024 (conformal risk control), theorem 1.
func CRC(c Curve, risk float64) (Choice, error) {
	if err := checkRisk(risk); err != nil {
		return Choice{}, err
	}
	n := c.N()
	most := new(big.Rat).Mul(decimal(risk), big.NewRat(int64(n)+1, 1)) // errors + 1 are at most this
	holds := func(errors int) bool { return big.NewRat(int64(errors)+1, 1).Cmp(most) <= 0 }
	choice := c.largestJoint(holds)
	if choice.Feasible {
		choice.Bound = float64(choice.Errors+1) / float64(n+1)
	}
	return choice, nil
}

// RCPS controls the share of rows that are answered and wrong: with probability 1 - delta
// it is at most the given risk. The selective risk, among the rows answered, is not
// bounded. The choice is the largest coverage at which, and at all smaller ones, the upper
// bound of the errors among all rows is below the risk; one that accepts no row is feasible
// where the bound of no error is. The bound is exact, of the binomial distribution. The
// error is that of Check.
//
// Source: Bates et al. 2021 (risk-controlling prediction sets), theorem 2.1.
func RCPS(c Curve, risk, delta float64) (Choice, error) {
	return RCPSBy(c, risk, delta, BinomialP, BinomialUpper)
}

// RCPSBy is RCPS with another p-value and its upper bound, such as HoeffdingBentkus and
// HoeffdingBentkusUpper.
func RCPSBy(c Curve, risk, delta float64, p PValue, bound Upper) (Choice, error) {
	if err := Check(risk, delta); err != nil {
		return Choice{}, err
	}
	n := c.N()
	choice := c.largestJoint(func(errors int) bool { return p(errors, n, risk) < delta })
	choice.Level = delta
	if choice.Feasible {
		choice.Bound = bound(float64(choice.Errors), n, delta)
	}
	return choice, nil
}

// largestJoint is the choice of largest coverage whose number of errors is allowed.
func (c Curve) largestJoint(allowed func(errors int) bool) Choice {
	choice := c.reject()
	if !allowed(0) || c.N() == 0 {
		return choice
	}
	choice.Feasible = true
	for g, errors := range c.Errors {
		if !allowed(errors) {
			break
		}
		choice.Accepted, choice.Errors, choice.AtLeast, choice.Above = c.Accepted[g], errors, c.Confidence[g], math.Inf(-1)
		if g+1 < len(c.Confidence) {
			choice.Above = c.Confidence[g+1]
		}
	}
	return choice
}

// Losses are losses in [0, 1] of rows at each setting of a parameter, Loss[i][j] of row i
// at setting j, that do not rise with j.
type Losses struct{ Loss [][]float64 }

// sums adds up the losses by setting.
func (l Losses) sums() ([]float64, error) {
	if len(l.Loss) == 0 {
		return nil, fmt.Errorf("no rows of losses")
	}
	sums := make([]float64, len(l.Loss[0]))
	for i, row := range l.Loss {
		if len(row) != len(sums) {
			return nil, fmt.Errorf("row %d has %d losses, the first has %d", i, len(row), len(sums))
		}
		for j, v := range row {
			if !(v >= 0 && v <= 1) || j > 0 && v > row[j-1] {
				return nil, fmt.Errorf("row %d, setting %d: loss %v: losses lie in [0, 1] and do not rise", i, j, v)
			}
			sums[j] += v
		}
	}
	return sums, nil
}

// CRC is the first setting whose expected loss on new rows is at most risk, on average over
// draws of the rows: (sum + 1)/(n + 1) <= risk. It is -1 if there is none.
//
// Source: Angelopoulos et al. 2024, theorem 1.
func (l Losses) CRC(risk float64) (setting int, err error) {
	sums, err := l.sums()
	if err = firstOf(checkRisk(risk), err); err != nil {
		return -1, err
	}
	most := new(big.Rat).Mul(decimal(risk), big.NewRat(int64(len(l.Loss))+1, 1))
	for j, sum := range sums {
		s, ok := new(big.Rat).SetString(fmt.Sprint(sum + 1))
		if ok && s.Cmp(most) <= 0 {
			return j, nil
		}
	}
	return -1, nil
}

// RCPS is the first setting at which, and at all later ones, the upper bound of the mean
// loss at delta is below risk: the mean loss on new rows is at most risk with probability
// 1 - delta. It is -1 if there is none.
//
// Source: Bates et al. 2021, theorem 2.1.
func (l Losses) RCPS(risk, delta float64, bound Upper) (setting int, err error) {
	sums, err := l.sums()
	if err = firstOf(Check(risk, delta), err); err != nil {
		return -1, err
	}
	setting = len(sums)
	for setting > 0 && bound(sums[setting-1], len(l.Loss), delta) < risk {
		setting--
	}
	if setting == len(sums) {
		return -1, nil
	}
	return setting, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
