package parquet

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
			d := bigEndian(bytesOf(n, length))
			if n.IsInt64() != (d.wide == nil) || d.wide == nil && d.small != n.Int64() || d.wide != nil && d.wide.Cmp(n) != 0 {
				t.Errorf("%s in %d bytes is read as %d, %v", text, length, d.small, d.wide)
			}
			for _, scale := range []int{1, 2, 18, 22, 23, 38} {
				if want, _ := strconv.ParseFloat(text+"e-"+strconv.Itoa(scale), 64); d.float(scale) != want {
					t.Errorf("%se-%d is read as %g", text, scale, d.float(scale))
				}
			}
		}
	}
	if d := bigEndian(nil); d.small != 0 || d.wide != nil {
		t.Errorf("no bytes are read as %v", d)
	}
}
