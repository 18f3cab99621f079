package ipc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

func compress(t *testing.T, c codec, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	var err error
	if c == lz4Frame {
		w := lz4.NewWriter(&out)
		_, err = w.Write(b)
		err = errors.Join(err, w.Close())
	} else {
		var w *zstd.Encoder
		if w, err = zstd.NewWriter(&out); err == nil {
			_, err = w.Write(b)
			err = errors.Join(err, w.Close())
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A size that is hard to believe is accepted if it is true, and needs no memory
// if it is not.
func TestProve(t *testing.T) {
	for name, c := range map[string]codec{"zstd": zstdCodec, "lz4": lz4Frame} {
		packed := compress(t, c, make([]byte, 80<<20))
		if c == zstdCodec && len(packed)*trustedRatio > 80<<20 {
			t.Fatalf("%d bytes are too many for this test", len(packed))
		}
		out, err := c.expand(packed, 80<<20, fresh)
		if err != nil || len(out) != 80<<20 {
			t.Errorf("%s: %d bytes, error %v", name, len(out), err)
		}
		n := allocated(func() { _, err = c.expand(compress(t, c, make([]byte, 1000)), math.MaxInt/2, fresh) })
		if err == nil || !strings.Contains(err.Error(), "1000 bytes came out") || n > 256<<20 {
			t.Errorf("%s: error %v after %d bytes allocated", name, err, n)
		}
	}
}

func TestPrefix(t *testing.T) {
	for declared, ok := range map[int64]bool{-2: false, -1: true, 0: true, 1 << 20: true, 1 << 40: false} {
		raw := append(binary.LittleEndian.AppendUint64(nil, uint64(declared)), 1, 2, 3)
		if _, packed, err := prefix(raw, int64(len(raw))); (err == nil) != ok || ok && len(packed) != 3 {
			t.Errorf("%d: %d bytes, error %v", declared, len(packed), err)
		}
	}
	if _, _, err := prefix(make([]byte, 7), 7); err == nil {
		t.Error("a prefix of 7 bytes")
	}
}
