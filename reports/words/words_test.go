package words

import (
	"math"
	"testing"
)

func TestWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Plural(1, "model"), "1 model"}, {Plural(0, "model"), "0 models"},
		{Count(1, "family", "families"), "1 family"}, {Count(3, "family", "families"), "3 families"},
		{Shorten([]string{"a", "b"}, 2), "a, b"}, {Shorten([]string{"a", "b", "c", "d"}, 2), "a, b and 2 more"},
		{List(nil), ""}, {List([]string{"a"}), "a"}, {List([]string{"a", "b", "c"}), "a, b and c"},
		{List(FirstOf([]string{"a", "b", "c"}, 1)), "a and 2 more"},
		{Percent(0.95), "95 %"}, {Percent(0.0005), "0.05 %"}, {Percent(1 - 0.95), "5 %"},
		{Value(0.25), "0.2500"}, {Value(0), "0"}, {Value(0.00012345), "0.00012"}, {Value(math.NaN()), "undefined"},
		{Signed(0.25), "+0.2500"}, {Signed(-0.25), "−0.2500"},
		{Between(0.1, 0.2), "[0.1000, 0.2000]"}, {BetweenSigned(-0.1, 0.2), "[−0.1000, +0.2000]"},
		{Correlation(0.914, 0.9, 0.92), "0.91 [0.90, 0.92]"},
		{Capital("no model"), "No model"}, {Capital("msp ranks"), "msp ranks"}, {Capital("resnet-50 is"), "resnet-50 is"}, {Capital(""), ""},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
