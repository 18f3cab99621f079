package rowstat

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"golang.org/x/sys/cpu"
)

// bytesOf is the memory of values.
func bytesOf[T any](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0])))
}

// TestTrail: all units that end before the rows do are condensed as the definition
// says, whatever lies before and after the rows, and statistics are what they are
// without.
func TestTrail(t *testing.T) {
	if fastest != avx512 || !cpu.X86.HasAVX512VAES {
		t.Skip("no kernel for this machine condenses on the way: it needs AVX-512 and VAES")
	}
	rng := rand.New(rand.NewPCG(31, 32))
	for _, classes := range []int{65, 100, 127, 128, 1000, 1001, 9000} {
		for _, n := range []int{1, 2, 7, 8, 9, 33} {
			for _, before := range []int{0, 1, 63, 64, 65, 1000} {
				after := rng.IntN(200)
				memory := make([]float32, before+n*classes+after)
				fill(rng, memory, 0, 3)
				rows := memory[before : before+n*classes]
				label := make([]int32, n)
				for i := range label {
					label[i] = int32(rng.IntN(classes))
				}
				var plain Columns
				plain.Want = WantRest | WantNLL | WantBrier | WantRank
				got := Columns{Want: plain.Want, Trail: &Trail{Bytes: bytesOf(memory), Lanes: new([512]byte)}}
				rng2 := rand.New(rand.NewPCG(uint64(n), uint64(before)))
				for i := range got.Trail.Lanes {
					got.Trail.Lanes[i] = byte(rng2.Uint32())
				}
				want := *got.Trail.Lanes
				Logits(&plain, rows, classes, label)
				Logits(&got, rows, classes, label)
				whole := bytesOf(memory[:before+n*classes])
				whole = whole[:len(whole)/256*256]
				condenseTwin(&want, whole)
				if left := bytesOf(memory)[len(whole):]; len(got.Trail.Bytes) != len(left) || len(left) > 0 && &got.Trail.Bytes[0] != &left[0] {
					t.Fatalf("%d rows of %d at %d: %d bytes are left, want %d", n, classes, before, len(got.Trail.Bytes), len(left))
				}
				if !bytes.Equal(want[:], got.Trail.Lanes[:]) {
					t.Fatalf("%d rows of %d at %d: other lanes than by the definition", n, classes, before)
				}
				got.Trail = nil
				if !reflect.DeepEqual(got, plain) {
					t.Fatalf("%d rows of %d at %d: other statistics than without a trail", n, classes, before)
				}
			}
		}
	}
}

// TestTrailLeftAlone: bytes that the rows do not lie in are not touched, nor any
// where condensing would cost more.
func TestTrailLeftAlone(t *testing.T) {
	const classes, n = 200, 5
	rng := rand.New(rand.NewPCG(33, 34))
	memory := make([]float32, (n+2)*classes)
	fill(rng, memory, 0, 1)
	rows, label := memory[classes:][:n*classes], make([]int32, n)
	half, double := make([]Half, len(rows)), make([]float64, len(rows))
	for name, c := range map[string]struct {
		bytes []byte
		look  func(dst *Columns)
	}{
		"begins inside the rows": {bytesOf(memory[classes+1:]), func(dst *Columns) { Logits(dst, rows, classes, label) }},
		"ends inside the rows":   {bytesOf(memory[:(n+1)*classes-1]), func(dst *Columns) { Logits(dst, rows, classes, label) }},
		"elsewhere":              {bytesOf(make([]float32, len(memory))), func(dst *Columns) { Logits(dst, rows, classes, label) }},
		"empty":                  {nil, func(dst *Columns) { Logits(dst, rows, classes, label) }},
		"few classes":            {bytesOf(memory), func(dst *Columns) { Logits(dst, rows, 50, make([]int32, 4*n)) }},
		"float16":                {bytesOf(half), func(dst *Columns) { Logits(dst, half, classes, label) }},
		"float64":                {bytesOf(double), func(dst *Columns) { Logits(dst, double, classes, label) }},
		"probabilities":          {bytesOf(memory), func(dst *Columns) { Probs(dst, rows, classes, label) }},
		"no rows":                {bytesOf(memory), func(dst *Columns) { Logits(dst, rows[:0], classes, nil) }},
		"entropy": {bytesOf(memory), func(dst *Columns) {
			dst.Want |= WantEntropy
			Logits(dst, rows, classes, label)
		}},
	} {
		dst := Columns{Want: WantBrier, Trail: &Trail{Bytes: c.bytes, Lanes: new([512]byte)}}
		c.look(&dst)
		if len(dst.Trail.Bytes) != len(c.bytes) || *dst.Trail.Lanes != [512]byte{} {
			t.Errorf("%s: %d of %d bytes were condensed", name, len(c.bytes)-len(dst.Trail.Bytes), len(c.bytes))
		}
	}
}

// condenseTwin is the definition of Trail, word by word.
func condenseTwin(lanes *[512]byte, p []byte) {
	for i := 0; i < len(p); i += 16 {
		word, lane := p[i:i+16], i/16%16
		first, second := lanes[16*lane:][:16], lanes[256+16*lane:][:16]
		aesRound((*[16]byte)(first))
		for j := range first {
			first[j] ^= word[j]
		}
		for j := 0; j < 16; j += 8 {
			binary.LittleEndian.PutUint64(second[j:], binary.LittleEndian.Uint64(second[j:])+binary.LittleEndian.Uint64(word[j:]))
		}
	}
}

// aesRound is SubBytes, ShiftRows and MixColumns of FIPS 197, sections 5.1.1 to 5.1.3.
func aesRound(s *[16]byte) {
	var shifted [16]byte
	for row := range 4 {
		for column := range 4 {
			shifted[4*column+row] = subBytes[s[4*((column+row)%4)+row]]
		}
	}
	for c := 0; c < 16; c += 4 {
		for row := range 4 {
			s[c+row] = times(2, shifted[c+row]) ^ times(3, shifted[c+(row+1)%4]) ^ shifted[c+(row+2)%4] ^ shifted[c+(row+3)%4]
		}
	}
}

// times is the product in the field of AES.
func times(a, b byte) (product byte) {
	for ; a > 0; a >>= 1 {
		if a&1 > 0 {
			product ^= b
		}
		b = b<<1 ^ b>>7*0x1b
	}
	return product
}

var subBytes = func() (box [256]byte) {
	for a := range 256 {
		var inverse byte
		for b := range 256 {
			if times(byte(a), byte(b)) == 1 {
				inverse = byte(b)
			}
		}
		for _, turn := range []int{0, 1, 2, 3, 4} {
			box[a] ^= bits.RotateLeft8(inverse, turn)
		}
		box[a] ^= 0x63
	}
	return box
}()
