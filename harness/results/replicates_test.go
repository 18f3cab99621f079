package results

import (
	"fmt"
	"math"
	"testing"
)

func TestDefinedReplicates(t *testing.T) {
	nan := math.NaN()
	got, dropped := DefinedReplicates([][]float64{{1, 2, nan, 4}, {5, math.Inf(1), 7, 8}})
	if dropped != 2 || fmt.Sprint(got) != "[[1 4] [5 8]]" {
		t.Errorf("%v, %d dropped", got, dropped)
	}
	if got, dropped := DefinedReplicates(nil); got != nil || dropped != 0 {
		t.Errorf("%v, %d", got, dropped)
	}
}
