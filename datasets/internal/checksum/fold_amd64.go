//go:build !noasm

package checksum

import (
	"hash/crc32"
	"math/bits"

	"golang.org/x/sys/cpu"
)

// block is how many bytes are folded at a time.
const block = 256

// wide reports whether this processor multiplies polynomials in registers of 64 bytes.
var wide = cpu.X86.HasAVX512F && cpu.X86.HasAVX512VPCLMULQDQ

// A CRC is the remainder of the bytes as a polynomial over two elements, so bytes may be
// replaced by others with the same remainder. 16 bytes that have a distance of 256 bytes to
// others are replaced there by the sum of their halves, each times a power of x modulo the
// polynomial. (V. Gopal et al., Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction, Intel, 2009.)
var powers = [2]uint64{power(8*block + 32), power(8*block - 32)}

// power is x to the n modulo the polynomial, in reflected order of bits, of which the lowest
// of 33 is not used.
func power(n int) uint64 {
	r := uint32(1)
	for range n {
		carry := r >> 31
		r = r<<1 ^ carry*0x04c11db7
	}
	return uint64(bits.Reverse32(r)) << 1
}

// fold replaces the 256 bytes of acc and n blocks that follow them by 256 bytes.
//
//go:noescape
func fold(acc *[block]byte, p *byte, n int, powers *[2]uint64)

// folded is crc continued with whole blocks.
func folded(crc uint32, p []byte) uint32 {
	acc := [block]byte(p)
	for i := range 4 {
		acc[i] ^= byte(^crc >> (8 * i))
	}
	if rest := p[block:]; len(rest) > 0 {
		fold(&acc, &rest[0], len(rest)/block, &powers)
	}
	return crc32.Update(^uint32(0), crc32.IEEETable, acc[:]) // from a remainder of 0, which Update inverts
}
