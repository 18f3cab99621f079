package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// trail condenses bytes, a unit for every unit of a row and as many as fit behind
// each row, so that they are still in the first cache. A nil trail does nothing.
type trail struct {
	bytes         reg.GPVirtual // to condense next
	first, second []reg.VecVirtual
}

// unitBytes is a word of 16 bytes for every lane.
const unitBytes = 256

func newTrail() *trail {
	t := &trail{bytes: GP64()}
	Load(Param("bytes"), t.bytes)
	t.states(func(state reg.VecVirtual, m Mem) { VMOVDQU64(m, state) })
	return t
}

// states visits the states in registers with their places in memory.
func (t *trail) states(visit func(state reg.VecVirtual, m Mem)) {
	lanes := Load(Param("lanes"), GP64())
	if t.first == nil {
		for range unitBytes / 64 {
			t.first, t.second = append(t.first, ZMM()), append(t.second, ZMM())
		}
	}
	for i, state := range append(t.first[:len(t.first):len(t.first)], t.second...) {
		visit(state, at(lanes, 64*i))
	}
}

// unit condenses a unit.
func (t *trail) unit() {
	if t == nil {
		return
	}
	for i := range t.first {
		VAESENC(at(t.bytes, 64*i), t.first[i], t.first[i])
		VPADDQ(at(t.bytes, 64*i), t.second[i], t.second[i])
	}
	ADDQ(I32(unitBytes), t.bytes)
}

// follow condenses the units that end before the row does.
func (t *trail) follow() {
	if t == nil {
		return
	}
	last, classes := Load(Param("x"), GP64()), Load(Param("classes"), GP64())
	LEAQ(Mem{Base: last, Index: classes, Scale: 4, Disp: -unitBytes}, last)
	Label("follow")
	CMPQ(t.bytes, last)
	JHI(LabelRef("followed"))
	t.unit()
	JMP(LabelRef("follow"))
	Label("followed")
}

// end returns how many bytes were condensed.
func (t *trail) end() {
	if t == nil {
		return
	}
	t.states(func(state reg.VecVirtual, m Mem) { VMOVDQU64(state, m) })
	begin := Load(Param("bytes"), GP64())
	SUBQ(begin, t.bytes)
	Store(t.bytes, Return("condensed"))
}
