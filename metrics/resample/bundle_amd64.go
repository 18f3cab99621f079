//go:build amd64 && !noasm

package resample

import "golang.org/x/sys/cpu"

// kernelOf is the fastest kernel of this machine, and the order in which it keeps lanes.
func kernelOf(gaps bool) (kernel, *[lanes]uint8) {
	switch x := &cpu.X86; {
	case !x.HasAVX2:
		return portable(gaps)
	case !x.HasAVX512F || !x.HasAVX512BW:
		return vectors(gaps, sumTwoAVX2, sumAllAVX2), &interleaved
	}
	return vectors(gaps, sumTwoAVX512, sumAllAVX512), &interleaved
}

func vectors(gaps bool, two, all func(counts *uint8, pairs *uint32, n int, out *int32)) kernel {
	sum := two
	if gaps {
		sum = all
	}
	return func(counts []uint8, pairs []pair, out *blockSums) {
		sum(&counts[0], &pairs[0].rows[0], len(pairs), &out[0])
	}
}

// interleaved is the order of both instruction sets: of each eight lanes the first four
// stand among the first half of a register's width.
var interleaved = func() (order [lanes]uint8) {
	for l := range order {
		order[l] = uint8(l/16*16 + l%8/4*8 + l%16/8*4 + l%4)
	}
	return order
}()
