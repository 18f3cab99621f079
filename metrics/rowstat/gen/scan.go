package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Immediate operands of VCMPPS.
const (
	equal   = 0x00 // false for NaN
	greater = 0x1e // false for NaN
)

// pair is the largest and second largest value seen by each lane.
type pair struct{ max, second reg.Register }

func (p pair) see(v vectors, x Op) {
	low := v.reg()
	VMINPS(x, p.max, low)
	VMAXPS(x, p.max, p.max)
	VMAXPS(low, p.second, p.second)
}

func (p pair) merge(v vectors, q pair) {
	low := v.reg()
	VMINPS(q.max, p.max, low)
	VMAXPS(q.max, p.max, p.max)
	VMAXPS(q.second, p.second, p.second)
	VMAXPS(low, p.second, p.second)
}

func (v vectors) top() {
	v.text("top", "func(x *float32, n int) (max, second float32)",
		"returns the largest and the second largest of n values, -Inf\nwhere there is none. Of rows with a NaN it says nothing.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	least := v.all(bits32(math.Float32bits(float32(math.Inf(-1)))))
	var lanes []pair
	for range 4 {
		p := pair{v.reg(), v.reg()}
		VMOVAPS(least, p.max)
		VMOVAPS(least, p.second)
		lanes = append(lanes, p)
	}
	v.loop("four", x, n, 4, func() {
		for i, p := range lanes {
			r := v.reg()
			VMOVUPS(at(x, i*v.size()), r)
			p.see(v, r)
		}
	})
	v.tail(x, n, func(mask reg.Register) { lanes[0].see(v, v.load(at(x, 0), mask, least)) })
	lanes[0].merge(v, lanes[1])
	lanes[2].merge(v, lanes[3])
	lanes[0].merge(v, lanes[2])
	p := v.across(lanes[0])
	Store(p.max, ReturnIndex(0))
	Store(p.second, ReturnIndex(1))
	VZEROUPPER()
	RET()
}

// across merges the lanes of a pair into lane 0.
func (v vectors) across(p pair) pair {
	upper := v.upper
	if v.wide() {
		q := pair{YMM(), YMM()}
		VEXTRACTF64X4(Imm(1), p.max, q.max)
		VEXTRACTF64X4(Imm(1), p.second, q.second)
		v = vectors{"AVX2", 8}
		p = pair{p.max.(reg.Vec).AsY(), p.second.(reg.Vec).AsY()}
		p.merge(v, q)
	}
	v = vectors{"AVX", 4}
	q := pair{XMM(), XMM()}
	upper(p.max, q.max)
	upper(p.second, q.second)
	p = pair{p.max.(reg.Vec).AsX(), p.second.(reg.Vec).AsX()}
	p.merge(v, q)
	for _, order := range []uint64{0x4e, 0xb1} { // halves, then neighbours
		q := pair{XMM(), XMM()}
		VPERMILPS(Imm(order), p.max, q.max)
		VPERMILPS(Imm(order), p.second, q.second)
		p.merge(v, q)
	}
	return p
}

func (v vectors) index() {
	v.text("index", "func(x *float32, n int, value float32) int",
		"returns the first of n places that holds value, of which none is\ngreater; n if none does.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	value := v.broadcast("value")
	begin, end := GP64(), GP64()
	MOVQ(x, begin)
	LEAQ(Mem{Base: x, Index: n, Scale: 4}, end)
	v.loop("eight", x, n, 8, func() {
		var r [4]reg.VecVirtual
		for i := range r {
			r[i] = v.reg()
			VMOVUPS(at(x, i*v.size()), r[i])
			VMAXPS(at(x, (i+4)*v.size()), r[i], r[i])
		}
		VMAXPS(r[1], r[0], r[0])
		VMAXPS(r[3], r[2], r[2])
		VMAXPS(r[2], r[0], r[0])
		hit := GP32()
		if v.wide() {
			k := K()
			VCMPPS(Imm(equal), r[0], value, k)
			KMOVW(k, hit)
		} else {
			VCMPPS(Imm(equal), r[0], value, r[0])
			VMOVMSKPS(r[0], hit)
		}
		TESTL(hit, hit)
		JNZ(LabelRef("two"))
	})
	hits := GP32()
	v.loop("two", x, n, 2, func() {
		if v.wide() {
			a, b := K(), K()
			VCMPPS(Imm(equal), at(x, 0), value, a)
			VCMPPS(Imm(equal), at(x, 64), value, b)
			KUNPCKWD(a, b, a)
			KMOVD(a, hits)
		} else {
			a, b, high := YMM(), YMM(), GP32()
			VCMPPS(Imm(equal), at(x, 0), value, a)
			VCMPPS(Imm(equal), at(x, 32), value, b)
			VMOVMSKPS(a, hits)
			VMOVMSKPS(b, high)
			SHLL(Imm(8), high)
			ORL(high, hits)
		}
		TESTL(hits, hits)
		JNZ(LabelRef("found"))
	})
	v.tail(x, n, func(mask reg.Register) {
		r := v.load(at(x, 0), mask, value)
		if v.wide() {
			k := K()
			VCMPPS(Imm(equal), r, value, mask, k)
			KMOVW(k, hits)
		} else {
			VCMPPS(Imm(equal), r, value, r)
			VPAND(mask, r, r)
			VMOVMSKPS(r, hits)
		}
		TESTL(hits, hits)
		JNZ(LabelRef("found"))
	})
	MOVQ(end, x)
	XORL(hits, hits)
	BTSL(Imm(0), hits)
	Label("found")
	TZCNTL(hits, hits)
	SUBQ(begin, x)
	SHRQ(Imm(2), x)
	ADDQ(hits.As64(), x)
	Store(x, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

func (v vectors) above() {
	v.text("above", "func(x *float32, n, place int, value, under float32) int",
		"counts among n values those greater than value, and those greater\nthan under, the number next to it, that come before place.")
	x, n, place := Load(Param("x"), GP64()), Load(Param("n"), GP64()), Load(Param("place"), GP64())
	const unit = 4
	size := uint64(unit * v.size())
	var limit [2]reg.Register // where value and under are
	for i, name := range []string{"value", "under"} {
		a, err := Param(name).Resolve()
		if err != nil {
			panic(err)
		}
		limit[i] = GP64()
		LEAQ(a.Addr, limit[i])
	}
	Comment("where the stretch begins that place is in, and how far in")
	split, inside := GP64(), GP64()
	MOVQ(place, split)
	SHLQ(Imm(2), split)
	MOVQ(split, inside)
	ANDQ(I32(int32(size-1)), inside)
	SUBQ(inside, split)
	ADDQ(x, split)
	SHRQ(Imm(2), inside)
	counts := []reg.VecVirtual{v.zero(), v.zero()}
	ones := v.all(bits32(math.MaxUint32))
	count := func(predicate int, into reg.Register, x, limit Op, mask reg.Register) {
		if v.wide() {
			k := K()
			if mask != nil {
				VCMPPS(Imm(uint64(predicate)), limit, x, mask, k)
			} else {
				VCMPPS(Imm(uint64(predicate)), limit, x, k)
			}
			VPSUBD(ones, into, k, into)
			return
		}
		hit := YMM()
		VCMPPS(Imm(uint64(predicate)), limit, x, hit)
		if mask != nil {
			VPAND(mask, hit, hit)
		}
		VPSUBD(hit, into, into)
	}
	v.loop("stretch", x, n, unit, func() {
		from, least := GP64(), v.reg()
		MOVQ(limit[0], from)
		CMPQ(x, split)
		CMOVQCS(limit[1], from)
		VBROADCASTSS(at(from, 0), least)
		for i := range unit {
			r := v.reg()
			VMOVUPS(at(x, i*v.size()), r)
			count(greater, counts[i%2], r, least, nil)
		}
	})
	value := v.broadcast("value")
	v.tail(x, n, func(mask reg.Register) { count(greater, counts[0], v.load(at(x, 0), mask, value), value, mask) })
	v.tailOf("before", split, inside, func(mask reg.Register) {
		count(equal, counts[1], v.load(at(split, 0), mask, value), value, mask)
	})
	VPADDD(counts[1], counts[0], counts[0])
	sum := counts[0]
	if v.wide() {
		high := YMM()
		VEXTRACTI64X4(Imm(1), sum, high)
		VPADDD(high, sum.AsY(), sum.AsY())
	}
	high := XMM()
	v.upper(sum.AsY(), high)
	VPADDD(high, sum.AsX(), sum.AsX())
	for _, order := range []uint64{0x4e, 0xb1} {
		VPSHUFD(Imm(order), sum.AsX(), high)
		VPADDD(high, sum.AsX(), sum.AsX())
	}
	total := GP32()
	VMOVD(sum.AsX(), total)
	Store(total.As64(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// stream is the yardstick of the benchmarks: nothing but reading.
func (v vectors) stream() {
	v.text("stream", "func(x *float32, n int) float32",
		"adds up n values: what reading them costs at least.")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	var sums []reg.VecVirtual
	for range 8 {
		sums = append(sums, v.zero())
	}
	zero := v.zero()
	v.loop("eight", x, n, 8, func() {
		for i, s := range sums {
			VADDPS(at(x, i*v.size()), s, s)
		}
	})
	v.tail(x, n, func(mask reg.Register) { VADDPS(v.load(at(x, 0), mask, zero), sums[0], sums[0]) })
	for step := 1; step < len(sums); step *= 2 {
		for i := 0; i < len(sums); i += 2 * step {
			VADDPS(sums[i+step], sums[i], sums[i])
		}
	}
	sum := sums[0]
	if v.wide() {
		high := YMM()
		VEXTRACTF64X4(Imm(1), sum, high)
		VADDPS(high, sum.AsY(), sum.AsY())
	}
	high := XMM()
	v.upper(sum.AsY(), high)
	VADDPS(high, sum.AsX(), sum.AsX())
	for _, order := range []uint64{0x4e, 0xb1} {
		VPERMILPS(Imm(order), sum.AsX(), high)
		VADDPS(high, sum.AsX(), sum.AsX())
	}
	Store(sum.AsX(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}
