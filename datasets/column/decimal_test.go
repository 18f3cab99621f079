package column

import (
	"math/big"
	"strconv"
	"testing"
)

// bytesOf is n in two's complement of the given length.
func bytesOf(n *big.Int, length int) []byte {
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*length)))
	}
	return n.FillBytes(make([]byte, length))
}

func TestDecimal(t *testing.T) {
	for _, text := range []string{"0", "1", "-1", "127", "-128", "255", "-256", "9223372036854775807", "-9223372036854775808",
		"9223372036854775808", "-9223372036854775809", "99999999999999999999999999999999999999", "-12345678901234567890123456789"} {
		n, _ := new(big.Int).SetString(text, 10)
		for _, length := range []int{n.BitLen()/8 + 1, 16, 20} {
			d := BigEndian(bytesOf(n, length))
			if n.IsInt64() != (d.Wide == nil) || d.Wide == nil && d.Small != n.Int64() || d.Wide != nil && d.Wide.Cmp(n) != 0 {
				t.Errorf("%s in %d bytes is read as %d, %v", text, length, d.Small, d.Wide)
			}
			for _, scale := range []int{1, 2, 18, 22, 23, 38} {
				if want, _ := strconv.ParseFloat(text+"e-"+strconv.Itoa(scale), 64); d.Float(scale) != want {
					t.Errorf("%se-%d is read as %g", text, scale, d.Float(scale))
				}
			}
		}
	}
	if d := BigEndian(nil); d.Small != 0 || d.Wide != nil {
		t.Errorf("no bytes are read as %v", d)
	}
}
