//go:build amd64 && !noasm

package resample

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/cpu"
)

// TestKernels: all kernels give the same sums, at the ends of what counts and weights can be.
func TestKernels(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows = 90
	counts := make([]uint8, rows*lanes)
	for trial := range 60 {
		for i := range counts {
			counts[i] = uint8(rng.IntN(256))
			if trial%3 == 0 {
				counts[i] = 255
			}
		}
		pairs := make([]pair, 1+rng.IntN(block/2), block)
		for i := range pairs {
			pairs[i].rows = [2]uint32{uint32(rng.IntN(rows)), uint32(rng.IntN(rows))}
			for k := range pairs[i].weights {
				pairs[i].weights[k] = [2]int16{int16(rng.IntN(1<<15) - 1<<14*(k%2)), int16(rng.IntN(1 << 15))}
			}
		}
		for _, gaps := range []bool{false, true} {
			var want blockSums
			sum, order := portable(gaps)
			sum(counts, pairs, &want)
			for name, k := range map[string]struct {
				has      bool
				two, all func(counts *uint8, pairs *uint32, n int, out *int32)
			}{
				"AVX2":    {cpu.X86.HasAVX2, sumTwoAVX2, sumAllAVX2},
				"AVX-512": {cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW, sumTwoAVX512, sumAllAVX512},
			} {
				if !k.has {
					t.Logf("this machine has no %s", name)
					continue
				}
				var got blockSums
				vectors(gaps, k.two, k.all)(counts, pairs, &got)
				for i := range want {
					if kind, lane := i/lanes, i%lanes; want[kind*lanes+int(order[lane])] != got[kind*lanes+int(interleaved[lane])] {
						t.Fatalf("%s, trial %d, gaps %v: kind %d, lane %d differs", name, trial, gaps, kind, lane)
					}
				}
			}
		}
	}
}
