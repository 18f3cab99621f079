package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// terms are the sums that a kernel of rows adds up.
type terms struct {
	name string
	// squares and weighed say whether e*e and e*(second - value) are added up
	// beside e.
	squares, weighed bool
}

func (t terms) count() int {
	n := 1
	if t.squares {
		n++
	}
	if t.weighed {
		n++
	}
	return n
}

// powerOf is a way to the exponential of values between floor and second, in
// any unit and against any zero that are the same for a whole row.
type powerOf interface {
	// row sets up for a row.
	row(second reg.Register)
	// of returns e for a register of values brought down to second, which
	// becomes a register of distances to second.
	of(value reg.Register) reg.VecVirtual
}

// rows writes the kernel that goes through rows of logits, their leaders given:
// the sums of a row together with the leaders of one that comes later. In one loop
// the two fill each other's gaps, and with a row in between a row's leaders have
// long been there when they are needed.
func (v vectors) rows(t terms) {
	v.text("rows"+t.name, "func(x *float32, classes, rows, lag int, last *float32, ahead uintptr, pace, skip int, leaders *float32, sums *float64)",
		fmt.Sprintf("adds up, row by row, e = exp(value) and what goes with it, each\nvalue brought down to the row's second in leaders: two a row, the greatest and\nthe second greatest value. It writes those of the row lag rows later, which\nbegins no later than last. Sums points to blockSum of a block; they are\nbits, see offGrid. A NaN makes shift NaN. Meanwhile it fetches from ahead into the\ncache, skip bytes on for a row and pace for %d values.", v.chains()*v.lanes))
	x := Load(Param("x"), GP64())
	leaders, sums := Load(Param("leaders"), GP64()), Load(Param("sums"), GP64())
	least := bits32(math.Float32bits(float32(math.Inf(-1))))
	power := v.power(t)
	total := v.fixed(t.count(), grid32)
	if v.wide() {
		total = v.highFixed(t.count())
	}
	top := pair{v.reg(), v.reg()}

	Label("row")
	n, next, last := GP64(), GP64(), GP64()
	Load(Param("classes"), n)
	Load(Param("lag"), next)
	IMULQ(n, next)
	LEAQ(Mem{Base: x, Index: next, Scale: 4}, next)
	Load(Param("last"), last)
	CMPQ(next, last)
	CMOVQHI(last, next)
	SUBQ(x, next)
	second := v.reg()
	VBROADCASTSS(at(leaders, 4), second)
	power.row(second)
	VMOVUPS(least, top.max)
	VMOVAPS(top.max, top.second)
	total.begin()
	ahead, pace := GP64(), GP64()
	Load(Param("ahead"), ahead)
	Load(Param("pace"), pace)
	add := func(value Op, after func() reg.VecVirtual) {
		r := v.reg()
		VMINPS(value, second, r) // a NaN in the first operand stays
		e := power.of(r)
		total.watch(e)
		halves := v.wideOf(e)
		total.add(0, halves)
		k := 1
		if t.squares {
			total.addProduct(k, halves, halves)
			k++
		}
		if t.weighed {
			total.addProduct(k, halves, v.wideOf(r))
		}
		top.see(v, after())
	}
	v.stretches(x, n, func() {
		for i := range v.chains() {
			if i*v.size()%64 == 0 {
				PREFETCHT1(at(ahead, i*v.size()))
			}
			add(at(x, i*v.size()), func() reg.VecVirtual {
				after := v.reg()
				VMOVUPS(Mem{Base: x, Index: next, Scale: 1, Disp: i * v.size()}, after)
				return after
			})
		}
		ADDQ(pace, ahead)
	}, func(mask reg.Register) {
		add(v.load(at(x, 0), mask, v.all(least)), func() reg.VecVirtual {
			return v.load(Mem{Base: x, Index: next, Scale: 1}, mask, v.all(least))
		})
	})
	v.fetch(ahead, v.chains())
	spoilt := total.spoilt()
	total.store(sums, 8*abreast)
	e := power.of(second)
	VCVTSS2SD(e.AsX(), e.AsX(), e.AsX())
	VMOVSD(e.AsX(), at(sums, place(blockOne-blockSum)))
	VCVTSS2SD(second.AsX(), second.AsX(), second.AsX())
	VADDSD(spoilt, second.AsX(), second.AsX())
	VMOVSD(second.AsX(), at(sums, place(blockShift-blockSum)))
	p := v.across(top)
	lag := GP64()
	Load(Param("lag"), lag)
	VMOVSS(p.max, Mem{Base: leaders, Index: lag, Scale: 8})
	VMOVSS(p.second, Mem{Base: leaders, Index: lag, Scale: 8, Disp: 4})

	v.advance(x, leaders, sums)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// advance moves to the next row, and sets the flags by how many are left.
func (v vectors) advance(x, leaders, sums reg.Register) {
	step, left := GP64(), GP64()
	Load(Param("classes"), step)
	Load(Param("x"), x)
	LEAQ(Mem{Base: x, Index: step, Scale: 4}, x)
	Store(x, Param("x"))
	Load(Param("ahead"), left)
	Load(Param("skip"), step)
	ADDQ(step, left)
	Store(left, Param("ahead"))
	ADDQ(Imm(8), leaders)
	ADDQ(Imm(8), sums)
	Load(Param("rows"), left)
	DECQ(left)
	Store(left, Param("rows"))
}

// fetch brings as many bytes as count vectors have from ahead into the cache.
func (v vectors) fetch(ahead reg.Register, count int) {
	for line := 0; line < count*v.size(); line += 64 {
		PREFETCHT1(at(ahead, line))
	}
}

// chains is how many vectors a loop takes at a time.
func (v vectors) chains() int {
	if v.wide() {
		return 4
	}
	return 2
}

// stretches runs unit on as many vectors as it takes at a time, and rest on the vectors
// that are left.
func (v vectors) stretches(x, n reg.Register, unit func(), rest func(mask reg.Register)) {
	v.loop("unit", x, n, v.chains(), unit)
	v.tail(x, n, rest)
}

// powerByTable is the exponential of AVX2: exp(x) over a power of two near
// exp(second).
type powerByTable struct {
	v vectors
	exponential
	second, floor reg.Register
	weighed       bool
}

func (v vectors) power(t terms) powerOf {
	if v.wide() {
		return v.powerByScale(t.weighed)
	}
	shift := v.reg()
	return &powerByTable{v: v, exponential: v.exponential(shift), floor: v.reg(), weighed: t.weighed}
}

func (p *powerByTable) row(second reg.Register) {
	p.second = second
	VSUBPS(constant(floorBelow), second, p.floor)
	whole := p.v.reg()
	VMULPS(constant(math.Log2E), second, whole)
	VROUNDPS(Imm(0), whole, whole)
	VMOVUPS(constant(0x1.8p23), p.shift)
	VFNMADD231PS(constant(steps), whole, p.shift)
}

func (p *powerByTable) of(x reg.Register) reg.VecVirtual {
	VMAXPS(x, p.floor, x)
	e := p.exponential.of(x)
	if p.weighed {
		VSUBPS(x, p.second, x)
	}
	return e
}

// powerByScale is the exponential of AVX-512: 2^y with y = log2(e) x - k, where k
// is near log2(e) second, and 2^y = 2^floor(y) 2^(y - floor(y)), the second by a
// polynomial. Rounded is y only once, so that the error of e is as large as the
// distance to second times 2^-24, and small where e is large.
type powerByScale struct {
	v               vectors
	log2e, floor, k reg.VecVirtual
	c               []Op
	weighed         bool // 2^y is multiplied by y, which must not be infinite
}

func (v vectors) powerByScale(weighed bool) powerOf {
	return &powerByScale{v, v.all(constant(math.Log2E)), v.all(constant(-floorBelow * math.Log2E)), v.reg(), v.keep(exp2Coefficients(5)...), weighed}
}

func (p *powerByScale) row(second reg.Register) { VMULPS(p.log2e, second, p.k) }

func (p *powerByScale) of(y reg.Register) reg.VecVirtual {
	VFMSUB132PS(p.log2e, p.k, y)
	if p.weighed {
		VMAXPS(y, p.floor, y)
	}
	f := p.v.reg()
	VREDUCEPS(Imm(1), y, f) // y - floor(y)
	last := len(p.c) - 1
	e := p.v.copyOf(p.c[last])
	for i := last - 1; i >= 0; i-- {
		VFMADD213PS(p.c[i], f, e)
	}
	VSCALEFPS(y, e, e)
	return e
}
