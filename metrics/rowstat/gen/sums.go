package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// steps is how finely the table of the exponential divides a factor of two: it
// fills a register of AVX2.
const steps = 8

// exponential holds what the exponential function of AVX2 needs: a table of
// powers of two in a register, and a polynomial for what remains.
type exponential struct {
	shift       reg.Register
	table       reg.Register
	scale, step Op
	c           []Op // of r and up
}

func (v vectors) exponential(shift reg.Register) exponential {
	k := v.keep(math.Log2E*steps, math.Ln2/steps)
	return exponential{shift, v.all(powers()), k[0], k[1], v.keep(expCoefficients(math.Ln2/2/steps, 2)...)}
}

// powers is a table of 2^(i/steps), less what adding i to the low bits of the
// exponent's field will bring.
func powers() Mem {
	if m, ok := constants["powers"]; ok {
		return m
	}
	m := GLOBL("powers", attr.RODATA|attr.NOPTR)
	for i := range steps {
		power := math.Exp2(float64(i) / steps)
		DATA(4*i, U32(math.Float32bits(float32(power))-uint32(i)<<(23-stepBits)))
	}
	constants["powers"] = m
	return m
}

const stepBits = 3 // log2 of steps

// of returns exp(x) times the power of two that the caller puts into shift:
// with x = n step + r, shift is 1.5*2^23 less as many steps. The step is ln2
// over the table's length, rounded: what that takes from n steps is common to
// all values but for the distance between them.
func (f exponential) of(x reg.Register) reg.VecVirtual {
	t, r, n, power := YMM(), YMM(), YMM(), YMM()
	VMOVAPS(f.shift, t)
	VFMADD231PS(f.scale, x, t) // the power, in steps, in the low bits
	VSUBPS(f.shift, t, n)
	VMOVAPS(x, r)
	VFNMADD231PS(f.step, n, r)
	VPERMPS(f.table, t, power)
	VPSLLD(Imm(23-stepBits), t, t)
	VPADDD(t, power, power)
	last := len(f.c) - 1
	p := YMM()
	VMOVUPS(f.c[last], p)
	for i := last - 1; i >= 0; i-- {
		VFMADD213PS(f.c[i], r, p)
	}
	VMULPS(power, r, r)
	VFMADD213PS(power, r, p) // power + power*r*p
	return p
}

// fixed are sums of a row, the same in any order of its terms, since every term is
// rounded to a grid by itself. A number is added to each that does so, and the bits
// are added up as integers; or, with AVX-512, sums begin so high that rounding towards
// zero does it. Either way, what is stored is bits.
type fixed struct {
	v         vectors
	high      bool // sums begin high
	grid      Op
	sums      [][]reg.VecVirtual
	unordered reg.VecVirtual // unless high: the sum of float32, NaN where a value is
}

// fixed are sums on a grid; highFixed begin high.
func (v vectors) fixed(count int, grid float64) fixed { return v.fixedBy(false, count, 1, grid) }
func (v vectors) highFixed(count int) fixed           { return v.fixedBy(true, count, 2, start32) }

func (v vectors) fixedBy(high bool, count, each int, grid float64) fixed {
	f := fixed{v: v, high: high, grid: constant64(grid)}
	if !high {
		f.unordered = v.reg()
	}
	for range count {
		var s []reg.VecVirtual
		for range each {
			s = append(s, v.reg())
		}
		f.sums = append(f.sums, s)
	}
	return f
}

// begin makes all sums 0.
func (f fixed) begin() {
	for _, s := range f.sums {
		for _, r := range s {
			if f.high {
				VMOVUPD(f.grid, r)
			} else {
				f.v.clear(r)
			}
		}
	}
	if !f.high {
		f.v.clear(f.unordered)
	}
}

// wideOf are the two halves of a register of float32, as float64.
func (v vectors) wideOf(r reg.VecVirtual) (halves [2]reg.VecVirtual) {
	halves = [2]reg.VecVirtual{v.reg(), v.reg()}
	VCVTPS2PD(v.half(r), halves[0])
	if v.wide() {
		VEXTRACTF64X4(Imm(1), r, halves[1].AsY())
	} else {
		VEXTRACTF128(Imm(1), r, halves[1].AsX())
	}
	VCVTPS2PD(v.half(halves[1]), halves[1])
	return halves
}

// watch takes note of a NaN in e.
func (f fixed) watch(e reg.Register) {
	if !f.high {
		VADDPS(e, f.unordered, f.unordered)
	}
}

// add adds x to sum k.
func (f fixed) add(k int, x [2]reg.VecVirtual) {
	for i, half := range x {
		if f.high {
			VADDPD_RZ_SAE(half, f.sums[k][i], f.sums[k][i])
			continue
		}
		term := f.v.reg()
		VADDPD(f.grid, half, term)
		VPADDQ(term, f.sums[k][0], f.sums[k][0])
	}
}

// addProduct adds x*y to sum k.
func (f fixed) addProduct(k int, x, y [2]reg.VecVirtual) {
	for i := range x {
		if f.high {
			VFMADD231PD_RZ_SAE(x[i], y[i], f.sums[k][i])
			continue
		}
		term := f.v.copyOf(f.grid)
		VFMADD231PD(x[i], y[i], term)
		VPADDQ(term, f.sums[k][0], f.sums[k][0])
	}
}

// spoilt is 0, or NaN where a value is.
func (f fixed) spoilt() reg.Register {
	none := XMM()
	VXORPS(none, none, none)
	var r reg.Register
	if f.high {
		both := f.v.reg()
		VADDPD(f.sums[0][0], f.sums[0][1], both)
		r = f.v.across64(both)
	} else {
		r = f.v.acrossFloats(f.unordered)
	}
	VMULSD(none, r, r)
	return r
}

// store writes the bits of the sums, step bytes from one to the next.
func (f fixed) store(out reg.Register, step int) {
	for k, s := range f.sums {
		for _, r := range s[1:] {
			VPADDQ(r, s[0], s[0])
		}
		VMOVQ(f.v.acrossIntegers(s[0]), at(out, step*k))
	}
}

// acrossIntegers adds the 64-bit lanes of r.
func (v vectors) acrossIntegers(r reg.VecVirtual) reg.Register {
	if v.wide() {
		high := YMM()
		VEXTRACTI64X4(Imm(1), r, high)
		VPADDQ(high, r.AsY(), r.AsY())
	}
	high := XMM()
	v.upper(r.AsY(), high)
	VPADDQ(high, r.AsX(), r.AsX())
	if v.wide() { // an older instruction does not reach all registers
		VPSHUFD(Imm(0x4e), r.AsX(), high)
	} else {
		VPERMILPD(Imm(1), r.AsX(), high)
	}
	VPADDQ(high, r.AsX(), r.AsX())
	return r.AsX()
}

// acrossFloats adds the float32 lanes of r, in an order of its own, and widens the sum: it
// is for what is NaN in one of them.
func (v vectors) acrossFloats(r reg.VecVirtual) reg.Register {
	if v.wide() {
		high := YMM()
		VEXTRACTF64X4(Imm(1), r, high)
		VADDPS(high, r.AsY(), r.AsY())
	}
	high := XMM()
	v.upper(r.AsY(), high)
	VADDPS(high, r.AsX(), r.AsX())
	for _, order := range []uint64{0x4e, 0xb1} {
		VPERMILPS(Imm(order), r.AsX(), high)
		VADDPS(high, r.AsX(), r.AsX())
	}
	VCVTSS2SD(r.AsX(), r.AsX(), r.AsX())
	return r.AsX()
}

// across64 adds the float64 lanes of r.
func (v vectors) across64(r reg.VecVirtual) reg.Register {
	if v.wide() {
		high := YMM()
		VEXTRACTF64X4(Imm(1), r, high)
		VADDPD(high, r.AsY(), r.AsY())
	}
	high := XMM()
	v.upper(r.AsY(), high)
	VADDPD(high, r.AsX(), r.AsX())
	VPERMILPD(Imm(1), r.AsX(), high)
	VADDSD(high, r.AsX(), r.AsX())
	return r.AsX()
}

// pairs runs unit on pairs of vectors and rest on the vectors that are left.
func (v vectors) pairs(x, ahead, n reg.Register, unit func(), rest func(mask reg.Register)) {
	v.loop("unit", x, n, 2, func() {
		unit()
		PREFETCHT1(at(ahead, 0))
		if v.wide() {
			PREFETCHT1(at(ahead, 64))
		}
		ADDQ(I32(2*v.size()), ahead)
	})
	v.tail(x, n, rest)
}

// halfRoot2 is the bit pattern of sqrt(1/2), where a mantissa's range begins
// that has 1 in its middle.
var halfRoot2 = math.Float32bits(float32(math.Sqrt2 / 2))

// logarithm holds what the logarithm needs.
type logarithm struct {
	v              vectors
	root, one, ln2 Op
	c              []Op // of f^2 and up, signs alternating into the polynomial
}

func (v vectors) logarithm() logarithm {
	k := v.keep(float64(math.Float32frombits(halfRoot2)), 1, math.Ln2)
	return logarithm{v, k[0], k[1], k[2], v.keep(logCoefficients(8)...)}
}

// minus returns -ln p for p > 0; for 0 something finite.
func (l logarithm) minus(p reg.Register) reg.VecVirtual {
	k, m := l.v.reg(), l.v.reg()
	VPSUBD(l.root, p, k)
	VPSRAD(Imm(23), k, k)
	VPSLLD(Imm(23), k, m)
	VPSUBD(m, p, m)
	VSUBPS(l.one, m, m) // p = 2^k (1+m)
	VCVTDQ2PS(k, k)
	last := len(l.c) - 1
	q := l.v.copyOf(l.c[last])
	for i := last - 1; i >= 0; i-- {
		VFMADD213PS(l.c[i], m, q)
	}
	VFMSUB213PS(l.one, m, q) // -ln(1+m) = m (m q - 1)
	VMULPS(m, q, q)
	VFNMADD231PS(l.ln2, k, q)
	return q
}

func (v vectors) moments() {
	v.text("moments", "func(x *float32, n int, ahead *float32, out *[5]float64)",
		"adds up p, p*p and -p*ln(p) over n values, as bits, see offGrid. Then come\nthe least value and the sum in float32, NaN where a value is. Meanwhile it\nfetches n values from ahead into the cache.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	ahead := Load(Param("ahead"), GP64())
	least := v.all(constant(float32(math.Inf(1))))
	log := v.logarithm()
	total := v.fixed(3, gridProbs)
	total.begin()
	zero := v.zero()
	add := func(r reg.VecVirtual) {
		VMINPS(r, least, least)
		total.watch(r)
		halves := v.wideOf(r)
		total.add(0, halves)
		total.addProduct(1, halves, halves)
		total.addProduct(2, halves, v.wideOf(log.minus(r)))
	}
	v.pairs(x, ahead, n, func() {
		for i := range 2 {
			r := v.reg()
			VMOVUPS(at(x, i*v.size()), r)
			add(r)
		}
	}, func(mask reg.Register) { add(v.load(at(x, 0), mask, zero)) })
	out := Load(Param("out"), GP64())
	total.store(out, 8)
	VCVTSS2SD(v.least(least), least.AsX(), least.AsX())
	VMOVSD(least.AsX(), at(out, 24))
	VMOVSD(v.acrossFloats(total.unordered), at(out, 32))
	VZEROUPPER()
	RET()
}

// least is the smallest lane of r.
func (v vectors) least(r reg.VecVirtual) reg.Register {
	if v.wide() {
		high := YMM()
		VEXTRACTF64X4(Imm(1), r, high)
		VMINPS(high, r.AsY(), r.AsY())
	}
	high := XMM()
	v.upper(r.AsY(), high)
	VMINPS(high, r.AsX(), r.AsX())
	for _, order := range []uint64{0x4e, 0xb1} {
		VPERMILPS(Imm(order), r.AsX(), high)
		VMINPS(high, r.AsX(), r.AsX())
	}
	return r.AsX()
}
