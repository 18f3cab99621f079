// Command gen writes the assembly of package rowstat with avo: the same kernels
// in AVX2 with FMA, eight float32 at a time, and in AVX-512, sixteen. Run it by
// go generate in the folder above. It is a module of its own, so that abstain
// itself does not depend on avo.
package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// abreast is how many rows stand side by side in what the kernels are given and
// give; a quantity of the first row and of the next ones lie next to each other.
const abreast = 8

// floorBelow is how far below the runner-up a logit still counts in float32.
const floorBelow = 40

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, v := range []vectors{{"AVX2", 8}, {"AVX512", 16}} {
		v.top()
		v.index()
		v.above()
		for _, t := range []terms{{name: "All", squares: true, weighed: true}, {name: "Squares", squares: true}, {name: "Sum"}} {
			v.rows(t)
		}
		v.moments()
		v.spread()
		v.powers()
		v.widen()
		v.stream()
	}
	classwise()
	derive()
	Generate()
}

// vectors is an instruction set with its number of float32 a register.
type vectors struct {
	name  string
	lanes int
}

func (v vectors) wide() bool { return v.lanes == 16 }
func (v vectors) size() int  { return 4 * v.lanes }

func (v vectors) reg() reg.VecVirtual {
	switch v.lanes {
	case 16:
		return ZMM()
	case 4:
		return XMM()
	}
	return YMM()
}

func (v vectors) half(r reg.Register) reg.Register {
	if v.wide() {
		return r.(reg.Vec).AsY()
	}
	return r.(reg.Vec).AsX()
}

func (v vectors) text(name, signature, doc string) {
	TEXT(name+v.name, attr.NOSPLIT, signature)
	Doc(strings.Split(name+v.name+" "+doc, "\n")...)
	Pragma("noescape")
}

// broadcast fills a register with a float32 parameter.
func (v vectors) broadcast(parameter string) reg.VecVirtual {
	r := v.reg()
	a, err := Param(parameter).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(a.Addr, r)
	return r
}

var constants = map[string]Mem{}

// constant is a float32 in memory, as often as fills the widest register.
func constant(f float32) Mem { return bits32(math.Float32bits(f)) }

func bits32(u uint32) Mem {
	name := fmt.Sprintf("all32x%08x", u)
	if _, ok := constants[name]; !ok {
		constants[name] = GLOBL(name, attr.RODATA|attr.NOPTR)
		for i := range 16 {
			DATA(4*i, U32(u))
		}
	}
	return constants[name]
}

// constant64 is a float64 in memory, as often as fills the widest register.
func constant64(f float64) Mem { return bits64(math.Float64bits(f)) }

func bits64(u uint64) Mem {
	name := fmt.Sprintf("all64x%016x", u)
	if _, ok := constants[name]; !ok {
		constants[name] = GLOBL(name, attr.RODATA|attr.NOPTR)
		for i := range 8 {
			DATA(8*i, U64(u))
		}
	}
	return constants[name]
}

// window is eight words of ones before eight of zeros: loaded from 32-4k it is
// the mask of the first k lanes.
func window() Mem {
	if m, ok := constants["window"]; ok {
		return m
	}
	m := GLOBL("window", attr.RODATA|attr.NOPTR)
	for i := range 16 {
		word := U32(0)
		if i < 8 {
			word = U32(math.MaxUint32)
		}
		DATA(4*i, word)
	}
	constants["window"] = m
	return m
}

// loop runs body on as many stretches of the given number of vectors as n
// holds, moving x and n on.
func (v vectors) loop(label string, x, n reg.Register, count int, body func()) {
	Label(label)
	CMPQ(n, I32(count*v.lanes))
	JL(LabelRef(label + "_end"))
	body()
	ADDQ(I32(count*v.size()), x)
	SUBQ(I32(count*v.lanes), n)
	JMP(LabelRef(label))
	Label(label + "_end")
}

// tail runs body on what is left, a vector at a time, with the mask of the lanes
// that exist: an opmask with AVX-512, a vector with AVX2.
func (v vectors) tail(x, n reg.Register, body func(mask reg.Register)) { v.tailOf("tail", x, n, body) }

func (v vectors) tailOf(label string, x, n reg.Register, body func(mask reg.Register)) {
	limit, part := GP64(), GP64()
	MOVQ(I32(v.lanes), limit)
	Label(label)
	CMPQ(n, Imm(0))
	JLE(LabelRef(label + "_end"))
	MOVQ(n, part)
	CMPQ(part, limit)
	CMOVQGT(limit, part)
	body(v.first(part))
	ADDQ(Imm(uint64(v.size())), x)
	SUBQ(limit, n)
	JMP(LabelRef(label))
	Label(label + "_end")
}

// first is the mask of the first k lanes.
func (v vectors) first(k reg.Register) reg.Register {
	if v.wide() {
		ones, mask := GP64(), K()
		MOVQ(I32(-1), ones)
		BZHIQ(k, ones, ones)
		KMOVW(ones.As32(), mask)
		return mask
	}
	at, back, mask := GP64(), GP64(), YMM()
	LEAQ(window(), at)
	MOVQ(k, back)
	NEGQ(back)
	VMOVDQU(Mem{Base: at, Index: back, Scale: 4, Disp: 32}, mask)
	return mask
}

// load reads the lanes of the mask and takes the others from fill.
func (v vectors) load(x Mem, mask reg.Register, fill reg.Register) reg.VecVirtual {
	r := v.reg()
	if v.wide() {
		VMOVAPS(fill, r)
		VMOVUPS(x, mask, r)
		return r
	}
	VMASKMOVPS(x, mask, r)
	VBLENDVPS(mask, r, fill, r)
	return r
}

// upper moves the upper half of the YMM register r to x. With AVX-512 these may
// be registers that the older instruction does not reach.
func (v vectors) upper(r, x reg.Register) {
	if v.wide() {
		VEXTRACTF32X4(Imm(1), r, x)
	} else {
		VEXTRACTF128(Imm(1), r, x)
	}
}

func (v vectors) zero() reg.VecVirtual {
	r := v.reg()
	if v.wide() {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
	return r
}

func (v vectors) clear(r reg.Register) {
	if v.wide() {
		VPXORD(r, r, r)
	} else {
		VXORPS(r, r, r)
	}
}

func (v vectors) all(c Mem) reg.VecVirtual {
	r := v.reg()
	VMOVUPS(c, r)
	return r
}

// keep puts constants where a loop finds them best: in registers if there are
// enough of them.
func (v vectors) keep(values ...float64) []Op {
	var ops []Op
	for _, f := range values {
		c := constant(float32(f))
		if v.wide() {
			ops = append(ops, v.all(c))
		} else {
			ops = append(ops, c)
		}
	}
	return ops
}

// copyOf is a register with the value of c.
func (v vectors) copyOf(c Op) reg.VecVirtual {
	r := v.reg()
	if _, ok := c.(Mem); ok {
		VMOVUPS(c, r)
	} else {
		VMOVAPS(c, r)
	}
	return r
}

func at(x reg.Register, offset int) Mem { return Mem{Base: x, Disp: offset} }
