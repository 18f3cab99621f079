package paper_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/reports/paper"
)

func band(h float64) paper.Band { return paper.Band{Least: h, Usual: h, Most: h} }

func TestPack(t *testing.T) {
	opens := func(b paper.Band) paper.Band { b.Opens = true; return b }
	fixed := func(b paper.Band) paper.Band { b.Fixed = true; return b }
	grows := func(least, most float64) paper.Band {
		return paper.Band{Least: least, Usual: (least + most) / 2, Most: most}
	}
	for name, test := range map[string]struct {
		bands []paper.Band
		want  string // bands:heights of the pages
	}{
		"none":            {nil, "[]"},
		"one":             {[]paper.Band{band(30)}, "[{[0] [30]}]"},
		"a page each":     {[]paper.Band{band(70), band(60)}, "[{[0] [70]} {[1] [60]}]"},
		"gap":             {[]paper.Band{band(50), band(48)}, "[{[0] [50]} {[1] [48]}]"},
		"both":            {[]paper.Band{band(50), band(40)}, "[{[0 1] [50 40]}]"},
		"chapters":        {[]paper.Band{band(30), band(30), opens(band(30)), band(60)}, "[{[0 1] [30 30]} {[2 3] [30 60]}]"},
		"grows":           {[]paper.Band{grows(30, 80), band(70)}, "[{[0] [80]} {[1] [70]}]"},
		"shrinks":         {[]paper.Band{grows(20, 100), band(70)}, "[{[0 1] [25 70]}]"},
		"usual at last":   {[]paper.Band{grows(20, 60)}, "[{[0] [40]}]"},
		"moved":           {[]paper.Band{band(20), band(90), band(60), band(10)}, "[{[0 2 3] [20 60 10]} {[1] [90]}]"},
		"fixed":           {[]paper.Band{fixed(band(20)), band(90), band(60)}, "[{[0 2] [20 60]} {[1] [90]}]"},
		"larger than any": {[]paper.Band{band(50), band(300)}, "[{[0] [50]} {[1] [100]}]"},
	} {
		if got := fmt.Sprint(paper.Pack(test.bands, 100, 5)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// Whatever the bands, each is on one page once, pages are not overfull, and heights are
// within what the band allows.
func TestPackKeepsBands(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bands := make([]paper.Band, 1+r.IntN(14))
		for i := range bands {
			least := 5 + 60*r.Float64()
			bands[i] = paper.Band{Least: least, Usual: least * 1.2, Most: least * 1.4, Opens: r.IntN(3) == 0, Fixed: i == 0}
		}
		var seen []int
		for _, page := range paper.Pack(bands, 100, 5) {
			sum := 5 * float64(len(page.Bands)-1)
			for k, i := range page.Bands {
				seen = append(seen, i)
				sum += page.Heights[k]
				if h := page.Heights[k]; h < bands[i].Least-1e-9 || h > bands[i].Most+1e-9 {
					t.Fatalf("band %+v is %.2f high", bands[i], h)
				}
			}
			if sum > 100+1e-6 {
				t.Fatalf("a page holds %.2f of 100: %v", sum, page)
			}
		}
		if seen[0] != 0 {
			t.Fatalf("the fixed band is not first: %v", seen)
		}
		slices.Sort(seen)
		for i, band := range seen {
			if i != band || len(seen) != len(bands) {
				t.Fatalf("bands %v of %d", seen, len(bands))
			}
		}
	}
}
