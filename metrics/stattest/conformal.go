package stattest

import (
	"math/big"
	"strconv"
)

// ConformalRank is ceil((n+1)(1-eps)), the rank of the conformal quantile of n scores: a
// new score, exchangeable with these, is at most the one of this rank with probability at
// least 1 - eps. It is n+1 where n scores are too few for that; the quantile is then
// infinite. eps is the decimal that it is written as, so that no rounding moves the rank.
// It panics unless eps lies between 0 and 1 and n is not negative.
//
// Source: Vovk, Gammerman and Shafer 2005, section 2.2.
func ConformalRank(n int, eps float64) int {
	if n < 0 || !(eps > 0 && eps < 1) {
		panic("stattest: no rank of these numbers")
	}
	e, _ := new(big.Rat).SetString(strconv.FormatFloat(eps, 'g', -1, 64))
	of := new(big.Rat).Mul(big.NewRat(int64(n)+1, 1), new(big.Rat).Sub(big.NewRat(1, 1), e))
	rank := new(big.Int).Quo(new(big.Int).Sub(new(big.Int).Add(of.Num(), of.Denom()), big.NewInt(1)), of.Denom())
	return int(rank.Int64())
}
