package gate_test

import (
	"fmt"

	"abstain/harness/gate"
	"abstain/metrics"
)

// A gate fails only if the excess is proven: 0.052 lies above the bound 0.05, but
// part of its interval does not. Parts of the interval can be asked for by name.
func ExampleParse() {
	aurc := metrics.Estimate{Value: 0.052, Lo: 0.044, Hi: 0.060}
	for _, text := range []string{"aurc > 0.04", "aurc > 0.05", "aurc.value > 0.05", "aurc.hi > 0.055", "aurc > 5%"} {
		g, err := gate.Parse(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fails, _ := g.Fails(aurc)
		fmt.Printf("%s: %v\n", g, fails)
	}
	// Output:
	// aurc > 0.04: true
	// aurc > 0.05: false
	// aurc.value > 0.05: true
	// aurc.hi > 0.055: true
	// gate "aurc > 5%", character 8: want a number such as 0.05; shares are fractions, not percent
}
