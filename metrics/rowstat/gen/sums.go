package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// blockUnits is how many vectors of each chain are added up in float32 before the
// sums move on to float64: a lane adds 16 terms, which bounds the loss. The last
// vectors of a row are added to the last block.
const blockUnits = 16

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

// totals are sums of a row: float32 lanes that flow into float64 lanes in the
// frame, from where they are added across and stored. Vectors that follow each
// other go to chains of their own.
type totals struct {
	v     vectors
	lanes [][]reg.VecVirtual // a list a chain
	frame []Mem
}

func (v vectors) totals(count, chains int) totals {
	t := totals{v: v}
	for range count {
		t.frame = append(t.frame, AllocLocal(v.size()))
	}
	for range chains {
		var lanes []reg.VecVirtual
		for range count {
			lanes = append(lanes, v.reg())
		}
		t.lanes = append(t.lanes, lanes)
	}
	return t
}

// begin makes all sums 0.
func (t totals) begin() {
	for _, lanes := range t.lanes {
		for _, r := range lanes {
			t.v.clear(r)
		}
	}
	for _, m := range t.frame {
		VMOVUPD(t.lanes[0][0], m)
	}
}

func (t totals) flush() {
	for i, r := range t.lanes[0] {
		for step := 1; step < len(t.lanes); step *= 2 {
			for k := 0; k < len(t.lanes); k += 2 * step {
				VADDPS(t.lanes[k+step][i], t.lanes[k][i], t.lanes[k][i])
			}
		}
		low, high := t.v.reg(), t.v.reg()
		VCVTPS2PD(t.v.half(r), low)
		if t.v.wide() {
			VEXTRACTF64X4(Imm(1), r, high.AsY())
		} else {
			VEXTRACTF128(Imm(1), r, high.AsX())
		}
		VCVTPS2PD(t.v.half(high), high)
		VADDPD(high, low, low)
		VADDPD(t.frame[i], low, low)
		VMOVUPD(low, t.frame[i])
		for _, lanes := range t.lanes {
			t.v.clear(lanes[i])
		}
	}
}

func (t totals) store(out reg.Register) {
	for i, m := range t.frame {
		r := t.v.reg()
		VMOVUPD(m, r)
		VMOVSD(t.v.across64(r), at(out, 8*abreast*i))
	}
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

// blocks runs unit on pairs of vectors, flush after every blockUnits of them and
// after the rest, which runs on the vectors that are left.
func (v vectors) blocks(x, ahead, n reg.Register, unit func(), rest func(mask reg.Register), flush func()) {
	units, left := GP64(), GP64()
	Label("block")
	MOVQ(n, left)
	shift := uint64(4)
	if v.wide() {
		shift = 5
	}
	SHRQ(Imm(shift), left)
	JZ(LabelRef("rest"))
	MOVQ(U32(blockUnits), units)
	CMPQ(left, units)
	CMOVQLT(left, units)
	MOVQ(units, left)
	SHLQ(Imm(shift), left)
	SUBQ(left, n)
	Label("unit")
	unit()
	PREFETCHT1(at(ahead, 0))
	if v.wide() {
		PREFETCHT1(at(ahead, 64))
	}
	ADDQ(I32(2*v.size()), ahead)
	ADDQ(I32(2*v.size()), x)
	DECQ(units)
	JNZ(LabelRef("unit"))
	CMPQ(n, I32(2*v.lanes))
	JL(LabelRef("rest"))
	flush()
	JMP(LabelRef("block"))
	Label("rest")
	v.tail(x, n, rest)
	flush()
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
	v.text("moments", "func(x *float32, n int, ahead *float32, out *[4]float64)",
		"adds up p, p*p and -p*ln(p) over n values and finds the least.\nA NaN makes the sums NaN. Meanwhile it fetches n values from ahead into the\ncache.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	ahead := Load(Param("ahead"), GP64())
	least := v.all(constant(float32(math.Inf(1))))
	log := v.logarithm()
	entropy := v.totals(1, 2)
	entropy.begin()
	sum, squares := v.zero(), v.zero()
	zero := v.zero()
	add := func(r reg.VecVirtual, to []reg.VecVirtual) {
		VMINPS(r, least, least)
		low, high := v.reg(), v.reg()
		VCVTPS2PD(v.half(r), low)
		if v.wide() {
			VEXTRACTF64X4(Imm(1), r, high.AsY())
		} else {
			VEXTRACTF128(Imm(1), r, high.AsX())
		}
		VCVTPS2PD(v.half(high), high)
		VADDPD(low, sum, sum)
		VFMADD231PD(low, low, squares)
		VADDPD(high, sum, sum)
		VFMADD231PD(high, high, squares)
		q := log.minus(r)
		VFMADD231PS(r, q, to[0])
	}
	v.blocks(x, ahead, n, func() {
		for i := range 2 {
			r := v.reg()
			VMOVUPS(at(x, i*v.size()), r)
			add(r, entropy.lanes[i])
		}
	}, func(mask reg.Register) { add(v.load(at(x, 0), mask, zero), entropy.lanes[0]) }, entropy.flush)
	out := Load(Param("out"), GP64())
	VMOVSD(v.across64(sum), at(out, 0))
	VMOVSD(v.across64(squares), at(out, 8))
	r := v.reg()
	VMOVUPD(entropy.frame[0], r)
	VMOVSD(v.across64(r), at(out, 16))
	VCVTSS2SD(v.least(least), least.AsX(), least.AsX())
	VMOVSD(least.AsX(), at(out, 24))
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
