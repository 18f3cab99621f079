package content

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/zeebo/xxh3"
)

func sum(content []byte) string {
	h := new(Hash)
	h.Write(content)
	return h.Sum()
}

// noise is bytes that are the same on all machines.
func noise(n int) []byte {
	rng := rand.NewPCG(1, 2)
	b := make([]byte, 0, n+8)
	for len(b) < n {
		b = binary.LittleEndian.AppendUint64(b, rng.Uint64())
	}
	return b[:n]
}

// TestKnown pins the hashes: a folder of outcomes finds its tables by them.
func TestKnown(t *testing.T) {
	for n, want := range map[int]string{
		0:      "4f53cc291bfe127a261834d3cc762ad3",
		77:     "a5bf816ced5e55c890bbd6d65d763b91",
		100013: "eba703afe6996d0f41f7bb30f6256521",
	} {
		if got := sum(noise(n)); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}

// TestPieces: the hash does not depend on the pieces the content comes in, and every
// byte decides it.
func TestPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	seen := map[string]int{}
	for _, size := range []int{0, 1, 16, stripe - 1, stripe, stripe + 1, 2 * stripe, 7*stripe + 9} {
		content := noise(size)
		whole := sum(content)
		if other, ok := seen[whole]; ok {
			t.Errorf("%d and %d bytes have the same hash", size, other)
		}
		seen[whole] = size
		for range 20 {
			h := new(Hash)
			for rest := content; len(rest) > 0; {
				n := min(len(rest), 1+rng.IntN(2*stripe))
				h.Write(rest[:n])
				rest = rest[n:]
			}
			if got := h.Sum(); got != whole {
				t.Fatalf("%d bytes in pieces: %s, want %s", size, got, whole)
			}
		}
		for at := range content {
			content[at] ^= 1
			if sum(content) == whole {
				t.Errorf("%d bytes: byte %d is not hashed", size, at)
			}
			content[at] ^= 1
		}
	}
}

// TestLanes: whole stripes that somebody else condenses count as if they were written.
func TestLanes(t *testing.T) {
	content := noise(9*stripe + 40)
	h := new(Hash)
	h.Write(content[:stripe])
	condensePlainly((*lanes)(h.Lanes()), &content[stripe], 3)
	h.Condensed(3 * stripe)
	h.Write(content[4*stripe : 6*stripe+5])
	if h.Lanes() != nil {
		t.Error("lanes while a stripe is begun")
	}
	h.Write(content[6*stripe+5 : 8*stripe])
	condensePlainly((*lanes)(h.Lanes()), &content[8*stripe], 1)
	h.Condensed(stripe)
	h.Write(content[9*stripe:])
	if got, want := h.Sum(), sum(content); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("part of a stripe is taken")
		}
	}()
	h.Condensed(16)
}

// TestChanges: the hash differs after changes as they happen to tables, and they
// differ among each other.
func TestChanges(t *testing.T) {
	base := noise(1000*stripe + 40)
	floats := func(change func([]float32)) func([]byte) {
		return func(b []byte) {
			v := make([]float32, len(b)/4)
			for i := range v {
				v[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
			}
			change(v)
			for i, x := range v {
				binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(x))
			}
		}
	}
	swap := func(n, i, j int) func([]byte) {
		return func(b []byte) {
			for k := range n {
				b[i+k], b[j+k] = b[j+k], b[i+k]
			}
		}
	}
	changes := map[string]func([]byte){
		"none":                        func([]byte) {},
		"two words of a lane swapped": swap(16, 32, 32+stripe),
		"two lanes swapped":           swap(16, 32, 48),
		"two stripes swapped":         swap(stripe, 0, 5*stripe),
		"the halves swapped":          swap(500*stripe, 0, 500*stripe),
		"a word moved to the end":     swap(16, 1000*stripe, 0),
		"turned around":               slices.Reverse[[]byte],
		"all negated": floats(func(v []float32) {
			for i := range v {
				v[i] = -v[i]
			}
		}),
		"two signs of a lane": floats(func(v []float32) { v[3], v[3+2*stripe/4] = -v[3], -v[3+2*stripe/4] }),
		"zeros":               func(b []byte) { clear(b) },
		"zeros but one":       func(b []byte) { clear(b); b[7] = 1 },
		"zeros but another":   func(b []byte) { clear(b); b[7+stripe] = 1 },
		"the sum of two words kept": func(b []byte) {
			binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)+1)
			binary.LittleEndian.PutUint64(b[stripe:], binary.LittleEndian.Uint64(b[stripe:])-1)
		},
	}
	seen := map[string]string{}
	for name, change := range changes {
		b := slices.Clone(base)
		change(b)
		s := sum(b)
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q have the same hash", name, other)
		}
		seen[s] = name
	}
}

// TestBits: changing any bit of the content changes each bit of the hash half of the
// time.
func TestBits(t *testing.T) {
	b := noise(2*stripe + 33)
	digest := func() []byte {
		d, err := hex.DecodeString(sum(b))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := digest()
	var flips [128]int
	tries := 8 * len(b)
	for n := range tries {
		b[n/8] ^= 1 << (n % 8)
		for i, v := range digest() {
			for bit := range 8 {
				flips[8*i+bit] += int((v ^ base[i]) >> bit & 1)
			}
		}
		b[n/8] ^= 1 << (n % 8)
	}
	for i, n := range flips {
		if n < tries*9/20 || n > tries*11/20 {
			t.Errorf("bit %d changed %d of %d times", i, n, tries)
		}
	}
}

// TestRound: a round of the example of FIPS 197, appendix B, the key left out.
func TestRound(t *testing.T) {
	want := [4]uint32{0xe5816604, 0x9a19cbe0, 0x7ad3f848, 0x4c260628}
	var got [4]uint32
	got[0], got[1], got[2], got[3] = round(0xbee33d19, 0x2be2f4a0, 0x2a8dc69a, 0x0848f8e9)
	if got != want {
		t.Errorf("%08x, want %08x", got, want)
	}
}

// TestWays: all implementations agree.
func TestWays(t *testing.T) {
	b := noise(stripe * 7)
	want := lanes(noise(len(lanes{})))
	condensePlainly(&want, &b[0], 7)
	for _, w := range ways {
		got := lanes(noise(len(lanes{})))
		w.condense(&got, &b[0], 7)
		if got != want {
			t.Errorf("%s differs from plain Go", w.name)
		}
	}
}

func FuzzWays(f *testing.F) {
	f.Add([]byte("content"), uint16(3))
	f.Fuzz(func(t *testing.T, pattern []byte, at uint16) {
		var b [8 * stripe]byte
		for i := int(at); len(pattern) > 0 && i < len(b); i += len(pattern) {
			copy(b[i:], pattern)
		}
		var want lanes
		condensePlainly(&want, &b[0], 8)
		for _, w := range ways {
			var got lanes
			if w.condense(&got, &b[0], 8); got != want {
				t.Errorf("%s differs from plain Go", w.name)
			}
		}
	})
}

// BenchmarkHash is the hash of content that lies in the second-level cache, by all
// implementations and beside XXH3.
func BenchmarkHash(b *testing.B) {
	content := noise(512 << 10)
	run := func(name string, do func()) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				do()
			}
		})
	}
	h := new(Hash)
	run("hash", func() { h.Write(content) })
	for _, w := range ways {
		run(w.name, func() { w.condense(&h.lanes, &content[0], len(content)/stripe) })
	}
	run("xxh3", func() { xxh3.Hash128(content) })
}
