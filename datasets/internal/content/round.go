package content

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// condensePlainly is condense in portable Go.
func condensePlainly(s *lanes, p *byte, stripes int) {
	words := unsafe.Slice(p, stripes*stripe)
	for lane := 0; lane < stripe; lane += 16 {
		first, second := s[lane:][:16], s[stripe+lane:][:16]
		w0, w1 := binary.LittleEndian.Uint32(first), binary.LittleEndian.Uint32(first[4:])
		w2, w3 := binary.LittleEndian.Uint32(first[8:]), binary.LittleEndian.Uint32(first[12:])
		low, high := binary.LittleEndian.Uint64(second), binary.LittleEndian.Uint64(second[8:])
		for at := lane; at < len(words); at += stripe {
			a, b := binary.LittleEndian.Uint64(words[at:]), binary.LittleEndian.Uint64(words[at+8:])
			w0, w1, w2, w3 = round(w0, w1, w2, w3)
			w0, w1, w2, w3 = w0^uint32(a), w1^uint32(a>>32), w2^uint32(b), w3^uint32(b>>32)
			low, high = low+a, high+b
		}
		binary.LittleEndian.PutUint32(first, w0)
		binary.LittleEndian.PutUint32(first[4:], w1)
		binary.LittleEndian.PutUint32(first[8:], w2)
		binary.LittleEndian.PutUint32(first[12:], w3)
		binary.LittleEndian.PutUint64(second, low)
		binary.LittleEndian.PutUint64(second[8:], high)
	}
}

// round is the AES round of a state, given by its columns, without a key.
func round(w0, w1, w2, w3 uint32) (uint32, uint32, uint32, uint32) {
	return column(w0, w1, w2, w3), column(w1, w2, w3, w0), column(w2, w3, w0, w1), column(w3, w0, w1, w2)
}

// column is a column after the round, made of a byte of each column before.
func column(a, b, c, d uint32) uint32 {
	return mixed[byte(a)] ^ bits.RotateLeft32(mixed[byte(b>>8)], 8) ^
		bits.RotateLeft32(mixed[byte(c>>16)], 16) ^ bits.RotateLeft32(mixed[byte(d>>24)], 24)
}

// mixed is what SubBytes and MixColumns make of a column with one byte, the first.
var mixed = mixedColumns()

func mixedColumns() (t [256]uint32) {
	// 3 generates all bytes but 0; with p = 3^n, q = 3^-n.
	p, q := byte(1), byte(1)
	for {
		p ^= double(p)
		q ^= q << 1
		q ^= q << 2
		q ^= q << 4
		if q&0x80 != 0 {
			q ^= 0x09
		}
		t[p] = mixedColumn(affine(q))
		if p == 1 {
			break
		}
	}
	t[0] = mixedColumn(affine(0))
	return t
}

// double is twice b in the field of AES.
func double(b byte) byte { return b<<1 ^ b>>7*0x1b }

// affine is the second step of SubBytes, after inversion.
func affine(q byte) byte {
	return q ^ bits.RotateLeft8(q, 1) ^ bits.RotateLeft8(q, 2) ^ bits.RotateLeft8(q, 3) ^ bits.RotateLeft8(q, 4) ^ 0x63
}

func mixedColumn(s byte) uint32 {
	twice := double(s)
	return uint32(twice) | uint32(s)<<8 | uint32(s)<<16 | uint32(twice^s)<<24
}
