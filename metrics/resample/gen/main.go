// Command gen writes the assembly of package resample with avo: the sums of a block of
// places in 64 replicates, in AVX2 and AVX-512. Run it by go generate in the folder above.
// It is a module of its own, so that abstain itself does not depend on avo.
package main

import (
	"fmt"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const (
	lanes    = 64 // replicates
	kinds    = 5  // of sums
	weights  = 8  // where the weights begin in a pair of places
	pairSize = weights + 4*kinds
	early    = 16 // pairs before their turn that counts are fetched
)

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, v := range []struct {
		name  string
		width int // lanes at a time
	}{{"AVX2", 16}, {"AVX512", 32}} {
		sum("sumTwo"+v.name, v.width, 2)
		sum("sumAll"+v.name, v.width, kinds)
	}
	Generate()
}

// sum writes a kernel for the first kinds of sums. Counts of two places stand side by side
// as words, so that one multiplication adds both.
func sum(name string, width, used int) {
	TEXT(name, attr.NOSPLIT, "func(counts *uint8, pairs *uint32, n int, out *int32)")
	Doc(name + " sums pairs of places in all lanes.")
	Pragma("noescape")
	counts, out := Load(Param("counts"), GP64()), Load(Param("out"), GP64())
	for first := 0; first < lanes; first += width {
		part(fmt.Sprintf("from%d", first), counts, out, first, width, used)
	}
	VZEROUPPER()
	RET()
}

// part sums the lanes from first on.
func part(label string, counts, out reg.Register, first, width, used int) {
	vector := func() reg.VecVirtual { return YMM() }
	if width == 32 {
		vector = func() reg.VecVirtual { return ZMM() }
	}
	pairs, n := Load(Param("pairs"), GP64()), Load(Param("n"), GP64())
	sums := make([][2]reg.VecVirtual, used)
	for k := range sums {
		for h := range 2 {
			sums[k][h] = vector()
			zero(sums[k][h], width)
		}
	}
	one, other := GP64(), GP64()
	Label(label)
	MOVL(Mem{Base: pairs}, one.As32())
	MOVL(Mem{Base: pairs, Disp: 4}, other.As32())
	SHLQ(Imm(6), one)
	SHLQ(Imm(6), other)
	a, b, low, weight := vector(), vector(), vector(), vector()
	if first == 0 { // counts of a row may be far from those of the next place
		ahead := GP64()
		for row := range 2 {
			MOVL(Mem{Base: pairs, Disp: early*pairSize + 4*row}, ahead.As32())
			SHLQ(Imm(6), ahead)
			PREFETCHT0(Mem{Base: counts, Index: ahead, Scale: 1})
		}
	}
	VPMOVZXBW(Mem{Base: counts, Index: one, Scale: 1, Disp: first}, a)
	VPMOVZXBW(Mem{Base: counts, Index: other, Scale: 1, Disp: first}, b)
	VPUNPCKLWD(b, a, low)
	VPUNPCKHWD(b, a, a)
	for k := range sums {
		for h, words := range []reg.VecVirtual{low, a} {
			VPBROADCASTD(Mem{Base: pairs, Disp: weights + 4*k}, weight)
			VPMADDWD(weight, words, weight)
			VPADDD(weight, sums[k][h], sums[k][h])
		}
	}
	ADDQ(Imm(pairSize), pairs)
	DECQ(n)
	JNZ(LabelRef(label))
	for k := range sums {
		for h := range 2 {
			store(sums[k][h], Mem{Base: out, Disp: 4 * (lanes*k + first)}, h, width)
		}
	}
}

func zero(r reg.VecVirtual, width int) {
	if width == 32 {
		VPXORD(r, r, r)
		return
	}
	VPXOR(r, r, r)
}

// store writes eight sums at a time: the first halves of 16 lanes, then the second ones.
func store(r reg.VecVirtual, to Mem, half, width int) {
	to.Disp += 32 * half
	if width == 16 {
		VMOVDQU(r, to)
		return
	}
	VEXTRACTI64X4(Imm(0), r, to)
	to.Disp += 64
	VEXTRACTI64X4(Imm(1), r, to)
}
