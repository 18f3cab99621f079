package text

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// same compares a number with strconv's to the bit. Float may leave a number to others,
// but ParseFloat may not.
func same(t *testing.T, s string) {
	t.Helper()
	want, err := strconv.ParseFloat(s, 64)
	if err != nil && math.IsInf(want, 0) {
		err = nil
	}
	got, ok := ParseFloat([]byte(s))
	if ok != (err == nil) || ok && math.Float64bits(got) != math.Float64bits(want) {
		t.Errorf("%q is %v (%v), want %v (%v)", s, got, ok, want, err)
	}
	for _, point := range []byte{'.', ','} {
		text := strings.ReplaceAll(s, ".", string(point))
		for _, after := range []string{"", ";", "\n1,5;6.5;77"} { // short and long ways through digits
			v, n := Float([]byte(text+after), point)
			if n > 0 && n == len(text) && (err != nil || math.Float64bits(v) != math.Float64bits(want)) {
				t.Errorf("%q is %v, want %v (%v)", text+after, v, want, err)
			}
		}
	}
	if v, n := Int([]byte(s + ",")); n > 0 && n == len(s) {
		if want, err := strconv.ParseInt(s, 10, 64); err != nil || v != want {
			t.Errorf("%q is %d, want %d (%v)", s, v, want, err)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, s := range []string{"0", "-0", "-0.0", "+1", "1.", ".5", "", ".", "-", "e5", "1e", "1e+", "1e5", "1E-05", "1e22", "1e23", "1e-22", "1e-23",
		"9007199254740992", "9007199254740993", "9007199254740992e22", "9007199254740993e1", "123456789012345678901234567890", "1e308", "1e309", "-1e309",
		"1e99999", "5e-324", "2e-324", "1e-400", "0.1234567890123456789", "18446744073709551615", "18446744073709551616", "9999999999999999999", "nan",
		"-inf", "+Infinity", "0x1p-2", "1_000", "12345678", "123456789", "1.2345678", "1.23456789", "12:4", "1/2", "0.30000000000000004"} {
		same(t, s)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		x := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			x = r.NormFloat64() * math.Pow10(r.IntN(40)-20)
		}
		format := "efg"[r.IntN(3)]
		if math.Abs(x) > 1e40 || math.Abs(x) < 1e-40 {
			format = 'g'
		}
		same(t, strconv.FormatFloat(x, format, []int{-1, r.IntN(20)}[r.IntN(2)], []int{32, 64}[r.IntN(2)]))
	}
}

func FuzzFloat(f *testing.F) {
	for _, s := range []string{"1.5", "-0.1e-7", "12345678901234567890", "1,5", "0x1p3", "nan"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !strings.ContainsAny(s, ",;\n") {
			same(t, s)
		}
	})
}

func TestParseInt(t *testing.T) {
	for s, want := range map[string]int64{"7": 7, "-3": -3, "3.0": 3, "1e3": 1000, "-1.": -1, "9223372036854775807": math.MaxInt64, "0": 0} {
		if v, ok := ParseInt([]byte(s)); !ok || v != want {
			t.Errorf("%q is %d (%v), want %d", s, v, ok, want)
		}
	}
	for _, s := range []string{"", "1.5", "cat", "nan", "inf", "1e300", "9223372036854775808", "1,000"} {
		if v, ok := ParseInt([]byte(s)); ok {
			t.Errorf("%q is %d, want no integer", s, v)
		}
	}
}
