package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// spread is the kernel of what must be known before distances to the mean are.
func (v vectors) spread() {
	v.text("spread", "func(x *float32, n int, out *[2]float64)",
		"adds up n values as bits, see offGrid, and finds the least.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	least := v.all(constant(float32(math.Inf(1))))
	total := v.fixed(1, gridValues)
	total.begin()
	zero := v.zero()
	v.loop("one", x, n, 1, func() {
		r := v.reg()
		VMOVUPS(at(x, 0), r)
		VMINPS(r, least, least)
		total.add(0, v.wideOf(r))
	})
	v.tail(x, n, func(mask reg.Register) {
		VMINPS(v.load(at(x, 0), mask, least), least, least)
		total.add(0, v.wideOf(v.load(at(x, 0), mask, zero)))
	})
	out := Load(Param("out"), GP64())
	total.store(out, 8)
	VCVTSS2SD(v.least(least), least.AsX(), least.AsX())
	VMOVSD(least.AsX(), at(out, 8))
	VZEROUPPER()
	RET()
}

// deviation turns values into what a power is taken of.
type deviation struct {
	v                       vectors
	high, low, scale, least reg.Register
	sign                    Mem
}

// of is the distance of value to the mean, in parts of the scale, not less than
// least.
func (d deviation) of(value reg.Register) {
	VSUBPS(d.high, value, value) // exact where it is small
	VSUBPS(d.low, value, value)
	VMULPS(d.scale, value, value)
	if d.v.wide() {
		VPANDD(d.sign, value, value)
	} else {
		VPAND(d.sign, value, value)
	}
	VMAXPS(d.least, value, value)
}

// powers is the kernel of a row's norm.
func (v vectors) powers() {
	v.text("powers", "func(x *float32, n, p int, high, low, scale, least float32, out *float64)",
		"adds up max(least, |value - high - low| * scale)^p over n\nvalues, as bits, see offGrid, for p from 1 to 15.")
	x, n, p := Load(Param("x"), GP64()), Load(Param("n"), GP64()), Load(Param("p"), GP64())
	d := deviation{v, v.broadcast("high"), v.broadcast("low"), v.broadcast("scale"), v.broadcast("least"), bits32(math.MaxInt32)}
	total := v.fixed(1, grid32)
	total.begin()
	v.stretches(x, n, func() {
		var u []reg.Register
		for i := range v.chains() {
			r := v.reg()
			VMOVUPS(at(x, i*v.size()), r)
			d.of(r)
			u = append(u, r)
		}
		for _, r := range v.raise("unit", u, p) {
			total.add(0, v.wideOf(r.(reg.VecVirtual)))
		}
	}, func(mask reg.Register) {
		u := v.load(at(x, 0), mask, d.high)
		d.of(u)
		r := v.raise("rest", []reg.Register{u}, p)[0]
		if v.wide() {
			VMOVAPS_Z(r, mask, r)
		} else {
			VPAND(mask, r, r)
		}
		total.add(0, v.wideOf(r.(reg.VecVirtual)))
	})
	total.store(Load(Param("out"), GP64()), 8)
	VZEROUPPER()
	RET()
}

// raise returns the powers u^p, by squares, and spoils u.
func (v vectors) raise(label string, u []reg.Register, p reg.Register) []reg.Register {
	power := make([]reg.Register, len(u))
	for i := range u {
		power[i] = v.reg()
		VMOVAPS(u[i], power[i])
	}
	BTQ(Imm(0), p)
	JCS(LabelRef(label + "_odd"))
	one := v.all(constant(1))
	for _, r := range power {
		VMOVAPS(one, r)
	}
	Label(label + "_odd")
	for bit := 1; bit < 4; bit++ {
		CMPQ(p, Imm(1<<bit))
		JL(LabelRef(label + "_done"))
		next := fmt.Sprint(label, "_", 1<<bit)
		for _, r := range u {
			VMULPS(r, r, r)
		}
		BTQ(Imm(uint64(bit)), p)
		JCC(LabelRef(next))
		for i, r := range power {
			VMULPS(u[i], r, r)
		}
		Label(next)
	}
	Label(label + "_done")
	return power
}

// widen is the kernel for rows of float16.
func (v vectors) widen() {
	v.text("widen", "func(dst *float32, src *uint16, n int)", fmt.Sprintf("converts n float16, a multiple of %d.", v.lanes))
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	convert := func(count int) {
		for i := range count {
			r := v.reg()
			VCVTPH2PS(at(src, i*v.size()/2), r)
			VMOVUPS(r, at(dst, i*v.size()))
		}
		ADDQ(I32(int32(count*v.size())), dst)
		ADDQ(I32(int32(count*v.size()/2)), src)
		SUBQ(I32(int32(count*v.lanes)), n)
	}
	Label("four")
	CMPQ(n, I32(int32(4*v.lanes)))
	JL(LabelRef("one"))
	convert(4)
	JMP(LabelRef("four"))
	Label("one")
	CMPQ(n, Imm(0))
	JE(LabelRef("end"))
	convert(1)
	JMP(LabelRef("one"))
	Label("end")
	VZEROUPPER()
	RET()
}
