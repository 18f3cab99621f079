package datasets

import (
	"math/rand/v2"
	"testing"
)

// TestContentHash: the hash does not depend on the pieces the content comes in,
// and every byte, the first and last of a block among them, decides it.
func TestContentHash(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for _, size := range []int{0, 1, hashBlock - 1, hashBlock, hashBlock + 1, 3*hashBlock + 77} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(rng.Uint32())
		}
		whole := hashOf(content)
		if other, ok := seen[whole]; ok {
			t.Errorf("%d and %d bytes have the same hash", size, other)
		}
		seen[whole] = size
		for range 20 {
			h := new(contentHash)
			for rest := content; len(rest) > 0; {
				n := min(len(rest), 1+rng.IntN(2*hashBlock))
				h.Write(rest[:n])
				rest = rest[n:]
			}
			if got := h.digest(); got != whole {
				t.Fatalf("%d bytes in pieces: %s, want %s", size, got, whole)
			}
		}
		for _, at := range []int{0, hashBlock - 1, hashBlock, size - 1} {
			if at < 0 || at >= size {
				continue
			}
			content[at] ^= 1
			if hashOf(content) == whole {
				t.Errorf("%d bytes: byte %d is not hashed", size, at)
			}
			content[at] ^= 1
		}
	}
}

func hashOf(content []byte) string {
	h := new(contentHash)
	h.Write(content)
	return h.digest()
}
