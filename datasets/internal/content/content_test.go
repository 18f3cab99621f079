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
		block:        "1b3e6b45f7d958bcaf68141122f60fd6",
		2 * block:    "6080e57669e62b01b670a845bca63d99",
		3*block + 77: "a59cb744e6fb02829c683aebe3717b7d",
	} {
		if got := sum(noise(n)); got != want {
			t.Errorf("%d bytes: %s, want %s", n, got, want)
		}
	}
}

// TestPieces: the hash does not depend on the pieces the content comes in, and every
// byte decides it, the first and last of a block among them.
func TestPieces(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	seen := map[string]int{}
	for _, size := range []int{0, 1, block - 1, block, block + 1, 2 * block, 3*block + 77} {
		content := noise(size)
		whole := sum(content)
		if other, ok := seen[whole]; ok {
			t.Errorf("%d and %d bytes have the same hash", size, other)
		}
		seen[whole] = size
		for range 20 {
			h := new(Hash)
			for rest := content; len(rest) > 0; {
				n := min(len(rest), 1+rng.IntN(2*block))
				h.Write(rest[:n])
				rest = rest[n:]
			}
			if got := h.Sum(); got != whole {
				t.Fatalf("%d bytes in pieces: %s, want %s", size, got, whole)
			}
		}
		for _, at := range []int{0, block - 1, block, size - 1} {
			if at < 0 || at >= size {
				continue
			}
			content[at] ^= 1
			if sum(content) == whole {
				t.Errorf("%d bytes: byte %d is not hashed", size, at)
			}
			content[at] ^= 1
		}
	}
}

// TestShort: what is shorter than a block has the hash that other programs compute.
func TestShort(t *testing.T) {
	for _, n := range []int{0, 1, 300, block - 1} {
		b := noise(n)
		want := xxh3.Hash128(b).Bytes()
		if got := sum(b); got != hex.EncodeToString(want[:]) {
			t.Errorf("%d bytes: %s, XXH3 is %x", n, got, want)
		}
	}
}

// TestChanges: the hash differs after changes as they happen to tables, and they
// differ among each other.
func TestChanges(t *testing.T) {
	const blocks = 3
	base := noise(blocks * block)
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
		"two blocks swapped":          swap(block, 0, block),
		"turned around":               slices.Reverse[[]byte],
		"all negated": floats(func(v []float32) {
			for i := range v {
				v[i] = -v[i]
			}
		}),
		"two signs of a lane": floats(func(v []float32) { v[3], v[3+2*stripe/4] = -v[3], -v[3+2*stripe/4] }),
		"zeros":               func(b []byte) { clear(b) },
		"zeros but one":       func(b []byte) { clear(b); b[block+7] = 1 },
		"zeros but another":   func(b []byte) { clear(b); b[block+7+stripe] = 1 },
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

// TestBits: changing any bit of a word changes about half of the bits of the hash.
func TestBits(t *testing.T) {
	b := noise(2 * block)
	digest := func() (d [16]byte) {
		h := new(Hash)
		h.Write(b)
		h.Sum()
		return h.all.Sum128().Bytes()
	}
	base := digest()
	var flips [128]int
	const tries = 1024
	for n := range tries {
		at := n * 8 * 16 // a bit of every byte of a word, in all lanes
		b[at/8+n%16] ^= 1 << (n / 16 % 8)
		for i, v := range digest() {
			for bit := range 8 {
				flips[8*i+bit] += int((v ^ base[i]) >> bit & 1)
			}
		}
		b[at/8+n%16] ^= 1 << (n / 16 % 8)
	}
	for i, n := range flips {
		if n < tries*2/5 || n > tries*3/5 {
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
	b := (*[block]byte)(noise(block))
	var want lanes
	condensePlainly(&want, b)
	for _, w := range ways {
		got := lanes{1, 2, 3}
		w.condense(&got, b)
		if got != want {
			t.Errorf("%s differs from plain Go", w.name)
		}
	}
}

func FuzzWays(f *testing.F) {
	f.Add([]byte("content"), uint16(3))
	f.Fuzz(func(t *testing.T, pattern []byte, at uint16) {
		var b [block]byte
		for i := int(at); len(pattern) > 0 && i < block; i += len(pattern) {
			copy(b[i:], pattern)
		}
		var want lanes
		condensePlainly(&want, &b)
		for _, w := range ways {
			var got lanes
			if w.condense(&got, &b); got != want {
				t.Errorf("%s differs from plain Go", w.name)
			}
		}
	})
}

// BenchmarkHash is the hash of content that lies in the second-level cache, by all
// implementations and beside XXH3.
func BenchmarkHash(b *testing.B) {
	content := noise(8 * block)
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
		run(w.name, func() {
			for at := 0; at < len(content); at += block {
				w.condense(&h.lanes, (*[block]byte)(content[at:]))
			}
		})
	}
	run("xxh3", func() { xxh3.Hash128(content) })
}
