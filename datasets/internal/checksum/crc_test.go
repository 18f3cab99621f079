package checksum

import (
	"hash/crc32"
	"math/rand/v2"
	"testing"
)

// Update is the standard library's for every length, start and address.
func TestUpdate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p := make([]byte, 5000)
	for i := range p {
		p[i] = byte(rng.Uint32())
	}
	for n := range 1400 {
		from, crc := rng.IntN(100), rng.Uint32()
		if got, want := Update(crc, p[from:from+n]), crc32.Update(crc, crc32.IEEETable, p[from:from+n]); got != want {
			t.Fatalf("%d bytes from %d after %08x: %08x, want %08x", n, from, crc, got, want)
		}
	}
	if got := Update(Update(0, p[:777]), p[777:]); got != crc32.ChecksumIEEE(p) {
		t.Errorf("in two steps %08x, want %08x", got, crc32.ChecksumIEEE(p))
	}
}

func BenchmarkUpdate(b *testing.B) {
	p := make([]byte, 512<<10)
	for _, way := range []struct {
		name string
		of   func(uint32, []byte) uint32
	}{{"here", Update}, {"standard", func(crc uint32, p []byte) uint32 { return crc32.Update(crc, crc32.IEEETable, p) }}} {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(len(p)))
			for crc := uint32(0); b.Loop(); {
				crc = way.of(crc, p)
			}
		})
	}
}
