package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// grid64 and grid32 are what terms are added to before their bits are summed up, which
// rounds them to a grid, and start32 is where sums begin that do so by rounding towards
// zero; the same stands in vectors_amd64.go.
const (
	grid64  = 12
	grid32  = 384
	start32 = 3 << 14

	gridProbs, gridValues = 2.5, 3 << 13
)

// depth is how far below the runner-up a logit still counts: exp(-300) squared
// is a normal float64.
const depth = 300

// place is where a quantity of a block begins, in bytes: the order is that of
// the constants in vectors_amd64.go.
func place(quantity int) int { return 8 * abreast * quantity }

// The quantities of a block.
const (
	blockAt = iota
	blockLabel
	blockMax
	blockSecond
	blockArgmax
	blockRank
	blockSum
	blockSquares
	blockWeighed
	blockOne
	blockShift
	blockRest
	blockSecondExp
	blockEntropy
	blockGini
	blockNLL
	blockBrier
)

// classwise is the kernel for few classes: four rows side by side in float64.
func classwise() {
	TEXT("classwiseAVX2", attr.NOSPLIT, "func(x *float64, classes int, b *float64)")
	Doc("classwiseAVX2 ranks four rows of logits that stand side by side, class j of", "row i at x[4*j+i], and adds up e = exp(logit - second) with e*e and",
		"e*(second - logit), each as the bits of the term plus grid64. Shift is 0, or NaN where",
		"a value is. B is a block, or the fifth row of one, with label and the label's logit.")
	Pragma("noescape")
	x, n, b := Load(Param("x"), GP64()), Load(Param("classes"), GP64()), Load(Param("b"), GP64())
	size := GP64()
	MOVQ(n, size)
	SHLQ(Imm(5), size)
	max, second := rankRows(x, size, b)
	VMOVUPD(max, at(b, place(blockMax)))
	VMOVUPD(second, at(b, place(blockSecond)))
	t := expRows(x, size, b, second)
	VMOVUPD(t.sum, at(b, place(blockSum)))
	VMOVUPD(t.squares, at(b, place(blockSquares)))
	VMOVUPD(t.weighed, at(b, place(blockWeighed)))
	VZEROUPPER()
	RET()
}

// derive is the kernel that makes the statistics of a block of rows out of the
// sums, four rows at a time.
func derive() {
	TEXT("deriveAVX2", attr.NOSPLIT, "func(b *float64, rows int, unit float64)")
	Doc("deriveAVX2 makes the statistics of up to eight rows out of the sums in the", "block b, in which the maximum was counted as another runner-up: the runner-up's",
		"e is one, and its distance to itself shift; unit is what a distance of 1 is in",
		"nats. Rows whose entropy comes out NaN, or whose leaders are too large or too",
		"far apart, are not to be trusted.")
	Pragma("noescape")
	b, rows := Load(Param("b"), GP64()), Load(Param("rows"), GP64())
	unit := YMM()
	u, err := Param("unit").Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSD(u.Addr, unit)
	Label("four")
	finish(b, fromRunnerUp(b, unit))
	ADDQ(Imm(32), b)
	SUBQ(Imm(4), rows)
	JG(LabelRef("four"))
	VZEROUPPER()
	RET()
}

// fromRunnerUp takes the maximum out of the sums, and makes the runner-up's e 1.
func fromRunnerUp(b reg.Register, unit reg.Register) sums {
	t := sums{YMM(), YMM(), YMM()}
	inverse, square, raw := YMM(), YMM(), YMM()
	VMOVUPD(at(b, place(blockOne)), square)
	VMOVUPD(yall(constant64(1)), inverse)
	VDIVPD(square, inverse, inverse)
	VMOVUPD(at(b, place(blockSum)), raw)
	VSUBPD(square, raw, t.sum)
	VMULPD(inverse, t.sum, t.sum)
	VMOVUPD(at(b, place(blockWeighed)), t.weighed)
	VFNMADD231PD(at(b, place(blockShift)), raw, t.weighed)
	VMULPD(unit, t.weighed, t.weighed)
	VMULPD(inverse, t.weighed, t.weighed)
	VMOVUPD(at(b, place(blockSquares)), t.squares)
	VFNMADD231PD(square, square, t.squares)
	VMULPD(inverse, t.squares, t.squares)
	VMULPD(inverse, t.squares, t.squares)
	return t
}

func yall(c Mem) reg.VecVirtual {
	r := YMM()
	VMOVUPD(c, r)
	return r
}

// rankRows makes the first pass over the classes: largest and second largest
// value, the first class of the largest, and the classes placed above the label.
func rankRows(x, size, b reg.Register) (max, second reg.VecVirtual) {
	least := yall(constant64(math.Inf(-1)))
	max, second = YMM(), YMM()
	VMOVAPD(least, max)
	VMOVAPD(least, second)
	arg, class, rank, label, value := YMM(), YMM(), YMM(), YMM(), YMM()
	for _, r := range []reg.Register{arg, class, rank} {
		VXORPD(r, r, r)
	}
	VMOVUPD(at(b, place(blockAt)), value)
	VMOVUPD(at(b, place(blockLabel)), label)
	one := yall(constant64(1))
	j := GP64()
	XORQ(j, j)
	Label("first")
	v, more, same, before, low := YMM(), YMM(), YMM(), YMM(), YMM()
	VMOVUPD(Mem{Base: x, Index: j, Scale: 1}, v)
	VCMPPD(Imm(greater), max, v, more)
	VBLENDVPD(more, class, arg, arg)
	VMINPD(v, max, low)
	VMAXPD(v, max, max)
	VMAXPD(low, second, second)
	VCMPPD(Imm(greater), value, v, more)
	VCMPPD(Imm(equal), value, v, same)
	VCMPPD(Imm(greater), class, label, before)
	VPAND(before, same, same)
	VPOR(same, more, more)
	VANDPD(more, one, more)
	VADDPD(more, rank, rank)
	VADDPD(one, class, class)
	ADDQ(Imm(32), j)
	CMPQ(j, size)
	JNE(LabelRef("first"))
	VMOVUPD(arg, at(b, place(blockArgmax)))
	VMOVUPD(rank, at(b, place(blockRank)))
	return max, second
}

// sums are the results of the second pass, a register for a sum of four rows.
type sums struct{ sum, squares, weighed reg.Register }

// expRows makes the second pass: the sums of e = exp(value - second), e*e and
// e*(second - value), values brought down to second and up to second - depth. They
// are sums of the bits of terms on the grid. Shift becomes NaN where a value is.
func expRows(x, size, b, second reg.Register) sums {
	floor := YMM()
	VSUBPD(yall(constant64(depth)), second, floor)
	sum, squares, weighed := YMM(), YMM(), YMM()
	for _, r := range []reg.Register{sum, squares, weighed} {
		VXORPD(r, r, r)
	}
	magic := yall(constant64(0x1.8p52))
	grid, unordered := yall(constant64(grid64)), YMM()
	VXORPD(unordered, unordered, unordered)
	j := GP64()
	XORQ(j, j)
	Label("second")
	v := YMM()
	VMOVUPD(Mem{Base: x, Index: j, Scale: 1}, v)
	VMINPD(v, second, v) // a NaN in the first operand stays
	VMAXPD(v, floor, v)
	VSUBPD(second, v, v)
	VADDPD(v, unordered, unordered)
	e := exp64(v, magic)
	// On the grid every term is an integer, to be added in any order.
	term := YMM()
	VADDPD(e, grid, term)
	VPADDQ(term, sum, sum)
	VMOVAPD(grid, term)
	VFMADD231PD(e, e, term)
	VPADDQ(term, squares, squares)
	VFNMADD213PD(grid, v, e)
	VPADDQ(e, weighed, weighed)
	ADDQ(Imm(32), j)
	CMPQ(j, size)
	JNE(LabelRef("second"))
	VXORPD(term, term, term)
	VMULPD(term, unordered, unordered)
	VMOVUPD(unordered, at(b, place(blockShift)))
	return sums{sum, squares, weighed}
}

// finish brings the sums to the maximum and stores the statistics.
func finish(b reg.Register, t sums) {
	one := yall(constant64(1))
	gap := YMM()
	VMOVUPD(at(b, place(blockMax)), gap)
	VSUBPD(at(b, place(blockSecond)), gap, gap)
	g := expOfGap(gap)
	VMOVUPD(g, at(b, place(blockSecondExp)))
	VFMADD231PD(t.sum, gap, t.weighed)
	VMULPD(g, t.weighed, t.weighed)
	VMULPD(g, t.sum, t.sum) // R
	VMULPD(g, t.squares, t.squares)
	VMULPD(g, t.squares, t.squares)
	VMOVUPD(t.sum, at(b, place(blockRest)))
	lse := log1p(t.sum)

	share, square := YMM(), YMM() // 1/(1 + R): dividing takes long, so once
	VADDPD(one, t.sum, share)
	VDIVPD(share, one, share)
	VFMADD213PD(lse, share, t.weighed)
	VMOVUPD(t.weighed, at(b, place(blockEntropy))) // entropy
	VMULPD(share, share, square)
	impurity := YMM()
	VSUBPD(t.squares, t.sum, impurity) // of different terms, and Q <= R
	VADDPD(t.sum, impurity, impurity)
	VFMADD231PD(t.sum, t.sum, impurity)
	VMULPD(square, impurity, impurity)
	VMOVUPD(impurity, at(b, place(blockGini)))
	finishLabel(b, t, lse, square)
}

// finishLabel stores what depends on the label.
func finishLabel(b reg.Register, t sums, lse, square reg.Register) {
	one := yall(constant64(1))
	gap, nll := YMM(), YMM()
	VMOVUPD(at(b, place(blockMax)), gap)
	VSUBPD(at(b, place(blockAt)), gap, gap)
	VADDPD(lse, gap, nll)
	VMOVUPD(nll, at(b, place(blockNLL)))
	e := expOfGap(gap)
	first, other := YMM(), YMM()
	VMOVAPD(t.squares, first) // 1 - p = R/s; the other classes give Q/s^2
	VFMADD231PD(t.sum, t.sum, first)
	VSUBPD(e, t.sum, other)
	VADDPD(one, other, other)
	VMULPD(other, other, other)
	VADDPD(one, other, other)
	VADDPD(t.squares, other, other)
	VFNMADD231PD(e, e, other)
	led := YMM()
	VXORPD(led, led, led)
	VCMPPD(Imm(equal), at(b, place(blockRank)), led, led)
	VBLENDVPD(led, first, other, first)
	VMULPD(square, first, first)
	VMOVUPD(first, at(b, place(blockBrier)))
}

// expOfGap is exp(-gap), of a gap brought down to depth.
func expOfGap(gap reg.Register) reg.VecVirtual {
	x := YMM()
	VXORPD(x, x, x)
	VSUBPD(gap, x, x)
	VMAXPD(yall(constant64(-depth)), x, x)
	return exp64(x, yall(constant64(0x1.8p52)))
}

// log1p is ln(1 + x) of x >= 0 with the relative precision of x where it is
// small: 1 + x = 2^k (1 + f), and ln(1 + f) = 2 atanh(f/(2 + f)).
func log1p(x reg.Register) reg.VecVirtual {
	one := yall(constant64(1))
	u, lost, k, scale := YMM(), YMM(), YMM(), YMM()
	VADDPD(one, x, u)
	VSUBPD(one, u, lost)
	VSUBPD(lost, x, lost)
	VPSRLQ(Imm(52), u, k)
	VPSLLQ(Imm(52), k, scale)
	VPSUBQ(scale, yall(bits64(2046<<52)), scale) // 2^-k
	VPOR(yall(bits64(0x433<<52)), k, k)
	VSUBPD(yall(constant64(0x1p52+1023)), k, k)
	f := YMM()
	VMULPD(scale, u, f) // exactly
	VSUBPD(one, f, f)
	VFMADD231PD(scale, lost, f)
	s, z := YMM(), YMM()
	VADDPD(yall(constant64(2)), f, s)
	VDIVPD(s, f, s)
	VMULPD(s, s, z)
	p := yall(constant64(2. / 33))
	for i := 31; i >= 1; i -= 2 {
		VFMADD213PD(constant64(2/float64(i)), z, p)
	}
	VMULPD(s, p, p)
	VFMADD231PD(constant64(math.Ln2), k, p)
	return p
}

// exp64 returns exp(x) for x in -depth..0, to an ulp or two.
func exp64(x, magic reg.Register) reg.VecVirtual {
	const high = 0x1.62e42fefa39efp-1 // ln2
	low := 0x1.abc9e3b39803fp-56      // what is missing to it
	t, n, r := YMM(), YMM(), YMM()
	VMOVAPD(magic, t)
	VFMADD231PD(constant64(math.Log2E), x, t)
	VSUBPD(magic, t, n)
	VMOVAPD(x, r)
	VFNMADD231PD(constant64(high), n, r)
	VFNMADD231PD(constant64(low), n, r)
	factorial := 1.0
	var c []float64
	for k := 1; k <= 13; k++ {
		c = append(c, 1/factorial)
		factorial *= float64(k)
	}
	p := yall(constant64(1 / factorial))
	for k := len(c) - 1; k >= 0; k-- {
		VFMADD213PD(constant64(c[k]), r, p)
	}
	VPSLLQ(Imm(52), t, t)
	VPADDQ(t, p, p)
	return p
}
